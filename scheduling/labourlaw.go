package scheduling

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"muster/scheduling/roster/law"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// lawRow is one edition of a law of the installation. It takes the place of the one
// with the same id that comes with the product; no edition ever changes.
type lawRow struct {
	ID        ids.Any `gorm:"primaryKey"`
	Law       string
	Edition   int
	Document  law.Statute `gorm:"serializer:json"`
	CreatedBy ids.User
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's Tabler.
func (lawRow) TableName() string { return "labour_laws" }

// LabourLaw is a law as it holds in this installation. Those that come with the
// product name their sources, no lawyer has reviewed them.
type LabourLaw struct {
	law.Statute
	Own     bool `json:"own"`     // put in by the provider
	Edition int  `json:"edition"` // counts the replacements, 0 for what comes with the product; the ETag of the law
}

// LabourLaws lists the laws of the installation by id: own ones, and those that
// come with the product as far as no own one takes their place.
func (s *Service) LabourLaws(ctx context.Context, sc scope.Scope) ([]LabourLaw, error) {
	var rows []lawRow
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("law, edition").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	latest := map[string]LabourLaw{}
	for _, p := range law.Presets() {
		latest[p.ID] = LabourLaw{Statute: p.Statute()}
	}
	for _, r := range rows {
		latest[r.Law] = LabourLaw{Statute: r.Document, Own: true, Edition: r.Edition}
	}
	out := make([]LabourLaw, 0, len(latest))
	for _, l := range latest {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b LabourLaw) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// LabourLaw gives one law, or NotFound naming the known ones.
func (s *Service) LabourLaw(ctx context.Context, sc scope.Scope, id string) (LabourLaw, error) {
	all, err := s.LabourLaws(ctx, sc)
	if err != nil {
		return LabourLaw{}, err
	}
	var known []string
	for _, l := range all {
		if l.ID == id {
			return l, nil
		}
		known = append(known, l.ID)
	}
	return LabourLaw{}, fault.Newf(fault.NotFound, "law.not_found", "There is no labour law %q; known are %s.", id, fault.Allowed(known)).With("law", id)
}

// ReadLabourLaw reads a law as people write it, in JSON or YAML.
func ReadLabourLaw(text []byte) (law.Statute, error) {
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil { // JSON is YAML
		return law.Statute{}, fault.New(fault.Invalid, "law.json", "The law is neither JSON nor YAML.").Wrap(err)
	}
	plain, err := json.Marshal(datesAsText(tree))
	if err != nil {
		return law.Statute{}, fault.New(fault.Invalid, "law.json", "The law is no document of the described form; begin with one that comes with the product.").Wrap(err)
	}
	return law.ReadStatute(plain)
}

// PutLabourLaw stores another edition of a law. edition is the one that was read, 0
// for a new law or one that comes with the product; Stale law.stale when somebody
// was faster. Rosters made before keep the rules that they were made with.
func (s *Service) PutLabourLaw(ctx context.Context, sc scope.Scope, d law.Statute, edition int, actor ids.User) (LabourLaw, error) {
	if _, err := d.Preset(); err != nil {
		return LabourLaw{}, err
	}
	row := lawRow{ID: ids.New[ids.Any](s.db.IDs()), Law: d.ID, Edition: edition + 1, Document: d, CreatedBy: actor, CreatedAt: s.db.Now()}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var latest int
		if err := tx.Model(&lawRow{}).Where("law = ?", d.ID).Select("COALESCE(MAX(edition), 0)").Scan(&latest).Error; err != nil {
			return err
		}
		if latest != edition {
			return fault.New(fault.Stale, "law.stale", "Somebody changed the law in the meantime; read it again and repeat the change.")
		}
		return raced(tx.Create(&row).Error)
	})
	return LabourLaw{Statute: d, Own: true, Edition: row.Edition}, err
}

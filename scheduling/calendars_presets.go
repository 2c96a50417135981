package scheduling

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"muster/scheduling/holidays"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// presetRow is a preset of the installation; it takes the place of a built-in one of the same id.
type presetRow struct {
	ID        string          `gorm:"primaryKey"`
	Document  holidays.Preset `gorm:"serializer:json"`
	Edition   int
	UpdatedBy ids.User
	UpdatedAt calendar.Instant `gorm:"autoUpdateTime:false"`
}

// TableName implements gorm's Tabler.
func (presetRow) TableName() string { return "holiday_presets" }

// PresetView is a preset as it holds in this installation.
type PresetView struct {
	holidays.Preset
	Own     bool `json:"own"`     // stored here, in the place of what comes with the product or beside it
	Edition int  `json:"edition"` // counts the changes, 0 for what comes with the product; the ETag of the preset
}

// Presets lists the presets of the installation: those that come with the product,
// as far as no own one takes their place, and own ones, by id.
func (s *Service) Presets(ctx context.Context) ([]PresetView, error) {
	shipped, err := holidays.Presets()
	if err != nil {
		return nil, err
	}
	var rows []presetRow
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Order("id").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	out := []PresetView{}
	for _, r := range rows {
		out = append(out, PresetView{Preset: r.Document, Own: true, Edition: r.Edition})
	}
	for _, p := range shipped {
		if !slices.ContainsFunc(rows, func(r presetRow) bool { return r.ID == p.ID }) {
			out = append(out, PresetView{Preset: p})
		}
	}
	slices.SortFunc(out, func(a, b PresetView) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// Preset gives one preset, or NotFound.
func (s *Service) Preset(ctx context.Context, id string) (PresetView, error) {
	all, err := s.Presets(ctx)
	if err != nil {
		return PresetView{}, err
	}
	if i := slices.IndexFunc(all, func(p PresetView) bool { return p.ID == id }); i >= 0 {
		return all[i], nil
	}
	return PresetView{}, fault.New(fault.NotFound, "holidays.not_found", "There is no such preset.")
}

// preset finds a preset by the id that a request names.
func (s *Service) preset(ctx context.Context, id string) (PresetView, error) {
	p, err := s.Preset(ctx, id)
	if fault.CodeOf(err) != "holidays.not_found" {
		return p, err
	}
	all, err := s.Presets(ctx)
	known := make([]string, len(all))
	for i, p := range all {
		known[i] = p.ID
	}
	if err != nil {
		return p, err
	}
	return p, fault.Newf(fault.Invalid, "holidays.unknown", "There is no preset %q; known are %s.", id, fault.Allowed(known)).With("preset", id)
}

// PutPreset stores a preset of the installation. The edition is the one that was
// read, 0 for a new one or one that comes with the product; Stale holidays.stale
// when somebody was faster.
func (s *Service) PutPreset(ctx context.Context, p holidays.Preset, edition int, actor ids.User) (PresetView, error) {
	text, err := json.Marshal([]holidays.Preset{p})
	if err != nil {
		return PresetView{}, err
	}
	read, err := holidays.Read(text)
	if err != nil {
		return PresetView{}, err
	}
	if p.ID == "" || len(p.ID) > 40 || p.Name == "" || p.To < p.From || len(p.Days) == 0 {
		return PresetView{}, fault.New(fault.Invalid, "holidays.preset", "A preset needs an id of 1 to 40 characters, a name, years in order and at least one day.")
	}
	row := presetRow{ID: p.ID, Document: read[0], Edition: edition + 1, UpdatedBy: actor, UpdatedAt: s.db.Now()}
	err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		var known []presetRow
		if err := tx.Clauses(database.ForUpdate()).Where("id = ?", p.ID).Find(&known).Error; err != nil {
			return err
		}
		if current := len(known) > 0; current && known[0].Edition != edition || !current && edition != 0 {
			return fault.New(fault.Stale, "holidays.stale", "Somebody changed the preset in the meantime; read it again and repeat the change.")
		}
		return tx.Save(&row).Error
	})
	return PresetView{Preset: row.Document, Own: true, Edition: row.Edition}, err
}

// DropPreset removes a preset of the installation; one that comes with the product
// holds again.
func (s *Service) DropPreset(ctx context.Context, id string) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		done := tx.Where("id = ?", id).Delete(&presetRow{})
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.NotFound, "holidays.not_found", "There is no such preset.")
		}
		return done.Error
	})
}

package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// SavedMapping is one version of how a client's source is read.
type SavedMapping struct {
	ID        ids.Mapping      `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"`
	Kind      Kind             `json:"kind"`
	Source    string           `json:"source"`
	Version   int              `json:"version"`
	Document  string           `json:"document"` // tabular.Mapping as JSON
	Header    string           `json:"header"`   // the column names, one per line
	CreatedBy ids.User         `json:"created_by"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (SavedMapping) TableName() string { return "import_mappings" }

// Mapping gives the document.
func (m SavedMapping) Mapping() (tabular.Mapping, error) {
	return tabular.ParseMapping([]byte(m.Document))
}

// Mappings lists the latest version of each mapping of a client, by kind and source.
func (s *Service) Mappings(ctx context.Context, sc scope.Scope, client ids.Client) ([]SavedMapping, error) {
	var all, out []SavedMapping
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ?", client).Order("kind, source, version DESC").Find(&all).Error
	})
	for _, m := range all {
		if len(out) == 0 || out[len(out)-1].Kind != m.Kind || out[len(out)-1].Source != m.Source {
			out = append(out, m)
		}
	}
	return out, err
}

// saved finds the latest mapping of a client's kind and source. Without a source the
// client must have exactly one for the kind; none at all gives false.
func (s *Service) saved(ctx context.Context, client ids.Client, kind Kind, source string) (SavedMapping, bool, error) {
	all, err := s.Mappings(ctx, scope.Provider(), client)
	if err != nil {
		return SavedMapping{}, false, err
	}
	all = slices.DeleteFunc(all, func(m SavedMapping) bool { return m.Kind != kind || source != "" && m.Source != source })
	switch len(all) {
	case 0:
		return SavedMapping{}, false, nil
	case 1:
		return all[0], true, nil
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Source)
	}
	return SavedMapping{}, false, fault.Newf(fault.Invalid, "import.source_needed", "The client has mappings of %s for several sources; state one of: %s.", kind, strings.Join(names, ", "))
}

// SaveMapping stores the mapping as the next version, unless the latest says the same.
func (s *Service) SaveMapping(ctx context.Context, sc scope.Scope, client ids.Client, m tabular.Mapping, actor ids.User) (SavedMapping, error) {
	kind, err := ParseKind(m.Kind)
	if err != nil {
		return SavedMapping{}, err
	}
	if err := checkSource(m.Source); err != nil {
		return SavedMapping{}, err
	}
	if err := m.Validate(Schema(kind)); err != nil {
		return SavedMapping{}, err
	}
	document, err := m.JSON()
	if err != nil {
		return SavedMapping{}, err
	}
	out := SavedMapping{ClientID: client, Kind: kind, Source: m.Source, Document: string(document), Header: strings.Join(m.Columns, "\n"), CreatedBy: actor}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var last SavedMapping
		err := tx.Where("client_id = ? AND kind = ? AND source = ?", client, kind, m.Source).Order("version DESC").Take(&last).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
		case err != nil:
			return err
		case last.Document == out.Document:
			out = last
			return nil
		}
		out.ID, out.Version, out.CreatedAt = ids.New[ids.Mapping](s.db.IDs()), last.Version+1, s.db.Now()
		return tx.Create(&out).Error
	})
	return out, err
}

// checkSource wants a short name, since it is part of every row's key.
func checkSource(source string) error {
	if source == "" || len(source) > 64 || strings.ContainsAny(source, "\n\r\t") {
		return fault.New(fault.Invalid, "import.source_missing", "The mapping needs the name of its source (up to 64 characters), such as the system the rows come from.")
	}
	return nil
}

// mappingFor gives the mapping of a request: the one it states, else the saved one,
// else a proposal that leaves nothing open.
func (s *Service) mappingFor(ctx context.Context, d *job) (tabular.Mapping, []tabular.Proposal, error) {
	if d.request.Mapping != nil {
		m := *d.request.Mapping
		m.Kind = string(d.request.Kind)
		if d.request.Source != "" {
			m.Source = d.request.Source
		}
		return s.withFingerprint(ctx, d, m), nil, nil
	}
	saved, found, err := s.saved(ctx, d.client.ID, d.request.Kind, d.request.Source)
	if err != nil {
		return tabular.Mapping{}, nil, err
	}
	if found && d.request.Chosen == nil {
		m, err := saved.Mapping()
		return m, nil, err
	}
	proposed, err := s.propose(d)
	if err != nil {
		return tabular.Mapping{}, nil, err
	}
	if len(proposed.Missing)+len(proposed.Undecided) > 0 {
		reasons := slices.Clone(proposed.Undecided)
		for _, f := range proposed.Missing {
			reasons = append(reasons, fmt.Sprintf("No column was recognised for %s.", f))
		}
		return tabular.Mapping{}, nil, fault.Newf(fault.Invalid, "import.mapping_needed", "The columns are not clear without a mapping: %s", strings.Join(reasons, " ")).
			With("missing", proposed.Missing).With("undecided", proposed.Undecided)
	}
	return proposed.Mapping, proposed.Proposals, nil
}

// withFingerprint gives a stated mapping the header it was saved with, if it is the
// same mapping but for that, so that a changed export is noticed.
func (s *Service) withFingerprint(ctx context.Context, d *job, m tabular.Mapping) tabular.Mapping {
	if len(m.Columns) > 0 {
		return m
	}
	saved, found, err := s.saved(ctx, d.client.ID, d.request.Kind, m.Source)
	if err != nil || !found {
		return m
	}
	old, err := saved.Mapping()
	if err != nil {
		return m
	}
	columns := old.Columns
	old.Columns = nil
	a, errA := old.JSON()
	b, errB := m.JSON()
	if errA == nil && errB == nil && string(a) == string(b) {
		m.Columns = columns
	}
	return m
}

// Propose reads the beginning of a file and proposes a mapping for the client.
func (s *Service) Propose(ctx context.Context, sc scope.Scope, r Request) (tabular.Proposed, error) {
	d, err := s.begin(ctx, sc, r)
	if err != nil {
		return tabular.Proposed{}, err
	}
	return s.propose(d)
}

// propose adds what only the service knows: the client's zone, its only queue, and
// what common words of choices mean.
func (s *Service) propose(d *job) (tabular.Proposed, error) {
	source := d.request.Source
	if source == "" {
		source = "upload"
	}
	if d.request.Preset == tabular.PresetQueueLog {
		return tabular.Proposed{Mapping: queueLogMapping(source, "UTC")}, nil
	}
	reader, err := d.open(tabular.Mapping{}, nil)
	if err != nil {
		return tabular.Proposed{}, err
	}
	defer func() { _ = reader.Close() }()
	p, err := tabular.Propose(Schema(d.request.Kind), reader.Reader, tabular.Wishes{Source: source, Zone: d.client.Zone, Chosen: d.request.Chosen})
	if err != nil {
		return p, err
	}
	for name, b := range p.Mapping.Fields {
		if words := proposedValues[name]; words != nil {
			b.Values = words
			p.Mapping.Fields[name] = b
		}
	}
	if _, bound := p.Mapping.Fields["queue"]; !bound && len(d.names.queues) == 1 && slices.Contains(p.Missing, "queue") {
		queue := d.names.queues[0].Slug
		p.Mapping.Fields["queue"] = tabular.Binding{Constant: queue}
		p.Proposals = append(p.Proposals, tabular.Proposal{Field: "queue", Why: "The client has one queue, " + queue + ".", Sure: true})
		p.Missing = slices.DeleteFunc(p.Missing, func(f string) bool { return f == "queue" })
	}
	for name, value := range d.request.Constants {
		p.Mapping.Fields[name] = tabular.Binding{Constant: value}
		p.Missing = slices.DeleteFunc(p.Missing, func(f string) bool { return f == name })
	}
	if d.request.Kind == Intervals && p.Mapping.Interval == nil {
		p.Undecided = append(p.Undecided, "The length of the intervals is unclear; state interval.minutes.")
	}
	return p, nil
}

package intake

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// StateMap says what a source's state code means for one client during [ValidFrom, ValidTo).
type StateMap struct {
	ID        ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client        `json:"client_id"`
	Source    string            `json:"source"`
	Code      string            `json:"code"` // "state" or "state/reason"; the latter is tried first
	Activity  records.Activity  `json:"activity"`
	Paid      bool              `json:"paid"`
	Billable  bool              `json:"billable"`
	ValidFrom calendar.Instant  `json:"valid_from"`
	ValidTo   *calendar.Instant `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (StateMap) TableName() string { return "state_maps" }

// same reports whether two maps mean the same.
func (m StateMap) same(o StateMap) bool {
	return m.Activity == o.Activity && m.Paid == o.Paid && m.Billable == o.Billable
}

// StateMaps lists what the codes of a client's source mean, by code and time.
func (s *Service) StateMaps(ctx context.Context, sc scope.Scope, client ids.Client, source string) ([]StateMap, error) {
	var out []StateMap
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ? AND source = ?", client, source).Order("code, valid_from").Find(&out).Error
	})
	return out, err
}

// SetStateMap says what a code means from m.ValidFrom on; the meaning before it stays
// for the time before. The same meaning again changes nothing.
func (s *Service) SetStateMap(ctx context.Context, sc scope.Scope, m StateMap) (StateMap, error) {
	if !records.KnownActivity(m.Activity) {
		return m, fault.Newf(fault.Invalid, "import.unknown_activity", "Activity %q is unknown; allowed are: %s.", m.Activity, fault.Allowed(records.Activities()))
	}
	if strings.TrimSpace(m.Code) == "" || m.Source == "" {
		return m, fault.New(fault.Invalid, "import.code_missing", "A state code needs a source and a text.")
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		_, err := putStateMap(tx, s.db, &m)
		return err
	})
	return m, err
}

// putStateMap stores the meaning and reports whether it was new, changed or known.
func putStateMap(tx *database.Tx, db *database.DB, m *StateMap) (records.Fate, error) {
	var last StateMap
	fate := records.New
	err := tx.Where("client_id = ? AND source = ? AND code = ? AND valid_to IS NULL", m.ClientID, m.Source, m.Code).Take(&last).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
	case err != nil:
		return fate, err
	case last.same(*m):
		*m = last
		return records.Unchanged, nil
	case last.ValidFrom >= m.ValidFrom:
		// Nothing may rely on the old meaning in a time that never was: it is replaced where it stands.
		m.ID, m.ValidFrom = last.ID, last.ValidFrom
		return records.Changed, tx.Model(&StateMap{}).Where("id = ?", last.ID).Updates(map[string]any{"activity": m.Activity, "paid": m.Paid, "billable": m.Billable}).Error
	default:
		fate = records.Changed
		if err := tx.Model(&StateMap{}).Where("id = ?", last.ID).Update("valid_to", m.ValidFrom).Error; err != nil {
			return fate, err
		}
	}
	m.ID = ids.New[ids.Any](db.IDs())
	return fate, tx.Create(m).Error
}

// stateMaps loads the meanings by folded code, the client's own before the provider's.
func (s *Service) stateMaps(ctx context.Context, client ids.Client, source string) (map[string][]StateMap, error) {
	out := map[string][]StateMap{}
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var rows []StateMap
		if err := tx.Where("source = ? AND (client_id = ? OR client_id IS NULL)", source, client).Order("valid_from").Find(&rows).Error; err != nil {
			return err
		}
		for _, own := range []bool{true, false} {
			for _, r := range rows {
				if r.ClientID.IsZero() != own {
					out[fold(r.Code)] = append(out[fold(r.Code)], r)
				}
			}
		}
		return nil
	})
	return out, err
}

// code finds the meaning of "state/reason", else of the state alone, in force.
func (d *directory) code(state, reason string, at calendar.Instant) (StateMap, bool) {
	names := []string{state}
	if reason != "" {
		names = []string{state + "/" + reason, state}
	}
	for _, name := range names {
		for _, m := range d.codes[fold(name)] {
			if m.ValidFrom <= at && (m.ValidTo == nil || *m.ValidTo > at) {
				return m, true
			}
		}
	}
	return StateMap{}, false
}

// codeNames lists the known codes for messages.
func (d *directory) codeNames() []string {
	var out []string
	for _, maps := range d.codes {
		out = append(out, maps[0].Code)
	}
	return out
}

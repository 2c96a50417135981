package billing

import (
	"context"

	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// evidenceLimit bounds the records that one annex row is explained by; a day of one agent or queue seldom has more.
const evidenceLimit = 5000

// Evidence is what lies behind one annex row, as the records stand now: the facts of
// the day, and the agent states or contacts that they count. Truncated says that
// there are more records than are listed.
type Evidence struct {
	Source     Source            `json:"source"`
	AgentFacts []facts.AgentFact `json:"agent_facts,omitempty"`
	QueueFacts []facts.QueueFact `json:"queue_facts,omitempty"`
	States     []records.State   `json:"states,omitempty"`
	Contacts   []records.Contact `json:"contacts,omitempty"`
	Span       calendar.Interval `json:"span"`
	Truncated  bool              `json:"truncated"`
}

// Sources lists the annex rows of one line of a document.
func (s *Service) Sources(ctx context.Context, sc scope.Scope, id ids.Invoice, line int) ([]Source, error) {
	var out []Source
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := database.One[Invoice](visible(tx, sc).Where("id = ?", id), "invoice.not_found", "There is no such invoice."); err != nil {
			return err
		}
		row, err := database.One[lineRow](tx.Where("invoice_id = ? AND seq = ?", id, line), "invoice.line_not_found", "The invoice has no such line.")
		if err != nil {
			return err
		}
		return tx.Where("line_id = ?", row.ID).Order("seq").Find(&out).Error
	})
	return out, err
}

// Behind leads from one annex row of a line to facts, states and contacts.
func (s *Service) Behind(ctx context.Context, sc scope.Scope, id ids.Invoice, line, seq int) (Evidence, error) {
	var out Evidence
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		i, err := database.One[Invoice](visible(tx, sc).Where("id = ?", id), "invoice.not_found", "There is no such invoice.")
		if err != nil {
			return err
		}
		row, err := database.One[lineRow](tx.Where("invoice_id = ? AND seq = ?", id, line), "invoice.line_not_found", "The invoice has no such line.")
		if err != nil {
			return err
		}
		out = Evidence{}
		out.Source, err = database.One[Source](tx.Where("line_id = ? AND seq = ?", row.ID, seq), "invoice.source_not_found", "The line has no such annex row.")
		if err != nil {
			return err
		}
		zone, err := calendar.Zone(i.Document.Zone)
		if err != nil {
			return fault.New(fault.Internal, "billing.zone", "The document names a zone that this machine does not know.").Wrap(err)
		}
		out.Span = out.Source.Day.Span(zone)
		return out.fill(tx)
	})
	return out, err
}

// fill loads the facts and records of the row's day.
func (e *Evidence) fill(tx *database.Tx) error {
	x := e.Source
	switch {
	case !x.AgentID.IsZero():
		if err := tx.Where("client_id = ? AND agent_id = ? AND activity = ? AND start_at >= ? AND start_at < ?", x.ClientID, x.AgentID, x.Activity, e.Span.Start, e.Span.End).
			Order("start_at, slot").Find(&e.AgentFacts).Error; err != nil {
			return err
		}
		err := tx.Where("client_id = ? AND agent_id = ? AND activity = ? AND is_current = ? AND started_at < ? AND ended_at > ?", x.ClientID, x.AgentID, x.Activity, true, e.Span.End, e.Span.Start).
			Order("started_at, id").Limit(evidenceLimit + 1).Find(&e.States).Error
		e.Truncated = len(e.States) > evidenceLimit
		e.States = e.States[:min(len(e.States), evidenceLimit)]
		return err
	case !x.QueueID.IsZero():
		if err := tx.Where("client_id = ? AND queue_id = ? AND start_at >= ? AND start_at < ?", x.ClientID, x.QueueID, e.Span.Start, e.Span.End).Order("start_at").Find(&e.QueueFacts).Error; err != nil {
			return err
		}
		err := tx.Where("client_id = ? AND queue_id = ? AND is_current = ? AND arrived_at >= ? AND arrived_at < ?", x.ClientID, x.QueueID, true, e.Span.Start, e.Span.End).
			Order("arrived_at, id").Limit(evidenceLimit + 1).Find(&e.Contacts).Error
		e.Truncated = len(e.Contacts) > evidenceLimit
		e.Contacts = e.Contacts[:min(len(e.Contacts), evidenceLimit)]
		return err
	}
	return nil
}

package reporting

import (
	"context"

	"muster/reporting/measure"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Bucket is one row behind a measure with what it adds to numerator and denominator.
type Bucket struct {
	Row
	Ratio measure.Ratio `json:"ratio"`
}

// Buckets lists the rows behind a measure over business dates [from, until): their
// numerators and denominators add up to the scorecard's (for all formulas, since
// each is a sum over rows).
func (s *Service) Buckets(ctx context.Context, sc scope.Scope, id ids.Measure, from, until calendar.Date) ([]Bucket, error) {
	m, err := s.measure(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	d, err := measure.Find(measure.Key(m.Key), measure.Formula(m.Formula))
	if err != nil {
		return nil, err
	}
	zone, span, err := s.place(ctx, sc, m.ClientID, from, until)
	if err != nil {
		return nil, err
	}
	rows, _, err := s.rows(ctx, sc, d.Key, partOf(m), span, zone)
	out := make([]Bucket, len(rows))
	for i, r := range rows {
		out[i] = Bucket{Row: r, Ratio: d.Part(r.Counts)}
	}
	return out, err
}

// ContactRow is one contact behind a bucket, with what it adds to the measure.
type ContactRow struct {
	Contact records.Contact `json:"contact"`
	Ratio   measure.Ratio   `json:"ratio"`
}

// contactLimit bounds one answer of Contacts.
const contactLimit = 1000

// Contacts lists the current contacts of one queue that arrived in a span and what
// each adds to numerator and denominator of the measure; at most 1,000, more says
// that there are others. Counts that came in as interval records have no contacts.
func (s *Service) Contacts(ctx context.Context, sc scope.Scope, id ids.Measure, queue ids.Queue, span calendar.Interval) (rows []ContactRow, more bool, err error) {
	m, err := s.measure(ctx, sc, id)
	if err != nil {
		return nil, false, err
	}
	d, err := measure.Find(measure.Key(m.Key), measure.Formula(m.Formula))
	if err != nil {
		return nil, false, err
	}
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		rows, more = []ContactRow{}, false
		q, err := database.One[contract.Queue](tx.Where("id = ? AND client_id = ?", queue, m.ClientID), "queue.not_found", "The client has no such queue.")
		if err != nil {
			return err
		}
		limits, err := limitsOf(tx, q.ID, m.ThresholdMS)
		if err != nil {
			return err
		}
		var found []records.Contact
		if err := tx.Where("queue_id = ? AND arrived_at >= ? AND arrived_at < ? AND is_current = ?", q.ID, span.Start, span.End, true).
			Order("arrived_at, id").Limit(contactLimit + 1).Find(&found).Error; err != nil {
			return err
		}
		more = len(found) > contactLimit
		for _, c := range found[:min(len(found), contactLimit)] {
			row := ContactRow{Contact: c, Ratio: measure.Ratio{Per: 1}}
			for _, f := range facts.QueueFacts(q.ID, q.ClientID, []calendar.Instant{c.ArrivedAt.Floor(calendar.Quarter)}, []records.Contact{c}, nil, limits) {
				row.Ratio = d.Part(countsOf(f))
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, more, err
}

package billing

import (
	"context"
	"fmt"
	"strings"

	"muster/billing/rating"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Change is a line whose amount differs from the draft before.
type Change struct {
	Line   int          `json:"line"` // number in the present document; 0: the line is gone
	Name   string       `json:"name"`
	LOB    string       `json:"lob"`
	Before money.Amount `json:"before"`
	After  money.Amount `json:"after"`
}

// Changes tells what a document changes against the last superseded draft of its
// period and kind; without one every line is new.
func (s *Service) Changes(ctx context.Context, sc scope.Scope, id ids.Invoice) ([]Change, error) {
	if err := providerOnly(sc); err != nil {
		return nil, err
	}
	present, err := s.Invoice(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	var before []rating.Line
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		before = nil
		var old []Invoice
		q := tx.Where("period_id = ? AND kind = ? AND status = ? AND id < ?", present.PeriodID, present.Kind, Superseded, present.ID).Order("created_at DESC, id DESC").Limit(1)
		if err := q.Find(&old).Error; err != nil || len(old) == 0 {
			return err
		}
		rows, err := lineRows(tx, old[0].ID)
		for _, r := range rows {
			before = append(before, r.Trace)
		}
		return err
	})
	return compareLines(before, present.Lines, present.Currency), err
}

// compareLines pairs lines by what they charge and lists the pairs whose amounts
// differ: present lines in order, then lines that are gone.
func compareLines(before, after []rating.Line, currency money.Currency) []Change {
	zero := money.Amount{Currency: currency}
	old := map[string]rating.Line{}
	for _, l := range before {
		old[lineKey(l)] = l
	}
	out := []Change{}
	for _, l := range after {
		was, known := old[lineKey(l)]
		delete(old, lineKey(l))
		if !known {
			was.Amount = zero
		}
		if !known || was.Amount != l.Amount {
			out = append(out, Change{Line: l.No, Name: l.Name, LOB: l.LOB, Before: was.Amount, After: l.Amount})
		}
	}
	for _, l := range before {
		if _, gone := old[lineKey(l)]; gone {
			out = append(out, Change{Name: l.Name, LOB: l.LOB, Before: l.Amount, After: zero})
		}
	}
	return out
}

// lineKey names what a line charges, whatever its number.
func lineKey(l rating.Line) string {
	return strings.Join([]string{string(l.Kind), l.Rule, l.Version, l.Name, l.LOB, strings.Join(l.Split, ","), strings.Join(l.Classes, ","), fmt.Sprint(l.Tier, l.From, l.Until), l.Cites}, "\x00")
}

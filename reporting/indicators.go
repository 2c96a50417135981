package reporting

import (
	"cmp"
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"muster/reporting/measure"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Grid is what indicators are added up by.
type Grid string

// The grids.
const (
	GridTotal    Grid = "total"
	GridDay      Grid = "day"      // business dates of the contract's zone
	GridInterval Grid = "interval" // quarter-hours
)

// IndicatorQuery asks for indicators of a part of a client over business dates [From, Until).
type IndicatorQuery struct {
	Client      ids.Client
	LOB         ids.LOB
	Queue       ids.Queue
	From, Until calendar.Date
	Grid        Grid
	Keys        []measure.Key // all when empty, each by its usual formula
}

// Indicator is one value at one point of the grid.
type Indicator struct {
	Key     measure.Key      `json:"key"`
	Formula measure.Formula  `json:"formula"`
	Unit    measure.Unit     `json:"unit"`
	Day     calendar.Date    `json:"day"`
	StartAt calendar.Instant `json:"start_at"`
	Ratio   measure.Ratio    `json:"ratio"`
	Value   *decimal.Decimal `json:"value,omitempty"`
}

// Indicators computes indicators from facts, by key and point of the grid.
func (s *Service) Indicators(ctx context.Context, sc scope.Scope, q IndicatorQuery) ([]Indicator, error) {
	grids := []Grid{GridTotal, GridDay, GridInterval}
	if !slices.Contains(grids, q.Grid) {
		return nil, fault.Newf(fault.Invalid, "report.unknown_grid", "The grid %q is unknown: use one of %s.", q.Grid, fault.Allowed(grids))
	}
	zone, span, err := s.place(ctx, sc, q.Client, q.From, q.Until)
	if err != nil {
		return nil, err
	}
	if len(q.Keys) == 0 {
		for _, d := range measure.Catalogue() {
			if !slices.Contains(q.Keys, d.Key) {
				q.Keys = append(q.Keys, d.Key)
			}
		}
	}
	out := []Indicator{}
	loaded := map[Source][]Row{}
	for _, key := range q.Keys {
		d, err := measure.Find(key, "")
		if err != nil {
			return nil, err
		}
		family := familyOf(key)
		rows, ok := loaded[family]
		if !ok {
			if rows, _, err = s.rows(ctx, sc, key, Part{Client: q.Client, LOB: q.LOB, Queue: q.Queue}, span, zone); err != nil {
				return nil, err
			}
			loaded[family] = rows
		}
		sums := map[calendar.Instant]measure.Counts{}
		for _, r := range rows {
			at := span.Start
			switch q.Grid {
			case GridDay:
				at = calendar.DateOf(r.StartAt, zone).At(0, zone)
			case GridInterval:
				at = r.StartAt
			}
			sums[at] = sums[at].Add(r.Counts)
		}
		first := len(out)
		for at, c := range sums {
			ratio := d.Compute(c)
			out = append(out, Indicator{Key: key, Formula: d.Formula, Unit: d.Unit, Day: calendar.DateOf(at, zone), StartAt: at, Ratio: ratio, Value: ratio.Value()})
		}
		slices.SortFunc(out[first:], func(a, b Indicator) int { return cmp.Compare(a.StartAt, b.StartAt) })
	}
	return out, nil
}

// familyOf tells which keys are made of the same rows.
func familyOf(key measure.Key) Source {
	switch key {
	case measure.Occupancy:
		return "agents"
	case measure.ForecastAccuracy, measure.ForecastBias:
		return FromForecasts
	}
	return FromFacts
}

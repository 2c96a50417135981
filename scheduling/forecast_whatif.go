package scheduling

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// WhatIfFigures is what some days need. Cost is null when it is not the reader's to
// see, or a tier has no cost.
type WhatIfFigures struct {
	Volume      float64       `json:"volume"`
	SeatHours   float64       `json:"seat_hours"`   // agents taking contacts
	RosterHours float64       `json:"roster_hours"` // to schedule, shrinkage included
	FTE         float64       `json:"fte"`          // roster hours over the hours of a full-time agent in that time
	PeakSeats   int           `json:"peak_seats"`   // most seats in one interval
	Cost        *money.Amount `json:"cost"`
}

// WhatIfDay is a business date before and after.
type WhatIfDay struct {
	Day      calendar.Date `json:"day"`
	Base     WhatIfFigures `json:"base"`
	Scenario WhatIfFigures `json:"scenario"`
}

// WhatIfQueue is a queue before and after.
type WhatIfQueue struct {
	QueueID  ids.Queue     `json:"queue_id"`
	Base     WhatIfFigures `json:"base"`
	Scenario WhatIfFigures `json:"scenario"`
	Tiers    []WhatIfTier  `json:"tiers"`
}

// WhatIfTier is a tier's part of a queue's hours: its share among those who can serve it.
type WhatIfTier struct {
	Tier          people.Tier   `json:"tier"`
	Share         float64       `json:"share"`
	BaseHours     float64       `json:"base_hours"`
	ScenarioHours float64       `json:"scenario_hours"`
	HourlyCost    *string       `json:"hourly_cost"` // decimal
	BaseCost      *money.Amount `json:"base_cost"`
	ScenarioCost  *money.Amount `json:"scenario_cost"`
}

// WhatIf is a scenario beside its base: volume, people, hours and cost.
type WhatIf struct {
	ScenarioID ids.Scenario   `json:"scenario_id"`
	ForecastID ids.Forecast   `json:"forecast_id"`
	WeekHours  float64        `json:"week_hours"` // of a full-time agent
	Currency   money.Currency `json:"currency,omitempty"`
	Base       WhatIfFigures  `json:"base"`
	Scenario   WhatIfFigures  `json:"scenario"`
	Days       []WhatIfDay    `json:"days"`
	Queues     []WhatIfQueue  `json:"queues"`
	Notes      []string       `json:"notes"`
}

// workDays is how many days a full-time agent works in a week, for the FTE of a day.
const workDays = 5

// EvaluateScenario staffs a scenario and its base under the terms in force and
// prices the hours; priced says whether the reader may see costs.
func (s *Service) EvaluateScenario(ctx context.Context, sc scope.Scope, id ids.Scenario, priced bool) (WhatIf, error) {
	v, err := s.wholeScenario(ctx, sc, id)
	if err != nil {
		return WhatIf{}, err
	}
	f, err := s.Forecast(ctx, sc, v.ForecastID)
	if err != nil {
		return WhatIf{}, err
	}
	queues, err := s.queuesOf(ctx, sc, f.ClientID, f.StartAt)
	if err != nil {
		return WhatIf{}, err
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return WhatIf{}, err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return WhatIf{}, err
	}
	changed, err := adjusted(f, points, v.Adjustments)
	if err != nil {
		return WhatIf{}, err
	}
	force, err := s.workforceOf(ctx, f.ClientID, queues, f.StartAt, calendar.DateOf(f.StartAt, zone))
	if err != nil {
		return WhatIf{}, err
	}
	base, used, err := need(ctx, f, queues, points)
	if err != nil {
		return WhatIf{}, err
	}
	after, _, err := need(ctx, f, queues, changed)
	if err != nil {
		return WhatIf{}, err
	}
	b := whatIfBuilder{f: f, queues: used, force: &force, priced: priced, first: calendar.DateOf(f.StartAt, zone), days: int(calendar.DateOf(f.EndAt, zone) - calendar.DateOf(f.StartAt, zone)),
		dayOf: func(k int) int {
			return int(calendar.DateOf(f.StartAt+calendar.Instant(k)*grid, zone) - calendar.DateOf(f.StartAt, zone))
		}}
	return b.build(v, base, after)
}

// adjusted gives the points of a version with a scenario's adjustments on top of its own.
func adjusted(f Forecast, points []ForecastPoint, list []Adjustment) ([]ForecastPoint, error) {
	// The version's own adjustments are in its points already; the scenario's follow them.
	out := slices.Clone(points)
	err := applyAll(f, out, list)
	return out, err
}

// needed is what one queue needs in one interval.
type needed struct {
	volume float64
	seats  int
}

// need staffs the points; the answer is by queue and interval.
func need(ctx context.Context, f Forecast, queues []queueInfo, points []ForecastPoint) ([][]needed, []queueInfo, error) {
	inputs, used, err := staffingInputs(f, queues, points, 0)
	if err != nil {
		return nil, nil, err
	}
	answers, err := staffing.RequireAll(ctx, inputs, 0, nil)
	if err != nil {
		return nil, nil, err
	}
	out := make([][]needed, len(inputs))
	for i, in := range inputs {
		out[i] = make([]needed, len(in.Demands))
		for k, d := range in.Demands {
			if !d.Closed {
				out[i][k] = needed{d.Volume, answers[i][k].Net}
			}
		}
	}
	return out, used, nil
}

// whatIfBuilder adds intervals up to days, queues and totals.
type whatIfBuilder struct {
	f      Forecast
	queues []queueInfo
	force  *workforce
	priced bool
	first  calendar.Date
	days   int
	dayOf  func(k int) int
}

// sums gathers figures; cost stays exact until it is shown.
type whatIfSums struct {
	WhatIfFigures
	cost    decimal.Decimal
	unknown bool
}

func (t *whatIfSums) add(n needed, roster float64) {
	t.Volume += n.volume
	t.SeatHours += float64(n.seats) * gridHours
	t.RosterHours += roster
}

// build makes both sides and puts them together.
func (b *whatIfBuilder) build(v Scenario, base, after [][]needed) (WhatIf, error) {
	out := WhatIf{ScenarioID: v.ID, ForecastID: b.f.ID, WeekHours: b.force.weekHours, Days: make([]WhatIfDay, b.days), Queues: []WhatIfQueue{}, Notes: append([]string{}, b.force.notes...)}
	if b.priced {
		out.Currency = b.force.currency
		out.Notes = append(out.Notes, b.force.missingRates(b.queues)...)
	}
	for d := range out.Days {
		out.Days[d].Day = b.first + calendar.Date(d)
	}
	for i := range b.queues {
		out.Queues = append(out.Queues, WhatIfQueue{QueueID: b.queues[i].ID})
	}
	for side, answers := range [2][][]needed{base, after} {
		total, days, queues, err := b.side(answers)
		if err != nil {
			return out, err
		}
		if side == 0 {
			out.Base = total
		} else {
			out.Scenario = total
		}
		for d := range days {
			if side == 0 {
				out.Days[d].Base = days[d]
			} else {
				out.Days[d].Scenario = days[d]
			}
		}
		for i := range queues {
			if side == 0 {
				out.Queues[i].Base = queues[i]
			} else {
				out.Queues[i].Scenario = queues[i]
			}
		}
	}
	for i := range out.Queues {
		tiers, err := b.tiers(b.queues[i], out.Queues[i])
		if err != nil {
			return out, err
		}
		out.Queues[i].Tiers = tiers
	}
	return out, nil
}

// side adds one side up: in total, by day and by queue.
func (b *whatIfBuilder) side(answers [][]needed) (WhatIfFigures, []WhatIfFigures, []WhatIfFigures, error) {
	var total whatIfSums
	days, queues := make([]whatIfSums, b.days), make([]whatIfSums, len(b.queues))
	seats := make([]int, len(answers[0]))
	for i, q := range b.queues {
		hours := make([]float64, b.days)
		for k, n := range answers[i] {
			d := b.dayOf(k)
			roster := float64(n.seats) / (1 - q.terms.Shrinkage) * gridHours
			total.add(n, roster)
			queues[i].add(n, roster)
			days[d].add(n, roster)
			hours[d] += roster
			seats[k] += n.seats
			queues[i].PeakSeats = max(queues[i].PeakSeats, n.seats)
		}
		for d, h := range hours {
			cost, ok := b.force.price(q, h)
			for _, t := range []*whatIfSums{&total, &queues[i], &days[d]} {
				t.cost = t.cost.Add(cost)
				t.unknown = t.unknown || !ok
			}
		}
	}
	for k, n := range seats {
		d := b.dayOf(k)
		days[d].PeakSeats, total.PeakSeats = max(days[d].PeakSeats, n), max(total.PeakSeats, n)
	}
	week := b.force.weekHours
	period := week * float64(b.days) / 7
	if b.days < 7 { // less than a week is counted in work days
		period = week * float64(min(b.days, workDays)) / workDays
	}
	outTotal, err := b.figures(total, period)
	if err != nil {
		return outTotal, nil, nil, err
	}
	outDays, err := b.all(days, week/workDays)
	if err != nil {
		return outTotal, nil, nil, err
	}
	outQueues, err := b.all(queues, period)
	return outTotal, outDays, outQueues, err
}

func (b *whatIfBuilder) all(list []whatIfSums, hours float64) ([]WhatIfFigures, error) {
	out := make([]WhatIfFigures, len(list))
	for i, t := range list {
		var err error
		if out[i], err = b.figures(t, hours); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// figures finishes sums: full-time agents, and the cost for those who may see it.
func (b *whatIfBuilder) figures(t whatIfSums, hours float64) (WhatIfFigures, error) {
	out := t.WhatIfFigures
	out.FTE = out.RosterHours / hours
	if !b.priced || t.unknown {
		return out, nil
	}
	var err error
	out.Cost, err = b.force.round(t.cost)
	return out, err
}

// tiers splits a queue's hours among the tiers that can serve it.
func (b *whatIfBuilder) tiers(q queueInfo, of WhatIfQueue) ([]WhatIfTier, error) {
	out := []WhatIfTier{}
	for _, t := range b.force.tiers {
		share := b.force.mix[q.ID][t]
		if share == 0 {
			continue
		}
		row := WhatIfTier{Tier: t, Share: share, BaseHours: of.Base.RosterHours * share, ScenarioHours: of.Scenario.RosterHours * share}
		if rate, ok := b.force.rate(t, q.SkillID); ok && b.priced {
			text := rate.String()
			row.HourlyCost = &text
			for hours, into := range map[*float64]**money.Amount{&row.BaseHours: &row.BaseCost, &row.ScenarioHours: &row.ScenarioCost} {
				var err error
				if *into, err = b.force.round(rate.Mul(decimal.NewFromFloat(*hours))); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, row)
	}
	return out, nil
}

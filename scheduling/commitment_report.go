package scheduling

import (
	"context"
	"slices"
	"time"

	"muster/routing/facts"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// CommitmentRow is a fiscal month at one stage, of one queue or the client's total:
// what was committed, what is forecast now and what came.
type CommitmentRow struct {
	Month      calendar.Date `json:"month"`
	To         calendar.Date `json:"to"`                // exclusive
	Stage      string        `json:"stage"`             // "late" for what was committed after the last deadline
	QueueID    ids.Queue     `json:"queue_id,omitzero"` // zero: the client's total
	Grain      Grain         `json:"grain"`
	Below      float64       `json:"below"`
	Above      float64       `json:"above"`
	ForecastID ids.Forecast  `json:"forecast_id"`
	Version    int           `json:"version"`
	Committed  float64       `json:"committed"` // contacts of the days that were committed
	Forecast   *float64      `json:"forecast"`  // of the same days by the newest published version of ours; null without one for all of them
	// Due are the committed contacts of intervals that have ended, Actual what came in
	// them, on days of which something is known.
	Due    float64           `json:"due"`
	Actual float64           `json:"actual"`
	Share  *float64          `json:"share"`           // Actual / Due - 1
	Until  *calendar.Instant `json:"until,omitempty"` // end of the intervals compared, while the days still run
	// Unknown are days that are left out, since nothing is known of them though many contacts were committed.
	Unknown int `json:"unknown_days"`
	// Units are the spans of Grain that are over: within tolerance, below and above it.
	Units  int    `json:"units"`
	Inside int    `json:"inside"`
	Under  int    `json:"under"`
	Over   int    `json:"over"`
	Status string `json:"status"` // "open" until a unit is over, then "inside" or "outside"
}

// CommitmentReport compares forecast, commitment and actual contacts of the fiscal
// months that begin on [from, to), at every stage for which something was committed.
// Only what has ended is compared: intervals before the last one with a fact, and
// units whose days are all over. A day without any fact of the client on which many
// contacts were committed is unknown, not empty, and is left out.
func (s *Service) CommitmentReport(ctx context.Context, sc scope.Scope, client ids.Client, from, to calendar.Date) ([]CommitmentRow, error) {
	c, err := s.Contracts.Client(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return nil, err
	}
	terms, err := s.CommitmentTermsOf(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	made, err := s.Commitments(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	made = slices.DeleteFunc(made, func(c ForecastCommitment) bool { return c.Month < from || to != 0 && c.Month >= to })
	out, read := []CommitmentRow{}, s.readVersions(sc)
	for _, m := range monthsOf(made, agreed(terms)) {
		span := calendar.Interval{Start: m.from.At(0, zone), End: m.to.At(0, zone)}
		rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: client, Span: calendar.Interval{Start: span.Start, End: span.End + closedAtMost}})
		if err != nil {
			return nil, err
		}
		month := monthReport{fiscalMonth: m, actual: dayTotals{}, zone: zone, heard: map[calendar.Date]bool{}}
		for _, r := range rows {
			month.until = max(month.until, min(r.StartAt+grid, s.db.Now().Floor(grid)))
		}
		for _, r := range rows {
			if r.StartAt >= month.until {
				continue
			}
			day := calendar.DateOf(r.StartAt, zone)
			month.heard[day] = true
			month.actual.add(r.QueueID, day, float64(r.Offered))
		}
		if month.ours, err = s.ourTotals(ctx, sc, client, m, span); err != nil {
			return nil, err
		}
		for i := range len(m.terms.Terms.Stages) + 1 {
			rows, err := s.reportStage(ctx, sc, read, month, made, i)
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	return out, nil
}

// monthReport gathers what the rows of a month are made of.
type monthReport struct {
	fiscalMonth
	actual dayTotals
	zone   *time.Location
	until  calendar.Instant // end of the last interval with a fact, none later than now; 0: nothing came
	heard  map[calendar.Date]bool
	ours   oursOf
}

// oursOf is the newest published version of ours over a month.
type oursOf struct {
	totals dayTotals
	days   days
}

// monthsOf lists the fiscal months for which something was committed, in order.
func monthsOf(made []ForecastCommitment, terms agreed) []fiscalMonth {
	seen := map[calendar.Date]bool{}
	var out []fiscalMonth
	for _, c := range made {
		if seen[c.Month] {
			continue
		}
		seen[c.Month] = true
		out = append(out, terms.months(c.Month, c.Month+1)[0])
	}
	slices.SortFunc(out, func(a, b fiscalMonth) int { return int(a.from - b.from) })
	return out
}

// ourTotals sums the newest published or committed version of ours that overlaps the month.
func (s *Service) ourTotals(ctx context.Context, sc scope.Scope, client ids.Client, m fiscalMonth, span calendar.Interval) (oursOf, error) {
	all, err := s.Forecasts(ctx, sc, client, false)
	if err != nil {
		return oursOf{}, err
	}
	for _, f := range all {
		if f.Settings.Source != SourceEngine || !span.Overlaps(calendar.Interval{Start: f.StartAt, End: f.EndAt}) {
			continue
		}
		zone, err := zoneOf(f.Zone)
		if err != nil {
			return oursOf{}, err
		}
		totals, err := s.dayTotalsOf(ctx, sc, f, span)
		return oursOf{totals: totals, days: days{max(m.from, calendar.DateOf(f.StartAt, zone)), min(m.to, calendar.DateOf(f.EndAt, zone))}}, err
	}
	return oursOf{}, nil
}

// reportStage makes the rows of one stage of a month; the index after the last stage is "late".
func (s *Service) reportStage(ctx context.Context, sc scope.Scope, read versionReader, m monthReport, made []ForecastCommitment, index int) ([]CommitmentRow, error) {
	stage := LockStage{Key: stageLate, Grain: GrainMonth}
	if n := len(m.terms.Terms.Stages); index < n {
		stage = m.terms.Terms.Stages[index]
	} else if n > 0 { // what came late is measured like the last stage
		stage = m.terms.Terms.Stages[n-1]
		stage.Key = stageLate
	}
	i := slices.IndexFunc(made, func(c ForecastCommitment) bool { return c.Month == m.from && c.Stage == stage.Key })
	if i < 0 {
		return nil, nil
	}
	c := made[i]
	f, committed, err := read(ctx, c.ForecastID)
	if err != nil {
		return nil, err
	}
	var out []CommitmentRow
	for _, queue := range stage.sides(committed) {
		row := CommitmentRow{Month: m.from, To: m.to, Stage: stage.Key, QueueID: queue, Grain: stage.Grain, Below: stage.Below, Above: stage.Above, ForecastID: f.ID, Version: f.Version,
			Committed: committed.sum(queue, c.FromDay, c.ToDay)}
		if m.ours.totals != nil && m.ours.days.from <= c.FromDay && m.ours.days.to >= c.ToDay {
			now := m.ours.totals.sum(queue, c.FromDay, c.ToDay)
			row.Forecast = &now
		}
		row.judge(stage, committed, m, c)
		out = append(out, row)
	}
	if day, running := m.runs(c); running {
		started := calendar.Interval{Start: day.At(0, m.zone), End: m.until}
		part, err := s.dayTotalsOf(ctx, sc, f, started)
		if err != nil {
			return nil, err
		}
		for i := range out {
			out[i].addRunning(stage, part, m, day)
		}
	}
	return out, nil
}

// runs gives the day of a commitment that has begun and is not over.
func (m monthReport) runs(c ForecastCommitment) (calendar.Date, bool) {
	if m.until == 0 {
		return 0, false
	}
	day := calendar.DateOf(m.until, m.zone)
	return day, day >= c.FromDay && day < c.ToDay && m.heard[day]
}

// addRunning adds the intervals of the running day that have ended.
func (r *CommitmentRow) addRunning(stage LockStage, part dayTotals, m monthReport, day calendar.Date) {
	until := m.until
	r.Until = &until
	r.Due += part.sum(r.QueueID, day, day+1)
	r.Actual += m.actual.sum(r.QueueID, day, day+1)
	r.Share, _ = stage.within(r.Due, r.Actual)
}

// judge compares the days that are over with the tolerance.
func (r *CommitmentRow) judge(stage LockStage, committed dayTotals, m monthReport, c ForecastCommitment) {
	r.Status = "open"
	if m.until == 0 {
		return
	}
	end := min(c.ToDay, calendar.DateOf(m.until, m.zone))
	if end <= c.FromDay {
		return
	}
	known := dayTotals{}
	for d := c.FromDay; d < end; d++ {
		if !m.heard[d] && committed.sum(ids.Queue{}, d, d+1) > sureDaily {
			r.Unknown++
			continue
		}
		for queue, byDay := range committed {
			known.add(queue, d, byDay[d])
		}
	}
	r.Due, r.Actual = known.sum(r.QueueID, c.FromDay, end), m.actual.sum(r.QueueID, c.FromDay, end)
	r.Share, _ = stage.within(r.Due, r.Actual)
	for _, u := range stage.Grain.units(c.FromDay, c.ToDay) {
		was, came := known.sum(r.QueueID, u.from, u.to), m.actual.sum(r.QueueID, u.from, u.to)
		if u.to > end || was == 0 && came == 0 && committed.sum(r.QueueID, u.from, u.to) > 0 {
			continue // still running, or nothing is known of it
		}
		r.Units++
		switch _, ok := stage.within(was, came); {
		case ok:
			r.Inside++
		case came < was:
			r.Under++
		default:
			r.Over++
		}
	}
	switch {
	case r.Units == 0:
	case r.Inside == r.Units:
		r.Status = "inside"
	default:
		r.Status = "outside"
	}
}

package scheduling

import (
	"cmp"
	"context"
	"math"
	"slices"

	"muster/routing/facts"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// ComparedVersion names one side of a comparison.
type ComparedVersion struct {
	ID      ids.Forecast     `json:"id"`
	Version int              `json:"version"`
	Name    string           `json:"name"`
	Source  string           `json:"source"`
	Status  Status           `json:"status"`
	Created calendar.Instant `json:"created_at"`
}

// ComparedWeek is a week of a queue, or of all queues together, in two versions.
// Shares that do not exist are null; those against actuals count only intervals
// that are over.
type ComparedWeek struct {
	QueueID ids.Queue     `json:"queue_id,omitzero"` // zero: all queues
	Week    calendar.Date `json:"week"`              // its Monday
	First   float64       `json:"first"`             // contacts
	Second  float64       `json:"second"`
	WAPE    *float64      `json:"wape"` // sum |first - second| / sum second, by interval
	Bias    *float64      `json:"bias"` // first / second - 1
	Actual  *float64      `json:"actual"`
	// FirstWAPE and the others compare each side with what came.
	FirstWAPE  *float64 `json:"first_wape"`
	FirstBias  *float64 `json:"first_bias"`
	SecondWAPE *float64 `json:"second_wape"`
	SecondBias *float64 `json:"second_bias"`
	Floor      *float64 `json:"floor"` // WAPE of a perfect forecast of the actual level
}

// ForecastComparison is two versions over the weeks that both cover.
type ForecastComparison struct {
	First  ComparedVersion `json:"first"`
	Second ComparedVersion `json:"second"`
	Weeks  []ComparedWeek  `json:"weeks"`
}

// CompareForecasts compares a version with another one of the same client over the
// time both cover. Without another one, ours is compared with the client's newest
// and the client's with our newest published one; NotFound forecast.no_counterpart
// when there is none. Drafts are absent for those who may not edit.
func (s *Service) CompareForecasts(ctx context.Context, sc scope.Scope, id, with ids.Forecast, drafts bool) (ForecastComparison, error) {
	first, err := s.VisibleForecast(ctx, sc, id, drafts)
	if err != nil {
		return ForecastComparison{}, err
	}
	var second Forecast
	if with.IsZero() {
		second, err = s.counterpart(ctx, sc, first)
	} else {
		second, err = s.VisibleForecast(ctx, sc, with, drafts)
	}
	if err != nil {
		return ForecastComparison{}, err
	}
	span := calendar.Interval{Start: first.StartAt, End: first.EndAt}.Intersect(calendar.Interval{Start: second.StartAt, End: second.EndAt})
	if second.ClientID != first.ClientID || span.Empty() {
		return ForecastComparison{}, fault.New(fault.Conflict, "forecast.no_overlap", "The two versions have no day in common.")
	}
	out := ForecastComparison{First: comparedVersion(first), Second: comparedVersion(second)}
	out.Weeks, err = s.compareWeeks(ctx, sc, first, second, span)
	return out, err
}

func comparedVersion(f Forecast) ComparedVersion {
	return ComparedVersion{ID: f.ID, Version: f.Version, Name: f.Name, Source: f.Settings.Source, Status: f.Status, Created: f.CreatedAt}
}

// counterpart finds the newest published version of the other source that overlaps.
func (s *Service) counterpart(ctx context.Context, sc scope.Scope, f Forecast) (Forecast, error) {
	all, err := s.Forecasts(ctx, sc, f.ClientID, false)
	if err != nil {
		return Forecast{}, err
	}
	span := calendar.Interval{Start: f.StartAt, End: f.EndAt}
	for _, other := range all {
		if (other.Settings.Source == SourceClient) != (f.Settings.Source == SourceClient) && span.Overlaps(calendar.Interval{Start: other.StartAt, End: other.EndAt}) {
			return other, nil
		}
	}
	if f.Settings.Source == SourceClient {
		return Forecast{}, fault.New(fault.NotFound, "forecast.no_counterpart", "There is no published forecast of ours for these days.")
	}
	return Forecast{}, fault.New(fault.NotFound, "forecast.no_counterpart", "The client has handed in no forecast for these days.")
}

// pairWeek gathers a week of one queue.
type pairWeek struct {
	first, second, actual []float64 // by interval; actual NaN where it is not over
}

// compareWeeks scores the weeks per queue and for all queues together.
func (s *Service) compareWeeks(ctx context.Context, sc scope.Scope, first, second Forecast, span calendar.Interval) ([]ComparedWeek, error) {
	zone, err := zoneOf(first.Zone)
	if err != nil {
		return nil, err
	}
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: first.ClientID, Span: span})
	if err != nil {
		return nil, err
	}
	// Of a day without any fact nothing is known, and the interval that runs is not over.
	came, last, heard := map[pointKey]float64{}, calendar.Instant(math.MinInt64), map[calendar.Date]bool{}
	for _, r := range rows {
		if r.StartAt+grid > s.db.Now() {
			continue
		}
		heard[calendar.DateOf(r.StartAt, zone)] = true
		came[pointKey{r.QueueID, r.StartAt}] = float64(r.Offered)
		last = max(last, r.StartAt)
	}
	volumes := [2]map[pointKey]float64{{}, {}}
	keys := map[pointKey]bool{}
	for side, f := range [2]Forecast{first, second} {
		points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
		if err != nil {
			return nil, err
		}
		for _, p := range points {
			if k := (pointKey{p.QueueID, p.StartAt}); span.Contains(p.StartAt) {
				volumes[side][k], keys[k] = p.Volume, true
			}
		}
	}
	type weekKey struct {
		queue ids.Queue
		week  calendar.Date
	}
	weeks := map[weekKey]*pairWeek{}
	type totalKey struct {
		week calendar.Date
		at   calendar.Instant
	}
	totals := map[totalKey]*[3]float64{}
	ordered := make([]pointKey, 0, len(keys))
	for k := range keys {
		ordered = append(ordered, k)
	}
	slices.SortFunc(ordered, func(a, b pointKey) int { return cmp.Or(a.queue.Compare(b.queue), cmp.Compare(a.at, b.at)) })
	put := func(k weekKey, a, b, actual float64) {
		if weeks[k] == nil {
			weeks[k] = &pairWeek{}
		}
		w := weeks[k]
		w.first, w.second, w.actual = append(w.first, a), append(w.second, b), append(w.actual, actual)
	}
	for _, k := range ordered {
		monday := mondayOf(calendar.DateOf(k.at, zone))
		a, b, actual := volumes[0][k], volumes[1][k], math.NaN()
		if k.at <= last && heard[calendar.DateOf(k.at, zone)] {
			actual = came[k]
		}
		put(weekKey{k.queue, monday}, a, b, actual)
		t := totalKey{monday, k.at}
		if totals[t] == nil {
			totals[t] = &[3]float64{}
		}
		totals[t][0], totals[t][1], totals[t][2] = totals[t][0]+a, totals[t][1]+b, totals[t][2]+actual
	}
	instants := make([]totalKey, 0, len(totals))
	for k := range totals {
		instants = append(instants, k)
	}
	slices.SortFunc(instants, func(a, b totalKey) int { return cmp.Compare(a.at, b.at) })
	for _, k := range instants {
		t := totals[k]
		put(weekKey{week: k.week}, t[0], t[1], t[2])
	}
	out := []ComparedWeek{}
	for k, w := range weeks {
		out = append(out, w.row(k.queue, k.week))
	}
	slices.SortFunc(out, func(a, b ComparedWeek) int { return cmp.Or(a.QueueID.Compare(b.QueueID), cmp.Compare(a.Week, b.Week)) })
	return out, nil
}

// row scores the week.
func (w *pairWeek) row(queue ids.Queue, week calendar.Date) ComparedWeek {
	out := ComparedWeek{QueueID: queue, Week: week}
	actual, scored := 0.0, false
	for i := range w.first {
		out.First += w.first[i]
		out.Second += w.second[i]
		if !math.IsNaN(w.actual[i]) {
			actual, scored = actual+w.actual[i], true
		}
	}
	between := forecast.Evaluate(forecast.ScoreInput{Actual: w.second, Forecast: w.first})
	out.WAPE, out.Bias = number(between.WAPE), number(between.Bias)
	if !scored {
		return out
	}
	out.Actual = &actual
	a, b := forecast.Evaluate(forecast.ScoreInput{Actual: w.actual, Forecast: w.first}), forecast.Evaluate(forecast.ScoreInput{Actual: w.actual, Forecast: w.second})
	out.FirstWAPE, out.FirstBias, out.SecondWAPE, out.SecondBias = number(a.WAPE), number(a.Bias), number(b.WAPE), number(b.Bias)
	out.Floor = number(forecast.Evaluate(forecast.ScoreInput{Actual: w.actual, Forecast: w.actual}).Floor)
	return out
}

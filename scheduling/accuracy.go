package scheduling

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"muster/routing/facts"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Accuracy is how a published forecast did in one week for one queue. Ratios are
// nil when nothing was scored.
type Accuracy struct {
	ForecastID ids.Forecast  `json:"forecast_id"`
	ClientID   ids.Client    `json:"client_id"`
	Version    int           `json:"version"`
	QueueID    ids.Queue     `json:"queue_id"`
	Week       calendar.Date `json:"week"`        // its Monday
	WeeksAhead int           `json:"weeks_ahead"` // whole weeks from the end of the history to the Monday
	Forecast   float64       `json:"forecast"`    // contacts of the scored intervals
	Actual     float64       `json:"actual"`
	Intervals  int           `json:"intervals"`
	WAPE       *float64      `json:"wape"`
	Bias       *float64      `json:"bias"` // positive = too much was forecast
	DayWAPE    *float64      `json:"day_wape"`
	Floor      *float64      `json:"floor"` // WAPE of a perfect forecast of a Poisson count
}

// ForecastAccuracy scores published versions against facts, per queue and week of
// the client's zone, the latest week first. Intervals after the last fact of a
// queue are not scored; client zero means all clients, limit bounds the versions
// read (0 = 12).
func (s *Service) ForecastAccuracy(ctx context.Context, sc scope.Scope, client ids.Client, limit int) ([]Accuracy, error) {
	versions, err := s.Forecasts(ctx, sc, client, false)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 12
	}
	now := s.db.Now()
	versions = slices.DeleteFunc(versions, func(f Forecast) bool { return f.StartAt >= now })
	out := []Accuracy{}
	for _, f := range versions[:min(len(versions), limit)] {
		rows, err := s.accuracyOf(ctx, sc, f)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	slices.SortStableFunc(out, func(a, b Accuracy) int {
		return cmp.Or(cmp.Compare(b.Week, a.Week), a.QueueID.Compare(b.QueueID), cmp.Compare(b.Version, a.Version))
	})
	return out, nil
}

// weekScore gathers one queue's week.
type weekScore struct {
	in            forecast.ScoreInput
	planned, came float64
}

// accuracyOf scores one version.
func (s *Service) accuracyOf(ctx context.Context, sc scope.Scope, f Forecast) ([]Accuracy, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return nil, err
	}
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: f.ClientID, Span: calendar.Interval{Start: f.StartAt, End: f.EndAt}})
	if err != nil {
		return nil, err
	}
	type key struct {
		queue ids.Queue
		at    calendar.Instant
	}
	actual := map[key]float64{}
	last := map[ids.Queue]calendar.Instant{}
	for _, r := range rows {
		actual[key{r.QueueID, r.StartAt}] = float64(r.Offered)
		last[r.QueueID] = max(last[r.QueueID], r.StartAt)
	}
	type week struct {
		queue  ids.Queue
		monday calendar.Date
	}
	scores := map[week]*weekScore{}
	var order []week
	for _, p := range points {
		if p.StartAt > last[p.QueueID] {
			continue
		}
		day := calendar.DateOf(p.StartAt, zone)
		w := week{p.QueueID, mondayOf(day)}
		if scores[w] == nil {
			scores[w] = &weekScore{}
			order = append(order, w)
		}
		sc, a := scores[w], actual[key{p.QueueID, p.StartAt}]
		sc.in.Actual, sc.in.Forecast, sc.in.Day = append(sc.in.Actual, a), append(sc.in.Forecast, p.Volume), append(sc.in.Day, int(day))
		sc.planned += p.Volume
		sc.came += a
	}
	out := make([]Accuracy, 0, len(order))
	for _, w := range order {
		out = append(out, f.accuracyRow(w.queue, w.monday, scores[w], zone))
	}
	return out, nil
}

func (f Forecast) accuracyRow(queue ids.Queue, monday calendar.Date, w *weekScore, zone *time.Location) Accuracy {
	score := forecast.Evaluate(w.in)
	ahead := int(math.Floor(float64(monday.At(0, zone)-f.OriginAt) / float64(7*calendar.Day)))
	return Accuracy{ForecastID: f.ID, ClientID: f.ClientID, Version: f.Version, QueueID: queue, Week: monday, WeeksAhead: max(0, ahead), Forecast: w.planned, Actual: w.came,
		Intervals: score.Intervals, WAPE: number(score.WAPE), Bias: number(score.Bias), DayWAPE: number(score.DayWAPE), Floor: number(score.Floor)}
}

// mondayOf gives the Monday of the date's week.
func mondayOf(d calendar.Date) calendar.Date {
	return d - calendar.Date((int(d.Weekday())+6)%7)
}

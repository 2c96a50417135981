package scheduling

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"math"
	"slices"
	"strconv"
	"time"

	"muster/routing/facts"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Score is how far forecast contacts were from those that came. Ratios are nil when
// nothing was scored.
type Score struct {
	Forecast  float64  `json:"forecast"` // contacts of the scored intervals
	Actual    float64  `json:"actual"`
	Intervals int      `json:"intervals"`
	WAPE      *float64 `json:"wape"`
	Bias      *float64 `json:"bias"`     // positive = too much was forecast
	MASE      *float64 `json:"mase"`     // error over that of repeating the week before, in the eight weeks before the origin
	DayWAPE   *float64 `json:"day_wape"` // of day totals
	Floor     *float64 `json:"floor"`    // WAPE of a perfect forecast of a Poisson count
}

// Accuracy is how a published forecast did in one week for one queue.
type Accuracy struct {
	ForecastID ids.Forecast  `json:"forecast_id"`
	ClientID   ids.Client    `json:"client_id"`
	Version    int           `json:"version"`
	Name       string        `json:"name"`
	Source     string        `json:"source"`
	QueueID    ids.Queue     `json:"queue_id"`
	Week       calendar.Date `json:"week"`        // its Monday
	WeeksAhead int           `json:"weeks_ahead"` // whole weeks from the end of the history to the Monday
	Score
}

// LeadAccuracy sums weeks of several versions, or of one: per queue, or of all
// queues together with the zero queue, and weeks ahead (-1: all).
type LeadAccuracy struct {
	ForecastID ids.Forecast `json:"forecast_id,omitzero"` // zero: all versions
	ClientID   ids.Client   `json:"client_id"`
	Version    int          `json:"version,omitempty"`
	Source     string       `json:"source"`
	QueueID    ids.Queue    `json:"queue_id,omitzero"`
	WeeksAhead int          `json:"weeks_ahead"`
	Versions   int          `json:"versions"` // that were scored
	Score
}

// AccuracyQuery narrows what is scored.
type AccuracyQuery struct {
	Client   ids.Client   // zero: all
	Forecast ids.Forecast // zero: the newest versions
	Source   string       // empty: ours; SourceClient, or "all"
	Limit    int          // versions read; 0 = 12
}

// Defaults of scoring.
const (
	scoredVersions = 12
	scaleWeeks     = 8 // of history behind the scale of MASE
)

// ForecastAccuracy scores our published versions against facts, per queue and week of
// the client's zone, the latest week first. Intervals after the last fact of a
// queue are not scored; client zero means all clients, limit bounds the versions
// read (0 = 12).
func (s *Service) ForecastAccuracy(ctx context.Context, sc scope.Scope, client ids.Client, limit int) ([]Accuracy, error) {
	return s.Accuracies(ctx, sc, AccuracyQuery{Client: client, Limit: limit})
}

// Accuracies is ForecastAccuracy of the versions that the query selects.
func (s *Service) Accuracies(ctx context.Context, sc scope.Scope, q AccuracyQuery) ([]Accuracy, error) {
	versions, err := s.Forecasts(ctx, sc, q.Client, false)
	if err != nil {
		return nil, err
	}
	if q.Limit <= 0 {
		q.Limit = scoredVersions
	}
	now := s.db.Now()
	versions = slices.DeleteFunc(versions, func(f Forecast) bool {
		other := q.Source != "all" && f.Settings.Source != cmp.Or(q.Source, SourceEngine)
		if !q.Forecast.IsZero() {
			return f.ID != q.Forecast || f.StartAt >= now
		}
		return other || f.StartAt >= now
	})
	out := []Accuracy{}
	for _, f := range versions[:min(len(versions), q.Limit)] {
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

// AccuracyByLead sums the weeks of the selected versions by source, queue and weeks
// ahead, with rows for all queues together; byVersion keeps the versions apart and
// adds a row per version over all leads.
func (s *Service) AccuracyByLead(ctx context.Context, sc scope.Scope, q AccuracyQuery, byVersion bool) ([]LeadAccuracy, error) {
	weeks, err := s.Accuracies(ctx, sc, q)
	if err != nil {
		return nil, err
	}
	sums := map[leadKey]*leadSum{}
	for _, w := range weeks {
		leads := []int{w.WeeksAhead}
		key := leadKey{client: w.ClientID, source: w.Source}
		if byVersion {
			key.forecast, key.version = w.ForecastID, w.Version
			leads = append(leads, -1)
		}
		for _, lead := range leads {
			for _, queue := range []ids.Queue{w.QueueID, {}} {
				k := key
				k.queue, k.lead = queue, lead
				if sums[k] == nil {
					sums[k] = &leadSum{versions: map[ids.Forecast]bool{}}
				}
				sums[k].add(w)
			}
		}
	}
	out := []LeadAccuracy{}
	for k, v := range sums {
		out = append(out, LeadAccuracy{ForecastID: k.forecast, ClientID: k.client, Version: k.version, Source: k.source, QueueID: k.queue, WeeksAhead: k.lead, Versions: len(v.versions), Score: v.score()})
	}
	slices.SortFunc(out, func(a, b LeadAccuracy) int {
		return cmp.Or(a.ClientID.Compare(b.ClientID), cmp.Compare(b.Version, a.Version), cmp.Compare(b.Source, a.Source), a.QueueID.Compare(b.QueueID), cmp.Compare(a.WeeksAhead, b.WeeksAhead))
	})
	return out, nil
}

// leadKey names a row of AccuracyByLead.
type leadKey struct {
	forecast ids.Forecast
	version  int
	client   ids.Client
	source   string
	queue    ids.Queue
	lead     int
}

// leadSum adds weeks: WAPE, bias, day WAPE and floor are shares of the contacts that
// came, so that their sums weigh with them; MASE is a mean over intervals.
type leadSum struct {
	total                     Score
	abs, signed, days, floor  float64
	scaled, scaledN           float64
	dayActual, scored, floors float64
	versions                  map[ids.Forecast]bool
}

func (t *leadSum) add(w Accuracy) {
	t.versions[w.ForecastID] = true
	t.total.Forecast += w.Forecast
	t.total.Actual += w.Actual
	t.total.Intervals += w.Intervals
	if w.WAPE != nil && w.Bias != nil {
		t.abs += *w.WAPE * w.Actual
		t.signed += *w.Bias * w.Actual
		t.scored += w.Actual
	}
	if w.DayWAPE != nil {
		t.days += *w.DayWAPE * w.Actual
		t.dayActual += w.Actual
	}
	if w.Floor != nil {
		t.floor += *w.Floor * w.Actual
		t.floors += w.Actual
	}
	if w.MASE != nil {
		t.scaled += *w.MASE * float64(w.Intervals)
		t.scaledN += float64(w.Intervals)
	}
}

func (t *leadSum) score() Score {
	out := t.total
	out.WAPE, out.Bias, out.DayWAPE, out.Floor, out.MASE = number(t.abs/t.scored), number(t.signed/t.scored), number(t.days/t.dayActual), number(t.floor/t.floors), number(t.scaled/t.scaledN)
	return out
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
	actual := map[pointKey]float64{}
	last := map[ids.Queue]calendar.Instant{}
	for _, r := range rows {
		actual[pointKey{r.QueueID, r.StartAt}] = float64(r.Offered)
		last[r.QueueID] = max(last[r.QueueID], r.StartAt)
	}
	if len(last) == 0 {
		return nil, nil
	}
	scales, err := s.scalesOf(ctx, sc, f, points, zone)
	if err != nil {
		return nil, err
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
			scores[w] = &weekScore{in: forecast.ScoreInput{Scale: scales[p.QueueID]}}
			order = append(order, w)
		}
		sc, a := scores[w], actual[pointKey{p.QueueID, p.StartAt}]
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

// scalesOf gives the scale of MASE per queue: the mean absolute difference of the
// contacts from those a week before, over the intervals of the week that the version
// forecasts, in the weeks before its origin.
func (s *Service) scalesOf(ctx context.Context, sc scope.Scope, f Forecast, points []ForecastPoint, zone *time.Location) (map[ids.Queue]float64, error) {
	// The week is cut by the clock of the zone; around a change of the clock an hour
	// of one week stands against its neighbour in the other, which a mean of weeks bears.
	const week = 7 * calendar.Day
	from := f.OriginAt - (scaleWeeks+1)*week
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: f.ClientID, Span: calendar.Interval{Start: from, End: f.OriginAt}})
	if err != nil {
		return nil, err
	}
	came := map[pointKey]float64{}
	first := map[ids.Queue]calendar.Instant{}
	for _, r := range rows {
		came[pointKey{r.QueueID, r.StartAt}] = float64(r.Offered)
		if v, ok := first[r.QueueID]; !ok || r.StartAt < v {
			first[r.QueueID] = r.StartAt
		}
	}
	type slot struct {
		queue ids.Queue
		of    int // quarter of an hour of the week
	}
	slotOf := func(q ids.Queue, at calendar.Instant) slot {
		local := at.In(zone)
		return slot{q, int(local.Weekday())*96 + local.Hour()*4 + local.Minute()/15}
	}
	open := map[slot]bool{}
	queues := map[ids.Queue]bool{}
	for _, p := range points {
		open[slotOf(p.QueueID, p.StartAt)] = true
		queues[p.QueueID] = true
	}
	out := map[ids.Queue]float64{}
	for q := range queues {
		begin, known := first[q]
		if !known {
			continue
		}
		sum, n := 0.0, 0
		for at := begin + week; at < f.OriginAt; at += grid {
			if open[slotOf(q, at)] {
				sum += math.Abs(came[pointKey{q, at}] - came[pointKey{q, at - week}])
				n++
			}
		}
		if n > 0 {
			out[q] = sum / float64(n)
		}
	}
	return out, nil
}

func (f Forecast) accuracyRow(queue ids.Queue, monday calendar.Date, w *weekScore, zone *time.Location) Accuracy {
	score := forecast.Evaluate(w.in)
	ahead := int(math.Floor(float64(monday.At(0, zone)-f.OriginAt) / float64(7*calendar.Day)))
	return Accuracy{ForecastID: f.ID, ClientID: f.ClientID, Version: f.Version, Name: f.Name, Source: f.Settings.Source, QueueID: queue, Week: monday, WeeksAhead: max(0, ahead),
		Score: Score{Forecast: w.planned, Actual: w.came, Intervals: score.Intervals, WAPE: number(score.WAPE), Bias: number(score.Bias), MASE: number(score.MASE), DayWAPE: number(score.DayWAPE), Floor: number(score.Floor)}}
}

// mondayOf gives the Monday of the date's week.
func mondayOf(d calendar.Date) calendar.Date {
	return d - calendar.Date((int(d.Weekday())+6)%7)
}

// AccuracyCSV writes scored weeks, and below them their sums by lead, as CSV: kind
// is "week" or "lead", ratios that do not exist are empty.
func (s *Service) AccuracyCSV(ctx context.Context, sc scope.Scope, q AccuracyQuery) ([]byte, error) {
	weeks, err := s.Accuracies(ctx, sc, q)
	if err != nil {
		return nil, err
	}
	leads, err := s.AccuracyByLead(ctx, sc, q, false)
	if err != nil {
		return nil, err
	}
	names, err := s.slugs(ctx, sc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"kind", "client", "source", "version", "queue", "week", "weeks_ahead", "forecast", "actual", "intervals", "wape", "bias", "mase", "day_wape", "poisson_floor"}}
	for _, a := range weeks {
		rows = append(rows, append([]string{"week", names.clients[a.ClientID], a.Source, strconv.Itoa(a.Version), names.queues[a.QueueID], a.Week.String(), strconv.Itoa(a.WeeksAhead)}, a.fields()...))
	}
	for _, a := range leads {
		queue := names.queues[a.QueueID]
		if a.QueueID.IsZero() {
			queue = "all"
		}
		rows = append(rows, append([]string{"lead", names.clients[a.ClientID], a.Source, "", queue, "", strconv.Itoa(a.WeeksAhead)}, a.fields()...))
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fields writes a score for CSV.
func (v Score) fields() []string {
	out := []string{strconv.FormatFloat(v.Forecast, 'f', 2, 64), strconv.FormatFloat(v.Actual, 'f', 0, 64), strconv.Itoa(v.Intervals)}
	for _, p := range []*float64{v.WAPE, v.Bias, v.MASE, v.DayWAPE, v.Floor} {
		text := ""
		if p != nil {
			text = strconv.FormatFloat(*p, 'f', 6, 64)
		}
		out = append(out, text)
	}
	return out
}

// slugs are the short names of clients and queues of the scope.
type slugs struct {
	clients map[ids.Client]string
	queues  map[ids.Queue]string
}

func (s *Service) slugs(ctx context.Context, sc scope.Scope) (slugs, error) {
	out := slugs{map[ids.Client]string{}, map[ids.Queue]string{}}
	clients, err := s.Contracts.Clients(ctx, sc)
	if err != nil {
		return out, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, ids.Client{})
	for _, c := range clients {
		out.clients[c.ID] = c.Slug
	}
	for _, q := range queues {
		out.queues[q.ID] = q.Slug
	}
	return out, err
}

package scheduling

import (
	"context"
	"maps"
	"math"
	"slices"

	"muster/routing/facts"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Forecasts lists the versions of the scope, the newest first, without their
// reasons; client zero means all clients. Those who may not edit see published
// versions only.
func (s *Service) Forecasts(ctx context.Context, sc scope.Scope, client ids.Client, drafts bool) ([]Forecast, error) {
	var out []Forecast
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Omit("explain").Order("created_at DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		if !drafts {
			q = q.Where("status <> ?", Draft)
		}
		return q.Find(&out).Error
	})
	for i := range out {
		out[i].Settings.strip()
	}
	return out, err
}

// Forecast gives one version with its reasons, or NotFound.
func (s *Service) Forecast(ctx context.Context, sc scope.Scope, id ids.Forecast) (Forecast, error) {
	var out Forecast
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Forecast](tx.Where("id = ?", id), "forecast.not_found", "There is no such forecast.")
		return err
	})
	return out, err
}

// VisibleForecast gives one version; a draft is absent for those who may not edit.
func (s *Service) VisibleForecast(ctx context.Context, sc scope.Scope, id ids.Forecast, drafts bool) (Forecast, error) {
	f, err := s.Forecast(ctx, sc, id)
	if err == nil && f.Status == Draft && !drafts {
		return Forecast{}, fault.New(fault.NotFound, "forecast.not_found", "There is no such forecast.")
	}
	f.Settings.strip()
	return f, err
}

// ForecastPoints lists the points of a version by queue and start; queue zero means all queues.
func (s *Service) ForecastPoints(ctx context.Context, sc scope.Scope, id ids.Forecast, queue ids.Queue) ([]ForecastPoint, error) {
	var out []ForecastPoint
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Where("forecast_id = ?", id)
		if !queue.IsZero() {
			q = q.Where("queue_id = ?", queue)
		}
		return q.Order("queue_id, start_at").Find(&out).Error
	})
	return out, err
}

// PublishForecast makes a draft the published version: from now on it never
// changes. Publishing anything but a draft is a Conflict, and so is a version that
// moves days to come further from what is committed and locked than is tolerated.
func (s *Service) PublishForecast(ctx context.Context, sc scope.Scope, id ids.Forecast) (Forecast, error) {
	return s.PublishForecastBy(ctx, sc, id, CommitRequest{})
}

// PublishForecastBy is PublishForecast by somebody, who may open locks and says why.
func (s *Service) PublishForecastBy(ctx context.Context, sc scope.Scope, id ids.Forecast, r CommitRequest) (Forecast, error) {
	f, err := s.briefForecast(ctx, sc, id)
	if err != nil {
		return f, err
	}
	if f.Status == Draft { // of any other the step itself says what is wrong
		if _, r, err = s.mayPass(ctx, sc, f, stepPublish, r); err != nil {
			return f, err
		}
	}
	return s.advanceForecast(ctx, sc, id, Draft, Published, r.Actor, func(tx *database.Tx, f Forecast) error {
		if r.Reason == "" {
			return nil
		}
		return s.Events.Publish(tx, events.Message{Type: "forecast.unlocked", Client: f.ClientID, Subject: "forecast/" + f.ID.String(), Data: map[string]any{"reason": r.Reason}})
	})
}

// advanceForecast takes a version from one status to the next; also, if given,
// stores what belongs to the step.
func (s *Service) advanceForecast(ctx context.Context, sc scope.Scope, id ids.Forecast, from, to Status, actor ids.User, also func(*database.Tx, Forecast) error) (Forecast, error) {
	var f Forecast
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		f, err = database.One[Forecast](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "forecast.not_found", "There is no such forecast.")
		if err != nil {
			return err
		}
		if f.Status != from {
			return fault.Newf(fault.Conflict, "forecast.wrong_status", "The forecast is %s; only a %s one can become %s.", f.Status, from, to).With("status", f.Status)
		}
		now := s.db.Now()
		changes := map[string]any{"status": to}
		if to == Published {
			changes["published_at"], changes["published_by"] = now, actor
			f.PublishedAt, f.PublishedBy = &now, actor
		} else {
			changes["committed_at"], changes["committed_by"] = now, actor
			f.CommittedAt, f.CommittedBy = &now, actor
		}
		f.Status = to
		if err := tx.Model(&Forecast{}).Where("id = ?", id).Updates(changes).Error; err != nil {
			return err
		}
		if also != nil {
			if err := also(tx, f); err != nil {
				return err
			}
		}
		return s.Events.Publish(tx, events.Message{Type: "forecast." + string(to), Client: f.ClientID, Subject: "forecast/" + f.ID.String(),
			Data: map[string]any{"version": f.Version, "name": f.Name, "start": f.StartAt, "end": f.EndAt}})
	})
	f.Settings.strip()
	return f, err
}

// SeriesPoint is one interval of a forecast beside what happened. Values that do
// not exist (no forecast, the future, a queue without handling times) are nil.
type SeriesPoint struct {
	Start       calendar.Instant `json:"start"`
	Forecast    *float64         `json:"forecast"`
	Low         *float64         `json:"low"`  // 10 per cent quantile
	High        *float64         `json:"high"` // 90 per cent quantile
	Actual      *float64         `json:"actual"`
	Requirement *float64         `json:"requirement"` // seats
	LastWeek    *float64         `json:"last_week"`
	AHTSeconds  *float64         `json:"aht_seconds"`
}

// Series is a forecast as a curve.
type Series struct {
	IntervalSeconds int           `json:"interval_seconds"`
	Zone            string        `json:"zone"`
	Points          []SeriesPoint `json:"points"`
	Days            []DayRange    `json:"days"` // of the horizon's local days within the span, in order
}

// DayRange is where the total of a local day is expected to lie.
type DayRange struct {
	Date calendar.Date `json:"date"`
	Low  float64       `json:"low"`  // 10 per cent quantile
	High float64       `json:"high"` // 90 per cent quantile
}

// maxSeriesPoints bounds one answer: about a year of quarter hours.
const maxSeriesPoints = 40_000

// ForecastSeries joins a version with actual contacts, those of the week before
// and the requirement of its latest plan, over span (zero: the whole forecast),
// for one queue or, with the zero queue, their sum; the band of a sum assumes
// that queues err independently.
func (s *Service) ForecastSeries(ctx context.Context, sc scope.Scope, id ids.Forecast, queue ids.Queue, span calendar.Interval) (Series, error) {
	f, err := s.Forecast(ctx, sc, id)
	if err != nil {
		return Series{}, err
	}
	if span.Start == 0 {
		span.Start = f.StartAt
	}
	if span.End == 0 {
		span.End = f.EndAt
	}
	span.Start, span.End = span.Start.Floor(grid), span.End.Ceil(grid)
	n := int((span.End - span.Start) / grid)
	if n < 1 || n > maxSeriesPoints {
		return Series{}, fault.Newf(fault.Invalid, "forecast.series_span", "The span asked for has %d intervals; ask for 1 to %d.", n, maxSeriesPoints)
	}
	out := Series{IntervalSeconds: int(grid / calendar.Second), Zone: f.Zone, Points: make([]SeriesPoint, n)}
	at := func(i calendar.Instant) *SeriesPoint {
		if i < span.Start || i >= span.End {
			return nil
		}
		return &out.Points[(i-span.Start)/grid]
	}
	for i := range out.Points {
		out.Points[i].Start = span.Start + calendar.Instant(i)*grid
	}
	points, err := s.ForecastPoints(ctx, sc, id, queue)
	if err != nil {
		return Series{}, err
	}
	addForecast(points, at)
	if out.Days, err = dayRanges(f, points, span); err != nil {
		return Series{}, err
	}
	if err := s.addActuals(ctx, sc, f, queue, span, at); err != nil {
		return Series{}, err
	}
	if err := s.addLastWeek(ctx, sc, f, queue, &out, span); err != nil {
		return Series{}, err
	}
	return out, s.addRequirement(ctx, sc, f, queue, at)
}

// addForecast sums the queues' points.
func addForecast(points []ForecastPoint, at func(calendar.Instant) *SeriesPoint) {
	type sums struct{ volume, below, above, work float64 }
	total := map[calendar.Instant]*sums{}
	for _, p := range points {
		t := total[p.StartAt]
		if t == nil {
			t = &sums{}
			total[p.StartAt] = t
		}
		t.volume += p.Volume
		t.below += (p.Volume - p.Low) * (p.Volume - p.Low)
		t.above += (p.High - p.Volume) * (p.High - p.Volume)
		t.work += p.Volume * p.AHTMS
	}
	for start, t := range total {
		p := at(start)
		if p == nil {
			continue
		}
		low, high := math.Max(0, t.volume-math.Sqrt(t.below)), t.volume+math.Sqrt(t.above)
		p.Forecast, p.Low, p.High = &t.volume, &low, &high
		if t.volume > 0 {
			p.AHTSeconds = number(t.work / t.volume / 1000)
		}
	}
}

// dayRanges gives the 80 per cent band of each local day's total from the errors
// that the version's back-test found for totals so many days ahead; queues are taken
// to err independently. Versions without a back-test, a client's own for one, have none.
func dayRanges(f Forecast, points []ForecastPoint, span calendar.Interval) ([]DayRange, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	errors := map[ids.Queue][]float64{}
	for _, q := range f.Explain.Queues {
		errors[q.QueueID] = q.DayErrors
	}
	first := calendar.DateOf(f.StartAt, zone)
	volumes := map[calendar.Date]map[ids.Queue]float64{}
	for _, p := range points {
		d := calendar.DateOf(p.StartAt, zone)
		if volumes[d] == nil {
			volumes[d] = map[ids.Queue]float64{}
		}
		volumes[d][p.QueueID] += p.Volume
	}
	out := []DayRange{}
	for _, d := range slices.Sorted(maps.Keys(volumes)) {
		whole := d.Span(zone)
		if whole.Start < span.Start || whole.End > span.End {
			continue
		}
		total, variance, known := 0.0, 0.0, true
		for _, queue := range slices.SortedFunc(maps.Keys(volumes[d]), ids.Queue.Compare) {
			volume, ahead := volumes[d][queue], int(d-first)
			if total += volume; volume == 0 {
				continue
			}
			if known = known && ahead < len(errors[queue]); known {
				variance += math.Pow(volume*errors[queue][ahead], 2)
			}
		}
		if known && total > 0 {
			low, high := forecast.DayTotal{Volume: total, Deviation: math.Sqrt(variance)}.Band()
			out = append(out, DayRange{Date: d, Low: low, High: high})
		}
	}
	return out, nil
}

// queueQuery narrows facts to the forecast's client and perhaps one queue.
func queueQuery(f Forecast, queue ids.Queue, span calendar.Interval) facts.Query {
	q := facts.Query{Client: f.ClientID, Span: span}
	if !queue.IsZero() {
		q.Queues = []ids.Queue{queue}
	}
	return q
}

// addActuals adds what was offered, up to the last interval that has facts.
func (s *Service) addActuals(ctx context.Context, sc scope.Scope, f Forecast, queue ids.Queue, span calendar.Interval, at func(calendar.Instant) *SeriesPoint) error {
	rows, err := s.Facts.Queues(ctx, sc, queueQuery(f, queue, span))
	if err != nil || len(rows) == 0 {
		return err
	}
	last := rows[0].StartAt
	for _, r := range rows {
		last = max(last, r.StartAt)
	}
	for i := span.Start; i <= last; i += grid {
		zero := 0.0
		at(i).Actual = &zero
	}
	for _, r := range rows {
		*at(r.StartAt).Actual += float64(r.Offered)
	}
	return nil
}

// addLastWeek adds what was offered at the same wall-clock time a week before.
func (s *Service) addLastWeek(ctx context.Context, sc scope.Scope, f Forecast, queue ids.Queue, out *Series, span calendar.Interval) error {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return err
	}
	before := calendar.Interval{Start: span.Start - 8*calendar.Day, End: span.End - 6*calendar.Day}
	rows, err := s.Facts.Queues(ctx, sc, queueQuery(f, queue, before))
	if err != nil || len(rows) == 0 {
		return err
	}
	offered := map[calendar.Instant]float64{}
	last := rows[0].StartAt
	for _, r := range rows {
		offered[r.StartAt] += float64(r.Offered)
		last = max(last, r.StartAt)
	}
	for i := range out.Points {
		then := calendar.At(out.Points[i].Start.In(zone).AddDate(0, 0, -7))
		if then <= last {
			v := offered[then]
			out.Points[i].LastWeek = &v
		}
	}
	return nil
}

// addRequirement adds the seats of the forecast's latest plan.
func (s *Service) addRequirement(ctx context.Context, sc scope.Scope, f Forecast, queue ids.Queue, at func(calendar.Instant) *SeriesPoint) error {
	plans, err := s.PlansOf(ctx, sc, f.ID)
	if err != nil || len(plans) == 0 {
		return err
	}
	points, err := s.PlanPoints(ctx, sc, plans[0].ID, queue)
	if err != nil {
		return err
	}
	for _, r := range points {
		p := at(r.StartAt)
		if p == nil {
			continue
		}
		if p.Requirement == nil {
			p.Requirement = new(float64)
		}
		*p.Requirement += float64(r.Seats)
	}
	return nil
}

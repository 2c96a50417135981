package reporting

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"muster/reporting/measure"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// queuesOf lists the queues of a part.
func queuesOf(tx *database.Tx, p Part) ([]contract.Queue, error) {
	q := tx.Where("client_id = ?", p.Client).Order("slug")
	if !p.LOB.IsZero() {
		q = q.Where("lob_id = ?", p.LOB)
	}
	if !p.Queue.IsZero() {
		q = q.Where("id = ?", p.Queue)
	}
	var out []contract.Queue
	return out, q.Find(&out).Error
}

// queueRows gives the counts of contacts per queue and bucket.
func (s *Service) queueRows(ctx context.Context, sc scope.Scope, p Part, span calendar.Interval) ([]Row, Source, error) {
	var out []Row
	source := FromFacts
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		out, source = nil, FromFacts
		queues, err := queuesOf(tx, p)
		if err != nil || len(queues) == 0 {
			return err
		}
		list := make([]ids.Queue, len(queues))
		for i, q := range queues {
			list[i] = q.ID
		}
		own, err := hasOwnThreshold(tx, p.Threshold, list, span)
		if err != nil {
			return err
		}
		if own {
			source = FromContacts
			for _, q := range queues {
				rows, err := recount(tx, q, *p.Threshold, span)
				if err != nil {
					return err
				}
				out = append(out, rows...)
			}
			return nil
		}
		var all []facts.QueueFact
		if err := tx.Where("client_id = ? AND queue_id IN ? AND start_at >= ? AND start_at < ?", p.Client, list, span.Start, span.End).Order("queue_id, start_at").Find(&all).Error; err != nil {
			return err
		}
		for _, f := range all {
			out = append(out, Row{Queue: f.QueueID, StartAt: f.StartAt, Counts: countsOf(f)})
		}
		return nil
	})
	return out, source, err
}

// countsOf takes the counts of a fact.
func countsOf(f facts.QueueFact) measure.Counts {
	return measure.Counts{Offered: f.Offered, Queued: f.Queued, Answered: f.Answered, AnsweredWithin: f.AnsweredWithin, Abandoned: f.Abandoned, AbandonedWithin: f.AbandonedWithin,
		AbandonedShort: f.AbandonedShort, WaitAnsweredMS: f.WaitAnsweredMS, WaitAbandonedMS: f.WaitAbandonedMS, HandleMS: f.HandleMS}
}

// hasOwnThreshold reports whether a measure's threshold differs from that of any terms in force in the span.
func hasOwnThreshold(tx *database.Tx, threshold *int64, queues []ids.Queue, span calendar.Interval) (bool, error) {
	if threshold == nil {
		return false, nil
	}
	var terms []contract.Terms
	if err := tx.Where("queue_id IN ? AND valid_from < ? AND (valid_to IS NULL OR valid_to > ?)", queues, span.End, span.Start).Find(&terms).Error; err != nil {
		return false, err
	}
	covered := map[ids.Queue]bool{}
	for _, t := range terms {
		if t.ThresholdMS != *threshold {
			return true, nil
		}
		covered[t.QueueID] = true
	}
	return len(covered) < len(queues) && *threshold != facts.DefaultThresholdMS, nil
}

// recount counts a queue's contacts by another threshold than its terms.
func recount(tx *database.Tx, q contract.Queue, threshold int64, span calendar.Interval) ([]Row, error) {
	var contacts []records.Contact
	if err := tx.Where("queue_id = ? AND arrived_at >= ? AND arrived_at < ? AND is_current = ?", q.ID, span.Start, span.End, true).Order("arrived_at, id").Find(&contacts).Error; err != nil {
		return nil, err
	}
	limits, err := limitsOf(tx, q.ID, &threshold)
	if err != nil {
		return nil, err
	}
	var buckets []calendar.Instant
	for b := span.Start.Floor(calendar.Quarter); b < span.End; b += calendar.Quarter {
		buckets = append(buckets, b)
	}
	var out []Row
	for _, f := range facts.QueueFacts(q.ID, q.ClientID, buckets, contacts, nil, limits) {
		out = append(out, Row{Queue: f.QueueID, StartAt: f.StartAt, Counts: countsOf(f)})
	}
	return out, nil
}

// limitsOf gives the limits of a queue's terms, with a threshold in their place when it is not nil.
func limitsOf(tx *database.Tx, queue ids.Queue, threshold *int64) (facts.LimitsAt, error) {
	var terms []contract.Terms
	if err := tx.Where("queue_id = ?", queue).Order("valid_from").Find(&terms).Error; err != nil {
		return nil, err
	}
	return func(_ ids.Queue, at calendar.Instant) facts.Limits {
		l := facts.Limits{ThresholdMS: facts.DefaultThresholdMS}
		for _, t := range terms {
			if t.ValidFrom <= at && (t.ValidTo == nil || at < *t.ValidTo) {
				l = facts.Limits{ThresholdMS: t.ThresholdMS, ShortAbandonMS: t.ShortAbandonMS}
			}
		}
		if threshold != nil {
			l.ThresholdMS = *threshold
		}
		return l
	}, nil
}

// agentRows gives the time for contacts, and of it the time busy, per agent and bucket.
func (s *Service) agentRows(ctx context.Context, sc scope.Scope, p Part, span calendar.Interval) ([]Row, error) {
	var out []Row
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		out = nil
		q := tx.Where("client_id = ? AND activity IN ? AND start_at >= ? AND start_at < ?", p.Client, []records.Activity{records.Work, facts.Handling}, span.Start, span.End)
		if !p.LOB.IsZero() {
			q = q.Where("lob_id = ?", p.LOB)
		}
		var all []facts.AgentFact
		if err := q.Order("agent_id, start_at, slot").Find(&all).Error; err != nil {
			return err
		}
		for _, f := range all {
			c := measure.Counts{HandlingMS: f.HandleMS}
			if f.Activity == records.Work {
				c.WorkMS = f.TotalMS
			}
			if n := len(out); n > 0 && out[n-1].Agent == f.AgentID && out[n-1].StartAt == f.StartAt {
				out[n-1].Counts = out[n-1].Add(c)
				continue
			}
			out = append(out, Row{Agent: f.AgentID, StartAt: f.StartAt, Counts: c})
		}
		return nil
	})
	return out, err
}

// forecastHead is what reporting reads of a forecast's version.
type forecastHead struct {
	ID          ids.Forecast
	ClientID    ids.Client
	Version     int
	Status      string
	StartAt     calendar.Instant
	EndAt       calendar.Instant
	IntervalMS  int64 `gorm:"column:interval_ms"`
	PublishedAt *calendar.Instant
}

// TableName implements gorm's Tabler.
func (forecastHead) TableName() string { return "forecasts" }

// forecastPoint is the forecast volume of a queue in one interval.
type forecastPoint struct {
	ForecastID ids.Forecast
	QueueID    ids.Queue
	StartAt    calendar.Instant
	ClientID   ids.Client
	Volume     float64
}

// TableName implements gorm's Tabler.
func (forecastPoint) TableName() string { return "forecast_points" }

// forecastRows compares, per queue and interval, the contacts offered with the
// newest forecast that had been published before the business date began.
func (s *Service) forecastRows(ctx context.Context, sc scope.Scope, p Part, span calendar.Interval, zone *time.Location) ([]Row, error) {
	actual, _, err := s.queueRows(ctx, sc, Part{Client: p.Client, LOB: p.LOB, Queue: p.Queue}, span)
	if err != nil {
		return nil, err
	}
	var heads []forecastHead
	points := map[ids.Forecast][]forecastPoint{}
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		heads, points = nil, map[ids.Forecast][]forecastPoint{}
		queues, err := queuesOf(tx, p)
		if err != nil {
			return err
		}
		list := make([]ids.Queue, len(queues))
		for i, q := range queues {
			list[i] = q.ID
		}
		if err := tx.Where("client_id = ? AND published_at IS NOT NULL AND start_at < ? AND end_at > ?", p.Client, span.End, span.Start).Order("version DESC").Find(&heads).Error; err != nil {
			return err
		}
		for _, h := range heads {
			var some []forecastPoint
			if err := tx.Where("forecast_id = ? AND queue_id IN ? AND start_at >= ? AND start_at < ?", h.ID, list, span.Start, span.End).Order("queue_id, start_at").Find(&some).Error; err != nil {
				return err
			}
			points[h.ID] = some
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return compareForecasts(heads, points, actual, zone), nil
}

// compareForecasts is the arithmetic of forecastRows; heads are sorted by version, the newest first.
func compareForecasts(heads []forecastHead, points map[ids.Forecast][]forecastPoint, actual []Row, zone *time.Location) []Row {
	type cell struct {
		queue ids.Queue
		at    calendar.Instant
	}
	offered := map[cell]int64{}
	for _, r := range actual {
		offered[cell{r.Queue, r.StartAt}] = r.Offered
	}
	type queueDay struct {
		queue ids.Queue
		day   calendar.Date
	}
	taken := map[queueDay]ids.Forecast{}
	var out []*Row
	for _, h := range heads {
		for _, f := range points[h.ID] {
			day := queueDay{f.QueueID, calendar.DateOf(f.StartAt, zone)}
			if h.PublishedAt == nil || *h.PublishedAt > day.day.At(0, zone) {
				continue
			}
			if by, ok := taken[day]; ok && by != h.ID {
				continue
			}
			taken[day] = h.ID
			var a int64
			for b := f.StartAt; b < f.StartAt+calendar.Instant(h.IntervalMS)*calendar.Millisecond; b += calendar.Quarter {
				a += 1000 * offered[cell{f.QueueID, b}]
			}
			v := int64(math.Round(f.Volume * 1000))
			out = append(out, &Row{Queue: f.QueueID, StartAt: f.StartAt, Counts: measure.Counts{ForecastMilli: v, ActualMilli: a, ErrorMilli: absolute(v - a)}})
		}
	}
	settleDays(out, zone)
	slices.SortFunc(out, func(a, b *Row) int { return cmp.Or(a.Queue.Compare(b.Queue), cmp.Compare(a.StartAt, b.StartAt)) })
	rows := make([]Row, len(out))
	for i, r := range out {
		rows[i] = *r
	}
	return rows
}

// settleDays puts each day's absolute difference on the first interval of the queue's day.
func settleDays(rows []*Row, zone *time.Location) {
	type key struct {
		queue ids.Queue
		day   calendar.Date
	}
	first, difference := map[key]*Row{}, map[key]int64{}
	for _, r := range rows {
		k := key{r.Queue, calendar.DateOf(r.StartAt, zone)}
		if first[k] == nil || r.StartAt < first[k].StartAt {
			first[k] = r
		}
		difference[k] += r.ForecastMilli - r.ActualMilli
	}
	for k, r := range first {
		r.DayErrorMilli = absolute(difference[k])
	}
}

// absolute gives the magnitude.
func absolute(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

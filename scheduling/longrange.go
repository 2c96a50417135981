package scheduling

import (
	"context"
	"fmt"
	"math"
	"time"

	"muster/routing/facts"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Limits of a long-range forecast, in weeks.
const (
	defaultLongWeeks = 64
	maxLongWeeks     = 104
)

// NewLongForecast asks for a forecast by day, a year and more ahead.
type NewLongForecast struct {
	Client ids.Client    `json:"client"`
	Name   string        `json:"name,omitempty"`
	From   calendar.Date `json:"from,omitempty"`  // first business date, the history before it is used; zero = today
	Weeks  int           `json:"weeks,omitempty"` // 0 = 64
	// Expected and Analogue tell of queues without history, as in NewForecast.
	Expected map[ids.Queue]float64   `json:"expected,omitempty"`
	Analogue map[ids.Queue]ids.Queue `json:"analogue,omitempty"`
	Actor    ids.User                `json:"actor,omitzero"`
}

// LongForecast is a version of the expected contacts of a client's queues by
// business date over [FromDay, ToDay). It is stored, not computed anew for each
// reader: budgets and hiring rest on it, so it must stay what it was while the
// history grows, and the back-tests of a client's queues take longer than a page
// may. The queues of a day add up to Total. A version never changes.
type LongForecast struct {
	ID        ids.LongRange    `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"`
	Name      string           `json:"name"`
	Version   int              `json:"version"` // counts up per client
	FromDay   calendar.Date    `json:"from_day"`
	ToDay     calendar.Date    `json:"to_day"` // exclusive
	Zone      string           `json:"zone"`
	Settings  LongSettings     `gorm:"serializer:json" json:"settings"`
	Queues    []LongDays       `gorm:"serializer:json" json:"-"`
	Total     LongDays         `gorm:"serializer:json" json:"-"`
	CreatedBy ids.User         `json:"created_by"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (LongForecast) TableName() string { return "long_forecasts" }

// LongSettings is what a long-range forecast was asked for.
type LongSettings struct {
	Weeks    int                     `json:"weeks"`
	Expected map[ids.Queue]float64   `json:"expected,omitempty"`
	Analogue map[ids.Queue]ids.Queue `json:"analogue,omitempty"`
}

// LongDays are the expected contacts of a queue, or of the client with the zero
// queue, for each day of the version, with their standard deviations.
type LongDays struct {
	QueueID   ids.Queue `json:"queue_id,omitzero"`
	Volume    []float64 `json:"volume"`
	Deviation []float64 `json:"deviation"`
}

// CreateLongForecast forecasts a client's queues by day and reconciles them with
// their sum (forecast.LongRange); the outcome is the client's next version. Errors
// as of CreateForecast.
func (s *Service) CreateLongForecast(ctx context.Context, sc scope.Scope, n NewLongForecast, progress Progress) (LongForecast, error) {
	client, err := s.Contracts.Client(ctx, sc, n.Client)
	if err != nil {
		return LongForecast{}, err
	}
	l, err := s.frameLong(client, n)
	if err != nil {
		return LongForecast{}, err
	}
	zone, err := zoneOf(l.Zone)
	if err != nil {
		return LongForecast{}, err
	}
	queues, err := s.queuesOf(ctx, sc, client.ID, l.FromDay.At(0, zone))
	if err != nil {
		return LongForecast{}, err
	}
	if len(queues) == 0 {
		return LongForecast{}, fault.New(fault.Conflict, "forecast.no_queues", "The client has no queue; add one first.")
	}
	progress.say(0.02, "reading facts")
	frame := Forecast{ClientID: client.ID, OriginAt: l.FromDay.At(0, zone), StartAt: l.FromDay.At(0, zone), EndAt: l.ToDay.At(0, zone), IntervalMS: int64(grid / calendar.Millisecond), Zone: l.Zone}
	in, err := s.history(ctx, sc, frame, queues, NewForecast{Expected: n.Expected, Analogue: n.Analogue})
	if err != nil {
		return LongForecast{}, err
	}
	in.Progress = longProgress(len(in.Series), progress.within(0.05, 0.95))
	out, err := forecast.LongRange(ctx, in)
	if err != nil {
		return LongForecast{}, err
	}
	l.fill(out, queues)
	progress.say(0.96, "storing")
	return s.storeLongForecast(ctx, sc, l)
}

// longProgress counts the queues and, after them, their sum.
func longProgress(queues int, progress Progress) forecast.Progress {
	before, last := 0, 0
	return func(done, _ int) {
		if done < last {
			before = queues
		}
		last = done
		progress.say(float64(before+done)/float64(queues+1), fmt.Sprintf("queue %d of %d", min(before+done, queues), queues))
	}
}

// frameLong lays out dates and settings.
func (s *Service) frameLong(client contract.Client, n NewLongForecast) (LongForecast, error) {
	zone, err := zoneOf(client.Zone)
	if err != nil {
		return LongForecast{}, err
	}
	if n.Weeks == 0 {
		n.Weeks = defaultLongWeeks
	}
	if n.Weeks < 1 || n.Weeks > maxLongWeeks {
		return LongForecast{}, fault.Newf(fault.Invalid, "forecast.weeks", "A long-range forecast covers 1 to %d weeks, not %d.", maxLongWeeks, n.Weeks).With("weeks", n.Weeks)
	}
	today := calendar.DateOf(s.db.Now(), zone)
	if n.From == 0 {
		n.From = today
	}
	if n.From > today {
		return LongForecast{}, fault.Newf(fault.Invalid, "forecast.after_history", "A long-range forecast begins where its history ends, on %s at the latest, not on %s.", today, n.From).With("today", today.String())
	}
	if n.Name == "" {
		n.Name = fmt.Sprintf("%s %s", client.Name, n.From)
	}
	return LongForecast{ClientID: client.ID, Name: n.Name, FromDay: n.From, ToDay: n.From + calendar.Date(7*n.Weeks), Zone: client.Zone, CreatedBy: n.Actor,
		Settings: LongSettings{Weeks: n.Weeks, Expected: n.Expected, Analogue: n.Analogue}}, nil
}

// fill takes the engine's days; the total of a client with one queue is that queue.
func (l *LongForecast) fill(out forecast.LongOutput, queues []queueInfo) {
	n := int(l.ToDay - l.FromDay)
	days := func(queue ids.Queue, of []forecast.DayTotal) LongDays {
		v := LongDays{QueueID: queue, Volume: make([]float64, n), Deviation: make([]float64, n)}
		for _, d := range of {
			if i := int(calendar.Date(d.Date) - l.FromDay); i >= 0 && i < n {
				v.Volume[i], v.Deviation[i] = d.Volume, d.Deviation
			}
		}
		return v
	}
	for i, q := range queues {
		l.Queues = append(l.Queues, days(q.ID, out.Series[i].Days))
	}
	if len(out.Groups) > 0 {
		l.Total = days(ids.Queue{}, out.Groups[0].Days)
		return
	}
	l.Total = days(ids.Queue{}, out.Series[0].Days)
}

// storeLongForecast writes the version and says so.
func (s *Service) storeLongForecast(ctx context.Context, sc scope.Scope, l LongForecast) (LongForecast, error) {
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if l.Version, err = nextVersion(tx.Model(&LongForecast{}).Where("client_id = ?", l.ClientID)); err != nil {
			return err
		}
		l.ID, l.CreatedAt = ids.New[ids.LongRange](s.db.IDs()), s.db.Now()
		if err := tx.Create(&l).Error; err != nil {
			return raced(err)
		}
		if err := s.Events.Publish(tx, events.Message{Type: "forecast.long_range", Client: l.ClientID, Subject: "long-range/" + l.ID.String(), Data: map[string]any{"version": l.Version, "name": l.Name}}); err != nil {
			return err
		}
		return finish(tx, l.ID)
	})
	return l, err
}

// LongForecasts lists the versions of a client, the newest first, without their
// figures; client zero means all clients of the scope.
func (s *Service) LongForecasts(ctx context.Context, sc scope.Scope, client ids.Client) ([]LongForecast, error) {
	out := []LongForecast{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Omit("queues", "total").Order("created_at DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// LongForecast gives one version with its figures, or NotFound.
func (s *Service) LongForecast(ctx context.Context, sc scope.Scope, id ids.LongRange) (LongForecast, error) {
	var out LongForecast
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[LongForecast](tx.Where("id = ?", id), "forecast.long_not_found", "There is no such long-range forecast.")
		return err
	})
	return out, err
}

// LongGrain is the span of one figure of a long-range table.
type LongGrain string

// The grains. Weeks begin on Monday; the first and last are cut at the ends of the version.
const (
	LongByWeek LongGrain = "week"
	LongByDay  LongGrain = "day"
)

// LongGrains lists the grains.
func LongGrains() []LongGrain { return []LongGrain{LongByWeek, LongByDay} }

// LongPeriod is a week or day of a table.
type LongPeriod struct {
	From calendar.Date `json:"from"`
	To   calendar.Date `json:"to"` // exclusive
}

// LongRow are the figures of a queue, or of the client's total with the zero queue, one for each period.
type LongRow struct {
	QueueID  ids.Queue  `json:"queue_id,omitzero"`
	Volume   []float64  `json:"volume"`
	Low      []float64  `json:"low"`  // 10 per cent quantile
	High     []float64  `json:"high"` // 90 per cent quantile
	LastYear []*float64 `json:"last_year"`
	Actual   []*float64 `json:"actual"` // null until the period is over
}

// LongTable is a version by week or day: the client's total, then its queues.
type LongTable struct {
	Forecast LongForecast `json:"forecast"`
	By       LongGrain    `json:"by"`
	Periods  []LongPeriod `json:"periods"`
	Rows     []LongRow    `json:"rows"`
}

// yearBack is a year that keeps the weekdays.
const yearBack = 52 * 7

// band80 is the 90 per cent quantile of a standard normal variable.
const band80 = 1.2815515655446004

// LongTable sums a version by week or day, beside what came on the same weekdays a
// year (52 weeks) earlier and, of periods that are over, what came. The band takes
// totals for normal, the days of a week for moving together.
func (s *Service) LongTable(ctx context.Context, sc scope.Scope, id ids.LongRange, by LongGrain) (LongTable, error) {
	if by != LongByWeek && by != LongByDay {
		return LongTable{}, fault.Newf(fault.Invalid, "forecast.long_grain", "A long-range forecast is shown by %s, not by %q.", fault.Allowed(LongGrains()), by)
	}
	l, err := s.LongForecast(ctx, sc, id)
	if err != nil {
		return LongTable{}, err
	}
	zone, err := zoneOf(l.Zone)
	if err != nil {
		return LongTable{}, err
	}
	before, err := s.arrived(ctx, sc, l.ClientID, days{l.FromDay - yearBack, l.ToDay - yearBack}, zone)
	if err != nil {
		return LongTable{}, err
	}
	since, err := s.arrived(ctx, sc, l.ClientID, days{l.FromDay, l.ToDay}, zone)
	if err != nil {
		return LongTable{}, err
	}
	out := LongTable{By: by, Periods: l.periods(by)}
	for _, series := range append([]LongDays{l.Total}, l.Queues...) {
		out.Rows = append(out.Rows, l.row(series, out.Periods, before, since))
	}
	out.Forecast = l
	return out, nil
}

// periods cuts the version.
func (l LongForecast) periods(by LongGrain) []LongPeriod {
	grain := GrainWeek
	if by == LongByDay {
		grain = GrainDay
	}
	var out []LongPeriod
	for _, u := range grain.units(l.FromDay, l.ToDay) {
		out = append(out, LongPeriod{u.from, u.to})
	}
	return out
}

// row sums one series over the periods.
func (l LongForecast) row(series LongDays, periods []LongPeriod, before, since arrivals) LongRow {
	r := LongRow{QueueID: series.QueueID}
	for _, p := range periods {
		volume, deviation := 0.0, 0.0
		for d := p.From; d < p.To; d++ {
			volume += series.Volume[d-l.FromDay]
			deviation += series.Deviation[d-l.FromDay]
		}
		r.Volume = append(r.Volume, volume)
		r.Low = append(r.Low, math.Max(0, volume-band80*deviation))
		r.High = append(r.High, volume+band80*deviation)
		r.LastYear = append(r.LastYear, before.over(series.QueueID, p.From-yearBack, p.To-yearBack))
		r.Actual = append(r.Actual, since.over(series.QueueID, p.From, p.To))
	}
	return r
}

// arrivals are the contacts that came by day, known for [from, to).
type arrivals struct {
	dayTotals
	known days
}

// arrived reads what came over a span of days: known from the first day with a
// contact to the last before today.
func (s *Service) arrived(ctx context.Context, sc scope.Scope, client ids.Client, span days, zone *time.Location) (arrivals, error) {
	out := arrivals{dayTotals: dayTotals{}}
	today := calendar.DateOf(s.db.Now(), zone)
	span.to = min(span.to, today)
	if span.to <= span.from {
		return out, nil
	}
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: client, Span: calendar.Interval{Start: span.from.At(0, zone), End: span.to.At(0, zone)}})
	for _, r := range rows {
		day := calendar.DateOf(r.StartAt, zone)
		out.add(r.QueueID, day, float64(r.Offered))
		if out.known.to == 0 || day < out.known.from {
			out.known.from = day
		}
		out.known.to = max(out.known.to, day+1)
	}
	return out, err
}

// over gives the contacts of a span of days, nil unless all of it is known.
func (a arrivals) over(queue ids.Queue, from, to calendar.Date) *float64 {
	if from < a.known.from || to > a.known.to {
		return nil
	}
	v := a.sum(queue, from, to)
	return &v
}

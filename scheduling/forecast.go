package scheduling

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
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

// Limits and defaults of a forecast.
const (
	defaultDays   = 28
	maxDays       = 400
	historyReach  = 120 * 7 * calendar.Day // older facts are not read
	fallbackAHTMS = 180_000                // a queue whose handling time nobody knows
	// sureDaily is the mean of daily contacts above which an open day without any
	// contact is taken for lost data: a Poisson day of that mean is empty once in e^20.
	sureDaily = 20
)

// NewForecast asks for a forecast.
type NewForecast struct {
	Client ids.Client       `json:"client"`
	Name   string           `json:"name,omitempty"`
	Origin calendar.Instant `json:"origin,omitempty"` // facts before it are used; zero = now
	From   calendar.Date    `json:"from,omitempty"`   // first business date; zero = the first that begins at or after the origin
	Days   int              `json:"days,omitempty"`   // 0 = 28
	// Refused lists ids of corrections of an earlier version that the planner does not want.
	Refused []string `json:"refused,omitempty"`
	// Expected gives contacts a week of queues without history.
	Expected map[ids.Queue]float64 `json:"expected,omitempty"`
	// Analogue names for queues without history the queue whose profile they take.
	Analogue map[ids.Queue]ids.Queue `json:"analogue,omitempty"`
	Nightly  bool                    `json:"nightly,omitempty"` // made by the nightly training
	Actor    ids.User                `json:"actor,omitzero"`
}

// ForecastSettings is what a forecast was asked for and how it was changed since.
type ForecastSettings struct {
	Source      string                  `json:"source"`            // SourceEngine or SourceClient
	Nightly     bool                    `json:"nightly,omitempty"` // made by the nightly training
	Days        int                     `json:"days"`
	Refused     []string                `json:"refused,omitempty"`
	Expected    map[ids.Queue]float64   `json:"expected,omitempty"`
	Analogue    map[ids.Queue]ids.Queue `json:"analogue,omitempty"`
	BasedOn     ids.Forecast            `json:"based_on,omitzero"`
	Adjustments []Adjustment            `json:"adjustments,omitempty"`
	Base        []baseRun               `json:"base,omitempty"`       // what adjusted points were before any adjustment
	Scenario    ids.Scenario            `json:"scenario_id,omitzero"` // that it was promoted from
	FileName    string                  `json:"file_name,omitempty"`
	FileSHA256  string                  `json:"file_sha256,omitempty"`
	FileID      ids.File                `json:"file_id,omitzero"` // the file as it was handed in, until FileUntil
	FileUntil   *calendar.Instant       `json:"file_until,omitempty"`
}

// Where a version comes from.
const (
	SourceEngine = "engine"
	SourceClient = "client" // the client's own forecast
)

// ForecastExplain is why the figures are what they are, per queue.
type ForecastExplain struct {
	Queues []QueueExplain `json:"queues"`
}

// QueueExplain is the reasoning for one queue.
type QueueExplain struct {
	QueueID     ids.Queue             `json:"queue_id"`
	Sentences   []string              `json:"sentences"`
	Notes       []forecast.Note       `json:"notes,omitempty"` // the sentences with codes, for other languages
	Choices     []forecast.Choice     `json:"choices"`
	Backtest    []BacktestRow         `json:"backtest"`
	Corrections []forecast.Correction `json:"corrections,omitempty"`
	Effects     []forecast.Effect     `json:"effects,omitempty"`
	// DayErrors is the standard deviation of the totals of the first, second … local day
	// of the horizon as a share of the total.
	DayErrors []float64 `json:"day_errors,omitempty"`
}

// BacktestRow is how a method did at a lead over the rolling origins; ratios that do not exist are null.
type BacktestRow struct {
	Method  string   `json:"method"`
	Lead    string   `json:"lead"`
	Chosen  bool     `json:"chosen"`
	WAPE    *float64 `json:"wape"`
	Bias    *float64 `json:"bias"`
	MASE    *float64 `json:"mase"`
	DayWAPE *float64 `json:"day_wape"`
	Floor   *float64 `json:"floor"` // WAPE of a perfect forecast of a Poisson count
	Origins int      `json:"origins"`
}

// CreateForecast forecasts every queue of a client from its facts and stores a
// draft version with the back-test that chose the methods. Errors: NotFound for a
// client outside of the scope, Invalid for dates that make no sense, Conflict
// forecast.no_history when nothing is known of any queue.
func (s *Service) CreateForecast(ctx context.Context, sc scope.Scope, n NewForecast, progress Progress) (Forecast, error) {
	client, err := s.Contracts.Client(ctx, sc, n.Client)
	if err != nil {
		return Forecast{}, err
	}
	f, err := s.frame(client, n)
	if err != nil {
		return Forecast{}, err
	}
	queues, err := s.queuesOf(ctx, sc, client.ID, f.StartAt)
	if err != nil {
		return Forecast{}, err
	}
	if len(queues) == 0 {
		return Forecast{}, fault.New(fault.Conflict, "forecast.no_queues", "The client has no queue; add one first.")
	}
	progress.say(0.02, "reading facts")
	in, err := s.history(ctx, sc, f, queues, n)
	if err != nil {
		return Forecast{}, err
	}
	in.Progress = func(done, total int) {
		progress.say(0.1+0.8*float64(done)/float64(total), fmt.Sprintf("queue %d of %d", done, total))
	}
	out, err := forecast.Run(ctx, in)
	if err != nil {
		return Forecast{}, err
	}
	points := f.points(out, queues)
	f.Explain = explainOf(out, queues, in.Zone)
	progress.say(0.92, "storing")
	return s.storeForecast(ctx, sc, f, points)
}

// frame lays out dates and settings of a new forecast.
func (s *Service) frame(client contract.Client, n NewForecast) (Forecast, error) {
	zone, err := zoneOf(client.Zone)
	if err != nil {
		return Forecast{}, err
	}
	if n.Days == 0 {
		n.Days = defaultDays
	}
	if n.Days < 1 || n.Days > maxDays {
		return Forecast{}, fault.Newf(fault.Invalid, "forecast.days", "A forecast covers 1 to %d days, not %d.", maxDays, n.Days).With("days", n.Days)
	}
	if n.Origin == 0 {
		n.Origin = s.db.Now()
	}
	n.Origin = n.Origin.Floor(grid)
	first := calendar.DateOf(n.Origin, zone)
	if first.At(0, zone) < n.Origin {
		first++
	}
	if n.From == 0 {
		n.From = first
	}
	if n.From < first {
		return Forecast{}, fault.Newf(fault.Invalid, "forecast.before_origin", "The forecast begins on %s, before the end of its history; the first possible date is %s.", n.From, first).With("first", first.String())
	}
	if n.Name == "" {
		n.Name = fmt.Sprintf("%s %s", client.Name, n.From)
	}
	return Forecast{ClientID: client.ID, Name: n.Name, Status: Draft, OriginAt: n.Origin, StartAt: n.From.At(0, zone), EndAt: (n.From + calendar.Date(n.Days)).At(0, zone),
		IntervalMS: int64(grid / calendar.Millisecond), Zone: client.Zone, CreatedBy: n.Actor,
		Settings: ForecastSettings{Source: SourceEngine, Nightly: n.Nightly, Days: n.Days, Refused: n.Refused, Expected: n.Expected, Analogue: n.Analogue}}, nil
}

// history turns facts into the input of the engine.
func (s *Service) history(ctx context.Context, sc scope.Scope, f Forecast, queues []queueInfo, n NewForecast) (forecast.Input, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return forecast.Input{}, err
	}
	all, err := s.Facts.Queues(ctx, sc, facts.Query{Client: f.ClientID, Span: calendar.Interval{Start: f.OriginAt - historyReach, End: f.OriginAt}})
	if err != nil {
		return forecast.Input{}, err
	}
	byQueue := map[ids.Queue][]facts.QueueFact{}
	for _, v := range all {
		byQueue[v.QueueID] = append(byQueue[v.QueueID], v)
	}
	in := forecast.Input{Interval: time.Duration(f.IntervalMS) * time.Millisecond, Zone: zone, Origin: f.OriginAt.Time(), Until: f.EndAt.Time(), Quantiles: []float64{0.1, 0.9}, Refused: n.Refused}
	known := false
	for _, q := range queues {
		known = known || len(byQueue[q.ID]) > 0 || n.Expected[q.ID] > 0
		series := forecast.Series{Key: q.ID.String(), Group: f.ClientID.String(), Calendar: q.engineCalendar(zone), ExpectedWeekly: n.Expected[q.ID]}
		if a := n.Analogue[q.ID]; !a.IsZero() {
			series.Analogue = a.String()
		}
		q.fill(&series, byQueue[q.ID], f.OriginAt, zone)
		in.Series = append(in.Series, series)
	}
	if !known {
		return in, fault.New(fault.Conflict, "forecast.no_history", "No queue of the client has contacts before the origin; import its history or give the contacts expected a week.")
	}
	return in, nil
}

// fill writes a queue's facts on the regular grid: closed intervals and days whose
// data were lost are missing, open intervals without a fact are zero.
func (q queueInfo) fill(series *forecast.Series, rows []facts.QueueFact, origin calendar.Instant, zone *time.Location) {
	if len(rows) == 0 {
		series.Start = origin.Time()
		return
	}
	first := calendar.DateOf(rows[0].StartAt, zone).At(0, zone)
	span := calendar.Interval{Start: first, End: origin}
	open := q.openMask(span)
	n := len(open)
	series.Start, series.Volume, series.AHT = first.Time(), make([]float64, n), make([]float64, n)
	total := 0.0
	daily := map[calendar.Date]float64{}
	for i := range n {
		series.AHT[i] = math.NaN()
		if !open[i] {
			series.Volume[i] = math.NaN()
		}
	}
	for _, r := range rows {
		i := int((r.StartAt - first) / grid)
		if i < 0 || i >= n {
			continue
		}
		series.Volume[i] = float64(r.Offered)
		total += float64(r.Offered)
		daily[calendar.DateOf(r.StartAt, zone)] += float64(r.Offered)
		if r.Answered > 0 && r.HandleMS > 0 {
			series.AHT[i] = float64(r.HandleMS) / float64(r.Answered) / 1000
		}
	}
	if len(daily) == 0 || total/float64(len(daily)) < sureDaily {
		return
	}
	for i := range n {
		if daily[calendar.DateOf(first+calendar.Instant(i)*grid, zone)] == 0 {
			series.Volume[i] = math.NaN()
		}
	}
}

// engineCalendar translates the queue's calendar; opening hours only when its zone is the forecast's.
func (q queueInfo) engineCalendar(zone *time.Location) *forecast.Calendar {
	out := &forecast.Calendar{Opening: &[7][]forecast.Span{}}
	if q.calendar == nil {
		for d := range out.Opening {
			out.Opening[d] = []forecast.Span{{From: 0, To: 1440}}
		}
		return out
	}
	if q.calendar.Zone.String() != zone.String() {
		out.Opening = nil
	} else {
		for _, h := range q.calendar.Hours {
			day := int(h.Weekday)
			out.Opening[day] = append(out.Opening[day], forecast.Span{From: h.Open, To: min(h.Close, 1440)})
			if h.Close > 1440 {
				out.Opening[(day+1)%7] = append(out.Opening[(day+1)%7], forecast.Span{From: 0, To: h.Close - 1440})
			}
		}
		for d := range out.Opening {
			slices.SortFunc(out.Opening[d], func(a, b forecast.Span) int { return a.From - b.From })
		}
	}
	for _, d := range q.calendar.Special {
		out.Days = append(out.Days, engineDay(d, q.calendar))
	}
	for _, e := range q.events {
		out.Events = append(out.Events, forecast.Event{Name: e.Name, From: forecast.Date(e.From), To: forecast.Date(e.To), Size: e.Size})
	}
	return out
}

// engineDay translates one special day. A make-up working day on a closed weekday works like a Friday.
func engineDay(d calendar.SpecialDay, c *calendar.Calendar) forecast.SpecialDay {
	out := forecast.SpecialDay{Date: forecast.Date(d.Date), Name: d.Name}
	if d.Tag != "" {
		out.Tags = strings.Split(d.Tag, ",")
	}
	closed := d.Kind == calendar.DayClosed
	out.Closed = &closed
	if d.Kind == calendar.DayOpen {
		for _, h := range d.Hours {
			out.Hours = append(out.Hours, forecast.Span{From: h.Open, To: min(h.Close, 1440)})
		}
		if !slices.ContainsFunc(c.Hours, func(h calendar.Hours) bool { return h.Weekday == d.Date.Weekday() }) {
			friday := int(time.Friday)
			out.Like = &friday
		}
	}
	return out
}

// points reads the engine's answer into rows; closed intervals have none.
func (f Forecast) points(out forecast.Output, queues []queueInfo) []ForecastPoint {
	var rows []ForecastPoint
	span := calendar.Interval{Start: f.StartAt, End: f.EndAt}
	for i, q := range queues {
		open := q.openMask(span)
		aht := fallbackAHT(out)
		for _, p := range out.Series[i].Points {
			at := calendar.At(p.Start)
			k := int((at - f.StartAt) / grid)
			if at < f.StartAt || k >= len(open) || !open[k] || !p.Open {
				continue
			}
			row := ForecastPoint{QueueID: q.ID, StartAt: at, ClientID: f.ClientID, Volume: p.Volume, Low: p.Quantiles[0], High: p.Quantiles[1], AHTMS: p.AHT * 1000}
			if !(row.AHTMS > 0) {
				row.AHTMS = aht
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// fallbackAHT gives a queue without handling times the mean of the client's other queues.
func fallbackAHT(out forecast.Output) float64 {
	sum, n := 0.0, 0.0
	for _, r := range out.Series {
		for _, p := range r.Points {
			if p.AHT > 0 && p.Volume > 0 {
				sum += p.AHT * 1000 * p.Volume
				n += p.Volume
			}
		}
	}
	if n == 0 {
		return fallbackAHTMS
	}
	return sum / n
}

// explainOf keeps the reasons of the engine in a form that JSON can hold.
func explainOf(out forecast.Output, queues []queueInfo, zone *time.Location) ForecastExplain {
	var e ForecastExplain
	for i, r := range out.Series {
		q := QueueExplain{QueueID: queues[i].ID, Sentences: r.Explanation, Notes: r.Notes, Choices: r.Choices, Corrections: r.Corrections, Effects: r.Effects, Backtest: []BacktestRow{}}
		for _, b := range r.Backtest {
			chosen := slices.ContainsFunc(r.Choices, func(c forecast.Choice) bool { return c.Lead == b.Lead && c.Method == b.Method })
			q.Backtest = append(q.Backtest, BacktestRow{Method: string(b.Method), Lead: b.Lead, Chosen: chosen, WAPE: number(b.Score.WAPE), Bias: number(b.Score.Bias),
				MASE: number(b.Score.MASE), DayWAPE: number(b.Score.DayWAPE), Floor: number(b.Score.Floor), Origins: b.Origins})
		}
		for k := range q.Corrections {
			q.Corrections[k].Before, q.Corrections[k].After = orZero(q.Corrections[k].Before), orZero(q.Corrections[k].After)
		}
		for _, d := range forecast.DayTotals(&r, zone) {
			share := 0.0
			if d.Volume > 0 {
				share = d.Deviation / d.Volume
			}
			q.DayErrors = append(q.DayErrors, math.Round(share*1e4)/1e4)
		}
		e.Queues = append(e.Queues, q)
	}
	return e
}

// number gives nil for what is not a finite number.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func orZero(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// storeForecast writes the version with its points and says so.
func (s *Service) storeForecast(ctx context.Context, sc scope.Scope, f Forecast, points []ForecastPoint) (Forecast, error) {
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f.Version, err = nextVersion(tx.Model(&Forecast{}).Where("client_id = ?", f.ClientID)); err != nil {
			return err
		}
		f.ID, f.CreatedAt = ids.New[ids.Forecast](s.db.IDs()), s.db.Now()
		if err := tx.Create(&f).Error; err != nil {
			return raced(err)
		}
		for i := range points {
			points[i].ForecastID = f.ID
		}
		if _, err := database.Insert(tx, points); err != nil {
			return err
		}
		if err := s.Events.Publish(tx, events.Message{Type: "forecast.created", Client: f.ClientID, Subject: "forecast/" + f.ID.String(), Data: map[string]any{"version": f.Version, "name": f.Name}}); err != nil {
			return err
		}
		return finish(tx, f.ID)
	})
	return f, err
}

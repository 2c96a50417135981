package forecast

import (
	"cmp"
	"math"
	"slices"
	"time"

	"muster/tenants/fault"
)

// Series is one queue's history on the regular grid: value i covers [Start + i x interval, +interval).
type Series struct {
	Key    string    // unique in the input, e.g. the queue's id
	Group  string    // series of one group (a client) lend each other profiles; empty = alone
	Start  time.Time // on the grid
	Volume []float64 // contacts per interval; NaN = missing or closed
	AHT    []float64 // average handling time in seconds per interval, NaN = unknown; nil or as long as Volume
	// Calendar replaces the input's calendar for this series.
	Calendar *Calendar
	// Analogue names a series of the input whose profile a queue without history takes.
	Analogue string
	// ExpectedWeekly is the expected contacts per week of a queue without history; 0 = unknown.
	ExpectedWeekly float64
}

// Progress reports how many of the series are done.
type Progress func(done, total int)

// Input is everything a run reads.
type Input struct {
	Interval time.Duration  // 5, 15, 30 or 60 minutes
	Zone     *time.Location // where days begin and end; nil = UTC
	Origin   time.Time      // only history before it is used; zero = the end of the longest series
	Until    time.Time      // exclusive end of the forecast
	Series   []Series
	Calendar Calendar
	// Quantiles are probabilities in (0, 1), ascending in the output.
	Quantiles []float64
	// Refused lists ids of corrections the planner does not want.
	Refused []string
	// Methods restricts the portfolio; empty = all. Plain baselines always run.
	Methods []Method
	// Backtest sets the rolling origins; its zero value lets the engine choose.
	Backtest BacktestPlan
	// Stopwatch measures the seconds of the back-test table; nil = they stay zero.
	Stopwatch func() time.Duration
	Progress  Progress
}

// BacktestPlan says where the rolling origins of a back-test lie.
type BacktestPlan struct {
	Origins int           // how many; 0 = the engine's choice
	Every   time.Duration // whole days between origins; 0 = a week
}

// limits of a run that are refused rather than tried.
const (
	maxSeries  = 100_000
	maxHorizon = 800 * 24 * time.Hour
	maxHistory = 30 * 366 * 24 * 3600 // seconds from a series' start to the origin
)

// Validate names what is wrong with the input; the error is a *fault.Error of kind Invalid.
func (in *Input) Validate() error {
	switch in.Interval {
	case 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour:
	default:
		return fault.Newf(fault.Invalid, "forecast.interval", "interval %s is not one of 5m, 15m, 30m, 1h", in.Interval)
	}
	if len(in.Series) == 0 {
		return fault.New(fault.Invalid, "forecast.no_series", "there is no series to forecast; give at least one queue with history")
	}
	if len(in.Series) > maxSeries {
		return fault.Newf(fault.Invalid, "forecast.too_many_series", "%d series are more than %d; split the run", len(in.Series), maxSeries)
	}
	keys := map[string]bool{}
	for i := range in.Series {
		s := &in.Series[i]
		if keys[s.Key] {
			return fault.Newf(fault.Invalid, "forecast.duplicate_key", "series %q is given twice; merge its rows or rename one", s.Key)
		}
		keys[s.Key] = true
		if err := s.validate(in.Interval); err != nil {
			return err
		}
	}
	for i := range in.Series {
		if a := in.Series[i].Analogue; a != "" && !keys[a] {
			return fault.Newf(fault.Invalid, "forecast.unknown_analogue", "series %q takes its profile from %q, which is not in the input", in.Series[i].Key, a)
		}
	}
	for _, q := range in.Quantiles {
		if !(q > 0 && q < 1) {
			return fault.Newf(fault.Invalid, "forecast.quantile", "quantile %v is not strictly between 0 and 1", q)
		}
	}
	for _, m := range in.Methods {
		if !slices.Contains(Methods(), m) {
			return fault.Newf(fault.Invalid, "forecast.unknown_method", "method %q is unknown; allowed: %s", m, fault.Allowed(Methods()))
		}
	}
	if in.Backtest.Origins < 0 || in.Backtest.Every < 0 || in.Backtest.Every%(24*time.Hour) != 0 {
		return fault.New(fault.Invalid, "forecast.backtest", "the back-test needs a count of origins and whole days between them, neither negative")
	}
	origin := in.End()
	if !in.Until.After(origin) {
		return fault.Newf(fault.Invalid, "forecast.horizon", "the forecast ends at %s, not after its origin %s", in.Until.Format(time.RFC3339), origin.Format(time.RFC3339))
	}
	if in.Until.Sub(origin) > maxHorizon {
		return fault.Newf(fault.Invalid, "forecast.horizon", "the horizon of %s is longer than %s", in.Until.Sub(origin), maxHorizon)
	}
	for i := range in.Series { // seconds, since the difference of two times far apart does not fit a duration
		if s := &in.Series[i]; len(s.Volume) > 0 && origin.Unix()-s.Start.Unix() > maxHistory {
			return fault.Newf(fault.Invalid, "forecast.origin", "series %q starts at %s, more than 30 years before the origin %s; check its dates or cut it",
				s.Key, s.Start.Format(time.RFC3339), origin.Format(time.RFC3339))
		}
	}
	if origin.Unix()%int64(in.Interval/time.Second) != 0 {
		return fault.Newf(fault.Invalid, "forecast.origin", "the origin %s does not lie on the %s grid", origin.Format(time.RFC3339), in.Interval)
	}
	return in.Calendar.validate()
}

func (s *Series) validate(interval time.Duration) error {
	if s.AHT != nil && len(s.AHT) != len(s.Volume) {
		return fault.Newf(fault.Invalid, "forecast.aht_length", "series %q has %d volumes but %d handling times", s.Key, len(s.Volume), len(s.AHT))
	}
	if len(s.Volume) > 0 && s.Start.Unix()%int64(interval/time.Second) != 0 {
		return fault.Newf(fault.Invalid, "forecast.grid", "series %q starts at %s, which does not lie on the %s grid", s.Key, s.Start.Format(time.RFC3339), interval)
	}
	if e := s.ExpectedWeekly; !(e >= 0) || e > 1e12 {
		return fault.Newf(fault.Invalid, "forecast.expected", "series %q expects %v contacts a week; give a finite number that is not negative, 0 = unknown", s.Key, e)
	}
	for i, v := range s.Volume {
		if v < 0 || math.IsInf(v, 0) || v > 1e12 {
			return fault.Newf(fault.Invalid, "forecast.volume", "series %q has the volume %v at %s; volumes are finite and not negative", s.Key, v,
				s.Start.Add(time.Duration(i)*interval).Format(time.RFC3339))
		}
	}
	for i, v := range s.AHT {
		if v < 0 || math.IsInf(v, 0) || v > 1e9 {
			return fault.Newf(fault.Invalid, "forecast.aht", "series %q has the handling time %v s at %s; handling times are finite and not negative", s.Key, v,
				s.Start.Add(time.Duration(i)*interval).Format(time.RFC3339))
		}
	}
	if s.Calendar != nil {
		return s.Calendar.validate()
	}
	return nil
}

func (c *Calendar) validate() error {
	check := func(spans []Span, where string) error {
		for _, s := range spans {
			if s.From < 0 || s.To > 1440 || s.From >= s.To {
				return fault.Newf(fault.Invalid, "forecast.hours", "opening hours %d-%d of %s are not within minutes 0-1440 in ascending order", s.From, s.To, where)
			}
		}
		return nil
	}
	if c.Opening != nil {
		for w, spans := range c.Opening {
			if err := check(spans, time.Weekday(w).String()); err != nil {
				return err
			}
		}
	}
	for _, d := range c.Days {
		if err := check(d.Hours, d.Date.String()); err != nil {
			return err
		}
		if d.Like != nil && (*d.Like < 0 || *d.Like > 6) {
			return fault.Newf(fault.Invalid, "forecast.like", "%s works like weekday %d; weekdays are 0 (Sunday) to 6", d.Date, *d.Like)
		}
	}
	for _, e := range c.Events {
		if e.To < e.From {
			return fault.Newf(fault.Invalid, "forecast.event", "event %q ends on %s before it starts on %s", e.Name, e.To, e.From)
		}
		if e.Size < 0 || e.Size > 1e6 || math.IsNaN(e.Size) {
			return fault.Newf(fault.Invalid, "forecast.event", "event %q has the size %v; sizes are multipliers of volume, 0 = learn", e.Name, e.Size)
		}
	}
	return nil
}

func (in *Input) zone() *time.Location { return cmp.Or(in.Zone, time.UTC) }

// End gives the end of the history: the stated one or the end of the longest series.
func (in *Input) End() time.Time {
	if !in.Origin.IsZero() {
		return in.Origin
	}
	var end time.Time
	for i := range in.Series {
		s := &in.Series[i]
		if e := s.Start.Add(time.Duration(len(s.Volume)) * in.Interval); len(s.Volume) > 0 && e.After(end) {
			end = e
		}
	}
	return end
}

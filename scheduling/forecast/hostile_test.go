package forecast_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/scheduling/forecast"
	"muster/tenants/fault"
)

// hostile draws small inputs that no sane feed produces: values out of any range, grids that do not fit, keys given twice,
// horizons of nothing, calendars that contradict themselves. They are so small that millions can be tried:
//
//	go test ./scheduling/forecast -run '^$' -bench HostileInputs -benchtime 10000000x -timeout 4h
type hostile struct{ *rand.Rand }

func (r hostile) pick(v ...float64) float64 { return v[r.IntN(len(v))] }

func (r hostile) one(n int) bool { return r.IntN(n) == 0 }

// number is any float64: mostly an ordinary count, sometimes one that must be refused or treated as missing.
func (r hostile) number() float64 {
	switch r.IntN(200) {
	case 0:
		return r.pick(math.Inf(1), math.Inf(-1), -1, -1e-300, 1e300, math.MaxFloat64, 1e13, math.Copysign(0, -1))
	case 1, 2, 3, 4, 5, 6, 7, 8:
		return math.NaN()
	case 9, 10, 11, 12:
		return r.pick(0, 0, 1e12, 1e9, 1e-9, 5e-324, 0.1)
	}
	return float64(r.IntN(60))
}

func (r hostile) instant(interval time.Duration) time.Time {
	t := time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(300)) * interval)
	if r.one(60) {
		t = t.Add(time.Duration(r.IntN(7200)) * time.Second)
	}
	if r.one(400) {
		t = []time.Time{{}, time.Unix(0, 0), t.AddDate(3000, 0, 0), t.AddDate(-60, 0, 0), t.AddDate(-2, 0, 0)}[r.IntN(5)]
	}
	return t
}

// length is a count of points: nearly always a handful, now and then days, seldom weeks.
func (r hostile) length() int {
	switch k := r.IntN(2000); {
	case k == 0:
		return r.IntN(40 * 24)
	case k < 30:
		return r.IntN(120)
	}
	return r.IntN(41)
}

func (r hostile) series(key string, interval time.Duration) forecast.Series {
	s := forecast.Series{Key: key, Start: r.instant(interval)}
	for range r.length() {
		s.Volume = append(s.Volume, r.number())
	}
	if r.one(3) {
		for range s.Volume {
			s.AHT = append(s.AHT, r.number()*r.pick(0, 1, 10))
		}
		if r.one(50) {
			s.AHT = append(s.AHT, 1)
		}
	}
	if r.one(4) {
		s.ExpectedWeekly = r.number()
	}
	s.Group = []string{"", "g"}[r.IntN(2)]
	if r.one(6) {
		s.Analogue = []string{"a", "b", "z", key}[r.IntN(4)]
	}
	if r.one(10) {
		c := r.calendar()
		s.Calendar = &c
	}
	return s
}

func (r hostile) date() forecast.Date {
	d := forecast.NewDate(2026, 3, 20) + forecast.Date(r.IntN(25))
	if r.one(100) {
		d = forecast.Date(r.pick(0, -1e9, 1e9, 1e15))
	}
	return d
}

func (r hostile) spans() []forecast.Span {
	var out []forecast.Span
	for range r.IntN(3) {
		from := r.IntN(1440)
		out = append(out, forecast.Span{From: from, To: from + 1 + r.IntN(1440-from)})
	}
	if r.one(60) {
		out = append(out, forecast.Span{From: r.IntN(3000) - 1000, To: r.IntN(3000) - 1000})
	}
	return out
}

func (r hostile) calendar() forecast.Calendar {
	var c forecast.Calendar
	if r.one(5) {
		c.Opening = &[7][]forecast.Span{}
		for k := range c.Opening {
			c.Opening[k] = r.spans()
		}
	}
	for range r.IntN(3) {
		d := forecast.SpecialDay{Date: r.date(), Name: "x", Tags: []string{"y"}[:r.IntN(2)]}
		if r.one(2) {
			closed := r.one(2)
			d.Closed = &closed
		}
		if r.one(5) {
			like := r.IntN(7) + 10*(r.IntN(50)/49)
			d.Like = &like
		}
		if r.one(4) {
			d.Hours = r.spans()
		}
		c.Days = append(c.Days, d)
	}
	for range r.IntN(3) {
		from := r.date()
		c.Events = append(c.Events, forecast.Event{Name: "e", From: from, To: from + forecast.Date(r.IntN(4)-r.IntN(40)/39), Size: r.pick(0, 0, 1, 0.5, 3, 1e6, 1e-300, math.Abs(r.number()))})
	}
	return c
}

func (r hostile) input() forecast.Input {
	in := forecast.Input{Interval: time.Hour, Zone: []*time.Location{nil, time.UTC, paris}[r.IntN(3)]}
	if r.one(8) {
		in.Interval = []time.Duration{5, 15, 30, 0, -15, 7}[r.IntN(6)] * time.Minute
	}
	step := max(in.Interval, time.Minute)
	for _, key := range []string{"a", "b", "a"}[:min(1+r.IntN(2)+r.IntN(30)/29, 3)] {
		in.Series = append(in.Series, r.series(key, step))
	}
	if r.one(100) {
		in.Series = nil
	}
	if r.one(3) {
		in.Origin = r.instant(step)
	}
	end := in.End()
	in.Until = end.Add(time.Duration(r.IntN(30)) * step)
	if r.one(200) {
		in.Until = end.Add(time.Duration(r.pick(-1, 0, 1.5, 24*30, 1e6) * float64(time.Hour)))
	}
	in.Calendar = r.calendar()
	in.Quantiles = []float64{0.5, 0.1, 0.9, 0.1, 1e-12, 1 - 1e-12}[:r.IntN(7)]
	if r.one(100) {
		in.Quantiles = []float64{r.pick(0, 1, -1, math.NaN(), math.Inf(1))}
	}
	if r.one(10) {
		in.Methods = []forecast.Method{forecast.Methods()[r.IntN(9)]}
		if r.one(10) {
			in.Methods = []forecast.Method{"oracle"}
		}
	}
	if r.one(10) {
		in.Backtest = forecast.BacktestPlan{Origins: int(r.pick(0, 1, 3, -1, 1e15)), Every: time.Duration(r.pick(0, 1, 7, -1, 0.5, 1e5) * float64(24*time.Hour))}
	}
	return in
}

// checkHostile runs one draw through everything that is exported; invalid inputs must be refused by a fault.
func checkHostile(seed uint64) (ran bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("seed %d: panic %v\n%s", seed, p, debug.Stack())
		}
	}()
	r := hostile{rand.New(rand.NewPCG(seed, 29))}
	if err := r.pieces(); err != nil {
		return false, fmt.Errorf("seed %d: %w", seed, err)
	}
	in := r.input()
	out, err := forecast.Run(context.Background(), in)
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) {
			return false, fmt.Errorf("seed %d: %w is no fault", seed, err)
		}
		return false, nil
	}
	for _, s := range out.Series {
		if err := sound(s); err != nil {
			return false, fmt.Errorf("seed %d, series %q: %w", seed, s.Key, err)
		}
		for _, p := range s.Points[:min(1, len(s.Points))] {
			if v := p.LinEx(r.pick(0, 1, -1, 1e-320, 1e300, -1e300, math.Inf(1), math.Inf(-1), math.NaN(), 0.01)); !(v >= 0) || math.IsInf(v, 0) {
				return false, fmt.Errorf("seed %d: LinEx of %+v is %v", seed, p, v)
			}
		}
	}
	if r.one(50) {
		s := out.Series[0]
		if _, err := json.Marshal([]any{s.Backtest, s.Corrections, s.Choices, s.Notes, s.Effects}); err != nil {
			return false, fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	if r.one(100) {
		if err := r.long(in); err != nil {
			return false, fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	return true, nil
}

// sound says what is wrong with a result: a number that is not finite, negative or out of order.
func sound(s forecast.Result) error {
	for _, p := range s.Points {
		if !(p.Volume >= 0) || math.IsInf(p.Volume, 0) || !(p.Variance >= 0) || math.IsInf(p.Variance, 0) || p.AHT < 0 || math.IsInf(p.AHT, 0) {
			return fmt.Errorf("%+v", p)
		}
		if !p.Open && p.Volume != 0 {
			return fmt.Errorf("closed but %v contacts at %s", p.Volume, p.Start)
		}
		last := 0.0
		for _, q := range p.Quantiles {
			if !(q >= last) || math.IsInf(q, 0) {
				return fmt.Errorf("quantiles %v of %v", p.Quantiles, p.Volume)
			}
			last = q
		}
	}
	for _, c := range s.Corrections {
		if math.IsNaN(c.Before) || math.IsInf(c.Before, 0) || math.IsInf(c.After, 0) || strings.Contains(c.Detail, "NaN") || strings.Contains(c.Detail, "Inf") {
			return fmt.Errorf("%+v", c)
		}
	}
	for _, e := range s.Effects {
		if !(e.Factor > 0) || math.IsInf(e.Factor, 0) {
			return fmt.Errorf("%+v", e)
		}
	}
	for _, line := range s.Explanation {
		if strings.Contains(line, "NaN") || strings.Contains(line, "Inf") {
			return errors.New(line)
		}
	}
	if !(s.Today >= 0) || math.IsInf(s.Today, 0) {
		return fmt.Errorf("today %v", s.Today)
	}
	return nil
}

// pieces tries the exported functions that are no run.
func (r hostile) pieces() error {
	n := r.IntN(6)
	actual, said := make([]float64, n), make([]float64, n)
	for i := range n {
		actual[i], said[i] = r.number(), r.number()
	}
	m := forecast.IntradayModel{DayVariance: r.number(), Noise: r.number()}
	if f := m.Multiplier(r.number(), r.number()); !(f >= 0) || math.IsInf(f, 0) {
		return fmt.Errorf("%+v multiplies by %v", m, f)
	}
	if got := m.Reforecast(said, actual[:r.IntN(n+1)]); len(got) != n {
		return fmt.Errorf("%d intervals became %d", n, len(got))
	}
	if _, err := json.Marshal(forecast.Evaluate(forecast.ScoreInput{Actual: actual, Forecast: said[:r.IntN(n+1)], Scale: r.number()})); err != nil {
		return err
	}
	if r.one(20) {
		return r.history()
	}
	return nil
}

// history reads a file of such numbers.
func (r hostile) history() error {
	var b strings.Builder
	b.WriteString([]string{"start,volume,aht_seconds,queue\n", "start,calls\n", "volume,start\n", "\n", ""}[r.IntN(5)])
	for range r.IntN(6) {
		fmt.Fprintf(&b, "%s,%v,%v,q\n", r.instant(time.Hour).Format([]string{time.RFC3339, "2006-01-02 15:04", "2006-01-02", "15:04"}[r.IntN(4)]), r.number(), r.number())
	}
	series, err := forecast.ReadHistory(strings.NewReader(b.String()), time.Hour, paris)
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		return fmt.Errorf("%w is no fault", err)
	}
	for _, s := range series {
		for _, v := range s.Volume {
			if v < 0 || math.IsInf(v, 0) {
				return fmt.Errorf("volume %v", v)
			}
		}
	}
	return nil
}

// long runs the input far ahead.
func (r hostile) long(in forecast.Input) error {
	out, err := forecast.LongRange(context.Background(), in)
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) {
			return fmt.Errorf("%w is no fault", err)
		}
		return nil
	}
	for _, s := range append(out.Series, out.Groups...) {
		for _, d := range append(s.Days, s.Weeks...) {
			if !(d.Volume >= 0) || math.IsInf(d.Volume, 0) || !(d.Deviation >= 0) || math.IsInf(d.Deviation, 0) {
				return fmt.Errorf("%s: %+v", s.Key, d)
			}
		}
	}
	return nil
}

func TestHostileInputs(t *testing.T) {
	ran := 0
	for seed := range uint64(2000) {
		ok, err := checkHostile(seed)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			ran++
		}
	}
	if ran < 800 {
		t.Fatalf("only %d of 2000 inputs were valid; the others test refusals alone", ran)
	}
}

// BenchmarkHostileInputs tries as many as -benchtime says, none of which TestHostileInputs tries.
func BenchmarkHostileInputs(b *testing.B) {
	var next, valid atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ok, err := checkHostile(1<<40 + uint64(next.Add(1)))
			if err != nil {
				b.Error(err)
				return
			}
			if ok {
				valid.Add(1)
			}
		}
	})
	b.ReportMetric(float64(valid.Load())/float64(b.N), "valid/draw")
}

package forecast_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"muster/scheduling/forecast"
)

// randomInput is a small input that people and broken feeds can produce: a few days to weeks of hours, with gaps, silences,
// spikes, fractions, hand-overs between two queues, odd calendars and origins in the middle of a day.
func randomInput(seed uint64) forecast.Input {
	r := rand.New(rand.NewPCG(seed, 23))
	pick := func(v ...float64) float64 { return v[r.IntN(len(v))] }
	zones := []*time.Location{nil, time.UTC, paris}
	in := forecast.Input{Interval: time.Hour, Zone: zones[r.IntN(len(zones))], Quantiles: []float64{0.01, 0.1, 0.5, 0.9, 0.999}[:r.IntN(6)]}
	start := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(48)) * time.Hour)
	for _, key := range []string{"a", "b"}[:1+r.IntN(2)] {
		s := forecast.Series{Key: key, Start: start.Add(time.Duration(r.IntN(72)) * time.Hour), ExpectedWeekly: pick(0, 0, 0, 50)}
		level, night := pick(0, 0.01, 0.3, 3, 80, 4000, 1e9), r.IntN(2) == 0
		hours := r.IntN(6 * 168)
		for i := range hours {
			v := level * (0.2 + r.Float64()) * float64(1+i%24) / 12
			if night && (i%24 < 7 || i%24 > 20) {
				v = math.NaN()
			}
			if r.IntN(4) > 0 {
				v = math.Round(v)
			}
			s.Volume = append(s.Volume, v)
		}
		if r.IntN(3) == 0 {
			s.AHT = make([]float64, len(s.Volume))
			for i := range s.AHT {
				s.AHT[i] = pick(math.NaN(), 0, 3, 180, 180, 1e6)
			}
		}
		for range r.IntN(5) {
			if hours == 0 {
				break
			}
			from, v := r.IntN(hours), pick(math.NaN(), 0, 0, 1, 1e6, 1e12)
			for i := from; i < min(hours, from+1+r.IntN(300)); i++ {
				s.Volume[i] = v
			}
		}
		in.Series = append(in.Series, s)
	}
	in.Origin = start.Add(time.Duration(r.IntN(7*168)) * time.Hour)
	in.Until = in.Origin.Add(time.Duration(1+r.IntN(9*24)) * time.Hour)
	for range r.IntN(3) {
		d := forecast.SpecialDay{Date: forecast.NewDate(2026, 3, 9+r.IntN(60)), Name: "x", Tags: []string{"y"}[:r.IntN(2)]}
		if r.IntN(2) == 0 {
			closed := r.IntN(2) == 0
			d.Closed = &closed
		}
		if r.IntN(4) == 0 {
			like := r.IntN(7)
			d.Like = &like
		}
		in.Calendar.Days = append(in.Calendar.Days, d)
	}
	if r.IntN(4) == 0 {
		from := forecast.NewDate(2026, 3, 9+r.IntN(60))
		in.Calendar.Events = []forecast.Event{{Name: "e", From: from, To: from + forecast.Date(r.IntN(4)), Size: pick(0, 0.5, 3)}}
	}
	return in
}

var paris = func() *time.Location {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return z
}()

// checkRandom fails on any number of the answer that is not finite, negative or out of order.
func checkRandom(tb testing.TB, seed uint64) {
	in := randomInput(seed)
	out, err := forecast.Run(context.Background(), in)
	if err != nil {
		tb.Fatalf("seed %d: %v", seed, err)
	}
	for _, s := range out.Series {
		for _, p := range s.Points {
			if !(p.Volume >= 0) || math.IsInf(p.Volume, 0) || !(p.Variance >= 0) || math.IsInf(p.Variance, 0) || p.AHT < 0 || math.IsInf(p.AHT, 0) {
				tb.Fatalf("seed %d, %s: %+v", seed, s.Key, p)
			}
			last := 0.0
			for _, q := range p.Quantiles {
				if !(q >= last) || math.IsInf(q, 0) {
					tb.Fatalf("seed %d, %s: quantiles %v of %v", seed, s.Key, p.Quantiles, p.Volume)
				}
				last = q
			}
		}
		for _, c := range s.Corrections {
			if math.IsNaN(c.Before) {
				tb.Fatalf("seed %d, %s: %+v", seed, s.Key, c)
			}
		}
	}
}

func TestRandomInputs(t *testing.T) {
	for seed := range uint64(100) {
		checkRandom(t, seed)
	}
}

// BenchmarkRandomInputs runs as many random inputs as -benchtime says, none seen by TestRandomInputs:
//
//	go test ./scheduling/forecast -run '^$' -bench RandomInputs -benchtime 1000000x -timeout 4h
func BenchmarkRandomInputs(b *testing.B) {
	for i := range b.N {
		checkRandom(b, 1<<32+uint64(i))
	}
}

package forecast_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/scheduling/forecast"
)

// noisy is a Poisson-like series with weekday, profile, trend and a level of its own; the seed decides all of it.
func noisy(seed uint64, key string, weeks int, perWeek float64) forecast.Series {
	r := rand.New(rand.NewPCG(seed, 7))
	s := weekly(key, weeks, func(int, int) float64 { return 0 })
	var day [7]float64
	for i := range day {
		day[i] = 0.6 + r.Float64()
	}
	peak := 9 + 6*r.Float64()
	for i := range s.Volume {
		d, h := i/24, float64(i%24)
		off := (h - peak) / 4
		m := perWeek / 168 * day[d%7] * 3 * math.Exp(-off*off) * (1 + 0.2*math.Sin(float64(d)/40))
		s.Volume[i] = math.Max(0, math.Round(m+math.Sqrt(m)*r.NormFloat64()))
	}
	return s
}

// drawInput draws inputs that people and files can produce: gaps, zeros, spikes, short and empty histories, closures.
func drawInput(t *rapid.T) forecast.Input {
	n := rapid.IntRange(1, 3).Draw(t, "series")
	in := forecast.Input{Interval: time.Hour, Quantiles: []float64{0.9, 0.1, 0.5}}
	for i := range n {
		s := noisy(rapid.Uint64().Draw(t, "seed"), fmt.Sprintf("q%d", i), rapid.IntRange(0, 14).Draw(t, "weeks"), rapid.SampledFrom([]float64{0, 3, 200, 5000, 1e7}).Draw(t, "volume"))
		if rapid.Bool().Draw(t, "aht") {
			s.AHT = make([]float64, len(s.Volume))
		}
		for range rapid.IntRange(0, 4).Draw(t, "wounds") {
			if len(s.Volume) == 0 {
				break
			}
			from := rapid.IntRange(0, len(s.Volume)-1).Draw(t, "from")
			to := min(len(s.Volume), from+rapid.IntRange(1, 400).Draw(t, "length"))
			v := rapid.SampledFrom([]float64{math.NaN(), 0, 1, 1e6}).Draw(t, "value")
			for j := from; j < to; j++ {
				s.Volume[j] = v
				if s.AHT != nil {
					s.AHT[j] = v
				}
			}
		}
		s.Group = rapid.SampledFrom([]string{"", "a"}).Draw(t, "group")
		s.ExpectedWeekly = rapid.SampledFrom([]float64{0, 70}).Draw(t, "expected")
		in.Series = append(in.Series, s)
	}
	in.Origin = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 14*168).Draw(t, "origin")) * time.Hour)
	in.Until = in.Origin.Add(time.Duration(rapid.IntRange(1, 30*24).Draw(t, "hours")) * time.Hour)
	day := func() forecast.Date {
		return forecast.NewDate(2026, 1, 5) + forecast.Date(rapid.IntRange(0, 130).Draw(t, "date"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "special") {
		d := forecast.SpecialDay{Date: day(), Name: "x", Tags: []string{"holiday"}}
		if rapid.Bool().Draw(t, "known") {
			closed := rapid.Bool().Draw(t, "closed")
			d.Closed = &closed
		}
		in.Calendar.Days = append(in.Calendar.Days, d)
	}
	if rapid.Bool().Draw(t, "event") {
		from := day()
		in.Calendar.Events = []forecast.Event{{Name: "mailing", From: from, To: from + 3, Size: rapid.SampledFrom([]float64{0, 1.5}).Draw(t, "size")}}
	}
	return in
}

func TestAnyInputGivesFiniteOrderedForecasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		out, err := forecast.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Series {
			if want := int(in.Until.Sub(in.Origin) / in.Interval); len(s.Points) != want {
				t.Fatalf("%d points, want %d", len(s.Points), want)
			}
			for _, p := range s.Points {
				if !(p.Volume >= 0) || math.IsInf(p.Volume, 0) || !(p.Variance >= 0) || p.AHT < 0 || math.IsInf(p.AHT, 0) {
					t.Fatalf("%+v", p)
				}
				for i, q := range p.Quantiles {
					if !(q >= 0) || math.IsInf(q, 0) || i > 0 && q < p.Quantiles[i-1] {
						t.Fatalf("quantiles %v of %v", p.Quantiles, p.Volume)
					}
				}
				if !p.Open && p.Volume != 0 {
					t.Fatalf("closed at %s but %v contacts", p.Start, p.Volume)
				}
			}
		}
	})
}

func TestPermutingQueuesChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		a, err := forecast.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		order := rapid.Permutation(in.Series).Draw(t, "order")
		in.Series = order
		b, err := forecast.Run(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range a.Series {
			for _, y := range b.Series {
				if x.Key != y.Key {
					continue
				}
				for i := range x.Points {
					if x.Points[i].Volume != y.Points[i].Volume {
						t.Fatalf("%s at %s: %v and %v", x.Key, x.Points[i].Start, x.Points[i].Volume, y.Points[i].Volume)
					}
				}
			}
		}
	})
}

func TestScalingTheHistoryScalesTheForecast(t *testing.T) {
	for seed := range uint64(3) {
		base := noisy(seed, "q", 16, 20000)
		scaled := base
		scaled.Volume = make([]float64, len(base.Volume))
		for i, v := range base.Volume {
			scaled.Volume[i] = 3 * v
		}
		a := run(t, forecast.Input{Series: []forecast.Series{base}})
		b := run(t, forecast.Input{Series: []forecast.Series{scaled}})
		var one, four, gap float64
		for i, p := range a.Series[0].Points {
			one += p.Volume
			four += b.Series[0].Points[i].Volume
			gap += math.Abs(3*p.Volume - b.Series[0].Points[i].Volume)
		}
		require.InEpsilon(t, 3*one, four, 1e-6, "seed %d", seed)
		require.Less(t, gap, 1e-6*four, "seed %d", seed)
	}
}

func TestSameInputSameOutput(t *testing.T) {
	in := forecast.Input{Series: []forecast.Series{noisy(1, "a", 20, 900), noisy(2, "b", 20, 3000)}, Quantiles: []float64{0.2, 0.8}}
	a, b := run(t, in), run(t, in)
	require.Equal(t, fmt.Sprintf("%v", a), fmt.Sprintf("%v", b))
}

func TestCancelledRunStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	s := noisy(1, "a", 20, 900)
	in := forecast.Input{Interval: time.Hour, Series: []forecast.Series{s}}
	in.Until = in.End().AddDate(0, 0, 7)
	_, err := forecast.Run(ctx, in)
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzReadHistory(f *testing.F) {
	f.Add("start,volume,aht_seconds,queue\n2026-01-05T00:00:00,3,120,a\n")
	f.Add("start,calls\n2026-01-05 07:00,3\n1970-01-01,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		series, err := forecast.ReadHistory(stringReader(text), time.Hour, time.UTC)
		if err != nil {
			return
		}
		for _, s := range series {
			for _, v := range s.Volume {
				if v < 0 {
					t.Fatalf("negative volume %v", v)
				}
			}
		}
	})
}

func FuzzReadCalendar(f *testing.F) {
	f.Add("date,name,tags,closed,like,hours,to,size\n2026-05-01,May Day,holiday,true,,,,\n2026-05-02,,,,Friday,07:00-12:00,,\n2026-05-03,m,,,,,2026-05-05,1.2\n", "csv")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260502\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n", "ics")
	f.Add(`{"days":[{"date":"2026-05-01"}]}`, "json")
	f.Fuzz(func(t *testing.T, text, format string) {
		if c, err := forecast.ReadCalendar(stringReader(text), format); err == nil {
			for _, e := range c.Events {
				if e.To < e.From {
					t.Fatal("event ends before it starts")
				}
			}
		}
	})
}

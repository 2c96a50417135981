package forecast_test

import (
	"context"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/scheduling/forecast"
)

// Adding an event on a coming day moves that day, by its size where that is known, and every other day stays within one
// percent, whatever method was chosen.
func TestAnEventAheadLeavesOtherDaysAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := noisy(rapid.Uint64().Draw(t, "seed"), "q", rapid.IntRange(3, 70).Draw(t, "weeks"), rapid.SampledFrom([]float64{50, 900, 20000}).Draw(t, "volume"))
		in := forecast.Input{Interval: time.Hour, Series: []forecast.Series{s}}
		in.Until = in.End().AddDate(0, 0, 28)
		last := forecast.DateOf(in.End())
		learnt := forecast.Event{Name: "mailing", From: last - 9, To: last - 9}
		in.Calendar.Events = []forecast.Event{learnt}
		before := runOf(t, in)
		day := rapid.IntRange(0, 27).Draw(t, "day")
		event := forecast.Event{Name: "mailing", From: last + forecast.Date(day), To: last + forecast.Date(day), Size: rapid.SampledFrom([]float64{0, 0.1, 0.5, 1.2, 3, 10}).Draw(t, "size")}
		in.Calendar.Events = []forecast.Event{learnt, event}
		after := runOf(t, in)
		a, b := dayTotals(before.Series[0]), dayTotals(after.Series[0])
		for d := range a {
			if d == day {
				if event.Size > 0 && math.Abs(b[d]-event.Size*a[d]) > 1e-6*b[d] {
					t.Fatalf("event of size %g moved its day from %g to %g", event.Size, a[d], b[d])
				}
				continue
			}
			if math.Abs(a[d]-b[d]) > 0.01*a[d]+1e-9 {
				t.Fatalf("event on day %d of size %g moved day %d from %g to %g; choices %v, then %v", day, event.Size, d, a[d], b[d], before.Series[0].Choices, after.Series[0].Choices)
			}
		}
	})
}

func dayTotals(r forecast.Result) []float64 {
	out := make([]float64, (len(r.Points)+23)/24)
	for i, p := range r.Points {
		out[i/24] += p.Volume
	}
	return out
}

func runOf(t *rapid.T, in forecast.Input) forecast.Output {
	out, err := forecast.Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

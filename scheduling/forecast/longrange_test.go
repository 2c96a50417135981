package forecast_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/scheduling/forecast"
)

func TestLongRangeAddsUp(t *testing.T) {
	a, b, c := noisy(1, "a", 80, 9000), noisy(2, "b", 80, 300), noisy(3, "c", 80, 2000)
	a.Group, b.Group = "client", "client"
	in := forecast.Input{Interval: time.Hour, Series: []forecast.Series{a, b, c}}
	in.Until = in.End().AddDate(0, 0, 66*7)
	out, err := forecast.LongRange(context.Background(), in)
	require.NoError(t, err)
	require.Len(t, out.Groups, 1)
	require.Len(t, out.Series[0].Days, 66*7)
	for d, day := range out.Groups[0].Days {
		require.InDelta(t, out.Series[0].Days[d].Volume+out.Series[1].Days[d].Volume, day.Volume, 1e-6)
		require.Equal(t, out.Series[0].Days[d].Date, day.Date)
		require.Positive(t, day.Deviation)
	}
	for _, s := range append(out.Series, out.Groups...) {
		days, weeks := 0.0, 0.0
		for _, d := range s.Days {
			days += d.Volume
		}
		for _, w := range s.Weeks {
			require.Equal(t, time.Monday, w.Date.Weekday())
			weeks += w.Volume
		}
		require.InDelta(t, days, weeks, 1e-6*days)
	}
	mean := 0.0
	for _, v := range c.Volume {
		mean += v / 80
	}
	require.InEpsilon(t, mean, out.Series[2].Weeks[60].Volume, 0.35)
}

// A queue alone keeps its interval forecast: its days are the sums of what Run says.
func TestLongRangeOfOneQueueIsTheSumOfItsIntervals(t *testing.T) {
	in := forecast.Input{Interval: time.Hour, Series: []forecast.Series{noisy(4, "q", 20, 3000)}}
	in.Until = in.End().AddDate(0, 0, 28)
	long, err := forecast.LongRange(context.Background(), in)
	require.NoError(t, err)
	days := map[forecast.Date]float64{}
	for _, p := range run(t, in).Series[0].Points {
		days[forecast.DateOf(p.Start)] += p.Volume
	}
	for _, d := range long.Series[0].Days {
		require.InDelta(t, days[d.Date], d.Volume, 1e-9)
	}
}

func TestLongRangeOfAnyInputIsFiniteAndAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		out, err := forecast.LongRange(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range out.Groups {
			for d, day := range g.Days {
				sum := 0.0
				for i, s := range out.Series {
					if in.Series[i].Group == g.Key {
						sum += s.Days[d].Volume
					}
				}
				if !(day.Volume >= 0) || !(day.Deviation >= 0) || math.IsInf(day.Deviation, 0) || math.Abs(sum-day.Volume) > 1e-6*(1+sum) {
					t.Fatalf("%s: group %+v, queues %v", g.Key, day, sum)
				}
			}
		}
	})
}

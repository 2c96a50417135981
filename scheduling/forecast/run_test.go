package forecast_test

import (
	"context"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling/forecast"
)

// weekly makes weeks of a series whose value depends on weekday and hour alone.
func weekly(key string, weeks int, value func(day, hour int) float64) forecast.Series {
	s := forecast.Series{Key: key, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
	for h := range weeks * 168 {
		s.Volume = append(s.Volume, value(h/24%7, h%24))
	}
	return s
}

func run(t *testing.T, in forecast.Input) forecast.Output {
	t.Helper()
	if in.Interval == 0 {
		in.Interval = time.Hour
	}
	if in.Until.IsZero() {
		in.Until = in.End().AddDate(0, 0, 28)
	}
	out, err := forecast.Run(context.Background(), in)
	require.NoError(t, err)
	return out
}

func TestConstantSeriesForecastsItself(t *testing.T) {
	out := run(t, forecast.Input{Series: []forecast.Series{weekly("q", 12, func(int, int) float64 { return 7 })}})
	require.Len(t, out.Series[0].Points, 28*24)
	for _, p := range out.Series[0].Points {
		require.InDelta(t, 7, p.Volume, 1e-6)
	}
}

func TestWeeklyPatternForecastsItself(t *testing.T) {
	pattern := func(day, hour int) float64 {
		if day > 4 || hour < 8 || hour > 17 {
			return math.NaN()
		}
		return float64(10 + 5*day + hour)
	}
	out := run(t, forecast.Input{Series: []forecast.Series{weekly("q", 12, pattern)}})
	for i, p := range out.Series[0].Points {
		want := pattern(i/24%7, i%24)
		require.Equal(t, !math.IsNaN(want), p.Open, "hour %d", i)
		if p.Open {
			require.InDelta(t, want, p.Volume, 0.01*want, "hour %d", i)
		}
	}
}

func TestNoHistoryIsZeroAndSaysSo(t *testing.T) {
	in := forecast.Input{Series: []forecast.Series{{Key: "new"}}, Origin: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}
	out := run(t, in)
	require.Contains(t, out.Series[0].Explanation[0], "no history")
	for _, p := range out.Series[0].Points {
		require.Zero(t, p.Volume)
	}
}

func stringReader(s string) io.Reader { return strings.NewReader(s) }

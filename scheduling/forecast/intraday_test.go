package forecast_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/scheduling/forecast"
)

func TestIntradayShrinksEarlyAndFollowsLate(t *testing.T) {
	m := forecast.IntradayModel{DayVariance: 0.02, Noise: 2}
	early, late := m.Multiplier(13, 10), m.Multiplier(1300, 1000)
	require.Greater(t, early, 1.0)
	require.Less(t, early, 1.1)
	require.Greater(t, late, 1.25)
	require.Less(t, late, 1.3)
	require.Equal(t, 1.0, forecast.IntradayModel{}.Multiplier(5, 1))
	for _, v := range []float64{5e-324, 1e-308, 1, 1e308} {
		for _, noise := range []float64{5e-324, 1, 1e308} {
			f := forecast.IntradayModel{DayVariance: v, Noise: noise}.Multiplier(40, 20)
			require.False(t, math.IsNaN(f) || f < 1 || f > 2, "variance %g, noise %g: %g", v, noise, f)
		}
	}
}

func TestReforecastKeepsWhatHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 96).Draw(t, "n")
		f, a := make([]float64, n), make([]float64, n)
		for i := range f {
			f[i], a[i] = rapid.Float64Range(0, 500).Draw(t, "f"), math.NaN()
			if rapid.Bool().Draw(t, "known") {
				a[i] = rapid.Float64Range(0, 500).Draw(t, "a")
			}
		}
		m := forecast.IntradayModel{DayVariance: rapid.Float64Range(0, 1).Draw(t, "v"), Noise: rapid.Float64Range(0, 9).Draw(t, "noise")}
		for i, v := range m.Reforecast(f, a) {
			if !math.IsNaN(a[i]) && v != a[i] || !(v >= 0) || math.IsInf(v, 0) {
				t.Fatalf("%v of %v, %v", v, f[i], a[i])
			}
		}
	})
}

func TestOriginWithinTheDayMovesTheRest(t *testing.T) {
	s := noisy(3, "q", 16, 9000)
	noon := at(16*7-3, 13)
	for i := at(16*7-3, 0); i < noon; i++ {
		s.Volume[i] = math.Round(1.5 * s.Volume[i])
	}
	in := forecast.Input{Series: []forecast.Series{s}, Origin: s.Start.Add(time.Duration(noon) * time.Hour)}
	in.Until = in.Origin.AddDate(0, 0, 2)
	out := run(t, in)
	require.Greater(t, out.Series[0].Today, 1.02)
	require.Less(t, out.Series[0].Today, 1.5)
}

func TestLinEx(t *testing.T) {
	p := forecast.Point{Volume: 20, Variance: 40}
	require.Equal(t, 20.0, p.LinEx(0))
	require.InDelta(t, 20, p.LinEx(1e-6), 1e-3)
	require.Greater(t, p.LinEx(0.1), 20.5)
	require.Less(t, p.LinEx(-0.1), 19.5)
	require.False(t, math.IsInf(p.LinEx(1e9), 0))
}

package forecast_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling/forecast"
)

// officeHours is a noisy queue open 8 to 20 from Monday to Saturday; change may alter any value.
func officeHours(weeks int, closed float64, change func(day, hour int, v float64) float64) forecast.Series {
	s := noisy(5, "q", weeks, 12000)
	for i := range s.Volume {
		d, h := i/24, i%24
		if d%7 == 6 || h < 8 || h >= 20 {
			s.Volume[i] = closed
		} else {
			s.Volume[i] = math.Max(s.Volume[i], 20)
		}
		s.Volume[i] = change(d, h, s.Volume[i])
	}
	return s
}

func hoursFix(r forecast.Result) []forecast.Correction {
	var out []forecast.Correction
	for _, c := range r.Corrections {
		if c.Kind == forecast.FixHours {
			out = append(out, c)
		}
	}
	return out
}

func TestChangedOpeningHours(t *testing.T) {
	const weeks = 20
	at := func(day, hour int) int { return day*24 + hour }
	cases := []struct {
		name   string
		since  int // day of the change
		change func(since int) func(day, hour int, v float64) float64
		cell   int // of the first week ahead
		want   float64
	}{
		{"an hour earlier for two weeks", 7 * 18, func(since int) func(int, int, float64) float64 {
			return func(day, hour int, v float64) float64 {
				if day >= since && hour == 7 && day%7 < 5 {
					return 60
				}
				return v
			}
		}, at(2, 7), 60},
		{"Sundays for three weeks", 7 * 17, func(since int) func(int, int, float64) float64 {
			return func(day, hour int, v float64) float64 {
				if day >= since && day%7 == 6 && hour >= 10 && hour < 14 {
					return 40
				}
				return v
			}
		}, at(6, 11), 40},
		{"closing at 19 for two weeks", 7 * 18, func(since int) func(int, int, float64) float64 {
			return func(day, hour int, v float64) float64 {
				if day >= since && hour == 19 {
					return math.NaN()
				}
				return v
			}
		}, at(2, 19), 0},
	}
	for _, closed := range []float64{math.NaN(), 0} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				s := officeHours(weeks, closed, c.change(c.since))
				if closed == 0 && c.want == 0 {
					for i, v := range s.Volume {
						if math.IsNaN(v) {
							s.Volume[i] = 0
						}
					}
				}
				out := run(t, forecast.Input{Series: []forecast.Series{s}}).Series[0]
				fixes := hoursFix(out)
				require.Len(t, fixes, 1)
				require.LessOrEqual(t, fixes[0].From.Sub(s.Start.AddDate(0, 0, c.since)).Abs(), 7*24*time.Hour, fixes[0].Detail)
				require.InDelta(t, c.want, out.Points[c.cell].Volume, 0.2*c.want+1e-9, fixes[0].Detail)
				refused := run(t, forecast.Input{Series: []forecast.Series{s}, Refused: []string{fixes[0].ID}}).Series[0]
				require.Empty(t, hoursFix(refused))
				if math.IsNaN(closed) && c.cell == at(6, 11) {
					return // absent Sundays have nothing to restate
				}
				require.NotEqual(t, out.Points[c.cell].Volume, refused.Points[c.cell].Volume)
			})
		}
	}
}

// Chance makes no opening hours: silent nights of a small queue, holidays two weeks running.
func TestUnchangedHoursStay(t *testing.T) {
	for seed := range uint64(8) {
		for _, volume := range []float64{20, 300, 8000} {
			s := noisy(seed, "q", 12, volume)
			for i := range s.Volume {
				if d := i / 24; d == 68 || d == 75 {
					s.Volume[i] = math.NaN()
				}
			}
			require.Empty(t, hoursFix(run(t, forecast.Input{Series: []forecast.Series{s}, Methods: []forecast.Method{forecast.Mean8}}).Series[0]), "seed %d, volume %g", seed, volume)
		}
	}
}

package forecast_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling/forecast"
)

func kinds(r forecast.Result) []string {
	var out []string
	for _, c := range r.Corrections {
		out = append(out, c.Kind)
	}
	return out
}

func sumVolume(p []forecast.Point) float64 {
	t := 0.0
	for _, x := range p {
		t += x.Volume
	}
	return t
}

// at gives the index of an hour of the test series.
func at(day, hour int) int { return day*24 + hour }

func TestCorrectionsAreListedAndCanBeRefused(t *testing.T) {
	for _, c := range []struct {
		kind  string
		wound func(v []float64)
	}{
		{forecast.FixOutage, func(v []float64) { clear(v[at(60, 8):at(60, 16)]) }},
		{forecast.FixSpike, func(v []float64) { v[at(61, 12)] = 4000 }},
		{forecast.FixOutlierDay, func(v []float64) {
			for h := range 24 {
				v[at(65, h)] *= 3
			}
		}},
		{forecast.FixBirth, func(v []float64) { clear(v[:at(30, 0)]) }},
		{forecast.FixLevelShift, func(v []float64) {
			for i := range at(70, 0) {
				v[i] = math.Round(v[i] / 4)
			}
		}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			s := noisy(3, "q", 16, 8000)
			clean := run(t, forecast.Input{Series: []forecast.Series{s}})
			require.NotContains(t, kinds(clean.Series[0]), c.kind)
			s.Volume = slices.Clone(s.Volume)
			c.wound(s.Volume)
			got := run(t, forecast.Input{Series: []forecast.Series{s}})
			at := slices.Index(kinds(got.Series[0]), c.kind)
			require.GreaterOrEqual(t, at, 0, "corrections %v", got.Series[0].Corrections)
			require.InEpsilon(t, sumVolume(clean.Series[0].Points), sumVolume(got.Series[0].Points), 0.1)
			fix := got.Series[0].Corrections[at]
			require.NotEmpty(t, fix.Detail)
			_, err := json.Marshal(got.Series[0].Corrections)
			require.NoError(t, err)
			refused := run(t, forecast.Input{Series: []forecast.Series{s}, Refused: []string{fix.ID}})
			for _, left := range refused.Series[0].Corrections {
				require.NotEqual(t, fix.ID, left.ID)
			}
		})
	}
}

func TestHandOverIsSeenOnBothSides(t *testing.T) {
	giver, taker := noisy(3, "giver", 20, 6000), noisy(4, "taker", 20, 2000)
	for i := at(98, 0); i < len(giver.Volume); i++ {
		moved := math.Round(0.9 * giver.Volume[i])
		giver.Volume[i] -= moved
		taker.Volume[i] += moved
	}
	out := run(t, forecast.Input{Series: []forecast.Series{giver, taker}})
	require.Contains(t, kinds(out.Series[0]), forecast.FixHandOver)
	require.Contains(t, kinds(out.Series[1]), forecast.FixHandOver)
	last := 0.0
	for _, v := range taker.Volume[len(taker.Volume)-28*24:] {
		last += v
	}
	require.InEpsilon(t, last, sumVolume(out.Series[1].Points), 0.1)
}

func TestDeadQueueIsZero(t *testing.T) {
	s := noisy(3, "q", 20, 2000)
	clear(s.Volume[at(100, 0):])
	out := run(t, forecast.Input{Series: []forecast.Series{s}})
	require.Zero(t, sumVolume(out.Series[0].Points))
	require.Contains(t, out.Series[0].Explanation[0], "zero until volumes return")
}

func TestNewcomerTakesProfileOfAnalogue(t *testing.T) {
	old := noisy(3, "old", 12, 4000)
	in := forecast.Input{Series: []forecast.Series{old, {Key: "new", Analogue: "old", ExpectedWeekly: 700}}, Quantiles: []float64{0.1, 0.9}}
	out := run(t, in)
	require.InEpsilon(t, 4*700, sumVolume(out.Series[1].Points), 1e-6)
	ratio := sumVolume(out.Series[0].Points) / 2800
	for i, p := range out.Series[1].Points {
		require.InDelta(t, out.Series[0].Points[i].Volume/ratio, p.Volume, 1e-6)
	}
}

func TestClosedDayIsZeroAndTheDayAfterIsLearnt(t *testing.T) {
	s := noisy(3, "q", 30, 9000)
	first := forecast.NewDate(2026, 1, 5)
	var cal forecast.Calendar
	for _, day := range []int{50, 92, 141, 176, 212} { // the last lies in the horizon
		cal.Days = append(cal.Days, forecast.SpecialDay{Date: first + forecast.Date(day), Name: "feast", Tags: []string{"holiday"}})
		for h := range 24 {
			if i := at(day, h); i < len(s.Volume) {
				s.Volume[i] = math.NaN()
				s.Volume[at(day+1, h)] = math.Round(1.4 * s.Volume[at(day+1, h)])
			}
		}
	}
	out := run(t, forecast.Input{Series: []forecast.Series{s}, Calendar: cal})
	day := func(p []forecast.Point, d int) float64 { return sumVolume(p[at(d-210, 0):at(d-210, 24)]) }
	p := out.Series[0].Points
	require.Zero(t, day(p, 212), "closing learnt from the days of the same tag")
	require.Greater(t, day(p, 213)/day(p, 220), 1.15, "the day after")
	names := []string{}
	for _, e := range out.Series[0].Effects {
		names = append(names, e.Name)
	}
	require.Contains(t, names, "open day 1 after a closed day")
}

func TestClockChangeDays(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	require.NoError(t, err)
	s := forecast.Series{Key: "q", Start: time.Date(2026, 7, 6, 0, 0, 0, 0, paris)}
	for h := range 15*168 + 1 { // over the end of summer time on 25 October
		s.Volume = append(s.Volume, float64(s.Start.Add(time.Duration(h)*time.Hour).In(paris).Hour()))
	}
	origin := time.Date(2026, 10, 19, 0, 0, 0, 0, paris)
	out := run(t, forecast.Input{Zone: paris, Series: []forecast.Series{s}, Origin: origin, Until: origin.AddDate(0, 0, 7)})
	require.Len(t, out.Series[0].Points, 7*24+1)
	for _, p := range out.Series[0].Points {
		require.InDelta(t, float64(p.Start.Hour()), p.Volume, 0.02*24, p.Start.String())
	}
}

func TestSmallQueueBorrowsTheProfileOfItsGroup(t *testing.T) {
	// Two queues of one client with the same shape; the small one has few contacts and two weeks of history, too little to test.
	shape := func(day, hour int) float64 {
		if hour < 8 || hour > 19 {
			return 0
		}
		return float64(40 - (hour-13)*(hour-13))
	}
	big := weekly("big", 20, shape)
	small := noisy(9, "small", 20, 10)
	for i := range small.Volume {
		day, hour := i/24, i%24
		small.Volume[i] = 0
		if shape(day%7, hour) > 30 && (i*7919)%97 < 8 { // the few contacts fall into the busiest hours
			small.Volume[i] = 1
		}
		if day < 18*7 {
			small.Volume[i] = math.NaN()
		}
	}
	gap := func(group string) float64 {
		big.Group, small.Group = group, group
		out := run(t, forecast.Input{Series: []forecast.Series{big, small}})
		var hours [2][24]float64
		for q := range hours {
			total := sumVolume(out.Series[q].Points[:7*24])
			for _, p := range out.Series[q].Points[:7*24] {
				hours[q][p.Start.Hour()] += p.Volume / total
			}
		}
		g := 0.0
		for h := range 24 {
			g += math.Abs(hours[0][h] - hours[1][h])
		}
		return g
	}
	require.Less(t, gap("client"), 0.7*gap(""))
}

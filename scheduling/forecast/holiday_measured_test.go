package forecast

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestHolidaysLeftOut hides the five open days after each holiday of bank_calls in turn and lets the regression, which
// knows the other holidays, fill them in. The plain rival is the mean of the same weekday over the eight weeks nearest.
func TestHolidaysLeftOut(t *testing.T) {
	series := bankSeries(t)
	var oursAll, plainAll float64
	for _, holiday := range usHolidays2003().Days {
		g := newGrid(&Input{Interval: 15 * time.Minute, Series: []Series{series}, Origin: time.Date(2003, 9, 9, 0, 0, 0, 0, time.UTC), Until: time.Date(2003, 9, 10, 0, 0, 0, 0, time.UTC)})
		table := g.table(&series)
		cal := usHolidays2003()
		actual := map[int]float64{}
		for d := int(holiday.Date-g.first) + 1; len(actual) < 5 && d < g.days-1; d++ {
			for s := range g.slots {
				if v := table.vol[d*g.slots+s]; !math.IsNaN(v) {
					actual[d] += v
				}
				table.vol[d*g.slots+s] = math.NaN()
			}
		}
		h := prepare(table, cal.index(), g.cell(time.Date(2003, 9, 9, 0, 0, 0, 0, time.UTC)))
		r := fitRegression(h.cutAt(h.origin, h.origin+1))
		require.NotNil(t, r)
		var ours, plain, volume float64
		for d, a := range actual {
			ours += math.Abs(r.fitted[d] - a)
			tot, n := 0.0, 0.0
			for _, o := range h.nearest(d) {
				tot += h.total[o]
				n++
			}
			plain += math.Abs(tot/n - a)
			volume += a
		}
		t.Logf("%s: day WAPE of the five days after %.2f %%, mean of the nearest weeks %.2f %%", holiday.Name, 100*ours/volume, 100*plain/volume)
		oursAll += ours
		plainAll += plain
	}
	require.Less(t, oursAll, 0.75*plainAll)
}

package forecast

import "math"

// settings of the autoregressions.
const (
	arWeeks     = 12    // of history
	arRows      = 4000  // latest rows at most
	arShrinkage = 0.002 // of a coefficient, relative to the variance of the series times the rows
	arDays      = 14    // ahead after which the autoregression has nothing to say
)

// arLags lists the lags in cells: neighbours, days and weeks, each with its neighbour.
func arLags(slots int) []int {
	week := 7 * slots
	return []int{1, 2, 3, slots, slots + 1, 2 * slots, 3 * slots, 4 * slots, 5 * slots, 6 * slots, week, week + 1, 2 * week}
}

// autoregress forecasts a series without closed hours by a linear regression on its own past (a seasonal autoregression,
// fitted by ridge towards the mean of yesterday and last week), iterated over the horizon.
func autoregress(c *cut) []float64 {
	out := missing(c.end - c.cell)
	lags := arLags(c.slots)
	longest := lags[len(lags)-1]
	start := max(0, c.cell-7*arWeeks*c.slots)
	y := gapless(c, start)
	if y == nil || len(y) < longest+14*len(lags) {
		return out
	}
	mean := sum(y) / float64(len(y))
	variance := 0.0
	for i := range y {
		y[i] -= mean
		variance += y[i] * y[i] / float64(len(y))
	}
	if variance == 0 {
		for i := range out {
			out[i] = mean
		}
		return out
	}
	coef, ok := fitLags(y, lags, variance, c.slots)
	if !ok {
		return out
	}
	n := len(y)
	for range min(len(out), arDays*c.slots) {
		v := 0.0
		for j, l := range lags {
			v += coef[j] * y[len(y)-l]
		}
		y = append(y, v)
	}
	for i := range y[n:] {
		out[i] = math.Max(0, y[n+i]+mean)
	}
	return out
}

// fitLags regresses the series on its lags.
func fitLags(y []float64, lags []int, variance float64, slots int) ([]float64, bool) {
	longest := lags[len(lags)-1]
	from := max(longest, len(y)-arRows)
	r := newRidge(len(lags))
	pull := arShrinkage * variance * float64(len(y)-from)
	prior := map[int]float64{slots: 0.4, 7 * slots: 0.6}
	for j := range lags {
		r.penalty[j*r.n+j] = pull
	}
	r.reset()
	for j, l := range lags {
		r.right[j] += pull * prior[l]
	}
	row := make([]term, len(lags))
	for t := from; t < len(y); t++ {
		for j, l := range lags {
			row[j] = term{j, y[t-l]}
		}
		r.add(row, y[t], 1)
	}
	return r.solve()
}

// gapless gives the cells from start to the origin with small gaps filled by the day before or after; nil when more than a
// twentieth is missing.
func gapless(c *cut, start int) []float64 {
	for start < c.cell && math.IsNaN(c.clean[start]) {
		start++
	}
	y := make([]float64, c.cell-start)
	gaps := 0
	for i := range y {
		y[i] = c.clean[start+i]
		if !math.IsNaN(y[i]) {
			continue
		}
		gaps++
		y[i] = c.fill[start+i]
		for back := c.slots; math.IsNaN(y[i]) && back <= 7*c.slots && i-back >= 0; back += c.slots {
			y[i] = y[i-back]
		}
		if math.IsNaN(y[i]) {
			return nil
		}
	}
	if 20*gaps > len(y) {
		return nil
	}
	return y
}

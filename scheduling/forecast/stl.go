package forecast

import "math"

// settings of the decomposition of day totals.
const (
	stlDays      = 7 * 104 // of history
	stlRounds    = 3
	stlTrend     = 10.0 // bandwidth in days of the trend
	stlSeason    = 70.0 // bandwidth in days of the weekday shares
	stlHuber     = 3.0  // robust deviations beyond which a day loses weight
	stlHorizon   = 7    // days ahead at which the smoothing is judged, besides one
	stlWarmUp    = 21   // days before errors count
	leastStlDays = 28
)

// stl decomposes the logarithm of day totals, freed of calendar effects, into trend, weekday and remainder (kernel
// smoothing of the cycle sub-series, robust, as STL does by loess: Cleveland et al. 1990), and forecasts the
// seasonally adjusted series by damped exponential smoothing (Gardner & McKenzie 1985).
func stl(c *cut, factor []float64) func(d int) float64 {
	first := max(0, c.day-stlDays)
	n := c.day - first
	if n < leastStlDays {
		return nil
	}
	y := make([]float64, n)
	seen := 0
	for i := range y {
		t := c.total[first+i]
		y[i] = math.NaN()
		if !math.IsNaN(t) {
			y[i] = math.Log((t + c.noise/2) / factor[first+i])
			seen++
		}
	}
	if seen < leastStlDays/2 {
		return nil
	}
	kind := c.kind[first:c.day]
	season, weight := stlSeasons(y, kind)
	adjusted := make([]float64, n)
	for i := range y {
		adjusted[i] = y[i] - season[kind[i]][i]
	}
	level, slope, phi := dampedSmoothing(adjusted, weight)
	return func(d int) float64 {
		h := float64(d - c.day + 1)
		trend := level + slope*phi*(1-math.Pow(phi, h))/(1-phi)
		return math.Exp(math.Min(trend+season[c.kind[d]][n-1], 30)) * factor[d]
	}
}

// stlSeasons gives the weekday part per kind and day, and robust weights per day.
func stlSeasons(y []float64, kind []int) (season [7][]float64, weight []float64) {
	n := len(y)
	weight = make([]float64, n)
	trend := make([]float64, n)
	for i := range weight {
		weight[i] = 1
	}
	for k := range season {
		season[k] = make([]float64, n)
	}
	work := make([]float64, n)
	for range stlRounds {
		for i := range y {
			work[i] = y[i] - season[kind[i]][i]
		}
		kernelSmooth(work, weight, stlTrend, trend, nil, 0)
		for i := range y {
			work[i] = y[i] - trend[i]
		}
		for k := range season {
			kernelSmooth(work, weight, stlSeason, season[k], kind, k)
		}
		var dev []float64
		for i := range y {
			if r := y[i] - trend[i] - season[kind[i]][i]; !math.IsNaN(r) {
				dev = append(dev, math.Abs(r))
			}
		}
		s := math.Max(1.4826*median(dev), 1e-6)
		for i := range y {
			r := math.Abs(y[i]-trend[i]-season[kind[i]][i]) / s
			weight[i] = 1
			if r > stlHuber {
				weight[i] = stlHuber / r
			}
		}
	}
	return season, weight
}

// kernelSmooth is the two-sided exponential kernel mean of v into out, over the days of one kind when kind is given. Two
// recursive passes make it linear in the length; days without an observation borrow from both sides.
func kernelSmooth(v, weight []float64, width float64, out []float64, kind []int, only int) {
	n := len(v)
	decay := math.Exp(-1 / width)
	num, den := make([]float64, n), make([]float64, n)
	a, b := 0.0, 0.0
	use := func(i int) bool { return !math.IsNaN(v[i]) && (kind == nil || kind[i] == only) }
	for i := range n {
		a, b = a*decay, b*decay
		if use(i) {
			a += weight[i] * v[i]
			b += weight[i]
		}
		num[i], den[i] = a, b
	}
	a, b = 0, 0
	for i := n - 1; i >= 0; i-- {
		num[i] += a
		den[i] += b
		out[i] = 0
		if den[i] > 1e-9 {
			out[i] = num[i] / den[i]
		}
		if use(i) {
			a += weight[i] * v[i]
			b += weight[i]
		}
		a, b = a*decay, b*decay
	}
}

var (
	alphaGrid = []float64{0.02, 0.05, 0.1, 0.2, 0.35}
	betaGrid  = []float64{0, 0.02, 0.1}
	phiGrid   = []float64{0.9, 0.97}
)

// dampedSmoothing fits level and damped slope by the least absolute error one day and a week ahead.
func dampedSmoothing(y, weight []float64) (level, slope, phi float64) {
	best := math.Inf(1)
	for _, a := range alphaGrid {
		for _, b := range betaGrid {
			for _, p := range phiGrid {
				l, s, e := dampedPath(y, weight, a, b, p)
				if e < best {
					best, level, slope, phi = e, l, s, p
				}
				if b == 0 {
					break // without a slope its damping does not matter
				}
			}
		}
	}
	return level, slope, phi
}

func dampedPath(y, weight []float64, alpha, beta, phi float64) (level, slope, err float64) {
	started := false
	gain := 0.0
	for h := 1; h <= stlHorizon; h++ {
		gain += math.Pow(phi, float64(h))
	}
	start := 0.0
	startN := 0
	ahead := make([]float64, len(y)) // forecast made a week before
	for i, v := range y {
		if !started {
			if !math.IsNaN(v) {
				start += v
				startN++
			}
			if startN == 7 {
				level, started = start/7, true
			}
			continue
		}
		if !math.IsNaN(v) {
			e := v - level - phi*slope
			if i > stlWarmUp {
				err += weight[i] * math.Abs(e)
				if i >= stlHorizon && ahead[i-stlHorizon] != 0 {
					err += weight[i] * math.Abs(v-ahead[i-stlHorizon])
				}
			}
			level += phi*slope + alpha*weight[i]*e
			slope = phi*slope + alpha*beta*weight[i]*e
		} else {
			level += phi * slope
			slope *= phi
		}
		ahead[i] = level + slope*gain
	}
	return level, slope, err
}

package forecast

import "math"

// levels lists week levels backwards from the origin: index 0 is the last seven days. NaN = nothing observed.
func levels(c *cut, sh *shape, factor []float64) []float64 {
	var out []float64
	for to := c.day; to > 0; to -= 7 {
		l, ok := weekLevel(c, sh, factor, max(0, to-7), to)
		if !ok {
			l = math.NaN()
		}
		out = append(out, l)
	}
	for len(out) > 0 && math.IsNaN(out[len(out)-1]) {
		out = out[:len(out)-1]
	}
	return out
}

// smoothingGrid are the candidate weights of simple exponential smoothing.
var smoothingGrid = []float64{0.1, 0.2, 0.3, 0.45, 0.6, 0.8}

// smoothLevel is the simple exponential smoothing of the week levels with the weight that forecast `ahead` weeks best,
// judged by absolute error over the history.
func smoothLevel(lv []float64, ahead int) float64 {
	best, bestErr := math.NaN(), math.Inf(1)
	for _, a := range smoothingGrid {
		l, e := sesPath(lv, a, ahead)
		if e < bestErr || math.IsNaN(best) {
			best, bestErr = l, e
		}
	}
	return best
}

// sesPath runs the smoothing oldest to newest, returns the final level and the mean absolute error `ahead` weeks on.
func sesPath(lv []float64, alpha float64, ahead int) (level, err float64) {
	level = math.NaN()
	n := 0
	path := make([]float64, len(lv))
	for i := len(lv) - 1; i >= 0; i-- {
		if j := i + ahead; j < len(lv) && !math.IsNaN(path[j]) && !math.IsNaN(lv[i]) && len(lv)-j > 3 {
			err += math.Abs(lv[i] - path[j])
			n++
		}
		switch {
		case math.IsNaN(lv[i]):
		case math.IsNaN(level):
			level = lv[i]
		default:
			level += alpha * (lv[i] - level)
		}
		path[i] = level
	}
	if n > 0 {
		err /= float64(n)
	}
	return level, err
}

// decomposed forecasts week level x weekday x calendar factor x profile.
func decomposed(c *cut, sh *shape, factor []float64, level func(week int) float64) []float64 {
	return profiled(c, sh, func(d int) float64 {
		return level((d-c.day)/7+1) * sh.week[c.kind[d]] * factor[d]
	})
}

// profiled spreads day totals over the slots of their weekday's profile.
func profiled(c *cut, sh *shape, total func(d int) float64) []float64 {
	rows := c.rows()
	out := missing(rows * c.slots)
	for r := range rows {
		p := sh.day[c.kind[c.day+r]]
		if p == nil {
			continue
		}
		t := total(c.day + r)
		for s := range p {
			out[r*c.slots+s] = t * p[s]
		}
	}
	return c.spread(out)
}

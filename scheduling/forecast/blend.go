package forecast

import "math"

// blend combines the methods at one lead in two steps: the week's level is a weighted geometric mean of what the methods
// say, its shape a weighted mean of their shapes. So a method whose level is off still lends its shape, and the level is
// corrected before anything is averaged.
type blend struct {
	level, shape []float64 // weights per member, each sum to 1
}

// member is a method of the blend with the weight it has before any evidence.
type member struct {
	method       Method
	level, shape float64
}

var members = []member{
	{Mean4, 0.3, 0.1}, {Mean8, 0.5, 0.1}, {Decomposed, 1, 1}, {Yearly, 2, 0.3}, {Regression, 1, 0.3}, {STL, 0.5, 0.3}, {Autoregression, 0.5, 0.5},
}

// settings of the blend.
const (
	levelPower = 4.0  // by which a smaller error of week totals raises the weight
	shapePower = 8.0  // the same for the error within the week
	errorFloor = 0.01 // of week totals, below which methods are alike
)

// learnBlend weighs the members by their errors over the trials at a lead, leaving one trial out (-1 = none).
func learnBlend(trials []trial, l lead, skip int) blend {
	levelErr, shapeErr := make([]float64, len(members)), make([]float64, len(members))
	count := make([]float64, len(members))
	for i := range trials {
		t := &trials[i]
		if _, _, ok := t.inLead(l); !ok || i == skip {
			continue
		}
		t.eachWeek(l, func(from, to int) {
			for m, mem := range members {
				if t.forecast[mem.method] == nil {
					continue
				}
				if lv, sh, ok := weekError(t.plain[from:to], t.forecast[mem.method][from:to]); ok {
					levelErr[m] += t.weight * lv
					shapeErr[m] += t.weight * sh
					count[m] += t.weight
				}
			}
		})
	}
	b := blend{level: make([]float64, len(members)), shape: make([]float64, len(members))}
	for m, mem := range members {
		b.level[m], b.shape[m] = mem.level, mem.shape
		if count[m] > 0 {
			b.level[m] *= math.Pow(levelErr[m]/count[m]+errorFloor, -levelPower)
			b.shape[m] *= math.Pow(shapeErr[m]/count[m]+errorFloor, -shapePower)
		}
	}
	mostCount := 0.0
	for _, n := range count {
		mostCount = math.Max(mostCount, n)
	}
	for m := range members {
		if count[m] < mostCount/2 { // never tried where the others were
			b.level[m], b.shape[m] = 0, 0
		}
	}
	normalise(b.level)
	normalise(b.shape)
	return b
}

// weekError splits the error of one week: the log ratio of totals, and what remains after the totals agree, relative to the
// total. Where a method says nothing it is taken to say zero, as the blend takes it.
func weekError(actual, forecast []float64) (level, shape float64, ok bool) {
	var a, f float64
	for i, v := range actual {
		if !math.IsNaN(v) {
			a += v
			f += firstNumber(forecast[i], 0)
		}
	}
	if a <= 0 || f <= 0 {
		return 0, 0, false
	}
	for i, v := range actual {
		if !math.IsNaN(v) {
			shape += math.Abs(firstNumber(forecast[i], 0)*a/f - v)
		}
	}
	return math.Min(math.Abs(math.Log(f/a)), 2), shape / a, true
}

// eachWeek visits the weeks of a lead, counted from its beginning.
func (t *trial) eachWeek(l lead, visit func(from, to int)) {
	_, end, _ := t.inLead(l)
	for from := l.from; from < end; from += 7 * t.cut.slots {
		visit(from, min(from+7*t.cut.slots, end))
	}
}

// apply blends the forecasts of one week of cells into out; cells where no member speaks stay NaN. Cells that are closed
// must be NaN in the mask so that they do not count towards totals.
func (b blend) apply(out []float64, forecasts map[Method][]float64, mask []float64, from, to int) {
	total := make([]float64, len(members))
	logLevel, levelWeight := 0.0, 0.0
	for m, mem := range members {
		f := forecasts[mem.method]
		if f == nil || b.level[m]+b.shape[m] == 0 {
			continue
		}
		for i := from; i < to; i++ {
			if math.IsNaN(mask[i]) {
				continue
			}
			total[m] += firstNumber(f[i], 0)
		}
		if total[m] > 0 {
			logLevel += b.level[m] * math.Log(total[m])
			levelWeight += b.level[m]
		}
	}
	if levelWeight == 0 {
		return
	}
	level := math.Exp(logLevel / levelWeight)
	for i := from; i < to; i++ {
		v, w := 0.0, 0.0
		for m, mem := range members {
			if total[m] > 0 && b.shape[m] > 0 {
				if f := forecasts[mem.method][i]; !math.IsNaN(f) {
					v += b.shape[m] * f / total[m]
					w += b.shape[m]
				}
			}
		}
		if w > 0 {
			out[i] = level * v / w
		}
	}
}

// blendTrials fills in what the blend would have said at every trial, its weights learnt from the other trials, and then
// applies the events of the trials to every method.
func blendTrials(trials []trial, leads []lead) {
	for i := range trials {
		t := &trials[i]
		out := missing(t.cut.end - t.cut.cell)
		for _, l := range leads {
			b := learnBlend(trials, l, i)
			for from := l.from; from < min(l.to, len(out)); from += 7 * t.cut.slots {
				b.apply(out, t.forecast, t.mask, from, min(from+7*t.cut.slots, l.to, len(out)))
			}
		}
		t.forecast[Combined] = out
	}
	for i := range trials {
		for _, f := range trials[i].forecast {
			scale(f, trials[i].events)
		}
	}
}

// blendFinal adds the blend to the forecasts of the real origin.
func blendFinal(c *cut, trials []trial, leads []lead, final map[Method][]float64) {
	out := missing(c.end - c.cell)
	mask := c.mask()
	for _, l := range leads {
		b := learnBlend(trials, l, -1)
		for from := l.from; from < l.to; from += 7 * c.slots {
			b.apply(out, final, mask, from, min(from+7*c.slots, l.to))
		}
	}
	final[Combined] = out
}

// mask is NaN on the cells of the horizon that are closed, as far as known at the origin.
func (c *cut) mask() []float64 {
	out := make([]float64, c.end-c.cell)
	var open []bool
	for i := range out {
		cell := c.cell + i
		if open == nil || cell%c.slots == 0 {
			open = c.openSlots(cell/c.slots, c.cell)
		}
		if !open[cell%c.slots] {
			out[i] = math.NaN()
		}
	}
	return out
}

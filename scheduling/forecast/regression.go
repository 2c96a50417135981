package forecast

import (
	"math"
	"slices"
)

// regression is the negative-binomial regression of day totals with a log link: a level that walks from week to week,
// weekdays, yearly waves and the calendar terms, fitted by iteratively reweighted least squares with Huber weights.
// (Generalised linear model with random effects; the walk is a local level, see Harvey 1989.)
type regression struct {
	level   float64 // log level at the origin
	weekday [7]float64
	yearly  []float64 // Fourier coefficients, sine and cosine in turn; nil = too little history
	effects []float64 // per column of dayTerms, then month positions
	terms   *dayTerms
	month   []float64
	work    []float64
	scatter float64         // standard deviation of day totals around the fit, log scale
	fitted  map[int]float64 // day total per row of the history, also where none was observed
}

// settings of the regression.
const (
	regressionWeeks  = 160 // of history
	irlsRounds       = 5
	huber            = 2.5 // standardised residual beyond which a day loses weight
	yearlyWaves      = 3
	yearlySpread     = 0.15
	yearlyFrom       = 60 // weeks of history
	weekdaySpread    = 3.0
	leastWalk        = 0.01
	startWalk        = 0.05
	walkDamping      = 0.35
	leastRateScatter = 0.015 // of the day's rate; below it a fit to a few days is an accident
)

// fitRegression fits the days before the origin; nil when there are too few.
func fitRegression(c *cut) *regression {
	first := max(0, c.day-7*regressionWeeks)
	for first < c.day && math.IsNaN(c.total[first]) {
		first++
	}
	if c.day-first < 2*7 {
		return nil
	}
	f := newFit(c, first)
	r := &regression{terms: c.terms}
	b := f.run()
	if b == nil {
		return nil
	}
	r.level = b[0]
	copy(r.weekday[:], b[f.weekday:f.weekday+7])
	r.month = b[f.month : f.month+monthPlaces]
	r.work = b[f.work : f.work+workPlaces]
	r.effects = b[f.terms : f.terms+len(c.terms.names)]
	if f.waves > 0 {
		r.yearly = b[f.yearly : f.yearly+2*f.waves]
	}
	r.scatter, r.fitted = f.scatter, f.fitted
	return r
}

// fit is the working state of one regression.
type fit struct {
	c                                   *cut
	first                               int
	weekday, month, work, terms, yearly int // first columns
	waves                               int
	ridge                               *ridge
	rows                                [][]term
	days                                []int
	fitted                              map[int]float64
	scatter, walk                       float64
}

func newFit(c *cut, first int) *fit {
	f := &fit{c: c, first: first, walk: startWalk}
	weeks := (c.day-first+6)/7 + 1
	f.weekday = weeks
	f.month = f.weekday + 7
	f.work = f.month + monthPlaces
	f.terms = f.work + workPlaces
	f.yearly = f.terms + len(c.terms.names)
	if c.day-first >= 7*yearlyFrom {
		f.waves = yearlyWaves
	}
	f.ridge = newRidge(f.yearly + 2*f.waves)
	for k := 0; k+1 < weeks; k++ {
		f.ridge.tie(k, k+1, startWalk)
	}
	for k := range 7 {
		f.ridge.shrink(f.weekday+k, weekdaySpread)
	}
	f.ridge.block(f.month, monthPrior)
	f.ridge.block(f.work, workPrior)
	for i, sd := range c.terms.sd {
		f.ridge.shrink(f.terms+i, sd)
	}
	for i := range 2 * f.waves {
		f.ridge.shrink(f.yearly+i, yearlySpread/float64(i/2+1))
	}
	for d := first; d < c.day; d++ {
		if !math.IsNaN(c.total[d]) {
			f.days = append(f.days, d)
			f.rows = append(f.rows, f.row(d))
		}
	}
	return f
}

// monthPrior does not depend on the data.
var (
	monthPrior = monthPrecision(monthSpread, monthReach, monthPlaces)
	workPrior  = monthPrecision(monthSpread, workReach, workPlaces)
)

// row is the design row of a day before the origin. Knot 0 lies at the origin, knot k is k weeks older.
func (f *fit) row(d int) []term {
	back := float64(f.c.day-d-1) / 7
	k := int(back)
	w := back - float64(k)
	row := []term{{k, 1 - w}, {k + 1, w}, {f.weekday + f.c.kind[d], 1}, {f.month + monthPlace(f.c.first+Date(d)), 1}}
	if p := f.c.workPlace(d); p >= 0 {
		row = append(row, term{f.work + p, 1})
	}
	for _, t := range f.c.terms.rows[d] {
		row = append(row, term{f.terms + t.col, t.val})
	}
	return append(row, f.wave(d)...)
}

func (f *fit) wave(d int) []term {
	var out []term
	for i := range f.waves {
		s, c := math.Sincos(2 * math.Pi * float64(i+1) * float64(int(f.c.first)+d) / 365.25)
		out = append(out, term{f.yearly + 2*i, s}, term{f.yearly + 2*i + 1, c})
	}
	return out
}

// run iterates; the result is the coefficients with knot 0 first, nil when the system cannot be solved.
func (f *fit) run() []float64 {
	n := len(f.days)
	if n < 10 {
		return nil
	}
	mean := 0.0
	for _, d := range f.days {
		mean += f.c.total[d] / float64(n)
	}
	if mean <= 0 {
		return nil
	}
	eta := make([]float64, n)
	for i, d := range f.days {
		eta[i] = math.Log((f.c.total[d] + mean) / 2) // between the day and the mean: a start that zeros cannot spoil
	}
	rate := 0.05 // variance of the day's log rate beyond Poisson
	var b []float64
	resid := make([]float64, n)
	for round := range irlsRounds {
		if round == irlsRounds-1 {
			f.chooseWalk()
			f.chooseMonth(f.month, monthPlaces)
			f.chooseMonth(f.work, workPlaces)
		}
		f.ridge.reset()
		for i, d := range f.days {
			mu := math.Exp(eta[i])
			z := (f.c.total[d] - mu) / mu
			w := 1 / (f.c.noise/mu + rate)
			std := z * math.Sqrt(w)
			if a := math.Abs(std); round > 0 && a > huber {
				w *= huber / a
			}
			f.ridge.add(f.rows[i], eta[i]+math.Max(-3, math.Min(z, 3))-f.c.terms.offset[d], w)
		}
		var ok bool
		if b, ok = f.ridge.solve(); !ok {
			return nil
		}
		for i, d := range f.days {
			e := f.c.terms.offset[d]
			for _, t := range f.rows[i] {
				e += b[t.col] * t.val
			}
			eta[i] = math.Min(e, 30)
			mu := math.Exp(eta[i])
			r := (f.c.total[d] - mu) / mu
			resid[i] = math.Sqrt(math.Max(r*r-f.c.noise/mu, 0))
		}
		s := f.rateScatter(resid)
		rate = s * s
		f.scatter = s
	}
	f.fitted = make(map[int]float64, f.c.day-f.first)
	for d := f.first; d < f.c.day; d++ {
		e := f.c.terms.offset[d]
		for _, t := range f.row(d) {
			e += b[t.col] * t.val
		}
		f.fitted[d] = math.Exp(math.Min(e, 30))
	}
	return b
}

// monthScales are the candidate sizes of the month positions, relative to monthSpread.
var monthScales = []float64{0.02, 0.3, 0.6, 1, 1.6}

// chooseMonth sets the size of the positions in the month that the rows of the last round make most likely (empirical
// Bayes): a queue without a monthly rhythm gets none.
func (f *fit) chooseMonth(first, places int) {
	now, best, bestEvidence := 1.0, 1.0, math.Inf(-1)
	set := func(scale float64) {
		f.ridge.rescale(first, places, (now/scale)*(now/scale))
		now = scale
	}
	for _, scale := range monthScales {
		set(scale)
		if _, ok := f.ridge.solve(); !ok {
			continue
		}
		if e := f.ridge.evidence() - float64(places)*math.Log(scale); e > bestEvidence {
			best, bestEvidence = scale, e
		}
	}
	set(best)
}

// rateScatter is a robust standard deviation of the day rates from residuals already freed of Poisson noise.
func (f *fit) rateScatter(resid []float64) float64 {
	v := slices.Clone(resid)
	return math.Min(math.Max(1.4826*median(v), leastRateScatter), 1)
}

// monthly is the log effect of a row's position in the month, by date and by working day.
func (r *regression) monthly(c *cut, d int) float64 {
	e := r.month[monthPlace(c.first+Date(d))]
	if p := c.workPlace(d); p >= 0 {
		e += r.work[p]
	}
	return e
}

// factor gives the calendar effect of a row: month position and special days, events only when asked for.
func (r *regression) factor(c *cut, d int, events bool) float64 {
	e := r.monthly(c, d)
	for _, t := range c.terms.rows[d] {
		if !c.terms.event[t.col] {
			e += r.effects[t.col] * t.val
		}
	}
	if events {
		e += r.events(c, d)
	}
	return math.Exp(e)
}

// events is the log effect of a row's events: the known sizes, and what a regression learnt of the others.
func (r *regression) events(c *cut, d int) float64 {
	e := c.terms.offset[d]
	for _, t := range c.terms.rows[d] {
		if r != nil && c.terms.event[t.col] {
			e += r.effects[t.col] * t.val
		}
	}
	return e
}

// eventsAhead gives the multiplier of the events on every cell of the horizon; nil when there is none. The regression may be
// nil.
func (c *cut) eventsAhead(r *regression) []float64 {
	out := make([]float64, c.end-c.cell)
	some := false
	for i := range out {
		d := (c.cell + i) / c.slots
		if i > 0 && (c.cell+i)%c.slots != 0 {
			out[i] = out[i-1]
			continue
		}
		out[i] = math.Exp(math.Max(-30, math.Min(r.events(c, d), 30)))
		some = some || out[i] != 1
	}
	if !some {
		return nil
	}
	return out
}

// scale multiplies forecasts by the factor of their cell; nil factors change nothing.
func scale(forecast, by []float64) {
	if by == nil {
		return
	}
	for i := range forecast {
		forecast[i] *= by[i]
	}
}

// forecast gives the day total of a row at or after the origin, with the given calendar effect.
func (r *regression) forecast(c *cut, d int, factor float64) float64 {
	e := r.level + r.weekday[c.kind[d]] + math.Log(factor)
	e += r.wave(int(c.first) + d)
	return math.Exp(math.Min(e, 30))
}

// wave is the yearly part at a day number.
func (r *regression) wave(day int) float64 {
	e := 0.0
	for i := 0; i+1 < len(r.yearly); i += 2 {
		s, c := math.Sincos(2 * math.Pi * float64(i/2+1) * float64(day) / 365.25)
		e += r.yearly[i]*s + r.yearly[i+1]*c
	}
	return e
}

// logRatio is log(a / b) with half a contact (in units of the noise) added to both, so that empty days stay finite.
func (h *history) logRatio(a, b float64) float64 { return math.Log((a + h.noise/2) / (b + h.noise/2)) }

// notableEffect is the least factor that is worth telling.
const notableEffect = 0.02

// effectsAhead lists the calendar effects that the horizon uses, in the order in which they first appear.
func (r *regression) effectsAhead(c *cut) []Effect {
	if r == nil {
		return nil
	}
	days := make([]int, len(c.terms.names))
	for d := 0; d < c.day; d++ {
		if !math.IsNaN(c.total[d]) {
			for _, t := range c.terms.rows[d] {
				days[t.col]++
			}
		}
	}
	var out []Effect
	seen := map[int]bool{}
	strongest, lightest := 0.0, 0.0
	for d := c.day; d <= (c.end-1)/c.slots; d++ {
		m := r.monthly(c, d)
		strongest, lightest = math.Max(strongest, m), math.Min(lightest, m)
		for _, t := range c.terms.rows[d] {
			if e := r.effects[t.col]; !seen[t.col] && math.Abs(e) > notableEffect {
				seen[t.col] = true
				out = append(out, Effect{Name: c.terms.names[t.col], Factor: math.Exp(e), Days: days[t.col]})
			}
		}
	}
	for _, e := range []Effect{{Name: "strongest days of the month", Factor: math.Exp(strongest)}, {Name: "weakest days of the month", Factor: math.Exp(lightest)}} {
		if math.Abs(e.Factor-1) > notableEffect {
			e.Days = len(r.fitted)
			out = append(out, e)
		}
	}
	return out
}

// median sorts its argument; NaN for none.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}

// walkScales are the candidate weekly steps of the level, log scale.
var walkScales = []float64{0.01, 0.02, 0.035, 0.06, 0.1, 0.17, 0.25}

// chooseWalk sets the weekly step of the level that the rows make most likely, damped: neighbouring days share noise, which
// the likelihood would take for movement of the level.
func (f *fit) chooseWalk() {
	best, bestEvidence := f.walk, math.Inf(-1)
	set := func(walk float64) {
		f.ridge.rescale(0, f.weekday, (f.walk/walk)*(f.walk/walk))
		f.walk = walk
	}
	for _, walk := range walkScales {
		set(walk)
		if _, ok := f.ridge.solve(); !ok {
			continue
		}
		if e := f.ridge.evidence() - float64(f.weekday-1)*math.Log(walk); e > bestEvidence {
			best, bestEvidence = walk, e
		}
	}
	set(math.Max(best*walkDamping, leastWalk/2))
}

package forecast

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"
)

// Run forecasts every series of the input. It fails only on an invalid input (*fault.Error) or a cancelled context;
// a series without history yields a flat or zero forecast that says so in its explanation.
func Run(ctx context.Context, in Input) (Output, error) {
	if err := in.Validate(); err != nil {
		return Output{}, err
	}
	in.Origin = in.End()
	in.Quantiles = slices.Sorted(slices.Values(in.Quantiles))
	r := &runner{in: &in, grid: newGrid(&in), refused: map[string]bool{}}
	for _, id := range in.Refused {
		r.refused[id] = true
	}
	moves, err := r.handOvers(ctx)
	if err != nil {
		return Output{}, err
	}
	r.moves = moves
	out := Output{Interval: in.Interval, Origin: in.Origin, Until: in.Until, Quantiles: in.Quantiles}
	out.Series, err = r.all(ctx)
	if err != nil {
		return Output{}, err
	}
	return out, nil
}

// runner holds what the series of a run share. Histories are laid out one at a time: a thousand queues of two years would not
// fit at once.
type runner struct {
	in      *Input
	grid    *grid
	refused map[string]bool
	moves   []handOver
}

// all runs every series on as many workers as there are processors; series do not see each other, so order and number of
// workers change nothing.
func (r *runner) all(ctx context.Context) ([]Result, error) {
	n := len(r.in.Series)
	out := make([]Result, n)
	errs := make([]error, n)
	next, done := make(chan int), make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		go func() {
			for i := range next {
				out[i], errs[i] = r.one(ctx, i)
				done <- i
			}
		}()
	}
	go func() {
		for i := range n {
			next <- i
		}
		close(next)
	}()
	for i := range n {
		<-done
		if r.in.Progress != nil {
			r.in.Progress(i+1, n)
		}
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cleaner arranges a series and makes the corrections that concern it alone.
func (r *runner) cleaner(i int) *cleaner {
	k := &cleaner{h: arrange(r.grid.table(&r.in.Series[i]), r.in.calendarOf(i), r.grid.cell(r.in.Origin)), refused: r.refused, clock: r.grid.clock}
	k.cleanAlone()
	return k
}

// handOvers looks for traffic that moved between series.
func (r *runner) handOvers(ctx context.Context) ([]handOver, error) {
	if len(r.in.Series) < 2 {
		return nil, nil
	}
	shifts := make([]*shift, len(r.in.Series))
	for i := range shifts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s, ok := findShift(r.cleaner(i).h); ok {
			shifts[i] = &s
		}
	}
	return findHandOvers(r.in.Series, shifts), nil
}

// calendarOf gives the calendar of a series.
func (in *Input) calendarOf(i int) *dayIndex {
	if c := in.Series[i].Calendar; c != nil {
		return c.index()
	}
	return in.Calendar.index()
}

// one cleans, back-tests, chooses and forecasts one series.
func (r *runner) one(ctx context.Context, i int) (Result, error) {
	in, s, clk := r.in, &r.in.Series[i], r.grid.clock
	k := r.cleaner(i)
	for _, m := range r.moves {
		switch i {
		case m.to:
			k.receive(m, r.cleaner(m.from).h, in.Series)
		case m.from:
			k.acceptHandOver(m, in.Series, -m.share)
		}
	}
	k.finish()
	h := k.h
	origin := h.origin
	end := clk.cell(in.Until.Add(-in.Interval)) + 1
	methods := in.methods()
	watch := newLaps(in.Stopwatch)
	trials, err := runTrials(ctx, h, end-origin, in, methods, watch)
	if err != nil {
		return Result{}, err
	}
	res := Result{Key: s.Key, Corrections: k.list}
	leads := leadsOf(end-origin, h.slots)
	scale := seasonalScale(h)
	c := h.cutAt(origin, end)
	final := forecastAll(c, methods, func(Method) {})
	final[Combined] = missing(end - origin)
	blendTrials(trials, leads)
	openMask := c.mask()
	for _, l := range leads {
		b := learnBlend(trials, l, -1)
		for from := l.from; from < l.to; from += 7 * h.slots {
			b.apply(final[Combined], final, openMask, from, min(from+7*h.slots, l.to))
		}
	}
	volume := missing(end - origin)
	bands := make([]band, len(leads))
	for li, l := range leads {
		for _, m := range methods {
			score, n := judge(trials, m, l, scale)
			if n > 0 {
				res.Backtest = append(res.Backtest, BacktestRow{Method: m, Lead: l.name, Score: score, Origins: n,
					Seconds: watch.spent[m].Seconds() * float64(l.to-l.from) / float64(end-origin)})
			}
		}
		choice := choose(trials, methods, l)
		res.Choices = append(res.Choices, choice)
		for i := l.from; i < l.to; i++ {
			volume[i] = firstNumber(final[choice.Method][i], final[Mean8][i])
		}
		bands[li] = fitBand(residuals(trials, choice.Method, l))
	}
	res.Points = points(in, clk, c, volume, forecastAHT(c), leads, bands)
	res.Explanation = explain(&res, h)
	return res, nil
}

// methods gives the portfolio of the run; the plain baselines are always in it.
func (in *Input) methods() []Method {
	if len(in.Methods) == 0 {
		return Methods()
	}
	var out []Method
	for _, m := range Methods() {
		if m == Snaive || m == Mean4 || m == Mean8 || slices.Contains(in.Methods, m) {
			out = append(out, m)
		}
	}
	return out
}

// residuals lists forecast and actual of a method at a lead over the trials.
func residuals(trials []trial, m Method, l lead) (mean, actual []float64) {
	for i := range trials {
		if from, to, ok := trials[i].inLead(l); ok {
			mean = append(mean, trials[i].forecast[m][from:to]...)
			actual = append(actual, trials[i].actual[from:to]...)
		}
	}
	return mean, actual
}

// points turns cells into instants, closes what is closed and adds quantiles.
func points(in *Input, clk clock, c *cut, volume, aht []float64, leads []lead, bands []band) []Point {
	var out []Point
	open := map[int][]bool{}
	for t := in.Origin; t.Before(in.Until); t = t.Add(in.Interval) {
		cell := clk.cell(t)
		i, d := cell-c.cell, cell/c.slots
		if open[d] == nil {
			open[d] = c.openSlots(d, c.cell)
		}
		p := Point{Start: t.In(clk.zone), Open: open[d][cell%c.slots], AHT: math.NaN()}
		if i >= 0 && i < len(volume) {
			p.AHT = aht[i]
			if p.Open {
				p.Volume = math.Max(0, firstNumber(volume[i], 0))
			}
			b := bandAt(leads, bands, i)
			for _, q := range in.Quantiles {
				p.Quantiles = append(p.Quantiles, b.quantile(p.Volume, q))
			}
		}
		out = append(out, p)
	}
	return out
}

func bandAt(leads []lead, bands []band, i int) band {
	for li, l := range leads {
		if i < l.to {
			return bands[li]
		}
	}
	return band{a: defaultNoise, b: defaultRate}
}

// firstNumber gives the first argument that is a number.
func firstNumber(v ...float64) float64 {
	for _, x := range v {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			return x
		}
	}
	return 0
}

// explain says in sentences what decided.
func explain(r *Result, h *history) []string {
	var out []string
	first := h.firstObserved()
	if first < 0 {
		return append(out, "There is no history before the origin; the forecast is zero until volumes arrive or an expectation is given.")
	}
	out = append(out, fmt.Sprintf("%d days of history, from %s.", h.origin/h.slots-first, h.first+Date(first)))
	for _, c := range r.Choices {
		out = append(out, fmt.Sprintf("%s: %s, %s.", c.Lead, c.Method, c.Reason))
	}
	return out
}

// horizonEnd gives the exclusive end of a horizon of whole local days plus a remainder.
func horizonEnd(origin time.Time, zone *time.Location, d time.Duration) time.Time {
	days := int(d / (24 * time.Hour))
	return origin.In(zone).AddDate(0, 0, days).Add(d % (24 * time.Hour))
}

// HorizonEnd gives the exclusive end of a horizon counted in local days (a day may have 23 or 25 hours) plus the rest.
func HorizonEnd(origin time.Time, zone *time.Location, horizon time.Duration) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	return horizonEnd(origin, zone, horizon)
}

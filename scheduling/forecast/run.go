package forecast

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
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
	r := &runner{in: &in, grid: newGrid(&in), refused: map[string]bool{}, pools: map[string]*profiles{}}
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
	pools   map[string]*profiles // per group
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
	for i := range n {
		if r.in.Series[i].ExpectedWeekly > 0 && len(out[i].Backtest) == 0 {
			r.adopt(i, out)
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

// handOvers looks for traffic that moved between series, and gathers the profiles of groups on the way.
func (r *runner) handOvers(ctx context.Context) ([]handOver, error) {
	if len(r.in.Series) < 2 {
		return nil, nil
	}
	shifts := make([]*shift, len(r.in.Series))
	workers := runtime.GOMAXPROCS(0)
	for some := range slices.Chunk(byKey(r.in.Series), workers) { // a few histories at a time, gathered in the order of keys
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		histories := make([]*history, len(some))
		var work sync.WaitGroup
		for n, i := range some {
			work.Go(func() {
				histories[n] = r.cleaner(i).h
				if s, ok := findShift(histories[n]); ok {
					shifts[i] = &s
				}
			})
		}
		work.Wait()
		for n, i := range some {
			if g := r.in.Series[i].Group; g != "" {
				if r.pools[g] == nil {
					r.pools[g] = &profiles{}
				}
				histories[n].lendTo(r.pools[g])
			}
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
	k := r.cleaner(i)
	for _, m := range r.moves {
		switch i {
		case m.to:
			k.receive(m, r.cleaner(m.from).h, r.in.Series)
		case m.from:
			k.acceptHandOver(m, r.in.Series, -m.share)
		}
	}
	k.h.pool = r.pools[r.in.Series[i].Group]
	k.finish()
	h := k.h
	// Where the clocks go back the last interval may lie on a cell before the origin's: at least one cell is forecast.
	c := h.cutAt(h.origin, max(h.origin, r.grid.cell(r.in.Until.Add(-r.in.Interval)))+1)
	methods := r.in.methods()
	watch := newLaps(r.in.Stopwatch)
	trials, err := runTrials(ctx, h, c.end-c.cell, r.in, methods, watch)
	if err != nil {
		return Result{}, err
	}
	leads := leadsOf(c.end-c.cell, h.slots)
	final, reg := forecastAll(c, methods, func(Method) {})
	blendTrials(trials, leads)
	blendFinal(c, trials, leads, final)
	res := Result{Key: r.in.Series[i].Key, Corrections: k.list}
	res.Backtest = scoreTable(trials, methods, leads, c, seasonalScale(h), watch)
	volume := missing(c.end - c.cell)
	for _, l := range leads {
		choice := choose(trials, methods, l)
		res.Choices = append(res.Choices, choice)
		for i := l.from; i < l.to; i++ {
			volume[i] = firstNumber(final[choice.Method][i], final[Mean8][i])
		}
	}
	scale(volume, c.eventsAhead(reg))
	bands := fitBands(trials, leads, res.Choices)
	if len(leads) > 0 {
		res.Intraday = learnIntraday(trials, res.Choices[0].Method)
	}
	res.Today = c.today(volume, methods, res.Choices, res.Intraday)
	if h.dead() {
		clear(volume)
	}
	res.Effects = reg.effectsAhead(c)
	res.Points = points(r.in, r.grid.clock, c, volume, forecastAHT(c), leads, bands)
	res.Notes = explain(&res, h)
	res.Explanation = texts(res.Notes)
	return res, nil
}

// scoreTable is the back-test table: methods x leads.
func scoreTable(trials []trial, methods []Method, leads []lead, c *cut, scale float64, watch *laps) []BacktestRow {
	var out []BacktestRow
	for _, l := range leads {
		for _, m := range methods {
			score, n := judge(trials, m, l, scale)
			if n > 0 {
				out = append(out, BacktestRow{Method: m, Lead: l.name, Score: score, Origins: n,
					Seconds: watch.spent[m].Seconds() * float64(l.to-l.from) / float64(c.end-c.cell)})
			}
		}
	}
	return out
}

// today applies what has happened of the origin's day to the rest of it; the factor is 1 when the origin is midnight.
func (c *cut) today(volume []float64, methods []Method, choices []Choice, m IntradayModel) float64 {
	if c.cell == c.day*c.slots || len(choices) == 0 {
		return 1
	}
	morning := c.cutAt(c.day*c.slots, min((c.day+1)*c.slots, c.days*c.slots))
	whole, reg := forecastAll(morning, methods, func(Method) {})
	f := whole[choices[0].Method]
	if f == nil { // the blend stays near the decomposition within a day
		f = whole[Decomposed]
	}
	if f == nil {
		f = whole[Mean8]
	}
	scale(f, morning.eventsAhead(reg))
	return c.updateToday(volume, f, m)
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
func residuals(trials []trial, m Method, l lead) []residual {
	var out []residual
	for i := range trials {
		t := &trials[i]
		from, to, ok := t.inLead(l)
		for j := from; j < to && ok; j++ {
			if f := t.forecast[m][j]; f > 0 && !math.IsNaN(t.actual[j]) && t.weight > 0 {
				out = append(out, residual{f, t.actual[j], t.weight})
			}
		}
	}
	return out
}

// points turns cells into instants, closes what is closed and adds quantiles.
func points(in *Input, clk clock, c *cut, volume, aht []float64, leads []lead, bands []band) []Point {
	n := int(in.Until.Sub(in.Origin) / in.Interval)
	out := make([]Point, 0, n)
	all := make([]float64, 0, n*len(in.Quantiles)) // one block for all quantiles: a thousand queues are many points
	open := map[int][]bool{}
	for t := in.Origin; t.Before(in.Until); t = t.Add(in.Interval) {
		cell := clk.cell(t)
		i, d := cell-c.cell, cell/c.slots
		if open[d] == nil {
			open[d] = c.openSlots(d, c.cell)
		}
		p := Point{Start: t.In(clk.zone), Open: open[d][cell%c.slots], AHT: math.NaN()}
		i = min(max(i, 0), len(volume)-1) // the hour repeated at the origin takes the first cell
		p.AHT = aht[i]
		if p.Open {
			p.Volume = math.Max(0, firstNumber(volume[i], 0))
		}
		b := bandAt(leads, bands, i)
		p.Variance = b.variance(p.Volume)
		from := len(all)
		for _, q := range in.Quantiles {
			all = append(all, b.quantile(p.Volume, q))
		}
		p.Quantiles = all[from:len(all):len(all)]
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

// explain says what decided.
func explain(r *Result, h *history) []Note {
	first := h.firstObserved()
	if first < 0 {
		return []Note{say(noteNoHistory, nil, "There is no history before the origin; the forecast is zero until volumes arrive or an expectation is given.")}
	}
	if h.dead() {
		return []Note{say(noteSilent, map[string]any{"days": deadDays}, "No contact arrived in the last %d observed days; the forecast is zero until volumes return.", deadDays)}
	}
	days := h.origin/h.slots - first
	out := []Note{say(noteHistory, map[string]any{"days": days, "date": (h.first + Date(first)).String()}, "%d days of history, from %s.", days, h.first+Date(first))}
	for _, c := range r.Choices {
		out = append(out, say(noteChoice, map[string]any{"lead": c.Lead, "method": string(c.Method)}, "%s: %s, %s.", c.Lead, c.Method, c.Reason))
	}
	if r.Today != 1 {
		moved := 100 * (r.Today - 1)
		out = append(out, say(noteToday, map[string]any{"moved": moved}, "The rest of today is forecast %+.1f %% against the plan, from what has happened so far.", moved))
	}
	for _, e := range r.Effects {
		out = append(out, say(noteEffect, map[string]any{"name": e.Name, "moved": 100 * (e.Factor - 1), "days": e.Days}, "%s: %+.0f %% (learnt from %d days).", e.Name, 100*(e.Factor-1), e.Days))
	}
	if n := len(r.Corrections); n > 0 {
		out = append(out, say(noteCorrected, map[string]any{"count": n}, "%d corrections were made to the history; each can be refused.", n))
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

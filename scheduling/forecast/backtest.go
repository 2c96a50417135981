package forecast

import (
	"context"
	"math"
	"time"
)

// trial is one rolling origin: what each method said, beside what happened.
type trial struct {
	cut      *cut
	scored   int // cells of the horizon that lie before the real origin
	actual   []float64
	plain    []float64 // actual without the effect of events; what the blend learns from
	events   []float64 // multiplier of the events per cell; nil = none
	day      []int
	forecast map[Method][]float64
	mask     []float64 // NaN where closed, as far as known at the origin
	weight   float64   // what it says about the real origin, 0..1
}

// settings of the rolling origins.
const (
	defaultOrigins = 16
	minTrainDays   = 15 // days of history an origin needs before it
)

// origins lists the cells of the rolling origins, the latest first. Each lead finds `want` origins whose range of
// that lead is complete; the step grows with the horizon.
func origins(h *history, horizon int, plan BacktestPlan) []int {
	want := plan.Origins
	if want == 0 {
		want = defaultOrigins
	}
	first := h.firstObserved()
	if first < 0 {
		return nil
	}
	step := int(plan.Every / (24 * time.Hour))
	train := h.origin/h.slots - first
	if step == 0 {
		step = 7
		if train < 7*8 {
			step = max(1, (train-minTrainDays)/(2*want))
		}
	}
	days := (horizon + h.slots - 1) / h.slots
	count := want + (days-1)/step
	if limit := 3 * want; plan.Origins == 0 && count > limit {
		step *= (count + limit - 1) / limit
		count = want + (days-1)/step
	}
	shortest := min(days, 7, step) * h.slots
	var out []int
	for cell := h.origin - shortest; len(out) < count; cell -= step * h.slots {
		if cell/h.slots-first < minTrainDays {
			break
		}
		out = append(out, cell)
	}
	return out
}

// firstObserved gives the first row with an observation, -1 for none.
func (h *history) firstObserved() int {
	for d := 0; d*h.slots < h.origin; d++ {
		if h.observed(d) {
			return d
		}
	}
	return -1
}

// runTrials forecasts every rolling origin with every method.
func runTrials(ctx context.Context, h *history, horizon int, in *Input, methods []Method, watch *laps) ([]trial, error) {
	var out []trial
	for _, cell := range origins(h, horizon, in.Backtest) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := h.cutAt(cell, min(cell+horizon, h.days*h.slots))
		t := trial{cut: c, scored: min(c.end, h.origin) - cell, mask: c.mask(), weight: h.resembles(c)}
		watch.start()
		var reg *regression
		t.forecast, reg = forecastAll(c, methods, watch.lap)
		t.actual = h.raw[cell : cell+t.scored]
		t.plain = t.actual
		if t.events = c.eventsAhead(reg); t.events != nil {
			t.plain = make([]float64, t.scored)
			for i, v := range t.actual {
				t.plain[i] = v / t.events[i]
			}
		}
		t.day = make([]int, t.scored)
		for i := range t.day {
			t.day[i] = (cell + i) / h.slots
		}
		out = append(out, t)
	}
	return out, nil
}

// resembles is the weight of a trial: an origin with less history than the real one forecasts worse, and what it shows of the
// methods is not yet so. Variances of estimates fall with the history, hence the square.
func (h *history) resembles(c *cut) float64 {
	first := h.firstObserved()
	ratio := float64(c.day-first) / math.Max(1, float64(h.origin/h.slots-first))
	return ratio * ratio
}

// laps adds up the time spent per method.
type laps struct {
	watch func() time.Duration
	last  time.Duration
	spent map[Method]time.Duration
}

func newLaps(watch func() time.Duration) *laps {
	return &laps{watch: watch, spent: map[Method]time.Duration{}}
}

func (l *laps) start() {
	if l.watch != nil {
		l.last = l.watch()
	}
}

func (l *laps) lap(m Method) {
	if l.watch != nil {
		now := l.watch()
		l.spent[m] += now - l.last
		l.last = now
	}
}

// inLead gives the part of the trial that a lead covers; ok is false when less than the whole lead has happened.
func (t *trial) inLead(l lead) (from, to int, ok bool) {
	to = min(l.to, t.cut.end-t.cut.cell)
	return l.from, to, to > l.from && to <= t.scored
}

// judge scores a method at a lead over all trials that cover it.
func judge(trials []trial, m Method, l lead, scale float64) (Score, int) {
	var t tally
	n := 0
	for i := range trials {
		from, to, ok := trials[i].inLead(l)
		if !ok {
			continue
		}
		t.add(ScoreInput{
			Actual: trials[i].actual[from:to], Forecast: trials[i].forecast[m][from:to],
			Day: trials[i].day[from:to], Scale: scale,
		})
		n++
	}
	return t.score(), n
}

// seasonalScale is the mean absolute one-week difference of the history, the denominator of MASE.
func seasonalScale(h *history) float64 {
	tot, n := 0.0, 0
	for c := 7 * h.slots; c < h.origin; c++ {
		if d := h.raw[c] - h.raw[c-7*h.slots]; !math.IsNaN(d) {
			tot += math.Abs(d)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return tot / float64(n)
}

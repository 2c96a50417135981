package dayshift

import (
	"math"
	"sync"
)

// lagrange prices the requirement: one multiplier per day and shift says what
// one agent more is worth there, one per agent and limited shift type what one
// shift less is worth. Given the multipliers every agent's best row is found
// alone, which gives a lower bound for the whole problem. The multipliers climb
// along the shortages of these rows with momentum and a step of their own per
// coordinate (Kingma and Ba 2015), which needs no guess of the optimum.
type lagrange struct {
	m     *model
	dps   []*rowDP
	x     []climber // day*shifts+shift, then agent*shifts+shift where a maximum can bind
	best  []int32   // cover multipliers of the best bound, priceScale parts
	bound int64     // best bound in priceScale parts
	rows  [][]int8
	relax []int32
	ok    []bool
	step  int
}

// climber is one multiplier in priceScale parts.
type climber struct {
	value, low, high float64
	mean, square     float64
	fixed            int32 // value rounded, as priced: bounds are exact for it
}

func newLagrange(m *model, threads int) *lagrange {
	cells := m.days * m.shifts
	l := &lagrange{m: m, x: make([]climber, cells+m.agents*m.shifts), best: make([]int32, cells), bound: math.MinInt64, relax: make([]int32, m.agents), ok: make([]bool, m.agents)}
	for range threads {
		l.dps = append(l.dps, &rowDP{m: m})
	}
	for range m.agents {
		row := make([]int8, m.days)
		for d := range row {
			row[d] = Off
		}
		l.rows = append(l.rows, row)
	}
	for k, line := range m.cover {
		under, over := line[0]-line[1], line[len(line)-1]-line[len(line)-2]
		l.x[k].low, l.x[k].high = -float64(over)*priceScale, float64(under)*priceScale
	}
	for i, p := range m.plans {
		for s, limited := range p.limited {
			if limited {
				l.x[cells+i*m.shifts+s].high = float64(noCell) / 64
			}
		}
	}
	return l
}

// price finds every agent's best row at the multipliers; the work is shared by
// the threads, the result does not depend on their number.
func (l *lagrange) price() {
	var wg sync.WaitGroup
	for t, dp := range l.dps {
		wg.Go(func() {
			var prices []int32
			for i := t; i < l.m.agents; i += len(l.dps) {
				prices = l.cellPrices(i, prices)
				l.relax[i], l.ok[i] = dp.solve(i, window{0, l.m.days}, prices, l.rows[i])
			}
		})
	}
	wg.Wait()
}

func (l *lagrange) cellPrices(i int, out []int32) []int32 {
	m := l.m
	out = append(out[:0], m.fixed[i]...)
	width, cells := m.shifts+1, m.days*m.shifts
	for at := range out {
		if out[at] >= noCell {
			continue
		}
		out[at] *= priceScale
		if v := at % width; v > 0 {
			out[at] += l.x[cells+i*m.shifts+v-1].fixed - l.x[at/width*m.shifts+v-1].fixed
		}
	}
	return out
}

// value is the Lagrangian at the multipliers of the last pricing, in priceScale
// parts; false when some agent has no legal row at all.
func (l *lagrange) value() (int64, bool) {
	m, total := l.m, int64(0)
	cells := m.days * m.shifts
	for i, v := range l.relax {
		if !l.ok[i] {
			return 0, false
		}
		total += int64(v)
		for s := range m.shifts {
			total -= int64(l.x[cells+i*m.shifts+s].fixed) * int64(m.p.Agents[i].MaxShifts[s])
		}
	}
	for k, line := range m.cover {
		best := int64(math.MaxInt64)
		for n, c := range line {
			best = min(best, int64(c)*priceScale+int64(l.x[k].fixed)*int64(n))
		}
		total += best
	}
	return total, true
}

// iterate prices once and moves the multipliers by at most about rate points each.
func (l *lagrange) iterate(rate float64) {
	m := l.m
	l.price()
	if v, ok := l.value(); ok && v > l.bound {
		l.bound = v
		for k := range l.best {
			l.best[k] = l.x[k].fixed
		}
	}
	l.step++
	cells := m.days * m.shifts
	have := make([]int, len(l.x))
	for i, row := range l.rows {
		for d, s := range row {
			if s != Off {
				have[d*m.shifts+int(s)]++
				have[cells+i*m.shifts+int(s)]++
			}
		}
	}
	warm1, warm2 := 1-math.Pow(0.9, float64(l.step)), 1-math.Pow(0.99, float64(l.step))
	for k := range l.x {
		x := &l.x[k]
		if x.high <= x.low {
			continue
		}
		var slope float64
		if k < cells {
			slope = l.shortage(k, have[k])
		} else {
			i, s := (k-cells)/m.shifts, (k-cells)%m.shifts
			slope = float64(have[k] - m.p.Agents[i].MaxShifts[s])
		}
		x.mean = 0.9*x.mean + 0.1*slope
		x.square = 0.99*x.square + 0.01*slope*slope
		x.value += rate * priceScale * (x.mean / warm1) / (math.Sqrt(x.square/warm2) + 0.1)
		x.value = min(max(x.value, x.low), x.high)
		x.fixed = int32(math.Round(x.value))
	}
}

// shortage is by how much have is off the numbers at which the cost of cover turns.
func (l *lagrange) shortage(k, have int) float64 {
	line := l.m.cover[k]
	lo := 0
	for lo+1 < len(line) && line[lo+1] < line[lo] {
		lo++
	}
	hi := lo
	for hi+1 < len(line) && line[hi+1] == line[hi] {
		hi++
	}
	switch {
	case have < lo:
		return float64(lo - have)
	case have > hi:
		return float64(hi - have)
	}
	return 0
}

// lowerBound is the best bound found, in points, rounded up: penalties are whole numbers.
func (l *lagrange) lowerBound() int64 {
	if l.bound == math.MinInt64 {
		return 0
	}
	return max(0, int64(math.Ceil(float64(l.bound)/priceScale-1e-9)))
}

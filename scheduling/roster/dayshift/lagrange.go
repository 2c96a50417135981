package dayshift

import (
	"math"
	"slices"
	"sync"
)

// lagrange prices the requirement: one multiplier per day and shift says what
// one agent more is worth there. Given the multipliers, every agent's best row
// is found alone, which gives a lower bound for the whole problem; the averages
// of these rows over the iterations (the volume algorithm of Barahona and Anbil
// 2000) are a fractional roster, from which cells are fixed one after the other.
type lagrange struct {
	m      *model
	dps    []*rowDP
	pi     []int32   // priceScale parts of a point per day*shifts+shift
	best   []int32   // multipliers of the best bound
	bound  int64     // best bound in priceScale parts
	low    []float64 // least and greatest multiplier that make sense
	high   []float64
	exact  []float64   // multipliers before rounding
	cells  [][]int32   // per agent: prices without multipliers; noCell where fixed away
	avg    [][]float32 // per agent and cell: average over iterations
	rows   [][]int8
	relax  []int32
	failed []bool
	steps  int
	step   float64
	stale  int
}

func newLagrange(m *model, threads int) *lagrange {
	l := &lagrange{m: m, pi: make([]int32, m.days*m.shifts), best: make([]int32, m.days*m.shifts), bound: math.MinInt64, step: 1,
		relax: make([]int32, m.agents), failed: make([]bool, m.agents), exact: make([]float64, m.days*m.shifts)}
	for range threads {
		l.dps = append(l.dps, &rowDP{m: m})
	}
	for i := range m.agents {
		l.cells = append(l.cells, append([]int32(nil), m.fixed[i]...))
		l.avg = append(l.avg, make([]float32, m.days*(m.shifts+1)))
		row := make([]int8, m.days)
		for d := range row {
			row[d] = Off
		}
		l.rows = append(l.rows, row)
	}
	for k := range l.pi {
		line := m.cover[k]
		under, over := line[0]-line[1], line[len(line)-1]-line[len(line)-2]
		l.low, l.high = append(l.low, -float64(over)*priceScale), append(l.high, float64(under)*priceScale)
		l.exact[k] = 0.25 * max(0, l.high[k])
		l.pi[k] = int32(l.exact[k])
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
				_, relaxed, ok := dp.best(i, window{0, l.m.days}, prices, l.rows[i])
				l.relax[i], l.failed[i] = relaxed, !ok
			}
		})
	}
	wg.Wait()
}

func (l *lagrange) cellPrices(i int, out []int32) []int32 {
	out = append(out[:0], l.cells[i]...)
	width := l.m.shifts + 1
	for at := range out {
		if out[at] >= noCell {
			continue
		}
		out[at] *= priceScale
		if v := at % width; v > 0 {
			out[at] -= l.pi[at/width*l.m.shifts+v-1]
		}
	}
	return out
}

// value is the Lagrangian at the multipliers of the last pricing, in priceScale parts.
func (l *lagrange) value() int64 {
	total := int64(0)
	for i, v := range l.relax {
		if l.failed[i] {
			return math.MinInt64
		}
		total += int64(v)
	}
	for k, line := range l.m.cover {
		best := int64(math.MaxInt64)
		for n, c := range line {
			v := int64(c)*priceScale + int64(l.pi[k])*int64(n)
			if v > best {
				break // the cost of cover is convex
			}
			best = v
		}
		total += best
	}
	return total
}

// iterate prices once, averages, and moves the multipliers along the average
// surplus and shortage; upper is the penalty of the best roster known.
func (l *lagrange) iterate(upper int64) {
	l.price()
	v := l.value()
	l.steps++
	if v > l.bound {
		l.bound, l.stale = v, 0
		copy(l.best, l.pi)
	} else if l.stale++; l.stale > 12 {
		l.step, l.stale = max(l.step*0.7, 0.02), 0
	}
	alpha := float32(max(0.04, 1/float64(l.steps)))
	width := l.m.shifts + 1
	have := make([]float64, len(l.pi))
	for i, row := range l.rows {
		avg := l.avg[i]
		for at := range avg {
			avg[at] *= 1 - alpha
		}
		for d, s := range row {
			avg[d*width+int(s)+1] += alpha
		}
		for at, x := range avg {
			if s := at % width; s > 0 && x > 0 {
				have[at/width*l.m.shifts+s-1] += float64(x)
			}
		}
	}
	l.move(have, upper, v)
}

// move takes a step from the multipliers of the best bound (volume algorithm).
func (l *lagrange) move(have []float64, upper, value int64) {
	norm := 0.0
	for k := range have {
		have[k] = l.need(k, have[k]) - have[k]
		if (have[k] > 0 && l.exact[k] >= l.high[k]) || (have[k] < 0 && l.exact[k] <= l.low[k]) {
			have[k] = 0
		}
		norm += have[k] * have[k]
	}
	if norm < 1e-9 {
		return
	}
	gap := float64(upper*priceScale - max(value, l.bound))
	gap = max(gap, 0.01*math.Abs(float64(upper))*priceScale)
	step := l.step * gap / norm
	for k := range have {
		l.exact[k] = min(max(float64(l.best[k])*0.5+l.exact[k]*0.5+step*have[k], l.low[k]), l.high[k])
		l.pi[k] = int32(math.Round(l.exact[k]))
	}
}

// need is the number of agents at which the cost of cover turns, nearest to have.
func (l *lagrange) need(k int, have float64) float64 {
	line := l.m.cover[k]
	lo := 0
	for lo+1 < len(line) && line[lo+1] < line[lo] {
		lo++
	}
	hi := lo
	for hi+1 < len(line) && line[hi+1] == line[hi] {
		hi++
	}
	return min(max(have, float64(lo)), float64(hi))
}

// lowerBound is the best bound found, in points, rounded up: penalties are whole numbers.
func (l *lagrange) lowerBound() int64 {
	if l.bound == math.MinInt64 {
		return 0
	}
	return max(0, int64(math.Ceil(float64(l.bound)/priceScale-1e-9)))
}

// fix sets the cells whose average has settled; at least share of the open ones.
// It returns how many stay open.
func (l *lagrange) fix(level float32, share float64) int {
	width := l.m.shifts + 1
	type open struct {
		i, d, v int
		x       float32
	}
	var list []open
	for i := range l.m.agents {
		for d := range l.m.days {
			line := l.cells[i][d*width : (d+1)*width]
			choices, best := 0, 0
			for v, c := range line {
				if c < noCell {
					choices++
					if l.avg[i][d*width+v] > l.avg[i][d*width+best] {
						best = v
					}
				}
			}
			if choices > 1 && line[best] < noCell {
				list = append(list, open{i, d, best, l.avg[i][d*width+best]})
			}
		}
	}
	need := int(math.Ceil(share * float64(len(list))))
	threshold := nth(list, need, func(o open) float32 { return o.x })
	threshold = min(threshold, level)
	undo := map[int][]int32{}
	left := 0
	for _, o := range list {
		if o.x < threshold {
			left++
			continue
		}
		if undo[o.i] == nil {
			undo[o.i] = append([]int32(nil), l.cells[o.i]...)
		}
		for v := range width {
			if v != o.v {
				l.cells[o.i][o.d*width+v] = noCell
			}
		}
	}
	// Cells that cannot stand together are opened again.
	var prices []int32
	for i := range l.m.agents {
		if undo[i] == nil {
			continue
		}
		prices = l.cellPrices(i, prices)
		if _, _, ok := l.dps[0].best(i, window{0, l.m.days}, prices, l.rows[i]); !ok {
			l.cells[i] = undo[i]
		}
	}
	return left
}

// nth gives the n-th greatest key of a list, 2 when n is 0.
func nth[T any](list []T, n int, key func(T) float32) float32 {
	if n <= 0 || len(list) == 0 {
		return 2
	}
	keys := make([]float32, len(list))
	for k, o := range list {
		keys[k] = key(o)
	}
	slices.Sort(keys)
	return keys[max(0, len(keys)-n)]
}

package dayshift

import (
	"math"
	"slices"
	"sync"
)

// block is a part of a roster that is decided anew while the rest stays: the
// days of a window in the rows of some agents. One multiplier per day and shift
// says what one agent more is worth there; given these every agent's best row is
// found alone, which gives a lower bound on the block's cost.
type block struct {
	m      *model
	w      window
	agents []int
	rows   [][]int8  // per agent: the row as it stands, all days
	cells  [][]int32 // per agent: points per cell of the window, noCell where forbidden
	base   []int32   // per cell of the window: agents outside the block
	cover  []slope   // per cell of the window
	limit  [][]int32 // per agent and shift: shifts left in the window, where a maximum can bind
	now    int64     // cost of the block as it stands

	dps      []*rowDP
	dual     []int32    // per cell of the window, priced, in scale parts
	charge   [][]int32  // per agent and shift: what one shift costs more because of its maximum
	stride   [][]int32  // per agent and shift: the next change of the charge
	rents    []rents    // per agent: rents of the outlook
	pool     [][][]int8 // per agent: legal rows known, the days of the window
	found    [][]int8   // per agent: the row of the last pricing
	price    []int32
	relax    []int32
	excess   [][]int32 // per agent and shift: by how much the unlimited row exceeds the maximum
	ok       []bool
	bound    int64   // best lower bound, in scale parts
	center   []int32 // multipliers of the best bound, or those given
	centered bool    // center holds some
	beam     int     // of the row program when it prices; 0 for exact rows
	trimmed  []bool  // per agent: the last pricing may have missed the best row because of the beam
	guess    int64   // what the best bound would be if the rows found were the best
}

// slope is the cost of cover in the form of the restricted master: agents of the
// block needed, price per agent missing and per agent too many.
type slope struct {
	need        int32
	under, over float64
	free        bool // no number of agents costs anything
	full        bool // the others meet the requirement: every agent of the block costs over
}

// newBlock takes the window of some agents out of rows; count is the cover of all rows.
func newBlock(m *model, agents []int, w window, rows [][]int8, count []int32, dps []*rowDP) *block {
	n := (w.b - w.a) * m.shifts
	b := &block{m: m, w: w, agents: agents, dps: dps, base: make([]int32, n), cover: make([]slope, n), dual: make([]int32, n), center: make([]int32, n),
		price: make([]int32, len(agents)), rents: make([]rents, len(agents)), pool: make([][][]int8, len(agents)), relax: make([]int32, len(agents)), ok: make([]bool, len(agents)), trimmed: make([]bool, len(agents)), bound: math.MinInt64, guess: math.MinInt64, beam: pricingBeam}
	copy(b.base, count[w.a*m.shifts:w.b*m.shifts])
	width := m.shifts + 1
	for _, i := range agents {
		row := append([]int8(nil), rows[i]...)
		b.rows = append(b.rows, row)
		b.found = append(b.found, append([]int8(nil), row...))
		b.cells = append(b.cells, append([]int32(nil), m.fixed[i][w.a*width:w.b*width]...))
		b.charge = append(b.charge, make([]int32, m.shifts))
		stride := make([]int32, m.shifts)
		for s := range stride {
			stride[s] = m.scale
		}
		b.stride = append(b.stride, stride)
		b.excess = append(b.excess, make([]int32, m.shifts))
		left := make([]int32, m.shifts)
		for s := range left {
			left[s] = int32(m.p.Agents[i].MaxShifts[s])
		}
		for d, s := range row {
			if s == Off {
				continue
			}
			if d < w.a || d >= w.b {
				left[s]--
			} else {
				b.base[(d-w.a)*m.shifts+int(s)]--
			}
		}
		b.limit = append(b.limit, left)
	}
	for k := range b.cover {
		line := m.cover[w.a*m.shifts+k]
		lo := 0
		for lo+1 < len(line) && line[lo+1] < line[lo] {
			lo++
		}
		b.cover[k] = slope{need: int32(lo) - b.base[k], under: float64(line[0] - line[min(1, len(line)-1)]), over: float64(line[len(line)-1] - line[max(0, len(line)-2)])}
		b.cover[k].free = lo == 0 && line[len(line)-1] == 0
		b.cover[k].full = !b.cover[k].free && b.cover[k].need <= 0
	}
	b.now = b.cost(b.rows)
	return b
}

// cost is the cost of rows in the window, in points.
func (b *block) cost(rows [][]int8) int64 {
	m, width, total := b.m, b.m.shifts+1, int64(0)
	have := append([]int32(nil), b.base...)
	for x, row := range rows {
		for d := b.w.a; d < b.w.b; d++ {
			v := int(row[d])
			if c := m.fixed[b.agents[x]][d*width+v+1]; c < noCell {
				total += int64(c)
			}
			if v != Off {
				have[(d-b.w.a)*m.shifts+v]++
			}
		}
	}
	for k, n := range have {
		total += int64(m.cover[b.w.a*m.shifts+k][n])
	}
	return total
}

// priceRows finds every agent's best row at the multipliers; the work is shared
// by the threads, the result does not depend on their number.
func (b *block) priceRows() { b.priceRange(0, len(b.agents)) }

// priceRange is priceRows for some of the agents.
func (b *block) priceRange(from, to int) {
	var wg sync.WaitGroup
	for t, dp := range b.dps {
		work := func() {
			var prices []int32
			dp.beam = b.beam
			for x := from + t; x < to; x += len(b.dps) {
				prices = b.cellPrices(x, prices)
				row := b.found[x]
				copy(row, b.rows[x])
				dp.ahead.rents.copy(b.rents[x])
				b.priceRow(x, dp, prices, row)
				b.rents[x].copy(dp.ahead.rents)
				dp.ahead.known = far
				copy(b.excess[x], dp.excess)
				b.trimmed[x] = dp.missed
			}
			dp.beam = 0
		}
		if len(b.dps) == 1 {
			work()
			continue
		}
		wg.Go(work)
	}
	wg.Wait()
}

// cut tells whether some row of the last pricing may not be the best one because of the beam.
func (b *block) cut() bool { return slices.Contains(b.trimmed, true) }

// priceRow finds the best row of an agent; a loose program finds a bound and a
// row that may exceed the agent's budgets.
func (b *block) priceRow(x int, dp *rowDP, prices []int32, row []int8) {
	i := b.agents[x]
	dp.missed = false
	if dp.loose {
		b.price[x], b.ok[x] = dp.solve(i, b.w, prices, row)
		if b.relax[x] = b.price[x]; !b.ok[x] {
			b.relax[x] = far
		}
		dp.noteExcess(i, row)
		return
	}
	known, at := b.known(x, prices)
	dp.ahead.known = known
	b.price[x], b.relax[x], b.ok[x] = dp.best(i, b.w, prices, row)
	if !b.ok[x] && at >= 0 {
		copy(row[b.w.a:b.w.b], b.pool[x][at])
		b.price[x], b.ok[x] = known, true
	}
}

// known is the least price among the legal rows of an agent that are known, and
// which it is (-1 when there is none).
func (b *block) known(x int, prices []int32) (int32, int) {
	best, at, width := far, -1, b.m.shifts+1
	for k, row := range b.pool[x] {
		sum := int32(0)
		for d, v := range row {
			c := prices[d*width+int(v)+1]
			if c >= noCell {
				sum = far
				break
			}
			sum += c
		}
		if sum < best {
			best, at = sum, k
		}
	}
	return best, at
}

func (b *block) cellPrices(x int, out []int32) []int32 {
	m := b.m
	out = append(out[:0], b.cells[x]...)
	width := m.shifts + 1
	for d := range b.w.b - b.w.a {
		line, dual, charge := out[d*width:(d+1)*width], b.dual[d*m.shifts:(d+1)*m.shifts], b.charge[x]
		if line[0] < noCell {
			line[0] *= m.scale
		}
		for s := range m.shifts {
			if line[s+1] < noCell {
				line[s+1] = line[s+1]*m.scale + charge[s] - dual[s]
			}
		}
	}
	return out
}

// lagrangian is the lower bound at the multipliers of the last pricing, in scale
// parts, and what it would be if no beam had cut anything off; false when some
// agent has no legal row at all.
func (b *block) lagrangian() (bound, guess int64, ok bool) {
	m, total, more := b.m, int64(0), int64(0)
	for x, v := range b.relax {
		if v >= far {
			return 0, 0, false
		}
		total += int64(v)
		if b.trimmed[x] && b.ok[x] {
			more += max(0, int64(b.price[x])-int64(v))
		}
		for s, c := range b.charge[x] {
			total -= int64(c) * int64(b.limit[x][s])
		}
	}
	for k, base := range b.base {
		line, dual := m.cover[b.w.a*m.shifts+k], int64(b.dual[k])
		best := int64(math.MaxInt64)
		for n := 0; n <= len(b.agents) && int(base)+n < len(line); n++ {
			best = min(best, int64(line[int(base)+n])*int64(m.scale)+dual*int64(n))
		}
		total += best
	}
	return total, total + more, true
}

// improveBound keeps the bound of the last pricing when it is the best, and its
// multipliers when the bound would be the best with the rows found in place of
// those that a beam may have missed.
func (b *block) improveBound() {
	v, guess, ok := b.lagrangian()
	if !ok {
		return
	}
	b.bound = max(b.bound, v)
	if guess > b.guess {
		b.guess = guess
		copy(b.center, b.dual)
		b.centered = true
	}
}

// certify prices with the widest beam at the best multipliers, for the bound that
// a narrow one cannot give; when done, the rest is priced as before.
func (b *block) certify(done func() bool) {
	const perThread = 4
	beam := b.beam
	b.beam = widestBeam
	if b.centered {
		copy(b.dual, b.center)
	}
	for from := 0; from < len(b.agents); from += perThread * len(b.dps) {
		if done() {
			b.beam = beam
		}
		b.priceRange(from, min(len(b.agents), from+perThread*len(b.dps)))
	}
	b.improveBound()
	b.beam = beam
}

// chargeExcess moves the charges of limited shifts along the excess of the last
// pricing, each with a step of its own that grows while the direction lasts and
// shrinks when it turns (Riedmiller and Braun 1993). It tells whether any row
// still exceeds a maximum.
func (b *block) chargeExcess() bool {
	exceeded := false
	for x, i := range b.agents {
		for s, limited := range b.m.plans[i].limited {
			if !limited || b.relax[x] >= far {
				continue
			}
			e, step := b.excess[x][s], &b.stride[x][s]
			switch {
			case e > 0:
				exceeded = true
				if *step < 0 {
					*step = min(-1, *step/2)
					*step = -*step
				} else {
					*step = min(*step*3/2+1, 32*b.m.scale)
				}
			case e < 0 && b.charge[x][s] > 0:
				if *step > 0 {
					*step = -max(1, *step/2)
				} else {
					*step = max(*step*3/2-1, -32*b.m.scale)
				}
			default:
				continue
			}
			b.charge[x][s] = min(max(0, b.charge[x][s]+*step), noCell/64)
		}
	}
	return exceeded
}

// lowerBound is the best bound found in points, rounded up: penalties are whole numbers.
func (b *block) lowerBound() int64 {
	if b.bound == math.MinInt64 {
		return 0
	}
	return max(0, ceilDiv64(b.bound, int64(b.m.scale)))
}

func ceilDiv64(a, b int64) int64 {
	if a <= 0 {
		return a / b
	}
	return (a + b - 1) / b
}

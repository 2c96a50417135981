package dayshift

import (
	"math"
	"math/rand/v2"
)

// searcher improves one state with one random stream.
type searcher struct {
	s       *state
	dp      *rowDP
	rng     *rand.Rand
	moves   int64 // ruin and recreate
	scored  int64 // cell moves
	prices  []int32
	saved   [][]int8
	chosen  []int
	best    [][]int8
	bestVal int64
	bestAt  float64 // fraction of the budget after which the best was found
	onBest  func()
	failed  []int // agents without a legal row
}

func newSearcher(m *model, seed, key uint64) *searcher {
	q := &searcher{s: newState(m), dp: newRowDP(m), rng: rand.New(rand.NewPCG(seed, key^0x9e3779b97f4a7c15)), bestVal: math.MaxInt64}
	q.dp.beam = rowBeam
	return q
}

// keep stores the rows when they are the best so far.
func (q *searcher) keep() {
	if q.s.cost >= q.bestVal {
		return
	}
	q.bestVal = q.s.cost
	if q.best == nil {
		for _, r := range q.s.rows {
			q.best = append(q.best, append([]int8(nil), r...))
		}
	}
	for i, r := range q.s.rows {
		copy(q.best[i], r)
	}
	if q.onBest != nil {
		q.onBest()
	}
}

// load replaces the rows of the state.
func (q *searcher) load(rows [][]int8) {
	for i, r := range rows {
		copy(q.s.rows[i], r)
	}
	q.s.recount()
}

// construct gives each agent in random order the best legal row against what is
// still uncovered. It returns the agents for whom no legal row was found.
func (q *searcher) construct(stop func() bool) []int {
	m := q.s.m
	var failed []int
	whole := window{0, m.days}
	for _, i := range q.rng.Perm(m.agents) {
		if stop() {
			failed = append(failed, i)
			continue
		}
		q.s.remove(i, whole)
		for d := range q.s.rows[i] {
			q.s.rows[i][d] = Off
		}
		if !q.firstRow(i) {
			failed = append(failed, i)
		}
		q.s.insert(i, whole)
	}
	return failed
}

// firstRow fills an empty row. Horizons too long for one run of the program are
// filled four weeks at a time, each with its share of the minutes and weekends.
func (q *searcher) firstRow(i int) bool {
	m, row := q.s.m, q.s.rows[i]
	if m.days > wholeDays {
		if q.firstParts(i) {
			return true
		}
		if m.entries(m.plans[i], &m.p.Agents[i]) > mostEntries {
			return false
		}
	}
	for d := range row {
		row[d] = Off
	}
	q.prices = q.s.prices(i, window{0, m.days}, 4*float64(m.scale), q.rng, q.prices)
	q.dp.ahead.known = beyond
	_, _, ok := q.dp.best(i, window{0, m.days}, q.prices, row)
	return ok
}

// firstParts fills an empty row part by part.
func (q *searcher) firstParts(i int) bool {
	m, row := q.s.m, q.s.rows[i]
	const part = 28
	for to := part; ; to += part {
		to = min(to, m.days)
		// A part that cannot be finished is filled anew together with those before it.
		filled := false
		for try := 0; !filled && try < 12; try++ {
			w := window{max(0, to-part*(1+try%3)), to}
			for d := w.a; d < w.b; d++ {
				row[d] = Off
			}
			filled = q.fillShare(i, w, row, try/3)
		}
		if !filled {
			return false
		}
		if to == m.days {
			return true
		}
	}
}

// fillShare fills a window with the share of minutes, weekends and limited
// shifts that is due by its end; lax lowers the least minutes and raises the rest.
func (q *searcher) fillShare(i int, w window, row []int8, lax int) bool {
	m, a := q.s.m, &q.s.m.p.Agents[i]
	units, used := q.dp.outside(row, w)
	before, all := m.workable(i, w.b), max(1, m.workable(i, m.days))
	share := func(total int) int { return total * before / all }
	sc := scope{low: share(a.MinMinutes/m.unit) - units - (1+4*lax)*int(m.plans[i].longest), high: share(a.MaxMinutes/m.unit) - units + lax*int(m.plans[i].longest),
		weekends: min(a.MaxWeekends, share(a.MaxWeekends)+lax) - used, open: true}
	if w.b == m.days {
		sc = scope{low: ceilDiv(a.MinMinutes, m.unit) - units, high: a.MaxMinutes/m.unit - units, weekends: a.MaxWeekends - used}
	}
	q.prices = q.s.prices(i, w, 4*float64(m.scale), q.rng, q.prices)
	q.dp.ahead.known = beyond
	width := m.shifts + 1
	for s, most := range a.MaxShifts {
		if left := share(most) + lax - count(row, int8(s)); m.plans[i].limited[s] && left <= 0 {
			for d := range w.b - w.a {
				q.prices[d*width+s+1] = noCell
			}
		}
	}
	return q.fillPart(i, w, sc, row)
}

// workable counts the days before a day on which an agent may work at all.
func (m *model) workable(i, before int) int {
	n, width := 0, m.shifts+1
	for d := range before {
		for _, c := range m.fixed[i][d*width+1 : (d+1)*width] {
			if c < noCell {
				n++
				break
			}
		}
	}
	return n
}

// fillPart fills one part of a long row and keeps the maxima per shift type.
func (q *searcher) fillPart(i int, w window, sc scope, row []int8) bool {
	m := q.s.m
	for range 40 {
		if _, ok := q.dp.solveScope(i, w, sc, q.prices, row); !ok {
			for d := w.a; d < w.b; d++ {
				row[d] = Off
			}
			return false
		}
		clean := true
		for s, limited := range m.plans[i].limited {
			if over := count(row, int8(s)) - m.p.Agents[i].MaxShifts[s]; limited && over > 0 {
				clean = false
				q.dp.forbid(w, q.prices, row, int8(s), over)
			}
		}
		if clean {
			return true
		}
		for d := w.a; d < w.b; d++ {
			row[d] = Off
		}
	}
	return false
}

// wholeDays is the longest horizon for which the row program runs in one go.
const wholeDays = 100

// recreate ruins the rows of k agents within a window and builds them anew one
// after the other with noise on the prices; the old rows return when the result
// loses more than allow.
func (q *searcher) recreate(agents []int, w window, noise, allow float64) bool {
	before := q.s.cost
	for len(q.saved) < len(agents) {
		q.saved = append(q.saved, make([]int8, q.s.m.days))
	}
	for x, i := range agents {
		copy(q.saved[x], q.s.rows[i])
		q.s.remove(i, w)
	}
	done := 0
	for _, i := range agents {
		q.prices = q.s.prices(i, w, noise, q.rng, q.prices)
		q.dp.ahead.known = q.known(i, w)
		if _, _, ok := q.dp.best(i, w, q.prices, q.s.rows[i]); !ok {
			copy(q.s.rows[i], q.saved[done])
		}
		q.s.insert(i, w)
		done++
	}
	q.moves++
	if float64(q.s.cost-before) <= allow {
		return true
	}
	for x, i := range agents {
		q.s.remove(i, w)
		copy(q.s.rows[i], q.saved[x])
		q.s.insert(i, w)
	}
	return false
}

// known is the price of the row as it stands in a window, of which only a better
// one is wanted; beyond when it is not legal.
func (q *searcher) known(i int, w window) int32 {
	if hasInt(q.failed, i) {
		return beyond
	}
	sum, width := int32(0), q.s.m.shifts+1
	for d := w.a; d < w.b; d++ {
		c := q.prices[(d-w.a)*width+int(q.s.rows[i][d])+1]
		if c >= noCell {
			return beyond
		}
		sum += c
	}
	return min(sum, beyond)
}

// pick draws k different agents.
func (q *searcher) pick(k int) []int {
	q.chosen = q.chosen[:0]
	for len(q.chosen) < min(k, q.s.m.agents) {
		i := q.rng.IntN(q.s.m.agents)
		if !hasInt(q.chosen, i) {
			q.chosen = append(q.chosen, i)
		}
	}
	return q.chosen
}

// allow draws how much a move may lose at a temperature (Metropolis).
func (q *searcher) allow(temp float64) float64 {
	if temp <= 0 {
		return 0
	}
	return -temp * math.Log(max(q.rng.Float64(), 1e-12))
}

// Days of the windows in which rows are ruined: at least so many, up to so many
// more. Horizons up to windowDays are also filled in one go. On longer ones short
// windows alone would hold the minutes and weekends of every part where they are.
const (
	windowDays      = 56
	windowLeast     = 5
	windowMoreShort = 16
	windowMore      = 40
)

func (q *searcher) randomWindow() window {
	days := q.s.m.days
	if days <= windowDays && q.rng.IntN(5) == 0 {
		return window{0, days}
	}
	most := windowMore
	if days <= windowDays {
		most = windowMoreShort
	}
	n := min(days, windowLeast+q.rng.IntN(most))
	a := q.rng.IntN(days - n + 1)
	return window{a, a + n}
}

// aim moves a window over a day where an agent is missing and takes someone who
// may work there among the agents.
func (q *searcher) aim(agents []int, w *window) {
	m := q.s.m
	cells := len(q.s.count)
	from := q.rng.IntN(cells)
	for n := range cells {
		k := (from + n) % cells
		line := m.cover[k]
		if have := q.s.count[k]; int(have)+1 >= len(line) || line[have+1] >= line[have] {
			continue
		}
		d, s := k/m.shifts, k%m.shifts
		if days := w.b - w.a; days < m.days {
			w.a = min(max(0, d-q.rng.IntN(days)), m.days-days)
			w.b = w.a + days
		}
		for range 8 {
			i := q.rng.IntN(m.agents)
			if m.fixed[i][d*(m.shifts+1)+s+1] < noCell && int(q.s.rows[i][d]) != s && !hasInt(agents, i) {
				agents[q.rng.IntN(len(agents))] = i
				return
			}
		}
		return
	}
}

// annealRows is annealing by ruin and recreate while fraction runs from one value to another.
func (q *searcher) annealRows(hot, cold float64, from, to float64, fraction func() float64, stop func() bool) {
	for round := 0; !stop(); round++ {
		f := (fraction() - from) / (to - from)
		if f >= 1 {
			return
		}
		temp := hot * math.Pow(cold/hot, f)
		for range 8 {
			k := 1
			if q.rng.IntN(2) == 0 {
				k = 2 + q.rng.IntN(3)
			}
			agents, w := q.pick(k), q.randomWindow()
			if q.rng.IntN(2) == 0 {
				q.aim(agents, &w)
			}
			q.recreate(agents, w, temp*float64(q.s.m.scale)*0.5, q.allow(temp))
			q.keep()
		}
		if round%cellEvery == 0 {
			q.cellMoves(temp)
		}
	}
}

// Cell moves come in bursts between the rebuilt rows.
const (
	cellEvery = 8
	cellBurst = 4000
)

// cellMoves runs a burst of annealing over cells at a temperature.
func (q *searcher) cellMoves(temp float64) {
	if len(q.failed) > 0 {
		return // cell moves assume legal rows
	}
	c := newCells(q.s, q.rng)
	for k := range cellBurst {
		c.step(temp)
		if k%1000 == 999 {
			q.keep()
		}
	}
	q.scored += c.moves
}

package dayshift

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// plan is the state space of the row program, shared by agents with equal rules.
//
// A state is a day off (how many in a row, capped at the least) or a worked day
// (how many in a row, and the class of the last shift). Shifts are of one class
// when the same shifts may follow them. A run that began on the first day of the
// horizon is exempt from the least length; until it has that length anyway it
// lives in states of its own (free). Shifts of equal length, class and allowed
// predecessors form one group: on a day only the cheapest of a group matters.
type plan struct {
	maxRun, minRun, minOff int
	groups                 [][]int8 // shift types per group
	length                 []int32  // units per group
	class                  []int    // class per group
	classOf                []int    // class per shift
	classes                int
	follow                 [][]int // per class: groups that may follow
	limited                []bool  // per shift: the maximum can bind
	counted                []int8  // shifts whose maximum is part of the state
	states                 int
	arcs                   [][]arc // per state: the worked days that may follow
	fresh                  []arc   // the same for rested agents on the first day of the horizon
	rest                   []int   // per state: the state after one day off, -1 when it may not end here
	longest                int32
}

// arc is one way to go on with a worked day; count is the position of the shift
// among the counted ones plus one, 0 when it is not counted.
type arc struct{ group, length, to, count int32 }

// countedMost bounds how many combinations of counted shifts a state may have
// (and these with weekends; a state's origin has nine bits for both).
const (
	countedMost = 48
	originMost  = 512
)

// count chooses the shifts with the smallest maxima to be part of the state, as
// long as the table stays small enough.
func (m *model) count(p *plan, a *Agent) {
	var order []int8
	for s, limited := range p.limited {
		if limited && p.classOf[s] >= 0 {
			order = append(order, int8(s))
		}
	}
	slices.SortStableFunc(order, func(s, t int8) int { return cmp.Compare(a.MaxShifts[s], a.MaxShifts[t]) })
	k := 1
	for _, s := range order {
		if k *= a.MaxShifts[s] + 1; k > countedMost || k*(a.MaxWeekends+1) > originMost || m.days <= wholeDays && k*m.entries(p, a) > mostEntries {
			break
		}
		p.counted = append(p.counted, s)
	}
}

// countOf is the position of a group's shift among the counted ones plus one.
func (p *plan) countOf(g int) int32 {
	return int32(slices.Index(p.counted, p.groups[g][0]) + 1)
}

func planKey(a *Agent) string {
	return fmt.Sprint(a.MaxShifts, a.MaxRun, a.MinRun, a.MinOff, a.MaxWeekends)
}

func (m *model) newPlan(a *Agent) *plan {
	p := &plan{maxRun: min(a.MaxRun, m.days), minRun: max(1, min(a.MinRun, min(a.MaxRun, m.days)+1)), minOff: min(max(1, a.MinOff), m.days), classOf: make([]int, m.shifts), limited: make([]bool, m.shifts)}
	classes, groups := map[string]int{}, map[string]int{}
	for s := range m.shifts {
		if a.MaxShifts[s] == 0 {
			p.classOf[s] = -1
			continue
		}
		p.limited[s] = a.MaxShifts[s] < m.days
		key := fmt.Sprint(m.after[s])
		if _, ok := classes[key]; !ok {
			classes[key] = len(classes)
		}
		p.classOf[s] = classes[key]
	}
	p.classes = max(1, len(classes))
	p.states = p.minOff + (p.maxRun+p.minRun-1)*p.classes
	m.count(p, a)
	p.follow = make([][]int, p.classes)
	for s := range m.shifts {
		if p.classOf[s] < 0 {
			continue
		}
		before := make([]bool, m.shifts)
		for t := range m.shifts {
			before[t] = m.after[t][s]
		}
		key := fmt.Sprint(m.length[s], p.classOf[s], before, slices.Index(p.counted, int8(s)))
		g, ok := groups[key]
		if !ok {
			g = len(groups)
			groups[key] = g
			p.groups, p.length, p.class = append(p.groups, nil), append(p.length, m.length[s]), append(p.class, p.classOf[s])
			for t := range m.shifts {
				if k := p.classOf[t]; k >= 0 && m.after[t][s] && !hasInt(p.follow[k], g) {
					p.follow[k] = append(p.follow[k], g)
				}
			}
		}
		p.groups[g] = append(p.groups[g], int8(s))
		p.longest = max(p.longest, m.length[s])
	}
	p.link()
	return p
}

// link lists the transitions of every state.
func (p *plan) link() {
	p.arcs, p.rest = make([][]arc, p.states), make([]int, p.states)
	for st := range p.states {
		if st < p.minOff {
			p.rest[st] = min(st+1, p.minOff-1)
			continue
		}
		run, class, free := p.onOf(st)
		p.rest[st] = -1
		if free || run >= p.minRun {
			p.rest[st] = 0
		}
		if run < p.maxRun {
			for _, g := range p.follow[class] {
				p.arcs[st] = append(p.arcs[st], arc{int32(g), p.length[g], int32(p.onState(run+1, p.class[g], free)), p.countOf(g)})
			}
		}
	}
	if p.maxRun == 0 {
		return
	}
	for g := range p.groups {
		p.arcs[p.minOff-1] = append(p.arcs[p.minOff-1], arc{int32(g), p.length[g], int32(p.onState(1, p.class[g], false)), p.countOf(g)})
		p.fresh = append(p.fresh, arc{int32(g), p.length[g], int32(p.onState(1, p.class[g], true)), p.countOf(g)})
	}
}

func hasInt(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// offState is the state of o days off in a row (o >= 1, capped).
func (p *plan) offState(o int) int { return min(o, p.minOff) - 1 }

// onState is the state of r days worked in a row that end with a shift of class k.
func (p *plan) onState(r, k int, free bool) int {
	if free && r < p.minRun {
		return p.minOff + (p.maxRun+r-1)*p.classes + k
	}
	return p.minOff + (r-1)*p.classes + k
}

// onOf takes a worked state apart.
func (p *plan) onOf(state int) (run, class int, free bool) {
	run, class = (state-p.minOff)/p.classes+1, (state-p.minOff)%p.classes
	if run > p.maxRun {
		return run - p.maxRun, class, true
	}
	return run, class, false
}

// rowDP holds the tables of the row program; one per goroutine.
type rowDP struct {
	m      *model
	value  []int32 // layers of today and tomorrow
	from   []uint32
	gcost  []int32
	gpick  []int8
	rem    []int // weekends that begin on this day or later, inside the window
	lo, hi []int32
	extra  []int32 // copy of the prices while maxima are enforced
	ahead  outlook
	sizes  []int32 // per counted shift: shifts left in the window plus one
	places []int32 // per counted shift: its place value in the combination
	mark   []int32 // per line (weekends, counts, units) of every layer: the run that wrote it
	run    int32
	excess []int32 // per shift: by how much the last row exceeded its maximum before that was enforced
	solved int64
}

func newRowDP(m *model) *rowDP { return &rowDP{m: m, ahead: outlook{known: far}} }

// window is the part of a row that the program may choose: days [a, b), the rest stays.
type window struct{ a, b int }

// best writes the cheapest legal choice for the days of the window into row and
// returns its price; cost[(day-a)*(shifts+1)+shift+1] prices the cells. It
// returns false, and leaves the row alone, when no legal choice exists. Maxima
// per shift type are enforced by repeated solves that forbid the least valuable
// excess cells, so the row is legal but then need not be optimal; relaxed is
// the price before that, a lower bound (far when even that has no solution).
// When the outlook knows a row, only a cheaper one counts as a choice.
func (r *rowDP) best(i int, w window, cost []int32, row []int8) (price, relaxed int32, ok bool) {
	r.excess = append(r.excess[:0], make([]int32, r.m.shifts)...)
	price, ok = r.solve(i, w, cost, row)
	relaxed = price
	if !ok {
		return 0, r.ahead.known, false
	}
	p := r.m.plans[i]
	for s, limited := range p.limited {
		if limited {
			r.excess[s] = int32(count(row, int8(s)) - r.m.p.Agents[i].MaxShifts[s])
		}
	}
	for round := range 40 {
		clean := true
		for s, limited := range p.limited {
			over := 0
			if limited {
				over = count(row, int8(s)) - r.m.p.Agents[i].MaxShifts[s]
			}
			if over <= 0 {
				continue
			}
			if clean && round == 0 {
				r.extra = append(r.extra[:0], cost...)
			}
			clean = false
			if !r.forbid(w, r.extra, row, int8(s), over) {
				return 0, relaxed, false
			}
		}
		if clean {
			return price, relaxed, true
		}
		if price, ok = r.solve(i, w, r.extra, row); !ok {
			return 0, relaxed, false
		}
	}
	return 0, relaxed, false
}

func count(row []int8, shift int8) int {
	n := 0
	for _, v := range row {
		if v == shift {
			n++
		}
	}
	return n
}

// forbid prices out the excess cells of a shift type for which another cell of the day is cheapest.
func (r *rowDP) forbid(w window, cost []int32, row []int8, s int8, over int) bool {
	width := r.m.shifts + 1
	for range over {
		at, least := -1, int32(0)
		for d := w.a; d < w.b; d++ {
			line := cost[(d-w.a)*width : (d-w.a+1)*width]
			if row[d] != s || line[s+1] >= noCell {
				continue
			}
			other := noCell
			for t, c := range line {
				if t != int(s)+1 {
					other = min(other, c)
				}
			}
			if loss := other - line[s+1]; at < 0 || loss < least {
				at, least = d, loss
			}
		}
		if at < 0 {
			return false
		}
		cost[(at-w.a)*width+int(s)+1] = noCell
	}
	return true
}

const far = int32(1) << 30

// offGroup stands for the day off where a group is expected.
const offGroup = 127

// pack stores where a state came from: its state (16 bits), the weekends left (9) and the group chosen (7).
func pack(st, g, x int) uint32 { return uint32(st)<<16 | uint32(x)<<7 | uint32(g) }

// scope bounds what a window may hold: units of minutes, weekends, and whether
// the days after it are still undecided.
type scope struct {
	low, high, weekends int
	open                bool
}

// solve runs the program once, with the rest of the row as it stands.
func (r *rowDP) solve(i int, w window, cost []int32, row []int8) (int32, bool) {
	a := &r.m.p.Agents[i]
	minutes, used := r.outside(row, w)
	return r.solveScope(i, w, scope{low: ceilDiv(a.MinMinutes, r.m.unit) - minutes, high: a.MaxMinutes/r.m.unit - minutes, weekends: a.MaxWeekends - used}, cost, row)
}

// solveScope runs the program once within given bounds.
func (r *rowDP) solveScope(i int, w window, sc scope, cost []int32, row []int8) (int32, bool) {
	p, a := r.m.plans[i], &r.m.p.Agents[i]
	r.solved++
	low, high, slack := max(sc.low, 0), sc.high, sc.weekends
	if high < 0 || slack < 0 {
		return 0, false
	}
	n := w.b - w.a
	r.prepare(p, w, cost, row)
	slack = min(slack, r.rem[0])
	high = min(high, int(p.longest)*n)
	if low > high {
		return 0, false
	}
	if !r.bands(p, n, int32(low), int32(high)) {
		return 0, false
	}
	k := r.combinations(i, p, w, row)
	t := table{p: p, w: w, n: n, ms: high + 1, ws: slack + 1, k: k, cost: cost, row: row}
	t.layer = t.ws * t.k * t.ms * p.states
	if cap(r.value) < 2*t.layer {
		r.value = make([]int32, 2*t.layer)
	}
	if need := (n + 1) * t.layer; cap(r.from) < need {
		r.from = make([]uint32, need)
	}
	if need := (n + 1) * t.layer / p.states; cap(r.mark) < need {
		r.mark, r.run = make([]int32, need), 0
	}
	r.value, r.from, r.mark = r.value[:cap(r.value)], r.from[:cap(r.from)], r.mark[:cap(r.mark)]
	start, ends := r.startState(p, w, row), r.endStates(p, a, w, row, sc.open)
	r.foresee(&t, budgets{int32(low), int32(high), int32(slack)}, start, ends)
	for more := r.ahead.narrow(r.m.scale); more; more = r.ahead.widen() {
		if price, ok := r.push(&t, low, high, start, ends); ok {
			return price, true
		}
	}
	return 0, false
}

// table is the shape of one run: a window of n days, ms units, ws weekends and k
// combinations of counted shifts; layer entries a day.
type table struct {
	p                   *plan
	w                   window
	n, ms, ws, k, layer int
	cost                []int32
	row                 []int8
}

// combinations says how many of each counted shift are left in the window, and
// in how many combinations.
func (r *rowDP) combinations(i int, p *plan, w window, row []int8) int {
	k := 1
	r.sizes, r.places = r.sizes[:0], r.places[:0]
	for _, s := range p.counted {
		left := r.m.p.Agents[i].MaxShifts[s]
		for d, v := range row {
			if v == s && (d < w.a || d >= w.b) {
				left--
			}
		}
		left = min(max(left, 0), w.b-w.a)
		r.places = append(r.places, int32(k))
		r.sizes = append(r.sizes, int32(left+1))
		k *= left + 1
	}
	return k
}

// push runs all days within the limit of the outlook.
func (r *rowDP) push(t *table, low, high, start int, ends []bool) (int32, bool) {
	if r.run == math.MaxInt32 {
		clear(r.mark)
		r.run = 0
	}
	r.run++
	lines := t.layer / t.p.states
	line := (t.ws*t.k - 1) * t.ms
	r.open(0, t, line)[start] = 0
	from, to := int32(0), int32(0) // units reached
	for d := range t.n {
		from, to = r.advance(t, d, max(from, r.lo[d]), min(to, r.hi[d]), r.mark[d*lines:(d+1)*lines])
		if from > to {
			return 0, false
		}
		to += t.p.longest
	}
	return r.finish(t, ends, max(low, int(from)), min(high, int(to)))
}

// open is a line of states of a layer, emptied when this run has not written it.
func (r *rowDP) open(d int, t *table, line int) []int32 {
	states := r.value[d%2*t.layer+line*t.p.states:][:t.p.states]
	if at := &r.mark[d*(t.layer/t.p.states)+line]; *at != r.run {
		*at = r.run
		for k := range states {
			states[k] = far
		}
	}
	return states
}

// entries is the number of entries of a run over the whole horizon that counts no shifts.
func (m *model) entries(p *plan, a *Agent) int {
	return (m.days + 1) * (min(a.MaxWeekends, m.days/7+1) + 1) * (a.MaxMinutes/m.unit + 1) * p.states
}

// mostEntries is the largest table, in entries of four bytes, for a whole row;
// of it a run touches the small part that its outlook leaves.
const mostEntries = 64_000_000

// outside sums what the days outside the window use up: units of minutes and
// weekends. A weekend cut by the window's edge counts when its outer day is worked.
func (r *rowDP) outside(row []int8, w window) (units, used int) {
	for d, s := range row {
		if s != Off && (d < w.a || d >= w.b) {
			units += int(r.m.length[s])
		}
	}
	used = weekends(row, 0, w.a) + weekends(row, w.b, len(row))
	return units, used
}

// prepare reduces the prices to groups and counts the weekends to come.
func (r *rowDP) prepare(p *plan, w window, cost []int32, row []int8) {
	n, width, gs := w.b-w.a, r.m.shifts+1, len(p.groups)
	if cap(r.gcost) < n*gs {
		r.gcost, r.gpick = make([]int32, n*gs), make([]int8, n*gs)
	}
	r.gcost, r.gpick = r.gcost[:n*gs], r.gpick[:n*gs]
	for d := range n {
		for g, list := range p.groups {
			best, pick := far, list[0]
			for _, s := range list {
				if c := cost[d*width+int(s)+1]; c < best {
					best, pick = c, s
				}
			}
			r.gcost[d*gs+g], r.gpick[d*gs+g] = best, pick
		}
	}
	r.rem = append(r.rem[:0], make([]int, n+1)...)
	for d := n - 1; d >= 0; d-- {
		r.rem[d] = r.rem[d+1]
		if (w.a+d)%7 == 6 && d == 0 || (w.a+d)%7 == 5 {
			r.rem[d]++
		}
	}
	// On a Sunday the weekend of the day before can still be opened.
	for d := 1; d < n; d++ {
		if (w.a+d)%7 == 6 {
			r.rem[d] = r.rem[d-1]
		}
	}
}

// bands gives per day the units that can still lead to a legal total; false when
// there is a day without any.
func (r *rowDP) bands(p *plan, n int, low, high int32) bool {
	r.lo, r.hi = append(r.lo[:0], make([]int32, n+1)...), append(r.hi[:0], make([]int32, n+1)...)
	for d := 0; d <= n; d++ {
		left := n - d
		cycle := p.maxRun + p.minOff
		work := left/cycle*p.maxRun + min(left%cycle, p.maxRun)
		r.lo[d] = max(0, low-int32(work)*p.longest)
		r.hi[d] = min(high, int32(d)*p.longest)
		if r.lo[d] > r.hi[d] {
			return false
		}
	}
	return true
}

// startState is the state of the day before the window.
func (r *rowDP) startState(p *plan, w window, row []int8) int {
	if w.a == 0 {
		return p.offState(p.minOff)
	}
	d := w.a - 1
	e := d
	for e >= 0 && (row[e] == Off) == (row[d] == Off) {
		e--
	}
	if row[d] == Off {
		if e < 0 {
			return p.offState(p.minOff)
		}
		return p.offState(d - e)
	}
	return p.onState(min(d-e, p.maxRun), p.classOf[row[d]], e < 0)
}

// advance pushes the states of one day with units low..high to the next, save
// those that cannot lead to a row as good as one known; it returns the least and
// most units of those pushed.
func (r *rowDP) advance(t *table, d int, low, high int32, mark []int32) (least, most int32) {
	p, day, gs := t.p, t.w.a+d, len(t.p.groups)
	offCost := t.cost[d*(r.m.shifts+1)]
	gcost := r.gcost[d*gs : (d+1)*gs]
	saturday, sunday := r.weekend(day, t.w, t.row)
	rem := r.rem[d+1]
	if d+1 == t.n {
		rem = 0
	}
	states, top := p.states, r.hi[d+1]
	cur, next, from := r.value[d%2*t.layer:][:t.layer], r.value[(d+1)%2*t.layer:][:t.layer], r.from[(d+1)*t.layer:(d+2)*t.layer]
	tail := r.ahead.tail[d*states:][:states]
	least, most = far, -1
	for x := range t.ws * t.k {
		ends, combo := x/t.k, x%t.k
		restX := min(ends, rem)*t.k + combo
		extra := r.ahead.rented(combo, r.sizes)
		for u := low; u <= high; u++ {
			if mark[x*t.ms+int(u)] != r.run {
				continue
			}
			line := cur[(x*t.ms+int(u))*states:][:states]
			restLine := restX*t.ms + int(u)
			rest, restFrom := r.open(d+1, t, restLine), from[restLine*states:][:states]
			limit := r.ahead.limit(u, int32(ends)) + extra
			for st, v := range line {
				if v >= far || v+tail[st] > limit {
					continue
				}
				least, most = min(least, u), max(most, u)
				if to := p.rest[st]; to >= 0 && offCost < noCell {
					if c := v + offCost; c < rest[to] {
						rest[to], restFrom[to] = c, pack(st, offGroup, x)
					}
				}
				y := ends
				if saturday || (sunday && st < p.minOff) {
					if y--; y < 0 {
						continue
					}
				}
				y = min(y, rem)*t.k + combo
				arcs, source := p.arcsOn(st, day), pack(st, 0, x)
				for k := range arcs {
					a := &arcs[k]
					c := gcost[a.group]
					if c >= noCell || u+a.length > top {
						continue
					}
					z := y
					if a.count > 0 {
						place := int(r.places[a.count-1])
						if combo/place%int(r.sizes[a.count-1]) == 0 {
							continue
						}
						z -= place
					}
					to := z*t.ms + int(u+a.length)
					r.open(d+1, t, to)
					at := to*states + int(a.to)
					if c += v; c < next[at] {
						next[at], from[at] = c, source|uint32(a.group)
					}
				}
			}
		}
	}
	return least, most
}

// weekend tells whether work on a day opens a weekend: always (a Saturday), or
// when the day before was off (a Sunday).
func (r *rowDP) weekend(day int, w window, row []int8) (saturday, sunday bool) {
	saturday, sunday = day%7 == 5, day%7 == 6
	// A Saturday whose Sunday is fixed as worked has been counted outside.
	if saturday && day+1 == w.b && w.b < r.m.days && row[w.b] != Off {
		saturday = false
	}
	return saturday, sunday
}

// finish picks the cheapest last state that fits what follows the window, and walks back.
func (r *rowDP) finish(t *table, ends []bool, low, high int) (int32, bool) {
	p, n := t.p, t.n
	best, at := r.ahead.most()+1, -1
	for x := range t.ws * t.k {
		for u := low; u <= high; u++ {
			line := x*t.ms + u
			if r.mark[n*(t.layer/p.states)+line] != r.run {
				continue
			}
			for st, v := range r.value[n%2*t.layer+line*p.states:][:p.states] {
				if ends[st] && v < best {
					best, at = v, line*p.states+st
				}
			}
		}
	}
	if at < 0 {
		return 0, false
	}
	for d := n; d > 0; d-- {
		f := r.from[d*t.layer+at]
		st, g, x := int(f>>16), int(f&offGroup), int(f>>7&511)
		u := at / p.states % t.ms
		if g == offGroup {
			t.row[t.w.a+d-1] = Off
		} else {
			t.row[t.w.a+d-1] = r.gpick[(d-1)*len(p.groups)+g]
			u -= int(p.length[g])
		}
		at = (x*t.ms+u)*p.states + st
	}
	return best, true
}

// endStates says which states fit the fixed days after the window.
func (r *rowDP) endStates(p *plan, a *Agent, w window, row []int8, undecided bool) []bool {
	ok := make([]bool, p.states)
	m := r.m
	if undecided || w.b == m.days {
		for st := range ok {
			ok[st] = true
		}
		return ok
	}
	e := w.b
	for e < m.days && (row[e] == Off) == (row[w.b] == Off) {
		e++
	}
	after, open := e-w.b, e == m.days
	for st := range ok {
		if st < p.minOff {
			if row[w.b] == Off {
				ok[st] = open || st+1+after >= p.minOff
			} else {
				ok[st] = st == p.minOff-1 && (open || after >= p.minRun)
			}
			continue
		}
		run, class, free := p.onOf(st)
		if row[w.b] == Off {
			ok[st] = (free || run >= p.minRun) && (open || after >= p.minOff)
			continue
		}
		follows := false
		for _, g := range p.follow[class] {
			for _, s := range p.groups[g] {
				follows = follows || s == row[w.b]
			}
		}
		ok[st] = follows && run+after <= a.MaxRun && (free || open || run+after >= p.minRun)
	}
	return ok
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

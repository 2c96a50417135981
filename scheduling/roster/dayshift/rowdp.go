package dayshift

// rowDP holds the tables of the row program; one per goroutine.
type rowDP struct {
	m      *model
	labels []label // of all days, one day after the other
	slot   []int32 // per place: the label that was last put there
	room   []int32 // per units used: the most that price and outlook may sum up to
	bonus  []int32 // the same, on top, per weekends and counted shifts left
	gcost  []int32
	gpick  []int8
	rem    []int // weekends that begin on this day or later, inside the window
	lo, hi []int32
	extra  []int32 // copy of the prices while maxima are enforced
	ahead  outlook
	loose  bool // only the outlook: rows may exceed the budgets, prices are bounds
	beam   int  // labels of a day that a run goes on from, about; 0 for all
	cut    bool // the last solve left labels aside because of the beam
	missed bool // the last best choice may not be the best because of the beam
	crowd  [crowds]int32
	sizes  []int32 // per counted shift: shifts left in the window plus one
	places []int32 // per counted shift: its place value in the combination
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
// When the outlook knows a row, only a cheaper one counts as a choice. A beam may
// miss the cheapest choice; relaxed is then the bound of the outlook.
func (r *rowDP) best(i int, w window, cost []int32, row []int8) (price, relaxed int32, ok bool) {
	r.excess = append(r.excess[:0], make([]int32, r.m.shifts)...)
	price, ok = r.solve(i, w, cost, row)
	relaxed, r.missed = price, r.cut
	if r.cut && r.ahead.known < far {
		relaxed = min(r.ahead.least, r.ahead.known)
	}
	if !ok {
		if !r.cut {
			relaxed = r.ahead.known
		}
		return 0, relaxed, false
	}
	p := r.m.plans[i]
	r.noteExcess(i, row)
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

// noteExcess sets by how much a row exceeds the maxima that can bind.
func (r *rowDP) noteExcess(i int, row []int8) {
	r.excess = append(r.excess[:0], make([]int32, r.m.shifts)...)
	for s, limited := range r.m.plans[i].limited {
		if limited {
			r.excess[s] = int32(count(row, int8(s)) - r.m.p.Agents[i].MaxShifts[s])
		}
	}
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
	t := table{p: p, w: w, n: n, ms: high + 1, ws: slack + 1, k: r.combinations(i, p, w, row), cost: cost, row: row}
	have := budgets{int32(low), int32(high), int32(slack)}
	start, ends := r.startState(p, w, row), r.endStates(p, a, w, row, sc.open)
	if r.loose {
		return r.relaxed(&t, have, start, ends)
	}
	if need := t.ws * t.k * t.ms * p.states; len(r.slot) < need {
		r.slot = make([]int32, need)
	}
	r.foresee(&t, have, start, ends)
	r.cut = false
	for more := r.ahead.narrow(r.m.scale); more; more = r.ahead.widen() {
		if price, ok := r.push(&t, have, start, ends); ok {
			return price, true
		}
	}
	return 0, false
}

// table is the shape of one run: a window of n days, ms units, ws weekends and k
// combinations of counted shifts.
type table struct {
	p            *plan
	w            window
	n, ms, ws, k int
	cost         []int32
	row          []int8
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

// entries is the number of entries of a run over the whole horizon that counts no shifts.
func (m *model) entries(p *plan, a *Agent) int {
	return (m.days + 1) * (min(a.MaxWeekends, m.days/7+1) + 1) * (a.MaxMinutes/m.unit + 1) * p.states
}

// mostLabels bounds the labels of a day that even an exact run goes on from.
const mostLabels = 200_000

// mostEntries is the largest number of states of all days for a whole row; a run
// touches the small part that its outlook leaves.
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

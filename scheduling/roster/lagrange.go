package roster

import (
	"math"
	"slices"
)

// A Lagrangian bound: the requirement of each group and slot gets a price, every
// agent then takes the row that is best for him at these prices, by itself, and
// what the prices say the requirement costs plus what the rows cost is a number
// no roster can be below. The rows are relaxed: at most one shift a day out of
// the templates, inside availability and opening, pins, days in a row, paid
// minutes over the horizon; rest between shifts, weeks, stretches and the order
// of breaks are left out. Prices move along the subgradient with a target level
// (after Brännlund 1993; Held, Wolfe and Crowder 1974 for the method).

// relaxed says what is bounded: the price of paid minutes and of the requirement.
type relaxed struct {
	// minutes is the cost of an agent's paid minutes over the horizon; false = not allowed.
	minutes func(agent int, paid int64) (float64, bool)
	// shift is the cost of a shift by itself.
	shift func(tmpl int32) float64
	// cover is the least over n agents of the cost of n plus n times the price, and that n.
	cover func(g, t int, price float64) (float64, float64)
	// bonus counts proficiency with the price.
	bonus bool
}

// lagrangian holds the prices and the tables of one bound.
type lagrangian struct {
	m       *model
	r       *relaxed
	price   []float64 // group*slots + slot
	used    []float64 // agents at work, by the last rows
	cost    []float64 // per agent, of the last rows
	lines   []line
	lineAt  map[string]int
	tables  []*dayTable
	table   [][]int // per agent and day: position in tables
	classes [][]int // agents with the same choices on all days and the same limits
	scratch []*rowTable
}

// line is the best price per slot for a set of groups, as prefix sums.
type line struct {
	groups []int32
	bonus  []int64
	sum    []float64
	best   []int16 // position in groups, -1 idle
}

// dayNeed is one choice of a day at the prices.
type dayNeed struct {
	paid  int64
	value float64
	at    cell
	line  int
}

// dayTable holds the choices of a day that agents have in common.
type dayTable struct {
	must    bool // a pinned shift cannot be left out
	options []dayOption
	choices []dayNeed // at the prices: per paid minutes the best
}

// dayOption is a template and length with all its starts.
type dayOption struct {
	at     cell // without start and end
	length int32
	starts []int32
	line   int
}

// effort is how much may be spent on a bound.
type effort struct {
	work float64     // steps of the inner loops
	stop func() bool // checked between changes of the prices
	// threads is the number of goroutines; the bound does not depend on it.
	threads int
}

// begin starts from the best of some shares of a price list.
func (l *lagrangian) begin(threads int, list []float64, shares ...float64) float64 {
	best := math.Inf(-1)
	var keep []float64
	for _, share := range shares {
		for x, v := range list {
			l.price[x] = share * v
		}
		if v, _ := l.evaluate(threads); keep == nil || v > best {
			best, keep = v, append(keep[:0], l.price...)
		}
	}
	copy(l.price, keep)
	return best
}

// maximise moves the prices and returns the best bound found; no bound can lie
// above the ceiling, the value of a known roster. Agents who are alike all take
// the same row, so that a single answer tells little; the volume algorithm
// (Barahona and Anbil 2000) therefore follows an average of the answers, whose
// weight per answer falls as the search goes on.
func (l *lagrangian) maximise(e effort, ceiling float64) float64 {
	best, gap := l.evaluate(e.threads)
	at := append([]float64(nil), l.price...)
	mean := append([]float64(nil), gap...)
	if math.IsInf(ceiling, 1) {
		ceiling = best + 0.2*math.Abs(best) + 1
	}
	reach, most, bad, check := firstReach, firstShare, 0, best
	for k := range l.rounds(e.work) {
		if e.stop() || ceiling <= best {
			break
		}
		norm := 0.0
		for x, g := range mean {
			if at[x] > 0 || g > 0 {
				norm += g * g
			}
		}
		if norm == 0 {
			break
		}
		step := reach * (ceiling - best) / norm
		for x, g := range mean {
			l.price[x] = max(0, at[x]+step*g)
		}
		value, gap := l.evaluate(e.threads)
		along := average(mean, gap, most)
		if value > best {
			best, bad = value, 0
			copy(at, l.price)
			if along >= 0 {
				reach = min(2, reach*1.1)
			}
		} else if bad++; bad == 3 {
			reach, bad = max(1e-4, reach*0.8), 0
		}
		if k%50 == 49 {
			won := best - check
			if check = best; won <= settled*math.Abs(best) {
				break
			}
			if won < 0.002*math.Abs(best) {
				most = max(most/1.5, lastShare)
			}
		}
	}
	copy(l.price, at)
	return best
}

// The length of the first step as a share of the way to the ceiling; how much of
// an answer goes into the mean, at first and in the end at most; and what fifty
// answers must win, as a share of the bound, for the search to go on.
const (
	firstReach = 0.05
	firstShare = 0.2
	lastShare  = 0.02
	settled    = 1e-5
)

// average moves the mean towards an answer by the share that makes it shortest,
// within a tenth of most to most, and says whether both point the same way.
func average(mean, gap []float64, most float64) float64 {
	var mm, gg, mg float64
	for x, g := range gap {
		mm, gg, mg = mm+mean[x]*mean[x], gg+g*g, mg+mean[x]*g
	}
	share := most
	if d := mm + gg - 2*mg; d > 0 {
		share = min(most, max(most/10, (mm-mg)/d))
	}
	for x, g := range gap {
		mean[x] += share * (g - mean[x])
	}
	return mg
}

// evaluate gives the bound at the prices, and need less supply per group and slot.
func (l *lagrangian) evaluate(threads int) (float64, []float64) {
	m := l.m
	gap := make([]float64, len(l.price))
	total := 0.0
	for g := range m.groups {
		for t := range m.slots {
			v, n := l.r.cover(g, t, l.price[g*m.slots+t])
			total += v
			gap[g*m.slots+t] = n
		}
	}
	l.fillLines()
	for _, t := range l.tables {
		l.fillTable(t)
	}
	l.solveRows(threads)
	for _, v := range l.cost {
		total += v
	}
	for x := range gap {
		gap[x] -= l.used[x]
	}
	return total, gap
}

func (l *lagrangian) fillLines() {
	m := l.m
	for x := range l.lines {
		ln := &l.lines[x]
		for t := range m.tail {
			v, at := 0.0, int16(-1)
			for k, g := range ln.groups {
				if t >= m.slots {
					break
				}
				p := l.price[int(g)*m.slots+t]
				if l.r.bonus {
					p += float64(ln.bonus[k])
				}
				if p > v {
					v, at = p, int16(k)
				}
			}
			ln.sum[t+1], ln.best[t] = ln.sum[t]+v, at
		}
	}
}

// newLagrangian prepares the tables; prices begin at zero.
func newLagrangian(m *model, r *relaxed) *lagrangian {
	l := &lagrangian{m: m, r: r, price: make([]float64, len(m.groups)*m.slots), used: make([]float64, len(m.groups)*m.slots),
		cost: make([]float64, len(m.agents)), lineAt: map[string]int{}, table: make([][]int, len(m.agents))}
	tables, classes := map[string]int{}, map[string]int{}
	for i := range m.agents {
		a := &m.agents[i]
		class := int32Bytes([]int32{a.limits.maxRun, a.limits.periodMax, int32(a.history.ConsecutiveDays)})
		for d := range m.p.Days {
			day := l.dayTable(i, d)
			key := day.key()
			at, ok := tables[key]
			if !ok {
				at = len(l.tables)
				tables[key], l.tables = at, append(l.tables, day)
			}
			l.table[i] = append(l.table[i], at)
			class = append(class, int32Bytes([]int32{int32(at)})...)
		}
		at, ok := classes[string(class)]
		if !ok {
			at = len(l.classes)
			classes[string(class)], l.classes = at, append(l.classes, nil)
		}
		l.classes[at] = append(l.classes[at], i)
	}
	return l
}

// dayTable lists what an agent may do on a day.
func (l *lagrangian) dayTable(i, d int) *dayTable {
	m, a := l.m, &l.m.agents[i]
	t := &dayTable{}
	if a.pinned[d] {
		if c := a.pin[d]; c.on() {
			t.must = true
			t.options = []dayOption{{at: cell{tmpl: c.tmpl, paid: c.paid}, length: c.end - c.start, starts: []int32{c.start}, line: l.lineOf(i, d, c.tmpl)}}
		}
		return t
	}
	from, to := int32(m.dayStart[d]), int32(m.dayStart[d+1]+24*60/m.slot)
	all := len(a.avail) == 0 && m.open[d] == nil && !overlapsAny(a.timeOff, from, to)
	for _, tmpl := range a.templates {
		ln := l.lineOf(i, d, tmpl)
		for _, length := range m.templates[tmpl].lengths {
			paid := m.paidMinutes(tmpl, length)
			if paid > a.limits.dayMax {
				continue
			}
			starts := m.templates[tmpl].starts[d]
			if !all {
				starts = slices.DeleteFunc(slices.Clone(starts), func(start int32) bool {
					return !m.cellAllowed(a, d, cell{tmpl: tmpl, start: start, end: start + length})
				})
			}
			if len(starts) > 0 {
				t.options = append(t.options, dayOption{at: cell{tmpl: tmpl, paid: paid}, length: length, starts: starts, line: ln})
			}
		}
	}
	return t
}

// key tells tables apart.
func (t *dayTable) key() string {
	var b []int32
	if t.must {
		b = append(b, -1)
	}
	for _, o := range t.options {
		b = append(b, o.at.tmpl, o.at.paid, o.length, int32(o.line), int32(len(o.starts)))
		b = append(b, o.starts...)
	}
	return string(int32Bytes(b))
}

// lineOf finds or makes the price line of the groups an agent can serve in a template.
func (l *lagrangian) lineOf(i, d int, tmpl int32) int {
	a, allowed := &l.m.agents[i], l.m.templates[tmpl].allowed
	ln := line{}
	for _, g := range a.serves[d] {
		if allowed[g] {
			ln.groups, ln.bonus = append(ln.groups, g), append(ln.bonus, a.bonus[g])
		}
	}
	key := string(int32Bytes(ln.groups))
	if l.r.bonus {
		for _, b := range ln.bonus {
			key += string(int32Bytes([]int32{int32(b)}))
		}
	}
	at, ok := l.lineAt[key]
	if !ok {
		at = len(l.lines)
		l.lineAt[key] = at
		ln.sum, ln.best = make([]float64, l.m.tail+1), make([]int16, l.m.tail)
		l.lines = append(l.lines, ln)
	}
	return at
}

// fillTable finds, per paid minutes, the best shift of a day at the prices.
func (l *lagrangian) fillTable(t *dayTable) {
	t.choices = t.choices[:0]
	for _, o := range t.options {
		best := dayNeed{value: math.Inf(-1)}
		for _, start := range o.starts {
			c := o.at
			c.start, c.end = start, start+o.length
			if v := l.choice(c, o.line); v.value > best.value {
				best = v
			}
		}
		t.add(best)
	}
}

// add keeps the best choice per paid minutes.
func (t *dayTable) add(c dayNeed) {
	if math.IsInf(c.value, -1) {
		return
	}
	for k := range t.choices {
		if t.choices[k].paid == c.paid {
			if c.value > t.choices[k].value {
				t.choices[k] = c
			}
			return
		}
	}
	t.choices = append(t.choices, c)
}

// choice values a shift: the prices of its slots less the cheapest place of each
// break by itself.
func (l *lagrangian) choice(c cell, ln int) dayNeed {
	sum := l.lines[ln].sum
	v := sum[c.end] - sum[c.start] - l.r.shift(c.tmpl)
	for _, b := range l.m.templates[c.tmpl].breaks {
		if c.end-c.start >= b.minShift {
			v -= l.cheapest(c, b, ln, nil)
		}
	}
	return dayNeed{paid: int64(c.paid), value: v, at: c, line: ln}
}

// cheapest is the least price of a break's slots; at receives where.
func (l *lagrangian) cheapest(c cell, b breakModel, ln int, at *int32) float64 {
	sum := l.lines[ln].sum
	least := math.Inf(1)
	for p := c.start + b.earliest; p <= c.start+b.latest && p+b.slots <= c.end; p++ {
		if v := sum[p+b.slots] - sum[p]; v < least {
			least = v
			if at != nil {
				*at = p
			}
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

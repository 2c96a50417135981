package roster

import (
	"context"
	"math"
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
	// least is the least price that makes sense.
	least func(g, t int) float64
	// bonus counts proficiency with the price.
	bonus bool
}

// lagrangian holds the prices and the tables of one bound.
type lagrangian struct {
	m      *model
	r      *relaxed
	price  []float64 // group*slots + slot
	used   []float64 // agents at work, by the last rows
	lines  []line
	lineAt map[string]int
	tables map[string]*dayTable
	keys   [][]string // per agent and day; "" = a table of its own
	class  []int      // per agent: those with the same choices; -1 = nobody else
	rows   []*rowTable
	round  int // prices change from round to round
}

// line is the best price per slot for a set of groups, as prefix sums.
type line struct {
	groups []int32
	bonus  []int64
	sum    []float64
	best   []int16 // position in groups, -1 idle
}

// dayNeed is scratch of one day's choices.
type dayNeed struct {
	paid  int64
	value float64
	at    cell
	line  int
}

type dayTable struct {
	round   int
	choices []dayNeed
}

// boundWork limits the work of one bound, in steps of its inner loops.
const boundWork = 400_000_000

// maximise moves the prices and returns the best bound found.
func (l *lagrangian) maximise(ctx context.Context, start float64, rounds int) float64 {
	best, at := math.Inf(-1), append([]float64(nil), l.price...)
	delta, stale := 0.0, 0
	direction := make([]float64, len(l.price))
	for k := range rounds {
		if ctx.Err() != nil && k > 0 {
			break
		}
		value, gap := l.evaluate()
		if k == 0 || value > best+1e-9*math.Abs(best) {
			if k > 0 && value > best+delta/2 {
				delta *= 1.5
			}
			best, stale = value, 0
			copy(at, l.price)
		} else if stale++; stale >= 4 {
			delta, stale = delta/2, 0
			copy(l.price, at)
			clear(direction)
			continue
		}
		if k == 0 {
			delta = max(start, 0.05*math.Abs(value), 1)
		}
		norm := 0.0
		for x, g := range gap {
			direction[x] = g + 0.5*direction[x]
			norm += direction[x] * direction[x]
		}
		if norm == 0 {
			break
		}
		step := (best + delta - value) / norm
		for x, g := range direction {
			l.price[x] = max(l.r.least(x/l.m.slots, x%l.m.slots), l.price[x]+step*g)
		}
	}
	return best
}

// evaluate gives the bound at the prices, and need less supply per group and slot.
func (l *lagrangian) evaluate() (float64, []float64) {
	m := l.m
	l.round++
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
	for x := range l.used {
		l.used[x] = 0
	}
	for i := range m.agents {
		total += l.row(i)
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
		lineAt: map[string]int{}, tables: map[string]*dayTable{}, keys: make([][]string, len(m.agents))}
	for i := range m.agents {
		a := &m.agents[i]
		for d := range m.p.Days {
			key := ""
			if !a.pinned[d] && !l.restricted(a, d) {
				key = string(int32Bytes([]int32{int32(d), a.limits.dayMax})) + "t" + string(int32Bytes(a.templates))
				for _, t := range a.templates {
					key += string(int32Bytes([]int32{int32(l.lineOf(i, d, t))}))
				}
			}
			l.keys[i] = append(l.keys[i], key)
		}
	}
	l.classes()
	return l
}

// restricted says whether an agent's choices of a day differ from those of others like him.
func (l *lagrangian) restricted(a *agentModel, d int) bool {
	from, to := int32(l.m.dayStart[d]), int32(l.m.dayStart[d+1]+24*60/l.m.slot)
	return len(a.avail) > 0 || overlapsAny(a.timeOff, from, to)
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

// choices lists, per paid minutes, the best shift of a day at the prices.
func (l *lagrangian) choices(i, d int) []dayNeed {
	m, a := l.m, &l.m.agents[i]
	if a.pinned[d] {
		c := a.pin[d]
		if !c.on() {
			return nil
		}
		return []dayNeed{l.choice(c, l.lineOf(i, d, c.tmpl))}
	}
	key := l.keys[i][d]
	t := l.tables[key]
	if key == "" || t == nil {
		t = &dayTable{}
		if key != "" {
			l.tables[key] = t
		}
	}
	if t.round == l.round {
		return t.choices
	}
	t.round, t.choices = l.round, t.choices[:0]
	for _, tmpl := range a.templates {
		ln := l.lineOf(i, d, tmpl)
		for _, length := range m.templates[tmpl].lengths {
			paid := m.paidMinutes(tmpl, length)
			if paid > a.limits.dayMax {
				continue
			}
			best := dayNeed{value: math.Inf(-1)}
			for _, start := range m.templates[tmpl].starts[d] {
				c := cell{tmpl: tmpl, start: start, end: start + length, paid: paid}
				if !m.cellAllowed(a, d, c) {
					continue
				}
				if v := l.choice(c, ln); v.value > best.value {
					best = v
				}
			}
			t.add(best)
		}
	}
	return t.choices
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

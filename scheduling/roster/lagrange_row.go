package roster

import "math"

// rowTable is the dynamic program over the days of one agent: the most value by
// days in a row and paid minutes.
type rowTable struct {
	round int
	days  [][]dayNeed // choices
	unit  int64       // paid minutes per step
	steps int
	runs  int
	best  [][]float64 // per day: run*steps + step
	from  [][]rowStep
}

// rowStep is how a state was reached: the choice of the day (-1 = off) and the run before.
type rowStep struct{ choice, run int16 }

// row is the least an agent costs at the prices; his slots are added to used.
func (l *lagrangian) row(i int) float64 {
	t := l.rowTable(i)
	least, at := math.Inf(1), -1
	for x, v := range t.best[len(t.days)] {
		if math.IsInf(v, -1) {
			continue
		}
		if cost, ok := l.r.minutes(i, int64(x%t.steps)*t.unit); ok && cost-v < least {
			least, at = cost-v, x
		}
	}
	if at < 0 { // pins that break a law: nothing can be said about this agent
		return 0
	}
	for d := len(t.days); d > 0; d-- {
		s := t.from[d][at]
		step := at % t.steps
		if s.choice >= 0 {
			c := t.days[d-1][s.choice]
			l.use(c)
			step -= int(c.paid / t.unit)
		}
		at = int(s.run)*t.steps + step
	}
	return least
}

// rowTable fills the table of an agent, or takes that of an agent who is alike.
func (l *lagrangian) rowTable(i int) *rowTable {
	m, a := l.m, &l.m.agents[i]
	class := l.class[i]
	if class >= 0 && l.rows[class] != nil && l.rows[class].round == l.round {
		return l.rows[class]
	}
	t := &rowTable{round: l.round, days: make([][]dayNeed, m.p.Days), runs: 1}
	most := int64(0)
	for d := range t.days {
		t.days[d] = append([]dayNeed(nil), l.choices(i, d)...)
		longest := int64(0)
		for _, c := range t.days[d] {
			t.unit, longest = gcd(t.unit, c.paid), max(longest, c.paid)
		}
		most += longest
	}
	t.unit = max(t.unit, 1)
	t.steps = int(min(most, int64(a.limits.periodMax))/t.unit) + 1
	if a.limits.maxRun < none {
		t.runs = int(a.limits.maxRun) + 1
	}
	t.fill(a, t.days)
	if class >= 0 {
		l.rows[class] = t
	}
	return t
}

// classes numbers the agents who have the same choices on all days.
func (l *lagrangian) classes() {
	seen := map[string]int{}
	for i := range l.m.agents {
		a := &l.m.agents[i]
		key := string(int32Bytes([]int32{a.limits.maxRun, a.limits.periodMax, int32(a.history.ConsecutiveDays)}))
		own := false
		for _, k := range l.keys[i] {
			own = own || k == ""
			key += k + "|"
		}
		class, ok := seen[key]
		switch {
		case own:
			class = -1
		case !ok:
			class = len(seen)
			seen[key] = class
		}
		l.class = append(l.class, class)
	}
	l.rows = make([]*rowTable, len(seen))
}

func (t *rowTable) fill(a *agentModel, days [][]dayNeed) {
	size := t.runs * t.steps
	level := func() []float64 {
		v := make([]float64, size)
		for x := range v {
			v[x] = math.Inf(-1)
		}
		return v
	}
	first := level()
	first[min(int(a.history.ConsecutiveDays), t.runs-1)*t.steps] = 0
	t.best, t.from = [][]float64{first}, [][]rowStep{nil}
	for d, choices := range days {
		now, next, from := t.best[d], level(), make([]rowStep, size)
		for run := range t.runs {
			after := run + 1
			if t.runs == 1 {
				after = 0
			}
			for step := range t.steps {
				v := now[run*t.steps+step]
				if math.IsInf(v, -1) {
					continue
				}
				// A pinned shift cannot be left out.
				if !a.pinned[d] || !a.pin[d].on() {
					if v > next[step] {
						next[step], from[step] = v, rowStep{-1, int16(run)}
					}
				}
				if after >= t.runs {
					continue
				}
				for k, c := range choices {
					to := step + int(c.paid/t.unit)
					if to >= t.steps {
						continue
					}
					if x := after*t.steps + to; v+c.value > next[x] {
						next[x], from[x] = v+c.value, rowStep{int16(k), int16(run)}
					}
				}
			}
		}
		t.best, t.from = append(t.best, next), append(t.from, from)
	}
}

// use books the slots of a chosen shift, breaks left out.
func (l *lagrangian) use(c dayNeed) {
	ln := &l.lines[c.line]
	add := func(from, to int32, by float64) {
		for t := from; t < min(to, int32(l.m.slots)); t++ {
			if k := ln.best[t]; k >= 0 {
				l.used[int(ln.groups[k])*l.m.slots+int(t)] += by
			}
		}
	}
	add(c.at.start, c.at.end, 1)
	for _, b := range l.m.templates[c.at.tmpl].breaks {
		if c.at.end-c.at.start >= b.minShift {
			at := int32(-1)
			if l.cheapest(c.at, b, c.line, &at); at >= 0 {
				add(at, at+b.slots, -1)
			}
		}
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

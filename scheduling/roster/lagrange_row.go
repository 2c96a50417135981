package roster

import (
	"math"
	"sync"
)

// rowTable is the dynamic program over the days of one class of agents: the most
// value by days in a row and paid minutes. It is scratch of one goroutine and
// serves one class after the other.
type rowTable struct {
	days   []*dayTable
	unit   int64 // paid minutes per step
	steps  int
	runs   int
	before int         // days already worked in a row
	reach  []int       // per day: the highest step any row can have come to
	best   [][]float64 // per day: run*steps + step
	from   [][]int16   // how a state was reached: the choice of the day, or -1-run of the day before for a day off
	used   []float64   // group*slots + slot: agents at work by the rows of this goroutine
	ends   []rowEnd
	last   []int
}

// rowEnd counts the agents whose rows end in a state.
type rowEnd struct{ at, agents int }

// solveRows finds the best row of every agent at the prices: cost receives what
// each costs, used the agents at work. The result does not depend on the number
// of goroutines, as agents are counted in whole numbers.
func (l *lagrangian) solveRows(threads int) {
	for len(l.scratch) < min(max(1, threads), len(l.classes)) {
		l.scratch = append(l.scratch, &rowTable{used: make([]float64, len(l.used))})
	}
	share := func(k int) {
		clear(l.scratch[k].used)
		for c := k; c < len(l.classes); c += len(l.scratch) {
			l.solveClass(l.scratch[k], l.classes[c])
		}
	}
	var wg sync.WaitGroup
	for k := 1; k < len(l.scratch); k++ {
		wg.Go(func() { share(k) })
	}
	if len(l.scratch) > 0 {
		share(0)
	}
	wg.Wait()
	clear(l.used)
	for _, t := range l.scratch {
		for x, v := range t.used {
			l.used[x] += v
		}
	}
}

// solveClass finds the best rows of agents who have the same choices on all days.
func (l *lagrangian) solveClass(t *rowTable, members []int) {
	t.begin(l, members[0])
	t.fill()
	t.ends = t.ends[:0]
	last := t.lastDay()
	for _, i := range members {
		least, at := math.Inf(1), -1
		for step, x := range last {
			if x < 0 {
				continue
			}
			if cost, ok := l.r.minutes(i, int64(step)*t.unit); ok && cost-t.best[len(t.days)][x] < least {
				least, at = cost-t.best[len(t.days)][x], x
			}
		}
		l.cost[i] = 0
		if at < 0 { // pins that break a law: nothing can be said about this agent
			continue
		}
		l.cost[i] = least
		t.end(at)
	}
	for _, e := range t.ends {
		t.trace(l, e)
	}
}

// lastDay gives, per step, the best state after the last day, -1 where there is none.
func (t *rowTable) lastDay() []int {
	t.last = t.last[:0]
	line := t.best[len(t.days)]
	for step := range t.steps {
		at, most := -1, math.Inf(-1)
		for x := step; x < len(line); x += t.steps {
			if line[x] > most {
				at, most = x, line[x]
			}
		}
		t.last = append(t.last, at)
	}
	return t.last
}

// end counts one agent more whose row ends in a state.
func (t *rowTable) end(at int) {
	for k := range t.ends {
		if t.ends[k].at == at {
			t.ends[k].agents++
			return
		}
	}
	t.ends = append(t.ends, rowEnd{at, 1})
}

// trace books the slots of the row that ends in a state.
func (t *rowTable) trace(l *lagrangian, e rowEnd) {
	at := e.at
	for d := len(t.days); d > 0; d-- {
		step, from := at%t.steps, t.from[d][at]
		if from < 0 {
			at = int(-1-from)*t.steps + step
			continue
		}
		c := &t.days[d-1].choices[from]
		l.use(t.used, c, float64(e.agents))
		run := 0
		if t.runs > 1 {
			run = at/t.steps - 1
		}
		at = run*t.steps + step - int(c.paid/t.unit)
	}
}

// begin sizes the table for an agent.
func (t *rowTable) begin(l *lagrangian, i int) {
	m, a := l.m, &l.m.agents[i]
	t.days, t.unit, t.runs, t.before = t.days[:0], 0, 1, 0
	most := int64(0)
	for d := range m.p.Days {
		day := l.tables[l.table[i][d]]
		longest := int64(0)
		for _, c := range day.choices {
			t.unit, longest = gcd(t.unit, c.paid), max(longest, c.paid)
		}
		most += longest
		t.days = append(t.days, day)
	}
	t.unit = max(t.unit, 1)
	t.steps = int(min(most, int64(a.limits.periodMax))/t.unit) + 1
	// What happened before counts for the first run only: a limit beyond the
	// horizon is brought down to it together with the days already worked.
	if limit := int(a.limits.maxRun); limit < none {
		beyond := max(0, limit-m.p.Days)
		t.runs, t.before = limit-beyond+1, max(0, a.history.ConsecutiveDays-beyond)
	}
	size := t.runs * t.steps
	for len(t.best) <= m.p.Days {
		t.best, t.from, t.reach = append(t.best, nil), append(t.from, nil), append(t.reach, 0)
	}
	for d := range t.days {
		longest := int64(0)
		for _, c := range t.days[d].choices {
			longest = max(longest, c.paid)
		}
		t.reach[d+1] = min(t.steps-1, t.reach[d]+int(longest/t.unit))
	}
	for d := range m.p.Days + 1 {
		if cap(t.best[d]) < size {
			t.best[d], t.from[d] = make([]float64, size), make([]int16, size)
		}
		t.best[d], t.from[d] = t.best[d][:size], t.from[d][:size]
		for x := range t.best[d] {
			t.best[d][x] = math.Inf(-1)
		}
	}
	t.best[0][min(t.before, t.runs-1)*t.steps] = 0
}

func (t *rowTable) fill() {
	for d, day := range t.days {
		now, next, from := t.best[d], t.best[d+1], t.from[d+1]
		for run := range t.runs {
			line := now[run*t.steps : run*t.steps+t.reach[d]+1]
			if !day.must {
				free, how := next[:len(line)], from[:len(line)]
				for step, v := range line {
					if v > free[step] {
						free[step], how[step] = v, int16(-1-run)
					}
				}
			}
			after := run + 1
			if t.runs == 1 {
				after = 0
			}
			if after >= t.runs {
				continue
			}
			for k := range day.choices {
				c := &day.choices[k]
				by := int(c.paid / t.unit)
				if by >= t.steps {
					continue
				}
				n := min(len(line), t.steps-by)
				work, how := next[after*t.steps+by:][:n], from[after*t.steps+by:][:n]
				for step, v := range line[:n] {
					if v += c.value; v > work[step] {
						work[step], how[step] = v, int16(k)
					}
				}
			}
		}
	}
}

// use books the slots of a chosen shift for a number of agents, breaks left out.
func (l *lagrangian) use(used []float64, c *dayNeed, agents float64) {
	ln := &l.lines[c.line]
	add := func(from, to int32, by float64) {
		for t := from; t < min(to, int32(l.m.slots)); t++ {
			if k := ln.best[t]; k >= 0 {
				used[int(ln.groups[k])*l.m.slots+int(t)] += by
			}
		}
	}
	add(c.at.start, c.at.end, agents)
	for _, b := range l.m.templates[c.at.tmpl].breaks {
		if c.at.end-c.at.start >= b.minShift {
			at := int32(-1)
			if l.cheapest(c.at, b, c.line, &at); at >= 0 {
				add(at, at+b.slots, -agents)
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

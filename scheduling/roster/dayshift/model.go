package dayshift

import "fmt"

// model is a problem in dense form.
type model struct {
	p      *Problem
	days   int
	shifts int
	agents int
	unit   int       // greatest common divisor of the shift lengths, minutes
	length []int32   // units per shift
	after  [][]bool  // after[s][t]: t may follow s
	cover  [][]int32 // per day*shifts+shift: cost of n agents, n = 0..agents
	fixed  [][]int32 // per agent: day*(shifts+1)+shift+1: requests; noCell where forbidden
	plans  []*plan
	scale  int32 // parts of a point in the prices of the row program
}

// noCell is the price of a cell that cannot be.
const noCell = int32(1) << 28

func compile(p *Problem) *model {
	m := &model{p: p, days: p.Days, shifts: len(p.Shifts), agents: len(p.Agents)}
	for _, s := range p.Shifts {
		m.unit = gcd(m.unit, s.Minutes)
	}
	for _, s := range p.Shifts {
		m.length = append(m.length, int32(s.Minutes/m.unit))
		ok := make([]bool, m.shifts)
		for t := range ok {
			ok[t] = true
		}
		for _, t := range s.NotNext {
			ok[t] = false
		}
		m.after = append(m.after, ok)
	}
	m.compileCover()
	for i := range p.Agents {
		m.fixed = append(m.fixed, m.compileCells(i))
	}
	for _, r := range p.Requests {
		m.compileRequest(r)
	}
	m.scale = m.partsOfPoint()
	byRules := map[string]*plan{}
	for i := range p.Agents {
		key := planKey(&p.Agents[i])
		if byRules[key] == nil {
			byRules[key] = m.newPlan(&p.Agents[i])
		}
		m.plans = append(m.plans, byRules[key])
	}
	return m
}

// partsOfPoint is how finely prices can be told apart without the sum over a row
// growing out of its range.
func (m *model) partsOfPoint() int32 {
	most := int64(1)
	for _, line := range m.cover {
		most = max(most, int64(line[0]-line[min(1, len(line)-1)]), int64(line[len(line)-1]-line[max(0, len(line)-2)]))
	}
	for _, cells := range m.fixed {
		for _, c := range cells {
			if c < noCell {
				most = max(most, int64(c))
			}
		}
	}
	return int32(min(1024, max(1, int64(noCell)/(4*most*int64(m.days)))))
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (m *model) compileCover() {
	m.cover = make([][]int32, m.days*m.shifts)
	flat := make([]int32, len(m.cover)*(m.agents+1))
	for k := range m.cover {
		m.cover[k] = flat[k*(m.agents+1) : (k+1)*(m.agents+1)]
	}
	for _, c := range m.p.Cover {
		line := m.cover[c.Day*m.shifts+c.Shift]
		for n := range line {
			cost := max(0, c.Need-n)*c.Under + max(0, n-c.Need)*c.Over
			line[n] += int32(min(cost, int(noCell)/4))
		}
	}
}

func (m *model) compileCells(i int) []int32 {
	a := &m.p.Agents[i]
	w := m.shifts + 1
	cells := make([]int32, m.days*w)
	for d := range m.days {
		for s := range m.shifts {
			if a.MaxShifts[s] == 0 {
				cells[d*w+s+1] = noCell
			}
		}
	}
	for _, d := range a.DaysOff {
		for s := range m.shifts {
			cells[d*w+s+1] = noCell
		}
	}
	for d, s := range a.Pins {
		for t := range w {
			if t != s+1 {
				cells[d*w+t] = noCell
			}
		}
	}
	return cells
}

func (m *model) compileRequest(r Request) {
	w := m.shifts + 1
	cells := m.fixed[r.Agent][r.Day*w : (r.Day+1)*w]
	for t := range cells {
		if cells[t] < noCell && (t == r.Shift+1) != r.On {
			cells[t] = min(cells[t]+int32(r.Weight), noCell/8)
		}
	}
}

// violations lists the hard rules a row breaks; it is the one evaluator that
// search results, the validator and explanations share.
func (m *model) violations(i int, row []int8, report func(day int, rule string, got, limit int)) {
	a := &m.p.Agents[i]
	minutes, counts := 0, make([]int, m.shifts)
	for d, s := range row {
		if s == Off {
			if m.fixed[i][d*(m.shifts+1)] >= noCell {
				report(d, "pin", Off, a.Pins[d])
			}
			continue
		}
		minutes += m.p.Shifts[s].Minutes
		counts[s]++
		if a.MaxShifts[s] > 0 && m.fixed[i][d*(m.shifts+1)+int(s)+1] >= noCell {
			report(d, "day_off", int(s), Off)
		}
		if d+1 < m.days && row[d+1] != Off && !m.after[s][row[d+1]] {
			report(d, "succession", int(s), int(row[d+1]))
		}
	}
	for s, n := range counts {
		if n > a.MaxShifts[s] {
			report(-1, "max_shifts", n, a.MaxShifts[s])
		}
	}
	if minutes < a.MinMinutes {
		report(-1, "min_minutes", minutes, a.MinMinutes)
	}
	if minutes > a.MaxMinutes {
		report(-1, "max_minutes", minutes, a.MaxMinutes)
	}
	if n := weekends(row, 0, len(row)); n > a.MaxWeekends {
		report(-1, "weekends", n, a.MaxWeekends)
	}
	for d := 0; d < m.days; {
		e := d
		for e < m.days && (row[e] == Off) == (row[d] == Off) {
			e++
		}
		inside := d > 0 && e < m.days
		switch {
		case row[d] != Off && e-d > a.MaxRun:
			report(d, "max_consecutive", e-d, a.MaxRun)
		case row[d] != Off && inside && e-d < a.MinRun:
			report(d, "min_consecutive", e-d, a.MinRun)
		case row[d] == Off && inside && e-d < a.MinOff:
			report(d, "min_days_off", e-d, a.MinOff)
		}
		d = e
	}
}

// weekends counts weekends worked that have a day in [from, to).
func weekends(row []int8, from, to int) int {
	n := 0
	for d := from; d < to; d++ {
		switch d % 7 {
		case 5:
			if row[d] != Off || (d+1 < to && row[d+1] != Off) {
				n++
			}
		case 6:
			if d == from && row[d] != Off {
				n++
			}
		}
	}
	return n
}

// reason puts a broken rule into words.
func reason(rule string, got, limit int) string {
	switch rule {
	case "pin":
		return "the cell is pinned to another value"
	case "day_off":
		return "works on a fixed day off"
	case "succession":
		return "a shift that may not follow the one of the day before"
	}
	return fmt.Sprintf("%d, the limit is %d", got, limit)
}

package dayshift

import (
	"math"
	"math/rand/v2"
)

// cells is annealing over cells and blocks of cells. A move is scored by its
// difference and judged only where it can matter: the runs it touches, the
// successions at its edges, the agent's totals. Rows stay legal throughout.
type cells struct {
	s       *state
	rng     *rand.Rand
	minutes []int32   // per agent, units
	counts  [][]int32 // per agent and shift
	ends    []int32   // weekends worked per agent
	moves   int64     // candidates scored in full: those with an effect, on cells that may change
}

func newCells(s *state, rng *rand.Rand) *cells {
	c := &cells{s: s, rng: rng, minutes: make([]int32, s.m.agents), ends: make([]int32, s.m.agents)}
	for i, row := range s.rows {
		per := make([]int32, s.m.shifts)
		for _, v := range row {
			if v != Off {
				per[v]++
				c.minutes[i] += s.m.length[v]
			}
		}
		c.counts = append(c.counts, per)
		c.ends[i] = int32(weekends(row, 0, len(row)))
	}
	return c
}

// step tries one move at a temperature: another shift in a cell, or a block of
// days exchanged between two agents.
func (c *cells) step(temp float64) {
	m := c.s.m
	allow := int64(-temp * math.Log(c.rng.Float64()+1e-12))
	i := c.rng.IntN(m.agents)
	d := c.rng.IntN(m.days)
	if c.rng.IntN(3) == 0 {
		c.replace(i, d, int8(c.rng.IntN(m.shifts+1)-1), allow)
		return
	}
	j := c.rng.IntN(m.agents)
	n := 1 + c.rng.IntN(min(7, m.days-d))
	c.exchange(i, j, window{d, d + n}, allow)
}

// cellDelta is what the penalty changes when one cell of an agent changes and
// the requirement is met by the others as now.
func (s *state) cellDelta(i, d int, from, to int8) int64 {
	m := s.m
	line := m.fixed[i][d*(m.shifts+1):]
	if line[to+1] >= noCell {
		return math.MaxInt64
	}
	delta := int64(line[to+1] - line[from+1])
	if from != Off {
		k := d*m.shifts + int(from)
		n := s.count[k]
		delta += int64(m.cover[k][n-1] - m.cover[k][n])
	}
	if to != Off {
		k := d*m.shifts + int(to)
		n := s.count[k]
		delta += int64(m.cover[k][n+1] - m.cover[k][n])
	}
	return delta
}

func (c *cells) replace(i, d int, to int8, allow int64) {
	s, m := c.s, c.s.m
	row := s.rows[i]
	from := row[d]
	if from == to {
		return
	}
	delta := s.cellDelta(i, d, from, to)
	if delta == math.MaxInt64 {
		return
	}
	c.moves++
	if delta > allow {
		return
	}
	a := &m.p.Agents[i]
	units := c.minutes[i]
	if from != Off {
		units -= m.length[from]
	}
	if to != Off {
		if c.counts[i][to] >= int32(a.MaxShifts[to]) {
			return
		}
		units += m.length[to]
	}
	if int(units)*m.unit < a.MinMinutes || int(units)*m.unit > a.MaxMinutes {
		return
	}
	before := c.weekendsNear(i, d, d+1)
	row[d] = to
	ends := c.ends[i] + c.weekendsNear(i, d, d+1) - before
	if ends > int32(a.MaxWeekends) || !c.legalNear(i, d, d+1) {
		row[d] = from
		return
	}
	s.cost += delta
	c.book(i, d, from, -1)
	c.book(i, d, to, 1)
	c.minutes[i], c.ends[i] = units, ends
}

func (c *cells) book(i, d int, v int8, sign int32) {
	if v != Off {
		c.counts[i][v] += sign
		c.s.count[d*c.s.m.shifts+int(v)] += sign
	}
}

// weekendsNear counts the weekends worked that a change of days [a, b) can touch.
func (c *cells) weekendsNear(i, a, b int) int32 {
	from, to := a-a%7, min(c.s.m.days, b-1-(b-1)%7+7)
	return int32(weekends(c.s.rows[i], from, to))
}

// legalNear checks successions and runs around days [a, b) of a row as it stands.
func (c *cells) legalNear(i, a, b int) bool {
	m, row := c.s.m, c.s.rows[i]
	g := &m.p.Agents[i]
	for d := max(0, a-1); d < min(b, m.days-1); d++ {
		if row[d] != Off && row[d+1] != Off && !m.after[row[d]][row[d+1]] {
			return false
		}
	}
	from := max(0, a-1)
	for from > 0 && (row[from-1] == Off) == (row[from] == Off) {
		from--
	}
	last := min(b, m.days-1)
	for d := from; d <= last; {
		e := d
		for e < m.days && (row[e] == Off) == (row[d] == Off) {
			e++
		}
		n, inside := e-d, d > 0 && e < m.days
		if row[d] != Off {
			if n > g.MaxRun || (inside && n < g.MinRun) {
				return false
			}
		} else if inside && n < g.MinOff {
			return false
		}
		d = e
	}
	return true
}

// exchange swaps a block of days between two agents; the requirement is met as before.
func (c *cells) exchange(i, j int, w window, allow int64) {
	if i == j {
		return
	}
	s, m := c.s, c.s.m
	x, y := s.rows[i], s.rows[j]
	width := m.shifts + 1
	delta, units := int64(0), int32(0)
	differs := false
	for d := w.a; d < w.b; d++ {
		u, v := x[d], y[d]
		if u == v {
			continue
		}
		differs = true
		fi, fj := m.fixed[i][d*width:], m.fixed[j][d*width:]
		if fi[v+1] >= noCell || fj[u+1] >= noCell {
			return
		}
		delta += int64(fi[v+1]-fi[u+1]) + int64(fj[u+1]-fj[v+1])
		if u != Off {
			units -= m.length[u]
		}
		if v != Off {
			units += m.length[v]
		}
	}
	if !differs {
		return
	}
	c.moves++
	if delta > allow || !c.minutesFit(i, c.minutes[i]+units) || !c.minutesFit(j, c.minutes[j]-units) {
		return
	}
	wi, wj := c.weekendsNear(i, w.a, w.b), c.weekendsNear(j, w.a, w.b)
	c.flip(i, j, w)
	ei, ej := c.ends[i]+c.weekendsNear(i, w.a, w.b)-wi, c.ends[j]+c.weekendsNear(j, w.a, w.b)-wj
	if ei > int32(m.p.Agents[i].MaxWeekends) || ej > int32(m.p.Agents[j].MaxWeekends) || !c.countsFit(i, w) || !c.countsFit(j, w) ||
		!c.legalNear(i, w.a, w.b) || !c.legalNear(j, w.a, w.b) {
		c.flip(i, j, w)
		return
	}
	s.cost += delta
	c.minutes[i], c.minutes[j] = c.minutes[i]+units, c.minutes[j]-units
	c.ends[i], c.ends[j] = ei, ej
}

func (c *cells) minutesFit(i int, units int32) bool {
	a, n := &c.s.m.p.Agents[i], int(units)*c.s.m.unit
	return n >= a.MinMinutes && n <= a.MaxMinutes
}

// flip exchanges the cells of two rows and their counts per shift.
func (c *cells) flip(i, j int, w window) {
	x, y := c.s.rows[i], c.s.rows[j]
	for d := w.a; d < w.b; d++ {
		u, v := x[d], y[d]
		if u != Off {
			c.counts[i][u]--
			c.counts[j][u]++
		}
		if v != Off {
			c.counts[j][v]--
			c.counts[i][v]++
		}
		x[d], y[d] = v, u
	}
}

func (c *cells) countsFit(i int, w window) bool {
	for d := w.a; d < w.b; d++ {
		if v := c.s.rows[i][d]; v != Off && c.counts[i][v] > int32(c.s.m.p.Agents[i].MaxShifts[v]) {
			return false
		}
	}
	return true
}

package dayshift

import (
	"math"
	"math/rand/v2"
)

// state is a roster with its running penalty.
type state struct {
	m     *model
	rows  [][]int8
	count []int32 // day*shifts+shift
	cost  int64   // cover and requests
}

func newState(m *model) *state {
	s := &state{m: m, count: make([]int32, m.days*m.shifts)}
	for range m.agents {
		row := make([]int8, m.days)
		for d := range row {
			row[d] = Off
		}
		s.rows = append(s.rows, row)
	}
	s.cost = s.full()
	return s
}

// recount takes cover and penalty from the rows.
func (s *state) recount() {
	for k := range s.count {
		s.count[k] = 0
	}
	for _, r := range s.rows {
		for d, v := range r {
			if v != Off {
				s.count[d*s.m.shifts+int(v)]++
			}
		}
	}
	s.cost = s.full()
}

// full recomputes the penalty from nothing but the rows.
func (s *state) full() int64 {
	m := s.m
	count := make([]int32, len(s.count))
	total := int64(0)
	for i, row := range s.rows {
		for d, v := range row {
			if c := m.fixed[i][d*(m.shifts+1)+int(v)+1]; c < noCell {
				total += int64(c)
			}
			if v != Off {
				count[d*m.shifts+int(v)]++
			}
		}
	}
	for k, n := range count {
		total += int64(m.cover[k][n])
	}
	return total
}

// price is what a cell of an agent costs by itself.
func (s *state) price(i, d int, v int8) int64 {
	if c := s.m.fixed[i][d*(s.m.shifts+1)+int(v)+1]; c < noCell {
		return int64(c)
	}
	return 0
}

// remove takes the cells of a window out of cover and cost; the row is left as
// it is until insert writes the next one.
func (s *state) remove(i int, w window) {
	for d := w.a; d < w.b; d++ {
		v := s.rows[i][d]
		s.cost -= s.price(i, d, v)
		if v != Off {
			k := d*s.m.shifts + int(v)
			n := s.count[k]
			s.cost += int64(s.m.cover[k][n-1]) - int64(s.m.cover[k][n])
			s.count[k] = n - 1
		}
	}
}

// insert books the cells that the row now has in the window.
func (s *state) insert(i int, w window) {
	for d := w.a; d < w.b; d++ {
		v := s.rows[i][d]
		s.cost += s.price(i, d, v)
		if v != Off {
			k := d*s.m.shifts + int(v)
			n := s.count[k]
			s.cost += int64(s.m.cover[k][n+1]) - int64(s.m.cover[k][n])
			s.count[k] = n + 1
		}
	}
}

// prices fills out with what each cell of the window would cost agent i now, in
// scale parts of a point, with noise of the given size.
func (s *state) prices(i int, w window, noise float64, rng *rand.Rand, out []int32) []int32 {
	m := s.m
	width := m.shifts + 1
	out = append(out[:0], m.fixed[i][w.a*width:w.b*width]...)
	for d := w.a; d < w.b; d++ {
		line := out[(d-w.a)*width : (d-w.a+1)*width]
		for v := range line {
			if line[v] >= noCell {
				continue
			}
			c := line[v]
			if v > 0 {
				k := d*m.shifts + v - 1
				n := s.count[k]
				c += m.cover[k][n+1] - m.cover[k][n]
			}
			c *= m.scale
			if noise > 0 {
				c += int32(noise * gumbel(rng))
			}
			line[v] = c
		}
	}
	return out
}

// gumbel draws from the standard Gumbel distribution by a table-free
// approximation that is cheap and bounded.
func gumbel(rng *rand.Rand) float64 {
	return -math.Log(-math.Log(rng.Float64()*0.9998 + 0.0001))
}

package dayshift

import "math"

// simplex is a primal simplex for linear programs in equality form, minimise
// cost·x with A·x = b and x >= 0, whose columns arrive over time and hold ones
// only (or a single minus one). It keeps the dense inverse of the basis, column
// by column, so that sparse columns are transformed by adding a few of them, and
// it stays feasible when costs change or columns are added.
type simplex struct {
	m      int
	b      []float64 // right-hand side, moved a little so that pivots seldom stand still
	exact  []float64 // right-hand side as asked
	cost   []float64
	first  []int32 // per variable: where its rows begin in rows
	rows   []int32
	minus  []bool    // per variable: its coefficients are -1
	inv    []float64 // inverse of the basis by columns
	basis  []int32   // variable per row
	at     []int32   // row per variable, -1 when not basic
	x      []float64 // value per row
	dual   []float64
	alpha  []float64
	hit    []int32 // rows where alpha is not zero
	wanted []want
	pivots int
}

// want is a variable that would improve, with its reduced cost.
type want struct {
	j int32
	d float64
}

const (
	reducedTol = 1e-7
	pivotTol   = 1e-8
	refactorAt = 1500 // pivots between fresh inverses
)

func newSimplex(exact []float64, perturb func(row int) float64) *simplex {
	m := len(exact)
	s := &simplex{m: m, b: make([]float64, m), exact: exact, first: []int32{0}, basis: make([]int32, m), x: make([]float64, m), dual: make([]float64, m), alpha: make([]float64, m), inv: make([]float64, m*m)}
	for r, v := range exact {
		s.b[r] = v + perturb(r)
	}
	return s
}

// add appends a variable and returns its number.
func (s *simplex) add(cost float64, minus bool, rows ...int32) int32 {
	s.cost = append(s.cost, cost)
	s.minus = append(s.minus, minus)
	s.rows = append(s.rows, rows...)
	s.first = append(s.first, int32(len(s.rows)))
	s.at = append(s.at, -1)
	return int32(len(s.cost) - 1)
}

// column lists the rows of a variable.
func (s *simplex) column(j int32) []int32 { return s.rows[s.first[j]:s.first[j+1]] }

// reduced is the reduced cost of a variable.
func (s *simplex) reduced(j int32) float64 {
	sum := 0.0
	for _, k := range s.column(j) {
		sum += s.dual[k]
	}
	if s.minus[j] {
		return s.cost[j] + sum
	}
	return s.cost[j] - sum
}

// objective is the value of the current basis for the right-hand side as asked.
func (s *simplex) objective() float64 {
	sum := 0.0
	for r, v := range s.dual {
		sum += v * s.exact[r]
	}
	return sum
}

// reprice recomputes the duals after costs have changed.
func (s *simplex) reprice() {
	for k := range s.m {
		col, sum := s.inv[k*s.m:(k+1)*s.m], 0.0
		for r, j := range s.basis {
			sum += s.cost[j] * col[r]
		}
		s.dual[k] = sum
	}
}

// start makes the given variables, one per row, the basis. They must be feasible.
func (s *simplex) start(basis []int32) {
	copy(s.basis, basis)
	for r, j := range basis {
		s.at[j] = int32(r)
	}
	s.refactor()
}

// refactor inverts the basis anew: single-row variables first, which costs nothing.
func (s *simplex) refactor() {
	m := s.m
	for k := range s.inv {
		s.inv[k] = 0
	}
	for k := range m {
		s.inv[k*m+k] = 1
	}
	vars := append([]int32(nil), s.basis...)
	taken := make([]bool, m)
	for pass := range 2 {
		for _, j := range vars {
			if single := s.first[j+1]-s.first[j] == 1; single != (pass == 0) {
				continue
			}
			s.transform(j)
			r := -1
			for _, i := range s.hit {
				if !taken[i] && (r < 0 || math.Abs(s.alpha[i]) > math.Abs(s.alpha[r])) {
					r = int(i)
				}
			}
			if r < 0 {
				continue // dependent: cannot happen with a basis that pivots built
			}
			taken[r] = true
			s.eliminate(r)
			s.basis[r], s.at[j] = j, int32(r)
		}
	}
	for r := range m {
		s.x[r] = 0
	}
	for k := range m {
		if s.b[k] != 0 {
			for r, v := range s.inv[k*m : (k+1)*m] {
				s.x[r] += v * s.b[k]
			}
		}
	}
	for r := range s.x {
		s.x[r] = max(0, s.x[r])
	}
	s.pivots = 0
	s.reprice()
}

// transform sets alpha to the column of a variable in terms of the basis.
func (s *simplex) transform(j int32) {
	m, alpha := s.m, s.alpha
	for i := range alpha {
		alpha[i] = 0
	}
	for _, k := range s.column(j) {
		col := s.inv[int(k)*m : (int(k)+1)*m]
		for i, v := range col {
			alpha[i] += v
		}
	}
	s.hit = s.hit[:0]
	for i, v := range alpha {
		if math.Abs(v) < 1e-11 {
			alpha[i] = 0
			continue
		}
		if s.minus[j] {
			alpha[i] = -v
		}
		s.hit = append(s.hit, int32(i))
	}
}

// eliminate updates the inverse for the variable in alpha entering at row r.
func (s *simplex) eliminate(r int) {
	m, alpha := s.m, s.alpha
	by := 1 / alpha[r]
	dense := len(s.hit)*3 > m
	for k := range m {
		col := s.inv[k*m:][:len(alpha)]
		e := col[r]
		if e == 0 {
			continue
		}
		e *= by
		if dense {
			subtract(col, alpha, e)
		} else {
			for _, i := range s.hit {
				col[i] -= alpha[i] * e
			}
		}
		col[r] = e
	}
}

// subtract takes e times y from x, four at a time.
func subtract(x, y []float64, e float64) {
	for len(x) >= 4 && len(y) >= 4 {
		x[0] -= y[0] * e
		x[1] -= y[1] * e
		x[2] -= y[2] * e
		x[3] -= y[3] * e
		x, y = x[4:], y[4:]
	}
	for k := range min(len(x), len(y)) {
		x[k] -= y[k] * e
	}
}

// enter brings a variable with reduced cost d into the basis.
func (s *simplex) enter(j int32, d float64) bool {
	s.transform(j)
	limit := math.Inf(1)
	for _, i := range s.hit {
		if a := s.alpha[i]; a > pivotTol {
			limit = min(limit, (s.x[i]+1e-9)/a)
		}
	}
	r := -1
	for _, i := range s.hit {
		if a := s.alpha[i]; a > pivotTol && s.x[i] <= limit*a && (r < 0 || a > s.alpha[r]) {
			r = int(i)
		}
	}
	if r < 0 {
		return false
	}
	m, by := s.m, d/s.alpha[r]
	for k := range m {
		s.dual[k] += by * s.inv[k*m+r]
	}
	step := max(0, s.x[r]/s.alpha[r])
	for _, i := range s.hit {
		s.x[i] = max(0, s.x[i]-step*s.alpha[i])
	}
	s.x[r] = step
	s.eliminate(r)
	s.at[s.basis[r]] = -1
	s.basis[r], s.at[j] = j, int32(r)
	if s.pivots++; s.pivots >= refactorAt {
		s.refactor()
	}
	return true
}

// solve pivots until no variable improves, at most limit times; it tells how many it took.
func (s *simplex) solve(limit int) int {
	done := 0
	for done < limit {
		s.gather()
		if len(s.wanted) == 0 {
			break
		}
		for len(s.wanted) > 0 && done < limit {
			best, keep := -1, s.wanted[:0]
			for _, w := range s.wanted {
				if w.d = s.reduced(w.j); w.d < -reducedTol && s.at[w.j] < 0 {
					keep = append(keep, w)
					if best < 0 || w.d < keep[best].d {
						best = len(keep) - 1
					}
				}
			}
			s.wanted = keep
			if best < 0 {
				break
			}
			w := keep[best]
			s.wanted[best] = s.wanted[len(keep)-1]
			s.wanted = s.wanted[:len(keep)-1]
			if !s.enter(w.j, w.d) {
				return done
			}
			done++
		}
	}
	return done
}

// gather collects the variables with the most negative reduced costs.
func (s *simplex) gather() {
	most := 16 + s.m/16
	s.wanted = s.wanted[:0]
	worst := -reducedTol
	for j := range s.cost {
		if s.at[j] >= 0 {
			continue
		}
		d := s.reduced(int32(j))
		if d >= worst {
			continue
		}
		if len(s.wanted) < most {
			s.wanted = append(s.wanted, want{int32(j), d})
			continue
		}
		w := 0
		for k := range s.wanted {
			if s.wanted[k].d > s.wanted[w].d {
				w = k
			}
		}
		s.wanted[w] = want{int32(j), d}
		worst = s.wanted[0].d
		for _, v := range s.wanted {
			worst = max(worst, v.d)
		}
	}
}

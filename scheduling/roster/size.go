package roster

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// Tour is one way to work: the periods it covers and what one agent on it costs.
type Tour struct {
	Covers []int `json:"covers"` // positions in the requirement
	Cost   int64 `json:"cost"`
}

// SizeResult is the cheapest number of agents per tour.
type SizeResult struct {
	Counts []int   `json:"counts"`
	Cost   int64   `json:"cost"`
	Bound  float64 `json:"bound"`  // of the linear relaxation
	Proved bool    `json:"proved"` // no cheaper choice exists
}

// sizeNodes limits the tree of [Size].
const sizeNodes = 4000

// Size finds how many agents are needed on each tour so that every period has
// at least its requirement, at least cost: the tour scheduling model of Dantzig
// (1954), solved by branch and bound on its linear relaxation. It is meant for
// up to some hundred tours; when the tree grows too large the best choice found
// comes back with Proved = false. Requirements no tour covers are an error.
func Size(need []int, tours []Tour) (*SizeResult, error) {
	if len(need) == 0 || len(tours) == 0 || len(tours) > 400 || len(need) > 400 {
		return nil, invalid("size", "Sizing takes 1 to 400 periods and tours; there are %d and %d.", len(need), len(tours))
	}
	covered := make([]bool, len(need))
	for k, t := range tours {
		if t.Cost < 0 || t.Cost > maxPoints {
			return nil, invalid("weight", "Tour %d costs %d; allowed are 0 to %d.", k, t.Cost, maxPoints)
		}
		for _, p := range t.Covers {
			if p < 0 || p >= len(need) {
				return nil, invalid("tour", "Tour %d covers period %d, which does not exist.", k, p)
			}
			covered[p] = true
		}
	}
	for p, n := range need {
		if n < 0 || n > 1_000_000 || (n > 0 && !covered[p]) {
			return nil, invalid("uncoverable", "Period %d needs %d agents and no tour covers it, or the number is out of range.", p, n)
		}
	}
	z := &sizer{need: need, tours: tours, best: math.Inf(1), left: sizeNodes}
	root, _, ok := z.relax(nil)
	if !ok {
		return nil, invalid("size", "The requirement cannot be met by the tours.")
	}
	z.branch(nil)
	return &SizeResult{Counts: z.counts, Cost: int64(math.Round(z.best)), Bound: root, Proved: z.left > 0}, nil
}

// bound is a limit on one tour: at least or at most n agents.
type sizeLimit struct {
	tour  int
	least bool
	n     float64
}

type sizer struct {
	need   []int
	tours  []Tour
	best   float64
	counts []int
	left   int
}

// relax solves the linear relaxation under limits.
func (z *sizer) relax(limits []sizeLimit) (float64, []float64, bool) {
	rows, n := len(z.need)+len(limits), len(z.tours)
	a := mat.NewDense(rows, n+rows, nil)
	b := make([]float64, rows)
	c := make([]float64, n+rows)
	for k, t := range z.tours {
		c[k] = float64(t.Cost)
		for _, p := range t.Covers {
			a.Set(p, k, 1)
		}
	}
	for p, v := range z.need {
		b[p] = float64(v)
		a.Set(p, n+p, -1)
	}
	for x, l := range limits {
		r := len(z.need) + x
		a.Set(r, l.tour, 1)
		b[r] = l.n
		slack := 1.0
		if l.least {
			slack = -1
		}
		a.Set(r, n+r, slack)
	}
	value, x, err := lp.Simplex(c, a, b, 1e-9, nil)
	if err != nil {
		return 0, nil, false
	}
	return value, x[:n], true
}

// branch searches depth first, the rounding up of every relaxation being a choice.
func (z *sizer) branch(limits []sizeLimit) {
	if z.left--; z.left < 0 {
		return
	}
	value, x, ok := z.relax(limits)
	if !ok || math.Ceil(value-1e-6) >= z.best {
		return
	}
	z.round(x)
	at, worst := -1, 1e-6
	for k, v := range x {
		if f := math.Abs(v - math.Round(v)); f > worst {
			at, worst = k, f
		}
	}
	if at < 0 || math.Ceil(value-1e-6) >= z.best {
		return
	}
	next := append(limits[:len(limits):len(limits)], sizeLimit{at, true, math.Ceil(x[at])})
	z.branch(next)
	z.branch(append(limits[:len(limits):len(limits)], sizeLimit{at, false, math.Floor(x[at])}))
}

// round keeps the relaxation rounded up, less what is then not needed.
func (z *sizer) round(x []float64) {
	counts, have, cost := make([]int, len(x)), make([]int, len(z.need)), 0.0
	for k, v := range x {
		counts[k] = int(math.Ceil(v - 1e-6))
		for _, p := range z.tours[k].Covers {
			have[p] += counts[k]
		}
	}
	for k := range counts {
		spare := counts[k]
		for _, p := range z.tours[k].Covers {
			spare = min(spare, have[p]-z.need[p])
		}
		if spare = max(0, spare); spare > 0 {
			counts[k] -= spare
			for _, p := range z.tours[k].Covers {
				have[p] -= spare
			}
		}
		cost += float64(counts[k]) * float64(z.tours[k].Cost)
	}
	if cost < z.best {
		z.best, z.counts = cost, counts
	}
}

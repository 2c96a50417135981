package dayshift

import (
	"cmp"
	"slices"
)

// Diving: how far a cell must be decided to be fixed with others, and how many
// rounds of new rows follow each fixing.
const (
	decided     = 0.75
	diveRounds  = 6
	fixedAtOnce = 0.04 // of the block's cells, at most, in one step
)

// dive fixes cells step by step until the master is whole; it gives up when the
// master says that nothing better than the best roster is left. It tells whether
// it improved on the best.
func (g *generator) dive(rounds int, done func() bool) bool {
	before := g.bestVal
	for !done() {
		obj := g.generate(rounds, rootSmooth, done)
		whole := g.spread()
		g.round()
		if obj > float64(g.bestVal)-0.9 || done() {
			break
		}
		if whole || !g.fixCells() {
			break
		}
		rounds = diveRounds
	}
	return g.bestVal < before
}

// fixCells fixes the cells nearest to decided.
func (g *generator) fixCells() bool {
	width := g.m.shifts + 1
	var open []cell
	for x, f := range g.fraction {
		for k, share := range f {
			if share > 1e-3 && share < 0.999 {
				open = append(open, cell{x, k / width, k % width, share + g.noise()})
			}
		}
	}
	slices.SortStableFunc(open, func(a, b cell) int { return cmp.Compare(b.share, a.share) })
	basic := make([][]int32, len(g.agents))
	for r, j := range g.lp.basis {
		if j >= g.offset && g.lp.x[r] > 1e-6 {
			x := g.columns[j-g.offset].agent
			basic[x] = append(basic[x], j-g.offset)
		}
	}
	most, n := max(1, int(fixedAtOnce*float64(len(g.agents)*(g.w.b-g.w.a)))), 0
	for _, c := range open {
		if n > 0 && c.share < decided || n >= most {
			break
		}
		if g.compatible(basic[c.x], c) {
			g.fix(c.x, c.d, c.v)
			n++
		}
	}
	if n > 0 {
		g.ban()
	}
	return n > 0
}

// compatible tells whether a row in use fits the fixed cells of its agent and one more.
func (g *generator) compatible(rows []int32, c cell) bool {
	width := g.m.shifts + 1
	for _, k := range rows {
		row, fits := g.columns[k].row, true
		for d, v := range row {
			if g.cells[c.x][d*width+int(v)+1] >= noCell {
				fits = false
				break
			}
		}
		if fits && int(row[c.d])+1 == c.v {
			return true
		}
	}
	return false
}

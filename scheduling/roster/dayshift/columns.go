package dayshift

import (
	"math"
	"math/rand/v2"
)

// column is one row of one agent in the restricted master.
type column struct {
	agent int32
	row   []int8 // the days of the window
	cost  float64
}

// generator solves a block by column generation and diving: the restricted
// master chooses a row per agent from those found so far, as a linear program;
// its duals price the row program, which finds the next rows; cells that the
// program has nearly decided are fixed until it has decided all (after
// Strandmark, Qu and Curtois 2020, with a simplex for the master).
type generator struct {
	*block
	lp       *simplex
	columns  []column
	offset   int32 // variable of the first column
	rowOf    []int32
	seen     map[uint64]struct{}
	big      float64
	constant float64 // cost of cover that no row of the block changes
	fixes    int
	noise    func() float64 // added to shares when cells are compared
	notice   func()         // called every round
	fraction [][]float64    // per agent and cell of the window
	best     [][]int8       // per agent: the window's days of the best roster found
	bestVal  int64
	pivots   int // of the master, at most, between two rounds of new rows
}

const perturbation = 3e-4

// When a beam finds no row that improves the master, a wider one looks again, in
// the end the exact program.
const (
	widerBeam  = 4
	widestBeam = 20_000
)

// newGenerator builds the master with the rows as they stand as its first basis.
func newGenerator(b *block, rng *rand.Rand) *generator {
	g := &generator{block: b, seen: map[uint64]struct{}{}, rowOf: make([]int32, len(b.base)), bestVal: b.now, noise: func() float64 { return 0 }, notice: func() {}}
	g.big = 1000
	rhs := make([]float64, len(b.agents))
	for x := range rhs {
		rhs[x] = 1
	}
	for k, c := range b.cover {
		g.rowOf[k] = -1
		if c.full {
			g.constant -= c.over * float64(c.need)
		}
		if c.free || c.full {
			continue
		}
		g.big = max(g.big, 4*(c.under+c.over)*float64(b.w.b-b.w.a))
		g.rowOf[k] = int32(len(rhs))
		rhs = append(rhs, float64(c.need))
	}
	g.lp = newSimplex(rhs, func(r int) float64 {
		if r < len(b.agents) {
			return 0
		}
		return perturbation * (0.5 + rng.Float64())
	})
	for x := range b.agents {
		g.lp.add(g.big, false, int32(x))
	}
	have := append([]int32(nil), b.base...)
	for _, row := range b.rows {
		for d := b.w.a; d < b.w.b; d++ {
			if s := row[d]; s != Off {
				have[(d-b.w.a)*b.m.shifts+int(s)]++
			}
		}
	}
	basis := make([]int32, len(rhs))
	for k, c := range b.cover {
		if r := g.rowOf[k]; r >= 0 {
			u := g.lp.add(c.under, false, r)
			o := g.lp.add(c.over, true, r)
			if basis[r] = u; g.lp.b[r]-float64(have[k]-b.base[k]) < 0 {
				basis[r] = o
			}
		}
	}
	g.offset = int32(len(g.lp.cost))
	for x, row := range b.rows {
		basis[x] = g.offset + int32(x)
		g.addColumn(x, row)
		g.best = append(g.best, append([]int8(nil), row[b.w.a:b.w.b]...))
	}
	g.lp.start(basis)
	g.pivots = 100 * g.lp.m
	for range b.agents {
		g.fraction = append(g.fraction, make([]float64, len(b.cells[0])))
	}
	return g
}

// addColumn adds a row of an agent unless the pool has it.
func (g *generator) addColumn(x int, row []int8) bool {
	part := row[g.w.a:g.w.b]
	key := rowKey(x, part)
	if _, ok := g.seen[key]; ok {
		return false
	}
	g.seen[key] = struct{}{}
	width, cost := g.m.shifts+1, 0.0
	rows := make([]int32, 1, len(part)+1)
	rows[0] = int32(x)
	for d, v := range part {
		if c := g.m.fixed[g.agents[x]][(g.w.a+d)*width+int(v)+1]; c < noCell {
			cost += float64(c)
		}
		if v != Off {
			k := d*g.m.shifts + int(v)
			if g.cover[k].full {
				cost += g.cover[k].over
			}
			if r := g.rowOf[k]; r >= 0 {
				rows = append(rows, r)
			}
		}
	}
	g.lp.add(cost, false, rows...)
	own := append([]int8(nil), part...)
	g.columns = append(g.columns, column{int32(x), own, cost})
	g.pool[x] = append(g.pool[x], own)
	return true
}

// addFound adds the rows of the last pricing.
func (g *generator) addFound() {
	for x := range g.agents {
		if g.ok[x] {
			g.addColumn(x, g.found[x])
		}
	}
}

// rowKey is a hash of an agent's row (FNV-1a).
func rowKey(x int, part []int8) uint64 {
	key := (uint64(14695981039346656037) ^ uint64(x)) * 1099511628211
	for _, v := range part {
		key = (key ^ uint64(uint8(v))) * 1099511628211
	}
	return key
}

// lpDuals sets the multipliers to those of the master, moved by part towards the
// multipliers of the best bound.
func (g *generator) lpDuals(part float64) {
	scale := float64(g.m.scale)
	for k, r := range g.rowOf {
		v := 0.0
		switch {
		case r >= 0:
			v = g.lp.dual[r] * scale
		case g.cover[k].full:
			v = -g.cover[k].over * scale
		}
		if r >= 0 && part > 0 && g.centered {
			v += part * (float64(g.center[k]) - v)
		}
		g.dual[k] = int32(math.Round(v))
	}
}

// generate adds rows that improve the master for a number of rounds, or until
// none does. It returns the master's value.
func (g *generator) generate(rounds int, smooth float64, done func() bool) float64 {
	for range rounds {
		g.lp.solve(g.pivots)
		if g.notice(); done() {
			break
		}
		added, open := 0, false
		for _, part := range []float64{smooth, 0} {
			if part == 0 && added > 0 {
				break
			}
			g.lpDuals(part)
			g.priceRows()
			if g.fixes == 0 {
				g.improveBound()
			}
			for x := range g.agents {
				if g.ok[x] && g.gain(x) > 1e-3 && g.addColumn(x, g.found[x]) {
					added++
				}
			}
			open = g.chargeExcess()
		}
		if g.fixes == 0 && g.lowerBound() >= g.bestVal {
			break // nothing better exists
		}
		if added == 0 && g.cut() {
			if g.beam *= widerBeam; g.beam > widestBeam {
				g.beam = 0
			}
			continue
		}
		if added == 0 && !open || g.value()-float64(g.bound)/float64(g.m.scale) < 1e-2 && g.fixes == 0 {
			break
		}
	}
	g.lp.solve(g.pivots)
	return g.value()
}

// value is the cost of the block that the master stands at.
func (g *generator) value() float64 { return g.lp.objective() + g.constant }

// gain is by how much the row found for an agent improves the master per unit.
func (g *generator) gain(x int) float64 {
	sum, row, width := g.lp.dual[x], g.found[x], g.m.shifts+1
	for d := g.w.a; d < g.w.b; d++ {
		v := int(row[d])
		c := g.cells[x][(d-g.w.a)*width+v+1]
		if c >= noCell {
			return 0
		}
		sum -= float64(c)
		if v != Off {
			k := (d-g.w.a)*g.m.shifts + v
			if g.cover[k].full {
				sum -= g.cover[k].over
			}
			if r := g.rowOf[k]; r >= 0 {
				sum += g.lp.dual[r]
			}
		}
	}
	return sum
}

// spread computes how much of each cell the master has decided; it tells whether
// all is decided.
func (g *generator) spread() bool {
	width, whole := g.m.shifts+1, true
	for _, f := range g.fraction {
		for k := range f {
			f[k] = 0
		}
	}
	for r, j := range g.lp.basis {
		v := g.lp.x[r]
		if j < g.offset || v < 1e-6 {
			continue
		}
		c := &g.columns[j-g.offset]
		if v < 0.97 {
			whole = false
		}
		f := g.fraction[c.agent]
		for d, s := range c.row {
			f[d*width+int(s)+1] += v
		}
	}
	return whole
}

// round takes the heaviest row of each agent as a roster and keeps it when it is the best.
func (g *generator) round() {
	heavy := make([]int32, len(g.agents))
	weight := make([]float64, len(g.agents))
	for x := range heavy {
		heavy[x] = int32(x) // the row as it stood
	}
	for r, j := range g.lp.basis {
		if j >= g.offset {
			c := &g.columns[j-g.offset]
			if g.lp.x[r] > weight[c.agent] {
				heavy[c.agent], weight[c.agent] = j-g.offset, g.lp.x[r]
			}
		}
	}
	rows := make([][]int8, len(g.agents))
	for x, h := range heavy {
		rows[x] = append([]int8(nil), g.rows[x]...)
		copy(rows[x][g.w.a:g.w.b], g.columns[h].row)
	}
	v := g.cost(rows)
	if v < g.bestVal {
		g.bestVal = v
		for x := range rows {
			copy(g.best[x], rows[x][g.w.a:g.w.b])
		}
	}
}

// fix decides a cell of an agent.
func (g *generator) fix(x, d, v int) {
	width := g.m.shifts + 1
	line := g.cells[x][d*width : (d+1)*width]
	for t := range line {
		if t != v {
			line[t] = noCell
		}
	}
	g.fixes++
}

// ban makes the columns that contradict the fixed cells dear.
func (g *generator) ban() {
	width := g.m.shifts + 1
	for k := range g.columns {
		c := &g.columns[k]
		j := g.offset + int32(k)
		g.lp.cost[j] = c.cost
		cells := g.cells[c.agent]
		for d, v := range c.row {
			if cells[d*width+int(v)+1] >= noCell {
				g.lp.cost[j] = c.cost + 2*g.big
				break
			}
		}
	}
	g.lp.reprice()
}

// cell is a cell of an agent and how far it is decided.
type cell struct {
	x, d, v int
	share   float64
}

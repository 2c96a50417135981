package dayshift

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// improver takes a legal roster and improves it by columns: the whole problem
// first, where the row program can hold it, then blocks of agents and days.
type improver struct {
	m      *model
	s      *state
	spend  *budget
	rng    *rand.Rand
	dps    []*rowDP
	legal  []int // agents with a legal row
	guide  []int32
	bound  int64
	before int64 // rows built before, by one thread
	moves  int64
	bestAt float64
	fits   bool       // the row program can hold the whole horizon
	rooted bool       // columns have been generated for the whole problem
	pool   [][][]int8 // per agent: rows over the whole horizon worth trying
	size   float64    // agents of a block over the whole horizon
}

func newImprover(m *model, first *searcher, spend *budget, moves int64) *improver {
	x := &improver{m: m, s: newState(m), spend: spend, rng: rand.New(rand.NewPCG(spend.o.Seed, 0xb10c)), guide: make([]int32, m.days*m.shifts), before: first.moves, moves: moves, bestAt: first.bestAt, size: 6}
	x.s.rows, x.fits, x.pool = first.best, m.wholeFits(), make([][][]int8, m.agents)
	x.s.recount()
	for range max(1, spend.o.Threads) {
		x.dps = append(x.dps, newRowDP(m))
	}
	failed := make([]bool, m.agents)
	for _, i := range first.failed {
		failed[i] = true
	}
	for i, f := range failed {
		if !f {
			x.legal = append(x.legal, i)
		}
	}
	return x
}

// rows is the number of rows built so far, by all threads.
func (x *improver) rows() int64 {
	n := int64(0)
	for _, dp := range x.dps {
		n += dp.solved
	}
	return n
}

// fraction is the share of the budget spent.
func (x *improver) fraction() float64 {
	return x.spend.fraction(x.before + x.rows()/int64(len(x.dps)))
}

func (x *improver) over() bool {
	return x.spend.cancelled() || x.fraction() >= 1 || (x.bound > 0 && x.s.cost <= x.bound)
}

// large tells whether the whole problem is better begun in parts.
func (m *model) large() bool { return m.agents*m.days*m.shifts > largeCells }

// wholeFits tells whether the row program can hold the whole horizon of every agent.
func (m *model) wholeFits() bool {
	for i := range m.agents {
		if m.entries(m.plans[i], &m.p.Agents[i]) > mostEntries {
			return false
		}
	}
	return m.days <= wholeDays
}

// The whole problem is done with at a share of the budget, the dive from it at
// another; its bound gets a share of its own at most.
const (
	rootShare    = 0.8
	diveShare    = 0.9
	certifyShare = 0.03
)

func (x *improver) run() {
	if x.over() || len(x.legal) == 0 {
		return
	}
	x.foresee()
	if x.fits {
		if x.m.large() {
			x.batches(earlyShare)
		}
		x.whole()
	}
	x.batches(1)
}

// batches solves blocks until a share of the budget is spent.
func (x *improver) batches(share float64) {
	for stop := x.until(share); !x.over() && !stop(); {
		x.batch(share)
	}
}

// until stops at a share of the budget.
func (x *improver) until(share float64) func() bool {
	return func() bool { return x.spend.cancelled() || x.fraction() >= share }
}

// whole generates columns for all agents and dives from there.
func (x *improver) whole() {
	if x.over() {
		return
	}
	b := newBlock(x.m, x.legal, window{0, x.m.days}, x.s.rows, x.s.count, x.dps)
	copy(b.center, x.guide)
	b.centered = true
	g := newGenerator(b, x.rng)
	g.lp.stop = x.until(diveShare)
	g.notice = func() {
		if g.fixes == 0 {
			x.take(b)
		}
	}
	g.climb(climbRounds, 0.05, g.addFound, x.until(rootShare))
	g.pivots = rootPivots * g.lp.m
	g.generate(math.MaxInt, rootSmooth, x.until(rootShare))
	g.pivots = 100 * g.lp.m
	g.certify(x.until(x.fraction() + certifyShare))
	g.notice()
	g.lpDuals(0)
	copy(x.guide, g.dual)
	x.remember(g)
	x.rooted = true
	if x.over() {
		return
	}
	g.dive(diveRounds, x.until(diveShare))
	x.apply(&trial{generator: g})
}

// foresee climbs multipliers for the whole problem with the outlook alone, which
// horizons of any length permit: for the bound and to guide blocks.
func (x *improver) foresee() {
	b := newBlock(x.m, x.legal, window{0, x.m.days}, x.s.rows, x.s.count, x.dps)
	for _, dp := range x.dps {
		dp.loose = true
	}
	b.climb(looseRounds, 0.25, func() { x.take(b) }, x.until(x.fraction()+looseShare))
	for _, dp := range x.dps {
		dp.loose = false
	}
	x.take(b)
	copy(x.guide, b.center)
}

// take takes the bound of a block over the whole problem and tells of it.
func (x *improver) take(b *block) {
	if len(x.legal) < x.m.agents || b.lowerBound() <= x.bound {
		return
	}
	x.bound = b.lowerBound()
	x.tell()
}

func (x *improver) tell() {
	if x.spend.o.Progress != nil {
		x.spend.o.Progress(Progress{Fraction: min(1, x.fraction()), Penalty: x.s.cost, Bound: x.bound, Moves: x.moves + x.rows()})
	}
}

// trial is a block and what came out of it.
type trial struct {
	*generator
	won bool
}

// Windows of blocks on horizons the row program cannot hold, and on those it can.
const (
	blockDays   = 28
	largeCells  = 10_000 // agents, days and shifts multiplied: from here on blocks come first
	earlyShare  = 0.6
	climbRounds = 40
	rootPivots  = 4  // per row of the master, between two rounds of new rows
	blockRounds = 24 // for blocks without rows from the whole problem
	rootSmooth  = 0.5
	looseRounds = 150 // of the outlook alone
	looseShare  = 0.1
	triedRound  = 20 // rounds of columns before a block is given up or dived into
)

// batch solves one block per thread around the same roster and applies what improves it.
func (x *improver) batch(share float64) {
	trials := make([]*trial, len(x.dps))
	taken := make([]bool, x.m.agents)
	for t := range trials {
		trials[t] = x.pick(taken, t)
	}
	spent, allowed := make([]int64, len(trials)), int64(math.MaxInt64)
	if x.spend.o.Moves > 0 {
		allowed = int64(share*float64(x.spend.o.Moves)) - x.before - x.rows()/int64(len(x.dps))
	}
	var wg sync.WaitGroup
	for t, y := range trials {
		dp := x.dps[t]
		spent[t] = dp.solved
		done := func() bool {
			return x.spend.cancelled() || dp.solved-spent[t] >= allowed || x.spend.fraction(0) >= share
		}
		y.lp.stop = done
		wg.Go(func() {
			if !x.rooted {
				y.climb(blockRounds, 0.05, y.addFound, done)
			}
			y.won = y.dive(triedRound, done)
		})
	}
	wg.Wait()
	slices.SortStableFunc(trials, func(a, b *trial) int { return cmp.Compare(a.bestVal-a.now, b.bestVal-b.now) })
	for _, y := range trials {
		x.learn(y)
		if y.won {
			x.apply(y)
		}
	}
}

// learn adapts the size of blocks: those that are proven good at once were too
// small, those in which dives end in nothing too large.
func (x *improver) learn(y *trial) {
	switch {
	case y.won:
	case y.fixes == 0:
		x.size = min(x.size*1.03, float64(len(x.legal)))
	default:
		x.size = max(4, x.size*0.98)
	}
	if y.fixes == 0 {
		copy(x.guide[y.w.a*x.m.shifts:y.w.b*x.m.shifts], y.dual)
	}
}

// poolRows is the number of rows remembered per agent.
const poolRows = 60

// remember keeps the rows of the master that are nearest to being used.
func (x *improver) remember(g *generator) {
	order := make([]int, len(g.columns))
	near := make([]float64, len(order))
	for k := range order {
		order[k], near[k] = k, g.lp.reduced(g.offset+int32(k))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(near[a], near[b]) })
	for _, k := range order {
		c := &g.columns[k]
		if i := g.agents[c.agent]; len(x.pool[i]) < poolRows {
			x.pool[i] = append(x.pool[i], c.row)
		}
	}
}

// seed gives a block the remembered rows of an agent that fit its window.
func (x *improver) seed(g *generator, k int, rows [][]int8) {
	row, i := append([]int8(nil), g.rows[k]...), g.agents[k]
	for _, r := range rows {
		copy(row[g.w.a:g.w.b], r[g.w.a:g.w.b])
		legal := true
		if g.w.b-g.w.a < x.m.days {
			x.m.violations(i, row, func(int, string, int, int) { legal = false })
		}
		if legal {
			g.addColumn(k, row)
		}
	}
}

// apply books the best rows of a block when they improve the roster as it now is.
func (x *improver) apply(y *trial) {
	old, cost := make([][]int8, len(y.agents)), x.s.cost
	for k, i := range y.agents {
		old[k] = append([]int8(nil), x.s.rows[i]...)
		for d, v := range old[k] {
			if v != y.rows[k][d] {
				return // another block of the batch has changed this row
			}
		}
	}
	for k, i := range y.agents {
		x.s.remove(i, y.w)
		copy(x.s.rows[i][y.w.a:y.w.b], y.best[k])
		x.s.insert(i, y.w)
	}
	if x.s.cost >= cost {
		for k, i := range y.agents {
			x.s.remove(i, y.w)
			copy(x.s.rows[i], old[k])
			x.s.insert(i, y.w)
		}
		return
	}
	x.bestAt = x.fraction()
	x.tell()
}

// pick draws the agents and days of a block, different agents for each thread while they last.
func (x *improver) pick(taken []bool, t int) *trial {
	m := x.m
	rng := rand.New(rand.NewPCG(x.rng.Uint64(), 0xb10c))
	w, size := window{0, m.days}, x.size
	if !x.fits || rng.IntN(2) == 0 {
		n := min(m.days, blockDays+rng.IntN(blockDays/2))
		if x.fits {
			n = min(m.days, blockDays/2+rng.IntN(blockDays/2))
			size *= float64(m.days) / float64(n)
		}
		a := max(0, rng.IntN(m.days+n)-n)
		w = window{a, min(m.days, a+n)}
	}
	k := min(len(x.legal), int(size))
	order := rng.Perm(len(x.legal))
	agents := make([]int, 0, k)
	for _, again := range []bool{false, true} {
		for _, o := range order {
			if i := x.legal[o]; len(agents) < k && taken[i] == again {
				agents = append(agents, i)
			}
		}
	}
	for _, i := range agents {
		taken[i] = true
	}
	slices.Sort(agents)
	b := newBlock(m, agents, w, x.s.rows, x.s.count, x.dps[t:t+1])
	copy(b.center, x.guide[w.a*m.shifts:w.b*m.shifts])
	b.centered = true
	g := newGenerator(b, rng)
	g.noise = func() float64 { return 0.2*rng.Float64() - 0.1 }
	for k, i := range agents {
		x.seed(g, k, x.pool[i])
	}
	return &trial{generator: g}
}

package dayshift

import (
	"context"
	"math"
	"sync"
	"time"
)

// Options steer a solve.
type Options struct {
	Seed     uint64
	Threads  int                  // searches side by side (default 1); the best wins
	Moves    int64                // limit of rebuilds (ruin and recreate) per thread; deterministic. 0 with no Time = 20,000
	Time     time.Duration        // budget by Clock
	Clock    func() time.Duration // elapsed time; needed for Time
	Start    [][]int8             // begin from these rows
	Progress func(Progress)       // called from one goroutine
}

// Progress is how far a solve is.
type Progress struct {
	Fraction float64
	Penalty  int64
	Moves    int64
}

// Solve returns the best roster it finds; cancelling returns the best so far.
// Errors are about the problem (kind invalid).
func Solve(ctx context.Context, p *Problem, o Options) (*Result, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	m := compile(p)
	if o.Moves <= 0 && (o.Time <= 0 || o.Clock == nil) {
		o.Moves = 20_000
	}
	threads := max(1, o.Threads)
	lag := m.multipliers(ctx, o, threads)
	found := make([]*searcher, threads)
	var wg sync.WaitGroup
	for t := range threads {
		q := newSearcher(m, o.Seed, uint64(t))
		q.target = lag.lowerBound()
		if lag.step >= guideRounds {
			q.guide = lag.best
		}
		found[t] = q
		progress := o.Progress
		if t > 0 {
			progress = nil
		}
		wg.Go(func() { q.run(ctx, o, progress) })
	}
	wg.Wait()
	best, moves, solved := found[0], int64(0), int64(0)
	for _, q := range found {
		moves, solved = moves+q.moves+q.scored, solved+q.dp.solved
		if q.better(best) {
			best = q
		}
	}
	res := &Result{Rows: best.best, Bound: lag.lowerBound(), Moves: moves, RowsBuilt: solved, BestAt: best.bestAt}
	res.Penalty, res.Broken = Judge(p, res.Rows)
	return res, nil
}

// better prefers fewer agents without a legal row, then the smaller penalty.
func (q *searcher) better(o *searcher) bool {
	if len(q.failed) != len(o.failed) {
		return len(q.failed) < len(o.failed)
	}
	return q.bestVal < o.bestVal
}

// The multipliers get a tenth of a time budget, or a fixed number of rounds.
const (
	lagrangeShare  = 0.1
	lagrangeRounds = 300
	guideRounds    = 250 // fewer leave multipliers that mislead more than they guide
)

// multipliers climbs the Lagrangian; horizons whose rows are built in parts have none.
func (m *model) multipliers(ctx context.Context, o Options, threads int) *lagrange {
	l := newLagrange(m, threads)
	if m.days > wholeDays {
		return l
	}
	most := 0.0
	for k := range m.days * m.shifts {
		most = max(most, l.x[k].high/priceScale)
	}
	timed := o.Time > 0 && o.Clock != nil
	rounds := lagrangeRounds
	if timed {
		rounds = 4000
	}
	for k := 0; k < rounds && ctx.Err() == nil; k++ {
		f := float64(k) / float64(rounds)
		if timed {
			f = max(f, float64(o.Clock())/(lagrangeShare*float64(o.Time)))
		}
		if f >= 1 {
			break
		}
		l.iterate(most/4*(1-f)*(1-f)*(1-f) + 0.02)
	}
	return l
}

// Judge scores rows: the penalty and the hard rules broken.
func Judge(p *Problem, rows [][]int8) (int64, []Violation) {
	m := compile(p)
	s := newState(m)
	var broken []Violation
	for i, r := range rows {
		copy(s.rows[i], r)
		m.violations(i, s.rows[i], func(day int, rule string, got, limit int) {
			broken = append(broken, Violation{Agent: i, Day: day, Rule: rule, Reason: reason(rule, got, limit)})
		})
	}
	return s.full(), broken
}

// run is one search: a first roster, then annealing by ruin and recreate.
func (q *searcher) run(ctx context.Context, o Options, progress func(Progress)) {
	fraction := func() float64 {
		f := 0.0
		if o.Moves > 0 {
			f = float64(q.moves) / float64(o.Moves)
		}
		if o.Time > 0 && o.Clock != nil {
			f = math.Max(f, float64(o.Clock())/float64(o.Time))
		}
		return f
	}
	stop := func() bool { return ctx.Err() != nil || (q.target > 0 && q.bestVal <= q.target) }
	q.onBest = func() {
		q.bestAt = fraction()
		if progress != nil {
			progress(Progress{Fraction: min(1, q.bestAt), Penalty: q.bestVal, Moves: q.moves})
		}
	}
	if o.Start != nil {
		q.load(o.Start)
	} else {
		q.failed = q.construct(stop)
	}
	q.keep()
	// A long cooling, then two shorter ones from the best with less heat.
	for _, c := range []struct{ from, to, hot float64 }{{0, 0.5, hotPoints}, {0.5, 0.8, hotPoints / 2}, {0.8, 1, hotPoints / 4}} {
		q.load(q.best)
		q.annealRows(c.hot, coldPoints, c.from, c.to, fraction, stop)
	}
}

// Temperatures in points of penalty.
const (
	hotPoints  = 16.0
	coldPoints = 0.3
)

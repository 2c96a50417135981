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
	Threads  int                  // searches side by side (default 1)
	Moves    int64                // limit of rows built by the row program, per thread; deterministic. 0 with no Time = 20,000
	Time     time.Duration        // budget by Clock
	Clock    func() time.Duration // elapsed time, safe for concurrent use; needed for Time
	Start    [][]int8             // begin from these rows
	Progress func(Progress)       // called from one goroutine
}

// Progress is how far a solve is.
type Progress struct {
	Fraction float64
	Penalty  int64
	Bound    int64 // no legal roster has a smaller penalty; 0 when not known yet
	Moves    int64
}

// budget says how much of a solve is spent.
type budget struct {
	ctx context.Context
	o   Options
}

func newBudget(ctx context.Context, o Options) *budget {
	if o.Moves <= 0 && (o.Time <= 0 || o.Clock == nil) {
		o.Moves = 20_000
	}
	return &budget{ctx: ctx, o: o}
}

// fraction is the share spent when a thread has built so many rows.
func (b *budget) fraction(rows int64) float64 {
	f := 0.0
	if b.o.Moves > 0 {
		f = float64(rows) / float64(b.o.Moves)
	}
	if b.o.Time > 0 && b.o.Clock != nil {
		f = math.Max(f, float64(b.o.Clock())/float64(b.o.Time))
	}
	return f
}

func (b *budget) cancelled() bool { return b.ctx.Err() != nil }

// Solve returns the best roster it finds; cancelling returns the best so far.
// Errors are about the problem (kind invalid).
//
// A short annealing gives a first roster. Then columns are generated for the
// whole problem where the row program can hold its horizon, which gives the
// bound and, by diving, a roster near it; the rest of the budget goes to blocks
// of agents and days solved in the same way around the best roster.
func Solve(ctx context.Context, p *Problem, o Options) (*Result, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	m := compile(p)
	spend := newBudget(ctx, o)
	first, moves, solved := m.firstRoster(spend)
	x := newImprover(m, first, spend, moves)
	x.run()
	for _, dp := range x.dps {
		solved += dp.solved
	}
	res := &Result{Rows: x.s.rows, Bound: x.bound, Moves: moves + x.rows(), RowsBuilt: solved, BestAt: x.bestAt}
	res.Penalty, res.Broken = Judge(p, res.Rows)
	return res, nil
}

// firstRoster anneals with one search per thread and returns the best.
func (m *model) firstRoster(spend *budget) (best *searcher, moves, solved int64) {
	until := firstShare
	switch {
	case !m.wholeFits():
		until = firstShareLong
	case m.large():
		until = firstShareLarge
	}
	found := make([]*searcher, max(1, spend.o.Threads))
	var wg sync.WaitGroup
	for t := range found {
		q := newSearcher(m, spend.o.Seed, uint64(t))
		found[t] = q
		q.onBest = func() {
			q.bestAt = min(1, spend.fraction(q.moves))
			if t == 0 && spend.o.Progress != nil {
				spend.o.Progress(Progress{Fraction: q.bestAt, Penalty: q.bestVal, Moves: q.moves + q.scored})
			}
		}
		wg.Go(func() { q.run(spend, until) })
	}
	wg.Wait()
	best = found[0]
	for _, q := range found {
		moves, solved = moves+q.moves+q.scored, solved+q.dp.solved
		if q.better(best) {
			best = q
		}
	}
	return best, moves, solved
}

// The share of the budget that the first roster gets; large problems and
// horizons that the row program cannot hold in one go have a longer way to a
// good one.
const (
	firstShare      = 0.05
	firstShareLarge = 0.5
	firstShareLong  = 0.6
)

// better prefers fewer agents without a legal row, then the smaller penalty.
func (q *searcher) better(o *searcher) bool {
	if len(q.failed) != len(o.failed) {
		return len(q.failed) < len(o.failed)
	}
	return q.bestVal < o.bestVal
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

// run is one search: a first roster, then annealing by ruin and recreate until
// the given share of the budget is spent.
func (q *searcher) run(spend *budget, until float64) {
	if spend.o.Start != nil {
		q.load(spend.o.Start)
		q.failed = q.illegal()
	} else {
		q.failed = q.construct(spend.cancelled)
	}
	if len(q.failed) > 0 {
		until = 1 // without a legal row for everybody the columns have less to say
	}
	q.keep()
	begin := spend.fraction(q.moves)
	q.annealRows(hotPoints, coldPoints, begin, until, func() float64 { return spend.fraction(q.moves) }, spend.cancelled)
}

// illegal lists the agents whose rows break a rule.
func (q *searcher) illegal() []int {
	var out []int
	for i, row := range q.s.rows {
		legal := true
		q.s.m.violations(i, row, func(int, string, int, int) { legal = false })
		if !legal {
			out = append(out, i)
		}
	}
	return out
}

// Temperatures in points of penalty.
const (
	hotPoints  = 16.0
	coldPoints = 0.3
)

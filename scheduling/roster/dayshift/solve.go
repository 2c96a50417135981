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
	Moves    int64                // limit of moves per thread; deterministic. 0 with no Time = 20,000
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
	found := make([]*searcher, threads)
	var wg sync.WaitGroup
	for t := range threads {
		found[t] = newSearcher(m, o.Seed, uint64(t))
		progress := o.Progress
		if t > 0 {
			progress = nil
		}
		wg.Go(func() { found[t].run(ctx, o, progress) })
	}
	wg.Wait()
	best, moves, solved := found[0], int64(0), int64(0)
	for _, q := range found {
		moves, solved = moves+q.moves, solved+q.dp.solved
		if q.bestVal < best.bestVal {
			best = q
		}
	}
	res := &Result{Rows: best.best, Moves: moves, Rows1: solved, BestAt: best.bestAt}
	res.Penalty, res.Broken = Judge(p, res.Rows)
	return res, nil
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
	stop := func() bool { return ctx.Err() != nil }
	q.onBest = func() {
		q.bestAt = fraction()
		if progress != nil {
			progress(Progress{Fraction: min(1, q.bestAt), Penalty: q.bestVal, Moves: q.moves})
		}
	}
	if o.Start != nil {
		q.load(o.Start)
	} else {
		q.construct(stop)
	}
	q.keep()
	q.annealRows(Hot, Cold, fraction, stop)
}

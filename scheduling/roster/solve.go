package roster

import (
	"context"
	"math"
	"sync"
	"time"
)

// Options steer a solve. The zero value is a quick deterministic solve.
type Options struct {
	Seed     uint64
	Threads  int                  // searches side by side with keyed seeds; the best wins (default 1)
	Moves    int64                // moves per thread; 0 = 250 per agent-day, at least 20,000, unless Time is set
	Time     time.Duration        // budget by Clock; 0 = none. With a budget the result depends on the machine
	Clock    func() time.Duration // elapsed time since the solve began; needed for Time and never read without it
	Start    *Solution            // begin from these shifts instead of an empty roster
	Staffed  bool                 // fill Coverage.Staffed
	Progress func(Progress)       // called from one goroutine, a few times per second at most
}

// Progress is how far a solve is.
type Progress struct {
	Fraction float64 // of moves or time, 0..1
	Moves    int64   // of the first thread
	Total    int64   // points of the best roster so far, relative; falls as the search goes on
	Score    Score   // of the best roster so far, by level
	Bound    int64   // of the cover level
	Least    int64   // bound of the total of Score: no roster has fewer points
	Stage    string  // "construct", "improve" or "finish"
}

// Solve returns the best roster it finds. A cancelled or expired context is not
// an error: the best roster so far comes back with Stopped = "cancelled". The
// same problem, seed, threads and move limit give the same roster. Errors are
// about the problem itself (kind invalid).
func Solve(ctx context.Context, p *Problem, o Options) (*Solution, error) {
	m, err := compile(p)
	if err != nil {
		return nil, err
	}
	threads := max(1, o.Threads)
	if o.Moves <= 0 && (o.Time <= 0 || o.Clock == nil) {
		o.Moves = max(20_000, int64(len(p.Agents)*p.Days)*250)
	}
	extra := 0
	if o.Start != nil {
		extra = longest(m, o.Start.Shifts)
	}
	// Known before the search, so that its progress can say how far the end may be.
	bounds := m.totalBound(threads)
	least := downward(bounds.maximise(o.effort(ctx, 0.05), math.Inf(1)))
	results := make([]*search, threads)
	var wg sync.WaitGroup
	for t := range threads {
		results[t] = newSearch(m, o.Seed, t, extra)
		if o.Start != nil {
			if err := results[t].s.begin(o.Start.Shifts); err != nil {
				return nil, err
			}
		}
		progress := o.Progress
		if t > 0 {
			progress = nil
		}
		results[t].clock, results[t].least = o.Clock, least
		own := o
		own.Time = time.Duration(searchPart * float64(o.Time))
		wg.Go(func() { results[t].run(ctx, own, progress) })
	}
	wg.Wait()
	best, moves := results[0], int64(0)
	for _, r := range results {
		moves += r.moves
		if r.best.total < best.best.total {
			best = r
		}
	}
	best.s.load(best.best)
	sol := best.s.solution(o.Staffed)
	sol.Moves, sol.BestAt, sol.BestAfter = moves, best.best.move, best.best.after
	sol.Proofs = m.proofs()
	sol.Bound = m.bound()
	sol.PaidBound = best.s.leastPaid(o.effort(ctx, 0.97))
	sol.TotalBound = max(least, downward(bounds.maximise(o.effort(ctx, 1), float64(sol.Score.Total()))))
	sol.Stopped = stoppedBy(ctx, o)
	return sol, nil
}

// searchPart of a time budget is for the search, the rest for the bounds.
const searchPart = 0.93

// effort is what one bound may cost: as much as a part of the moves, and not
// beyond a share of the time budget.
func (o Options) effort(ctx context.Context, share float64) effort {
	const perMove, most = 3000, 8e9
	work := float64(most)
	if o.Moves > 0 {
		work = min(most, float64(o.Moves)*perMove)
	}
	return effort{work: work, threads: max(1, o.Threads), stop: func() bool {
		return ctx.Err() != nil || (o.Time > 0 && o.Clock != nil && float64(o.Clock()) >= share*float64(o.Time))
	}}
}

func stoppedBy(ctx context.Context, o Options) string {
	switch {
	case ctx.Err() != nil:
		return "cancelled"
	case o.Time > 0 && o.Clock != nil && float64(o.Clock()) >= searchPart*float64(o.Time):
		return "time"
	}
	return "moves"
}

// run is one search from start to finish: construct, a round of whole rows,
// annealing with a rebuilt row now and then, breaks and activities at the end.
func (q *search) run(ctx context.Context, o Options, progress func(Progress)) {
	begun := len(q.agent) == 0 || o.Start != nil
	fraction := func() float64 {
		f := 0.0
		if o.Moves > 0 {
			f = float64(q.moves) / float64(o.Moves)
		}
		if o.Time > 0 && o.Clock != nil {
			f = max(f, float64(o.Clock())/float64(o.Time))
		}
		return f
	}
	stop := func() bool { return ctx.Err() != nil || (o.Time > 0 && o.Clock != nil && o.Clock() >= o.Time) }
	bound := int64(0)
	if q.watch = progress != nil; q.watch {
		bound = q.s.m.bound()
	}
	tell := func(stage string) {
		if progress != nil {
			g := Progress{Fraction: min(1, fraction()), Moves: q.moves, Total: q.s.total(), Bound: bound, Least: q.least, Stage: stage}
			if q.best != nil {
				g.Total, g.Score = q.best.total, q.best.score
			}
			progress(g)
		}
	}
	tell("construct")
	if !begun {
		q.construct(stop)
	}
	q.keep()
	for round := 0; round < 2 && len(q.agent) > 0; round++ {
		for _, i := range q.agent {
			if stop() {
				break
			}
			q.rebuild(i, 0, nil)
		}
		q.keep()
	}
	q.anneal(stop, fraction, tell)
	q.s.load(q.best)
	q.temp = 0
	q.finish(stop)
	q.keep()
	tell("finish")
}

// finish places the breaks and activities of one shift after the other anew
// until no shift gains.
func (q *search) finish(stop func() bool) {
	for round := 0; round < 6; round++ {
		before := q.s.total()
		for _, i := range q.agent {
			if stop() && round > 0 {
				return
			}
			for d, c := range q.s.rows[i] {
				if c.on() && !q.s.m.agents[i].frozen[d] {
					q.try(i, d, c, -1, -1, off)
				}
			}
		}
		if q.s.total() >= before {
			return
		}
	}
}

// begin loads given shifts into an empty state; pinned cells stay as they are.
func (s *state) begin(shifts []Shift) error {
	for _, sh := range shifts {
		if sh.Agent < 0 || sh.Agent >= len(s.rows) || sh.Day < 0 || sh.Day >= s.m.p.Days {
			return invalid("start", "A shift to start from names agent %d and day %d, which do not exist.", sh.Agent, sh.Day)
		}
		if err := s.m.p.checkCell("A shift to start from", sh.Template, sh.Day, sh.Start, sh.Minutes); err != nil {
			return err
		}
		c := s.m.newCell(s.m.templateIndex(sh.Template), int32(sh.Start/s.m.slot), int32(sh.Minutes/s.m.slot))
		if a := &s.m.agents[sh.Agent]; a.pinned[sh.Day] && a.pin[sh.Day] != c {
			continue
		}
		s.clearCell(sh.Agent, sh.Day)
		acts, err := s.actsFrom(sh, c)
		if err != nil {
			return err
		}
		if acts == nil {
			s.setCell(sh.Agent, sh.Day, c)
		} else {
			s.restoreCell(sh.Agent, sh.Day, c, acts)
		}
	}
	for i := range s.rows {
		s.rescore(i)
	}
	return nil
}

// actsFrom reads the activities of a shift; nil when it has none.
func (s *state) actsFrom(sh Shift, c cell) ([]int16, error) {
	if len(sh.Activities) == 0 {
		return nil, nil
	}
	acts := s.buf.scratch[:c.end-c.start]
	for k := range acts {
		acts[k] = actIdle
	}
	for _, a := range sh.Activities {
		from, to := (a.Start-sh.Start)/s.m.slot, (a.Start+a.Minutes-sh.Start)/s.m.slot
		if from < 0 || to > len(acts) || a.Minutes < 0 || a.Group >= len(s.m.groups) {
			return nil, invalid("activity", "Agent %d, day %d: an activity lies outside its shift or names group %d, which does not exist.", sh.Agent, sh.Day, a.Group)
		}
		v := actIdle
		if a.Kind == Pause || a.Kind == Meal {
			v = actBreak
		} else if a.Group >= 0 {
			v = int16(a.Group)
		}
		for k := from; k < to; k++ {
			acts[k] = v
		}
	}
	return acts, nil
}

// longest is the number of slots of the longest shift, within a day's length.
func longest(m *model, shifts []Shift) int {
	n := 0
	for _, sh := range shifts {
		n = max(n, min(sh.Minutes, 24*60)/m.slot)
	}
	return n
}

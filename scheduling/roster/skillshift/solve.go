package skillshift

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Cell is a shift and the skill worked; Shift is Off on a free day.
type Cell struct{ Shift, Skill int8 }

// Result is a roster.
type Result struct {
	Rows    [][]Cell
	Penalty int64 // soft points
	Hard    int64 // agents missing below the least staffing, forbidden successions
	Moves   int64
	BestAt  float64
}

// Options steer a solve; see the options of the other roster engines.
type Options struct {
	Seed     uint64
	Threads  int
	Moves    int64 // per thread; 0 with no Time = 2,000,000
	Time     time.Duration
	Clock    func() time.Duration
	Progress func(fraction float64, penalty int64)
}

// Solve returns the best roster it finds; cancelling returns the best so far.
func Solve(ctx context.Context, p *Problem, o Options) (*Result, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if o.Moves <= 0 && (o.Time <= 0 || o.Clock == nil) {
		o.Moves = 2_000_000
	}
	runs := make([]*search, max(1, o.Threads))
	var wg sync.WaitGroup
	for t := range runs {
		runs[t] = newSearch(p, rand.New(rand.NewPCG(o.Seed, uint64(t)+77)))
		report := o.Progress
		if t > 0 {
			report = nil
		}
		wg.Go(func() { runs[t].run(ctx, o, report) })
	}
	wg.Wait()
	best, moves := runs[0], int64(0)
	for _, r := range runs {
		moves += r.moves
		if r.bestCost < best.bestCost {
			best = r
		}
	}
	best.load(best.best)
	soft, hard := best.split()
	return &Result{Rows: best.best, Penalty: soft, Hard: hard, Moves: moves, BestAt: best.bestAt}, nil
}

type search struct {
	p        *Problem
	rng      *rand.Rand
	rows     [][]Cell
	rowCost  []int64
	count    []int32
	requests [][]Request
	after    [][]bool
	cost     int64
	moves    int64
	best     [][]Cell
	bestCost int64
	bestAt   float64
}

func newSearch(p *Problem, rng *rand.Rand) *search {
	s := &search{p: p, rng: rng, rowCost: make([]int64, len(p.Agents)), requests: make([][]Request, len(p.Agents)), bestCost: math.MaxInt64}
	for _, r := range p.Requests {
		s.requests[r.Agent] = append(s.requests[r.Agent], r)
	}
	for _, sh := range p.Shifts {
		ok := make([]bool, len(p.Shifts))
		for t := range ok {
			ok[t] = true
		}
		for _, t := range sh.NotNext {
			ok[t] = false
		}
		s.after = append(s.after, ok)
	}
	free := make([][]Cell, len(p.Agents))
	for i := range free {
		free[i] = make([]Cell, p.Days())
		for d := range free[i] {
			free[i][d] = Cell{Off, 0}
		}
	}
	s.load(free)
	return s
}

func (s *search) load(rows [][]Cell) {
	s.rows, s.count, s.cost = nil, make([]int32, len(s.p.Need)), 0
	for i, r := range rows {
		s.rows = append(s.rows, append([]Cell(nil), r...))
		s.rowCost[i] = s.row(i)
		s.cost += s.rowCost[i]
		for d, c := range r {
			if c.Shift != Off {
				s.count[s.at(d, c)]++
			}
		}
	}
	for k := range s.count {
		s.cost += s.cover(k, s.count[k])
	}
}

func (s *search) at(d int, c Cell) int {
	return (d*len(s.p.Shifts)+int(c.Shift))*len(s.p.Skills) + int(c.Skill)
}

// cover prices n agents where Need says how many are due.
func (s *search) cover(k int, n int32) int64 {
	need := s.p.Need[k]
	return int64(max(0, need.Min-int(n)))*weightHard + int64(max(0, need.Max-int(n)))*weightOptimal
}

// row prices one agent's row by every rule but the staffing.
func (s *search) row(i int) int64 {
	a := &s.p.Agents[i]
	k := &s.p.Contracts[a.Contract]
	row := s.rows[i]
	cost, worked, ends := 0, a.Shifts, a.Weekends
	last, shiftRun, run, offRun := a.Last, a.ShiftRun, a.Run, a.OffRun
	for d, c := range row {
		v := int(c.Shift)
		if v == Off {
			if last != Off {
				cost += weightRun*max(0, k.Run.Min-run) + weightShiftRun*max(0, s.p.Shifts[last].Run.Min-shiftRun)
			}
			run, shiftRun = 0, 0
			if offRun++; offRun > k.Off.Max {
				cost += weightRun
			}
		} else {
			worked++
			if last == Off && offRun > 0 {
				cost += weightRun * max(0, k.Off.Min-offRun)
			}
			offRun = 0
			if run++; run > k.Run.Max {
				cost += weightRun
			}
			if v == last {
				shiftRun++
			} else {
				if last != Off {
					cost += weightShiftRun * max(0, s.p.Shifts[last].Run.Min-shiftRun)
					if !s.after[last][v] {
						cost += weightHard
					}
				}
				shiftRun = 1
			}
			if shiftRun > s.p.Shifts[v].Run.Max {
				cost += weightShiftRun
			}
		}
		last = v
		if d%7 == 6 {
			sat, sun := row[d-1].Shift != Off, v != Off
			if sat || sun {
				ends++
			}
			if sat != sun && k.CompleteWeekends {
				cost += weightWeekend
			}
		}
	}
	for _, r := range s.requests[i] {
		if v := int(row[r.Day].Shift); v != Off && (r.Shift == Off || r.Shift == v) {
			cost += weightRequest
		}
	}
	cost += weightTotal * (max(0, k.Total.Min-worked) + max(0, worked-k.Total.Max))
	return int64(cost + weightWeekend*max(0, ends-k.MaxWeekends))
}

// split tells soft points and hard units apart.
func (s *search) split() (soft, hard int64) {
	for k, n := range s.count {
		short := int64(max(0, s.p.Need[k].Min-int(n)))
		hard += short
	}
	for i := range s.rows {
		last := s.p.Agents[i].Last
		for _, c := range s.rows[i] {
			if last != Off && c.Shift != Off && !s.after[last][c.Shift] {
				hard++
			}
			last = int(c.Shift)
		}
	}
	return s.cost - hard*weightHard, hard
}

func (s *search) run(ctx context.Context, o Options, report func(float64, int64)) {
	const hot, cold, batch = 60.0, 1.0, 4096
	for round := 0; ctx.Err() == nil; round++ {
		f := 0.0
		if o.Moves > 0 {
			f = float64(s.moves) / float64(o.Moves)
		}
		if o.Time > 0 && o.Clock != nil {
			f = max(f, float64(o.Clock())/float64(o.Time))
		}
		if s.cost < s.bestCost {
			s.bestCost, s.bestAt, s.best = s.cost, f, nil
			for _, r := range s.rows {
				s.best = append(s.best, append([]Cell(nil), r...))
			}
		}
		if report != nil && round%16 == 0 {
			report(min(f, 1), s.bestCost)
		}
		if f >= 1 {
			break
		}
		temp := hot * math.Pow(cold/hot, f)
		for range batch {
			s.step(temp)
		}
	}
	if s.best == nil {
		s.best, s.bestCost = s.rows, s.cost
	}
}

func (s *search) step(temp float64) {
	s.moves++
	allow := int64(-temp * math.Log(s.rng.Float64()+1e-12))
	i, d := s.rng.IntN(len(s.rows)), s.rng.IntN(s.p.Days())
	if s.rng.IntN(2) == 0 {
		s.fill(i, d, 1+s.rng.IntN(3), allow)
		return
	}
	s.exchange(i, s.rng.IntN(len(s.rows)), d, min(s.p.Days(), d+1+s.rng.IntN(7)), allow)
}

// fill sets up to n days from d to one shift and skill, or frees them.
func (s *search) fill(i, d, n int, allow int64) {
	a := &s.p.Agents[i]
	to := Cell{Off, 0}
	if s.rng.IntN(3) > 0 && len(a.Skills) > 0 {
		to = Cell{int8(s.rng.IntN(len(s.p.Shifts))), int8(a.Skills[s.rng.IntN(len(a.Skills))])}
	}
	n = min(n, s.p.Days()-d)
	row := s.rows[i]
	var old [3]Cell
	copy(old[:], row[d:d+n])
	delta := int64(0)
	for k := range n {
		delta += s.put(i, d+k, to)
	}
	now := s.row(i)
	if delta += now - s.rowCost[i]; delta <= allow {
		s.cost, s.rowCost[i] = s.cost+delta, now
		return
	}
	for k := range n {
		s.put(i, d+k, old[k])
	}
}

// put writes a cell and returns what the staffing then costs more.
func (s *search) put(i, d int, c Cell) int64 {
	old := s.rows[i][d]
	if old == c {
		return 0
	}
	delta := int64(0)
	if old.Shift != Off {
		k := s.at(d, old)
		delta += s.cover(k, s.count[k]-1) - s.cover(k, s.count[k])
		s.count[k]--
	}
	if c.Shift != Off {
		k := s.at(d, c)
		delta += s.cover(k, s.count[k]+1) - s.cover(k, s.count[k])
		s.count[k]++
	}
	s.rows[i][d] = c
	return delta
}

func (s *search) can(i int, c Cell) bool {
	if c.Shift == Off {
		return true
	}
	for _, k := range s.p.Agents[i].Skills {
		if k == int(c.Skill) {
			return true
		}
	}
	return false
}

// exchange swaps days [a, b) between two agents.
func (s *search) exchange(i, j, a, b int, allow int64) {
	if i == j {
		return
	}
	x, y := s.rows[i], s.rows[j]
	for d := a; d < b; d++ {
		if !s.can(i, y[d]) || !s.can(j, x[d]) {
			return
		}
	}
	for d := a; d < b; d++ {
		x[d], y[d] = y[d], x[d]
	}
	ci, cj := s.row(i), s.row(j)
	if delta := ci + cj - s.rowCost[i] - s.rowCost[j]; delta <= allow {
		s.cost += delta
		s.rowCost[i], s.rowCost[j] = ci, cj
		return
	}
	for d := a; d < b; d++ {
		x[d], y[d] = y[d], x[d]
	}
}

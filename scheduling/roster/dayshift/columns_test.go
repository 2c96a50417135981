package dayshift

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSimplexIsOptimal checks the certificate of optimality: the values are
// feasible, no reduced cost is negative and both objectives agree.
func TestSimplexIsOptimal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := rapid.IntRange(1, 12).Draw(rt, "rows")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 7))
		exact := make([]float64, m)
		for r := range exact {
			exact[r] = float64(rng.IntN(5))
		}
		s := newSimplex(exact, func(int) float64 { return 1e-4 * rng.Float64() })
		basis := make([]int32, m)
		for r := range basis {
			basis[r] = s.add(100, false, int32(r))
			s.add(1, true, int32(r))
		}
		s.start(basis)
		for range 4 {
			for range rng.IntN(30) {
				var rows []int32
				for r := range m {
					if rng.IntN(3) == 0 {
						rows = append(rows, int32(r))
					}
				}
				s.add(float64(rng.IntN(40)), false, rows...)
			}
			if rng.IntN(2) == 0 { // dearer columns leave, as when cells are fixed
				s.cost[rng.IntN(len(s.cost))] += 1000
				s.reprice()
			}
			s.solve(math.MaxInt)
			row, total := make([]float64, m), 0.0
			for r, j := range s.basis {
				require.GreaterOrEqual(rt, s.x[r], 0.0)
				total += s.cost[j] * s.x[r]
				for _, k := range s.column(j) {
					if s.minus[j] {
						row[k] -= s.x[r]
					} else {
						row[k] += s.x[r]
					}
				}
			}
			for r := range row {
				require.InDelta(rt, s.b[r], row[r], 1e-6)
			}
			dual := 0.0
			for r, v := range s.dual {
				dual += v * s.b[r]
			}
			require.InDelta(rt, total, dual, 1e-5)
			for j := range s.cost {
				require.GreaterOrEqual(rt, s.reduced(int32(j)), -1e-6)
			}
		}
	})
}

// optimum finds the least penalty of two agents by trying all pairs of legal rows.
func optimum(m *model) int64 {
	var legal [2][][]int8
	for i := range legal {
		row := make([]int8, m.days)
		var fill func(d int)
		fill = func(d int) {
			if d < m.days {
				for v := Off; v < m.shifts; v++ {
					row[d] = int8(v)
					fill(d + 1)
				}
				return
			}
			ok := true
			m.violations(i, row, func(int, string, int, int) { ok = false })
			if ok {
				legal[i] = append(legal[i], append([]int8(nil), row...))
			}
		}
		fill(0)
	}
	best := int64(math.MaxInt64)
	s := newState(m)
	for _, s.rows[0] = range legal[0] {
		for _, s.rows[1] = range legal[1] {
			best = min(best, s.full())
		}
	}
	return best
}

func TestBoundHoldsAndOptimumIsFound(t *testing.T) {
	found, all := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 4, 2)
		want := optimum(compile(p))
		r, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 400})
		require.NoError(rt, err)
		require.LessOrEqual(rt, r.Bound, want)
		require.GreaterOrEqual(rt, r.Penalty, want)
		all++
		if r.Penalty == want {
			found++
		}
	})
	require.GreaterOrEqual(t, float64(found), 0.95*float64(all), "%d of %d optimal", found, all)
}

// TestBlockKeepsRosterLegal dives in random blocks: what comes out is legal, costs
// what it says and respects the bound; the rest of the rows is untouched.
func TestBlockKeepsRosterLegal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 21, 5)
		m := compile(p)
		q := newSearcher(m, rapid.Uint64().Draw(rt, "seed"), 0)
		require.Empty(rt, q.construct(func() bool { return false }))
		from := rapid.IntRange(0, 14).Draw(rt, "from")
		w := window{from, rapid.IntRange(from+3, m.days).Draw(rt, "to")}
		b := newBlock(m, []int{0, 2, 3}, w, q.s.rows, q.s.count, []*rowDP{newRowDP(m), newRowDP(m)})
		g := newGenerator(b, rand.New(rand.NewPCG(1, 1)))
		g.climb(10, 0.25, func() bool { return false })
		g.dive(50, func() bool { return false })
		require.LessOrEqual(rt, g.bestVal, b.now)
		require.LessOrEqual(rt, b.lowerBound(), g.bestVal)
		cost := q.s.cost
		for k, i := range b.agents {
			q.s.remove(i, w)
			copy(q.s.rows[i][w.a:w.b], g.best[k])
			q.s.insert(i, w)
			m.violations(i, q.s.rows[i], func(day int, rule string, got, limit int) {
				rt.Fatalf("agent %d day %d %s %d/%d", i, day, rule, got, limit)
			})
		}
		require.Equal(rt, cost-b.now+g.bestVal, q.s.cost)
		require.Equal(rt, q.s.full(), q.s.cost, "incremental and full")
	})
}

// TestSameSeedSameRoster solves twice with several threads.
func TestSameSeedSameRoster(t *testing.T) {
	p := &Problem{Days: 28, Shifts: []Shift{{ID: "D", Minutes: 480}, {ID: "N", Minutes: 600, NotNext: []int{0}}}}
	for i := range 9 {
		p.Agents = append(p.Agents, Agent{ID: string(rune('A' + i)), MaxShifts: []int{28, 4 + i%5}, MinMinutes: 7200, MaxMinutes: 9000, MaxRun: 5, MinRun: 2, MinOff: 2, MaxWeekends: 2, DaysOff: []int{i, 20}})
		p.Requests = append(p.Requests, Request{Agent: i, Day: (i * 5) % 28, Shift: i % 2, On: i%3 > 0, Weight: 1 + i%3})
	}
	for d := range 28 {
		p.Cover = append(p.Cover, Cover{Day: d, Shift: 0, Need: 4, Under: 100, Over: 1}, Cover{Day: d, Shift: 1, Need: 2, Under: 100, Over: 1})
	}
	o := Options{Seed: 5, Moves: 1000, Threads: 3}
	first, err := Solve(context.Background(), p, o)
	require.NoError(t, err)
	require.Empty(t, first.Broken)
	require.Positive(t, first.Bound)
	require.LessOrEqual(t, first.Bound, first.Penalty)
	again, err := Solve(context.Background(), p, o)
	require.NoError(t, err)
	require.Equal(t, first, again)
}

// TestDeadlineEndsSolve gives a clock that moves on with every look.
func TestDeadlineEndsSolve(t *testing.T) {
	p := &Problem{Days: 14, Shifts: []Shift{{ID: "D", Minutes: 480}}, Cover: []Cover{{Day: 3, Shift: 0, Need: 9, Under: 10}}}
	for i := range 6 {
		p.Agents = append(p.Agents, Agent{ID: string(rune('A' + i)), MaxShifts: []int{14}, MinMinutes: 480 * 6, MaxMinutes: 480 * 8, MaxRun: 3 + i%2, MinRun: 2, MinOff: 2, MaxWeekends: 1})
	}
	for d := range 14 {
		p.Cover = append(p.Cover, Cover{Day: d, Shift: 0, Need: 3 + d%2, Under: 100, Over: 1})
	}
	ticks := time.Duration(0)
	r, err := Solve(context.Background(), p, Options{Time: 2000, Clock: func() time.Duration { ticks++; return ticks }})
	require.NoError(t, err)
	require.Empty(t, r.Broken)
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	r, err = Solve(ctx, p, Options{Moves: math.MaxInt64, Progress: func(Progress) {
		if seen++; seen == 2 {
			cancel()
		}
	}})
	cancel()
	require.NoError(t, err)
	require.Empty(t, r.Broken)
}

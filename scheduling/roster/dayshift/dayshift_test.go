package dayshift

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ward makes a random problem of the benchmark's kind.
func ward(rt *rapid.T, days, agents int) *Problem {
	p := &Problem{Days: days, Shifts: []Shift{{ID: "E", Minutes: 480}, {ID: "L", Minutes: 480, NotNext: []int{0}}, {ID: "N", Minutes: 600, NotNext: []int{0, 1}}}}
	for i := range agents {
		a := Agent{ID: string(rune('A' + i)), MaxShifts: []int{days, days, rapid.IntRange(0, 3).Draw(rt, "nights")}, MinMinutes: 0, MaxMinutes: 480 * days,
			MaxRun: rapid.IntRange(2, 5).Draw(rt, "maxRun"), MinRun: rapid.IntRange(1, 2).Draw(rt, "minRun"), MinOff: rapid.IntRange(1, 2).Draw(rt, "minOff"), MaxWeekends: rapid.IntRange(0, 2).Draw(rt, "weekends")}
		if rapid.Bool().Draw(rt, "tight") {
			a.MaxMinutes = 480 * 4
		}
		p.Agents = append(p.Agents, a)
	}
	for d := range days {
		for s := range p.Shifts {
			p.Cover = append(p.Cover, Cover{Day: d, Shift: s, Need: rapid.IntRange(0, 2).Draw(rt, "need"), Under: 100, Over: 1})
		}
	}
	p.Requests = append(p.Requests, Request{Agent: 0, Day: days / 2, Shift: 1, On: true, Weight: 3}, Request{Agent: agents - 1, Day: 0, Shift: 0, Weight: 2})
	return p
}

// brute finds the cheapest legal row by trying all.
func brute(m *model, i int, cost []int32, row []int8, d int, sum int32, best *int32) {
	if d == m.days {
		legal := true
		m.violations(i, row, func(int, string, int, int) { legal = false })
		if legal && sum < *best {
			*best = sum
		}
		return
	}
	for v := Off; v < m.shifts; v++ {
		if c := cost[d*(m.shifts+1)+v+1]; c < noCell {
			row[d] = int8(v)
			brute(m, i, cost, row, d+1, sum+c, best)
		}
	}
}

// TestRowProgramIsExact compares the program with brute force; where a maximum
// per type binds, the program's relaxed price is a bound and its row legal.
func TestRowProgramIsExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 8, 1)
		m := compile(p)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		cost := append([]int32(nil), m.fixed[0]...)
		for k := range cost {
			if cost[k] < noCell {
				cost[k] += int32(rng.IntN(60)) - 40
			}
		}
		want := far
		brute(m, 0, cost, make([]int8, m.days), 0, 0, &want)
		row := make([]int8, m.days)
		for d := range row {
			row[d] = Off
		}
		dp := newRowDP(m)
		price, relaxed, ok := dp.best(0, window{0, m.days}, cost, row)
		if !ok {
			return // the maxima per type may shut the program out; the relaxation may not
		}
		m.violations(0, row, func(day int, rule string, got, limit int) {
			rt.Fatalf("illegal: day %d %s %d/%d %v", day, rule, got, limit, row)
		})
		sum := int32(0)
		for d, v := range row {
			sum += cost[d*(m.shifts+1)+int(v)+1]
		}
		require.Equal(rt, price, sum, "the price is that of the row")
		require.LessOrEqual(rt, relaxed, want)
		if price == relaxed {
			require.Equal(rt, want, price)
		}
		require.GreaterOrEqual(rt, price, want)
	})
}

// TestOutlookKeepsBest compares the program that knows a legal row with the one
// that does not: it finds the same price, or nothing when the known row is best.
func TestOutlookKeepsBest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 21, 1)
		p.Agents[0].MinMinutes = rapid.IntRange(0, 4).Draw(rt, "least") * 480
		m := compile(p)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		cost := append([]int32(nil), m.fixed[0]...)
		for k := range cost {
			if cost[k] < noCell {
				cost[k] = (cost[k] + int32(rng.IntN(160)) - 100) * m.scale
			}
		}
		row := make([]int8, m.days)
		for d := range row {
			row[d] = Off
		}
		w := window{0, m.days}
		if rapid.Bool().Draw(rt, "part") {
			if _, ok := newRowDP(m).solve(0, w, cost, row); !ok {
				return
			}
			w = window{rapid.IntRange(0, 8).Draw(rt, "from"), rapid.IntRange(9, m.days).Draw(rt, "to")}
			cost = cost[w.a*(m.shifts+1) : w.b*(m.shifts+1)]
		}
		want, ok := newRowDP(m).solve(0, w, cost, append([]int8(nil), row...))
		dp := newRowDP(m)
		for range 2 { // the second run begins with the rents of the first
			dp.ahead.known = want + int32(rapid.IntRange(0, 300).Draw(rt, "above"))*m.scale
			if !ok {
				dp.ahead.known = 0
			}
			known := dp.ahead.known
			got, found := dp.solve(0, w, cost, append([]int8(nil), row...))
			require.Equal(rt, ok && known > want, found)
			if found {
				require.Equal(rt, want, got)
			}
		}
	})
}

// TestBeamKeepsRowLegalAndBound compares a narrow beam with the exact program: its
// row is legal and not cheaper, its bound not above the best price.
func TestBeamKeepsRowLegalAndBound(t *testing.T) {
	cuts := 0
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 21, 1)
		m := compile(p)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		cost := append([]int32(nil), m.fixed[0]...)
		for k := range cost {
			if cost[k] < noCell {
				cost[k] = (cost[k] + int32(rng.IntN(160)) - 100) * m.scale
			}
		}
		empty := make([]int8, m.days)
		for d := range empty {
			empty[d] = Off
		}
		w := window{0, m.days}
		want, exact := newRowDP(m).solve(0, w, cost, append([]int8(nil), empty...))
		dp, row := newRowDP(m), append([]int8(nil), empty...)
		dp.beam, dp.ahead.known = rapid.IntRange(1, 40).Draw(rt, "beam"), beyond
		price, relaxed, ok := dp.best(0, w, cost, row)
		if dp.cut {
			cuts++
		}
		if exact {
			require.LessOrEqual(rt, relaxed, want)
		}
		if !ok {
			return
		}
		require.GreaterOrEqual(rt, price, want)
		m.violations(0, row, func(day int, rule string, got, limit int) {
			rt.Fatalf("illegal: day %d %s %d/%d", day, rule, got, limit)
		})
	})
	require.Positive(t, cuts, "some beam was too narrow")
}

// TestAimFindsMissingAgent moves a window and an agent to where one is missing.
func TestAimFindsMissingAgent(t *testing.T) {
	p := &Problem{Days: 60, Shifts: []Shift{{ID: "D", Minutes: 480}}, Cover: []Cover{{Day: 41, Shift: 0, Need: 1, Under: 100, Over: 1}}}
	for i := range 6 {
		a := Agent{ID: string(rune('A' + i)), MaxShifts: []int{60}, MaxMinutes: 480 * 60, MaxRun: 5, MinRun: 1, MinOff: 1, MaxWeekends: 9}
		if i != 4 {
			a.DaysOff = []int{41}
		}
		p.Agents = append(p.Agents, a)
	}
	q := newSearcher(compile(p), 1, 1)
	found := 0
	for range 50 {
		agents, w := []int{0}, window{2, 12}
		q.aim(agents, &w)
		require.Equal(t, 10, w.b-w.a)
		require.True(t, w.a <= 41 && 41 < w.b)
		if agents[0] == 4 {
			found++
		}
	}
	require.Greater(t, found, 20, "the one who may work there is drawn")
}

// TestWindowKeepsRowLegal re-optimises windows of legal rows: they stay legal
// and, without noise, never get dearer.
func TestWindowKeepsRowLegal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 21, 4)
		m := compile(p)
		q := newSearcher(m, rapid.Uint64().Draw(rt, "seed"), 0)
		require.Empty(rt, q.construct(func() bool { return false }))
		require.Equal(rt, q.s.full(), q.s.cost, "incremental and full")
		for range 30 {
			before := q.s.cost
			k := 1 + q.rng.IntN(3)
			noise, allow := 0.0, 0.0
			if q.rng.IntN(2) == 0 {
				noise, allow = 500, 1e9
			}
			q.recreate(q.pick(k), q.randomWindow(), noise, allow)
			require.Equal(rt, q.s.full(), q.s.cost, "incremental and full")
			if allow == 0 {
				require.LessOrEqual(rt, q.s.cost, before)
			}
			for i := range q.s.rows {
				m.violations(i, q.s.rows[i], func(day int, rule string, got, limit int) {
					rt.Fatalf("agent %d day %d %s %d/%d", i, day, rule, got, limit)
				})
			}
		}
		c := newCells(q.s, q.rng)
		for range 300 {
			c.step(5)
		}
		require.Equal(rt, q.s.full(), q.s.cost, "cell moves: incremental and full")
		for i := range q.s.rows {
			m.violations(i, q.s.rows[i], func(day int, rule string, got, limit int) {
				rt.Fatalf("after cell moves: agent %d day %d %s", i, day, rule)
			})
		}
	})
}

// TestBoundIsBelowOptimum finds the optimum of tiny problems by brute force.
func TestBoundIsBelowOptimum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := ward(rt, 5, 2)
		r, err := Solve(context.Background(), p, Options{Seed: 1, Moves: 200, Threads: 2})
		require.NoError(rt, err)
		require.Empty(rt, r.Broken)
		require.LessOrEqual(rt, r.Bound, r.Penalty)
		again, err := Solve(context.Background(), p, Options{Seed: 1, Moves: 200, Threads: 2})
		require.NoError(rt, err)
		require.Equal(rt, r.Rows, again.Rows, "same seed and moves, same roster")
		sum := int64(0)
		for _, x := range Explain(p, r.Rows) {
			sum += x.Points
		}
		require.Equal(rt, r.Penalty, sum, "the explanation accounts for every point")
	})
}

func TestImpossibleContractIsExplained(t *testing.T) {
	p := &Problem{Days: 7, Shifts: []Shift{{ID: "D", Minutes: 480}}, Agents: []Agent{{ID: "A", MaxShifts: []int{7}, MinMinutes: 4000, MaxMinutes: 4800, MaxRun: 2, MinRun: 1, MinOff: 2, MaxWeekends: 1}}}
	r, err := Solve(context.Background(), p, Options{Moves: 10})
	require.NoError(t, err)
	require.NotEmpty(t, r.Broken)
	require.Equal(t, "min_minutes", r.Broken[0].Rule)
}

func TestLongHorizonIsLegal(t *testing.T) {
	p := &Problem{Days: 182, Shifts: []Shift{{ID: "D", Minutes: 480}, {ID: "N", Minutes: 600, NotNext: []int{0}}}}
	for i := range 6 {
		p.Agents = append(p.Agents, Agent{ID: string(rune('A' + i)), MaxShifts: []int{182, 40}, MinMinutes: 55200, MaxMinutes: 56160, MaxRun: 5, MinRun: 2, MinOff: 2, MaxWeekends: 13, DaysOff: []int{10, 11, 80}})
	}
	for d := range 182 {
		p.Cover = append(p.Cover, Cover{Day: d, Shift: 0, Need: 3, Under: 100, Over: 1}, Cover{Day: d, Shift: 1, Need: 1, Under: 100, Over: 1})
	}
	r, err := Solve(context.Background(), p, Options{Moves: 100})
	require.NoError(t, err)
	require.Empty(t, r.Broken)
}

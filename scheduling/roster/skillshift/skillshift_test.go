package skillshift

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/fault"
)

func team() *Problem {
	p := &Problem{Weeks: 2, Skills: []string{"voice", "mail"}, Shifts: []Shift{{ID: "E", Run: Range{2, 4}}, {ID: "N", Run: Range{1, 3}, NotNext: []int{0}}},
		Contracts: []Contract{{ID: "full", Total: Range{6, 10}, Run: Range{2, 5}, Off: Range{2, 3}, MaxWeekends: 1, CompleteWeekends: true}}}
	for i := range 5 {
		a := Agent{ID: string(rune('a' + i)), Skills: []int{0}, Last: Off, OffRun: 2}
		if i%2 == 0 {
			a.Skills, a.Last, a.Run, a.ShiftRun, a.OffRun = []int{0, 1}, 1, 2, 1, 0
		}
		p.Agents = append(p.Agents, a)
	}
	for range p.Days() * 4 {
		p.Need = append(p.Need, Range{0, 1})
	}
	p.Requests = []Request{{Agent: 1, Day: 3, Shift: Off}, {Agent: 2, Day: 5, Shift: 1}}
	return p
}

// TestIncrementalEqualsFull compares the running score with a fresh one after every move.
func TestIncrementalEqualsFull(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := team()
		s := newSearch(p, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)))
		for range 200 {
			s.step(100)
			fresh := newSearch(p, s.rng)
			fresh.load(s.rows)
			require.Equal(rt, fresh.cost, s.cost)
			require.Equal(rt, fresh.count, s.count)
		}
		for i, row := range s.rows {
			for _, c := range row {
				require.True(rt, s.can(i, c), "agents work only skills they have")
			}
		}
	})
}

func TestSolveIsDeterministicAndRefuses(t *testing.T) {
	a, err := Solve(context.Background(), team(), Options{Seed: 4, Threads: 2, Moves: 50_000})
	require.NoError(t, err)
	b, err := Solve(context.Background(), team(), Options{Seed: 4, Threads: 2, Moves: 50_000})
	require.NoError(t, err)
	require.Equal(t, a, b)
	require.Zero(t, a.Hard)
	p := team()
	p.Need[0] = Range{3, 1}
	_, err = Solve(context.Background(), p, Options{Moves: 1})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

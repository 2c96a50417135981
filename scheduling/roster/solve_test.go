package roster

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSolveCentre(t *testing.T) {
	p := centre(40, 14, 2, 2)
	a, err := Solve(context.Background(), p, Options{Seed: 7, Threads: 2, Moves: 20_000})
	require.NoError(t, err)
	t.Logf("score %v unmet %d/%d coverage %+v moves %d best %d bound %d", a.Score, len(a.Unmet), a.Coverage.Intervals, a.Coverage, a.Moves, a.BestAt, a.Bound)
	require.Zero(t, a.Score[LevelHard], "hard rules hold")
	require.Greater(t, float64(a.Coverage.Met), 0.97*float64(a.Coverage.Required))
	b, err := Solve(context.Background(), p, Options{Seed: 7, Threads: 2, Moves: 20_000})
	require.NoError(t, err)
	require.Equal(t, a, b, "same seed and move limit, same roster")
	var last Progress
	_, err = Solve(context.Background(), p, Options{Seed: 7, Threads: 2, Moves: 20_000, Progress: func(g Progress) {
		require.GreaterOrEqual(t, g.Fraction, last.Fraction)
		last = g
	}})
	require.NoError(t, err)
	require.Equal(t, "finish", last.Stage)
	require.Positive(t, last.Score[LevelCover])
	require.Zero(t, last.Score[LevelHard])
	again, err := Evaluate(p, a.Shifts)
	require.NoError(t, err)
	require.Equal(t, a.Score, again.Score, "the validator agrees with the solver")
	require.Equal(t, a.Unmet, again.Unmet)
}

func BenchmarkSolveCentre240(b *testing.B) {
	p := centre(240, 28, 4, 3)
	for b.Loop() {
		a, err := Solve(context.Background(), p, Options{Seed: 1, Moves: 200_000})
		require.NoError(b, err)
		b.Logf("score %v unmet %d/%d met %.3f surplus %.3f", a.Score, a.Coverage.Short, a.Coverage.Intervals, float64(a.Coverage.Met)/float64(a.Coverage.Required), float64(a.Coverage.Surplus)/float64(a.Coverage.Required))
	}
}

// BenchmarkSolveCentre1000 is the scale of a whole provider: 1,000 agents, four
// weeks of quarter hours, four clients with three tiers.
func BenchmarkSolveCentre1000(b *testing.B) {
	p := centre(1000, 28, 4, 3)
	for b.Loop() {
		a, err := Solve(context.Background(), p, Options{Seed: 1, Threads: 2, Moves: 500_000})
		require.NoError(b, err)
		require.Zero(b, a.Score[LevelHard])
		b.ReportMetric(100*float64(a.Coverage.Met)/float64(a.Coverage.Required), "%met")
		b.ReportMetric(100*float64(a.Coverage.Intervals-a.Coverage.Short)/float64(a.Coverage.Intervals), "%intervals")
	}
}

package roster

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// fullTotal recomputes the objective from nothing but rows and activities.
func fullTotal(s *state) int64 {
	m := s.m
	count := make([]int32, len(s.count))
	total := int64(0)
	for i := range s.rows {
		total += m.evalRow(i, s.rows[i], nil).Total()
		for d, c := range s.rows[i] {
			if !c.on() {
				continue
			}
			for k, g := range s.actsOf(i, d) {
				if g >= 0 {
					count[int(g)*m.tail+int(c.start)+k]++
					total -= m.agents[i].bonus[g]
				}
			}
		}
	}
	for g := range m.groups {
		for t := range m.tail {
			for n := range count[g*m.tail+t] {
				total -= m.marginal(g, t, n)
			}
		}
	}
	return total
}

// TestIncrementalEqualsFull is the assert mode: after every move the running
// score equals the full one, and a rejected move leaves no trace.
func TestIncrementalEqualsFull(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := centre(rapid.IntRange(2, 9).Draw(rt, "agents"), rapid.SampledFrom([]int{3, 7, 14}).Draw(rt, "days"), 2, 2)
		p.Agents[0].Pins = []Pin{{Day: 1}, {Day: 2, Template: "day", Start: 2*1440 + 480, Minutes: 540}}
		m, err := compile(p)
		require.NoError(rt, err)
		q := newSearch(m, rapid.Uint64().Draw(rt, "seed"), 0, 0)
		q.construct(func() bool { return false })
		require.Equal(rt, fullTotal(q.s), q.s.total())
		for range 60 {
			q.temp = 2000
			if rapid.Bool().Draw(rt, "cold") {
				q.temp = 0
			}
			before := q.s.snapshot()
			q.step()
			require.Equal(rt, fullTotal(q.s), q.s.total(), "incremental and full score")
			if q.s.total() == before.total {
				continue
			}
			after := q.s.snapshot()
			q.s.load(before)
			require.Equal(rt, before.total, q.s.total(), "undo restores the score")
			q.s.load(after)
		}
		require.Equal(rt, q.s.solution(false).Score, q.s.score(), "score by level")
		q.rebuild(len(p.Agents)-1, 0, q.rng)
		require.Equal(rt, fullTotal(q.s), q.s.total())
		for d, c := range q.s.rows[0] {
			if m.agents[0].pinned[d] {
				require.Equal(rt, m.agents[0].pin[d], c, "pins stay")
			}
		}
	})
}

func BenchmarkMoves(b *testing.B) {
	m, err := compile(centre(240, 28, 4, 3))
	require.NoError(b, err)
	q := newSearch(m, 1, 0, 0)
	q.construct(func() bool { return false })
	q.temp = 100
	for b.Loop() {
		q.step()
	}
}

package roster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestBatchesComeBack tries and applies random batches of cells: a trial leaves no
// trace, the points are those of the whole evaluation, and putting back what was
// there gives the first roster.
func TestBatchesComeBack(t *testing.T) {
	p := centre(12, 7, 2, 2)
	sol := solved(t, p)
	e, err := NewEditor(p, sol.Shifts)
	require.NoError(t, err)
	first := e.Solution()
	rapid.Check(t, func(t *rapid.T) {
		cells := map[Cell]CellEdit{}
		for range rapid.IntRange(1, 12).Draw(t, "cells") {
			c := CellEdit{Agent: rapid.IntRange(0, 11).Draw(t, "agent"), Day: rapid.IntRange(0, 6).Draw(t, "day")}
			if rapid.Bool().Draw(t, "works") {
				tm := p.Templates[rapid.IntRange(0, len(p.Templates)-1).Draw(t, "template")]
				c.Shift = &Shift{Template: tm.ID, Start: c.Day*1440 + tm.StartFrom, Minutes: tm.MinMinutes}
			}
			cells[Cell{c.Agent, c.Day}] = c
		}
		var list []CellEdit
		for i := range 12 {
			for d := range 7 {
				if c, ok := cells[Cell{i, d}]; ok {
					list = append(list, c)
				}
			}
		}
		before := e.Solution()
		tried, err := e.TryAll(list)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, e.Solution()); d != "" {
			t.Fatalf("a trial left a trace: %s", d)
		}
		done, err := e.ApplyAll(list)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tried, done); d != "" {
			t.Fatalf("applied something else than tried: %s", d)
		}
		after := e.Solution()
		if tried.Points != after.Score.Total()-before.Score.Total() {
			t.Fatalf("points %d, evaluated %d", tried.Points, after.Score.Total()-before.Score.Total())
		}
		for _, c := range done.Cover {
			if before.Coverage.Staffed[c.Group][c.Slot] != c.Before || after.Coverage.Staffed[c.Group][c.Slot] != c.After {
				t.Fatalf("cover of %+v", c)
			}
		}
		back := make([]CellEdit, len(list))
		for k, c := range list {
			back[k] = CellEdit{Agent: c.Agent, Day: c.Day, Shift: done.Before[k]}
		}
		if _, err := e.ApplyAll(back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(first, e.Solution()); d != "" {
			t.Fatalf("undo is not exact: %s", d)
		}
	})
	_, err = e.TryAll([]CellEdit{{Agent: 1, Day: 1}, {Agent: 1, Day: 1}})
	require.ErrorContains(t, err, "twice")
	_, err = e.TryAll([]CellEdit{{Agent: 99, Day: 1}})
	require.Error(t, err)
	_, err = e.TryAll([]CellEdit{{Agent: 1, Day: 1, Shift: &Shift{Template: "none"}}})
	require.ErrorContains(t, err, "none")
}

func BenchmarkTryAll(b *testing.B) {
	p := centre(300, 28, 4, 3)
	sol, err := Solve(b.Context(), p, Options{Seed: 1, Moves: 2000})
	require.NoError(b, err)
	e, err := NewEditor(p, sol.Shifts)
	require.NoError(b, err)
	tm := p.Templates[0]
	for b.Loop() {
		_, err := e.TryAll([]CellEdit{{Agent: 7, Day: 3}, {Agent: 9, Day: 3, Shift: &Shift{Template: tm.ID, Start: 3*1440 + tm.StartFrom, Minutes: tm.MinMinutes}}})
		require.NoError(b, err)
	}
}

package roster

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

func solved(t testing.TB, p *Problem) *Solution {
	t.Helper()
	s, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 15_000})
	require.NoError(t, err)
	require.Zero(t, s.Score[LevelHard])
	return s
}

func TestDayOptions(t *testing.T) {
	p := centre(40, 7, 2, 2)
	sol := solved(t, p)
	var absences []Absence
	for _, s := range sol.Shifts {
		if s.Day == 2 && s.Template == "day" && len(absences) < 2 {
			absences = append(absences, Absence{Agent: s.Agent, From: s.Start, To: s.Start + s.Minutes, Reason: "sick"})
		}
	}
	require.Len(t, absences, 2)
	options, err := DayOptions(context.Background(), p, sol, absences, 2*1440+360, 0)
	require.NoError(t, err)
	require.Len(t, options, len(Measures()))
	byKind := map[Measure]DayOption{}
	for i, o := range options {
		byKind[o.Measure] = o
		if i > 0 {
			require.GreaterOrEqual(t, o.Points, options[i-1].Points, "ranked")
		}
		require.Zero(t, o.Solution.Score[LevelHard], "%s keeps the hard rules", o.Measure)
		require.LessOrEqual(t, o.Agents, 6, "%s changes few people", o.Measure)
		for _, s := range o.Solution.Shifts {
			require.False(t, s.Agent == absences[0].Agent && s.Day == 2 && s.Start < absences[0].To && absences[0].From < s.Start+s.Minutes, "the sick stay away")
		}
	}
	require.Zero(t, byKind[AcceptGap].Points)
	require.Empty(t, byKind[AcceptGap].Changes)
	require.LessOrEqual(t, byKind[Combination].Points, byKind[CallIn].Points)
	for _, d := range byKind[MoveBreaks].Changes {
		require.Equal(t, "activities", d.Kind, "the breaks option moves nothing else")
	}
}

func TestDayPlanTakesMeasuresTogether(t *testing.T) {
	p := centre(40, 7, 2, 2)
	sol := solved(t, p)
	var absences []Absence
	for _, s := range sol.Shifts {
		if s.Day == 2 && s.Template == "day" && len(absences) < 4 {
			absences = append(absences, Absence{Agent: s.Agent, From: s.Start, To: s.Start + s.Minutes, Reason: "sick"})
		}
	}
	now := 2*1440 + 360
	options, err := DayOptions(context.Background(), p, sol, absences, now, 0)
	require.NoError(t, err)
	single := map[Measure]DayOption{}
	for _, o := range options {
		single[o.Measure] = o
		one, err := DayPlan(context.Background(), p, sol, absences, now, 0, []Measure{o.Measure})
		require.NoError(t, err)
		require.Equal(t, o.Solution, one.Solution, "one measure is its option")
	}
	both, err := DayPlan(context.Background(), p, sol, absences, now, 0, []Measure{CallIn, UseReserve})
	require.NoError(t, err)
	require.LessOrEqual(t, both.Points, single[UseReserve].Points)
	require.Zero(t, both.Solution.Score[LevelHard])
	require.LessOrEqual(t, single[UseReserve].Points, int64(0))
	require.Zero(t, single[UseReserve].PaidMinutes)
	for _, d := range single[UseReserve].Changes {
		require.Equal(t, "activities", d.Kind, "the reserve moves no shift")
		for k, a := range d.Before.Activities {
			if a.Kind != Work {
				require.Contains(t, d.After.Activities, a, "break %d stays", k)
			}
		}
	}
	for _, d := range single[SwapDays].Changes {
		if d.Kind == "added" {
			require.Equal(t, 2, d.Day, "swaps bring people today")
		}
	}
	_, err = DayPlan(context.Background(), p, sol, absences, now, 0, []Measure{"wish"})
	require.ErrorContains(t, err, "wish")
}

func TestRecommendAndSwaps(t *testing.T) {
	p := centre(24, 7, 2, 2)
	sol := solved(t, p)
	s := sol.Shifts[0]
	list, err := Recommend(p, sol, s, 0)
	require.NoError(t, err)
	require.Len(t, list, 23)
	e, err := NewEditor(p, sol.Shifts)
	require.NoError(t, err)
	before := e.Solution()
	loaded, err := e.Recommend(s, 5)
	require.NoError(t, err)
	require.Len(t, loaded, 5)
	require.Equal(t, before.Shifts, e.Solution().Shifts, "ranking changes nothing")
	legal := true
	for i, pr := range list {
		require.NotEqual(t, s.Agent, pr.Agent)
		require.False(t, pr.Legal && !legal, "legal proposals come first")
		if i > 0 && pr.Legal == list[i-1].Legal {
			require.GreaterOrEqual(t, pr.Points, list[i-1].Points)
		}
		legal = pr.Legal
	}
	// The first proposal's price is what the validator says after the change.
	var shifts []Shift
	for _, x := range sol.Shifts {
		if x.Day == s.Day && (x.Agent == s.Agent || x.Agent == list[0].Agent) {
			continue
		}
		shifts = append(shifts, x)
	}
	without, err := Evaluate(p, shifts)
	require.NoError(t, err)
	_ = without
	base := shifts
	if list[0].Before != nil {
		base = append(append([]Shift(nil), shifts...), *list[0].Before)
	}
	before, err = Evaluate(p, base)
	require.NoError(t, err)
	given := s
	given.Agent, given.Activities = list[0].Agent, nil
	after, err := Evaluate(p, append(append([]Shift(nil), shifts...), given))
	require.NoError(t, err)
	require.Equal(t, list[0].Points, after.Score.Total()-before.Score.Total())
	swaps, err := Swaps(p, sol, s.Agent, s.Day, 5)
	require.NoError(t, err)
	require.LessOrEqual(t, len(swaps), 5)
}

func TestReplanChangesLittle(t *testing.T) {
	p := centre(24, 7, 2, 2)
	sol := solved(t, p)
	again, c, err := Replan(context.Background(), p, sol, 100_000, 2*1440, Options{Seed: 9, Moves: 10_000})
	require.NoError(t, err)
	require.Zero(t, c.Agents, "at a high tax nobody's shift changes")
	require.LessOrEqual(t, again.Score.Total(), sol.Score.Total())
	more := *p
	more.Rules = append(append([]Rule(nil), p.Rules...), Rule{ID: "no-nights", Kind: NoNights, Owner: OwnerLaw, Hard: true, Agents: []int{0, 1, 2, 3}})
	cmp, what, err := WhatIf(context.Background(), p, &more, sol, Options{Seed: 1, Moves: 8000})
	require.NoError(t, err)
	require.NotNil(t, cmp)
	for _, s := range what.Shifts {
		require.False(t, s.Agent <= 3 && s.Template == "night")
	}
}

func BenchmarkOneSickCall1000(b *testing.B) {
	p := centre(1000, 28, 4, 3)
	sol, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 3000})
	require.NoError(b, err)
	var s Shift
	for _, x := range sol.Shifts {
		if x.Day == 9 {
			s = x
			break
		}
	}
	for b.Loop() {
		o, err := Repair(context.Background(), p, sol, []Absence{{Agent: s.Agent, From: s.Start, To: s.Start + s.Minutes}}, 9*1440, 0)
		require.NoError(b, err)
		require.LessOrEqual(b, o.Agents, 3)
	}
}

// BenchmarkOneSickCallOptions1000 ranks all measures instead of taking them together.
func BenchmarkOneSickCallOptions1000(b *testing.B) {
	p := centre(1000, 28, 4, 3)
	sol, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 3000})
	require.NoError(b, err)
	s := sol.Shifts[len(sol.Shifts)/2]
	for b.Loop() {
		o, err := DayOptions(context.Background(), p, sol, []Absence{{Agent: s.Agent, From: s.Start, To: s.Start + s.Minutes}}, s.Day*1440, 0)
		require.NoError(b, err)
		require.Len(b, o, len(Measures()))
	}
}

func BenchmarkFortySickCalls1000(b *testing.B) {
	p := centre(1000, 28, 4, 3)
	sol, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 3000})
	require.NoError(b, err)
	var absences []Absence
	for _, x := range sol.Shifts {
		if x.Day == 9 && x.Agent%7 == 0 && len(absences) < 40 {
			absences = append(absences, Absence{Agent: x.Agent, From: x.Start, To: x.Start + x.Minutes})
		}
	}
	require.Len(b, absences, 40)
	for b.Loop() {
		o, err := DayOptions(context.Background(), p, sol, absences, 9*1440+420, 0)
		require.NoError(b, err)
		require.Len(b, o, len(Measures()))
	}
}

func BenchmarkEvaluateEdit1000(b *testing.B) {
	p := centre(1000, 28, 4, 3)
	sol, err := Solve(context.Background(), p, Options{Seed: 3, Moves: 3000})
	require.NoError(b, err)
	e, err := NewEditor(p, sol.Shifts)
	require.NoError(b, err)
	n := 0
	for b.Loop() {
		s := sol.Shifts[n%len(sol.Shifts)]
		n++
		_, err := e.Try(s.Agent, s.Day, nil)
		require.NoError(b, err)
	}
}

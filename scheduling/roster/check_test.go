package roster

import (
	"bytes"
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/fault"
)

func TestBadInputIsNamed(t *testing.T) {
	for _, c := range []struct {
		code   string
		change func(p *Problem)
	}{
		{"roster.format", func(p *Problem) { p.Format = "x" }},
		{"roster.days", func(p *Problem) { p.Days = 0 }},
		{"roster.zone", func(p *Problem) { p.Zone = "Mars/Base" }},
		{"roster.first_day", func(p *Problem) { p.FirstDay = "1.3.2026" }},
		{"roster.slot", func(p *Problem) { p.SlotMinutes = 7 }},
		{"roster.group_need", func(p *Problem) { p.Groups[0].Need[3] = -1 }},
		{"roster.group_values", func(p *Problem) { p.Groups[0].Values = [][]int64{{5, 9}} }},
		{"roster.weight", func(p *Problem) { p.Rules[0].Weight = -4 }},
		{"roster.rule_kind", func(p *Problem) { p.Rules[0].Kind = "min_sleep" }},
		{"roster.rule_owner", func(p *Problem) { p.Rules[0].Owner = "boss" }},
		{"roster.unknown_template", func(p *Problem) { p.Rules[3].From = []string{"dawn"} }},
		{"roster.unknown_agent", func(p *Problem) { p.Rules[0].Agents = []int{99} }},
		{"roster.unknown_group", func(p *Problem) { p.Templates[0].Groups = []string{"vip"} }},
		{"roster.no_contract", func(p *Problem) { p.Agents[1].Contract = nil }},
		{"roster.contract", func(p *Problem) { p.Agents[1].Contract = &Contract{MinMinutes: 9, MaxMinutes: 3} }},
		{"roster.agent_id", func(p *Problem) { p.Agents[1].ID = p.Agents[0].ID }},
		{"roster.skill", func(p *Problem) { p.Agents[1].Skills[0].Skill = "" }},
		{"roster.pin_overlap", func(p *Problem) { p.Agents[0].Pins = []Pin{{Day: 1}, {Day: 1}} }},
		{"roster.pin_day", func(p *Problem) { p.Agents[0].Pins = []Pin{{Day: 70}} }},
		{"roster.shift_day", func(p *Problem) { p.Agents[0].Pins = []Pin{{Day: 1, Template: "day", Start: 480, Minutes: 540}} }},
		{"roster.shift_grid", func(p *Problem) { p.Agents[0].Pins = []Pin{{Day: 0, Template: "day", Start: 481, Minutes: 540}} }},
		{"roster.break_order", func(p *Problem) { p.Templates[0].Breaks[1].Earliest, p.Templates[0].Breaks[1].Latest = 0, 15 }},
		{"roster.history", func(p *Problem) { p.Agents[0].History.Nights = -1 }},
		{"roster.history", func(p *Problem) { p.Agents[0].History.Refused = -1 }},
		{"roster.history", func(p *Problem) { p.Agents[0].History.Unpopular = 1 << 40 }},
		{"roster.pattern", func(p *Problem) { p.Rules[0].Kind = Rotation }},
		{"roster.pattern", func(p *Problem) { p.Rules[0].Pattern = []string{PatternOff} }},
		{"roster.unknown_template", func(p *Problem) { p.Rules[0].Kind, p.Rules[0].Pattern = Rotation, []string{"dawn"} }},
		{"roster.pay", func(p *Problem) { p.Pay = []PayWindow{{From: 10, To: 5, Percent: 10}} }},
		{"roster.pay", func(p *Problem) { p.Pay = []PayWindow{{From: 0, To: 5, Percent: -10}} }},
		{"roster.too_large", func(p *Problem) { p.MinStretch = 1 << 40 }},
		{"roster.group_tier", func(p *Problem) { p.Groups[0].Tier = -1 }},
		{"roster.skill", func(p *Problem) { p.Agents[0].Skills[0].Tier = 1 << 40 }},
		{"roster.template_step", func(p *Problem) { p.Templates[0].StartStep = math.MaxInt64 / 15 * 15 }},
		{"roster.break", func(p *Problem) { p.Templates[0].Breaks[0].Latest = math.MaxInt64 }},
		{"roster.rule_number", func(p *Problem) { p.Rules[0].Minutes = 1 << 40 }},
		{"roster.rule_number", func(p *Problem) { p.Rules[1].NightTo = 1 << 40 }},
		{"roster.contract", func(p *Problem) { p.Agents[1].Contract.WeekMaxMinutes = 1 << 40 }},
		{"roster.weight", func(p *Problem) { p.Agents[1].CostPerHour = -1 }},
		{"roster.weights_too_large", func(p *Problem) {
			for i := range p.Rules {
				p.Rules[i].Hard, p.Rules[i].Weight = false, maxPoints
			}
			p.Agents[0].History = History{Nights: 10_000, Weekends: 10_000}
			for g := range p.Groups {
				p.Groups[g].Need, p.Groups[g].UnderCost = slices.Repeat([]int{100_000}, 7*96), ptr(int64(maxPoints))
			}
		}},
		{"roster.request", func(p *Problem) { p.Agents[0].Requests = []Request{{Day: 0, From: 90, To: 60}} }},
	} {
		p := centre(4, 7, 2, 2)
		c.change(p)
		_, err := Solve(context.Background(), p, Options{Moves: 1})
		require.Equal(t, c.code, fault.CodeOf(err), "%v", err)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
}

func TestPinThatBreaksLawIsExplained(t *testing.T) {
	p := centre(6, 7, 2, 2)
	p.Agents[0].Pins = []Pin{{Day: 1, Template: "night", Start: 1440 + 1320, Minutes: 540}, {Day: 2, Template: "day", Start: 2*1440 + 480, Minutes: 540}}
	sol, err := Solve(context.Background(), p, Options{Moves: 2000})
	require.NoError(t, err)
	require.Positive(t, sol.Score[LevelHard])
	e := Explain(p, sol)
	require.Equal(t, "rest", e.Broken[0].Rule)
	require.Contains(t, e.Broken[0].Reason, "rests 60 minutes, 660 are due")
	require.Equal(t, []Cell{{0, 1}, {0, 2}}, e.Broken[0].Cells)
}

func TestNothingToDoIsNoError(t *testing.T) {
	p := centre(40, 7, 2, 2)
	p.Agents, p.Rules = nil, nil
	sol, err := Solve(context.Background(), p, Options{})
	require.NoError(t, err)
	require.Empty(t, sol.Shifts)
	require.NotEmpty(t, sol.Unmet, "everything stays open, and it is said")
	require.Equal(t, "skill_missing", sol.Proofs[0].Code)
	p = centre(4, 7, 2, 2)
	p.Templates, p.Rules = nil, nil
	sol, err = Solve(context.Background(), p, Options{Moves: 100})
	require.NoError(t, err)
	require.Empty(t, sol.Shifts)
}

func TestDaysOf23And25Hours(t *testing.T) {
	for _, c := range []struct {
		first string
		slots int
	}{{"2026-03-29", 92}, {"2026-10-25", 100}, {"2026-10-26", 96}} {
		p := centre(3, 1, 1, 1)
		p.Zone, p.FirstDay = "Europe/Berlin", c.first
		m, err := compile(p)
		require.NoError(t, err)
		require.Equal(t, c.slots, m.slots, c.first)
		starts := m.templates[0].starts[0]
		require.Equal(t, c.slots-96+7*4, int(starts[0]), "07:00 by the clock on the wall")
	}
}

func TestOneAgentCountsOnce(t *testing.T) {
	p := centre(3, 7, 2, 1)
	for i := range p.Agents {
		p.Agents[i].Skills = []Skill{{Skill: "s0", Tier: 2}, {Skill: "s1", Tier: 2}}
	}
	sol := solved(t, p)
	busy := map[[2]int]int{}
	worked := int64(0)
	for _, s := range sol.Shifts {
		for _, a := range s.Activities {
			for m := a.Start; m < a.Start+a.Minutes; m += 15 {
				busy[[2]int{s.Agent, m}]++
				if a.Kind == Work && m < 7*1440 {
					worked += 15
				}
			}
		}
	}
	for k, n := range busy {
		require.Equal(t, 1, n, "agent %d at minute %d", k[0], k[1])
	}
	require.Equal(t, worked, sol.Coverage.Met+sol.Coverage.Surplus+sol.Coverage.Idle, "every worked minute counts for one group")
	for _, s := range sol.Shifts {
		stretch := map[int]int{}
		for _, a := range s.Activities {
			if a.Kind == Work {
				stretch[a.Group] += a.Minutes
			}
		}
		for g, n := range stretch {
			require.GreaterOrEqual(t, n, 60, "group %d", g)
		}
	}
}

func TestBreaksLieInTheirWindows(t *testing.T) {
	p := centre(30, 7, 2, 2)
	sol := solved(t, p)
	starts := map[int]int{}
	for _, s := range sol.Shifts {
		tm := p.Templates[p.templateIndex(s.Template)]
		k, at := 0, s.Start
		for _, a := range s.Activities {
			require.Equal(t, at, a.Start, "stretches follow one another")
			at += a.Minutes
			if a.Kind == Work {
				continue
			}
			b := tm.Breaks[k]
			k++
			require.Equal(t, b.Minutes, a.Minutes)
			require.GreaterOrEqual(t, a.Start-s.Start, b.Earliest)
			require.LessOrEqual(t, a.Start-s.Start, b.Latest)
			require.Equal(t, b.Meal, a.Kind == Meal)
			starts[a.Start]++
		}
		require.Len(t, tm.Breaks, k, "every break is placed")
		require.Equal(t, s.Start+s.Minutes, at)
	}
	for m, n := range starts {
		require.Less(t, n, 12, "breaks at minute %d are staggered", m)
	}
}

func TestCancelReturnsBestSoFar(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	sol, err := Solve(ctx, centre(10, 7, 2, 2), Options{})
	require.NoError(t, err)
	require.Equal(t, "cancelled", sol.Stopped)
	require.NotEmpty(t, sol.Unmet)
}

func TestProblemRoundTrip(t *testing.T) {
	p := centre(5, 7, 2, 2)
	p.Agents[0].History.LastEnd = ptr(-600)
	var b bytes.Buffer
	require.NoError(t, WriteProblem(&b, p))
	again, err := ReadProblem(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, p, again)
	_, err = ReadProblem(bytes.NewReader(bytes.Replace(b.Bytes(), []byte(`"zone"`), []byte(`"zon"`), 1)))
	require.Equal(t, "roster.json", fault.CodeOf(err))
}

// Rules that nobody can keep are no error: the roster comes back with what it
// cannot do and why.
func TestContradictionsAreExplained(t *testing.T) {
	for _, c := range []struct {
		code, reason string
		change       func(p *Problem)
	}{
		{"rules_contradict", "at least 4 days of work in a row and allow at most 3", func(p *Problem) {
			p.Rules = append(p.Rules, Rule{ID: "least", Kind: MinConsecutiveDays, Owner: OwnerContract, Hard: true, Min: 4}, Rule{ID: "most", Kind: MaxConsecutiveDays, Owner: OwnerLaw, Hard: true, Max: 3})
		}},
		{"rules_contradict", "no shift at all", func(p *Problem) {
			p.Rules = append(p.Rules, Rule{ID: "none", Kind: MaxShiftsWeek, Owner: OwnerLaw, Hard: true})
		}},
		{"rules_contradict", "The rotation has 7 days of work in a row, a hard rule allows 6", func(p *Problem) {
			p.Rules = append(p.Rules, Rule{ID: "always", Kind: Rotation, Owner: OwnerContract, Hard: true, Pattern: []string{PatternWork}})
		}},
		{"skill_unused", "No group asks for a skill", func(p *Problem) { p.Agents[0].Skills = []Skill{{Skill: "welsh"}} }},
		{"agent_cannot_work", "the contract has at least 99000", func(p *Problem) { p.Agents[0].Contract = &Contract{MinMinutes: 99_000, MaxMinutes: 99_000} }},
	} {
		p := centre(4, 7, 2, 2)
		c.change(p)
		sol, err := Solve(t.Context(), p, Options{Moves: 200})
		require.NoError(t, err)
		found := false
		for _, proof := range sol.Proofs {
			if proof.Code == c.code && proof.Agent == 0 {
				found = true
				require.Contains(t, proof.Reason, c.reason)
			}
		}
		require.True(t, found, "%s: %+v", c.code, sol.Proofs)
	}
}

// One agent serves client A in the morning and client B in the afternoon, no
// stretch shorter than the least one.
func TestActivitySlices(t *testing.T) {
	for _, c := range []struct {
		stretch int
		want    []Activity // group and minutes
	}{
		{120, []Activity{{Group: 0, Minutes: 240}, {Group: 1, Minutes: 240}}},
		{300, []Activity{{Group: 0, Minutes: 480}}},
	} {
		p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 1, SlotMinutes: 15, MinStretch: c.stretch,
			Templates: []Template{{ID: "day", StartFrom: 480, StartTo: 480, MinMinutes: 480, MaxMinutes: 480}},
			Agents:    []Agent{{ID: "x", Skills: []Skill{{Skill: "a"}, {Skill: "b"}}, Contract: &Contract{MinMinutes: 480, MaxMinutes: 480}}}}
		for g, skill := range []string{"a", "b"} {
			need := make([]int, 96)
			for s := range 16 {
				need[32+16*g+s] = 1
			}
			if g == 0 {
				need[56] = 1 // an hour into the afternoon A has a need of its own for a moment
			}
			p.Groups = append(p.Groups, Group{ID: skill, Client: skill, Skill: skill, Need: need})
		}
		sol, err := Solve(t.Context(), p, Options{Moves: 500})
		require.NoError(t, err)
		require.Len(t, sol.Shifts, 1)
		var got []Activity
		for _, a := range sol.Shifts[0].Activities {
			got = append(got, Activity{Group: a.Group, Minutes: a.Minutes})
		}
		require.Equal(t, c.want, got)
	}
}

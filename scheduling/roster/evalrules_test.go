package roster

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// judged gives the violations of one rule for an agent's row, written a letter a
// day: d day (08:00, 8 h paid), l late (14:00, 8 h), n night (22:00, 8 h), s short
// (09:00, 4 h), L long (08:00, 10 h paid, no meal), . off. Day 0 is a Monday.
func judged(t *testing.T, rule Rule, history History, requests []Request, row string) []Violation {
	t.Helper()
	meal := []Break{{ID: "meal", Meal: true, Minutes: 60, Earliest: 180, Latest: 300}}
	p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: len(row), SlotMinutes: 15, Rules: []Rule{rule},
		Templates: []Template{{ID: "day", StartFrom: 480, StartTo: 480, MinMinutes: 540, MaxMinutes: 540, Breaks: meal}, {ID: "late", StartFrom: 840, StartTo: 840, MinMinutes: 540, MaxMinutes: 540, Breaks: meal},
			{ID: "night", StartFrom: 1320, StartTo: 1320, MinMinutes: 540, MaxMinutes: 540, Breaks: meal}, {ID: "short", StartFrom: 540, StartTo: 540, MinMinutes: 240, MaxMinutes: 240},
			{ID: "long", StartFrom: 480, StartTo: 480, MinMinutes: 600, MaxMinutes: 600}},
		Agents: []Agent{{ID: "x", Contract: &Contract{MaxMinutes: 100_000}, History: history, Requests: requests}, {ID: "y", Contract: &Contract{}}}}
	m, err := compile(p)
	require.NoError(t, err)
	cells := make([]cell, len(row))
	for d, c := range row {
		cells[d] = off
		for k, letter := range "dlnsL" {
			if c == letter {
				cells[d] = m.newCell(int32(k), m.templates[k].starts[d][0], m.templates[k].lengths[0])
			}
		}
	}
	var list, out []Violation
	m.evalRow(0, cells, &list)
	for _, v := range list {
		if v.Rule == rule.ID {
			out = append(out, v)
		}
	}
	return out
}

// TestEveryRule shows for every kind a row that keeps it and one that breaks it:
// what it costs, the words and the days.
func TestEveryRule(t *testing.T) {
	shown := map[RuleKind]bool{}
	minus := -60
	for _, c := range []struct {
		name     string
		rule     Rule
		history  History
		requests []Request
		good     string
		bad      string
		points   int64 // sum over all violations of the bad row, weight 10
		reason   string
		days     []int // of the first violation
	}{
		{name: "rest", rule: Rule{Kind: MinRest, Minutes: 660}, good: "d.nn", bad: "nd", points: 400, reason: "rests 60 minutes, 660 are due", days: []int{0, 1}},
		{name: "rest after history", rule: Rule{Kind: MinRest, Minutes: 660}, history: History{LastEnd: &minus}, good: "l", bad: "d", points: 80, reason: "rests 540 minutes", days: []int{0}},
		{name: "days in a row", rule: Rule{Kind: MaxConsecutiveDays, Max: 2}, good: "dd.dd", bad: "dddd", points: 20, reason: "3 days in a row, allowed are 2", days: []int{0, 1, 2}},
		{name: "days in a row with history", rule: Rule{Kind: MaxConsecutiveDays, Max: 3}, history: History{ConsecutiveDays: 2}, good: "d.d", bad: "dd.", points: 10, reason: "4 days in a row", days: []int{0, 1}},
		{name: "few days in a row", rule: Rule{Kind: MinConsecutiveDays, Min: 3}, good: ".ddd.d", bad: ".dd...", points: 10, reason: "2 days in a row, at least 3 are due", days: []int{1, 2}},
		{name: "few days off", rule: Rule{Kind: MinConsecutiveOff, Min: 2}, good: "d..d.", bad: "dd.d.", points: 10, reason: "1 days off in a row, at least 2 are due", days: []int{2}},
		{name: "many days off", rule: Rule{Kind: MaxConsecutiveOff, Max: 2}, good: "d..d", bad: "d...d", points: 10, reason: "3 days off in a row, allowed are 2", days: []int{1, 2, 3}},
		{name: "minutes a day", rule: Rule{Kind: MaxMinutesDay, Minutes: 480}, good: "d", bad: "L", points: 80, reason: "600 paid minutes on one day, allowed are 480", days: []int{0}},
		{name: "minutes a week", rule: Rule{Kind: MaxMinutesWeek, Minutes: 960}, good: "dd.....dd", bad: "ddd", points: 320, reason: "1440 paid minutes in the week", days: []int{0, 1, 2}},
		{name: "overtime", rule: Rule{Kind: NoOvertime, Minutes: 480}, good: "d......d", bad: "ds", points: 160, reason: "720 paid minutes in the week", days: []int{0, 1}},
		{name: "minutes of the period", rule: Rule{Kind: MaxMinutesPeriod, Minutes: 960}, good: "d......d", bad: "dds", points: 160, reason: "1200 paid minutes in the period"},
		{name: "average", rule: Rule{Kind: AverageMinutesWeek, Minutes: 480, Weeks: 2}, good: "dd............", bad: "ddd...........", points: 320, reason: "1440 paid minutes in 14 days, the average allows 960", days: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}},
		{name: "shifts a week", rule: Rule{Kind: MaxShiftsWeek, Max: 2}, good: "dd.....dd", bad: "ddd", points: 10, reason: "3 shifts in the week, allowed are 2", days: []int{0, 1, 2}},
		{name: "weekends", rule: Rule{Kind: MaxWeekends, Max: 1}, good: ".....dd", bad: ".....dd.....d.", points: 10, reason: "works on 2 weekends, allowed are 1"},
		{name: "whole weekends", rule: Rule{Kind: CompleteWeekends}, good: ".....dd", bad: ".....d.", points: 10, reason: "only one day of a weekend", days: []int{5, 6}},
		{name: "nights", rule: Rule{Kind: MaxNights, Max: 1}, good: "nd.dl", bad: "n.n", points: 10, reason: "2 nights, allowed are 1"},
		{name: "nights in a row", rule: Rule{Kind: MaxConsecutiveNights, Max: 1}, good: "n.n", bad: "nn", points: 10, reason: "2 nights in a row", days: []int{0, 1}},
		{name: "no nights", rule: Rule{Kind: NoNights}, good: "d", bad: "n", points: 10, reason: "480 minutes of night work", days: []int{0}},
		{name: "no nights, own hours", rule: Rule{Kind: NoNights, NightFrom: 1260, NightTo: 360}, good: "d", bad: "l", points: 10, reason: "120 minutes of night work", days: []int{0}},
		{name: "succession", rule: Rule{Kind: ForbiddenSuccession, From: []string{"late"}, To: []string{"day"}}, good: "dl.d", bad: "ld", points: 10, reason: "day follows late", days: []int{0, 1}},
		{name: "succession after history", rule: Rule{Kind: ForbiddenSuccession, From: []string{"late"}, To: []string{"day"}}, history: History{LastTemplate: "late"}, good: "l", bad: "d", points: 10, reason: "day follows late", days: []int{0}},
		{name: "too many of a kind", rule: Rule{Kind: MaxTemplate, From: []string{"late"}, Max: 1}, good: "ld", bad: "ll", points: 10, reason: "2 such shifts, allowed are 1"},
		{name: "steady starts", rule: Rule{Kind: SameStartInWeek, Minutes: 60}, good: "dd.....l", bad: "ds", points: 10, reason: "starts 60 minutes apart", days: []int{0, 1}},
		{name: "same shift in a week", rule: Rule{Kind: SameTemplateInWeek}, good: "d.d....ll", bad: "d.ld", points: 20, reason: "late after day in one week", days: []int{0, 1, 2}},
		{name: "rotation", rule: Rule{Kind: Rotation, Pattern: []string{"day", "work", PatternOff, PatternAny}, Agents: []int{0}}, good: "dn.ndl.", bad: "lnd.d..", points: 30, reason: "the rotation has day on this day", days: []int{0}},
		{name: "rotation with offset", rule: Rule{Kind: Rotation, Pattern: []string{"day", PatternOff}, Offset: 1}, good: ".d.d", bad: "d...", points: 30, reason: "the rotation has a day off", days: []int{0}},
		{name: "rotation, second of its agents", rule: Rule{Kind: Rotation, Pattern: []string{"day", PatternOff, PatternOff}, Stagger: 2, Agents: []int{1, 0}}, good: ".d..d.", bad: ".l..d.", points: 10, reason: "the rotation has day", days: []int{1}},
		{name: "meal", rule: Rule{Kind: MealInShift, Minutes: 300, Min: 60}, good: "dsn", bad: ".L", points: 10, reason: "a meal of 0 minutes in a shift of 600 paid minutes, 60 are due", days: []int{1}},
		{name: "fair nights", rule: Rule{Kind: FairNights}, history: History{}, good: "ddl", bad: "nn", points: 40, reason: "2 nights"},
		{name: "fair weekends", rule: Rule{Kind: FairWeekends}, good: "ddddd..", bad: ".....d......d", points: 40, reason: "2 weekends"},
		{name: "fair kinds", rule: Rule{Kind: FairTemplates, From: []string{"late"}}, good: "dd", bad: "ll", points: 40, reason: "2 such shifts, past ones included"},
		{name: "fair requests", rule: Rule{Kind: FairRequests}, requests: []Request{{Day: 1, Off: true, Weight: 1}, {Day: 2, From: 480, To: 960, Weight: 1}}, good: "d.d", bad: "dd.", points: 40, reason: "2 requests not granted"},
	} {
		shown[c.rule.Kind] = true
		c.rule.ID, c.rule.Owner, c.rule.Weight = "rule", OwnerLaw, 10
		require.Empty(t, judged(t, c.rule, c.history, c.requests, c.good), c.name)
		got := judged(t, c.rule, c.history, c.requests, c.bad)
		require.NotEmpty(t, got, c.name)
		sum := int64(0)
		for _, v := range got {
			sum += v.Points
			require.False(t, v.Hard, c.name)
		}
		require.Equal(t, c.points, sum, c.name)
		require.Contains(t, got[0].Reason, c.reason, c.name)
		var days []int
		for _, cell := range got[0].Cells {
			require.Zero(t, cell.Agent)
			days = append(days, cell.Day)
		}
		if c.days != nil || len(days) == 0 {
			require.Equal(t, c.days, days, c.name)
		}
		c.rule.Hard = true
		hard := judged(t, c.rule, c.history, c.requests, c.bad)
		require.True(t, hard[0].Hard, c.name)
		require.Positive(t, hard[0].Points, c.name)
	}
	for _, k := range RuleKinds() {
		require.True(t, shown[k], "%s has a row in this table", k)
	}
}

// Past loads count: who has had more nights pays more for the next one.
func TestFairnessCountsThePast(t *testing.T) {
	for _, c := range []struct {
		kind    RuleKind
		history History
		row     string
		want    int64
	}{
		{FairNights, History{Nights: 3}, "n", 160},
		{FairWeekends, History{Weekends: 2}, ".....dd", 90},
		{FairTemplates, History{Unpopular: 4}, "l", 250},
		{FairRequests, History{Refused: 1}, "d", 10},
	} {
		got := judged(t, Rule{ID: "fair", Kind: c.kind, Owner: OwnerPerson, Weight: 10, From: []string{"late"}}, c.history, nil, c.row)
		require.Len(t, got, 1, c.kind)
		require.Equal(t, c.want, got[0].Points, c.kind)
	}
}

// loads counts the nights and the weekends of every agent of a roster.
func loads(p *Problem, sol *Solution) (nights, weekends []int) {
	nights, weekends = make([]int, len(p.Agents)), make([]int, len(p.Agents))
	seen := map[Cell]bool{}
	for _, s := range sol.Shifts {
		if s.Template == "night" {
			nights[s.Agent]++
		}
		if week := (Cell{s.Agent, s.Day / 7}); s.Day%7 >= 5 && !seen[week] {
			seen[week] = true
			weekends[s.Agent]++
		}
	}
	return nights, weekends
}

func squares(list []int) int {
	sum := 0
	for _, n := range list {
		sum += n * n
	}
	return sum
}

func spread(list []int) int { return slices.Max(list) - slices.Min(list) }

// Over several periods, each planned with the loads of those before it, nights and
// weekends even out; agents who begin with a burden get fewer of them.
func TestLoadsEvenOutOverPeriods(t *testing.T) {
	play := func(fair bool) (nights, weekends []int) {
		p := centre(12, 14, 1, 1)
		for k := range p.Groups[0].Need {
			if h := k % 96 / 4; h >= 22 || h < 7 {
				p.Groups[0].Need[k] = 1
			} else {
				p.Groups[0].Need[k] /= 2
			}
		}
		for i := range p.Agents {
			p.Agents[i].TimeOff, p.Agents[i].Requests = nil, nil
		}
		if !fair {
			p.Rules = slices.DeleteFunc(p.Rules, func(r Rule) bool { return r.Kind == FairNights || r.Kind == FairWeekends })
		}
		nights, weekends = []int{4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 0}, make([]int, 12)
		for period := range 3 {
			for i := range p.Agents {
				p.Agents[i].History = History{Nights: nights[i], Weekends: weekends[i]}
			}
			s, err := Solve(t.Context(), p, Options{Seed: uint64(period), Moves: 20_000})
			require.NoError(t, err)
			require.Zero(t, s.Score[LevelHard])
			n, w := loads(p, s)
			for i := range n {
				nights[i], weekends[i] = nights[i]+n[i], weekends[i]+w[i]
			}
		}
		return nights, weekends
	}
	nights, weekends := play(true)
	unfairNights, unfairWeekends := play(false)
	t.Logf("nights %v, weekends %v; without the rules %v and %v", nights, weekends, unfairNights, unfairWeekends)
	require.LessOrEqual(t, 3*spread(nights), 2*spread(unfairNights))
	require.LessOrEqual(t, squares(weekends), squares(unfairWeekends))
	early, late := 0, 0
	for i, n := range nights {
		if i < 6 {
			early += n - 4
		} else {
			late += n
		}
	}
	require.Less(t, early, late, "who had nights before gets fewer now")
}

// A hard rotation is followed by the search; premiums make nights dear.
func TestRotationAndPremiums(t *testing.T) {
	p := centre(12, 14, 1, 1)
	p.Rules = append(p.Rules, Rule{ID: "4on2off", Kind: Rotation, Owner: OwnerContract, Hard: true, Stagger: 1, Pattern: []string{"day", "day", PatternAny, PatternWork, PatternOff, PatternOff}})
	for i := range p.Agents {
		p.Agents[i].TimeOff, p.Agents[i].CostPerHour = nil, 6
	}
	s, err := Solve(t.Context(), p, Options{Seed: 1, Moves: 5000})
	require.NoError(t, err)
	require.Zero(t, s.Score[LevelHard])
	at := byCell(s.Shifts)
	for i := range p.Agents {
		for d := range p.Days {
			sh := at[Cell{i, d}]
			switch (d + i) % 6 {
			case 0, 1:
				require.NotNil(t, sh)
				require.Equal(t, "day", sh.Template)
			case 3:
				require.NotNil(t, sh)
			case 4, 5:
				require.Nil(t, sh)
			}
		}
	}
	plain, err := Evaluate(p, s.Shifts)
	require.NoError(t, err)
	p.Pay = []PayWindow{{From: 0, To: 14 * 1440, Percent: 100}}
	twice, err := Evaluate(p, s.Shifts)
	require.NoError(t, err)
	pay := func(s *Solution) int64 {
		n := int64(0)
		for _, v := range s.Violations {
			if v.Rule == rulePay {
				n += v.Points
			}
		}
		return n
	}
	require.Positive(t, pay(plain))
	require.InDelta(t, 2*pay(plain), pay(twice), float64(len(p.Agents)*8))
}

// A night that only one of two sites pays dearly goes to the other site.
func TestPremiumsHoldForTheirSite(t *testing.T) {
	p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 1, SlotMinutes: 60, Groups: []Group{{ID: "g", Skill: "s", Need: []int{1, 1, 1, 1}}},
		Templates: []Template{{ID: "night", MinMinutes: 240, MaxMinutes: 240}}, Pay: []PayWindow{{From: 0, To: 360, Percent: 50, Site: "dear"}}}
	for i, site := range []string{"dear", "fair"} {
		p.Agents = append(p.Agents, Agent{ID: string(rune('a' + i)), Site: site, Skills: []Skill{{Skill: "s"}}, CostPerHour: 60, Contract: &Contract{MaxMinutes: 240}})
	}
	for i, want := range []int64{360, 240} {
		sol, err := Evaluate(p, []Shift{{Agent: i, Template: "night", Minutes: 240}})
		require.NoError(t, err)
		require.Equal(t, want, sol.Score[LevelCost])
	}
	p.Pay[0].Site = "elsewhere"
	require.ErrorContains(t, p.Validate(), "elsewhere")
}

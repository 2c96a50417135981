package roster

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// tiny draws a problem small enough to list every roster: hours, two agents, two
// days, one template with a break, two groups.
func tiny(rt *rapid.T) *Problem {
	p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 2, SlotMinutes: 60, MinStretch: 60,
		Groups: []Group{{ID: "a", Skill: "a"}, {ID: "b", Skill: "b"}},
		Templates: []Template{{ID: "day", StartFrom: 480, StartTo: 540, MinMinutes: 180, MaxMinutes: 240, Cost: rapid.Int64Range(0, 300).Draw(rt, "cost"),
			Breaks: []Break{{ID: "b", Minutes: 60, Earliest: 60, Latest: rapid.SampledFrom([]int{60, 120}).Draw(rt, "latest"), Paid: rapid.Bool().Draw(rt, "paid")}}}}}
	for g := range p.Groups {
		p.Groups[g].Need = make([]int, 48)
		for d := range 2 {
			for h := 8; h < 13; h++ {
				p.Groups[g].Need[d*24+h] = rapid.IntRange(0, 2).Draw(rt, "need")
			}
		}
	}
	for i := range 2 {
		least := rapid.SampledFrom([]int{0, 120, 240, 360}).Draw(rt, "least")
		a := Agent{ID: string(rune('x' + i)), Skills: []Skill{{Skill: "a", Proficiency: rapid.SampledFrom([]int{100, 200}).Draw(rt, "proficiency")}}, CostPerHour: rapid.Int64Range(0, 400).Draw(rt, "pay"),
			Contract: &Contract{MinMinutes: least, MaxMinutes: least + 120, HardMax: rapid.Bool().Draw(rt, "hard"), Weight: rapid.Int64Range(1, 30).Draw(rt, "weight")}}
		if i == 0 && rapid.Bool().Draw(rt, "both") {
			a.Skills = append(a.Skills, Skill{Skill: "b"})
		}
		if rapid.Bool().Draw(rt, "late") {
			a.TimeOff = []Window{{From: 480, To: 540}}
		}
		p.Agents = append(p.Agents, a)
	}
	if rapid.Bool().Draw(rt, "law") {
		p.Rules = []Rule{{ID: "one", Kind: MaxConsecutiveDays, Owner: OwnerLaw, Hard: true, Max: 1}}
	}
	return p
}

// wholeRow is one way for an agent to spend the horizon.
type wholeRow struct {
	points, paid int64
	at           []int // group*slots + slot of every hour worked
}

// everyRow lists all legal rows of an agent with all places of the breaks and all activities.
func everyRow(m *model, i int) []wholeRow {
	type day struct {
		c  cell
		at []int
	}
	days := make([][]day, m.p.Days)
	for d := range days {
		days[d] = []day{{c: off}}
		for _, start := range m.templates[0].starts[d] {
			for _, length := range m.templates[0].lengths {
				for b := start + 1; b <= start+m.templates[0].breaks[0].latest; b++ {
					var open []int
					for t := start; t < start+length; t++ {
						if t != b {
							open = append(open, int(t))
						}
					}
					serves := m.agents[i].serves[d]
					for code := range int(math.Pow(float64(len(serves)), float64(len(open)))) {
						x := day{c: m.newCell(0, start, length)}
						for _, t := range open {
							x.at = append(x.at, int(serves[code%len(serves)])*m.slots+t)
							code /= len(serves)
						}
						days[d] = append(days[d], x)
					}
				}
			}
		}
	}
	var out []wholeRow
	for _, x := range days[0] {
		for _, y := range days[1] {
			row := []cell{x.c, y.c}
			score := m.evalRow(i, row, nil)
			if score[LevelHard] > 0 {
				continue
			}
			r := wholeRow{points: score.Total(), paid: int64(paidSum(row)), at: append(append([]int(nil), x.at...), y.at...)}
			for _, at := range r.at {
				r.points -= m.agents[i].bonus[at/m.slots]
			}
			out = append(out, r)
		}
	}
	return out
}

// TestBoundsHold lists every roster of small problems: none is below a bound.
func TestBoundsHold(t *testing.T) {
	tightTotal, tightPaid, checks := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		p := tiny(rt)
		m, err := compile(p)
		require.NoError(rt, err)
		sol, err := Solve(context.Background(), p, Options{Seed: 1, Moves: 2000})
		require.NoError(rt, err)
		paid := []int64{0, 0}
		for _, s := range sol.Shifts {
			paid[s.Agent] += int64(s.PaidMinutes)
		}
		full, _ := Evaluate(p, sol.Shifts)
		staffed := full.Coverage.Staffed
		rows := [][]wholeRow{everyRow(m, 0), everyRow(m, 1)}
		best, least := int64(math.MaxInt64), int64(math.MaxInt64)
		count := make([]int32, len(m.groups)*m.slots)
		for _, x := range rows[0] {
			for _, at := range x.at {
				count[at]++
			}
			for _, y := range rows[1] {
				for _, at := range y.at {
					count[at]++
				}
				total, meets := x.points+y.points, true
				for g := range m.groups {
					for d := range 2 {
						for h := d*24 + 8; h < d*24+13; h++ {
							n := count[g*m.slots+h]
							under, over := m.coverCost(g, h, n)
							total += under + over
							meets = meets && n >= min(m.groups[g].need[h], staffed[g][h])
						}
					}
				}
				best = min(best, total)
				enough := x.paid >= min(int64(p.Agents[0].Contract.MinMinutes), paid[0]) && y.paid >= min(int64(p.Agents[1].Contract.MinMinutes), paid[1])
				if meets && enough {
					least = min(least, x.paid+y.paid)
				}
				for _, at := range y.at {
					count[at]--
				}
			}
			for _, at := range x.at {
				count[at]--
			}
		}
		require.LessOrEqual(rt, sol.TotalBound, best, "points")
		require.LessOrEqual(rt, sol.PaidBound, least, "paid minutes")
		require.LessOrEqual(rt, sol.PaidBound, sol.PaidMinutes)
		checks++
		if Gap(best, sol.TotalBound) <= 0.05 {
			tightTotal++
		}
		if Gap(least, sol.PaidBound) <= 0.05 {
			tightPaid++
		}
	})
	t.Logf("within 5 %% of the optimum: total %d, paid %d of %d", tightTotal, tightPaid, checks)
	require.Greater(t, 2*tightTotal, checks, "the bound is worth something")
	require.Greater(t, 2*tightPaid, checks, "the bound is worth something")
}

package formats

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/scheduling/roster/skillshift"
	"muster/tenants/fault"
)

const (
	smallScenario = "SCENARIO = tiny\nWEEKS = 2\nSKILLS = 2\nLead\nAgent\nSHIFT_TYPES = 2\nEarly (2,4)\nNight (1,3)\nFORBIDDEN_SHIFT_TYPES_SUCCESSIONS\nEarly 0\nNight 1 Early\n" +
		"CONTRACTS = 1\nFull (4,9) (2,4) (2,3) 1 1\nNURSES = 3\nAnn Full 2 Lead Agent\nBob Full 1 Agent\nCat Full 1 Agent\n"
	smallHistory = "HISTORY\n0 tiny\n\nNURSE_HISTORY\nAnn 0 0 Night 1 3 0\nBob 2 1 None 0 0 2\nCat 0 0 Early 5 5 0\n"
	smallWeek    = "WEEK_DATA\ntiny\n\nREQUIREMENTS\nEarly Agent (1,1) (0,1) (1,1) (0,0) (1,2) (0,1) (0,0)\nNight Lead (0,1) (0,0) (0,0) (1,1) (0,0) (0,0) (0,1)\n\nSHIFT_OFF_REQUESTS = 2\nBob Any Tue \nAnn Night Thu\n"
)

func tiny(t require.TestingT) *skillshift.Problem {
	p, err := ReadINRC2(strings.NewReader(smallScenario), strings.NewReader(smallHistory), []io.Reader{strings.NewReader(smallWeek), strings.NewReader(smallWeek)})
	require.NoError(t, err)
	return p
}

// TestINRC2JudgeAgrees compares the solver's score, day by day, with the judge's, block by block.
func TestINRC2JudgeAgrees(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := tiny(rt)
		for i := range p.Agents {
			a := &p.Agents[i]
			if rapid.Bool().Draw(rt, "fresh") {
				a.Last, a.ShiftRun, a.Run, a.OffRun = skillshift.Off, 0, 0, rapid.IntRange(1, 5).Draw(rt, "off")
			}
		}
		r, err := skillshift.Solve(context.Background(), p, skillshift.Options{Seed: rapid.Uint64().Draw(rt, "seed"), Moves: int64(rapid.IntRange(1, 20_000).Draw(rt, "moves"))})
		require.NoError(rt, err)
		var csv bytes.Buffer
		require.NoError(rt, WriteINRC2(&csv, p, r.Rows))
		v, err := JudgeINRC2(p, &csv)
		require.NoError(rt, err)
		require.Equal(rt, r.Penalty, v.Penalty)
		require.Equal(rt, r.Hard == 0, v.Legal(), "%v", v.Violations)
	})
}

func TestINRC2Errors(t *testing.T) {
	weeks := func() []io.Reader { return []io.Reader{strings.NewReader(smallWeek)} }
	_, err := ReadINRC2(strings.NewReader(strings.Replace(smallScenario, "Bob Full", "Bob Half", 1)), strings.NewReader(smallHistory), weeks())
	require.ErrorContains(t, err, `"Half"`)
	_, err = ReadINRC2(strings.NewReader(smallScenario), strings.NewReader(strings.Replace(smallHistory, "Cat 0", "Dan 0", 1)), weeks())
	require.ErrorContains(t, err, `"Dan"`)
	_, err = ReadINRC2(strings.NewReader(smallScenario), strings.NewReader(smallHistory), []io.Reader{strings.NewReader(strings.Replace(smallWeek, "(1,2)", "(1)", 1))})
	require.ErrorContains(t, err, "15 fields where 16 are due")
}

func FuzzReadINRC2(f *testing.F) {
	f.Add(smallScenario, smallHistory, smallWeek)
	f.Fuzz(func(t *testing.T, scenario, history, week string) {
		p, err := ReadINRC2(strings.NewReader(scenario), strings.NewReader(history), []io.Reader{strings.NewReader(week)})
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		if len(p.Agents) > 50 {
			return
		}
		_, err = skillshift.Solve(context.Background(), p, skillshift.Options{Moves: 10})
		require.NoError(t, err)
	})
}

// n005w4_0_1-2-3-3 with the whole horizon known: 1470 is the best known value.
func TestINRC2Instance(t *testing.T) {
	dir := func(name string) io.Reader { return dataFile(t, "inrc2", "n005w4", name) }
	p, err := ReadINRC2(dir("Sc-n005w4.txt"), dir("H0-n005w4-0.txt"), []io.Reader{dir("WD-n005w4-1.txt"), dir("WD-n005w4-2.txt"), dir("WD-n005w4-3.txt"), dir("WD-n005w4-3.txt")})
	require.NoError(t, err)
	r, err := skillshift.Solve(context.Background(), p, skillshift.Options{Seed: 1, Moves: 1_000_000})
	require.NoError(t, err)
	require.Zero(t, r.Hard)
	require.GreaterOrEqual(t, r.Penalty, int64(1470))
	require.LessOrEqual(t, r.Penalty, int64(1700))
}

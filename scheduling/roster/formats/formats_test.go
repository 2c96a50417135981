package formats

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling/roster"
	"muster/scheduling/roster/dayshift"
	"muster/tenants/fault"
)

const smallNRP = `SECTION_HORIZON
14
SECTION_SHIFTS
E,480,
L,480,E
SECTION_STAFF
A,E=14|L=14,4800,3360,5,2,2,1
B,E=14|L=14,4800,3360,5,2,2,1
C,E=14|L=0,4800,3360,5,2,2,2
SECTION_DAYS_OFF
A,3
SECTION_SHIFT_ON_REQUESTS
B,2,L,3
SECTION_SHIFT_OFF_REQUESTS
C,0,E,2
SECTION_COVER
0,E,1,100,1
0,L,1,100,1
1,E,1,100,1
2,L,1,100,1
9,E,2,100,1
`

const smallMATSP = `SECTION_HORIZON
2
SECTION_TASKS
2
SECTION_STAFF
1,360,600
2,360,600
3,0,600
SECTION_COVER
1,08:00-08:15,1,1,1
1,08:15-08:30,1,1,1
1,14:00-14:15,2,1,1
`

func TestNRPReadSolveJudge(t *testing.T) {
	p, err := ReadNRP(strings.NewReader(smallNRP))
	require.NoError(t, err)
	require.Equal(t, []int{0}, p.Shifts[1].NotNext)
	r, err := dayshift.Solve(context.Background(), p, dayshift.Options{Seed: 1, Moves: 500})
	require.NoError(t, err)
	require.Empty(t, r.Broken)
	require.LessOrEqual(t, r.Bound, r.Penalty)
	var csv bytes.Buffer
	require.NoError(t, WriteNRP(&csv, p, r.Rows))
	v, err := JudgeNRP(p, &csv)
	require.NoError(t, err)
	require.True(t, v.Legal(), "%v", v.Violations)
	require.Equal(t, r.Penalty, v.Penalty, "judge and solver agree")
}

func TestJudgeNRPFindsEveryRule(t *testing.T) {
	p, err := ReadNRP(strings.NewReader(smallNRP))
	require.NoError(t, err)
	for _, c := range []struct{ rows, want string }{
		{"A,3,E\n", "fixed day off"},
		{"A,0,L\nA,1,E\n", "may not be followed"},
		{"A,5,E\n", "only 1 days in a row"},
		{"A,0,E\nA,0,L\n", "two shifts"},
		{"A,4,E\nA,5,E\nA,6,E\nA,7,E\nA,8,E\nA,9,E\n", "6 days in a row"},
		{"A,5,E\nA,12,E\n", "2 weekends"},
		{"C,1,L\n", "1 shifts L"},
		{"A,0,E\n", "480 minutes, allowed are 3360 to 4800"},
		{"A,0,E\nA,1,E\nA,3,E\n", "only 1 days off"},
	} {
		v, err := JudgeNRP(p, strings.NewReader("agent,day,shift\n"+c.rows))
		require.NoError(t, err)
		require.Contains(t, strings.Join(v.Violations, "; "), c.want)
	}
	_, err = JudgeNRP(p, strings.NewReader("agent,day,shift\nZ,0,E\n"))
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	_, err = JudgeNRP(p, strings.NewReader("agent,day\nA,0\n"))
	require.ErrorContains(t, err, "shift")
}

func TestMATSPReadSolveJudge(t *testing.T) {
	p, err := ReadMATSP(strings.NewReader(smallMATSP))
	require.NoError(t, err)
	sol, err := roster.Solve(context.Background(), p, roster.Options{Seed: 1, Moves: 4000})
	require.NoError(t, err)
	var csv bytes.Buffer
	require.NoError(t, WriteMATSP(&csv, p, sol.Shifts))
	v, err := JudgeMATSP(p, &csv)
	require.NoError(t, err)
	require.True(t, v.Legal(), "%v", v.Violations)
	require.GreaterOrEqual(t, v.Over, MATSPBound(p))
	for _, c := range []struct{ rows, want string }{
		{"1,0,1,30\n", "less than an hour"},
		{"1,0,1,360\n1,600,1,360\n", "rest"},
		{"1,300,1,360\n", "start at 11:00"},
		{"1,0,1,660\n", "660 minutes"},
		{"1,0,1,360\n1,120,2,360\n", "overlap"},
	} {
		v, err := JudgeMATSP(p, strings.NewReader("agent,start_minute,task,minutes\n"+c.rows))
		require.NoError(t, err)
		require.Contains(t, strings.Join(v.Violations, "; "), c.want)
	}
}

func TestReadersNameTheLine(t *testing.T) {
	_, err := ReadNRP(strings.NewReader("SECTION_HORIZON\nx\n"))
	require.ErrorContains(t, err, "Line 2")
	_, err = ReadNRP(strings.NewReader(strings.Replace(smallNRP, "B,2,L,3", "Q,2,L,3", 1)))
	require.ErrorContains(t, err, `"Q"`)
	_, err = ReadNRP(strings.NewReader(strings.Replace(smallNRP, "C,0,E,2", "C,0,E,-2", 1)))
	require.ErrorContains(t, err, "weight -2")
	_, err = ReadMATSP(strings.NewReader(strings.Replace(smallMATSP, "1,08:00-08:15,1,1,1", "1,08:00-08:15,7,1,1", 1)))
	require.ErrorContains(t, err, "task 7")
	_, err = ReadMATSP(strings.NewReader("SECTION_X\n1\n"))
	require.ErrorContains(t, err, "SECTION_X")
}

func FuzzReadNRP(f *testing.F) {
	f.Add(smallNRP)
	f.Add("SECTION_HORIZON\n3\nSECTION_SHIFTS\nD,1,D\nSECTION_STAFF\nA,D=3,3,0,0,0,0,0\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadNRP(strings.NewReader(text))
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		if len(p.Agents)*p.Days*len(p.Shifts) > 2000 {
			return
		}
		r, err := dayshift.Solve(context.Background(), p, dayshift.Options{Moves: 3})
		require.NoError(t, err)
		var csv bytes.Buffer
		require.NoError(t, WriteNRP(&csv, p, r.Rows))
		if v, err := JudgeNRP(p, &csv); err == nil && len(r.Broken) == 0 {
			require.Equal(t, r.Penalty, v.Penalty)
		}
	})
}

func FuzzReadMATSP(f *testing.F) {
	f.Add(smallMATSP)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadMATSP(strings.NewReader(text))
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		if len(p.Agents)*p.Days > 60 || len(p.Groups) > 5 {
			return
		}
		_, err = roster.Solve(context.Background(), p, roster.Options{Moves: 50})
		require.NoError(t, err)
	})
}

func FuzzReadProblem(f *testing.F) {
	f.Add(`{"format":"muster-roster/1","zone":"UTC","first_day":"2026-03-02","days":2,"slot_minutes":15,"groups":[{"id":"g","client":"c","skill":"s","tier":0,"need":[1]}],` +
		`"templates":[{"id":"t","start_from":0,"start_to":600,"min_minutes":240,"max_minutes":300,"breaks":[{"id":"b","minutes":15,"earliest":60,"latest":120}]}],` +
		`"agents":[{"id":"a","skills":[{"skill":"s","tier":1}],"contract":{"min_minutes":0,"max_minutes":600},"history":{},"pins":[{"day":1,"template":"t","start":1440,"minutes":240}]}],` +
		`"rules":[{"id":"r","kind":"min_rest","owner":"law","hard":true,"minutes":600}]}`)
	f.Add(`{"format":"muster-roster/1","zone":"Europe/Berlin","first_day":"2026-10-24","days":3,"slot_minutes":60,"over_cost":3,"groups":[{"id":"g","skill":"s","need":[1,2],"values":[[90,20],[]]}],` +
		`"templates":[{"id":"t","start_from":0,"start_to":600,"min_minutes":240,"max_minutes":300}],"pay":[{"from":0,"to":360,"percent":10}],` +
		`"agents":[{"id":"a","skills":[{"skill":"s","tier":0}],"contract":{"min_minutes":240,"max_minutes":600,"hard_max":true},"history":{"refused":2,"unpopular":1},"cost_per_hour":6,"requests":[{"day":1,"off":true,"from":0,"to":0,"weight":5}]}],` +
		`"rules":[{"id":"r","kind":"rotation","owner":"law","hard":true,"pattern":["t","off","any","work"],"stagger":1},{"id":"m","kind":"meal_in_shift","owner":"law","weight":4,"minutes":60,"min":30},` +
		`{"id":"f","kind":"fair_requests","owner":"person","weight":4},{"id":"s","kind":"same_template_in_week","owner":"person","weight":4}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := roster.ReadProblem(strings.NewReader(text))
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		if len(p.Agents)*p.Days > 60 || len(p.Groups) > 5 || len(p.Templates) > 5 {
			return
		}
		sol, err := roster.Solve(context.Background(), p, roster.Options{Moves: 50})
		require.NoError(t, err)
		again, err := roster.Evaluate(p, sol.Shifts)
		require.NoError(t, err)
		require.Equal(t, sol.Score, again.Score)
		if sol.Score[roster.LevelHard] == 0 {
			require.LessOrEqual(t, sol.TotalBound, sol.Score.Total())
			require.LessOrEqual(t, sol.PaidBound, sol.PaidMinutes)
		}
	})
}

// dataFile opens a benchmark file; without the data the test is skipped, with
// incomplete data it fails.
func dataFile(t testing.TB, parts ...string) *os.File {
	t.Helper()
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(append([]string{root, "shift-scheduling-benchmark"}, parts...)...))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// TestBenchmarkInstances solves small instances with a fixed number of moves and
// compares with the published optimum.
func TestBenchmarkInstances(t *testing.T) {
	for _, c := range []struct {
		name        string
		moves, most int64
	}{{"Instance1", 2000, 607}, {"Instance3", 10_000, 1005}, {"Instance5", 15_000, 1160}, {"Instance7", 15_000, 1080}} {
		p, err := ReadNRP(dataFile(t, "nrp", c.name+".txt"))
		require.NoError(t, err)
		r, err := dayshift.Solve(context.Background(), p, dayshift.Options{Seed: 1, Moves: c.moves})
		require.NoError(t, err)
		require.Empty(t, r.Broken)
		require.LessOrEqual(t, r.Penalty, c.most, c.name)
		require.LessOrEqual(t, r.Bound, r.Penalty, c.name)
		var csv bytes.Buffer
		require.NoError(t, WriteNRP(&csv, p, r.Rows))
		v, err := JudgeNRP(p, &csv)
		require.NoError(t, err)
		require.True(t, v.Legal())
		require.Equal(t, r.Penalty, v.Penalty)
	}
}

func TestMATSPInstanceFeasible(t *testing.T) {
	p, err := ReadMATSP(dataFile(t, "matsp", "1_7_10_1.txt"))
	require.NoError(t, err)
	sol, err := roster.Solve(context.Background(), p, roster.Options{Seed: 1, Moves: 300_000})
	require.NoError(t, err)
	var csv bytes.Buffer
	require.NoError(t, WriteMATSP(&csv, p, sol.Shifts))
	v, err := JudgeMATSP(p, &csv)
	require.NoError(t, err)
	require.True(t, v.Legal(), "%v", v.Violations)
	require.Zero(t, v.Under)
	require.Equal(t, int64(383), MATSPBound(p))
	require.LessOrEqual(t, v.Over, int64(395))
	require.Equal(t, int64(383), MATSPSurplus(p, sol.PaidBound, v), "the Lagrangian bound is as good here")
}

package roster

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/fault"
)

// The values that a field of a fuzzed problem may be given: usual ones, bounds
// and what overflows when it is multiplied, added or cut.
var (
	fuzzNumbers = []int64{0, 1, -1, 2, 5, 7, 15, 60, 240, 480, 600, 1320, 1439, 1440, 2000, 2880, 10_000, 100_000, 1_000_000_000, 1_000_000_001, -100_000, math.MaxInt32, math.MinInt32, 1 << 32, 1 << 40, math.MaxInt64, math.MinInt64}
	fuzzWords   = func() []string {
		words := []string{"", "x", "day", "night", "short", "s0", "s1", "c0-t0", PatternOff, PatternWork, PatternAny, "law", "contract", "client", "person", "UTC", "Europe/Berlin", "2026-10-24", "9999-12-31", "0000-01-01"}
		for _, k := range RuleKinds() {
			words = append(words, string(k))
		}
		return words
	}()
)

// leaves lists every field of a value that can be set.
func leaves(v reflect.Value, out []reflect.Value) []reflect.Value {
	switch v.Kind() {
	case reflect.Struct:
		for k := range v.NumField() {
			out = leaves(v.Field(k), out)
		}
		return out
	case reflect.Pointer:
		if out = append(out, v); !v.IsNil() {
			out = leaves(v.Elem(), out)
		}
		return out
	case reflect.Slice:
		out = append(out, v)
		for k := range min(v.Len(), 4) {
			out = leaves(v.Index(k), out)
		}
		return out
	}
	return append(out, v)
}

// twist sets one field of the problem to something else.
func twist(p *Problem, where, what int) {
	list := leaves(reflect.ValueOf(p).Elem(), nil)
	v := list[where%len(list)]
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(what%2 == 0)
	case reflect.String:
		v.SetString(fuzzWords[what%len(fuzzWords)])
	case reflect.Int, reflect.Int64:
		v.SetInt(fuzzNumbers[what%len(fuzzNumbers)])
	case reflect.Pointer:
		if what%2 == 0 {
			v.SetZero()
		} else {
			v.Set(reflect.New(v.Type().Elem()))
		}
	case reflect.Slice:
		switch n := v.Len(); {
		case what%3 == 0:
			v.SetZero()
		case what%3 == 1 && n > 0:
			v.Set(reflect.AppendSlice(v.Slice3(0, n, n), v.Slice(0, 1)))
		default:
			v.Set(reflect.Append(v.Slice3(0, n, n), reflect.New(v.Type().Elem()).Elem()))
		}
	}
}

// fuzzed is a small problem that uses every part of the format.
func fuzzed() *Problem {
	p := centre(4, 7, 2, 2)
	p.Days = 3
	for g := range p.Groups {
		p.Groups[g].Need = p.Groups[g].Need[:3*96]
	}
	p.Groups[1].IntervalMinutes = 30
	p.Groups[1].Values = [][]int64{{50, 20}, {}, {90}}
	p.Agents[0].Pins = []Pin{{Day: 1, Template: "day", Start: 1440 + 480, Minutes: 540}}
	p.Agents[1].Available = []Window{{From: 0, To: 2880}}
	p.Agents[2].History = History{LastEnd: ptr(-300), ConsecutiveDays: 2, WeekMinutes: 600, Nights: 1, Weekends: 1, LastTemplate: "night"}
	p.Agents[3].Requests = []Request{{Day: 0, Off: true, Weight: 30}, {Day: 2, From: 600, To: 900, Weight: 20}}
	p.Agents[3].CostPerHour = 30
	p.Agents[3].Skills[0].ToDay = ptr(1)
	p.Published = []Shift{{Agent: 1, Day: 0, Template: "day", Start: 480, Minutes: 540}}
	p.ChangeTax, p.FreezeUntil = 10, 60
	p.OpenDays = []DayWindow{{Day: 0, From: 360, To: 1440}}
	p.Pay = []PayWindow{{From: 0, To: 360, Percent: 10}}
	p.Holidays = []int{1}
	for k, kind := range RuleKinds() {
		r := Rule{ID: "all-" + string(kind), Kind: kind, Owner: OwnerContract, Weight: 3, Min: 1, Max: 2, Minutes: 480, Weeks: 1, From: []string{"night"}, To: []string{"day"}, Agents: []int{k % 4}}
		if kind == Rotation {
			r.Pattern, r.Stagger, r.Offset = []string{"day", PatternOff, PatternAny, PatternWork}, 1, 1
		}
		if kind == MaxNights {
			r.NightFrom, r.NightTo = 1200, 300
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// FuzzProblem sets fields of a problem to values that make no sense: the answer is
// a named error or a roster whose every figure agrees, never a panic.
func FuzzProblem(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 2, 3, 4, 5})
	f.Add([]byte{1, 44, 9, 0, 200, 25, 2, 17, 3})
	f.Fuzz(func(t *testing.T, edits []byte) {
		p := fuzzed()
		for k := 0; k+2 < len(edits) && k < 18; k += 3 {
			twist(p, int(edits[k])<<8+int(edits[k+1]), int(edits[k+2]))
		}
		if p.Days > 14 || len(p.Agents) > 8 {
			_ = p.Validate()
			return
		}
		answers(t, p)
	})
}

// answers asks everything of a problem that an engine can be asked.
func answers(t testing.TB, p *Problem) {
	t.Helper()
	sol, err := Solve(context.Background(), p, Options{Moves: 40})
	if err != nil {
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
		require.NotEmpty(t, fault.CodeOf(err))
		return
	}
	again, err := Evaluate(p, sol.Shifts)
	require.NoError(t, err)
	require.Equal(t, sol.Score, again.Score)
	for level, v := range sol.Score {
		if Level(level) != LevelCost { // proficiency earns points there
			require.GreaterOrEqual(t, v, int64(0), "level %d", level)
		}
	}
	require.LessOrEqual(t, sol.Coverage.Met, sol.Coverage.Required)
	if sol.Score[LevelHard] == 0 {
		require.LessOrEqual(t, sol.TotalBound, sol.Score.Total())
		require.LessOrEqual(t, sol.PaidBound, sol.PaidMinutes)
	}
	Explain(p, sol)
	_, err = CoverageStrip(p, sol.Shifts, 0)
	require.NoError(t, err)
	if len(sol.Shifts) > 0 {
		s := sol.Shifts[0]
		_, err = DayOptions(context.Background(), p, sol, []Absence{{Agent: s.Agent, From: s.Start, To: s.Start + s.Minutes}}, s.Start-60, 2)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
		}
		_, err = Recommend(p, sol, s, 3)
		require.NoError(t, err)
	}
}

package roster

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/fault"
)

func TestFillFromLevels(t *testing.T) {
	g := Group{ID: "g", Skill: "s"}
	curve := []float64{0, 0.2, 0.5, 0.75, 0.9, 0.97}
	require.NoError(t, g.Fill([]float64{30, 0, 15}, [][]float64{curve, curve, curve}, 0.8, 1000))
	require.Equal(t, []int{4, 0, 4}, g.Need)
	require.Len(t, g.Values[0], 4, "the agent beyond the need is surplus")
	require.Empty(t, g.Values[1])
	sum := int64(0)
	for k, n := range g.Need {
		for a, v := range g.Values[k] {
			sum += v
			require.True(t, a == 0 || v <= g.Values[k][a-1])
		}
		require.LessOrEqual(t, len(g.Values[k]), n)
	}
	require.InEpsilon(t, 8*1000, sum, 0.01, "an agent is worth the unit on average")
	require.Greater(t, g.Values[0][3], g.Values[2][3], "more contacts, more worth")

	// Of ten on the roster one falls away: nine are as good as nine at work.
	require.InDelta(t, 0.9, Rostered([]float64{0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1}, 0.1)[10], 1e-12)
	require.Equal(t, curve, Rostered(curve, 0))
	require.Equal(t, curve, Rostered(curve, math.NaN()))
	require.Empty(t, Rostered(nil, 0.5))

	for code, bad := range map[string]func() error{
		"roster.level_lengths":     func() error { return g.Fill([]float64{1}, nil, 0.8, 1000) },
		"roster.level_target":      func() error { return g.Fill([]float64{1}, [][]float64{curve}, math.NaN(), 1000) },
		"roster.weight":            func() error { return g.Fill([]float64{1}, [][]float64{curve}, 0.8, 0) },
		"roster.level_contacts":    func() error { return g.Fill([]float64{math.Inf(1)}, [][]float64{curve}, 0.8, 1000) },
		"roster.level_share":       func() error { return g.Fill([]float64{1}, [][]float64{{0, math.NaN()}}, 0.8, 1000) },
		"roster.level_unreachable": func() error { return g.Fill([]float64{1}, [][]float64{{0, 0.5}}, 0.8, 1000) },
	} {
		before := g
		err := bad()
		require.Equal(t, code, fault.CodeOf(err))
		require.Equal(t, before, g, "nothing changes")
	}
}

// Whatever the numbers: an error with a name, or a group that validates.
func TestFillIsValidOrNamed(t *testing.T) {
	odd := rapid.Custom(func(rt *rapid.T) float64 {
		return rapid.OneOf(rapid.Float64(), rapid.Float64Range(0, 1), rapid.Just(math.NaN()), rapid.Just(math.Inf(1))).Draw(rt, "number")
	})
	rapid.Check(t, func(rt *rapid.T) {
		g := Group{ID: "g", Skill: "s"}
		contacts := rapid.SliceOfN(odd, 0, 4).Draw(rt, "contacts")
		levels := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 1), odd), 0, 5), len(contacts), len(contacts)).Draw(rt, "levels")
		err := g.Fill(contacts, levels, odd.Draw(rt, "target"), rapid.Int64Range(-1, maxPoints+1).Draw(rt, "unit"))
		if err != nil {
			require.Equal(rt, fault.Invalid, fault.KindOf(err))
			return
		}
		p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 1, SlotMinutes: 15, Groups: []Group{g}}
		require.NoError(rt, p.Validate())
	})
}

package roster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCoverageStrip(t *testing.T) {
	p := centre(40, 7, 2, 2)
	p.Groups = append(p.Groups, Group{ID: "mail", Client: "client0", Skill: "s9", Tier: 0, Need: []int{3, 3}})
	sol, err := Solve(t.Context(), p, Options{Seed: 1, Moves: 2000, Staffed: true})
	require.NoError(t, err)
	strip, err := CoverageStrip(p, sol.Shifts, 0)
	require.NoError(t, err)
	require.Equal(t, 15, strip.IntervalMinutes)
	require.Len(t, strip.Lines, 4)
	var under, over float64
	for x, l := range strip.Lines {
		require.Equal(t, []string{"client0", "client0", "client1", "client1"}[x], l.Client)
		require.Equal(t, x%2, l.Tier)
		require.Len(t, l.Need, 7*96)
		for k := range l.Need {
			need, have := 0, 0
			for _, g := range l.Groups {
				have += int(sol.Coverage.Staffed[g][k])
				if k < len(p.Groups[g].Need) {
					need += p.Groups[g].Need[k]
				}
			}
			require.InDelta(t, need, l.Need[k], 0)
			require.InDelta(t, have, l.Scheduled[k], 0)
			require.InDelta(t, have-need, l.Over[k]-l.Under[k], 0)
			under, over = under+l.Under[k], over+l.Over[k]
		}
	}
	require.Equal(t, []int{0, 4}, strip.Lines[0].Groups)
	require.GreaterOrEqual(t, strip.Lines[0].Under[0], 3.0, "nobody has the skill: surplus of the other group does not hide it")
	require.InDelta(t, float64(sol.Coverage.Required-sol.Coverage.Met)/15, under, 0)
	require.InDelta(t, float64(sol.Coverage.Surplus)/15, over, 0)

	e, err := NewEditor(p, sol.Shifts)
	require.NoError(t, err)
	same, err := e.Strip(0)
	require.NoError(t, err)
	require.Equal(t, strip, same)
	hours, err := e.Strip(60)
	require.NoError(t, err)
	for x, l := range hours.Lines {
		require.Len(t, l.Need, 7*24)
		for k := range l.Need {
			sum := 0.0
			for q := range 4 {
				sum += strip.Lines[x].Under[4*k+q]
			}
			require.InDelta(t, sum/4, l.Under[k], 1e-9)
		}
	}
	for _, bad := range []int{-15, 7, 1455} {
		_, err = CoverageStrip(p, nil, bad)
		require.ErrorContains(t, err, "interval")
	}
	_, err = CoverageStrip(p, []Shift{{Activities: []Activity{{Kind: Work, Start: 0, Minutes: 15, Group: 5}}}}, 0)
	require.ErrorContains(t, err, "group 5")
	_, err = CoverageStrip(p, []Shift{{Activities: []Activity{{Kind: Work, Start: -60, Minutes: 15}}}}, 0)
	require.ErrorContains(t, err, "outside the horizon")
}

func TestCoverageStripOfShortDay(t *testing.T) {
	p := &Problem{Format: Format, Zone: "Europe/Berlin", FirstDay: "2026-03-29", Days: 1, SlotMinutes: 60, Groups: []Group{{ID: "g", Client: "c", Skill: "s", Need: []int{1}}}}
	strip, err := CoverageStrip(p, nil, 120)
	require.NoError(t, err)
	require.Len(t, strip.Lines[0].Need, 12, "23 hours, the last interval is one")
	require.InDelta(t, 0.5, strip.Lines[0].Under[0], 0)
}

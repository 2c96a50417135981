package roster

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/scheduling/staffing"
)

// levelsOf is the Erlang A service level (80 s patience, 20 s threshold) of an hour.
func levelsOf(t *testing.T, contacts, aht float64, most int) []float64 {
	t.Helper()
	c, err := staffing.NewCurve(staffing.Load{Contacts: contacts, Interval: 3600, AHT: aht, Patience: 80})
	require.NoError(t, err)
	return c.ServiceLevels(most, staffing.AnsweredOverOffered, 20)
}

// Two clients each lack one agent by their requirement. A small queue gains far
// more in service level from the next agent than a large one, contact for contact;
// but what counts is contacts served in time.
func TestCoverGoesWhereServiceLevelGainsMore(t *testing.T) {
	small, large := levelsOf(t, 40, 300, 12), levelsOf(t, 400, 300, 60)
	gain := func(l []float64, contacts float64, n int) float64 { return contacts * (l[n+1] - l[n]) }
	// Where each stands without the shared agent: 4 and 36 at work.
	require.Greater(t, gain(large, 400, 36), gain(small, 40, 4), "the large queue gains more contacts")
	require.Less(t, gain(large, 400, 44), gain(small, 40, 4), "with eight more it no longer does")
	for _, c := range []struct {
		name  string
		large int // agents of the large queue's own
		want  int // group that gets the shared agent
	}{{"the large queue is short", 36, 1}, {"the large queue has enough", 44, 0}} {
		p := &Problem{Format: Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 1, SlotMinutes: 60,
			Groups: []Group{{ID: "small", Skill: "s"}, {ID: "large", Skill: "l"}}, Templates: []Template{{ID: "day", StartFrom: 480, StartTo: 480, MinMinutes: 480, MaxMinutes: 480}}}
		for g, curve := range [][]float64{small, large} {
			contacts := []float64{40, 400}[g]
			var need []int
			var values [][]int64
			for h := range 24 {
				if h < 8 || h >= 16 {
					need, values = append(need, 0), append(values, []int64{})
					continue
				}
				// By bodies both lack one agent: the small queue 5, the large one more than it has.
				need = append(need, []int{5, c.large + 1}[g])
				values = append(values, LevelValues(contacts, curve, 100))
			}
			p.Groups[g].Need, p.Groups[g].Values = need, values
		}
		for i := range 4 + c.large + 1 {
			skills := []Skill{{Skill: "s"}, {Skill: "l"}}
			if i < 4 {
				skills = skills[:1]
			} else if i < 4+c.large {
				skills = skills[1:]
			}
			p.Agents = append(p.Agents, Agent{ID: string(rune('A' + i)), Skills: skills, Contract: &Contract{MinMinutes: 480, MaxMinutes: 480}})
		}
		s, err := Solve(context.Background(), p, Options{Seed: 1, Moves: 5000})
		require.NoError(t, err)
		require.Len(t, s.Shifts, len(p.Agents))
		shared := s.Shifts[len(p.Agents)-1]
		for _, a := range shared.Activities {
			require.Equal(t, c.want, a.Group, c.name)
		}
	}
}

func TestLevelValues(t *testing.T) {
	for _, c := range []struct {
		name     string
		contacts float64
		levels   []float64
		want     []int64
	}{
		{"already falling gains stay", 10, []float64{0, 0.5, 0.8, 0.9}, []int64{500, 300, 100}},
		{"slow beginners share with the best", 10, []float64{0, 0.1, 0.6, 0.7}, []int64{300, 300, 100}},
		{"the list ends where an agent brings nothing", 10, []float64{0, 1, 1, 1}, []int64{1000}},
		{"no contacts", 0, []float64{0, 1}, []int64{}},
		{"nonsense is no gain", math.NaN(), []float64{0, 1}, []int64{}},
		{"a level that is no share is none", 10, []float64{0, math.NaN(), 0.5, math.Inf(1)}, []int64{250, 250}},
	} {
		require.Equal(t, c.want, LevelValues(c.contacts, c.levels, 100), c.name)
	}
	require.Equal(t, int64(500), ContactPoints([]int{2, 0, 3}, []float64{10, 7, 0}, [][]float64{{0, 0.3, 0.4}, {0}, {0, 1, 1, 1}}, 1000), "2 agents x 1000 over 4 contacts")
	require.Equal(t, int64(1000), ContactPoints(nil, nil, nil, 1000))
}

func TestLevelValuesAreLegal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		levels := rapid.SliceOf(rapid.Float64()).Draw(rt, "levels")
		values := LevelValues(rapid.Float64().Draw(rt, "contacts"), levels, rapid.Int64().Draw(rt, "points"))
		p := centre(1, 1, 1, 1)
		p.Groups[0].Values = [][]int64{values}
		require.NoError(rt, p.Validate())
		ContactPoints([]int{rapid.Int().Draw(rt, "need")}, []float64{rapid.Float64().Draw(rt, "c")}, [][]float64{levels}, 1000)
	})
}

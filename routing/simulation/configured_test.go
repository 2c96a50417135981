package simulation

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"muster/routing/engine"
)

// A configuration survives the way into a scenario and back.
func TestAScenarioHasThePoliciesOfItsConfiguration(t *testing.T) {
	file, err := os.Open("testdata/two_clients.json")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	sc, err := Read(file)
	require.NoError(t, err)
	for i := range sc.Pools {
		sc.Pools[i].CallUp.Peaks = nil // of a day, not of a configuration
	}
	sc.Weights.IdleCapS, sc.Weights.GraceS, sc.Clients[0].ValuePermille, sc.Clients[1].UrgencyPermille = 90, 45, 1500, 800
	m, err := compile(sc)
	require.NoError(t, err)
	again := FromConfig(&m.cfg)
	again.Intervals = sc.Intervals
	for i := range again.Queues {
		again.Queues[i].Handle = Dist{Kind: "constant", Mean: 60}
	}
	back, err := compile(again)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(m.cfg, back.cfg))

	// A pool that does not open by itself stays closed.
	for i := range m.cfg.Pools {
		m.cfg.Pools[i].CallUp = engine.CallUp{Waiting: 3, Disabled: true}
	}
	for _, p := range FromConfig(&m.cfg).Pools {
		require.Zero(t, p.CallUp.Waiting)
	}
}

func TestTheCourseOfARunHasNoHoles(t *testing.T) {
	n := Named{Intervals: []Figures{{}, {Offered: Band{Mean: 12.345, N: 3}, ServiceLevel: Band{Mean: 0.8, Low: 0.7, High: 1.1, N: 3}, ASA: Band{Mean: 4.6, N: 3}}}}
	c := n.Course()
	require.Equal(t, []int{-1, 800}, c.Level)
	require.Equal(t, []int{-1, 1000}, c.High)
	require.Equal(t, []float64{0, 12.35}, c.Offered)
	_, err := json.Marshal(c)
	require.NoError(t, err)
}

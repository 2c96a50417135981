package simulation

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// oneQueue is M/M/N(+M): constant rate, exponential handle time, one pool.
func oneQueue(perInterval float64, aht, patience float64, agents, intervals, warm int) Scenario {
	s := Scenario{Name: "one queue", Intervals: intervals, WarmUp: warm, IntervalS: 900, Replications: 10,
		Clients: []Client{{Name: "client"}}, Channels: []Channel{{Name: "voice"}}, Tiers: []string{"junior"},
		Pools: []Pool{{Name: "pool"}},
		Queues: []Queue{{Name: "queue", Client: "client", Channel: "voice", TargetS: 20, Auto: true,
			Handle: Dist{Kind: "exponential", Mean: aht},
			Ladder: []Step{{Tiers: []string{"junior"}, Pools: []string{"pool"}}}}},
		Agents: []Agent{{Name: "agent", Count: agents, Pool: "pool", Tier: "junior"}}}
	if patience > 0 {
		s.Queues[0].Patience = Dist{Kind: "exponential", Mean: patience}
	}
	for range intervals {
		s.Queues[0].Arrivals = append(s.Queues[0].Arrivals, perInterval)
	}
	return s
}

func within(t *testing.T, name string, b Band, want float64) {
	t.Helper()
	half := (b.High - b.Low) / 2
	require.Greater(t, b.N, 1, name)
	// Three half widths of the 95 % band: a true value falls outside about once in 10^6 checks per band of 10 runs.
	require.InDelta(t, want, b.Mean, 3*half+1e-9, "%s: %v", name, b)
}

func TestErlangC(t *testing.T) {
	// 100 contacts in 30 min, AHT 180 s, 12 agents, target 20 s. CRAN package ErlangC 0.1.0, README: service level
	// 0.640158, ASA 40.4449401868444 s, occupancy 0.8333333.
	s := oneQueue(50, 180, 0, 12, 400, 40)
	r, err := Run(context.Background(), s)
	require.NoError(t, err)
	within(t, "service level", r.Total.Run.ServiceLevel, 0.640158040374007)
	within(t, "asa", r.Total.Run.ASA, 40.4449401868444)
	within(t, "occupancy", r.Total.Run.Occupancy, 10.0/12)
}

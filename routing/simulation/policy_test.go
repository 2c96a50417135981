package simulation

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// valueFloor is one pool for two clients, one of which pays four times the penalty;
// customers differ in value, agents in skill, and skill shortens the handle time.
func valueFloor(load float64, evenHanded bool) Scenario {
	s := Scenario{Name: "value-led", Intervals: 32, WarmUp: 2, Replications: 20, Skills: []string{"product", "language"}, Tiers: []string{"junior", "expert"},
		Clients:  []Client{{Name: "dear", PenaltyPermille: 4000, LateCost: 4}, {Name: "plain", LateCost: 1}},
		Channels: []Channel{{Name: "voice"}}, Pools: []Pool{{Name: "pool"}},
		Weights: WeightsFile{ValueCreditS: 60, ValueSkill: 1000, EvenHanded: evenHanded},
		Agents: []Agent{
			{Name: "junior", Count: 30, Pool: "pool", Tier: "junior", Skills: []SkillLevel{{"product", 50}, {"language", 70}}},
			{Name: "expert", Count: 10, Pool: "pool", Tier: "expert", Skills: []SkillLevel{{"product", 95}, {"language", 90}}}},
	}
	strategy := "balanced"
	if evenHanded {
		s.Name, strategy = "even", "longest_idle"
	}
	for _, c := range []string{"dear", "plain"} {
		q := Queue{Name: c, Client: c, Channel: "voice", TargetS: 30, Auto: true, Strategy: strategy, SkillEffect: 0.5,
			Needs:  []Need{{Skill: "product", Weight: 2}, {Skill: "language", Weight: 1}},
			Handle: Dist{Kind: "lognormal", Mean: 240, CV: 0.8}, Patience: Dist{Kind: "exponential", Mean: 180}, Value: Dist{Kind: "uniform", Max: 1000},
			Ladder: []Step{{Tiers: s.Tiers, Pools: []string{"pool"}}}}
		for range s.Intervals {
			q.Arrivals = append(q.Arrivals, load*40*900/240/1.17/2)
		}
		s.Queues = append(s.Queues, q)
	}
	return s
}

// TestValueLedAgainstEven reports what value-led routing does on the same contacts
// as even assignment. It moves waiting from high to low value and from the dear to
// the plain client; it does not make waiting vanish.
func TestValueLedAgainstEven(t *testing.T) {
	for _, load := range []float64{0.8, 0.95, 1.1} {
		even, err := Run(context.Background(), valueFloor(load, true))
		require.NoError(t, err)
		led, err := Run(context.Background(), valueFloor(load, false))
		require.NoError(t, err)
		c, err := CompareResults(&even, &led)
		require.NoError(t, err)
		t.Logf("load %.2f: mean wait %.1f -> %.1f s, penalty %.0f -> %.0f, occupancy %.3f -> %.3f, abandonment %.3f -> %.3f", load, even.Total.Run.Wait.Mean, led.Total.Run.Wait.Mean,
			even.Total.Run.Penalty.Mean, led.Total.Run.Penalty.Mean, even.Total.Run.Occupancy.Mean, led.Total.Run.Occupancy.Mean, even.Total.Run.Abandonment.Mean, led.Total.Run.Abandonment.Mean)
		for i := range even.Values {
			t.Logf("  value %4d-%4d: answered after %.1f -> %.1f s (%+.0f %%)", even.Values[i].From, even.Values[i].To, even.Values[i].Wait.Mean, led.Values[i].Wait.Mean,
				100*(led.Values[i].Wait.Mean/even.Values[i].Wait.Mean-1))
		}
		for _, d := range c.Differences {
			if d.Scope == "total" && (d.Figure == "wait_s" || d.Figure == "penalty") {
				t.Logf("  %s %+.2f (%.2f to %.2f), p %.4f", d.Figure, d.Difference.Mean, d.Difference.Low, d.Difference.High, d.P)
			}
		}
		if load < 0.9 {
			continue // hardly anybody waits: there is nothing to order
		}
		top, bottom := len(led.Values)-1, 0
		require.Less(t, led.Values[top].Wait.High, led.Values[bottom].Wait.Low, "the valuable wait less")
		require.Less(t, led.Values[top].Wait.High, even.Values[top].Wait.Low)
		require.Greater(t, led.Values[bottom].Wait.Mean, 0.9*even.Values[bottom].Wait.Mean, "somebody else waits for it")
		require.Less(t, led.Total.Run.Penalty.Mean, even.Total.Run.Penalty.Mean)
	}
}

// Guarantee, reserve and cap change who is served when two clients compete.
func TestSharesProtectTheSmallClient(t *testing.T) {
	floor := func(share ...Share) Scenario {
		s := oneQueue(300, 240, 240, 60, 24, 2)
		s.Replications = 10
		s.Clients = append(s.Clients, Client{Name: "small"})
		q := s.Queues[0]
		q.Name, q.Client = "small", "small"
		q.Arrivals = nil
		for range s.Intervals {
			q.Arrivals = append(q.Arrivals, 20)
		}
		s.Queues = append(s.Queues, q)
		s.Pools[0].Shares = share
		return s
	}
	level := func(s Scenario, client int) Band {
		r, err := Run(context.Background(), s)
		require.NoError(t, err)
		return r.Clients[client].Run.ServiceLevel
	}
	none := level(floor(), 1)
	guaranteed := level(floor(Share{Client: "small", GuaranteePermille: 150}), 1)
	reserved := level(floor(Share{Client: "small", ReserveAgents: 8}), 1)
	capped := level(floor(Share{Client: "client", CapPermille: 850}), 1)
	t.Logf("service level of the small client: %.2f alone by age, %.2f with a guarantee of 15 %%, %.2f with 8 agents kept, %.2f with the other capped at 85 %%",
		none.Mean, guaranteed.Mean, reserved.Mean, capped.Mean)
	for _, b := range []Band{guaranteed, reserved, capped} {
		require.Greater(t, b.Low, none.High+0.2)
	}
}

// A reserve pool opened ahead of an expected peak beats one that waits for the backlog.
func TestReservePoolAhead(t *testing.T) {
	floor := func(cu CallUp) Scenario {
		s := oneQueue(60, 240, 300, 18, 12, 0)
		s.Queues[0].Arrivals[6], s.Queues[0].Arrivals[7] = 110, 110
		cu.Queues = []string{"queue"}
		s.Pools = append(s.Pools, Pool{Name: "reserve", Reserve: true, CallUp: cu})
		s.Queues[0].Ladder[0].Pools = []string{"pool", "reserve"}
		s.Agents = append(s.Agents, Agent{Name: "spare", Count: 14, Pool: "reserve", Tier: "junior"})
		return s
	}
	late := floor(CallUp{Waiting: 12})
	ahead := floor(CallUp{Waiting: 12, LeadS: 300, Peaks: []Peak{{FromS: 6 * 900, ToS: 8 * 900}}})
	c, err := Compare(context.Background(), late, ahead)
	require.NoError(t, err)
	for _, d := range c.Differences {
		if d.Scope == "total" && d.Figure == "service_level" {
			t.Logf("service level %.3f on backlog, %.3f ahead of the peak", d.A, d.B)
			require.Positive(t, d.Difference.Low)
		}
	}
}

// Idleness shares work evenly among alike agents; best skill does not.
func TestFairnessByStrategy(t *testing.T) {
	fairness := func(strategy string) Band {
		s := oneQueue(100, 180, 0, 30, 24, 2)
		s.Skills = []string{"product"}
		s.Queues[0].Strategy, s.Queues[0].Needs = strategy, []Need{{Skill: "product"}}
		s.Agents = nil
		for i := range 30 {
			s.Agents = append(s.Agents, Agent{Name: string(rune('A' + i)), Pool: "pool", Tier: "junior", Skills: []SkillLevel{{"product", int16(40 + 2*i)}}})
		}
		r, err := Run(context.Background(), s)
		require.NoError(t, err)
		return r.Pools[0].Fairness
	}
	idle, occupied, balanced, best := fairness("longest_idle"), fairness("least_occupied"), fairness("balanced"), fairness("best_skill")
	t.Logf("Jain's index: longest idle %.4f, least occupied %.4f, balanced %.4f, best skill %.4f", idle.Mean, occupied.Mean, balanced.Mean, best.Mean)
	require.Greater(t, idle.Low, 0.99)
	require.Greater(t, occupied.Low, 0.99)
	require.Less(t, best.High, idle.Low)
}

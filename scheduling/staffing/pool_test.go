package staffing

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// twoQueues need people who know one language each, or bilingual ones.
func twoQueues() []PoolQueue {
	goals := Goals{ServiceLevel: 0.8, Threshold: 20}
	return []PoolQueue{
		{Name: "en", Load: Load{Contacts: 50, Interval: 1800, AHT: 180, Patience: 300}, Goals: goals},
		{Name: "zh", Load: Load{Contacts: 50, Interval: 1800, AHT: 180, Patience: 300}, Goals: goals},
	}
}

func TestPoolBounds(t *testing.T) {
	b, err := PoolBounds(twoQueues())
	require.NoError(t, err)
	require.Equal(t, 13, b.Pooled) // both together are the queue of 100 contacts
	require.Equal(t, b.PerQueue[0]+b.PerQueue[1], b.Separate)
	require.Greater(t, b.Separate, b.Pooled)
	empty, err := PoolBounds(nil)
	require.NoError(t, err)
	require.Zero(t, empty.Separate)
	bad := twoQueues()
	bad[1].Goals = Goals{}
	_, err = PoolBounds(bad)
	require.ErrorContains(t, err, "zh")
}

// halves stands for a simulation: bilingual agents (group 2) give each queue the
// share of their time that its volume has.
func halves(queues []PoolQueue) SimulatePool {
	return func(_ context.Context, seats []int) ([]Requirement, error) {
		out := make([]Requirement, len(queues))
		for q := range queues {
			c, err := NewCurve(queues[q].Load)
			if err != nil {
				return nil, err
			}
			s := c.At(seats[q] + seats[2]*6/10)
			out[q] = Requirement{ServiceLevel: s.ServiceLevel("", 20), ASA: s.MeanWait(), Abandonment: s.Abandonment(), Occupancy: s.Occupancy()}
		}
		return out, nil
	}
}

func TestSettleTiers(t *testing.T) {
	queues := twoQueues()
	groups := []PoolGroup{
		{Name: "junior en", Queues: []int{0}},
		{Name: "junior zh", Queues: []int{1}},
		{Name: "bilingual", Queues: []int{0, 1}, Cost: 1.5, Most: 5},
	}
	plan, err := SettleTiers(context.Background(), queues, groups, halves(queues), 200)
	require.NoError(t, err)
	require.True(t, plan.Met, "%v", plan.Missed)
	require.LessOrEqual(t, plan.Seats[0]+plan.Seats[1]+plan.Seats[2], plan.Bounds.Separate)
	for g := range groups { // nobody can go
		if plan.Seats[g] == 0 {
			continue
		}
		fewer := append([]int(nil), plan.Seats...)
		fewer[g]--
		achieved, err := halves(queues)(context.Background(), fewer)
		require.NoError(t, err)
		require.False(t, queues[0].Goals.met(achieved[0]) && queues[1].Goals.met(achieved[1]), "group %d", g)
	}
}

func TestSettleTiersReportsWhatIsMissed(t *testing.T) {
	queues := twoQueues()
	groups := []PoolGroup{{Name: "en", Queues: []int{0}, Most: 2}, {Name: "zh", Queues: []int{1}, Most: 2}, {Name: "both", Queues: []int{0, 1}, Most: 1}}
	plan, err := SettleTiers(context.Background(), queues, groups, halves(queues), 50)
	require.NoError(t, err)
	require.False(t, plan.Met)
	require.Len(t, plan.Missed, 2)

	_, err = SettleTiers(context.Background(), queues, groups[:1], halves(queues), 50)
	require.ErrorContains(t, err, "zh")
}

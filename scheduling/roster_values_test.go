package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/scheduling/roster"
	"muster/scheduling/staffing"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// groupOf finds the group of a queue in a problem.
func groupOf(t *testing.T, p *roster.Problem, queue ids.Queue) roster.Group {
	t.Helper()
	for _, g := range p.Groups {
		if g.ID == queue.String() {
			return g
		}
	}
	require.Fail(t, "no such group")
	return roster.Group{}
}

func TestRosterValuesAgentsByServiceLevel(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		plans := p.planned()
		r := p.rostered(plans)
		problem, err := p.plan.Problem(ctx, all, r.ID)
		require.NoError(p.t, err)
		for _, q := range p.queues {
			g := groupOf(p.t, problem, q.ID)
			if q.Channel == contract.Mail {
				require.Nil(p.t, g.Values, "mail waits; there bodies count")
				continue
			}
			require.Len(p.t, g.Values, len(g.Need))
			sum, agents := int64(0), int64(0)
			for i, v := range g.Values {
				require.Len(p.t, v, g.Need[i], "beyond the requirement nobody is worth a point")
				for n := range v {
					require.Positive(p.t, v[n])
					sum, agents = sum+v[n], agents+1
				}
			}
			require.InDelta(p.t, 1500, float64(sum)/float64(agents), 500, "on average a seat is worth what it is elsewhere")
		}

		// The gains of an interval are those of its Erlang A curve.
		points, err := p.plan.PlanPoints(ctx, all, plans[0], p.queues[0].ID)
		require.NoError(p.t, err)
		pt := points[20]
		require.Positive(p.t, pt.Contacts)
		require.InDelta(p.t, 240_000, pt.AHTMS, 1)
		levels, err := staffing.ServiceLevelTable(staffing.Input{Interval: 900, Goals: staffing.Goals{ServiceLevel: 0.8, Threshold: 20},
			Demands: []staffing.Demand{{Volume: pt.Contacts, AHT: pt.AHTMS / 1000, Patience: 240}}}, 20)
		require.NoError(p.t, err)
		g := groupOf(p.t, problem, p.queues[0].ID)
		values := g.Values[9*4+20]
		require.GreaterOrEqual(p.t, levels[0][pt.Seats], 0.8)
		require.Greater(p.t, values[0], values[len(values)-1], "the last agent gains least")
	})
}

func TestPlanWithoutContactsCountsBodies(t *testing.T) {
	p := openProviderSQLite(t)
	plans := p.planned()
	require.NoError(t, p.db.Write(t.Context(), all, func(tx *database.Tx) error {
		return tx.Model(&scheduling.PlanPoint{}).Where("plan_id = ?", plans[0]).Update("aht_ms", 0).Error
	}))
	r := p.rostered(plans)
	problem, err := p.plan.Problem(t.Context(), all, r.ID)
	require.NoError(t, err)
	require.Nil(t, groupOf(t, problem, p.queues[0].ID).Values)
	require.NotNil(t, groupOf(t, problem, p.queues[1].ID).Values)
	require.Greater(t, float64(r.Summary.MetMinutes), 0.8*float64(r.Summary.RequiredMinutes))
}

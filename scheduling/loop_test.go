package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

func TestFromFactsToSimulation(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[1].ID, Origin: p.origin, Days: 14}, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, 1, f.Version)
		require.Len(p.t, f.Explain.Queues, 3)
		require.NotEmpty(p.t, f.Explain.Queues[0].Backtest)
		points, err := p.plan.ForecastPoints(ctx, all, f.ID, p.queues[1].ID)
		require.NoError(p.t, err)
		require.Len(p.t, points, 12*36, "two weeks of six days of nine hours")
		volume := 0.0
		for _, v := range points {
			volume += v.Volume
			require.LessOrEqual(p.t, v.Low, v.Volume+0.5)
			require.GreaterOrEqual(p.t, v.High, v.Volume-0.5)
			require.InDelta(p.t, 240_000, v.AHTMS, 1)
		}
		require.InEpsilon(p.t, 2*(5+0.5)*36*4*1.318/2, volume, 0.1, "near the mean it was drawn from")

		plans := p.planned()
		r := p.rostered(plans)
		require.Zero(p.t, r.Summary.Score["hard"])
		require.Len(p.t, r.Summary.Agents, 12)
		require.Greater(p.t, float64(r.Summary.MetMinutes), 0.8*float64(r.Summary.RequiredMinutes))
		shifts, err := p.plan.Shifts(ctx, all, r.ID, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, shifts, r.Summary.Shifts)
		cover, err := p.plan.Coverage(ctx, all, r.ID, ids.Client{}, calendar.Interval{})
		require.NoError(p.t, err)
		required, scheduled := 0.0, 0.0
		for _, c := range cover {
			required, scheduled = required+c.Required, scheduled+c.Scheduled
		}
		require.Equal(p.t, float64(r.Summary.RequiredMinutes), required*15)
		worked := 0.0
		for _, s := range shifts {
			require.NotEmpty(p.t, s.Activities)
			at := s.StartAt
			for _, a := range s.Activities {
				require.Equal(p.t, at, a.StartAt, "activities follow each other")
				at = a.EndAt
				if !a.QueueID.IsZero() {
					worked += float64((a.EndAt - a.StartAt) / calendar.Quarter)
				}
			}
			require.Equal(p.t, s.EndAt, at)
		}
		require.Equal(p.t, scheduled, worked, "coverage is what the activities say")

		sim, err := p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Days: 7, Replications: 5}, nil)
		require.NoError(p.t, err)
		require.Len(p.t, sim.Summary.Clients, 2)
		require.Len(p.t, sim.Summary.Queues, 4)
		_, curve, err := p.plan.SimulationOf(ctx, all, sim.ID, ids.Client{})
		require.NoError(p.t, err)
		require.NotEmpty(p.t, curve)
		again, err := p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Days: 7, Replications: 5}, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, sim.Summary, again.Summary, "the same seed gives the same answer")
		p.t.Logf("roster %+v", r.Summary.Queues)
		for _, q := range sim.Summary.Queues {
			p.t.Logf("simulated %+v", q)
		}
	})
}

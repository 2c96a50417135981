package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

func TestASickCallIsAnswered(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r := p.rostered(p.planned())
		_, err := p.plan.PublishRoster(ctx, all, r.ID)
		require.NoError(p.t, err)
		shifts, err := p.plan.Shifts(ctx, all, r.ID, p.monday+1, p.monday+2)
		require.NoError(p.t, err)
		sick := shifts[0]
		absences := []scheduling.Absence{{AgentID: sick.AgentID, From: sick.StartAt, To: sick.EndAt, Reason: "sick"}}
		answer, err := p.plan.DayOptions(ctx, all, r.ID, absences, 0)
		require.NoError(p.t, err)
		options := answer.Options
		require.Len(p.t, options, len(roster.Measures()))
		var accept, best scheduling.DayOption
		best = options[0]
		for i, o := range options {
			if i > 0 {
				require.GreaterOrEqual(p.t, o.Points, options[i-1].Points, "the best comes first")
			}
			if o.Measure == roster.AcceptGap {
				accept = o
			}
		}
		require.Zero(p.t, accept.Points)
		require.Empty(p.t, accept.Changes)
		require.LessOrEqual(p.t, best.MissingMinutes, accept.MissingMinutes)
		again, err := p.plan.Shifts(ctx, all, r.ID, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, again, r.Summary.Shifts, "nothing is applied by asking")

		// What an option is worth: the gap is worse than the plan, doing everything is not.
		levels := func(e scheduling.DayEffect) (sum float64) {
			for _, q := range e.Queues {
				require.GreaterOrEqual(p.t, q.ServiceLevel, 0.0)
				require.LessOrEqual(p.t, q.ServiceLevel, 1.0)
				sum += q.ServiceLevel * q.Offered
			}
			return sum
		}
		require.Greater(p.t, levels(answer.Planned), 0.0)
		require.LessOrEqual(p.t, levels(accept.Effect), levels(answer.Planned)+1e-9)
		require.Empty(p.t, accept.Effect.Labour)
		require.Len(p.t, accept.Effect.Clients, 2)
		for _, o := range options {
			if o.Measure == roster.CallIn && o.PaidMinutes > 0 {
				require.Equal(p.t, "CNY", string(o.Effect.Labour[0].Currency))
				// A rest day pays 200 per cent of 60 an hour.
				require.Equal(p.t, o.PaidMinutes*200, o.Effect.Labour[0].Minor)
			}
		}

		both, err := p.plan.DayPlan(ctx, all, r.ID, absences, []roster.Measure{roster.UseReserve, roster.CallIn}, 0)
		require.NoError(p.t, err)
		require.LessOrEqual(p.t, both.Points, int64(0))
		decision := scheduling.DayDecision{Roster: r.ID, Absences: absences, Measures: both.Measures, Publish: true}
		next, err := p.plan.ApplyDayPlan(ctx, all, decision, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Published, next.Status)
		require.Equal(p.t, r.ID, next.BasedOn)
		p.coverageAgrees(next.ID)
		c, err := p.plan.CompareRosters(ctx, all, r.ID, next.ID)
		require.NoError(p.t, err)
		require.NotEmpty(p.t, c.Differences)
		require.LessOrEqual(p.t, c.Agents, 4, "the sick one and at most three others")
		for _, d := range c.Differences {
			if d.AgentID == sick.AgentID {
				require.Nil(p.t, d.After)
			}
		}
		require.False(p.t, p.ownDays(sick.AgentID)[sick.BusinessDay], "the sick one is off")
		_, err = p.plan.ApplyDayPlan(ctx, all, decision, nil)
		code(p.t, err, "roster.superseded")
		back, err := p.plan.RestoreRoster(ctx, all, next.ID, ids.User{}, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Published, back.Status)
		require.True(p.t, p.ownDays(sick.AgentID)[sick.BusinessDay], "taking it back brings the shift back")
		c, err = p.plan.CompareRosters(ctx, all, r.ID, back.ID)
		require.NoError(p.t, err)
		require.Empty(p.t, c.Differences)
		_, err = p.plan.RestoreRoster(ctx, all, next.ID, ids.User{}, nil)
		code(p.t, err, "roster.superseded")
		_, err = p.plan.RestoreRoster(ctx, all, r.ID, ids.User{}, nil)
		code(p.t, err, "roster.superseded")
		_, err = p.plan.DayPlan(ctx, all, back.ID, absences, []roster.Measure{"wish"}, 0)
		code(p.t, err, "roster.unknown_measure")
		_, err = p.plan.DayOptions(ctx, all, back.ID, nil, 0)
		code(p.t, err, "roster.no_absence")

		candidates, err := p.plan.Candidates(ctx, all, r.ID, scheduling.Hole{Template: sick.Template, StartAt: sick.StartAt, From: sick.AgentID}, 0)
		require.NoError(p.t, err)
		require.Len(p.t, candidates, 11)
		for i := 1; i < len(candidates); i++ {
			require.True(p.t, candidates[i-1].Legal || !candidates[i].Legal, "legal ones first")
		}
	})
}

func TestPublishedRowsNeverChange(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r := p.rostered(p.planned())
		_, err := p.plan.PublishRoster(ctx, all, r.ID)
		require.NoError(p.t, err)
		rows := func() (n int64) {
			require.NoError(p.t, p.db.Read(ctx, all, func(tx *database.Tx) error {
				return tx.Model(&scheduling.Activity{}).Where("roster_id = ?", r.ID).Count(&n).Error
			}))
			return n
		}
		before, beforeShifts := rows(), r.Summary.Shifts
		n := scheduling.NewRoster{Name: r.Name, Plans: r.Plans, From: r.FromDay, Days: 14, BasedOn: r.ID, ChangeTax: 100_000, Moves: 2000}
		next, err := p.plan.CreateRoster(ctx, all, n, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, 2, next.Version)
		c, err := p.plan.CompareRosters(ctx, all, r.ID, next.ID)
		require.NoError(p.t, err)
		require.LessOrEqual(p.t, c.Agents, 2, "a change is dear")
		require.Equal(p.t, before, rows())
		shifts, err := p.plan.Shifts(ctx, all, r.ID, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, shifts, beforeShifts)
		p.db.Clock().(*calendar.FixedClock).Set(p.origin + 3*calendar.Day)
		moved, err := p.plan.CreateRoster(ctx, all, scheduling.NewRoster{Name: r.Name, Plans: r.Plans, From: r.FromDay, Days: 14, Seed: 99, Moves: 2000}, nil)
		require.NoError(p.t, err)
		_, err = p.plan.PublishRoster(ctx, all, moved.ID)
		code(p.t, err, "roster.past")
	})
}

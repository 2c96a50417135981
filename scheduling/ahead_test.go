package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

func TestEveryPublishedRosterCountsForTheDaysAhead(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		plans := p.planned()
		none, err := p.plan.CoverageAhead(ctx, all, 14)
		require.NoError(p.t, err)
		require.Zero(p.t, none.Intervals)
		require.Len(p.t, none.Uncovered, 14)
		first := p.week(plans, "First", 0)
		one, err := p.plan.CoverageAhead(ctx, all, 14)
		require.NoError(p.t, err)
		require.Positive(p.t, one.Intervals)
		require.Len(p.t, one.Rosters, 1)
		require.Equal(p.t, first.ID, one.Rosters[0].ID)
		second := p.week(plans, "Second", 7)
		both, err := p.plan.CoverageAhead(ctx, all, 14)
		require.NoError(p.t, err)
		require.Equal(p.t, []ids.Roster{first.ID, second.ID}, []ids.Roster{both.Rosters[0].ID, both.Rosters[1].ID})
		require.Greater(p.t, both.Intervals, one.Intervals)
		require.InDelta(p.t, both.Rosters[0].Missing+both.Rosters[1].Missing, both.MissingMinutes, 1e-6)
		require.Equal(p.t, both.Short, both.Rosters[0].Short+both.Rosters[1].Short)
		// The same days again under the first name: the newer version takes the older one's place.
		again := p.week(plans, "First", 0)
		newest, err := p.plan.CoverageAhead(ctx, all, 14)
		require.NoError(p.t, err)
		require.Equal(p.t, both.Intervals, newest.Intervals)
		require.Equal(p.t, again.ID, newest.Rosters[0].ID)
		require.Len(p.t, newest.Rosters, 2)
		_, err = p.plan.CoverageAhead(ctx, all, 63)
		code(p.t, err, "roster.ahead_days")
	})
}

// week publishes a roster of a week that begins some days after the first Monday.
func (p *provider) week(plans []ids.Staffing, name string, after int) scheduling.Roster {
	p.t.Helper()
	r, err := p.plan.CreateRoster(p.t.Context(), all, scheduling.NewRoster{Name: name, Plans: plans, From: p.monday + calendar.Date(after), Days: 7, Moves: 300}, nil)
	require.NoError(p.t, err)
	r, err = p.plan.PublishRoster(p.t.Context(), all, r.ID)
	require.NoError(p.t, err)
	return r
}

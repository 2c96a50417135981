package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// stripAgrees compares every line of a strip with the curves of the board.
func (p *provider) stripAgrees(board scheduling.BoardView, strip scheduling.BoardStrip) {
	p.t.Helper()
	require.Equal(p.t, board.Edition, strip.Edition)
	require.Equal(p.t, board.Origin, strip.Origin)
	curves := map[ids.Queue]scheduling.BoardQueue{}
	for _, q := range board.Queues {
		curves[q.ID] = q
	}
	for _, line := range strip.Lines {
		for k := range line.Need {
			need, have, under := 0, 0, 0
			for _, id := range line.Queues {
				q := curves[id]
				require.Equal(p.t, line.ClientID, q.ClientID)
				need, have = need+q.Required[k], have+int(q.Scheduled[k])
				under += max(0, q.Required[k]-int(q.Scheduled[k]))
			}
			require.InDelta(p.t, need, line.Need[k], 1e-9)
			require.InDelta(p.t, have, line.Scheduled[k], 1e-9)
			require.InDelta(p.t, under, line.Under[k], 1e-9)
			require.InDelta(p.t, under+have-need, line.Over[k], 1e-9)
		}
	}
}

func TestStripOfABoard(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r, board := p.drafted()
		strip := func(sc scope.Scope, f scheduling.StripFilter) scheduling.BoardStrip {
			v, err := p.plan.StripOf(ctx, sc, r.ID, f)
			require.NoError(p.t, err)
			p.stripAgrees(p.boardOf(r.ID), v)
			return v
		}
		whole := strip(all, scheduling.StripFilter{})
		require.Equal(p.t, 15, whole.IntervalMinutes)
		require.Len(p.t, whole.Lines, len(p.clients))
		queues := 0
		for _, line := range whole.Lines {
			require.Len(p.t, line.Need, 14*96)
			require.Equal(p.t, people.Junior, line.Tier)
			queues += len(line.Queues)
		}
		require.Equal(p.t, len(board.Queues), queues)

		// A client sees its own line, the same figures, and nothing of others.
		mine := strip(scope.Clients(whole.Lines[0].ClientID), scheduling.StripFilter{})
		require.Equal(p.t, whole.Lines[:1], mine.Lines)
		require.Empty(p.t, strip(scope.Clients(whole.Lines[0].ClientID), scheduling.StripFilter{Client: whole.Lines[1].ClientID}).Lines)
		_, err := p.plan.StripOf(ctx, scope.Clients(ids.Client{1}), r.ID, scheduling.StripFilter{})
		code(p.t, err, "roster.not_found")
		_, err = p.plan.StripOf(ctx, scope.Clients(), r.ID, scheduling.StripFilter{})
		code(p.t, err, "roster.not_found")

		require.Equal(p.t, whole.Lines[1:2], strip(all, scheduling.StripFilter{Client: whole.Lines[1].ClientID}).Lines)
		one := strip(all, scheduling.StripFilter{Queue: board.Queues[0].ID})
		require.Len(p.t, one.Lines, 1)
		require.Equal(p.t, []ids.Queue{board.Queues[0].ID}, one.Lines[0].Queues)
		hours, err := p.plan.StripOf(ctx, all, r.ID, scheduling.StripFilter{IntervalMinutes: 60})
		require.NoError(p.t, err)
		require.Len(p.t, hours.Lines[0].Need, 14*24)
		_, err = p.plan.StripOf(ctx, all, r.ID, scheduling.StripFilter{IntervalMinutes: 20})
		code(p.t, err, "roster.strip_interval")

		// An edit shows at once.
		a := board.Shifts[0]
		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.ClearCells, Force: true, Cells: []scheduling.Cell{{AgentID: board.Agents[a.Agent].ID, Day: a.Day}}})
		require.NoError(p.t, err)
		edited := strip(all, scheduling.StripFilter{})
		require.Equal(p.t, whole.Edition+1, edited.Edition)
		require.NotEqual(p.t, whole.Lines, edited.Lines)
	})
}

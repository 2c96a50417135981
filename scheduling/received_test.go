package scheduling_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

func TestReceivedPlansAreKeptAndComeBackExactly(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		plans := p.planned()
		r := p.rostered(plans)
		ours, err := p.plan.ExchangeCSV(ctx, all, r.ID)
		require.NoError(p.t, err)
		first, err := p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "partner", Text: string(ours), FileName: "march.csv"})
		require.NoError(p.t, err)
		require.Equal(p.t, 1, first.Version)
		require.Len(p.t, first.SHA256, 64)
		name, file, err := p.plan.ReceivedFile(ctx, all, first.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, "march.csv", name)
		require.Equal(p.t, string(ours), string(file), "the file is kept as it came")
		again, err := p.plan.ReceivedCSV(ctx, all, first.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, string(ours), string(again), "the rows come back byte for byte")

		same, err := p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "partner", Text: string(ours)})
		require.NoError(p.t, err)
		require.Equal(p.t, first.ID, same.ID, "the same file is no new version")
		changed, err := p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "partner", Text: string(ours) + "Dalian,skill-1 + skill-0,2026-03-15 09:00,2026-03-15 10:00,3\n"})
		require.NoError(p.t, err)
		require.Equal(p.t, 2, changed.Version)
		require.Equal(p.t, first.Lines+1, changed.Lines)
		require.Equal(p.t, first.AgentMinutes+180, changed.AgentMinutes)
		_, err = p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "partner", Text: string(ours) + "dalian,skill-0,2026-03-15 09:05,2026-03-15 10:00,3\n"})
		code(p.t, err, "roster.exchange_row")
		_, err = p.plan.Receive(ctx, all, scheduling.NewReceived{Name: " ", Text: string(ours)})
		code(p.t, err, "received.name")
		list, err := p.plan.ReceivedPlans(ctx, all)
		require.NoError(p.t, err)
		require.Len(p.t, list, 2)
		hidden, err := p.plan.ReceivedPlans(ctx, scope.Clients(p.clients[0].ID))
		require.NoError(p.t, err)
		require.Empty(p.t, hidden)
		p.useReceived(plans)
	})
}

// useReceived solves rosters over a file that covers one morning of the first client.
func (p *provider) useReceived(plans []ids.Staffing) {
	ctx := p.t.Context()
	in, err := p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "external", Text: "source,skillcombination,startdatetime,enddatetime,agents\nelsewhere,skill-0,2026-03-02 10:00,2026-03-02 12:00,2\n"})
	require.NoError(p.t, err)
	plain := p.rostered(plans)
	before, err := p.plan.Problem(ctx, all, plain.ID)
	require.NoError(p.t, err)
	was := groupOf(p.t, before, p.queues[0].ID)
	slot := 10 * 4
	require.Greater(p.t, was.Need[slot], 2)
	for as, want := range map[scheduling.ReceivedAs]int{scheduling.AsRequirement: 2, scheduling.AsCommitment: was.Need[slot], scheduling.AsProvider: was.Need[slot] - 2} {
		r, err := p.plan.CreateRoster(ctx, all, scheduling.NewRoster{Name: "With " + string(as), Plans: plans, From: p.monday, Days: 14, Moves: 200, Received: []scheduling.ReceivedUse{{PlanID: in.ID, As: as}}}, nil)
		require.NoError(p.t, err)
		require.Equal(p.t, []scheduling.ReceivedUse{{PlanID: in.ID, As: as}}, r.Received)
		problem, err := p.plan.Problem(ctx, all, r.ID)
		require.NoError(p.t, err)
		g := groupOf(p.t, problem, p.queues[0].ID)
		require.Equal(p.t, want, g.Need[slot], as)
		require.Len(p.t, g.Values[slot], want)
		require.Equal(p.t, was.Need[slot+8], g.Need[slot+8], "from 12:00 on nothing changes")
		require.Equal(p.t, groupOf(p.t, before, p.queues[1].ID).Need, groupOf(p.t, problem, p.queues[1].ID).Need, "the other client's skill is not named")
		b, err := p.plan.Board(ctx, all, r.ID)
		require.NoError(p.t, err)
		for _, q := range b.Queues {
			if q.ID == p.queues[0].ID && as == scheduling.AsProvider {
				require.Equal(p.t, 2, q.External[slot])
				require.Equal(p.t, 0, q.External[slot+8])
				continue
			}
			require.Empty(p.t, q.External)
		}
	}
	_, err = p.plan.EnqueueRoster(ctx, all, scheduling.NewRoster{Plans: plans, From: p.monday, Days: 14, Received: []scheduling.ReceivedUse{{PlanID: in.ID, As: "magic"}}})
	code(p.t, err, "received.use")
	other, err := p.plan.Receive(ctx, all, scheduling.NewReceived{Name: "other", Text: strings.ReplaceAll("source,skillcombination,startdatetime,enddatetime,agents\nx,juggling,T 10:00,T 12:00,2\n", "T", p.monday.String())})
	require.NoError(p.t, err)
	_, err = p.plan.CreateRoster(ctx, all, scheduling.NewRoster{Plans: plans, From: p.monday, Days: 14, Moves: 200, Received: []scheduling.ReceivedUse{{PlanID: other.ID, As: scheduling.AsProvider}}}, nil)
	code(p.t, err, "received.nothing")
}

func TestSimulationSaysWhereAbsenceComesFrom(t *testing.T) {
	p := openProviderSQLite(t)
	ctx := t.Context()
	r := p.rostered(p.planned())
	rate, err := p.plan.AbsenceOf(ctx, all, r.ID)
	require.NoError(t, err)
	require.False(t, rate.Known, "no shift has been published before")
	sim, err := p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Days: 1, Replications: 2}, nil)
	require.NoError(t, err)
	require.Equal(t, scheduling.AbsenceTerms, sim.Summary.Basis)
	sim, err = p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Days: 1, Replications: 2, Absent: ptr(0.25)}, nil)
	require.NoError(t, err)
	require.Equal(t, scheduling.AbsenceGiven, sim.Summary.Basis)
	require.InDelta(t, 0.25, sim.Summary.Absent, 1e-9)
	whole, err := p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Replications: 2}, nil)
	require.NoError(t, err)
	require.Equal(t, 14, whole.Summary.Days, "the whole period")
	meaning, err := p.plan.PublicationOf(ctx, all, r.ID)
	require.NoError(t, err)
	require.Equal(t, 14, meaning.Days)
	require.Len(t, meaning.Expected, 2, "the band per client is shown before publishing")
	require.Equal(t, p.monday, meaning.From)
}

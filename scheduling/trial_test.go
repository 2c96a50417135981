package scheduling_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/scheduling"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// Settings are tried on a day of the roster before they are put in force: the same
// contacts meet both sides, and nothing is changed by trying.
func TestSettingsAreTriedOnADayOfTheRoster(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r := p.rostered(p.planned())
		for _, tier := range []string{"junior", "middle", "expert"} {
			_, err := p.plan.SetTierCost(ctx, all, scheduling.TierCost{Tier: "junior", HourlyCost: decimal.NewFromInt(60), Currency: "CNY", ValidFrom: p.monday})
			if tier == "junior" {
				require.NoError(p.t, err)
			}
		}
		queue := ""
		alone, err := p.plan.Try(ctx, all, scheduling.TrialQuestion{Name: "as it is", A: scheduling.TrialSide{Roster: r.ID}, Replications: 3, LateCost: 2}, nil)
		require.NoError(p.t, err)
		require.Nil(p.t, alone.Answer.B)
		require.Equal(p.t, "CNY", string(alone.Answer.Currency))
		require.Greater(p.t, alone.Answer.A.Total.Offered.Mean, 0.0)
		require.Greater(p.t, alone.Answer.A.Agents, 0)
		for _, q := range alone.Answer.A.Queues {
			if q.Run.Offered.Mean > 0 {
				queue = q.Name
			}
		}
		require.NotEmpty(p.t, queue)
		require.Len(p.t, alone.Answer.A.Clients[0].Course.Level, 96, "a day of quarter-hours")

		// The proposal sends everybody who waits a second to nobody: fewer are answered in time.
		worse := []routing.SettingChange{{Kind: "queue", Key: queue, Document: map[string]any{"forced_answer": true, "ladder": []any{map[string]any{"kind": "widen", "after_seconds": 0, "tiers": []any{"expert"}}, map[string]any{"kind": "message", "after_seconds": 1}}}}}
		b := scheduling.TrialSide{Roster: r.ID, Settings: worse}
		asked := scheduling.TrialQuestion{Name: "experts only", A: scheduling.TrialSide{Roster: r.ID}, B: &b, Replications: 3}
		v, err := p.plan.Try(ctx, all, asked, nil)
		require.NoError(p.t, err)
		require.NotNil(p.t, v.Answer.B)
		require.Equal(p.t, alone.Answer.A.Total.Offered, v.Answer.A.Total.Offered, "the same seed, the same contacts")
		require.Equal(p.t, v.Answer.A.Total.Offered, v.Answer.B.Total.Offered, "both sides meet the same contacts")
		changed := false
		for _, d := range v.Answer.Differences {
			changed = changed || d.Scope == "total" && d.Difference.Mean != 0
		}
		require.True(p.t, changed, "the ladder decides")

		stored, err := p.plan.TrialOf(ctx, all, v.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, v.Answer, stored.Answer)
		listed, err := p.plan.Trials(ctx, all, 10)
		require.NoError(p.t, err)
		require.Len(p.t, listed, 2)
		none, err := p.plan.Trials(ctx, scope.Clients(p.clients[0].ID), 10)
		require.NoError(p.t, err)
		require.Empty(p.t, none, "a trial plays all clients, so no client sees it")
		inForce, err := p.plan.Live.SettingHistory(ctx, all, "", "", 10)
		require.NoError(p.t, err)
		require.Empty(p.t, inForce, "trying changes nothing")

		_, err = p.plan.Try(ctx, scope.Clients(p.clients[0].ID), asked, nil)
		code(p.t, err, "simulation.provider_only")
		bad := asked
		bad.B = &scheduling.TrialSide{Roster: r.ID, Settings: []routing.SettingChange{{Kind: "queue", Key: queue, Document: map[string]any{"strategy": "fastest"}}}}
		_, err = p.plan.EnqueueTrial(ctx, all, bad)
		code(p.t, err, "routing.unknown_strategy")
		bad.B = &scheduling.TrialSide{Roster: r.ID, Days: 9}
		_, err = p.plan.EnqueueTrial(ctx, all, bad)
		code(p.t, err, "simulation.trial_days")
		job, err := p.plan.EnqueueTrial(ctx, all, asked)
		require.NoError(p.t, err)
		require.Equal(p.t, jobs.Waiting, job.Status)
	})
}

func TestAScenarioFileIsTried(t *testing.T) {
	p := openProviderSQLite(t)
	text, err := os.ReadFile("../routing/simulation/testdata/two_clients.json")
	require.NoError(t, err)
	var file map[string]any
	require.NoError(t, json.Unmarshal(text, &file))
	v, err := p.plan.Try(t.Context(), all, scheduling.TrialQuestion{A: scheduling.TrialSide{Scenario: file}, Replications: 2}, nil)
	require.NoError(t, err)
	require.Equal(t, "Aurora Bank", v.Answer.A.Clients[0].Name)
	file["queue"] = 1
	_, err = p.plan.EnqueueTrial(t.Context(), all, scheduling.TrialQuestion{A: scheduling.TrialSide{Scenario: file}})
	code(t, err, "simulation.bad_scenario")
	_, err = p.plan.TrialOf(t.Context(), all, ids.Any{})
	code(t, err, "simulation.not_found")
}

package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

func TestCapacityPlans(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		p.planned()
		s, err := p.plan.SuggestCapacity(ctx, all, client, p.monday, 3)
		require.NoError(p.t, err)
		q := s.Question
		require.Len(p.t, q.Months, 3)
		require.Equal(p.t, "2026-03", q.Months[0].Name)
		require.InDelta(p.t, 6.5, q.Heads, 1e-9, "five agents, and two shared ones of whom one works half")
		require.InDelta(p.t, 40*31.0/7, q.Months[0].HoursPerFTE, 1e-9)
		require.InDelta(p.t, 60*40*365.2425/7/12*100, float64(q.Months[0].CostPerHead), 1)
		require.Positive(p.t, q.Months[0].RequiredHours)
		require.InDelta(p.t, 0.15, q.Months[0].Shrinkage[0].Rate, 1e-9)
		require.NotEmpty(p.t, s.Notes, "two weeks of March have a plan")

		for i := range q.Months {
			q.Months[i].RequiredHours, q.Months[i].Attrition = 2000, 0.05
		}
		q.Propose = &scheduling.HiringProposal{Lead: 1, Class: scheduling.HiringClass{Name: "class", Ramp: []float64{0, 0.7}, CostToHire: 500_00}}
		made, err := p.plan.CreateCapacityPlan(ctx, all, client, "Spring", q, ids.User{})
		require.NoError(p.t, err)
		require.Len(p.t, made.Answer.Lines, 3)
		require.Negative(p.t, made.Answer.Lines[0].Gap, "nobody can be hired for the first month")
		require.NotEmpty(p.t, made.Answer.Classes)
		require.GreaterOrEqual(p.t, made.Answer.Lines[2].Gap, -1e-6)
		cost := int64(0)
		for _, l := range made.Answer.Lines {
			cost += l.CostOfHeads.Minor + l.CostToHire.Minor
		}
		require.Equal(p.t, made.Answer.Cost.Minor, cost)
		require.Equal(p.t, "CNY", string(made.Answer.Cost.Currency))

		q.Heads = 40
		changed, err := p.plan.UpdateCapacityPlan(ctx, all, made.ID, made.Edition, "Spring", q)
		require.NoError(p.t, err)
		require.Empty(p.t, changed.Answer.Classes)
		_, err = p.plan.UpdateCapacityPlan(ctx, all, made.ID, made.Edition, "Spring", q)
		code(p.t, err, "staffing.capacity_stale")
		_, err = p.plan.CapacityPlanOf(ctx, scope.Clients(p.clients[1].ID), made.ID)
		code(p.t, err, "staffing.capacity_not_found")
		q.Currency = "QQQ"
		_, err = p.plan.CreateCapacityPlan(ctx, all, client, "x", q, ids.User{})
		code(p.t, err, "staffing.capacity_currency")
		q.Currency, q.Months[0].HoursPerFTE = "CNY", 0
		_, err = p.plan.CreateCapacityPlan(ctx, all, client, "x", q, ids.User{})
		code(p.t, err, "staffing.bad_capacity")
		_, err = p.plan.DeleteCapacityPlan(ctx, all, made.ID)
		require.NoError(p.t, err)
		list, err := p.plan.CapacityPlans(ctx, all, client)
		require.NoError(p.t, err)
		require.Empty(p.t, list)
	})
}

// twoLanguages are two queues that share bilingual agents.
func twoLanguages() scheduling.TierQuestion {
	queue := func(name string) scheduling.TierQueue {
		return scheduling.TierQueue{Name: name, Contacts: 50, AHTSeconds: 180, PatienceS: 300, ServiceLevel: 0.8, ThresholdS: 20}
	}
	return scheduling.TierQuestion{IntervalSeconds: 1800, Queues: []scheduling.TierQueue{queue("en"), queue("zh")}, Intervals: 20, Simulations: 60,
		Groups: []scheduling.TierGroup{
			{Name: "english", Tier: "junior", Queues: []string{"en"}}, {Name: "chinese", Tier: "junior", Queues: []string{"zh"}},
			{Name: "both", Tier: "expert", Queues: []string{"en", "zh"}, Cost: 1.5},
		}}
}

func TestTiersLieBetweenTheirBounds(t *testing.T) {
	t.Parallel()
	a, err := scheduling.SettleTiers(t.Context(), twoLanguages())
	require.NoError(t, err)
	require.True(t, a.Met, "%v: %v", a, a.Missed)
	require.GreaterOrEqual(t, a.Seats, a.Pooled-1, "the bound is of the formulas, the seats are simulated")
	require.LessOrEqual(t, a.Seats, a.Separate+1)
	require.Less(t, a.Pooled, a.Separate)
	for _, q := range a.Queues {
		require.GreaterOrEqual(t, q.ServiceLevel, 0.8)
	}
	again, err := scheduling.SettleTiers(t.Context(), twoLanguages())
	require.NoError(t, err)
	require.Equal(t, a, again, "equal questions have equal answers")

	for _, bad := range []func(*scheduling.TierQuestion){
		func(q *scheduling.TierQuestion) { q.Queues[1].Name = "en" },
		func(q *scheduling.TierQuestion) { q.Queues[0].AHTSeconds = 0 },
		func(q *scheduling.TierQuestion) { q.Queues[0].Contacts = 1e9 },
		func(q *scheduling.TierQuestion) { q.Groups[0].Queues = []string{"fr"} },
		func(q *scheduling.TierQuestion) { q.Groups[0].Most, q.Groups[0].Least = 1, 2 },
		func(q *scheduling.TierQuestion) { q.IntervalSeconds = 0 },
		func(q *scheduling.TierQuestion) { q.Replications = 51 },
	} {
		q := twoLanguages()
		bad(&q)
		_, err := scheduling.SettleTiers(t.Context(), q)
		code(t, err, "staffing.tiers")
	}
	q := twoLanguages()
	q.Groups[0].Tier = "guru"
	_, err = scheduling.SettleTiers(t.Context(), q)
	code(t, err, "people.unknown_tier")
}

func TestPlansKnowTheirTiersAndTheValueOfASeat(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		plans := p.planned()
		q, err := p.plan.TierQuestionOf(ctx, all, plans[1], 0)
		require.NoError(p.t, err)
		require.Len(p.t, q.Queues, 2, "mail has a deadline, nobody waits")
		require.NotEmpty(p.t, q.Groups)
		heads := 0
		for _, g := range q.Groups {
			heads += g.Most
			require.InDelta(p.t, 60, g.Cost, 1e-9)
		}
		require.Equal(p.t, 7, heads)
		q.Simulations, q.Intervals, q.Replications = 20, 8, 1
		_, err = scheduling.SettleTiers(ctx, q)
		require.NoError(p.t, err)
		_, err = p.plan.TierQuestionOf(ctx, all, plans[1], p.origin)
		code(p.t, err, "staffing.tiers_closed")

		rows, err := p.plan.ServiceLevels(ctx, all, plans[0], p.queues[0].ID, p.monday, 0)
		require.NoError(p.t, err)
		require.Len(p.t, rows, 36)
		for _, r := range rows {
			require.GreaterOrEqual(p.t, r.Levels[r.Seats], 0.8)
			for k := 1; k < len(r.Levels); k++ {
				require.GreaterOrEqual(p.t, r.Levels[k], r.Levels[k-1]-1e-12)
			}
		}
		_, err = p.plan.ServiceLevels(ctx, all, plans[1], p.queues[3].ID, p.monday, 0)
		code(p.t, err, "staffing.bad_kind")
		_, err = p.plan.ServiceLevels(ctx, all, plans[0], p.queues[0].ID, p.monday, 301)
		code(p.t, err, "staffing.level_seats")
		_, err = p.plan.ServiceLevels(ctx, all, plans[0], p.queues[1].ID, p.monday, 0)
		code(p.t, err, "queue.not_found")
		require.Equal(p.t, calendar.Quarter, rows[1].Start-rows[0].Start)
	})
}

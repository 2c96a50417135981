package scheduling_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

func TestAStudyOfTiersIsKeptWithItsQuestion(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		plan := p.planned()[0]
		job := p.worked(func(ctx context.Context) (jobs.Job, error) {
			return p.plan.EnqueueTierStudy(ctx, all, scheduling.NewTierStudy{Plan: plan})
		})
		var made struct{ ID ids.TierStudy }
		require.NoError(p.t, job.DecodeResult(&made))
		studies, err := p.plan.TierStudies(ctx, scope.Clients(p.clients[0].ID), plan)
		require.NoError(p.t, err)
		require.Len(p.t, studies, 1)
		require.Equal(p.t, made.ID, studies[0].ID)
		again, err := scheduling.SettleTiers(ctx, studies[0].Question)
		require.NoError(p.t, err)
		require.Equal(p.t, again, studies[0].Answer, "the question that is kept has the answer that is kept")
		question, err := p.plan.TierQuestionOf(ctx, all, plan, studies[0].StartAt)
		require.NoError(p.t, err)
		require.Equal(p.t, question, studies[0].Question)
		others, err := p.plan.TierStudies(ctx, scope.Clients(p.clients[1].ID), plan)
		require.NoError(p.t, err)
		require.Empty(p.t, others)
		_, err = p.plan.EnqueueTierStudy(ctx, scope.Clients(p.clients[1].ID), scheduling.NewTierStudy{Plan: plan})
		require.Error(p.t, err)
		_, err = p.plan.EnqueueTierStudy(ctx, all, scheduling.NewTierStudy{Plan: plan, At: 1})
		code(p.t, err, "staffing.tiers")
	})
}

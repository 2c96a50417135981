package feeds_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/feeds"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/scope"
)

func TestEventsBecomeContactsStatesAndFacts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		f := w.feed(t, w.bank.ID, feeds.JSON, "acd")
		got := w.post(t, f,
			w.event(0, feeds.AgentLogin, "agent", "1001"),
			w.event(10, feeds.ContactEntered, "contact", "c1", "queue", "cards", "customer", "+4420"),
			w.event(14, feeds.ContactOffered, "contact", "c1", "agent", "1001"),
			w.event(18, feeds.ContactAnswered, "contact", "c1", "agent", "1001"),
			w.event(100, feeds.ContactEnded, "contact", "c1"),
			w.event(110, feeds.ContactWrapped, "contact", "c1"),
			w.event(20, feeds.ContactEntered, "contact", "c2", "queue", "Queue loans"),
			w.event(70, feeds.ContactAbandoned, "contact", "c2"),
			w.event(600, feeds.AgentPause, "agent", "1001", "code", "lunch"),
			w.event(1200, feeds.AgentReady, "agent", "1001"),
		)
		require.Equal(t, 10, got.Accepted)
		require.Zero(t, got.Waiting)

		contacts := w.contacts(t, "acd")
		require.Len(t, contacts, 2)
		require.Equal(t, records.Answered, contacts[0].Outcome)
		require.Equal(t, int64(8000), contacts[0].WaitMS)
		require.Equal(t, int64(92000), contacts[0].HandleMS, "talk and wrap-up")
		require.Equal(t, w.agents["1001"], contacts[0].AgentID)
		require.Equal(t, records.Abandoned, contacts[1].Outcome)
		segments := w.segments(t, "acd")
		require.Len(t, segments, 1)
		require.Equal(t, w.at(14), segments[0].OfferedAt)
		require.Equal(t, w.at(110), *segments[0].WrappedAt)
		states := w.states(t, "acd")
		require.Len(t, states, 2, "the state that goes on is not recorded")
		require.Equal(t, []records.Activity{records.Work, records.Meal}, []records.Activity{states[0].Activity, states[1].Activity})
		require.False(t, states[1].Paid)

		_, err := w.facts.RollUp(context.Background(), nil)
		require.NoError(t, err)
		var queue []facts.QueueFact
		var agent []facts.AgentFact
		require.NoError(t, db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
			if err := tx.Order("queue_id, start_at").Find(&queue).Error; err != nil {
				return err
			}
			return tx.Where("activity = ?", records.Work).Order("start_at").Find(&agent).Error
		}))
		require.Len(t, queue, 2)
		require.Equal(t, int64(2), queue[0].Offered+queue[1].Offered)
		require.Equal(t, int64(1), queue[0].AnsweredWithin+queue[1].AnsweredWithin)
		require.NotEmpty(t, agent)
		require.Equal(t, int64(600_000), agent[0].TotalMS)
		require.Equal(t, w.bank.ID, agent[0].ClientID)
		require.Zero(t, w.at(0)%calendar.Quarter)
	})
}

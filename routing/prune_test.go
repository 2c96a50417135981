package routing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// TestTheInboxIsPruned lets inputs come before and within the time for which a
// repetition is recognised.
func TestTheInboxIsPruned(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := newModel(t, db)
		ctx, clock := t.Context(), db.Clock().(*calendar.FixedClock)
		m.run(t)
		const retention = 7 * calendar.Day
		inputs := func() (n int64) {
			require.NoError(t, db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
				return tx.Model(&inboxRow{}).Where("applied_seq IS NOT NULL").Count(&n).Error
			}))
			return n
		}
		ended := func(o Outcome, err error) ids.Contact {
			require.NoError(t, err)
			gone, err := m.live.Leave(ctx, scope.Provider(), o.Contact)
			require.NoError(t, err)
			require.True(t, gone.Applied)
			return o.Contact
		}
		old := ended(m.arrive(m.queues[0], "old"))
		still, err := m.arrive(m.queues[0], "still open")
		require.NoError(t, err)
		for i := range 6 {
			ended(m.arrive(m.queues[1], fmt.Sprint("x-", i)))
		}
		clock.Set(db.Now() + 4*calendar.Day)
		young := ended(m.arrive(m.queues[0], "young"))
		clock.Set(db.Now() + 4*calendar.Day)
		before := inputs()

		removed, err := m.live.prune(ctx, db.Now()-retention, 4) // several batches
		require.NoError(t, err)
		require.EqualValues(t, 14, removed, "arrival and leaving of the old ones")
		require.Equal(t, before-removed, inputs())
		again, err := m.live.Prune(ctx, db.Now()-retention)
		require.NoError(t, err)
		require.Zero(t, again)

		o, err := m.arrive(m.queues[0], "young")
		require.NoError(t, err)
		require.Equal(t, young, o.Contact, "within the time a repetition is recognised")
		o, err = m.arrive(m.queues[0], "still open")
		require.NoError(t, err)
		require.Equal(t, still.Contact, o.Contact, "and for as long as the contact is open")
		o, err = m.arrive(m.queues[0], "old")
		require.NoError(t, err)
		require.NotEqual(t, old, o.Contact, "after it, the same id is another contact")
	})
}

func TestTheFirstIDOfAnInstant(t *testing.T) {
	clock := calendar.NewFixedClock(calendar.Instant(1_800_000_000_123_456))
	made := ids.New[ids.Event](ids.NewGenerator(clock))
	require.Negative(t, firstID(clock.Now()).Compare(made))
	require.Positive(t, firstID(clock.Now()+calendar.Millisecond).Compare(made))
	require.Equal(t, ids.Event{}, firstID(-calendar.Day))
}

package routing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// instants reads when the entries of the log were.
func (f *floor) instants() []calendar.Instant {
	f.t.Helper()
	var at []calendar.Instant
	require.NoError(f.t, f.db.Read(f.t.Context(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Table("routing_log").Order("seq").Pluck("at", &at).Error
	}))
	return at
}

// TestClockSteps sets the clock of a leading node back and forth. Time on the floor
// never goes back, and deadlines come all the same.
func TestClockSteps(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		clock := db.Clock().(*calendar.FixedClock)
		l, _ := f.node("n1")
		one := f.agents[0].ID
		o, err := l.SetState(ctx, one, "ready", "")
		applied(t, o, err)
		first := f.arrive(l, "call-1")
		f.desk(l, one, "ready offered")

		clock.Set(db.Now() - calendar.Hour) // an hour back: the offer must ring out nevertheless
		goesBy := func(until func(routing.Desk) bool, message string) {
			t.Helper()
			require.Eventually(t, func() bool {
				clock.Set(db.Now() + calendar.Second)
				d, err := l.Desk(ctx, one)
				require.NoError(t, err)
				return until(d)
			}, time.Minute, 20*time.Millisecond, message)
		}
		goesBy(func(d routing.Desk) bool { return len(d.Segments) == 0 }, "the offer stands though its time is over")
		o, err = l.SetState(ctx, one, "ready", "")
		applied(t, o, err)
		goesBy(func(d routing.Desk) bool { return len(d.Segments) == 1 && d.Segments[0].ContactID == first.Contact }, "the contact goes on with its age")
		o, err = l.Work(ctx, one, routing.KindAccept, first.Contact)
		applied(t, o, err)

		clock.Set(db.Now() + 3*calendar.Hour) // two hours ahead of where it was
		second := f.arrive(l, "call-2")
		o, err = l.Work(ctx, one, routing.KindEnd, first.Contact)
		applied(t, o, err)
		open, err := l.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		states := map[ids.Contact]string{}
		for _, c := range open {
			states[c.ContactID] = c.Status
		}
		require.Equal(t, map[ids.Contact]string{first.Contact: "closed:done", second.Contact: "waiting"}, states)
		require.IsNonDecreasing(t, f.instants())
	})
}

// TestALeaseFromTheFutureEnds leaves a lease that lasts an hour by a clock that was
// ahead, of a node that is gone.
func TestALeaseFromTheFutureEnds(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	f := build(t, db)
	l := routing.New(db, f.contracts, f.people, "n0", nil)
	require.NoError(t, l.Prepare(t.Context()))
	require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&routing.Domain{}).Where("slug = 'main'").Updates(map[string]any{"leader": "gone", "epoch": 7, "lease_until": db.Now() + calendar.Hour}).Error
	}))
	n, _ := f.node("n1")
	require.Eventually(t, func() bool {
		o, err := n.SetState(t.Context(), f.agents[0].ID, "ready", "")
		require.NoError(t, err)
		return o.Applied
	}, time.Minute, 10*time.Millisecond, "nobody leads")
	var d routing.Domain
	require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error { return tx.Take(&d).Error }))
	require.EqualValues(t, 8, d.Epoch)
	require.Equal(t, "n1", d.Leader)
}

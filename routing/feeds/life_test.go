package feeds_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/feeds"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// queueLog writes lines as Asterisk does, some seconds into the test's day.
func (w *world) queueLog(lines ...string) []byte {
	var out strings.Builder
	for _, l := range lines {
		seconds, rest, _ := strings.Cut(l, "|")
		var s float64
		if _, err := fmt.Sscan(seconds, &s); err != nil {
			panic(err)
		}
		fmt.Fprintf(&out, "%d|%s\n", w.at(s)/calendar.Second, rest)
	}
	return []byte(out.String())
}

func TestQueueLogBecomesContactsAndStates(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		f := w.feed(t, w.bank.ID, feeds.QueueLog, "asterisk")
		log := w.queueLog(
			"0|NONE|NONE|NONE|QUEUESTART|",
			"1|REALTIME|cards|1001|ADDMEMBER|",
			"1|REALTIME|loans|1001|ADDMEMBER|",
			"5|1.7|cards|NONE|ENTERQUEUE||+4420|1",
			"12|1.7|cards|1002|RINGNOANSWER|5000",
			"15|1.7|cards|1001|CONNECT|10|1.8|3",
			"75|1.7|cards|1001|COMPLETECALLER|10|60|1",
			"80|1.9|loans|NONE|ENTERQUEUE||+4421|1",
			"95|1.9|loans|NONE|ABANDON|1|1|15",
			"100|NONE|NONE|1001|PAUSEALL|training",
			"100|NONE|cards|1001|PAUSE|training",
			"100|NONE|loans|1001|PAUSE|training",
			"400|NONE|loans|1001|UNPAUSE|",
			"700|NONE|cards|1001|REMOVEMEMBER|",
			"900|NONE|loans|1001|REMOVEMEMBER|",
			"910|1.7|cards|NONE|ENTERQUEUE||+4420|1", // the same call comes back
			"940|1.7|cards|NONE|EXITWITHTIMEOUT|1|1|30",
		)
		log = append(log, "what is this"...)
		items, err := f.ReadItems("text/plain", log)
		require.NoError(t, err)
		got, err := w.feeds.Post(context.Background(), f.ID, items)
		require.NoError(t, err)
		require.Equal(t, feeds.Receipt{Accepted: 16, Refused: 1, Ignored: 1, Reasons: got.Reasons}, got)
		require.Equal(t, "feed.not_an_event", got.Reasons[0].Code)
		require.Equal(t, 18, got.Reasons[0].Line)

		contacts := w.contacts(t, "asterisk")
		require.Len(t, contacts, 3)
		require.Equal(t, []records.Outcome{records.Answered, records.Abandoned, records.Other}, []records.Outcome{contacts[0].Outcome, contacts[1].Outcome, contacts[2].Outcome})
		require.Equal(t, fmt.Sprintf("1.7/cards/%d", w.at(5)/calendar.Second), contacts[0].ExternalID, "as the import of the file names it")
		require.Equal(t, []int64{10_000, 15_000, 30_000}, []int64{contacts[0].WaitMS, contacts[1].WaitMS, contacts[2].WaitMS})
		require.Equal(t, int64(60_000), contacts[0].HandleMS)
		segments := w.segments(t, "asterisk")
		require.Len(t, segments, 2)
		require.Equal(t, "missed", segments[0].Outcome)
		require.Equal(t, w.at(7), segments[0].OfferedAt)
		require.Equal(t, w.at(12), segments[1].OfferedAt, "it rang for three seconds")
		states := w.states(t, "asterisk")
		var spans []string
		for _, s := range states {
			spans = append(spans, fmt.Sprintf("%s %d-%d", s.Activity, (s.StartedAt-w.at(0))/calendar.Second, (*s.EndedAt-w.at(0))/calendar.Second))
		}
		require.Equal(t, []string{"work 1-100", "training 100-400", "work 400-900"}, spans, "paused where there is no queue without a pause, signed out when the last is left")

		again, err := w.feeds.Post(context.Background(), f.ID, items)
		require.NoError(t, err)
		require.Equal(t, 16, again.Duplicates)
	})
}

func TestEventsOutsideOfTheWindowAreRefused(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t))
	f := w.feed(t, w.bank.ID, feeds.JSON, "acd")
	w.post(t, f, w.event(0, feeds.AgentLogin, "agent", "1001", "id", "x"))
	got := w.post(t, f,
		w.event(-23*3600, feeds.AgentLogin, "agent", "1001"),
		w.event(-25*3600, feeds.AgentLogin, "agent", "1001"),
		w.event(5*3600, feeds.AgentLogin, "agent", "1001"),
		w.event(0, feeds.AgentLogout, "agent", "1001", "id", "x"))
	require.Equal(t, 1, got.Accepted)
	require.Equal(t, []string{"feed.too_late", "feed.in_future", "feed.changed"}, []string{got.Reasons[0].Code, got.Reasons[1].Code, got.Reasons[2].Code})
	refusals, err := w.feeds.Refusals(t.Context(), all, f.ID)
	require.NoError(t, err)
	require.Len(t, refusals, 3)
}

func TestNothingStaysOpenForEver(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		f := w.feed(t, w.bank.ID, feeds.JSON, "acd")
		w.post(t, f, w.event(-5*3600, feeds.ContactEntered, "contact", "lost", "queue", "cards"), w.event(-5*3600, feeds.ContactEntered, "contact", "late", "queue", "cards"))
		now := func() feeds.Now {
			var out feeds.Now
			require.NoError(t, db.Read(context.Background(), all, func(tx *database.Tx) (err error) { out, err = feeds.ReadNow(tx); return err }))
			return out
		}
		require.Len(t, now().Contacts, 2)
		w.post(t, f, w.event(0, feeds.AgentLogin, "agent", "1001"))
		require.Empty(t, now().Contacts, "nothing was heard of them for four hours")
		require.Len(t, now().Agents, 1)
		contacts := w.contacts(t, "acd")
		require.Len(t, contacts, 2)
		require.Equal(t, records.Other, contacts[0].Outcome)
		w.post(t, f, w.event(-5*3600+60, feeds.ContactAbandoned, "contact", "late"))
		contacts = w.contacts(t, "acd")
		require.Equal(t, records.Abandoned, contacts[0].Outcome, "a late event says what really happened")
		require.Equal(t, records.Other, contacts[1].Outcome)

		f, err := w.feeds.Feed(context.Background(), all, f.ID)
		require.NoError(t, err)
		require.False(t, f.Stale(db.Now()))
		require.True(t, f.Stale(db.Now()+6*calendar.Minute))
	})
}

// A client's feed reaches neither queues nor agents of another, whatever it says.
func TestAFeedWritesItsClientAlone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		f := w.feed(t, w.bank.ID, feeds.JSON, "acd")
		got := w.post(t, f,
			w.event(0, feeds.ContactEntered, "contact", "1", "queue", "orders"), w.event(9, feeds.ContactAbandoned, "contact", "1"),
			w.event(0, feeds.AgentLogin, "agent", "2001"), w.event(60, feeds.AgentLogout, "agent", "2001"))
		require.Equal(t, 4, got.Waiting)
		for _, m := range []feeds.Meaning{{Kind: feeds.QueueName, Name: "orders", Target: ids.Any(w.queues["orders"].ID)}, {Kind: feeds.AgentName, Name: "2001", Target: ids.Any(w.agents["2001"])}} {
			_, err := w.feeds.SetName(t.Context(), all, f.ID, m)
			require.Error(t, err)
		}
		require.Empty(t, w.contacts(t, "acd"))
		require.Empty(t, w.states(t, "acd"))
		_, err := w.feeds.View(t.Context(), scope.Clients(w.shop.ID), f.ID)
		require.Error(t, err)

		own := w.feed(t, ids.Client{}, feeds.JSON, "hub") // the provider's feed reaches both
		got = w.post(t, own,
			w.event(0, feeds.ContactEntered, "contact", "1", "queue", "orders"), w.event(9, feeds.ContactAbandoned, "contact", "1"),
			w.event(0, feeds.AgentLogin, "agent", "2001"), w.event(60, feeds.AgentLogout, "agent", "2001"))
		require.Zero(t, got.Waiting)
		require.Equal(t, w.shop.ID, w.contacts(t, "hub")[0].ClientID)
		require.Equal(t, w.shop.ID, w.states(t, "hub")[0].ClientID)
	})
}

func TestNamesCanBeMappedAnew(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db)
		f := w.feed(t, w.bank.ID, feeds.JSON, "acd")
		w.post(t, f, w.event(0, feeds.AgentLogin, "agent", "1001"), w.event(600, feeds.AgentLogout, "agent", "1001"),
			w.event(5, feeds.ContactEntered, "contact", "1", "queue", "cards"), w.event(8, feeds.ContactAnswered, "contact", "1", "agent", "1001"), w.event(90, feeds.ContactEnded, "contact", "1"))
		require.Equal(t, w.agents["1001"], w.states(t, "acd")[0].AgentID)
		begin := calendar.Instant(0)
		_, err := w.feeds.SetName(t.Context(), all, f.ID, feeds.Meaning{Kind: feeds.AgentName, Name: "1001", Target: ids.Any(w.agents["1002"]), From: &begin})
		require.NoError(t, err)
		states := w.states(t, "acd")
		require.Len(t, states, 1)
		require.Equal(t, w.agents["1002"], states[0].AgentID)
		require.Equal(t, w.agents["1002"], w.contacts(t, "acd")[0].AgentID)
		_, err = w.feeds.SetName(t.Context(), all, f.ID, feeds.Meaning{Kind: feeds.QueueName, Name: "cards", Ignore: true, From: &begin})
		require.NoError(t, err)
		require.Empty(t, w.contacts(t, "acd"), "taken back")
		removed, err := w.feeds.Prune(t.Context())
		require.NoError(t, err)
		require.Zero(t, removed)
	})
}

func BenchmarkEvents(b *testing.B) {
	for name, db := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.OpenSQLite, "postgres": databasetest.OpenPostgres} {
		b.Run(name, func(b *testing.B) {
			w := build(b, db(b))
			f := w.feed(b, w.bank.ID, feeds.JSON, "acd")
			n := 0
			for b.Loop() {
				var lines []string
				for range 100 { // five events of a contact and its agent
					at, contact := float64(n)/10, fmt.Sprint("c", n)
					lines = append(lines, w.event(at, feeds.ContactEntered, "contact", contact, "queue", "cards"), w.event(at+1, feeds.ContactAnswered, "contact", contact, "agent", "1001"),
						w.event(at+2, feeds.ContactEnded, "contact", contact), w.event(at+2, feeds.AgentWrap, "agent", "1001", "id", fmt.Sprint("w", n)), w.event(at+3, feeds.AgentReady, "agent", "1001", "id", fmt.Sprint("r", n)))
					n++
				}
				w.post(b, f, lines...)
			}
			b.ReportMetric(float64(n*5)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

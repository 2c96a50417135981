package feeds_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/routing/feeds"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
)

// stream draws what an exchange might tell within some minutes: contacts with their
// lives, agents who change between states, some names unknown.
func (w *world) stream(t *rapid.T) []string {
	var out []string
	add := func(seconds float64, kind feeds.Kind, fields ...any) {
		fields = append(fields, "id", fmt.Sprint("e", len(out)))
		out = append(out, w.event(seconds, kind, fields...))
	}
	second := rapid.IntRange(0, 900) // crowded, so that many things happen at the same time
	for c := range rapid.IntRange(1, 5).Draw(t, "contacts") {
		name, at := fmt.Sprint("c", c), second.Draw(t, "entered")
		add(float64(at), feeds.ContactEntered, "contact", name, "queue", rapid.SampledFrom([]string{"cards", "loans", "unknown"}).Draw(t, "queue"))
		for range rapid.IntRange(0, 3).Draw(t, "steps") {
			at += rapid.IntRange(0, 40).Draw(t, "step")
			kind := rapid.SampledFrom([]feeds.Kind{feeds.ContactOffered, feeds.ContactMissed, feeds.ContactAnswered, feeds.ContactTransferred}).Draw(t, "kind")
			add(float64(at), kind, "contact", name, "agent", rapid.SampledFrom([]string{"1001", "1002", "stranger"}).Draw(t, "agent"))
		}
		if rapid.Bool().Draw(t, "ends") {
			at += rapid.IntRange(0, 40).Draw(t, "step")
			add(float64(at), rapid.SampledFrom([]feeds.Kind{feeds.ContactAbandoned, feeds.ContactEnded}).Draw(t, "end"), "contact", name)
			if rapid.Bool().Draw(t, "wraps") {
				add(float64(at+rapid.IntRange(0, 60).Draw(t, "wrap")), feeds.ContactWrapped, "contact", name)
			}
		}
	}
	for range rapid.IntRange(1, 12).Draw(t, "changes") {
		kind := rapid.SampledFrom([]feeds.Kind{feeds.AgentLogin, feeds.AgentLogout, feeds.AgentReady, feeds.AgentPause, feeds.AgentTalk, feeds.AgentWrap, feeds.AgentState}).Draw(t, "state")
		fields := []any{"agent", rapid.SampledFrom([]string{"1001", "1002", "stranger"}).Draw(t, "agent")}
		if kind == feeds.AgentPause || kind == feeds.AgentState {
			fields = append(fields, "code", rapid.SampledFrom([]string{"lunch", "training", "odd"}).Draw(t, "code"))
		}
		if kind != feeds.AgentState && rapid.Bool().Draw(t, "one queue") {
			fields = append(fields, "queue", rapid.SampledFrom([]string{"cards", "loans"}).Draw(t, "queue"))
		}
		add(float64(second.Draw(t, "at")), kind, fields...)
	}
	return out
}

// Whatever the order in which events come, however often and in which requests, the
// rows are those of the same events in the order of the source.
func TestRowsDoNotDependOnTheOrderOfArrival(t *testing.T) {
	run := func(t *testing.T, db *database.DB) {
		w := build(t, db)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			events := w.stream(r)
			ordered, shuffled := w.feed(t, w.bank.ID, feeds.JSON, fmt.Sprint("ordered-", n)), w.feed(t, w.bank.ID, feeds.JSON, fmt.Sprint("shuffled-", n))
			require.Equal(r, len(events), w.post(t, ordered, events...).Accepted)

			again := append(rapid.Permutation(events).Draw(r, "order"), rapid.SliceOfN(rapid.SampledFrom(events), 0, 10).Draw(r, "repeated")...)
			accepted := 0
			map1 := rapid.Bool().Draw(r, "mapped in between")
			for len(again) > 0 {
				size := rapid.IntRange(1, len(again)).Draw(r, "request")
				accepted += w.post(t, shuffled, again[:size]...).Accepted
				again = again[size:]
				if map1 {
					w.mapAll(t, shuffled)
					map1 = false
				}
			}
			require.Equal(r, len(events), accepted)
			w.mapAll(t, ordered)
			w.mapAll(t, shuffled)
			a, b := ordered.Source, shuffled.Source
			require.Equal(r, w.contacts(t, a), w.contacts(t, b))
			require.Equal(r, w.segments(t, a), w.segments(t, b))
			require.Equal(r, w.states(t, a), w.states(t, b))
		})
	}
	t.Run("sqlite", func(t *testing.T) { run(t, databasetest.OpenSQLite(t)) })
}

// mapAll gives every name that a stream may use a meaning.
func (w *world) mapAll(t *testing.T, f feeds.Feed) {
	t.Helper()
	for _, m := range []feeds.Meaning{
		{Kind: feeds.QueueName, Name: "unknown", Target: ids.Any(w.queues["loans"].ID)},
		{Kind: feeds.AgentName, Name: "stranger", Target: ids.Any(w.agents["1002"])},
		{Kind: feeds.CodeName, Name: "odd", Activity: "office", Paid: true},
	} {
		_, err := w.feeds.SetName(t.Context(), all, f.ID, m)
		require.NoError(t, err)
	}
}

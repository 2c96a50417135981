package facts_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// BenchmarkRollUp computes the facts of three agents over thirty days of eight hours:
// 24 states and 60 contacts a day each.
func BenchmarkRollUp(b *testing.B) {
	for b.Loop() {
		f := build(b, databasetest.OpenSQLite(b))
		r := rand.New(rand.NewPCG(1, 2))
		for day := range 30 {
			start := monday + calendar.Instant(day)*calendar.Day
			var states []records.StateDraft
			var contacts []records.ContactDraft
			for n, agent := range f.agents {
				for i := range 24 {
					from := start + calendar.Instant(i)*20*calendar.Minute
					to := from + 20*calendar.Minute
					states = append(states, records.StateDraft{AgentID: agent, Code: "x", Activity: records.Activities()[i%6/5], Paid: true, Billable: true, StartedAt: from, EndedAt: &to})
				}
				for i := range 60 {
					at := start + calendar.Instant(i)*8*calendar.Minute
					end := at + calendar.Instant(r.Int64N(int64(7*calendar.Minute)))
					contacts = append(contacts, records.ContactDraft{QueueID: f.queues[0].ID, Channel: contract.Voice, ExternalID: fmt.Sprint(day, n, i), ArrivedAt: at, Outcome: records.Answered, AnsweredAt: &at, EndedAt: &end, AgentID: agent,
						Segments: []records.SegmentDraft{{AgentID: agent, OfferedAt: at, AcceptedAt: &at, EndedAt: &end, Outcome: "accepted"}}})
				}
			}
			o := records.Origin{Client: f.clients[0].ID, Source: "s"}
			f.write(b, func(tx *database.Tx) error { _, err := f.book.PutStates(tx, o, states); return err })
			f.write(b, func(tx *database.Tx) error { _, err := f.book.PutContacts(tx, o, contacts); return err })
		}
		began := time.Now()
		n, err := f.facts.RollUp(context.Background(), nil)
		require.NoError(b, err)
		b.ReportMetric(float64(n), "buckets")
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "buckets/s")
	}
}

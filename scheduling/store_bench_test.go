package scheduling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// BenchmarkStoreRoster writes 300 agents x 28 days with 20 queues and reports how
// long the longest pause between two looks at the clock of another writer is.
func BenchmarkStoreRoster(b *testing.B) {
	db := databasetest.OpenSQLite(b)
	s := New(db, Services{Events: events.New(db)})
	for b.Loop() {
		var rows []Shift
		for range 300 {
			agent := ids.New[ids.Agent](db.IDs())
			for day := range 20 {
				at := calendar.Instant(day) * calendar.Day
				sh := Shift{ID: ids.New[ids.Shift](db.IDs()), AgentID: agent, BusinessDay: calendar.Date(day), StartAt: at, EndAt: at + 9*calendar.Hour, Template: "site/day"}
				for k := range 7 {
					sh.Activities = append(sh.Activities, Activity{Kind: "work", StartAt: at + calendar.Instant(k)*calendar.Hour, EndAt: at + calendar.Instant(k+1)*calendar.Hour, Paid: true})
				}
				rows = append(rows, sh)
			}
		}
		client := ids.New[ids.Client](db.IDs())
		var cover []Coverage
		for range 20 {
			queue := ids.New[ids.Queue](db.IDs())
			for k := range 1344 {
				cover = append(cover, Coverage{QueueID: queue, StartAt: calendar.Instant(k) * grid, ClientID: client, Required: 3, Scheduled: 2})
			}
		}
		begun := time.Now()
		_, err := s.stageRoster(b.Context(), scope.Provider(), Roster{Name: "bench", Status: Draft, Zone: "UTC", Plans: []ids.Staffing{}}, rows, cover)
		require.NoError(b, err)
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms/roster")
	}
}

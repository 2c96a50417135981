package billing_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// BenchmarkDraft drafts a month of 60 agents with nine hours a day in three activities, on SQLite.
func BenchmarkDraft(b *testing.B) {
	db := databasetest.OpenSQLite(b)
	f := newFixture(b, db)
	ctx, all, p := context.Background(), scope.Provider(), people.NewService(db)
	sites, err := p.Sites(ctx, all)
	require.NoError(b, err)
	teams, err := p.Teams(ctx, all)
	require.NoError(b, err)
	var hires []people.Hire
	for n := range 60 {
		hires = append(hires, people.Hire{Agent: people.Agent{Number: fmt.Sprint(2000 + n), Label: fmt.Sprintf("B-%d", n)}, Clients: []ids.Client{f.client.ID}, From: february.At(0, f.zone),
			Membership: people.Membership{SiteID: sites[0].ID, TeamID: teams[0].ID, Tier: people.Tiers()[n%3]}})
	}
	agents, err := p.HireAll(ctx, all, hires)
	require.NoError(b, err)
	rows := 0
	for d := march; d < april; d++ {
		var day []facts.AgentFact
		for _, a := range agents {
			for q := range 36 {
				for _, activity := range []records.Activity{records.Work, records.Break, facts.Handling} {
					x := facts.AgentFact{AgentID: a.ID, StartAt: d.At(14*60, f.zone) + calendar.Instant(q)*calendar.Quarter, Slot: string(activity), ClientID: f.client.ID, LOBID: f.lob.ID, Activity: activity}
					if activity == facts.Handling {
						x.HandleMS = 500_000
					} else {
						x.TotalMS, x.PaidMS, x.BillableMS = 450_000, 450_000, 400_000
					}
					day = append(day, x)
				}
			}
		}
		rows += len(day)
		require.NoError(b, db.Write(ctx, all, func(tx *database.Tx) error {
			_, err := database.Insert(tx, day)
			return err
		}))
	}
	for b.Loop() {
		i := f.draft(b, march)
		_, content, err := f.bills.Export(ctx, all, i.ID, "en")
		require.NoError(b, err)
		b.ReportMetric(float64(len(content)), "workbook-bytes")
	}
	b.ReportMetric(float64(rows), "facts")
}

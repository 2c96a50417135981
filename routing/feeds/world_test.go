package feeds_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/feeds"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// all is the whole provider.
var all = scope.Provider()

// world is two clients with a queue each and agents, and the services around them.
type world struct {
	db     *database.DB
	feeds  *feeds.Service
	facts  *facts.Service
	bank   contract.Client
	shop   contract.Client
	queues map[string]contract.Queue
	agents map[string]ids.Agent
}

// build makes the clients; agent 1001 and 1002 serve the bank, 2001 the shop.
func build(t testing.TB, db *database.DB) *world {
	t.Helper()
	ctx := context.Background()
	contracts, staff := contract.NewService(db), people.NewService(db)
	w := &world{db: db, feeds: feeds.NewService(db), facts: facts.NewService(db, contracts), queues: map[string]contract.Queue{}, agents: map[string]ids.Agent{}}
	skill, err := staff.CreateSkill(ctx, all, people.Skill{Slug: "voice", Name: "Voice"})
	require.NoError(t, err)
	site, err := staff.CreateSite(ctx, all, people.Site{Slug: "north", Name: "North", Zone: "UTC", Country: "GB"})
	require.NoError(t, err)
	team, err := staff.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "blue", Name: "Blue"})
	require.NoError(t, err)
	make := func(slug string, queues, agents []string) contract.Client {
		c, err := contracts.CreateClient(ctx, all, contract.Client{Slug: slug, Name: slug, Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		lob, err := contracts.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "main", Name: "Main"})
		require.NoError(t, err)
		for _, q := range queues {
			w.queues[q], err = contracts.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: q, Name: "Queue " + q, Channel: contract.Voice, SkillID: skill.ID})
			require.NoError(t, err)
		}
		var hires []people.Hire
		for _, a := range agents {
			hires = append(hires, people.Hire{Agent: people.Agent{Number: a, Label: a}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Middle}, Clients: []ids.Client{c.ID}})
		}
		staff, err := staff.HireAll(ctx, all, hires)
		require.NoError(t, err)
		for _, a := range staff {
			w.agents[a.Number] = a.ID
		}
		return c
	}
	w.bank = make("bank", []string{"cards", "loans"}, []string{"1001", "1002"})
	w.shop = make("shop", []string{"orders"}, []string{"2001"})
	return w
}

// feed makes a feed.
func (w *world) feed(t testing.TB, client ids.Client, kind feeds.Format, source string) feeds.Feed {
	t.Helper()
	f, secret, err := w.feeds.Create(context.Background(), scope.Provider(), feeds.NewFeed{Client: client, Name: source, Source: source, Kind: kind})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(secret, feeds.TokenPrefix))
	return f
}

// post posts lines of JSON and wants them taken as a whole.
func (w *world) post(t testing.TB, f feeds.Feed, lines ...string) feeds.Receipt {
	t.Helper()
	items, err := f.ReadItems("application/x-ndjson", []byte(strings.Join(lines, "\n")))
	require.NoError(t, err)
	got, err := w.feeds.Post(context.Background(), f.ID, items)
	require.NoError(t, err)
	require.Len(t, got.Reasons, got.Refused)
	require.Equal(t, len(items), got.Accepted+got.Duplicates+got.Refused+got.Ignored)
	return got
}

// at gives an instant some seconds into the test's day, an hour ago.
func (w *world) at(seconds float64) calendar.Instant {
	return w.db.Now().Floor(calendar.Hour) - 3*calendar.Hour + calendar.Instant(seconds*float64(calendar.Second))
}

// event writes an event as JSON; the fields come in pairs.
func (w *world) event(seconds float64, kind feeds.Kind, fields ...any) string {
	v := map[string]any{"at": w.at(seconds).String(), "type": kind}
	for i := 0; i+1 < len(fields); i += 2 {
		v[fmt.Sprint(fields[i])] = fields[i+1]
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// contacts lists the current contacts of a source without what differs between two
// ways to the same rows.
func (w *world) contacts(t testing.TB, source string) []records.Contact {
	t.Helper()
	var out []records.Contact
	require.NoError(t, w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("source = ? AND is_current = ?", source, true).Order("arrived_at, external_id").Find(&out).Error
	}))
	for i := range out {
		out[i].ID, out[i].Revision, out[i].RecordedAt, out[i].Source, out[i].CustomerID, out[i].ContentHash = ids.Contact{}, 0, 0, "", ids.Customer{}, nil
	}
	return out
}

// segments lists the segments of the source's current contacts.
func (w *world) segments(t testing.TB, source string) []records.Segment {
	t.Helper()
	var out []records.Segment
	require.NoError(t, w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		current := tx.Model(&records.Contact{}).Select("id").Where("source = ? AND is_current = ?", source, true)
		return tx.Where("contact_id IN (?) AND is_current = ?", current, true).Order("offered_at, agent_id, seq").Find(&out).Error
	}))
	for i := range out {
		out[i].ID, out[i].ContactID, out[i].ContactRevision, out[i].RecordedAt = ids.Segment{}, ids.Contact{}, 0, 0
	}
	return out
}

// states lists the source's current states.
func (w *world) states(t testing.TB, source string) []records.State {
	t.Helper()
	var out []records.State
	require.NoError(t, w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("source = ? AND is_current = ?", source, true).Order("agent_id, started_at").Find(&out).Error
	}))
	for i := range out {
		out[i].ID, out[i].Revision, out[i].RecordedAt, out[i].Source, out[i].ContentHash = ids.State{}, 0, 0, "", nil
	}
	return out
}

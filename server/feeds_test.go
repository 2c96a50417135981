package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/records"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// feedIn posts a body with events by a token, without a session.
func (d *door) feedIn(path, token, kind, body string) answer {
	d.t.Helper()
	return (&caller{door: d}).send("POST", path, body, "Content-Type", kind, "Authorization", "Bearer "+token)
}

// queueOf makes a queue for a client.
func (d *door) queueOf(client contract.Client, slug string) contract.Queue {
	d.t.Helper()
	ctx, all := context.Background(), scope.Provider()
	lob, err := d.deps.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: client.ID, Slug: "lob-" + slug, Name: slug})
	require.NoError(d.t, err)
	skill, err := d.deps.People.CreateSkill(ctx, all, people.Skill{Slug: slug, Name: slug})
	require.NoError(d.t, err)
	q, err := d.deps.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: client.ID, LOBID: lob.ID, Slug: slug, Name: slug, Channel: contract.Voice, SkillID: skill.ID})
	require.NoError(d.t, err)
	return q
}

func TestFeedsTakeEventsByTheirOwnToken(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		d.queueOf(d.one, "cards")
		theirs := d.queueOf(d.two, "orders")
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		made := admin.send("POST", "/api/v1/feeds", map[string]any{"name": "Old ACD", "source": "acd", "kind": "json", "client_id": d.one.ID})
		require.Equal(t, 201, made.status, made.body)
		token, path := made.field("token").(string), "/api/v1/feeds/"+made.field("id").(string)
		require.NotContains(t, admin.send("GET", path, nil).body, "mff_", "the token is shown once")
		require.NotContains(t, admin.send("GET", "/api/v1/audit", nil).body, "mff_")

		at := func(s int) string { return (db.Now() + calendar.Instant(s-600)*calendar.Second).String() }
		events := fmt.Sprintf(`[{"at":%q,"type":"contact.entered","contact":"1","queue":"cards"},{"at":%q,"type":"contact.abandoned","contact":"1"},
			{"at":%q,"type":"contact.entered","contact":"2","queue":"orders"},{"at":%q,"type":"contact.abandoned","contact":"2"},{"at":%q,"type":"contact.left"},{"tyype":"x"}]`, at(0), at(30), at(1), at(31), at(2))
		got := d.feedIn(path+"/events", token, "application/json", events)
		require.Equal(t, 200, got.status, got.body)
		require.EqualValues(t, 4, got.field("accepted"), got.body)
		require.EqualValues(t, 2, got.field("refused"))
		require.EqualValues(t, 2, got.field("waiting"), "the other client's queue is unknown here")
		require.Contains(t, got.body, "feed.unknown_type")
		require.Contains(t, got.body, "feed.unreadable")
		again := d.feedIn(path+"/events", token, "application/json", events)
		require.EqualValues(t, 4, again.field("duplicates"), again.body)

		var contacts []records.Contact
		require.NoError(t, db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Find(&contacts).Error }))
		require.Len(t, contacts, 1)
		require.Equal(t, d.one.ID, contacts[0].ClientID)

		refused(t, admin.send("PUT", path+"/names", map[string]any{"kind": "queue", "name": "orders", "target_id": theirs.ID}), 404, "feed.no_queue_there")
		require.Equal(t, 200, admin.send("PUT", path+"/names", map[string]any{"kind": "queue", "name": "orders", "ignore": true}).status)
		require.Contains(t, admin.send("GET", path+"/refusals", nil).body, "feed.unknown_type")

		refused(t, d.feedIn(path+"/events", "mff_wrong", "application/json", "[]"), 401, "feed.bad_token")
		refused(t, d.feedIn(path+"/events", token, "application/json", "[{"), 422, "feed.malformed")
		refused(t, d.feedIn(path+"/events", token, "application/json", strings.Repeat(" ", 4<<20)+"[]"), 413, "feed.body_too_large")
		require.Equal(t, 401, (&caller{door: d}).send("GET", "/api/v1/clients", nil, "Authorization", "Bearer "+token).status, "it opens nothing else")
		require.Equal(t, 200, d.feedIn(path+"/events", token, "application/json", "[]").status, "a sign of life")

		renewed := admin.send("POST", path+"/token", nil)
		require.Equal(t, 200, renewed.status, renewed.body)
		refused(t, d.feedIn(path+"/events", token, "application/json", "[]"), 401, "feed.bad_token")
		require.Equal(t, 200, d.feedIn(path+"/events", renewed.field("token").(string), "application/json", "[]").status)
		stored := admin.send("GET", path, nil)
		require.Equal(t, 200, admin.send("PATCH", path, map[string]any{"active": false}, "If-Match", stored.header.Get("ETag")).status)
		refused(t, d.feedIn(path+"/events", renewed.field("token").(string), "application/json", "[]"), 409, "feed.paused")
		require.Equal(t, 204, admin.send("DELETE", path, nil).status)
		refused(t, admin.send("GET", path, nil), 404, "feed.not_found")
	})
}

// A feed lies behind its client's wall, for people and for their API tokens.
func TestFeedsLieBehindTheWallOfTheirClient(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		made := admin.send("POST", "/api/v1/feeds", map[string]any{"name": "One", "kind": "json", "client_id": d.one.ID})
		require.Equal(t, 201, made.status, made.body)
		path := "/api/v1/feeds/" + made.field("id").(string)
		own := admin.send("POST", "/api/v1/feeds", map[string]any{"name": "Provider's", "kind": "json"})
		require.Equal(t, 201, own.status, own.body)
		other := d.as("manager-two", access.Manager, access.ClientDomain(d.two.ID))
		refused(t, other.send("GET", path, nil), 404, "feed.not_found")
		require.NotContains(t, other.send("GET", "/api/v1/feeds", nil).body, "One")
		refused(t, other.send("POST", path+"/events", []any{}), 404, "feed.not_found")
		refused(t, other.send("POST", "/api/v1/feeds/"+own.field("id").(string)+"/events", []any{}), 404, "feed.not_found")
		refused(t, other.send("POST", path+"/token", nil), 404, "feed.not_found")
		refused(t, other.send("POST", "/api/v1/feeds", map[string]any{"name": "Mine", "kind": "json"}), 403, "access.provider_only")
		refused(t, other.send("POST", "/api/v1/feeds", map[string]any{"name": "Mine", "kind": "json", "client_id": d.one.ID}), 404, "client.not_found")
		mine := d.as("manager-one", access.Manager, access.ClientDomain(d.one.ID))
		require.Equal(t, 200, mine.send("POST", path+"/events", []any{}).status)
		token := mine.send("POST", "/api/v1/tokens", map[string]any{"name": "feeder", "scopes": []string{"feeds:upload"}})
		require.Equal(t, 201, token.status, token.body)
		require.Equal(t, 200, d.feedIn(path+"/events", token.field("secret").(string), "application/json", "[]").status)
		viewer := d.as("planner", access.Planner, access.ProviderDomain)
		refused(t, viewer.send("POST", path+"/events", []any{}), 403, "access.forbidden")
		require.Equal(t, 200, viewer.send("GET", path, nil).status)
		refused(t, viewer.send("PUT", path+"/names", map[string]any{"kind": "agent", "name": "x", "ignore": true}), 403, "access.forbidden")
	})
}

// Agents and contacts of a feed are seen on the floor; nothing here can be done to them.
func TestTheFloorShowsWhatFeedsTell(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		q := d.queueOf(d.one, "cards")
		site, err := d.deps.People.CreateSite(t.Context(), scope.Provider(), people.Site{Slug: "north", Name: "North", Zone: "UTC", Country: "GB"})
		require.NoError(t, err)
		team, err := d.deps.People.CreateTeam(t.Context(), scope.Provider(), people.Team{SiteID: site.ID, Slug: "blue", Name: "Blue"})
		require.NoError(t, err)
		staff, err := d.deps.People.HireAll(t.Context(), scope.Provider(), []people.Hire{{Agent: people.Agent{Number: "77", Label: "77"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Middle}, Clients: []ids.Client{d.one.ID}}})
		require.NoError(t, err)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		made := admin.send("POST", "/api/v1/feeds", map[string]any{"name": "Old ACD", "kind": "json", "client_id": d.one.ID})
		require.Equal(t, 201, made.status, made.body)
		at := func(s int) string { return (db.Now() + calendar.Instant(s-600)*calendar.Second).String() }
		lines := fmt.Sprintf(`{"at":%q,"type":"agent.pause","agent":"77","code":"lunch"}
{"at":%q,"type":"contact.entered","contact":"1","queue":"cards"}`, at(0), at(60))
		got := d.feedIn("/api/v1/feeds/"+made.field("id").(string)+"/events", made.field("token").(string), "application/x-ndjson", lines)
		require.EqualValues(t, 2, got.field("accepted"), got.body)

		floor := admin.send("GET", "/api/v1/floor", nil)
		require.Equal(t, 200, floor.status, floor.body)
		agents, queues := floor.field("agents").([]any), floor.field("queues").([]any)
		require.Len(t, agents, 1)
		agent, queue := agents[0].(map[string]any), queues[0].(map[string]any)
		require.Equal(t, "Old ACD", agent["source"])
		require.Equal(t, []any{"not_ready", "meal"}, []any{agent["state"], agent["reason"]})
		require.Equal(t, at(0), agent["since"])
		require.Equal(t, q.ID.String(), queue["id"])
		require.EqualValues(t, 1, queue["waiting"])
		require.EqualValues(t, 540, queue["longest_wait_seconds"])
		require.EqualValues(t, 0, queue["agents_ready"])
		refused(t, admin.send("POST", "/api/v1/floor/actions", map[string]any{"kind": "set_state", "agents": []any{staff[0].ID}, "state": "ready"}), 409, "floor.fed_agent")
		other := d.as("manager-two", access.Manager, access.ClientDomain(d.two.ID))
		require.NotContains(t, other.send("GET", "/api/v1/floor", nil).body, "Old ACD")
	})
}

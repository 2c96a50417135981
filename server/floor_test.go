package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/webhooks"
)

// crew is a queue of the first client with two agents who can sign in.
type crew struct {
	queue  contract.Queue
	agents []people.Agent
	users  []*caller
}

func (w *wire) crew() crew {
	w.t.Helper()
	ctx, all := w.t.Context(), scope.Provider()
	var out crew
	lob, err := w.deps.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: w.one.ID, Slug: "l", Name: "L"})
	require.NoError(w.t, err)
	skill, err := w.deps.People.CreateSkill(ctx, all, people.Skill{Slug: "k", Name: "K"})
	require.NoError(w.t, err)
	out.queue, err = w.deps.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: w.one.ID, LOBID: lob.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skill.ID})
	require.NoError(w.t, err)
	site, err := w.deps.People.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
	require.NoError(w.t, err)
	team, err := w.deps.People.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(w.t, err)
	var hires []people.Hire
	for i := range 2 {
		hires = append(hires, people.Hire{Agent: people.Agent{Number: fmt.Sprint(i), Label: fmt.Sprint("A", i)}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, Skills: []people.AgentSkill{{SkillID: skill.ID, Proficiency: 70}}, Clients: []ids.Client{w.one.ID}})
	}
	out.agents, err = w.deps.People.HireAll(ctx, all, hires)
	require.NoError(w.t, err)
	for i, a := range out.agents {
		login := fmt.Sprint("agent", i)
		user, err := w.deps.Access.CreateUser(ctx, access.NewUser{Login: login, Password: password, Locale: "en", AgentID: a.ID})
		require.NoError(w.t, err)
		require.NoError(w.t, w.deps.Access.Grant(ctx, user.ID, access.AgentRole, access.SelfDomain, nil))
		token, identity, err := w.deps.Access.SignIn(ctx, login, password, "127.0.0.1", "test")
		require.NoError(w.t, err)
		out.users = append(out.users, &caller{door: w.door, user: user.ID, csrf: identity.CSRF, cookie: &http.Cookie{Name: "muster_session", Value: token}})
	}
	return out
}

// desk reads an agent's desk until it looks as wanted.
func (w *wire) desk(c *caller, want func(map[string]any) bool) map[string]any {
	w.t.Helper()
	var seen map[string]any
	require.Eventually(w.t, func() bool {
		a, err := w.call(c, http.MethodGet, "/api/v1/me/desk", "application/json", nil)
		require.NoError(w.t, err)
		require.Equal(w.t, 200, a.status, a.body)
		seen = map[string]any{}
		require.NoError(w.t, json.Unmarshal([]byte(a.body), &seen))
		return want(seen)
	}, 10*time.Second, 10*time.Millisecond, "the desk is %v", &seen)
	return seen
}

func holds(state string) func(map[string]any) bool {
	return func(desk map[string]any) bool {
		contacts := desk["contacts"].([]any)
		return len(contacts) == 1 && contacts[0].(map[string]any)["state"] == state
	}
}

func TestAnAgentTransfersAndParksOverTheAPI(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		c := w.crew()
		w.floor()
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		for _, u := range c.users {
			require.Equal(t, 200, w.post(u, "/api/v1/me/state", map[string]string{"state": "ready"}).status)
		}
		a := w.post(admin, "/api/v1/contacts", map[string]any{"client_id": w.one.ID, "queue_id": c.queue.ID, "source": "cti", "external_id": "1", "preferred_agent_id": c.agents[0].ID})
		require.Equal(t, 202, a.status, a.body)
		id := a.field("contact_id").(string)
		first, second := c.users[0], c.users[1]
		if desk := w.desk(first, func(map[string]any) bool { return true }); len(desk["contacts"].([]any)) == 0 {
			first, second = second, first
		}
		seen := w.desk(first, holds("offered"))
		reason := seen["contacts"].([]any)[0].(map[string]any)["reason"].(map[string]any)
		require.Equal(t, "best_agent", reason["rule"], "reasons speak by documented names")
		require.NotEmpty(t, reason["agents"].([]any)[0].(map[string]any)["label"])
		require.Equal(t, 200, w.post(first, "/api/v1/me/offers/"+id+"/accept", nil).status)

		targets, err := w.call(first, http.MethodGet, "/api/v1/me/contacts/"+id+"/targets", "application/json", nil)
		require.NoError(t, err)
		require.Equal(t, 200, targets.status, targets.body)
		other := targets.field("agents").([]any)[0].(map[string]any)["id"].(string)
		refused(t, w.post(second, "/api/v1/me/contacts/"+id+"/transfer", map[string]string{"agent_id": other}), 404, "contact.not_open")
		refused(t, w.post(first, "/api/v1/me/contacts/"+id+"/transfer", map[string]string{}), 422, "desk.no_target")
		a = w.post(first, "/api/v1/me/contacts/"+id+"/transfer", map[string]string{"agent_id": other})
		require.Equal(t, 200, a.status, a.body)
		w.desk(second, holds("offered"))
		require.Equal(t, 200, w.post(second, "/api/v1/me/offers/"+id+"/accept", nil).status)
		until := w.db.Now() + calendar.Hour
		a = w.post(second, "/api/v1/me/contacts/"+id+"/park", map[string]string{"until": until.String()})
		require.Equal(t, 200, a.status, a.body)
		w.desk(second, func(desk map[string]any) bool { return len(desk["parked"].([]any)) == 1 })
		require.Equal(t, 200, w.post(second, "/api/v1/me/contacts/"+id+"/resume", nil).status)
		w.desk(second, func(desk map[string]any) bool { return len(desk["parked"].([]any)) == 0 })
		a, err = w.call(second, http.MethodPost, "/api/v1/me/heartbeat", "application/json", nil)
		require.NoError(t, err)
		require.Equal(t, 204, a.status, a.body)
	})
}

func TestTheLeaderSteersTheFloorAndOthersDoNot(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		c := w.crew()
		w.floor()
		leader := w.as("leader", access.TeamLeader, access.ProviderDomain)
		planner := w.as("planner", access.Planner, access.ProviderDomain)
		client := w.as("client", access.ClientRole, access.ClientDomain(w.one.ID))
		require.Equal(t, 200, w.post(c.users[0], "/api/v1/me/state", map[string]string{"state": "ready"}).status)
		action := map[string]any{"kind": "set_state", "agents": []any{c.agents[0].ID}, "state": "not_ready", "reason": "training"}
		refused(t, w.post(planner, "/api/v1/floor/actions", action), 403, "access.forbidden")
		refused(t, w.post(client, "/api/v1/floor/actions", action), 403, "access.forbidden")
		a := w.post(leader, "/api/v1/floor/actions", action)
		require.Equal(t, 201, a.status, a.body)
		w.desk(c.users[0], func(desk map[string]any) bool { return desk["reason"] == "training" })
		undone := w.post(leader, "/api/v1/floor/actions/"+a.field("id").(string)+"/undo", nil)
		require.Equal(t, 200, undone.status, undone.body)
		w.desk(c.users[0], func(desk map[string]any) bool { return desk["state"] == "ready" })
		refused(t, w.post(leader, "/api/v1/floor/actions/"+a.field("id").(string)+"/undo", nil), 409, "floor.cannot_undo")
		var n int64
		require.NoError(t, w.db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			return tx.Model(&audit.Entry{}).Where("action IN ? AND actor_id = ?", []string{"floor.set_state", "floor.undone"}, leader.user).Count(&n).Error
		}))
		require.EqualValues(t, 2, n)
	})
}

func TestRoutingSettingsOverTheAPI(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		c := w.crew()
		manager := w.as("manager", access.Manager, access.ProviderDomain)
		path := "/api/v1/queues/" + c.queue.ID.String() + "/routing"
		put := func(by *caller, path, version string, body any) answer {
			text, err := json.Marshal(body)
			require.NoError(t, err)
			a, err := w.call(by, http.MethodPut, path, "application/json", bytes.NewReader(text), "If-Match", version)
			require.NoError(t, err)
			return a
		}
		a, err := w.call(manager, http.MethodGet, path, "application/json", nil)
		require.NoError(t, err)
		require.Equal(t, `"v0"`, a.header.Get("ETag"))
		refused(t, put(manager, path, "", routing.QueuePolicy{}), 422, "http.if_match_missing")
		refused(t, put(manager, path, `"v0"`, routing.QueuePolicy{Strategy: "fastest"}), 422, "routing.unknown_strategy")
		a = put(manager, path, `"v0"`, routing.QueuePolicy{Strategy: "longest_idle", Script: "Hello"})
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, `"v1"`, a.header.Get("ETag"))
		refused(t, put(manager, path, `"v0"`, routing.QueuePolicy{}), 412, "http.stale")
		refused(t, put(w.as("planner", access.Planner, access.ProviderDomain), path, `"v1"`, routing.QueuePolicy{}), 403, "access.forbidden")
		refused(t, put(w.as("one", access.Manager, access.ClientDomain(w.one.ID)), "/api/v1/routing/pools/gold", `"v0"`, routing.PoolPolicy{Name: "Gold"}), 403, "routing.provider_only")
		stranger := w.as("two", access.Manager, access.ClientDomain(w.two.ID))
		a, err = w.call(stranger, http.MethodGet, path, "application/json", nil)
		require.NoError(t, err)
		refused(t, a, 404, "queue.not_found")

		secret := "shared with the partner only"
		a = put(manager, "/api/v1/routing/partners/north", `"v0"`, map[string]string{"name": "North", "url": "https://north.example/hook", "secret": secret})
		require.Equal(t, 200, a.status, a.body)
		require.NotContains(t, a.body, secret)
		refused(t, put(manager, "/api/v1/routing/partners/evil", `"v0"`, map[string]string{"name": "E", "url": "http://10.0.0.1/hook", "secret": secret}), 422, "routing.partner_url")
		for _, path := range []string{"/api/v1/routing/partners", "/api/v1/routing/history", "/api/v1/audit"} {
			a, err := w.call(manager, http.MethodGet, path, "application/json", nil)
			require.NoError(t, err)
			require.Equal(t, 200, a.status, path)
			require.NotContains(t, a.body, secret, path)
			require.NotContains(t, a.body, "sealed", path)
		}
		body := []byte(`{"id":"` + c.queue.ID.String() + `","outcome":"accepted"}`)
		a, err = w.call(nil, http.MethodPost, "/api/v1/partners/north/answers", "application/json", bytes.NewReader(body))
		require.NoError(t, err)
		refused(t, a, 401, "partner.signature")
		a, err = w.call(nil, http.MethodPost, "/api/v1/partners/north/answers", "application/json", bytes.NewReader(body), "X-Muster-Signature", webhooks.Sign([]byte(secret), body, w.db.Now()))
		require.NoError(t, err)
		refused(t, a, 404, "partner.no_handover")
	})
}

// A reader who comes back with the id of the present state has missed nothing.
func TestStreamsResume(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		w.crew()
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		read := func(last string) (id string) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+w.address+"/api/v1/floor/stream", nil)
			require.NoError(t, err)
			req.AddCookie(admin.cookie)
			req.Header.Set("Last-Event-ID", last)
			res, err := w.client.Do(req)
			require.NoError(t, err)
			defer func() { _ = res.Body.Close() }()
			seen := ""
			for buffer := make([]byte, 4096); ; {
				n, err := res.Body.Read(buffer)
				require.NoError(t, err)
				seen += string(buffer[:n])
				if i := bytes.Index([]byte(seen), []byte("id: ")); i >= 0 && len(seen) > i+20 {
					return seen[i+4 : i+20]
				}
				if bytes.Contains([]byte(seen), []byte(": alive")) {
					return ""
				}
			}
		}
		id := read("")
		require.Len(t, id, 16)
		require.Equal(t, id, read("0000000000000000"), "another state is sent whole")
	})
}

package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"muster/billing"
	"muster/config"
	"muster/reporting"
	"muster/reporting/supervision"
	"muster/routing"
	"muster/routing/customers"
	"muster/routing/facts"
	"muster/routing/feeds"
	"muster/routing/intake"
	"muster/scheduling"
	"muster/server"
	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

const password = "correct horse battery"

// door is a server with two clients and one user per role that tests need.
type door struct {
	t        *testing.T
	db       *database.DB
	deps     server.Deps
	server   *server.Server
	one, two contract.Client
}

// open builds the door on the database.
func open(t *testing.T, db *database.DB) *door {
	t.Helper()
	box, err := secrets.NewBox(bytes.Repeat([]byte("k"), secrets.KeyBytes))
	require.NoError(t, err)
	who, err := access.NewService(db, access.Settings{})
	require.NoError(t, err)
	require.NoError(t, who.Prepare(t.Context()))
	d := &door{t: t, db: db, deps: server.Deps{DB: db, Access: who, Contracts: contract.NewService(db), People: people.NewService(db), Jobs: jobs.New(db),
		Live: routing.New(db, contract.NewService(db), people.NewService(db), "test", nil), Intake: intake.NewService(db, contract.NewService(db), people.NewService(db)), Reports: reporting.NewService(db), Billing: billing.NewService(db, reporting.NewService(db)),
		Audit: audit.New(db, box), Files: files.New(db), Events: events.New(db), Screens: fstest.MapFS{"index.html": {Data: []byte("<html>screens</html>")}, "assets/a-1.js": {Data: []byte("1")}}}}
	d.deps.Customers = customers.NewService(db)
	d.deps.Box, d.deps.Webhooks = box, webhooks.New(db, box, d.deps.Events, true)
	d.deps.Feeds = feeds.NewService(db)
	d.deps.Scheduling = scheduling.New(db, scheduling.Services{Contracts: d.deps.Contracts, People: d.deps.People, Facts: facts.NewService(db, d.deps.Contracts), Jobs: d.deps.Jobs, Events: d.deps.Events})
	d.deps.Live.UseSecrets(box)
	d.deps.Supervision = supervision.New(db, supervision.Services{Live: d.deps.Live, Planning: d.deps.Scheduling, Contracts: d.deps.Contracts, People: d.deps.People, Facts: facts.NewService(db, d.deps.Contracts), Billing: d.deps.Billing, Events: d.deps.Events, Audit: d.deps.Audit}, nil)
	d.server, err = server.New(config.Defaults(config.Demo), d.deps, nil, "test")
	require.NoError(t, err)
	require.NoError(t, d.deps.Live.Prepare(t.Context()))
	require.NoError(t, d.deps.Contracts.SetUpProvider(t.Context(), contract.ProviderRow{Name: "Provider", Zone: "UTC", Locale: "en", Currency: "EUR"}))
	for i, c := range []*contract.Client{&d.one, &d.two} {
		*c, err = d.deps.Contracts.CreateClient(t.Context(), scope.Provider(), contract.Client{Slug: fmt.Sprint("client-", i), Name: fmt.Sprint("Client ", i), Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
	}
	return d
}

// caller is a signed-in user.
type caller struct {
	door   *door
	user   ids.User
	cookie *http.Cookie
	csrf   string
}

// as makes a user with the role and signs in.
func (d *door) as(login, role string, domain access.Domain) *caller {
	d.t.Helper()
	u, err := d.deps.Access.CreateUser(d.t.Context(), access.NewUser{Login: login, Password: password, Locale: "en"})
	require.NoError(d.t, err)
	require.NoError(d.t, d.deps.Access.Grant(d.t.Context(), u.ID, role, domain, nil))
	c := d.signIn(login)
	c.user = u.ID
	return c
}

// signIn signs a user in who exists already.
func (d *door) signIn(login string) *caller {
	d.t.Helper()
	c := &caller{door: d}
	res := c.send("POST", "/api/v1/session", map[string]string{"login": login, "password": password})
	for res.status == 503 && d.t.Context().Err() == nil { // a hasty server on a busy machine
		res = c.send("POST", "/api/v1/session", map[string]string{"login": login, "password": password})
	}
	require.Equal(d.t, 200, res.status, res.body)
	for _, k := range res.cookies {
		c.cookie = k
	}
	require.NotNil(d.t, c.cookie)
	require.True(d.t, c.cookie.HttpOnly)
	require.Equal(d.t, http.SameSiteStrictMode, c.cookie.SameSite)
	c.csrf = res.field("csrf").(string)
	return c
}

// answer is what came back.
type answer struct {
	t       *testing.T
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

// field reads a dotted field of the JSON body.
func (a answer) field(path string) any {
	a.t.Helper()
	var v any
	require.NoError(a.t, json.Unmarshal([]byte(a.body), &v), a.body)
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		require.True(a.t, ok, "%s in %s", path, a.body)
		v = m[key]
	}
	return v
}

// send calls the API; headers are pairs.
func (c *caller) send(method, path string, body any, headers ...string) answer {
	c.door.t.Helper()
	var reader io.Reader
	if text, ok := body.(string); ok {
		reader = strings.NewReader(text)
	} else if body != nil {
		b, err := json.Marshal(body)
		require.NoError(c.door.t, err)
		reader = bytes.NewReader(b)
	}
	req := httptest.NewRequest(method, path, reader)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != nil {
		req.AddCookie(c.cookie)
		req.Header.Set("X-CSRF-Token", c.csrf)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.door.server.App().Test(req, -1)
	require.NoError(c.door.t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(c.door.t, err)
	return answer{t: c.door.t, status: res.StatusCode, body: string(b), header: res.Header, cookies: res.Cookies()}
}

// refused checks status and code of a problem.
func refused(t *testing.T, a answer, status int, code string) {
	t.Helper()
	require.Equal(t, status, a.status, a.body)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	require.Equal(t, code, a.field("code"), a.body)
	require.NotEmpty(t, a.field("request_id"))
	require.Equal(t, a.field("request_id"), a.header.Get("X-Request-Id"))
}

func TestRefusals(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
		nobody := &caller{door: d}
		forged := *admin
		forged.csrf = "wrong"
		body := map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}

		refused(t, nobody.send("GET", "/api/v1/clients", nil), 401, "access.no_session")
		refused(t, nobody.send("POST", "/api/v1/session", map[string]string{"login": "admin", "password": "wrong password"}), 401, "access.bad_credentials")
		refused(t, forged.send("POST", "/api/v1/clients", body), 403, "access.csrf")
		refused(t, client.send("POST", "/api/v1/clients", body), 403, "access.forbidden")
		refused(t, client.send("GET", "/api/v1/people", nil), 403, "access.forbidden")
		refused(t, client.send("GET", "/api/v1/clients/"+d.two.ID.String(), nil), 404, "client.not_found")
		refused(t, client.send("GET", "/api/v1/clients/"+ids.New[ids.Client](db.IDs()).String(), nil), 404, "client.not_found")
		refused(t, client.send("GET", "/api/v1/clients/"+d.two.ID.String()+"/queues", nil), 404, "client.not_found")
		refused(t, admin.send("GET", "/api/v1/nothing", nil), 404, "http.not_found")
		refused(t, admin.send("POST", "/api/v1/clients", map[string]any{"slug": "x", "name": "X", "zone": "UTC", "currency": "EUR", "colour": "red"}), 422, "http.malformed")
		refused(t, admin.send("POST", "/api/v1/clients", `{"slug": "x"`), 400, "http.malformed")
		refused(t, admin.send("POST", "/api/v1/clients", "slug=x", "Content-Type", "application/x-www-form-urlencoded"), 415, "http.content_type")
		refused(t, admin.send("POST", "/api/v1/clients", `{"slug": "`+strings.Repeat("x", 5<<20)+`"}`), 413, "http.too_large")
		refused(t, admin.send("POST", "/api/v1/clients", map[string]any{"slug": "x", "name": "X", "zone": "Mars", "currency": "EUR"}), 422, "contract.unknown_zone")
		refused(t, admin.send("GET", "/api/v1/jobs?cursor=zzz", nil), 422, "http.bad_cursor")

		// The client's own list names nobody else.
		own := client.send("GET", "/api/v1/clients", nil)
		require.Equal(t, 200, own.status)
		require.Contains(t, own.body, "client-0")
		require.NotContains(t, own.body, "client-1")
	})
}

func TestChangesAreIdempotentAndAudited(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		body := map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}
		first := admin.send("POST", "/api/v1/clients", body, "Idempotency-Key", "k1")
		require.Equal(t, 201, first.status, first.body)
		again := admin.send("POST", "/api/v1/clients", body, "Idempotency-Key", "k1")
		require.Equal(t, 201, again.status, again.body)
		require.JSONEq(t, first.body, again.body)
		require.Equal(t, first.header.Get("ETag"), again.header.Get("ETag"))
		body["slug"] = "other"
		refused(t, admin.send("POST", "/api/v1/clients", body, "Idempotency-Key", "k1"), 409, "http.idempotency_reused")
		body["slug"] = "new"
		refused(t, admin.send("POST", "/api/v1/clients", body, "Idempotency-Key", "k2"), 409, "contract.duplicate_slug")
		log := admin.send("GET", "/api/v1/audit", nil)
		require.Equal(t, 200, log.status, log.body)
		require.Equal(t, 1, strings.Count(log.body, `"create-client"`), "one entry for one change: %s", log.body)
		require.Contains(t, log.body, admin.user.String())
	})
}

func TestRevocationActsAtTheNextRequest(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		require.Equal(t, 200, client.send("GET", "/api/v1/clients", nil).status)
		require.Equal(t, 204, admin.send("POST", "/api/v1/users/"+client.user.String()+"/revocations", map[string]string{"role": "client", "domain": "client:" + d.one.ID.String()}).status)
		refused(t, client.send("GET", "/api/v1/clients", nil), 403, "access.forbidden")
		require.Equal(t, 204, client.send("DELETE", "/api/v1/session", nil).status)
		refused(t, client.send("GET", "/api/v1/session", nil), 401, "access.no_session")
	})
}

func TestListsReadOnByCursor(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	d := open(t, db)
	admin := d.as("admin", access.Admin, access.ProviderDomain)
	for i := range 5 {
		require.Equal(t, 201, admin.send("POST", "/api/v1/skills", map[string]string{"slug": fmt.Sprint("s", i), "name": "S"}).status)
	}
	seen := map[string]bool{}
	cursor := ""
	for range 10 {
		page := admin.send("GET", "/api/v1/audit?limit=2&cursor="+cursor, nil)
		require.Equal(t, 200, page.status, page.body)
		for _, item := range page.field("items").([]any) {
			id := item.(map[string]any)["id"].(string)
			require.False(t, seen[id], "no row twice")
			seen[id] = true
		}
		next, _ := page.field("next_cursor").(string)
		if next == "" {
			break
		}
		cursor = next
	}
	require.Len(t, seen, 5)
	other := d.as("auditor", access.Manager, access.ClientDomain(d.one.ID))
	refused(t, other.send("GET", "/api/v1/audit?limit=2&cursor="+cursor, nil), 422, "http.bad_cursor")
}

func TestHealthScreensAndDescription(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	d := open(t, db)
	nobody := &caller{door: d}
	require.Equal(t, "ok\n", nobody.send("GET", "/healthz", nil).body)
	require.Equal(t, "ready\n", nobody.send("GET", "/readyz", nil).body)
	page := nobody.send("GET", "/plan/forecast", nil, "Accept", "text/html")
	require.Contains(t, page.body, "screens")
	require.Equal(t, "no-cache", page.header.Get("Cache-Control"))
	require.Contains(t, nobody.send("GET", "/assets/a-1.js", nil).header.Get("Cache-Control"), "immutable")
	require.Equal(t, 404, nobody.send("GET", "/assets/none.js", nil).status)
	spec := nobody.send("GET", "/openapi.json", nil)
	require.Equal(t, 200, spec.status)
	require.Equal(t, "3.1.0", spec.field("openapi"))
	require.Contains(t, nobody.send("GET", "/docs", nil).body, "docs.js")
}

func TestAPasswordMadeByOthersMustBeChangedFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		made := admin.send("POST", "/api/v1/users", map[string]string{"login": "new", "display": "New", "password": "given by admin"})
		require.Equal(t, 201, made.status, made.body)
		id := made.field("id").(string)
		require.Equal(t, 204, admin.send("POST", "/api/v1/users/"+id+"/grants", map[string]string{"role": "manager", "domain": "provider"}).status)
		c := &caller{door: d}
		in := c.send("POST", "/api/v1/session", map[string]string{"login": "new", "password": "given by admin"})
		require.Equal(t, 200, in.status, in.body)
		c.cookie, c.csrf = in.cookies[0], in.field("csrf").(string)
		refused(t, c.send("GET", "/api/v1/clients", nil), 403, "access.must_change")
		require.Equal(t, 204, c.send("POST", "/api/v1/session/password", map[string]string{"old": "given by admin", "new": "a password of mine"}).status)
		require.Equal(t, 200, c.send("GET", "/api/v1/clients", nil).status, "the same session goes on")
		refused(t, (&caller{door: d}).send("POST", "/api/v1/session", map[string]string{"login": "new", "password": "given by admin"}), 401, "access.bad_credentials")
	})
}

func TestWhatWasSentIsNotEchoed(t *testing.T) {
	d := open(t, databasetest.OpenSQLite(t))
	nobody := &caller{door: d}
	answer := nobody.send("POST", "/api/v1/session", map[string]string{"name": "x", "password": "my secret words"})
	require.Equal(t, 422, answer.status)
	require.NotContains(t, answer.body, "my secret words")
}

func TestRightsOverUsersHoldForTheWholeProviderOnly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		narrow := d.as("narrow", access.Admin, access.ClientDomain(d.one.ID))
		grant := map[string]string{"role": "admin", "domain": "provider"}
		refused(t, narrow.send("POST", "/api/v1/users/"+narrow.user.String()+"/grants", grant), 403, "access.provider_only")
		refused(t, narrow.send("GET", "/api/v1/users", nil), 403, "access.provider_only")
		refused(t, narrow.send("POST", "/api/v1/users", map[string]string{"login": "x", "display": "x", "password": "long enough pw"}), 403, "access.provider_only")
		require.Equal(t, 200, narrow.send("GET", "/api/v1/clients", nil).status)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		body := map[string]any{"permissions": []map[string]string{{"object": "facts", "action": "view"}}}
		refused(t, admin.send("PUT", "/api/v1/roles/finance/permissions", body), 422, "http.if_match_missing")
		refused(t, admin.send("PUT", "/api/v1/roles/finance/permissions", body, "If-Match", `"v99"`), 412, "http.stale")
		require.Equal(t, 204, admin.send("PUT", "/api/v1/roles/finance/permissions", body, "If-Match", `"v1"`).status)
	})
}

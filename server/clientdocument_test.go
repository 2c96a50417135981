package server_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/server/onboard"
	"muster/tenants/access"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// outcomes counts the applied parts by outcome.
func outcomes(r answer) map[string]int {
	var body struct {
		Steps []onboard.AppliedPart `json:"steps"`
		Items []onboard.AppliedPart `json:"items"`
	}
	_ = json.Unmarshal([]byte(r.body), &body)
	out := map[string]int{}
	for _, s := range append(body.Steps, body.Items...) {
		out[string(s.Outcome)]++
	}
	return out
}

// TestAClientIsSetUpByDocument goes from nothing to a changed price over the API, and tries to break the way there.
func TestAClientIsSetUpByDocument(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		text := map[string]any{"document": onboard.Example}

		checked := admin.send("POST", "/api/v1/client-documents/check", text)
		require.Equal(t, 200, checked.status, checked.body)
		require.Positive(t, outcomes(checked)["created"])
		require.NotContains(t, admin.send("GET", "/api/v1/clients", nil).body, "linan", "a check stores nothing")

		made := admin.send("POST", "/api/v1/client-documents", text)
		require.Equal(t, 201, made.status, made.body)
		path := "/api/v1/clients/" + made.field("client_id").(string) + "/document"

		got := admin.send("GET", path, nil)
		require.Equal(t, 200, got.status, got.body)
		tag := got.header.Get("ETag")
		same := map[string]any{"document": got.body}
		again := admin.send("PUT", path, same, "If-Match", tag)
		require.Equal(t, 200, again.status, again.body)
		require.Equal(t, []string{"unchanged"}, slices.Collect(maps.Keys(outcomes(again))), again.body)

		edited := strings.Replace(strings.Replace(got.body, `"92"`, `"95"`, 1), "2026-01-01", "2026-03-01", 1)
		require.NotEqual(t, got.body, edited)
		changed := admin.send("PUT", path, map[string]any{"document": edited}, "If-Match", tag)
		require.Equal(t, 200, changed.status, changed.body)
		require.Equal(t, 1, outcomes(changed)["changed"], changed.body)
		refused(t, admin.send("PUT", path, same, "If-Match", tag), 412, "http.stale")
		refused(t, admin.send("PUT", path, same), 422, "http.if_match_missing")
		tag = admin.send("GET", path, nil).header.Get("ETag")
		refused(t, admin.send("PUT", path, map[string]any{"document": strings.Replace(edited, "linan", "lisan", 1)}, "If-Match", tag), 409, "client.other_document")
		refused(t, admin.send("PUT", path, map[string]any{"document": strings.Replace(edited, "higher", "more", 1)}, "If-Match", tag), 422, "client.document")

		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		require.Equal(t, 403, mine.send("GET", path, nil).status)
		narrow := d.as("narrow", access.Admin, access.ClientDomain(d.one.ID))
		refused(t, narrow.send("GET", path, nil), 403, "access.provider_only")
		refused(t, narrow.send("POST", "/api/v1/client-documents", text), 403, "access.provider_only")
	})
}

// TestOneAgentIsAdded adds an agent by form and refuses what does not fit together.
func TestOneAgentIsAdded(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		id := func(r answer) string {
			t.Helper()
			require.Equal(t, 201, r.status, r.body)
			return r.field("id").(string)
		}
		site := id(admin.send("POST", "/api/v1/sites", map[string]any{"slug": "north", "name": "North", "zone": "Asia/Manila", "country": "PH", "week_start": 1}))
		south := id(admin.send("POST", "/api/v1/sites", map[string]any{"slug": "south", "name": "South", "zone": "UTC", "country": "DE", "week_start": 1}))
		team := id(admin.send("POST", "/api/v1/teams", map[string]any{"site_id": site, "slug": "n1", "name": "N1"}))
		skill := id(admin.send("POST", "/api/v1/skills", map[string]any{"slug": "cards", "name": "Cards"}))
		agent := func(change ...string) map[string]any {
			v := map[string]any{"number": "4711", "name": "Maria Cruz", "site_id": site, "team_id": team, "tier": "middle", "from": "2026-01-05", "clients": []any{d.one.ID},
				"skills": []any{map[string]any{"skill_id": skill, "proficiency": 80}}, "weekly_minutes": 2400, "hourly_cost": "4.50", "currency": "USD"}
			for i := 0; i < len(change); i += 2 {
				v[change[i]] = change[i+1]
			}
			return v
		}
		id(admin.send("POST", "/api/v1/people", agent()))
		listed := admin.send("GET", "/api/v1/people", nil)
		require.Contains(t, listed.body, "Maria Cruz")
		require.Contains(t, listed.body, skill)
		refused(t, admin.send("POST", "/api/v1/people", agent()), 409, "people.duplicate_number")
		refused(t, admin.send("POST", "/api/v1/people", agent("number", "1", "site_id", south)), 422, "people.unknown_team")
		refused(t, admin.send("POST", "/api/v1/people", agent("number", " ")), 422, "people.incomplete")
		refused(t, admin.send("POST", "/api/v1/people", agent("number", "1", "currency", "XYZ")), 422, "contract.unknown_currency")
		refused(t, admin.send("POST", "/api/v1/people", agent("number", "1", "hourly_cost", "-1")), 422, "people.negative_cost")
		refused(t, admin.send("POST", "/api/v1/people", agent("number", "1", "tier", "wizard")), 422, "http.malformed")
		leader := d.as("leader", access.TeamLeader, access.ProviderDomain)
		require.Equal(t, 403, leader.send("POST", "/api/v1/people", agent("number", "1")).status)
	})
}

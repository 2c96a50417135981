package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

func TestWebhooksAreTheProvidersToSet(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		body := map[string]any{"url": "https://crm.example.com/muster", "client_id": d.one.ID, "types": []string{"invoice."}}
		made := admin.send("POST", "/api/v1/webhooks", body)
		require.Equal(t, 201, made.status, made.body)
		require.NotEmpty(t, made.field("secret"))
		path := "/api/v1/webhooks/" + made.field("id").(string)
		listed := admin.send("GET", "/api/v1/webhooks", nil)
		require.NotContains(t, listed.body, "whsec_", "the secret is shown once")
		require.NotContains(t, admin.send("GET", "/api/v1/audit", nil).body, "whsec_")
		refused(t, admin.send("PATCH", path, map[string]any{"active": false}), 422, "http.if_match_missing")
		require.Equal(t, 200, admin.send("PATCH", path, map[string]any{"active": false}, "If-Match", made.header.Get("ETag")).status)
		refused(t, admin.send("PATCH", path, map[string]any{"active": true}, "If-Match", made.header.Get("ETag")), 412, "http.stale")
		require.Equal(t, 200, admin.send("GET", path+"/deliveries", nil).status)
		refused(t, admin.send("POST", "/api/v1/webhooks", map[string]any{"url": "gopher://x"}), 422, "webhook.bad_url")
		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		require.Equal(t, 403, mine.send("GET", "/api/v1/webhooks", nil).status)
		require.Equal(t, 204, admin.send("DELETE", path, nil).status)
		refused(t, admin.send("DELETE", path, nil), 404, "webhook.not_found")
	})
}

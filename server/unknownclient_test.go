package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
)

// openAPI is the part of the description that the test reads.
type openAPI struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
			Schema   struct{ Default any }
		}
	}
}

// TestNobodysClientIsNotFound asks every reading operation that can be narrowed to a client for one that does not
// exist: whoever may see all clients gets no empty answer that looks like a client without rows, and whoever may see
// one client gets the same words for a foreign one.
func TestNobodysClientIsNotFound(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		admin := d.as("admin", access.Admin, access.ProviderDomain)
		mine := d.as("mine", access.Manager, access.ClientDomain(d.one.ID))
		var api openAPI
		require.NoError(t, json.Unmarshal([]byte(admin.send("GET", "/openapi.json", nil).body), &api))
		nobody := ids.New[ids.Client](db.IDs()).String()
		asked := 0
		for path, operations := range api.Paths {
			get, ok := operations["get"]
			if !ok {
				continue
			}
			query, narrowed := "", strings.HasPrefix(path, "/api/v1/clients/{id}")
			for _, p := range get.Parameters {
				if p.In != "query" {
					continue
				}
				if p.Name == "client" {
					narrowed = true
					query += "&client={id}"
				} else if p.Required {
					query += "&" + p.Name + "=2026-03-02"
				}
			}
			if !narrowed || strings.Count(path, "{") > 1 || (strings.Contains(path, "{") && !strings.HasPrefix(path, "/api/v1/clients/{id}")) {
				continue
			}
			target := path + "?" + strings.TrimPrefix(query, "&")
			asked++
			for who, c := range map[string]struct {
				caller *caller
				id     string
			}{"nobody's": {admin, nobody}, "foreign": {mine, d.two.ID.String()}} {
				res := c.caller.send("GET", strings.ReplaceAll(target, "{id}", c.id), nil)
				require.Contains(t, []int{403, 404, 422}, res.status, "%s %s: %s", who, target, res.body)
				if res.status != 403 {
					require.Contains(t, res.body, "client.not_found", "%s %s", who, target)
				}
			}
		}
		require.Greater(t, asked, 12, "the description names its parameters")
	})
}

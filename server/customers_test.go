package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/customers"
	"muster/tenants/access"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

func TestCustomersStayBehindTheirClientsWall(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		known := func(client ids.Client, kind, value string) string {
			t.Helper()
			f, err := d.deps.Customers.Identify(t.Context(), scope.Provider(), client, ids.Contact{}, []customers.Identity{{Kind: kind, Value: value}})
			require.NoError(t, err)
			return f.Customer.String()
		}
		caller, writer := known(d.one.ID, "phone", "+49301234"), known(d.one.ID, "mail", "a@b.c")
		manager := d.as("manager", access.Manager, access.ProviderDomain)
		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		other := d.as("client-two", access.ClientRole, access.ClientDomain(d.two.ID))

		require.Contains(t, manager.send("GET", "/api/v1/customers?identity=%2B49301234", nil).body, "+49301234")
		seen := mine.send("GET", "/api/v1/customers/"+caller, nil)
		require.Equal(t, 200, seen.status, seen.body)
		require.NotContains(t, seen.body, "+49301234", "identities are for those who may see profiles")
		refused(t, other.send("GET", "/api/v1/customers/"+caller, nil), 404, "customer.not_found")
		refused(t, other.send("GET", "/api/v1/customers/"+caller+"/contacts", nil), 404, "customer.not_found")
		require.Equal(t, "[]", string(must(t, other.send("GET", "/api/v1/customers?identity=a@b.c", nil))))
		refused(t, mine.send("GET", "/api/v1/contacts/"+caller+"/segments", nil), 404, "contact.not_found")

		require.Equal(t, 403, mine.send("POST", "/api/v1/customer-links", map[string]any{"kept_id": caller, "gone_id": writer}).status)
		link := manager.send("POST", "/api/v1/customer-links", map[string]any{"kept_id": caller, "gone_id": writer})
		require.Equal(t, 201, link.status, link.body)
		path := "/api/v1/customer-links/" + link.field("id").(string)
		refused(t, manager.send("POST", path, map[string]any{"status": "dismissed"}), 409, "customer.link_state")
		require.Equal(t, 200, manager.send("POST", path, map[string]any{"status": "undone"}).status)
		require.Equal(t, 204, manager.send("POST", "/api/v1/customers/"+caller+"/erase", nil).status)
		require.NotContains(t, manager.send("GET", "/api/v1/customers/"+caller, nil).body, "+49301234")
		require.NotContains(t, manager.send("GET", "/api/v1/audit", nil).body, "+49301234")
	})
}

// must gives the items of a list as JSON.
func must(t *testing.T, a answer) []byte {
	t.Helper()
	require.Equal(t, 200, a.status, a.body)
	items, ok := a.field("items").([]any)
	require.True(t, ok, a.body)
	if len(items) == 0 {
		return []byte("[]")
	}
	return []byte(a.body)
}

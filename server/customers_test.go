package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/customers"
	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
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

// TestAnArrivalBelongsToItsCustomer takes two contacts of one person in over two channels.
func TestAnArrivalBelongsToItsCustomer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		ctx, all := t.Context(), scope.Provider()
		lob, err := d.deps.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: d.one.ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		skill, err := d.deps.People.CreateSkill(ctx, all, people.Skill{Slug: "s", Name: "S"})
		require.NoError(t, err)
		q, err := d.deps.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: d.one.ID, LOBID: lob.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)
		manager := d.as("manager", access.Manager, access.ProviderDomain)
		arrive := func(id string, who ...any) answer {
			return manager.send("POST", "/api/v1/contacts", map[string]any{"client_id": d.one.ID, "queue_id": q.ID, "source": "cti", "external_id": id, "customer": who})
		}
		phone, mail := map[string]string{"kind": "phone", "value": "+49 30 1234"}, map[string]string{"kind": "mail", "value": "a@b.c"}
		for id, who := range map[string][]any{"1": {phone}, "2": {mail, phone}} {
			r := arrive(id, who...)
			require.Equal(t, 202, r.status, r.body)
		}
		found := manager.send("GET", "/api/v1/customers?identity=a@b.c", nil)
		require.Contains(t, found.body, "+49301234", found.body)
		refused(t, arrive("3", map[string]string{"kind": "fax", "value": "1"}), 422, "customer.unknown_kind")
	})
}

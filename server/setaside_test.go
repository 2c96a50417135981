package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/tenants/access"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// TestWhatWasSetAsideIsPlayedAgainByRight keeps an arrival as the router keeps what it
// could not take, and has it played again.
func TestWhatWasSetAsideIsPlayedAgainByRight(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		c := w.crew()
		w.floor()
		leader := w.as("leader", access.TeamLeader, access.ProviderDomain)
		other := w.as("other", access.TeamLeader, access.ClientDomain(w.two.ID))
		contact := ids.New[ids.Contact](w.db.IDs())
		aside := routing.Aside{ID: ids.New[ids.Event](w.db.IDs()), ClientID: w.one.ID, ContactID: contact, Kind: routing.KindArrive, V: 1, Cause: "seeded", At: w.db.Now(), ReceivedAt: w.db.Now(),
			Event: routing.Input{Kind: routing.KindArrive, Contact: contact, Client: w.one.ID, Queue: c.queue.ID, Source: "cti", ExternalID: "x-1", Channel: string(c.queue.Channel), Attributes: "{}"}}
		require.NoError(t, w.db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			var d routing.Domain
			if err := tx.Take(&d).Error; err != nil {
				return err
			}
			aside.DomainID = d.ID
			return tx.Create(&aside).Error
		}))
		listed := func(c *caller) []any {
			a, err := w.call(c, http.MethodGet, "/api/v1/floor/set-aside", "", nil)
			require.NoError(t, err)
			require.Equal(t, 200, a.status, a.body)
			items, _ := a.field("items").([]any)
			return items
		}
		require.Len(t, listed(leader), 1)
		require.Empty(t, listed(other), "another client's input is not there")
		path := "/api/v1/floor/set-aside/" + aside.ID.String()
		refused(t, w.post(other, path, map[string]string{"closing": "replayed"}), 404, "routing.no_aside")
		a := w.post(leader, path, map[string]string{"closing": "replayed"})
		require.Equal(t, 202, a.status, a.body)
		require.Eventually(t, func() bool {
			open, err := w.deps.Live.Contacts(t.Context(), scope.Provider())
			require.NoError(t, err)
			return len(open) == 1 && open[0].ContactID == contact
		}, time.Minute, 5*time.Millisecond, "the contact arrives")
		require.Empty(t, listed(leader))
		refused(t, w.post(leader, path, map[string]string{"closing": "dismissed"}), 409, "routing.aside_closed")
	})
}

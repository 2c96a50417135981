package webhooks

import (
	"fmt"

	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
)

// Audience tells who wants to hear of which type of event: by type the clients whose
// endpoints do, the zero client standing for an endpoint that hears of every client.
// The zero value is nobody.
type Audience map[string]map[ids.Client]bool

// ReadAudience looks for those who want events of the types. Paused endpoints count:
// what happens meanwhile waits for them. A service that would publish in great number
// asks now and then and keeps to itself what nobody hears.
func ReadAudience(tx *database.Tx, types ...string) (Audience, error) {
	var endpoints []Endpoint
	if err := tx.Order("id").Find(&endpoints).Error; err != nil {
		return nil, fmt.Errorf("webhooks: audience: %w", err)
	}
	var out Audience
	for _, e := range endpoints {
		for _, t := range types {
			if !e.wants(events.Event{Type: t, Client: e.ClientID, At: e.CreatedAt}) {
				continue
			}
			if out == nil {
				out = Audience{}
			}
			if out[t] == nil {
				out[t] = map[ids.Client]bool{}
			}
			out[t][e.ClientID] = true
		}
	}
	return out, nil
}

// Wants reports whether anybody hears of an event of this type and client.
func (a Audience) Wants(kind string, client ids.Client) bool {
	clients := a[kind]
	return len(clients) > 0 && (clients[ids.Client{}] || clients[client])
}

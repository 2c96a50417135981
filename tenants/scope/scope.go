package scope

import (
	"fmt"
	"slices"
	"strings"

	"muster/tenants/ids"
)

// Scope is a set of clients, or the whole provider. LOBs, Sites and Teams narrow
// it further: an empty list means no narrowing in that dimension. The zero scope
// sees nothing.
type Scope struct {
	provider bool
	clients  []ids.Client
	LOBs     []ids.LOB
	Sites    []ids.Site
	Teams    []ids.Team
}

// Provider is the scope of the whole provider.
func Provider() Scope { return Scope{provider: true} }

// Clients is the scope of some clients; without any it sees nothing.
func Clients(clients ...ids.Client) Scope {
	c := slices.Clone(clients)
	slices.SortFunc(c, ids.Client.Compare)
	return Scope{clients: slices.Compact(c)}
}

// IsProvider reports whether the scope spans all clients.
func (s Scope) IsProvider() bool { return s.provider }

// ClientIDs lists the clients of a client scope, sorted; nil for the provider.
func (s Scope) ClientIDs() []ids.Client { return s.clients }

// HasClient reports whether rows of the client lie in the scope.
func (s Scope) HasClient(c ids.Client) bool {
	if s.provider {
		return true
	}
	_, ok := slices.BinarySearchFunc(s.clients, c, ids.Client.Compare)
	return ok
}

// Within gives the part of the scope that belongs to the clients named; the
// narrowings stay. Asking a client scope for a client it lacks gives nothing.
func (s Scope) Within(clients ...ids.Client) Scope {
	out := s
	out.provider = false
	out.clients = nil
	for _, c := range Clients(clients...).clients {
		if s.HasClient(c) {
			out.clients = append(out.clients, c)
		}
	}
	return out
}

// String names the scope for logs and cursors.
func (s Scope) String() string {
	var b strings.Builder
	if s.provider {
		b.WriteString("provider")
	} else {
		b.WriteString("clients:")
		for i, c := range s.clients {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(c.String())
		}
	}
	if len(s.LOBs)+len(s.Sites)+len(s.Teams) > 0 {
		fmt.Fprintf(&b, " lobs%v sites%v teams%v", s.LOBs, s.Sites, s.Teams)
	}
	return b.String()
}

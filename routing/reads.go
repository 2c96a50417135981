package routing

import (
	"context"
	"errors"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// readsAtOnce is how many callers share one read.
const readsAtOnce = 256

// within is a wish for a row by its id in the caller's scope.
type within[K comparable] struct {
	scope scope.Scope
	id    K
}

// found is the answer: the row, if the scope has it.
type found[T any] struct {
	row   T
	there bool
}

// underScopes reads the wished rows, in one transaction per scope: the walls of
// each caller hold although they share the reads.
func underScopes[T any, K comparable](ctx context.Context, db *database.DB, wishes []within[K], read func(*database.Tx, []K) (map[K]T, error)) ([]found[T], error) {
	out := make([]found[T], len(wishes))
	byScope := map[string][]int{}
	var order []string
	for i, w := range wishes {
		key := w.scope.String()
		if byScope[key] == nil {
			order = append(order, key)
		}
		byScope[key] = append(byScope[key], i)
	}
	for _, key := range order {
		mine := byScope[key]
		keys := pluck(mine, func(i int) K { return wishes[i].id })
		err := db.Read(ctx, wishes[mine[0]].scope, func(tx *database.Tx) error {
			rows, err := read(tx, keys)
			for _, i := range mine {
				out[i].row, out[i].there = rows[wishes[i].id]
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readQueues reads queues that take contacts.
func (l *Live) readQueues(ctx context.Context, wishes []within[ids.Queue]) ([]found[contract.Queue], error) {
	return underScopes(ctx, l.db, wishes, func(tx *database.Tx, keys []ids.Queue) (map[ids.Queue]contract.Queue, error) {
		rows, err := database.Lookup[contract.Queue](tx.Where("archived_at IS NULL"), "id", distinct(keys))
		return index(rows, func(q contract.Queue) ids.Queue { return q.ID }), err
	})
}

// readContacts reads open contacts.
func (l *Live) readContacts(ctx context.Context, wishes []within[ids.Contact]) ([]found[Contact], error) {
	return underScopes(ctx, l.db, wishes, func(tx *database.Tx, keys []ids.Contact) (map[ids.Contact]Contact, error) {
		rows, err := database.Lookup[Contact](tx.DB, "contact_id", distinct(keys))
		return index(rows, func(c Contact) ids.Contact { return c.ContactID }), err
	})
}

// Desk is what an agent's desktop shows.
type Desk struct {
	Agent    Agent
	Segments []Segment // open ones, the oldest first
	Contacts map[ids.Contact]Contact
	Queues   map[ids.Queue]string  // names, of the segments' queues at least
	Clients  map[ids.Client]string // names, of the segments' clients at least
}

// readDesks reads the desks of agents; one who never signed in is off.
func (l *Live) readDesks(ctx context.Context, agents []ids.Agent) ([]Desk, error) {
	out := make([]Desk, len(agents))
	wanted := distinct(agents)
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		rows, err := database.Lookup[Agent](tx.DB, "agent_id", wanted)
		if err != nil {
			return err
		}
		segments, err := database.Lookup[Segment](tx.Where("status <> 'done'"), "agent_id", wanted)
		if err != nil {
			return err
		}
		slices.SortFunc(segments, func(a, b Segment) int { return int(a.Number - b.Number) })
		contacts, err := database.Lookup[Contact](tx.DB, "contact_id", distinct(pluck(segments, func(s Segment) ids.Contact { return s.ContactID })))
		if err != nil {
			return err
		}
		byAgent, byContact := index(rows, func(a Agent) ids.Agent { return a.AgentID }), index(contacts, func(c Contact) ids.Contact { return c.ContactID })
		for i, id := range agents {
			d := Desk{Agent: Agent{AgentID: id, State: "off"}, Contacts: map[ids.Contact]Contact{}}
			if a, ok := byAgent[id]; ok {
				d.Agent = a
			}
			for _, s := range segments {
				if s.AgentID == id {
					d.Segments = append(d.Segments, s)
					if c, ok := byContact[s.ContactID]; ok {
						d.Contacts[s.ContactID] = c
					}
				}
			}
			out[i] = d
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, l.label(ctx, out)
}

// labels are names of queues and clients as they were a moment ago.
type labels struct {
	at      calendar.Instant
	queues  map[ids.Queue]string
	clients map[ids.Client]string
}

// labelsFor is how long names are used before they are read again.
const labelsFor = 5 * calendar.Second

// label adds the names of queues and clients; they change rarely, and a new one is
// read at once.
func (l *Live) label(ctx context.Context, desks []Desk) error {
	names := l.labels.Load()
	known := names != nil && l.db.Now()-names.at < labelsFor
	for _, d := range desks {
		for _, s := range d.Segments {
			known = known && names.queues[s.QueueID] != "" && names.clients[s.ClientID] != ""
		}
	}
	if !known {
		fresh := labels{at: l.db.Now(), queues: map[ids.Queue]string{}, clients: map[ids.Client]string{}}
		var queues []contract.Queue
		var clients []contract.Client
		if err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
			return errors.Join(tx.Select("id", "name").Find(&queues).Error, tx.Select("id", "name").Find(&clients).Error)
		}); err != nil {
			return err
		}
		for _, q := range queues {
			fresh.queues[q.ID] = q.Name
		}
		for _, c := range clients {
			fresh.clients[c.ID] = c.Name
		}
		names = &fresh
		l.labels.Store(names)
	}
	for i := range desks {
		desks[i].Queues, desks[i].Clients = names.queues, names.clients
	}
	return nil
}

// beat stores signs of life of many desktops at once.
func (l *Live) beat(ctx context.Context, agents []ids.Agent) ([]struct{}, error) {
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return database.Change(tx.Model(&Agent{}), "agent_id", distinct(agents), "heartbeat_at", l.db.Now())
	})
	return make([]struct{}, len(agents)), err
}

// distinct gives each value once, in the order of the first.
func distinct[K comparable](values []K) []K {
	seen := make(map[K]bool, len(values))
	var out []K
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// index gives rows by their keys.
func index[T any, K comparable](rows []T, key func(T) K) map[K]T {
	out := make(map[K]T, len(rows))
	for _, r := range rows {
		out[key(r)] = r
	}
	return out
}

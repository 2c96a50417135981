package routing

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Desk is what an agent's desktop shows.
type Desk struct {
	Agent    Agent
	Segments []Segment // open ones, the oldest first
	Contacts map[ids.Contact]Contact
	Parked   []Contact             // waiting for their customers, the next to come back first
	Queues   map[ids.Queue]string  // names, of the segments' queues at least
	Clients  map[ids.Client]string // names, of the segments' clients at least
	Scripts  map[ids.Queue]string  // what the queues' plans give agents to read
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
		parked, err := database.Lookup[Contact](tx.Where("status = 'parked'"), "agent_id", wanted)
		if err != nil {
			return err
		}
		sortParked(parked)
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
			for _, c := range parked {
				if c.AgentID == id {
					d.Parked = append(d.Parked, c)
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

// board holds the desks as the leader's last commit left them, while this node
// leads: then nobody needs to read them.
type board struct {
	mu    sync.RWMutex
	until time.Time // the lease is over then: somebody else may lead
	desks map[ids.Agent]Desk
}

// renew says until when the lease of this node lasts.
func (b *board) renew(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until = until
}

// show puts the desks up.
func (b *board) show(desks map[ids.Agent]Desk) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.desks == nil {
		b.desks = map[ids.Agent]Desk{}
	}
	maps.Copy(b.desks, desks)
}

// clear forgets everything: this node does not lead any more.
func (b *board) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.desks, b.until = nil, time.Time{}
}

// of gives an agent's desk, if it is known for certain.
func (b *board) of(agent ids.Agent) (Desk, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	d, ok := b.desks[agent]
	return d, ok && time.Now().Before(b.until)
}

// desk makes an agent's desk from the live rows.
func (m *mirror) desk(agent ids.Agent) Desk {
	d := Desk{Agent: Agent{AgentID: agent, State: "off"}, Contacts: map[ids.Contact]Contact{}}
	if a := m.agents[agent]; a != nil {
		d.Agent = *a
	}
	open := m.held[agent][:0]
	for _, s := range m.held[agent] {
		if s.Status == "done" {
			continue
		}
		open = append(open, s)
		d.Segments = append(d.Segments, *s)
		if c := m.byID[s.ContactID]; c != nil {
			d.Contacts[s.ContactID] = *c
		}
	}
	clear(m.held[agent][len(open):])
	m.held[agent] = open
	for id := range m.parked[agent] {
		d.Parked = append(d.Parked, *m.byID[id])
	}
	sortParked(d.Parked)
	return d
}

// sortParked orders parked contacts as they come back.
func sortParked(parked []Contact) {
	slices.SortFunc(parked, func(a, b Contact) int {
		back := func(c Contact) calendar.Instant {
			if c.DeadlineAt == nil {
				return 0
			}
			return *c.DeadlineAt
		}
		return cmp.Or(cmp.Compare(back(a), back(b)), a.ContactID.Compare(b.ContactID))
	})
}

// park keeps in mind with whom a contact is parked, if it is, and gives the agents
// whose desks that changes.
func (m *mirror) park(c *Contact) []ids.Agent {
	before := m.parkedBy[c.ContactID]
	var after ids.Agent
	if c.Status == "parked" {
		after = c.AgentID
	}
	var out []ids.Agent
	if !before.IsZero() && before != after {
		delete(m.parked[before], c.ContactID)
		delete(m.parkedBy, c.ContactID)
		out = append(out, before)
	}
	if !after.IsZero() {
		if m.parked[after] == nil {
			m.parked[after] = map[ids.Contact]bool{}
		}
		m.parked[after][c.ContactID], m.parkedBy[c.ContactID] = true, after
		out = append(out, after)
	}
	return out
}

// labels are names of queues and clients, and the queues' scripts, as they were a
// moment ago.
type labels struct {
	until   time.Time // when they are read again
	queues  map[ids.Queue]string
	clients map[ids.Client]string
	scripts map[ids.Queue]string
}

// labelsFor is how long names are used before they are read again.
const labelsFor = 5 * time.Second

// label adds the names of queues and clients; they change rarely, and a new one is
// read at once.
func (l *Live) label(ctx context.Context, desks []Desk) error {
	names := l.labels.Load()
	known := names != nil && time.Now().Before(names.until)
	for _, d := range desks {
		for _, s := range d.Segments {
			known = known && names.queues[s.QueueID] != "" && names.clients[s.ClientID] != ""
		}
		for _, c := range d.Parked {
			known = known && names.queues[c.QueueID] != "" && names.clients[c.ClientID] != ""
		}
	}
	if !known {
		var err error
		if names, err = alone(ctx, l, l.namings, l.readLabels, struct{}{}); err != nil {
			return err
		}
	}
	for i := range desks {
		desks[i].Queues, desks[i].Clients, desks[i].Scripts = names.queues, names.clients, names.scripts
	}
	return nil
}

// readLabels reads the names once for all who ask.
func (l *Live) readLabels(ctx context.Context, asks []struct{}) ([]*labels, error) {
	fresh := &labels{until: time.Now().Add(labelsFor), queues: map[ids.Queue]string{}, clients: map[ids.Client]string{}, scripts: map[ids.Queue]string{}}
	var queues []contract.Queue
	var clients []contract.Client
	var plans []Versioned[QueuePolicy]
	if err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		if plans, err = presentAll[QueuePolicy](tx.Context(), l, scope.Provider(), queueSetting); err != nil {
			return err
		}
		return errors.Join(tx.Select("id", "name").Find(&queues).Error, tx.Select("id", "name").Find(&clients).Error)
	}); err != nil {
		return nil, err
	}
	for _, p := range plans {
		if id, err := ids.Parse[struct{}](p.Key); err == nil && p.Policy.Script != "" {
			fresh.scripts[ids.Queue(id)] = p.Policy.Script
		}
	}
	for _, q := range queues {
		fresh.queues[q.ID] = q.Name
	}
	for _, c := range clients {
		fresh.clients[c.ID] = c.Name
	}
	l.labels.Store(fresh)
	return slices.Repeat([]*labels{fresh}, len(asks)), nil
}

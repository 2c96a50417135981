package routing

import (
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

// present holds the desks as the leader's last commit left them, while this node
// leads: then nobody needs to read them.
type present struct {
	mu    sync.RWMutex
	until time.Time // the lease is over then: somebody else may lead
	desks map[ids.Agent]Desk
}

// renew says until when the lease of this node lasts.
func (p *present) renew(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = until
}

// show puts the desks up.
func (p *present) show(desks map[ids.Agent]Desk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.desks == nil {
		p.desks = map[ids.Agent]Desk{}
	}
	maps.Copy(p.desks, desks)
}

// clear forgets everything: this node does not lead any more.
func (p *present) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.desks, p.until = nil, time.Time{}
}

// of gives an agent's desk, if it is known for certain.
func (p *present) of(agent ids.Agent) (Desk, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	d, ok := p.desks[agent]
	return d, ok && time.Now().Before(p.until)
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
	return d
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

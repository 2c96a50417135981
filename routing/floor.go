package routing

import (
	"context"
	"errors"

	"muster/routing/facts"
	"muster/routing/feeds"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// QueueNow is one queue on the floor: what waits now, and the counts of the
// client's present day from facts.
type QueueNow struct {
	Queue   contract.Queue
	Terms   contract.Terms
	Waiting int
	Oldest  calendar.Instant // arrival of the one that waits longest, 0 if none
	Active  int
	Raised  int // permille set by a person, 1000 is neutral
	Today   facts.QueueFact
	Feeds   []ids.Any // that tell of the queue from elsewhere
	Stale   bool      // one of them has been silent for too long
	fed     []calendar.Instant
}

// AgentNow is one agent on the floor.
type AgentNow struct {
	Agent people.Agent
	Name  string
	Team  ids.Team
	Live  Agent
	Queue ids.Queue // of the contact being handled, zero if none
	// Skills and Clients are those in force.
	Skills  []ids.Skill
	Clients []ids.Client
	// Feed, with its name in Source, tells of an agent who works elsewhere; zero: here.
	Feed   ids.Any
	Source string
	Stale  bool // the feed has been silent for too long
}

// PoolNow is one pool on the floor.
type PoolNow struct {
	Slug   string
	Client ids.Client // of a client's own pool, zero otherwise
	Policy PoolPolicy // zero: nobody configured it
	Open   bool
	Cause  string // why it is open or closed, empty as configured
	Until  *calendar.Instant
	Ready  int                // agents ready in it
	Signed int                // agents signed in
	Use    map[ids.Client]int // milli-agents that contacts of the client take
}

// Floor is what team leaders see now.
type Floor struct {
	At     calendar.Instant
	Seq    int64 // of the routing log: grows with every change
	Queues []QueueNow
	Agents []AgentNow
	Pools  []PoolNow // none in a narrower scope than the provider
	// Waiting lists the open contacts of the scope.
	Contacts []Contact
	Clients  []contract.Client // of the scope
}

// ClientsBySlug finds the clients of the floor by slug.
func (f Floor) ClientsBySlug() map[string]ids.Client {
	out := map[string]ids.Client{}
	for _, c := range f.Clients {
		out[c.Slug] = c.ID
	}
	return out
}

// Floor reads the present state under the scope. Agents are those who are signed in.
func (l *Live) Floor(ctx context.Context, sc scope.Scope) (Floor, error) {
	now := l.db.Now()
	out := Floor{At: now}
	queues, err := l.contracts.Queues(ctx, sc, ids.Client{})
	if err != nil {
		return out, err
	}
	clients, err := l.contracts.Clients(ctx, sc)
	if err != nil {
		return out, err
	}
	terms, err := l.contracts.TermsAt(ctx, sc, now)
	if err != nil {
		return out, err
	}
	midnight := map[ids.Client]calendar.Instant{}
	for _, c := range clients {
		zone, err := calendar.Zone(c.Zone)
		if err != nil {
			return out, err
		}
		midnight[c.ID] = calendar.DateOf(now, zone).At(0, zone)
	}
	var contacts []Contact
	var live []Agent
	var segments []Segment
	var today []facts.QueueFact
	var agents []people.Agent
	var profiles []people.Profile
	var members []people.Membership
	var raised []liveQueue
	var skills []people.AgentSkill
	var serves []people.AgentClient
	var fed feeds.Now
	err = l.db.Read(ctx, sc, func(tx *database.Tx) error {
		var d Domain
		if err := tx.Where("id = ?", l.domain).Take(&d).Error; err != nil {
			return err
		}
		out.Seq = d.LastSeq
		var err error
		if fed, err = feeds.ReadNow(tx); err != nil {
			return err
		}
		return errors.Join(
			tx.Order("arrived_at").Find(&contacts).Error,
			tx.Where("state <> 'off'").Find(&live).Error,
			tx.Where("status <> 'done'").Find(&segments).Error,
			tx.Where("start_at >= ? AND start_at <= ?", now-26*calendar.Hour, now).Find(&today).Error,
			tx.Order("number").Find(&agents).Error,
			tx.Find(&profiles).Error,
			tx.Where("valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", now, now).Find(&members).Error,
			tx.Find(&raised).Error,
			tx.Where("valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", now, now).Find(&skills).Error,
			tx.Where("valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", now, now).Find(&serves).Error,
		)
	})
	if err != nil {
		return out, err
	}
	out.Queues = queuesNow(queues, terms, contacts, today, midnight)
	for _, r := range raised {
		for i := range out.Queues {
			if out.Queues[i].Queue.ID == r.QueueID {
				out.Queues[i].Raised = r.Raised
			}
		}
	}
	out.Agents = agentsNow(agents, profiles, members, live, segments)
	out.addFeeds(fed, agents, profiles, members)
	addAbilities(out.Agents, skills, serves)
	out.Contacts, out.Clients = contacts, clients
	if sc.IsProvider() {
		out.Pools, err = l.poolsNow(ctx, sc, out.Agents, segments, clients, queues, terms)
	}
	return out, err
}

// addAbilities adds what agents can and whom they serve.
func addAbilities(agents []AgentNow, skills []people.AgentSkill, serves []people.AgentClient) {
	at := map[ids.Agent]int{}
	for i, a := range agents {
		at[a.Agent.ID] = i
	}
	for _, s := range skills {
		if i, ok := at[s.AgentID]; ok {
			agents[i].Skills = append(agents[i].Skills, s.SkillID)
		}
	}
	for _, s := range serves {
		if i, ok := at[s.AgentID]; ok {
			agents[i].Clients = append(agents[i].Clients, s.ClientID)
		}
	}
}

func queuesNow(queues []contract.Queue, terms map[ids.Queue]contract.Terms, contacts []Contact, today []facts.QueueFact, midnight map[ids.Client]calendar.Instant) []QueueNow {
	out := make([]QueueNow, len(queues))
	at := map[ids.Queue]int{}
	for i, q := range queues {
		out[i] = QueueNow{Queue: q, Terms: terms[q.ID], Raised: 1000}
		at[q.ID] = i
	}
	for _, c := range contacts {
		i, ok := at[c.QueueID]
		if !ok {
			continue
		}
		switch c.Status {
		case "waiting", "offered":
			out[i].Waiting++
			if out[i].Oldest == 0 {
				out[i].Oldest = c.ArrivedAt
			}
		case "active":
			out[i].Active++
		}
	}
	byQueue := map[ids.Queue][]facts.QueueFact{}
	for _, f := range today {
		if f.StartAt >= midnight[f.ClientID] {
			byQueue[f.QueueID] = append(byQueue[f.QueueID], f)
		}
	}
	for i := range out {
		if rows := byQueue[out[i].Queue.ID]; len(rows) > 0 {
			out[i].Today = facts.Sum(rows)
		}
	}
	return out
}

func agentsNow(agents []people.Agent, profiles []people.Profile, members []people.Membership, live []Agent, segments []Segment) []AgentNow {
	names, teams, states, queue := map[ids.Agent]string{}, map[ids.Agent]ids.Team{}, map[ids.Agent]Agent{}, map[ids.Agent]ids.Queue{}
	for _, p := range profiles {
		names[p.AgentID] = p.Name
	}
	for _, m := range members {
		teams[m.AgentID] = m.TeamID
	}
	for _, a := range live {
		states[a.AgentID] = a
	}
	for _, s := range segments {
		if s.Status == "active" {
			queue[s.AgentID] = s.QueueID
		}
	}
	out := []AgentNow{}
	for _, a := range agents {
		if state, on := states[a.ID]; on {
			out = append(out, AgentNow{Agent: a, Name: names[a.ID], Team: teams[a.ID], Live: state, Queue: queue[a.ID]})
		}
	}
	return out
}

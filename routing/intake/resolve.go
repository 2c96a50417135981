package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// directory resolves the names that rows use. It is loaded once per import.
type directory struct {
	client  contract.Client
	queues  []contract.Queue
	lobs    []contract.LOB
	byQueue map[string]contract.Queue
	byLOB   map[string]ids.LOB
	agents  map[string]ids.Agent
	labels  []string // staff numbers of agents who serve the client, for messages
	members map[ids.Agent][]people.Membership
	codes   map[string][]StateMap
}

// fold makes names comparable: case and outer white space do not matter.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// load reads everything the rows of one client and source may name.
func (s *Service) load(ctx context.Context, client contract.Client, source string) (*directory, error) {
	d := &directory{client: client, byQueue: map[string]contract.Queue{}, byLOB: map[string]ids.LOB{}, members: map[ids.Agent][]people.Membership{}}
	var err error
	if d.queues, err = s.contract.Queues(ctx, scope.Provider(), client.ID); err != nil {
		return nil, err
	}
	if d.lobs, err = s.contract.LOBs(ctx, scope.Provider(), client.ID); err != nil {
		return nil, err
	}
	for _, q := range d.queues {
		d.byQueue[fold(q.Name)] = q
	}
	for _, q := range d.queues {
		d.byQueue[fold(q.Slug)] = q // a slug wins over another queue's name
	}
	for _, l := range d.lobs {
		d.byLOB[fold(l.Name)], d.byLOB[fold(l.Slug)] = l.ID, l.ID
	}
	if d.agents, err = s.people.AgentsBySource(ctx, scope.Provider(), source); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var members []people.Membership
		if err := tx.Order("agent_id, valid_from").Find(&members).Error; err != nil {
			return err
		}
		for _, m := range members {
			d.members[m.AgentID] = append(d.members[m.AgentID], m)
		}
		var serving []ids.Agent
		if err := tx.Model(&people.AgentClient{}).Where("client_id = ?", client.ID).Pluck("agent_id", &serving).Error; err != nil {
			return err
		}
		d.labels = nil
		return tx.Model(&people.Agent{}).Where("id IN ?", serving).Order("number").Pluck("number", &d.labels).Error
	})
	if err != nil {
		return nil, err
	}
	d.codes, err = s.stateMaps(ctx, client.ID, source)
	return d, err
}

// place gives the agent's membership in force.
func (d *directory) place(agent ids.Agent, at calendar.Instant) people.Membership {
	for _, m := range d.members[agent] {
		if m.ValidFrom <= at && (m.ValidTo == nil || *m.ValidTo > at) {
			return m
		}
	}
	return people.Membership{}
}

func (d *directory) queue(line int64, name string) (contract.Queue, *tabular.Issue) {
	if q, ok := d.byQueue[fold(name)]; ok {
		return q, nil
	}
	var names []string
	for _, q := range d.queues {
		names = append(names, q.Slug)
	}
	return contract.Queue{}, issue(line, "queue", name, "unknown_queue", fmt.Sprintf("Client %s has no queue %q; its queues are: %s. Add the queue, or map the name under values.", d.client.Slug, name, some(names)))
}

func (d *directory) agent(line int64, name string) (ids.Agent, *tabular.Issue) {
	if a, ok := d.agents[name]; ok {
		return a, nil
	}
	return ids.Agent{}, issue(line, "agent", name, "unknown_agent", fmt.Sprintf("No agent has the staff number or source id %q; agents of client %s are: %s. Import the people first.", name, d.client.Slug, some(d.labels)))
}

func (d *directory) lob(line int64, name string) (ids.LOB, *tabular.Issue) {
	if l, ok := d.byLOB[fold(name)]; ok {
		return l, nil
	}
	var names []string
	for _, l := range d.lobs {
		names = append(names, l.Slug)
	}
	return ids.LOB{}, issue(line, "lob", name, "unknown_lob", fmt.Sprintf("Client %s has no line of business %q; it has: %s.", d.client.Slug, name, some(names)))
}

// some lists names for a message, the first twelve of many.
func some(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	names = slices.Clone(names)
	slices.Sort(names)
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + fmt.Sprintf(" and %d more", len(names)-12)
	}
	return strings.Join(names, ", ")
}

func issue(line int64, column, value, code, sentence string) *tabular.Issue {
	return &tabular.Issue{Line: line, Column: column, Value: value, Code: code, Sentence: sentence}
}

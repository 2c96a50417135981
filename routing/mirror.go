package routing

import (
	"errors"
	"slices"
	"strings"

	"muster/tenants/database"
	"muster/tenants/ids"
)

// mirror holds the live rows beside the warm engine; it is thrown away with it.
type mirror struct {
	contacts map[int64]*Contact // by the engine's number
	byID     map[ids.Contact]*Contact
	segments map[int64]*Segment
	parts    map[ids.Contact][]*Segment // of a contact, as they were offered
	held     map[ids.Agent][]*Segment   // of an agent, as they were offered; those that are done may still be there
	parked   map[ids.Agent]map[ids.Contact]bool
	parkedBy map[ids.Contact]ids.Agent
	agents   map[ids.Agent]*Agent
	status   map[ids.Contact]string // as it was counted
	tally    map[string]int         // open contacts by status
}

// load reads the live rows of the domain.
func (l *Live) load(tx *database.Tx) (mirror, error) {
	m := mirror{contacts: map[int64]*Contact{}, byID: map[ids.Contact]*Contact{}, segments: map[int64]*Segment{}, parts: map[ids.Contact][]*Segment{}, held: map[ids.Agent][]*Segment{}, parked: map[ids.Agent]map[ids.Contact]bool{}, parkedBy: map[ids.Contact]ids.Agent{}, status: map[ids.Contact]string{}, tally: map[string]int{}, agents: map[ids.Agent]*Agent{}}
	var contacts []Contact
	var segments []Segment
	var agents []Agent
	if err := errors.Join(tx.Where("domain_id = ?", l.domain).Find(&contacts).Error, tx.Where("domain_id = ?", l.domain).Order("number").Find(&segments).Error, tx.Where("domain_id = ?", l.domain).Find(&agents).Error); err != nil {
		return m, err
	}
	for i := range contacts {
		m.contacts[contacts[i].Number], m.byID[contacts[i].ContactID] = &contacts[i], &contacts[i]
		m.park(&contacts[i])
		m.recount(&contacts[i])
	}
	for i := range segments {
		m.add(&segments[i])
	}
	for i := range agents {
		m.agents[agents[i].AgentID] = &agents[i]
	}
	return m, nil
}

// add takes in a segment; later ones have higher numbers.
func (m *mirror) add(s *Segment) {
	m.segments[s.Number] = s
	m.parts[s.ContactID] = append(m.parts[s.ContactID], s)
	m.held[s.AgentID] = append(m.held[s.AgentID], s)
}

// recount keeps the number of open contacts by status.
func (m *mirror) recount(c *Contact) {
	if before, counted := m.status[c.ContactID]; counted {
		m.tally[before]--
	}
	delete(m.status, c.ContactID)
	if !strings.HasPrefix(c.Status, "closed:") {
		m.status[c.ContactID] = c.Status
		m.tally[c.Status]++
	}
}

// onDesk reports whether the contact is on the agent's desk.
func (m *mirror) onDesk(contact ids.Contact, agent ids.Agent) bool {
	return slices.ContainsFunc(m.parts[contact], func(s *Segment) bool { return s.AgentID == agent && s.Status != "done" })
}

package scheduling

import (
	"context"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// OwnActivity is an activity as the agent sees it.
type OwnActivity struct {
	Kind         string           `json:"kind"` // work, break, meal
	StartAt      calendar.Instant `json:"start_at"`
	EndAt        calendar.Instant `json:"end_at"`
	Paid         bool             `json:"paid"`
	Client       string           `json:"client"` // name; empty for breaks and for work without a client
	ClientColour string           `json:"client_colour"`
	Queue        string           `json:"queue"` // name
}

// OwnShift is a shift as the agent sees it.
type OwnShift struct {
	ID          ids.Shift        `json:"id"`
	BusinessDay calendar.Date    `json:"business_day"`
	StartAt     calendar.Instant `json:"start_at"`
	EndAt       calendar.Instant `json:"end_at"`
	Activities  []OwnActivity    `json:"activities"`
	sequence    int              // of its publication, for calendars
}

// OwnShifts are an agent's shifts in force, in order.
type OwnShifts struct {
	Agent  string     `json:"agent"` // label
	Site   string     `json:"site"`
	Zone   string     `json:"zone"` // of the site
	Shifts []OwnShift `json:"shifts"`
}

// OwnShifts gives the shifts in force of one agent that touch the span. It needs
// no scope: the door gives people their own agent only.
func (s *Service) OwnShifts(ctx context.Context, agent ids.Agent, span calendar.Interval) (OwnShifts, error) {
	if span.Empty() || span.End-span.Start > 400*calendar.Day {
		return OwnShifts{}, fault.New(fault.Invalid, "roster.span", "Ask for a span of at most 400 days whose end lies after its beginning.")
	}
	all := scope.Provider()
	out, err := s.workplace(ctx, agent)
	if err != nil {
		return out, err
	}
	shifts, err := s.PublishedShifts(ctx, all, []ids.Agent{agent}, span)
	if err != nil {
		return out, err
	}
	clients, err := s.Contracts.Clients(ctx, all)
	if err != nil {
		return out, err
	}
	queues, err := s.Contracts.Queues(ctx, all, ids.Client{})
	if err != nil {
		return out, err
	}
	sequences, err := s.publications(ctx, span)
	if err != nil {
		return out, err
	}
	clientOf, queueOf := map[ids.Client]contract.Client{}, map[ids.Queue]contract.Queue{}
	for _, c := range clients {
		clientOf[c.ID] = c
	}
	for _, q := range queues {
		queueOf[q.ID] = q
	}
	out.Shifts = make([]OwnShift, 0, len(shifts))
	for _, sh := range shifts {
		own := OwnShift{ID: sh.ID, BusinessDay: sh.BusinessDay, StartAt: sh.StartAt, EndAt: sh.EndAt, sequence: sequences[sh.RosterID], Activities: []OwnActivity{}}
		for _, a := range sh.Activities {
			own.Activities = append(own.Activities, OwnActivity{Kind: a.Kind, StartAt: a.StartAt, EndAt: a.EndAt, Paid: a.Paid,
				Client: clientOf[a.ClientID].Name, ClientColour: clientOf[a.ClientID].Colour, Queue: queueOf[a.QueueID].Name})
		}
		out.Shifts = append(out.Shifts, own)
	}
	return out, nil
}

// workplace finds the agent's label and site.
func (s *Service) workplace(ctx context.Context, agent ids.Agent) (OwnShifts, error) {
	all, now := scope.Provider(), s.db.Now()
	staff, err := s.People.Staff(ctx, all, now, calendar.DateOf(now, time.UTC))
	if err != nil {
		return OwnShifts{}, err
	}
	sites, err := s.People.Sites(ctx, all)
	if err != nil {
		return OwnShifts{}, err
	}
	for _, p := range staff {
		if p.Agent.ID == agent {
			site := siteOf(sites, p)
			return OwnShifts{Agent: p.Agent.Label, Site: site.Name, Zone: site.Zone, Shifts: []OwnShift{}}, nil
		}
	}
	return OwnShifts{}, fault.New(fault.NotFound, "roster.agent_unplaced", "The agent belongs to no team at present; ask the planner.")
}

func siteOf(sites []people.Site, p people.Person) people.Site {
	for _, v := range sites {
		if v.ID == p.Membership.SiteID {
			return v
		}
	}
	return people.Site{Zone: "UTC"}
}

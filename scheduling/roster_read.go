package scheduling

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Rosters lists the versions, the newest first, without problem and long lists.
func (s *Service) Rosters(ctx context.Context, sc scope.Scope) ([]Roster, error) {
	var out []Roster
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Omit("problem").Where("status <> ?", staged).Order("from_day DESC, created_at DESC, id DESC").Find(&out).Error
	})
	for i := range out {
		out[i].Summary.Agents, out[i].Summary.Unmet, out[i].Summary.Violations, out[i].Summary.Proofs = nil, []UnmetSpan{}, []CellViolation{}, nil
		out[i].Summary.External = nil
	}
	return out, err
}

// Roster gives one version, or NotFound.
func (s *Service) Roster(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	var out Roster
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = oneRoster(tx, id)
		return err
	})
	return out, err
}

func oneRoster(tx *database.Tx, id ids.Roster) (Roster, error) {
	return database.One[Roster](tx.Where("id = ? AND status <> ?", id, staged), "roster.not_found", "There is no such roster.")
}

// RosterAgent is one row of the board.
type RosterAgent struct {
	ID            ids.Agent   `json:"id"`
	Number        string      `json:"number"`
	Label         string      `json:"label"`
	SiteID        ids.Site    `json:"site_id"`
	TeamID        ids.Team    `json:"team_id"`
	Tier          people.Tier `json:"tier"`
	WeeklyMinutes int         `json:"weekly_minutes"`
}

// RosterAgents lists the people of a roster by number, with what was in force on its first day.
func (s *Service) RosterAgents(ctx context.Context, sc scope.Scope, r Roster) ([]RosterAgent, error) {
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return nil, err
	}
	staff, err := s.People.Staff(ctx, sc, r.FromDay.At(0, zone), r.FromDay)
	if err != nil {
		return nil, err
	}
	in := map[ids.Agent]bool{}
	for _, a := range r.Summary.Agents {
		in[a] = true
	}
	out := []RosterAgent{}
	for _, p := range staff {
		if !in[p.Agent.ID] {
			continue
		}
		a := RosterAgent{ID: p.Agent.ID, Number: p.Agent.Number, Label: p.Agent.Label, SiteID: p.Membership.SiteID, TeamID: p.Membership.TeamID, Tier: p.Membership.Tier}
		if p.Employment != nil {
			a.WeeklyMinutes = p.Employment.WeeklyMinutes
		}
		out = append(out, a)
	}
	return out, nil
}

// Shifts lists the shifts of a roster on business dates [from, to) with their
// activities, by agent and start; zero dates do not narrow.
func (s *Service) Shifts(ctx context.Context, sc scope.Scope, id ids.Roster, from, to calendar.Date) ([]Shift, error) {
	var out []Shift
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := database.One[Roster](tx.Select("id").Where("id = ? AND status <> ?", id, staged), "roster.not_found", "There is no such roster."); err != nil {
			return err
		}
		q := tx.Where("roster_id = ?", id)
		if from != 0 {
			q = q.Where("business_day >= ?", from)
		}
		if to != 0 {
			q = q.Where("business_day < ?", to)
		}
		if err := q.Order("agent_id, start_at").Find(&out).Error; err != nil {
			return err
		}
		return addActivities(tx, []ids.Roster{id}, out)
	})
	return out, err
}

// addActivities loads the activities of shifts that belong to the rosters.
func addActivities(tx *database.Tx, rosters []ids.Roster, shifts []Shift) error {
	if len(shifts) == 0 {
		return nil
	}
	index := make(map[ids.Shift]int, len(shifts))
	span := calendar.Interval{Start: shifts[0].StartAt, End: shifts[0].EndAt}
	for i := range shifts {
		index[shifts[i].ID] = i
		span.Start, span.End = min(span.Start, shifts[i].StartAt), max(span.End, shifts[i].EndAt)
	}
	query := tx.Where("roster_id IN ? AND start_at >= ? AND start_at < ?", rosters, span.Start, span.End)
	if agent := shifts[0].AgentID; !slices.ContainsFunc(shifts, func(s Shift) bool { return s.AgentID != agent }) {
		query = query.Where("agent_id = ?", agent)
	}
	var activities []Activity
	if err := query.Order("shift_id, seq").Find(&activities).Error; err != nil {
		return err
	}
	for _, a := range activities {
		if i, ok := index[a.ShiftID]; ok {
			shifts[i].Activities = append(shifts[i].Activities, a)
		}
	}
	return nil
}

// Coverage lists required and scheduled agents of a roster by queue and start, of
// one client when it is not zero. A client's scope sees its own queues.
func (s *Service) Coverage(ctx context.Context, sc scope.Scope, id ids.Roster, client ids.Client, span calendar.Interval) ([]Coverage, error) {
	var out []Coverage
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Where("roster_id = ?", id)
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		if span.Start != 0 {
			q = q.Where("start_at >= ?", span.Start)
		}
		if span.End != 0 {
			q = q.Where("start_at < ?", span.End)
		}
		return q.Order("queue_id, start_at").Find(&out).Error
	})
	return out, err
}

// inForce is the rosters that decide about a span, the latest publication first.
func inForce(tx *database.Tx, span calendar.Interval) ([]Roster, error) {
	first, last := calendar.Date(span.Start/calendar.Day-2), calendar.Date(span.End/calendar.Day+2)
	var out []Roster
	err := tx.Omit("problem").Where("status IN ? AND from_day < ? AND to_day > ?", []Status{Published, Locked}, last, first).Order("published_at DESC, id DESC").Find(&out).Error
	return out, err
}

// PublishedShifts lists the shifts in force that touch the span, of the agents
// named (nil: all), by agent and start. For every agent and business date the
// roster published last that decides about them counts.
func (s *Service) PublishedShifts(ctx context.Context, sc scope.Scope, agents []ids.Agent, span calendar.Interval) ([]Shift, error) {
	var out []Shift
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		out = nil
		rosters, err := inForce(tx, span)
		if err != nil || len(rosters) == 0 {
			return err
		}
		deciding := rosterIndex(rosters)
		list := make([]ids.Roster, len(rosters))
		for i, r := range rosters {
			list[i] = r.ID
		}
		q := tx.Where("roster_id IN ? AND start_at < ? AND end_at > ?", list, span.End, span.Start)
		if agents != nil {
			q = q.Where("agent_id IN ?", agents)
		}
		var rows []Shift
		if err := q.Order("agent_id, start_at").Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			if deciding(r.AgentID, r.BusinessDay) == r.RosterID {
				out = append(out, r)
			}
		}
		return addActivities(tx, list, out)
	})
	return out, err
}

// rosterIndex gives the roster that decides about an agent's business date.
func rosterIndex(latestFirst []Roster) func(ids.Agent, calendar.Date) ids.Roster {
	members := make([]map[ids.Agent]bool, len(latestFirst))
	for i, r := range latestFirst {
		members[i] = make(map[ids.Agent]bool, len(r.Summary.Agents))
		for _, a := range r.Summary.Agents {
			members[i][a] = true
		}
	}
	return func(agent ids.Agent, day calendar.Date) ids.Roster {
		for i, r := range latestFirst {
			// A site's date may lie a day beside the date of the roster's zone.
			if r.FromDay <= day && day < r.ToDay && members[i][agent] {
				return r.ID
			}
		}
		for i, r := range latestFirst {
			if r.FromDay-1 <= day && day < r.ToDay+1 && members[i][agent] {
				return r.ID
			}
		}
		return ids.Roster{}
	}
}

// Problem gives the problem that a roster was solved as, for use off line.
func (s *Service) Problem(ctx context.Context, sc scope.Scope, id ids.Roster) (*roster.Problem, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	return r.decode()
}

func (r Roster) decode() (*roster.Problem, error) {
	var p roster.Problem
	if err := json.Unmarshal([]byte(r.Problem), &p); err != nil {
		return nil, fmt.Errorf("roster %s: its stored problem cannot be read: %w", r.ID, err)
	}
	return &p, nil
}

// reopen makes the draft of a stored roster: its problem with queues, people and sites.
func (s *Service) reopen(ctx context.Context, sc scope.Scope, r Roster) (draftRoster, error) {
	d := draftRoster{Roster: r, sites: map[ids.Site]people.Site{}}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return d, err
	}
	p, err := r.decode()
	if err != nil {
		return d, err
	}
	d.problem, d.origin = *p, r.FromDay.At(0, zone)
	queues, err := s.Contracts.Queues(ctx, sc, ids.Client{})
	if err != nil {
		return d, err
	}
	for _, g := range p.Groups {
		id, err := parseGroup(g.ID)
		if err != nil {
			return d, err
		}
		i := slices.IndexFunc(queues, func(q contract.Queue) bool { return q.ID == id })
		if i < 0 {
			return d, fault.New(fault.Conflict, "roster.queue_gone", "A queue of the roster does not exist any more; make a new roster.")
		}
		d.queues = append(d.queues, queueInfo{Queue: queues[i]})
	}
	return d, s.reopenPeople(ctx, sc, &d)
}

// reopenPeople finds the people of the stored problem.
func (s *Service) reopenPeople(ctx context.Context, sc scope.Scope, d *draftRoster) error {
	sites, err := s.People.Sites(ctx, sc)
	if err != nil {
		return err
	}
	for _, site := range sites {
		d.sites[site.ID] = site
	}
	staff, err := s.People.Staff(ctx, sc, d.origin, d.FromDay)
	if err != nil {
		return err
	}
	byID := map[string]people.Person{}
	for _, p := range staff {
		byID[p.Agent.ID.String()] = p
	}
	for _, a := range d.problem.Agents {
		p, ok := byID[a.ID]
		if !ok {
			return fault.Newf(fault.Conflict, "roster.agent_gone", "The agent %s of the roster is not in force on its first day any more; make a new roster.", a.Name).With("agent", a.Name)
		}
		d.people = append(d.people, p)
	}
	return nil
}

// sortShifts orders shifts by agent and start.
func sortShifts(shifts []Shift) {
	slices.SortFunc(shifts, func(a, b Shift) int { return cmp.Or(a.AgentID.Compare(b.AgentID), cmp.Compare(a.StartAt, b.StartAt)) })
}

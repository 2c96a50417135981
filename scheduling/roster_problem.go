package scheduling

import (
	"context"
	"fmt"
	"math"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// breakShare is the part of a shift's paid time that its placed breaks take (two
// quarters of an hour in eight hours). Shrinkage of the terms contains it; the
// rest is absence, for which more people are rostered than seats are needed.
const breakShare = 0.0625

// overtimeShare is how far a week may exceed the contract's minutes.
const overtimeShare = 1.2

// draftRoster is a roster in the making: its frame, its problem and the positions of agents and groups in it.
type draftRoster struct {
	Roster
	problem roster.Problem
	origin  calendar.Instant // minute 0 of the problem
	queues  []queueInfo      // by group
	people  []people.Person  // by agent
	sites   map[ids.Site]people.Site
}

// frameRoster checks what was asked for and lays out the horizon.
func (s *Service) frameRoster(ctx context.Context, n NewRoster) (draftRoster, error) {
	d := draftRoster{}
	if n.Days < 1 || n.Days > maxRosterDays {
		return d, fault.Newf(fault.Invalid, "roster.days", "A roster covers 1 to %d days, not %d.", maxRosterDays, n.Days).With("days", n.Days)
	}
	if n.Zone == "" {
		p, err := s.Contracts.Provider(ctx)
		if err != nil {
			return d, err
		}
		n.Zone = p.Zone
	}
	zone, err := zoneOf(n.Zone)
	if err != nil {
		return d, err
	}
	if n.Name == "" {
		n.Name = "Roster " + n.From.String()
	}
	d.origin = n.From.At(0, zone)
	d.Roster = Roster{Name: n.Name, Status: Draft, Zone: n.Zone, FromDay: n.From, ToDay: n.From + calendar.Date(n.Days), Plans: n.Plans, BasedOn: n.BasedOn, Edition: 1, CreatedBy: n.Actor}
	d.problem = roster.Problem{Format: roster.Format, Zone: n.Zone, FirstDay: n.From.String(), Days: n.Days, SlotMinutes: 15}
	return d, nil
}

// buildProblem makes the problem that CreateRoster solves: groups from the plans,
// agents from the staff in force on the first day, templates and rules of their
// sites, and what the last published roster left (rest, days in a row).
func (s *Service) buildProblem(ctx context.Context, sc scope.Scope, n NewRoster) (draftRoster, error) {
	d, err := s.frameRoster(ctx, n)
	if err != nil {
		return d, err
	}
	if err := s.addGroups(ctx, sc, &d); err != nil {
		return d, err
	}
	if err := s.addReceived(ctx, sc, &d, n.Received); err != nil {
		return d, err
	}
	rules, err := n.workRules()
	if err != nil {
		return d, err
	}
	if err := s.addStaff(ctx, sc, &d, n, rules); err != nil {
		return d, err
	}
	d.problem.Rules = slices.Clone(rules.Rules)
	if err := s.addLaws(ctx, sc, &d); err != nil {
		return d, err
	}
	if err := s.addHistory(ctx, sc, &d); err != nil {
		return d, err
	}
	if !n.BasedOn.IsZero() {
		if err := s.addBase(ctx, sc, &d, n); err != nil {
			return d, err
		}
	}
	return d, d.problem.Validate()
}

// addGroups makes one group per queue of the plans.
func (s *Service) addGroups(ctx context.Context, sc scope.Scope, d *draftRoster) error {
	plans, err := s.plansByID(ctx, sc, d.Plans)
	if err != nil {
		return err
	}
	slots := d.problem.Days * 96
	for _, p := range plans {
		queues, err := s.queuesOf(ctx, sc, p.ClientID, d.origin)
		if err != nil {
			return err
		}
		points, err := s.PlanPoints(ctx, sc, p.ID, ids.Queue{})
		if err != nil {
			return err
		}
		need := map[ids.Queue][]int{}
		own := map[ids.Queue][]PlanPoint{}
		for _, pt := range points {
			own[pt.QueueID] = append(own[pt.QueueID], pt)
			i := d.slotOf(pt)
			if i < 0 || i >= slots {
				continue
			}
			if need[pt.QueueID] == nil {
				need[pt.QueueID] = make([]int, slots)
			}
			need[pt.QueueID][i] = rosteredFor(pt)
		}
		for _, q := range queues {
			if need[q.ID] == nil {
				continue
			}
			if slices.ContainsFunc(d.queues, func(o queueInfo) bool { return o.ID == q.ID }) {
				return fault.Newf(fault.Invalid, "roster.queue_twice", "Two of the plans cover the queue %s; give one plan per client.", q.Slug).With("queue", q.Slug)
			}
			group := roster.Group{ID: q.ID.String(), Client: q.ClientID.String(), Skill: q.SkillID.String(), Need: need[q.ID]}
			if i := slices.IndexFunc(p.Settings.Queues, func(o QueueSetting) bool { return o.QueueID == q.ID }); i >= 0 {
				if group.Values, err = p.Settings.Queues[i].agentValues(own[q.ID], need[q.ID], d.slotOf); err != nil {
					return err
				}
			}
			d.queues = append(d.queues, q)
			d.problem.Groups = append(d.problem.Groups, group)
		}
	}
	if len(d.problem.Groups) == 0 {
		return fault.New(fault.Conflict, "roster.no_demand", "None of the plans needs anybody in these days; choose days that the plans cover.")
	}
	return nil
}

// slotOf gives the interval of a plan's point, counted from the first midnight; it is negative before that.
func (d *draftRoster) slotOf(p PlanPoint) int {
	if p.StartAt < d.origin {
		return -1
	}
	return int((p.StartAt - d.origin) / grid)
}

// rosteredFor gives the agents to roster for a point: its seats, raised by the
// absence that is left of the shrinkage once placed breaks are taken out.
func rosteredFor(p PlanPoint) int {
	if p.Seats == 0 || p.Scheduled <= 0 {
		return p.Seats
	}
	shrinkage := 1 - float64(p.Seats)/p.Scheduled
	return max(p.Seats, int(math.Round(float64(p.Seats)/attendance(shrinkage))))
}

// addStaff adds the agents who can serve a group, with the templates of their sites.
func (s *Service) addStaff(ctx context.Context, sc scope.Scope, d *draftRoster, n NewRoster, rules WorkRules) error {
	staff, err := s.People.Staff(ctx, sc, d.origin, d.FromDay)
	if err != nil {
		return err
	}
	sites, err := s.People.Sites(ctx, sc)
	if err != nil {
		return err
	}
	d.sites = map[ids.Site]people.Site{}
	for _, site := range sites {
		d.sites[site.ID] = site
	}
	templates := map[ids.Site][]siteTemplate{}
	for _, p := range staff {
		site, ok := d.sites[p.Membership.SiteID]
		if !ok || p.Employment == nil || p.Employment.WeeklyMinutes <= 0 || !n.wants(p) {
			continue
		}
		skills := skillsOf(p, d.problem.Groups)
		if len(skills) == 0 {
			continue
		}
		if _, known := templates[site.ID]; !known {
			if templates[site.ID], err = d.siteTemplates(site, rules); err != nil {
				return err
			}
		}
		agent := roster.Agent{ID: p.Agent.ID.String(), Name: p.Agent.Label, Site: site.Slug, Skills: skills, Contract: contractOf(p.Employment.WeeklyMinutes, d.problem.Days)}
		for _, t := range templates[site.ID] {
			if t.source.fits(p.Employment.WeeklyMinutes) {
				agent.Templates = append(agent.Templates, t.ids...)
			}
		}
		if len(agent.Templates) == 0 {
			return fault.Newf(fault.Conflict, "roster.no_template", "No shift template suits the agent %s with %d minutes a week; add one for their hours.", p.Agent.Number, p.Employment.WeeklyMinutes).With("agent", p.Agent.Number)
		}
		if left := p.Agent.LeftOn; left != nil && *left < d.ToDay {
			agent.TimeOff = append(agent.TimeOff, roster.Window{From: max(0, int(*left-d.FromDay)) * 1440, To: (d.problem.Days + 2) * 1440, Reason: "left"})
		}
		d.people = append(d.people, p)
		d.problem.Agents = append(d.problem.Agents, agent)
	}
	if len(d.people) == 0 {
		return fault.New(fault.Conflict, "roster.no_staff", "Nobody in force on the first day has the skill, the client and a contract for the plans' queues.")
	}
	return nil
}

// siteTemplate is a template of the rules with its ids in the problem.
type siteTemplate struct {
	source ShiftTemplate
	ids    []string
}

// siteTemplates adds a site's templates to the problem; nights only where a queue needs people at night.
func (d *draftRoster) siteTemplates(site people.Site, rules WorkRules) ([]siteTemplate, error) {
	zone, err := zoneOf(site.Zone)
	if err != nil {
		return nil, err
	}
	own, err := zoneOf(d.Zone)
	if err != nil {
		return nil, err
	}
	_, siteOffset := d.origin.In(zone).Zone()
	_, ownOffset := d.origin.In(own).Zone()
	delta := (ownOffset - siteOffset) / 60
	var out []siteTemplate
	for _, t := range rules.Templates {
		if t.Night && !d.nightDemand(delta) {
			continue
		}
		engine, err := t.engineTemplates(site.Slug+"/", delta)
		if err != nil {
			return nil, err
		}
		st := siteTemplate{source: t}
		for _, e := range engine {
			st.ids = append(st.ids, e.ID)
			d.problem.Templates = append(d.problem.Templates, e)
		}
		out = append(out, st)
	}
	return out, nil
}

// nightDemand reports whether somebody is needed between 01:00 and 05:00 of the site's clock.
func (d *draftRoster) nightDemand(delta int) bool {
	for _, g := range d.problem.Groups {
		for i, need := range g.Need {
			minute := ((i*15-delta)%1440 + 1440) % 1440
			if need > 0 && minute >= 60 && minute < 300 {
				return true
			}
		}
	}
	return false
}

// contractOf spreads weekly minutes over the horizon.
func contractOf(weekly, days int) *roster.Contract {
	total := weekly * days / 7
	return &roster.Contract{MinMinutes: total, MaxMinutes: total, WeekMaxMinutes: int(float64(weekly) * overtimeShare)}
}

// tierIndex numbers the tiers from the first to the last to be asked.
func tierIndex(t people.Tier) int { return max(0, slices.Index(people.Tiers(), t)) }

// skillsOf gives an agent's skills for the groups of clients they serve.
func skillsOf(p people.Person, groups []roster.Group) []roster.Skill {
	var out []roster.Skill
	for _, k := range p.Skills {
		for _, c := range p.Clients {
			used := slices.ContainsFunc(groups, func(g roster.Group) bool { return g.Skill == k.SkillID.String() && g.Client == c.String() })
			if used {
				out = append(out, roster.Skill{Client: c.String(), Skill: k.SkillID.String(), Tier: tierIndex(p.Membership.Tier), Proficiency: min(1000, max(0, k.Proficiency))})
			}
		}
	}
	return out
}

// minuteOf gives the elapsed minutes of an instant since the problem's first midnight.
func (d *draftRoster) minuteOf(at calendar.Instant) int {
	return int((at - d.origin) / calendar.Minute)
}

// instantOf is the opposite of minuteOf.
func (d *draftRoster) instantOf(minute int) calendar.Instant {
	return d.origin + calendar.Instant(minute)*calendar.Minute
}

// dayOf gives the problem's day of an instant.
func (d *draftRoster) dayOf(at calendar.Instant) (int, error) {
	zone, err := zoneOf(d.Zone)
	if err != nil {
		return 0, err
	}
	return int(calendar.DateOf(at, zone) - d.FromDay), nil
}

// agentIndex finds an agent in a problem.
func agentIndex(p *roster.Problem, agent ids.Agent) (int, error) {
	id := agent.String()
	i := slices.IndexFunc(p.Agents, func(a roster.Agent) bool { return a.ID == id })
	if i < 0 {
		return 0, fault.New(fault.NotFound, "roster.agent_not_found", "The agent is not part of this roster.")
	}
	return i, nil
}

// parseGroup reads the queue of a group's id.
func parseGroup(id string) (ids.Queue, error) {
	q, err := ids.Parse[struct{}](id)
	if err != nil {
		return ids.Queue{}, fmt.Errorf("group %q of the stored problem: %w", id, err)
	}
	return ids.Queue(q), nil
}

package people

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Newcomer is one agent as a form adds him or her. The site decides the zone of the first day.
type Newcomer struct {
	Number        string          `json:"number" maxLength:"60"`
	Name          string          `json:"name" maxLength:"200"`
	Email         string          `json:"email,omitempty" maxLength:"200"`
	SiteID        ids.Site        `json:"site_id"`
	TeamID        ids.Team        `json:"team_id"`
	Tier          Tier            `json:"tier" enum:"junior,middle,expert"`
	From          calendar.Date   `json:"from"` // first business date
	Skills        []SkillOf       `json:"skills,omitempty"`
	Clients       []ids.Client    `json:"clients,omitempty"`
	WeeklyMinutes int             `json:"weekly_minutes,omitempty" minimum:"0" maximum:"10080"` // 0: no employment is stored
	HourlyCost    decimal.Decimal `json:"hourly_cost,omitempty"`                                // in major units
	Currency      money.Currency  `json:"currency,omitempty"`
}

// SkillOf is a skill with the proficiency (1..100) of one agent.
type SkillOf struct {
	SkillID     ids.Skill `json:"skill_id"`
	Proficiency int       `json:"proficiency" minimum:"1" maximum:"100"`
}

// Welcome adds one agent with team, skills, clients and employment, all or nothing.
func (s *Service) Welcome(ctx context.Context, sc scope.Scope, n Newcomer) (Agent, error) {
	n.Number, n.Name = strings.TrimSpace(n.Number), strings.TrimSpace(n.Name)
	if n.Number == "" || n.Name == "" || n.From == 0 {
		return Agent{}, fault.New(fault.Invalid, "people.incomplete", "An agent needs a staff number, a name and a first day.")
	}
	tier, err := ParseTier(string(n.Tier))
	if err != nil {
		return Agent{}, err
	}
	from, err := s.firstMoment(ctx, sc, n)
	if err != nil {
		return Agent{}, err
	}
	h := Hire{Agent: Agent{Number: n.Number, Label: n.Number, HiredOn: &n.From}, Profile: Profile{Name: n.Name, Email: n.Email},
		Membership: Membership{SiteID: n.SiteID, TeamID: n.TeamID, Tier: tier}, Clients: n.Clients, From: from}
	for _, k := range n.Skills {
		h.Skills = append(h.Skills, AgentSkill{SkillID: k.SkillID, Proficiency: k.Proficiency})
	}
	if n.WeeklyMinutes > 0 {
		if _, err := money.ParseCurrency(string(n.Currency)); err != nil {
			return Agent{}, fault.Newf(fault.Invalid, "contract.unknown_currency", "%s.", err).With("currency", string(n.Currency))
		}
		if n.HourlyCost.IsNegative() {
			return Agent{}, fault.New(fault.Invalid, "people.negative_cost", "The hourly cost is negative; give what an hour costs, or 0.")
		}
		h.Employment = &Employment{WeeklyMinutes: n.WeeklyMinutes, HourlyCost: n.HourlyCost, Currency: n.Currency, ValidFrom: n.From}
	}
	agents, err := s.HireAll(ctx, sc, []Hire{h})
	if err != nil {
		return Agent{}, err
	}
	return agents[0], nil
}

// firstMoment gives the beginning of the newcomer's first day in the zone of the site, and refuses
// a site or team that is not there or not of the site, and skills that are named twice or unknown.
func (s *Service) firstMoment(ctx context.Context, sc scope.Scope, n Newcomer) (calendar.Instant, error) {
	sites, err := s.Sites(ctx, sc)
	if err != nil {
		return 0, err
	}
	teams, err := s.Teams(ctx, sc)
	if err != nil {
		return 0, err
	}
	skills, err := s.Skills(ctx, sc)
	if err != nil {
		return 0, err
	}
	known := map[ids.Skill]bool{}
	for _, k := range skills {
		known[k.ID] = true
	}
	for _, k := range n.Skills {
		if !known[k.SkillID] || k.Proficiency < 1 || k.Proficiency > 100 {
			return 0, fault.New(fault.Invalid, "people.unknown_skill", "A skill is unknown, named twice or has a proficiency outside 1 to 100.")
		}
		delete(known, k.SkillID)
	}
	for _, site := range sites {
		if site.ID != n.SiteID {
			continue
		}
		for _, team := range teams {
			if team.ID == n.TeamID && team.SiteID == site.ID {
				zone, err := calendar.Zone(site.Zone)
				if err != nil {
					return 0, err
				}
				return n.From.At(0, zone), nil
			}
		}
	}
	return 0, fault.New(fault.Invalid, "people.unknown_team", "There is no such team at this site; choose the site and one of its teams.")
}

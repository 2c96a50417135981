package server

import (
	"context"
	"net/http"

	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/people"
)

var (
	viewPeople = right{"people", access.View}
	editPeople = right{"people", access.Edit}
)

// person is an agent as lists show it; the name is empty without the right to see profiles.
type person struct {
	ID      ids.Agent    `json:"id"`
	Number  string       `json:"number"`
	Label   string       `json:"label"`
	Name    string       `json:"name"`
	SiteID  ids.Site     `json:"site_id"`
	TeamID  ids.Team     `json:"team_id"`
	Tier    people.Tier  `json:"tier"`
	Skills  []ids.Skill  `json:"skills"`
	Clients []ids.Client `json:"clients"`
}

func (s *Server) registerPeople() {
	read(s, route{method: http.MethodGet, path: "/people", id: "list-people", summary: "Agents in force now", tag: "people", need: viewPeople},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[person], error) {
			now := s.deps.DB.Now()
			staff, err := s.deps.People.Staff(ctx, call.Scope, now, calendar.Date(now/calendar.Day))
			if err != nil {
				return nil, err
			}
			names := call.Identity.May("profiles", access.View)
			out := make([]person, len(staff))
			for i, p := range staff {
				out[i] = person{ID: p.Agent.ID, Number: p.Agent.Number, Label: p.Agent.Label, SiteID: p.Membership.SiteID, TeamID: p.Membership.TeamID, Tier: p.Membership.Tier, Clients: p.Clients, Skills: []ids.Skill{}}
				if names {
					out[i].Name = p.Profile.Name
				}
				for _, k := range p.Skills {
					out[i].Skills = append(out[i].Skills, k.SkillID)
				}
			}
			return listOf(out), nil
		})
	read(s, route{method: http.MethodGet, path: "/sites", id: "list-sites", summary: "Sites", tag: "people", need: viewPeople},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[people.Site], error) {
			all, err := s.deps.People.Sites(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/teams", id: "list-teams", summary: "Teams", tag: "people", need: viewPeople},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[people.Team], error) {
			all, err := s.deps.People.Teams(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/skills", id: "list-skills", summary: "Skills", tag: "people", need: viewPeople},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[people.Skill], error) {
			all, err := s.deps.People.Skills(ctx, call.Scope)
			return listOf(all), err
		})
	type newSkill struct {
		Keyed
		Body struct {
			Slug string `json:"slug" maxLength:"63"`
			Name string `json:"name" maxLength:"200"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/skills", id: "create-skill", summary: "Add a skill", tag: "people", need: editPeople, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newSkill) (*one[people.Skill], error) {
			k, err := s.deps.People.CreateSkill(ctx, call.Scope, people.Skill{Slug: in.Body.Slug, Name: in.Body.Name})
			call.Touch(k.ID, ids.Client{})
			return &one[people.Skill]{Body: k}, err
		})
	type newSite struct {
		Keyed
		Body struct {
			Slug      string `json:"slug" maxLength:"63"`
			Name      string `json:"name" maxLength:"200"`
			Zone      string `json:"zone"`
			Country   string `json:"country" minLength:"2" maxLength:"2"`
			WeekStart int    `json:"week_start" minimum:"0" maximum:"6"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/sites", id: "create-site", summary: "Add a site", tag: "people", need: editPeople, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newSite) (*one[people.Site], error) {
			b := in.Body
			v, err := s.deps.People.CreateSite(ctx, call.Scope, people.Site{Slug: b.Slug, Name: b.Name, Zone: b.Zone, Country: b.Country, WeekStart: b.WeekStart})
			call.Touch(v.ID, ids.Client{})
			return &one[people.Site]{Body: v}, err
		})
	type newPerson struct {
		Keyed
		Body people.Newcomer
	}
	change(s, route{method: http.MethodPost, path: "/people", id: "create-person", summary: "Add an agent with skills and clients", tag: "people", need: editPeople, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newPerson) (*one[people.Agent], error) {
			a, err := s.deps.People.Welcome(ctx, call.Scope, in.Body)
			call.Touch(a.ID, ids.Client{})
			return &one[people.Agent]{Body: a}, err
		})
	type newTeam struct {
		Keyed
		Body struct {
			Site string `json:"site_id" format:"uuid"`
			Slug string `json:"slug" maxLength:"63"`
			Name string `json:"name" maxLength:"200"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/teams", id: "create-team", summary: "Add a team to a site", tag: "people", need: editPeople, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newTeam) (*one[people.Team], error) {
			site, err := parseID[ids.Site](in.Body.Site)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.People.CreateTeam(ctx, call.Scope, people.Team{SiteID: site, Slug: in.Body.Slug, Name: in.Body.Name})
			call.Touch(v.ID, ids.Client{})
			return &one[people.Team]{Body: v}, err
		})
}

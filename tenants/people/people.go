package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Tier is the level of an agent.
type Tier string

// The tiers, from the first to the last to be asked.
const (
	Junior Tier = "junior"
	Middle Tier = "middle"
	Expert Tier = "expert"
)

// Tiers lists the tiers in order.
func Tiers() []Tier { return []Tier{Junior, Middle, Expert} }

// ParseTier accepts a known tier.
func ParseTier(s string) (Tier, error) {
	t := Tier(strings.ToLower(strings.TrimSpace(s)))
	if slices.Contains(Tiers(), t) {
		return t, nil
	}
	return "", fault.Newf(fault.Invalid, "people.unknown_tier", "The tier %q is unknown: use one of %s.", s, fault.Allowed(Tiers())).With("tier", s)
}

// Site is a place where agents work; its zone decides their business dates and pay classes.
type Site struct {
	ID         ids.Site         `gorm:"primaryKey" json:"id"`
	Slug       string           `json:"slug"`
	Name       string           `json:"name"`
	Zone       string           `json:"zone"`
	Country    string           `json:"country"` // ISO 3166 alpha-2
	CalendarID ids.Calendar     `json:"calendar_id"`
	WeekStart  int              `json:"week_start"` // 0 Sunday .. 6 Saturday
	CreatedAt  calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Site) TableName() string { return "sites" }

// Team is a group of agents of one site.
type Team struct {
	ID        ids.Team         `gorm:"primaryKey" json:"id"`
	SiteID    ids.Site         `json:"site_id"`
	Slug      string           `json:"slug"`
	Name      string           `json:"name"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Team) TableName() string { return "teams" }

// Skill is something an agent can serve; queues ask for one.
type Skill struct {
	ID        ids.Skill        `gorm:"primaryKey" json:"id"`
	Slug      string           `json:"slug"`
	Name      string           `json:"name"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Skill) TableName() string { return "skills" }

// Agent is one person who serves contacts. Number is the provider's staff number;
// Label is the short pseudonym that clients may see.
type Agent struct {
	ID        ids.Agent        `gorm:"primaryKey" json:"id"`
	Number    string           `json:"number"`
	Label     string           `json:"label"`
	HiredOn   *calendar.Date   `json:"hired_on,omitempty"`
	LeftOn    *calendar.Date   `json:"left_on,omitempty"`
	Version   int              `json:"version"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Agent) TableName() string { return "agents" }

// Profile is what identifies the person; it can be erased.
type Profile struct {
	AgentID  ids.Agent         `gorm:"primaryKey" json:"agent_id"`
	Name     string            `json:"name"`
	Email    string            `json:"email"`
	ErasedAt *calendar.Instant `json:"erased_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Profile) TableName() string { return "agent_profiles" }

// Membership places an agent in a site, team and tier during [ValidFrom, ValidTo).
type Membership struct {
	ID        ids.Any           `gorm:"primaryKey" json:"id"`
	AgentID   ids.Agent         `json:"agent_id"`
	SiteID    ids.Site          `json:"site_id"`
	TeamID    ids.Team          `json:"team_id"`
	Tier      Tier              `json:"tier"`
	ValidFrom calendar.Instant  `json:"valid_from"`
	ValidTo   *calendar.Instant `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (Membership) TableName() string { return "memberships" }

// AgentSkill says that an agent has a skill with a proficiency (1..100) during [ValidFrom, ValidTo).
type AgentSkill struct {
	ID          ids.Any           `gorm:"primaryKey" json:"id"`
	AgentID     ids.Agent         `json:"agent_id"`
	SkillID     ids.Skill         `json:"skill_id"`
	Proficiency int               `json:"proficiency"`
	ValidFrom   calendar.Instant  `json:"valid_from"`
	ValidTo     *calendar.Instant `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (AgentSkill) TableName() string { return "agent_skills" }

// AgentClient says that an agent serves a client during [ValidFrom, ValidTo).
type AgentClient struct {
	ClientID  ids.Client        `gorm:"primaryKey" json:"client_id"`
	AgentID   ids.Agent         `gorm:"primaryKey" json:"agent_id"`
	ValidFrom calendar.Instant  `gorm:"primaryKey;autoIncrement:false" json:"valid_from"`
	ValidTo   *calendar.Instant `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (AgentClient) TableName() string { return "agent_clients" }

// Employment is what the provider agreed with the agent on business dates
// [ValidFrom, ValidTo): minutes a week and the hourly cost, a decimal in major units.
type Employment struct {
	ID            ids.Any         `gorm:"primaryKey" json:"id"`
	AgentID       ids.Agent       `json:"agent_id"`
	WeeklyMinutes int             `json:"weekly_minutes"`
	HourlyCost    decimal.Decimal `json:"hourly_cost"`
	Currency      money.Currency  `json:"currency"`
	Document      string          `json:"-"` // work rules of the person as JSON
	ValidFrom     calendar.Date   `json:"valid_from"`
	ValidTo       *calendar.Date  `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (Employment) TableName() string { return "employments" }

// Source is the key by which a source system names an agent.
type Source struct {
	Source     string    `gorm:"primaryKey" json:"source"`
	ExternalID string    `gorm:"primaryKey" json:"external_id"`
	AgentID    ids.Agent `json:"agent_id"`
}

// TableName implements gorm's Tabler.
func (Source) TableName() string { return "agent_sources" }

// Service owns the rows of people.
type Service struct{ db *database.DB }

// NewService makes the service on a door.
func NewService(db *database.DB) *Service { return &Service{db: db} }

// create stores one row and names a clash of its unique key.
func (s *Service) create(ctx context.Context, sc scope.Scope, row any, what, slug string) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		err := tx.Create(row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return fault.Newf(fault.Conflict, "people.duplicate", "There is a %s %q already; choose another name.", what, slug).With("slug", slug)
		}
		return err
	})
}

// CreateSite adds a site.
func (s *Service) CreateSite(ctx context.Context, sc scope.Scope, v Site) (Site, error) {
	if _, err := calendar.Zone(v.Zone); err != nil {
		return Site{}, fault.Newf(fault.Invalid, "people.unknown_zone", "%s.", err).With("zone", v.Zone)
	}
	v.ID, v.CreatedAt = ids.New[ids.Site](s.db.IDs()), s.db.Now()
	return v, s.create(ctx, sc, &v, "site", v.Slug)
}

// CreateTeam adds a team to a site.
func (s *Service) CreateTeam(ctx context.Context, sc scope.Scope, v Team) (Team, error) {
	v.ID, v.CreatedAt = ids.New[ids.Team](s.db.IDs()), s.db.Now()
	return v, s.create(ctx, sc, &v, "team", v.Slug)
}

// CreateSkill adds a skill.
func (s *Service) CreateSkill(ctx context.Context, sc scope.Scope, v Skill) (Skill, error) {
	v.ID, v.CreatedAt = ids.New[ids.Skill](s.db.IDs()), s.db.Now()
	return v, s.create(ctx, sc, &v, "skill", v.Slug)
}

// list loads all rows of a kind in an order.
func list[T any](ctx context.Context, s *Service, sc scope.Scope, order string) ([]T, error) {
	var out []T
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order(order).Find(&out).Error })
	return out, err
}

// Sites lists the sites by name.
func (s *Service) Sites(ctx context.Context, sc scope.Scope) ([]Site, error) {
	return list[Site](ctx, s, sc, "name, id")
}

// Teams lists the teams by name.
func (s *Service) Teams(ctx context.Context, sc scope.Scope) ([]Team, error) {
	return list[Team](ctx, s, sc, "name, id")
}

// Skills lists the skills by slug.
func (s *Service) Skills(ctx context.Context, sc scope.Scope) ([]Skill, error) {
	return list[Skill](ctx, s, sc, "slug")
}

// Hire is all that is stored when agents are added: one agent with what applies from its beginning.
type Hire struct {
	Agent      Agent
	Profile    Profile
	Membership Membership
	Skills     []AgentSkill
	Clients    []ids.Client
	Employment *Employment
	Sources    []Source
	From       calendar.Instant
}

// HireAll adds agents in one transaction, all or none; ids are given by the
// service. A number that exists is a conflict that names it.
func (s *Service) HireAll(ctx context.Context, sc scope.Scope, hires []Hire) ([]Agent, error) {
	var agents []Agent
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		agents = make([]Agent, 0, len(hires))
		var profiles []Profile
		var members []Membership
		var skills []AgentSkill
		var clients []AgentClient
		var employments []Employment
		var sources []Source
		numbers := make([]string, 0, len(hires))
		for _, h := range hires {
			numbers = append(numbers, h.Agent.Number)
		}
		var taken []string
		if err := tx.Model(&Agent{}).Where("number IN ?", numbers).Order("number").Pluck("number", &taken).Error; err != nil {
			return err
		}
		if len(taken) > 0 {
			return fault.Newf(fault.Conflict, "people.duplicate_number", "The staff number %s exists already.", strings.Join(taken, ", ")).With("numbers", taken)
		}
		for _, h := range hires {
			a := h.Agent
			a.ID, a.Version, a.CreatedAt = ids.New[ids.Agent](s.db.IDs()), 1, s.db.Now()
			agents = append(agents, a)
			h.Profile.AgentID = a.ID
			profiles = append(profiles, h.Profile)
			h.Membership.ID, h.Membership.AgentID, h.Membership.ValidFrom = ids.New[ids.Any](s.db.IDs()), a.ID, h.From
			members = append(members, h.Membership)
			for _, k := range h.Skills {
				k.ID, k.AgentID, k.ValidFrom = ids.New[ids.Any](s.db.IDs()), a.ID, h.From
				skills = append(skills, k)
			}
			for _, c := range h.Clients {
				clients = append(clients, AgentClient{ClientID: c, AgentID: a.ID, ValidFrom: h.From})
			}
			if h.Employment != nil {
				e := *h.Employment
				e.ID, e.AgentID = ids.New[ids.Any](s.db.IDs()), a.ID
				if e.Document == "" {
					e.Document = "{}"
				}
				employments = append(employments, e)
			}
			for _, src := range h.Sources {
				src.AgentID = a.ID
				sources = append(sources, src)
			}
		}
		return insertAll(tx, agents, profiles, members, skills, clients, employments, sources)
	})
	return agents, err
}

func insertAll(tx *database.Tx, agents []Agent, profiles []Profile, members []Membership, skills []AgentSkill, clients []AgentClient, employments []Employment, sources []Source) error {
	if _, err := database.Insert(tx, agents); err != nil {
		return err
	}
	if _, err := database.Insert(tx, profiles); err != nil {
		return err
	}
	if _, err := database.Insert(tx, members); err != nil {
		return err
	}
	if _, err := database.Insert(tx, skills); err != nil {
		return err
	}
	if _, err := database.Insert(tx, clients); err != nil {
		return err
	}
	if _, err := database.Insert(tx, employments); err != nil {
		return err
	}
	_, err := database.Insert(tx, sources, clause.OnConflict{DoNothing: true})
	return err
}

// Person is an agent with everything in force at an instant. Profile and
// Employment are empty in a client's scope.
type Person struct {
	Agent      Agent        `json:"agent"`
	Profile    Profile      `json:"profile"`
	Membership Membership   `json:"membership"`
	Skills     []AgentSkill `json:"skills"`
	Clients    []ids.Client `json:"clients"`
	Employment *Employment  `json:"employment,omitempty"`
}

// Staff lists the agents of the scope who belong to a team at the instant, by
// number, with what is in force then (employments by the business date on).
func (s *Service) Staff(ctx context.Context, sc scope.Scope, at calendar.Instant, on calendar.Date) ([]Person, error) {
	var people []Person
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var agents []Agent
		var profiles []Profile
		var members []Membership
		var skills []AgentSkill
		var clients []AgentClient
		var employments []Employment
		inForce := "valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)"
		if err := errors.Join(
			tx.Order("number").Find(&agents).Error,
			tx.Find(&profiles).Error,
			tx.Where(inForce, at, at).Find(&members).Error,
			tx.Where(inForce, at, at).Order("agent_id, skill_id").Find(&skills).Error,
			tx.Where(inForce, at, at).Order("agent_id, client_id").Find(&clients).Error,
			tx.Where(inForce, on, on).Find(&employments).Error,
		); err != nil {
			return err
		}
		index := map[ids.Agent]int{}
		people = make([]Person, len(agents))
		for i, a := range agents {
			people[i].Agent = a
			index[a.ID] = i
		}
		for _, p := range profiles {
			people[index[p.AgentID]].Profile = p
		}
		for _, m := range members {
			people[index[m.AgentID]].Membership = m
		}
		for _, k := range skills {
			people[index[k.AgentID]].Skills = append(people[index[k.AgentID]].Skills, k)
		}
		for _, c := range clients {
			people[index[c.AgentID]].Clients = append(people[index[c.AgentID]].Clients, c.ClientID)
		}
		for _, e := range employments {
			people[index[e.AgentID]].Employment = &e
		}
		people = slices.DeleteFunc(people, func(p Person) bool { return p.Membership.ID.IsZero() })
		return nil
	})
	return people, err
}

// Agents lists the agents of the scope by number.
func (s *Service) Agents(ctx context.Context, sc scope.Scope) ([]Agent, error) {
	return list[Agent](ctx, s, sc, "number")
}

// AgentsBySource maps the external ids of a source, and every staff number, to agents.
func (s *Service) AgentsBySource(ctx context.Context, sc scope.Scope, source string) (map[string]ids.Agent, error) {
	out := map[string]ids.Agent{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var agents []Agent
		if err := tx.Find(&agents).Error; err != nil {
			return err
		}
		for _, a := range agents {
			out[a.Number] = a.ID
		}
		var sources []Source
		if err := tx.Where("source = ?", source).Find(&sources).Error; err != nil {
			return err
		}
		for _, v := range sources {
			out[v.ExternalID] = v.AgentID
		}
		return nil
	})
	return out, err
}

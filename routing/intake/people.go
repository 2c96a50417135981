package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"gorm.io/gorm/clause"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// defaultProficiency is what a skill without a figure counts as.
const defaultProficiency = 50

// personDraft is a member of staff as a file tells it.
type personDraft struct {
	line                int64
	number, name, email string
	site, team          string
	tier                people.Tier
	skills              []skillDraft
	clients             []string
	hired               *calendar.Date
	weeklyMinutes       int
	hourlyCost          decimal.Decimal
	currency            string
	sourceID            string
}

type skillDraft struct {
	name        string
	proficiency int
}

// personOf makes a draft of a record. Skills read "voice:80; chat".
func personOf(f *fields, client contract.Client) (personDraft, *tabular.Issue) {
	p := personDraft{line: f.record.Line, number: f.get("number").Text, name: f.get("name").Text, email: f.get("email").Text, site: f.get("site").Text, team: f.get("team").Text,
		tier: people.Tier(f.get("tier").Text), currency: f.get("currency").Text, sourceID: f.get("source_id").Text, hourlyCost: f.get("hourly_cost").Number}
	if p.tier == "" {
		p.tier = people.Junior
	}
	if v := f.get("hired_on"); v.Set {
		d := v.Date()
		p.hired = &d
	}
	hours := f.get("weekly_hours").Number
	if hours.GreaterThan(decimal.NewFromInt(100)) {
		return p, issue(p.line, "weekly_hours", hours.String(), "too_large", "More than 100 hours a week are impossible; check the unit.")
	}
	p.weeklyMinutes = int(hours.Mul(decimal.NewFromInt(60)).IntPart())
	if p.currency == "" {
		p.currency = string(client.Currency)
	}
	if _, err := money.ParseCurrency(p.currency); err != nil {
		return p, issue(p.line, "currency", p.currency, "unknown_currency", fmt.Sprintf("The %v.", err))
	}
	for _, text := range list(f.get("skills").Text) {
		name, figure, stated := strings.Cut(text, ":")
		skill := skillDraft{name: strings.TrimSpace(name), proficiency: defaultProficiency}
		if stated {
			n, err := strconv.Atoi(strings.TrimSpace(figure))
			if err != nil || n < 1 || n > 100 {
				return p, issue(p.line, "skills", text, "bad_proficiency", "The figure behind a skill must be a whole number from 1 to 100.")
			}
			skill.proficiency = n
		}
		p.skills = append(p.skills, skill)
	}
	p.clients = list(f.get("clients").Text)
	return p, nil
}

// list cuts "a; b、c" into names.
func list(s string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(";,|/、，；\n", r) })
	out := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// peopleSink hires, and moves who is known already.
type peopleSink struct {
	batch
	service *Service
	drafts  []personDraft
}

// house is what people's rows may name.
type house struct {
	sites   map[string]people.Site
	teams   map[string]people.Team
	skills  map[string]people.Skill
	clients map[string]contract.Client
	staff   map[string]people.Person
	agents  map[string]people.Agent
}

func (s *peopleSink) holds(f *fields) bool { return s.keys[f.get("number").Text] }

func (s *peopleSink) take(f *fields) *tabular.Issue {
	p, problem := personOf(f, s.job.client)
	if problem != nil {
		return problem
	}
	if problem := s.job.house.check(p, s.job.request.Create); problem != nil {
		return problem
	}
	s.drafts = append(s.drafts, p)
	s.note(p.number, p.line, 0, 0)
	return nil
}

// loadHouse reads sites, teams, skills, clients and staff under their folded names.
func loadHouse(tx *database.Tx, s *Service) (*house, error) {
	ctx, all := tx.Context(), scope.Provider()
	h := &house{sites: map[string]people.Site{}, teams: map[string]people.Team{}, skills: map[string]people.Skill{}, clients: map[string]contract.Client{},
		staff: map[string]people.Person{}, agents: map[string]people.Agent{}}
	sites, err1 := s.people.Sites(ctx, all)
	teams, err2 := s.people.Teams(ctx, all)
	skills, err3 := s.people.Skills(ctx, all)
	clients, err4 := s.contract.Clients(ctx, all)
	agents, err5 := s.people.Agents(ctx, all)
	now := s.db.Now()
	staff, err6 := s.people.Staff(ctx, all, now, calendar.DateOf(now, now.Time().Location()))
	for _, v := range sites {
		h.sites[fold(v.Name)], h.sites[fold(v.Slug)] = v, v
	}
	for _, v := range teams {
		h.teams[fold(v.Name)], h.teams[fold(v.Slug)] = v, v
	}
	for _, v := range skills {
		h.skills[fold(v.Name)], h.skills[fold(v.Slug)] = v, v
	}
	for _, v := range clients {
		h.clients[fold(v.Name)], h.clients[fold(v.Slug)] = v, v
	}
	for _, v := range agents {
		h.agents[v.Number] = v
	}
	for _, v := range staff {
		h.staff[v.Agent.Number] = v
	}
	return h, errors.Join(err1, err2, err3, err4, err5, err6)
}

// check wants every name to be known, except those that Create makes.
func (h *house) check(p personDraft, create bool) *tabular.Issue {
	unknown := func(column, name string, known []string) *tabular.Issue {
		return issue(p.line, column, name, "unknown_"+column, fmt.Sprintf("There is no %s %q; there are: %s.", column, name, some(known)))
	}
	for _, c := range p.clients {
		if _, ok := h.clients[fold(c)]; !ok {
			return unknown("client", c, slugs(h.clients, func(v contract.Client) string { return v.Slug }))
		}
	}
	if create {
		return nil
	}
	if _, ok := h.sites[fold(p.site)]; !ok {
		return unknown("site", p.site, slugs(h.sites, func(v people.Site) string { return v.Slug }))
	}
	if _, ok := h.teams[fold(p.team)]; !ok {
		return unknown("team", p.team, slugs(h.teams, func(v people.Team) string { return v.Slug }))
	}
	for _, k := range p.skills {
		if _, ok := h.skills[fold(k.name)]; !ok {
			return unknown("skill", k.name, slugs(h.skills, func(v people.Skill) string { return v.Slug }))
		}
	}
	return nil
}

func slugs[T any](all map[string]T, slug func(T) string) []string {
	var out []string
	for _, v := range all {
		out = append(out, slug(v))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// put hires the new and moves the known; a dry run only tells them apart.
func (s *peopleSink) put(tx *database.Tx) ([]records.Verdict, error) {
	h, err := loadHouse(tx, s.service)
	if err != nil {
		return nil, err
	}
	verdicts := make([]records.Verdict, len(s.drafts))
	var hires []people.Hire
	for i, p := range s.drafts {
		if s.job.row != nil && s.job.request.Create {
			if err := s.createMissing(tx, h, p); err != nil {
				return nil, err
			}
		}
		agent, known := h.agents[p.number]
		switch {
		case !known && s.job.row == nil:
		case !known:
			hires = append(hires, s.hire(h, p))
		default:
			changed, err := s.move(tx, h, agent, p)
			if err != nil {
				return nil, err
			}
			verdicts[i].Fate = records.Unchanged
			if changed {
				verdicts[i].Fate = records.Changed
			}
		}
	}
	if len(hires) > 0 {
		if _, err := s.service.people.HireAll(tx.Context(), scope.Provider(), hires); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// hire makes the rows of a new member of staff, in force from the hiring date or,
// without one, from the beginning, so that past work finds its team.
func (s *peopleSink) hire(h *house, p personDraft) people.Hire {
	site, team := h.sites[fold(p.site)], h.teams[fold(p.team)]
	out := people.Hire{Agent: people.Agent{Number: p.number, Label: p.number, HiredOn: p.hired}, Profile: people.Profile{Name: p.name, Email: p.email},
		Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: p.tier}, Clients: h.clientIDs(p, s.job.client)}
	from := calendar.Date(0)
	if p.hired != nil {
		from = *p.hired
		if zone, err := calendar.Zone(site.Zone); err == nil {
			out.From = from.At(0, zone)
		}
	}
	for _, k := range p.skills {
		out.Skills = append(out.Skills, people.AgentSkill{SkillID: h.skills[fold(k.name)].ID, Proficiency: k.proficiency})
	}
	if p.weeklyMinutes > 0 || p.hourlyCost.IsPositive() {
		out.Employment = &people.Employment{WeeklyMinutes: p.weeklyMinutes, HourlyCost: p.hourlyCost, Currency: money.Currency(strings.ToUpper(p.currency)), Document: "{}", ValidFrom: from}
	}
	if p.sourceID != "" {
		out.Sources = []people.Source{{Source: s.job.mapping.Source, ExternalID: p.sourceID}}
	}
	return out
}

// clientIDs gives the clients a person serves; without any, the import's client.
func (h *house) clientIDs(p personDraft, fallback contract.Client) []ids.Client {
	if len(p.clients) == 0 {
		return []ids.Client{fallback.ID}
	}
	var out []ids.Client
	for _, c := range p.clients {
		out = append(out, h.clients[fold(c)].ID)
	}
	slices.SortFunc(out, ids.Client.Compare)
	return slices.Compact(out)
}

// move changes what differs of a known member of staff, from now on, and reports
// whether anything did.
func (s *peopleSink) move(tx *database.Tx, h *house, agent people.Agent, p personDraft) (bool, error) {
	now := s.service.db.Now()
	person, write, changed := h.staff[p.number], s.job.row != nil, false
	site, team := h.sites[fold(p.site)], h.teams[fold(p.team)]
	if m := person.Membership; m.SiteID != site.ID || m.TeamID != team.ID || m.Tier != p.tier {
		changed = true
		if write {
			if err := tx.Model(&people.Membership{}).Where("agent_id = ? AND valid_to IS NULL", agent.ID).Update("valid_to", now).Error; err != nil {
				return false, err
			}
			next := people.Membership{ID: ids.New[ids.Any](s.service.db.IDs()), AgentID: agent.ID, SiteID: site.ID, TeamID: team.ID, Tier: p.tier, ValidFrom: now}
			if err := tx.Create(&next).Error; err != nil {
				return false, err
			}
		}
	}
	if p.name != "" && p.name != person.Profile.Name || p.email != "" && p.email != person.Profile.Email {
		changed = true
		if write {
			if err := tx.Model(&people.Profile{}).Where("agent_id = ?", agent.ID).Updates(map[string]any{"name": p.name, "email": p.email}).Error; err != nil {
				return false, err
			}
		}
	}
	skills, err := s.moveSkills(tx, h, person, agent, p, now)
	if err != nil {
		return false, err
	}
	var fresh []people.AgentClient
	for _, c := range h.clientIDs(p, s.job.client) {
		if !slices.Contains(person.Clients, c) {
			fresh = append(fresh, people.AgentClient{ClientID: c, AgentID: agent.ID, ValidFrom: now})
		}
	}
	if write {
		if _, err := database.Insert(tx, fresh, clause.OnConflict{DoNothing: true}); err != nil {
			return false, err
		}
		if p.sourceID != "" {
			rows := []people.Source{{Source: s.job.mapping.Source, ExternalID: p.sourceID, AgentID: agent.ID}}
			if _, err := database.Insert(tx, rows, clause.OnConflict{DoNothing: true}); err != nil {
				return false, err
			}
		}
	}
	return changed || skills || len(fresh) > 0, nil
}

// moveSkills closes what a person no longer has and adds what is new; a file without
// skills leaves them alone.
func (s *peopleSink) moveSkills(tx *database.Tx, h *house, person people.Person, agent people.Agent, p personDraft, now calendar.Instant) (bool, error) {
	if len(p.skills) == 0 {
		return false, nil
	}
	want := map[ids.Skill]int{}
	for _, k := range p.skills {
		want[h.skills[fold(k.name)].ID] = k.proficiency
	}
	changed := false
	for _, have := range person.Skills {
		if want[have.SkillID] == have.Proficiency {
			delete(want, have.SkillID)
			continue
		}
		changed = true
		if s.job.row != nil {
			if err := tx.Model(&people.AgentSkill{}).Where("id = ?", have.ID).Update("valid_to", now).Error; err != nil {
				return false, err
			}
		}
	}
	var fresh []people.AgentSkill
	for skill, proficiency := range want {
		fresh = append(fresh, people.AgentSkill{ID: ids.New[ids.Any](s.service.db.IDs()), AgentID: agent.ID, SkillID: skill, Proficiency: proficiency, ValidFrom: now})
	}
	slices.SortFunc(fresh, func(a, b people.AgentSkill) int { return a.SkillID.Compare(b.SkillID) })
	if s.job.row != nil {
		if _, err := database.Insert(tx, fresh); err != nil {
			return false, err
		}
	}
	return changed || len(fresh) > 0, nil
}

// createMissing makes the sites, teams and skills a row names; sites get the
// client's zone, which a person may change afterwards.
func (s *peopleSink) createMissing(tx *database.Tx, h *house, p personDraft) error {
	ctx, all := tx.Context(), scope.Provider()
	if _, ok := h.sites[fold(p.site)]; !ok {
		site, err := s.service.people.CreateSite(ctx, all, people.Site{Slug: slugOf("site", p.site), Name: p.site, Zone: s.job.client.Zone, WeekStart: 1})
		if err != nil {
			return err
		}
		h.sites[fold(p.site)] = site
	}
	if _, ok := h.teams[fold(p.team)]; !ok {
		team, err := s.service.people.CreateTeam(ctx, all, people.Team{SiteID: h.sites[fold(p.site)].ID, Slug: slugOf("team", p.team), Name: p.team})
		if err != nil {
			return err
		}
		h.teams[fold(p.team)] = team
	}
	for _, k := range p.skills {
		if _, ok := h.skills[fold(k.name)]; !ok {
			skill, err := s.service.people.CreateSkill(ctx, all, people.Skill{Slug: slugOf("skill", k.name), Name: k.name})
			if err != nil {
				return err
			}
			h.skills[fold(k.name)] = skill
		}
	}
	return nil
}

// slugOf makes a slug of a name: its ASCII letters and digits, or, when it has too
// few, the kind and a short hash.
func slugOf(kind, name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case (r == ' ' || r == '-' || r == '_') && b.Len() > 0:
			b.WriteByte('-')
		}
	}
	slug := strings.TrimRight(b.String(), "-")
	if len(slug) >= 2 && len(slug) <= 40 && len(slug)*2 >= len(name) {
		return slug
	}
	sum := sha256.Sum256([]byte(name))
	return kind + "-" + hex.EncodeToString(sum[:4])
}

func (s *peopleSink) fingerprint(i int) (uint64, uint64) {
	p := s.drafts[i]
	return shortText(p.number), shortText(fmt.Sprintf("%+v", p.skills), p.name, p.email, p.site, p.team, string(p.tier), strings.Join(p.clients, ";"), p.sourceID)
}

func (s *peopleSink) reset() {
	s.drafts = s.drafts[:0]
	s.batch.reset()
}

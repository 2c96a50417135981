package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// BoardView is everything the roster board shows, in the compact form that lets
// thousands of agents and weeks travel in one answer: positions instead of ids,
// minutes since the roster's first midnight instead of instants.
type BoardView struct {
	ID        ids.Roster       `json:"id"`
	Name      string           `json:"name"`
	Version   int              `json:"version"`
	Status    Status           `json:"status"`
	Edition   int              `json:"edition"`
	Zone      string           `json:"zone"`
	FromDay   calendar.Date    `json:"from_day"`
	ToDay     calendar.Date    `json:"to_day"`
	Origin    calendar.Instant `json:"origin"` // minute 0
	Queues    []BoardQueue     `json:"queues"`
	Templates []BoardTemplate  `json:"templates"`
	Agents    []BoardAgent     `json:"agents"`
	Shifts    []BoardShift     `json:"shifts"`
	Broken    []CellViolation  `json:"broken"` // every rule that is broken
	Proofs    []roster.Proof   `json:"proofs"` // what no roster can do
	BasedOn   ids.Roster       `json:"based_on,omitzero"`
}

// Standing is how a roster stands as a whole; it changes with every edit.
type Standing struct {
	Edition  int              `json:"edition"`
	Holes    []BoardHole      `json:"holes"` // requirement that nobody covers, in order of time, at most 400
	Score    map[string]int64 `json:"score"` // points by level
	Bound    int64            `json:"bound"` // no roster has fewer points on the cover level
	Paid     int64            `json:"paid_minutes"`
	Required int64            `json:"required_minutes"`
	Met      int64            `json:"met_minutes"`
	Broken   int              `json:"broken"` // rules
	Hard     int              `json:"hard"`   // of them hard
	History  History          `json:"history"`
}

// BoardQueue is one queue with its requirement and the agents at work for it, per
// quarter of an hour from minute 0.
type BoardQueue struct {
	ID        ids.Queue  `json:"id"`
	ClientID  ids.Client `json:"client_id"`
	Name      string     `json:"name"`
	Required  []int      `json:"required"`
	Scheduled []int32    `json:"scheduled"`
	External  []int      `json:"external"` // agents that others put up beyond those scheduled; empty = none
}

// BoardTemplate is a shift type. Times are minutes of the day in the roster's zone.
type BoardTemplate struct {
	ID         string `json:"id"`
	StartFrom  int    `json:"start_from"`
	StartTo    int    `json:"start_to"` // inclusive
	StartStep  int    `json:"start_step"`
	MinMinutes int    `json:"min_minutes"` // from start to end, breaks included
	MaxMinutes int    `json:"max_minutes"`
}

// BoardAgent is a row of the board.
type BoardAgent struct {
	ID            ids.Agent    `json:"id"`
	Number        string       `json:"number"`
	Label         string       `json:"label"`
	TeamID        ids.Team     `json:"team_id"`
	SiteID        ids.Site     `json:"site_id"`
	Tier          people.Tier  `json:"tier"`
	Skills        []string     `json:"skills"`
	Clients       []ids.Client `json:"clients"`
	WeeklyMinutes int          `json:"weekly_minutes"`
	Templates     []int        `json:"templates"` // positions of the shift types the agent works
}

// BoardShift is one shift. Slices are pairs of what the agent does and for how
// many minutes: the position of a queue, or one of the codes below.
type BoardShift struct {
	Agent    int           `json:"agent"`
	Day      calendar.Date `json:"day"` // business date in the agent's site
	Start    int           `json:"start"`
	Minutes  int           `json:"minutes"`
	Template int           `json:"template"`
	Pinned   bool          `json:"pinned,omitempty"` // set by hand
	Slices   []int         `json:"slices"`
}

// What a slice of a shift is when it is not work for a queue.
const (
	SliceFree  = -1 // at work, nobody asked for it
	SliceBreak = -2
	SliceMeal  = -3
)

// BoardHole is requirement of a queue that stays open, with the shift type that
// would cover most of it.
type BoardHole struct {
	Queue    int `json:"queue"`
	Start    int `json:"start"`
	Minutes  int `json:"minutes"`
	Missing  int `json:"missing"`  // agents, in each interval of the span
	Template int `json:"template"` // -1: no shift type reaches it
	At       int `json:"at"`       // start of that shift
}

// Board gives the roster board of a version as it stands now.
func (s *Service) Board(ctx context.Context, sc scope.Scope, id ids.Roster) (BoardView, error) {
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return BoardView{}, err
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return BoardView{}, err
	}
	skills, err := s.People.Skills(ctx, sc)
	if err != nil {
		return BoardView{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	sol := b.editor.Solution()
	v := BoardView{ID: b.ID, Name: b.Name, Version: b.Version, Status: b.Status, Edition: b.edition, Zone: b.Zone, FromDay: b.FromDay, ToDay: b.ToDay, Origin: b.origin, BasedOn: b.BasedOn, Proofs: b.Summary.Proofs}
	if v.Proofs == nil {
		v.Proofs = []roster.Proof{}
	}
	v.Queues, v.Templates, v.Agents = b.viewQueues(sol.Coverage.Staffed), b.viewTemplates(), b.viewAgents(skills)
	v.Broken = b.allViolations(sol.Violations)
	v.Shifts, err = b.viewShifts(sol.Shifts)
	return v, err
}

// StandingOf says how a version stands now: what is open, what it costs, what can be undone.
func (s *Service) StandingOf(ctx context.Context, sc scope.Scope, id ids.Roster) (Standing, error) {
	d, sol, err := s.solved(ctx, sc, id)
	if err != nil {
		return Standing{}, err
	}
	v := Standing{Edition: d.Edition, Score: map[string]int64{}, Bound: d.Summary.Bound, Paid: sol.PaidMinutes, Required: sol.Coverage.Required, Met: sol.Coverage.Met, Broken: len(sol.Violations), Holes: d.viewHoles(sol.Unmet)}
	for i, name := range roster.Levels() {
		v.Score[name] = sol.Score[i]
	}
	for _, b := range sol.Violations {
		if b.Hard {
			v.Hard++
		}
	}
	err = s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		v.History, err = historyOf(tx, id)
		return err
	})
	return v, err
}

// viewQueues gives the queues with their curves.
func (b *board) viewQueues(staffed [][]int32) []BoardQueue {
	out := make([]BoardQueue, len(b.queues))
	for g, q := range b.queues {
		need := make([]int, len(staffed[g]))
		copy(need, b.problem.Groups[g].Need)
		out[g] = BoardQueue{ID: q.ID, ClientID: q.ClientID, Name: q.Name, Required: need, Scheduled: staffed[g], External: []int{}}
		if i := slices.IndexFunc(b.Summary.External, func(e ExternalCover) bool { return e.QueueID == q.ID }); i >= 0 {
			out[g].External = b.Summary.External[i].Agents
		}
	}
	return out
}

func (b *board) viewTemplates() []BoardTemplate {
	out := make([]BoardTemplate, len(b.problem.Templates))
	for i, t := range b.problem.Templates {
		step := t.StartStep
		if step <= 0 {
			step = b.problem.SlotMinutes
		}
		out[i] = BoardTemplate{ID: t.ID, StartFrom: t.StartFrom, StartTo: t.StartTo, StartStep: step, MinMinutes: t.MinMinutes, MaxMinutes: t.MaxMinutes}
	}
	return out
}

func (b *board) viewAgents(skills []people.Skill) []BoardAgent {
	names := map[ids.Skill]string{}
	for _, k := range skills {
		names[k.ID] = k.Name
	}
	position := map[string]int{}
	for i, t := range b.problem.Templates {
		position[t.ID] = i
	}
	out := make([]BoardAgent, len(b.people))
	for i, p := range b.people {
		a := BoardAgent{ID: p.Agent.ID, Number: p.Agent.Number, Label: p.Agent.Label, TeamID: p.Membership.TeamID, SiteID: p.Membership.SiteID, Tier: p.Membership.Tier, Clients: p.Clients, Skills: []string{}, Templates: []int{}}
		if a.Clients == nil {
			a.Clients = []ids.Client{}
		}
		if p.Employment != nil {
			a.WeeklyMinutes = p.Employment.WeeklyMinutes
		}
		for _, k := range p.Skills {
			a.Skills = append(a.Skills, names[k.SkillID])
		}
		slices.Sort(a.Skills)
		for _, t := range b.problem.Agents[i].Templates {
			a.Templates = append(a.Templates, position[t])
		}
		out[i] = a
	}
	return out
}

func (b *board) viewShifts(all []roster.Shift) ([]BoardShift, error) {
	position := map[string]int{}
	for i, t := range b.problem.Templates {
		position[t.ID] = i
	}
	out := make([]BoardShift, 0, len(all))
	for _, e := range all {
		p := b.people[e.Agent]
		zone, err := zoneOf(b.sites[p.Membership.SiteID].Zone)
		if err != nil {
			return nil, err
		}
		v := BoardShift{Agent: e.Agent, Day: calendar.DateOf(b.instantOf(e.Start), zone), Start: e.Start, Minutes: e.Minutes, Template: position[e.Template], Slices: make([]int, 0, 2*len(e.Activities))}
		v.Pinned = b.pinned[pinKey{p.Agent.ID, v.Day}]
		for _, a := range e.Activities {
			v.Slices = append(v.Slices, sliceOf(a), a.Minutes)
		}
		out = append(out, v)
	}
	return out, nil
}

// sliceOf is the code of an activity.
func sliceOf(a roster.Activity) int {
	switch a.Kind {
	case roster.Pause:
		return SliceBreak
	case roster.Meal:
		return SliceMeal
	}
	if a.Group >= 0 {
		return a.Group
	}
	return SliceFree
}

// maxHoles bounds the list of open requirement; the largest are kept.
const maxHoles = 400

// viewHoles joins open requirement of a queue that lies side by side into spans
// and proposes a shift for each.
func (b *draftRoster) viewHoles(all []roster.Unmet) []BoardHole {
	var spans []BoardHole
	for _, u := range all {
		if n := len(spans) - 1; n >= 0 && spans[n].Queue == u.Group && spans[n].Start+spans[n].Minutes == u.Start {
			spans[n].Minutes += u.Minutes
			spans[n].Missing = max(spans[n].Missing, u.Missing)
			continue
		}
		spans = append(spans, BoardHole{Queue: u.Group, Start: u.Start, Minutes: u.Minutes, Missing: u.Missing, Template: -1})
	}
	slices.SortStableFunc(spans, func(x, y BoardHole) int { return y.Missing*y.Minutes - x.Missing*x.Minutes })
	spans = spans[:min(len(spans), maxHoles)]
	usable := b.usableTemplates()
	for i := range spans {
		b.proposeShift(&spans[i], usable[spans[i].Queue])
	}
	slices.SortStableFunc(spans, func(x, y BoardHole) int { return x.Start - y.Start })
	if spans == nil {
		spans = []BoardHole{}
	}
	return spans
}

// proposeShift finds the shift type and start that cover most of a hole, of those
// that somebody with the skill works; of equal ones the shorter, then the earlier.
func (b *draftRoster) proposeShift(h *BoardHole, usable []bool) {
	best := 0
	day := h.Start / 1440
	for i, t := range b.problem.Templates {
		if !usable[i] {
			continue
		}
		step := max(b.problem.SlotMinutes, t.StartStep)
		for d := max(0, day-1); d <= min(day, b.problem.Days-1); d++ {
			for start := d*1440 + t.StartFrom; start <= d*1440+t.StartTo; start += step {
				covered := min(start+t.MinMinutes, h.Start+h.Minutes) - max(start, h.Start)
				if covered <= 0 {
					continue
				}
				if value := covered*4096 - t.MinMinutes; value > best || h.Template < 0 {
					best, h.Template, h.At = value, i, start
				}
			}
		}
	}
}

// usableTemplates says per group which shift types people with its skill work.
func (b *draftRoster) usableTemplates() [][]bool {
	position := map[string]int{}
	for i, t := range b.problem.Templates {
		position[t.ID] = i
	}
	out := make([][]bool, len(b.problem.Groups))
	for g, group := range b.problem.Groups {
		out[g] = make([]bool, len(b.problem.Templates))
		for _, a := range b.problem.Agents {
			if !slices.ContainsFunc(a.Skills, func(k roster.Skill) bool {
				return k.Skill == group.Skill && (k.Client == "" || k.Client == group.Client)
			}) {
				continue
			}
			for _, t := range a.Templates {
				out[g][position[t]] = true
			}
		}
	}
	return out
}

// allViolations names agents and dates of all broken rules.
func (b *board) allViolations(all []roster.Violation) []CellViolation {
	out := make([]CellViolation, 0, len(all))
	for _, v := range all {
		out = append(out, b.violation(v))
	}
	return out
}

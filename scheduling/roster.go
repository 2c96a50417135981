package scheduling

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/scope"
)

const (
	maxRosterDays = 92
	maxUnmet      = 500 // spans of open requirement that the summary lists; all are counted
	maxViolations = 200 // violations that the summary lists; all are counted
)

// NewRoster asks for a roster over the plans of one or several clients.
type NewRoster struct {
	Name    string         `json:"name,omitempty"` // versions of one name follow each other
	Plans   []ids.Staffing `json:"plans"`
	From    calendar.Date  `json:"from"`
	Days    int            `json:"days"`
	Zone    string         `json:"zone,omitempty"`    // decides the horizon's midnights; empty = the provider's
	Sites   []ids.Site     `json:"sites,omitempty"`   // empty = all
	Rules   *WorkRules     `json:"rules,omitempty"`   // nil = DefaultWorkRules
	BasedOn ids.Roster     `json:"based_on,omitzero"` // change this roster as little as possible
	// Received is staffing that others handed in, and what each counts as.
	Received []ReceivedUse `json:"received,omitempty"`
	// ChangeTax is the points that each agent-day different from BasedOn costs; 0 = 50.
	ChangeTax int64  `json:"change_tax,omitempty"`
	Seed      uint64 `json:"seed,omitempty"`    // 0 = 1
	Moves     int64  `json:"moves,omitempty"`   // per thread; 0 = the engine's default, unless Seconds is given
	Seconds   int    `json:"seconds,omitempty"` // budget; the answer then depends on the machine
	Threads   int    `json:"threads,omitempty"` // 0 = 1
	// KeepOnStop stores the best roster so far when the job is stopped; otherwise stopping stores nothing.
	KeepOnStop bool     `json:"keep_on_stop,omitempty"`
	Actor      ids.User `json:"actor,omitzero"`
}

// wants reports whether the agent is asked for.
func (n NewRoster) wants(p people.Person) bool {
	return len(n.Sites) == 0 || slices.Contains(n.Sites, p.Membership.SiteID)
}

// workRules gives the rules to use.
func (n NewRoster) workRules() (WorkRules, error) {
	if n.Rules != nil {
		return *n.Rules, nil
	}
	return DefaultWorkRules()
}

// RosterSummary is what a planner asks about a roster first.
type RosterSummary struct {
	Agents          []ids.Agent      `json:"agents,omitempty"` // everybody the roster decides about
	Shifts          int              `json:"shifts"`
	PaidMinutes     int64            `json:"paid_minutes"`
	RequiredMinutes int64            `json:"required_minutes"`
	MetMinutes      int64            `json:"met_minutes"`
	SurplusMinutes  int64            `json:"surplus_minutes"`
	IdleMinutes     int64            `json:"idle_minutes"`
	Intervals       int              `json:"intervals"` // queue intervals with a requirement
	Short           int              `json:"short"`     // of them, with somebody missing
	Score           map[string]int64 `json:"score"`     // points by level, see roster.Levels
	Total           int64            `json:"total"`
	Bound           int64            `json:"bound"` // no roster has fewer points
	Moves           int64            `json:"moves"`
	Stopped         string           `json:"stopped"`
	Seed            uint64           `json:"seed"`
	Queues          []QueueCover     `json:"queues"`
	Unmet           []UnmetSpan      `json:"unmet"` // the largest, at most 500
	UnmetCount      int              `json:"unmet_count"`
	Violations      []CellViolation  `json:"violations"` // hard ones and dear ones first, at most 200
	ViolationCount  int              `json:"violation_count"`
	Proofs          []roster.Proof   `json:"proofs"`         // what no roster can do, found before solving
	Laws            []RosterLaw      `json:"laws,omitempty"` // that sites have chosen, as they held when it was made
	External        []ExternalCover  `json:"external,omitempty"`
}

// QueueCover is how one queue's requirement is met, in agent-minutes.
type QueueCover struct {
	QueueID   ids.Queue  `json:"queue_id"`
	ClientID  ids.Client `json:"client_id"`
	Required  int64      `json:"required"`
	Met       int64      `json:"met"`
	Scheduled int64      `json:"scheduled"`
}

// UnmetSpan is requirement of a queue that stays open.
type UnmetSpan struct {
	QueueID  ids.Queue        `json:"queue_id"`
	ClientID ids.Client       `json:"client_id"`
	StartAt  calendar.Instant `json:"start_at"`
	EndAt    calendar.Instant `json:"end_at"`
	Missing  int              `json:"missing"` // agents, in each interval of the span
}

// CellViolation is one broken rule with the agent and the dates it is about.
type CellViolation struct {
	Rule    string          `json:"rule"`
	Owner   string          `json:"owner"`
	Hard    bool            `json:"hard"`
	AgentID ids.Agent       `json:"agent_id"`
	Days    []calendar.Date `json:"days"`
	Points  int64           `json:"points"` // units when hard
	Reason  string          `json:"reason"` // English
	Code    string          `json:"code"`   // of the reason: screens say it in their reader's language
	Values  []string        `json:"values"` // fill the reason's text, in order
}

// CreateRoster builds the problem of the plans and the staff in force, solves it
// and stores a draft version with shifts, activities, coverage, what stays
// uncovered and why. It always ends with a roster; a cancelled context stores
// nothing and gives the context's error, unless somebody stopped the job and
// KeepOnStop is set: then the best roster so far is stored.
func (s *Service) CreateRoster(ctx context.Context, sc scope.Scope, n NewRoster, progress Progress) (Roster, error) {
	progress.say(0, "building the problem")
	d, err := s.buildProblem(ctx, sc, n)
	if err != nil {
		return Roster{}, err
	}
	options := solveOptions(n, progress.within(0.05, 0.9))
	if len(d.problem.Published) > 0 { // begin from what people know; work is placed anew
		options.Start = &roster.Solution{Shifts: slices.Clone(d.problem.Published)}
		for i := range options.Start.Shifts {
			options.Start.Shifts[i].Activities = nil
		}
	}
	sol, err := roster.Solve(ctx, &d.problem, options)
	if err != nil {
		return Roster{}, err
	}
	if n.KeepOnStop && errors.Is(context.Cause(ctx), jobs.ErrCancelled) {
		ctx = context.WithoutCancel(ctx)
	}
	if err := ctx.Err(); err != nil {
		return Roster{}, err
	}
	progress.say(0.92, "storing")
	return s.storeRoster(ctx, sc, d, sol, n)
}

// solveOptions translates what was asked for.
func solveOptions(n NewRoster, progress Progress) roster.Options {
	o := roster.Options{Seed: max(1, n.Seed), Threads: max(1, n.Threads), Moves: n.Moves, Staffed: true}
	o.Progress = func(p roster.Progress) {
		progress.say(p.Fraction, solveNote(p))
	}
	if n.Seconds > 0 {
		begun := time.Now()
		o.Time = time.Duration(n.Seconds) * time.Second
		o.Clock = func() time.Duration { return time.Since(begun) }
	}
	return o
}

// solveNote writes how far a search is. Screens read the figures from it, so its
// form stays: "stage: n moves, level points, ..., bound points".
func solveNote(p roster.Progress) string {
	note := fmt.Sprintf("%s: %d moves", p.Stage, p.Moves)
	for i, name := range roster.Levels() {
		note += fmt.Sprintf(", %s %d", name, p.Score[i])
	}
	return fmt.Sprintf("%s, bound %d", note, p.Bound)
}

// rows translates engine shifts into rows with fresh ids.
func (d *draftRoster) rows(s *Service, shifts []roster.Shift) ([]Shift, error) {
	out := make([]Shift, 0, len(shifts))
	for _, e := range shifts {
		row, err := d.row(s, e)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// row translates one engine shift.
func (d *draftRoster) row(s *Service, e roster.Shift) (Shift, error) {
	p := d.people[e.Agent]
	zone, err := zoneOf(d.sites[p.Membership.SiteID].Zone)
	if err != nil {
		return Shift{}, err
	}
	start := d.instantOf(e.Start)
	row := Shift{ID: ids.New[ids.Shift](s.db.IDs()), AgentID: p.Agent.ID, BusinessDay: calendar.DateOf(start, zone), StartAt: start, EndAt: d.instantOf(e.Start + e.Minutes), Template: e.Template, Pinned: e.Pinned}
	for _, a := range e.Activities {
		act := Activity{Kind: string(a.Kind), StartAt: d.instantOf(a.Start), EndAt: d.instantOf(a.Start + a.Minutes), Paid: a.Paid}
		if a.Group >= 0 {
			act.QueueID, act.ClientID = d.queues[a.Group].ID, d.queues[a.Group].ClientID
		}
		row.Activities = append(row.Activities, act)
	}
	return row, nil
}

// coverage makes rows of required and scheduled agents where either is not zero.
func (d *draftRoster) coverage(staffed [][]int32) []Coverage {
	var out []Coverage
	for g, q := range d.queues {
		need := d.problem.Groups[g].Need
		for i := range staffed[g] {
			required := 0
			if i < len(need) {
				required = need[i]
			}
			if required == 0 && staffed[g][i] == 0 {
				continue
			}
			out = append(out, Coverage{QueueID: q.ID, StartAt: d.origin + calendar.Instant(i)*grid, ClientID: q.ClientID, Required: float64(required), Scheduled: float64(staffed[g][i])})
		}
	}
	return out
}

// summary reads what the engine says about its roster.
func (d *draftRoster) summary(sol *roster.Solution) (RosterSummary, error) {
	out := RosterSummary{Shifts: len(sol.Shifts), PaidMinutes: sol.PaidMinutes, RequiredMinutes: sol.Coverage.Required, MetMinutes: sol.Coverage.Met, SurplusMinutes: sol.Coverage.Surplus,
		IdleMinutes: sol.Coverage.Idle, Intervals: sol.Coverage.Intervals, Short: sol.Coverage.Short, Total: sol.Score.Total(), Bound: sol.Bound, Moves: sol.Moves, Stopped: sol.Stopped,
		Proofs: sol.Proofs, Laws: d.Summary.Laws, External: d.Summary.External, Score: map[string]int64{}, UnmetCount: len(sol.Unmet), Unmet: []UnmetSpan{}}
	for i, name := range roster.Levels() {
		out.Score[name] = sol.Score[i]
	}
	for _, p := range d.people {
		out.Agents = append(out.Agents, p.Agent.ID)
	}
	out.Queues = d.queueCover(sol.Coverage.Staffed)
	out.Violations = d.violations(sol.Violations)
	out.ViolationCount = len(sol.Violations)
	worst := slices.Clone(sol.Unmet)
	slices.SortStableFunc(worst, func(a, b roster.Unmet) int { return cmp.Compare(b.Missing*b.Minutes, a.Missing*a.Minutes) })
	worst = worst[:min(len(worst), maxUnmet)]
	slices.SortStableFunc(worst, func(a, b roster.Unmet) int { return cmp.Compare(a.Start, b.Start) })
	for _, u := range worst {
		q := d.queues[u.Group]
		out.Unmet = append(out.Unmet, UnmetSpan{QueueID: q.ID, ClientID: q.ClientID, StartAt: d.instantOf(u.Start), EndAt: d.instantOf(u.Start + u.Minutes), Missing: u.Missing})
	}
	return out, nil
}

// queueCover sums the coverage per queue.
func (d *draftRoster) queueCover(staffed [][]int32) []QueueCover {
	out := []QueueCover{}
	for g, q := range d.queues {
		c := QueueCover{QueueID: q.ID, ClientID: q.ClientID}
		for i, have := range staffed[g] {
			need := 0
			if i < len(d.problem.Groups[g].Need) {
				need = d.problem.Groups[g].Need[i]
			}
			c.Required += 15 * int64(need)
			c.Scheduled += 15 * int64(have)
			c.Met += 15 * min(int64(need), int64(have))
		}
		out = append(out, c)
	}
	return out
}

// violations names agents and dates of broken rules, hard ones and dear ones first.
func (d *draftRoster) violations(all []roster.Violation) []CellViolation {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b roster.Violation) int {
		if a.Hard != b.Hard {
			if a.Hard {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Points, a.Points)
	})
	out := []CellViolation{}
	for _, v := range all[:min(len(all), maxViolations)] {
		out = append(out, d.violation(v))
	}
	return out
}

// violation names the agent and the dates of one broken rule.
func (d *draftRoster) violation(v roster.Violation) CellViolation {
	c := CellViolation{Rule: v.Rule, Owner: string(v.Owner), Hard: v.Hard, Points: v.Points, Reason: v.Reason, Code: v.Code, Values: v.Values, Days: []calendar.Date{}}
	if v.Agent >= 0 && v.Agent < len(d.people) {
		c.AgentID = d.people[v.Agent].Agent.ID
	}
	for _, cell := range v.Cells {
		c.Days = append(c.Days, d.FromDay+calendar.Date(cell.Day))
	}
	return c
}

package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Hole is requirement that nobody covers, as a shift that could fill it.
type Hole struct {
	Template string           `json:"template"`
	StartAt  calendar.Instant `json:"start_at"`
	Minutes  int              `json:"minutes,omitempty"` // 0 = the template's shortest
	// From is the agent who gives the shift away; zero = the shift is new.
	From ids.Agent `json:"from,omitzero"`
}

// Candidate is one agent who could fill a hole.
type Candidate struct {
	AgentID ids.Agent       `json:"agent_id"`
	Label   string          `json:"label"`
	Points  int64           `json:"points"` // change of the roster's points; less is better
	Legal   bool            `json:"legal"`  // no hard rule is broken
	Before  *Shift          `json:"before"` // what the agent works that day now
	Reasons []CellViolation `json:"reasons"`
}

// defaultCandidates is how many candidates are given unless asked otherwise.
const defaultCandidates = 20

// Candidates ranks who could work the shift: legal ones first, then those who
// cost the roster least, each with the rules it would strain. A template of
// another site is worked by its people alone, so others rank as not legal.
func (s *Service) Candidates(ctx context.Context, sc scope.Scope, id ids.Roster, h Hole, limit int) ([]Candidate, error) {
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return nil, err
	}
	d := &b.draftRoster
	i := slices.IndexFunc(d.problem.Templates, func(t roster.Template) bool { return t.ID == h.Template })
	if i < 0 {
		return nil, fault.Newf(fault.Invalid, "roster.unknown_template", "The roster has no shift template %q; it has %s.", h.Template, fault.Allowed(templateIDs(d.problem.Templates))).With("template", h.Template)
	}
	if h.Minutes == 0 {
		h.Minutes = d.problem.Templates[i].MinMinutes
	}
	shift := roster.Shift{Agent: -1, Template: h.Template, Start: d.minuteOf(h.StartAt), Minutes: h.Minutes}
	if shift.Day, err = d.dayOf(h.StartAt); err != nil {
		return nil, err
	}
	if !h.From.IsZero() {
		if shift.Agent, err = agentIndex(&d.problem, h.From); err != nil {
			return nil, err
		}
	}
	if limit <= 0 {
		limit = defaultCandidates
	}
	ranked, err := recommend(b, shift, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Candidate, 0, len(ranked))
	for _, p := range ranked {
		c := Candidate{AgentID: d.people[p.Agent].Agent.ID, Label: d.people[p.Agent].Agent.Label, Points: p.Points, Legal: p.Legal, Reasons: d.violations(p.Reasons)}
		if p.Before != nil {
			row, err := d.row(s, *p.Before)
			if err != nil {
				return nil, err
			}
			c.Before = &row
		}
		out = append(out, c)
	}
	return out, nil
}

// recommend ranks on the loaded roster; a shift that somebody gives away is
// ranked on a copy without it.
func recommend(b *board, shift roster.Shift, limit int) ([]roster.Proposal, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if shift.Agent < 0 {
		all, err := b.editor.Recommend(shift, 0)
		// Whoever works that very shift already fills no hole.
		all = slices.DeleteFunc(all, func(p roster.Proposal) bool {
			return p.Before != nil && p.Before.Start == shift.Start && p.Before.Minutes == shift.Minutes
		})
		return all[:min(limit, len(all))], err
	}
	return roster.Recommend(&b.problem, b.editor.Solution(), shift, limit)
}

// solved opens a stored roster with its shifts as the engine's solution. The
// problem is shared with the loaded board: it is read, never changed.
func (s *Service) solved(ctx context.Context, sc scope.Scope, id ids.Roster) (draftRoster, *roster.Solution, error) {
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return draftRoster{}, nil, err
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return draftRoster{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.draftRoster
	d.Edition = b.edition
	return d, b.editor.Solution(), nil
}

// Difference is one agent's day on which two rosters differ.
type Difference struct {
	AgentID ids.Agent     `json:"agent_id"`
	Day     calendar.Date `json:"day"`
	Kind    string        `json:"kind"` // added, removed, moved or activities
	Before  *Shift        `json:"before"`
	After   *Shift        `json:"after"`
}

// Comparison is what changed from one roster to another and what it is worth.
type Comparison struct {
	Differences []Difference     `json:"differences"`
	Agents      int              `json:"agents"` // people with another shift, not only other activities
	Before      map[string]int64 `json:"before"` // points by level
	After       map[string]int64 `json:"after"`
	MetBefore   int64            `json:"met_before"` // agent-minutes of requirement
	MetAfter    int64            `json:"met_after"`
	PaidBefore  int64            `json:"paid_before"` // minutes
	PaidAfter   int64            `json:"paid_after"`
}

// CompareRosters lists what differs between two rosters of the same days, judged
// by the requirement and rules of the second.
func (s *Service) CompareRosters(ctx context.Context, sc scope.Scope, before, after ids.Roster) (Comparison, error) {
	d, second, err := s.solved(ctx, sc, after)
	if err != nil {
		return Comparison{}, err
	}
	old, err := s.header(ctx, sc, before)
	if err != nil {
		return Comparison{}, err
	}
	if old.FromDay != d.FromDay || old.ToDay != d.ToDay || old.Zone != d.Zone {
		return Comparison{}, fault.New(fault.Invalid, "roster.other_days", "The two rosters cover different days; compare versions of the same days.")
	}
	was := d
	was.ID = before
	shifts, err := s.engineShifts(ctx, sc, &was)
	if err != nil {
		return Comparison{}, err
	}
	shifts = slices.DeleteFunc(shifts, func(e roster.Shift) bool { return !slices.Contains(templateIDs(d.problem.Templates), e.Template) })
	first, err := roster.Evaluate(&d.problem, shifts)
	if err != nil {
		return Comparison{}, err
	}
	return d.comparison(s, first, second)
}

// comparison translates the engine's comparison.
func (d *draftRoster) comparison(s *Service, first, second *roster.Solution) (Comparison, error) {
	c := roster.Compare(first, second)
	out := Comparison{Agents: c.Agents, Before: map[string]int64{}, After: map[string]int64{}, MetBefore: first.Coverage.Met, MetAfter: second.Coverage.Met,
		PaidBefore: first.PaidMinutes, PaidAfter: second.PaidMinutes}
	for i, name := range roster.Levels() {
		out.Before[name], out.After[name] = c.Before[i], c.After[i]
	}
	var err error
	out.Differences, err = d.differences(s, c.Differences)
	return out, err
}

// differences translates changed cells.
func (d *draftRoster) differences(s *Service, all []roster.Difference) ([]Difference, error) {
	out := make([]Difference, 0, len(all))
	for _, v := range all {
		x := Difference{AgentID: d.people[v.Agent].Agent.ID, Day: d.FromDay + calendar.Date(v.Day), Kind: v.Kind}
		for _, side := range []struct {
			from *roster.Shift
			to   **Shift
		}{{v.Before, &x.Before}, {v.After, &x.After}} {
			if side.from == nil {
				continue
			}
			row, err := d.row(s, *side.from)
			if err != nil {
				return nil, err
			}
			*side.to = &row
			x.Day = row.BusinessDay
		}
		out = append(out, x)
	}
	return out, nil
}

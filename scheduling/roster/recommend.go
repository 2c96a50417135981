package roster

import (
	"cmp"
	"context"
	"slices"
)

// Proposal is one ranked way to fill a hole or to give a shift away.
type Proposal struct {
	Agent   int         `json:"agent"`
	Points  int64       `json:"points"`            // change of the total; smaller is better
	Legal   bool        `json:"legal"`             // no hard rule more is broken
	Before  *Shift      `json:"before,omitempty"`  // what the agent has on the day now
	Reasons []Violation `json:"reasons,omitempty"` // rules this brings or makes worse
}

// Recommend ranks all agents for a shift (Day, Template, Start, Minutes are
// read; Agent, when it is a position, gives the shift away). Legal proposals
// come first, then the change of the total decides. limit 0 = all.
func Recommend(p *Problem, current *Solution, shift Shift, limit int) ([]Proposal, error) {
	m, s, err := loaded(p, current)
	if err != nil {
		return nil, err
	}
	if shift.Day < 0 || shift.Day >= p.Days {
		return nil, invalid("shift_day", "The shift is on day %d; days are 0 to %d.", shift.Day, p.Days-1)
	}
	if err := p.checkCell("The shift", shift.Template, shift.Day, shift.Start, shift.Minutes); err != nil {
		return nil, err
	}
	c := m.newCell(m.templateIndex(shift.Template), int32(shift.Start/m.slot), int32(shift.Minutes/m.slot))
	if int(c.end-c.start) > s.width {
		return nil, invalid("shift", "The shift lasts %d minutes, longer than any template or shift of the roster.", shift.Minutes)
	}
	giver := -1
	if shift.Agent >= 0 && shift.Agent < len(p.Agents) && s.rows[shift.Agent][shift.Day].on() {
		giver = shift.Agent
		s.clearCell(giver, shift.Day)
		s.rescore(giver)
	}
	var out []Proposal
	for i := range m.agents {
		if i != giver {
			out = append(out, s.propose(i, shift.Day, c))
		}
	}
	rank(out)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

func rank(list []Proposal) {
	slices.SortStableFunc(list, func(x, y Proposal) int {
		return cmp.Or(compareBool(y.Legal, x.Legal), cmp.Compare(x.Points, y.Points), cmp.Compare(x.Agent, y.Agent))
	})
}

func loaded(p *Problem, current *Solution) (*model, *state, error) {
	m, err := compile(p)
	if err != nil {
		return nil, nil, err
	}
	s, err := stateOf(m, current.Shifts)
	return m, s, err
}

// propose prices agent i working c on day d instead of what the row has.
func (s *state) propose(i, d int, c cell) Proposal {
	old := s.rows[i][d]
	pr := Proposal{Agent: i}
	n := 0
	if old.on() {
		sh := s.shiftOf(i, d, old)
		pr.Before = &sh
		n = copy(s.buf.saveA, s.actsOf(i, d))
	}
	var was, now []Violation
	before := s.m.evalRow(i, s.rows[i], &was)
	cover := s.cover
	s.clearCell(i, d)
	s.setCell(i, d, c)
	after := s.m.evalRow(i, s.rows[i], &now)
	pr.Points = after.Total() - before.Total() + s.cover - cover
	pr.Legal = after[LevelHard] <= before[LevelHard]
	pr.Reasons = added(was, now)
	s.clearCell(i, d)
	s.restoreCell(i, d, old, s.buf.saveA[:n])
	return pr
}

// added lists the violations of now that are not in was.
func added(was, now []Violation) []Violation {
	var out []Violation
	for _, v := range now {
		same := slices.ContainsFunc(was, func(o Violation) bool { return o.Rule == v.Rule && o.Points == v.Points && o.Reason == v.Reason })
		if !same {
			out = append(out, v)
		}
	}
	return out
}

// Swap is a proposal to exchange one day between two agents.
type Swap struct {
	With    int         `json:"with"`
	Points  int64       `json:"points"`
	Legal   bool        `json:"legal"`
	Gets    *Shift      `json:"gets,omitempty"` // what the asking agent would work; nil = free
	Reasons []Violation `json:"reasons,omitempty"`
}

// Swaps ranks with whom an agent could exchange a day. Legal ones first.
func Swaps(p *Problem, current *Solution, agent, day, limit int) ([]Swap, error) {
	m, s, err := loaded(p, current)
	if err != nil {
		return nil, err
	}
	if agent < 0 || agent >= len(m.agents) || day < 0 || day >= p.Days {
		return nil, invalid("swap", "Agent %d or day %d does not exist.", agent, day)
	}
	mine := s.rows[agent][day]
	var out []Swap
	for j := range m.agents {
		other := s.rows[j][day]
		if j == agent || other == mine || !m.mayWork(j, mine) || !m.mayWork(agent, other) {
			continue
		}
		a, b := s.propose(agent, day, other), s.propose(j, day, mine)
		sw := Swap{With: j, Points: a.Points + b.Points, Legal: a.Legal && b.Legal, Gets: b.Before, Reasons: append(a.Reasons, b.Reasons...)}
		out = append(out, sw)
	}
	slices.SortStableFunc(out, func(x, y Swap) int {
		return cmp.Or(compareBool(y.Legal, x.Legal), cmp.Compare(x.Points, y.Points), cmp.Compare(x.With, y.With))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// WhatIf solves a changed problem (a rule or person more or less) from the
// current roster and shows the price against the same effort on the unchanged one.
func WhatIf(ctx context.Context, p, changed *Problem, current *Solution, o Options) (*Comparison, *Solution, error) {
	o.Start = current
	before, err := Solve(ctx, p, o)
	if err != nil {
		return nil, nil, err
	}
	o.Start = &Solution{Shifts: shiftsFor(changed, current.Shifts)}
	after, err := Solve(ctx, changed, o)
	if err != nil {
		return nil, nil, err
	}
	return Compare(before, after), after, nil
}

// shiftsFor keeps the shifts that a changed problem can still hold.
func shiftsFor(p *Problem, shifts []Shift) []Shift {
	var out []Shift
	for _, s := range shifts {
		if s.Agent < len(p.Agents) && s.Day < p.Days && p.templateIndex(s.Template) >= 0 {
			s.Activities = nil // groups may have moved; the engine places them anew
			out = append(out, s)
		}
	}
	return out
}

// Replan solves again around a roster people already know: every changed
// agent-day costs tax points (0 = the problem's own tax or 400), shifts before
// freezeUntil (minutes) stay.
func Replan(ctx context.Context, p *Problem, published *Solution, tax int64, freezeUntil int, o Options) (*Solution, *Comparison, error) {
	c := *p
	c.Published, c.FreezeUntil = published.Shifts, freezeUntil
	switch {
	case tax > 0:
		c.ChangeTax = tax
	case c.ChangeTax == 0:
		c.ChangeTax = repairTax
	}
	o.Start = published
	sol, err := Solve(ctx, &c, o)
	if err != nil {
		return nil, nil, err
	}
	return sol, Compare(published, sol), nil
}

package roster

import "time"

// Solution is a roster with everything a planner asks about it.
type Solution struct {
	Format      string        `json:"format"`
	Shifts      []Shift       `json:"shifts"` // by agent, then day
	Score       Score         `json:"score"`  // by level, see Levels
	Violations  []Violation   `json:"violations,omitempty"`
	Unmet       []Unmet       `json:"unmet,omitempty"`
	Proofs      []Proof       `json:"proofs,omitempty"` // what no roster can do, found before solving
	Coverage    Coverage      `json:"coverage"`
	Bound       int64         `json:"bound"`                 // no roster has fewer points on the cover level than this
	TotalBound  int64         `json:"total_bound,omitempty"` // no roster has fewer points in total than this; Solve only
	PaidBound   int64         `json:"paid_bound,omitempty"`  // no roster that covers as much and honours the contracts as far pays fewer minutes; Solve only
	Moves       int64         `json:"moves"`
	BestAt      int64         `json:"best_at"` // number of the move that found it
	BestAfter   time.Duration `json:"-"`       // by the clock of the options, when there is one
	Stopped     string        `json:"stopped"` // "moves", "time" or "cancelled"
	PaidMinutes int64         `json:"paid_minutes"`
}

// Unmet is requirement that stays open: agents missing over a span.
type Unmet struct {
	Group   int   `json:"group"`
	Start   int   `json:"start"` // elapsed minutes from the first midnight
	Minutes int   `json:"minutes"`
	Missing int   `json:"missing"` // agents missing in each interval of the span
	Points  int64 `json:"points"`
}

// Coverage sums up how the requirement is met, in agent-minutes.
type Coverage struct {
	Required  int64     `json:"required"`
	Met       int64     `json:"met"`
	Surplus   int64     `json:"surplus"`
	Idle      int64     `json:"idle"`              // at work, nobody asked for it
	Intervals int       `json:"intervals"`         // group-slots with a requirement
	Short     int       `json:"short"`             // of them, with an agent missing
	Staffed   [][]int32 `json:"staffed,omitempty"` // per group and slot: agents at work for it
}

// Proof is a reason, found without search, why requirement must stay open or a
// contract unfulfilled.
type Proof struct {
	Code   string `json:"code"`   // "slot_capacity", "day_capacity", "week_capacity", "skill_missing", "skill_unused", "rules_contradict", "contract_above_demand", "agent_cannot_work"
	Group  int    `json:"group"`  // -1 when not about a group
	Agent  int    `json:"agent"`  // -1 when not about an agent
	Day    int    `json:"day"`    // -1 when not about a day
	Amount int64  `json:"amount"` // minutes or agents, see Reason
	Reason string `json:"reason"` // English
	Why    string `json:"why"`    // the reason's code, see ReasonCodes
	// Values fill the reason's text, in order.
	Values []string `json:"values,omitempty"`
}

// part is what one agent brings to a solution.
type part struct {
	shifts     []Shift
	violations []Violation
	score      Score // bonus for proficiency included
	idle       int64 // minutes
	paid       int64
}

// solution writes a state out and judges it.
func (s *state) solution(staffed bool) *Solution {
	parts := make([]part, len(s.rows))
	for i := range parts {
		parts[i] = s.part(i)
	}
	return s.assemble(parts, staffed)
}

// part writes out and judges one agent's row.
func (s *state) part(i int) part {
	var out part
	out.score = s.m.evalRow(i, s.rows[i], &out.violations)
	bonus := s.m.agents[i].bonus
	for d, c := range s.rows[i] {
		if !c.on() {
			continue
		}
		out.shifts = append(out.shifts, s.shiftOf(i, d, c))
		out.paid += int64(c.paid)
		for k, a := range s.actsOf(i, d) {
			if a == actIdle {
				out.idle += int64(s.m.slot)
			} else if a >= 0 && bonus[a] != 0 && int(c.start)+k < s.m.slots {
				out.score[LevelCost] -= bonus[a]
			}
		}
	}
	return out
}

// assemble makes a solution of the parts of all agents and the coverage as it stands.
func (s *state) assemble(parts []part, staffed bool) *Solution {
	out := &Solution{Format: Format}
	n := 0
	for i := range parts {
		n += len(parts[i].shifts)
	}
	if n > 0 {
		out.Shifts = make([]Shift, 0, n)
	}
	for i := range parts {
		p := &parts[i]
		out.Shifts, out.Violations = append(out.Shifts, p.shifts...), append(out.Violations, p.violations...)
		out.Score = out.Score.Add(p.score)
		out.PaidMinutes, out.Coverage.Idle = out.PaidMinutes+p.paid, out.Coverage.Idle+p.idle
	}
	s.judgeCover(out)
	if staffed {
		for g := range s.m.groups {
			out.Coverage.Staffed = append(out.Coverage.Staffed, append([]int32(nil), s.count[g*s.m.tail:g*s.m.tail+s.m.slots]...))
		}
	}
	return out
}

func (s *state) shiftOf(i, d int, c cell) Shift {
	m := s.m
	sh := Shift{Agent: i, Day: d, Template: m.templates[c.tmpl].id, Start: int(c.start) * m.slot, Minutes: int(c.end-c.start) * m.slot, PaidMinutes: int(c.paid), Pinned: m.agents[i].pinned[d]}
	acts := s.actsOf(i, d)
	kinds := s.breakKinds(c, acts)
	for k := 0; k < len(acts); {
		e := k
		for e < len(acts) && acts[e] == acts[k] && kinds[e] == kinds[k] {
			e++
		}
		a := Activity{Kind: Work, Start: sh.Start + k*m.slot, Minutes: (e - k) * m.slot, Group: int(acts[k]), Paid: true}
		if acts[k] == actIdle {
			a.Group = -1
		}
		if acts[k] == actBreak {
			b := m.templates[c.tmpl].breaks[kinds[k]]
			a.Kind, a.Group, a.Paid = Pause, -1, b.paid
			if b.meal {
				a.Kind = Meal
			}
		}
		sh.Activities = append(sh.Activities, a)
		k = e
	}
	return sh
}

// breakKinds says for every break slot which break of the template it is.
func (s *state) breakKinds(c cell, acts []int16) []int {
	kinds := make([]int, len(acts))
	breaks := s.m.templates[c.tmpl].breaks
	b, left := -1, int32(0)
	for k, a := range acts {
		kinds[k] = -1
		if a != actBreak {
			continue
		}
		if left == 0 {
			b++
			for b < len(breaks)-1 && c.end-c.start < breaks[b].minShift {
				b++
			}
			left = breaks[min(b, len(breaks)-1)].slots
		}
		left--
		kinds[k] = min(b, len(breaks)-1)
	}
	return kinds
}

// judgeCover adds what the coverage costs, and says where it falls short.
func (s *state) judgeCover(out *Solution) {
	m := s.m
	for g := range m.groups {
		var open *Unmet
		for t := range m.slots {
			n, need := s.count[g*m.tail+t], m.groups[g].need[t]
			under, over := m.coverCost(g, t, n)
			out.Score[LevelCover] += under
			out.Score[LevelCost] += over
			out.Coverage.Required += int64(need) * int64(m.slot)
			out.Coverage.Met += int64(min(n, need)) * int64(m.slot)
			out.Coverage.Surplus += int64(max(0, n-need)) * int64(m.slot)
			if need > 0 {
				out.Coverage.Intervals++
			}
			if missing := int(need - n); missing > 0 {
				out.Coverage.Short++
				if open != nil && open.Missing == missing && open.Start+open.Minutes == t*m.slot {
					open.Minutes, open.Points = open.Minutes+m.slot, open.Points+under
				} else {
					out.Unmet = append(out.Unmet, Unmet{Group: g, Start: t * m.slot, Minutes: m.slot, Missing: missing, Points: under})
					open = &out.Unmet[len(out.Unmet)-1]
				}
			}
		}
	}
}

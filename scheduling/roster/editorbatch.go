package roster

import (
	"cmp"
	"slices"
)

// CellEdit is one agent-day as it shall become.
type CellEdit struct {
	Agent int
	Day   int
	Shift *Shift // nil = free; a shift with activities keeps them, else breaks and work are placed
}

// CoverDelta is the agents of a group in one slot before and after a change.
type CoverDelta struct {
	Group, Slot   int
	Before, After int32
}

// BatchEdit is what a change of several cells at once would do.
type BatchEdit struct {
	Points int64       // change of the total
	Legal  bool        // no agent's hard rules are broken more than before
	New    []Violation // rules this brings or makes worse
	Gone   []Violation // rules this heals
	Now    []Violation // everything that the touched agents break after the change
	Before []*Shift    // by position of the cells: what they held; nil = free
	After  []*Shift    // by position of the cells, with breaks and activities placed
	Cover  []CoverDelta
}

// TryAll says what would happen if all cells became what is asked at once; nothing changes.
func (e *Editor) TryAll(cells []CellEdit) (*BatchEdit, error) { return e.batch(cells, false) }

// ApplyAll makes the change of all cells and says what it did.
func (e *Editor) ApplyAll(cells []CellEdit) (*BatchEdit, error) { return e.batch(cells, true) }

// ShiftAt gives what a cell holds, nil when it is free or does not exist.
func (e *Editor) ShiftAt(agent, day int) *Shift {
	if agent < 0 || agent >= len(e.m.agents) || day < 0 || day >= e.m.p.Days || !e.s.rows[agent][day].on() {
		return nil
	}
	sh := e.s.shiftOf(agent, day, e.s.rows[agent][day])
	return &sh
}

// held is what a cell held before a batch, to put it back.
type held struct {
	c    cell
	acts []int16
}

func (e *Editor) batch(cells []CellEdit, apply bool) (*BatchEdit, error) {
	wanted, placed, err := e.wanted(cells)
	if err != nil {
		return nil, err
	}
	m, s := e.m, e.s
	out := &BatchEdit{Legal: true, Before: make([]*Shift, len(cells)), After: make([]*Shift, len(cells))}
	agents := touchedAgents(cells)
	before := make([]Score, len(agents))
	was := make([][]Violation, len(agents))
	for k, i := range agents {
		before[k] = m.evalRow(i, s.rows[i], &was[k])
	}
	cover, old, seats := s.cover, make([]held, len(cells)), map[int]int32{}
	for k, c := range cells {
		old[k] = held{c: s.rows[c.Agent][c.Day]}
		if old[k].c.on() {
			old[k].acts = slices.Clone(s.actsOf(c.Agent, c.Day))
			out.Before[k] = e.ShiftAt(c.Agent, c.Day)
			s.noteSeats(seats, old[k].c, old[k].acts, 1)
		}
		s.clearCell(c.Agent, c.Day)
	}
	for _, exact := range []bool{true, false} { // what is given exactly stands before the rest is placed around it
		for k, c := range cells {
			if exact != (placed[k] != nil) {
				continue
			}
			if exact {
				s.restoreCell(c.Agent, c.Day, wanted[k], placed[k])
			} else {
				s.setCell(c.Agent, c.Day, wanted[k])
			}
		}
	}
	for k, c := range cells {
		if wanted[k].on() {
			out.After[k] = e.ShiftAt(c.Agent, c.Day)
			s.noteSeats(seats, wanted[k], s.actsOf(c.Agent, c.Day), -1)
		}
	}
	for k, i := range agents {
		var now []Violation
		after := m.evalRow(i, s.rows[i], &now)
		out.Points += after.Total() - before[k].Total()
		out.Legal = out.Legal && after[LevelHard] <= before[k][LevelHard]
		out.New, out.Gone, out.Now = append(out.New, added(was[k], now)...), append(out.Gone, added(now, was[k])...), append(out.Now, now...)
	}
	out.Points += s.cover - cover
	out.Cover = s.coverDeltas(seats)
	if apply {
		for _, i := range agents {
			s.rescore(i)
		}
		return out, nil
	}
	for _, c := range cells {
		s.clearCell(c.Agent, c.Day)
	}
	for k, c := range cells {
		s.restoreCell(c.Agent, c.Day, old[k].c, old[k].acts)
	}
	return out, nil
}

// wanted checks the cells and translates them; placed holds the activities of
// those that come with them.
func (e *Editor) wanted(cells []CellEdit) ([]cell, [][]int16, error) {
	m, s := e.m, e.s
	out, placed, seen := make([]cell, len(cells)), make([][]int16, len(cells)), map[Cell]bool{}
	for k, c := range cells {
		if c.Agent < 0 || c.Agent >= len(m.agents) || c.Day < 0 || c.Day >= m.p.Days {
			return nil, nil, invalid("cell", "Agent %d or day %d does not exist.", c.Agent, c.Day)
		}
		at := Cell{c.Agent, c.Day}
		if seen[at] {
			return nil, nil, invalid("cell_twice", "Agent %q is changed twice on day %d.", m.p.Agents[c.Agent].ID, c.Day)
		}
		seen[at] = true
		out[k] = off
		if c.Shift == nil {
			continue
		}
		if err := m.p.checkCell("The shift", c.Shift.Template, c.Day, c.Shift.Start, c.Shift.Minutes); err != nil {
			return nil, nil, err
		}
		out[k] = m.newCell(m.templateIndex(c.Shift.Template), int32(c.Shift.Start/m.slot), int32(c.Shift.Minutes/m.slot))
		if int(out[k].end-out[k].start) > s.width {
			return nil, nil, invalid("shift", "The shift lasts %d minutes, longer than any template or shift of the roster.", c.Shift.Minutes)
		}
		acts, err := s.actsFrom(*c.Shift, out[k])
		if err != nil {
			return nil, nil, err
		}
		placed[k] = slices.Clone(acts)
	}
	return out, placed, nil
}

func touchedAgents(cells []CellEdit) []int {
	var out []int
	for _, c := range cells {
		out = append(out, c.Agent)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// noteSeats counts the seats that activities fill, per position of the coverage.
func (s *state) noteSeats(seats map[int]int32, c cell, acts []int16, by int32) {
	for k, g := range acts {
		if t := int(c.start) + k; g >= 0 && t < s.m.slots {
			seats[int(g)*s.m.tail+t] += by
		}
	}
}

// coverDeltas lists the changed intervals; seats are those lost (positive) or won.
func (s *state) coverDeltas(seats map[int]int32) []CoverDelta {
	var out []CoverDelta
	for at, lost := range seats {
		if lost != 0 {
			now := s.count[at]
			out = append(out, CoverDelta{Group: at / s.m.tail, Slot: at % s.m.tail, Before: now + lost, After: now})
		}
	}
	slices.SortFunc(out, func(a, b CoverDelta) int { return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Slot, b.Slot)) })
	return out
}

// Recommend ranks all agents for a shift (Day, Template, Start and Minutes are
// read), as [Recommend] does, on the roster as it stands. limit 0 = all.
func (e *Editor) Recommend(shift Shift, limit int) ([]Proposal, error) {
	wanted, _, err := e.wanted([]CellEdit{{Agent: 0, Day: shift.Day, Shift: &Shift{Template: shift.Template, Start: shift.Start, Minutes: shift.Minutes}}})
	if err != nil {
		return nil, err
	}
	out := make([]Proposal, 0, len(e.m.agents))
	for i := range e.m.agents {
		out = append(out, e.s.propose(i, shift.Day, wanted[0]))
	}
	rank(out)
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

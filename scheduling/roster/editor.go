package roster

// Editor judges manual edits of one roster without loading it again: an edit of
// a cell costs microseconds. It is not safe for use by two goroutines at once.
type Editor struct {
	m *model
	s *state
}

// Edit is what a change of one cell would do.
type Edit struct {
	Points int64       `json:"points"` // change of the total
	Legal  bool        `json:"legal"`
	New    []Violation `json:"new,omitempty"`   // rules this brings or makes worse
	Gone   []Violation `json:"gone,omitempty"`  // rules this heals
	Shift  *Shift      `json:"shift,omitempty"` // with breaks and activities placed; nil when the day becomes free
}

// NewEditor loads a roster. Errors are those of [Evaluate].
func NewEditor(p *Problem, shifts []Shift) (*Editor, error) {
	m, err := compile(p)
	if err != nil {
		return nil, err
	}
	s, err := stateOf(m, shifts)
	if err != nil {
		return nil, err
	}
	return &Editor{m, s}, nil
}

// Try says what would happen if the agent's day held the shift (nil = free);
// breaks and activities are placed anew. Nothing changes.
func (e *Editor) Try(agent, day int, shift *Shift) (*Edit, error) {
	return e.edit(agent, day, shift, false)
}

// Apply makes the change and says what it did.
func (e *Editor) Apply(agent, day int, shift *Shift) (*Edit, error) {
	return e.edit(agent, day, shift, true)
}

// Solution is the roster as it now stands, judged in full.
func (e *Editor) Solution() *Solution { return e.s.solution(true) }

func (e *Editor) edit(agent, day int, shift *Shift, apply bool) (*Edit, error) {
	m, s := e.m, e.s
	if agent < 0 || agent >= len(m.agents) || day < 0 || day >= m.p.Days {
		return nil, invalid("cell", "Agent %d or day %d does not exist.", agent, day)
	}
	c := off
	if shift != nil {
		if err := m.p.checkCell("The shift", shift.Template, day, shift.Start, shift.Minutes); err != nil {
			return nil, err
		}
		c = m.newCell(m.templateIndex(shift.Template), int32(shift.Start/m.slot), int32(shift.Minutes/m.slot))
		if int(c.end-c.start) > s.width {
			return nil, invalid("shift", "The shift lasts %d minutes, longer than any template or shift of the roster.", shift.Minutes)
		}
	}
	old, n := s.rows[agent][day], 0
	if old.on() {
		n = copy(s.buf.saveA, s.actsOf(agent, day))
	}
	var was, now []Violation
	before, cover := m.evalRow(agent, s.rows[agent], &was), s.cover
	s.clearCell(agent, day)
	s.setCell(agent, day, c)
	after := m.evalRow(agent, s.rows[agent], &now)
	out := &Edit{Points: after.Total() - before.Total() + s.cover - cover, Legal: after[LevelHard] <= before[LevelHard], New: added(was, now), Gone: added(now, was)}
	if c.on() {
		sh := s.shiftOf(agent, day, c)
		out.Shift = &sh
	}
	if apply {
		s.rescore(agent)
		return out, nil
	}
	s.clearCell(agent, day)
	s.restoreCell(agent, day, old, s.buf.saveA[:n])
	return out, nil
}

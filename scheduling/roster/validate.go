package roster

// Evaluate judges given shifts as they are: nothing is moved, breaks and
// activities are taken from the shifts. It is what a manual edit and a stored
// roster are checked with. Shifts without activities get the engine's placing.
// Errors are about shifts that no roster can hold (kind invalid); broken rules
// are violations in the solution.
func Evaluate(p *Problem, shifts []Shift) (*Solution, error) {
	m, err := compile(p)
	if err != nil {
		return nil, err
	}
	s, err := stateOf(m, shifts)
	if err != nil {
		return nil, err
	}
	sol := s.solution(true)
	sol.Proofs, sol.Bound, sol.Stopped = m.proofs(), m.bound(), "moves"
	return sol, nil
}

// stateOf loads shifts exactly; pins are not applied but judged.
func stateOf(m *model, shifts []Shift) (*state, error) {
	s := newState(m, longest(m, shifts))
	for i := range s.rows {
		for d := range s.rows[i] {
			s.clearCell(i, d)
		}
	}
	seen := map[Cell]bool{}
	for _, sh := range shifts {
		if sh.Agent < 0 || sh.Agent >= len(s.rows) || sh.Day < 0 || sh.Day >= m.p.Days {
			return nil, invalid("shift", "A shift names agent %d and day %d, which do not exist.", sh.Agent, sh.Day)
		}
		k := Cell{sh.Agent, sh.Day}
		if seen[k] {
			return nil, invalid("two_shifts", "Agent %q has two shifts on day %d.", m.p.Agents[sh.Agent].ID, sh.Day)
		}
		seen[k] = true
		if err := m.p.checkCell("Shift of agent "+m.p.Agents[sh.Agent].ID, sh.Template, sh.Day, sh.Start, sh.Minutes); err != nil {
			return nil, err
		}
		c := m.newCell(m.templateIndex(sh.Template), int32(sh.Start/m.slot), int32(sh.Minutes/m.slot))
		acts, err := s.actsFrom(sh, c)
		if err != nil {
			return nil, err
		}
		if acts == nil {
			s.setCell(sh.Agent, sh.Day, c)
		} else {
			s.restoreCell(sh.Agent, sh.Day, c, acts)
		}
	}
	for i := range s.rows {
		s.rescore(i)
	}
	return s, nil
}

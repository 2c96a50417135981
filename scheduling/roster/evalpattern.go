package roster

import "slices"

// The words of a compiled pattern; templates are 0 and above.
const (
	patternOff int32 = -1 - iota
	patternWork
	patternAny
)

// compilePattern translates a rotation and says where each agent stands in it.
func (m *model) compilePattern(r *Rule, rm *ruleModel) {
	if r.Kind != Rotation {
		return
	}
	for _, w := range r.Pattern {
		v := patternAny
		switch w {
		case PatternOff:
			v = patternOff
		case PatternWork:
			v = patternWork
		case PatternAny:
		default:
			v = m.templateIndex(w)
		}
		rm.pattern = append(rm.pattern, v)
	}
	rm.place = make([]int32, len(m.p.Agents))
	for i := range rm.place {
		at := i
		if len(r.Agents) > 0 {
			at = max(0, slices.Index(r.Agents, i))
		}
		rm.place[i] = int32(r.Offset + at*r.Stagger)
	}
}

// asked is what a rotation asks of an agent on a day.
func (r *ruleModel) asked(agent, day int) int32 {
	return r.pattern[(int(r.place[agent])+day)%len(r.pattern)]
}

// follows says whether a cell is what a pattern asks for.
func follows(c cell, asked int32) bool {
	switch asked {
	case patternAny:
		return true
	case patternWork:
		return c.on()
	case patternOff:
		return !c.on()
	}
	return c.tmpl == asked
}

func (m *model) evalRotation(r *ruleModel, row []cell, t *tally) {
	for d, c := range row {
		if asked := r.asked(t.agent, d); !follows(c, asked) {
			switch asked {
			case patternOff:
				t.hit(r, 1, d, d, whyRotationOff)
			case patternWork:
				t.hit(r, 1, d, d, whyRotationWork)
			default:
				t.hit(r, 1, d, d, whyRotation, m.templates[asked].id)
			}
		}
	}
}

// mustOf is what hard rotations ask of an agent day by day, nil when nothing.
func (m *model) mustOf(i int, a *agentModel) []int32 {
	var must []int32
	for _, k := range a.rules {
		r := &m.rules[k]
		if r.kind != Rotation || r.level != LevelHard {
			continue
		}
		if must == nil {
			must = make([]int32, m.p.Days)
			for d := range must {
				must[d] = patternAny
			}
		}
		for d := range must {
			if v := r.asked(i, d); v != patternAny {
				must[d] = v
			}
		}
	}
	return must
}

// evalSameTemplate counts the changes of template within each week.
func (m *model) evalSameTemplate(r *ruleModel, row []cell, t *tally) {
	last := -1
	for d, c := range row {
		if !c.on() {
			continue
		}
		if last >= 0 && m.weekOf[last] == m.weekOf[d] && row[last].tmpl != c.tmpl {
			t.hit(r, 1, last, d, whySameShift, m.templates[c.tmpl].id, m.templates[row[last].tmpl].id)
		}
		last = d
	}
}

// evalMeal wants a meal in every long shift.
func (m *model) evalMeal(r *ruleModel, row []cell, t *tally) {
	for d, c := range row {
		if !c.on() || c.paid <= r.minutes {
			continue
		}
		longest := int32(0)
		for _, b := range m.templates[c.tmpl].breaks {
			if b.meal && c.end-c.start >= b.minShift {
				longest = max(longest, b.minutes)
			}
		}
		if longest < r.min {
			t.hit(r, 1, d, d, whyMeal, longest, c.paid, r.min)
		}
	}
}

// refused counts the requests of an agent that a row does not grant in full.
func (m *model) refused(a *agentModel, row []cell) int64 {
	n := int64(0)
	for _, q := range a.requests {
		t := tally{}
		q.weight = max(q.weight, int64(1440/m.slot))
		m.evalRequest(q, row, &t)
		if t.score[LevelRequest] > 0 {
			n++
		}
	}
	return n
}

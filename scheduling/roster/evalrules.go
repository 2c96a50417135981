package roster

// evalRule is the evaluator of every named rule: one case per kind.
func (m *model) evalRule(r *ruleModel, a *agentModel, row []cell, t *tally) {
	switch r.kind {
	case MinRest:
		m.evalRest(r, a, row, t)
	case MaxConsecutiveDays:
		evalMaxRun(r, a.history.ConsecutiveDays, row, true, t)
	case MaxConsecutiveOff:
		evalMaxRun(r, a.history.ConsecutiveOff, row, false, t)
	case MinConsecutiveDays:
		evalMinRun(r, a.history.ConsecutiveDays, row, true, t)
	case MinConsecutiveOff:
		evalMinRun(r, a.history.ConsecutiveOff, row, false, t)
	case MaxMinutesDay:
		for d, c := range row {
			if c.on() && c.paid > r.minutes {
				t.hit(r, quarters(c.paid-r.minutes), d, d, whyDayMinutes, c.paid, r.minutes)
			}
		}
	case MaxMinutesWeek, NoOvertime:
		m.evalWeekMinutes(r, a, row, t)
	case MaxMinutesPeriod:
		if n := paidSum(row); n > r.minutes {
			t.hit(r, quarters(n-r.minutes), 0, -1, whyPeriodMinutes, n, r.minutes)
		}
	case AverageMinutesWeek:
		m.evalAverage(r, row, t)
	case MaxShiftsWeek:
		m.evalShiftsWeek(r, row, t)
	case MaxWeekends:
		if n := m.weekends(row); n > r.max {
			t.hit(r, int64(n-r.max), 0, -1, whyWeekends, n, r.max)
		}
	case CompleteWeekends:
		for d := range row {
			if m.weekday[d] == 5 && d+1 < len(row) && row[d].on() != row[d+1].on() {
				t.hit(r, 1, d, d+1, whyHalfWeekend)
			}
		}
	case FairWeekends:
		n := int64(m.weekends(row)) + int64(a.history.Weekends)
		t.hit(r, n*n, 0, -1, whyWeekendLoad, n)
	default:
		m.evalKinds(r, a, row, t)
	}
}

// evalKinds holds the rules about nights, templates and start times.
func (m *model) evalKinds(r *ruleModel, a *agentModel, row []cell, t *tally) {
	switch r.kind {
	case MaxNights, FairNights:
		n := int64(0)
		for _, c := range row {
			if m.isNight(r, c) {
				n++
			}
		}
		if r.kind == FairNights {
			n += int64(a.history.Nights)
			t.hit(r, n*n, 0, -1, whyNightLoad, n)
		} else if n > int64(r.max) {
			t.hit(r, n-int64(r.max), 0, -1, whyNights, n, r.max)
		}
	case MaxConsecutiveNights:
		run := int32(0)
		for d, c := range row {
			if !m.isNight(r, c) {
				run = 0
			} else if run++; run > r.max {
				t.hit(r, 1, d-int(run)+1, d, whyNightsInARow, run, r.max)
			}
		}
	case NoNights:
		for d, c := range row {
			if n := m.nightSlots(r, c); n > 0 {
				t.hit(r, 1, d, d, whyNightMinutes, int(n)*m.slot)
			}
		}
	case ForbiddenSuccession:
		prev := a.lastTmpl
		for d, c := range row {
			if prev >= 0 && c.on() && r.from[prev] && r.to[c.tmpl] {
				t.hit(r, 1, max(0, d-1), d, whySuccession, m.templates[c.tmpl].id, m.templates[prev].id)
			}
			prev = c.tmpl
		}
	case SameTemplateInWeek:
		m.evalSameTemplate(r, row, t)
	case Rotation:
		m.evalRotation(r, row, t)
	case MealInShift:
		m.evalMeal(r, row, t)
	case FairRequests:
		n := int64(a.history.Refused) + m.refused(a, row)
		t.hit(r, n*n, 0, -1, whyRequestsLoad, n)
	case MaxTemplate, FairTemplates:
		n := int64(0)
		for _, c := range row {
			if c.on() && r.from[c.tmpl] {
				n++
			}
		}
		if r.kind == FairTemplates {
			n += int64(a.history.Unpopular)
			t.hit(r, n*n, 0, -1, whyShiftLoad, n)
		} else if n > int64(r.max) {
			t.hit(r, n-int64(r.max), 0, -1, whySuchShifts, n, r.max)
		}
	case SameStartInWeek:
		m.evalSameStart(r, row, t)
	}
}

// quarters rounds minutes up to quarter hours, the unit of soft minute rules.
func quarters(minutes int32) int64 { return int64(minutes+14) / 15 }

func paidSum(row []cell) int32 {
	n := int32(0)
	for _, c := range row {
		if c.on() {
			n += c.paid
		}
	}
	return n
}

func (m *model) evalRest(r *ruleModel, a *agentModel, row []cell, t *tally) {
	last, lastDay := a.lastEnd, 0
	for d, c := range row {
		if !c.on() {
			continue
		}
		if rest := (c.start - last) * int32(m.slot); rest < r.minutes && last > -none {
			t.hit(r, quarters(r.minutes-rest), lastDay, d, whyRest, rest, r.minutes)
		}
		last, lastDay = c.end, d
	}
}

func evalMaxRun(r *ruleModel, before int, row []cell, work bool, t *tally) {
	run := int32(before)
	for d, c := range row {
		if c.on() != work {
			run = 0
		} else if run++; run > r.max {
			why := whyOffInARow
			if work {
				why = whyWorkInARow
			}
			t.hit(r, 1, max(0, d-int(run)+1), d, why, run, r.max)
		}
	}
}

func evalMinRun(r *ruleModel, before int, row []cell, work bool, t *tally) {
	run, start := int32(before), 0
	inRun := row[0].on() == work
	for d := 1; d < len(row); d++ { // a run that reaches the end may go on after it
		on := row[d].on() == work
		switch {
		case on && !inRun:
			start, run = d, 0
		case !on && inRun:
			// A run that began before the horizon with unknown length is free.
			length := run + int32(d-start)
			if length < r.min && (start > 0 || before > 0) {
				why := whyShortRestRun
				if work {
					why = whyShortRun
				}
				t.hit(r, int64(r.min-length), start, d-1, why, length, r.min)
			}
		}
		inRun = on
	}
}

func (m *model) evalWeekMinutes(r *ruleModel, a *agentModel, row []cell, t *tally) {
	week, first := int32(a.history.WeekMinutes), 0
	for d, c := range row {
		if c.on() {
			week += c.paid
		}
		if d+1 == len(row) || m.weekOf[d+1] != m.weekOf[d] {
			if week > r.minutes {
				t.hit(r, quarters(week-r.minutes), first, d, whyWeekMinutes, week, r.minutes)
			}
			week, first = 0, d+1
		}
	}
}

func (m *model) evalAverage(r *ruleModel, row []cell, t *tally) {
	sum, first := int32(0), 0
	for d, c := range row {
		if c.on() {
			sum += c.paid
		}
		last := d+1 == len(row)
		if last || (m.weekOf[d+1] != m.weekOf[d] && m.weekOf[d+1]%r.weeks == 0) {
			// A block cut short by the end of the horizon is allowed its share.
			allowed := int32(int64(r.minutes) * int64(d-first+1) / 7)
			if sum > allowed {
				t.hit(r, quarters(sum-allowed), first, d, whyAverageMinutes, sum, d-first+1, allowed)
			}
			sum, first = 0, d+1
		}
	}
}

func (m *model) evalShiftsWeek(r *ruleModel, row []cell, t *tally) {
	n, first := int32(0), 0
	for d, c := range row {
		if c.on() {
			n++
		}
		if d+1 == len(row) || m.weekOf[d+1] != m.weekOf[d] {
			if n > r.max {
				t.hit(r, int64(n-r.max), first, d, whyWeekShifts, n, r.max)
			}
			n, first = 0, d+1
		}
	}
}

// weekends counts the weekends with work.
func (m *model) weekends(row []cell) int32 {
	n := int32(0)
	for d := range row {
		switch m.weekday[d] {
		case 5:
			if row[d].on() || (d+1 < len(row) && row[d+1].on()) {
				n++
			}
		case 6:
			if d == 0 && row[d].on() {
				n++
			}
		}
	}
	return n
}

func (m *model) nightSlots(r *ruleModel, c cell) int32 {
	if !c.on() {
		return 0
	}
	return r.night[c.end] - r.night[c.start]
}

// isNight says whether a shift counts as a night: two hours or more lie in the night.
func (m *model) isNight(r *ruleModel, c cell) bool { return int(m.nightSlots(r, c))*m.slot >= 120 }

func (m *model) evalSameStart(r *ruleModel, row []cell, t *tally) {
	prev, prevDay := int32(-1), 0
	unit := max(r.minutes, 15)
	for d, c := range row {
		if !c.on() {
			continue
		}
		at := (c.start - int32(m.dayStart[d])) * int32(m.slot)
		if prev >= 0 && m.weekOf[d] == m.weekOf[prevDay] && at != prev {
			diff := at - prev
			if diff < 0 {
				diff = -diff
			}
			t.hit(r, int64((diff+unit-1)/unit), prevDay, d, whyStartsApart, diff)
		}
		prev, prevDay = at, d
	}
}

// agentLimits gathers the hard rules that the beam follows label by label.
func (m *model) agentLimits(a *agentModel) limits {
	l := limits{maxRun: none, weekMax: none, periodMax: none, dayMax: none, weekShifts: none, weekends: none, nights: none}
	if a.contract.HardMax {
		l.periodMax = int32(a.contract.MaxMinutes)
		if a.contract.WeekMaxMinutes > 0 {
			l.weekMax = int32(a.contract.WeekMaxMinutes)
		}
	}
	for _, i := range a.rules {
		r := &m.rules[i]
		if r.level != LevelHard {
			continue
		}
		switch r.kind {
		case MinRest:
			l.rest = max(l.rest, (r.minutes+int32(m.slot)-1)/int32(m.slot))
		case MaxConsecutiveDays:
			l.maxRun = min(l.maxRun, r.max)
		case MinConsecutiveDays:
			l.minRun = max(l.minRun, r.min)
		case MinConsecutiveOff:
			l.minOff = max(l.minOff, r.min)
		case MaxMinutesDay:
			l.dayMax = min(l.dayMax, r.minutes)
		case MaxMinutesWeek, NoOvertime:
			l.weekMax = min(l.weekMax, r.minutes)
		case MaxMinutesPeriod:
			l.periodMax = min(l.periodMax, r.minutes)
		case MaxShiftsWeek:
			l.weekShifts = min(l.weekShifts, r.max)
		case MaxWeekends:
			l.weekends = min(l.weekends, r.max)
		case MaxNights:
			l.nights = min(l.nights, r.max)
		case NoNights:
			l.nights = -1
		}
	}
	return l
}

package roster

import "sort"

// label is a partial row: what the rules need to know and how it came about.
type label struct {
	cost     int64
	soft     int64 // part of cost that estimates rules and pay
	run, gap int32 // worked days, days off in a row
	end      int32 // slot at which the last shift ended
	week     int32 // paid minutes of the calendar week
	total    int32 // paid minutes so far
	shifts   int32 // shifts of the calendar week
	weekends int32
	nights   int32
	tmpl     int32 // of the day before, -1 off
	start    int32 // local slot of the last start in the week, -1 none
	prev     int32 // label of the day before
	cell     cell
}

type candidate struct {
	c     cell
	value int64 // points won
	night bool
	local int32 // slots after midnight
}

const (
	beamWidth      = 40
	beamCandidates = 8
)

// bestRow builds a good legal row for an agent whose cells are all unbooked, by
// a beam over the days. Labels follow the hard rules; the winner among the last
// labels is chosen by the evaluators themselves. It returns false when no label
// survives (pins that contradict a rule); the row is then unchanged.
func (s *state) bestRow(i int, rng *stream, row []cell) bool {
	m, a := s.m, &s.m.agents[i]
	labels := append(s.buf.labels[:0], s.rootLabel(a))
	bounds := []int{0, 1}
	for d := range m.p.Days {
		cands := s.candidates(i, d, rng)
		first, last := bounds[d], bounds[d+1]
		for at := first; at < last; at++ {
			for _, cd := range cands {
				if l, ok := s.extend(a, &labels[at], d, cd); ok {
					l.prev = int32(at)
					labels = append(labels, l)
				}
			}
		}
		kept := s.prune(labels[last:])
		if kept == 0 {
			s.buf.labels = labels
			return false
		}
		labels = labels[:last+kept]
		bounds = append(bounds, len(labels))
	}
	s.buf.labels = labels
	return s.chooseRow(i, labels, bounds[m.p.Days], row)
}

// chooseRow scores the cheapest complete rows with the evaluators and writes the best.
func (s *state) chooseRow(i int, labels []label, first int, row []cell) bool {
	best, found := int64(0), false
	trial := s.buf.row
	for at := first; at < min(len(labels), first+10); at++ {
		l := &labels[at]
		for d, k := s.m.p.Days-1, l; d >= 0; d-- {
			trial[d] = k.cell
			k = &labels[k.prev]
		}
		// The label's cost holds the value of coverage and the contract; the
		// evaluators replace its estimate of the rules.
		value := l.cost - l.soft + contractCredit(&s.m.agents[i].contract, l.total) + s.m.evalRow(i, trial, nil).Total()
		if !found || value < best {
			best, found = value, true
			copy(row, trial)
		}
	}
	return found
}

func (s *state) rootLabel(a *agentModel) label {
	l := label{run: int32(a.history.ConsecutiveDays), gap: int32(a.history.ConsecutiveOff), end: a.lastEnd, week: int32(a.history.WeekMinutes), tmpl: a.lastTmpl, start: -1, prev: 0}
	if l.run == 0 && l.gap == 0 {
		l.gap = 99 // nothing known: free
	}
	return l
}

// contractCredit is what the paid minutes earn towards the contract's minimum;
// given while the row grows, so that the beam does not drop what it will need.
func contractCredit(k *Contract, minutes int32) int64 {
	credit := k.Weight * int64(min(int(minutes), k.MinMinutes))
	if over := int(minutes) - k.MaxMinutes; over > 0 {
		credit -= k.Weight * int64(over)
	}
	return credit
}

// extend appends a day to a label, or says that a hard rule forbids it.
func (s *state) extend(a *agentModel, l *label, d int, cd candidate) (label, bool) {
	m, lim, c := s.m, &a.limits, cd.c
	n := *l
	n.cell = c
	if d > 0 && m.weekOf[d] != m.weekOf[d-1] {
		n.week, n.shifts, n.start = 0, 0, -1
	}
	if !c.on() {
		if l.run > 0 && l.run < lim.minRun && d > 0 {
			return n, false
		}
		n.run, n.tmpl = 0, -1
		n.gap = l.gap + 1
		if l.run > 0 {
			n.gap = 1
		}
		return n, true
	}
	if l.run == 0 && l.gap < lim.minOff {
		return n, false
	}
	n.run, n.gap = l.run+1, 0
	n.week, n.total, n.shifts = n.week+c.paid, l.total+c.paid, n.shifts+1
	if wd := m.weekday[d]; wd == 5 || (wd == 6 && (d == 0 || l.run == 0)) {
		n.weekends++
	}
	if cd.night {
		n.nights++
	}
	if c.start-l.end < max(0, lim.rest) || n.run > lim.maxRun || n.week > lim.weekMax || n.total > lim.periodMax || n.shifts > lim.weekShifts ||
		n.weekends > lim.weekends || (cd.night && n.nights > lim.nights) {
		return n, false
	}
	n.end, n.tmpl = c.end, c.tmpl
	soft := m.templates[c.tmpl].cost + a.pay*int64(c.paid)/60
	if k := &a.contract; k.WeekMaxMinutes > 0 {
		soft += k.Weight * int64(max(0, int(n.week)-k.WeekMaxMinutes)-max(0, int(n.week-c.paid)-k.WeekMaxMinutes))
	}
	for _, r := range a.rules {
		soft += s.softStep(a, &m.rules[r], l, &n, cd)
	}
	n.soft += soft
	n.cost += soft - cd.value - contractCredit(&a.contract, n.total) + contractCredit(&a.contract, l.total)
	n.start = cd.local
	return n, true
}

// softStep estimates what a soft rule costs for one day more, and forbids the
// hard successions by a price no row can pay.
func (s *state) softStep(a *agentModel, r *ruleModel, l, n *label, cd candidate) int64 {
	switch r.kind {
	case ForbiddenSuccession:
		if l.tmpl >= 0 && r.from[l.tmpl] && r.to[n.tmpl] {
			if r.level == LevelHard {
				return hardPoints
			}
			return r.weight
		}
	case SameStartInWeek:
		if l.start >= 0 && l.start != cd.local && n.shifts > 1 {
			diff := l.start - cd.local
			if diff < 0 {
				diff = -diff
			}
			unit := max(r.minutes, 15)
			return r.weight * int64((diff*int32(s.m.slot)+unit-1)/unit)
		}
	case FairNights:
		if cd.night {
			return r.weight * (2*(int64(a.history.Nights)+int64(n.nights)) - 1)
		}
	case FairWeekends:
		if n.weekends > l.weekends {
			return r.weight * (2*(int64(a.history.Weekends)+int64(n.weekends)) - 1)
		}
	case FairTemplates:
		if r.from[n.tmpl] { // what is planned is not counted along: the first one's price
			return r.weight * (2*int64(a.history.Unpopular) + 1)
		}
	}
	return 0
}

// ranked is a label by its cost; equal costs rank by position.
type ranked struct {
	cost int64
	at   int32
}

func (a ranked) before(b ranked) bool { return a.cost < b.cost || (a.cost == b.cost && a.at < b.at) }

// sink restores a heap, the cheapest on top, after its entry k has changed.
func sink(heap []ranked, k int) {
	for {
		least := k
		for c := 2*k + 1; c <= min(2*k+2, len(heap)-1); c++ {
			if heap[c].before(heap[least]) {
				least = c
			}
		}
		if least == k {
			return
		}
		heap[k], heap[least] = heap[least], heap[k]
		k = least
	}
}

// prune keeps the cheapest label of each kind, at most beamWidth, cheapest first.
func (s *state) prune(labels []label) int {
	heap := s.buf.heap[:0]
	for x := range labels {
		heap = append(heap, ranked{labels[x].cost, int32(x)})
	}
	s.buf.heap = heap
	for k := len(heap)/2 - 1; k >= 0; k-- {
		sink(heap, k)
	}
	kept := s.buf.kept[:0]
	for len(heap) > 0 && len(kept) < beamWidth {
		l := &labels[heap[0].at]
		heap[0] = heap[len(heap)-1]
		heap = heap[:len(heap)-1]
		sink(heap, 0)
		double := false
		for y := range kept {
			k := &kept[y]
			if k.run == l.run && k.gap == l.gap && k.week == l.week && k.total == l.total && k.end >= l.end && k.end-l.end < 9 && k.weekends <= l.weekends && k.nights <= l.nights && k.start == l.start {
				double = true
				break
			}
		}
		if !double {
			kept = append(kept, *l)
		}
	}
	s.buf.kept = kept
	return copy(labels, kept)
}

// candidates lists the shifts worth trying on a day: the best start of each two
// hours and length, then the best of those; always the day off, or only the pin.
func (s *state) candidates(i, d int, rng *stream) []candidate {
	m, a := s.m, &s.m.agents[i]
	if a.pinned[d] {
		return []candidate{s.candidate(a, d, a.pin[d])}
	}
	line := s.gainLine(i, d)
	var found []candidate
	block := int32(120 / m.slot)
	for _, t := range a.templates {
		if a.must != nil && a.must[d] != patternWork && !follows(cell{tmpl: t}, a.must[d]) {
			continue
		}
		tm := &m.templates[t]
		for _, length := range tm.lengths {
			at := int32(-1)
			var best candidate
			for _, start := range tm.starts[d] {
				c := cell{tmpl: t, start: start, end: start + length}
				if !m.cellAllowed(a, d, c) {
					continue
				}
				value := line[c.end] - line[c.start]
				value -= rng.jitter(value)
				if b := start / block; b != at && at >= 0 {
					found = append(found, best)
					at = -1
				}
				if at < 0 || value > best.value {
					best = candidate{c: c, value: value}
				}
				at = start / block
			}
			if at >= 0 {
				found = append(found, best)
			}
		}
	}
	sort.SliceStable(found, func(x, y int) bool { return found[x].value > found[y].value })
	if len(found) > beamCandidates {
		found = found[:beamCandidates]
	}
	out := []candidate{{c: off}}
	if a.must != nil && !follows(off, a.must[d]) && len(found) > 0 {
		out = out[:0]
	}
	for _, f := range found {
		c := m.newCell(f.c.tmpl, f.c.start, f.c.end-f.c.start)
		if c.paid > a.limits.dayMax {
			continue
		}
		cd := s.candidate(a, d, c)
		if cd.night && a.limits.nights < 0 {
			continue
		}
		// Breaks take their share of the value; unpaid time is not worked.
		if n := int64(c.end - c.start); n > 0 {
			cd.value = f.value - f.value*int64(s.breakSlots(c))/n
		}
		out = append(out, cd)
	}
	return out
}

func (s *state) candidate(a *agentModel, d int, c cell) candidate {
	cd := candidate{c: c}
	if c.on() {
		n := s.m.night[c.end] - s.m.night[c.start]
		cd.night = int(n)*s.m.slot >= 120 || (n > 0 && a.limits.nights < 0)
		cd.local = c.start - int32(s.m.dayStart[d])
	}
	return cd
}

func (s *state) breakSlots(c cell) int32 {
	n := int32(0)
	for _, b := range s.m.templates[c.tmpl].breaks {
		if c.end-c.start >= b.minShift {
			n += b.slots
		}
	}
	return n
}

// cellAllowed applies the hard rules about one day by itself.
func (m *model) cellAllowed(a *agentModel, d int, c cell) bool {
	return !overlapsAny(a.timeOff, c.start, c.end) && (len(a.avail) == 0 || insideAny(a.avail, c.start, c.end)) &&
		(m.open[d] == nil || insideAny(m.open[d], c.start, c.end))
}

// gainLine is the prefix sum over slots of the most one more agent with these
// skills brings. Days with other skills than day d read the skills of day d.
func (s *state) gainLine(i, d int) []int64 {
	a := &s.m.agents[i]
	line := s.buf.gainLine
	if s.buf.gainKey == a.servesKey[d] {
		return line
	}
	s.buf.gainKey = a.servesKey[d]
	line[0] = 0
	for t := range s.m.tail {
		best := int64(0)
		for k, g := range a.serves[d] {
			if v := s.gain[int(g)*s.m.tail+t] + a.bonus[g]; k == 0 || v > best {
				best = v
			}
		}
		line[t+1] = line[t] + best
	}
	return line
}

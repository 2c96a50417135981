package roster

import (
	"context"
	"math"
	"slices"
)

// swapAhead is how many days ahead a day off may lie that somebody gets for coming today.
const swapAhead = 6

// gapRoster is a roster with absences entered and nothing done about them yet.
type gapRoster struct {
	base       *state
	start      *snapshot
	parts      []part // of the agents, with the gap
	gap        *Solution
	r          *repairer
	maxChanges int
}

// openGap enters the absences.
func openGap(p *Problem, current *Solution, absences []Absence, now, maxChanges int) (*gapRoster, error) {
	changed, shifts, err := withAbsences(p, current, absences)
	if err != nil {
		return nil, err
	}
	if maxChanges <= 0 {
		maxChanges = 3 * max(1, len(absences))
	}
	m, err := compile(changed)
	if err != nil {
		return nil, err
	}
	base, err := stateOf(m, shifts)
	if err != nil {
		return nil, err
	}
	r := &repairer{q: &search{s: base, rng: newStream(1, 0)}, now: int32(now / m.slot), absent: map[int]bool{}}
	for _, a := range absences {
		r.absent[a.Agent] = true
	}
	r.days = touchedDays(m, absences)
	g := &gapRoster{base: base, start: base.snapshot(), parts: make([]part, len(base.rows)), r: r, maxChanges: maxChanges}
	for i := range g.parts {
		g.parts[i] = base.part(i)
	}
	g.gap = base.assemble(g.parts, false)
	return g, nil
}

// answer takes measures one after the other and says what they lead to. Only the
// agents whom they touch are judged anew and put back afterwards.
func (g *gapRoster) answer(ctx context.Context, name Measure, measures []Measure) DayOption {
	for _, k := range Measures() {
		if k != AcceptGap && slices.Contains(measures, k) {
			g.r.improve(ctx, k, g.maxChanges)
		}
	}
	touched := g.base.differing(g.start)
	parts := slices.Clone(g.parts)
	var before, after Solution
	for _, i := range touched {
		parts[i] = g.base.part(i)
		before.Shifts, after.Shifts = append(before.Shifts, g.parts[i].shifts...), append(after.Shifts, parts[i].shifts...)
	}
	sol := g.base.assemble(parts, true)
	c := Compare(&before, &after)
	g.base.put(g.start, touched)
	return DayOption{Measure: name, Solution: sol, Changes: c.Differences, Agents: c.Agents, Points: sol.Score.Total() - g.gap.Score.Total(),
		MissingMins: sol.Coverage.Required - sol.Coverage.Met, PaidMinutes: sol.PaidMinutes - g.gap.PaidMinutes}
}

// DayPlan is the answer to absences that takes several measures together, in the
// order of [Measures]. Its arguments are those of [DayOptions].
func DayPlan(ctx context.Context, p *Problem, current *Solution, absences []Absence, now, maxChanges int, measures []Measure) (*DayOption, error) {
	for _, k := range measures {
		if !slices.Contains(Measures(), k) {
			return nil, invalid("unknown_measure", "The measure %q is unknown; measures are %v.", k, Measures())
		}
	}
	g, err := openGap(p, current, absences, now, maxChanges)
	if err != nil {
		return nil, err
	}
	name := Combination
	if len(measures) == 1 {
		name = measures[0]
	}
	out := g.answer(ctx, name, measures)
	return &out, nil
}

// make makes a change.
func (r *repairer) make(g gainful) {
	s := r.q.s
	if g.free >= 0 {
		s.clearCell(g.at.Agent, g.free)
	}
	s.clearCell(g.at.Agent, g.at.Day)
	s.setCell(g.at.Agent, g.at.Day, g.to)
	s.rescore(g.at.Agent)
}

// worth is what a change is worth now.
func (r *repairer) worth(g gainful) int64 {
	if g.free < 0 {
		return r.q.trial(g.at.Agent, g.at.Day, g.to)
	}
	return r.exchange(g.at.Agent, g.at.Day, g.to, g.free)
}

// swaps tries to let somebody who is off come and be off on a later day instead.
func (r *repairer) swaps(best *gainful) {
	s := r.q.s
	i, d := best.at.Agent, best.at.Day
	if s.rows[i][d].on() || r.absent[i] {
		return
	}
	choices := r.choices(CallIn, i, d)
	for e := d + 1; e < min(d+1+swapAhead, len(s.rows[i])); e++ {
		if !s.rows[i][e].on() || s.m.agents[i].pinned[e] {
			continue
		}
		for _, c := range choices {
			if v := r.exchange(i, d, c, e); v < best.points {
				best.points, best.to, best.free = v, c, e
			}
		}
	}
}

// exchange is the change of the total if agent i worked c on day d and were free on day e.
func (r *repairer) exchange(i, d int, c cell, e int) int64 {
	s := r.q.s
	later := s.rows[i][e]
	s.rows[i][d], s.rows[i][e] = c, off
	rows := s.m.evalRow(i, s.rows[i], nil).Total() - s.rowPts[i]
	s.rows[i][d], s.rows[i][e] = off, later
	if rows >= hardPoints/2 {
		return math.MaxInt64
	}
	before := s.cover
	kept := slices.Clone(s.actsOf(i, e))
	s.clearCell(i, e)
	s.setCell(i, d, c)
	after := s.cover
	s.clearCell(i, d)
	s.restoreCell(i, e, later, kept)
	return after - before + rows
}

// reserve gives people at work the work that is missed most, without moving a
// break; shifts that have begun stay.
func (r *repairer) reserve() {
	s := r.q.s
	for range 3 {
		before := s.total()
		for _, d := range r.days {
			for i := range s.rows {
				if c := s.rows[i][d]; c.on() && c.start >= r.now {
					r.rework(i, d, c)
				}
			}
		}
		if s.total() >= before {
			return
		}
	}
}

// rework places the work of one shift anew around its breaks and keeps it if that gains.
func (r *repairer) rework(i, d int, c cell) {
	s := r.q.s
	before, kept := s.total(), slices.Clone(s.actsOf(i, d))
	s.clearCell(i, d)
	s.rows[i][d] = c
	acts := s.actsOf(i, d)
	for k := range acts {
		if acts[k] = actIdle; kept[k] == actBreak {
			acts[k] = actBreak
		}
	}
	s.placeWork(i, s.m.agents[i].serves[d], s.m.templates[c.tmpl].allowed, c, acts)
	s.addActs(i, c.start, acts, 1)
	if s.total() >= before {
		s.clearCell(i, d)
		s.restoreCell(i, d, c, kept)
	}
}

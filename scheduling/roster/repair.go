package roster

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Absence takes an agent out over elapsed minutes from the first midnight.
type Absence struct {
	Agent  int    `json:"agent"`
	From   int    `json:"from"`
	To     int    `json:"to"`
	Reason string `json:"reason,omitempty"`
}

// Measure is a kind of answer to a gap on the day.
type Measure string

// The measures of the day, in the order in which they hurt least.
const (
	AcceptGap   Measure = "accept"   // change nothing
	UseReserve  Measure = "reserve"  // people nobody asked for, or beyond the requirement, work elsewhere; breaks stay
	MoveBreaks  Measure = "breaks"   // breaks and activities of people at work
	MoveShifts  Measure = "start"    // other start of a shift that has not begun
	SwapDays    Measure = "swap"     // people who are off come, and get a later day off instead
	Extend      Measure = "extend"   // longer shifts of people at work or due
	CallIn      Measure = "call_in"  // overtime offer to people who are off
	TimeOffer   Measure = "time_off" // voluntary time off where there is surplus
	Combination Measure = "combined" // breaks, starts, swaps, extensions and call-ins together
)

// Measures lists every measure.
func Measures() []Measure {
	return []Measure{AcceptGap, UseReserve, MoveBreaks, MoveShifts, SwapDays, Extend, CallIn, TimeOffer, Combination}
}

// DayOption is one ranked answer: the roster it leads to and what it costs.
type DayOption struct {
	Measure     Measure      `json:"measure"`
	Solution    *Solution    `json:"-"`       // read only: the options of one call share the activities of shifts they leave alone
	Changes     []Difference `json:"changes"` // against the roster with the gap
	Agents      int          `json:"agents"`  // people with another shift
	Points      int64        `json:"points"`  // change of the total against accepting the gap; negative is better
	MissingMins int64        `json:"missing_minutes"`
	PaidMinutes int64        `json:"paid_minutes"` // more (or fewer) than accepting the gap
}

// repairTax is what a changed cell costs during repairs when the problem names no tax.
const repairTax = 400

// DayOptions applies absences to a roster and ranks what can be done about them
// from minute now on: past activities and begun shifts stay, save that a begun
// shift can be extended. At most maxChanges cells change per option (0 = 3 per
// absence). Nothing is applied; the caller picks. Errors are invalid input.
func DayOptions(ctx context.Context, p *Problem, current *Solution, absences []Absence, now, maxChanges int) ([]DayOption, error) {
	g, err := openGap(p, current, absences, now, maxChanges)
	if err != nil {
		return nil, err
	}
	var out []DayOption
	for _, k := range Measures() {
		out = append(out, g.answer(ctx, k, []Measure{k}))
	}
	slices.SortStableFunc(out, func(x, y DayOption) int { return cmp.Compare(x.Points, y.Points) })
	return out, nil
}

// withAbsences copies the problem with the absences as time off, the roster as
// published and a tax on changes, and the shifts without those that fall away.
func withAbsences(p *Problem, current *Solution, absences []Absence) (*Problem, []Shift, error) {
	c := *p
	c.Agents = slices.Clone(p.Agents)
	c.FreezeUntil = 0
	var kept []Shift
	for _, a := range absences {
		if a.Agent < 0 || a.Agent >= len(p.Agents) || a.To <= a.From {
			return nil, nil, invalid("absence", "An absence names agent %d from minute %d to %d; the agent must exist and the end lie after the start.", a.Agent, a.From, a.To)
		}
		g := &c.Agents[a.Agent]
		g.TimeOff = append(slices.Clone(g.TimeOff), Window{From: a.From, To: a.To, Reason: a.Reason})
		g.Pins = slices.DeleteFunc(slices.Clone(g.Pins), func(pin Pin) bool {
			return pin.Template != "" && pin.Start < a.To && a.From < pin.Start+pin.Minutes
		})
	}
	for _, s := range current.Shifts {
		gone := slices.ContainsFunc(absences, func(a Absence) bool { return a.Agent == s.Agent && s.Start < a.To && a.From < s.Start+s.Minutes })
		if !gone {
			kept = append(kept, s)
		}
	}
	c.Published = kept
	if c.ChangeTax == 0 {
		c.ChangeTax = repairTax
	}
	return &c, kept, nil
}

func touchedDays(m *model, absences []Absence) []int {
	var days []int
	for d := range m.p.Days {
		from, to := m.dayStart[d]*m.slot, m.dayStart[d+1]*m.slot
		if slices.ContainsFunc(absences, func(a Absence) bool { return a.From < to && from < a.To }) {
			days = append(days, d)
		}
	}
	return days
}

// repairer is a greedy search over the cells of a few days.
type repairer struct {
	q      *search
	now    int32 // slot
	days   []int
	absent map[int]bool
}

// gainful is a change of one cell and what it was worth when it was tried.
type gainful struct {
	at     Cell
	to     cell
	free   int // day that becomes free in exchange; -1 = none
	points int64
}

// improve applies the best changes round by round until none gains or the number
// of changed cells is used up; breaks follow at the end. Within a round a change
// is applied only while it is worth nearly what it was worth alone.
func (r *repairer) improve(ctx context.Context, k Measure, maxChanges int) {
	done := map[Cell]bool{}
	if k == UseReserve || k == Combination {
		r.reserve()
	}
	for k != MoveBreaks && k != UseReserve && len(done) < maxChanges && ctx.Err() == nil {
		found := r.survey(k, done)
		applied := 0
		for _, g := range found {
			if len(done) == maxChanges {
				break
			}
			if applied > 0 && r.worth(g) > g.points*4/5 {
				continue
			}
			r.make(g)
			done[g.at] = true
			applied++
		}
		if applied == 0 {
			break
		}
	}
	if k == MoveBreaks || k == Combination {
		r.breaks()
	}
}

// survey tries every choice for every cell and lists the best of each cell, the most gainful first.
func (r *repairer) survey(k Measure, done map[Cell]bool) []gainful {
	s := r.q.s
	var found []gainful
	for _, d := range r.days {
		for i := range s.rows {
			at := Cell{i, d}
			if done[at] || s.m.agents[i].pinned[d] || (r.absent[i] && !s.rows[i][d].on()) {
				continue
			}
			best := gainful{at: at, free: -1}
			for _, c := range r.choices(k, i, d) {
				if v := r.q.trial(i, d, c); v < best.points {
					best.points, best.to = v, c
				}
			}
			if k == SwapDays || k == Combination {
				r.swaps(&best)
			}
			if best.points < 0 {
				found = append(found, best)
			}
		}
	}
	slices.SortStableFunc(found, func(x, y gainful) int { return cmp.Compare(x.points, y.points) })
	return found
}

// breaks places the breaks and activities of shifts that have not begun anew.
func (r *repairer) breaks() {
	s := r.q.s
	for range 3 {
		before := s.total()
		for _, d := range r.days {
			for i := range s.rows {
				if c := s.rows[i][d]; c.on() && c.start >= r.now {
					r.q.try(i, d, c, -1, -1, off)
				}
			}
		}
		if s.total() >= before {
			return
		}
	}
}

// choices lists what a measure may put in a cell.
func (r *repairer) choices(k Measure, i, d int) []cell {
	s := r.q.s
	c := s.rows[i][d]
	var out []cell
	if k == CallIn || k == Combination {
		if !c.on() {
			s.buf.gainKey = -1
			for _, cd := range s.candidates(i, d, nil) {
				if cd.c.on() && cd.c.start >= r.now {
					out = append(out, cd.c)
				}
			}
		}
	}
	if !c.on() {
		return out
	}
	begun := c.start < r.now
	tm := &s.m.templates[c.tmpl]
	if (k == MoveShifts || k == Combination) && !begun {
		for _, st := range tm.starts[d] {
			if st != c.start && st >= r.now {
				out = append(out, s.m.newCell(c.tmpl, st, c.end-c.start))
			}
		}
	}
	if k == Extend || k == Combination {
		out = append(out, r.extensions(i, d, c, begun)...)
	}
	if k == TimeOffer && !begun {
		out = append(out, off)
		for _, l := range tm.lengths {
			if l < c.end-c.start {
				out = append(out, s.m.newCell(c.tmpl, c.start, l))
			}
		}
	}
	return out
}

// extensions are longer shifts of the same start, or of an earlier start that is
// still to come, whatever template allows the length.
func (r *repairer) extensions(i, d int, c cell, begun bool) []cell {
	s := r.q.s
	var out []cell
	for _, t := range s.m.agents[i].templates {
		tm := &s.m.templates[t]
		for _, l := range tm.lengths {
			if l <= c.end-c.start || int(l) > s.width || (begun && t != c.tmpl) {
				continue
			}
			if begun || slices.Contains(tm.starts[d], c.start) {
				out = append(out, s.m.newCell(t, c.start, l))
			}
			if early := c.end - l; !begun && early >= r.now && slices.Contains(tm.starts[d], early) {
				out = append(out, s.m.newCell(t, early, l))
			}
		}
	}
	return out
}

// trial is the change of the total if a cell became c; nothing stays changed.
func (q *search) trial(i, d int, c cell) int64 {
	s := q.s
	old := s.rows[i][d]
	s.rows[i][d] = c
	rows := s.m.evalRow(i, s.rows[i], nil).Total() - s.rowPts[i]
	s.rows[i][d] = old
	if rows >= hardPoints/2 {
		return math.MaxInt64
	}
	before := s.cover
	n := 0
	if old.on() {
		n = copy(s.buf.saveA, s.actsOf(i, d))
	}
	s.clearCell(i, d)
	s.setCell(i, d, c)
	after := s.cover
	s.clearCell(i, d)
	s.restoreCell(i, d, old, s.buf.saveA[:n])
	return after - before + rows
}

// Repair re-plans after absences with as few changes as possible: the option of
// [DayOptions] that combines all measures but voluntary time off, by itself.
func Repair(ctx context.Context, p *Problem, current *Solution, absences []Absence, now, maxChanges int) (*DayOption, error) {
	return DayPlan(ctx, p, current, absences, now, maxChanges, []Measure{Combination})
}

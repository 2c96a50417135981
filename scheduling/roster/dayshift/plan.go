package dayshift

import (
	"cmp"
	"fmt"
	"slices"
)

// plan is the state space of the row program, shared by agents with equal rules.
//
// A state is a day off (how many in a row, capped at the least) or a worked day
// (how many in a row, and the class of the last shift). Shifts are of one class
// when the same shifts may follow them. A run that began on the first day of the
// horizon is exempt from the least length; until it has that length anyway it
// lives in states of its own (free). Shifts of equal length, class and allowed
// predecessors form one group: on a day only the cheapest of a group matters.
type plan struct {
	maxRun, minRun, minOff int
	groups                 [][]int8 // shift types per group
	length                 []int32  // units per group
	class                  []int    // class per group
	classOf                []int    // class per shift
	classes                int
	follow                 [][]int // per class: groups that may follow
	limited                []bool  // per shift: the maximum can bind
	counted                []int8  // shifts whose maximum is part of the state
	states                 int
	arcs                   [][]arc // per state: the worked days that may follow
	fresh                  []arc   // the same for rested agents on the first day of the horizon
	rest                   []int   // per state: the state after one day off, -1 when it may not end here
	longest                int32
}

// arc is one way to go on with a worked day; count is the position of the shift
// among the counted ones plus one, 0 when it is not counted.
type arc struct{ group, length, to, count int32 }

// countedMost bounds how many combinations of counted shifts a state may have
// (and these with weekends; a state's origin has nine bits for both).
const (
	countedMost = 48
	originMost  = 512
)

// count chooses the shifts with the smallest maxima to be part of the state, as
// long as the table stays small enough.
func (m *model) count(p *plan, a *Agent) {
	var order []int8
	for s, limited := range p.limited {
		if limited && p.classOf[s] >= 0 {
			order = append(order, int8(s))
		}
	}
	slices.SortStableFunc(order, func(s, t int8) int { return cmp.Compare(a.MaxShifts[s], a.MaxShifts[t]) })
	k := 1
	for _, s := range order {
		if k *= a.MaxShifts[s] + 1; k > countedMost || k*(a.MaxWeekends+1) > originMost || m.days <= wholeDays && k*m.entries(p, a) > mostEntries {
			break
		}
		p.counted = append(p.counted, s)
	}
}

// countOf is the position of a group's shift among the counted ones plus one.
func (p *plan) countOf(g int) int32 {
	return int32(slices.Index(p.counted, p.groups[g][0]) + 1)
}

func planKey(a *Agent) string {
	return fmt.Sprint(a.MaxShifts, a.MaxRun, a.MinRun, a.MinOff, a.MaxWeekends)
}

func (m *model) newPlan(a *Agent) *plan {
	p := &plan{maxRun: min(a.MaxRun, m.days), minRun: max(1, min(a.MinRun, min(a.MaxRun, m.days)+1)), minOff: min(max(1, a.MinOff), m.days), classOf: make([]int, m.shifts), limited: make([]bool, m.shifts)}
	classes, groups := map[string]int{}, map[string]int{}
	for s := range m.shifts {
		if a.MaxShifts[s] == 0 {
			p.classOf[s] = -1
			continue
		}
		p.limited[s] = a.MaxShifts[s] < m.days
		key := fmt.Sprint(m.after[s])
		if _, ok := classes[key]; !ok {
			classes[key] = len(classes)
		}
		p.classOf[s] = classes[key]
	}
	p.classes = max(1, len(classes))
	p.states = p.minOff + (p.maxRun+p.minRun-1)*p.classes
	m.count(p, a)
	p.follow = make([][]int, p.classes)
	for s := range m.shifts {
		if p.classOf[s] < 0 {
			continue
		}
		before := make([]bool, m.shifts)
		for t := range m.shifts {
			before[t] = m.after[t][s]
		}
		key := fmt.Sprint(m.length[s], p.classOf[s], before, slices.Index(p.counted, int8(s)))
		g, ok := groups[key]
		if !ok {
			g = len(groups)
			groups[key] = g
			p.groups, p.length, p.class = append(p.groups, nil), append(p.length, m.length[s]), append(p.class, p.classOf[s])
			for t := range m.shifts {
				if k := p.classOf[t]; k >= 0 && m.after[t][s] && !hasInt(p.follow[k], g) {
					p.follow[k] = append(p.follow[k], g)
				}
			}
		}
		p.groups[g] = append(p.groups[g], int8(s))
		p.longest = max(p.longest, m.length[s])
	}
	p.link()
	return p
}

// link lists the transitions of every state.
func (p *plan) link() {
	p.arcs, p.rest = make([][]arc, p.states), make([]int, p.states)
	for st := range p.states {
		if st < p.minOff {
			p.rest[st] = min(st+1, p.minOff-1)
			continue
		}
		run, class, free := p.onOf(st)
		p.rest[st] = -1
		if free || run >= p.minRun {
			p.rest[st] = 0
		}
		if run < p.maxRun {
			for _, g := range p.follow[class] {
				p.arcs[st] = append(p.arcs[st], arc{int32(g), p.length[g], int32(p.onState(run+1, p.class[g], free)), p.countOf(g)})
			}
		}
	}
	if p.maxRun == 0 {
		return
	}
	for g := range p.groups {
		p.arcs[p.minOff-1] = append(p.arcs[p.minOff-1], arc{int32(g), p.length[g], int32(p.onState(1, p.class[g], false)), p.countOf(g)})
		p.fresh = append(p.fresh, arc{int32(g), p.length[g], int32(p.onState(1, p.class[g], true)), p.countOf(g)})
	}
}

func hasInt(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// offState is the state of o days off in a row (o >= 1, capped).
func (p *plan) offState(o int) int { return min(o, p.minOff) - 1 }

// onState is the state of r days worked in a row that end with a shift of class k.
func (p *plan) onState(r, k int, free bool) int {
	if free && r < p.minRun {
		return p.minOff + (p.maxRun+r-1)*p.classes + k
	}
	return p.minOff + (r-1)*p.classes + k
}

// onOf takes a worked state apart.
func (p *plan) onOf(state int) (run, class int, free bool) {
	run, class = (state-p.minOff)/p.classes+1, (state-p.minOff)%p.classes
	if run > p.maxRun {
		return run - p.maxRun, class, true
	}
	return run, class, false
}

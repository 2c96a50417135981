package roster

import (
	"slices"
	"sort"
)

// proofs lists what no roster can do, by counting alone.
func (m *model) proofs() []Proof {
	var out []Proof
	for g := range m.groups {
		out = append(out, m.groupProofs(g)...)
	}
	out = append(out, m.agentProofs()...)
	out = append(out, m.contradictions()...)
	required, least := int64(0), int64(0)
	for g := range m.groups {
		for t := range m.slots {
			required += int64(m.groups[g].need[t]) * int64(m.slot)
		}
	}
	for i := range m.agents {
		least += int64(m.agents[i].contract.MinMinutes)
	}
	if least > required && required > 0 {
		out = append(out, Proof{Code: "contract_above_demand", Group: -1, Agent: -1, Day: -1, Amount: least - required}.because(whyContractsAboveDemand, least, required))
	}
	return out
}

// groupProofs compares, per day, what a group needs with everybody who could serve it.
func (m *model) groupProofs(g int) []Proof {
	var out []Proof
	skilled := false
	for d := range m.p.Days {
		present := make([]int32, m.dayStart[d+1]-m.dayStart[d])
		for i := range m.agents {
			a := &m.agents[i]
			if !slices.Contains(a.serves[d], int32(g)) {
				continue
			}
			skilled = true
			for k := range present {
				t := int32(m.dayStart[d] + k)
				if !overlapsAny(a.timeOff, t, t+1) && (len(a.avail) == 0 || insideAny(a.avail, t, t+1)) {
					present[k]++
				}
			}
		}
		worst, short := int32(0), 0
		for k, n := range present {
			if gap := m.groups[g].need[m.dayStart[d]+k] - n; gap > 0 {
				short++
				worst = max(worst, gap)
			}
		}
		if short > 0 {
			out = append(out, Proof{Code: "slot_capacity", Group: g, Agent: -1, Day: d, Amount: int64(worst)}.because(whySlotCapacity, short, worst))
		}
	}
	if !skilled && len(out) > 0 {
		return []Proof{Proof{Code: "skill_missing", Group: g, Agent: -1, Day: -1, Amount: int64(len(m.agents))}.because(whySkillMissing)}
	}
	return out
}

// contradictions names agents whose hard rules leave them no shift at all, or
// contradict a hard rotation, and agents whose skills no group asks for.
func (m *model) contradictions() []Proof {
	var out []Proof
	say := func(code string, i int, why reason, args ...any) {
		out = append(out, Proof{Code: code, Group: -1, Agent: i, Day: -1, Amount: 1}.because(why, args...))
	}
	for i := range m.agents {
		a := &m.agents[i]
		l := a.limits
		switch {
		case l.minRun > l.maxRun:
			say("rules_contradict", i, whyRunsContradict, l.minRun, l.maxRun)
		case l.maxRun == 0 || l.weekShifts == 0:
			say("rules_contradict", i, whyNoShiftAllowed)
		}
		run := int32(0)
		for _, must := range a.must {
			if must == patternOff || must == patternAny {
				run = 0
			} else if run++; run > l.maxRun {
				say("rules_contradict", i, whyRotationContradicts, run, l.maxRun)
				break
			}
		}
		serves := len(m.p.Groups) == 0 || len(m.p.Agents[i].Skills) == 0
		for d := range m.p.Days {
			serves = serves || len(a.serves[d]) > 0
		}
		if !serves {
			say("skill_unused", i, whySkillUnused)
		}
	}
	return out
}

// agentProofs names agents who cannot reach the contract's minimum whatever the roster.
func (m *model) agentProofs() []Proof {
	var out []Proof
	for i := range m.agents {
		a := &m.agents[i]
		most := int64(0)
		for d := range m.p.Days {
			best := int32(0)
			if a.pinned[d] {
				if a.pin[d].on() {
					best = a.pin[d].paid
				}
			} else {
				best = m.longestOn(a, d)
			}
			most += int64(min(best, a.limits.dayMax))
		}
		most = min(most, int64(a.limits.periodMax))
		if most < int64(a.contract.MinMinutes) {
			out = append(out, Proof{Code: "agent_cannot_work", Group: -1, Agent: i, Day: -1, Amount: int64(a.contract.MinMinutes) - most}.because(whyAgentCannotWork, most, a.contract.MinMinutes))
		}
	}
	return out
}

func (m *model) longestOn(a *agentModel, d int) int32 {
	best := int32(0)
	for _, t := range a.templates {
		tm := &m.templates[t]
		for _, length := range tm.lengths {
			paid := m.paidMinutes(t, length)
			if paid <= best {
				continue
			}
			for _, start := range tm.starts[d] {
				if m.cellAllowed(a, d, cell{tmpl: t, start: start, end: start + length}) {
					best = paid
					break
				}
			}
		}
	}
	return best
}

// bound is a number of points below which no roster can be: the agents' whole
// capacity in working slots is spent on the most valuable missing agents first,
// as if anybody could work anywhere (a relaxation by capacity). Day by day,
// because one agent starts at most one shift a day.
func (m *model) bound() int64 {
	total := int64(0)
	for d := range m.p.Days {
		capacity := int64(0)
		for i := range m.agents {
			capacity += m.workableSlots(&m.agents[i], d)
		}
		var values []int64
		for g := range m.groups {
			for t := m.dayStart[d]; t < m.dayStart[d+1]; t++ {
				need := m.groups[g].need[t]
				if vs := m.groups[g].values; vs != nil {
					need = 0
					if k := t / m.groups[g].vslot; k < len(vs) {
						need = int32(len(vs[k]))
					}
				}
				for n := range need {
					values = append(values, m.marginal(g, t, n))
				}
			}
		}
		if int64(len(values)) <= capacity {
			continue
		}
		sort.Slice(values, func(x, y int) bool { return values[x] < values[y] })
		for _, v := range values[:int64(len(values))-capacity] {
			total += v
		}
	}
	return total
}

// workableSlots is the most working slots of an agent that can fall on a
// calendar day: of the shift that starts then and of the one before.
func (m *model) workableSlots(a *agentModel, d int) int64 {
	best := int64(0)
	for k := max(0, d-1); k <= d; k++ {
		longest := int64(0)
		for _, t := range a.templates {
			for _, length := range m.templates[t].lengths {
				longest = max(longest, int64(length))
			}
		}
		if a.pinned[k] {
			longest = int64(a.pin[k].end - a.pin[k].start)
		}
		best += longest
	}
	return min(best, int64(m.dayStart[d+1]-m.dayStart[d]))
}

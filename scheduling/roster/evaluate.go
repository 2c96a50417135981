package roster

import (
	"slices"
)

// ruleModel is a rule in the form the evaluators read.
type ruleModel struct {
	id       string
	kind     RuleKind
	owner    Owner
	level    Level
	weight   int64
	min, max int32
	minutes  int32
	weeks    int
	from, to []bool  // per template
	agents   []bool  // nil = everybody
	pattern  []int32 // rotation: template or one of the words, see patternOff
	place    []int32 // rotation: where in the pattern each agent's first day lies
	night    []int32 // prefix sum of night slots
}

// The rules that every problem has, whether it names them or not.
const (
	ruleTimeOff      = "time_off"
	ruleAvailability = "availability"
	ruleOpening      = "opening"
	rulePin          = "pin"
	ruleRest         = "overlap"
	ruleContractMin  = "contract_min_minutes"
	ruleContractMax  = "contract_max_minutes"
	ruleWeekMin      = "contract_week_min_minutes"
	ruleWeekMax      = "contract_week_max_minutes"
	ruleRequest      = "request"
	ruleChange       = "change_to_published"
	ruleTemplateCost = "template_cost"
	rulePay          = "pay"
)

func (r *ruleModel) appliesTo(agent int) bool { return r.agents == nil || r.agents[agent] }

func (m *model) compileRules() {
	for i := range m.p.Rules {
		r := &m.p.Rules[i]
		rm := ruleModel{id: r.ID, kind: r.Kind, owner: r.Owner, weight: r.Weight, min: int32(r.Min), max: int32(r.Max), minutes: int32(r.Minutes), weeks: r.Weeks, night: m.night}
		rm.level = LevelContract
		switch {
		case r.Hard:
			rm.level, rm.weight = LevelHard, 1
		case r.Owner == OwnerPerson, r.Kind == FairNights, r.Kind == FairWeekends, r.Kind == FairTemplates, r.Kind == FairRequests, r.Kind == SameStartInWeek, r.Kind == SameTemplateInWeek:
			rm.level = LevelRequest
		}
		rm.from, rm.to = m.templateSet(r.From), m.templateSet(r.To)
		if len(r.Agents) > 0 {
			rm.agents = make([]bool, len(m.p.Agents))
			for _, a := range r.Agents {
				rm.agents[a] = true
			}
		}
		m.compilePattern(r, &rm)
		if r.NightFrom != 0 || r.NightTo != 0 {
			rm.night = m.nightPrefix(r.NightFrom, r.NightTo)
		}
		m.rules = append(m.rules, rm)
	}
}

// nightPrefix counts the slots of a nightly local window of its own.
func (m *model) nightPrefix(from, to int) []int32 {
	in := make([]bool, m.tail)
	for d := -1; d <= m.p.Days+1; d++ {
		end := m.localSlot(d, to)
		if to <= from {
			end = m.localSlot(d+1, to)
		}
		for s := m.localSlot(d, from); s < end; s++ {
			if s >= 0 && s < m.tail {
				in[s] = true
			}
		}
	}
	prefix := make([]int32, m.tail+1)
	for s, v := range in {
		prefix[s+1] = prefix[s]
		if v {
			prefix[s+1]++
		}
	}
	return prefix
}

func (m *model) templateSet(ids []string) []bool {
	set := make([]bool, len(m.p.Templates))
	for i := range set {
		set[i] = slices.Contains(ids, m.p.Templates[i].ID)
	}
	return set
}

// tally adds up what a row costs and, when list is set, why.
type tally struct {
	score Score
	list  *[]Violation
	agent int
}

// hit books units of violation of a rule over days from..to; args fill the reason.
func (t *tally) hit(r *ruleModel, units int64, from, to int, why reason, args ...any) {
	points := units * r.weight
	t.score[r.level] += points
	if t.list != nil && points != 0 {
		v := Violation{Rule: r.id, Owner: r.owner, Hard: r.level == LevelHard, Agent: t.agent, Points: points}
		v.Reason, v.Code, v.Values = why.say(args)
		for d := from; d <= to; d++ {
			v.Cells = append(v.Cells, Cell{t.agent, d})
		}
		*t.list = append(*t.list, v)
	}
}

// builtin makes the rule under which something every problem has is booked.
func builtin(id string, owner Owner, level Level, weight int64) ruleModel {
	return ruleModel{id: id, owner: owner, level: level, weight: weight}
}

var (
	builtinTimeOff  = builtin(ruleTimeOff, OwnerPerson, LevelHard, 1)
	builtinAvail    = builtin(ruleAvailability, OwnerPerson, LevelHard, 1)
	builtinOpening  = builtin(ruleOpening, OwnerContract, LevelHard, 1)
	builtinPin      = builtin(rulePin, OwnerContract, LevelHard, 1)
	builtinOverlap  = builtin(ruleRest, OwnerLaw, LevelHard, 1)
	builtinTemplate = builtin(ruleTemplateCost, OwnerContract, LevelCost, 1)
	builtinPay      = builtin(rulePay, OwnerContract, LevelCost, 1)
	builtinRequest  = builtin(ruleRequest, OwnerPerson, LevelRequest, 1)
	builtinChange   = builtin(ruleChange, OwnerPerson, LevelRequest, 1)
	builtinHardMax  = builtin(ruleContractMax, OwnerContract, LevelHard, 1)
)

// evalRow gives what agent i's row costs under every rule that is not about
// coverage. Solver, validation and explanation call this and nothing else;
// with list set, each cost is explained.
func (m *model) evalRow(i int, row []cell, list *[]Violation) Score {
	a := &m.agents[i]
	t := tally{list: list, agent: i}
	m.evalCells(a, row, &t)
	m.evalContract(a, row, &t)
	for _, q := range a.requests {
		m.evalRequest(q, row, &t)
	}
	if a.published != nil && m.p.ChangeTax > 0 {
		for d, c := range row {
			if c != a.published[d] {
				t.hit(&builtinChange, m.p.ChangeTax, d, d, whyPublished)
			}
		}
	}
	for _, r := range a.rules {
		m.evalRule(&m.rules[r], a, row, &t)
	}
	return t.score
}

// evalCells checks each worked day by itself: time off, availability, opening, pins, overlap, price.
func (m *model) evalCells(a *agentModel, row []cell, t *tally) {
	last := a.lastEnd
	var pay int64
	for d, c := range row {
		if a.pinned[d] && c != a.pin[d] {
			t.hit(&builtinPin, 1, d, d, whyPinned)
		}
		if !c.on() {
			continue
		}
		if c.start < last {
			t.hit(&builtinOverlap, 1, d, d, whyOverlap)
		}
		last = c.end
		if overlapsAny(a.timeOff, c.start, c.end) {
			t.hit(&builtinTimeOff, 1, d, d, whyTimeOff)
		}
		if len(a.avail) > 0 && !insideAny(a.avail, c.start, c.end) {
			t.hit(&builtinAvail, 1, d, d, whyAvailability)
		}
		if m.open[d] != nil && !insideAny(m.open[d], c.start, c.end) {
			t.hit(&builtinOpening, 1, d, d, whyOpening)
		}
		if cost := m.templates[c.tmpl].cost; cost > 0 {
			t.hit(&builtinTemplate, cost, d, d, whyTemplate, m.templates[c.tmpl].id)
		}
		pay += int64(c.paid) + a.premiumMinutes(c)
	}
	if a.pay > 0 {
		t.hit(&builtinPay, pay*a.pay/60, 0, -1, whyPay, pay)
	}
}

func overlapsAny(spans []span, from, to int32) bool {
	for _, s := range spans {
		if from < s.to && s.from < to {
			return true
		}
	}
	return false
}

func insideAny(spans []span, from, to int32) bool {
	for _, s := range spans {
		if s.from <= from && to <= s.to {
			return true
		}
	}
	return false
}

func (m *model) evalContract(a *agentModel, row []cell, t *tally) {
	k := &a.contract
	total := 0
	if k.WeekMinMinutes > 0 || k.WeekMaxMinutes > 0 {
		week, first := a.history.WeekMinutes, 0
		for d := range row {
			if row[d].on() {
				week += int(row[d].paid)
			}
			if d+1 == len(row) || m.weekOf[d+1] != m.weekOf[d] {
				m.evalWeek(k, week, first, d, t)
				week, first = 0, d+1
			}
		}
	}
	for _, c := range row {
		if c.on() {
			total += int(c.paid)
		}
	}
	if total < k.MinMinutes {
		r := builtin(ruleContractMin, OwnerContract, LevelContract, k.Weight)
		t.hit(&r, int64(k.MinMinutes-total), 0, -1, whyContractLeast, total, k.MinMinutes)
	}
	if total > k.MaxMinutes {
		r := builtin(ruleContractMax, OwnerContract, LevelContract, k.Weight)
		if k.HardMax {
			r = builtinHardMax
		}
		t.hit(&r, int64(total-k.MaxMinutes), 0, -1, whyContractMost, total, k.MaxMinutes)
	}
}

func (m *model) evalWeek(k *Contract, minutes, first, last int, t *tally) {
	if minutes < k.WeekMinMinutes && m.fullWeek[m.weekOf[first]] {
		r := builtin(ruleWeekMin, OwnerContract, LevelContract, k.Weight)
		t.hit(&r, int64(k.WeekMinMinutes-minutes), first, last, whyContractWeekLeast, minutes, k.WeekMinMinutes)
	}
	if k.WeekMaxMinutes > 0 && minutes > k.WeekMaxMinutes {
		r := builtin(ruleWeekMax, OwnerContract, LevelContract, k.Weight)
		if k.HardMax {
			r.level, r.weight = LevelHard, 1
		}
		t.hit(&r, int64(minutes-k.WeekMaxMinutes), first, last, whyContractWeekMost, minutes, k.WeekMaxMinutes)
	}
}

// evalRequest prices a wish by the minutes of overlap with its window.
func (m *model) evalRequest(q requestModel, row []cell, t *tally) {
	overlap := int32(0)
	for d := max(0, q.day-1); d <= q.day; d++ {
		if c := row[d]; c.on() {
			overlap += max(0, min(c.end, q.to)-max(c.start, q.from))
		}
	}
	length := int64(q.to - q.from)
	if length <= 0 {
		return
	}
	if q.off {
		// Whatever is worked of a day wished free hurts in proportion, a whole shift fully.
		if overlap > 0 {
			full := min(length, int64(8*60/m.slot))
			t.hit(&builtinRequest, q.weight*min(int64(overlap), full)/full, q.day, q.day, whyWishedFree, int(overlap)*m.slot)
		}
		return
	}
	full := min(length, int64(8*60/m.slot))
	if missing := full - min(int64(overlap), full); missing > 0 {
		t.hit(&builtinRequest, q.weight*missing/full, q.day, q.day, whyWishedWork, int(overlap)*m.slot)
	}
}

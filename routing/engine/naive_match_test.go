package engine

import (
	"slices"
	"sort"
)

// --- matching ---

func (m *naive) takeable(ai int, c *nContact) bool {
	first := m.firstStep(ai, c)
	return c.state == "waiting" && !c.held && first >= 0 && first <= c.step && m.room(ai, m.queueOf(c).Channel) &&
		!m.excluded(c, ai) && m.gate(ai, c, false)
}

func (m *naive) matchAgent(ai int) {
	for {
		var best *nContact
		var bestRank rankOf
		cause := ByNothing
		if m.agents[ai].status == Ready {
			for _, c := range m.agents[ai].held {
				if m.room(ai, m.queueOf(c).Channel) && m.gate(ai, c, true) {
					r := rankOf{class: ClassPreferred, key: m.key(c), seq: c.seq}
					if best == nil || r.before(&bestRank) {
						best, bestRank, cause = c, r, ByPreferred
					}
				}
			}
			if best == nil {
				for _, c := range m.contacts {
					if m.takeable(ai, c) {
						if r := m.rank(c, m.agents[ai].pool); best == nil || r.before(&bestRank) {
							best, bestRank = c, r
						}
					}
				}
			}
		}
		if best == nil {
			return
		}
		m.offer(best, ai, cause)
	}
}

func (m *naive) strategyKey(ai int, s Strategy) int64 {
	a := m.agents[ai]
	switch s {
	case Balanced:
		return a.idleSince + int64(a.occupancy)*m.w.OccupancyShift
	case LeastOccupied:
		return int64(a.occupancy)<<52 | a.idleSince
	}
	return a.idleSince
}

// alike says whether two agents differ in load and idleness only.
func (m *naive) alike(i, j int) bool {
	a, b := m.cfg.Agents[i], m.cfg.Agents[j]
	if a.Tier != b.Tier || m.agents[i].pool != m.agents[j].pool || m.agents[i].slice != m.agents[j].slice {
		return false
	}
	for s := range m.cfg.Skills {
		if m.level(i, int32(s)) != m.level(j, int32(s)) {
			return false
		}
	}
	for ch := range m.cfg.Channels {
		x, _ := m.capacity(i, int32(ch))
		y, _ := m.capacity(j, int32(ch))
		if x.Max != y.Max || x.Weight != y.Weight {
			return false
		}
	}
	return true
}

func (m *naive) matchContact(c *nContact) bool {
	q := m.queueOf(c)
	if c.held {
		ai := int(c.preferred)
		if !m.room(ai, q.Channel) || !m.gate(ai, c, true) {
			return false
		}
		m.offer(c, ai, ByPreferred)
		return true
	}
	var able []int
	for ai := range m.agents {
		if m.takeable(ai, c) {
			able = append(able, ai)
		}
	}
	order := func(ai, aj int) bool {
		li, lj := m.used(ai), m.used(aj)
		ki, kj := m.strategyKey(ai, q.Strategy), m.strategyKey(aj, q.Strategy)
		if li != lj {
			return li < lj
		}
		if ki != kj {
			return ki < kj
		}
		return ai < aj
	}
	score := func(ai int) int64 {
		switch q.Strategy {
		case BestSkill:
			return m.skill(ai, c)
		case Balanced:
			skill := int64(m.w.Skill) * m.skill(ai, c)
			skill = skill * (1000*1000 + int64(m.w.ValueSkill)*int64(c.ev.Value)) / (1000 * 1000)
			idle := min(max(m.now-m.strategyKey(ai, Balanced), 0), m.w.IdleCap) * 1000 / m.w.IdleCap
			return skill + int64(m.w.Fit)*int64(max(0, 1000-200*m.firstStep(ai, c))) + int64(m.w.Load)*int64(max(0, 1000-m.used(ai))) + int64(m.w.Idle)*idle
		}
		return 0
	}
	best := -1
	for _, ai := range able {
		first := true // the best of those alike stands for them
		for _, aj := range able {
			if aj != ai && m.alike(ai, aj) && order(aj, ai) {
				first = false
			}
		}
		if !first {
			continue
		}
		if best < 0 || score(ai) > score(best) || (score(ai) == score(best) && order(ai, best)) {
			best = ai
		}
	}
	if best < 0 {
		return false
	}
	m.offer(c, best, ByNothing)
	return true
}

func (m *naive) settle() {
	freed, fresh := m.freed, m.fresh
	m.freed, m.fresh = nil, nil
	for _, ai := range freed {
		m.matchAgent(ai)
	}
	for _, c := range fresh {
		if c.state == "waiting" && c.held && slices.Contains(m.contacts, c) {
			m.matchContact(c)
		}
	}
	for {
		waiting := slices.DeleteFunc(slices.Clone(m.contacts), func(c *nContact) bool { return c.state != "waiting" || c.held })
		sort.SliceStable(waiting, func(i, j int) bool {
			a, b := m.rank(waiting[i], -1), m.rank(waiting[j], -1)
			return a.before(&b)
		})
		if !slices.ContainsFunc(waiting, m.matchContact) {
			return
		}
	}
}

package roster

import "math"

// Gap is how far a value is from its bound at most, as a share of the value
// (0.05 = at most 5 % from the best possible); 0 when the bound is reached.
func Gap(value, bound int64) float64 {
	if value <= bound || value <= 0 {
		return 0
	}
	return float64(value-max(0, bound)) / float64(value)
}

// totalBound prepares a number of points below which no roster's total can be, by the
// Lagrangian bound with the prices of the problem. Rules other than contracts,
// pay and dear shifts are left out: they can only cost more.
func (m *model) totalBound(threads int) *lagrangian {
	r := &relaxed{bonus: true, shift: func(tmpl int32) float64 { return float64(m.templates[tmpl].cost) }}
	r.minutes = func(i int, paid int64) (float64, bool) {
		a := &m.agents[i]
		k := &a.contract
		if k.HardMax && paid > int64(k.MaxMinutes) {
			return 0, false
		}
		off := max(0, int64(k.MinMinutes)-paid) + max(0, paid-int64(k.MaxMinutes))
		return float64(off*k.Weight + paid*a.pay/60), true
	}
	r.cover = func(g, t int, price float64) (float64, float64) {
		cost, _ := m.coverCost(g, t, 0)
		total, n := float64(cost), int32(0)
		for int(n) < len(m.agents) {
			v := float64(m.marginal(g, t, n))
			if v <= price {
				break
			}
			total, n = total+price-v, n+1
		}
		return total, float64(n)
	}
	l := newLagrangian(m, r)
	last := make([]float64, len(l.price))
	for g := range m.groups {
		for t := range m.slots {
			if n := m.target(g, t); n > 0 {
				last[g*m.slots+t] = float64(m.marginal(g, t, n-1))
			}
		}
	}
	// The worth of the last agent needed is the most a price can be; contracts and
	// pay decide how far below it lies.
	l.begin(threads, last, 0, 0.02, 0.05, 0.1, 0.2, 0.5)
	return l
}

// leastPaid is a number of paid minutes below which no roster can be that staffs
// every group and slot as far as this one meets the requirement, and gives every
// agent the contract's minimum as far as he has it here.
func (s *state) leastPaid(e effort) int64 {
	m := s.m
	paid := make([]int64, len(m.agents))
	for i := range s.rows {
		paid[i] = int64(paidSum(s.rows[i]))
	}
	met := make([]float64, len(m.groups)*m.slots)
	for g := range m.groups {
		for t := range m.slots {
			met[g*m.slots+t] = float64(min(m.groups[g].need[t], s.count[g*m.tail+t]))
		}
	}
	r := &relaxed{shift: func(int32) float64 { return 0 }}
	r.minutes = func(i int, minutes int64) (float64, bool) {
		k := &m.agents[i].contract
		if minutes < min(int64(k.MinMinutes), paid[i]) || (k.HardMax && minutes > int64(k.MaxMinutes)) {
			return 0, false
		}
		return float64(minutes), true
	}
	r.cover = func(g, t int, price float64) (float64, float64) {
		n := met[g*m.slots+t]
		return price * n, n
	}
	l := newLagrangian(m, r)
	slots, total := make([]float64, len(met)), int64(0)
	for x := range met {
		slots[x] = float64(m.slot)
	}
	for _, n := range paid {
		total += n
	}
	best := l.begin(e.threads, slots, 0, 0.9, 1, 1.0333, 1.0667, 1.1)
	return max(0, downward(max(best, l.maximise(e, float64(total)))))
}

// downward turns a bound into whole points, a rounding error on the safe side.
func downward(v float64) int64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return int64(math.Ceil(v - 1e-7*math.Abs(v) - 1e-6))
}

// rounds is the number of price changes that the limit of work allows.
func (l *lagrangian) rounds(limit float64) int {
	m := l.m
	work := 1.0
	for _, members := range l.classes {
		a := &m.agents[members[0]]
		choices, unit, most := 0, int64(0), int64(0)
		for _, k := range l.table[members[0]] {
			longest := int64(0)
			for _, o := range l.tables[k].options {
				unit, longest = gcd(unit, int64(o.at.paid)), max(longest, int64(o.at.paid))
			}
			choices, most = choices+len(l.tables[k].options)+1, most+longest
		}
		runs := int64(min(a.limits.maxRun, 31)) + 1
		steps := min(most, int64(a.limits.periodMax))/max(unit, 1) + 1
		work += float64(int64(choices) * runs * steps)
	}
	return int(max(2, min(mostRounds, limit/work)))
}

// mostRounds of price changes are made; by then the bound has settled.
const mostRounds = 400

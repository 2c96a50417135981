package roster

import (
	"context"
	"math"
)

// Gap is how far a value is from its bound at most, as a share of the value
// (0.05 = at most 5 % from the best possible); 0 when the bound is reached.
func Gap(value, bound int64) float64 {
	if value <= bound || value <= 0 {
		return 0
	}
	return float64(value-max(0, bound)) / float64(value)
}

// leastTotal is a number of points below which no roster's total can be, by the
// Lagrangian bound with the prices of the problem. Rules other than contracts,
// pay and dear shifts are left out: they can only cost more.
func (m *model) leastTotal(ctx context.Context) int64 {
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
	r.least = func(int, int) float64 { return 0 }
	l := newLagrangian(m, r)
	for g := range m.groups {
		for t := range m.slots {
			// Half the worth of the last agent needed: the middle of what it can be.
			if n := m.target(g, t); n > 0 {
				l.price[g*m.slots+t] = float64(m.marginal(g, t, n-1)) / 2
			}
		}
	}
	return downward(l.maximise(ctx, 0, l.rounds()))
}

// leastPaid is a number of paid minutes below which no roster can be that staffs
// every group and slot as far as this one meets the requirement, and gives every
// agent the contract's minimum as far as he has it here.
func (s *state) leastPaid(ctx context.Context) int64 {
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
	r := &relaxed{shift: func(int32) float64 { return 0 }, least: func(int, int) float64 { return 0 }}
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
	free := l.maximise(ctx, 0, 1)
	for x, n := range met {
		if n > 0 {
			l.price[x] = float64(m.slot)
		}
	}
	return max(0, downward(max(free, l.maximise(ctx, 0, l.rounds()))))
}

// downward turns a bound into whole points, a rounding error on the safe side.
func downward(v float64) int64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return int64(math.Ceil(v - 1e-7*math.Abs(v) - 1e-6))
}

// rounds is the number of price changes that the limit of work allows.
func (l *lagrangian) rounds() int {
	m := l.m
	work := 1.0
	counted := make([]bool, len(l.rows))
	for i := range m.agents {
		if k := l.class[i]; k >= 0 {
			if counted[k] {
				continue
			}
			counted[k] = true
		}
		a := &m.agents[i]
		lengths := 0
		unit, longest := int64(0), int64(0)
		for _, t := range a.templates {
			lengths += len(m.templates[t].lengths)
			for _, n := range m.templates[t].lengths {
				paid := int64(m.paidMinutes(t, n))
				unit, longest = gcd(unit, paid), max(longest, paid)
			}
		}
		runs := int64(min(a.limits.maxRun, 31)) + 1
		steps := longest*int64(m.p.Days)/max(unit, 1) + 1
		work += float64(int64(m.p.Days*(lengths+1)) * runs * steps)
	}
	return int(max(8, min(200, boundWork/work)))
}

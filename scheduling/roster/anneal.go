package roster

import "math"

// Annealing runs in rounds, each longer than the one before, and each round in
// two stages. Surplus is cheap next to missing agents, often a hundredth: with
// both at their own prices the shape of the roster freezes long before surplus
// begins to matter, and the last superfluous hours cannot be taken out any more.
// So most of a round anneals with surplus nearly as dear as a missing agent; the
// rest, with the problem's own prices, puts right what that left uncovered.
const (
	hotShare     = 0.6  // temperatures as shares of a missing agent-slot
	squeezeCold  = 0.03 // at the end of the first stage
	settleHot    = 0.03
	coldShare    = 0.004
	softShare    = 0.3   // price of a slot against the contract in the first stage
	squeezeShare = 0.15  // price of surplus in the first stage
	squeezePart  = 0.75  // of a round
	roundMoves   = 20000 // per agent-day in the first round; doubles from round to round
)

// plan is the course of one annealing round.
type plan struct {
	scale float64 // points of a missing agent-slot
	floor int64   // price of surplus in the first stage
	soft  int64   // most that a minute against the contract costs in the first stage
}

func (q *search) anneal(stop func() bool, fraction func() float64, tell func(string)) {
	if len(q.agent) == 0 {
		return
	}
	m := q.s.m
	p := &plan{scale: m.missingPoints(), floor: m.squeezePrice()}
	p.soft = max(1, int64(softShare*p.scale)/int64(m.slot))
	quota := int64(len(q.agent)*m.p.Days) * roundMoves
	for !stop() && fraction() < 1 {
		q.round(p, quota, stop, fraction, tell)
		q.s.setOver(0)
		q.s.soften(none)
		q.keep()
		q.s.load(q.best)
		quota *= 2
	}
}

// squeezePrice is the price of surplus in the first stage of a round. It stays
// below what contracts pay for hours, or nobody would get his hours.
func (m *model) squeezePrice() int64 {
	price := int64(squeezeShare * m.missingPoints())
	for i := range m.agents {
		if k := &m.agents[i].contract; k.MinMinutes > 0 {
			price = min(price, k.Weight*int64(m.slot)/2)
		}
	}
	return price
}

// round anneals over a number of moves, or over what is left when that is less.
func (q *search) round(p *plan, quota int64, stop func() bool, fraction func() float64, tell func(string)) {
	const batch = 2048
	begun, moves := fraction(), q.moves
	// Copies are cheap next to so many moves, and a hot state is rarely the best.
	look := min(max(len(q.agent)*q.s.m.p.Days, 64), batch)
	at := func() float64 {
		return max(float64(q.moves-moves)/float64(quota), (fraction()-begun)/max(1e-9, 1-begun))
	}
	q.s.setOver(p.floor)
	q.s.soften(p.soft)
	squeezed := true
	for next := 0; !stop(); next++ {
		f := at()
		if f >= 1 {
			break
		}
		if squeezed && f >= squeezePart {
			q.s.setOver(0)
			q.s.soften(none)
			squeezed = false
		}
		if squeezed {
			q.temp = p.scale * hotShare * math.Pow(squeezeCold/hotShare, f/squeezePart)
		} else {
			q.temp = p.scale * settleHot * math.Pow(coldShare/settleHot, (f-squeezePart)/(1-squeezePart))
		}
		for k := range batch {
			if q.step(); k%look == 0 {
				q.keep()
			}
		}
		for range 3 {
			q.rebuild(q.agent[q.rng.intn(len(q.agent))], q.allow(), q.rng)
		}
		q.keep()
		if next%8 == 0 {
			tell("improve")
		}
	}
}

// missingPoints is what the last missing agent of an interval costs on average;
// the temperatures follow it, so that prices may come in any unit.
func (m *model) missingPoints() float64 {
	sum, n := 0.0, 0
	for g := range m.groups {
		for t := range m.slots {
			need := m.groups[g].need[t]
			if m.groups[g].values != nil {
				need = (m.target(g, t) + 1) / 2
			}
			if need > 0 {
				sum, n = sum+float64(m.marginal(g, t, need-1)), n+1
			}
		}
	}
	if n == 0 || sum <= 0 {
		return 1000
	}
	return sum / float64(n)
}

package staffing

import (
	"context"
	"fmt"
	"math"
	"slices"

	"muster/tenants/fault"
)

// PoolQueue is one queue that shares agents with others, in one interval.
type PoolQueue struct {
	Name  string
	Load  Load
	Goals Goals
}

// PoolGroup is a group of agents alike in skill and tier.
type PoolGroup struct {
	Name   string
	Queues []int   // indexes of the queues the group can take, best first
	Cost   float64 // of one seat, any unit; 0 = 1
	Least  int     // seats that must be there
	Most   int     // seats that can be had; 0 = no limit
}

// Bounds are what no simulation is needed for: a pool in which everybody can take
// everything needs at least Pooled seats, agents who never help out need Separate.
type Bounds struct {
	Pooled   int   // one queue of all contacts, asked only for the weighted mean of the goals
	Separate int   // sum of PerQueue
	PerQueue []int // every queue on its own
}

// PoolBounds brackets the seats of a pool. The pooled bound mixes the loads by
// volume; it is a bound for exponential handling times alike among queues and an
// estimate where they differ much (Koole: the only exact answer is simulation).
func PoolBounds(queues []PoolQueue) (Bounds, error) {
	b := Bounds{PerQueue: make([]int, len(queues))}
	var rate, work, patience, impatient float64
	pooled := Goals{}
	for i, q := range queues {
		in := Input{Name: q.Name, Interval: q.Load.Interval, Goals: q.Goals, Demands: []Demand{{Volume: q.Load.Contacts, AHT: q.Load.AHT, Patience: q.Load.Patience}}}
		if len(q.Load.Concurrency.Speed) > 0 {
			in.Kind, in.Concurrency = Concurrent, q.Load.Concurrency
		}
		alone, err := Require(in)
		if err != nil {
			return Bounds{}, err
		}
		b.PerQueue[i] = alone[0].Net
		b.Separate += alone[0].Net
		lambda := q.Load.Contacts / q.Load.Interval
		rate += lambda
		work += lambda * q.Load.AHT / q.Load.Concurrency.fastest()
		if q.Load.Patience > 0 {
			impatient += lambda
			patience += lambda * q.Load.Patience
		}
		pooled.loosen(q.Goals, lambda)
	}
	if !(rate > 0) {
		return b, nil
	}
	load := Load{Contacts: rate, Interval: 1, AHT: work / rate}
	if impatient > 0 {
		load.Patience = patience / impatient // those who never hang up are left out: fewer seats, still a bound
	}
	pooled.ServiceLevel /= rate
	c, err := NewCurve(load)
	if err != nil {
		return Bounds{}, err
	}
	r, _ := c.requirement(pooled, false, -1)
	b.Pooled = min(r.Net, b.Separate)
	return b, nil
}

// loosen widens the goals to what a mixed queue must meet at the very least; the
// service level is summed with its weight.
func (g *Goals) loosen(other Goals, weight float64) {
	g.ServiceLevel += weight * other.ServiceLevel
	g.Threshold = math.Max(g.Threshold, other.Threshold)
	if g.Formula == "" || other.Formula == WaitedAtMostOverOffered {
		g.Formula = other.Formula
	}
}

// SimulatePool answers for seats by group what every queue achieves. The function
// must answer alike for equal seats: common random numbers, the same seed for
// every call, so that a difference is the seats' and not chance's.
type SimulatePool func(ctx context.Context, seats []int) ([]Requirement, error)

// TierPlan is the outcome of SettleTiers.
type TierPlan struct {
	Seats       []int         // by group
	Cost        float64       // sum of seats times cost
	Achieved    []Requirement // by queue, as the last simulation of Seats gave it
	Bounds      Bounds        //
	Simulations int           // runs made
	Met         bool          // every queue meets its goals
	Missed      []string      // queues that do not, with their goal
}

// SettleTiers finds seats by group such that every queue meets its goals: a start
// between the bounds, then seats where they lower the shortfall most for their
// cost, then seats taken away, dearest first, as long as the goals hold. It stops
// after most simulations and gives the best plan so far with Met = false.
func SettleTiers(ctx context.Context, queues []PoolQueue, groups []PoolGroup, simulate SimulatePool, most int) (TierPlan, error) {
	bounds, err := PoolBounds(queues)
	if err != nil {
		return TierPlan{}, err
	}
	s := &tierSearch{ctx: ctx, queues: queues, groups: groups, simulate: simulate, most: most, known: map[string]tierTrial{}}
	seats, err := s.start(bounds)
	if err != nil {
		return TierPlan{}, err
	}
	best, err := s.try(seats)
	if err != nil {
		return TierPlan{}, err
	}
	if best, err = s.grow(best); err != nil {
		return TierPlan{}, err
	}
	if best.shortfall == 0 {
		if best, err = s.shrink(best); err != nil {
			return TierPlan{}, err
		}
	}
	plan := TierPlan{Seats: best.seats, Cost: s.cost(best.seats), Achieved: best.achieved, Bounds: bounds, Simulations: s.runs, Met: best.shortfall == 0}
	for i, r := range best.achieved {
		if short := queues[i].Goals.shortfall(r); short > 0 {
			plan.Missed = append(plan.Missed, fmt.Sprintf("%s: service level %.1f %%, mean wait %.0f s, hang-ups %.1f %%", queues[i].Name, 100*r.ServiceLevel, r.ASA, 100*r.Abandonment))
		}
	}
	return plan, nil
}

// tierTrial is one simulated number of seats.
type tierTrial struct {
	seats     []int
	achieved  []Requirement
	shortfall float64 // 0 = all goals met
}

type tierSearch struct {
	ctx      context.Context
	queues   []PoolQueue
	groups   []PoolGroup
	simulate SimulatePool
	most     int
	runs     int
	known    map[string]tierTrial
}

// start gives every queue its share of the pooled bound from the cheapest groups
// that can take it.
func (s *tierSearch) start(bounds Bounds) ([]int, error) {
	seats := make([]int, len(s.groups))
	for g, group := range s.groups {
		seats[g] = group.Least
		for _, q := range group.Queues {
			if q < 0 || q >= len(s.queues) {
				return nil, fault.Newf(fault.Invalid, "staffing.bad_pool", "group %s names queue %d; there are %d", group.Name, q, len(s.queues))
			}
		}
	}
	for q, queue := range s.queues {
		var able []int
		for g, group := range s.groups {
			if slices.Contains(group.Queues, q) {
				able = append(able, g)
			}
		}
		if len(able) == 0 {
			if queue.Load.Contacts > 0 {
				return nil, fault.Newf(fault.Invalid, "staffing.bad_pool", "no group of agents can take queue %s", queue.Name)
			}
			continue
		}
		slices.SortStableFunc(able, func(a, b int) int {
			switch ca, cb := s.seatCost(a), s.seatCost(b); {
			case ca < cb:
				return -1
			case ca > cb:
				return 1
			}
			return 0
		})
		want := 0
		if bounds.Separate > 0 {
			want = bounds.PerQueue[q] * bounds.Pooled / bounds.Separate
		}
		for _, g := range able {
			room := want
			if s.groups[g].Most > 0 {
				room = min(want, max(0, s.groups[g].Most-seats[g]))
			}
			seats[g] += room
			want -= room
		}
	}
	return seats, nil
}

// try simulates once per number of seats.
func (s *tierSearch) try(seats []int) (tierTrial, error) {
	key := fmt.Sprint(seats)
	if known, ok := s.known[key]; ok {
		return known, nil
	}
	if err := s.ctx.Err(); err != nil {
		return tierTrial{}, err
	}
	s.runs++
	achieved, err := s.simulate(s.ctx, seats)
	if err != nil {
		return tierTrial{}, err
	}
	if len(achieved) != len(s.queues) {
		return tierTrial{}, fault.Newf(fault.Internal, "staffing.bad_pool", "the simulation answered for %d queues of %d", len(achieved), len(s.queues))
	}
	t := tierTrial{seats: slices.Clone(seats), achieved: achieved}
	for i, r := range achieved {
		t.shortfall += s.queues[i].Goals.shortfall(r) * math.Max(s.queues[i].Load.Contacts, 1e-9)
	}
	s.known[key] = t
	return t, nil
}

// grow adds seats until the goals hold. Far from the goal it adds several at once.
func (s *tierSearch) grow(best tierTrial) (tierTrial, error) {
	for best.shortfall > 0 {
		var next tierTrial
		gain := math.Inf(-1)
		for g := range s.groups {
			if s.groups[g].Most > 0 && best.seats[g] >= s.groups[g].Most {
				continue
			}
			if s.runs >= s.most {
				return best, nil
			}
			seats := slices.Clone(best.seats)
			seats[g]++
			trial, err := s.try(seats)
			if err != nil {
				return best, err
			}
			if worth := (best.shortfall - trial.shortfall) / s.seatCost(g); worth > gain {
				gain, next = worth, trial
			}
		}
		if next.seats == nil {
			return best, nil // every group is at its limit
		}
		best = next
	}
	return best, nil
}

// shrink takes away what the goals do not need, the dearest seats first.
func (s *tierSearch) shrink(best tierTrial) (tierTrial, error) {
	order := make([]int, len(s.groups))
	for g := range order {
		order[g] = g
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch ca, cb := s.seatCost(a), s.seatCost(b); {
		case ca > cb:
			return -1
		case ca < cb:
			return 1
		}
		return 0
	})
	for again := true; again; {
		again = false
		for _, g := range order {
			for best.seats[g] > s.groups[g].Least && s.runs < s.most {
				seats := slices.Clone(best.seats)
				seats[g]--
				trial, err := s.try(seats)
				if err != nil {
					return best, err
				}
				if trial.shortfall > 0 {
					break
				}
				best, again = trial, true
			}
		}
	}
	return best, nil
}

func (s *tierSearch) seatCost(g int) float64 {
	if s.groups[g].Cost > 0 {
		return s.groups[g].Cost
	}
	return 1
}

func (s *tierSearch) cost(seats []int) float64 {
	total := 0.0
	for g, n := range seats {
		total += float64(n) * s.seatCost(g)
	}
	return total
}

// shortfall measures how far an outcome is from the goals, 0 when it meets them.
func (g Goals) shortfall(r Requirement) float64 {
	if g.met(r) {
		return 0
	}
	short := math.Max(0, g.ServiceLevel-r.ServiceLevel)
	if g.ASA > 0 && r.ASA > g.ASA {
		short += 1 - g.ASA/r.ASA
	}
	if g.Abandonment > 0 {
		short += math.Max(0, r.Abandonment-g.Abandonment)
	}
	if g.MaxOccupancy > 0 {
		short += math.Max(0, r.Occupancy-g.MaxOccupancy)
	}
	return math.Max(short, 1e-12)
}

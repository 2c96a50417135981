package simulation

import "muster/routing/engine"

// counts are one replication's sums of a client (or queue) and interval. Contacts
// count in the interval of arrival, time in the interval worked.
type counts struct {
	offered, answered, inTarget, abandoned, overflowed, open, late int64
	wait                                                           int64 // answered, microseconds
	waitAll                                                        int64 // everybody who left the queue
	busy, idle                                                     float64
	cost, partner                                                  float64
}

func (a *counts) add(b *counts) {
	a.offered += b.offered
	a.answered += b.answered
	a.inTarget += b.inTarget
	a.abandoned += b.abandoned
	a.overflowed += b.overflowed
	a.open += b.open
	a.late += b.late
	a.wait += b.wait
	a.waitAll += b.waitAll
	a.busy += b.busy
	a.idle += b.idle
	a.cost += b.cost
	a.partner += b.partner
}

// valueBands is how many equal bands of customer value are told apart.
const valueBands = 4

type stats struct {
	m        *model
	client   []counts // client × interval
	queue    []counts // whole run after warm-up
	pool     []counts // time only
	shared   []counts // by interval: idle time and its cost of agents without a slice
	bandN    [valueBands]int64
	bandWait [valueBands]int64
	maxWait  int64
	agents   []agentTime // by agent, after warm-up
}

// agentTime is what an agent's fairness is judged by.
type agentTime struct{ busy, idle float64 }

func newStats(m *model) *stats {
	return &stats{m: m, client: make([]counts, len(m.cfg.Clients)*m.intervals), queue: make([]counts, len(m.queues)),
		pool: make([]counts, len(m.cfg.Pools)), shared: make([]counts, m.intervals), agents: make([]agentTime, len(m.agents))}
}

func (s *stats) cells(c *simContact) (*counts, *counts) {
	cell := &s.client[int(s.m.queues[c.queue].client)*s.m.intervals+int(c.interval)]
	if int(c.interval) < s.m.sc.WarmUp {
		return cell, &counts{}
	}
	return cell, &s.queue[c.queue]
}

func (s *stats) both(c *simContact, fn func(*counts)) {
	cell, queue := s.cells(c)
	fn(cell)
	fn(queue)
}

func (s *stats) arrived(c *simContact) {
	cell, queue := s.cells(c)
	cell.offered++
	queue.offered++
}

func (s *stats) answered(c *simContact) {
	wait := c.acceptedAt - c.arrived
	cell, queue := s.cells(c)
	for _, x := range [2]*counts{cell, queue} {
		x.answered++
		x.wait += wait
		x.waitAll += wait
		if wait <= s.m.queues[c.queue].target {
			x.inTarget++
		} else {
			x.late++
		}
	}
	if int(c.interval) >= s.m.sc.WarmUp {
		band := min(int(c.value)*valueBands/1000, valueBands-1)
		s.bandN[band]++
		s.bandWait[band] += wait
		s.maxWait = max(s.maxWait, wait)
	}
}

func (s *stats) lost(c *simContact, abandoned bool) {
	now := s.m.horizon
	s.both(c, func(x *counts) {
		x.late++
		if abandoned {
			x.abandoned++
		} else {
			x.open++
			x.waitAll += max(0, now-c.arrived)
		}
	})
}

func (s *stats) left(c *simContact, wait int64) {
	s.both(c, func(x *counts) { x.waitAll += wait })
}

func (s *stats) overflowed(c *simContact, at int64, cost float64) {
	s.both(c, func(x *counts) {
		x.overflowed++
		x.partner += cost
		x.waitAll += at - c.arrived
		if at-c.arrived > s.m.queues[c.queue].target {
			x.late++
		}
	})
}

func (s *stats) time(interval int, ai, slice int32, clients []int32, ready bool, span int64) {
	pool, cost := s.m.cfg.Agents[ai].Pool, s.m.agents[ai].cost
	p := &s.pool[pool]
	counted := interval >= s.m.sc.WarmUp
	d := float64(span)
	if len(clients) > 0 {
		part := d / float64(len(clients))
		for _, cl := range clients {
			x := &s.client[int(cl)*s.m.intervals+interval]
			x.busy += part
			x.cost += part * cost
		}
		if counted {
			p.busy += d
			s.agents[ai].busy += d
			p.cost += d * cost
		}
		return
	}
	x := &s.shared[interval]
	if slice != engine.None {
		x = &s.client[int(slice)*s.m.intervals+interval]
	}
	x.cost += d * cost
	if ready {
		x.idle += d
	}
	if counted {
		p.cost += d * cost
		if ready {
			p.idle += d
			s.agents[ai].idle += d
		}
	}
}

// settle shares the idle time and cost of agents without a slice among the clients
// in proportion to the work they gave in the interval.
func (s *stats) settle() {
	n := len(s.m.cfg.Clients)
	for i := range s.shared {
		total := 0.0
		for cl := range n {
			total += s.client[cl*s.m.intervals+i].busy
		}
		for cl := range n {
			x := &s.client[cl*s.m.intervals+i]
			part := 1 / float64(n)
			if total > 0 {
				part = x.busy / total
			}
			x.idle += s.shared[i].idle * part
			x.cost += s.shared[i].cost * part
		}
	}
}

// fairness is Jain's index of the occupancies of a pool's agents: 1 when all are
// equally busy, 1/n when one does everything (Jain, Chiu, Hawe 1984). It is NaN
// when nobody worked.
func (s *stats) fairness(pool int) float64 {
	n, sum, squares := 0.0, 0.0, 0.0
	for ai, a := range s.agents {
		if int(s.m.cfg.Agents[ai].Pool) == pool && a.busy+a.idle > 0 {
			x := a.busy / (a.busy + a.idle)
			n++
			sum += x
			squares += x * x
		}
	}
	return ratio(sum*sum, n*squares)
}

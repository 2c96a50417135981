package simulation

type simKind uint8

const (
	evArrival simKind = iota // next arrival of a queue
	evRedial
	evAnswer // agent answers an offer
	evEnd
	evWrap
	evLeave
	evPartner
	evBot
	evInvite
	evAgent
)

// simEvent is one entry of the event list; order by instant, then by insertion.
type simEvent struct {
	at   int64
	seq  uint64
	ref  int64
	arg  int32
	kind simKind
}

func (a *simEvent) before(b *simEvent) bool {
	return a.at < b.at || (a.at == b.at && a.seq < b.seq)
}

func (r *replication) push(x simEvent) {
	r.seq++
	x.seq = r.seq
	r.heap = append(r.heap, x)
	i := len(r.heap) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !x.before(&r.heap[p]) {
			break
		}
		r.heap[i] = r.heap[p]
		i = p
	}
	r.heap[i] = x
}

func (r *replication) pop() simEvent {
	top := r.heap[0]
	n := len(r.heap) - 1
	x := r.heap[n]
	r.heap = r.heap[:n]
	i := 0
	for n > 0 {
		c := 4*i + 1
		if c >= n {
			break
		}
		best := c
		for k := c + 1; k < c+4 && k < n; k++ {
			if r.heap[k].before(&r.heap[best]) {
				best = k
			}
		}
		if !r.heap[best].before(&x) {
			break
		}
		r.heap[i] = r.heap[best]
		i = best
	}
	if n > 0 {
		r.heap[i] = x
	}
	return top
}

// nextArrival draws a queue's next arrival: Poisson within each interval.
func (r *replication) nextArrival(q int32) {
	g, qm := &r.gens[q], &r.m.queues[q]
	if g.k < uint64(len(qm.trace)) {
		at := r.m.start + micros(qm.trace[g.k].AtS)
		g.k++
		g.interval = 0
		r.push(simEvent{at: at, kind: evArrival, ref: int64(q), arg: int32(g.k)})
		return
	}
	for {
		if g.interval >= 0 && g.interval < len(qm.arrivals) {
			if rate := qm.arrivals[g.interval] * g.factor / float64(r.m.interval); rate > 0 {
				g.at += g.rng.exponential() / rate
				if g.at < float64(r.m.interval) {
					g.k++
					r.push(simEvent{at: r.m.start + int64(g.interval)*r.m.interval + int64(g.at), kind: evArrival, ref: int64(q)})
					return
				}
			}
		}
		g.interval++
		if g.interval >= len(qm.arrivals) {
			return
		}
		g.at, g.k = 0, 0
		g.rng = keyed(r.m.sc.Seed, r.rep, forArrivals, uint64(q), uint64(g.interval))
	}
}

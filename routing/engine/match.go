package engine

// settle matches both sides after an event: first the agents whose capacity
// changed, in order; then contacts that may have become matchable, best first:
// those that began to wait, widened or came out of a back-off, and those that a
// pool's gate held back and may now pass. Afterwards no waiting contact has an
// agent who could take it.
func (e *Engine) settle() {
	for i := 0; i < len(e.freed); i++ {
		ai := e.freed[i]
		e.agents[ai].queued = false
		e.matchAgent(ai)
	}
	e.freed = e.freed[:0]
	any := false
	for i := range e.relief {
		e.relief[i] = 0
	}
	for i := 0; i < len(e.freshC); i++ {
		slot := e.freshC[i]
		c := &e.contacts[slot]
		c.fresh = false
		switch {
		case c.id == 0:
			e.freeC = append(e.freeC, slot)
		case c.state == waiting && c.held != None:
			e.matchContact(slot)
		case c.state == waiting:
			e.relief.set(c.lane)
			any = true
		}
	}
	e.freshC = e.freshC[:0]
	if e.gates && e.relieved() {
		any = true
	}
	if any {
		e.matchLanes()
	}
	if e.gates {
		for pi := range e.pools {
			if p := &e.pools[pi]; p.relieved {
				p.note()
			}
		}
	}
}

// rankOf is what decides who goes first.
type rankOf struct {
	class Class
	score int64
	key   int64
	seq   int64
	slot  int32
}

func (a *rankOf) before(b *rankOf) bool {
	if a.class != b.class {
		return a.class < b.class
	}
	if a.score != b.score {
		return a.score > b.score
	}
	if a.key != b.key {
		return a.key < b.key
	}
	return a.seq < b.seq
}

// pressure is the score of waiting: milliseconds into the horizon before the due
// time, weighed by the penalty once inside it; before it the farther from due the
// lower, without weight.
func (e *Engine) pressure(queue int32, key int64) int64 {
	x := (e.now - key + e.w.Horizon) / 1000
	if x <= 0 {
		return x
	}
	return x * e.queues[queue].weight / maxPermille
}

func (e *Engine) starving(queue int32, key int64) bool {
	return e.now-key >= e.starveAfter(queue)
}

// rankAt ranks a waiting contact for an agent of pool p (nil: for no pool).
func (e *Engine) rankAt(x *laneEntry, queue, client int32, p *pool) rankOf {
	r := rankOf{class: ClassNormal, key: x.key, seq: x.seq, slot: x.slot}
	owed := p != nil && p.owed(client)
	switch {
	case owed && e.w.StrictGuarantee:
		r.class = ClassOwed
	case e.starving(queue, x.key):
		r.class = ClassStarving
		return r
	case owed:
		r.class = ClassOwed
	}
	r.score = e.pressure(queue, x.key)
	return r
}

// matchAgent gives an agent the best waiting contacts it may take, one by one,
// until it has no room or nobody suits.
func (e *Engine) matchAgent(ai int32) {
	for {
		best, ok := e.bestContact(ai)
		if !ok {
			return
		}
		cause := ByNothing
		if best.class == ClassPreferred {
			cause = ByPreferred
		}
		e.offer(best.slot, ai, cause, e.explainContact(ai, &best))
	}
}

func (e *Engine) bestContact(ai int32) (rankOf, bool) {
	a := &e.agents[ai]
	if a.status != Ready {
		return rankOf{}, false
	}
	g := &e.groups[a.group]
	pr := &e.profiles[a.profile]
	var room uint64
	for s := range pr.capacity {
		if e.hasRoom(a, pr, s) {
			room |= 1 << uint(pr.capacity[s].Channel)
		}
	}
	var best rankOf
	if room == 0 {
		return best, false
	}
	p := &e.pools[a.pool]
	found := false
	for _, slot := range a.held {
		c := &e.contacts[slot]
		q := &e.cfg.Queues[c.queue]
		if room&(1<<uint(q.Channel)) == 0 {
			continue
		}
		weight := pr.capacity[pr.slotOf(q.Channel)].Weight
		if e.gate(p, q.Client, pr.tier, weight, true, true) != gateOpen {
			continue
		}
		r := rankOf{class: ClassPreferred, key: c.key, seq: c.seq, slot: slot}
		if !found || r.before(&best) {
			best, found = r, true
		}
	}
	if found {
		return best, true
	}
	n := min(len(g.lanes), len(e.waitingLanes))
	for i := 0; i < n; i++ {
		for word := g.lanes[i] & e.waitingLanes[i]; word != 0; {
			li := lowest(&word, i)
			l := &e.lanes[li]
			if room&(1<<uint(l.channel)) == 0 {
				continue
			}
			x := e.headFor(l, ai)
			if x == nil {
				continue
			}
			if e.gates {
				weight := pr.capacity[pr.slotOf(l.channel)].Weight
				home := e.demands[l.demand].first[a.group] == 0
				if e.gate(p, l.client, pr.tier, weight, home, e.starving(l.queue, x.key)) != gateOpen {
					p.gated.set(li)
					continue
				}
			}
			r := e.rankAt(x, l.queue, l.client, p)
			if !found || r.before(&best) {
				best, found = r, true
			}
		}
	}
	return best, found
}

// headFor gives the first contact of a lane that does not exclude the agent.
func (e *Engine) headFor(l *lane, ai int32) *laneEntry {
	x := &l.heap[0]
	if c := &e.contacts[x.slot]; c.nexcl == 0 || !e.excluded(c, ai) {
		return x
	}
	return e.walkLane(l, func(c *contact) bool { return !e.excluded(c, ai) })
}

// walkLane visits a lane best first and gives the first entry that passes.
func (e *Engine) walkLane(l *lane, pass func(*contact) bool) *laneEntry {
	e.front = append(e.front[:0], 0)
	for len(e.front) > 0 {
		b := 0
		for i := range e.front {
			if l.heap[e.front[i]].before(&l.heap[e.front[b]]) {
				b = i
			}
		}
		i := e.front[b]
		e.front[b] = e.front[len(e.front)-1]
		e.front = e.front[:len(e.front)-1]
		if pass(&e.contacts[l.heap[i].slot]) {
			return &l.heap[i]
		}
		for k := 2*i + 1; k <= 2*i+2 && int(k) < len(l.heap); k++ {
			e.front = append(e.front, k)
		}
	}
	return nil
}

// candidate is the best agent of a group for a contact.
type candidate struct {
	score int64
	key   int64
	load  int32
	agent int32
	group int32
}

func (a *candidate) before(b *candidate) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	if a.load != b.load {
		return a.load < b.load
	}
	if a.key != b.key {
		return a.key < b.key
	}
	return a.agent < b.agent
}

// matchContact offers a waiting contact to the best agent who may take it now.
func (e *Engine) matchContact(slot int32) bool {
	c := &e.contacts[slot]
	if c.held != None {
		ai := c.held
		a := &e.agents[ai]
		q := &e.cfg.Queues[c.queue]
		pr := &e.profiles[a.profile]
		s := pr.slotOf(q.Channel)
		if !e.hasRoom(a, pr, int(s)) || e.gate(&e.pools[a.pool], q.Client, pr.tier, pr.capacity[s].Weight, true, true) != gateOpen {
			return false
		}
		e.offer(slot, ai, ByPreferred, e.explainAgents(slot, ai, "preferred_agent"))
		return true
	}
	best, ok := e.bestAgent(c)
	if !ok {
		return false
	}
	e.offer(slot, best.agent, ByNothing, e.explainAgents(slot, best.agent, "best_agent"))
	return true
}

func (e *Engine) bestAgent(c *contact) (candidate, bool) {
	l := &e.lanes[c.lane]
	avail := e.avail[l.channel]
	n := min(len(l.groups), len(avail))
	starved := e.gates && e.starving(c.queue, c.key)
	var best candidate
	found := false
	for i := 0; i < n; i++ {
		for word := l.groups[i] & avail[i]; word != 0; {
			gi := lowest(&word, i)
			g := &e.groups[gi]
			if e.gates {
				weight := e.weightIn(g, l.channel)
				home := e.demands[l.demand].first[gi] == 0
				p := &e.pools[g.pool]
				if e.gate(p, l.client, g.tier, weight, home, starved) != gateOpen {
					p.gated.set(c.lane)
					continue
				}
			}
			k, ok := e.representative(gi, l, c)
			if ok && (!found || k.before(&best)) {
				best, found = k, true
			}
		}
	}
	return best, found
}

func (e *Engine) weightIn(g *group, channel int32) int32 {
	pr := &e.profiles[g.profile]
	return pr.capacity[pr.slotOf(channel)].Weight
}

// representative is the best agent of a group with room, by the queue's order.
func (e *Engine) representative(gi int32, l *lane, c *contact) (candidate, bool) {
	g := &e.groups[gi]
	strategy := e.cfg.Queues[l.queue].Strategy
	s := e.profiles[g.profile].slotOf(l.channel)
	h := g.heaps[int(s)*int(orderCount)+int(orderOf(strategy))]
	i := int32(0)
	if c.nexcl > 0 && e.excluded(c, h[0].agent) {
		if i = e.walkGroup(h, c); i == None {
			return candidate{}, false
		}
	}
	x := &h[i]
	return candidate{score: e.agentScore(strategy, l.demand, gi, c, x), load: x.load, key: x.key, agent: x.agent, group: gi}, true
}

// walkGroup visits a group's heap best first and gives the first agent that the
// contact does not exclude.
func (e *Engine) walkGroup(h []agentEntry, c *contact) int32 {
	e.front = append(e.front[:0], 0)
	for len(e.front) > 0 {
		b := 0
		for i := range e.front {
			if h[e.front[i]].before(&h[e.front[b]]) {
				b = i
			}
		}
		i := e.front[b]
		e.front[b] = e.front[len(e.front)-1]
		e.front = e.front[:len(e.front)-1]
		if !e.excluded(c, h[i].agent) {
			return i
		}
		for k := 2*i + 1; k <= 2*i+2 && int(k) < len(h); k++ {
			e.front = append(e.front, k)
		}
	}
	return None
}

// fitPerStep is what each ladder step takes off the ladder fit, permille.
const fitPerStep = 200

// agentScore is the part of the comparison that a strategy adds before load and
// order: nothing for idle and occupancy strategies, the skill score for best
// skill, the weighted sum for balanced.
func (e *Engine) agentScore(s Strategy, di, gi int32, c *contact, x *agentEntry) int64 {
	d := &e.demands[di]
	switch s {
	case BestSkill:
		return int64(d.skill[gi])
	case Balanced:
		skill := int64(e.w.Skill) * int64(d.skill[gi])
		if e.w.ValueSkill > 0 {
			skill = skill * (maxPermille*maxPermille + int64(e.w.ValueSkill)*int64(c.value)) / (maxPermille * maxPermille)
		}
		fit := int64(max(0, maxPermille-fitPerStep*int32(d.first[gi])))
		idle := min(max(e.now-x.key, 0), e.w.IdleCap) * maxPermille / e.w.IdleCap
		return skill + int64(e.w.Fit)*fit + int64(e.w.Load)*int64(max(0, Whole-x.load)) + int64(e.w.Idle)*idle
	default:
		return 0
	}
}

// relieved adds the lanes that a gate held back where a pool's sums changed.
func (e *Engine) relieved() bool {
	any := false
	for pi := range e.pools {
		p := &e.pools[pi]
		if !p.relieved {
			continue
		}
		p.ease()
		if !p.open {
			continue
		}
		for w := range p.gated {
			if w >= len(e.waitingLanes) {
				break
			}
			p.gated[w] &= e.waitingLanes[w]
			for word := p.gated[w]; word != 0; {
				if li := lowest(&word, w); p.eased[e.lanes[li].client] {
					e.relief.set(li)
					any = true
				}
			}
		}
	}
	return any
}

// matchLanes offers the contacts of the chosen lanes, best first, until none of
// them finds an agent. Contacts of a lane differ only in whom they exclude, so one
// that fails without exclusions speaks for its lane.
func (e *Engine) matchLanes() {
	e.round++
	for {
		best, li, ok := e.bestRelieved()
		if !ok {
			return
		}
		if e.matchContact(best.slot) {
			continue
		}
		c := &e.contacts[best.slot]
		c.tried = e.round
		if c.nexcl == 0 {
			e.relief.clear(li)
		}
	}
}

func (e *Engine) bestRelieved() (best rankOf, bestLane int32, found bool) {
	for i := range e.relief {
		if i >= len(e.waitingLanes) {
			break
		}
		for word := e.relief[i] & e.waitingLanes[i]; word != 0; {
			li := lowest(&word, i)
			l := &e.lanes[li]
			x := &l.heap[0]
			if e.contacts[x.slot].tried == e.round {
				x = e.walkLane(l, func(c *contact) bool { return c.tried != e.round })
			}
			if x == nil {
				e.relief.clear(li)
				continue
			}
			r := e.rankAt(x, l.queue, l.client, nil)
			if !found || r.before(&best) {
				best, bestLane, found = r, li, true
			}
		}
	}
	return best, bestLane, found
}

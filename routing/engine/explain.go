package engine

// topCount is how many candidates an explanation lists.
const topCount = 3

// explains says whether this contact's decisions are explained; by its own number,
// so that a replay explains the same ones.
func (e *Engine) explains(c *contact) bool {
	switch e.cfg.Reasons {
	case ReasonsFull:
		return true
	case ReasonsSampled:
		return c.seq%orInt64(e.cfg.SampleEvery, 100) == 0
	default:
		return false
	}
}

// newReason takes an explanation from the reused buffer. Pointers handed out stay
// valid because a full buffer is replaced, not moved.
func (e *Engine) newReason() *Reason {
	if len(e.reasons) == cap(e.reasons) {
		e.reasons = make([]Reason, 0, max(16, 2*cap(e.reasons)))
	}
	e.reasons = e.reasons[:len(e.reasons)+1]
	r := &e.reasons[len(e.reasons)-1]
	*r = Reason{Agents: r.Agents[:0], Contacts: r.Contacts[:0]}
	return r
}

// explainAgents explains why a contact goes to an agent; it runs before the offer
// and reads only.
func (e *Engine) explainAgents(slot, chosen int32, rule string) *Reason {
	c := &e.contacts[slot]
	if !e.explains(c) {
		return nil
	}
	r := e.newReason()
	e.explainBasics(r, c, rule)
	li := e.demands[c.demand].base + int32(c.step)
	l := &e.lanes[li]
	e.countAgents(r, c, l)
	if c.held != None {
		r.Priority.Class = ClassPreferred
		r.Agents = append(r.Agents, e.scoreOf(chosen, c, l))
		return r
	}
	avail := e.avail[l.channel]
	starved := e.starving(c.queue, c.key)
	var top [topCount]candidate
	n := 0
	for i := 0; i < min(len(l.groups), len(avail)); i++ {
		for word := l.groups[i] & avail[i]; word != 0; {
			gi := lowest(&word, i)
			g := &e.groups[gi]
			home := e.demands[l.demand].first[gi] == 0
			if e.gates && e.gate(&e.pools[g.pool], l.client, g.tier, e.weightIn(g, l.channel), home, starved) != gateOpen {
				continue
			}
			if k, ok := e.representative(gi, l, c); ok {
				n = insertTop(top[:], n, k)
			}
		}
	}
	for _, k := range top[:n] {
		r.Agents = append(r.Agents, e.scoreOf(k.agent, c, l))
	}
	return r
}

func insertTop(top []candidate, n int, k candidate) int {
	i := n
	for i > 0 && k.before(&top[i-1]) {
		i--
	}
	if i == len(top) {
		return n
	}
	n = min(n+1, len(top))
	copy(top[i+1:n], top[i:n-1])
	top[i] = k
	return n
}

// explainContact explains why a freed agent takes a contact.
func (e *Engine) explainContact(ai int32, best *rankOf) *Reason {
	c := &e.contacts[best.slot]
	if !e.explains(c) {
		return nil
	}
	rule := "best_contact"
	if best.class == ClassPreferred {
		rule = "preferred_agent"
	}
	r := e.newReason()
	e.explainBasics(r, c, rule)
	l := &e.lanes[e.demands[c.demand].base+int32(c.step)]
	e.countAgents(r, c, l)
	r.Priority.Class, r.Priority.Score = best.class, best.score
	r.Agents = append(r.Agents, e.scoreOf(ai, c, l))
	r.Contacts = append(r.Contacts, e.contactScore(best))
	if best.class == ClassPreferred {
		return r
	}
	a := &e.agents[ai]
	g, pr, p := &e.groups[a.group], &e.profiles[a.profile], &e.pools[a.pool]
	var top [topCount]rankOf
	n := 0
	for i := 0; i < min(len(g.lanes), len(e.waitingLanes)); i++ {
		for word := g.lanes[i] & e.waitingLanes[i]; word != 0; {
			li := lowest(&word, i)
			o := &e.lanes[li]
			s := pr.slotOf(o.channel)
			if !e.hasRoom(a, pr, int(s)) {
				continue
			}
			x := e.headFor(o, ai)
			if x == nil || x.slot == best.slot {
				continue
			}
			home := e.demands[o.demand].first[a.group] == 0
			if e.gates && e.gate(p, o.client, pr.tier, pr.capacity[s].Weight, home, e.starving(o.queue, x.key)) != gateOpen {
				continue
			}
			k := e.rankAt(x, o.queue, o.client, p)
			at := n
			for at > 0 && k.before(&top[at-1]) {
				at--
			}
			if at < topCount {
				n = min(n+1, topCount)
				copy(top[at+1:n], top[at:n-1])
				top[at] = k
			}
		}
	}
	for i := 0; i < min(n, topCount-1); i++ {
		r.Contacts = append(r.Contacts, e.contactScore(&top[i]))
	}
	return r
}

func (e *Engine) contactScore(k *rankOf) ContactScore {
	c := &e.contacts[k.slot]
	return ContactScore{Contact: c.id, Queue: c.queue, Class: k.class, Score: k.score, Slack: k.key - e.now}
}

func (e *Engine) explainBasics(r *Reason, c *contact, rule string) {
	q := &e.cfg.Queues[c.queue]
	r.Rule, r.Strategy, r.Step, r.StepKind = rule, q.Strategy, c.step, q.Ladder[c.step].Kind
	r.Priority = PriorityPart{Class: ClassNormal, Score: e.pressure(c.queue, c.key), Slack: c.key - e.now,
		Credit: e.credit(c), Penalty: int32(e.queues[c.queue].weight)}
	if e.starving(c.queue, c.key) {
		r.Priority.Class, r.Priority.Score = ClassStarving, 0
	}
}

func (e *Engine) countAgents(r *Reason, c *contact, l *lane) {
	d := &e.demands[l.demand]
	starved := e.starving(c.queue, c.key)
	for i, w := range l.groups {
		for word := w; word != 0; {
			gi := lowest(&word, i)
			g := &e.groups[gi]
			r.SkillMatch.Eligible += g.size
			if d.first[gi] > 0 {
				r.SkillMatch.Widened += g.size
			}
			s := e.profiles[g.profile].slotOf(l.channel)
			n := int32(len(g.heaps[int(s)*int(orderCount)+int(orderOf(r.Strategy))]))
			if n == 0 {
				continue
			}
			r.Availability.Free += n
			switch e.gate(&e.pools[g.pool], l.client, g.tier, e.weightIn(g, l.channel), d.first[gi] == 0, starved) {
			case gateCap:
				r.Availability.Capped += n
			case gateReserve:
				r.Availability.Reserved += n
			case gateProtect:
				r.Availability.Protected += n
			case gateShut:
				r.Availability.PoolShut += n
			}
		}
	}
}

func (e *Engine) scoreOf(ai int32, c *contact, l *lane) AgentScore {
	a := &e.agents[ai]
	d := &e.demands[l.demand]
	x := agentEntry{key: e.keyFor(a, orderOf(e.cfg.Queues[l.queue].Strategy)), load: a.used, agent: ai}
	s := AgentScore{Agent: ai, Skill: int32(d.skill[a.group]), Load: a.used, Idle: e.now - a.idleSince, Occupancy: a.occupancy,
		Score: e.agentScore(e.cfg.Queues[l.queue].Strategy, l.demand, a.group, c, &x)}
	if f := d.first[a.group]; f >= 0 {
		s.Fit = max(0, maxPermille-fitPerStep*int32(f))
	}
	return s
}

// Clone copies a reason so that it outlives the next Apply.
func (r *Reason) Clone() Reason {
	c := *r
	c.Agents = append([]AgentScore(nil), r.Agents...)
	c.Contacts = append([]ContactScore(nil), r.Contacts...)
	return c
}

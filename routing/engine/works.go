package engine

func (e *Engine) newWork() int32 {
	if n := len(e.freeW); n > 0 {
		wi := e.freeW[n-1]
		e.freeW = e.freeW[:n-1]
		return wi
	}
	e.works = append(e.works, work{})
	return int32(len(e.works) - 1)
}

// offer makes the lease: the contact leaves its lane, the agent's capacity is
// taken, the deadline is set.
func (e *Engine) offer(slot, ai int32, cause Cause, reason *Reason) {
	e.dequeue(slot)
	c, a := &e.contacts[slot], &e.agents[ai]
	q := &e.cfg.Queues[c.queue]
	pr := &e.profiles[a.profile]
	s := pr.slotOf(q.Channel)
	wi := e.newWork()
	w := &e.works[wi]
	*w = work{segment: e.nextSeg, contact: c.id, slot: slot, agent: ai, queue: c.queue, client: q.Client,
		capSlot: s, weight: pr.capacity[s].Weight, state: workOffered, since: e.now, deadline: e.now + orInt64(q.Ring, defaultRing)}
	e.nextSeg++
	c.state, c.work = offered, wi
	c.offers++
	e.poolOut(a)
	a.works = append(a.works, wi)
	a.used += w.weight
	a.count[s]++
	e.poolIn(a)
	e.reindex(ai)
	f := e.emitWork(Offered, cause, w)
	f.Step, f.Deadline, f.Reason = c.step, w.deadline, reason
	if q.Auto {
		e.accept(wi, cause)
		return
	}
	e.timers.set(workTimer, wi, w.segment, w.deadline)
}

func (e *Engine) accept(wi int32, cause Cause) {
	w := &e.works[wi]
	c, a := &e.contacts[w.slot], &e.agents[w.agent]
	e.timers.set(workTimer, wi, w.segment, 0)
	w.state, w.since, w.deadline = workActive, e.now, 0
	c.state = active
	c.nexcl = 0
	a.missed = 0
	if a.busy == 0 {
		a.busySince = e.now
	}
	a.busy++
	e.emitWork(Accepted, cause, w)
}

// release gives a work's capacity back and forgets it.
func (e *Engine) release(wi int32) {
	w := &e.works[wi]
	ai := w.agent
	a := &e.agents[ai]
	e.timers.set(workTimer, wi, w.segment, 0)
	e.poolOut(a)
	for i, x := range a.works {
		if x == wi {
			a.works = append(a.works[:i], a.works[i+1:]...)
			break
		}
	}
	a.used -= w.weight
	a.count[w.capSlot]--
	e.poolIn(a)
	if w.state != workOffered {
		a.busy--
		if a.busy == 0 {
			a.busyTotal += e.now - a.busySince
			e.goIdle(a)
		}
	}
	e.freeW = append(e.freeW, wi)
	e.reindex(ai)
	e.freeAgent(ai)
}

// goIdle notes the end of the last work: the definition of idle, and the
// occupancy that holds until the next work.
func (e *Engine) goIdle(a *agent) {
	a.idleSince = e.now
	a.occupancy = 0
	if t := e.now - a.signedIn; t > 0 {
		a.occupancy = int32(a.busyTotal * maxPermille / t)
	}
}

// freeAgent asks for the agent to be matched when the event is settled.
func (e *Engine) freeAgent(ai int32) {
	if a := &e.agents[ai]; !a.queued && a.status == Ready {
		a.queued = true
		e.freed = append(e.freed, ai)
	}
}

// voidOffer ends an offer without deciding what becomes of the contact.
func (e *Engine) voidOffer(wi int32, cause Cause) {
	e.emitWork(OfferEnded, cause, &e.works[wi])
	e.release(wi)
}

// endOffer returns an offered contact to its place, keeps the agent from it for a
// while and applies the policy for agents who do not answer.
func (e *Engine) endOffer(slot int32, cause Cause) {
	c := &e.contacts[slot]
	wi := c.work
	ai := e.works[wi].agent
	policy := &e.cfg.Queues[c.queue].NoAnswer
	e.voidOffer(wi, cause)
	c.work = None
	if c.preferred == ai {
		c.preferred = None
	}
	e.exclude(c, ai, orInt64(policy.Backoff, defaultBackoff))
	if cause == ByNoAnswer {
		e.missed(ai, policy)
	}
	e.enqueue(slot, cause)
}

// missed counts an unanswered offer and pauses the agent by policy.
func (e *Engine) missed(ai int32, policy *NoAnswer) {
	a := &e.agents[ai]
	a.missed++
	pause := policy.Pause
	if policy.MaxCount > 0 && a.missed >= policy.MaxCount {
		pause = orInt64(policy.Long, defaultPause)
	}
	if pause > 0 && a.status == Ready {
		e.setStatus(ai, Paused, a.aux, e.now+pause, ByNoAnswer)
	}
}

// endWork ends the conversation; the wrap-up keeps the capacity until its limit.
func (e *Engine) endWork(wi int32, cause Cause) {
	w := &e.works[wi]
	limit := e.cfg.Queues[w.queue].WrapLimit
	f := e.emitWork(Ended, cause, w)
	w.slot = None
	if limit == 0 {
		e.emitWork(Wrapped, cause, w)
		e.release(wi)
		return
	}
	w.state, w.since, w.deadline = workWrapping, e.now, e.now+limit
	f.Deadline = w.deadline
	e.timers.set(workTimer, wi, w.segment, w.deadline)
}

func (e *Engine) workDue(wi int32) {
	w := &e.works[wi]
	switch w.state {
	case workOffered:
		e.endOffer(w.slot, ByNoAnswer)
	case workWrapping:
		e.emitWork(Wrapped, ByLimit, w)
		e.release(wi)
	}
}

func (e *Engine) wrapEnded(ev *Event) Cause {
	if ev.Agent < 0 || int(ev.Agent) >= len(e.agents) {
		return UnknownAgent
	}
	for _, wi := range e.agents[ev.Agent].works {
		if w := &e.works[wi]; w.contact == ev.Contact && w.state == workWrapping {
			e.emitWork(Wrapped, ByDone, w)
			e.release(wi)
			return ByNothing
		}
	}
	return NotWrapping
}

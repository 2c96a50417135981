package engine

import "math"

func (e *Engine) newContact() int32 {
	if n := len(e.freeC); n > 0 {
		slot := e.freeC[n-1]
		e.freeC = e.freeC[:n-1]
		e.contacts[slot] = contact{}
		return slot
	}
	e.contacts = append(e.contacts, contact{})
	return int32(len(e.contacts) - 1)
}

// rank computes a contact's key: due time less the credits it earned.
func (e *Engine) rank(c *contact) {
	due := c.due
	if due == 0 {
		due = c.arrived + e.cfg.Queues[c.queue].Target
	}
	if e.w.EvenHanded {
		due = c.arrived
	}
	c.key = due - e.credit(c)
}

// credit is the waiting time granted for priority, value, urgency and emotion.
func (e *Engine) credit(c *contact) int64 {
	credit := int64(0)
	if !e.w.IgnorePriority {
		credit += int64(c.priority) * e.w.PriorityCredit
	}
	if !e.w.EvenHanded {
		client := &e.cfg.Clients[e.cfg.Queues[c.queue].Client]
		credit += int64(c.value) * e.w.ValueCredit / maxPermille * int64(orInt32(client.Value, maxPermille)) / maxPermille
		credit += int64(c.urgency) * e.w.UrgencyCredit / maxPermille * int64(orInt32(client.Urgency, maxPermille)) / maxPermille
		credit += int64(c.emotion) * e.w.EmotionCredit / maxPermille
	}
	return credit
}

func (e *Engine) checkAttributes(ev *Event) Cause {
	if ev.Queue < 0 || int(ev.Queue) >= len(e.queues) {
		return UnknownQueue
	}
	if ev.Intent < None || int(ev.Intent) >= len(e.cfg.Intents) {
		return UnknownIntent
	}
	if ev.Preferred < None || int(ev.Preferred) >= len(e.agents) {
		return UnknownAgent
	}
	return ByNothing
}

func clampPermille(v int16) int16 { return min(max(v, 0), maxPermille) }

func (c *contact) setAttributes(ev *Event) {
	c.intent, c.humanOnly = ev.Intent, ev.HumanOnly
	c.priority = min(max(ev.Priority, -maxPermille), maxPermille)
	c.value, c.urgency, c.emotion = clampPermille(ev.Value), clampPermille(ev.Urgency), clampPermille(ev.Emotion)
}

func (e *Engine) contactArrived(ev *Event) Cause {
	if ev.Contact <= 0 {
		return UnknownContact
	}
	if _, open := e.byID.get(ev.Contact); open {
		return DuplicateContact
	}
	if cause := e.checkAttributes(ev); cause != ByNothing {
		return cause
	}
	if ev.Arrived < 0 || ev.Due < 0 {
		return WrongTime
	}
	slot := e.newContact()
	c := &e.contacts[slot]
	c.id, c.seq = ev.Contact, e.nextSeq
	e.nextSeq++
	c.queue, c.preferred, c.due = ev.Queue, ev.Preferred, ev.Due
	c.arrived = e.now
	if ev.Arrived > 0 && ev.Arrived < e.now {
		c.arrived = ev.Arrived
	}
	c.entered = c.arrived
	c.setAttributes(ev)
	c.lane, c.work, c.held, c.invited = None, None, None, -1
	c.demand = e.demandOf(c.queue, c.intent)
	c.holdUntil = c.arrived + e.cfg.Queues[c.queue].Hold
	e.rank(c)
	e.byID.put(c.id, slot)
	e.noteArrival(c.queue)
	e.enqueue(slot, ByArrival)
	return ByNothing
}

func (e *Engine) contactEvent(slot int32, ev *Event) Cause {
	c := &e.contacts[slot]
	switch ev.Kind {
	case ContactChanged:
		return e.contactChanged(slot, ev)
	case ContactLeft:
		e.contactLeft(slot)
	case OfferAccepted:
		if c.state != offered {
			return NotOffered
		}
		if e.works[c.work].agent != ev.Agent {
			return WrongAgent
		}
		e.accept(c.work, ByNothing)
	case OfferDeclined:
		if c.state != offered {
			return NotOffered
		}
		if e.works[c.work].agent != ev.Agent {
			return WrongAgent
		}
		e.endOffer(slot, ByDecline)
	case ContactEnded:
		if c.state != active {
			return NotActive
		}
		e.endWork(c.work, ByDone)
		e.close(slot, ByDone)
	case ContactMoved:
		return e.contactMoved(slot, ev)
	case ContactRequeued:
		return e.contactRequeued(slot)
	case ContactParked:
		if c.state != active {
			return NotActive
		}
		if ev.Until <= e.now {
			return WrongTime
		}
		c.preferred = e.works[c.work].agent
		e.endWork(c.work, ByParking)
		c.work, c.state, c.until = None, parked, ev.Until
		e.schedule(slot)
		e.emitContact(Parked, ByParking, c).Deadline = c.until
	case ContactResumed:
		if c.state != parked {
			return NotParked
		}
		e.resume(slot, ByRequest)
	case HandOverTaken:
		if c.state != handed {
			return NotHandedOver
		}
		e.emitContact(HandOverDone, ByTaken, c)
		e.close(slot, ByTaken)
	case HandOverBack:
		if c.state != handed {
			return NotHandedOver
		}
		e.handBack(slot, ByReturned)
	case InviteTaken:
		if c.state != waiting || c.invited < 0 {
			return NotInvited
		}
		e.dequeue(slot)
		e.close(slot, ByInvite)
	}
	return ByNothing
}

// enqueue makes a contact wait: its passed ladder steps are taken, then it waits
// for its preferred agent alone or in the lane of its step.
func (e *Engine) enqueue(slot int32, cause Cause) {
	c := &e.contacts[slot]
	c.state, c.lane, c.held = waiting, None, None
	e.queues[c.queue].waiting++
	f := e.emitContact(Queued, cause, c)
	f.Place = e.queues[c.queue].waiting
	if !e.climb(slot) {
		return
	}
	if e.mayHold(c) {
		c.held = c.preferred
		a := &e.agents[c.held]
		a.held = append(a.held, slot)
	} else {
		e.enlane(slot)
	}
	e.schedule(slot)
	e.touch(slot)
	e.callUp(c.queue)
}

// dequeue takes a waiting contact out of lane and personal list.
func (e *Engine) dequeue(slot int32) {
	c := &e.contacts[slot]
	if c.held != None {
		e.unhold(slot)
	} else if c.lane != None {
		e.unlane(slot)
	}
	e.queues[c.queue].waiting--
	e.timers.set(contactTimer, slot, c.seq, 0)
}

func (e *Engine) mayHold(c *contact) bool {
	if c.preferred == None || c.holdUntil <= e.now || e.excluded(c, c.preferred) {
		return false
	}
	a := &e.agents[c.preferred]
	return a.status == Ready && e.demands[c.demand].first[a.group] >= 0
}

func (e *Engine) unhold(slot int32) {
	c := &e.contacts[slot]
	a := &e.agents[c.held]
	for i, s := range a.held {
		if s == slot {
			a.held = append(a.held[:i], a.held[i+1:]...)
			break
		}
	}
	c.held = None
}

// touch asks for the contact to be matched when the event is settled.
func (e *Engine) touch(slot int32) {
	if c := &e.contacts[slot]; !c.fresh {
		c.fresh = true
		e.freshC = append(e.freshC, slot)
	}
}

// climb takes every ladder step whose deadline passed; false means that the
// contact was handed over and waits no more.
func (e *Engine) climb(slot int32) bool {
	c := &e.contacts[slot]
	q := &e.cfg.Queues[c.queue]
	for int(c.step)+1 < len(q.Ladder) && c.entered+q.Ladder[c.step+1].After <= e.now {
		if c.lane != None {
			e.unlane(slot)
		}
		c.step++
		s := &q.Ladder[c.step]
		switch s.Kind {
		case StepWiden:
			e.emitContact(Widened, ByLimit, c)
		case StepPartner, StepBot:
			if s.Kind == StepBot && c.humanOnly {
				continue
			}
			e.dequeue(slot)
			c.state, c.until = handed, e.now+orInt64(s.Lease, defaultLease)
			e.schedule(slot)
			f := e.emitContact(HandedOver, ByLimit, c)
			f.Deadline = c.until
			if s.Kind == StepPartner {
				f.Partner = s.Partner
			}
			return false
		case StepCallback, StepMessage:
			if s.Kind == StepMessage && c.humanOnly {
				continue
			}
			c.invited = c.step
			e.emitContact(Invited, ByLimit, c)
		}
	}
	return true
}

func (e *Engine) handBack(slot int32, cause Cause) {
	c := &e.contacts[slot]
	e.emitContact(HandOverDone, cause, c)
	e.enqueue(slot, cause)
}

func (e *Engine) resume(slot int32, cause Cause) {
	c := &e.contacts[slot]
	q := &e.cfg.Queues[c.queue]
	c.holdUntil = e.now + orInt64(q.Hold, orInt64(q.Ring, defaultRing))
	c.entered, c.step, c.until = e.now, 0, 0
	e.enqueue(slot, cause)
}

// schedule sets the contact's one deadline.
func (e *Engine) schedule(slot int32) {
	c := &e.contacts[slot]
	at := int64(math.MaxInt64)
	switch c.state {
	case parked, handed:
		at = c.until
	case waiting:
		q := &e.cfg.Queues[c.queue]
		if int(c.step)+1 < len(q.Ladder) {
			at = c.entered + q.Ladder[c.step+1].After
		}
		if c.held != None {
			at = min(at, c.holdUntil)
		}
		for _, x := range c.excl[:c.nexcl] {
			if x.until > e.now {
				at = min(at, x.until)
			}
		}
		if s := c.key + e.starveAfter(c.queue); e.bounded && s > e.now {
			at = min(at, s)
		}
	}
	if at == math.MaxInt64 {
		at = 0
	}
	e.timers.set(contactTimer, slot, c.seq, at)
}

func (e *Engine) starveAfter(q int32) int64 {
	cq := &e.cfg.Queues[q]
	return orInt64(cq.Starve, max(10*Minute, 2*cq.Target))
}

// contactDue handles the contact's deadline: a ladder step, the end of a hold or
// of a back-off, the age bound, the end of parking or of a hand-over lease.
func (e *Engine) contactDue(slot int32) {
	c := &e.contacts[slot]
	switch c.state {
	case parked:
		e.resume(slot, ByExpired)
		return
	case handed:
		e.handBack(slot, ByExpired)
		return
	case waiting:
	default:
		return
	}
	if !e.climb(slot) {
		return
	}
	if c.held != None && c.holdUntil <= e.now {
		e.unhold(slot)
	}
	n := int8(0)
	for _, x := range c.excl[:c.nexcl] {
		if x.until > e.now {
			c.excl[n] = x
			n++
		}
	}
	c.nexcl = n
	if c.held == None && c.lane == None {
		e.enlane(slot)
	}
	e.schedule(slot)
	e.touch(slot)
}

func (e *Engine) contactChanged(slot int32, ev *Event) Cause {
	c := &e.contacts[slot]
	given := *ev
	given.Queue = c.queue
	if cause := e.checkAttributes(&given); cause != ByNothing {
		return cause
	}
	if ev.Due < 0 {
		return WrongTime
	}
	relane := c.state == waiting && c.lane != None
	if relane {
		e.unlane(slot)
	}
	c.setAttributes(ev)
	c.due = ev.Due
	c.demand = e.demandOf(c.queue, c.intent)
	e.rank(c)
	if relane {
		e.enlane(slot)
	}
	if c.held != None && !e.mayHold(c) {
		e.unhold(slot)
		e.enlane(slot)
	}
	if c.state == waiting {
		e.schedule(slot)
		e.touch(slot)
	}
	return ByNothing
}

func (e *Engine) contactLeft(slot int32) {
	c := &e.contacts[slot]
	switch c.state {
	case waiting:
		e.dequeue(slot)
	case offered:
		e.voidOffer(c.work, ByLeaving)
	case active:
		e.endWork(c.work, ByLeaving)
	}
	e.close(slot, ByLeaving)
}

func (e *Engine) contactMoved(slot int32, ev *Event) Cause {
	c := &e.contacts[slot]
	if ev.Queue != None && (ev.Queue < 0 || int(ev.Queue) >= len(e.queues)) {
		return UnknownQueue
	}
	if ev.Preferred < None || int(ev.Preferred) >= len(e.agents) {
		return UnknownAgent
	}
	from := None
	switch c.state {
	case waiting:
		e.dequeue(slot)
	case offered:
		e.voidOffer(c.work, ByTransfer)
	case active:
		from = e.works[c.work].agent
		e.endWork(c.work, ByTransfer)
	}
	c.work = None
	if ev.Queue != None && ev.Queue != c.queue {
		c.queue = ev.Queue
		c.demand = e.demandOf(c.queue, c.intent)
	}
	c.entered, c.step, c.invited, c.until = e.now, 0, -1, 0
	c.preferred = ev.Preferred
	q := &e.cfg.Queues[c.queue]
	c.holdUntil = e.now + orInt64(q.Hold, orInt64(q.Ring, defaultRing))
	if from != None && ev.Queue == None {
		e.exclude(c, from, orInt64(q.NoAnswer.Backoff, defaultBackoff))
	}
	e.rank(c)
	e.enqueue(slot, ByTransfer)
	return ByNothing
}

// contactRequeued gives a contact back to its queue as if it had never left: its
// age, its place and the ladder steps it has reached are kept.
func (e *Engine) contactRequeued(slot int32) Cause {
	c := &e.contacts[slot]
	agent := None
	switch c.state {
	case offered:
		agent = e.works[c.work].agent
		e.voidOffer(c.work, ByRequeue)
	case active:
		agent = e.works[c.work].agent
		e.endWork(c.work, ByRequeue)
	case parked:
	default:
		return NotActive
	}
	c.work, c.until = None, 0
	if agent != None {
		if c.preferred == agent {
			c.preferred = None
		}
		e.exclude(c, agent, orInt64(e.cfg.Queues[c.queue].NoAnswer.Backoff, defaultBackoff))
	}
	e.enqueue(slot, ByRequeue)
	return ByNothing
}

// close forgets a contact that left, ended or was taken over.
func (e *Engine) close(slot int32, cause Cause) {
	c := &e.contacts[slot]
	e.emitContact(Closed, cause, c)
	e.timers.set(contactTimer, slot, c.seq, 0)
	e.byID.del(c.id)
	c.id = 0
	if !c.fresh {
		e.freeC = append(e.freeC, slot)
	}
}

func (e *Engine) excluded(c *contact, agent int32) bool {
	for i := int8(0); i < c.nexcl; i++ {
		if c.excl[i].agent == agent && c.excl[i].until > e.now {
			return true
		}
	}
	return false
}

// exclude keeps an agent from being offered this contact for a while; the oldest
// entry gives way when there are too many.
func (e *Engine) exclude(c *contact, agent int32, backoff int64) {
	x := exclusion{until: e.now + backoff, agent: agent}
	n := int8(0)
	for _, o := range c.excl[:c.nexcl] {
		if o.agent != agent && o.until > e.now {
			c.excl[n] = o
			n++
		}
	}
	if n == maxExclusions {
		copy(c.excl[:], c.excl[1:])
		n--
	}
	c.excl[n] = x
	c.nexcl = n + 1
}

package engine

import "slices"

// Apply is the model's side of Engine.Apply.
func (m *naive) Apply(now int64, ev Event) []Effect {
	m.out = nil
	m.now = max(m.now, now)
	for m.fireOne() {
	}
	m.settle()
	if cause := m.dispatch(ev); cause != ByNothing {
		m.emit(Effect{Kind: Refused, Cause: cause, Contact: ev.Contact, Agent: ev.Agent, Queue: ev.Queue, Client: ev.Client, Pool: ev.Pool, Partner: None})
	}
	m.settle()
	return m.out
}

// fireOne finds the earliest deadline that passed and acts on it.
func (m *naive) fireOne() bool {
	type due struct {
		timer
		act func()
	}
	var best *due
	offerDue := func(at int64, kind timerKind, order int64, act func()) {
		if at == 0 || at > m.now {
			return
		}
		d := &due{timer{at: at, kind: kind, order: order}, act}
		if best == nil || d.before(&best.timer) {
			best = d
		}
	}
	for _, c := range m.contacts {
		offerDue(m.contactWake(c), contactTimer, c.seq, func() { m.contactDue(c) })
	}
	for ai, a := range m.agents {
		offerDue(a.until, agentTimer, int64(ai), func() { m.agentDue(ai) })
		for _, w := range a.works {
			offerDue(w.deadline, workTimer, w.segment, func() {
				if w.state == "offered" {
					m.endOffer(w.contact, ByNoAnswer)
				} else {
					m.emitWork(Wrapped, ByLimit, w)
					m.release(w)
				}
			})
		}
	}
	for pi, p := range m.pools {
		offerDue(p.wake, poolTimer, int64(pi), func() { m.poolDue(pi) })
	}
	if best == nil {
		return false
	}
	best.act()
	return true
}

// contactWake is the contact's earliest deadline that has not been acted on.
func (m *naive) contactWake(c *nContact) int64 {
	switch c.state {
	case "parked", "handed":
		return c.until
	case "waiting":
	default:
		return 0
	}
	at := int64(0)
	earliest := func(x int64) {
		if at == 0 || x < at {
			at = x
		}
	}
	q := m.queueOf(c)
	if c.step+1 < len(q.Ladder) {
		earliest(c.entered + q.Ladder[c.step+1].After)
	}
	if c.held {
		earliest(c.holdUntil)
	}
	for _, x := range c.excl {
		earliest(x.until)
	}
	if !c.starveSeen && m.gated() {
		earliest(m.starveAt(c))
	}
	return at
}

func (m *naive) gated() bool {
	return slices.ContainsFunc(m.cfg.Pools, func(p Pool) bool { return len(p.Shares) > 0 || len(p.Protect) > 0 })
}

func (m *naive) contactDue(c *nContact) {
	switch c.state {
	case "parked":
		m.resume(c, ByExpired)
		return
	case "handed":
		m.emitContact(HandOverDone, ByExpired, c)
		m.enqueue(c, ByExpired)
		return
	}
	if !m.climb(c) {
		return
	}
	if c.held && c.holdUntil <= m.now {
		m.unwait(c)
		c.state = "waiting"
	}
	m.lookAgain(c)
	m.touch(c)
}

func (m *naive) resume(c *nContact, cause Cause) {
	q := m.queueOf(c)
	c.holdUntil = m.now + orInt64(q.Hold, orInt64(q.Ring, 20*Second))
	c.entered, c.step, c.until = m.now, 0, 0
	m.enqueue(c, cause)
}

func (m *naive) agentDue(ai int) {
	a := m.agents[ai]
	switch a.status {
	case Paused:
		a.missed = 0
		m.setStatus(ai, Ready, a.aux, 0, ByExpired)
	case Lost, Off:
		for len(a.works) > 0 {
			w := a.works[0]
			c, was := w.contact, w.state
			if was == "active" {
				m.emitWork(Ended, ByAgentGone, w)
			}
			m.emitWork(Wrapped, ByAgentGone, w)
			m.release(w)
			if was == "active" {
				c.work = nil
				c.entered, c.step = m.now, 0
				m.enqueue(c, ByAgentGone)
			}
		}
		if a.status == Lost {
			m.setStatus(ai, Off, a.aux, 0, ByExpired)
		} else {
			a.until = 0
		}
	default:
		a.until = 0
	}
}

func (m *naive) find(id int64) *nContact {
	for _, c := range m.contacts {
		if c.ev.Contact == id {
			return c
		}
	}
	return nil
}

func (m *naive) check(ev Event) Cause {
	switch {
	case ev.Queue < 0 || int(ev.Queue) >= len(m.cfg.Queues):
		return UnknownQueue
	case ev.Intent < None || int(ev.Intent) >= len(m.cfg.Intents):
		return UnknownIntent
	case ev.Preferred < None || int(ev.Preferred) >= len(m.agents):
		return UnknownAgent
	}
	return ByNothing
}

func (m *naive) dispatch(ev Event) Cause {
	switch ev.Kind {
	case Tick:
		return ByNothing
	case Reconfigured:
		return BadConfig // these tests never carry a configuration
	case ContactArrived:
		if ev.Contact <= 0 {
			return UnknownContact
		}
		if m.find(ev.Contact) != nil {
			return DuplicateContact
		}
		if cause := m.check(ev); cause != ByNothing {
			return cause
		}
		c := &nContact{ev: ev, seq: m.seq, queue: ev.Queue, preferred: ev.Preferred, arrived: m.now, invited: -1}
		m.seq++
		if ev.Arrived > 0 && ev.Arrived < m.now {
			c.arrived = ev.Arrived
		}
		c.entered, c.holdUntil = c.arrived, c.arrived+m.queueOf(c).Hold
		m.contacts = append(m.contacts, c)
		m.noteArrival(c.queue)
		m.enqueue(c, ByArrival)
		return ByNothing
	case AgentState, AgentLost, AgentSlice, AgentMoved:
		if ev.Agent < 0 || int(ev.Agent) >= len(m.agents) {
			return UnknownAgent
		}
		return m.agentEvent(ev)
	case PoolOpened, PoolClosed:
		if ev.Pool < 0 || int(ev.Pool) >= len(m.pools) {
			return UnknownPool
		}
		m.setPool(int(ev.Pool), ev.Kind == PoolOpened, ev.Until, false, ByRequest)
		return ByNothing
	case QueueRaised:
		if ev.Queue < 0 || int(ev.Queue) >= len(m.raised) {
			return UnknownQueue
		}
		m.raised[ev.Queue] = max(ev.Weight, 1)
		m.emit(Effect{Kind: QueueSet, Cause: ByRequest, Queue: ev.Queue, Client: m.cfg.Queues[ev.Queue].Client, Agent: None, Pool: None, Partner: None, Weight: m.raised[ev.Queue]})
		return ByNothing
	case WrapEnded:
		if ev.Agent < 0 || int(ev.Agent) >= len(m.agents) {
			return UnknownAgent
		}
		for _, w := range m.agents[ev.Agent].works {
			if w.id == ev.Contact && w.state == "wrapping" {
				m.emitWork(Wrapped, ByDone, w)
				m.release(w)
				return ByNothing
			}
		}
		return NotWrapping
	}
	if int(ev.Kind) >= len(eventNames) {
		return UnknownKind
	}
	c := m.find(ev.Contact)
	if c == nil {
		return UnknownContact
	}
	return m.contactEvent(c, ev)
}

func (m *naive) contactEvent(c *nContact, ev Event) Cause {
	need := func(state string, otherwise Cause) Cause {
		if c.state != state {
			return otherwise
		}
		return ByNothing
	}
	switch ev.Kind {
	case ContactChanged:
		ev.Queue = c.queue
		if cause := m.check(ev); cause != ByNothing {
			return cause
		}
		contact, arrived := c.ev.Contact, c.ev.Arrived
		c.ev = ev
		c.ev.Contact, c.ev.Arrived = contact, arrived
		if c.held && !m.mayHold(c) {
			m.unwait(c)
			c.state = "waiting"
		}
		if c.state == "waiting" {
			m.lookAgain(c)
			m.touch(c)
		}
	case ContactLeft:
		switch c.state {
		case "waiting":
			m.unwait(c)
		case "offered":
			m.voidOffer(c.work, ByLeaving)
		case "active":
			m.endWork(c.work, ByLeaving)
		}
		m.close(c, ByLeaving)
	case OfferAccepted, OfferDeclined:
		if cause := need("offered", NotOffered); cause != ByNothing {
			return cause
		}
		if c.work.agent != int(ev.Agent) {
			return WrongAgent
		}
		if ev.Kind == OfferAccepted {
			m.accept(c.work, ByNothing)
		} else {
			m.endOffer(c, ByDecline)
		}
	case ContactEnded:
		if cause := need("active", NotActive); cause != ByNothing {
			return cause
		}
		m.endWork(c.work, ByDone)
		m.close(c, ByDone)
	case ContactMoved:
		return m.moved(c, ev)
	case ContactRequeued:
		return m.requeued(c)
	case ContactParked:
		if cause := need("active", NotActive); cause != ByNothing {
			return cause
		}
		if ev.Until <= m.now {
			return WrongTime
		}
		c.preferred = int32(c.work.agent)
		m.endWork(c.work, ByParking)
		c.work, c.state, c.until = nil, "parked", ev.Until
		m.emitContact(Parked, ByParking, c).Deadline = c.until
	case ContactResumed:
		if cause := need("parked", NotParked); cause != ByNothing {
			return cause
		}
		m.resume(c, ByRequest)
	case HandOverTaken, HandOverBack:
		if cause := need("handed", NotHandedOver); cause != ByNothing {
			return cause
		}
		if ev.Kind == HandOverTaken {
			m.emitContact(HandOverDone, ByTaken, c)
			m.close(c, ByTaken)
		} else {
			m.emitContact(HandOverDone, ByReturned, c)
			m.enqueue(c, ByReturned)
		}
	case InviteTaken:
		if c.state != "waiting" || c.invited < 0 {
			return NotInvited
		}
		m.unwait(c)
		m.close(c, ByInvite)
	}
	return ByNothing
}

func (m *naive) requeued(c *nContact) Cause {
	agent := -1
	switch c.state {
	case "offered":
		agent = c.work.agent
		m.voidOffer(c.work, ByRequeue)
	case "active":
		agent = c.work.agent
		m.endWork(c.work, ByRequeue)
	case "parked":
	default:
		return NotActive
	}
	c.work, c.until = nil, 0
	if agent >= 0 {
		if int(c.preferred) == agent {
			c.preferred = None
		}
		m.exclude(c, agent, orInt64(m.queueOf(c).NoAnswer.Backoff, 30*Second))
	}
	m.enqueue(c, ByRequeue)
	return ByNothing
}

func (m *naive) moved(c *nContact, ev Event) Cause {
	if ev.Queue != None && (ev.Queue < 0 || int(ev.Queue) >= len(m.cfg.Queues)) {
		return UnknownQueue
	}
	if ev.Preferred < None || int(ev.Preferred) >= len(m.agents) {
		return UnknownAgent
	}
	from := -1
	switch c.state {
	case "waiting":
		m.unwait(c)
	case "offered":
		m.voidOffer(c.work, ByTransfer)
	case "active":
		from = c.work.agent
		m.endWork(c.work, ByTransfer)
	}
	c.work = nil
	if ev.Queue != None {
		c.queue = ev.Queue
	}
	c.entered, c.step, c.invited, c.preferred = m.now, 0, -1, ev.Preferred
	q := m.queueOf(c)
	c.holdUntil = m.now + orInt64(q.Hold, orInt64(q.Ring, 20*Second))
	if from >= 0 && ev.Queue == None {
		m.exclude(c, from, orInt64(q.NoAnswer.Backoff, 30*Second))
	}
	m.enqueue(c, ByTransfer)
	return ByNothing
}

func (m *naive) agentEvent(ev Event) Cause {
	ai := int(ev.Agent)
	a := m.agents[ai]
	switch ev.Kind {
	case AgentState:
		if ev.Status > NotReady {
			return WrongStatus
		}
		if ev.Status != Off || a.status != Off {
			m.setStatus(ai, ev.Status, ev.Aux, 0, ByRequest)
		}
		return ByNothing
	case AgentLost:
		if a.status == Off || a.status == Lost {
			return WrongStatus
		}
		m.setStatus(ai, Lost, a.aux, m.now+m.w.Grace, ByAgentGone)
		return ByNothing
	case AgentSlice:
		if ev.Client < None || int(ev.Client) >= len(m.cfg.Clients) {
			return UnknownClient
		}
		a.slice = ev.Client
	case AgentMoved:
		if ev.Pool < 0 || int(ev.Pool) >= len(m.pools) {
			return UnknownPool
		}
		a.pool = ev.Pool
	}
	m.releaseHeld(ai)
	m.emitAgent(ai, ByRequest)
	m.freeAgent(ai)
	return ByNothing
}

// --- reserve pools ---

func (m *naive) nextPeak(pi int) int64 {
	cp := m.cfg.Pools[pi]
	at := int64(0)
	for _, k := range cp.CallUp.Peaks {
		if t := max(k.From-cp.CallUp.Lead, 1); cp.Reserve && k.To > m.now && (at == 0 || t < at) {
			at = t
		}
	}
	return at
}

func (m *naive) setPool(pi int, open bool, until int64, auto bool, cause Cause) {
	p := m.pools[pi]
	p.open, p.auto, p.since, p.until = open, auto, m.now, 0
	if open && until > m.now {
		p.until = until
	}
	m.emit(Effect{Kind: PoolSet, Cause: cause, Pool: int32(pi), Open: open, Deadline: p.until, Agent: None, Queue: None, Client: None, Partner: None})
	p.wake = m.poolWake(pi)
}

func (m *naive) poolWake(pi int) int64 {
	p := m.pools[pi]
	switch {
	case p.open && p.until > 0:
		return p.until
	case p.open && p.auto:
		return m.now + Minute
	case p.open:
		return 0
	}
	return m.nextPeak(pi)
}

func (m *naive) backlog(pi int) int32 {
	n := int32(0)
	for _, q := range m.cfg.Pools[pi].CallUp.Queues {
		n += m.waiting(q)
	}
	return n
}

func (m *naive) roll(p *nPool) {
	minute := m.now / Minute
	if minute != p.minute {
		p.last = 0
		if minute == p.minute+1 {
			p.last = p.current
		}
		p.minute, p.current = minute, 0
	}
}

func (m *naive) noteArrival(q int32) {
	for pi, p := range m.pools {
		if m.cfg.Pools[pi].Reserve && slices.Contains(m.cfg.Pools[pi].CallUp.Queues, q) {
			m.roll(p)
			p.current++
		}
	}
}

func (m *naive) callUp(q int32) {
	for pi, p := range m.pools {
		if m.cfg.Pools[pi].Reserve && slices.Contains(m.cfg.Pools[pi].CallUp.Queues, q) && !p.open {
			if cause := m.wanted(pi); cause != ByNothing {
				m.setPool(pi, true, 0, true, cause)
			}
		}
	}
}

func (m *naive) wanted(pi int) Cause {
	cu, p := m.cfg.Pools[pi].CallUp, m.pools[pi]
	m.roll(p)
	for _, k := range cu.Peaks {
		if k.From-cu.Lead <= m.now && m.now < k.To {
			return ByPeak
		}
	}
	if cu.Waiting > 0 && m.backlog(pi) >= cu.Waiting {
		return ByBacklog
	}
	if cu.PerMin > 0 && max(p.last, p.current) >= cu.PerMin {
		return ByTrend
	}
	return ByNothing
}

func (m *naive) poolDue(pi int) {
	p, cu := m.pools[pi], m.cfg.Pools[pi].CallUp
	if !p.open {
		if cause := m.wanted(pi); cause != ByNothing {
			m.setPool(pi, true, 0, true, cause)
			return
		}
	} else if p.until > 0 && p.until <= m.now {
		m.setPool(pi, false, 0, false, ByExpired)
		return
	} else if p.auto && m.wanted(pi) == ByNothing && m.backlog(pi) <= cu.CloseAt && m.now-p.since >= orInt64(cu.MinOpen, 10*Minute) {
		m.setPool(pi, false, 0, false, ByCalm)
		return
	}
	p.wake = m.poolWake(pi)
	if p.wake != 0 && p.wake <= m.now {
		p.wake = m.now + Minute
	}
}

package engine

func (e *Engine) agentEvent(ev *Event) Cause {
	ai := ev.Agent
	a := &e.agents[ai]
	switch ev.Kind {
	case AgentState:
		switch ev.Status {
		case Off, Ready, NotReady:
			if ev.Status == Off && a.status == Off {
				return ByNothing
			}
			e.setStatus(ai, ev.Status, ev.Aux, 0, ByRequest)
		default:
			return WrongStatus
		}
	case AgentLost:
		if a.status == Off || a.status == Lost {
			return WrongStatus
		}
		e.setStatus(ai, Lost, a.aux, e.now+e.w.Grace, ByAgentGone)
	case AgentSlice:
		if ev.Client < None || int(ev.Client) >= len(e.cfg.Clients) {
			return UnknownClient
		}
		a.slice = ev.Client
		e.regroup(ai)
		e.releaseHeld(ai)
		e.emitAgent(ai, ByRequest)
		e.freeAgent(ai)
	case AgentMoved:
		if ev.Pool < 0 || int(ev.Pool) >= len(e.pools) {
			return UnknownPool
		}
		e.poolOut(a)
		a.pool = ev.Pool
		e.poolIn(a)
		e.regroup(ai)
		e.releaseHeld(ai)
		e.emitAgent(ai, ByRequest)
		e.freeAgent(ai)
	}
	return ByNothing
}

func (e *Engine) emitAgent(ai int32, cause Cause) {
	a := &e.agents[ai]
	e.emit(Effect{Kind: AgentSet, Cause: cause, Agent: ai, Status: a.status, Aux: a.aux, Deadline: a.until,
		Pool: a.pool, Client: a.slice, Queue: None, Partner: None})
}

// setStatus changes what an agent does. Leaving Ready returns offers at once and
// lets go the contacts that wait for this agent alone; signing out and losing the
// connection start the grace after which running work returns to its queue.
func (e *Engine) setStatus(ai int32, status AgentStatus, aux int16, until int64, cause Cause) {
	a := &e.agents[ai]
	was := a.status
	e.poolOut(a)
	a.status, a.aux, a.until = status, aux, until
	if status == Ready && (was == Off || !a.everSigned) {
		a.everSigned = true
		a.signedIn, a.idleSince, a.busyTotal, a.occupancy, a.missed = e.now, e.now, 0, 0, 0
		if a.busy > 0 {
			a.busySince = e.now
		}
	} else if status == Ready && was != Ready && a.busy == 0 && was != Paused {
		a.idleSince = e.now
	}
	if status == Off && a.busy > 0 {
		a.until = e.now + e.w.Grace
	}
	e.poolIn(a)
	e.reindex(ai)
	e.timers.set(agentTimer, ai, int64(ai), a.until)
	e.emitAgent(ai, cause)
	if status == Ready {
		e.freeAgent(ai)
		return
	}
	e.returnOffers(ai)
	e.releaseHeld(ai)
}

// returnOffers puts what is offered to an agent who went away back in its place.
func (e *Engine) returnOffers(ai int32) {
	for {
		found := None
		for _, wi := range e.agents[ai].works {
			if e.works[wi].state == workOffered {
				found = wi
				break
			}
		}
		if found == None {
			return
		}
		slot := e.works[found].slot
		e.voidOffer(found, ByAgentGone)
		e.contacts[slot].work = None
		e.enqueue(slot, ByAgentGone)
	}
}

// releaseHeld lets contacts that wait for an agent alone wait in their lanes when
// the agent is no longer able to take them.
func (e *Engine) releaseHeld(ai int32) {
	a := &e.agents[ai]
	for i := 0; i < len(a.held); {
		slot := a.held[i]
		if e.mayHold(&e.contacts[slot]) {
			i++
			continue
		}
		e.unhold(slot)
		e.enlane(slot)
		e.schedule(slot)
		e.touch(slot)
	}
}

// agentDue ends a pause, or the grace of an agent who is gone: running work
// returns to its queue with its age, wrap-up is closed.
func (e *Engine) agentDue(ai int32) {
	a := &e.agents[ai]
	switch a.status {
	case Paused:
		a.missed = 0
		e.setStatus(ai, Ready, a.aux, 0, ByExpired)
	case Lost, Off:
		for len(a.works) > 0 {
			wi := a.works[0]
			w := &e.works[wi]
			slot := w.slot
			state := w.state
			if state == workActive {
				e.emitWork(Ended, ByAgentGone, w)
			}
			e.emitWork(Wrapped, ByAgentGone, w)
			e.release(wi)
			if state == workActive {
				c := &e.contacts[slot]
				c.work = None
				c.entered, c.step = e.now, 0
				e.enqueue(slot, ByAgentGone)
			}
		}
		if a.status == Lost {
			e.setStatus(ai, Off, a.aux, 0, ByExpired)
		} else {
			a.until = 0
		}
	}
}

package simulation

import (
	"context"
	"math"

	"muster/routing/engine"
)

// purposes key a contact's random streams.
const (
	forHandle uint64 = iota + 1
	forWrap
	forPatience
	forAnswer
	forMiss
	forRedial
	forValue
	forPartner
	forBot
	forInvite
	forArrivals
	forDay
	forAgent
	forRedialDelay
)

// simContact is what the world knows of a contact and the engine does not.
type simContact struct {
	id         int64
	base       uint64
	arrived    int64
	offeredAt  int64
	acceptedAt int64
	endedAt    int64
	queue      int32
	agent      int32
	interval   int32
	offers     int32
	traced     int32 // position in the queue's trace + 1, 0 if drawn
	value      int16
	redial     uint8
}

type arrivalState struct {
	rng      stream
	at       float64 // microseconds into the interval
	interval int
	k        uint64
	factor   float64
}

type agentRun struct {
	shifts   []int64 // instant of each step: 2i starts segment i, 2i+1 ends it
	since    int64
	clients  []int32 // of accepted work, wrap-up included
	ready    bool
	leaving  bool
	absent   bool
	signed   bool // is not Off
	slice    int32
	stateAt  int64
	status   engine.AgentStatus
	stateAux int16
}

const slotBits = 24

type replication struct {
	m        *model
	e        *engine.Engine
	rep      uint64
	seq      uint64
	heap     []simEvent
	contacts []simContact
	free     []int32
	serial   int64
	open     int
	gens     []arrivalState
	agents   []agentRun
	st       *stats
	obs      *Observer
	segs     map[int64]*SegmentRecord
	events   int64
	log      func(at int64, ev engine.Event, effects []engine.Effect)
}

// drainLimit is how long after the last interval open contacts are followed.
const drainLimit = 24 * engine.Hour

func newReplication(m *model, rep int, obs *Observer) (*replication, error) {
	e, err := engine.New(m.cfg)
	if err != nil {
		return nil, err
	}
	r := &replication{m: m, e: e, rep: uint64(rep), st: newStats(m), obs: obs}
	if obs != nil {
		r.segs = map[int64]*SegmentRecord{}
	}
	r.gens = make([]arrivalState, len(m.queues))
	shared := keyed(m.sc.Seed, r.rep, forDay)
	day := shared.gamma(m.sc.DayFactor)
	for q := range r.gens {
		own := keyed(m.sc.Seed, r.rep, forDay, uint64(q)+1)
		r.gens[q] = arrivalState{interval: -1, factor: day * own.gamma(m.queues[q].dayCV)}
		r.nextArrival(int32(q))
	}
	r.agents = make([]agentRun, len(m.agents))
	for i := range r.agents {
		r.plan(int32(i))
	}
	return r, nil
}

func (c *simContact) rng(purpose uint64) stream {
	return stream{mix(c.base + purpose*0x9e3779b97f4a7c15)}
}

func (r *replication) contact(id int64) *simContact {
	c := &r.contacts[id&(1<<slotBits-1)]
	if c.id != id {
		return nil
	}
	return c
}

// run plays the replication to its end.
func (r *replication) run(ctx context.Context) error {
	stop := r.m.horizon + drainLimit
	for n := 0; ; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		at := int64(math.MaxInt64)
		if len(r.heap) > 0 {
			at = r.heap[0].at
		}
		timer := r.e.NextTimer()
		if min(at, timer) >= stop || (min(at, timer) >= r.m.horizon && r.open == 0 && r.onlyAgents()) {
			break
		}
		if timer <= at {
			r.apply(timer, engine.Event{Kind: engine.Tick})
			continue
		}
		r.step(r.pop())
	}
	r.finish()
	return nil
}

// onlyAgents says that nothing but shift changes and engine upkeep lies ahead.
func (r *replication) onlyAgents() bool {
	if r.obs != nil && len(r.segs) > 0 {
		return false
	}
	for i := range r.heap {
		if k := r.heap[i].kind; k != evAgent && k != evWrap && k != evLeave && k != evEnd && k != evAnswer {
			return false
		}
	}
	return true
}

func (r *replication) finish() {
	for i := range r.contacts {
		if c := &r.contacts[i]; c.id != 0 {
			r.st.lost(c, false)
			r.record(c, OutcomeOpen, r.m.horizon)
		}
	}
	for i := range r.agents {
		r.account(int32(i), r.m.horizon)
		r.recordState(int32(i), r.m.horizon)
	}
}

func (r *replication) step(x simEvent) {
	switch x.kind {
	case evArrival:
		g := &r.gens[x.ref]
		base := keyed(r.m.sc.Seed, r.rep, uint64(x.ref), uint64(g.interval)<<32|g.k)
		r.nextArrival(int32(x.ref))
		r.arrive(x.at, int32(x.ref), base.x, 0, x.arg)
	case evRedial:
		r.arrive(x.at, x.arg, uint64(x.ref), 1, 0)
	case evAnswer:
		if c := r.contact(x.ref); c != nil {
			r.apply(x.at, engine.OfWork(engine.OfferAccepted, x.ref, x.arg))
		}
	case evEnd:
		if c := r.contact(x.ref); c != nil && c.agent == x.arg {
			r.apply(x.at, engine.OfContact(engine.ContactEnded, x.ref))
		}
	case evWrap:
		r.apply(x.at, engine.OfWork(engine.WrapEnded, x.ref, x.arg))
	case evLeave:
		if c := r.contact(x.ref); c != nil && c.acceptedAt == 0 {
			r.apply(x.at, engine.OfContact(engine.ContactLeft, x.ref))
		}
	case evPartner, evBot, evInvite:
		if r.contact(x.ref) != nil {
			kind := engine.EventKind(x.arg)
			r.apply(x.at, engine.OfContact(kind, x.ref))
		}
	case evAgent:
		r.shift(x.at, int32(x.ref), int(x.arg))
	}
}

func (r *replication) arrive(at int64, q int32, base uint64, redial uint8, traced int32) {
	var slot int32
	if n := len(r.free); n > 0 {
		slot = r.free[n-1]
		r.free = r.free[:n-1]
	} else {
		r.contacts = append(r.contacts, simContact{})
		slot = int32(len(r.contacts) - 1)
	}
	r.serial++
	c := &r.contacts[slot]
	qm := &r.m.queues[q]
	*c = simContact{id: r.serial<<slotBits | int64(slot), base: base, arrived: at, queue: q, agent: engine.None, redial: redial, traced: traced,
		interval: int32(min((at-r.m.start)/r.m.interval, int64(r.m.intervals-1)))}
	rng := c.rng(forValue)
	c.value = int16(min(qm.value.draw(&rng), 1000))
	a := engine.Arrival{Contact: c.id, Queue: q, Intent: engine.None, Preferred: engine.None, Value: c.value,
		Urgency: int16(min(qm.urgency.draw(&rng), 1000))}
	if qm.high > 0 && rng.uniform() < qm.high {
		a.Priority = qm.highLevel
	}
	if traced > 0 {
		x := &qm.trace[traced-1]
		a.Priority, a.Value, c.value = x.Priority, x.Value, x.Value
	}
	r.open++
	r.st.arrived(c)
	r.apply(at, engine.Arrive(a))
	if c := r.contact(a.Contact); c != nil && c.acceptedAt == 0 {
		rng := c.rng(forPatience)
		p := qm.patience.draw(&rng)
		if traced > 0 && qm.trace[traced-1].PatienceS > 0 {
			p = qm.trace[traced-1].PatienceS
		}
		if p < 1e8 {
			r.push(simEvent{at: at + micros(p), kind: evLeave, ref: c.id})
		}
	}
}

// apply feeds the engine and lets the world react to the effects.
func (r *replication) apply(at int64, ev engine.Event) {
	r.events++
	effects := r.e.Apply(at, ev)
	if r.log != nil {
		r.log(at, ev, effects)
	}
	for i := range effects {
		r.react(&effects[i])
	}
}

func (r *replication) react(f *engine.Effect) {
	switch f.Kind {
	case engine.Offered:
		r.offered(f)
	case engine.Accepted:
		r.accepted(f)
	case engine.OfferEnded:
		r.recordSegmentEnd(f, f.At)
	case engine.Ended:
		r.ended(f)
	case engine.Wrapped:
		r.wrapped(f)
	case engine.HandedOver:
		r.handedOver(f)
	case engine.Invited:
		if c := r.contact(f.Contact); c != nil {
			rng := c.rng(forInvite + uint64(f.Step)<<8)
			if rng.uniform() < r.m.queues[c.queue].takesInvite {
				r.push(simEvent{at: f.At, kind: evInvite, ref: c.id, arg: int32(engine.InviteTaken)})
			}
		}
	case engine.Closed:
		r.closed(f)
	case engine.AgentSet:
		r.agentSet(f)
	case engine.Queued:
		if c := r.contact(f.Contact); c != nil && c.acceptedAt != 0 && f.Cause != engine.ByTransfer {
			c.acceptedAt, c.agent = 0, engine.None
		}
	}
}

func (r *replication) offered(f *engine.Effect) {
	c := r.contact(f.Contact)
	if c.offeredAt == 0 {
		c.offeredAt = f.At
	}
	c.offers++
	r.recordOffer(f, c)
	qm := &r.m.queues[c.queue]
	if r.m.cfg.Queues[c.queue].Auto {
		return
	}
	if qm.misses > 0 {
		rng := c.rng(forMiss + uint64(c.offers)<<8)
		if rng.uniform() < qm.misses {
			return
		}
	}
	delay := int64(0)
	if qm.answer.kind != constant || qm.answer.a > 0 {
		rng := c.rng(forAnswer + uint64(c.offers)<<8)
		delay = micros(min(qm.answer.draw(&rng), 1e7))
	}
	if at := f.At + delay; at < f.Deadline {
		r.push(simEvent{at: at, kind: evAnswer, ref: c.id, arg: f.Agent})
	}
}

func (r *replication) accepted(f *engine.Effect) {
	c := r.contact(f.Contact)
	c.acceptedAt, c.agent = f.At, f.Agent
	r.account(f.Agent, f.At)
	a := &r.agents[f.Agent]
	a.clients = append(a.clients, f.Client)
	r.recordAccept(f)
	qm := &r.m.queues[c.queue]
	rng := c.rng(forHandle)
	h := qm.handle.draw(&rng)
	if c.traced > 0 && qm.trace[c.traced-1].HandleS > 0 {
		h = qm.trace[c.traced-1].HandleS
	}
	if qm.skillEffect > 0 {
		h *= 1 + qm.skillEffect*(1-qm.level[f.Agent])
	}
	r.push(simEvent{at: f.At + micros(min(h, 1e8)), kind: evEnd, ref: c.id, arg: f.Agent})
}

func (r *replication) ended(f *engine.Effect) {
	if s := r.segs[f.Segment]; s != nil {
		s.Ended = f.At
	}
	c := r.contact(f.Contact)
	c.endedAt = f.At
	if f.Deadline == 0 {
		return
	}
	rng := c.rng(forWrap)
	if at := f.At + micros(min(r.m.queues[c.queue].wrap.draw(&rng), 1e8)); at < f.Deadline {
		r.push(simEvent{at: at, kind: evWrap, ref: c.id, arg: f.Agent})
	}
}

func (r *replication) wrapped(f *engine.Effect) {
	r.account(f.Agent, f.At)
	a := &r.agents[f.Agent]
	for i, cl := range a.clients {
		if cl == f.Client {
			a.clients = append(a.clients[:i], a.clients[i+1:]...)
			break
		}
	}
	r.recordSegmentEnd(f, f.At)
	if a.leaving && len(a.clients) == 0 {
		r.push(simEvent{at: f.At, kind: evAgent, ref: int64(f.Agent), arg: -1})
	}
}

func (r *replication) handedOver(f *engine.Effect) {
	c := r.contact(f.Contact)
	if f.Partner != engine.None {
		p := &r.m.partners[f.Partner]
		rng := c.rng(forPartner + uint64(f.Step)<<8)
		kind := engine.HandOverBack
		if rng.uniform() < p.Accepts {
			kind = engine.HandOverTaken
		}
		r.push(simEvent{at: f.At + micros(p.DelayS), kind: evPartner, ref: c.id, arg: int32(kind)})
		return
	}
	rng := c.rng(forBot + uint64(f.Step)<<8)
	kind := engine.HandOverBack
	if rng.uniform() < r.m.queues[c.queue].botSettles {
		kind = engine.HandOverTaken
	}
	r.push(simEvent{at: f.At, kind: evBot, ref: c.id, arg: int32(kind)})
}

func (r *replication) closed(f *engine.Effect) {
	c := r.contact(f.Contact)
	outcome := OutcomeHandled
	switch {
	case f.Cause == engine.ByLeaving && c.acceptedAt == 0:
		outcome = OutcomeAbandoned
		r.st.left(c, f.At-c.arrived)
		r.st.lost(c, true)
		qm := &r.m.queues[c.queue]
		if qm.redials > 0 && c.redial < 200 {
			rng := c.rng(forRedial)
			if rng.uniform() < qm.redials {
				d := qm.redialDelay.draw(&rng)
				if at := f.At + micros(min(d, 1e8)); at < r.m.horizon {
					r.push(simEvent{at: at, kind: evRedial, ref: int64(mix(c.base + forRedialDelay)), arg: c.queue})
				}
			}
		}
	case f.Cause == engine.ByTaken:
		outcome = OutcomeOverflowed
		r.st.overflowed(c, f.At, r.partnerCost(f))
	case f.Cause == engine.ByInvite:
		outcome = OutcomeInvited
		r.st.overflowed(c, f.At, 0)
	default:
		r.st.answered(c)
	}
	r.record(c, outcome, f.At)
	r.free = append(r.free, int32(c.id&(1<<slotBits-1)))
	c.id = 0
	r.open--
}

func (r *replication) partnerCost(f *engine.Effect) float64 {
	ladder := r.m.cfg.Queues[f.Queue].Ladder
	if s := ladder[f.Step]; s.Kind == engine.StepPartner {
		return r.m.partners[s.Partner].Cost
	}
	return 0
}

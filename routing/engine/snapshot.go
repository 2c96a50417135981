package engine

import (
	"slices"

	"muster/tenants/fault"
)

// SnapshotVersion is raised when the form of Snapshot changes.
const SnapshotVersion = 1

// Snapshot is the whole state as plain values, in a fixed order: two engines that
// will decide alike have equal snapshots. It can be built from stored rows.
type Snapshot struct {
	Version     int
	Config      Config
	Now         int64
	NextContact int64 // sequence numbers to be given next
	NextSegment int64
	Contacts    []ContactSnapshot // by Seq
	Works       []WorkSnapshot    // by Segment
	Agents      []AgentSnapshot   // by position
	Queues      []int32           // raised weight, permille, by position
	Pools       []PoolSnapshot    // by position
}

// ContactSnapshot is one open contact. State is "waiting", "offered", "active",
// "parked" or "handed".
type ContactSnapshot struct {
	Contact, Seq                      int64
	State                             string
	Queue, Intent, Preferred          int32
	Held                              bool // waits for Preferred alone
	Step, Invited, Offers             int16
	Priority, Value, Urgency, Emotion int16
	HumanOnly                         bool
	Arrived, Entered, Due             int64
	HoldUntil, Until                  int64
	Excluded                          []ExcludedSnapshot
}

// ExcludedSnapshot keeps an agent from a contact until an instant.
type ExcludedSnapshot struct {
	Agent int32
	Until int64
}

// WorkSnapshot is one open segment. State is "offered", "active" or "wrapping".
type WorkSnapshot struct {
	Segment, Contact int64
	State            string
	Agent, Queue     int32
	Since, Deadline  int64
}

// AgentSnapshot is one agent's state.
type AgentSnapshot struct {
	Status                         AgentStatus
	Signed                         bool // has ever been ready
	Aux, Missed                    int16
	Pool, Slice                    int32
	Occupancy                      int32
	IdleSince, SignedIn, BusySince int64
	BusyTotal, Until               int64
	Works                          []int64 // segments in the order they were offered
	Held                           []int64 // contacts that wait for the agent alone
}

// PoolSnapshot is one pool's state.
type PoolSnapshot struct {
	Open, Auto           bool
	Since, Until, Minute int64
	Current, Last        int32
	Wake                 int64
}

var contactStates = []string{"waiting", "offered", "active", "parked", "handed"}
var workStates = []string{"offered", "active", "wrapping"}

// Snapshot gives the state as plain values that share nothing with the engine but
// the configuration's slices, which are never written.
func (e *Engine) Snapshot() Snapshot {
	s := Snapshot{Version: SnapshotVersion, Config: e.cfg, Now: e.now, NextContact: e.nextSeq, NextSegment: e.nextSeg}
	for i := range e.contacts {
		if c := &e.contacts[i]; c.id != 0 {
			x := ContactSnapshot{Contact: c.id, Seq: c.seq, State: contactStates[c.state], Queue: c.queue, Intent: c.intent,
				Preferred: c.preferred, Held: c.held != None, Step: c.step, Invited: c.invited, Offers: c.offers,
				Priority: c.priority, Value: c.value, Urgency: c.urgency, Emotion: c.emotion, HumanOnly: c.humanOnly,
				Arrived: c.arrived, Entered: c.entered, Due: c.due, HoldUntil: c.holdUntil, Until: c.until}
			for _, o := range c.excl[:c.nexcl] {
				if o.until > e.now {
					x.Excluded = append(x.Excluded, ExcludedSnapshot{o.agent, o.until})
				}
			}
			s.Contacts = append(s.Contacts, x)
		}
	}
	slices.SortFunc(s.Contacts, func(a, b ContactSnapshot) int { return compare(a.Seq, b.Seq) })
	for i := range e.agents {
		a := &e.agents[i]
		x := AgentSnapshot{Status: a.status, Signed: a.everSigned, Aux: a.aux, Missed: a.missed, Pool: a.pool, Slice: a.slice,
			Occupancy: a.occupancy, IdleSince: a.idleSince, SignedIn: a.signedIn, BusySince: a.busySince, BusyTotal: a.busyTotal, Until: a.until}
		for _, wi := range a.works {
			w := &e.works[wi]
			x.Works = append(x.Works, w.segment)
			s.Works = append(s.Works, WorkSnapshot{Segment: w.segment, Contact: w.contact, State: workStates[w.state],
				Agent: w.agent, Queue: w.queue, Since: w.since, Deadline: w.deadline})
		}
		for _, slot := range a.held {
			x.Held = append(x.Held, e.contacts[slot].id)
		}
		s.Agents = append(s.Agents, x)
	}
	slices.SortFunc(s.Works, func(a, b WorkSnapshot) int { return compare(a.Segment, b.Segment) })
	for i := range e.queues {
		s.Queues = append(s.Queues, e.queues[i].raised)
	}
	for i := range e.pools {
		p := &e.pools[i]
		x := PoolSnapshot{Open: p.open, Auto: p.auto, Since: p.since, Until: p.until, Minute: p.minute, Current: p.current, Last: p.last}
		e.timers.room(poolTimer, int32(i))
		if pos := e.timers.pos[poolTimer][i]; pos != 0 {
			x.Wake = e.timers.heap[pos-1].at
		}
		s.Pools = append(s.Pools, x)
	}
	return s
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func broken(format string, args ...any) error {
	return fault.Newf(fault.Invalid, "routing.broken_snapshot", format, args...)
}

// Rebuild makes an engine from a snapshot: it decides from there on exactly as
// the engine that gave it. A snapshot that contradicts itself is an error of kind
// Invalid that names the row.
func Rebuild(s Snapshot) (*Engine, error) {
	if s.Version != SnapshotVersion {
		return nil, broken("the snapshot has version %d; this program reads version %d", s.Version, SnapshotVersion)
	}
	e, err := New(s.Config)
	if err != nil {
		return nil, err
	}
	if len(s.Agents) > len(e.agents) || len(s.Queues) > len(e.queues) || len(s.Pools) > len(e.pools) {
		return nil, broken("the snapshot has %d agents, %d queues and %d pools, its configuration fewer (%d, %d, %d)",
			len(s.Agents), len(s.Queues), len(s.Pools), len(e.agents), len(e.queues), len(e.pools))
	}
	e.now, e.nextSeq, e.nextSeg = s.Now, s.NextContact, s.NextSegment
	for i, raised := range s.Queues {
		e.queues[i].raised = min(max(raised, 1), maxWeight)
		e.weigh(int32(i))
	}
	for i, x := range s.Pools {
		p := &e.pools[i]
		p.open, p.auto, p.since, p.until, p.minute, p.current, p.last = x.Open, x.Auto, x.Since, x.Until, x.Minute, x.Current, x.Last
		e.gates = e.gates || !x.Open
		e.timers.set(poolTimer, int32(i), int64(i), x.Wake)
	}
	for i := range s.Contacts {
		if err := e.restoreContact(&s.Contacts[i]); err != nil {
			return nil, err
		}
	}
	for i := range s.Agents {
		if err := e.restoreAgent(int32(i), &s.Agents[i]); err != nil {
			return nil, err
		}
	}
	if err := e.restoreWorks(&s); err != nil {
		return nil, err
	}
	if err := e.restoreWaiting(&s); err != nil {
		return nil, err
	}
	for pi := range e.pools {
		for l := range e.lanes {
			e.pools[pi].gated.set(int32(l))
		}
	}
	return e, nil
}

func (e *Engine) restoreContact(x *ContactSnapshot) error {
	if x.Contact <= 0 || x.Seq <= 0 || x.Seq >= e.nextSeq {
		return broken("contact %d has sequence %d; it must lie below the next one, %d", x.Contact, x.Seq, e.nextSeq)
	}
	if _, dup := e.byID.get(x.Contact); dup {
		return broken("contact %d is there twice", x.Contact)
	}
	ev := Event{Queue: x.Queue, Intent: x.Intent, Preferred: x.Preferred}
	if cause := e.checkAttributes(&ev); cause != ByNothing {
		return broken("contact %d: %s", x.Contact, cause)
	}
	state := slices.Index(contactStates, x.State)
	if state < 0 {
		return broken("contact %d has the unknown state %q", x.Contact, x.State)
	}
	if x.Step < 0 || int(x.Step) >= len(e.cfg.Queues[x.Queue].Ladder) || len(x.Excluded) > maxExclusions {
		return broken("contact %d is at step %d with %d exclusions, which its queue does not have", x.Contact, x.Step, len(x.Excluded))
	}
	slot := e.newContact()
	c := &e.contacts[slot]
	*c = contact{id: x.Contact, seq: x.Seq, state: contactState(state), queue: x.Queue, intent: x.Intent, preferred: x.Preferred,
		held: None, lane: None, work: None, step: x.Step, invited: x.Invited, offers: x.Offers, priority: x.Priority, value: x.Value,
		urgency: x.Urgency, emotion: x.Emotion, humanOnly: x.HumanOnly, arrived: x.Arrived, entered: x.Entered, due: x.Due,
		holdUntil: x.HoldUntil, until: x.Until}
	for _, o := range x.Excluded {
		c.excl[c.nexcl] = exclusion{until: o.Until, agent: o.Agent}
		c.nexcl++
	}
	c.demand = e.demandOf(c.queue, c.intent)
	e.rank(c)
	e.byID.put(c.id, slot)
	return nil
}

func (e *Engine) restoreAgent(i int32, x *AgentSnapshot) error {
	a := &e.agents[i]
	if x.Pool < 0 || int(x.Pool) >= len(e.pools) || x.Slice < None || int(x.Slice) >= len(e.cfg.Clients) || int(x.Status) >= len(statusNames) {
		return broken("agent %d has pool %d, client %d or status %d, which do not exist", i, x.Pool, x.Slice, x.Status)
	}
	a.status, a.everSigned, a.aux, a.missed, a.pool, a.slice = x.Status, x.Signed, x.Aux, x.Missed, x.Pool, x.Slice
	a.occupancy, a.idleSince, a.signedIn, a.busySince, a.busyTotal, a.until = x.Occupancy, x.IdleSince, x.SignedIn, x.BusySince, x.BusyTotal, x.Until
	e.regroup(i)
	e.timers.set(agentTimer, i, int64(i), a.until)
	return nil
}

func (e *Engine) restoreWorks(s *Snapshot) error {
	bySegment := make(map[int64]int32, len(s.Works))
	for i := range s.Works {
		x := &s.Works[i]
		state := slices.Index(workStates, x.State)
		if state < 0 || x.Agent < 0 || int(x.Agent) >= len(e.agents) || x.Queue < 0 || int(x.Queue) >= len(e.queues) || x.Segment >= e.nextSeg {
			return broken("segment %d has state %q, agent %d or queue %d, which do not exist", x.Segment, x.State, x.Agent, x.Queue)
		}
		q := &e.cfg.Queues[x.Queue]
		pr := &e.profiles[e.agents[x.Agent].profile]
		capSlot := pr.slotOf(q.Channel)
		if capSlot < 0 {
			return broken("segment %d: agent %d has no capacity for the channel of queue %d", x.Segment, x.Agent, x.Queue)
		}
		wi := e.newWork()
		e.works[wi] = work{segment: x.Segment, contact: x.Contact, slot: None, agent: x.Agent, queue: x.Queue, client: q.Client,
			capSlot: capSlot, weight: pr.capacity[capSlot].Weight, state: workState(state), since: x.Since, deadline: x.Deadline}
		if state != int(workWrapping) {
			slot, ok := e.byID.get(x.Contact)
			if !ok || e.contacts[slot].work != None || contactStates[e.contacts[slot].state] != x.State {
				return broken("segment %d (%s) and contact %d do not agree", x.Segment, x.State, x.Contact)
			}
			e.works[wi].slot, e.contacts[slot].work = slot, wi
		}
		bySegment[x.Segment] = wi
		e.timers.set(workTimer, wi, x.Segment, x.Deadline)
	}
	seen := 0
	for i := range s.Agents {
		a := &e.agents[i]
		for _, segment := range s.Agents[i].Works {
			wi, ok := bySegment[segment]
			if !ok || e.works[wi].agent != int32(i) {
				return broken("agent %d lists segment %d, which is not its own", i, segment)
			}
			w := &e.works[wi]
			a.works = append(a.works, wi)
			a.used += w.weight
			a.count[w.capSlot]++
			if w.state != workOffered {
				a.busy++
			}
			seen++
		}
	}
	for i := range e.agents {
		e.poolIn(&e.agents[i])
		e.reindex(int32(i))
	}
	if seen != len(s.Works) {
		return broken("%d segments are there, the agents list %d", len(s.Works), seen)
	}
	return nil
}

func (e *Engine) restoreWaiting(s *Snapshot) error {
	for i := range s.Agents {
		for _, id := range s.Agents[i].Held {
			slot, ok := e.byID.get(id)
			if !ok || e.contacts[slot].state != waiting || e.contacts[slot].held != None {
				return broken("agent %d holds contact %d, which does not wait", i, id)
			}
			e.contacts[slot].held = int32(i)
			e.agents[i].held = append(e.agents[i].held, slot)
		}
	}
	for i := range s.Contacts {
		slot, _ := e.byID.get(s.Contacts[i].Contact)
		c := &e.contacts[slot]
		switch c.state {
		case waiting:
			e.queues[c.queue].waiting++
			if c.held == None {
				e.enlane(slot)
			}
			e.schedule(slot)
		case offered, active:
			if c.work == None {
				return broken("contact %d is %s but no segment names it", c.id, contactStates[c.state])
			}
		case parked, handed:
			e.schedule(slot)
		}
	}
	return nil
}

// reconfigure takes a new configuration over the running state and matches
// everything again. Positions must keep their meaning: entities may be added and
// changed, not removed.
func (e *Engine) reconfigure(cfg *Config) Cause {
	if cfg == nil {
		return BadConfig
	}
	s := e.Snapshot()
	if len(cfg.Clients) < len(e.cfg.Clients) || len(cfg.Channels) < len(e.cfg.Channels) || len(cfg.Skills) < len(e.cfg.Skills) ||
		len(cfg.Tiers) < len(e.cfg.Tiers) || len(cfg.Pools) < len(e.pools) || len(cfg.Queues) < len(e.queues) ||
		len(cfg.Agents) < len(e.agents) || len(cfg.Intents) < len(e.cfg.Intents) || len(cfg.Partners) < len(e.cfg.Partners) {
		return BadConfig
	}
	s.Config = *cfg
	for i := range s.Contacts {
		c := &s.Contacts[i]
		c.Step = min(c.Step, int16(len(cfg.Queues[c.Queue].Ladder)-1))
		if k := int(c.Invited); k >= 0 && (k >= len(cfg.Queues[c.Queue].Ladder) || !cfg.Queues[c.Queue].Ladder[k].invites()) {
			c.Invited = -1
		}
	}
	for i := range s.Agents { // where people moved an agent stands until the configuration says otherwise
		if cfg.Agents[i].Pool != e.cfg.Agents[i].Pool {
			s.Agents[i].Pool = cfg.Agents[i].Pool
		}
		if cfg.Agents[i].Slice != e.cfg.Agents[i].Slice {
			s.Agents[i].Slice = cfg.Agents[i].Slice
		}
	}
	for i := range s.Pools {
		if cfg.Pools[i].Reserve != e.cfg.Pools[i].Reserve {
			s.Pools[i] = PoolSnapshot{Open: !cfg.Pools[i].Reserve, Since: e.now}
		}
	}
	r, err := Rebuild(s)
	if err != nil {
		return BadConfig
	}
	out, reasons := e.out, e.reasons
	*e = *r
	e.out, e.reasons = out, reasons
	for i := range e.pools {
		if e.pools[i].auto || !e.pools[i].open {
			e.timers.set(poolTimer, int32(i), int64(i), e.poolWake(int32(i)))
		}
	}
	e.emit(Effect{Kind: ConfigSet, Agent: None, Queue: None, Client: None, Pool: None, Partner: None})
	for i := range e.agents {
		e.releaseHeld(int32(i))
		e.freeAgent(int32(i))
	}
	for i := range s.Contacts {
		if slot, open := e.byID.get(s.Contacts[i].Contact); open && e.contacts[slot].state == waiting {
			e.touch(slot)
		}
	}
	return ByNothing
}

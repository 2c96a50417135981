package simulation

import "muster/routing/engine"

// Outcome of a contact.
type Outcome string

// The outcomes.
const (
	OutcomeHandled    Outcome = "handled"
	OutcomeAbandoned  Outcome = "abandoned"
	OutcomeOverflowed Outcome = "overflowed" // a partner or the bot took it
	OutcomeInvited    Outcome = "invited"    // took a call-back or left a message
	OutcomeOpen       Outcome = "open"       // still open at the end of the run
)

// ContactRecord is one contact when it closed. Instants are microseconds UTC, 0 if
// the thing did not happen.
type ContactRecord struct {
	Replication int
	Contact     int64 // unique within the replication
	Client      string
	Queue       string
	Channel     string
	Arrived     int64
	Offered     int64 // first offer
	Accepted    int64
	Ended       int64
	Closed      int64
	Abandoned   int64
	Agent       string
	Outcome     Outcome
	Value       int
	Redial      int // 1 if the customer came back after giving up
	InTarget    bool
}

// SegmentRecord is one agent's part when its wrap-up ended or its offer was void.
type SegmentRecord struct {
	Replication int
	Contact     int64
	Segment     int64
	Client      string
	Queue       string
	Agent       string
	Offered     int64
	Accepted    int64
	Ended       int64
	Wrapped     int64 // end of the segment, also of an offer that came to nothing
	Cause       string
	Reason      *engine.Reason // a copy, if the scenario asks for reasons
}

// StateRecord is one stretch of an agent's state.
type StateRecord struct {
	Replication int
	Agent       string
	Status      engine.AgentStatus
	Aux         int
	Client      string // slice, empty for any
	From, To    int64
}

// Observer gets records as they complete. Any function may be nil. Within one
// replication calls come in the order of virtual time and never concurrently;
// replications run concurrently unless the run has one.
type Observer struct {
	Contact func(ContactRecord)
	Segment func(SegmentRecord)
	State   func(StateRecord)
}

func (r *replication) agentName(ai int32) string {
	if ai < 0 {
		return ""
	}
	return r.m.agents[ai].name
}

func (r *replication) record(c *simContact, outcome Outcome, closed int64) {
	if r.obs == nil || r.obs.Contact == nil {
		return
	}
	q := &r.m.cfg.Queues[c.queue]
	x := ContactRecord{Replication: int(r.rep), Contact: c.id >> slotBits, Client: r.m.cfg.Clients[q.Client].Name, Queue: q.Name,
		Channel: r.m.cfg.Channels[q.Channel].Name, Arrived: c.arrived, Offered: c.offeredAt, Accepted: c.acceptedAt,
		Ended: c.endedAt, Closed: closed, Agent: r.agentName(c.agent), Outcome: outcome, Value: int(c.value), Redial: int(c.redial),
		InTarget: c.acceptedAt != 0 && c.acceptedAt-c.arrived <= q.Target}
	if outcome == OutcomeAbandoned {
		x.Abandoned = closed
	}
	r.obs.Contact(x)
}

func (r *replication) recordOffer(f *engine.Effect, c *simContact) {
	if r.obs == nil || r.obs.Segment == nil {
		return
	}
	s := &SegmentRecord{Replication: int(r.rep), Contact: c.id >> slotBits, Segment: f.Segment, Client: r.m.cfg.Clients[f.Client].Name,
		Queue: r.m.cfg.Queues[f.Queue].Name, Agent: r.agentName(f.Agent), Offered: f.At}
	if f.Reason != nil {
		reason := f.Reason.Clone()
		s.Reason = &reason
	}
	r.segs[f.Segment] = s
}

func (r *replication) recordAccept(f *engine.Effect) {
	if s := r.segs[f.Segment]; s != nil {
		s.Accepted = f.At
	}
}

func (r *replication) recordSegmentEnd(f *engine.Effect, at int64) {
	s := r.segs[f.Segment]
	if s == nil {
		return
	}
	s.Wrapped, s.Cause = at, f.Cause.String()
	delete(r.segs, f.Segment)
	r.obs.Segment(*s)
}

func (r *replication) recordState(ai int32, now int64) {
	if r.obs == nil || r.obs.State == nil {
		return
	}
	a := &r.agents[ai]
	to := min(now, r.m.horizon)
	if a.status == engine.Off || to <= a.stateAt {
		return
	}
	x := StateRecord{Replication: int(r.rep), Agent: r.agentName(ai), Status: a.status, Aux: int(a.stateAux), From: a.stateAt, To: to}
	if a.slice != engine.None {
		x.Client = r.m.cfg.Clients[a.slice].Name
	}
	r.obs.State(x)
}

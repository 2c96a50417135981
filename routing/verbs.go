package routing

import (
	"context"
	"slices"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// The inputs by which people and partners steer what is already on the floor.
const (
	KindTransfer  Kind = "contact.transfer"
	KindPark      Kind = "contact.park"
	KindResume    Kind = "contact.resume"
	KindRequeue   Kind = "contact.requeue"
	KindInvite    Kind = "contact.invite_taken" // the customer takes the call-back or message
	KindTaken     Kind = "handover.taken"
	KindReturned  Kind = "handover.returned"
	KindPool      Kind = "agent.pool"
	KindSlice     Kind = "agent.slice"
	KindOpenPool  Kind = "pool.open"
	KindClosePool Kind = "pool.close"
	KindRaise     Kind = "queue.raise"
)

// Steering is what the steering inputs say beside the members of Input. Unused
// members are zero.
type Steering struct {
	ToQueue   ids.Queue        `json:"to_queue,omitzero"`
	ToAgent   ids.Agent        `json:"to_agent,omitzero"` // transfer, arrival: asked first
	ToClient  ids.Client       `json:"to_client,omitzero"`
	Until     calendar.Instant `json:"until,omitempty"`
	Due       calendar.Instant `json:"due,omitempty"` // arrival: to be answered by, in place of the queue's threshold
	Pool      string           `json:"pool,omitempty"`
	Weight    int32            `json:"weight,omitempty"` // of a queue, permille
	While     string           `json:"while,omitempty"`  // only while the agent is in this state
	Desk      bool             `json:"desk,omitempty"`   // the agent speaks of a contact of the own desk
	Callback  *CallbackRequest `json:"callback,omitempty"`
	Emotional int16            `json:"emotion,omitempty"` // permille
}

// steer turns a steering input into the engine's event; ok is false for other kinds.
func (w *leader) steer(in Input, agent, queue int32) (ev engine.Event, ok bool, err error) {
	pool := engine.None
	if in.Pool != "" {
		at, known := w.names.pool[in.Pool]
		if !known {
			return ev, true, fault.Newf(fault.NotFound, "routing.pool_not_found", "There is no pool %q.", in.Pool).With("pool", in.Pool)
		}
		pool = at
	}
	switch in.Kind {
	case KindTransfer:
		toQueue, toAgent := engine.None, engine.None
		if at, known := w.names.queue[in.ToQueue]; known {
			toQueue = at
		}
		if at, known := w.names.agent[in.ToAgent]; known {
			toAgent = at
		}
		return engine.Move(in.Number, toQueue, toAgent), true, nil
	case KindPark:
		return engine.Park(in.Number, int64(in.Until)), true, nil
	case KindResume:
		return engine.OfContact(engine.ContactResumed, in.Number), true, nil
	case KindRequeue:
		return engine.OfContact(engine.ContactRequeued, in.Number), true, nil
	case KindInvite:
		return engine.OfContact(engine.InviteTaken, in.Number), true, nil
	case KindTaken:
		return engine.OfContact(engine.HandOverTaken, in.Number), true, nil
	case KindReturned:
		return engine.OfContact(engine.HandOverBack, in.Number), true, nil
	case KindPool:
		return engine.MoveAgent(agent, pool), true, nil
	case KindSlice:
		client := engine.None
		for i, c := range w.names.Clients {
			if c == in.ToClient {
				client = int32(i)
			}
		}
		return engine.SetSlice(agent, client), true, nil
	case KindOpenPool:
		return engine.OpenPool(pool, int64(in.Until)), true, nil
	case KindClosePool:
		return engine.ClosePool(pool), true, nil
	case KindRaise:
		return engine.Raise(queue, in.Weight), true, nil
	}
	return ev, false, nil
}

// bars says why an input must not reach the engine although it names things that
// are there: what it was decided on has changed meanwhile.
func (c *change) bars(in Input) string {
	if a := c.w.rows.agents[in.Agent]; in.While != "" && (a == nil || a.State != in.While) {
		return "the agent is not " + in.While + " any more"
	}
	if in.Desk {
		if open := c.w.rows.byID[in.Contact]; open == nil || open.AgentID != in.Agent {
			return engine.WrongAgent.String()
		}
	}
	return ""
}

// onDesk finds a contact that the agent has accepted, is offered or has parked.
func (l *Live) onDesk(ctx context.Context, agent ids.Agent, contact ids.Contact) (Contact, error) {
	var c Contact
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		c, err = database.One[Contact](tx.Where("contact_id = ? AND agent_id = ?", contact, agent), "contact.not_open", "There is no such contact on your desk; it may have gone on to somebody else.")
		return err
	})
	return c, err
}

// Transfer gives a contact of the agent's desk to a queue of the same client, to an
// agent, or to an agent for that queue. Its age is kept.
func (l *Live) Transfer(ctx context.Context, agent ids.Agent, contact ids.Contact, toQueue ids.Queue, toAgent ids.Agent) (Outcome, error) {
	open, err := l.onDesk(ctx, agent, contact)
	if err != nil {
		return Outcome{}, err
	}
	if toQueue.IsZero() && toAgent.IsZero() || toAgent == agent {
		return Outcome{}, fault.New(fault.Invalid, "desk.no_target", "A transfer needs a queue or another agent.")
	}
	if !toQueue.IsZero() {
		if _, err := l.queue(ctx, scope.Clients(open.ClientID), toQueue); err != nil {
			return Outcome{}, err // another client's queue is the same as an absent one
		}
	}
	if !toAgent.IsZero() {
		if err := l.reachable(ctx, open.ClientID, toAgent); err != nil {
			return Outcome{}, err
		}
	}
	return l.do(ctx, Input{Kind: KindTransfer, Agent: agent, Contact: contact, Steering: Steering{ToQueue: toQueue, ToAgent: toAgent, Desk: true}}, "")
}

// reachable refuses an agent who is not ready or does not serve the client.
func (l *Live) reachable(ctx context.Context, client ids.Client, agent ids.Agent) error {
	var ready, serves int64
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Model(&Agent{}).Where("agent_id = ? AND state = 'ready'", agent).Count(&ready).Error; err != nil {
			return err
		}
		now := l.db.Now()
		return tx.Model(&people.AgentClient{}).Where("agent_id = ? AND client_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", agent, client, now, now).Count(&serves).Error
	})
	if err != nil {
		return err
	}
	if serves == 0 {
		return fault.New(fault.NotFound, "desk.agent_not_found", "There is no such agent on the floor.")
	}
	if ready == 0 {
		return fault.New(fault.Conflict, "desk.agent_away", "That agent is not ready now; choose another one or a queue.")
	}
	return nil
}

// parkLimit bounds how long a contact may be parked.
const parkLimit = 7 * calendar.Day

// Park lets a contact wait for its customer until an instant, when it comes back to
// the same agent first; the agent is free meanwhile.
func (l *Live) Park(ctx context.Context, agent ids.Agent, contact ids.Contact, until calendar.Instant) (Outcome, error) {
	if _, err := l.onDesk(ctx, agent, contact); err != nil {
		return Outcome{}, err
	}
	if now := l.db.Now(); until <= now || until > now+parkLimit {
		return Outcome{}, fault.New(fault.Invalid, "desk.park_time", "A contact can be parked until an instant within the next seven days.")
	}
	return l.do(ctx, Input{Kind: KindPark, Agent: agent, Contact: contact, Steering: Steering{Until: until, Desk: true}}, "")
}

// Resume takes a parked contact back before its time.
func (l *Live) Resume(ctx context.Context, agent ids.Agent, contact ids.Contact) (Outcome, error) {
	if _, err := l.onDesk(ctx, agent, contact); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindResume, Agent: agent, Contact: contact, Steering: Steering{Desk: true}}, "")
}

// Requeue gives a contact back to its queue with age, place and ladder step.
func (l *Live) Requeue(ctx context.Context, agent ids.Agent, contact ids.Contact) (Outcome, error) {
	if _, err := l.onDesk(ctx, agent, contact); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindRequeue, Agent: agent, Contact: contact, Steering: Steering{Desk: true}}, "")
}

// Settle tells that a bot or partner took a contact or gives it back.
func (l *Live) Settle(ctx context.Context, sc scope.Scope, contact ids.Contact, taken bool) (Outcome, error) {
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		_, err := database.One[Contact](tx.Where("contact_id = ? AND status = 'handed'", contact), "contact.not_handed", "The contact is not handed over now; it may have come back when its time was over.")
		return err
	}); err != nil {
		return Outcome{}, err
	}
	kind := KindReturned
	if taken {
		kind = KindTaken
	}
	return l.do(ctx, Input{Kind: kind, Contact: contact}, "")
}

// provider refuses a scope narrower than the provider: pools and agents are shared.
func provider(sc scope.Scope) error {
	if sc.IsProvider() && len(sc.Sites)+len(sc.Teams) == 0 {
		return nil
	}
	return fault.New(fault.Forbidden, "floor.provider_only", "Pools and agents serve several clients: your right to steer the floor must hold for the whole provider.")
}

// OpenPool opens a pool until an instant (0: until it is closed).
func (l *Live) OpenPool(ctx context.Context, sc scope.Scope, slug string, until calendar.Instant) (Outcome, error) {
	if err := provider(sc); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindOpenPool, Steering: Steering{Pool: slug, Until: until}}, "")
}

// ClosePool closes a pool: its agents get no further contacts from queues.
func (l *Live) ClosePool(ctx context.Context, sc scope.Scope, slug string) (Outcome, error) {
	if err := provider(sc); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindClosePool, Steering: Steering{Pool: slug}}, "")
}

// MoveAgent puts an agent into another pool until the configuration or a person says otherwise.
func (l *Live) MoveAgent(ctx context.Context, sc scope.Scope, agent ids.Agent, slug string) (Outcome, error) {
	if err := provider(sc); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindPool, Agent: agent, Steering: Steering{Pool: slug}}, "")
}

// SliceAgent lets an agent work for one client alone; the zero client means any.
func (l *Live) SliceAgent(ctx context.Context, sc scope.Scope, agent ids.Agent, client ids.Client) (Outcome, error) {
	if err := provider(sc); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindSlice, Agent: agent, Steering: Steering{ToClient: client}}, "")
}

// maxRaise bounds how far a queue can be raised, permille.
const maxRaise = 10_000

// RaiseQueue weighs a queue's lateness by permille until it is set back to 1000.
func (l *Live) RaiseQueue(ctx context.Context, sc scope.Scope, queue ids.Queue, weight int) (Outcome, error) {
	if _, err := l.queue(ctx, sc, queue); err != nil {
		return Outcome{}, err
	}
	if err := CheckWeight(weight); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindRaise, Queue: queue, Steering: Steering{Weight: int32(weight)}}, "")
}

// CheckWeight refuses a weight that no queue can be raised to.
func CheckWeight(weight int) error {
	if weight >= 100 && weight <= maxRaise {
		return nil
	}
	return fault.Newf(fault.Invalid, "floor.weight", "The weight %d is out of range: want permille between 100 and %d; 1000 is neutral.", weight, maxRaise).With("weight", weight)
}

// Targets are whom a contact can be given to.
type Targets struct {
	Queues []TargetQueue `json:"queues" doc:"Other queues of the same client"`
	Agents []TargetAgent `json:"agents" doc:"Ready agents who serve the client"`
}

// TargetQueue is a queue to transfer to.
type TargetQueue struct {
	ID      ids.Queue `json:"id"`
	Name    string    `json:"name"`
	Waiting int       `json:"waiting"`
}

// TargetAgent is an agent to transfer to.
type TargetAgent struct {
	ID    ids.Agent `json:"id"`
	Label string    `json:"label"`
	Busy  bool      `json:"busy"`
}

// Targets lists whom a contact of the agent's desk can be given to.
func (l *Live) Targets(ctx context.Context, agent ids.Agent, contact ids.Contact) (Targets, error) {
	out := Targets{Queues: []TargetQueue{}, Agents: []TargetAgent{}}
	open, err := l.onDesk(ctx, agent, contact)
	if err != nil {
		return out, err
	}
	f, err := l.Floor(ctx, scope.Provider())
	if err != nil {
		return out, err
	}
	for _, q := range f.Queues {
		if q.Queue.ClientID == open.ClientID && q.Queue.ID != open.QueueID {
			out.Queues = append(out.Queues, TargetQueue{ID: q.Queue.ID, Name: q.Queue.Name, Waiting: q.Waiting})
		}
	}
	for _, a := range f.Agents {
		if a.Agent.ID != agent && a.Live.State == "ready" && slices.Contains(a.Clients, open.ClientID) {
			out.Agents = append(out.Agents, TargetAgent{ID: a.Agent.ID, Label: a.Agent.Label, Busy: !a.Queue.IsZero()})
		}
	}
	return out, nil
}

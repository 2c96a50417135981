package engine

// contactState is where an open contact is.
type contactState uint8

const (
	waiting contactState = iota
	offered
	active
	parked
	handed
)

const maxExclusions = 4

type exclusion struct {
	until int64
	agent int32
}

// contact is one open demand.
type contact struct {
	id, seq                           int64
	arrived                           int64 // true arrival: ages and due times count from here
	entered                           int64 // the ladder counts from here: the arrival, or the last transfer
	due                               int64 // explicit, 0 if by target
	key                               int64 // due less credits: the order within a lane
	holdUntil                         int64
	until                             int64 // parked, handed: deadline
	queue, demand, intent             int32
	lane, lanePos                     int32
	work                              int32 // offered, active
	preferred                         int32
	held                              int32 // agent whose personal list it waits in, or None
	step                              int16
	invited                           int16 // last step that invited, -1 none
	offers                            int16
	priority, value, urgency, emotion int16
	tried                             int64 // relief round that failed
	nexcl                             int8
	state                             contactState
	humanOnly                         bool
	fresh                             bool
	excl                              [maxExclusions]exclusion
}

// workState is where one agent's part in a contact is.
type workState uint8

const (
	workOffered workState = iota
	workActive
	workWrapping
)

// work is a segment under way: an offer, the conversation or its wrap-up.
type work struct {
	segment, contact int64
	slot             int32 // contact slot; None while wrapping
	agent            int32
	queue            int32
	client           int32
	capSlot          int8
	state            workState
	weight           int32
	deadline         int64
	since            int64 // offered, accepted or ended at
}

type agent struct {
	status     AgentStatus
	aux        int16
	missed     int16
	queued     bool // on the freed list
	busy       int16
	profile    int32
	pool       int32
	slice      int32
	group      int32
	used       int32 // milli-agents of offers, work and wrap-up
	occupancy  int32 // permille, as of the last change to idle
	idleSince  int64
	signedIn   int64
	busySince  int64
	busyTotal  int64
	until      int64
	count      []int16 // by capacity slot
	pos        []int32 // by capacity slot × order: heap position + 1
	works      []int32
	held       []int32
	everSigned bool
}

type queueState struct {
	waiting int32
	raised  int32 // permille set by people
	weight  int64 // effective penalty weight
}

type demandKey struct{ queue, intent int32 }

// Engine is the state machine. It is not safe for concurrent use.
type Engine struct {
	cfg Config
	w   Weights
	now int64

	contacts []contact
	freeC    []int32
	works    []work
	freeW    []int32
	byID     *table
	nextSeq  int64
	nextSeg  int64

	agents       []agent
	groups       []group
	groupIndex   map[groupKey]int32
	profiles     []profile
	profileIndex map[string]int32
	demands      []demand
	demandIndex  map[demandKey]int32
	lanes        []lane
	waitingLanes bitset
	avail        []bitset // by channel: groups with at least one agent with room
	interrupts   []uint64
	ordersUsed   [orderCount]bool
	queues       []queueState
	pools        []pool
	watchers     [][]int32 // by queue: pools whose call-up watches it
	gates        bool      // some pool may refuse: it has shares or protection, or was closed
	bounded      bool      // some gate yields to the age bound, so that the bound is a deadline

	timers  timers
	freed   []int32
	freshC  []int32
	out     []Effect
	reasons []Reason
	front   []int32 // scratch: frontier of a best-first walk through a heap
	relief  bitset  // scratch
	round   int64
}

// New makes an engine with nobody signed in and nobody waiting. The error is the
// *fault.Error of Config.Validate.
func New(cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, w: cfg.Weights.withDefaults(), byID: newTable(),
		nextSeq: 1, nextSeg: 1,
		groupIndex: map[groupKey]int32{}, profileIndex: map[string]int32{}, demandIndex: map[demandKey]int32{}}
	e.interrupts = make([]uint64, len(cfg.Channels))
	for i := range cfg.Channels {
		for _, j := range cfg.Channels[i].Interrupts {
			e.interrupts[i] |= 1 << uint(j)
		}
	}
	e.avail = make([]bitset, len(cfg.Channels))
	e.queues = make([]queueState, len(cfg.Queues))
	e.watchers = make([][]int32, len(cfg.Queues))
	for i := range cfg.Queues {
		e.ordersUsed[orderOf(cfg.Queues[i].Strategy)] = true
		e.queues[i].raised = maxPermille
		e.weigh(int32(i))
	}
	e.makePools()
	e.agents = make([]agent, len(cfg.Agents))
	for i := range cfg.Agents {
		a := &cfg.Agents[i]
		p := e.internProfile(a)
		n := len(e.profiles[p].capacity)
		e.agents[i] = agent{profile: p, pool: a.Pool, slice: a.Slice, group: None,
			count: make([]int16, n), pos: make([]int32, n*int(orderCount))}
	}
	for q := range cfg.Queues {
		e.demandOf(int32(q), None)
	}
	for i := range e.agents {
		e.regroup(int32(i))
	}
	return e, nil
}

func (w Weights) withDefaults() Weights {
	w.PriorityCredit = orInt64(w.PriorityCredit, 30*Second)
	w.ValueCredit = orInt64(w.ValueCredit, 60*Second)
	w.UrgencyCredit = orInt64(w.UrgencyCredit, 60*Second)
	w.EmotionCredit = orInt64(w.EmotionCredit, 30*Second)
	w.Horizon = orInt64(w.Horizon, 5*Minute)
	w.Skill = orInt32(w.Skill, 40)
	w.Fit = orInt32(w.Fit, 30)
	w.Load = orInt32(w.Load, 20)
	w.Idle = orInt32(w.Idle, 30)
	w.IdleCap = orInt64(w.IdleCap, 3*Minute)
	w.OccupancyShift = orInt64(w.OccupancyShift, 300_000)
	w.Grace = orInt64(w.Grace, Minute)
	return w
}

// maxWeight bounds the effective penalty weight so that scores fit 64 bits.
const maxWeight = 1_000_000

// weigh computes a queue's effective penalty weight.
func (e *Engine) weigh(q int32) {
	cq := &e.cfg.Queues[q]
	w := int64(maxPermille)
	if !e.w.EvenHanded {
		w = int64(orInt32(e.cfg.Clients[cq.Client].Penalty, maxPermille)) * int64(orInt32(cq.Penalty, maxPermille)) / maxPermille
	}
	w = min(w, maxWeight) * int64(e.queues[q].raised) / maxPermille
	e.queues[q].weight = min(max(w, 1), maxWeight)
}

// NextTimer gives the instant of the earliest deadline; the caller applies a Tick
// then. It is MaxInt64 when nothing is pending.
func (e *Engine) NextTimer() int64 { return e.timers.next() }

// Config gives the configuration in force; it must not be changed.
func (e *Engine) Config() *Config { return &e.cfg }

// Apply feeds one event and gives its effects in order. Deadlines that passed up
// to now take effect first, in their order, and are matched together; then the
// event. An instant before the last one counts as the last one. An
// event that cannot be applied changes nothing and yields a Refused effect. The
// result is valid until the next Apply.
func (e *Engine) Apply(now int64, ev Event) []Effect {
	e.out, e.reasons = e.out[:0], e.reasons[:0]
	if now > e.now {
		e.now = now
	}
	if e.timers.next() <= e.now {
		for e.timers.next() <= e.now {
			t := e.timers.heap[0]
			e.timers.remove(0)
			e.fire(t)
		}
		e.settle()
	}
	if cause := e.dispatch(&ev); cause != ByNothing {
		e.emit(Effect{Kind: Refused, Cause: cause, Contact: ev.Contact, Agent: ev.Agent, Queue: ev.Queue, Client: ev.Client, Pool: ev.Pool, Partner: None})
	}
	e.settle()
	return e.out
}

func (e *Engine) fire(t timer) {
	switch t.kind {
	case contactTimer:
		e.contactDue(t.ref)
	case workTimer:
		e.workDue(t.ref)
	case agentTimer:
		e.agentDue(t.ref)
	case poolTimer:
		e.poolDue(t.ref)
	}
}

func (e *Engine) dispatch(ev *Event) Cause {
	switch ev.Kind {
	case Tick:
		return ByNothing
	case ContactArrived:
		return e.contactArrived(ev)
	case AgentState, AgentLost, AgentSlice, AgentMoved:
		if ev.Agent < 0 || int(ev.Agent) >= len(e.agents) {
			return UnknownAgent
		}
		return e.agentEvent(ev)
	case PoolOpened, PoolClosed:
		if ev.Pool < 0 || int(ev.Pool) >= len(e.pools) {
			return UnknownPool
		}
		e.setPool(ev.Pool, ev.Kind == PoolOpened, ev.Until, false, ByRequest)
		return ByNothing
	case QueueRaised:
		if ev.Queue < 0 || int(ev.Queue) >= len(e.queues) {
			return UnknownQueue
		}
		e.queues[ev.Queue].raised = min(max(ev.Weight, 1), maxWeight)
		e.weigh(ev.Queue)
		e.emit(Effect{Kind: QueueSet, Cause: ByRequest, Queue: ev.Queue, Client: e.cfg.Queues[ev.Queue].Client, Agent: None, Pool: None, Partner: None, Weight: e.queues[ev.Queue].raised})
		return ByNothing
	case Reconfigured:
		return e.reconfigure(ev.Config)
	}
	if int(ev.Kind) >= len(eventNames) {
		return UnknownKind
	}
	slot, open := e.byID.get(ev.Contact)
	if ev.Kind == WrapEnded {
		return e.wrapEnded(ev)
	}
	if !open {
		return UnknownContact
	}
	return e.contactEvent(slot, ev)
}

func (e *Engine) emit(f Effect) *Effect {
	f.At = e.now
	e.out = append(e.out, f)
	return &e.out[len(e.out)-1]
}

// emitContact emits an effect about an open contact.
func (e *Engine) emitContact(kind EffectKind, cause Cause, c *contact) *Effect {
	return e.emit(Effect{Kind: kind, Cause: cause, Contact: c.id, Queue: c.queue, Client: e.cfg.Queues[c.queue].Client,
		Step: c.step, Agent: None, Pool: None, Partner: None})
}

// emitWork emits an effect about a segment.
func (e *Engine) emitWork(kind EffectKind, cause Cause, w *work) *Effect {
	return e.emit(Effect{Kind: kind, Cause: cause, Contact: w.contact, Segment: w.segment, Agent: w.agent, Queue: w.queue,
		Client: w.client, Pool: e.agents[w.agent].pool, Partner: None})
}

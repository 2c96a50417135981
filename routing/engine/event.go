package engine

// EventKind names an input.
type EventKind uint8

// The inputs. Fields that a kind does not name are ignored.
const (
	Tick            EventKind = iota // time passed; fires due timers
	ContactArrived                   // Contact, Queue, Intent, Priority, Value, Urgency, Emotion, HumanOnly, Preferred, Due, Arrived
	ContactChanged                   // Contact and the same attributes: re-ranked in place
	ContactLeft                      // Contact: gave up or hung up; running work ends as with ContactEnded
	OfferAccepted                    // Contact, Agent
	OfferDeclined                    // Contact, Agent
	ContactEnded                     // Contact: the work is over, wrap-up begins
	WrapEnded                        // Contact, Agent
	ContactMoved                     // Contact, Queue, Preferred: transfer; keeps age
	ContactParked                    // Contact, Until: waits for the customer; capacity is free
	ContactResumed                   // Contact: back from parking, to the same agent first
	HandOverTaken                    // Contact: partner or bot accepted
	HandOverBack                     // Contact: partner or bot returned it
	InviteTaken                      // Contact: the customer took the call-back or message
	AgentState                       // Agent, Status, Aux
	AgentLost                        // Agent: connection gone; offers return now, work after a grace
	AgentSlice                       // Agent, Client: works for this client from now on (None: any)
	AgentMoved                       // Agent, Pool
	PoolOpened                       // Pool, Until (0: until closed)
	PoolClosed                       // Pool
	QueueRaised                      // Queue, Weight permille (1000 is neutral)
	Reconfigured                     // Config
	ContactRequeued                  // Contact: back to its queue with age, place and ladder step; the agent is spared for the back-off
)

var eventNames = []string{"tick", "contact_arrived", "contact_changed", "contact_left", "offer_accepted",
	"offer_declined", "contact_ended", "wrap_ended", "contact_moved", "contact_parked", "contact_resumed",
	"hand_over_taken", "hand_over_back", "invite_taken", "agent_state", "agent_lost", "agent_slice",
	"agent_moved", "pool_opened", "pool_closed", "queue_raised", "reconfigured", "contact_requeued"}

// String gives the stable name of the kind.
func (k EventKind) String() string { return nameOf(eventNames, int(k)) }

// AgentStatus is what an agent is doing as far as routing cares.
type AgentStatus uint8

// The statuses. Paused and Lost are set by the engine and end by deadline.
const (
	Off      AgentStatus = iota // signed out
	Ready                       // may get work
	NotReady                    // break, meal, training, meeting: see Aux
	Paused                      // after unanswered offers, until a deadline
	Lost                        // connection gone, until the grace ends
)

var statusNames = []string{"off", "ready", "not_ready", "paused", "lost"}

// String gives the stable name of the status.
func (s AgentStatus) String() string { return nameOf(statusNames, int(s)) }

// Event is one logged input: a plain value that can be stored and replayed.
// Make it with the constructors below, or set unused references to None.
type Event struct {
	Kind      EventKind
	Status    AgentStatus
	HumanOnly bool  // never to the bot or to a message (VIP lane)
	Aux       int16 // reason code of a status, passed through
	Priority  int16 // 0 is normal; each level earns PriorityCredit
	Value     int16 // customer value, permille
	Urgency   int16 // permille
	Emotion   int16 // permille
	Agent     int32
	Queue     int32
	Client    int32
	Pool      int32
	Intent    int32
	Preferred int32
	Weight    int32
	Contact   int64 // the caller's number for the contact, > 0, unique among open ones
	Due       int64 // explicit due instant; 0 means arrival + the queue's target
	Arrived   int64 // original arrival if it lies before now; 0 means now
	Until     int64
	Config    *Config `json:",omitempty"`
}

// Arrival describes a contact for ContactArrived and ContactChanged.
type Arrival struct {
	Contact                           int64
	Queue                             int32
	Intent                            int32 // None: the queue's needs alone
	Preferred                         int32 // None: nobody
	Priority, Value, Urgency, Emotion int16
	HumanOnly                         bool
	Due, Arrived                      int64
}

// Arrive makes a ContactArrived event.
func Arrive(a Arrival) Event {
	return Event{Kind: ContactArrived, Contact: a.Contact, Queue: a.Queue, Intent: a.Intent, Preferred: a.Preferred,
		Priority: a.Priority, Value: a.Value, Urgency: a.Urgency, Emotion: a.Emotion, HumanOnly: a.HumanOnly,
		Due: a.Due, Arrived: a.Arrived, Agent: None, Client: None, Pool: None}
}

// Change makes a ContactChanged event.
func Change(a Arrival) Event {
	ev := Arrive(a)
	ev.Kind = ContactChanged
	return ev
}

// OfContact makes an event that names only a contact.
func OfContact(kind EventKind, contact int64) Event { return OfWork(kind, contact, None) }

// OfWork makes an event that names a contact and an agent.
func OfWork(kind EventKind, contact int64, agent int32) Event {
	return Event{Kind: kind, Contact: contact, Agent: agent, Queue: None, Client: None, Pool: None, Intent: None, Preferred: None}
}

// Move makes a transfer to a queue (None: the same) and, if given, an agent first.
func Move(contact int64, queue, preferred int32) Event {
	ev := OfContact(ContactMoved, contact)
	ev.Queue, ev.Preferred = queue, preferred
	return ev
}

// Park makes a ContactParked event that returns by itself at until.
func Park(contact, until int64) Event {
	ev := OfContact(ContactParked, contact)
	ev.Until = until
	return ev
}

// SetStatus makes an AgentState event.
func SetStatus(agent int32, status AgentStatus, aux int16) Event {
	ev := OfWork(AgentState, 0, agent)
	ev.Status, ev.Aux = status, aux
	return ev
}

// SetSlice makes an AgentSlice event.
func SetSlice(agent, client int32) Event {
	ev := OfWork(AgentSlice, 0, agent)
	ev.Client = client
	return ev
}

// OfAgent makes an event that names only an agent.
func OfAgent(kind EventKind, agent int32) Event { return OfWork(kind, 0, agent) }

// MoveAgent makes an AgentMoved event.
func MoveAgent(agent, pool int32) Event {
	ev := OfWork(AgentMoved, 0, agent)
	ev.Pool = pool
	return ev
}

// OpenPool makes a PoolOpened event.
func OpenPool(pool int32, until int64) Event {
	ev := OfWork(PoolOpened, 0, None)
	ev.Pool, ev.Until = pool, until
	return ev
}

// ClosePool makes a PoolClosed event.
func ClosePool(pool int32) Event {
	ev := OfWork(PoolClosed, 0, None)
	ev.Pool = pool
	return ev
}

// Raise makes a QueueRaised event.
func Raise(queue, weight int32) Event {
	ev := OfWork(QueueRaised, 0, None)
	ev.Queue, ev.Weight = queue, weight
	return ev
}

// Reconfigure makes a Reconfigured event.
func Reconfigure(cfg *Config) Event {
	ev := OfWork(Reconfigured, 0, None)
	ev.Config = cfg
	return ev
}

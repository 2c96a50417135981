package engine

// EffectKind names an output.
type EffectKind uint8

// The outputs. Every effect names contact, queue and client where it has one.
const (
	Queued       EffectKind = iota // waits in Queue with Place; Cause says why (arrived, declined, …)
	Offered                        // to Agent until Deadline; Segment is new; Reason if explained
	Accepted                       // by Agent
	OfferEnded                     // the offer is void: Cause no_answer, declined, left, agent_gone
	Ended                          // work over; Deadline is the wrap-up limit, 0 if none
	Wrapped                        // the segment is closed, the capacity is free
	Widened                        // reached ladder Step
	HandedOver                     // to partner (Partner) or bot by Step until Deadline
	HandOverDone                   // Cause taken: the contact is closed here; returned or expired: waits again
	Invited                        // Step invites the customer to a call-back or message
	Parked                         // until Deadline
	Closed                         // the contact is gone from the engine; Cause says how
	AgentSet                       // Agent is now in Status until Deadline (0: open)
	PoolSet                        // Pool opened (Cause) or closed
	QueueSet                       // Queue's weight changed
	ConfigSet                      // configuration in force
	Refused                        // the event did nothing; Cause says why
)

var effectNames = []string{"queued", "offered", "accepted", "offer_ended", "ended", "wrapped", "widened",
	"handed_over", "hand_over_done", "invited", "parked", "closed", "agent_set", "pool_set", "queue_set",
	"config_set", "refused"}

// String gives the stable name of the kind.
func (k EffectKind) String() string { return nameOf(effectNames, int(k)) }

// Cause says why an effect happened; a stable code for records and screens.
type Cause uint8

// The causes.
const (
	ByNothing Cause = iota
	ByArrival
	ByDecline
	ByNoAnswer
	ByLeaving
	ByAgentGone
	ByTransfer
	ByParking
	ByDone
	ByLimit
	ByTaken
	ByReturned
	ByExpired
	ByInvite
	ByRequest
	ByPeak
	ByTrend
	ByBacklog
	ByCalm
	ByPreferred
	ByRequeue
	// Reasons of refusal.
	UnknownContact
	UnknownAgent
	UnknownQueue
	UnknownPool
	UnknownClient
	UnknownIntent
	UnknownKind
	DuplicateContact
	NotOffered
	NotActive
	NotWrapping
	NotHandedOver
	NotInvited
	NotParked
	WrongAgent
	WrongStatus
	WrongTime
	BadConfig
)

var causeNames = []string{"", "arrival", "decline", "no_answer", "leaving", "agent_gone", "transfer", "parking",
	"done", "limit", "taken", "returned", "expired", "invite", "request", "peak", "trend", "backlog", "calm",
	"preferred", "requeue", "unknown_contact", "unknown_agent", "unknown_queue", "unknown_pool", "unknown_client",
	"unknown_intent", "unknown_kind", "duplicate_contact", "not_offered", "not_active", "not_wrapping",
	"not_handed_over", "not_invited", "not_parked", "wrong_agent", "wrong_status", "wrong_time", "bad_config"}

// String gives the stable code.
func (c Cause) String() string { return nameOf(causeNames, int(c)) }

// Effect is one output: a plain value. The slice Apply returns, and the Reason
// inside, are valid until the next Apply; copy what is kept.
type Effect struct {
	Kind     EffectKind
	Cause    Cause
	Status   AgentStatus
	Open     bool // PoolSet: open now
	Aux      int16
	Step     int16
	Agent    int32
	Queue    int32
	Client   int32
	Pool     int32
	Partner  int32
	Place    int32 // Queued: contacts waiting in the queue, this one included
	Weight   int32
	At       int64
	Contact  int64
	Segment  int64 // the engine's number of the segment, growing over its life
	Deadline int64
	Reason   *Reason
}

// Reason explains one assignment in the words of the source documents:
// priority, skill match, availability, optimal agent.
type Reason struct {
	Rule         string // "best_agent": a contact chose; "best_contact": a freed agent chose; "preferred_agent"
	Strategy     Strategy
	Step         int16
	StepKind     StepKind
	Priority     PriorityPart
	SkillMatch   MatchPart
	Availability AvailabilityPart
	Agents       []AgentScore   // optimal agent: the top three, best first
	Contacts     []ContactScore // who goes first: the top three, best first (a freed agent chose)
}

// PriorityPart says how urgent the contact was.
type PriorityPart struct {
	Class   Class
	Score   int64
	Slack   int64 // microseconds until due after credits; negative means late
	Credit  int64 // microseconds granted for priority, value, urgency and emotion
	Penalty int32 // permille in force
}

// MatchPart counts agents by skill.
type MatchPart struct {
	Eligible int32 // agents that match at the contact's step, whatever their state
	Widened  int32 // of these, only because of a later step than the first
}

// AvailabilityPart counts agents by state and by rule.
type AvailabilityPart struct {
	Free      int32 // eligible agents with room
	Capped    int32 // of these, barred by the client's cap
	Reserved  int32 // barred by another client's reserve
	Protected int32 // barred by expert protection
	PoolShut  int32 // barred because their reserve pool is closed
}

// AgentScore is one candidate agent. Within a group of agents who differ only
// in load and idleness the best one stands for the group.
type AgentScore struct {
	Agent     int32
	Score     int64
	Skill     int32 // permille
	Fit       int32 // permille, falls with the step that admits the agent
	Load      int32 // milli-agents in use
	Idle      int64 // microseconds since the last work ended
	Occupancy int32 // permille of the time since sign-in
}

// ContactScore is one candidate contact.
type ContactScore struct {
	Contact int64
	Queue   int32
	Class   Class
	Score   int64
	Slack   int64
}

// Class orders contacts before any score.
type Class uint8

// The classes, first served first.
const (
	ClassPreferred Class = iota // waits for this very agent
	ClassStarving               // waited past its queue's age bound: by age alone
	ClassOwed                   // its client uses less than its guaranteed share
	ClassNormal
)

var classNames = []string{"preferred", "starving", "owed", "normal"}

// String gives the class's name.
func (c Class) String() string { return nameOf(classNames, int(c)) }

package engine

import (
	"strings"

	"muster/tenants/fault"
)

// None marks an absent reference in events, effects and snapshots.
const None int32 = -1

// Units: times and durations are microseconds, shares are permille, capacity
// is milli-agents (1000 is one whole agent), levels run from 0 to MaxLevel.
const (
	Second   int64 = 1_000_000
	Minute         = 60 * Second
	Hour           = 60 * Minute
	MaxLevel       = 100
	Whole    int32 = 1000
)

// Config is everything the engine knows before the first event. References are
// positions in the slices; positions are never reused, so a later Config may
// append entities but not remove them (archive an agent by never signing in).
type Config struct {
	Version  int64 // the version in force, copied into snapshots
	Clients  []Client
	Channels []Channel
	Skills   []string
	Tiers    []string // from junior to expert
	Pools    []Pool
	Partners []string
	Queues   []Queue
	Intents  []Intent
	Agents   []Agent
	Weights  Weights
	Reasons  ReasonMode
	// SampleEvery explains every n-th contact when Reasons is sampled; 0 means 100.
	SampleEvery int64
}

// Client is a company that buys; Penalty is the permille weight of a second of
// lateness, Value and Urgency scale the credits of Weights for its contacts
// (permille; 0 means 1000).
type Client struct {
	Name    string
	Penalty int32
	Value   int32
	Urgency int32
}

// Channel says how a kind of contact behaves.
type Channel struct {
	Name       string
	Interrupts []int32 // channels whose running work does not block this one
	Async      bool    // the customer does not wait on the line (mail, social)
}

// Need is one weighted dimension of skill.
type Need struct {
	Skill    int32
	MinLevel int16 // least level, 0..100
	Weight   int32 // weight in the skill score; 0 means 1
}

// Intent adds needs to those of the queue.
type Intent struct {
	Name  string
	Needs []Need
}

// StepKind says what an overflow step does.
type StepKind uint8

// The kinds of steps.
const (
	StepWiden    StepKind = iota // more tiers, pools or lower levels; place and age are kept
	StepPartner                  // hand over to a partner provider, accepted or returned
	StepBot                      // hand over to the bot, accepted or returned
	StepCallback                 // invite the customer to a call-back; waits on until accepted
	StepMessage                  // invite the customer to leave a message; waits on until accepted
)

var stepNames = []string{"widen", "partner", "bot", "callback", "message"}

// String gives the name used in files and reasons.
func (k StepKind) String() string { return nameOf(stepNames, int(k)) }

// Step is one rung of a ladder. Deadlines are absolute from the contact's
// arrival, so a long offer never pushes later steps back.
type Step struct {
	After   int64 // microseconds since arrival
	Kind    StepKind
	Tiers   []int32 // widen: allowed tiers; empty means as in the step before
	Pools   []int32 // widen: allowed pools; empty means as in the step before
	Relax   int16   // widen: levels taken off every MinLevel
	Partner int32   // partner: which one
	Lease   int64   // partner, bot: time to accept; 0 means 60 s
}

// invites says whether the step offers the customer something instead of waiting.
func (s *Step) invites() bool { return s.Kind == StepCallback || s.Kind == StepMessage }

// Strategy names how the best agent is chosen among the eligible ones.
type Strategy uint8

// The strategies.
const (
	Balanced      Strategy = iota // weighted score of skill, ladder fit, load and idleness
	LongestIdle                   // least loaded, then longest since the last work ended
	LeastOccupied                 // least loaded, then least busy share since sign-in
	BestSkill                     // highest skill score, then as longest idle
)

var strategyNames = []string{"balanced", "longest_idle", "least_occupied", "best_skill"}

// String gives the name used in files and reasons.
func (s Strategy) String() string { return nameOf(strategyNames, int(s)) }

// ParseStrategy reads a strategy's name; the error names the allowed ones.
func ParseStrategy(name string) (Strategy, error) {
	for i, n := range strategyNames {
		if n == name {
			return Strategy(i), nil
		}
	}
	return 0, fault.Newf(fault.Invalid, "routing.unknown_strategy",
		"strategy %q is not known; allowed: %s", name, strings.Join(strategyNames, ", "))
}

// NoAnswer is what happens to an agent who lets an offer ring out.
type NoAnswer struct {
	Backoff  int64 // the same contact is not offered to the agent again for so long; 0 means 30 s
	Pause    int64 // the agent gets nothing for so long; 0 means no pause
	MaxCount int16 // from this many in a row the pause is PauseLong; 0 means never
	Long     int64 // the long pause; 0 means 15 minutes
}

// Queue is client × channel × skill.
type Queue struct {
	Name      string
	Client    int32
	Channel   int32
	Needs     []Need
	Target    int64 // service-level target, microseconds from arrival to acceptance
	Ring      int64 // how long an offer may ring; 0 means 20 s
	WrapLimit int64 // longest wrap-up; 0 means the work ends with the contact
	Starve    int64 // time after the due time from which only older contacts go first; 0 means max(10 min, 2 × Target)
	Hold      int64 // how long a contact waits for its preferred agent alone
	Penalty   int32 // permille on top of the client's; 0 means 1000
	Strategy  Strategy
	Auto      bool // offers are accepted at once (forced answer)
	NoAnswer  NoAnswer
	Ladder    []Step // the first step is a widen with After 0
}

// Share is a client's right in a shared pool.
type Share struct {
	Client    int32
	Guarantee int32 // permille of the ready agents: below it the client goes first
	Reserve   int32 // milli-agents kept free for this client while it uses less
	Cap       int32 // permille of the ready agents it may use at once, at least one agent; 0 means no cap
}

// Protect keeps agents of a tier free for the queues whose first step names it.
type Protect struct {
	Tier int32
	Keep int32 // milli-agents
}

// Peak is an expected peak; a reserve pool opens Lead before it.
type Peak struct{ From, To int64 }

// CallUp says when a reserve pool opens and closes by itself.
type CallUp struct {
	Queues   []int32 // the watched queues
	Waiting  int32   // opens at so many waiting; 0 means never by count
	PerMin   int32   // opens at so many arrivals within the last full minute; 0 means never by trend
	Lead     int64   // opens so long before an expected peak
	Peaks    []Peak
	MinOpen  int64 // stays open at least so long; 0 means 10 minutes
	CloseAt  int32 // closes when no more than so many wait and no peak is on
	Disabled bool
}

// Pool is a set of agents shared by queues.
type Pool struct {
	Name    string
	Shares  []Share
	Protect []Protect
	Reserve bool // closed until called up or opened
	CallUp  CallUp
}

// SkillLevel is an agent's proficiency.
type SkillLevel struct {
	Skill int32
	Level int16 // 0..100
}

// ChannelCapacity is how much of a channel an agent handles at once.
type ChannelCapacity struct {
	Channel int32
	Max     int16 // contacts at once
	Weight  int32 // milli-agents each takes; 0 means 1000 / Max
}

// Agent is a person who answers.
type Agent struct {
	Name     string
	Pool     int32
	Tier     int32
	Skills   []SkillLevel
	Capacity []ChannelCapacity
	Slice    int32 // client the agent works for at sign-in, or None for any; changed by events
}

// Weights turn wishes into time and score. Zero means the default.
type Weights struct {
	PriorityCredit  int64 // microseconds of waiting granted per priority level (default 30 s)
	ValueCredit     int64 // at value 1000 (default 60 s)
	UrgencyCredit   int64 // at urgency 1000 (default 60 s)
	EmotionCredit   int64 // at emotion 1000 (default 30 s)
	Horizon         int64 // slack from which lateness starts to count (default 5 min)
	Skill           int32 // balanced: weight of the skill score (default 40)
	Fit             int32 // balanced: weight of the ladder fit (default 30)
	Load            int32 // balanced: weight of free capacity (default 20)
	Idle            int32 // balanced: weight of idleness (default 30)
	IdleCap         int64 // idleness that earns the full part (default 3 min)
	OccupancyShift  int64 // balanced: idleness taken off per permille of occupancy (default 0.3 s)
	ValueSkill      int32 // permille by which value 1000 raises the skill weight (default 0)
	Grace           int64 // time until work of a lost agent returns (default 60 s)
	EvenHanded      bool  // ignore penalty, value, urgency and emotion: plain age order
	IgnorePriority  bool  // also ignore priority
	StrictGuarantee bool  // clients under their guarantee go before starving contacts
}

// ReasonMode says how many decisions are explained; it never changes one.
type ReasonMode uint8

// The modes.
const (
	ReasonsOff ReasonMode = iota
	ReasonsSampled
	ReasonsFull
)

var reasonNames = []string{"off", "sampled", "full"}

// String gives the mode's name.
func (m ReasonMode) String() string { return nameOf(reasonNames, int(m)) }

// ParseReasonMode reads a mode's name.
func ParseReasonMode(name string) (ReasonMode, error) {
	for i, n := range reasonNames {
		if n == name {
			return ReasonMode(i), nil
		}
	}
	return 0, fault.Newf(fault.Invalid, "routing.unknown_reason_mode",
		"reason mode %q is not known; allowed: %s", name, strings.Join(reasonNames, ", "))
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "unknown"
}

func orInt64(v, d int64) int64 {
	if v == 0 {
		return d
	}
	return v
}

func orInt32(v, d int32) int32 {
	if v == 0 {
		return d
	}
	return v
}

package simulation

import (
	"encoding/json"
	"io"
	"time"

	"muster/tenants/fault"
)

// Scenario is everything a run needs. The JSON form has the same fields in
// snake case; names refer to names; times of day are seconds after Start; fields
// ending in _s are seconds, in _permille permille. Unknown fields are errors.
type Scenario struct {
	Name         string      `json:"name"`
	Start        time.Time   `json:"start"`                  // first instant; default 2026-01-05T00:00:00Z
	IntervalS    float64     `json:"interval_s,omitempty"`   // length of an interval; default 900
	Intervals    int         `json:"intervals"`              // how many intervals are simulated
	WarmUp       int         `json:"warm_up,omitempty"`      // first intervals left out of the totals
	DayFactor    float64     `json:"day_cv,omitempty"`       // coefficient of variation of the day factor all queues share
	Seed         uint64      `json:"seed,omitempty"`         // default 1
	Replications int         `json:"replications,omitempty"` // default 50
	Reasons      string      `json:"reasons,omitempty"`      // off (default), sampled, full: engine explanations
	Clients      []Client    `json:"clients"`
	Channels     []Channel   `json:"channels"`
	Skills       []string    `json:"skills,omitempty"`
	Tiers        []string    `json:"tiers"`
	Pools        []Pool      `json:"pools"`
	Partners     []Partner   `json:"partners,omitempty"`
	Queues       []Queue     `json:"queues"`
	Agents       []Agent     `json:"agents"`
	Adherence    Adherence   `json:"adherence,omitzero"`
	Weights      WeightsFile `json:"weights,omitzero"`
}

// Client is a company that buys. Penalty weighs lateness in routing, Value and
// Urgency those of its contacts; LateCost is what one contact answered late or lost costs, in the scenario's money.
type Client struct {
	Name            string  `json:"name"`
	PenaltyPermille int32   `json:"penalty_permille,omitempty"`
	ValuePermille   int32   `json:"value_permille,omitempty"`
	UrgencyPermille int32   `json:"urgency_permille,omitempty"`
	LateCost        float64 `json:"late_cost,omitempty"`
}

// Channel of contact.
type Channel struct {
	Name       string   `json:"name"`
	Interrupts []string `json:"interrupts,omitempty"`
	Async      bool     `json:"async,omitempty"`
}

// Share of a client in a pool: see engine.Share.
type Share struct {
	Client            string `json:"client"`
	GuaranteePermille int32  `json:"guarantee_permille,omitempty"`
	ReserveAgents     int32  `json:"reserve_agents,omitempty"`
	CapPermille       int32  `json:"cap_permille,omitempty"`
}

// Protect keeps agents of a tier for the queues that start there.
type Protect struct {
	Tier   string `json:"tier"`
	Agents int32  `json:"agents"`
}

// Peak is an expected peak, seconds after Start.
type Peak struct {
	FromS float64 `json:"from_s"`
	ToS   float64 `json:"to_s"`
}

// CallUp opens a reserve pool: see engine.CallUp.
type CallUp struct {
	Queues    []string `json:"queues,omitempty"`
	Waiting   int32    `json:"waiting,omitempty"`
	PerMinute int32    `json:"per_minute,omitempty"`
	LeadS     float64  `json:"lead_s,omitempty"`
	Peaks     []Peak   `json:"peaks,omitempty"`
	MinOpenS  float64  `json:"min_open_s,omitempty"`
	CloseAt   int32    `json:"close_at,omitempty"`
}

// Pool of agents.
type Pool struct {
	Name    string    `json:"name"`
	Shares  []Share   `json:"shares,omitempty"`
	Protect []Protect `json:"protect,omitempty"`
	Reserve bool      `json:"reserve,omitempty"`
	CallUp  CallUp    `json:"call_up,omitzero"`
}

// Partner provider: how it answers a hand-over.
type Partner struct {
	Name    string  `json:"name"`
	Accepts float64 `json:"accepts"` // probability
	DelayS  float64 `json:"delay_s,omitempty"`
	Cost    float64 `json:"cost,omitempty"` // per accepted contact
}

// Need of a skill: see engine.Need.
type Need struct {
	Skill    string `json:"skill"`
	MinLevel int16  `json:"min_level,omitempty"`
	Weight   int32  `json:"weight,omitempty"`
}

// Step of an overflow ladder: see engine.Step. Kind is widen (default), partner,
// bot, callback or message.
type Step struct {
	AfterS  float64  `json:"after_s"`
	Kind    string   `json:"kind,omitempty"`
	Tiers   []string `json:"tiers,omitempty"`
	Pools   []string `json:"pools,omitempty"`
	Relax   int16    `json:"relax,omitempty"`
	Partner string   `json:"partner,omitempty"`
	LeaseS  float64  `json:"lease_s,omitempty"`
}

// NoAnswer policy: see engine.NoAnswer.
type NoAnswer struct {
	BackoffS float64 `json:"backoff_s,omitempty"`
	PauseS   float64 `json:"pause_s,omitempty"`
	MaxCount int16   `json:"max_count,omitempty"`
	LongS    float64 `json:"long_s,omitempty"`
}

// Queue with its demand. Arrivals are expected contacts per interval; missing
// intervals count as zero.
type Queue struct {
	Name            string    `json:"name"`
	Client          string    `json:"client"`
	Channel         string    `json:"channel"`
	Needs           []Need    `json:"needs,omitempty"`
	TargetS         float64   `json:"target_s"`
	RingS           float64   `json:"ring_s,omitempty"`
	WrapLimitS      float64   `json:"wrap_limit_s,omitempty"` // default: 3600 if Wrap is given
	StarveS         float64   `json:"starve_s,omitempty"`
	HoldS           float64   `json:"hold_s,omitempty"`
	PenaltyPermille int32     `json:"penalty_permille,omitempty"`
	Strategy        string    `json:"strategy,omitempty"` // default balanced
	Auto            bool      `json:"auto,omitempty"`
	NoAnswer        NoAnswer  `json:"no_answer,omitzero"`
	Ladder          []Step    `json:"ladder"`
	Arrivals        []float64 `json:"arrivals"`
	DayFactor       float64   `json:"day_cv,omitempty"` // on top of the scenario's
	Trace           []Traced  `json:"trace,omitempty"`  // recorded contacts instead of Arrivals
	Handle          Dist      `json:"handle"`
	Wrap            Dist      `json:"wrap,omitzero"`
	Patience        Dist      `json:"patience,omitzero"` // default: never leaves
	Answer          Dist      `json:"answer,omitzero"`   // time an agent lets it ring; default at once
	Misses          float64   `json:"misses,omitempty"`  // probability that an agent lets an offer ring out
	Redials         float64   `json:"redials,omitempty"` // probability that a lost customer calls again
	RedialDelay     Dist      `json:"redial_delay,omitzero"`
	Value           Dist      `json:"value,omitzero"`   // customer value, permille
	Urgency         Dist      `json:"urgency,omitzero"` // permille
	High            float64   `json:"high,omitempty"`   // share of contacts with priority HighLevel
	HighLevel       int16     `json:"high_level,omitempty"`
	TakesInvite     float64   `json:"takes_invite,omitempty"` // probability to accept a call-back or message
	BotSettles      float64   `json:"bot_settles,omitempty"`  // probability that the bot settles it
	SkillEffect     float64   `json:"skill_effect,omitempty"` // handle time × (1 + effect × (1 − mean level/100))
}

// Traced is a recorded contact: the same in every replication. HandleS or
// PatienceS of 0 are drawn from the queue's distributions.
type Traced struct {
	AtS       float64 `json:"at_s"`
	HandleS   float64 `json:"handle_s,omitempty"`
	PatienceS float64 `json:"patience_s,omitempty"`
	Priority  int16   `json:"priority,omitempty"`
	Value     int16   `json:"value_permille,omitempty"`
}

// Dist is a distribution of seconds (or permille). Kind: constant, exponential,
// lognormal (Mean, CV), empirical (Values, drawn with replacement), uniform
// (Min, Max), never (patience without end). The zero value is constant 0.
type Dist struct {
	Kind   string    `json:"kind"`
	Mean   float64   `json:"mean,omitempty"`
	CV     float64   `json:"cv,omitempty"`
	Min    float64   `json:"min,omitempty"`
	Max    float64   `json:"max,omitempty"`
	Values []float64 `json:"values,omitempty"`
}

// Capacity of an agent on a channel: see engine.ChannelCapacity.
type Capacity struct {
	Channel        string `json:"channel"`
	Max            int16  `json:"max"`
	WeightPermille int32  `json:"weight_permille,omitempty"`
}

// SkillLevel of an agent.
type SkillLevel struct {
	Skill string `json:"skill"`
	Level int16  `json:"level"`
}

// Activity is a slice of an agent's day. Kind "work" is time for contacts, of one
// client if Client is given; any other kind (break, meal, training, meeting) keeps
// the agent from contacts. Times between activities are off.
type Activity struct {
	FromS  float64 `json:"from_s"`
	ToS    float64 `json:"to_s"`
	Kind   string  `json:"kind"`
	Client string  `json:"client,omitempty"`
}

// Agent is one person, or Count equal ones. Without activities the agent works all the time.
type Agent struct {
	Name       string       `json:"name"`
	Count      int          `json:"count,omitempty"`
	Pool       string       `json:"pool"`
	Tier       string       `json:"tier"`
	Skills     []SkillLevel `json:"skills,omitempty"`
	Capacity   []Capacity   `json:"capacity,omitempty"` // default: one contact of every channel, one at a time
	HourlyCost float64      `json:"hourly_cost,omitempty"`
	Activities []Activity   `json:"activities,omitempty"`
}

// Adherence is how people depart from the roster.
type Adherence struct {
	ShiftS float64 `json:"shift_s,omitempty"` // standard deviation of each activity's start
	Absent float64 `json:"absent,omitempty"`  // probability that an agent is absent the whole run
}

// WeightsFile is engine.Weights in file form.
type WeightsFile struct {
	PriorityCreditS  float64 `json:"priority_credit_s,omitempty"`
	ValueCreditS     float64 `json:"value_credit_s,omitempty"`
	UrgencyCreditS   float64 `json:"urgency_credit_s,omitempty"`
	EmotionCreditS   float64 `json:"emotion_credit_s,omitempty"`
	HorizonS         float64 `json:"horizon_s,omitempty"`
	Skill            int32   `json:"skill,omitempty"`
	Fit              int32   `json:"fit,omitempty"`
	Load             int32   `json:"load,omitempty"`
	Idle             int32   `json:"idle,omitempty"`
	IdleCapS         float64 `json:"idle_cap_s,omitempty"`
	GraceS           float64 `json:"grace_s,omitempty"`
	ValueSkill       int32   `json:"value_skill_permille,omitempty"`
	EvenHanded       bool    `json:"even_handed,omitempty"`
	IgnorePriority   bool    `json:"ignore_priority,omitempty"`
	StrictGuarantee  bool    `json:"strict_guarantee,omitempty"`
	OccupancyShiftMS float64 `json:"occupancy_shift_ms,omitempty"`
}

// Read reads the file form. Errors are *fault.Error of kind Invalid.
func Read(r io.Reader) (Scenario, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var s Scenario
	if err := d.Decode(&s); err != nil {
		return s, fault.Newf(fault.Invalid, "simulation.bad_scenario", "the scenario file cannot be read: %v", err)
	}
	return s, nil
}

// Check reports what is wrong with the scenario, as a run would.
func (sc Scenario) Check() error {
	_, err := compile(sc)
	return err
}

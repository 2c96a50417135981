package routing

import (
	"net/url"
	"slices"
	"strings"

	"muster/routing/engine"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/people"
)

// The documents of the live floor's settings. Clients, skills, teams, pools and
// partners are named by their slugs, queues as client/queue, agents by their
// numbers. A zero means the default that the field names.

// ProviderPolicy holds for every client.
type ProviderPolicy struct {
	Weights     WeightPolicy    `json:"weights,omitzero"`
	Channels    []ChannelPolicy `json:"channels,omitempty" doc:"How much of a channel an agent handles at once; a channel that is not listed takes one contact, chat what the terms of the queues say"`
	Reasons     string          `json:"reasons,omitempty" doc:"How many decisions are explained: off, sampled or full (default); it never changes a decision"`
	SampleEvery int             `json:"sample_every,omitempty" minimum:"0" maximum:"1000000" doc:"Sampled: every n-th contact; 0 is 100"`
	Alerts      AlertPolicy     `json:"alerts,omitzero" doc:"Thresholds of the floor's alerts"`
}

// WeightPolicy turns wishes into time and score.
type WeightPolicy struct {
	PrioritySeconds int  `json:"priority_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Waiting granted per priority level; 0 is 30"`
	ValueSeconds    int  `json:"value_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Waiting granted to a customer of value 1000; 0 is 60"`
	UrgencySeconds  int  `json:"urgency_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Waiting granted at urgency 1000; 0 is 60"`
	EmotionSeconds  int  `json:"emotion_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Waiting granted at emotion 1000; 0 is 30"`
	HorizonSeconds  int  `json:"horizon_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Slack from which lateness starts to count; 0 is 300"`
	Skill           int  `json:"skill,omitempty" minimum:"0" maximum:"1000" doc:"Balanced: weight of the skill score; 0 is 40"`
	Fit             int  `json:"fit,omitempty" minimum:"0" maximum:"1000" doc:"Balanced: weight of the ladder fit; 0 is 30"`
	Load            int  `json:"load,omitempty" minimum:"0" maximum:"1000" doc:"Balanced: weight of free capacity; 0 is 20"`
	Idle            int  `json:"idle,omitempty" minimum:"0" maximum:"1000" doc:"Balanced: weight of idleness since the last work ended; 0 is 30"`
	IdleCapSeconds  int  `json:"idle_cap_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Balanced: idleness that earns the full part; 0 is 180"`
	ValueSkill      int  `json:"value_skill,omitempty" minimum:"0" maximum:"10000" doc:"Permille by which value 1000 raises the weight of skill"`
	GraceSeconds    int  `json:"grace_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Until accepted work of a lost agent returns; 0 is 60"`
	EvenHanded      bool `json:"even_handed,omitempty" doc:"Plain age order: no penalty, value, urgency, emotion"`
	IgnorePriority  bool `json:"ignore_priority,omitempty"`
	StrictGuarantee bool `json:"strict_guarantee,omitempty" doc:"Clients under their guarantee go before contacts past their age bound"`
}

// ChannelPolicy is how much of a channel an agent handles at once.
type ChannelPolicy struct {
	Channel    string   `json:"channel" doc:"voice, chat, mail, app or social"`
	Max        int      `json:"max" minimum:"1" maximum:"50" doc:"Contacts at once"`
	Weight     int      `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"Permille of an agent that each takes; 0 is 1000 divided by max"`
	Interrupts []string `json:"interrupts,omitempty" doc:"Channels whose running work does not block this one"`
}

// AlertPolicy says from when on the floor calls for attention; 0 is the default.
type AlertPolicy struct {
	Waiting            int `json:"waiting,omitempty" minimum:"0" maximum:"100000" doc:"Contacts waiting in a queue; 0: no alert by count"`
	OldestSeconds      int `json:"oldest_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Longest wait; 0 is twice the queue's threshold"`
	ServiceLevelPoints int `json:"service_level_points,omitempty" minimum:"0" maximum:"100" doc:"Percentage points by which today's service level may lie below the goal; 0: none"`
	ProjectedPoints    int `json:"projected_points,omitempty" minimum:"0" maximum:"100" doc:"The same of the level projected to the day's end; 0: none"`
	OutMinutes         int `json:"out_minutes,omitempty" minimum:"0" maximum:"1440" doc:"Minutes an agent may be out of adherence; 0 is 10"`
}

// ClientPolicy weighs one client against the others; 0 is 1000 permille.
type ClientPolicy struct {
	Penalty int `json:"penalty,omitempty" minimum:"0" maximum:"100000" doc:"Permille weight of a second of lateness; 0 is 1000"`
	Value   int `json:"value,omitempty" minimum:"0" maximum:"100000" doc:"Permille weight of a customer's value; 0 is 1000"`
	Urgency int `json:"urgency,omitempty" minimum:"0" maximum:"100000" doc:"Permille weight of urgency; 0 is 1000"`
}

// NoAnswerPolicy is what happens to an agent who lets an offer ring out.
type NoAnswerPolicy struct {
	BackoffSeconds   int `json:"backoff_seconds,omitempty" minimum:"0" maximum:"86400" doc:"The same contact is not offered to the agent again for so long; 0 is 30"`
	PauseSeconds     int `json:"pause_seconds,omitempty" minimum:"0" maximum:"86400" doc:"The agent gets nothing for so long; 0: no pause"`
	MaxInARow        int `json:"max_in_a_row,omitempty" minimum:"0" maximum:"100" doc:"From so many in a row the long pause; 0: never"`
	LongPauseSeconds int `json:"long_pause_seconds,omitempty" minimum:"0" maximum:"86400" doc:"0 is 900"`
}

// NeedPolicy is one more dimension of skill beside the queue's own.
type NeedPolicy struct {
	Skill    string `json:"skill"`
	MinLevel int    `json:"min_level" minimum:"0" maximum:"100"`
	Weight   int    `json:"weight,omitempty" minimum:"0" maximum:"1000" doc:"In the skill score; 0 is 1"`
}

// StepPolicy is one rung of an overflow ladder; its deadline counts from arrival.
type StepPolicy struct {
	AfterSeconds        int      `json:"after_seconds" minimum:"0" maximum:"604800" doc:"Since the contact's arrival"`
	Kind                string   `json:"kind" doc:"widen, partner, callback, message or bot"`
	Tiers               []string `json:"tiers,omitempty" doc:"widen: allowed tiers; empty: as in the step before"`
	Pools               []string `json:"pools,omitempty" doc:"widen: allowed pools; own is the client's, shared that of agents of several clients; empty: as before"`
	Relax               int      `json:"relax,omitempty" minimum:"0" maximum:"100" doc:"widen: taken off every least level"`
	Partner             string   `json:"partner,omitempty" doc:"partner: which one"`
	AcceptWithinSeconds int      `json:"accept_within_seconds,omitempty" minimum:"0" maximum:"86400" doc:"partner, bot: time to accept; 0 is 60"`
}

// QueuePolicy is how one queue is routed.
type QueuePolicy struct {
	Strategy           string         `json:"strategy,omitempty" doc:"balanced (default), longest_idle, least_occupied or best_skill"`
	RingSeconds        int            `json:"ring_seconds,omitempty" minimum:"0" maximum:"3600" doc:"0 is 20"`
	WrapSeconds        int            `json:"wrap_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Longest wrap-up; 0 is 120"`
	NoWrap             bool           `json:"no_wrap,omitempty" doc:"The work ends with the contact"`
	PreferredSeconds   int            `json:"preferred_seconds,omitempty" minimum:"0" maximum:"86400" doc:"How long a contact waits for its preferred agent alone"`
	StarveSeconds      int            `json:"starve_seconds,omitempty" minimum:"0" maximum:"604800" doc:"Past the due time, from when on only age counts; 0 is 600 or twice the threshold"`
	Penalty            int            `json:"penalty,omitempty" minimum:"0" maximum:"100000" doc:"Permille on top of the client's; 0 is 1000"`
	ForcedAnswer       bool           `json:"forced_answer,omitempty" doc:"Offers are accepted at once"`
	HumanOnly          bool           `json:"human_only,omitempty" doc:"Never to a bot or a message"`
	HumanOnlyFromValue int            `json:"human_only_from_value,omitempty" minimum:"0" maximum:"1000" doc:"Customers of this value and more never go to a bot or a message; 0: nobody by value"`
	NoAnswer           NoAnswerPolicy `json:"no_answer,omitzero"`
	Needs              []NeedPolicy   `json:"needs,omitempty"`
	Ladder             []StepPolicy   `json:"ladder,omitempty" doc:"Empty: the client's own agents, after 20 s those of several clients too"`
	Script             string         `json:"script,omitempty" maxLength:"20000" doc:"What the agent reads on the desk"`
	Alerts             *AlertPolicy   `json:"alerts,omitempty" doc:"In place of the provider's thresholds"`
}

// SharePolicy is a client's right in a shared pool.
type SharePolicy struct {
	Client        string `json:"client"`
	Guarantee     int    `json:"guarantee,omitempty" minimum:"0" maximum:"1000" doc:"Permille of the ready agents: below it the client goes first"`
	ReserveAgents int    `json:"reserve_agents,omitempty" minimum:"0" maximum:"10000" doc:"Agents kept free while the client uses less"`
	Cap           int    `json:"cap,omitempty" minimum:"0" maximum:"1000" doc:"Permille of the ready agents it may use at once; 0: no cap"`
}

// ProtectPolicy keeps agents of a tier free for the queues whose first step names it.
type ProtectPolicy struct {
	Tier string `json:"tier"`
	Keep int    `json:"keep" minimum:"1" maximum:"10000" doc:"Agents"`
}

// MemberPolicy says who belongs to a pool: the agents by number, and those who are
// in one of the teams and in one of the tiers (an empty list admits all, two empty nobody).
type MemberPolicy struct {
	Agents []string `json:"agents,omitempty"`
	Teams  []string `json:"teams,omitempty"`
	Tiers  []string `json:"tiers,omitempty"`
}

// The modes of calling a reserve pool up.
const (
	CallUpOff       = "off"
	CallUpPropose   = "propose"
	CallUpAutomatic = "automatic"
)

// CallUpPolicy says when a reserve pool opens.
type CallUpPolicy struct {
	Mode           string   `json:"mode,omitempty" doc:"off, propose (default: an alert with the action ready) or automatic"`
	Queues         []string `json:"queues,omitempty" doc:"Watched queues as client/queue; empty: all whose ladder names the pool"`
	Waiting        int      `json:"waiting,omitempty" minimum:"0" maximum:"100000" doc:"Opens at so many waiting; 0: never by count"`
	PerMinute      int      `json:"per_minute,omitempty" minimum:"0" maximum:"100000" doc:"Opens at so many arrivals within a minute; 0: never by trend"`
	LeadMinutes    int      `json:"lead_minutes,omitempty" minimum:"0" maximum:"1440" doc:"So long before an expected peak; 0 is 30"`
	GapAgents      int      `json:"gap_agents,omitempty" minimum:"0" maximum:"10000" doc:"A peak is where so many agents are missing; 0 is 1"`
	MinOpenMinutes int      `json:"min_open_minutes,omitempty" minimum:"0" maximum:"1440" doc:"0 is 10"`
	CloseAt        int      `json:"close_at,omitempty" minimum:"0" maximum:"100000" doc:"Closes when no more than so many wait"`
}

// PoolPolicy is a set of agents that queues share.
type PoolPolicy struct {
	Name    string          `json:"name" minLength:"1" maxLength:"200"`
	Members MemberPolicy    `json:"members,omitzero"`
	Shares  []SharePolicy   `json:"shares,omitempty"`
	Protect []ProtectPolicy `json:"protect,omitempty"`
	Reserve bool            `json:"reserve,omitempty" doc:"Closed until it is called up or opened"`
	CallUp  CallUpPolicy    `json:"call_up,omitzero"`
}

// PartnerPolicy is another provider to whom contacts are handed over.
type PartnerPolicy struct {
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	URL    string `json:"url" format:"uri" maxLength:"2000" doc:"Receives the hand-over as a signed POST"`
	Secret string `json:"secret,omitempty" maxLength:"500" doc:"Signs both ways, at least 16 characters; write only, empty keeps the one that is stored"`
	Sealed string `json:"sealed,omitempty" readOnly:"true" doc:"Never sent"`
	Paused bool   `json:"paused,omitempty" doc:"Nothing is sent; hand-overs come back when their time is over"`
}

// reserved are names of pools that the configuration makes by itself.
var reserved = []string{"own", sharedPool}

// check reports the first thing of a pool's document that is wrong by itself.
func (p PoolPolicy) check(slug string) error {
	if err := contract.CheckSlug("pool", slug); err != nil {
		return err
	}
	if slices.Contains(reserved, slug) && slug != sharedPool {
		return fault.Newf(fault.Invalid, "routing.reserved_name", "The pool %q is made by itself; choose another slug.", slug).With("name", slug)
	}
	if strings.TrimSpace(p.Name) == "" {
		return fault.New(fault.Invalid, "routing.no_name", "The pool needs a name.")
	}
	if slug == sharedPool && (p.Reserve || len(p.Members.Agents)+len(p.Members.Teams)+len(p.Members.Tiers) > 0) {
		return fault.New(fault.Invalid, "routing.shared_members", "The pool \"shared\" holds the agents of several clients who are in no other pool; it takes no members of its own and cannot be a reserve.")
	}
	return oneOf("call_up.mode", p.CallUp.Mode, "", CallUpOff, CallUpPropose, CallUpAutomatic)
}

// check reports the first thing of a partner's document that is wrong. A partner is
// reached by https; plain http is taken for this very machine only.
func (p PartnerPolicy) check(slug string) error {
	if err := contract.CheckSlug("partner", slug); err != nil {
		return err
	}
	if strings.TrimSpace(p.Name) == "" {
		return fault.New(fault.Invalid, "routing.no_name", "The partner needs a name.")
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return fault.Newf(fault.Invalid, "routing.partner_url", "The partner's address %q must be an https address without user and password.", p.URL).With("url", p.URL)
	}
	if p.Secret != "" && len(p.Secret) < 16 {
		return fault.New(fault.Invalid, "routing.partner_secret", "The partner's secret must have at least 16 characters.")
	}
	return nil
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// oneOf refuses a word that is not among the allowed ones.
func oneOf(field, word string, allowed ...string) error {
	if slices.Contains(allowed, word) {
		return nil
	}
	named := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
	return fault.Newf(fault.Invalid, "routing.unknown_word", "%s is %q: use one of %s.", field, word, strings.Join(named, ", ")).With("field", field).With("value", word).With("allowed", strings.Join(named, ", "))
}

// stepKind reads the name of a step's kind.
func stepKind(name string) (engine.StepKind, error) {
	var k engine.StepKind
	if err := k.UnmarshalText([]byte(name)); err != nil {
		return 0, oneOf("ladder.kind", name, "widen", "partner", "callback", "message", "bot")
	}
	return k, nil
}

// tierAt gives a tier's position.
func tierAt(name string) (int32, error) {
	i := slices.Index(people.Tiers(), people.Tier(name))
	if i < 0 {
		return 0, oneOf("tier", name, string(people.Junior), string(people.Middle), string(people.Expert))
	}
	return int32(i), nil
}

// keepsWithPeople reports whether the plan keeps a contact of that value with people.
func (p QueuePolicy) keepsWithPeople(value int16) bool {
	return p.HumanOnly || p.HumanOnlyFromValue > 0 && int(value) >= p.HumanOnlyFromValue
}

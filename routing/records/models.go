package records

import (
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// Outcome is how a contact ended.
type Outcome string

// The outcomes of contacts. All but SelfService were offered to agents.
const (
	Answered    Outcome = "answered"     // an agent accepted it
	Abandoned   Outcome = "abandoned"    // the customer left while waiting
	Overflowed  Outcome = "overflowed"   // it went to another provider or queue of another client
	Other       Outcome = "other"        // offered, but ended in another way (closed, error, expired)
	SelfService Outcome = "self_service" // ended in the menu or with the bot, before it asked for an agent
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome { return []Outcome{Answered, Abandoned, Overflowed, Other, SelfService} }

// Offered reports whether contacts of the outcome count as offered.
func (o Outcome) Offered() bool { return o != SelfService }

// Activity is what an agent's time was spent on.
type Activity string

// The activities.
const (
	Work     Activity = "work"     // ready for, or busy with, contacts
	Break    Activity = "break"    // paid or unpaid short break
	Meal     Activity = "meal"     // meal break
	Training Activity = "training" // training and coaching
	Meeting  Activity = "meeting"  // team meetings
	Office   Activity = "office"   // other work away from contacts
	Absent   Activity = "absent"   // not at work
)

// Activities lists the activities.
func Activities() []Activity {
	return []Activity{Work, Break, Meal, Training, Meeting, Office, Absent}
}

// KnownActivity reports whether the activity is one of Activities.
func KnownActivity(a Activity) bool { return slices.Contains(Activities(), a) }

// Contact is one revision of one demand of a customer.
type Contact struct {
	ID          ids.Contact      `gorm:"primaryKey"`
	Revision    int              `gorm:"primaryKey;autoIncrement:false"`
	ArrivedAt   calendar.Instant `gorm:"primaryKey;autoIncrement:false"` // when it asked for an agent (or for anything, if it never did)
	ClientID    ids.Client
	QueueID     ids.Queue
	Channel     contract.Channel
	Source      string
	ExternalID  string
	CustomerID  ids.Customer
	Priority    int
	QueuedAt    *calendar.Instant // when it began to wait; nil: it did not wait
	AnsweredAt  *calendar.Instant
	EndedAt     *calendar.Instant
	Outcome     Outcome
	WaitMS      int64     `gorm:"column:wait_ms"`   // from ArrivedAt to the agent or the hang-up
	HandleMS    int64     `gorm:"column:handle_ms"` // talk, hold and wrap-up of all agents
	AgentID     ids.Agent // who answered, zero if unknown
	Attributes  string    // JSON object of what the source tells beyond this
	ContentHash []byte
	ImportID    ids.Import
	RecordedAt  calendar.Instant
	IsCurrent   bool
}

// TableName implements gorm's Tabler.
func (Contact) TableName() string { return "contacts" }

// Segment is one agent's part in a contact.
type Segment struct {
	ID              ids.Segment `gorm:"primaryKey"`
	ContactID       ids.Contact
	ContactRevision int
	Seq             int
	ClientID        ids.Client
	QueueID         ids.Queue
	AgentID         ids.Agent
	Tier            people.Tier
	SiteID          ids.Site
	TeamID          ids.Team
	OfferedAt       calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	AcceptedAt      *calendar.Instant
	EndedAt         *calendar.Instant
	WrappedAt       *calendar.Instant
	Outcome         string // accepted, declined, missed
	Reason          string // why this agent; empty: not recorded
	ImportID        ids.Import
	RecordedAt      calendar.Instant
	IsCurrent       bool
}

// TableName implements gorm's Tabler.
func (Segment) TableName() string { return "segments" }

// Worked gives the time the agent spent on the segment, empty if it was never accepted or ended.
func (s Segment) Worked() calendar.Interval {
	if s.AcceptedAt == nil {
		return calendar.Interval{}
	}
	end := *s.AcceptedAt
	if s.EndedAt != nil && *s.EndedAt > end {
		end = *s.EndedAt
	}
	if s.WrappedAt != nil && *s.WrappedAt > end {
		end = *s.WrappedAt
	}
	return calendar.Interval{Start: *s.AcceptedAt, End: end}
}

// State is one revision of one span of an agent's time.
type State struct {
	ID          ids.State        `gorm:"primaryKey"`
	Revision    int              `gorm:"primaryKey;autoIncrement:false"`
	StartedAt   calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	EndedAt     *calendar.Instant
	AgentID     ids.Agent
	ClientID    ids.Client // zero: no client's time
	LOBID       ids.LOB    `gorm:"column:lob_id"`
	SiteID      ids.Site
	TeamID      ids.Team
	Tier        people.Tier
	Source      string
	ExternalID  string
	Code        string // the source's own word
	Activity    Activity
	Paid        bool
	Billable    bool
	ContentHash []byte
	ImportID    ids.Import
	RecordedAt  calendar.Instant
	IsCurrent   bool
}

// TableName implements gorm's Tabler.
func (State) TableName() string { return "agent_states" }

// IntervalRecord is one revision of a source's counts of one queue in one interval.
type IntervalRecord struct {
	ClientID        ids.Client
	QueueID         ids.Queue        `gorm:"primaryKey"`
	Source          string           `gorm:"primaryKey"`
	StartAt         calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	Revision        int              `gorm:"primaryKey;autoIncrement:false"`
	LengthMS        int64            `gorm:"column:length_ms"`
	Offered         int64
	Answered        int64
	Abandoned       int64
	WithinThreshold int64 // answered within the contract's threshold
	WaitMS          int64 `gorm:"column:wait_ms"`   // summed over the answered
	HandleMS        int64 `gorm:"column:handle_ms"` // summed over the answered
	ContentHash     []byte
	ImportID        ids.Import
	RecordedAt      calendar.Instant
	IsCurrent       bool
}

// TableName implements gorm's Tabler.
func (IntervalRecord) TableName() string { return "interval_records" }

// Span gives the interval the counts are for.
func (r IntervalRecord) Span() calendar.Interval {
	return calendar.Interval{Start: r.StartAt, End: r.StartAt + calendar.Instant(r.LengthMS)*calendar.Millisecond}
}

// contactKey finds a contact by what its source calls it.
type contactKey struct {
	ClientID    ids.Client `gorm:"primaryKey"`
	Source      string     `gorm:"primaryKey"`
	ExternalID  string     `gorm:"primaryKey"`
	ContactID   ids.Contact
	ArrivedAt   calendar.Instant
	Revision    int
	ContentHash []byte
}

func (contactKey) TableName() string { return "contact_keys" }

// stateKey finds a state by what its source calls it.
type stateKey struct {
	AgentID     ids.Agent `gorm:"primaryKey"`
	Source      string    `gorm:"primaryKey"`
	ExternalID  string    `gorm:"primaryKey"`
	ClientID    ids.Client
	StateID     ids.State
	StartedAt   calendar.Instant
	Revision    int
	ContentHash []byte
}

func (stateKey) TableName() string { return "state_keys" }

// Fate is what a draft becomes.
type Fate uint8

// The fates of drafts.
const (
	New       Fate = iota // its key was unknown
	Changed               // its content differs: a new revision
	Unchanged             // key and content are known
	Clashing              // it overlaps another record of its source; see Verdict.Clash
	Repeated              // its import has stored its key already, with other content
)

// Verdict says what a draft became.
type Verdict struct {
	Fate  Fate
	Clash calendar.Interval // what a Clashing draft overlaps
}

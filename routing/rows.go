package routing

import (
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// Contact is an open contact on the live floor.
type Contact struct {
	ContactID  ids.Contact `gorm:"primaryKey"`
	DomainID   ids.Domain
	Number     int64
	ClientID   ids.Client
	QueueID    ids.Queue
	Channel    string
	Source     string
	ExternalID string
	CustomerID ids.Customer
	Priority   int
	Status     string // waiting, offered, active, wrapping, parked, handed
	AgentID    ids.Agent
	SegmentID  ids.Segment
	ArrivedAt  calendar.Instant
	QueuedAt   *calendar.Instant
	OfferedAt  *calendar.Instant
	AcceptedAt *calendar.Instant
	EndedAt    *calendar.Instant
	DeadlineAt *calendar.Instant // of the offer or the wrap-up
	Offers     int
	Reason     string // why this agent, JSON of AssignmentReason; empty: not recorded
	Attributes string

	EntryQueueID ids.Queue // where it arrived, once it has been queued
	Step         int       // of its queue's overflow ladder
	Invitation   string    // callback or message: what its queue has offered it
	Partner      string    // handed: the partner, or bot
}

// TableName implements gorm's Tabler.
func (Contact) TableName() string { return "live_contacts" }

// Segment is one agent's part in an open contact.
type Segment struct {
	DomainID   ids.Domain `gorm:"primaryKey"`
	Number     int64      `gorm:"primaryKey;autoIncrement:false"`
	SegmentID  ids.Segment
	ContactID  ids.Contact
	ClientID   ids.Client
	QueueID    ids.Queue
	AgentID    ids.Agent
	Status     string // offered, active, wrapping, done
	OfferedAt  calendar.Instant
	AcceptedAt *calendar.Instant
	EndedAt    *calendar.Instant
	WrappedAt  *calendar.Instant
	DeadlineAt *calendar.Instant
	Outcome    string // accepted, declined, missed
	Reason     string
}

// TableName implements gorm's Tabler.
func (Segment) TableName() string { return "live_segments" }

// Agent is an agent's state on the live floor.
type Agent struct {
	AgentID     ids.Agent `gorm:"primaryKey"`
	DomainID    ids.Domain
	State       string // off, ready, not_ready, paused, lost
	Code        string
	ClientID    ids.Client
	Since       calendar.Instant
	IdleSince   calendar.Instant
	HeartbeatAt calendar.Instant
	StateID     ids.State // of the record of the present state

	Pool        string     // where the agent stands now
	SliceID     ids.Client // works for this client alone, zero: for any
	BeforeState string     // lost: what the agent did before
}

// TableName implements gorm's Tabler.
func (Agent) TableName() string { return "live_agents" }

// Domain is a routing domain and who leads it.
type Domain struct {
	ID            ids.Domain `gorm:"primaryKey"`
	Slug          string
	Name          string
	Leader        string
	Epoch         int64
	LeaseUntil    calendar.Instant
	LastSeq       int64
	LastAt        calendar.Instant
	ConfigVersion int64
}

// TableName implements gorm's Tabler.
func (Domain) TableName() string { return "routing_domains" }

// logRow is one applied input.
type logRow struct {
	DomainID ids.Domain       `gorm:"primaryKey"`
	Seq      int64            `gorm:"primaryKey;autoIncrement:false"`
	At       calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	Epoch    int64
	Kind     Kind
	V        int
	Event    Input `gorm:"serializer:json"`
}

func (logRow) TableName() string { return "routing_log" }

// snapshotRow is the whole state after a sequence number.
type snapshotRow struct {
	DomainID      ids.Domain `gorm:"primaryKey"`
	Seq           int64      `gorm:"primaryKey;autoIncrement:false"`
	At            calendar.Instant
	EngineVersion int
	State         []byte
}

func (snapshotRow) TableName() string { return "routing_snapshots" }

// inboxRow is an input that was acknowledged and waits for the leader.
type inboxRow struct {
	ID         ids.Event `gorm:"primaryKey"`
	DomainID   ids.Domain
	Dedupe     string
	Kind       Kind
	V          int
	Event      Input `gorm:"serializer:json"`
	ReceivedAt calendar.Instant
	AppliedSeq *int64
	Outcome    string
}

func (inboxRow) TableName() string { return "routing_inbox" }

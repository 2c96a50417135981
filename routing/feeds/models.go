package feeds

import (
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// Format is how a feed tells its events.
type Format string

// The formats of feeds.
const (
	JSON     Format = "json"      // JSON arrays or one JSON object per line
	CSV      Format = "csv"       // a table with the fields' names as header
	QueueLog Format = "queue_log" // lines of Asterisk's queue_log
)

// Formats lists the formats.
func Formats() []Format { return []Format{JSON, CSV, QueueLog} }

// Feed is a source of events. Times are in milliseconds.
type Feed struct {
	ID       ids.Any    `gorm:"primaryKey" json:"id"`
	ClientID ids.Client `json:"client_id,omitzero" doc:"Absent: the provider's own; it may name queues of every client"`
	Name     string     `json:"name"`
	Source   string     `json:"source" doc:"Names the feed in contacts and states"`
	Kind     Format     `json:"kind" enum:"json,csv,queue_log"`
	Active   bool       `json:"active" doc:"A paused feed refuses events"`
	OffsetMS int64      `gorm:"column:offset_ms" json:"offset_ms" doc:"Added to the times of events: what the source's clock lags behind"`
	LateMS   int64      `gorm:"column:late_ms" json:"late_ms" doc:"Events may be so much older than the latest"`
	StaleMS  int64      `gorm:"column:stale_ms" json:"stale_ms" doc:"After so long without a sign of life what the feed told is stale"`
	OpenMS   int64      `gorm:"column:open_ms" json:"open_ms" doc:"A contact without further events ends after so long"`

	LastEventAt    *calendar.Instant `json:"last_event_at,omitempty" doc:"Time of the latest event"`
	LastReceivedAt *calendar.Instant `json:"last_received_at,omitempty" doc:"Latest sign of life"`
	LagMS          int64             `gorm:"column:lag_ms" json:"lag_ms" doc:"From the latest event's time to its arrival here; negative when the source's clock is ahead"`
	Accepted       int64             `json:"accepted"`
	Duplicates     int64             `json:"duplicates"`
	Refused        int64             `json:"refused"`
	Ignored        int64             `json:"ignored"`

	TokenHash []byte           `json:"-"`
	Version   int              `json:"version"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Feed) TableName() string { return "feeds" }

// Stale reports whether the feed has been silent for too long to believe what it told.
func (f Feed) Stale(now calendar.Instant) bool {
	return f.LastReceivedAt == nil || now-*f.LastReceivedAt > calendar.Instant(f.StaleMS)*calendar.Millisecond
}

// mark gives the time of the latest event, zero before the first.
func (f Feed) mark() calendar.Instant {
	if f.LastEventAt == nil {
		return 0
	}
	return *f.LastEventAt
}

// NameKind is what a name of the source names.
type NameKind string

// The kinds of names.
const (
	AgentName NameKind = "agent"
	QueueName NameKind = "queue"
	CodeName  NameKind = "code" // of a pause or state
)

// NameKinds lists the kinds of names.
func NameKinds() []NameKind { return []NameKind{AgentName, QueueName, CodeName} }

// NameStatus is what is known of a name.
type NameStatus string

// The states of names.
const (
	Open    NameStatus = "open"    // to be mapped; its events wait
	Mapped  NameStatus = "mapped"  // it has a meaning here
	Ignored NameStatus = "ignored" // not ours: its events are kept and say nothing
)

// Off is the activity of codes that say the agent is signed out.
const Off records.Activity = "off"

// Name is what a name of the source means during [ValidFrom, ValidTo).
type Name struct {
	ID        ids.Any           `gorm:"primaryKey" json:"id"`
	FeedID    ids.Any           `json:"feed_id"`
	ClientID  ids.Client        `json:"-"`
	Kind      NameKind          `json:"kind" enum:"agent,queue,code"`
	Name      string            `json:"name"`
	Status    NameStatus        `json:"status" enum:"open,mapped,ignored"`
	TargetID  ids.Any           `json:"target_id,omitzero" doc:"The agent or queue"`
	Activity  records.Activity  `json:"activity,omitempty" doc:"Of a code: an activity, or off for signed out"`
	Paid      bool              `json:"paid"`
	Billable  bool              `json:"billable"`
	Automatic bool              `json:"automatic" doc:"Found by the same name here, not set by a person"`
	SeenAt    calendar.Instant  `json:"seen_at" doc:"Time of the first event that used it"`
	ValidFrom calendar.Instant  `json:"valid_from"`
	ValidTo   *calendar.Instant `json:"valid_to,omitempty"`
}

// TableName implements gorm's Tabler.
func (Name) TableName() string { return "feed_names" }

// EventStatus is what became of a kept event.
type EventStatus string

// The states of kept events.
const (
	applied EventStatus = "applied"
	waiting EventStatus = "waiting" // for a name to be mapped
	pending EventStatus = "pending" // a name was mapped: to be applied again
)

// kept is an event as it is stored.
type kept struct {
	FeedID     ids.Any `gorm:"primaryKey"`
	Key        string  `gorm:"primaryKey"`
	ClientID   ids.Client
	Subject    string
	Kind       Kind
	At         calendar.Instant // by the provider's clock
	Seq        int64
	Agent      string
	Queue      string
	Code       string
	Status     EventStatus
	Blocked    string // the name it waits for: kind, colon, name
	Memory     string // of an agent's event: what was so after it
	Document   string
	Hash       []byte
	ReceivedAt calendar.Instant

	event Event
}

// TableName implements gorm's Tabler.
func (kept) TableName() string { return "feed_events" }

// LiveAgent is what a feed last told of an agent.
type LiveAgent struct {
	FeedID      ids.Any    `gorm:"primaryKey"`
	AgentID     ids.Agent  `gorm:"primaryKey"`
	ClientID    ids.Client // of the feed
	Name        string     // as the source calls the agent
	State       string     // off, ready, not_ready
	Activity    records.Activity
	Word        string // the source's own word
	Since       calendar.Instant
	LastAt      calendar.Instant
	Memory      string
	PendingFrom *calendar.Instant // rows from here on must be made again
}

// TableName implements gorm's Tabler.
func (LiveAgent) TableName() string { return "feed_agents" }

// LiveContact is what a feed last told of a contact; it stays for late events until
// they would be refused.
type LiveContact struct {
	FeedID    ids.Any    `gorm:"primaryKey"`
	Subject   string     `gorm:"primaryKey"`
	ClientID  ids.Client // of the queue, or of the feed while the queue is unknown
	QueueID   ids.Queue
	AgentID   ids.Agent
	Status    string // waiting, offered, active, held (its queue is not mapped), done
	ArrivedAt calendar.Instant
	Since     calendar.Instant
	LastAt    calendar.Instant
	Recorded  []recorded `gorm:"serializer:json"`
}

// TableName implements gorm's Tabler.
func (LiveContact) TableName() string { return "feed_contacts" }

// recorded names a contact that was written.
type recorded struct {
	Client   ids.Client `json:"client"`
	External string     `json:"external"`
}

// Refusal is an event that was not taken, or rows that were not made, and why.
type Refusal struct {
	ID       ids.Any          `gorm:"primaryKey" json:"id"`
	FeedID   ids.Any          `json:"-"`
	ClientID ids.Client       `json:"-"`
	At       calendar.Instant `json:"at"`
	Code     string           `json:"code"`
	Detail   string           `json:"detail"`
	Event    string           `json:"event" doc:"As it was told, shortened"`
}

// TableName implements gorm's Tabler.
func (Refusal) TableName() string { return "feed_refusals" }

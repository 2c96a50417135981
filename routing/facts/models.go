package facts

import (
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// QueueFact is what happened to the contacts that arrived at a queue in one bucket.
type QueueFact struct {
	QueueID         ids.Queue        `gorm:"primaryKey" json:"queue_id"`
	StartAt         calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	ClientID        ids.Client       `json:"client_id"`
	Offered         int64            `json:"offered"`                                           // asked for an agent: answered + abandoned + overflowed + other
	Queued          int64            `json:"queued"`                                            // of the offered, had to wait
	Answered        int64            `json:"answered"`                                          // accepted by an agent
	AnsweredWithin  int64            `json:"answered_within"`                                   // answered after at most the threshold in force
	Abandoned       int64            `json:"abandoned"`                                         // left while waiting
	AbandonedWithin int64            `json:"abandoned_within"`                                  // abandoned after at most the threshold
	AbandonedShort  int64            `json:"abandoned_short"`                                   // abandoned before the short-abandon limit
	Overflowed      int64            `json:"overflowed"`                                        // sent elsewhere
	Other           int64            `json:"other"`                                             // offered, ended in another way
	WaitAnsweredMS  int64            `gorm:"column:wait_answered_ms" json:"wait_answered_ms"`   // summed
	WaitAbandonedMS int64            `gorm:"column:wait_abandoned_ms" json:"wait_abandoned_ms"` // summed
	WaitMaxMS       int64            `gorm:"column:wait_max_ms" json:"wait_max_ms"`             // longest wait of an offered contact
	HandleMS        int64            `gorm:"column:handle_ms" json:"handle_ms"`                 // handling of the contacts that arrived here, whenever it took place
}

// TableName implements gorm's Tabler.
func (QueueFact) TableName() string { return "queue_facts" }

// Handling is the activity of agent facts that hold handling time; it lies within
// the Work time of the same bucket.
const Handling records.Activity = "handling"

// AgentFact is how an agent spent one bucket, per client, line of business and activity.
type AgentFact struct {
	AgentID    ids.Agent        `gorm:"primaryKey" json:"agent_id"`
	StartAt    calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	Slot       string           `gorm:"primaryKey" json:"slot"` // activity, client and line of business in one text
	ClientID   ids.Client       `json:"client_id"`
	LOBID      ids.LOB          `gorm:"column:lob_id" json:"lob_id"`
	Activity   records.Activity `json:"activity"`
	PaidMS     int64            `gorm:"column:paid_ms" json:"paid_ms"`
	BillableMS int64            `gorm:"column:billable_ms" json:"billable_ms"`
	TotalMS    int64            `gorm:"column:total_ms" json:"total_ms"`   // zero for Handling
	HandleMS   int64            `gorm:"column:handle_ms" json:"handle_ms"` // for Handling only
}

// TableName implements gorm's Tabler.
func (AgentFact) TableName() string { return "agent_facts" }

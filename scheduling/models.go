package scheduling

import (
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// Status is where a version of a forecast or roster is in its life.
type Status string

// The statuses. Forecasts of ours go draft, published, committed; those that a client
// hands in are received and may be committed; rosters go draft, published, locked.
const (
	Draft     Status = "draft"
	Received  Status = "received"
	Published Status = "published"
	Committed Status = "committed"
	Locked    Status = "locked"
)

// Forecast is one version of the expected contacts of a client's queues over
// business dates of the client's zone, on the grid of IntervalMS.
type Forecast struct {
	ID          ids.Forecast      `gorm:"primaryKey" json:"id"`
	ClientID    ids.Client        `json:"client_id"`
	Name        string            `json:"name"`
	Version     int               `json:"version"` // counts up per client
	Status      Status            `json:"status"`
	OriginAt    calendar.Instant  `json:"origin_at"` // history before it was used
	StartAt     calendar.Instant  `json:"start_at"`
	EndAt       calendar.Instant  `json:"end_at"` // exclusive
	IntervalMS  int64             `gorm:"column:interval_ms" json:"interval_ms"`
	Zone        string            `json:"zone"`
	Settings    ForecastSettings  `gorm:"serializer:json" json:"settings"`
	Explain     ForecastExplain   `gorm:"serializer:json" json:"explain"`
	CreatedBy   ids.User          `json:"created_by"`
	CreatedAt   calendar.Instant  `gorm:"autoCreateTime:false" json:"created_at"`
	PublishedAt *calendar.Instant `json:"published_at,omitempty"`
	CommittedAt *calendar.Instant `json:"committed_at,omitempty"`
	PublishedBy ids.User          `json:"published_by,omitzero"`
	CommittedBy ids.User          `json:"committed_by,omitzero"`
}

// TableName implements gorm's Tabler.
func (Forecast) TableName() string { return "forecasts" }

// ForecastPoint is the expectation of one queue in one interval: contacts with
// the 10 and 90 per cent quantiles, and the mean handling time in milliseconds.
type ForecastPoint struct {
	ForecastID ids.Forecast     `gorm:"primaryKey" json:"-"`
	QueueID    ids.Queue        `gorm:"primaryKey" json:"queue_id"`
	StartAt    calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	ClientID   ids.Client       `json:"-"`
	Volume     float64          `json:"volume"`
	Low        float64          `json:"low"`
	High       float64          `json:"high"`
	AHTMS      float64          `gorm:"column:aht_ms" json:"aht_ms"`
}

// TableName implements gorm's Tabler.
func (ForecastPoint) TableName() string { return "forecast_points" }

// Plan is what a forecast's queues need in seats under the terms in force.
type Plan struct {
	ID         ids.Staffing     `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client       `json:"client_id"`
	ForecastID ids.Forecast     `json:"forecast_id"`
	Version    int              `json:"version"` // counts up per client
	Settings   PlanSettings     `gorm:"serializer:json" json:"settings"`
	CreatedBy  ids.User         `json:"created_by"`
	CreatedAt  calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Plan) TableName() string { return "staffing_plans" }

// PlanPoint is the requirement of one queue in one interval and what it buys.
type PlanPoint struct {
	PlanID       ids.Staffing     `gorm:"primaryKey" json:"-"`
	QueueID      ids.Queue        `gorm:"primaryKey" json:"queue_id"`
	StartAt      calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	ClientID     ids.Client       `json:"-"`
	Seats        int              `json:"seats"`     // agents taking contacts
	Scheduled    float64          `json:"scheduled"` // agents to roster so that seats remain after shrinkage
	ServiceLevel float64          `json:"service_level"`
	Abandonment  float64          `json:"abandonment"`
	Occupancy    float64          `json:"occupancy"`
	ASAMS        float64          `gorm:"column:asa_ms" json:"asa_ms"`
	Reason       string           `json:"reason"`                      // the goal that decided, see staffing.Binding
	Contacts     float64          `json:"contacts"`                    // planned for, at the plan's quantile
	AHTMS        float64          `gorm:"column:aht_ms" json:"aht_ms"` // of them; 0 in plans that did not say
}

// TableName implements gorm's Tabler.
func (PlanPoint) TableName() string { return "staffing_points" }

// Roster is one version of who works when, over [FromDay, ToDay) business dates.
type Roster struct {
	ID          ids.Roster        `gorm:"primaryKey" json:"id"`
	Name        string            `json:"name"`
	Version     int               `json:"version"` // counts up per name
	Status      Status            `json:"status"`
	Zone        string            `json:"zone"`
	FromDay     calendar.Date     `json:"from_day"`
	ToDay       calendar.Date     `json:"to_day"` // exclusive
	Plans       []ids.Staffing    `gorm:"serializer:json" json:"plans"`
	Received    []ReceivedUse     `gorm:"serializer:json" json:"received"` // staffing of others that it stands on
	Problem     string            `json:"-"`                               // the problem that was solved, JSON of roster.Problem
	Summary     RosterSummary     `gorm:"serializer:json" json:"summary"`
	BasedOn     ids.Roster        `json:"based_on,omitzero"`
	Edition     int               `json:"edition"` // counts the edits of a draft; the ETag of the roster
	CreatedBy   ids.User          `json:"created_by"`
	CreatedAt   calendar.Instant  `gorm:"autoCreateTime:false" json:"created_at"`
	PublishedAt *calendar.Instant `json:"published_at,omitempty"`
	LockedAt    *calendar.Instant `json:"locked_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Roster) TableName() string { return "rosters" }

// Shift is one shift of one agent; it belongs to the business date of the
// agent's site on which it starts.
type Shift struct {
	ID          ids.Shift        `gorm:"primaryKey" json:"id"`
	RosterID    ids.Roster       `json:"roster_id"`
	AgentID     ids.Agent        `json:"agent_id"`
	BusinessDay calendar.Date    `json:"business_day"`
	StartAt     calendar.Instant `json:"start_at"`
	EndAt       calendar.Instant `json:"end_at"`
	Template    string           `json:"template"`
	Pinned      bool             `json:"pinned"` // set by hand; the next solve keeps it
	Activities  []Activity       `gorm:"-" json:"activities"`
}

// TableName implements gorm's Tabler.
func (Shift) TableName() string { return "roster_shifts" }

// Activity is one stretch of a shift: work for a client's queue, break or meal.
type Activity struct {
	ShiftID  ids.Shift        `gorm:"primaryKey" json:"-"`
	Seq      int              `gorm:"primaryKey;autoIncrement:false" json:"seq"`
	RosterID ids.Roster       `json:"-"`
	AgentID  ids.Agent        `json:"-"`
	ClientID ids.Client       `json:"client_id"`
	QueueID  ids.Queue        `json:"queue_id"`
	Kind     string           `json:"kind"` // work, break, meal
	StartAt  calendar.Instant `json:"start_at"`
	EndAt    calendar.Instant `json:"end_at"`
	Paid     bool             `json:"paid"`
}

// TableName implements gorm's Tabler.
func (Activity) TableName() string { return "shift_activities" }

// Coverage is required and scheduled agents of one queue in one interval.
type Coverage struct {
	RosterID  ids.Roster       `gorm:"primaryKey" json:"-"`
	QueueID   ids.Queue        `gorm:"primaryKey" json:"queue_id"`
	StartAt   calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	ClientID  ids.Client       `json:"client_id"`
	Required  float64          `json:"required"`
	Scheduled float64          `json:"scheduled"`
}

// TableName implements gorm's Tabler.
func (Coverage) TableName() string { return "roster_coverage" }

// Simulation is a test of a roster on the routing engine.
type Simulation struct {
	ID           ids.Simulation    `gorm:"primaryKey" json:"id"`
	RosterID     ids.Roster        `json:"roster_id"`
	Edition      int               `json:"edition"` // of the roster that was tested; the roster has another one since it was edited
	Seed         int64             `json:"seed"`
	Replications int               `json:"replications"`
	Summary      SimulationSummary `gorm:"serializer:json" json:"summary"`
	CreatedBy    ids.User          `json:"created_by"`
	CreatedAt    calendar.Instant  `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Simulation) TableName() string { return "simulations" }

// SimulationPoint is the expected service of one queue in one interval; the band
// is the 95 per cent confidence band of the mean over replications.
type SimulationPoint struct {
	SimulationID     ids.Simulation   `gorm:"primaryKey" json:"-"`
	QueueID          ids.Queue        `gorm:"primaryKey" json:"queue_id"`
	StartAt          calendar.Instant `gorm:"primaryKey;autoIncrement:false" json:"start_at"`
	ClientID         ids.Client       `json:"client_id"`
	Offered          float64          `json:"offered"`
	ServiceLevel     float64          `json:"service_level"`
	ServiceLevelLow  float64          `json:"service_level_low"`
	ServiceLevelHigh float64          `json:"service_level_high"`
	Abandonment      float64          `json:"abandonment"`
	ASAMS            float64          `gorm:"column:asa_ms" json:"asa_ms"`
	Occupancy        float64          `json:"occupancy"`
	Overflow         float64          `json:"overflow"`
}

// TableName implements gorm's Tabler.
func (SimulationPoint) TableName() string { return "simulation_points" }

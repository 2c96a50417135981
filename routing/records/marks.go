package records

import (
	"bytes"
	"cmp"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// The kinds of dirty buckets.
const (
	DirtyQueue = "queue" // volume, waits and outcomes of a queue
	DirtyAgent = "agent" // an agent's time
)

// Mark names a 15-minute bucket whose facts must be computed again.
type Mark struct {
	Kind     string           `gorm:"primaryKey"`
	Key      ids.Any          `gorm:"primaryKey"` // the queue or the agent
	StartAt  calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	ClientID ids.Client
	MarkedAt calendar.Instant
}

// TableName implements gorm's Tabler.
func (Mark) TableName() string { return "dirty_buckets" }

// Marks gathers buckets without repeats.
type Marks map[Mark]struct{}

// Queue marks the bucket of the instant.
func (m Marks) Queue(client ids.Client, queue ids.Queue, at calendar.Instant) {
	m[Mark{Kind: DirtyQueue, Key: ids.Any(queue), StartAt: at.Floor(calendar.Quarter), ClientID: client}] = struct{}{}
}

// QueueSpan marks every bucket the interval touches.
func (m Marks) QueueSpan(client ids.Client, queue ids.Queue, v calendar.Interval) {
	for at := v.Start.Floor(calendar.Quarter); at < v.End; at += calendar.Quarter {
		m.Queue(client, queue, at)
	}
}

// Agent marks every bucket the interval touches. Agents are shared by clients, so
// these marks are the provider's.
func (m Marks) Agent(agent ids.Agent, v calendar.Interval) {
	if agent.IsZero() {
		return
	}
	for at := v.Start.Floor(calendar.Quarter); at < v.End; at += calendar.Quarter {
		m[Mark{Kind: DirtyAgent, Key: ids.Any(agent), StartAt: at}] = struct{}{}
	}
}

// Store writes the marks in a fixed order. It renews marks that exist, so that a
// roll-up which has read before this transaction's records were there leaves them:
// a renewed mark is always later than it was, whatever the clock says.
func (m Marks) Store(tx *database.Tx, now calendar.Instant) error {
	rows := make([]Mark, 0, len(m))
	for mark := range m {
		mark.MarkedAt = now
		rows = append(rows, mark)
	}
	slices.SortFunc(rows, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.Key[:], b.Key[:]), cmp.Compare(a.StartAt, b.StartAt))
	})
	_, err := database.Insert(tx, rows, clause.OnConflict{
		Columns:   []clause.Column{{Name: "kind"}, {Name: "key"}, {Name: "start_at"}},
		DoUpdates: clause.Assignments(map[string]any{"marked_at": gorm.Expr("CASE WHEN excluded.marked_at > dirty_buckets.marked_at THEN excluded.marked_at ELSE dirty_buckets.marked_at + 1 END")}),
	})
	return err
}

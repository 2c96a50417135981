package events

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// hintChannel wakes readers of all nodes when events were committed.
const hintChannel = "events"

// Event is the envelope.
type Event struct {
	ID      ids.Event        `json:"id"`
	Type    string           `json:"type"` // "roster.published"
	Version int              `json:"v"`    // version of Data
	At      calendar.Instant `json:"at"`
	Client  ids.Client       `json:"client"`  // empty: the provider's own
	Subject string           `json:"subject"` // what it is about: "roster/0198..."
	Seq     int64            `json:"seq"`     // position to resume after
	Data    json.RawMessage  `json:"data"`

	xid transaction // with Seq the place in the stream
}

// Message is what a service says happened.
type Message struct {
	Type    string     // lower-case words joined by dots
	Version int        // version of Data; 0 means 1
	Client  ids.Client // zero: the provider's own
	Subject string
	Data    any // encoded as JSON
}

// row is an event as it is stored.
type row struct {
	Seq     int64 `gorm:"primaryKey;autoIncrement"`
	Xid     transaction
	ID      ids.Event
	Type    string
	Version int `gorm:"column:v"`
	At      calendar.Instant
	Client  ids.Client `gorm:"column:client_id"`
	Subject string
	Data    string
}

// TableName names the table.
func (row) TableName() string { return "outbox" }

// event gives the envelope of a row.
func (r row) event() Event {
	return Event{ID: r.ID, Type: r.Type, Version: r.Version, At: r.At, Client: r.Client, Subject: r.Subject, Seq: r.Seq, Data: json.RawMessage(r.Data), xid: r.Xid}
}

// transaction is the number of the database transaction that wrote a row; the
// database fills it in. On SQLite it is 0.
type transaction int64

// GormValue lets PostgreSQL write the number of the running transaction.
func (transaction) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	if db.Name() == string(database.PostgreSQL) {
		return clause.Expr{SQL: "pg_current_xact_id()::text::bigint"}
	}
	return clause.Expr{SQL: "0"}
}

// Stream publishes and reads events. It is safe for concurrent use.
type Stream struct {
	db   *database.DB
	tail tail
}

// New makes the stream of a database.
func New(db *database.DB) *Stream { return &Stream{db: db} }

// typeForm is what a type looks like.
var typeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// Publish writes events in the caller's transaction, under its scope.
func (s *Stream) Publish(tx *database.Tx, messages ...Message) error {
	rows := make([]row, len(messages))
	for i, m := range messages {
		if !typeForm.MatchString(m.Type) || m.Version < 0 {
			return fault.Newf(fault.Internal, "events.type", "Event type %q is not of the form \"roster.published\", or its version is negative.", m.Type)
		}
		data, err := json.Marshal(m.Data)
		if err != nil {
			return fmt.Errorf("events: data of %s: %w", m.Type, err)
		}
		rows[i] = row{
			ID: ids.New[ids.Event](s.db.IDs()), Type: m.Type, Version: max(1, m.Version), At: s.db.Now(),
			Client: m.Client, Subject: m.Subject, Data: string(data),
		}
	}
	if _, err := database.Insert(tx, rows); err != nil {
		return fmt.Errorf("events: publish: %w", err)
	}
	if len(rows) > 0 {
		tx.AfterCommit(func() { s.db.Hint(hintChannel) })
	}
	return nil
}

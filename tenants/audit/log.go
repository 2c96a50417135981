package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// ActorKind says what kind of actor made a change.
type ActorKind string

// The kinds of actors.
const (
	User    ActorKind = "user"    // a person in a session
	Token   ActorKind = "token"   // a program with a person's API token
	Machine ActorKind = "machine" // a job, a schedule, the command line
)

// Change holds personal values before and after; either may be nil.
type Change struct {
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

// Record is what a service says was done.
type Record struct {
	Client    ids.Client // whose data; zero: the provider's
	Actor     ids.User   // zero when a machine acted by itself
	ActorKind ActorKind
	Action    string  // lower-case words joined by dots: "roster.published"
	Object    string  // kind of the object: "roster"
	ObjectID  ids.Any // the object, if it has an id
	RequestID string  // to find the request's log lines
	Detail    any     // encoded as JSON; no personal data
	Subject   ids.Any // the person whom Personal is about
	Personal  *Change // sealed with the subject's key
}

// Entry is a stored record.
type Entry struct {
	ID        ids.Audit `gorm:"primaryKey"`
	At        calendar.Instant
	Client    ids.Client `gorm:"column:client_id"`
	Actor     ids.User   `gorm:"column:actor_id"`
	ActorKind ActorKind  `gorm:"column:actor"`
	Action    string
	Object    string
	ObjectID  ids.Any
	RequestID string
	Detail    string  // JSON
	Subject   ids.Any `gorm:"column:subject_id"`
	Sealed    []byte  // personal values; nil: none
}

// TableName names the table.
func (Entry) TableName() string { return "audit_log" }

// Log writes and reads the record. It is safe for concurrent use.
type Log struct {
	db  *database.DB
	box *secrets.Box
}

// New makes the log of a database; the box seals the keys of subjects.
func New(db *database.DB, box *secrets.Box) *Log { return &Log{db: db, box: box} }

// Append adds a record in the caller's transaction, under its scope. A record
// with personal values needs their subject.
func (l *Log) Append(tx *database.Tx, r Record) error {
	if r.Action == "" || r.Object == "" || (r.ActorKind != User && r.ActorKind != Token && r.ActorKind != Machine) {
		return fault.Newf(fault.Internal, "audit.record", "An audit record needs an action, an object and an actor of kind %s.", fault.Allowed([]ActorKind{User, Token, Machine}))
	}
	detail, err := json.Marshal(r.Detail)
	if err != nil {
		return fmt.Errorf("audit: detail of %s: %w", r.Action, err)
	}
	e := Entry{
		ID: ids.New[ids.Audit](l.db.IDs()), At: l.db.Now(), Client: r.Client, Actor: r.Actor, ActorKind: r.ActorKind,
		Action: r.Action, Object: r.Object, ObjectID: r.ObjectID, RequestID: r.RequestID, Detail: string(detail), Subject: r.Subject,
	}
	if r.Personal != nil {
		if e.Sealed, err = l.seal(tx, e, *r.Personal); err != nil {
			return err
		}
	}
	if err := tx.Create(&e).Error; err != nil {
		return fmt.Errorf("audit: append: %w", err)
	}
	return nil
}

// Filter narrows a list of records; zero fields do not narrow.
type Filter struct {
	From, To calendar.Instant // half-open
	Actor    ids.User
	Action   string // exact
	Object   string
	ObjectID ids.Any
	Before   ids.Audit // records made before this one, for the next page
	Limit    int       // 0 means 50, at most 500
}

// List gives records of the scope, the newest first.
func (l *Log) List(ctx context.Context, sc scope.Scope, f Filter) ([]Entry, error) {
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	if limit < 0 || limit > 500 {
		return nil, fault.New(fault.Invalid, "audit.limit", "The limit of a list of records must lie between 1 and 500.")
	}
	var found []Entry
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		query := tx.Order("id DESC").Limit(limit)
		if f.Action != "" {
			query = query.Where("action = ?", f.Action)
		}
		if f.Object != "" {
			query = query.Where("object = ?", f.Object)
		}
		if f.From != 0 {
			query = query.Where("at >= ?", f.From)
		}
		if f.To != 0 {
			query = query.Where("at < ?", f.To)
		}
		if !f.Actor.IsZero() {
			query = query.Where("actor_id = ?", f.Actor)
		}
		if !f.ObjectID.IsZero() {
			query = query.Where("object_id = ?", f.ObjectID)
		}
		if !f.Before.IsZero() {
			query = query.Where("id < ?", f.Before)
		}
		return query.Find(&found).Error
	})
	if err != nil {
		return nil, fmt.Errorf("audit: list: %w", err)
	}
	return found, nil
}

// Personal gives the personal values of a record of the scope. Erased is true
// when the subject's key was destroyed; a record without such values gives an
// empty Change.
func (l *Log) Personal(ctx context.Context, sc scope.Scope, id ids.Audit) (change Change, erased bool, err error) {
	err = l.db.Read(ctx, sc, func(tx *database.Tx) error {
		e, err := database.One[Entry](tx.Where("id = ?", id), "audit.not_found", "There is no such record, or it is not yours to see.")
		if err != nil || e.Sealed == nil {
			return err
		}
		change, erased, err = l.unseal(tx, e)
		return err
	})
	return change, erased, err
}

// subjectKey is the sealed key of a person.
type subjectKey struct {
	SubjectID ids.Any `gorm:"primaryKey"`
	SealedKey []byte
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false"`
}

// TableName names the table.
func (subjectKey) TableName() string { return "subject_keys" }

// Erase destroys the key of a subject in the caller's transaction: personal
// values about the person cannot be read any more. Erasing again changes nothing.
func (l *Log) Erase(tx *database.Tx, subject ids.Any) error {
	if err := tx.Where("subject_id = ?", subject).Delete(&subjectKey{}).Error; err != nil {
		return fmt.Errorf("audit: erase: %w", err)
	}
	return nil
}

// seal seals a change with the key of its subject, making the key when there is none.
func (l *Log) seal(tx *database.Tx, e Entry, c Change) ([]byte, error) {
	if e.Subject.IsZero() {
		return nil, fault.New(fault.Internal, "audit.no_subject", "Personal values need the subject they are about.")
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("audit: personal values of %s: %w", e.Action, err)
	}
	fresh := subjectKey{SubjectID: e.Subject, SealedKey: l.box.Seal(keyPurpose(e.Subject), secrets.Random(secrets.KeyBytes)), CreatedAt: l.db.Now()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return nil, fmt.Errorf("audit: subject key: %w", err)
	}
	box, found, err := l.subjectBox(tx, e.Subject)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fault.New(fault.Conflict, "audit.erased_meanwhile", "The person was erased at this moment; try again.")
	}
	return box.Seal(valuePurpose(e.ID), plain), nil
}

// unseal opens the personal values of an entry.
func (l *Log) unseal(tx *database.Tx, e Entry) (c Change, erased bool, err error) {
	box, found, err := l.subjectBox(tx, e.Subject)
	if err != nil || !found {
		return Change{}, !found, err
	}
	plain, err := box.Open(valuePurpose(e.ID), e.Sealed)
	if fault.CodeOf(err) == "secrets.other_key" {
		return Change{}, true, nil // sealed with a key that was destroyed; the person came back and has a new one
	}
	if err != nil {
		return Change{}, false, err
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return Change{}, false, fmt.Errorf("audit: personal values: %w", err)
	}
	return c, false, nil
}

// subjectBox gives the box of a subject's key, and whether there is one.
func (l *Log) subjectBox(tx *database.Tx, subject ids.Any) (*secrets.Box, bool, error) {
	var keys []subjectKey
	if err := tx.Where("subject_id = ?", subject).Find(&keys).Error; err != nil {
		return nil, false, fmt.Errorf("audit: subject key: %w", err)
	}
	if len(keys) == 0 {
		return nil, false, nil
	}
	key, err := l.box.Open(keyPurpose(subject), keys[0].SealedKey)
	if err != nil {
		return nil, false, err
	}
	box, err := secrets.NewBox(key)
	return box, true, err
}

// keyPurpose ties a sealed key to its subject.
func keyPurpose(subject ids.Any) string { return "subject key " + subject.String() }

// valuePurpose ties sealed values to their record.
func valuePurpose(id ids.Audit) string { return "audit " + id.String() }

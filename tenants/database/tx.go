package database

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// maxAttempts bounds how often a Write runs after serialisation failures and deadlocks.
const maxAttempts = 6

// Tx is a transaction under a scope. Its embedded GORM session filters every
// query by the scope; Context carries the transaction, so that services called
// with it join instead of opening another one.
type Tx struct {
	*gorm.DB
	door   *DB
	scope  scope.Scope
	state  *txState
	policy int64
}

// txState is what nested uses of one transaction share.
type txState struct {
	door   *DB
	gorm   *gorm.DB
	scope  scope.Scope
	write  bool
	policy int64
	after  []func()
}

type txKey struct{}

// Context gives the context that services must be called with to join the transaction.
func (t *Tx) Context() context.Context { return t.Statement.Context }

// Scope gives the scope of the transaction.
func (t *Tx) Scope() scope.Scope { return t.scope }

// Dialect tells which database is behind the door.
func (t *Tx) Dialect() Dialect { return t.door.dialect }

// PolicyVersion gives the version of roles and grants that was in force when the
// transaction began.
func (t *Tx) PolicyVersion() int64 { return t.policy }

// AfterCommit registers a function that runs once the outermost Write has committed.
func (t *Tx) AfterCommit(fn func()) { t.state.after = append(t.state.after, fn) }

// Read runs fn in a read-only transaction that sees one state of the database.
// Inside a Write it joins it and sees its rows.
func (d *DB) Read(ctx context.Context, s scope.Scope, fn func(*Tx) error) error {
	if outer := d.joined(ctx); outer != nil {
		return d.nested(ctx, outer, s, fn)
	}
	isolation := sql.LevelRepeatableRead
	if d.dialect == SQLite {
		isolation = sql.LevelDefault
	}
	return d.run(ctx, d.reader, s, &sql.TxOptions{ReadOnly: true, Isolation: isolation}, fn)
}

// Write runs fn in a read-write transaction and commits it when fn returns nil.
// A Write inside a Write joins it. After a serialisation failure or deadlock the
// whole fn runs again, so its only effects must be rows (and AfterCommit).
func (d *DB) Write(ctx context.Context, s scope.Scope, fn func(*Tx) error) error {
	if outer := d.joined(ctx); outer != nil {
		if !outer.write {
			return errors.New("database: a Write cannot run inside a Read")
		}
		return d.nested(ctx, outer, s, fn)
	}
	for attempt := 1; ; attempt++ {
		err := d.run(ctx, d.writer, s, &sql.TxOptions{}, fn)
		if err == nil || attempt == maxAttempts || !retryable(err) {
			return err
		}
		d.log.Debug("transaction runs again", "attempt", attempt, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(rand.IntN(1<<attempt)+1) * time.Millisecond):
		}
	}
}

// joined gives the transaction of this door that the context carries, if any.
func (d *DB) joined(ctx context.Context) *txState {
	if state, ok := ctx.Value(txKey{}).(*txState); ok && state.door == d {
		return state
	}
	return nil
}

// InTransaction reports whether the context carries a transaction of this door,
// which Read and Write would join.
func (d *DB) InTransaction(ctx context.Context) bool { return d.joined(ctx) != nil }

// nested runs fn inside the outer transaction under its own scope and restores the outer scope afterwards.
func (d *DB) nested(ctx context.Context, outer *txState, s scope.Scope, fn func(*Tx) error) error {
	same := s.String() == outer.scope.String()
	if !same {
		if !outer.scope.IsProvider() && (s.IsProvider() || !contains(outer.scope, s)) {
			return errors.New("database: a nested transaction cannot widen the scope")
		}
		if err := d.enter(outer.gorm, s, nil); err != nil {
			return err
		}
	}
	inner := *outer
	inner.scope = s
	inner.after = nil
	err := fn(d.transaction(ctx, &inner))
	outer.after = append(outer.after, inner.after...)
	if !same && err == nil {
		err = d.enter(outer.gorm, outer.scope, nil)
	}
	return err
}

// contains reports whether every client of the inner scope lies in the outer one.
func contains(outer, inner scope.Scope) bool {
	for _, c := range inner.ClientIDs() {
		if !outer.HasClient(c) {
			return false
		}
	}
	return true
}

// run opens a transaction on the pool, enters the scope and runs fn.
func (d *DB) run(ctx context.Context, pool *gorm.DB, s scope.Scope, options *sql.TxOptions, fn func(*Tx) error) (err error) {
	g := pool.WithContext(ctx).Begin(options)
	if g.Error != nil {
		return unavailable(ctx, g.Error)
	}
	state := &txState{door: d, gorm: g, scope: s, write: !options.ReadOnly}
	defer func() {
		if p := recover(); p != nil {
			g.Rollback()
			panic(p)
		}
	}()
	if err := d.enter(g, s, &state.policy); err != nil {
		g.Rollback()
		return err
	}
	if err := fn(d.transaction(ctx, state)); err != nil {
		g.Rollback()
		return err
	}
	if err := g.Commit().Error; err != nil {
		return err
	}
	for _, f := range state.after {
		f()
	}
	return nil
}

// transaction wraps the GORM session so that its context carries the transaction.
func (d *DB) transaction(ctx context.Context, state *txState) *Tx {
	inner := context.WithValue(ctx, txKey{}, state)
	return &Tx{DB: state.gorm.WithContext(inner), door: d, scope: state.scope, state: state, policy: state.policy}
}

// enter tells the database the scope of the transaction and reads the policy version into it when asked.
func (d *DB) enter(g *gorm.DB, s scope.Scope, version *int64) error {
	var v int64
	var err error
	switch {
	case d.dialect == SQLite && version == nil:
		return nil
	case d.dialect == SQLite:
		err = g.Raw("SELECT version FROM policy_version WHERE id = 1").Scan(&v).Error
	default:
		provider := ""
		if s.IsProvider() || d.rowsOff {
			provider = "on"
		}
		err = g.Raw("SELECT muster_enter(?, ?)", provider, pgArray(s.ClientIDs())).Scan(&v).Error
	}
	if err != nil {
		return err
	}
	if version != nil {
		*version = v
	}
	return nil
}

// pgArray renders ids as a PostgreSQL array literal.
func pgArray(clients []ids.Client) string {
	text := make([]string, len(clients))
	for i, c := range clients {
		text[i] = c.String()
	}
	return "{" + strings.Join(text, ",") + "}"
}

// retryable reports whether the transaction may simply run again.
func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return err != nil && strings.Contains(err.Error(), "SQLITE_BUSY")
}

// RolledBack reports that the database itself said no, so that nothing of a failed
// Write is there. After other failures of the commit nobody knows.
func RolledBack(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		switch pg.Code[:2] {
		case "22", "23", "40", "42", "53":
			return true
		}
	}
	return false
}

// unavailable marks a failure to reach the database as one that may pass. When the caller's
// own deadline has passed or the caller has gone, that is what is told; a deadline of the
// connection's own dialling is the database's failure.
func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fault.New(fault.Unavailable, "database.unavailable", "The database does not answer; try again in a moment.").Wrap(err)
}

// RefusedText reports that PostgreSQL refused a text with a NUL, which it cannot keep.
func RefusedText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "22021" || pg.Code == "22P05")
}

// RefusedContent reports that the database took a statement's form but refused what it
// was to store: the same rows will be refused again.
func RefusedContent(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && len(pg.Code) == 5 {
		switch pg.Code[:2] {
		case "22", "23", "54": // data exception, integrity, limit of the program
			return true
		}
	}
	var lite interface{ Code() int }
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case 18, 19, 20: // too big, constraint, mismatch
			return true
		}
	}
	return false
}

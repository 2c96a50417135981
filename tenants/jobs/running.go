package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"gorm.io/gorm/clause"

	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// machine is the scope under which the queue tends its own rows.
var machine = scope.Provider()

// Running is a job in the hands of a handler.
type Running struct {
	Job
	pool    *Pool
	ctx     context.Context
	cancel  context.CancelCauseFunc
	renewed time.Time // last time the lease was extended; used by the beating goroutine alone

	mu       sync.Mutex
	fraction float64
	note     string
	changed  bool
	done     bool // Finish committed
}

// Progress says how far the work is: fraction from 0 to 1 (what lies outside
// is cut, NaN ignored) and a short note without personal data. It is cheap;
// the newest value is stored about once a second.
func (r *Running) Progress(fraction float64, note string) {
	if math.IsNaN(fraction) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fraction, r.note, r.changed = min(1, max(0, fraction)), note, true
}

// news gives the progress that is not stored yet.
func (r *Running) news() pulse {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := pulse{lease: r.lease()}
	if r.changed {
		fraction := r.fraction
		p.progress, p.note, r.changed = &fraction, r.note, false
	}
	return p
}

// finished reports whether Finish committed.
func (r *Running) finished() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done
}

// lease identifies this attempt.
func (r *Running) lease() lease {
	return lease{job: r.ID, owner: r.LeaseOwner, attempt: r.Attempt}
}

// Hold checks inside the handler's transaction that the lease is still held
// and keeps it so until the transaction ends: an effect written beside it can
// not be doubled by a second worker. Otherwise the error is ErrLeaseLost. The
// transaction must see the job's row: its scope is the job's client or wider.
func (r *Running) Hold(tx *database.Tx) error {
	var found []ids.Job
	err := r.lease().held(tx.DB).Clauses(clause.Locking{Strength: "UPDATE"}).Pluck("id", &found).Error
	if err != nil {
		return fmt.Errorf("jobs: hold: %w", err)
	}
	if len(found) == 0 {
		return ErrLeaseLost
	}
	return nil
}

// Finish marks the job done inside the handler's transaction, so that its last
// effects and its end are one; the error is ErrLeaseLost when another worker may
// have the job. What the handler returns afterwards is ignored.
func (r *Running) Finish(tx *database.Tx, result any) error {
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("jobs: the result of %s cannot be written as JSON: %w", r.Kind, err)
	}
	settled, err := r.pool.queue.settle(tx, r.lease(), outcome{status: Done, result: string(text)})
	if err != nil {
		return err
	}
	if !settled {
		return ErrLeaseLost
	}
	tx.AfterCommit(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.done = true
	})
	return nil
}

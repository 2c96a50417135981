package jobs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/tenants/database"
	"muster/tenants/ids"
)

// The reasons a handler's context ends before its work does.
var (
	// ErrCancelled says that somebody cancelled the job.
	ErrCancelled = errors.New("jobs: the job was cancelled")
	// ErrStopping says that the node shuts down; the job goes back to the queue.
	ErrStopping = errors.New("jobs: the node shuts down")
	// ErrLeaseLost says that another worker may have the job; nothing may be written for it.
	ErrLeaseLost = errors.New("jobs: the lease was lost")
)

// lease is one worker's claim to a job: who and which attempt.
type lease struct {
	job     ids.Job
	owner   string
	attempt int
}

// held selects the row of a lease while it is held.
func (l lease) held(tx *gorm.DB) *gorm.DB {
	return tx.Model(&Job{}).Where("id = ? AND lease_owner = ? AND attempt = ? AND status = ?", l.job, l.owner, l.attempt, Working)
}

// claim takes up to n due jobs of the kinds for an owner. Versions gives, per
// kind, the newest version of arguments the node understands.
func (q *Queue) claim(ctx context.Context, owner string, versions map[string]int, n int, length time.Duration) ([]Job, error) {
	var due []Job
	err := q.db.Write(ctx, machine, func(tx *database.Tx) error {
		now := q.db.Now()
		known := tx.Session(&gorm.Session{NewDB: true})
		for _, kind := range sortedKeys(versions) {
			known = known.Or("kind = ? AND v <= ?", kind, versions[kind])
		}
		due = nil
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Where("status = ? AND run_at <= ?", Waiting, now).Where(known).
			Order("priority DESC, run_at, id").Limit(n).Find(&due).Error
		if err != nil {
			return fmt.Errorf("jobs: claim: %w", err)
		}
		until := now.Add(length)
		for i := range due {
			j := &due[i]
			j.Status, j.LeaseOwner, j.LeaseUntil, j.StartedAt = Working, owner, &until, &now
			j.Attempt++
			err := tx.Model(&Job{}).Where("id = ?", j.ID).Updates(map[string]any{
				"status": j.Status, "lease_owner": owner, "lease_until": until, "started_at": now, "attempt": j.Attempt,
			}).Error
			if err != nil {
				return fmt.Errorf("jobs: claim: %w", err)
			}
		}
		return nil
	})
	return due, err
}

// anyDue reports whether a job may be claimed, without taking the writer.
func (q *Queue) anyDue(ctx context.Context) (bool, error) {
	var found []ids.Job
	err := q.db.Read(ctx, machine, func(tx *database.Tx) error {
		now := q.db.Now()
		return tx.Model(&Job{}).Where("status = ? AND run_at <= ?", Waiting, now).
			Or("status = ? AND lease_until < ?", Working, now).Limit(1).Pluck("id", &found).Error
	})
	return len(found) > 0, err
}

// rescue puts jobs whose worker went silent back in the queue, or fails those
// that used up their attempts, and gives their number.
func (q *Queue) rescue(ctx context.Context) (int, error) {
	var silent []Job
	err := q.db.Write(ctx, machine, func(tx *database.Tx) error {
		now := q.db.Now()
		silent = nil
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Where("status = ? AND lease_until < ?", Working, now).Order("id").Limit(100).Find(&silent).Error
		if err != nil {
			return fmt.Errorf("jobs: rescue: %w", err)
		}
		for _, j := range silent {
			changes := map[string]any{
				"lease_owner": "", "lease_until": nil,
				"error": Failure{Code: "jobs.worker_lost", Detail: "The worker went silent; it was stopped or lost its connection."},
			}
			switch {
			case j.CancelRequested:
				changes["status"], changes["finished_at"] = Cancelled, now
			case j.Attempt >= j.MaxAttempts:
				changes["status"], changes["finished_at"] = Failed, now
			default:
				changes["status"], changes["run_at"] = Waiting, now.Add(backoff(j.ID, j.Attempt))
			}
			if err := tx.Model(&Job{}).Where("id = ?", j.ID).Updates(changes).Error; err != nil {
				return fmt.Errorf("jobs: rescue: %w", err)
			}
		}
		return nil
	})
	return len(silent), err
}

// pulse is what a worker tells and hears about one of its jobs.
type pulse struct {
	lease
	progress *float64 // nil: unchanged
	note     string
}

// beat extends the leases of an owner and stores progress; it gives, for each
// lease still held, whether cancelling is asked for. With no pulse it only looks.
func (q *Queue) beat(ctx context.Context, owner string, pulses []pulse, extend bool, length time.Duration) (map[ids.Job]heard, error) {
	look := func(tx *database.Tx) (map[ids.Job]heard, error) {
		var rows []Job
		err := tx.Select("id", "attempt", "cancel_requested").Where("lease_owner = ? AND status = ?", owner, Working).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("jobs: heartbeat: %w", err)
		}
		found := make(map[ids.Job]heard, len(rows))
		for _, j := range rows {
			found[j.ID] = heard{attempt: j.Attempt, cancel: j.CancelRequested}
		}
		return found, nil
	}
	var found map[ids.Job]heard
	if len(pulses) == 0 && !extend {
		err := q.db.Read(ctx, machine, func(tx *database.Tx) (err error) {
			found, err = look(tx)
			return err
		})
		return found, err
	}
	err := q.db.Write(ctx, machine, func(tx *database.Tx) (err error) {
		until := q.db.Now().Add(length)
		err = tx.Model(&Job{}).Where("lease_owner = ? AND status = ?", owner, Working).Update("lease_until", until).Error
		if err != nil {
			return fmt.Errorf("jobs: heartbeat: %w", err)
		}
		for _, p := range pulses {
			if p.progress == nil {
				continue
			}
			err := p.held(tx.DB).Updates(map[string]any{"progress": *p.progress, "progress_note": p.note}).Error
			if err != nil {
				return fmt.Errorf("jobs: progress: %w", err)
			}
		}
		found, err = look(tx)
		return err
	})
	return found, err
}

// heard is what the database says about a held lease.
type heard struct {
	attempt int
	cancel  bool
}

// outcome is how an attempt ended.
type outcome struct {
	status  Status
	result  string
	failure Failure
	delay   time.Duration // until the next attempt, when status is Waiting
	refund  bool          // the attempt does not count
}

// settle writes the outcome if the lease is still held and reports whether it was.
func (q *Queue) settle(tx *database.Tx, l lease, o outcome) (bool, error) {
	now := q.db.Now()
	changes := map[string]any{"status": o.status, "lease_owner": "", "lease_until": nil}
	switch o.status {
	case Done:
		changes["result"], changes["progress"], changes["finished_at"] = o.result, 1.0, now
		changes["error"] = Failure{}
	case Waiting:
		changes["run_at"] = now.Add(o.delay)
		if o.refund {
			changes["attempt"] = l.attempt - 1
		} else {
			changes["error"] = o.failure
		}
	default:
		changes["error"], changes["finished_at"] = o.failure, now
	}
	result := l.held(tx.DB).Updates(changes)
	if result.Error != nil {
		return false, fmt.Errorf("jobs: settle: %w", result.Error)
	}
	return result.RowsAffected > 0, nil
}

// The bounds of the wait between two attempts.
const (
	firstBackoff = 2 * time.Second
	lastBackoff  = 30 * time.Minute
)

// backoff gives the wait after the attempt: it doubles from firstBackoff to
// lastBackoff, spread by up to a quarter that depends on the job alone, so that
// jobs which failed together do not come back together.
func backoff(id ids.Job, attempt int) time.Duration {
	wait := lastBackoff
	if shift := attempt - 1; shift < 20 {
		wait = min(lastBackoff, firstBackoff<<max(0, shift))
	}
	h := fnv.New64a()
	_, _ = h.Write(id[:])
	_, _ = h.Write([]byte{byte(attempt)})
	return wait + time.Duration(h.Sum64()%uint64(wait/4))
}

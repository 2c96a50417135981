package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// hintChannel wakes workers of all nodes when a job was made.
const hintChannel = "jobs"

// Queue enqueues jobs and answers questions about them. It is safe for concurrent use.
type Queue struct{ db *database.DB }

// New makes the queue of a database.
func New(db *database.DB) *Queue { return &Queue{db: db} }

// Enqueue makes a job in the caller's transaction, under its scope. When a job
// with the same unique key waits or runs already, that one is given instead
// and created is false.
func (q *Queue) Enqueue(tx *database.Tx, spec Spec) (job Job, created bool, err error) {
	if job, err = q.build(spec); err != nil {
		return Job{}, false, err
	}
	result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&job)
	if result.Error != nil {
		return Job{}, false, fmt.Errorf("jobs: enqueue %s: %w", spec.Kind, result.Error)
	}
	if result.RowsAffected == 0 {
		existing, err := database.One[Job](tx.Where("unique_key = ? AND status IN ?", spec.UniqueKey, []Status{Waiting, Working}),
			"jobs.unique_conflict", "A job with the same key ended at this moment; try again.")
		if fault.KindOf(err) == fault.NotFound && err != nil {
			return Job{}, false, fault.New(fault.Conflict, "jobs.unique_conflict", "A job with the same key belongs to another scope or ended at this moment; try again.").Wrap(err)
		}
		return existing, false, err
	}
	tx.AfterCommit(func() { q.db.Hint(hintChannel) })
	return job, true, nil
}

// build checks a Spec and makes its row.
func (q *Queue) build(spec Spec) (Job, error) {
	if strings.TrimSpace(spec.Kind) == "" {
		return Job{}, fault.New(fault.Invalid, "jobs.kind_missing", "A job needs a kind.")
	}
	if spec.MaxAttempts < 0 || spec.Version < 0 {
		return Job{}, fault.Newf(fault.Invalid, "jobs.negative", "Job %s: attempts and version must not be negative.", spec.Kind)
	}
	args, err := json.Marshal(spec.Args)
	if err != nil {
		return Job{}, fault.Newf(fault.Invalid, "jobs.args", "Job %s: its arguments cannot be written as JSON.", spec.Kind).Wrap(err)
	}
	now := q.db.Now()
	job := Job{
		ID: ids.New[ids.Job](q.db.IDs()), Client: spec.Client, Kind: spec.Kind, Version: spec.Version, Args: string(args),
		Status: Waiting, Priority: spec.Priority, MaxAttempts: spec.MaxAttempts, RunAt: max(spec.RunAt, now),
		Actor: spec.Actor, CreatedAt: now,
	}
	if job.MaxAttempts == 0 {
		job.MaxAttempts = defaultAttempts
	}
	if spec.UniqueKey != "" {
		job.UniqueKey = &spec.UniqueKey
	}
	return job, nil
}

// notFound is the answer for a job that is absent or outside the scope.
const notFound = "There is no such job, or it is not yours to see."

// Get gives a job in the scope; otherwise the NotFound fault jobs.not_found.
func (q *Queue) Get(ctx context.Context, s scope.Scope, id ids.Job) (Job, error) {
	var job Job
	err := q.db.Read(ctx, s, func(tx *database.Tx) (err error) {
		job, err = database.One[Job](tx.Where("id = ?", id), "jobs.not_found", notFound)
		return err
	})
	return job, err
}

// Filter narrows a list of jobs; zero fields do not narrow.
type Filter struct {
	Kinds    []string
	Statuses []Status
	Actor    ids.User
	Before   ids.Job // jobs made before this one, for the next page
	Limit    int     // 0 means 50, at most 500
}

// List gives jobs of the scope, the newest first.
func (q *Queue) List(ctx context.Context, s scope.Scope, f Filter) ([]Job, error) {
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	if limit < 0 || limit > 500 {
		return nil, fault.New(fault.Invalid, "jobs.limit", "The limit of a list of jobs must lie between 1 and 500.")
	}
	var found []Job
	err := q.db.Read(ctx, s, func(tx *database.Tx) error {
		query := tx.Order("id DESC").Limit(limit)
		if len(f.Kinds) > 0 {
			query = query.Where("kind IN ?", f.Kinds)
		}
		if len(f.Statuses) > 0 {
			query = query.Where("status IN ?", f.Statuses)
		}
		if !f.Actor.IsZero() {
			query = query.Where("actor_id = ?", f.Actor)
		}
		if !f.Before.IsZero() {
			query = query.Where("id < ?", f.Before)
		}
		return query.Find(&found).Error
	})
	return found, err
}

// Cancel ends a waiting job at once and asks a running one to stop; its
// handler's context ends within about a second. A final job gives the Conflict
// fault jobs.final.
func (q *Queue) Cancel(ctx context.Context, s scope.Scope, id ids.Job) (Job, error) {
	var job Job
	err := q.db.Write(ctx, s, func(tx *database.Tx) (err error) {
		job, err = database.One[Job](tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id), "jobs.not_found", notFound)
		if err != nil {
			return err
		}
		changes := map[string]any{"cancel_requested": true}
		switch job.Status {
		case Waiting:
			now := q.db.Now()
			changes["status"], changes["finished_at"] = Cancelled, now
			job.Status, job.FinishedAt = Cancelled, &now
		case Working:
		default:
			return fault.Newf(fault.Conflict, "jobs.final", "The job has ended (%s) and cannot be cancelled.", job.Status).With("status", job.Status)
		}
		job.CancelRequested = true
		return tx.Model(&Job{}).Where("id = ?", id).Updates(changes).Error
	})
	return job, err
}

// Retry puts a failed or cancelled job back in the queue with fresh attempts.
func (q *Queue) Retry(ctx context.Context, s scope.Scope, id ids.Job) error {
	return q.db.Write(ctx, s, func(tx *database.Tx) error {
		job, err := database.One[Job](tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", id), "jobs.not_found", notFound)
		if err != nil {
			return err
		}
		if job.Status != Failed && job.Status != Cancelled {
			return fault.Newf(fault.Conflict, "jobs.not_failed", "Only a failed or cancelled job can be tried again; this one is %s.", job.Status).With("status", job.Status)
		}
		tx.AfterCommit(func() { q.db.Hint(hintChannel) })
		return tx.Model(&Job{}).Where("id = ?", id).Updates(map[string]any{
			"status": Waiting, "attempt": 0, "run_at": q.db.Now(), "cancel_requested": false,
			"progress": 0, "progress_note": "", "finished_at": nil,
		}).Error
	})
}

// awaitInterval is the time between two looks at a job somebody waits for.
const awaitInterval = 100 * time.Millisecond

// Await gives the job once it is final, or the context's error.
func (q *Queue) Await(ctx context.Context, s scope.Scope, id ids.Job) (Job, error) {
	tick := time.NewTicker(awaitInterval)
	defer tick.Stop()
	for {
		job, err := q.Get(ctx, s, id)
		if err != nil || job.Status.Final() {
			return job, err
		}
		select {
		case <-ctx.Done():
			return job, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Prune deletes final jobs that ended before the instant and gives their number.
func (q *Queue) Prune(ctx context.Context, before calendar.Instant) (int64, error) {
	var deleted int64
	err := q.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		result := tx.Where("status IN ? AND finished_at < ?", []Status{Done, Failed, Cancelled}, before).Delete(&Job{})
		deleted = result.RowsAffected
		return result.Error
	})
	return deleted, err
}

// Backlog is how much work of a kind waits or runs.
type Backlog struct {
	Kind   string
	Status Status
	Jobs   int64
	Oldest calendar.Instant // when the first of them was to run
}

// Backlogs gives the work that is not final, by kind and status, for metrics.
func (q *Queue) Backlogs(ctx context.Context) ([]Backlog, error) {
	var found []Backlog
	err := q.db.Read(ctx, machine, func(tx *database.Tx) error {
		return tx.Model(&Job{}).Select("kind", "status", "count(*) AS jobs", "min(run_at) AS oldest").
			Where("status IN ?", []Status{Waiting, Working}).Group("kind, status").Order("kind, status").Find(&found).Error
	})
	return found, err
}

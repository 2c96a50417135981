package jobs

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// Status is where a job is in its life.
type Status string

// The statuses; the last three are final.
const (
	Waiting   Status = "waiting"
	Working   Status = "running"
	Done      Status = "done"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

// Final reports whether the job will not change any more by itself.
func (s Status) Final() bool { return s == Done || s == Failed || s == Cancelled }

// Spec describes a job to enqueue.
type Spec struct {
	Kind        string           // names the handler
	Version     int              // version of Args; nodes that know only older ones leave the job to others
	Args        any              // encoded as JSON; holds ids, never personal data
	Client      ids.Client       // whose work it is; zero means the provider's
	UniqueKey   string           // while a job with this key waits or runs, no second one is made
	Priority    int              // larger first
	RunAt       calendar.Instant // not before; zero means now
	MaxAttempts int              // 0 means 5
	Actor       ids.User         // who asked for it; zero means the machine
}

// defaultAttempts is how often a job is tried when its Spec does not say.
const defaultAttempts = 5

// Job is one row of the queue.
type Job struct {
	ID              ids.Job    `gorm:"primaryKey"`
	Client          ids.Client `gorm:"column:client_id"`
	Kind            string
	Version         int    `gorm:"column:v"`
	Args            string // JSON
	UniqueKey       *string
	Status          Status
	Priority        int
	Attempt         int // times it was started
	MaxAttempts     int
	RunAt           calendar.Instant
	LeaseUntil      *calendar.Instant
	LeaseOwner      string
	CancelRequested bool
	Progress        float64 // 0 to 1
	ProgressNote    string
	Result          string           // JSON; empty until done
	Error           Failure          // why the last attempt failed
	Actor           ids.User         `gorm:"column:actor_id"`
	CreatedAt       calendar.Instant `gorm:"autoCreateTime:false"`
	StartedAt       *calendar.Instant
	FinishedAt      *calendar.Instant
}

// TableName names the table.
func (Job) TableName() string { return "jobs" }

// DecodeArgs reads the arguments into v.
func (j Job) DecodeArgs(v any) error {
	if err := json.Unmarshal([]byte(j.Args), v); err != nil {
		return fmt.Errorf("jobs: arguments of %s v%d: %w", j.Kind, j.Version, err)
	}
	return nil
}

// DecodeResult reads the result of a finished job into v.
func (j Job) DecodeResult(v any) error {
	if err := json.Unmarshal([]byte(j.Result), v); err != nil {
		return fmt.Errorf("jobs: result of %s v%d: %w", j.Kind, j.Version, err)
	}
	return nil
}

// Failure says why an attempt failed, in a form that people may see; the cause
// behind an internal failure is in the log.
type Failure struct {
	Code   string         `json:"code"`
	Detail string         `json:"detail"`
	Params map[string]any `json:"params,omitempty"`
}

// IsZero reports whether there is no failure.
func (f Failure) IsZero() bool { return f.Code == "" }

// Value stores the failure as JSON text, empty when there is none.
func (f Failure) Value() (driver.Value, error) {
	if f.IsZero() {
		return "", nil
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("jobs: failure: %w", err)
	}
	return string(b), nil
}

// Scan reads what Value stored.
func (f *Failure) Scan(src any) error {
	*f = Failure{}
	var text []byte
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("jobs: cannot read a failure from %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, f); err != nil {
		return fmt.Errorf("jobs: failure: %w", err)
	}
	return nil
}

// failureOf turns a handler's error into what people may see.
func failureOf(err error) Failure {
	var coded *fault.Error
	if errors.As(err, &coded) && coded.Kind != fault.Internal {
		return Failure{Code: coded.Code, Detail: coded.Detail, Params: coded.Params}
	}
	return Failure{Code: "internal", Detail: "The work failed on our side; the log of the node that ran it has the cause."}
}

// curable reports whether another attempt could end differently: an input that
// is wrong stays wrong, everything else may pass.
func curable(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Forbidden, fault.Unauthorized, fault.NotFound, fault.Conflict, fault.Stale, fault.TooLarge:
		return false
	default:
		return true
	}
}

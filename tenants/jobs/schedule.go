package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// Schedule starts a job of the provider at each due time of a timetable. The
// job's arguments are those of the schedule with the due time: see DueArgs.
type Schedule struct {
	Name      string `gorm:"primaryKey"`
	Cron      string
	Zone      string
	Kind      string
	Args      string // JSON
	Enabled   bool
	LastDueAt calendar.Instant // the latest due time that was claimed, or when the schedule was made
}

// TableName names the table.
func (Schedule) TableName() string { return "schedules" }

// DueArgs are the arguments of a job that a schedule started.
type DueArgs struct {
	Schedule string           `json:"schedule"`
	Due      calendar.Instant `json:"due"`
	Args     json.RawMessage  `json:"args"` // those of the schedule
}

// scheduleRun is the claim to one due time.
type scheduleRun struct {
	Name      string           `gorm:"primaryKey"`
	DueAt     calendar.Instant `gorm:"primaryKey;autoIncrement:false"`
	JobID     ids.Job
	ClaimedAt calendar.Instant
}

// TableName names the table.
func (scheduleRun) TableName() string { return "schedule_runs" }

// SetSchedule makes a schedule or changes it; a new or changed timetable counts
// from now. Setting the same again changes nothing, so every node may do it at start.
func (q *Queue) SetSchedule(ctx context.Context, name, line, zone, kind string, args any) error {
	if name == "" || kind == "" {
		return fault.New(fault.Invalid, "jobs.schedule_name", "A schedule needs a name and the kind of its jobs.")
	}
	if _, err := ParseTimetable(line, zone); err != nil {
		return err
	}
	text, err := json.Marshal(args)
	if err != nil {
		return fault.Newf(fault.Invalid, "jobs.args", "Schedule %s: its arguments cannot be written as JSON.", name).Wrap(err)
	}
	return q.db.Write(ctx, machine, func(tx *database.Tx) error {
		fresh := Schedule{Name: name, Cron: line, Zone: zone, Kind: kind, Args: string(text), Enabled: true, LastDueAt: q.db.Now()}
		created := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh)
		if created.Error != nil || created.RowsAffected > 0 {
			return created.Error
		}
		return tx.Model(&Schedule{}).
			Where("name = ? AND (cron <> ? OR zone <> ? OR kind <> ? OR args <> ?)", name, line, zone, kind, string(text)).
			Updates(map[string]any{"cron": line, "zone": zone, "kind": kind, "args": string(text), "last_due_at": q.db.Now()}).Error
	})
}

// EnableSchedule turns a schedule on or off; turned on, it counts from now.
func (q *Queue) EnableSchedule(ctx context.Context, name string, enabled bool) error {
	return q.db.Write(ctx, machine, func(tx *database.Tx) error {
		result := tx.Model(&Schedule{}).Where("name = ? AND enabled <> ?", name, enabled).
			Updates(map[string]any{"enabled": enabled, "last_due_at": q.db.Now()})
		if result.Error != nil || result.RowsAffected > 0 {
			return result.Error
		}
		_, err := database.One[Schedule](tx.Where("name = ?", name), "jobs.schedule_not_found", "There is no schedule of this name.")
		return err
	})
}

// Schedules lists all schedules by name.
func (q *Queue) Schedules(ctx context.Context) ([]Schedule, error) {
	var found []Schedule
	err := q.db.Read(ctx, machine, func(tx *database.Tx) error { return tx.Order("name").Find(&found).Error })
	return found, err
}

// fireSchedules enqueues the jobs of due times that no node has claimed.
func (q *Queue) fireSchedules(ctx context.Context) error {
	all, err := q.Schedules(ctx)
	if err != nil {
		return err
	}
	now := q.db.Now()
	for _, s := range all {
		if !s.Enabled {
			continue
		}
		timetable, err := ParseTimetable(s.Cron, s.Zone)
		if err != nil {
			return fmt.Errorf("jobs: schedule %s: %w", s.Name, err)
		}
		if due, found := timetable.Latest(s.LastDueAt, now); found {
			if err := q.fire(ctx, s, due); err != nil {
				return err
			}
		}
	}
	return nil
}

// fire claims one due time and enqueues its job, both or neither.
func (q *Queue) fire(ctx context.Context, s Schedule, due calendar.Instant) error {
	return q.db.Write(ctx, machine, func(tx *database.Tx) error {
		job, err := q.build(Spec{Kind: s.Kind, Args: DueArgs{Schedule: s.Name, Due: due, Args: json.RawMessage(s.Args)}})
		if err != nil {
			return err
		}
		run := scheduleRun{Name: s.Name, DueAt: due, JobID: job.ID, ClaimedAt: q.db.Now()}
		claimed := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&run)
		if claimed.Error != nil {
			return fmt.Errorf("jobs: schedule %s: %w", s.Name, claimed.Error)
		}
		if claimed.RowsAffected > 0 {
			if err := tx.Create(&job).Error; err != nil {
				return fmt.Errorf("jobs: schedule %s: %w", s.Name, err)
			}
		}
		return tx.Model(&Schedule{}).Where("name = ? AND last_due_at < ?", s.Name, due).Update("last_due_at", due).Error
	})
}

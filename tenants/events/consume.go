package events

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/scope"
)

// cursor remembers how far a consumer has read.
type cursor struct {
	Name      string `gorm:"primaryKey"`
	Seq       int64
	UpdatedAt calendar.Instant `gorm:"autoUpdateTime:false"`
}

// TableName names the table.
func (cursor) TableName() string { return "event_cursors" }

// Consumer is a service that acts on each event once.
type Consumer struct {
	Name   string // names the cursor; stable for ever
	Filter Filter
	// Handle acts on events in order. Its rows and the cursor are one
	// transaction, so each event takes effect once; after an error the batch
	// comes again.
	Handle func(tx *database.Tx, events []Event) error
	Poll   time.Duration // time between two looks when no hint arrives; 0 means 2 s
	Logger *slog.Logger  // nil discards
}

// Consume runs a consumer until the context ends; any number of nodes may run
// the same one, and one of them acts at a time. It begins at the oldest event kept.
func (s *Stream) Consume(ctx context.Context, c Consumer) {
	if c.Poll <= 0 {
		c.Poll = 2 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	hints, unwatch := s.db.Watch(hintChannel)
	defer unwatch()
	poll := time.NewTicker(c.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		more, err := s.ConsumeBatch(ctx, c)
		if err != nil && ctx.Err() == nil {
			c.Logger.Error("events were not consumed", "consumer", c.Name, "error", err)
		}
		if err == nil && more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-poll.C:
		}
	}
}

// consumeBatch is the most events one transaction of a consumer covers.
const consumeBatch = 100

// ConsumeBatch lets the consumer act on the next events and reports whether
// there may be more.
func (s *Stream) ConsumeBatch(ctx context.Context, c Consumer) (more bool, err error) {
	settled, err := s.boundOf(ctx)
	if err != nil {
		return false, err
	}
	if idle, err := s.idle(ctx, c.Name, settled); err != nil || idle {
		return false, err
	}
	var rows []row
	err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		at, err := s.lockCursor(tx, c.Name)
		if err != nil {
			return err
		}
		from, _, err := find(tx, at) // a place no longer kept: the oldest that is
		if err != nil {
			return err
		}
		rows = nil
		if err := from.after(settled.apply(tx)).Order("xid, seq").Limit(consumeBatch).Find(&rows).Error; err != nil {
			return fmt.Errorf("events: consume: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		var wanted []Event
		for _, r := range rows {
			if c.Filter.accepts(r) {
				wanted = append(wanted, r.event())
			}
		}
		if len(wanted) > 0 {
			if err := c.Handle(tx, wanted); err != nil {
				return err
			}
		}
		return tx.Model(&cursor{}).Where("name = ?", c.Name).
			Updates(map[string]any{"seq": rows[len(rows)-1].Seq, "updated_at": s.db.Now()}).Error
	})
	return err == nil && len(rows) == consumeBatch, err
}

// idle reports whether nothing lies after the consumer's place, without taking
// the writer.
func (s *Stream) idle(ctx context.Context, name string, settled bound) (bool, error) {
	var next []int64
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var cursors []cursor
		if err := tx.Where("name = ?", name).Find(&cursors).Error; err != nil {
			return fmt.Errorf("events: cursor: %w", err)
		}
		from := beginning
		if len(cursors) > 0 {
			var err error
			if from, _, err = find(tx, cursors[0].Seq); err != nil {
				return err
			}
		}
		return from.after(settled.apply(tx)).Model(&row{}).Limit(1).Pluck("seq", &next).Error
	})
	return len(next) == 0, err
}

// lockCursor gives the consumer's place and keeps other nodes from acting meanwhile.
func (s *Stream) lockCursor(tx *database.Tx, name string) (int64, error) {
	fresh := cursor{Name: name, UpdatedAt: s.db.Now()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return 0, fmt.Errorf("events: cursor: %w", err)
	}
	var locked cursor
	if err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("name = ?", name).Take(&locked).Error; err != nil {
		return 0, fmt.Errorf("events: cursor: %w", err)
	}
	return locked.Seq, nil
}

// accepts applies the filter to a row that was read.
func (f Filter) accepts(r row) bool {
	if f.Subject != "" && f.Subject != r.Subject {
		return false
	}
	if len(f.Types) == 0 {
		return true
	}
	for _, t := range f.Types {
		if t == r.Type || beginsWith(r.Type, t) {
			return true
		}
	}
	return false
}

// beginsWith reports whether a type lies under a beginning that ends with a dot.
func beginsWith(name, beginning string) bool {
	n := len(beginning)
	return n > 0 && beginning[n-1] == '.' && len(name) > n && name[:n] == beginning
}

package routing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// commit applies a group of inputs and stores everything in one transaction that
// checks the epoch. Callers of this node hear of their inputs after it. After an
// error the engine is behind or ahead of the rows and the caller must throw it away.
func (w *leader) commit(ctx context.Context, group []item) (err error) {
	l, committed := w.live, false
	c := &change{w: w, contacts: map[int64]bool{}, segments: map[int64]bool{}, agents: map[ids.Agent]bool{}, desks: map[ids.Agent]bool{}, states: map[ids.Agent][]stateSpan{}}
	defer func() {
		if err != nil && !committed {
			l.metrics.failures.Inc()
			c.disappoint(group, err)
			err = l.doubts.blame(c.suspects(group), err)
		}
	}()
	began, now := time.Now(), l.db.Now()
	if w.months < now+calendar.Hour {
		if err := l.db.EnsureMonths(ctx, calendar.Interval{Start: now - calendar.Day, End: now + 2*calendar.Day}); err != nil {
			return err
		}
		w.months = now + calendar.Day
	}
	at := int64(w.time())
	c.at = calendar.Instant(at)
	err = l.db.Write(ctx, scope.Provider(), c.write(group, now))
	if err != nil {
		return err
	}
	committed = true
	w.seq, w.at, w.renewed = c.seq, at, calendar.Instant(at)
	l.doubts.clear(group)
	l.board.renew(began.Add(time.Duration(lease) * time.Microsecond))
	c.answer()
	l.metrics.committed(len(group), c.asides, began, c.answers)
	l.metrics.count(w.rows.tally)
	if w.seq-w.snapshot >= snapshotEvery {
		return w.save(ctx)
	}
	return nil
}

// write gives the work of a group's transaction; a panic in it is its error.
func (c *change) write(group []item, now calendar.Instant) func(tx *database.Tx) error {
	w, l := c.w, c.w.live
	work := func(tx *database.Tx) error {
		if c.used {
			return errors.New("routing: the transaction ran twice on one warm engine") // the engine has moved on: rebuild
		}
		c.tx, c.seq = tx, w.seq
		var d Domain
		if err := tx.Clauses(database.ForUpdate()).Where("id = ?", l.domain).Take(&d).Error; err != nil {
			return err
		}
		if d.Epoch != w.epoch || d.Leader != l.node {
			return errLeadLost
		}
		if d.LastSeq != w.seq {
			return fmt.Errorf("routing: the domain is at %d, the engine at %d", d.LastSeq, w.seq)
		}
		fresh, err := c.admit(group)
		if err != nil {
			return err
		}
		c.used = len(fresh) > 0
		for i := range fresh {
			c.current = &fresh[i]
			if err := c.apply(&fresh[i]); err != nil {
				return err
			}
		}
		c.current = nil
		if err := c.store(); err != nil {
			return err
		}
		c.whole = true
		return tx.Model(&Domain{}).Where("id = ?", l.domain).Updates(map[string]any{"last_seq": c.seq, "last_at": c.at, "lease_until": now + lease, "config_version": w.engine.Config().Version}).Error
	}
	return func(tx *database.Tx) error { return guarded(func() error { return work(tx) }) }
}

// suspects gives the inputs by which a group may have failed: the one that was being
// applied, or all of them.
func (c *change) suspects(group []item) []item {
	if c.current != nil {
		return []item{*c.current}
	}
	return group
}

// save stores a snapshot and forgets all but the last two.
func (w *leader) save(ctx context.Context) error {
	state, err := json.Marshal(saved{Names: w.names, Engine: w.engine.Snapshot()})
	if err != nil {
		return err
	}
	err = w.live.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		row := snapshotRow{DomainID: w.live.domain, Seq: w.seq, At: calendar.Instant(w.at), EngineVersion: engine.SnapshotVersion, State: state}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Where("domain_id = ? AND seq < ?", w.live.domain, w.snapshot).Delete(&snapshotRow{}).Error
	})
	w.snapshot = w.seq
	return err
}

// change is one group on its way into the rows.
type change struct {
	w        *leader
	tx       *database.Tx
	at       calendar.Instant
	seq      int64          // of the last logged input
	used     bool           // the engine has taken inputs
	whole    bool           // everything is stored but the commit
	contacts map[int64]bool // touched, by the engine's number
	segments map[int64]bool
	agents   map[ids.Agent]bool
	log      []logRow
	inbox    []inboxRow
	states   map[ids.Agent][]stateSpan
	desks    map[ids.Agent]bool // agents whose desks look different
	answers  []answered
	asides   int                           // inputs that were set aside
	current  *item                         // being applied
	writes   []func(tx *database.Tx) error // further rows of the group
	messages []events.Message              // what the group says happened
}

// stateSpan is an agent's state that has ended.
type stateSpan struct {
	state, code string
	client      ids.Client
	from, to    calendar.Instant
}

// store writes log, live rows, inbox outcomes and finished records.
func (c *change) store() error {
	if len(c.log) == 0 {
		return nil
	}
	if _, err := database.Insert(c.tx, c.log); err != nil {
		return err
	}
	if _, err := database.Insert(c.tx, c.inbox, clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"applied_seq", "outcome"})}); err != nil {
		return err
	}
	for number := range c.contacts {
		if open := c.w.rows.contacts[number]; open != nil {
			for _, agent := range c.w.rows.park(open) {
				c.desks[agent] = true
			}
			c.w.rows.recount(open)
		}
	}
	if err := c.finish(); err != nil {
		return err
	}
	for _, write := range c.writes {
		if err := write(c.tx); err != nil {
			return err
		}
	}
	if err := c.w.live.events.Publish(c.tx, c.messages...); err != nil {
		return err
	}
	upsert := clause.OnConflict{UpdateAll: true}
	if _, err := database.Insert(c.tx, touched(c.contacts, c.w.rows.contacts, cmp.Compare[int64]), upsert); err != nil {
		return err
	}
	if _, err := database.Insert(c.tx, touched(c.segments, c.w.rows.segments, cmp.Compare[int64]), upsert); err != nil {
		return err
	}
	_, err := database.Insert(c.tx, touched(c.agents, c.w.rows.agents, ids.Agent.Compare), upsert)
	return err
}

package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Times of the lead.
const (
	lease         = 3 * calendar.Second // a leader that is silent for so long may be replaced
	renewEvery    = calendar.Second     // the leader renews so often
	idlePoll      = 100 * time.Millisecond
	followPoll    = 500 * time.Millisecond
	groupSize     = 256                  // inputs applied in one transaction
	snapshotEvery = 1000                 // inputs between snapshots
	reconfigure   = 5 * calendar.Second  // how often changed configuration is looked for
	presence      = 45 * calendar.Second // an agent without a sign of life for so long is lost
)

// errLeadLost says that another node leads now.
var errLeadLost = errors.New("routing: another node leads")

// leader is the warm state of the node that leads.
type leader struct {
	live     *Live
	epoch    int64
	seq      int64
	at       int64 // of the last applied input; time never goes back
	engine   *engine.Engine
	names    names
	rows     mirror
	staff    map[ids.Agent]people.Person
	renewed  calendar.Instant
	config   calendar.Instant // when it was looked at last
	months   calendar.Instant // partitions exist up to here
	snapshot int64            // sequence of the last one
}

// saved is the content of a snapshot row.
type saved struct {
	Names  names           `json:"names"`
	Engine engine.Snapshot `json:"engine"`
}

// Run competes for the lead and routes while it leads, until the context ends.
// Prepare comes first.
func (l *Live) Run(ctx context.Context) error {
	wake, stop := l.db.Watch(hint)
	defer stop()
	// The embedded database takes one node: whoever holds the lease of it is gone.
	// Should it live after all, the new epoch shuts it out.
	seize := l.db.Dialect() == database.SQLite
	for ctx.Err() == nil {
		lead, err := l.take(ctx, seize)
		if err == nil {
			seize = false
			l.log.Info("leads routing", "node", l.node, "epoch", lead.epoch)
			err = lead.loop(ctx, wake)
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil && !errors.Is(err, errLeadLost) {
			l.log.Warn("routing starts over", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(followPoll):
		}
	}
	l.release()
	return nil
}

// release gives the lead back at an orderly stop, so that another node need not wait.
func (l *Live) release() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Domain{}).Where("id = ? AND leader = ?", l.domain, l.node).Update("lease_until", 0).Error
	})
	if err != nil {
		l.log.Warn("the lead could not be given back", "error", err)
	}
}

// take takes the lead when nobody holds it, or in any case when seize is set, with
// a new epoch, and rebuilds the engine.
func (l *Live) take(ctx context.Context, seize bool) (*leader, error) {
	var d Domain
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Clauses(database.ForUpdate()).Where("id = ?", l.domain).Take(&d).Error; err != nil {
			return err
		}
		now := l.db.Now()
		if d.Leader != l.node && d.LeaseUntil > now && !seize {
			return errLeadLost
		}
		d.Leader, d.Epoch, d.LeaseUntil = l.node, d.Epoch+1, now+lease
		return tx.Model(&Domain{}).Where("id = ?", l.domain).Updates(map[string]any{"leader": d.Leader, "epoch": d.Epoch, "lease_until": d.LeaseUntil}).Error
	})
	if err != nil {
		return nil, err
	}
	lead := &leader{live: l, epoch: d.Epoch, renewed: l.db.Now()}
	if err := lead.rebuild(ctx, d); err != nil {
		return nil, err
	}
	return lead, lead.refresh(ctx)
}

// rebuild makes the engine from the last snapshot and the log after it.
func (w *leader) rebuild(ctx context.Context, d Domain) error {
	l := w.live
	var row snapshotRow
	var entries []logRow
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		err := tx.Where("domain_id = ?", l.domain).Order("seq DESC").Take(&row).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if w.rows, err = l.load(tx); err != nil {
			return err
		}
		return tx.Where("domain_id = ? AND seq > ?", l.domain, row.Seq).Order("seq").Find(&entries).Error
	})
	if err != nil {
		return err
	}
	if len(row.State) > 0 {
		var s saved
		if err := json.Unmarshal(row.State, &s); err != nil {
			return fmt.Errorf("routing: snapshot %d is damaged: %w", row.Seq, err)
		}
		if w.engine, err = engine.Rebuild(s.Engine); err != nil {
			return err
		}
		w.names = s.Names
		w.names.index()
	}
	w.seq, w.at, w.snapshot = row.Seq, int64(row.At), row.Seq
	for _, e := range entries {
		if e.Seq != w.seq+1 {
			return fmt.Errorf("routing: the log has a gap after %d", w.seq)
		}
		if err := w.replay(e); err != nil {
			return err
		}
	}
	if w.seq != d.LastSeq {
		return fmt.Errorf("routing: the log ends at %d, the domain at %d", w.seq, d.LastSeq)
	}
	return nil
}

// replay applies one logged input to the engine alone.
func (w *leader) replay(e logRow) error {
	ev, err := w.event(e.Event)
	if err != nil {
		return err
	}
	if e.Kind == kindReconfig {
		w.names = *e.Event.Names
		w.names.index()
		if w.engine == nil {
			if w.engine, err = engine.New(*e.Event.Config); err != nil {
				return err
			}
		}
	}
	w.engine.Apply(int64(e.At), ev)
	w.seq, w.at = e.Seq, int64(e.At)
	return nil
}

// refresh looks for changed configuration and puts it in force as a logged input.
func (w *leader) refresh(ctx context.Context) error {
	l := w.live
	now := l.db.Now()
	w.config = now
	cfg, n, err := l.configure(ctx, now, w.names)
	if err != nil {
		return err
	}
	staff, err := l.people.Staff(ctx, scope.Provider(), now, calendar.Date(now/calendar.Day))
	if err != nil {
		return err
	}
	w.staff = map[ids.Agent]people.Person{}
	for _, p := range staff {
		w.staff[p.Agent.ID] = p
	}
	if w.engine != nil && w.engine.Config().Version == cfg.Version {
		return nil
	}
	if err := cfg.Validate(); err != nil && w.engine != nil {
		l.log.Warn("the present configuration stays in force", "error", err)
		return nil
	}
	if w.engine == nil {
		if w.engine, err = engine.New(cfg); err != nil {
			return err
		}
	}
	return w.commit(ctx, []inboxRow{{Event: Input{Kind: kindReconfig, Config: &cfg, Names: &n}, Kind: kindReconfig}})
}

// loop applies what waits in the inbox and what timers demand, until the lead is lost.
func (w *leader) loop(ctx context.Context, wake <-chan struct{}) error {
	for ctx.Err() == nil {
		now := w.live.db.Now()
		if now-w.config > reconfigure {
			if err := w.refresh(ctx); err != nil {
				return err
			}
		}
		group, err := w.waiting(ctx)
		if err != nil {
			return err
		}
		timer := w.engine.NextTimer()
		switch {
		case len(group) > 0:
			err = w.commit(ctx, group)
		case timer <= int64(now):
			err = w.commit(ctx, []inboxRow{{Kind: kindTick, Event: Input{Kind: kindTick}}})
		case now-w.renewed > renewEvery:
			err = w.commit(ctx, nil)
		default:
			w.sleep(ctx, wake, timer, int64(now))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// sleep waits for a hint, the next timer or the poll.
func (w *leader) sleep(ctx context.Context, wake <-chan struct{}, timer, now int64) {
	wait := idlePoll
	if left := timer - now; left < idlePoll.Microseconds() { // a floor without timers says the end of time
		wait = time.Duration(max(0, left)) * time.Microsecond
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}

// waiting reads the next inputs of the inbox, and agents whose desktops are silent.
func (w *leader) waiting(ctx context.Context) ([]inboxRow, error) {
	var group []inboxRow
	var silent []Agent
	now := w.live.db.Now()
	err := w.live.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Where("domain_id = ? AND applied_seq IS NULL", w.live.domain).Order("id").Limit(groupSize).Find(&group).Error; err != nil {
			return err
		}
		return tx.Where("domain_id = ? AND state IN ? AND heartbeat_at < ?", w.live.domain, []string{"ready", "not_ready", "paused"}, now-presence).Order("agent_id").Find(&silent).Error
	})
	for _, a := range silent {
		group = append(group, inboxRow{Kind: KindLost, Event: Input{Kind: KindLost, Agent: a.AgentID}})
	}
	return group, err
}

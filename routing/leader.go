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
	"muster/tenants/webhooks"
)

// Times of the lead.
const (
	lease         = 3 * calendar.Second // a leader that is silent for so long may be replaced
	renewEvery    = calendar.Second     // the leader renews so often
	idlePoll      = 100 * time.Millisecond
	followPoll    = 500 * time.Millisecond
	groupSize     = 256                  // inputs applied in one transaction
	snapshotEvery = 5000                 // inputs between snapshots
	reconfigure   = 5 * calendar.Second  // how often changed configuration is looked for
	silentPoll    = time.Second          // how often silent desktops are looked for
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
	reading  calendar.Instant  // of the clock, the last one
	floor    calendar.Instant  // the floor's time then
	config   calendar.Instant  // when it was looked at last
	months   calendar.Instant  // partitions exist up to here
	snapshot int64             // sequence of the last one
	audience webhooks.Audience // who wants to hear of contacts
	looking  bool              // for changed configuration, beside the routing
	found    chan news         // what that look found
	looked   time.Time         // into the inbox
	listened time.Time         // for silent desktops
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
		var lead *leader
		err := guarded(func() (err error) { lead, err = l.take(ctx, seize); return err })
		if err == nil {
			seize = false
			l.log.Info("leads routing", "node", l.node, "epoch", lead.epoch)
			l.metrics.begin(lead.epoch)
			l.counter.set(true)
			err = guarded(func() error { return lead.loop(ctx, wake) })
			l.counter.set(false)
			l.metrics.end()
			l.board.clear()
		}
		if ctx.Err() != nil {
			break
		}
		var known blamed
		if l.report(err); errors.As(err, &known) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(followPoll):
		}
	}
	l.release()
	return nil
}

// report logs why the lead ended.
func (l *Live) report(err error) {
	var failed *panicked
	switch {
	case err == nil || errors.Is(err, errLeadLost):
	case errors.As(err, &failed):
		l.log.Error("the router failed and starts over", "error", err, "stack", string(failed.stack))
	default:
		l.log.Warn("routing starts over", "error", err)
	}
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
		if d.Leader != l.node && d.LeaseUntil > now && !seize && !l.rival.silent(d) {
			return errLeadLost
		}
		d.Leader, d.Epoch, d.LeaseUntil = l.node, d.Epoch+1, now+lease
		return tx.Model(&Domain{}).Where("id = ?", l.domain).Updates(map[string]any{"leader": d.Leader, "epoch": d.Epoch, "lease_until": d.LeaseUntil}).Error
	})
	if err != nil {
		return nil, err
	}
	lead := &leader{live: l, epoch: d.Epoch, found: make(chan news, 1)}
	if err := lead.rebuild(ctx, d); err != nil {
		return nil, err
	}
	return lead, lead.refresh(ctx)
}

// rival is what a node that does not lead has seen of the one that does.
type rival struct {
	epoch int64
	until calendar.Instant
	since time.Time
}

// silent reports that the leader has not renewed its lease for as long as a lease
// lasts, by this node's own watch: clocks that were set back keep nobody in the lead.
func (r *rival) silent(d Domain) bool {
	if r.since.IsZero() || d.Epoch != r.epoch || d.LeaseUntil != r.until {
		*r = rival{epoch: d.Epoch, until: d.LeaseUntil, since: time.Now()}
		return false
	}
	return time.Since(r.since) > time.Duration(lease)*time.Microsecond
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

// time gives the time of the floor. It is the clock's, but never goes back: after a
// clock was set back, time goes on a little slower until the clock has caught up,
// so that deadlines still come.
func (w *leader) time() calendar.Instant {
	reading := w.live.db.Now()
	passed := max(0, reading-w.reading)
	if w.reading == 0 {
		passed = 0
	}
	w.reading = reading
	w.floor = max(reading, max(w.floor, calendar.Instant(w.at))+passed*9/10)
	return w.floor
}

// news is what a look at the configuration found.
type news struct {
	config   engine.Config
	names    names
	staff    map[ids.Agent]people.Person
	audience webhooks.Audience
	err      error
}

// look reads the configuration in force.
func (w *leader) look(ctx context.Context, now calendar.Instant) (n news) {
	l := w.live
	if n.config, n.names, n.err = l.configure(ctx, now, w.names); n.err != nil {
		return n
	}
	staff, err := l.people.Staff(ctx, scope.Provider(), now, calendar.Date(now/calendar.Day))
	n.err, n.staff = err, make(map[ids.Agent]people.Person, len(staff))
	for _, p := range staff {
		n.staff[p.Agent.ID] = p
	}
	if n.err == nil {
		n.audience, n.err = l.audience(ctx)
	}
	return n
}

// refresh looks for changed configuration and puts it in force as a logged input.
func (w *leader) refresh(ctx context.Context) error {
	w.config = w.time()
	return w.adopt(ctx, w.look(ctx, w.live.db.Now()))
}

// adopt puts what was found in force, if it is new and valid.
func (w *leader) adopt(ctx context.Context, n news) (err error) {
	if n.err != nil {
		return n.err
	}
	w.staff, w.audience = n.staff, n.audience
	if w.engine != nil && w.engine.Config().Version == n.config.Version {
		return nil
	}
	if err := n.config.Validate(); err != nil && w.engine != nil {
		w.live.log.Warn("the present configuration stays in force", "error", err)
		return nil
	}
	group := []item{{inboxRow: inboxRow{Event: Input{Kind: kindReconfig, Config: &n.config, Names: &n.names}, Kind: kindReconfig}}}
	if w.engine == nil { // without a first configuration there is no floor
		if w.engine, err = engine.New(n.config); err != nil {
			return err
		}
		return w.commit(ctx, group)
	}
	return w.put(ctx, group)
}

// keepUp looks for changed configuration beside the routing, now and then, and
// adopts what the last look found.
func (w *leader) keepUp(ctx context.Context, now calendar.Instant) error {
	select {
	case n := <-w.found:
		w.looking = false
		if err := w.adopt(ctx, n); err != nil {
			return err
		}
	default:
	}
	if w.looking || now-w.config <= reconfigure {
		return nil
	}
	w.config, w.looking = now, true
	at := w.live.db.Now()
	go func() { w.found <- w.look(ctx, at) }()
	return nil
}

// loop applies what callers and inbox bring and what timers demand, until the lead is lost.
func (w *leader) loop(ctx context.Context, wake <-chan struct{}) error {
	ctx, stop := context.WithCancel(ctx) // a look at the configuration ends with the lead
	defer stop()
	look := true // the inbox may hold something
	for ctx.Err() == nil {
		now := w.time()
		if err := w.keepUp(ctx, now); err != nil {
			return err
		}
		select {
		case <-wake:
			look = true
		default:
		}
		var group []item
		if look || time.Since(w.looked) > idlePoll {
			var err error
			if group, err = w.waiting(ctx); err != nil {
				return err
			}
			look = len(group) >= groupSize
		}
		for _, a := range w.live.counter.take(groupSize - len(group)) {
			group = append(group, item{inboxRow: a.row, ask: a})
		}
		var err error
		timer := w.engine.NextTimer()
		switch {
		case len(group) > 0:
			err = w.put(ctx, group)
		case timer <= int64(now):
			err = w.commit(ctx, tick())
		case now-w.renewed > renewEvery:
			err = w.commit(ctx, nil)
		default:
			look = w.sleep(ctx, wake, timer, int64(now))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// tick is a group that only tells the engine the time.
func tick() []item {
	return []item{{inboxRow: inboxRow{Kind: kindTick, Event: Input{Kind: kindTick}}}}
}

// put commits a group. Doubted inputs come first and one by one, after a tick: should
// that fail, it is no input's fault.
func (w *leader) put(ctx context.Context, group []item) error {
	sound, doubted := w.live.doubts.split(group)
	if len(doubted) > 0 {
		err := w.commit(ctx, tick())
		for i := range doubted {
			if err == nil {
				err = w.commit(ctx, doubted[i:i+1])
			}
		}
		if err != nil {
			for _, i := range group { // who has not been told yet goes by the inbox
				if i.ask != nil {
					i.ask.tell(told{err: errElsewhere})
				}
			}
			return err
		}
	}
	if len(sound) == 0 {
		return nil
	}
	return w.commit(ctx, sound)
}

// sleep waits for a hint, a caller, the next timer or the poll, and says whether
// the inbox may hold something.
func (w *leader) sleep(ctx context.Context, wake <-chan struct{}, timer, now int64) bool {
	wait := idlePoll
	if left := timer - now; left < idlePoll.Microseconds() { // a floor without timers says the end of time
		wait = time.Duration(max(0, left)) * time.Microsecond
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
		return true
	case <-w.live.counter.bell:
	case <-t.C:
	}
	return false
}

// waiting reads the next inputs of the inbox and, now and then, agents whose
// desktops are silent.
func (w *leader) waiting(ctx context.Context) ([]item, error) {
	var rows []inboxRow
	var silent []Agent
	now := w.live.db.Now()
	w.looked = time.Now()
	listen := time.Since(w.listened) > silentPoll
	err := w.live.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Where("domain_id = ? AND applied_seq IS NULL", w.live.domain).Order("id").Limit(groupSize).Find(&rows).Error; err != nil || !listen {
			return err
		}
		return tx.Where("domain_id = ? AND state IN ? AND heartbeat_at < ?", w.live.domain, []string{"ready", "not_ready", "paused"}, now-presence).Order("agent_id").Find(&silent).Error
	})
	if listen {
		w.listened = time.Now()
	}
	group := make([]item, 0, len(rows)+len(silent))
	for _, r := range rows {
		group = append(group, item{inboxRow: r})
	}
	for _, a := range silent {
		group = append(group, item{inboxRow: inboxRow{Kind: KindLost, Event: Input{Kind: KindLost, Agent: a.AgentID}}})
	}
	return group, err
}

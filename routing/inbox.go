package routing

import (
	"context"
	"errors"
	"sync"
	"time"

	"gorm.io/gorm/clause"

	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// settle is how long an input that is stored waits for the leader before its
// caller hears "not yet applied".
const settle = 3 * time.Second

// storesAtOnce is how many inputs one transaction of the inbox takes.
const storesAtOnce = 256

// errElsewhere tells a caller that this node does not lead: the input goes by the inbox.
var errElsewhere = errors.New("routing: this node does not lead")

// ask is an input of a caller of this node. When the node leads, the commit that
// applies the input also makes it durable, and the caller hears of it after the
// commit: one transaction for many inputs instead of two for each.
type ask struct {
	row   inboxRow
	keyed bool // a repetition of its dedupe key is recognised
	since time.Time
	done  chan told
}

// told is what the caller of an ask hears.
type told struct {
	outcome Outcome
	err     error
}

// tell answers the caller; only the first answer counts.
func (a *ask) tell(t told) {
	select {
	case a.done <- t:
	default:
	}
}

// counter takes the asks of this node while it leads.
type counter struct {
	mu   sync.Mutex
	open bool
	asks []*ask
	bell chan struct{} // rings when an ask came
}

// put hands an ask over, unless the counter is closed.
func (c *counter) put(a *ask) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return false
	}
	c.asks = append(c.asks, a)
	select {
	case c.bell <- struct{}{}:
	default: // it rings already
	}
	return true
}

// take gives up to so many asks, the oldest first.
func (c *counter) take(most int) []*ask {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(most, len(c.asks))
	out := c.asks[:n:n]
	c.asks = c.asks[n:]
	return out
}

// set opens or closes the counter; what waits at a closed one goes by the inbox.
func (c *counter) set(open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = open
	if open {
		return
	}
	for _, a := range c.asks {
		a.tell(told{err: errElsewhere})
	}
	c.asks = nil
}

// do makes an input durable and waits until the leader has applied it. A dedupe
// key that was used before gives the outcome of its first use. Within a
// transaction of the caller the input is stored with it and applied afterwards.
func (l *Live) do(ctx context.Context, in Input, dedupe string) (Outcome, error) {
	return named(l.submit(ctx, in, dedupe))
}

// submit is do without a name for what was set aside.
func (l *Live) submit(ctx context.Context, in Input, dedupe string) (Outcome, error) {
	row := inboxRow{ID: ids.New[ids.Event](l.db.IDs()), DomainID: l.domain, Dedupe: dedupe, Kind: in.Kind, V: 1, Event: in, ReceivedAt: l.db.Now()}
	if dedupe == "" {
		row.Dedupe = row.ID.String()
	}
	if l.db.InTransaction(ctx) {
		first, err := l.store(ctx, []inboxRow{row})
		if err != nil {
			return Outcome{}, err
		}
		return first[0].outcome(), nil
	}
	a := &ask{row: row, keyed: dedupe != "", since: time.Now(), done: make(chan told, 1)}
	if l.counter.put(a) {
		select {
		case t := <-a.done:
			if !errors.Is(t.err, errElsewhere) {
				return t.outcome, t.err
			}
		case <-ctx.Done(): // it may be applied yet
			return Outcome{}, unsure(ctx.Err())
		}
	}
	done, stop := l.db.Watch(hintDone)
	defer stop()
	first, err := l.stores.Do(ctx, row)
	if err != nil {
		return Outcome{}, err
	}
	return l.await(ctx, first, done)
}

// unsure is the fault of an input of which nobody knows whether it was applied.
func unsure(err error) error {
	return fault.New(fault.Unavailable, "database.unavailable", "The database does not answer; try again in a moment.").Wrap(err)
}

// store puts inputs into the inbox in one transaction and gives for each the row
// that holds its dedupe key: its own, or that of the first use.
func (l *Live) store(ctx context.Context, rows []inboxRow) ([]inboxRow, error) {
	out := make([]inboxRow, len(rows))
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		copy(out, rows)
		written, err := database.Insert(tx, rows, onceByDedupe())
		if err != nil || written == int64(len(rows)) {
			tx.AfterCommit(func() { l.db.Hint(hint) })
			return err
		}
		known, err := l.byDedupe(tx, rows)
		for i := range out {
			out[i] = known[out[i].Dedupe]
		}
		tx.AfterCommit(func() { l.db.Hint(hint) })
		return err
	})
	return out, err
}

// onceByDedupe leaves out rows whose dedupe key is taken.
func onceByDedupe() clause.Expression {
	return clause.OnConflict{Columns: []clause.Column{{Name: "domain_id"}, {Name: "dedupe"}}, DoNothing: true}
}

// byDedupe reads the rows of the inbox that hold the dedupe keys of the given ones.
func (l *Live) byDedupe(tx *database.Tx, rows []inboxRow) (map[string]inboxRow, error) {
	found, err := database.Lookup[inboxRow](tx.Where("domain_id = ?", l.domain), "dedupe", pluck(rows, func(r inboxRow) string { return r.Dedupe }))
	out := make(map[string]inboxRow, len(found))
	for _, r := range found {
		out[r.Dedupe] = r
	}
	return out, err
}

// outcome gives what is known of a stored input.
func (r inboxRow) outcome() Outcome {
	out := Outcome{Contact: r.Event.Contact, Applied: r.AppliedSeq != nil}
	if out.Applied {
		out.Refused = r.Outcome
	}
	return out
}

// await waits for the outcome of a stored input; callers who wait together share
// the reads.
func (l *Live) await(ctx context.Context, row inboxRow, done <-chan struct{}) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for row.AppliedSeq == nil {
		select {
		case <-ctx.Done():
			return row.outcome(), nil // stored; the leader will apply it
		case <-done:
		case <-poll.C:
		}
		now, err := l.outcomes.Do(ctx, row.ID)
		switch {
		case err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable:
			return row.outcome(), err
		case err == nil && now.AppliedSeq != nil:
			row = now
		}
	}
	return row.outcome(), nil
}

// readOutcomes reads rows of the inbox by their ids.
func (l *Live) readOutcomes(ctx context.Context, wanted []ids.Event) ([]inboxRow, error) {
	var found []inboxRow
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		found, err = database.Lookup[inboxRow](tx.Where("applied_seq IS NOT NULL"), "id", wanted)
		return err
	})
	byID := map[ids.Event]inboxRow{}
	for _, r := range found {
		byID[r.ID] = r
	}
	return pluck(wanted, func(id ids.Event) inboxRow { return byID[id] }), err
}

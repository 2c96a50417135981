package database

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// hintPayload is the PostgreSQL channel that carries the names of hints.
const hintPayload = "muster_hint"

// hintDelay gathers hints of one name before they leave for other nodes.
const hintDelay = 20 * time.Millisecond

// hints spreads "look now" between goroutines and, on PostgreSQL, between
// nodes. A hint may be lost or come twice: polling is the truth.
type hints struct {
	mu       sync.Mutex
	watchers map[string]map[chan struct{}]bool
	pending  map[string]bool // names that wait to leave for other nodes
	listen   context.CancelFunc
	working  sync.WaitGroup
	closed   bool
}

// Hint wakes everybody who watches the name, on this node at once and on the
// others soon. It never blocks and never fails; call it after a commit.
func (d *DB) Hint(name string) {
	h := &d.hints
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wake(name)
	if d.dialect != PostgreSQL || h.closed || h.pending[name] {
		return
	}
	if h.pending == nil {
		h.pending = map[string]bool{}
	}
	h.pending[name] = true
	h.working.Add(1)
	time.AfterFunc(hintDelay, func() {
		defer h.working.Done()
		d.sendHint(name)
	})
}

// wake tells the local watchers; the caller holds the lock.
func (h *hints) wake(name string) {
	for c := range h.watchers[name] {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last hint
		}
	}
}

// sendHint tells the other nodes.
func (d *DB) sendHint(name string) {
	h := &d.hints
	h.mu.Lock()
	delete(h.pending, name)
	closed := h.closed
	h.mu.Unlock()
	if closed {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.writer.WithContext(ctx).Exec("SELECT pg_notify(?, ?)", hintPayload, name).Error; err != nil {
		d.log.Debug("hint was not sent", "name", name, "error", err)
	}
}

// Watch gives a channel that receives after hints of the name, and a function
// that ends the watch. The channel is never closed.
func (d *DB) Watch(name string) (<-chan struct{}, func()) {
	h := &d.hints
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[string]map[chan struct{}]bool{}
	}
	if h.watchers[name] == nil {
		h.watchers[name] = map[chan struct{}]bool{}
	}
	h.watchers[name][c] = true
	if d.dialect == PostgreSQL && h.listen == nil && !h.closed {
		ctx, cancel := context.WithCancel(context.Background())
		h.listen = cancel
		h.working.Go(func() { d.listenForHints(ctx) })
	}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers[name], c)
	}
}

// listenForHints receives the hints of other nodes on a connection of its own
// and connects again when it is lost.
func (d *DB) listenForHints(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.receiveHints(ctx)
		if ctx.Err() != nil {
			return
		}
		d.log.Debug("hints are not received; polling goes on", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

// receiveHints wakes local watchers until the connection or the context ends.
func (d *DB) receiveHints(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, d.options.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+hintPayload); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		d.hints.mu.Lock()
		d.hints.wake(n.Payload)
		d.hints.mu.Unlock()
	}
}

// closeHints ends listening and waits for hints on their way.
func (d *DB) closeHints() {
	h := &d.hints
	h.mu.Lock()
	h.closed = true
	if h.listen != nil {
		h.listen()
	}
	h.mu.Unlock()
	h.working.Wait()
}

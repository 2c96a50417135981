package database

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
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
	node     string // of this door among those that send hints
}

// Hint wakes everybody who watches one of the names, on this node at once and on
// the others soon. It never blocks and never fails; call it after a commit.
func (d *DB) Hint(names ...string) {
	h := &d.hints
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		h.wake(name)
	}
	if d.dialect != PostgreSQL || h.closed {
		return
	}
	first := len(h.pending) == 0
	if h.pending == nil {
		h.pending = map[string]bool{}
	}
	for _, name := range names {
		h.pending[name] = true
	}
	if !first || len(names) == 0 {
		return
	}
	h.working.Add(1)
	time.AfterFunc(hintDelay, func() {
		defer h.working.Done()
		d.sendHints()
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

// hintBytes bounds a notification; PostgreSQL takes less than 8,000 bytes.
const hintBytes = 7000

// sendHints tells the other nodes. A payload is this node's name, for which it
// ignores its own, and the hints' names, by lines.
func (d *DB) sendHints() {
	h := &d.hints
	h.mu.Lock()
	names := slices.Sorted(maps.Keys(h.pending))
	clear(h.pending)
	closed, node := h.closed, h.self()
	h.mu.Unlock()
	if closed {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for payload := node; len(names) > 0; payload = node {
		for len(names) > 0 && (payload == node || len(payload)+len(names[0]) < hintBytes) {
			payload += "\n" + names[0]
			names = names[1:]
		}
		if err := d.writer.WithContext(ctx).Exec("SELECT pg_notify(?, ?)", hintPayload, payload).Error; err != nil {
			d.log.Debug("hint was not sent", "payload", payload, "error", err)
		}
	}
}

// self names this node among those that send hints; the caller holds the lock.
func (h *hints) self() string {
	if h.node == "" {
		h.node = "@" + rand.Text()
	}
	return h.node
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
		if len(h.watchers[name]) == 0 {
			delete(h.watchers, name)
		}
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
		names := strings.Split(n.Payload, "\n")
		if names[0] != d.hints.self() {
			for _, name := range names {
				d.hints.wake(name)
			}
		}
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

package events

import (
	"context"
	"fmt"
	"sync"
	"time"

	"muster/tenants/database"
	"muster/tenants/scope"
)

// subscription receives, in order, every row that appears after it began.
type subscription struct {
	rows chan []row // closed when its reader does not keep up
}

// subscriptionBatches is how many batches a subscription holds for a slow reader.
const subscriptionBatches = 64

// tail reads new events once for all followers of a process. It runs while
// there is a subscription.
type tail struct {
	mu   sync.Mutex
	subs map[*subscription]bool
	stop context.CancelFunc
	done chan struct{} // closed when the reading goroutine has ended
}

// subscribe begins a subscription, and the tail with the first.
func (s *Stream) subscribe(ctx context.Context) (*subscription, error) {
	t := &s.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stop == nil {
		at, err := s.head(ctx, scope.Provider())
		if err != nil {
			return nil, fmt.Errorf("events: follow: %w", err)
		}
		t.subs = map[*subscription]bool{}
		running, stop := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		t.stop, t.done = stop, done
		go func() {
			defer close(done)
			s.runTail(running, at)
		}()
	}
	live := &subscription{rows: make(chan []row, subscriptionBatches)}
	t.subs[live] = true
	return live, nil
}

// unsubscribe ends a subscription, and the tail with the last.
func (s *Stream) unsubscribe(live *subscription) {
	t := &s.tail
	t.mu.Lock()
	delete(t.subs, live)
	last := len(t.subs) == 0 && t.stop != nil
	var done chan struct{}
	if last {
		t.stop()
		done, t.stop = t.done, nil
	}
	t.mu.Unlock()
	if last {
		<-done
	}
}

// tailGap is the least time between two reads: hints of a burst become one read.
const tailGap = 20 * time.Millisecond

// runTail reads on from a place and hands rows to the subscriptions until the
// context ends. A failed read is tried again at the next look; followers go on
// giving signs of life meanwhile.
func (s *Stream) runTail(ctx context.Context, at position) {
	hints, unwatch := s.db.Watch(hintChannel)
	defer unwatch()
	poll := time.NewTicker(defaultPoll)
	defer poll.Stop()
	gap := time.NewTicker(tailGap)
	defer gap.Stop()
	for {
		rows, err := s.read(ctx, scope.Provider(), Filter{}, maxBatch, func(*database.Tx) (position, error) { return at, nil })
		if err == nil && len(rows) > 0 {
			at = rows[len(rows)-1].position()
			s.hand(ctx, rows)
		}
		if len(rows) < maxBatch {
			select {
			case <-ctx.Done():
			case <-hints:
			case <-poll.C:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-gap.C:
		}
	}
}

// hand gives rows to every subscription; one that is full ends. Nothing is
// handed once the tail was told to stop: the subscriptions are those of another.
func (s *Stream) hand(ctx context.Context, rows []row) {
	t := &s.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for live := range t.subs {
		select {
		case live.rows <- rows:
		default:
			close(live.rows)
			delete(t.subs, live)
		}
	}
}

package events

import (
	"context"
	"errors"
	"time"

	"muster/tenants/scope"
)

// FollowInput says what to follow and how.
type FollowInput struct {
	// Scope is asked before every delivery, so that a revoked right ends the stream.
	Scope func(context.Context) (scope.Scope, error)
	// After is the last event the reader has; 0 means the oldest that is kept.
	After int64
	// Filter narrows what is delivered.
	Filter Filter
	// Poll is the time between two signs of life; 0 means 2 s.
	Poll time.Duration
	// Deliver receives events in order, and an empty batch after each quiet poll
	// for a sign of life. Its error ends the stream.
	Deliver func([]Event) error
}

// defaultPoll is the time between two looks when no hint arrives.
const defaultPoll = 2 * time.Second

// Follow delivers events until the context ends, Scope or Deliver fails, or
// the place is gone (ErrReset). It returns nil when the context ended.
//
// It reads the database until it has caught up, and then takes what the
// process reads once for all its followers. A follower that is too slow for
// that catches up from the database again.
func (s *Stream) Follow(ctx context.Context, in FollowInput) error {
	if s.db.InTransaction(ctx) {
		return errors.New("events: Follow must be called outside of a transaction")
	}
	if in.Poll <= 0 {
		in.Poll = defaultPoll
	}
	f := follower{stream: s, in: in, last: beginning}
	for ctx.Err() == nil {
		if err := f.run(ctx); ctx.Err() == nil && !errors.Is(err, errTooSlow) {
			return err
		}
	}
	return nil // it was told to end
}

// errTooSlow ends a subscription whose follower did not keep up.
var errTooSlow = errors.New("events: the follower did not keep up")

// follower is one call of Follow.
type follower struct {
	stream *Stream
	in     FollowInput
	last   position // of the last event delivered
}

// run follows through one subscription.
func (f *follower) run(ctx context.Context) error {
	// Subscribed first, caught up second: what the tail has passed by then, the
	// database shows.
	live, err := f.stream.subscribe(ctx)
	if err != nil {
		return err
	}
	defer f.stream.unsubscribe(live)
	if err := f.catchUp(ctx); err != nil {
		return err
	}
	poll := time.NewTicker(f.in.Poll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
			if _, err := f.in.Scope(ctx); err != nil {
				return err
			}
			if err := f.in.Deliver(nil); err != nil {
				return err
			}
		case rows, open := <-live.rows:
			if !open {
				return errTooSlow
			}
			sc, err := f.in.Scope(ctx)
			if err != nil {
				return err
			}
			if err := f.deliver(f.choose(rows, sc)); err != nil {
				return err
			}
		}
	}
}

// catchUp delivers what the database has.
func (f *follower) catchUp(ctx context.Context) error {
	for {
		sc, err := f.in.Scope(ctx)
		if err != nil {
			return err
		}
		events, err := f.stream.Read(ctx, sc, f.in.After, f.in.Filter, maxBatch)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			return nil
		}
		if err := f.in.Deliver(events); err != nil {
			return err
		}
		f.in.After = events[len(events)-1].Seq
		f.last = position{xid: events[len(events)-1].xid, seq: f.in.After}
		if len(events) < maxBatch {
			return nil
		}
	}
}

// choose gives the rows that are new to the follower and its to see: the rule
// of the class "client", which the door applies to what is read from the database.
func (f *follower) choose(rows []row, sc scope.Scope) []row {
	var chosen []row
	for _, r := range rows {
		mine := sc.IsProvider() || !r.Client.IsZero() && sc.HasClient(r.Client)
		if mine && f.last.before(r.position()) && f.in.Filter.accepts(r) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

// deliver hands rows over and remembers the last.
func (f *follower) deliver(rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := f.in.Deliver(envelopes(rows)); err != nil {
		return err
	}
	f.last = rows[len(rows)-1].position()
	f.in.After = f.last.seq
	return nil
}

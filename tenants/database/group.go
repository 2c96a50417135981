package database

import (
	"context"
	"sync"
	"time"
)

// groupTimeout bounds the work on one group; no caller's own deadline does.
const groupTimeout = 30 * time.Second

// Group lets many callers share one transaction. The first caller starts at once;
// who comes while a group is at work joins the next one, so that the cost per
// caller falls as the load grows and nobody waits for a timer. The work on a group
// begins after each of its callers asked: it reads no older state than a
// transaction of their own would.
type Group[Q, A any] struct {
	most int // callers of one group
	run  func(context.Context, []Q) ([]A, error)

	mu      sync.Mutex
	waiting []groupCall[Q, A]
	working bool
}

// groupCall is one caller.
type groupCall[Q, A any] struct {
	ask    Q
	answer chan groupAnswer[A]
}

// groupAnswer is what a caller gets.
type groupAnswer[A any] struct {
	value A
	err   error
}

// NewGroup makes a group of at most so many callers. The function answers all
// asks of a group in their order, or fails: then each is tried alone, so that no
// caller fails for another's sake.
func NewGroup[Q, A any](most int, run func(context.Context, []Q) ([]A, error)) *Group[Q, A] {
	return &Group[Q, A]{most: most, run: run}
}

// Do asks and waits for the answer or for the end of the context. Inside a
// transaction of the caller it must not be used: the group has its own.
func (g *Group[Q, A]) Do(ctx context.Context, ask Q) (A, error) {
	call := groupCall[Q, A]{ask: ask, answer: make(chan groupAnswer[A], 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, call)
	begin := !g.working
	g.working = true
	g.mu.Unlock()
	if begin {
		go g.work()
	}
	select {
	case a := <-call.answer:
		return a.value, a.err
	case <-ctx.Done():
		var none A
		return none, ctx.Err()
	}
}

// work answers group after group until nobody waits.
func (g *Group[Q, A]) work() {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), g.most)
		if n == 0 {
			g.working = false
			g.waiting = nil
			g.mu.Unlock()
			return
		}
		calls := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		g.answer(calls)
	}
}

// answer works on one group; after a failure on each caller alone.
func (g *Group[Q, A]) answer(calls []groupCall[Q, A]) {
	asks := make([]Q, len(calls))
	for i, c := range calls {
		asks[i] = c.ask
	}
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	values, err := g.run(ctx, asks)
	cancel()
	if err != nil && len(calls) > 1 {
		for i := range calls {
			g.answer(calls[i : i+1])
		}
		return
	}
	for i, c := range calls {
		a := groupAnswer[A]{err: err}
		if err == nil {
			a.value = values[i]
		}
		c.answer <- a
	}
}

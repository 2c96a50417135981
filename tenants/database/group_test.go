package database

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// queued waits until so many callers wait for the next group.
func queued[Q, A any](t *testing.T, g *Group[Q, A], n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.waiting) == n
	}, time.Minute, time.Millisecond)
}

func TestWhoComesWhileAGroupWorksSharesTheNext(t *testing.T) {
	var sizes []int
	entered, hold := make(chan struct{}, 10), make(chan struct{})
	g := NewGroup(4, func(_ context.Context, asks []int) ([]int, error) {
		entered <- struct{}{}
		<-hold
		sizes = append(sizes, len(asks))
		out := make([]int, len(asks))
		for i, a := range asks {
			out[i] = a * 10
		}
		return out, nil
	})
	var all sync.WaitGroup
	ask := func(i int) {
		all.Go(func() {
			got, err := g.Do(t.Context(), i)
			if err != nil || got != i*10 {
				t.Errorf("%d: %d, %v", i, got, err)
			}
		})
	}
	ask(0)
	<-entered
	for i := range 9 {
		ask(i + 1)
	}
	queued(t, g, 9)
	close(hold)
	all.Wait()
	require.Equal(t, []int{1, 4, 4, 1}, sizes)
}

func TestAFailingCallerFailsAlone(t *testing.T) {
	bad := errors.New("bad")
	entered, hold := make(chan struct{}, 20), make(chan struct{})
	g := NewGroup(10, func(_ context.Context, asks []int) ([]int, error) {
		entered <- struct{}{}
		<-hold
		for _, a := range asks {
			if a == 3 {
				return nil, bad
			}
		}
		return asks, nil
	})
	var all sync.WaitGroup
	var mu sync.Mutex
	failed := []int{}
	ask := func(i int) {
		all.Go(func() {
			if _, err := g.Do(t.Context(), i); err != nil {
				mu.Lock()
				failed = append(failed, i)
				mu.Unlock()
			}
		})
	}
	ask(0)
	<-entered
	for i := range 5 {
		ask(i + 1)
	}
	queued(t, g, 5)
	close(hold)
	all.Wait()
	require.Equal(t, []int{3}, failed)
}

func TestACallerWhoGoesLeavesTheGroupAtWork(t *testing.T) {
	hold, done := make(chan struct{}), make(chan struct{})
	g := NewGroup(10, func(ctx context.Context, asks []int) ([]int, error) {
		<-hold
		if ctx.Err() == nil {
			close(done)
		}
		return asks, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.Do(ctx, 1)
	require.ErrorIs(t, err, context.Canceled)
	close(hold)
	<-done
}

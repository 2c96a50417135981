package events

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// follow collects what a follower of the scope gets until it has n events.
func follow(t *testing.T, s *Stream, sc scope.Scope, f Filter, n int, each func()) []Event {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var got []Event
	err := s.Follow(ctx, FollowInput{
		Scope:  func(context.Context) (scope.Scope, error) { return sc, nil },
		Filter: f,
		Poll:   20 * time.Millisecond,
		Deliver: func(batch []Event) error {
			if len(batch) > 0 && each != nil {
				each()
			}
			if got = append(got, batch...); len(got) >= n {
				return errEnough
			}
			return nil
		},
	})
	if !errors.Is(err, errEnough) {
		t.Errorf("the follower of %s ended with %v after %d of %d events", sc, err, len(got), n)
	}
	return got
}

// TestFollowersGetWhatReadGives follows under several scopes and filters while
// events are written; live delivery and the database must agree to the letter.
func TestFollowersGetWhatReadGives(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		clients := []ids.Client{{}, ids.New[ids.Client](db.IDs()), ids.New[ids.Client](db.IDs()), ids.New[ids.Client](db.IDs())}
		const rounds = 40
		for i := range rounds / 4 { // some are there before anybody follows
			publish(t, db, clients[i%4], "load.a", "load.b")
		}
		followers := []struct {
			sc scope.Scope
			f  Filter
			n  int
		}{
			{scope.Provider(), Filter{}, 2 * rounds},
			{scope.Clients(clients[1]), Filter{}, 2 * rounds / 4},
			{scope.Clients(clients[1], clients[2]), Filter{Types: []string{"load.a"}}, 2 * rounds / 4},
			{scope.Clients(clients[3]), Filter{Subject: "thing/load.b"}, rounds / 4},
			{scope.Provider(), Filter{Types: []string{"load."}}, 2 * rounds},
		}
		got := make([][]Event, len(followers))
		var group sync.WaitGroup
		for i, f := range followers {
			group.Go(func() { got[i] = follow(t, s, f.sc, f.f, f.n, nil) })
		}
		for i := rounds / 4; i < rounds; i++ {
			publish(t, db, clients[i%4], "load.a", "load.b")
		}
		group.Wait()
		for i, f := range followers {
			want, err := s.Read(t.Context(), f.sc, 0, f.f, maxBatch)
			require.NoError(t, err)
			require.Equal(t, want, got[i], "follower %d", i)
		}
		require.Nil(t, s.tail.stop, "the tail ends with its last follower")
	})
}

// TestSlowFollowerCatchesUp lets more batches pass than a subscription holds
// while the follower is busy.
func TestSlowFollowerCatchesUp(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	s := New(db)
	publish(t, db, ids.Client{}, "load.first")
	busy := make(chan struct{})
	var once sync.Once
	var got []Event
	var group sync.WaitGroup
	const more = subscriptionBatches + 20
	started := make(chan struct{})
	group.Go(func() {
		got = follow(t, s, scope.Provider(), Filter{}, more+1, func() { once.Do(func() { close(started); <-busy }) })
	})
	<-started
	rows := []row{}
	for i := range more {
		publish(t, db, ids.Client{}, fmt.Sprintf("load.n%d", i))
	}
	require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error { return tx.Order("seq").Find(&rows).Error }))
	for _, r := range rows { // as if the tail had read them one by one
		s.hand(t.Context(), []row{r})
	}
	close(busy)
	group.Wait()
	want, err := s.Read(t.Context(), scope.Provider(), 0, Filter{}, maxBatch)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// BenchmarkFollowers measures one event's way to 200 followers.
func BenchmarkFollowers(b *testing.B) {
	db := databasetest.OpenPostgres(b)
	s := New(db)
	const followers = 200
	ctx, cancel := context.WithCancel(b.Context())
	received := make(chan struct{}, followers)
	var group sync.WaitGroup
	for range followers {
		group.Go(func() {
			_ = s.Follow(ctx, FollowInput{
				Scope: func(context.Context) (scope.Scope, error) { return scope.Provider(), nil },
				Deliver: func(batch []Event) error {
					for range batch {
						received <- struct{}{}
					}
					return nil
				},
			})
		})
	}
	for b.Loop() {
		require.NoError(b, db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			return s.Publish(tx, Message{Type: "load.one"})
		}))
		for range followers {
			<-received
		}
	}
	cancel()
	group.Wait()
}

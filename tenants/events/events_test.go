package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// publish commits one event per type in one transaction.
func publish(t *testing.T, db *database.DB, client ids.Client, types ...string) {
	t.Helper()
	messages := make([]Message, len(types))
	for i, name := range types {
		messages[i] = Message{Type: name, Client: client, Subject: "thing/" + name, Data: map[string]int{"i": i}}
	}
	require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error { return New(db).Publish(tx, messages...) }))
}

// types gives the types of events in order.
func types(events []Event) []string {
	out := []string{}
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

// readAll gives every event of the scope after a number.
func readAll(t *testing.T, db *database.DB, sc scope.Scope, after int64, f Filter) []Event {
	t.Helper()
	found, err := New(db).Read(t.Context(), sc, after, f, maxBatch)
	require.NoError(t, err)
	return found
}

func TestPublishAndRead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		head, err := s.Head(t.Context(), scope.Provider())
		require.NoError(t, err)
		require.Zero(t, head)
		publish(t, db, ids.Client{}, "a.one", "a.two")
		publish(t, db, ids.Client{}, "b.one")

		all := readAll(t, db, scope.Provider(), 0, Filter{})
		require.Equal(t, []string{"a.one", "a.two", "b.one"}, types(all))
		require.Equal(t, 1, all[1].Version)
		require.Equal(t, databasetest.Start, all[1].At)
		require.JSONEq(t, `{"i":1}`, string(all[1].Data))
		head, err = s.Head(t.Context(), scope.Provider())
		require.NoError(t, err)
		require.Equal(t, all[2].Seq, head)

		require.Equal(t, []string{"b.one"}, types(readAll(t, db, scope.Provider(), all[1].Seq, Filter{})))
		require.Equal(t, []string{"a.one", "a.two"}, types(readAll(t, db, scope.Provider(), 0, Filter{Types: []string{"a."}})))
		require.Equal(t, []string{"a.two", "b.one"}, types(readAll(t, db, scope.Provider(), 0, Filter{Types: []string{"a.two", "b."}})))
		require.Equal(t, []string{"a.two"}, types(readAll(t, db, scope.Provider(), 0, Filter{Subject: "thing/a.two"})))
		two, err := s.Read(t.Context(), scope.Provider(), 0, Filter{}, 2)
		require.NoError(t, err)
		require.Len(t, two, 2)

		_, err = s.Read(t.Context(), scope.Provider(), 99, Filter{}, 10)
		require.ErrorIs(t, err, ErrReset)

		text, err := json.Marshal(all[0])
		require.NoError(t, err)
		var keys map[string]any
		require.NoError(t, json.Unmarshal(text, &keys))
		for _, key := range []string{"id", "type", "v", "at", "client", "subject", "seq", "data"} {
			require.Contains(t, keys, key)
		}
		require.Len(t, keys, 8)
	})
}

func TestPublishIsPartOfTheTransaction(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		undo := errors.New("undo")
		err := db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			require.NoError(t, New(db).Publish(tx, Message{Type: "a.b"}))
			return undo
		})
		require.ErrorIs(t, err, undo)
		require.Empty(t, readAll(t, db, scope.Provider(), 0, Filter{}))

		for _, wrong := range []Message{{Type: "nodots"}, {Type: "A.b"}, {Type: "a.b", Version: -1}, {Type: "a.b", Data: func() {}}} {
			require.Error(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error { return New(db).Publish(tx, wrong) }))
		}
	})
}

func TestEventsStayWithinTheirScope(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mine, theirs := ids.New[ids.Client](db.IDs()), ids.New[ids.Client](db.IDs())
		publish(t, db, mine, "mine.first")
		publish(t, db, theirs, "theirs.first")
		publish(t, db, ids.Client{}, "provider.first")
		publish(t, db, mine, "mine.second")

		seen := readAll(t, db, scope.Clients(mine), 0, Filter{})
		require.Equal(t, []string{"mine.first", "mine.second"}, types(seen))
		require.Equal(t, []string{"mine.second"}, types(readAll(t, db, scope.Clients(mine), seen[0].Seq, Filter{})))
		foreign := readAll(t, db, scope.Clients(theirs), 0, Filter{})
		_, err := New(db).Read(t.Context(), scope.Clients(mine), foreign[0].Seq, Filter{}, 1)
		require.ErrorIs(t, err, ErrReset, "a foreign place is the same as none")
		require.Empty(t, readAll(t, db, scope.Scope{}, 0, Filter{}))
		err = db.Write(t.Context(), scope.Clients(mine), func(tx *database.Tx) error {
			return New(db).Publish(tx, Message{Type: "a.b", Client: theirs})
		})
		require.Error(t, err)
	})
}

// TestNothingAppearsBehindAReader commits in the order opposite to the numbers.
func TestNothingAppearsBehindAReader(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	s := New(db)
	publish(t, db, ids.Client{}, "a.zero")
	first := readAll(t, db, scope.Provider(), 0, Filter{})
	slow, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := db.Write(context.WithoutCancel(t.Context()), scope.Provider(), func(tx *database.Tx) error {
			if err := s.Publish(tx, Message{Type: "a.slow"}); err != nil {
				return err
			}
			close(slow)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-slow
	publish(t, db, ids.Client{}, "a.quick")
	require.Empty(t, readAll(t, db, scope.Provider(), first[0].Seq, Filter{}), "the quick one waits for the slow one before it")
	close(release)
	group.Wait()
	require.Equal(t, []string{"a.slow", "a.quick"}, types(readAll(t, db, scope.Provider(), first[0].Seq, Filter{})))
}

// TestOtherDatabasesHoldNothingUp: a long transaction elsewhere in the cluster
// does not delay events.
func TestOtherDatabasesHoldNothingUp(t *testing.T) {
	db, elsewhere := databasetest.OpenPostgres(t), databasetest.OpenPostgres(t)
	open, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := elsewhere.Write(context.WithoutCancel(t.Context()), scope.Provider(), func(tx *database.Tx) error {
			if err := New(elsewhere).Publish(tx, Message{Type: "a.long"}); err != nil {
				return err
			}
			close(open)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-open
	publish(t, db, ids.Client{}, "a.quick")
	require.Equal(t, []string{"a.quick"}, types(readAll(t, db, scope.Provider(), 0, Filter{})))
	close(release)
	group.Wait()
}

// TestReadInsideATransactionSeesItsState: what commits meanwhile comes later.
func TestReadInsideATransactionSeesItsState(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		publish(t, db, ids.Client{}, "a.one")
		err := db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			publish(t, db, ids.Client{}, "a.two")
			found, err := New(db).Read(tx.Context(), scope.Provider(), 0, Filter{}, 10)
			require.NoError(t, err)
			require.NotContains(t, types(found), "a.two")
			_, _, err = db.Horizon(tx.Context())
			if db.Dialect() == database.PostgreSQL {
				require.Error(t, err, "too late inside of a transaction")
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, []string{"a.one", "a.two"}, types(readAll(t, db, scope.Provider(), 0, Filter{})))
	})
}

// TestReadersMissAndDoubleNothing writes from several sides while readers follow.
func TestReadersMissAndDoubleNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const writers, each = 6, 25
		s := New(db)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var followed []Event
		var readers, producers sync.WaitGroup
		readers.Go(func() {
			err := s.Follow(ctx, FollowInput{
				Scope: func(context.Context) (scope.Scope, error) { return scope.Provider(), nil },
				Poll:  20 * time.Millisecond,
				Deliver: func(batch []Event) error {
					if followed = append(followed, batch...); len(followed) >= writers*each {
						return errEnough
					}
					return nil
				},
			})
			if !errors.Is(err, errEnough) {
				t.Errorf("the reader ended with %v after %d events", err, len(followed))
			}
		})
		for w := range writers {
			producers.Go(func() {
				for i := range each {
					err := db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
						if err := s.Publish(tx, Message{Type: "load.written", Subject: fmt.Sprintf("%d/%d", w, i)}); err != nil {
							return err
						}
						for range (w + i) % 4 { // some stay open longer than others
							var none int64
							if err := tx.Model(&row{}).Where("seq < 0").Count(&none).Error; err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		producers.Wait()
		readers.Wait()
		subjects := []string{}
		for _, e := range followed {
			subjects = append(subjects, e.Subject)
		}
		slices.Sort(subjects)
		require.Len(t, slices.Compact(subjects), writers*each)
		require.Len(t, followed, writers*each)
	})
}

// errEnough ends a stream that a test has seen enough of.
var errEnough = errors.New("enough")

func TestFollowAsksForTheScopeAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		revoked := fault.New(fault.Forbidden, "access.revoked", "The right was revoked.")
		var asked int
		err := New(db).Follow(t.Context(), FollowInput{
			Poll: time.Millisecond,
			Scope: func(context.Context) (scope.Scope, error) {
				if asked++; asked > 3 {
					return scope.Scope{}, revoked
				}
				return scope.Provider(), nil
			},
			Deliver: func(batch []Event) error {
				require.Empty(t, batch, "quiet polls are signs of life")
				return nil
			},
		})
		require.ErrorIs(t, err, revoked)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, New(db).Follow(ctx, FollowInput{
			Scope:   func(context.Context) (scope.Scope, error) { return scope.Provider(), nil },
			Deliver: func([]Event) error { return nil },
		}))
	})
}

func TestConsumeActsOnceOnEachEvent(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		const events = 230
		for range events / 10 {
			publish(t, db, ids.Client{}, slices.Repeat([]string{"load.a", "load.b"}, 5)...)
		}
		var mu sync.Mutex
		var acted []Event
		failures := 3
		consumer := Consumer{Name: "test", Filter: Filter{Types: []string{"load.a"}}, Handle: func(tx *database.Tx, batch []Event) error {
			mu.Lock()
			defer mu.Unlock()
			if failures > 0 {
				failures--
				return errors.New("not now")
			}
			tx.AfterCommit(func() { mu.Lock(); acted = append(acted, batch...); mu.Unlock() })
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		consumer.Poll = 5 * time.Millisecond
		var nodes sync.WaitGroup
		for range 3 {
			nodes.Go(func() { s.Consume(ctx, consumer) })
		}
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(acted) >= events/2 }, 20*time.Second, 5*time.Millisecond)
		cancel()
		nodes.Wait()
		require.Len(t, acted, events/2)
		require.True(t, slices.IsSortedFunc(acted, func(a, b Event) int { return int(a.Seq - b.Seq) }))
		more, err := s.ConsumeBatch(t.Context(), consumer)
		require.NoError(t, err)
		require.False(t, more)
	})
}

func TestPruneKeepsWhatConsumersNeed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		publish(t, db, ids.Client{}, "a.one", "a.two", "a.three")
		all := readAll(t, db, scope.Provider(), 0, Filter{})
		require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			return tx.Create(&cursor{Name: "live", Seq: all[1].Seq, UpdatedAt: databasetest.Start + calendar.Hour}).Error
		}))
		later := databasetest.Start + calendar.Minute
		deleted, err := s.Prune(t.Context(), later)
		require.NoError(t, err)
		require.EqualValues(t, 1, deleted, "what the live consumer has behind it")
		require.Equal(t, []string{"a.two", "a.three"}, types(readAll(t, db, scope.Provider(), 0, Filter{})))
		_, err = s.Read(t.Context(), scope.Provider(), all[0].Seq, Filter{}, 1)
		require.ErrorIs(t, err, ErrReset)

		deleted, err = s.Prune(t.Context(), databasetest.Start+2*calendar.Hour)
		require.NoError(t, err)
		require.EqualValues(t, 2, deleted, "a consumer that does not move holds nothing up")
		publish(t, db, ids.Client{}, "a.four")
		var seen []string
		_, err = s.ConsumeBatch(t.Context(), Consumer{Name: "live", Handle: func(_ *database.Tx, batch []Event) error {
			seen = append(seen, types(batch)...)
			return nil
		}})
		require.NoError(t, err)
		require.Equal(t, []string{"a.four"}, seen)
	})
}

// TestHintsCrossNodes follows on one node what another publishes, with polling out of the way.
func TestHintsCrossNodes(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	other, err := database.Open(t.Context(), db.Options())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	hints, unwatch := other.Watch(hintChannel)
	defer unwatch()
	deadline := time.After(20 * time.Second)
	for { // listening starts in the background, so the first hints may go unheard
		publish(t, db, ids.Client{}, "a.one")
		select {
		case <-hints:
			return
		case <-time.After(50 * time.Millisecond):
		case <-deadline:
			t.Fatal("no hint arrived")
		}
	}
}

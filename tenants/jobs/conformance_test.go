package jobs

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
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

// handClock tells the machine's time plus what a test added by hand.
type handClock struct{ offset atomic.Int64 }

// Now implements calendar.Clock.
func (c *handClock) Now() calendar.Instant {
	return calendar.SystemClock{}.Now() + calendar.Instant(c.offset.Load())
}

// forward moves the clock.
func (c *handClock) forward(d time.Duration) { c.offset.Add(d.Microseconds()) }

// bundle is what each test gets for itself.
type bundle struct {
	*Queue
	clock   *handClock
	options database.Options // to open the same database again
}

// each runs the test on both databases, each time on an empty one.
func each(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, database.Options{Path: filepath.Join(t.TempDir(), "muster.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, databasetest.PostgresOptions(t, true)))
	})
}

// open migrates and opens a database with a clock of its own.
func open(t *testing.T, o database.Options) *bundle {
	t.Helper()
	clock := &handClock{}
	o.Clock = clock
	require.NoError(t, database.Migrate(t.Context(), o))
	db, err := database.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &bundle{Queue: New(db), clock: clock, options: o}
}

// enqueue makes a job of the kind "work" that changed fields.
func (b *bundle) enqueue(t *testing.T, change func(*Spec)) Job {
	t.Helper()
	spec := Spec{Kind: "work", Args: map[string]int{"n": 1}}
	if change != nil {
		change(&spec)
	}
	var job Job
	require.NoError(t, b.db.Write(t.Context(), machine, func(tx *database.Tx) (err error) {
		job, _, err = b.Enqueue(tx, spec)
		return err
	}))
	return job
}

// take claims up to n jobs of the kind "work".
func (b *bundle) take(t *testing.T, owner string, n int) []Job {
	t.Helper()
	claimed, err := b.claim(t.Context(), owner, map[string]int{"work": 1}, n, time.Minute)
	require.NoError(t, err)
	return claimed
}

// read gives the row of a job.
func (b *bundle) read(t *testing.T, id ids.Job) Job {
	t.Helper()
	job, err := b.Get(t.Context(), machine, id)
	require.NoError(t, err)
	return job
}

// run starts a pool with the handler for "work" that stops with the test.
func (b *bundle) run(t *testing.T, o Options, h Handler) (stop func()) {
	t.Helper()
	o.Workers, o.Poll, o.Pulse = 2, 10*time.Millisecond, 10*time.Millisecond
	pool := NewPool(b.Queue, o)
	pool.Handle("work", 1, h)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := pool.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

// await waits for the job to be final.
func (b *bundle) await(t *testing.T, id ids.Job) Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	job, err := b.Await(ctx, machine, id)
	require.NoError(t, err)
	return job
}

func TestEnqueueIsPartOfTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		undo := errors.New("undo")
		err := b.db.Write(t.Context(), machine, func(tx *database.Tx) error {
			_, created, err := b.Enqueue(tx, Spec{Kind: "work"})
			require.NoError(t, err)
			require.True(t, created)
			return undo
		})
		require.ErrorIs(t, err, undo)
		all, err := b.List(t.Context(), machine, Filter{})
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

func TestWrongSpecsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		for code, spec := range map[string]Spec{
			"jobs.kind_missing": {Kind: " "},
			"jobs.negative":     {Kind: "work", MaxAttempts: -1},
			"jobs.args":         {Kind: "work", Args: func() {}},
		} {
			err := b.db.Write(t.Context(), machine, func(tx *database.Tx) error {
				_, _, err := b.Enqueue(tx, spec)
				return err
			})
			require.Equal(t, code, fault.CodeOf(err))
		}
	})
}

func TestUniqueKeyHoldsWhileTheJobLives(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		unique := func(s *Spec) { s.UniqueKey = "week 47" }
		var made sync.Map
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() { made.Store(b.enqueue(t, unique).ID, true) })
		}
		group.Wait()
		count := 0
		made.Range(func(any, any) bool { count++; return true })
		require.Equal(t, 1, count, "all callers get the same job")

		first := b.take(t, "a", 9)
		require.Len(t, first, 1)
		require.Equal(t, first[0].ID, b.enqueue(t, unique).ID, "a running job keeps its key")
		b.settleAs(t, first[0], outcome{status: Done})
		require.NotEqual(t, first[0].ID, b.enqueue(t, unique).ID, "a finished job gives its key free")
	})
}

// settleAs writes an outcome for a claimed job and gives whether the lease was held.
func (b *bundle) settleAs(t *testing.T, j Job, o outcome) bool {
	t.Helper()
	var held bool
	require.NoError(t, b.db.Write(t.Context(), machine, func(tx *database.Tx) (err error) {
		held, err = b.settle(tx, lease{job: j.ID, owner: j.LeaseOwner, attempt: j.Attempt}, o)
		return err
	}))
	return held
}

func TestClaimTakesEachJobOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		const jobs = 60
		for range jobs {
			b.enqueue(t, nil)
		}
		var mu sync.Mutex
		taken := map[ids.Job]int{}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for {
					claimed := b.take(t, "owner", 7)
					if len(claimed) == 0 {
						return
					}
					mu.Lock()
					for _, j := range claimed {
						taken[j.ID]++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		for len(taken) < jobs { // a claimer that found only locked rows may have left early
			claimed := b.take(t, "owner", jobs)
			require.NotEmpty(t, claimed)
			for _, j := range claimed {
				taken[j.ID]++
			}
		}
		require.Len(t, taken, jobs)
		for id, n := range taken {
			require.Equal(t, 1, n, id)
		}
	})
}

func TestClaimOrderAndConditions(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		low := b.enqueue(t, nil)
		high := b.enqueue(t, func(s *Spec) { s.Priority = 5 })
		later := b.enqueue(t, func(s *Spec) { s.RunAt = b.clock.Now().Add(time.Hour) })
		b.enqueue(t, func(s *Spec) { s.Kind = "unknown" })
		newer := b.enqueue(t, func(s *Spec) { s.Version = 2 })

		claimed := b.take(t, "a", 10)
		require.Equal(t, []ids.Job{high.ID, low.ID}, []ids.Job{claimed[0].ID, claimed[1].ID})
		require.Len(t, claimed, 2)
		b.clock.forward(2 * time.Hour)
		claimed = b.take(t, "a", 10)
		require.Len(t, claimed, 1)
		require.Equal(t, later.ID, claimed[0].ID)
		both, err := b.claim(t.Context(), "new", map[string]int{"work": 2}, 10, time.Minute)
		require.NoError(t, err)
		require.Len(t, both, 1, "a node that knows version 2 takes it")
		require.Equal(t, newer.ID, both[0].ID)
	})
}

func TestSilentWorkerLosesItsJob(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		job := b.enqueue(t, func(s *Spec) { s.MaxAttempts = 2 })
		first := b.take(t, "dead", 1)[0]
		rescued, err := b.rescue(t.Context())
		require.NoError(t, err)
		require.Zero(t, rescued, "a lease in force is left alone")

		b.clock.forward(50 * time.Second)
		_, err = b.beat(t.Context(), "dead", nil, true, time.Minute)
		require.NoError(t, err)
		b.clock.forward(50 * time.Second)
		rescued, err = b.rescue(t.Context())
		require.NoError(t, err)
		require.Zero(t, rescued, "a heartbeat keeps the lease")

		b.clock.forward(11 * time.Second)
		rescued, err = b.rescue(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, rescued)
		waiting := b.read(t, job.ID)
		require.Equal(t, Waiting, waiting.Status)
		require.Equal(t, "jobs.worker_lost", waiting.Error.Code)
		require.Empty(t, b.take(t, "b", 1), "it comes back after a wait")

		b.clock.forward(3 * time.Second)
		second := b.take(t, "b", 1)[0]
		require.Equal(t, 2, second.Attempt)
		require.False(t, b.settleAs(t, first, outcome{status: Done, result: `"stale"`}), "the dead worker writes nothing")
		held, err := b.beat(t.Context(), "dead", nil, true, time.Minute)
		require.NoError(t, err)
		require.Empty(t, held)

		b.clock.forward(time.Hour)
		_, err = b.rescue(t.Context())
		require.NoError(t, err)
		require.Equal(t, Failed, b.read(t, job.ID).Status, "attempts are used up")
	})
}

func TestPoolStoresProgressAndResult(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		stored := make(chan struct{})
		b.run(t, Options{}, func(_ context.Context, run *Running) (any, error) {
			var args struct{ N int }
			if err := run.DecodeArgs(&args); err != nil {
				return nil, err
			}
			run.Progress(0.25, "a quarter")
			<-stored
			return map[string]int{"twice": 2 * args.N}, nil
		})
		job := b.enqueue(t, func(s *Spec) { s.Args = map[string]int{"n": 21} })
		require.Eventually(t, func() bool {
			j := b.read(t, job.ID)
			return j.Progress == 0.25 && j.ProgressNote == "a quarter"
		}, 10*time.Second, 5*time.Millisecond)
		close(stored)
		done := b.await(t, job.ID)
		var result struct{ Twice int }
		require.NoError(t, done.DecodeResult(&result))
		require.Equal(t, 42, result.Twice)
		require.Equal(t, Done, done.Status)
		require.InDelta(t, 1, done.Progress, 0)
		require.True(t, done.Error.IsZero())
		require.NotNil(t, done.FinishedAt)
		require.Nil(t, done.LeaseUntil)
	})
}

func TestPoolTriesAgainWhatMayPass(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var calls atomic.Int32
		b.run(t, Options{}, func(context.Context, *Running) (any, error) {
			switch calls.Add(1) {
			case 1:
				return nil, errors.New("the line dropped; password=secret")
			case 2:
				panic("a defect")
			default:
				return "good", nil
			}
		})
		job := b.enqueue(t, nil)
		for attempt := 1; attempt <= 2; attempt++ {
			require.Eventually(t, func() bool {
				j := b.read(t, job.ID)
				return j.Status == Waiting && j.Attempt == attempt
			}, 10*time.Second, 5*time.Millisecond)
			waiting := b.read(t, job.ID)
			require.Equal(t, "internal", waiting.Error.Code)
			require.NotContains(t, waiting.Error.Detail, "secret", "causes stay in the log")
			require.Greater(t, waiting.RunAt, b.clock.Now())
			b.clock.forward(10 * time.Second)
		}
		require.Equal(t, Done, b.await(t, job.ID).Status)
		require.EqualValues(t, 3, calls.Load())
	})
}

func TestPoolFailsWhatCannotPass(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		var calls atomic.Int32
		b.run(t, Options{}, func(context.Context, *Running) (any, error) {
			calls.Add(1)
			return nil, fault.New(fault.Invalid, "import.unknown_column", "There is no column X.").With("column", "X")
		})
		job := b.await(t, b.enqueue(t, nil).ID)
		require.Equal(t, Failed, job.Status)
		require.Equal(t, Failure{Code: "import.unknown_column", Detail: "There is no column X.", Params: map[string]any{"column": "X"}}, job.Error)
		require.EqualValues(t, 1, calls.Load())

		require.NoError(t, b.Retry(t.Context(), machine, job.ID))
		require.Eventually(t, func() bool { return calls.Load() == 2 }, 10*time.Second, 5*time.Millisecond)
		require.Equal(t, Failed, b.await(t, job.ID).Status)
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		waiting := b.enqueue(t, nil)
		cancelled, err := b.Cancel(t.Context(), machine, waiting.ID)
		require.NoError(t, err)
		require.Equal(t, Cancelled, cancelled.Status)
		require.Empty(t, b.take(t, "a", 1))

		started := make(chan struct{})
		b.run(t, Options{}, func(ctx context.Context, _ *Running) (any, error) {
			close(started)
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), ErrCancelled) {
				t.Errorf("the cause is %v", context.Cause(ctx))
			}
			return nil, ctx.Err()
		})
		job := b.enqueue(t, nil)
		<-started
		running, err := b.Cancel(t.Context(), machine, job.ID)
		require.NoError(t, err)
		require.Equal(t, Working, running.Status)
		require.Equal(t, Cancelled, b.await(t, job.ID).Status)
		_, err = b.Cancel(t.Context(), machine, job.ID)
		require.Equal(t, "jobs.final", fault.CodeOf(err))
		_, err = b.Cancel(t.Context(), machine, ids.Job{1})
		require.Equal(t, "jobs.not_found", fault.CodeOf(err))
	})
}

func TestShutdownPutsJobsBack(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		started := make(chan struct{})
		stop := b.run(t, Options{Grace: time.Millisecond}, func(ctx context.Context, _ *Running) (any, error) {
			close(started)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		job := b.enqueue(t, nil)
		<-started
		stop()
		back := b.read(t, job.ID)
		require.Equal(t, Waiting, back.Status)
		require.Zero(t, back.Attempt, "a stopped attempt does not count")
		require.Len(t, b.take(t, "other", 1), 1, "another node may take it at once")
	})
}

func TestShutdownLetsJobsEnd(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		started, end := make(chan struct{}), make(chan struct{})
		stop := b.run(t, Options{Grace: time.Minute}, func(context.Context, *Running) (any, error) {
			close(started)
			<-end
			return nil, nil
		})
		job := b.enqueue(t, nil)
		<-started
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		close(end)
		<-stopped
		require.Equal(t, Done, b.read(t, job.ID).Status)
	})
}

func TestFinishIsOneWithTheEffects(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		undo := errors.New("undo")
		var calls atomic.Int32
		b.run(t, Options{}, func(ctx context.Context, run *Running) (any, error) {
			err := b.db.Write(ctx, machine, func(tx *database.Tx) error {
				if err := run.Finish(tx, "from inside"); err != nil {
					return err
				}
				if calls.Add(1) == 1 {
					return undo
				}
				return nil
			})
			return "ignored", err
		})
		job := b.enqueue(t, nil)
		require.Eventually(t, func() bool { return b.read(t, job.ID).Status == Waiting && calls.Load() == 1 }, 10*time.Second, 5*time.Millisecond)
		b.clock.forward(10 * time.Second)
		require.Equal(t, `"from inside"`, b.await(t, job.ID).Result)
	})
}

func TestLostLeaseHoldsNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.enqueue(t, nil)
		claimed := b.take(t, "slow", 1)[0]
		run := &Running{Job: claimed, pool: NewPool(b.Queue, Options{})}
		hold := func(tx *database.Tx) error { return run.Hold(tx) }
		require.NoError(t, b.db.Write(t.Context(), machine, hold))
		b.clock.forward(time.Hour)
		_, err := b.rescue(t.Context())
		require.NoError(t, err)
		require.ErrorIs(t, b.db.Write(t.Context(), machine, hold), ErrLeaseLost)
		require.ErrorIs(t, b.db.Write(t.Context(), machine, func(tx *database.Tx) error { return run.Finish(tx, nil) }), ErrLeaseLost)
	})
}

func TestJobsStayWithinTheirScope(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		g := b.db.IDs()
		mine, theirs := ids.New[ids.Client](g), ids.New[ids.Client](g)
		job := b.enqueue(t, func(s *Spec) { s.Client = theirs })
		provider := b.enqueue(t, nil)
		for _, id := range []ids.Job{job.ID, provider.ID} {
			_, err := b.Get(t.Context(), scope.Clients(mine), id)
			require.Equal(t, "jobs.not_found", fault.CodeOf(err))
			_, err = b.Cancel(t.Context(), scope.Clients(mine), id)
			require.Equal(t, "jobs.not_found", fault.CodeOf(err))
		}
		seen, err := b.List(t.Context(), scope.Clients(theirs), Filter{})
		require.NoError(t, err)
		require.Len(t, seen, 1)
		require.Equal(t, job.ID, seen[0].ID)
		err = b.db.Write(t.Context(), scope.Clients(mine), func(tx *database.Tx) error {
			_, _, err := b.Enqueue(tx, Spec{Kind: "work", Client: theirs})
			return err
		})
		require.Error(t, err, "no job for somebody else's client")
	})
}

func TestListAndPrune(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		a, c := b.enqueue(t, nil), b.enqueue(t, func(s *Spec) { s.Kind = "other" })
		_, err := b.Cancel(t.Context(), machine, a.ID)
		require.NoError(t, err)
		ended, err := b.List(t.Context(), machine, Filter{Statuses: []Status{Cancelled}, Kinds: []string{"work"}})
		require.NoError(t, err)
		require.Len(t, ended, 1)
		older, err := b.List(t.Context(), machine, Filter{Before: c.ID})
		require.NoError(t, err)
		require.Len(t, older, 1)
		_, err = b.List(t.Context(), machine, Filter{Limit: 501})
		require.Equal(t, "jobs.limit", fault.CodeOf(err))

		backlog, err := b.Backlogs(t.Context())
		require.NoError(t, err)
		require.Equal(t, []Backlog{{Kind: "other", Status: Waiting, Jobs: 1, Oldest: c.RunAt}}, backlog)

		b.clock.forward(time.Hour)
		deleted, err := b.Prune(t.Context(), b.clock.Now())
		require.NoError(t, err)
		require.EqualValues(t, 1, deleted)
		b.read(t, c.ID)
	})
}

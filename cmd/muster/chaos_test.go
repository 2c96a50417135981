package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/scope"
)

// killsVariable says how many kills a longer run makes.
const killsVariable = "MUSTER_TEST_KILLS"

// kills gives the number of kills of this run.
func kills(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv(killsVariable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, killsVariable)
	return n
}

// TestKilledNodesLoseNothing serves real processes, lets systems and agents work on
// them, kills processes with SIGKILL, cuts connections, lets PostgreSQL crash, and
// checks rows against what callers were told.
func TestKilledNodesLoseNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real processes for some 20 seconds")
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		chaos(t, database.SQLite, 1, kills(t, 5))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		chaos(t, database.PostgreSQL, 2, kills(t, 8))
	})
}

// storm is one run of faults.
type storm struct {
	t       *testing.T
	w       *world
	cluster *databasetest.Cluster
	nodes   []*node

	leaders, within, cuts, crashes int // kills of the leader, of them within a commit; cut connections; crashes of PostgreSQL
	elected, silent                time.Duration
}

// chaos runs nodes under load and lets one fault follow the other.
func chaos(t *testing.T, dialect database.Dialect, nodes, kills int) {
	s := &storm{t: t}
	dir := t.TempDir()
	o := database.Options{Path: filepath.Join(dir, "muster.db")}
	if dialect == database.PostgreSQL {
		s.cluster = databasetest.StartCluster(t, os.Getenv(killsVariable) != "")
		o = s.cluster.Options(t)
	} else {
		require.NoError(t, database.Migrate(t.Context(), o))
	}
	w := worldIn(t, dir, o, 8)
	s.w = w
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute+time.Duration(kills)*20*time.Second)
	defer cancel()
	s.nodes = make([]*node, nodes)
	for i := range s.nodes {
		n := w.node(t)
		n.door = newProxy(t, "tcp", n.address)
		if s.cluster != nil {
			n.wire = newProxy(t, "unix", s.cluster.Socket())
		}
		s.nodes[i] = n
		n.start()
	}
	for _, n := range s.nodes {
		require.NoError(t, n.ready(ctx))
	}
	c := newCrowd(t, w, s.nodes...)
	var reporters, agents, watching sync.WaitGroup
	reporting, stopReporting := context.WithCancel(ctx)
	working, stopWorking := context.WithCancel(ctx)
	watched, stopWatching := context.WithCancel(ctx)
	defer stopReporting()
	defer stopWorking()
	defer stopWatching()
	for i := range 3 {
		reporters.Go(func() { c.reporter(reporting, fmt.Sprint("r", i), 40*time.Millisecond) })
	}
	reporters.Go(func() { c.dawdler(reporting, "slow") })
	for i := range w.agents {
		agents.Go(func() { c.agent(working, i, 40) })
		agents.Go(func() { c.staller(working, w.tokens[i]) })
	}
	watching.Go(func() { w.watchLeases(t, watched) })

	for k := range kills {
		w.progressed(t, ctx, w.domain(t).LastSeq+int64(10+rand.IntN(20)))
		switch {
		case k%2 == 1:
			s.cut(k)
		case k%8 == 4 && s.cluster != nil:
			require.NoError(t, s.cluster.Crash())
			s.crashes++
		}
		s.kill(ctx, k)
	}
	stopReporting()
	reporters.Wait()
	// Every acknowledged input is applied before the rows are judged.
	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, time.Minute, 50*time.Millisecond)
	stopWorking()
	agents.Wait()
	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, time.Minute, 50*time.Millisecond)
	stopWatching()
	watching.Wait()
	told := c.settled()
	found, err := w.gather(t.Context())
	require.NoError(t, err)
	require.Empty(t, check(found, told))
	require.NotZero(t, s.leaders, "a leader was killed")
	require.NotEmpty(t, told.ends, "agents finished contacts")
	if os.Getenv(killsVariable) != "" && nodes > 1 {
		require.LessOrEqual(t, s.elected, 5*time.Second, "another node leads within five seconds")
	}
	t.Logf("%d kills, %d of them of the leader, %d of those within a commit; %d times connections cut, %d crashes of PostgreSQL; %d contacts acknowledged, %d accepted, %d finished, %d left; %d inputs logged; longest time without a leader %s, without routing %s",
		kills, s.leaders, s.within, s.cuts, s.crashes, len(told.contacts), len(told.accepts), len(told.ends), len(told.leaves), found.lastSeq, s.elected.Round(time.Millisecond), s.silent.Round(time.Millisecond))
}

// cut breaks connections of a node: those of its callers, or its own to PostgreSQL.
func (s *storm) cut(k int) {
	n := s.nodes[k%len(s.nodes)]
	if leader := s.w.leading(s.t, s.nodes); leader != nil && k%4 == 1 {
		n = leader
	}
	if n.wire != nil && k%4 == 1 {
		n.wire.cut()
	} else {
		n.door.cut()
	}
	s.cuts++
}

// kill ends a node by SIGKILL, two times of three the leader while it commits, and
// starts it again.
func (s *storm) kill(ctx context.Context, k int) {
	victim := s.nodes[k%len(s.nodes)]
	if leader := s.w.leading(s.t, s.nodes); leader != nil && (k%3 != 2) != (victim == leader) {
		victim = leader
		if k%3 == 2 {
			victim = s.nodes[(k+1)%len(s.nodes)]
		}
	}
	led := s.w.leading(s.t, s.nodes) == victim
	if led {
		s.leaders++
	}
	at := s.w.domain(s.t)
	if led && s.cluster != nil {
		if busy, err := s.cluster.Inserting(ctx, s.w.db.Options(), "routing_log"); err == nil && busy {
			s.within++
		}
	}
	start := time.Now()
	victim.kill()
	victim.start()
	if led {
		s.w.await(s.t, ctx, func(d routing.Domain) bool { return d.Epoch > at.Epoch })
		s.elected = max(s.elected, time.Since(start))
		s.w.progressed(s.t, ctx, at.LastSeq+5)
		s.silent = max(s.silent, time.Since(start))
	}
	require.NoError(s.t, victim.ready(ctx))
}

// domain reads the routing domain; a database that is starting is asked again.
func (w *world) domain(t *testing.T) routing.Domain {
	t.Helper()
	var d routing.Domain
	w.read(t, func(tx *database.Tx) error { return tx.Take(&d).Error })
	return d
}

// read reads rows; a database that is starting is asked again.
func (w *world) read(t *testing.T, fn func(*database.Tx) error) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); pause(context.Background(), 20*time.Millisecond) {
		if err = w.db.Read(context.Background(), scope.Provider(), fn); err == nil {
			return
		}
	}
	t.Errorf("the test cannot read: %v", err)
}

// await waits until the routing domain is as wanted.
func (w *world) await(t *testing.T, ctx context.Context, wanted func(routing.Domain) bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for d := w.domain(t); !wanted(d); d = w.domain(t) {
		if ctx.Err() != nil || time.Now().After(deadline) {
			require.FailNow(t, "routing stands still", "%+v", d)
		}
		pause(ctx, 10*time.Millisecond)
	}
}

// progressed waits until the log has reached the number.
func (w *world) progressed(t *testing.T, ctx context.Context, seq int64) {
	t.Helper()
	w.await(t, ctx, func(d routing.Domain) bool { return d.LastSeq >= seq })
}

// leading finds the node that leads by the number of its process.
func (w *world) leading(t *testing.T, nodes []*node) *node {
	t.Helper()
	leader := w.domain(t).Leader
	for _, n := range nodes {
		if n.command != nil && strings.Contains(leader, fmt.Sprintf("-%d-", n.command.Process.Pid)) {
			return n
		}
	}
	return nil
}

// unapplied counts acknowledged inputs that no leader has applied.
func (w *world) unapplied(t *testing.T) int64 {
	t.Helper()
	return w.count(t, "routing_inbox", "applied_seq IS NULL")
}

// count counts rows.
func (w *world) count(t *testing.T, table, condition string) int64 {
	t.Helper()
	var n int64
	w.read(t, func(tx *database.Tx) error { return tx.Table(table).Where(condition).Count(&n).Error })
	return n
}

// watchLeases looks for offers and wrap-ups that outlive their deadline while a node leads.
func (w *world) watchLeases(t *testing.T, ctx context.Context) {
	epoch, since := int64(-1), calendar.Instant(0)
	for ctx.Err() == nil {
		var d routing.Domain
		var deadlines []calendar.Instant
		err := w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
			if err := tx.Take(&d).Error; err != nil {
				return err
			}
			return tx.Model(&routing.Segment{}).Where("deadline_at IS NOT NULL AND status <> 'done'").Pluck("deadline_at", &deadlines).Error
		})
		if err != nil { // PostgreSQL is starting
			epoch = -1
			pause(ctx, 200*time.Millisecond)
			continue
		}
		now := w.db.Now()
		if d.Epoch != epoch || d.LeaseUntil < now {
			epoch, since = d.Epoch, now
		}
		if overdue(now, since, d.LeaseUntil, deadlines) {
			t.Errorf("an offer or wrap-up is past its deadline although %s leads", d.Leader)
			return
		}
		pause(ctx, 200*time.Millisecond)
	}
}

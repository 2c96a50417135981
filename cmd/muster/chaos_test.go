package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/tenants/calendar"
	"muster/tenants/database"
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
// them, kills processes with SIGKILL, and checks rows against what callers were told.
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
		chaos(t, database.PostgreSQL, 2, kills(t, 10))
	})
}

// chaos runs nodes under load and kills them one after the other.
func chaos(t *testing.T, dialect database.Dialect, nodes, kills int) {
	w := worldOn(t, dialect, 8)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(kills)*10*time.Second)
	defer cancel()
	all := make([]*node, nodes)
	for i := range all {
		all[i] = w.node(t)
		all[i].start()
	}
	for _, n := range all {
		require.NoError(t, n.ready(ctx))
	}
	c := newCrowd(t, w, all...)
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
	for i := range w.agents {
		agents.Go(func() { c.agent(working, i, 40) })
	}
	watching.Go(func() { w.watchLeases(t, watched) })

	leaders, worst := 0, time.Duration(0)
	for k := range kills {
		before := w.domain(t)
		w.progressed(t, ctx, before.LastSeq+int64(10+rand.IntN(20)))
		victim := all[k%nodes]
		if leader := w.leading(t, all); leader != nil && (k%3 == 0) != (victim == leader) { // every third time the leader
			victim = leader
			if k%3 != 0 {
				victim = all[(k+1)%nodes]
			}
		}
		led := w.leading(t, all) == victim
		if led {
			leaders++
		}
		start := time.Now()
		at := w.domain(t)
		victim.kill()
		victim.start()
		if led {
			w.progressed(t, ctx, at.LastSeq+5)
			worst = max(worst, time.Since(start))
		}
		require.NoError(t, victim.ready(ctx))
	}
	stopReporting()
	reporters.Wait()
	w.progressed(t, ctx, w.domain(t).LastSeq)
	// Every acknowledged input is applied before the rows are judged.
	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, 20*time.Second, 50*time.Millisecond)
	stopWorking()
	agents.Wait()
	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, 20*time.Second, 50*time.Millisecond)
	stopWatching()
	watching.Wait()
	told := c.settled()
	found, err := w.gather(t.Context())
	require.NoError(t, err)
	require.Empty(t, check(found, told))
	require.NotZero(t, leaders, "a leader was killed")
	require.NotEmpty(t, told.ends, "agents finished contacts")
	t.Logf("%d kills, %d of them of the leader; %d contacts, %d accepted, %d finished; %d inputs logged; longest time without routing %s",
		kills, leaders, len(told.contacts), len(told.accepts), len(told.ends), found.lastSeq, worst.Round(time.Millisecond))
}

// domain reads the routing domain.
func (w *world) domain(t *testing.T) routing.Domain {
	t.Helper()
	var d routing.Domain
	if err := w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Take(&d).Error }); err != nil {
		t.Errorf("domain: %v", err)
	}
	return d
}

// progressed waits until the log has reached the number.
func (w *world) progressed(t *testing.T, ctx context.Context, seq int64) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for w.domain(t).LastSeq < seq {
		if ctx.Err() != nil || time.Now().After(deadline) {
			require.FailNow(t, "routing stands still", "%+v", w.domain(t))
		}
		pause(ctx, 10*time.Millisecond)
	}
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
	if err := w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Table(table).Where(condition).Count(&n).Error
	}); err != nil {
		t.Errorf("%s: %v", table, err)
	}
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
		if err != nil {
			t.Errorf("leases: %v", err)
			return
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

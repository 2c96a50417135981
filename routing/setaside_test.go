package routing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// run lets the model's node compete for the lead until the returned function is called.
func (m *model) run(t *testing.T) (stop func()) {
	t.Helper()
	require.NoError(t, m.live.Prepare(t.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.live.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	require.Eventually(t, func() bool { return m.domain(t).ConfigVersion != 0 }, time.Minute, 5*time.Millisecond, "nobody leads")
	return stop
}

func (m *model) domain(t *testing.T) (d Domain) {
	t.Helper()
	require.NoError(t, m.live.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Where("slug = 'main'").Take(&d).Error }))
	return d
}

// arrive posts a contact and posts it again for as long as it is not yet applied.
func (m *model) arrive(queue contract.Queue, id string) (Outcome, error) {
	for {
		o, err := m.live.Arrive(context.Background(), scope.Provider(), Arrival{Client: queue.ClientID, Queue: queue.ID, Source: "cti", ExternalID: id})
		if err != nil || o.Applied {
			return o, err
		}
	}
}

// crowd posts contacts at once and gives what became of each.
func (m *model) crowd(n int) []error {
	out := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { _, out[i] = m.arrive(m.queues[0], fmt.Sprint("x-", i)) })
	}
	all.Wait()
	return out
}

// sameAgain rebuilds engine and rows twice, from the last snapshot and from the whole
// log, and requires the same.
func (m *model) sameAgain(t *testing.T) {
	t.Helper()
	d := m.domain(t)
	one := &leader{live: m.live}
	require.NoError(t, one.rebuild(context.Background(), d))
	require.NoError(t, m.live.db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Where("seq >= 0").Delete(&snapshotRow{}).Error }))
	two := &leader{live: m.live}
	require.NoError(t, two.rebuild(context.Background(), d))
	require.Empty(t, cmp.Diff(one.engine.Snapshot(), two.engine.Snapshot()))
	for _, c := range one.rows.contacts {
		_, there := one.engine.ViewContact(c.Number)
		require.True(t, there, "the engine knows contact %d", c.Number)
	}
}

func TestAPoisonousInputIsSetAside(t *testing.T) {
	faults := map[string]func() error{
		"the engine panics":        func() error { panic("seeded") },
		"its rows are refused":     func() error { return fault.New(fault.Invalid, "seeded", "refused") },
		"an index is out of range": func() error { return []error{nil}[len(t.Name())] },
	}
	for name, fail := range faults {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				m := newModel(t, db)
				ctx, all := t.Context(), scope.Provider()
				var ill atomic.Bool
				ill.Store(true)
				m.live.fault = func(in Input) error {
					if ill.Load() && (in.ExternalID == "x-7" || in.ExternalID == "x-23") {
						return fail()
					}
					return nil
				}
				stop := m.run(t)
				for i, err := range m.crowd(40) {
					if i == 7 || i == 23 {
						require.Equal(t, "routing.set_aside", fault.CodeOf(err), "%v", err)
						continue
					}
					require.NoError(t, err, "nobody else suffers")
				}
				figures := prometheus.NewRegistry()
				figures.MustRegister(m.live.metrics.asides)
				families, err := figures.Gather()
				require.NoError(t, err)
				require.EqualValues(t, 2, families[0].GetMetric()[0].GetCounter().GetValue())
				rows, err := m.live.SetAside(ctx, all, true, 10)
				require.NoError(t, err)
				require.Len(t, rows, 2)
				require.NotEmpty(t, rows[0].Cause)
				require.Equal(t, KindArrive, rows[0].Kind)
				require.Equal(t, m.queues[0].ClientID, rows[0].ClientID)
				open, err := m.live.Contacts(ctx, all)
				require.NoError(t, err)
				require.Len(t, open, 38)
				_, err = m.arrive(m.queues[0], "x-7")
				require.Equal(t, "routing.set_aside", fault.CodeOf(err), "who repeats it hears the same")

				played := rows[0]
				_, err = m.live.Replay(ctx, all, played.ID, ids.User{1})
				require.Equal(t, "routing.set_aside", fault.CodeOf(err), "the fault is still there")
				_, err = m.live.Replay(ctx, all, played.ID, ids.User{1})
				require.Equal(t, "routing.aside_closed", fault.CodeOf(err))
				ill.Store(false)
				rows, err = m.live.SetAside(ctx, all, true, 10)
				require.NoError(t, err)
				require.Len(t, rows, 2, "it failed anew")
				o, err := m.live.Replay(ctx, all, rows[0].ID, ids.User{1})
				require.NoError(t, err)
				require.True(t, o.Applied)
				require.Equal(t, played.ContactID, o.Contact)
				o, err = m.arrive(m.queues[0], played.Event.ExternalID)
				require.NoError(t, err, "who repeats it hears of the contact now")
				require.Equal(t, played.ContactID, o.Contact)
				require.NoError(t, m.live.Dismiss(ctx, all, rows[1].ID, ids.User{1}))
				rows, err = m.live.SetAside(ctx, all, true, 10)
				require.NoError(t, err)
				require.Empty(t, rows)
				open, err = m.live.Contacts(ctx, all)
				require.NoError(t, err)
				require.Len(t, open, 39)
				stop()
				m.sameAgain(t)
			})
		})
	}
}

// TestRefusedRows brings a text that PostgreSQL cannot keep past the checks of the door.
func TestRefusedRows(t *testing.T) {
	m := newModel(t, databasetest.OpenPostgres(t))
	stop := m.run(t)
	q := m.queues[0]
	in := Input{Kind: KindArrive, Contact: ids.New[ids.Contact](m.live.db.IDs()), Client: q.ClientID, Queue: q.ID, Source: "cti", ExternalID: "nul", Channel: string(q.Channel), Attributes: "\x00"}
	_, err := m.live.do(t.Context(), in, "arrive/nul")
	require.Equal(t, "routing.set_aside", fault.CodeOf(err), "%v", err)
	for _, err := range m.crowd(5) {
		require.NoError(t, err)
	}
	rows, err := m.live.SetAside(t.Context(), scope.Provider(), true, 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Contains(t, rows[0].Cause, "22021")
	stop()
	m.sameAgain(t)
}

// TestAnUnsoundFloorBlamesNoInput lets everything fail: what fails without an input
// is no input's fault.
func TestAnUnsoundFloorBlamesNoInput(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := newModel(t, db)
		var ill atomic.Bool
		var tries atomic.Int32
		m.live.fault = func(Input) error {
			if ill.Load() {
				tries.Add(1)
				panic("seeded")
			}
			return nil
		}
		m.run(t)
		ill.Store(true)
		answers := make(chan []error, 1)
		go func() { answers <- m.crowd(3) }()
		require.Eventually(t, func() bool { return tries.Load() > 4 }, time.Minute, time.Millisecond)
		ill.Store(false)
		require.NoError(t, errors.Join(<-answers...))
		rows, err := m.live.SetAside(t.Context(), scope.Provider(), true, 10)
		require.NoError(t, err)
		require.Empty(t, rows)
	})
}

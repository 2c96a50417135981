package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// TestLostConnectionsLoseAndDoubleNothing cuts every connection to the database
// again and again while jobs run; each job leaves exactly one effect.
func TestLostConnectionsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	b := open(t, databasetest.PostgresOptions(t, true))
	const jobs = 40
	made := make([]Job, jobs)
	for i := range made {
		made[i] = b.enqueue(t, func(s *Spec) { s.MaxAttempts = 1000 })
	}
	b.run(t, Options{Lease: 2 * time.Second}, func(ctx context.Context, run *Running) (any, error) {
		return nil, b.db.Write(ctx, machine, func(tx *database.Tx) error {
			name := "effect of " + run.ID.String()
			if err := tx.Create(&effect{Name: name}).Error; err != nil {
				return fmt.Errorf("a second effect, or a lost connection: %w", err)
			}
			return run.Finish(tx, nil)
		})
	})
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
	defer cancel()
	owner, err := pgx.Connect(ctx, b.options.AdminURL)
	require.NoError(t, err)
	defer func() { require.NoError(t, owner.Close(context.WithoutCancel(ctx))) }()
	cuts := 0
	for left := jobs; left > 0; {
		require.NoError(t, ctx.Err(), "%d jobs left", left)
		if cuts < 60 {
			var n int
			require.NoError(t, owner.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&n))
			cuts += n
		}
		b.clock.forward(time.Second) // waits and leases pass quickly
		require.NoError(t, owner.QueryRow(ctx, "SELECT count(*) FROM jobs WHERE status <> 'done'").Scan(&left))
		if left > 0 {
			_, err = owner.Exec(ctx, "SELECT pg_sleep(0.02)")
			require.NoError(t, err)
		}
	}
	require.Positive(t, cuts)
	var effects int
	require.NoError(t, owner.QueryRow(ctx, "SELECT count(*) FROM event_cursors").Scan(&effects))
	require.Equal(t, jobs, effects)
}

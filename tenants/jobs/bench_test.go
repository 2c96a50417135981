package jobs

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
)

// backlog is the number of jobs that wait while BenchmarkClaim claims.
const backlog = 50_000

// BenchmarkClaim claims and settles one job at a time out of a long backlog.
func BenchmarkClaim(b *testing.B) {
	options := map[string]func() database.Options{
		"sqlite":   func() database.Options { return database.Options{Path: filepath.Join(b.TempDir(), "muster.db")} },
		"postgres": func() database.Options { return databasetest.PostgresOptions(b, true) },
	}
	for name, make := range options {
		b.Run(name, func(b *testing.B) {
			o := make()
			require.NoError(b, database.Migrate(b.Context(), o))
			db, err := database.Open(b.Context(), o)
			require.NoError(b, err)
			defer func() { require.NoError(b, db.Close()) }()
			q := New(db)
			fill(b, q)
			if o.AdminURL != "" { // as autovacuum does within a minute
				owner, err := pgx.Connect(b.Context(), o.AdminURL)
				require.NoError(b, err)
				_, err = owner.Exec(b.Context(), "ANALYZE jobs")
				require.NoError(b, err)
				require.NoError(b, owner.Close(b.Context()))
			}
			for b.Loop() {
				claimed, err := q.claim(b.Context(), "bench", map[string]int{"work": 1}, 1, time.Minute)
				require.NoError(b, err)
				require.Len(b, claimed, 1)
				require.NoError(b, db.Write(b.Context(), machine, func(tx *database.Tx) error {
					_, err := q.settle(tx, lease{job: claimed[0].ID, owner: "bench", attempt: 1}, outcome{status: Done, result: "null"})
					return err
				}))
			}
		})
	}
}

// fill makes the backlog, spread over priorities.
func fill(b *testing.B, q *Queue) {
	b.Helper()
	rows := make([]Job, backlog)
	for i := range rows {
		job, err := q.build(Spec{Kind: "work", Priority: i % 7})
		require.NoError(b, err)
		job.ID, job.RunAt = ids.New[ids.Job](q.db.IDs()), q.db.Now()-calendar.Instant(i)
		rows[i] = job
	}
	for start := 0; start < backlog; start += 5_000 {
		require.NoError(b, q.db.Write(b.Context(), machine, func(tx *database.Tx) error {
			_, err := database.Insert(tx, rows[start:start+5_000])
			return err
		}))
	}
}

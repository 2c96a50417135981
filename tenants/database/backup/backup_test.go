package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/backup"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// target gives the options of an empty database of a dialect.
var targets = map[database.Dialect]func(t *testing.T) database.Options{
	database.SQLite: func(t *testing.T) database.Options {
		return database.Options{Path: filepath.Join(t.TempDir(), "new", "muster.db")}
	},
	database.PostgreSQL: func(t *testing.T) database.Options { return databasetest.PostgresOptions(t, false) },
}

// session is a row that must not come back.
type session struct {
	TokenHash []byte `gorm:"primaryKey"`
	UserID    ids.User
	CSRF      string           `gorm:"column:csrf"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false"`
	SeenAt    calendar.Instant
	ExpiresAt calendar.Instant
	Address   string
	Agent     string
}

// TableName names the table.
func (session) TableName() string { return "sessions" }

// user is the least a session needs.
type user struct {
	ID                                   ids.User `gorm:"primaryKey"`
	Login, Display, PasswordHash, Locale string
	MustChange, Demo                     bool
	Version                              int
	CreatedAt                            calendar.Instant `gorm:"autoCreateTime:false"`
}

// TableName names the table.
func (user) TableName() string { return "users" }

// publish commits one event.
func publish(t *testing.T, db *database.DB, name string) {
	t.Helper()
	require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
		return events.New(db).Publish(tx, events.Message{Type: name})
	}))
}

// seen gives the types of all events in order.
func seen(t *testing.T, db *database.DB) []string {
	t.Helper()
	found, err := events.New(db).Read(t.Context(), scope.Provider(), 0, events.Filter{}, 500)
	require.NoError(t, err)
	var out []string
	for _, e := range found {
		out = append(out, e.Type)
	}
	return out
}

func TestBackupAndRestore(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		publish(t, db, "a.first")
		publish(t, db, "a.second")
		content := bytes.Repeat([]byte("话务量 "), 100_000)
		file, err := files.New(db).Create(ctx, scope.Provider(), files.Spec{Name: "f"}, bytes.NewReader(content))
		require.NoError(t, err)
		who := user{ID: ids.New[ids.User](db.IDs()), Login: "a", CreatedAt: db.Now()}
		require.NoError(t, db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			if err := tx.Create(&who).Error; err != nil {
				return err
			}
			return tx.Create(&session{TokenHash: []byte("x"), UserID: who.ID, ExpiresAt: db.Now() + calendar.Day}).Error
		}))
		// Somebody writes while the backup runs.
		writing, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			for i := 0; writing.Err() == nil && i < 150; i++ {
				err := db.Write(writing, scope.Provider(), func(tx *database.Tx) error {
					return events.New(db).Publish(tx, events.Message{Type: fmt.Sprintf("b.n%d", i)}, events.Message{Type: fmt.Sprintf("b.n%d", i)})
				})
				if err != nil && writing.Err() == nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
		path := filepath.Join(t.TempDir(), "muster.backup")
		made, err := backup.Create(ctx, db.Options(), path, "test")
		stop()
		require.NoError(t, <-ended)
		require.NoError(t, err)
		inspected, err := backup.Inspect(path)
		require.NoError(t, err)
		require.Equal(t, made, inspected)
		left, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, left, 1, "no temporary file stays")
		_, err = backup.Create(ctx, db.Options(), path, "test")
		require.Equal(t, "backup.exists", fault.CodeOf(err))
		_, err = backup.Restore(ctx, db.Options(), path)
		require.Equal(t, "backup.not_empty", fault.CodeOf(err))

		options := targets[db.Dialect()](t)
		_, err = backup.Restore(ctx, options, path)
		require.NoError(t, err)
		restored, err := database.Open(ctx, options)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, restored.Close()) })

		types := seen(t, restored)
		require.GreaterOrEqual(t, len(types), 2)
		require.Equal(t, []string{"a.first", "a.second"}, types[:2])
		require.Zero(t, len(types)%2, "a transaction is there as a whole or not at all")
		publish(t, restored, "z.after")
		require.Equal(t, "z.after", seen(t, restored)[len(types)], "new events come after the restored")
		_, r, err := files.New(restored).Open(ctx, scope.Provider(), file.ID)
		require.NoError(t, err)
		var got bytes.Buffer
		_, err = got.ReadFrom(r)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, got.Bytes()))
		require.NoError(t, restored.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
			var sessions, users int64
			require.NoError(t, tx.Model(&session{}).Count(&sessions).Error)
			require.NoError(t, tx.Model(&user{}).Count(&users).Error)
			require.Zero(t, sessions, "sessions end")
			require.EqualValues(t, 1, users)
			return nil
		}))
		applied, known, err := restored.SchemaVersion(ctx)
		require.NoError(t, err)
		require.Equal(t, known, applied)
	})
}

// admin runs a statement as the owner.
func admin(t *testing.T, o database.Options, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), o.AdminURL)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

// TestEventsOfAnOldClusterKeepTheirOrder restores from a cluster whose
// transaction numbers are far beyond those of the new one.
func TestEventsOfAnOldClusterKeepTheirOrder(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	for _, name := range []string{"a.second", "a.third", "a.first"} {
		publish(t, db, name)
	}
	admin(t, db.Options(), "UPDATE outbox SET xid = 1000000000000 + CASE type WHEN 'a.first' THEN 1 WHEN 'a.second' THEN 2 ELSE 3 END")
	require.Empty(t, seen(t, db), "the numbers lie in the future")
	path := filepath.Join(t.TempDir(), "b")
	_, err := backup.Create(t.Context(), db.Options(), path, "test")
	require.NoError(t, err)
	options := databasetest.PostgresOptions(t, false)
	_, err = backup.Restore(t.Context(), options, path)
	require.NoError(t, err)
	restored, err := database.Open(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, restored.Close()) })
	publish(t, restored, "z.after")
	require.Equal(t, []string{"a.first", "a.second", "a.third", "z.after"}, seen(t, restored))
}

func TestDamagedBackupsAreRefused(t *testing.T) {
	t.Parallel()
	db := databasetest.OpenSQLite(t)
	path := filepath.Join(t.TempDir(), "b")
	_, err := backup.Create(t.Context(), db.Options(), path, "test")
	require.NoError(t, err)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 0x10
	for name, content := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)/2], "without end": whole[:len(whole)-1], "a bit differs": flipped, "something else": []byte("PK\x03\x04 a zip"),
	} {
		bad := filepath.Join(t.TempDir(), "bad")
		require.NoError(t, os.WriteFile(bad, content, 0o600))
		_, err := backup.Inspect(bad)
		require.Equal(t, "backup.damaged", fault.CodeOf(err), name)
		options := targets[database.SQLite](t)
		_, err = backup.Restore(t.Context(), options, bad)
		require.Equal(t, "backup.damaged", fault.CodeOf(err), name)
		left, err := os.ReadDir(filepath.Dir(options.Path))
		require.NoError(t, err)
		require.Empty(t, left, "%s: nothing stays behind", name)
	}
	_, err = backup.Inspect(path + ".gone")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	_, err := backup.Create(t.Context(), database.Options{Path: filepath.Join(t.TempDir(), "muster.db")}, filepath.Join(t.TempDir(), "b"), "test")
	require.Equal(t, "backup.no_database", fault.CodeOf(err))
}

func TestBackupOfTheOtherDatabaseIsRefused(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	path := filepath.Join(t.TempDir(), "b")
	_, err := backup.Create(t.Context(), db.Options(), path, "test")
	require.NoError(t, err)
	options := databasetest.PostgresOptions(t, false)
	_, err = backup.Restore(t.Context(), options, path)
	require.Equal(t, "backup.dialect", fault.CodeOf(err))
	options.AdminURL = ""
	_, err = backup.Restore(t.Context(), options, path)
	require.Equal(t, "backup.admin_url", fault.CodeOf(err))
}

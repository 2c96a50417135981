package databasetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// AppRole is the role without ownership under which tests use PostgreSQL.
const AppRole = "muster_app"

// Start is the instant at which the clock of every test database stands.
const Start = calendar.Instant(1_772_352_000_000_000) // 2026-03-01T08:00:00Z

var serial atomic.Int64

// Each runs the test once on SQLite and once on PostgreSQL, each on an empty migrated database.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, OpenSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, OpenPostgres(t)) })
}

// OpenSQLite gives an empty migrated SQLite database that ends with the test.
func OpenSQLite(t testing.TB) *database.DB {
	t.Helper()
	return open(t, database.Options{Path: filepath.Join(t.TempDir(), "muster.db")}, true)
}

// OpenPostgres gives an empty migrated PostgreSQL database that ends with the test.
func OpenPostgres(t testing.TB) *database.DB {
	t.Helper()
	return open(t, PostgresOptions(t, true), false)
}

// PostgresOptions makes a PostgreSQL database that ends with the test, migrated or empty.
func PostgresOptions(t testing.TB, migrated bool) database.Options {
	t.Helper()
	return postgresOptions(t, superURL(t), migrated)
}

// postgresOptions makes a database in the cluster of the superuser's URL.
func postgresOptions(t testing.TB, super string, migrated bool) database.Options {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, super)
	if err != nil {
		t.Fatalf("databasetest: cannot reach the test cluster of MUSTER_TEST_PG_URL: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), serial.Add(1))
	from := "template1"
	if migrated {
		if from, err = template(ctx, conn, super); err != nil {
			t.Fatalf("databasetest: cannot migrate the template: %v", err)
		}
	} else if err := makeRole(ctx, conn); err != nil {
		t.Fatalf("databasetest: cannot make the app role: %v", err)
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+from); err != nil {
		t.Fatalf("databasetest: cannot clone %s: %v", from, err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), super)
		if err == nil {
			_, err = conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
			_ = conn.Close(context.Background())
		}
		if err != nil {
			t.Errorf("databasetest: cannot drop %s: %v", name, err)
		}
	})
	return database.Options{URL: with(super, name, AppRole), AdminURL: with(super, name, "")}
}

// open opens the door with the standing clock and seeded ids, migrating first when asked.
func open(t testing.TB, o database.Options, migrate bool) *database.DB {
	t.Helper()
	clock := calendar.NewFixedClock(Start)
	o.Clock, o.IDs = clock, ids.NewSeededGenerator(clock, 1)
	ctx := context.Background()
	if migrate {
		if err := database.Migrate(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// with changes database and user of a URL; an empty user keeps the old one.
func with(raw, name, user string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err) // the URL has connected before
	}
	u.Path = "/" + name
	if user != "" {
		q := u.Query()
		if q.Has("user") {
			q.Set("user", user)
			u.RawQuery = q.Encode()
		} else {
			u.User = url.User(user)
		}
	}
	return u.String()
}

// template makes, once per cluster and set of migrations, the database that tests clone.
func template(ctx context.Context, conn *pgx.Conn, super string) (string, error) {
	hash := sha256.New()
	files := database.Migrations(database.PostgreSQL)
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	for _, n := range names {
		b, err := fs.ReadFile(files, n)
		if err != nil {
			return "", err
		}
		hash.Write(b)
	}
	name := "template_" + hex.EncodeToString(hash.Sum(nil))[:12]
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(7072)"); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock(7072)") }()
	if err := makeRole(ctx, conn); err != nil {
		return "", err
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	building := name + "_building"
	for _, s := range []string{"DROP DATABASE IF EXISTS " + building + " WITH (FORCE)", "CREATE DATABASE " + building} {
		if _, err := conn.Exec(ctx, s); err != nil {
			return "", err
		}
	}
	if err := database.Migrate(ctx, database.Options{URL: with(super, building, AppRole), AdminURL: with(super, building, "")}); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+building+" RENAME TO "+name)
	return name, err
}

// makeRole creates the app role when the cluster lacks it.
func makeRole(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `DO $$ BEGIN CREATE ROLE `+AppRole+` LOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`)
	return err
}

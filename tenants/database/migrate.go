package database

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the pgx driver for migrations
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrations gives the migration files of a dialect, for the version check and tests.
func Migrations(d Dialect) fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+string(d))
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Migrate brings the schema up to date. Any number of nodes may call it at once
// on an empty database: a session lock lets one of them work. On PostgreSQL it
// needs AdminURL and grants the app role of URL what it needs, and no more.
func Migrate(ctx context.Context, o Options) error {
	if o.URL == "" {
		return migrateSQLite(ctx, o)
	}
	if o.AdminURL == "" {
		return fmt.Errorf("database: database.admin_url is needed to migrate PostgreSQL (the app role of database.url owns nothing)")
	}
	app, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return fmt.Errorf("database: database.url: %w", err)
	}
	owner, err := pgx.ParseConfig(o.AdminURL)
	if err != nil {
		return fmt.Errorf("database: database.admin_url: %w", err)
	}
	if app.User == owner.User {
		return fmt.Errorf("database: database.url and database.admin_url name the same role %q; row-level security needs an app role that owns nothing", app.User)
	}
	pool, err := sql.Open("pgx", o.AdminURL)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, Migrations(PostgreSQL), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("database: migration failed: %w", err)
	}
	return grant(ctx, pool, app.User)
}

func migrateSQLite(ctx context.Context, o Options) error {
	d, err := Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	pool, err := d.writer.DB()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, Migrations(SQLite))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("database: migration failed: %w", err)
	}
	return nil
}

// grant gives the app role the rights it needs on the registered tables. Parents
// only: no right on a partition, so that row-level security cannot be walked around.
func grant(ctx context.Context, pool *sql.DB, role string) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	quoted := pgx.Identifier{role}.Sanitize()
	statements := []string{
		"SELECT pg_advisory_xact_lock(hashtext('muster_grant'))",
		"GRANT USAGE ON SCHEMA public TO " + quoted,
		"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO " + quoted,
		"GRANT EXECUTE ON FUNCTION muster_ensure_months(bigint, bigint), muster_enter(text, text), muster_provider(), muster_clients() TO " + quoted,
		"GRANT SELECT ON goose_db_version TO " + quoted,
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		rights := "SELECT, INSERT, UPDATE, DELETE"
		if appendOnly[name] {
			rights = "SELECT, INSERT"
		}
		statements = append(statements, "GRANT "+rights+" ON "+pgx.Identifier{name}.Sanitize()+" TO "+quoted)
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("database: %s: %w", strings.SplitN(s, " ON ", 2)[0], err)
		}
	}
	return tx.Commit()
}

// SchemaVersion gives the newest applied migration and the newest this binary knows.
func (d *DB) SchemaVersion(ctx context.Context) (applied, known int64, err error) {
	files, err := fs.Glob(Migrations(d.dialect), "*.sql")
	if err != nil {
		return 0, 0, err
	}
	for _, f := range files {
		v, err := goose.NumericComponent(f)
		if err != nil {
			return 0, 0, err
		}
		known = max(known, v)
	}
	err = d.reader.WithContext(ctx).Raw("SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&applied).Error
	if err != nil {
		return 0, known, fmt.Errorf("database: the schema is missing; run muster migrate: %w", err)
	}
	return applied, known, nil
}

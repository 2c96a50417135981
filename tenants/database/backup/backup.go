package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
)

// engine copies and loads one kind of database.
type engine interface {
	// copyTo writes one consistent copy; the database may be in use.
	copyTo(ctx context.Context, path string) error
	// empty fails when the database holds anything.
	empty(ctx context.Context) error
	// load makes the database from a copy, all or nothing.
	load(ctx context.Context, path string) error
}

// engineOf gives the engine of the options.
func engineOf(o database.Options) (engine, database.Dialect) {
	if o.URL == "" {
		return sqliteEngine{options: o}, database.SQLite
	}
	return postgresEngine{options: o}, database.PostgreSQL
}

// Create writes a backup of the database to a new file; version is that of the
// running binary. PostgreSQL needs AdminURL and pg_dump.
func Create(ctx context.Context, o database.Options, path, version string) (Manifest, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fault.Newf(fault.Conflict, "backup.exists", "%s exists already; name a new file.", path)
	}
	engine, dialect := engineOf(o)
	schema, err := schemaOf(ctx, o)
	if err != nil {
		return Manifest{}, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".muster-backup-")
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	m := Manifest{Format: format, Dialect: dialect, Schema: schema, Version: version, CreatedAt: calendar.SystemClock{}.Now(), Copy: "muster." + string(dialect)}
	source := filepath.Join(dir, m.Copy)
	if err := engine.copyTo(ctx, source); err != nil {
		return Manifest{}, err
	}
	if m.Bytes, m.SHA256, err = digest(source); err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	return m, pack(path, m, source)
}

// schemaOf gives the newest migration of a database.
func schemaOf(ctx context.Context, o database.Options) (int64, error) {
	if o.URL == "" {
		if _, err := os.Stat(o.Path); err != nil {
			return 0, fault.Newf(fault.NotFound, "backup.no_database", "There is no database at %s; maybe data_dir is wrong.", o.Path).Wrap(err)
		}
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		return 0, err
	}
	applied, _, err := db.SchemaVersion(ctx)
	return applied, errors.Join(err, db.Close())
}

// Inspect reads a backup as a whole and gives its manifest if the copy in it
// is what was written.
func Inspect(path string) (Manifest, error) { return unpack(path, io.Discard) }

// Restore makes an empty database from a backup and brings it to the present
// schema. Nothing stays behind when it fails. The process must be the only one
// that uses the database.
func Restore(ctx context.Context, o database.Options, path string) (Manifest, error) {
	engine, dialect := engineOf(o)
	if err := engine.empty(ctx); err != nil {
		return Manifest{}, err
	}
	beside := os.TempDir()
	if dialect == database.SQLite { // so that the copy can be renamed into place
		beside = filepath.Dir(o.Path)
		if err := os.MkdirAll(beside, 0o700); err != nil {
			return Manifest{}, fmt.Errorf("restore: %w", err)
		}
	}
	dir, err := os.MkdirTemp(beside, ".muster-restore-")
	if err != nil {
		return Manifest{}, fmt.Errorf("restore: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	source := filepath.Join(dir, "copy")
	m, err := extract(path, source)
	if err != nil {
		return Manifest{}, err
	}
	if m.Dialect != dialect {
		return Manifest{}, fault.Newf(fault.Invalid, "backup.dialect", "The backup is of %s and the settings name %s; change database.url.", m.Dialect, dialect)
	}
	known, err := knownSchema(dialect)
	if err != nil {
		return Manifest{}, err
	}
	if m.Schema > known {
		return Manifest{}, fault.Newf(fault.Invalid, "backup.newer", "The backup has schema %d and this muster knows %d; restore with muster %s or newer.", m.Schema, known, m.Version)
	}
	return m, engine.load(ctx, source)
}

// extract writes the copy of an archive to a file.
func extract(path, target string) (Manifest, error) {
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return Manifest{}, fmt.Errorf("restore: %w", err)
	}
	m, err := unpack(path, out)
	if err != nil {
		return Manifest{}, errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return Manifest{}, fmt.Errorf("restore: %w", err)
	}
	return m, nil
}

// knownSchema gives the newest migration this binary has.
func knownSchema(d database.Dialect) (int64, error) {
	names, err := fs.Glob(database.Migrations(d), "*.sql")
	if err != nil {
		return 0, fmt.Errorf("restore: %w", err)
	}
	var newest int64
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("restore: %w", err)
		}
		newest = max(newest, v)
	}
	return newest, nil
}

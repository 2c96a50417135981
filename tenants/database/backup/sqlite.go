package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	_ "github.com/glebarez/go-sqlite" // registers the driver "sqlite"

	"muster/tenants/database"
	"muster/tenants/fault"
)

// sqliteEngine copies and loads the embedded database.
type sqliteEngine struct{ options database.Options }

// with opens a file, calls fn and closes it.
func (e sqliteEngine) with(path string, fn func(*sql.DB) error) error {
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(15000)")
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(1)
	return errors.Join(fn(pool), pool.Close())
}

// copyTo implements engine: VACUUM INTO reads one state and lets writers go on.
func (e sqliteEngine) copyTo(ctx context.Context, path string) error {
	err := e.with(e.options.Path, func(pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, "VACUUM INTO ?", path)
		return err
	})
	if err != nil {
		return fmt.Errorf("backup: copy of %s: %w", e.options.Path, err)
	}
	return nil
}

// empty implements engine.
func (e sqliteEngine) empty(context.Context) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if _, err := os.Lstat(e.options.Path + suffix); !errors.Is(err, fs.ErrNotExist) {
			return fault.Newf(fault.Conflict, "backup.not_empty", "There is a database at %s; restore into an empty data_dir, or move that one away.", e.options.Path)
		}
	}
	return nil
}

// load implements engine: it makes the copy ready where it lies and renames it
// into place.
func (e sqliteEngine) load(ctx context.Context, path string) error {
	err := e.with(path, func(pool *sql.DB) error {
		var verdict string
		if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return fmt.Errorf("integrity: %s", verdict)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("restore: the copy is damaged: %w", err)
	}
	options := e.options
	options.Path = path
	if err := database.Migrate(ctx, options); err != nil {
		return err
	}
	err = e.with(path, func(pool *sql.DB) error {
		if _, err := pool.ExecContext(ctx, "DELETE FROM sessions"); err != nil {
			return err
		}
		// All content in the one file that is renamed.
		_, err := pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := e.empty(ctx); err != nil { // somebody may have started meanwhile
		return err
	}
	if err := os.Rename(path, e.options.Path); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

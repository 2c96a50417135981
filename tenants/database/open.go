package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	sqlite "github.com/glebarez/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// Dialect names the database behind the door.
type Dialect string

// The two databases muster runs on.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// Options says where the rows are.
type Options struct {
	// URL of PostgreSQL for the app role (postgres://…); empty means SQLite in Path.
	URL string
	// AdminURL of PostgreSQL for the owner of the schema (migrations).
	AdminURL string
	// Path of the SQLite file; its directory is made when it is missing.
	Path string
	// MaxConns bounds the PostgreSQL pool; 0 means 16.
	MaxConns int
	// Logger receives slow transactions and failures; nil discards them.
	Logger *slog.Logger
	// Clock and IDs stamp and name rows; nil means the machine's clock and fresh randomness.
	Clock calendar.Clock
	IDs   *ids.Generator
}

// DB is the door. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	options Options
	writer  *gorm.DB
	reader  *gorm.DB
	log     *slog.Logger
	clock   calendar.Clock
	ids     *ids.Generator

	months sync.Map // months (int) whose partitions exist
	hints  hints

	filterOff bool // tests of row-level security alone
	rowsOff   bool // tests of the scope filter alone
}

// Open connects to the database; it neither creates nor migrates a schema (see Migrate).
func Open(ctx context.Context, o Options) (*DB, error) {
	d := &DB{options: o, log: o.Logger, clock: o.Clock, ids: o.IDs}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.clock == nil {
		d.clock = calendar.SystemClock{}
	}
	if d.ids == nil {
		d.ids = ids.NewGenerator(d.clock)
	}
	if o.URL != "" {
		return d, d.openPostgres(ctx)
	}
	if o.Path == "" {
		return nil, errors.New("database: neither database.url nor a path for the embedded database is set")
	}
	return d, d.openSQLite(ctx)
}

// gormConfig is the same for all pools: transactions are the door's business.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction:   true,
		TranslateError:           true,
		DisableNestedTransaction: true,
		Logger:                   logger.Discard,
		// Services stamp rows; a forgotten stamp shows as 1970 instead of as the machine's clock.
		NowFunc: func() time.Time { return time.Unix(0, 0) },
	}
}

// sqliteDSN builds the connection string; busy_timeout comes first so that the
// switch to WAL itself waits for locks.
func sqliteDSN(path string, write bool) string {
	q := []string{"_pragma=busy_timeout(15000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)", "_pragma=cache_size(-16000)", "_pragma=temp_store(2)"}
	if write {
		q = append(q, "_txlock=immediate")
	} else {
		q = append(q, "_pragma=query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(q, "&")
}

func (d *DB) openSQLite(ctx context.Context) error {
	d.dialect = SQLite
	if err := os.MkdirAll(filepath.Dir(d.options.Path), 0o700); err != nil {
		return fmt.Errorf("database: cannot make the directory of the embedded database: %w", err)
	}
	// The file is made before SQLite makes it, which would let everybody read it.
	file, err := os.OpenFile(d.options.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database: cannot open %s: %w", d.options.Path, err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	if d.writer, err = gorm.Open(sqlite.Open(sqliteDSN(d.options.Path, true)), gormConfig()); err != nil {
		return fmt.Errorf("database: cannot open %s: %w", d.options.Path, err)
	}
	if d.reader, err = gorm.Open(sqlite.Open(sqliteDSN(d.options.Path, false)), gormConfig()); err != nil {
		return fmt.Errorf("database: cannot open %s for reading: %w", d.options.Path, err)
	}
	if err := limitPool(d.writer, 1); err != nil {
		return err
	}
	if err := limitPool(d.reader, max(4, runtime.NumCPU())); err != nil {
		return err
	}
	return d.install(ctx)
}

func (d *DB) openPostgres(ctx context.Context) error {
	d.dialect = PostgreSQL
	var err error
	if d.writer, err = gorm.Open(postgres.Open(d.options.URL), gormConfig()); err != nil {
		return fmt.Errorf("database: cannot connect to PostgreSQL: %w", err)
	}
	d.reader = d.writer
	conns := d.options.MaxConns
	if conns == 0 {
		conns = 16
	}
	if err := limitPool(d.writer, conns); err != nil {
		return err
	}
	return d.install(ctx)
}

// install adds the scope filter and checks that the database answers.
func (d *DB) install(ctx context.Context) error {
	for _, g := range []*gorm.DB{d.writer, d.reader} {
		if _, done := g.Plugins[filterName]; done {
			continue
		}
		if err := g.Use(&scopeFilter{door: d}); err != nil {
			return err
		}
	}
	return d.Ping(ctx)
}

func limitPool(g *gorm.DB, n int) error {
	pool, err := g.DB()
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return nil
}

// Dialect tells which database is behind the door.
func (d *DB) Dialect() Dialect { return d.dialect }

// Clock gives the clock that stamps rows.
func (d *DB) Clock() calendar.Clock { return d.clock }

// IDs gives the generator that names rows.
func (d *DB) IDs() *ids.Generator { return d.ids }

// Now gives the present instant of the door's clock.
func (d *DB) Now() calendar.Instant { return d.clock.Now() }

// Options gives the options the door was opened with.
func (d *DB) Options() Options { return d.options }

// Ping checks that the database answers.
func (d *DB) Ping(ctx context.Context) error {
	pool, err := d.reader.DB()
	if err != nil {
		return err
	}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("database: no answer: %w", err)
	}
	return nil
}

// Pool gives the pool that writes, for health figures; not for queries.
func (d *DB) Pool() (*sql.DB, error) { return d.writer.DB() }

// Close closes all connections.
func (d *DB) Close() error {
	d.closeHints()
	var errs []error
	for _, g := range []*gorm.DB{d.writer, d.reader} {
		if g == nil {
			continue
		}
		if pool, err := g.DB(); err == nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

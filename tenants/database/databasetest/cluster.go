package databasetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"muster/tenants/database"
)

var cluster struct {
	once sync.Once
	url  string
	err  error
}

// superURL gives the superuser's URL of the test cluster, starting one when none is named.
func superURL(t testing.TB) string {
	t.Helper()
	if os.Getenv("MUSTER_TEST_PG") == "off" {
		t.Skip("PostgreSQL left out by MUSTER_TEST_PG=off")
	}
	if u := os.Getenv("MUSTER_TEST_PG_URL"); u != "" {
		return u
	}
	cluster.once.Do(func() {
		var c *Cluster
		if c, cluster.err = startCluster("-c fsync=off -c synchronous_commit=off -c full_page_writes=off"); cluster.err == nil {
			cluster.url = c.url
		}
	})
	if cluster.err != nil {
		t.Fatalf("databasetest: no PostgreSQL to test on: %v (set MUSTER_TEST_PG_URL, or install PostgreSQL: apt-get install postgresql)", cluster.err)
	}
	return cluster.url
}

// binary finds a PostgreSQL program on PATH or where Debian puts it.
func binary(name string) (string, error) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	return exec.LookPath(name)
}

// Cluster is a PostgreSQL cluster on a unix socket.
type Cluster struct {
	url, ctl, data, settings string
	run                      func(name string, args ...string) error
}

// StartCluster starts a cluster of the test's own, which the test may measure, stop
// and start. A durable one writes through to the disk (fsync on), as in production;
// another keeps what it commits as long as the machine runs. It ends with the test.
func StartCluster(t testing.TB, durable bool) *Cluster {
	t.Helper()
	if os.Getenv("MUSTER_TEST_PG") == "off" {
		t.Skip("PostgreSQL left out by MUSTER_TEST_PG=off")
	}
	settings := "-c shared_buffers=256MB"
	if !durable {
		settings += " -c fsync=off"
	}
	c, err := startCluster(settings)
	if err != nil {
		t.Fatalf("databasetest: no PostgreSQL to test on: %v", err)
	}
	t.Cleanup(func() {
		_ = c.run(c.ctl, "-D", c.data, "-m", "immediate", "stop")
		_ = os.RemoveAll(filepath.Dir(c.data))
	})
	return c
}

// start starts the cluster and waits until it takes connections.
func (c *Cluster) start() error {
	// Output goes to a file: the server would keep a pipe open for ever.
	return c.run(c.ctl, "-w", "-t", "120", "-D", c.data, "-l", filepath.Join(filepath.Dir(c.data), "log"), "-o", c.settings, "start")
}

// Crash stops the cluster at once, as a failure of the machine would, and starts it again.
func (c *Cluster) Crash() error {
	if err := c.run(c.ctl, "-D", c.data, "-m", "immediate", "stop"); err != nil {
		return err
	}
	return c.start()
}

// Socket gives the path of the unix socket on which the cluster listens.
func (c *Cluster) Socket() string { return filepath.Join(filepath.Dir(c.data), ".s.PGSQL.5432") }

// PID gives the number of the cluster's first process.
func (c *Cluster) PID() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// Options makes a migrated database in the cluster.
func (c *Cluster) Options(t testing.TB) database.Options {
	t.Helper()
	return postgresOptions(t, c.url, true)
}

// Written gives the bytes of the database of the options, and how many bytes of
// write-ahead log the cluster has written.
func (c *Cluster) Written(ctx context.Context, o database.Options) (size, log int64, err error) {
	conn, err := pgx.Connect(ctx, o.AdminURL)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	err = conn.QueryRow(ctx, "SELECT pg_database_size(current_database()), (pg_current_wal_lsn() - '0/0')::bigint").Scan(&size, &log)
	return size, log, err
}

// Inserting reports whether a statement that inserts into the table is at work in
// the database of the options, or a commit.
func (c *Cluster) Inserting(ctx context.Context, o database.Options, table string) (bool, error) {
	conn, err := pgx.Connect(ctx, o.AdminURL)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var n int
	for range 200 {
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND (state = 'active' AND query ILIKE 'commit%' OR state <> 'idle' AND query ILIKE $1)`, `INSERT INTO "`+table+`"%`).Scan(&n)
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// startCluster makes a cluster that a watching shell stops and removes when this
// process has ended, however it ended.
func startCluster(settings string) (*Cluster, error) {
	initdb, err := binary("initdb")
	if err != nil {
		return nil, err
	}
	ctl, err := binary("pg_ctl")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "muster-pg-")
	if err != nil {
		return nil, err
	}
	var as *syscall.SysProcAttr
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if as, err = unprivileged(dir); err != nil {
			return nil, err
		}
	}
	c := &Cluster{url: "postgres://postgres@/postgres?host=" + dir, ctl: ctl, data: filepath.Join(dir, "data"), settings: "-k " + dir + " -c listen_addresses= -c max_connections=200 " + settings,
		run: func(name string, args ...string) error {
			cmd := exec.Command(name, args...)
			cmd.Dir, cmd.SysProcAttr = dir, as
			out, err := cmd.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
			}
			return nil
		}}
	if err := c.run(initdb, "--auth=trust", "--no-sync", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D", c.data); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, err
	}
	watch := exec.Command("sh", "-c", `while [ -d "/proc/$1" ]; do sleep 1; done; "$2" -D "$3/data" -m immediate stop >/dev/null 2>&1; rm -rf "$3"`,
		"watch", strconv.Itoa(os.Getpid()), ctl, dir)
	watch.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if as != nil {
		watch.SysProcAttr.Credential = as.Credential
	}
	if err := watch.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

// unprivileged gives the credentials of PostgreSQL's own user (or nobody) and hands the directory to it.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

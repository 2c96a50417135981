package databasetest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
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
	cluster.once.Do(func() { cluster.url, cluster.err = startCluster() })
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

// startCluster makes a cluster on a unix socket that a watching shell stops and
// removes when this process has ended, however it ended.
func startCluster() (string, error) {
	initdb, err := binary("initdb")
	if err != nil {
		return "", err
	}
	ctl, err := binary("pg_ctl")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "muster-pg-")
	if err != nil {
		return "", err
	}
	var as *syscall.SysProcAttr
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if as, err = unprivileged(dir); err != nil {
			return "", err
		}
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
		}
		return nil
	}
	if err := run(initdb, "--auth=trust", "--no-sync", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D", data); err != nil {
		return "", err
	}
	settings := "-k " + dir + " -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
	// Output goes to a file: the server would keep a pipe open for ever.
	if err := run(ctl, "-w", "-D", data, "-l", filepath.Join(dir, "log"), "-o", settings, "start"); err != nil {
		return "", err
	}
	watch := exec.Command("sh", "-c", `while [ -d "/proc/$1" ]; do sleep 1; done; "$2" -D "$3/data" -m immediate stop >/dev/null 2>&1; rm -rf "$3"`,
		"watch", strconv.Itoa(os.Getpid()), ctl, dir)
	watch.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if as != nil {
		watch.SysProcAttr.Credential = as.Credential
	}
	if err := watch.Start(); err != nil {
		return "", err
	}
	return "postgres://postgres@/postgres?host=" + dir, nil
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

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// usage is what node, database server and this process have used so far.
type usage struct {
	node, server, self time.Duration // of the processors
	size, log          int64         // bytes of the database, bytes of write-ahead log ever written
}

// measure reads the figures from /proc and the database.
func measure(t *testing.T, n *node, cluster *databasetest.Cluster, o database.Options) usage {
	t.Helper()
	u := usage{node: processor(t, n.command.Process.Pid, false), self: processor(t, os.Getpid(), false)}
	if cluster == nil {
		if o.URL != "" {
			return u
		}
		for _, name := range []string{o.Path, o.Path + "-wal"} {
			if info, err := os.Stat(name); err == nil {
				u.size += info.Size()
			}
		}
		return u
	}
	first, err := cluster.PID()
	require.NoError(t, err)
	u.server = processor(t, first, true)
	u.size, u.log, err = cluster.Written(t.Context(), o)
	require.NoError(t, err)
	return u
}

// tick is the unit of /proc/PID/stat on Linux.
const tick = 10 * time.Millisecond

// processor gives the processor time of a process, with its living and ended
// children when asked (one level, as PostgreSQL's are).
func processor(t *testing.T, pid int, children bool) time.Duration {
	t.Helper()
	own, ended, _, ok := stat(pid)
	require.True(t, ok, "process %d", pid)
	if !children {
		return own
	}
	sum := own + ended
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range all {
		child, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if own, ended, parent, ok := stat(child); ok && parent == pid {
			sum += own + ended
		}
	}
	return sum
}

// stat reads processor times and parent of a process; it may have ended meanwhile.
func stat(pid int) (own, ended time.Duration, parent int, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, 0, false
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold blanks
	f := strings.Fields(rest)
	if len(f) < 15 {
		return 0, 0, 0, false
	}
	number := func(i int) int {
		n, err := strconv.Atoi(f[i])
		if err != nil {
			ok = false
		}
		return n
	}
	ok = true
	parent = number(1)
	own = time.Duration(number(11)+number(12)) * tick
	ended = time.Duration(number(13)+number(14)) * tick
	return own, ended, parent, ok
}

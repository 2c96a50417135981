package formats

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling/roster/dayshift"
)

func TestProbe(t *testing.T) {
	list := os.Getenv("PROBE")
	if list == "" {
		t.Skip()
	}
	secs, _ := time.ParseDuration(os.Getenv("PROBE_TIME"))
	for _, n := range strings.Split(list, ",") {
		f, err := os.Open(filepath.Join(os.Getenv("MUSTER_TEST_DATA"), "shift-scheduling-benchmark/nrp/Instance"+n+".txt"))
		require.NoError(t, err)
		p, err := ReadNRP(f)
		require.NoError(t, err)
		begin := cpuTime()
		r, err := dayshift.Solve(context.Background(), p, dayshift.Options{Seed: 1, Time: secs, Clock: func() time.Duration { return cpuTime() - begin }})
		require.NoError(t, err)
		fmt.Println(n, r.Penalty, "broken", len(r.Broken), "moves", r.Moves, "rows", r.RowsBuilt, "bound", r.Bound, "best at", r.BestAt)
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

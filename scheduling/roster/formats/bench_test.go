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
		fmt.Println(n, r.Penalty, "broken", len(r.Broken), "moves", r.Moves, "rows", r.Rows1, "best at", r.BestAt)
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestLag(t *testing.T) {
	n := os.Getenv("LAG")
	if n == "" {
		t.Skip()
	}
	f, err := os.Open(filepath.Join(os.Getenv("MUSTER_TEST_DATA"), "shift-scheduling-benchmark/nrp/Instance"+n+".txt"))
	require.NoError(t, err)
	p, err := ReadNRP(f)
	require.NoError(t, err)
	var up int64
	fmt.Sscan(os.Getenv("UP"), &up)
	b := cpuTime()
	dayshift.ProbeLagrange(p, 300, up)
	fmt.Println("cpu", cpuTime()-b)
}

func init() {
	fmt.Sscan(os.Getenv("HOT"), &dayshift.Hot)
	fmt.Sscan(os.Getenv("COLD"), &dayshift.Cold)
	fmt.Sscan(os.Getenv("KMAX"), &dayshift.KMax)
	fmt.Sscan(os.Getenv("WMAX"), &dayshift.WMax)
}

package formats

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"fmt"

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
		begin := time.Now()
		r, err := dayshift.Solve(context.Background(), p, dayshift.Options{Seed: 1, Time: secs, Clock: func() time.Duration { return time.Since(begin) }})
		require.NoError(t, err)
		fmt.Println(n, r.Penalty, "broken", len(r.Broken), "moves", r.Moves, "rows", r.Rows1, "best at", r.BestAt)
	}
}

package dayshift_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling/roster/dayshift"
	"muster/scheduling/roster/formats"
)

// BenchmarkScoredMoves reports how many candidate moves one core scores in full
// per second while it anneals Instance13 of the public nrp set (120 agents, 28
// days, 18 shift types). Candidates without effect are not counted.
func BenchmarkScoredMoves(b *testing.B) {
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		b.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(root, "shift-scheduling-benchmark", "nrp", "Instance13.txt"))
	require.NoError(b, err)
	defer func() { require.NoError(b, f.Close()) }()
	p, err := formats.ReadNRP(f)
	require.NoError(b, err)
	step, scored := dayshift.CellMoves(p, 1)
	for b.Loop() {
		step()
	}
	b.ReportMetric(float64(scored())/b.Elapsed().Seconds(), "scored-moves/s")
}

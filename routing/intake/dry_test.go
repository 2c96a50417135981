package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/routing/records"
)

func TestDryRowsAgreeWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "rows")
		d := newDryRows(int64(n))
		known := map[uint64]uint64{}
		for range n {
			key := rapid.Uint64Range(0, 300).Draw(t, "key") * 0x9E3779B97F4A7C15
			content := rapid.Uint64Range(0, 3).Draw(t, "content")
			want := records.New
			if before, seen := known[key]; seen {
				want = records.Repeated
				if before == content {
					want = records.Unchanged
				}
			} else {
				known[key] = content
			}
			require.Equal(t, want, d.fate(key, content))
		}
	})
}

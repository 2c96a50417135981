package roster

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Winston, Operations Research, post office: five days on, two off, 23 staff; the relaxation is 22 1/3.
func TestSizePostOffice(t *testing.T) {
	var tours []Tour
	for first := range 7 {
		tour := Tour{Cost: 1}
		for k := range 5 {
			tour.Covers = append(tour.Covers, (first+k)%7)
		}
		tours = append(tours, tour)
	}
	r, err := Size([]int{17, 13, 15, 19, 14, 16, 11}, tours)
	require.NoError(t, err)
	require.Equal(t, int64(23), r.Cost)
	require.InDelta(t, 22.333, r.Bound, 0.001)
	require.True(t, r.Proved)
}

// Hillier and Lieberman, Union Airways: $30,610 a day with 48, 31, 39, 43, 15 agents.
func TestSizeUnionAirways(t *testing.T) {
	need := []int{48, 79, 65, 87, 64, 73, 82, 43, 52, 15}
	tours := []Tour{
		{Covers: []int{0, 1, 2, 3}, Cost: 170}, {Covers: []int{1, 2, 3, 4}, Cost: 160},
		{Covers: []int{3, 4, 5, 6}, Cost: 175}, {Covers: []int{5, 6, 7, 8}, Cost: 180}, {Covers: []int{8, 9}, Cost: 195},
	}
	// The second shift covers 08:00-16:00, the first 06:00-14:00, the third 12:00-20:00, the fourth 16:00-24:00, the fifth 22:00-06:00.
	r, err := Size(need, tours)
	require.NoError(t, err)
	require.Equal(t, int64(30610), r.Cost)
	require.Equal(t, []int{48, 31, 39, 43, 15}, r.Counts)
	require.True(t, r.Proved)
}

func TestSizeIsOptimal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		need := rapid.SliceOfN(rapid.IntRange(0, 3), 3, 3).Draw(rt, "need")
		tours := []Tour{{Covers: []int{0, 1}, Cost: rapid.Int64Range(1, 5).Draw(rt, "a")}, {Covers: []int{1, 2}, Cost: rapid.Int64Range(1, 5).Draw(rt, "b")}, {Covers: []int{0, 2}, Cost: rapid.Int64Range(1, 5).Draw(rt, "c")}}
		r, err := Size(need, tours)
		require.NoError(rt, err)
		best := int64(1 << 40)
		for a := range 7 {
			for b := range 7 {
				for c := range 7 {
					if a+c >= need[0] && a+b >= need[1] && b+c >= need[2] {
						best = min(best, int64(a)*tours[0].Cost+int64(b)*tours[1].Cost+int64(c)*tours[2].Cost)
					}
				}
			}
		}
		require.Equal(rt, best, r.Cost)
	})
}

func TestSizeRefuses(t *testing.T) {
	_, err := Size([]int{1, 2}, []Tour{{Covers: []int{0}, Cost: 1}})
	require.ErrorContains(t, err, "Period 1")
	_, err = Size([]int{1}, []Tour{{Covers: []int{4}, Cost: 1}})
	require.ErrorContains(t, err, "period 4")
	_, err = Size([]int{1}, []Tour{{Covers: []int{0}, Cost: -1}})
	require.ErrorContains(t, err, "costs -1")
}

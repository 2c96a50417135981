package staffing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDeadlineSpreadsAPeak(t *testing.T) {
	// 80 mails of 15 minutes arrive in the first quarter hour, due within 2 h 15 min:
	// 20 seat-hours over the eight quarter hours that follow.
	in := Input{Kind: Deadline, Interval: 900, Due: 9 * 900, Demands: make([]Demand, 12)}
	in.Demands[0] = Demand{Volume: 80, AHT: 900}
	out, err := Require(in)
	require.NoError(t, err)
	for i, want := range []int{0, 10, 10, 10, 10, 10, 10, 10, 10, 0, 0, 0} {
		require.Equal(t, want, out[i].Net, "interval %d", i)
	}
	require.InDelta(t, 80.0, out[0].Backlog, 1e-9)
	require.InDelta(t, 0.0, out[8].Backlog, 1e-9)
}

func TestDeadlineWaitsForTheMorning(t *testing.T) {
	in := Input{Kind: Deadline, Interval: 3600, Due: 8 * 3600, Demands: make([]Demand, 12)}
	in.Demands[0] = Demand{Volume: 12, AHT: 3600, Closed: true}
	for i := 1; i < 6; i++ {
		in.Demands[i].Closed = true
	}
	out, err := Require(in)
	require.NoError(t, err)
	require.Equal(t, 6, out[6].Net)
	require.Equal(t, 6, out[7].Net)
	require.Zero(t, out[0].Late)
	require.Equal(t, BindingClosed, out[3].Binding)

	in.Due = 4 * 3600 // due while all are at home
	out, err = Require(in)
	require.NoError(t, err)
	require.InDelta(t, 12.0, out[0].Late, 1e-9)
	require.Zero(t, out[0].ServiceLevel)
	require.Equal(t, 12, out[6].Net)
}

func TestDeadlineWithNobodyEver(t *testing.T) {
	out, err := Require(Input{Kind: Deadline, Interval: 900, Due: 900, Demands: []Demand{{Volume: 5, AHT: 60, Closed: true}}})
	require.NoError(t, err)
	require.InDelta(t, 5.0, out[0].Backlog, 1e-12)
	require.Zero(t, out[0].Net)
}

func TestTautString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		low, high := make([]float64, n), make([]float64, n)
		l, room := 0.0, 0.0
		for i := range low {
			l += rapid.Float64Range(0, 10).Draw(t, "due")
			room = math.Max(0, room+rapid.Float64Range(-10, 10).Draw(t, "room"))
			low[i], high[i] = l, l+room
			if i > 0 {
				high[i] = math.Max(high[i], high[i-1])
			}
		}
		steps := tautString(low, high)
		sum, peak := 0.0, 0.0
		for i, s := range steps {
			require.GreaterOrEqual(t, s, 0.0)
			sum += s
			peak = math.Max(peak, s)
			require.GreaterOrEqual(t, sum, low[i]-1e-9)
			require.LessOrEqual(t, sum, high[i]+1e-9)
		}
		require.InDelta(t, low[n-1], sum, 1e-9)
		// No plan can have a lower peak than the densest window.
		dense := 0.0
		for i := -1; i < n; i++ {
			released := 0.0 // what was there before the window can have been done
			if i >= 0 {
				released = high[i]
			}
			for j := i + 1; j < n; j++ {
				dense = math.Max(dense, (low[j]-released)/float64(j-i))
			}
		}
		require.InDelta(t, dense, peak, 1e-9)
	})
}

package staffing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTransientReachesTheSteadyState(t *testing.T) {
	goals := Goals{Threshold: 20}
	for _, load := range []Load{
		{Contacts: 100, Interval: 1800, AHT: 180, Patience: 300},
		{Contacts: 100, Interval: 1800, AHT: 180},
		{Contacts: 300, Interval: 1800, AHT: 180, Patience: 90}, // overloaded
	} {
		for _, goals.Formula = range Formulas() {
			c, err := NewCurve(load)
			require.NoError(t, err)
			tr := NewTransient()
			var r Requirement
			for range 30 {
				r, err = tr.Advance(load, 14, goals)
				require.NoError(t, err)
			}
			s := c.At(14)
			require.InDelta(t, s.ServiceLevel(goals.Formula, 20), r.ServiceLevel, 1e-6)
			require.InDelta(t, s.MeanWait(), r.ASA, 1e-4)
			require.InDelta(t, s.Abandonment(), r.Abandonment, 1e-6)
			require.InDelta(t, s.Occupancy(), r.Occupancy, 1e-6)
			if !s.Stable() {
				continue
			}
			require.InDelta(t, s.MeanQueueLength(), r.Backlog, 1e-4)
		}
	}
}

// Without hang-ups contacts are neither made nor lost: what arrives is served or left.
func TestTransientKeepsContacts(t *testing.T) {
	load := Load{Contacts: 60, Interval: 900, AHT: 300}
	tr := NewTransient()
	inSystem := func() float64 {
		sum := 0.0
		for n, p := range tr.state {
			sum += float64(n) * p
		}
		return sum
	}
	for _, seats := range []int{12, 22, 30, 5, 0} {
		before := inSystem()
		r, err := tr.Advance(load, seats, Goals{})
		require.NoError(t, err)
		served := r.Occupancy * float64(seats) * 900 / 300
		require.InDelta(t, before+60, inSystem()+served, 1e-5, "%d seats", seats)
	}
}

func TestCarryOverAnswersABurst(t *testing.T) {
	in := Input{Interval: 900, Goals: Goals{ServiceLevel: 0.8, Threshold: 20}, CarryOver: true}
	for _, volume := range []float64{20, 100, 20, 20} {
		in.Demands = append(in.Demands, Demand{Volume: volume, AHT: 600, Patience: 600})
	}
	out, err := Require(in)
	require.NoError(t, err)
	require.Greater(t, out[2].Net, out[2].Stationary)
	require.Equal(t, BindingCarryOver, out[2].Binding)
	for i, r := range out {
		require.GreaterOrEqual(t, r.ServiceLevel, 0.8-1e-9, "interval %d", i)
	}
	in.CarryOver = false
	plain, err := Require(in)
	require.NoError(t, err)
	for i := range plain {
		require.Equal(t, plain[i].Net, out[i].Stationary)
	}
}

func TestTransientProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := NewTransient()
		for range rapid.IntRange(1, 3).Draw(t, "intervals") {
			load := Load{
				Contacts: rapid.Float64Range(0, 60).Draw(t, "contacts"), Interval: 900, AHT: rapid.Float64Range(1, 900).Draw(t, "aht"),
				Patience: rapid.SampledFrom([]float64{0, 5, 120, 3000}).Draw(t, "patience"),
			}
			seats := rapid.IntRange(0, 40).Draw(t, "seats")
			r, err := tr.Advance(load, seats, Goals{Threshold: 20})
			require.NoError(t, err)
			sum := 0.0
			for _, p := range tr.state {
				require.False(t, math.IsNaN(p) || p < -1e-15)
				sum += p
			}
			require.InDelta(t, 1, sum, 1e-9)
			for _, x := range []float64{r.ServiceLevel, r.Abandonment, r.ASA, r.Occupancy, r.Backlog} {
				require.False(t, math.IsNaN(x) || x < 0)
			}
		}
	})
}

// BenchmarkAdvance is one quarter hour of a queue of about 30 agents.
func BenchmarkAdvance(b *testing.B) {
	load := Load{Contacts: 90, Interval: 900, AHT: 300, Patience: 150}
	tr := NewTransient()
	for b.Loop() {
		if _, err := tr.Advance(load, 32, Goals{Threshold: 20}); err != nil {
			b.Fatal(err)
		}
	}
}

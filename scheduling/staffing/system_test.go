package staffing

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawLoad draws traffic from a lone contact to a large centre.
func drawLoad(t *rapid.T) Load {
	return Load{
		Contacts: math.Exp(rapid.Float64Range(-3, 9).Draw(t, "logContacts")),
		Interval: rapid.SampledFrom([]float64{300, 900, 1800, 3600}).Draw(t, "interval"),
		AHT:      math.Exp(rapid.Float64Range(1, 7).Draw(t, "logAHT")),
		Patience: rapid.SampledFrom([]float64{0, 1, 20, 120, 900, 1e5, 6e7, 2e9}).Draw(t, "patience"),
	}
}

// allNumbers are the figures of a system that must be numbers, whatever the input.
func allNumbers(s System, threshold float64) []float64 {
	out := []float64{s.WaitProbability(), s.Abandonment(), s.Occupancy(), s.MeanWait(), s.MeanQueueLength(), s.MeanWaitOfDelayed(), s.WaitPercentile(0.9)}
	for _, f := range Formulas() {
		out = append(out, s.ServiceLevel(f, threshold))
	}
	return out
}

func TestSystemProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		load := drawLoad(t)
		threshold := rapid.Float64Range(0, 120).Draw(t, "threshold")
		c, err := NewCurve(load)
		require.NoError(t, err)
		n := int(c.Erlangs()*rapid.Float64Range(0, 1.6).Draw(t, "agents per erlang")) + rapid.IntRange(0, 3).Draw(t, "more")
		less, more := c.At(n), c.At(n+1)
		for i, x := range allNumbers(less, threshold) {
			require.False(t, math.IsNaN(x) || x < 0, "figure %d is %v", i, x)
		}
		const slack = 1e-11
		require.GreaterOrEqual(t, more.ServiceLevel("", threshold), less.ServiceLevel("", threshold)-slack)
		require.LessOrEqual(t, more.WaitProbability(), less.WaitProbability()+slack)
		require.LessOrEqual(t, more.Abandonment(), less.Abandonment()+slack)
		require.LessOrEqual(t, more.Occupancy(), less.Occupancy()+slack)
		if less.Stable() {
			require.LessOrEqual(t, more.MeanWait(), less.MeanWait()*(1+1e-9))
		}
		// The bands nest: a longer threshold and a larger percentile are larger.
		require.GreaterOrEqual(t, less.ServiceLevel("", threshold+10), less.ServiceLevel("", threshold)-slack)
		require.GreaterOrEqual(t, less.WaitPercentile(0.9), less.WaitPercentile(0.5))
		require.GreaterOrEqual(t, less.ServiceLevel(WaitedAtMostOverOffered, threshold), less.ServiceLevel(AnsweredOverOffered, threshold)-slack)
		require.GreaterOrEqual(t, less.ServiceLevel(AnsweredOverAnswered, threshold), less.ServiceLevel(AnsweredOverOffered, threshold)-slack)
	})
}

func TestPercentileInvertsServiceLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		load := drawLoad(t)
		c, err := NewCurve(load)
		require.NoError(t, err)
		s := c.At(int(c.Erlangs()) + rapid.IntRange(1, 3).Draw(t, "spare"))
		p := rapid.Float64Range(0.05, 0.99).Draw(t, "p")
		wait := s.WaitPercentile(p)
		if wait > 0 {
			require.InDelta(t, p, s.ServiceLevel(WaitedAtMostOverOffered, wait), 1e-8)
		}
	})
}

func TestEndlessPatienceIsErlangC(t *testing.T) {
	for _, agents := range []int{11, 14, 30} {
		load := Load{Contacts: 100, Interval: 1800, AHT: 180}
		c, err := NewCurve(load)
		require.NoError(t, err)
		load.Patience = 9e8
		a, err := NewCurve(load)
		require.NoError(t, err)
		require.InDelta(t, c.At(agents).ServiceLevel("", 20), a.At(agents).ServiceLevel("", 20), 1e-6)
		require.InEpsilon(t, c.At(agents).MeanWait(), a.At(agents).MeanWait(), 1e-5)
	}
}

func TestNoPatienceIsErlangB(t *testing.T) {
	c, err := NewCurve(Load{Contacts: 100, Interval: 1800, AHT: 180, Patience: 1e-7})
	require.NoError(t, err)
	require.InEpsilon(t, ErlangB(10, 12), c.At(12).Abandonment(), 1e-6)
}

// In deep overload the whole series is replaced by a gamma function; both sides of
// the switch must agree with the chain summed term by term.
func TestDeepOverload(t *testing.T) {
	for _, patience := range []float64{300, 900, 3000, 20000, 100000} {
		load := Load{Contacts: 400, Interval: 1800, AHT: 300, Patience: patience}
		c, err := NewCurve(load)
		require.NoError(t, err)
		s := c.At(20)
		lambda, top, theta := 400.0/1800, 20.0/300, 1/patience
		// Terms are kept relative to the largest, so that nothing overflows.
		logTerm, peak := 0.0, 0.0
		logs := []float64{0}
		for j := 1.0; j < 200_000; j++ {
			logTerm += math.Log(lambda / (top + j*theta))
			peak = math.Max(peak, logTerm)
			logs = append(logs, logTerm)
		}
		total, queue := (1/ErlangB(lambda*300, 20)-1)*math.Exp(-peak), 0.0
		for j, l := range logs {
			total += math.Exp(l - peak)
			queue += float64(j) * math.Exp(l-peak)
		}
		require.InEpsilon(t, queue/total, s.MeanQueueLength(), 1e-9, "patience %v", patience)
		require.InEpsilon(t, theta*queue/total/lambda, s.Abandonment(), 1e-9, "patience %v", patience)
	}
}

func TestLargeCentre(t *testing.T) {
	require.InEpsilon(t, 0.01124, ErlangB(5000, 5000), 5e-3) // sqrt(2/(pi*N)) to first order
	c, err := NewCurve(Load{Contacts: 25_000, Interval: 1800, AHT: 350})
	require.NoError(t, err)
	n, err := c.AgentsForServiceLevel("", 20, 0.8)
	require.NoError(t, err)
	require.Less(t, c.At(n-1).ServiceLevel("", 20), 0.8)
	require.GreaterOrEqual(t, c.At(n).ServiceLevel("", 20), 0.8-tolerance)
	require.InDelta(t, c.Erlangs(), float64(n), 2*math.Sqrt(c.Erlangs()))
}

func TestServiceLevelsIsTheCurve(t *testing.T) {
	c, err := NewCurve(Load{Contacts: 100, Interval: 1800, AHT: 180, Patience: 300})
	require.NoError(t, err)
	levels := c.ServiceLevels(60, AnsweredOverOffered, 20)
	require.Len(t, levels, 61)
	for n, level := range levels {
		require.InDelta(t, c.At(n).ServiceLevel("", 20), level, 1e-14)
	}
	require.Zero(t, levels[0])
}

func TestChat(t *testing.T) {
	// Golden: the chain of 3 agents with up to 2 chats summed with exact fractions.
	load := Load{Contacts: 36, Interval: 3600, AHT: 300, Concurrency: Concurrency{Speed: []float64{1, 1.7}}}
	c, err := NewCurve(load)
	require.NoError(t, err)
	require.InEpsilon(t, 0.156625853707585, c.At(3).WaitProbability(), 1e-12)
	require.InEpsilon(t, 22.3751219582265, c.At(3).MeanWait(), 1e-12)
	// One contact at a time is the plain queue.
	load.Concurrency = Concurrency{Speed: []float64{1}}
	one, err := NewCurve(load)
	require.NoError(t, err)
	load.Concurrency = Concurrency{}
	plain, err := NewCurve(load)
	require.NoError(t, err)
	require.Equal(t, plain.At(4), one.At(4))
	// Agents who work k contacts at k times the speed are k agents.
	load.Concurrency = Concurrency{Speed: []float64{1, 2}}
	double, err := NewCurve(load)
	require.NoError(t, err)
	require.InEpsilon(t, plain.At(8).MeanWait(), double.At(4).MeanWait(), 1e-12)
}

func TestConcurrencyRefuses(t *testing.T) {
	for _, speed := range [][]float64{{2}, {1, 0.9}, {1, 2.5}, {1, math.NaN()}, make([]float64, 60)} {
		require.Error(t, Concurrency{Speed: speed}.Validate(), "%v", speed)
	}
	require.NoError(t, TypicalChat(9).Validate())
}

func TestCeil(t *testing.T) {
	for x, want := range map[float64]int{35.7 / 0.85: 42, 14 / 0.7: 20, 42.001: 43, 0: 0, -3: 0, math.Inf(1): MaxAgents} {
		require.Equal(t, want, Ceil(x), "%v", x)
	}
	require.Equal(t, 0, Ceil(math.NaN()))
}

func TestLoadRefuses(t *testing.T) {
	for name, load := range map[string]Load{
		"negative":    {Contacts: -1, Interval: 900, AHT: 100},
		"NaN":         {Contacts: 1, Interval: 900, AHT: math.NaN()},
		"infinite":    {Contacts: math.Inf(1), Interval: 900, AHT: 100},
		"no interval": {Contacts: 1, AHT: 100},
		"no AHT":      {Contacts: 1, Interval: 900},
		"patience":    {Contacts: 1e9, Interval: 1, AHT: 1e-6, Patience: 1e6},
		"too much":    {Contacts: 1e9, Interval: 900, AHT: 1e6},
	} {
		_, err := NewCurve(load)
		require.Error(t, err, name)
	}
}

// FuzzSystem looks for a panic or a figure that is not a number.
func FuzzSystem(f *testing.F) {
	f.Add(100.0, 1800.0, 180.0, 300.0, 14, 20.0)
	f.Add(1e-9, 1.0, 1e6, 1e-9, 0, 0.0)
	f.Fuzz(func(t *testing.T, contacts, interval, aht, patience float64, agents int, threshold float64) {
		c, err := NewCurve(Load{Contacts: contacts, Interval: interval, AHT: aht, Patience: patience})
		if err != nil || c.Erlangs() > 1e5 || !finite(threshold) {
			return
		}
		for i, x := range allNumbers(c.At(agents%100_000), threshold) {
			if math.IsNaN(x) || x < 0 {
				t.Fatalf("figure %d is %v", i, x)
			}
		}
	})
}

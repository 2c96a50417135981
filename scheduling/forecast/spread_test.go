package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// count draws a gamma-mixed Poisson number with squared coefficient of variation rate of its rate.
func count(r *rand.Rand, mean, rate float64) float64 {
	v := mean * math.Exp(math.Sqrt(rate)*r.NormFloat64()-rate/2)
	if v > 30 {
		return math.Max(0, math.Round(v+math.Sqrt(v)*r.NormFloat64()))
	}
	n, p := 0.0, math.Exp(-v)
	for u := r.Float64() - p; u > 0 && n < 200; u -= p {
		n++
		p *= v / n
	}
	return n
}

// quietAndBusy has a third of its intervals nearly empty, as a night queue has.
func quietAndBusy(r *rand.Rand, n int) []residual {
	var out []residual
	for i := range n {
		m := [...]float64{0.03, 0.1, 0.6, 2, 5, 12, 30, 70, 150}[i%9]
		out = append(out, residual{m, count(r, m, 0.04), 1})
	}
	return out
}

func TestBandCoversPlainly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	b := fitBand(quietAndBusy(r, 9000))
	var in, all, inBusy, busy float64
	for _, x := range quietAndBusy(r, 18000) {
		covered := 0.0
		if x.actual >= b.quantile(x.mean, 0.1) && x.actual <= b.quantile(x.mean, 0.9) {
			covered = 1
		}
		in, all = in+covered, all+1
		if x.mean >= 2 {
			inBusy, busy = inBusy+covered, busy+1
		}
	}
	require.InDelta(t, 0.82, in/all, 0.03, "plainly, over all intervals")
	require.InDelta(t, 0.775, inBusy/busy, 0.025, "where zero is not nearly certain")
}

func TestBandOfAPerfectForecastIsTheDistribution(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var pairs []residual
	for range 20000 {
		pairs = append(pairs, residual{40, count(r, 40, 0), 1})
	}
	b := fitBand(pairs)
	require.InDelta(t, 40, b.variance(40), 2)
	require.InDelta(t, 40-1.2816*math.Sqrt(40), b.quantile(40, 0.1), 0.7)
	require.InDelta(t, 40+1.2816*math.Sqrt(40), b.quantile(40, 0.9), 0.7)
	require.InDelta(t, 40, b.quantile(40, 0.5), 0.5)
}

func TestBandsNestAndGrowWithTheMean(t *testing.T) {
	b := fitBand(quietAndBusy(rand.New(rand.NewPCG(5, 6)), 5000))
	for m := 0.001; m < 1e6; m *= 1.7 {
		last := 0.0
		for p := 0.005; p < 1; p += 0.005 {
			q := b.quantile(m, p)
			require.GreaterOrEqual(t, q, last, "mean %g, probability %g", m, p)
			last = q
		}
	}
}

// A later lead whose few trials went better by chance is not surer than an earlier one.
func TestBandsNeverNarrowWithTheLead(t *testing.T) {
	const slots = 24
	r := rand.New(rand.NewPCG(7, 8))
	var trials []trial
	for n := range 6 {
		c := &cut{history: &history{table: table{slots: slots}}, cell: (100 - 7*n) * slots, end: (128 - 7*n) * slots}
		tr := trial{cut: c, scored: 28 * slots, weight: 1, forecast: map[Method][]float64{}}
		for i := range 28 * slots {
			spread := 0.02
			if i < 7*slots {
				spread = 0.2
			}
			tr.actual = append(tr.actual, count(r, 50, spread))
			tr.forecast[Combined] = append(tr.forecast[Combined], 50)
		}
		trials = append(trials, tr)
	}
	leads := leadsOf(28*slots, slots)
	bands := fitBands(trials, leads, []Choice{{Method: Combined}, {Method: Combined}, {Method: Combined}})
	require.Len(t, bands, 3)
	width := func(b band) float64 { return b.quantile(50, 0.9) - b.quantile(50, 0.1) }
	for i := 1; i < len(bands); i++ {
		require.GreaterOrEqual(t, width(bands[i]), width(bands[i-1])-1e-9)
	}
}

// A weekday on which the queue is open but silent must not silence the methods on the other days.
func TestSilentWeekdayKeepsTheMethods(t *testing.T) {
	h := prepare(table{first: NewDate(2026, 1, 5), slots: 24, days: 91, vol: sundayless(84, 91)}, (&Calendar{}).index(), 84*24)
	c := h.cutAt(84*24, 91*24)
	all, _ := forecastAll(c, Methods(), func(Method) {})
	for _, m := range []Method{Decomposed, Regression, STL} {
		for i, v := range all[m] {
			require.False(t, math.IsNaN(v), "%s, cell %d", m, i)
			if i/24 == 6 {
				require.Less(t, v, 0.01, "%s, cell %d", m, i)
			}
		}
	}
}

// sundayless has 10 contacts an hour, none on Sundays, for some of the days.
func sundayless(days, rows int) []float64 {
	out := missing(rows * 24)
	for i := range days * 24 {
		out[i] = 10
		if i/24%7 == 6 {
			out[i] = 0
		}
	}
	return out
}

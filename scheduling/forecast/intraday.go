package forecast

import "math"

// IntradayModel says how far the rest of a day follows what has happened of it. The day's rate is a gamma variable around
// the forecast with squared coefficient of variation DayVariance; what has happened is counted with the given Noise
// (variance / mean). Early in the day little has been counted and the forecast stands; later the day speaks for itself.
// (Gamma-Poisson updating, see Weinberg, Brown & Stroud 2007; the plain ratio method is the limit of a large DayVariance.)
type IntradayModel struct {
	DayVariance float64 `json:"dayVariance"` // >= 0; 0 = the forecast is never changed
	Noise       float64 `json:"noise"`       // > 0
}

// usualIntraday is used when the history is too short to learn from.
var usualIntraday = IntradayModel{DayVariance: 0.01, Noise: 2}

// Multiplier gives the factor on the rest of the day after `actual` contacts where `forecast` were expected.
func (m IntradayModel) Multiplier(actual, forecast float64) float64 {
	if !(m.DayVariance > 0) || !(m.Noise > 0) || !(forecast > 0) || !(actual >= 0) || actual > mostContacts || forecast > mostContacts {
		return 1
	}
	weight := math.Min(m.DayVariance/m.Noise, decisiveDay)
	return (1 + weight*actual) / (1 + weight*forecast)
}

// decisiveDay is the weight of one contact above which the day speaks for itself alone. It bounds the quotient of the two
// variances, so that no pair of them, however extreme, makes the multiplier infinite over infinite.
const decisiveDay = 1e12

// mostContacts is more than any day can hold; a larger figure says nothing.
const mostContacts = 1e15

// Reforecast gives the rest of a day from its forecast and what has happened. Both slices have one value per interval of
// the day; actual is NaN where nothing is known yet or the interval was not observed. The result repeats actual where
// known and moves the forecast elsewhere.
func (m IntradayModel) Reforecast(forecast, actual []float64) []float64 {
	var got, due float64
	for i, f := range forecast {
		if i < len(actual) && !math.IsNaN(actual[i]) && !math.IsNaN(f) {
			got += actual[i]
			due += f
		}
	}
	factor := m.Multiplier(got, due)
	out := make([]float64, len(forecast))
	for i, f := range forecast {
		out[i] = f * factor
		if i < len(actual) && !math.IsNaN(actual[i]) {
			out[i] = actual[i]
		}
	}
	return out
}

// learnIntraday estimates the model from the days of the first week of every trial: the covariance of the errors of the two
// halves of a day is the day's own variance, the rest is noise.
func learnIntraday(trials []trial, method Method) IntradayModel {
	var cross, n float64
	type half struct{ r, f float64 }
	var halves []half
	for i := range trials {
		t := &trials[i]
		f := t.forecast[method]
		slots := t.cut.slots
		for from := 0; from+slots <= min(t.scored, 7*slots) && f != nil; from += slots {
			a1, f1, a2, f2 := splitDay(t.actual[from:from+slots], f[from:from+slots])
			if f1 < 5 || f2 < 5 {
				continue
			}
			r1, r2 := a1/f1-1, a2/f2-1
			cross += math.Max(-1, math.Min(r1*r2, 1))
			n++
			halves = append(halves, half{r1, f1}, half{r2, f2})
		}
	}
	if n < 10 {
		return usualIntraday
	}
	m := IntradayModel{DayVariance: math.Max(cross/n, 0)}
	for _, h := range halves {
		m.Noise += math.Max(h.r*h.r-m.DayVariance, 0) * h.f / float64(len(halves))
	}
	m.Noise = math.Max(m.Noise, 1)
	return m
}

// splitDay sums actual and forecast of a day before and after the middle of its forecast volume.
func splitDay(actual, forecast []float64) (a1, f1, a2, f2 float64) {
	total := 0.0
	for i, f := range forecast {
		if !math.IsNaN(f) && !math.IsNaN(actual[i]) {
			total += f
		}
	}
	for i, f := range forecast {
		switch {
		case math.IsNaN(f) || math.IsNaN(actual[i]):
		case f1 < total/2:
			a1, f1 = a1+actual[i], f1+f
		default:
			a2, f2 = a2+actual[i], f2+f
		}
	}
	return a1, f1, a2, f2
}

// updateToday moves the forecast of the origin's day by what has happened of it.
func (c *cut) updateToday(volume []float64, whole []float64, m IntradayModel) float64 {
	first := c.cell - c.day*c.slots
	got, due := 0.0, 0.0
	for s := range first {
		if v := c.clean[c.day*c.slots+s]; !math.IsNaN(v) && !math.IsNaN(whole[s]) {
			got += v
			due += whole[s]
		}
	}
	factor := m.Multiplier(got, due)
	for i := 0; i < c.slots-first && i < len(volume); i++ {
		volume[i] *= factor
	}
	return factor
}

package forecast

import (
	"encoding/json"
	"math"
)

// Score is how far a forecast was from what happened. Ratios are NaN when nothing was scored.
type Score struct {
	WAPE      float64 `json:"wape"`      // sum |forecast - actual| / sum actual
	Bias      float64 `json:"bias"`      // sum (forecast - actual) / sum actual; positive = too much
	MASE      float64 `json:"mase"`      // mean |error| / mean |one-week seasonal difference| of the history
	DayWAPE   float64 `json:"dayWape"`   // WAPE of day totals
	Floor     float64 `json:"floor"`     // expected WAPE of a perfect forecast of a Poisson count
	Intervals int     `json:"intervals"` // intervals scored
	volume    float64 // contacts that arrived in them
}

// ScoreInput is a forecast beside what happened; all slices have one length.
type ScoreInput struct {
	Actual   []float64 // NaN = not scored
	Forecast []float64 // NaN counts as no forecast and is not scored
	Day      []int     // any number per day, for the day totals; nil = no day score
	Scale    float64   // mean |seasonal difference| of the history for MASE; 0 = no MASE
}

// Evaluate scores a forecast. Formulas: Hyndman & Koehler 2006 (MASE); the Poisson floor is the mean absolute
// deviation of a Poisson variable summed over the intervals, divided by their volume.
func Evaluate(in ScoreInput) Score {
	var t tally
	t.add(in)
	return t.score()
}

// tally accumulates scores over origins.
type tally struct {
	abs, signed, actual, floor float64
	dayAbs, dayActual          float64
	scaled                     float64
	scaledN, n                 int
}

func (t *tally) add(in ScoreInput) {
	var dayErr, dayAct float64
	day, open := 0, false
	flush := func() {
		if open {
			t.dayAbs += math.Abs(dayErr)
			t.dayActual += dayAct
		}
		dayErr, dayAct, open = 0, 0, false
	}
	for i, a := range in.Actual {
		if i >= len(in.Forecast) || math.IsNaN(a) || math.IsNaN(in.Forecast[i]) {
			continue
		}
		e := in.Forecast[i] - a
		t.abs += math.Abs(e)
		t.signed += e
		t.actual += a
		t.floor += poissonDeviation(in.Forecast[i])
		t.n++
		if in.Scale > 0 {
			t.scaled += math.Abs(e) / in.Scale
			t.scaledN++
		}
		if in.Day != nil {
			if open && in.Day[i] != day {
				flush()
			}
			day, open = in.Day[i], true
			dayErr += e
			dayAct += a
		}
	}
	flush()
}

func (t *tally) score() Score {
	ratio := func(a, b float64) float64 {
		if b <= 0 {
			return math.NaN()
		}
		return a / b
	}
	return Score{
		WAPE: ratio(t.abs, t.actual), Bias: ratio(t.signed, t.actual), MASE: ratio(t.scaled, float64(t.scaledN)),
		DayWAPE: ratio(t.dayAbs, t.dayActual), Floor: ratio(t.floor, t.actual), Intervals: t.n, volume: t.actual,
	}
}

// poissonDeviation is E|X - m| of a Poisson variable with mean m: 2 e^-m m^(floor(m)+1) / floor(m)! (De Moivre).
func poissonDeviation(m float64) float64 {
	if m <= 0 {
		return 0
	}
	k := math.Floor(m)
	lg, _ := math.Lgamma(k + 1)
	return 2 * math.Exp(-m+(k+1)*math.Log(m)-lg)
}

// MarshalJSON writes ratios that do not exist as null.
func (s Score) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"wape": number(s.WAPE), "bias": number(s.Bias), "mase": number(s.MASE), "dayWape": number(s.DayWAPE),
		"floor": number(s.Floor), "intervals": s.Intervals,
	})
}

// number is what JSON writes for a value that may not exist.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

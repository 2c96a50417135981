package forecast

import (
	"encoding/json"
	"time"
)

// Point is the forecast of one interval.
type Point struct {
	Start     time.Time
	Open      bool      // false = closed by the calendar or by what the history shows; Volume is then 0
	Volume    float64   // expected contacts
	Quantiles []float64 // contacts, one per asked probability, ascending
	Variance  float64   // of the contacts, for losses and simulations
	AHT       float64   // seconds per contact; NaN = no handling times known
}

// Choice is the method used for one lead and the reason.
type Choice struct {
	Lead   string `json:"lead"`
	Method Method `json:"method"`
	Reason string `json:"reason"`
	// Why is the reason as a code with its figures (WAPE in percent).
	Why Note `json:"why"`
}

// BacktestRow is how one method did at one lead over all rolling origins.
type BacktestRow struct {
	Method  Method  `json:"method"`
	Lead    string  `json:"lead"`
	Score   Score   `json:"score"`
	Origins int     `json:"origins"`
	Seconds float64 `json:"seconds"` // fitting and forecasting all origins, per lead its share; 0 without a stopwatch
}

// Correction is one change made to the history before training. Refusing its Id leaves the history as it was.
type Correction struct {
	ID     string    `json:"id"` // stable: kind and first interval
	Kind   string    `json:"kind"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Before float64   `json:"before"` // contacts in the range as given (or seconds, for AHT)
	After  float64   `json:"after"`  // what training uses instead; NaN = nothing, the range is missing
	Detail string    `json:"detail"` // one English sentence that says why
	Why    Note      `json:"why"`    // the same as a code with its figures
}

// Result is the forecast of one series with its reasons.
type Result struct {
	Key         string
	Points      []Point
	Choices     []Choice
	Backtest    []BacktestRow
	Corrections []Correction
	Effects     []Effect      // calendar effects learnt and used in the horizon
	Intraday    IntradayModel // how to move the rest of a day by what has happened
	Today       float64       // factor already applied to the rest of the origin's day; 1 = none
	Explanation []string      // English sentences, the most important first
	Notes       []Note        // the same with codes
}

// Effect is the multiplier that a kind of day has on the volume of its weekday.
type Effect struct {
	Name   string  `json:"name"`
	Factor float64 `json:"factor"`
	Days   int     `json:"days"` // days of the history it was learnt from
}

// Output is the answer of a run, series in the order of the input.
type Output struct {
	Interval  time.Duration
	Origin    time.Time
	Until     time.Time
	Quantiles []float64
	Series    []Result
}

// MarshalJSON writes a missing after as null.
func (c Correction) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"id": c.ID, "kind": c.Kind, "from": c.From, "to": c.To, "before": number(c.Before), "after": number(c.After), "detail": c.Detail, "why": c.Why,
	})
}

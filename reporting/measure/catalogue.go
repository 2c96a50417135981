package measure

import (
	"slices"

	"muster/tenants/fault"
)

// Key names an indicator.
type Key string

// The indicators.
const (
	ServiceLevel     Key = "service_level"
	Abandonment      Key = "abandonment"
	ASA              Key = "asa"
	AHT              Key = "aht"
	Occupancy        Key = "occupancy"
	ForecastAccuracy Key = "forecast_accuracy"
	ForecastBias     Key = "forecast_bias"
)

// Formula names one of an indicator's formulas.
type Formula string

// Unit is the unit of an indicator's value.
type Unit string

// The units.
const (
	Share   Unit = "share"   // 0.8 is 80 %
	Seconds Unit = "seconds" //
)

// Definition describes one formula of an indicator in words a contract can cite.
type Definition struct {
	Key         Key     `json:"key"`
	Formula     Formula `json:"formula"`
	Unit        Unit    `json:"unit"`
	Better      string  `json:"better"` // higher, lower or zero
	Numerator   string  `json:"numerator"`
	Denominator string  `json:"denominator"`
	ratio       func(Counts) Ratio
}

// Counts are what indicators are made of, added up over any set of buckets.
// Times are milliseconds. Forecast figures are thousandths of a contact.
type Counts struct {
	Offered         int64 `json:"offered"`
	Queued          int64 `json:"queued"`
	Answered        int64 `json:"answered"`
	AnsweredWithin  int64 `json:"answered_within"`
	Abandoned       int64 `json:"abandoned"`
	AbandonedWithin int64 `json:"abandoned_within"`
	AbandonedShort  int64 `json:"abandoned_short"`
	WaitAnsweredMS  int64 `json:"wait_answered_ms"`
	WaitAbandonedMS int64 `json:"wait_abandoned_ms"`
	HandleMS        int64 `json:"handle_ms"`
	WorkMS          int64 `json:"work_ms"`     // agents' time ready for, or busy with, contacts
	HandlingMS      int64 `json:"handling_ms"` // of it, busy
	ForecastMilli   int64 `json:"forecast_milli"`
	ActualMilli     int64 `json:"actual_milli"` // the actual volume of the intervals that were forecast
	ErrorMilli      int64 `json:"error_milli"`  // the absolute differences, per interval and queue
	DayErrorMilli   int64 `json:"day_error_milli"`
}

// Add gives the sum of both.
func (c Counts) Add(o Counts) Counts {
	return Counts{
		Offered: c.Offered + o.Offered, Queued: c.Queued + o.Queued, Answered: c.Answered + o.Answered, AnsweredWithin: c.AnsweredWithin + o.AnsweredWithin,
		Abandoned: c.Abandoned + o.Abandoned, AbandonedWithin: c.AbandonedWithin + o.AbandonedWithin, AbandonedShort: c.AbandonedShort + o.AbandonedShort,
		WaitAnsweredMS: c.WaitAnsweredMS + o.WaitAnsweredMS, WaitAbandonedMS: c.WaitAbandonedMS + o.WaitAbandonedMS, HandleMS: c.HandleMS + o.HandleMS,
		WorkMS: c.WorkMS + o.WorkMS, HandlingMS: c.HandlingMS + o.HandlingMS, ForecastMilli: c.ForecastMilli + o.ForecastMilli, ActualMilli: c.ActualMilli + o.ActualMilli,
		ErrorMilli: c.ErrorMilli + o.ErrorMilli, DayErrorMilli: c.DayErrorMilli + o.DayErrorMilli,
	}
}

// of makes a ratio with a divisor.
func of(n, d, per int64) Ratio { return Ratio{Numerator: n, Denominator: d, Per: per} }

// catalogue lists every formula; the first of a key is meant when a contract names none.
var catalogue = []Definition{
	{ServiceLevel, "f3", Share, "higher", "answered within the threshold", "answered + abandoned", func(c Counts) Ratio { return of(c.AnsweredWithin, c.Answered+c.Abandoned, 1) }},
	{ServiceLevel, "f1", Share, "higher", "answered + abandoned within the threshold", "answered + abandoned", func(c Counts) Ratio { return of(c.AnsweredWithin+c.AbandonedWithin, c.Answered+c.Abandoned, 1) }},
	{ServiceLevel, "f2", Share, "higher", "answered within the threshold", "answered", func(c Counts) Ratio { return of(c.AnsweredWithin, c.Answered, 1) }},
	{ServiceLevel, "f4", Share, "higher", "answered within the threshold", "answered + abandoned − abandoned within the threshold", func(c Counts) Ratio { return of(c.AnsweredWithin, c.Answered+c.Abandoned-c.AbandonedWithin, 1) }},
	{ServiceLevel, "f5", Share, "higher", "answered within the threshold + short abandons", "answered + abandoned", func(c Counts) Ratio { return of(c.AnsweredWithin+c.AbandonedShort, c.Answered+c.Abandoned, 1) }},
	{ServiceLevel, "f6", Share, "higher", "answered within the threshold", "answered + abandoned − short abandons", func(c Counts) Ratio { return of(c.AnsweredWithin, c.Answered+c.Abandoned-c.AbandonedShort, 1) }},
	{Abandonment, "a1", Share, "lower", "abandoned", "answered + abandoned", func(c Counts) Ratio { return of(c.Abandoned, c.Answered+c.Abandoned, 1) }},
	{Abandonment, "a2", Share, "lower", "abandoned − short abandons", "answered + abandoned − short abandons", func(c Counts) Ratio {
		return of(c.Abandoned-c.AbandonedShort, c.Answered+c.Abandoned-c.AbandonedShort, 1)
	}},
	{Abandonment, "a3", Share, "lower", "abandoned", "offered", func(c Counts) Ratio { return of(c.Abandoned, c.Offered, 1) }},
	{ASA, "answered", Seconds, "lower", "waits of the answered", "answered", func(c Counts) Ratio { return of(c.WaitAnsweredMS, c.Answered, 1000) }},
	{ASA, "all", Seconds, "lower", "waits of the answered and the abandoned", "answered + abandoned", func(c Counts) Ratio { return of(c.WaitAnsweredMS+c.WaitAbandonedMS, c.Answered+c.Abandoned, 1000) }},
	{AHT, "handled", Seconds, "lower", "talk, hold and wrap-up", "answered", func(c Counts) Ratio { return of(c.HandleMS, c.Answered, 1000) }},
	{Occupancy, "handling", Share, "higher", "handling time", "time ready for or busy with contacts", func(c Counts) Ratio { return of(c.HandlingMS, c.WorkMS, 1) }},
	{ForecastAccuracy, "wape_interval", Share, "lower", "absolute differences per interval and queue", "actual contacts", func(c Counts) Ratio { return of(c.ErrorMilli, c.ActualMilli, 1) }},
	{ForecastAccuracy, "wape_day", Share, "lower", "absolute differences per day and queue", "actual contacts", func(c Counts) Ratio { return of(c.DayErrorMilli, c.ActualMilli, 1) }},
	{ForecastBias, "bias", Share, "zero", "forecast − actual contacts", "actual contacts", func(c Counts) Ratio { return of(c.ForecastMilli-c.ActualMilli, c.ActualMilli, 1) }},
}

// Catalogue lists every formula of every indicator.
func Catalogue() []Definition { return slices.Clone(catalogue) }

// Find gives the definition of an indicator's formula; an empty formula is the
// usual one. Unknown names are fault.Invalid and name the known ones.
func Find(key Key, formula Formula) (Definition, error) {
	var keys []Key
	var formulas []Formula
	for _, d := range catalogue {
		if d.Key == key {
			if formula == "" || d.Formula == formula {
				return d, nil
			}
			formulas = append(formulas, d.Formula)
		}
		if !slices.Contains(keys, d.Key) {
			keys = append(keys, d.Key)
		}
	}
	if len(formulas) > 0 {
		return Definition{}, fault.Newf(fault.Invalid, "report.unknown_formula", "The formula %q of %s is unknown: use one of %s.", formula, key, fault.Allowed(formulas)).With("formula", string(formula))
	}
	return Definition{}, fault.Newf(fault.Invalid, "report.unknown_measure", "The measure %q is unknown: use one of %s.", key, fault.Allowed(keys)).With("measure", string(key))
}

// Compute gives the indicator's ratio of the counts. A denominator that is not positive means "nothing measured".
func (d Definition) Compute(c Counts) Ratio {
	r := d.ratio(c)
	if r.Denominator <= 0 {
		return Ratio{Per: r.Per}
	}
	return r
}

// Part gives what one row adds to numerator and denominator, also when it adds to
// the numerator alone; the parts of all rows add up to the whole's ratio.
func (d Definition) Part(c Counts) Ratio { return d.ratio(c) }

package staffing

import (
	"math"
	"slices"

	"muster/tenants/fault"
)

// KPIFormula is one of the six ways contracts count a service level (ICMI 2002).
type KPIFormula string

// The formulas.
const (
	F1 KPIFormula = "f1" // (answered + abandoned in time) / offered
	F2 KPIFormula = "f2" // answered in time / answered
	F3 KPIFormula = "f3" // answered in time / offered
	F4 KPIFormula = "f4" // answered in time / (offered - abandoned in time)
	F5 KPIFormula = "f5" // (answered in time + short abandons) / offered
	F6 KPIFormula = "f6" // answered in time / (offered - short abandons)
)

// KPIFormulas lists the six.
func KPIFormulas() []KPIFormula { return []KPIFormula{F1, F2, F3, F4, F5, F6} }

// KPICounts are the counts a service level is made of; "in time" means within the
// threshold of the contract.
type KPICounts struct {
	Answered, Abandoned             float64
	AnsweredInTime, AbandonedInTime float64
	AbandonedShort                  float64 // hung up sooner than the contract counts
}

// ServiceLevel is the share by the formula. Nothing to divide by gives ok = false.
func (c KPICounts) ServiceLevel(formula KPIFormula) (share float64, ok bool, err error) {
	offered := c.Answered + c.Abandoned
	var part, whole float64
	switch formula {
	case F1:
		part, whole = c.AnsweredInTime+c.AbandonedInTime, offered
	case F2:
		part, whole = c.AnsweredInTime, c.Answered
	case F3:
		part, whole = c.AnsweredInTime, offered
	case F4:
		part, whole = c.AnsweredInTime, offered-c.AbandonedInTime
	case F5:
		part, whole = c.AnsweredInTime+c.AbandonedShort, offered
	case F6:
		part, whole = c.AnsweredInTime, offered-c.AbandonedShort
	default:
		return 0, false, fault.Newf(fault.Invalid, "staffing.unknown_formula",
			"unknown service level formula %q; allowed: %s", formula, fault.Allowed(slices.Clone(KPIFormulas())))
	}
	if !(whole > 0) {
		return 0, false, nil
	}
	return part / whole, true, nil
}

// WAPE is the sum of |forecast - actual| over the sum of actual; NaN when nothing
// was actual or the lengths differ.
func WAPE(forecast, actual []float64) float64 { return errorShare(forecast, actual, math.Abs) }

// Bias is the sum of forecast - actual over the sum of actual; NaN as WAPE.
func Bias(forecast, actual []float64) float64 {
	return errorShare(forecast, actual, func(x float64) float64 { return x })
}

func errorShare(forecast, actual []float64, size func(float64) float64) float64 {
	if len(forecast) != len(actual) {
		return math.NaN()
	}
	sum, total := 0.0, 0.0
	for i, a := range actual {
		sum += size(forecast[i] - a)
		total += a
	}
	if total == 0 {
		return math.NaN()
	}
	return sum / total
}

// PoissonFloor is the WAPE that remains when the expected volume of an interval is
// known and only chance is left: sqrt(2/(pi*volume)) (Koole).
func PoissonFloor(volume float64) float64 {
	if !(volume > 0) {
		return math.NaN()
	}
	return math.Sqrt(2 / (math.Pi * volume))
}

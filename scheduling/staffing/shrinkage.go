package staffing

import (
	"muster/tenants/fault"
)

// ShrinkageBasis says of what a shrinkage is a share.
type ShrinkageBasis string

// The bases.
const (
	OfPaid      ShrinkageBasis = "paid"      // of paid time; shares of this basis add up (leave, sickness, training)
	OfRemaining ShrinkageBasis = "remaining" // of the time the others leave; shares multiply (breaks, late arrivals)
)

// Shrinkage is one kind of paid time in which no contacts are taken.
type Shrinkage struct {
	Type  string         // "leave", "sickness", "training", "breaks", ...: the house's own words
	Rate  float64        // 0..1
	Basis ShrinkageBasis // empty = OfPaid
}

// TotalShrinkage combines the types into one share of paid time:
// 1 - (1 - sum of paid) * product of (1 - remaining).
func TotalShrinkage(types []Shrinkage) (float64, error) {
	paid, present := 0.0, 1.0
	for _, s := range types {
		if err := checkShare("shrinkage "+s.Type, s.Rate); err != nil {
			return 0, err
		}
		switch s.Basis {
		case OfPaid, "":
			paid += s.Rate
		case OfRemaining:
			present *= 1 - s.Rate
		default:
			return 0, fault.Newf(fault.Invalid, "staffing.unknown_shrinkage_basis",
				"unknown basis %q of shrinkage %q; allowed: %s", s.Basis, s.Type, fault.Allowed([]ShrinkageBasis{OfPaid, OfRemaining}))
		}
	}
	if present *= 1 - paid; !(present > 0) {
		return 0, fault.New(fault.Invalid, "staffing.bad_share", "the types of shrinkage add up to all paid time; nobody would be left to work")
	}
	return 1 - present, nil
}

// Rostered is how many agents to roster so that seats are filled after shrinkage:
// ceil(seats / (1 - shrinkage)).
func Rostered(seats, shrinkage float64) (int, error) {
	if err := checkShare("shrinkage", shrinkage); err != nil {
		return 0, err
	}
	return Ceil(seats / (1 - shrinkage)), nil
}

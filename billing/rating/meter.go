package rating

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Unit is the unit of a billed quantity.
type Unit string

// The units.
const (
	UnitHour     Unit = "hour"
	UnitMinute   Unit = "minute"
	UnitContact  Unit = "contact"
	UnitPiece    Unit = "piece"
	UnitSeat     Unit = "seat"
	UnitPeriod   Unit = "period"
	UnitDay      Unit = "day" // of a prorated fixed price
	UnitCurrency Unit = "currency"
)

// rawPerUnit tells how many raw units of a measure make one billed unit.
var rawPerUnit = map[Measure]map[Unit]int64{
	AgentTime:        {UnitHour: 3_600_000, UnitMinute: 60_000},
	HandleTime:       {UnitHour: 3_600_000, UnitMinute: 60_000},
	ContactsOffered:  {UnitContact: 1},
	ContactsHandled:  {UnitContact: 1},
	ContactsResolved: {UnitContact: 1},
	Outcomes:         {UnitPiece: 1},
	Seats:            {UnitSeat: 1000},
}

// Aggregate says how the days of a period make one quantity.
type Aggregate string

// The aggregates; Sum is meant when none is named.
const (
	Sum     Aggregate = "sum"
	DayMax  Aggregate = "day_max"  // the largest daily sum
	DayMean Aggregate = "day_mean" // the daily sums over all days of the part
)

var aggregates = []Aggregate{Sum, DayMax, DayMean}

// Direction says how a raw quantity meets its quantum.
type Direction string

// The directions; Nearest is meant when none is named.
const (
	Nearest Direction = "nearest" // halves up
	Up      Direction = "up"
	Down    Direction = "down"
)

var directions = []Direction{Nearest, Up, Down}

// Reach says what is brought to the quantum: each source's day or the whole period.
type Reach string

// The reaches; WholePeriod is meant when none is named.
const (
	SourceDay   Reach = "source_day"
	WholePeriod Reach = "period"
)

var reaches = []Reach{SourceDay, WholePeriod}

// Quantum brings raw quantities to multiples of Size before they are priced.
type Quantum struct {
	Size      int64     `json:"size"` // raw units: 900000 is 15 minutes
	Direction Direction `json:"direction,omitempty"`
	Reach     Reach     `json:"reach,omitempty"`
}

// Meter selects facts and makes a quantity of them.
type Meter struct {
	Measure   Measure                `json:"measure"`
	Where     map[Dimension][]string `json:"where,omitempty"`    // any of the values, in each named dimension
	Except    map[Dimension][]string `json:"except,omitempty"`   // none of the values
	Paid      *bool                  `json:"paid,omitempty"`     // nil: either
	Billable  *bool                  `json:"billable,omitempty"` // nil: either
	Aggregate Aggregate              `json:"aggregate,omitempty"`
	Unit      Unit                   `json:"unit"`
	Quantum   *Quantum               `json:"quantum,omitempty"`
	Places    *int32                 `json:"places,omitempty"` // decimals of the billed quantity; 4 for time, 0 for counts, 3 for seats when nil
}

// BillableHours meters agent time that the client's state map marks as billable.
func BillableHours() Meter {
	yes := true
	return Meter{Measure: AgentTime, Billable: &yes, Unit: UnitHour}
}

// ProductiveHours meters billable agent time in the activities that the contract counts as productive.
func ProductiveHours(activities ...string) Meter {
	m := BillableHours()
	if len(activities) > 0 {
		m.Where = map[Dimension][]string{Activity: activities}
	}
	return m
}

// HandledMinutes meters talk, hold and wrap-up.
func HandledMinutes() Meter { return Meter{Measure: HandleTime, Unit: UnitMinute} }

// HandledContacts meters contacts that an agent handled, of the channels named or of all.
func HandledContacts(channels ...string) Meter {
	m := Meter{Measure: ContactsHandled, Unit: UnitContact}
	if len(channels) > 0 {
		m.Where = map[Dimension][]string{Channel: channels}
	}
	return m
}

// places gives the decimals of the meter's quantity.
func (m Meter) places() int32 {
	switch {
	case m.Places != nil:
		return *m.Places
	case m.Unit == UnitHour || m.Unit == UnitMinute:
		return 4
	case m.Unit == UnitSeat:
		return 3
	}
	return 0
}

// takes reports whether the meter counts the fact.
func (m Meter) takes(f Fact) bool {
	if f.Measure != m.Measure {
		return false
	}
	if m.Paid != nil && *m.Paid != f.Paid || m.Billable != nil && *m.Billable != f.Billable {
		return false
	}
	return fits(f.Labels, m.Where) && !touches(f.Labels, m.Except)
}

// fits reports whether the labels meet every named dimension.
func fits(l Labels, where map[Dimension][]string) bool {
	for d, values := range where {
		if !slices.Contains(values, l.Of(d)) {
			return false
		}
	}
	return true
}

// touches reports whether the labels meet any named dimension.
func touches(l Labels, except map[Dimension][]string) bool {
	for d, values := range except {
		if slices.Contains(values, l.Of(d)) {
			return true
		}
	}
	return false
}

// factorOf gives the factor of the multipliers that fit the labels, and their names in card order.
func (r Rule) factorOf(l Labels) (decimal.Decimal, []string) {
	factor, sum := decimal.NewFromInt(1), decimal.NewFromInt(1)
	highest, names := decimal.Zero, []string(nil)
	for _, m := range r.Multipliers {
		if !fits(l, m.Where) {
			continue
		}
		switch {
		case r.Stack == StackSum || r.Stack == StackProduct:
			names = append(names, m.Name)
		case len(names) == 0 || m.Factor.GreaterThan(highest):
			names, highest = []string{m.Name}, m.Factor
		}
		factor = factor.Mul(m.Factor)
		sum = sum.Add(m.Factor.Sub(decimal.NewFromInt(1)))
	}
	switch {
	case len(names) == 0:
		return decimal.NewFromInt(1), nil
	case r.Stack == StackSum:
		return sum, names
	case r.Stack == StackProduct:
		return factor, names
	}
	return highest, names
}

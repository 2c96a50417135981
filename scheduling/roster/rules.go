package roster

// Owner says whose rule it is.
type Owner string

// The owners of rules.
const (
	OwnerLaw      Owner = "law"
	OwnerContract Owner = "contract"
	OwnerClient   Owner = "client"
	OwnerPerson   Owner = "person"
)

// Owners lists every owner a rule may name.
func Owners() []Owner { return []Owner{OwnerLaw, OwnerContract, OwnerClient, OwnerPerson} }

// RuleKind names an evaluator.
type RuleKind string

// The kinds of rule and the parameters they read.
const (
	MinRest              RuleKind = "min_rest"               // Minutes between the end of a shift and the next start
	MaxConsecutiveDays   RuleKind = "max_consecutive_days"   // Max worked days in a row, history included
	MinConsecutiveDays   RuleKind = "min_consecutive_days"   // Min worked days in a row; runs that touch an end of the horizon are free
	MinConsecutiveOff    RuleKind = "min_consecutive_off"    // Min days off in a row; runs that touch an end of the horizon are free
	MaxConsecutiveOff    RuleKind = "max_consecutive_off"    // Max days off in a row
	MaxMinutesDay        RuleKind = "max_minutes_day"        // Minutes paid per shift
	MaxMinutesWeek       RuleKind = "max_minutes_week"       // Minutes paid per calendar week
	MaxMinutesPeriod     RuleKind = "max_minutes_period"     // Minutes paid over the horizon
	AverageMinutesWeek   RuleKind = "average_minutes_week"   // Minutes per week on average over every block of Weeks weeks
	MaxShiftsWeek        RuleKind = "max_shifts_week"        // Max shifts per calendar week
	MaxWeekends          RuleKind = "max_weekends"           // Max weekends with work
	CompleteWeekends     RuleKind = "complete_weekends"      // both weekend days or none
	MaxNights            RuleKind = "max_nights"             // Max night shifts over the horizon
	MaxConsecutiveNights RuleKind = "max_consecutive_nights" // Max night shifts in a row
	NoNights             RuleKind = "no_nights"              // no night work at all (late pregnancy, nursing, minors)
	NoOvertime           RuleKind = "no_overtime"            // no paid minutes above Minutes per week
	ForbiddenSuccession  RuleKind = "forbidden_succession"   // templates From may not be followed next day by To
	MaxTemplate          RuleKind = "max_template"           // Max shifts of the templates From
	SameStartInWeek      RuleKind = "same_start_in_week"     // Weight per started Minutes of difference to the previous start in the week
	SameTemplateInWeek   RuleKind = "same_template_in_week"  // Weight per change of template from one shift of a week to the next
	Rotation             RuleKind = "rotation"               // day d follows Pattern at (d + Offset + Stagger x position in Agents); Weight per day that does not
	MealInShift          RuleKind = "meal_in_shift"          // shifts of more than Minutes paid hold a meal of at least Min minutes
	FairNights           RuleKind = "fair_nights"            // Weight x (history + planned nights) squared: load balance
	FairWeekends         RuleKind = "fair_weekends"          // Weight x (history + planned weekends) squared: load balance
	FairTemplates        RuleKind = "fair_templates"         // Weight x (history + planned shifts of the templates From) squared
	FairRequests         RuleKind = "fair_requests"          // Weight x (history + planned requests not granted) squared: load balance
)

// RuleKinds lists every kind of rule.
func RuleKinds() []RuleKind {
	return []RuleKind{MinRest, MaxConsecutiveDays, MinConsecutiveDays, MinConsecutiveOff, MaxConsecutiveOff, MaxMinutesDay, MaxMinutesWeek,
		MaxMinutesPeriod, AverageMinutesWeek, MaxShiftsWeek, MaxWeekends, CompleteWeekends, MaxNights, MaxConsecutiveNights, NoNights, NoOvertime,
		ForbiddenSuccession, MaxTemplate, SameStartInWeek, SameTemplateInWeek, Rotation, MealInShift, FairNights, FairWeekends, FairTemplates, FairRequests}
}

// Rule is one rule. A hard rule is never broken by the search; a soft one costs
// Weight points per unit (day, shift, weekend, 15 minutes) of violation.
type Rule struct {
	ID        string   `json:"id"`
	Kind      RuleKind `json:"kind"`
	Owner     Owner    `json:"owner"`
	Hard      bool     `json:"hard,omitempty"`
	Weight    int64    `json:"weight,omitempty"`
	Min       int      `json:"min,omitempty"`
	Max       int      `json:"max,omitempty"`
	Minutes   int      `json:"minutes,omitempty"`
	Weeks     int      `json:"weeks,omitempty"`
	From      []string `json:"from,omitempty"`    // template ids
	To        []string `json:"to,omitempty"`      // template ids
	Pattern   []string `json:"pattern,omitempty"` // rotation: a template id, "off", "work" (any shift) or "any" per day
	Offset    int      `json:"offset,omitempty"`  // rotation: where in the pattern the first day lies
	Stagger   int      `json:"stagger,omitempty"` // rotation: how many days later each further agent stands in the pattern
	Agents    []int    `json:"agents,omitempty"`  // positions; empty = everybody
	Source    string   `json:"source,omitempty"`  // where a legal rule comes from
	ValidOn   string   `json:"valid_on,omitempty"`
	NightFrom int      `json:"night_from,omitempty"` // local minutes; default 22:00
	NightTo   int      `json:"night_to,omitempty"`   // local minutes of the next morning; default 06:00
}

// The words of a rotation pattern beside template ids.
const (
	PatternOff  = "off"  // a day off
	PatternWork = "work" // a shift of any template
	PatternAny  = "any"  // nothing is asked
)

// Level orders what counts most; a lower number counts more.
type Level int

// The levels of the score.
const (
	LevelHard     Level = iota // law and everything marked hard
	LevelCover                 // requirement not met
	LevelContract              // contract, law and client rules that are soft
	LevelRequest               // personal wishes, fairness, changes to the published roster
	LevelCost                  // pay, surplus, dear shifts
	levels
)

// Levels lists the names of the levels in order.
func Levels() []string { return []string{"hard", "cover", "contract", "request", "cost"} }

// Score is the penalty by level, in points; smaller is better. The hard level
// counts units of violation.
type Score [levels]int64

// hardPoints is what one unit on the hard level weighs in the search.
const hardPoints = 10_000_000

// Total is the weighted sum that the search minimises.
func (s Score) Total() int64 {
	return s[LevelHard]*hardPoints + s[LevelCover] + s[LevelContract] + s[LevelRequest] + s[LevelCost]
}

// Add returns the sum of two scores.
func (s Score) Add(o Score) Score {
	for i := range s {
		s[i] += o[i]
	}
	return s
}

// Cell is one agent-day.
type Cell struct {
	Agent int `json:"agent"`
	Day   int `json:"day"`
}

// Violation is a rule that is broken (hard) or costs points (soft).
type Violation struct {
	Rule   string `json:"rule"`
	Owner  Owner  `json:"owner"`
	Hard   bool   `json:"hard,omitempty"`
	Agent  int    `json:"agent"`
	Points int64  `json:"points"` // units when hard, points otherwise
	Reason string `json:"reason"` // English
	Code   string `json:"code"`   // the reason's, see ReasonCodes
	// Values fill the reason's text, in order.
	Values []string `json:"values,omitempty"`
	Cells  []Cell   `json:"cells,omitempty"`
}

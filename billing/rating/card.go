package rating

import (
	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/money"
)

// Card is one version of a client's rate card. From and Until bound the days it
// prices, half-open; a zero Until means open.
type Card struct {
	Version     string          `json:"version"`
	Currency    money.Currency  `json:"currency"`
	Rounding    money.Rounding  `json:"rounding"`
	From        calendar.Date   `json:"from"`
	Until       calendar.Date   `json:"until,omitzero"`
	Rules       []Rule          `json:"rules"`
	Commitments []Commitment    `json:"commitments,omitempty"`
	Discounts   []Discount      `json:"discounts,omitempty"`
	Credits     []CreditPolicy  `json:"credits,omitempty"`
	Taxes       []Tax           `json:"taxes"`
	WorkingDays []calendar.Date `json:"working_days,omitempty"` // the period's working days, for proration by working days
}

// Form says how a rule turns quantity into money.
type Form string

// The price forms.
const (
	PerUnit     Form = "unit"         // quantity × price
	Fixed       Form = "fixed"        // one price per period, prorated by days when the card covers a part
	Graduated   Form = "graduated"    // each tier prices the part of the quantity that falls into it
	Volume      Form = "volume"       // the tier that the whole quantity reaches prices all of it
	Baseline    Form = "baseline"     // only what lies beyond a dead band around an agreed quantity is charged or credited
	PassThrough Form = "pass_through" // costs at cost, plus a markup
)

var forms = []Form{PerUnit, Fixed, Graduated, Volume, Baseline, PassThrough}

// Rule prices one meter. The same key in two card versions is the same rule: its
// tier counter runs on through the period.
type Rule struct {
	Key         string          `json:"key"`
	Name        string          `json:"name"`
	Form        Form            `json:"form"`
	Meter       Meter           `json:"meter,omitzero"`
	SplitBy     []Dimension     `json:"split_by,omitempty"` // one line per combination of these labels; LOB when empty
	Price       decimal.Decimal `json:"price"`              // per unit, or per period for Fixed; of the upper side for Baseline; the markup share for PassThrough
	Per         int64           `json:"per,omitempty"`      // the price is for this many units, 1 when zero (300 per 100 chats)
	Tiers       []PriceTier     `json:"tiers,omitempty"`
	Multipliers []Multiplier    `json:"multipliers,omitempty"`
	Stack       Stack           `json:"stack,omitempty"`
	Baseline    *BaselineTerms  `json:"baseline,omitempty"`
	LOB         string          `json:"lob,omitempty"`     // the line of business a Fixed or Baseline line belongs to
	Prorate     Proration       `json:"prorate,omitempty"` // for Fixed; calendar days when empty
	Tax         string          `json:"tax"`
}

// PriceTier prices the quantity above the tier before it up to and including UpTo; the last tier has none.
type PriceTier struct {
	UpTo  *decimal.Decimal `json:"up_to,omitempty"`
	Price decimal.Decimal  `json:"price"`
	Flat  decimal.Decimal  `json:"flat"` // added once when the tier is reached
}

// Stack says how several multipliers that fit one fact combine.
type Stack string

// The ways to stack multipliers; Highest is meant when none is named.
const (
	StackHighest Stack = "highest" // the largest factor alone
	StackSum     Stack = "sum"     // 1 + the sum of the surcharges
	StackProduct Stack = "product" // all factors multiplied
)

var stacks = []Stack{StackHighest, StackSum, StackProduct}

// Multiplier changes the price of facts that carry the labels (all named
// dimensions must fit, any of a dimension's values).
type Multiplier struct {
	Name   string                 `json:"name"`
	Where  map[Dimension][]string `json:"where"`
	Factor decimal.Decimal        `json:"factor"`
}

// Proration says which days a fixed price is spread over.
type Proration string

// The prorations of a fixed price.
const (
	ByDays        Proration = "days"         // calendar days of the card's part over those of the period
	ByWorkingDays Proration = "working_days" // working days of the card's part over those of the period
	NoProration   Proration = "none"         // the whole price whenever the card covers a day of the period
)

var prorations = []Proration{ByDays, ByWorkingDays, NoProration}

// BaselineTerms are the agreed quantity of a period, the dead band as a share of
// it, and the credit price below it (additional and reduced resource charges).
type BaselineTerms struct {
	Quantity decimal.Decimal `json:"quantity"`
	DeadBand decimal.Decimal `json:"dead_band"`
	Below    decimal.Decimal `json:"below"`
}

// Commitment is a minimum or maximum on what some rules charge together in a
// full period; it is prorated by days when the card covers a part. The true-up
// is a line of its own that names the lines it completes.
type Commitment struct {
	Name    string           `json:"name"`
	Rules   []string         `json:"rules,omitempty"` // keys; all rules when empty
	Minimum *decimal.Decimal `json:"minimum,omitempty"`
	Maximum *decimal.Decimal `json:"maximum,omitempty"`
	// MinimumQuantity is an alternative to amounts for exactly one rule of form
	// PerUnit: the shortfall is charged at the rule's price ("90 % of forecast").
	MinimumQuantity *decimal.Decimal `json:"minimum_quantity,omitempty"`
	LOB             string           `json:"lob,omitempty"`
	Tax             string           `json:"tax"`
}

// Discount takes a share off what some rules charge, true-ups included.
type Discount struct {
	Name  string          `json:"name"`
	Rules []string        `json:"rules,omitempty"` // keys; everything when empty
	Share decimal.Decimal `json:"share"`
	LOB   string          `json:"lob,omitempty"`
	Tax   string          `json:"tax"`
}

// CreditPolicy puts a share of the charges at risk to service measures. The
// policy in force on the period's last day judges the whole period.
type CreditPolicy struct {
	Name     string          `json:"name"`
	LOB      string          `json:"lob,omitempty"`   // only this line of business is at risk, the whole statement when empty
	Rules    []string        `json:"rules,omitempty"` // keys of the charges at risk; all when empty
	AtRisk   decimal.Decimal `json:"at_risk"`         // share of those charges that credits may reach together
	Basis    Basis           `json:"basis,omitempty"` // what the shares of the bands refer to
	BonusCap decimal.Decimal `json:"bonus_cap"`       // share that bonuses may reach together
	Tax      string          `json:"tax"`
	Measures []CreditMeasure `json:"measures"`
}

// Basis says what the share of a credit band refers to; OfAllotment is meant when none is named.
type Basis string

// The bases.
const (
	OfAllotment Basis = "allotment" // the measure's weight in the amount at risk
	OfCharges   Basis = "charges"   // the charges themselves; weights do not count
)

var bases = []Basis{OfAllotment, OfCharges}

// Better says in which direction a measure improves.
type Better string

// The directions.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
)

// CreditMeasure ties a measure's result to a share of the amount at risk.
type CreditMeasure struct {
	Measure       string          `json:"measure"` // key of the MeasureResult
	Name          string          `json:"name"`
	LOB           string          `json:"lob,omitempty"` // the line of business its credit shows under; the policy's when empty
	Better        Better          `json:"better"`
	Target        decimal.Decimal `json:"target"`
	Weight        decimal.Decimal `json:"weight"`                   // share of the amount at risk allotted to this measure; weights may exceed 1 together
	Bands         []CreditBand    `json:"bands,omitempty"`          // worse than Limit gives Share of the allotment; the largest share that applies counts
	Bonus         []CreditBand    `json:"bonus,omitempty"`          // Limit reached or better gives Share as a bonus
	MinimumSample int64           `json:"minimum_sample,omitempty"` // below this denominator the measure gives neither
	RepeatFactor  decimal.Decimal `json:"repeat_factor,omitzero"`   // multiplies the credit when the period before missed too
}

// CreditBand is one step of a measure.
type CreditBand struct {
	Limit decimal.Decimal `json:"limit"`
	Share decimal.Decimal `json:"share"`
}

// Tax is one rate the card's rules may name. The rate is contract data; nothing is built in.
type Tax struct {
	Code string          `json:"code"`
	Name string          `json:"name"`
	Rate decimal.Decimal `json:"rate"` // a share: 0.06 is 6 %
}

// MeasureResult is the closed value of a service measure: Numerator / (Denominator × Per).
type MeasureResult struct {
	Measure     string `json:"measure"`
	Numerator   int64  `json:"numerator"`
	Denominator int64  `json:"denominator"`
	Per         int64  `json:"per,omitempty"`           // 1 when zero; 1000 turns milliseconds into seconds
	MissedLast  bool   `json:"missed_before,omitempty"` // the period before missed its target
	Waiver      string `json:"waiver,omitempty"`        // a reason by which the result does not count
}

// Adjustment is a line that a person or a late fact adds; it cites what it corrects.
type Adjustment struct {
	Name   string          `json:"name"`
	LOB    string          `json:"lob,omitempty"`
	Amount decimal.Decimal `json:"amount"` // major units, signed, no finer than the currency
	Tax    string          `json:"tax"`
	Cites  string          `json:"cites,omitempty"`
}

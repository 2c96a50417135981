package rating

import (
	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/money"
)

// Input is everything a statement is made from. From and Until bound the period's
// business dates, half-open. Cards may leave days at either end uncovered (a
// contract that begins inside the period); facts on uncovered days stay unbilled
// and show up in the reconciliation.
type Input struct {
	From, Until calendar.Date
	Cards       []Card
	Facts       []Fact
	Measures    []MeasureResult
	Adjustments []Adjustment
}

// Kind says what a line is.
type Kind string

// The kinds of lines, in the order in which they are computed.
const (
	KindCharge     Kind = "charge"
	KindMinimum    Kind = "minimum"    // true-up to a commitment
	KindMaximum    Kind = "maximum"    // what lies above a ceiling, taken back
	KindDiscount   Kind = "discount"   //
	KindCredit     Kind = "sla_credit" //
	KindBonus      Kind = "sla_bonus"  //
	KindCap        Kind = "sla_cap"    // takes back what credits or bonuses exceed their cap by
	KindAdjustment Kind = "adjustment" // manual, or late data of a locked period
)

// Origin says where a line's quantity or price comes from, so that a workbook can compute it live.
type Origin string

// The origins.
const (
	FromFacts   Origin = "facts"   // the quantity is the sum of the line's annex rows
	FromParents Origin = "parents" // the quantity is the sum of the parents' amounts
	FromLimit   Origin = "limit"   // the price is the prorated Limit less the parents' amounts
	FromTerms   Origin = "terms"   // both stand in the contract
)

// Line is one line of a statement: Amount = round(Quantity × UnitPrice × Factor ÷ Divisor).
type Line struct {
	No        int             `json:"no"` // 1, 2, …
	Kind      Kind            `json:"kind"`
	Rule      string          `json:"rule,omitempty"` // the key of the rule, measure or discount behind it
	Version   string          `json:"version,omitempty"`
	Name      string          `json:"name"`
	LOB       string          `json:"lob,omitempty"`
	Split     []string        `json:"split,omitempty"`   // "channel=chat", in the order of the dimensions
	Classes   []string        `json:"classes,omitempty"` // multipliers that apply
	Tier      int             `json:"tier,omitempty"`    // 1 is the first
	From      calendar.Date   `json:"from"`
	Until     calendar.Date   `json:"until"`
	Unit      Unit            `json:"unit"`
	Places    int32           `json:"places"` // decimals of Quantity
	Quantity  decimal.Decimal `json:"quantity"`
	UnitPrice decimal.Decimal `json:"unit_price"`
	Factor    decimal.Decimal `json:"factor"`
	Divisor   int64           `json:"divisor"`
	Amount    money.Amount    `json:"amount"`
	Tax       string          `json:"tax"`
	TaxRate   decimal.Decimal `json:"tax_rate"`
	Origin    Origin          `json:"origin"`
	Parents   []int           `json:"parents,omitempty"`
	Limit     *Limit          `json:"limit,omitempty"`
	Cites     string          `json:"cites,omitempty"`
	Steps     []Step          `json:"steps"`
}

// Limit is a commitment's amount, of which Days ÷ Of count.
type Limit struct {
	Amount decimal.Decimal `json:"amount"`
	Days   int64           `json:"days"`
	Of     int64           `json:"of"`
}

// Step is one step of the reason of a line: a stable code and the values it speaks of.
type Step struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// AnnexRow is one fact's share of a line. The quantities of a line's rows add up
// to its quantity (for FromFacts) and their amounts to its amount, exactly. A line
// without facts has one row without source.
type AnnexRow struct {
	Line     int             `json:"line"`
	Day      calendar.Date   `json:"day"`
	Measure  Measure         `json:"measure,omitempty"`
	Labels   Labels          `json:"labels,omitzero"`
	Source   string          `json:"source,omitempty"`
	Raw      int64           `json:"raw,omitempty"` // in the measure's unit
	Quantity decimal.Decimal `json:"quantity"`
	Amount   money.Amount    `json:"amount"`
}

// TaxLine is the tax on the sum of the lines of one code and rate.
type TaxLine struct {
	Code   string          `json:"code"`
	Name   string          `json:"name"`
	Rate   decimal.Decimal `json:"rate"`
	Base   money.Amount    `json:"base"`
	Amount money.Amount    `json:"amount"`
}

// LOBTotal sums the lines of one line of business; the empty name holds what belongs to none.
type LOBTotal struct {
	LOB     string       `json:"lob"`
	Charges money.Amount `json:"charges"` // charges, commitments and discounts
	Credits money.Amount `json:"credits"` // SLA credits, bonuses and caps
	Other   money.Amount `json:"other"`   // adjustments
	Net     money.Amount `json:"net"`
}

// ReconRow compares what was measured with what was billed, for one kind of fact.
type ReconRow struct {
	Measure  Measure `json:"measure"`
	LOB      string  `json:"lob,omitempty"`
	Activity string  `json:"activity,omitempty"`
	Channel  string  `json:"channel,omitempty"`
	Billable bool    `json:"billable"`
	Raw      int64   `json:"raw"`       // measured, in the measure's unit
	Paid     int64   `json:"paid"`      // of it, paid by the provider
	Billed   int64   `json:"billed"`    // of it, read by at least one rule
	Again    int64   `json:"again"`     // of it, read by a further rule: a sign of billing twice
	Uncover  int64   `json:"uncovered"` // of it, on days that no card version covers
}

// MeasureOutcome shows the arithmetic of one service measure, credited or not.
type MeasureOutcome struct {
	Policy    string           `json:"policy"`
	Measure   string           `json:"measure"`
	Name      string           `json:"name"`
	LOB       string           `json:"lob,omitempty"`
	Better    Better           `json:"better"`
	Target    decimal.Decimal  `json:"target"`
	Result    MeasureResult    `json:"result"`
	Value     *decimal.Decimal `json:"value,omitempty"` // rounded to 6 places for reading; nil when nothing was measured
	Met       bool             `json:"met"`
	Base      money.Amount     `json:"base"`       // the charges at risk
	Parents   []int            `json:"parents"`    // the lines that make the base
	AtRisk    decimal.Decimal  `json:"at_risk"`    // share of the base; 1 when the bands refer to the charges themselves
	Weight    decimal.Decimal  `json:"weight"`     // likewise
	BandShare decimal.Decimal  `json:"band_share"` // negative for a bonus
	Repeat    decimal.Decimal  `json:"repeat"`
	Amount    money.Amount     `json:"amount"` // negative for a credit; before the cap
	Line      int              `json:"line,omitempty"`
	Reason    string           `json:"reason"` // met, missed, bonus, no_data, small_sample, waived, no_result, within_bands
}

// Statement is the rated period.
type Statement struct {
	Currency money.Currency   `json:"currency"`
	Rounding money.Rounding   `json:"rounding"`
	From     calendar.Date    `json:"from"`
	Until    calendar.Date    `json:"until"`
	Versions []string         `json:"versions"`
	Lines    []Line           `json:"lines"`
	Taxes    []TaxLine        `json:"taxes"`
	LOBs     []LOBTotal       `json:"lobs"`
	Net      money.Amount     `json:"net"`
	Tax      money.Amount     `json:"tax"`
	Gross    money.Amount     `json:"gross"`
	Measures []MeasureOutcome `json:"measures,omitempty"`
	Recon    []ReconRow       `json:"reconciliation,omitempty"`
	Annex    []AnnexRow       `json:"-"` // large: stored as rows
}

// Explain gives the line with the number and its annex rows, or false when there is no such line.
func (s Statement) Explain(no int) (Line, []AnnexRow, bool) {
	if no < 1 || no > len(s.Lines) {
		return Line{}, nil, false
	}
	var rows []AnnexRow
	for _, r := range s.Annex {
		if r.Line == no {
			rows = append(rows, r)
		}
	}
	return s.Lines[no-1], rows, true
}

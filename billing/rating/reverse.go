package rating

import (
	"slices"

	"muster/tenants/fault"
	"muster/tenants/money"
)

// Reversal takes back a part of one line of an issued statement.
type Reversal struct {
	Line   int          // number of the line
	Amount money.Amount // to take back, of the sign of the line's amount and not beyond it
	Reason string
}

// Everything reverses all lines of a statement that amount to something.
func Everything(s Statement, reason string) []Reversal {
	out := make([]Reversal, 0, len(s.Lines))
	for _, l := range s.Lines {
		if l.Amount.Minor == 0 {
			continue
		}
		out = append(out, Reversal{Line: l.No, Amount: l.Amount, Reason: reason})
	}
	return out
}

// Reverse makes the statement of a credit note: one line per reversal that cites
// the line it corrects, with the opposite amount; tax follows per rate. An unknown
// line, another currency or an amount beyond the line is fault.Invalid.
func Reverse(s Statement, number string, reversals []Reversal) (Statement, error) {
	if len(reversals) == 0 {
		return Statement{}, fault.New(fault.Invalid, "billing.nothing_to_credit", "A credit note needs at least one line to correct.")
	}
	zero := money.Amount{Currency: s.Currency}
	out := Statement{Currency: s.Currency, Rounding: s.Rounding, From: s.From, Until: s.Until, Versions: s.Versions, Net: zero, Tax: zero, Gross: zero}
	r := &rater{in: Input{From: s.From, Until: s.Until}, statement: out}
	for _, x := range reversals {
		i := slices.IndexFunc(s.Lines, func(l Line) bool { return l.No == x.Line })
		if i < 0 {
			return Statement{}, fault.Newf(fault.Invalid, "billing.unknown_line", "The invoice has no line %d: it has lines 1 to %d.", x.Line, len(s.Lines))
		}
		l := s.Lines[i]
		sameSign := x.Amount.Minor < 0 == (l.Amount.Minor < 0)
		if x.Amount.Currency != s.Currency || !sameSign || x.Amount.Decimal().Abs().GreaterThan(l.Amount.Decimal().Abs()) {
			return Statement{}, fault.Newf(fault.Invalid, "billing.credit_beyond_line", "Line %d amounts to %s: %s cannot be taken back from it.", l.No, l.Amount, x.Amount)
		}
		c := Line{No: len(r.statement.Lines) + 1, Kind: KindAdjustment, Rule: l.Rule, Version: l.Version, Name: l.Name, LOB: l.LOB, Split: l.Split, From: l.From, Until: l.Until,
			Unit: UnitPiece, Quantity: one, UnitPrice: x.Amount.Decimal().Neg(), Factor: one, Divisor: 1, Amount: money.Amount{Minor: -x.Amount.Minor, Currency: s.Currency},
			Tax: l.Tax, TaxRate: l.TaxRate, Origin: FromTerms, Cites: citation(number, l.No),
			Steps: []Step{{"reversed", map[string]string{"line": text(l.No), "number": number, "reason": x.Reason}}}}
		r.statement.Lines = append(r.statement.Lines, c)
		r.annex(c, nil)
	}
	names := map[string]string{}
	for _, t := range s.Taxes {
		names[t.Code] = t.Name
	}
	if err := r.totals(); err != nil {
		return Statement{}, err
	}
	for i := range r.statement.Taxes {
		r.statement.Taxes[i].Name = names[r.statement.Taxes[i].Code]
	}
	return r.statement, nil
}

// Remaining gives the statement with what credit notes have already taken back
// from its lines deducted, so that no line can be credited twice.
func Remaining(s Statement, number string, notes []Statement) (Statement, error) {
	out := s
	out.Lines = slices.Clone(s.Lines)
	for i, l := range out.Lines {
		cite := citation(number, l.No)
		for _, n := range notes {
			for _, c := range n.Lines {
				if c.Cites != cite {
					continue
				}
				rest, err := money.Sum(s.Currency, out.Lines[i].Amount, c.Amount)
				if err != nil {
					return Statement{}, err
				}
				out.Lines[i].Amount = rest
			}
		}
	}
	return out, nil
}

// citation names a line of an issued document.
func citation(number string, line int) string { return number + " / " + text(line) }

package rating

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/money"
)

// part is one card version's share of the period.
type part struct {
	card        Card
	from, until calendar.Date
	facts       []*Fact // in order
}

// days counts the part's days.
func (p part) days() int64 { return int64(p.until - p.from) }

// rater carries the state of one Rate call.
type rater struct {
	in        Input
	parts     []part
	consumed  map[string]decimal.Decimal // per rule key: what graduated tiers have taken so far
	volumes   map[string]decimal.Decimal // per rule key: the period's whole quantity
	statement Statement
	taken     map[*Fact]int // how many rules read a fact
	uncovered []*Fact
}

// Rate computes the statement of a period. Errors are fault.Invalid with code
// billing.invalid_card or billing.invalid_input (params: issues), or
// fault.TooLarge when a figure leaves 64 bits.
func Rate(in Input) (Statement, error) {
	if err := in.validate(); err != nil {
		return Statement{}, err
	}
	r := &rater{in: in, consumed: map[string]decimal.Decimal{}, volumes: map[string]decimal.Decimal{}, taken: map[*Fact]int{}}
	first := in.Cards[0]
	zero := money.Amount{Currency: first.Currency}
	r.statement = Statement{Currency: first.Currency, Rounding: first.Rounding, From: in.From, Until: in.Until, Net: zero, Tax: zero, Gross: zero}
	r.split()
	steps := []func() error{r.charges, r.commitments, r.discounts, r.credits, r.adjustments, r.totals}
	for _, step := range steps {
		if err := step(); err != nil {
			return Statement{}, err
		}
	}
	r.reconcile()
	return r.statement, nil
}

// split cuts the period at the card versions and hands each its facts.
func (r *rater) split() {
	for _, c := range r.in.Cards {
		p := part{card: c, from: max(c.From, r.in.From), until: r.in.Until}
		if c.Until != 0 {
			p.until = min(c.Until, r.in.Until)
		}
		r.parts = append(r.parts, p)
		r.statement.Versions = append(r.statement.Versions, c.Version)
	}
	for _, f := range sortedFacts(r.in.Facts) {
		i := slices.IndexFunc(r.parts, func(p part) bool { return p.from <= f.Day && f.Day < p.until })
		if i < 0 {
			r.uncovered = append(r.uncovered, f)
			continue
		}
		r.parts[i].facts = append(r.parts[i].facts, f)
	}
}

// charges prices every rule of every part.
func (r *rater) charges() error {
	all := make([][]measured, len(r.parts))
	for i, p := range r.parts {
		all[i] = make([]measured, len(p.card.Rules))
		for j, rule := range p.card.Rules {
			if rule.Form == Fixed {
				continue
			}
			m, err := rule.Meter.measure(p.facts, p.days(), rule.rawPerUnit(p.card.Currency), rule.quantityPlaces(p.card.Currency))
			if err != nil {
				return err
			}
			for _, x := range m.pieces {
				r.taken[x.fact]++
			}
			all[i][j] = m
			quantity := decimal.New(m.steps, -rule.quantityPlaces(p.card.Currency))
			r.volumes[rule.Key] = r.volumes[rule.Key].Add(quantity)
		}
	}
	for i, p := range r.parts {
		for j, rule := range p.card.Rules {
			if err := r.price(p, rule, all[i][j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// rawPerUnit tells how many raw units make one billed unit of the rule.
func (r Rule) rawPerUnit(currency money.Currency) int64 {
	if r.Form == PassThrough {
		return decimal.New(1, currency.Digits()).IntPart()
	}
	return rawPerUnit[r.Meter.Measure][r.Meter.Unit]
}

// quantityPlaces gives the decimals of the rule's quantity.
func (r Rule) quantityPlaces(currency money.Currency) int32 {
	if r.Form == PassThrough {
		return currency.Digits()
	}
	return r.Meter.places()
}

// per gives the number of units the rule's price is for.
func (r Rule) per() int64 { return max(r.Per, 1) }

// add computes a line's amount, numbers it and appends it with its annex rows.
func (r *rater) add(p part, l Line, pieces []piece) error {
	exact := roundQuotient(l.Quantity.Mul(l.UnitPrice).Mul(l.Factor), l.Divisor, p.card.Currency.Digits(), p.card.Rounding)
	amount, err := money.Round(exact, p.card.Currency, p.card.Rounding)
	if err != nil {
		return err
	}
	tax, ok := p.card.tax(l.Tax)
	if !ok {
		return fmt.Errorf("tax %q is not on card %s", l.Tax, p.card.Version)
	}
	l.No, l.Version, l.Amount, l.TaxRate = len(r.statement.Lines)+1, p.card.Version, amount, tax.Rate
	if l.Until == 0 {
		l.From, l.Until = p.from, p.until
	}
	r.statement.Lines = append(r.statement.Lines, l)
	r.annex(l, pieces)
	return nil
}

// annex deals the line's amount out to its pieces.
func (r *rater) annex(l Line, pieces []piece) {
	if len(pieces) == 0 {
		r.statement.Annex = append(r.statement.Annex, AnnexRow{Line: l.No, Day: l.Until - 1, Labels: Labels{LOB: l.LOB}, Quantity: l.Quantity, Amount: l.Amount})
		return
	}
	weights := make([]int64, len(pieces))
	for i, p := range pieces {
		weights[i] = p.steps
	}
	minor, sign := l.Amount.Minor, int64(1)
	if minor < 0 {
		minor, sign = -minor, -1
	}
	for i, m := range deal(minor, weights) {
		p := pieces[i]
		r.statement.Annex = append(r.statement.Annex, AnnexRow{
			Line: l.No, Day: p.fact.Day, Measure: p.fact.Measure, Labels: p.fact.Labels, Source: p.fact.Source,
			Raw: p.raw, Quantity: decimal.New(p.steps, -l.Places), Amount: money.Amount{Minor: sign * m, Currency: l.Amount.Currency},
		})
	}
}

// roundQuotient divides a decimal by a positive integer and rounds the exact
// quotient once to the places.
func roundQuotient(n decimal.Decimal, divisor int64, places int32, rule money.Rounding) decimal.Decimal {
	if divisor <= 1 {
		return n
	}
	d := decimal.NewFromInt(divisor)
	q, rest := n.QuoRem(d, places) // n = q·d + rest, |rest| < d·10^-places
	twice := rest.Abs().Shift(places).Mul(decimal.NewFromInt(2)).Cmp(d)
	away := twice > 0 || twice == 0 && (rule != money.HalfEven || q.Shift(places).IntPart()%2 != 0)
	if !away {
		return q
	}
	unit := decimal.New(1, -places)
	if n.IsNegative() {
		return q.Sub(unit)
	}
	return q.Add(unit)
}

package rating

import (
	"slices"

	"github.com/shopspring/decimal"

	"muster/tenants/money"
)

// credits judges the measures by the policies in force on the period's last day.
func (r *rater) credits() error {
	p := r.parts[len(r.parts)-1]
	for _, policy := range p.card.Credits {
		if err := r.judge(p, policy); err != nil {
			return err
		}
	}
	return nil
}

// judge runs one policy: a line per measure that earns a credit or a bonus, then
// a line that takes back what exceeds either cap.
func (r *rater) judge(p part, policy CreditPolicy) error {
	base := r.atRisk(policy)
	sum, err := r.sumOf(base)
	if err != nil {
		return err
	}
	var credits, bonuses []int
	for _, m := range policy.Measures {
		o := r.outcome(policy, m, sum)
		o.Parents = base
		share := o.AtRisk.Mul(o.Weight).Mul(o.BandShare).Mul(o.Repeat)
		if !share.IsZero() && sum.Minor > 0 {
			kind := KindCredit
			if share.IsNegative() {
				kind = KindBonus
			}
			l := policy.line(r, kind, m.Name, base, sum.Decimal(), share.Abs())
			l.Rule, l.LOB = m.Measure, o.LOB
			l.Steps = []Step{o.step()}
			if err := r.add(p, l, nil); err != nil {
				return err
			}
			added := r.statement.Lines[len(r.statement.Lines)-1]
			o.Line, o.Amount = added.No, added.Amount
			if kind == KindCredit {
				credits = append(credits, added.No)
			} else {
				bonuses = append(bonuses, added.No)
			}
		}
		r.statement.Measures = append(r.statement.Measures, o)
	}
	if err := r.cap(p, policy, credits, sum, policy.AtRisk.Neg()); err != nil {
		return err
	}
	return r.cap(p, policy, bonuses, sum, policy.BonusCap)
}

// atRisk lists the lines whose amounts a policy's shares refer to.
func (r *rater) atRisk(policy CreditPolicy) []int {
	var out []int
	for _, l := range r.statement.Lines {
		charge := slices.Contains([]Kind{KindCharge, KindMinimum, KindMaximum, KindDiscount}, l.Kind)
		ruled := len(policy.Rules) == 0 || l.Kind == KindCharge && slices.Contains(policy.Rules, l.Rule)
		if charge && ruled && (policy.LOB == "" || policy.LOB == l.LOB) {
			out = append(out, l.No)
		}
	}
	return out
}

// line begins a line of the policy.
func (c CreditPolicy) line(r *rater, kind Kind, name string, parents []int, quantity, share decimal.Decimal) Line {
	factor := one
	if kind == KindCredit {
		factor = one.Neg()
	}
	return Line{Kind: kind, Name: name, LOB: c.LOB, From: r.in.From, Until: r.in.Until, Unit: UnitCurrency, Places: r.statement.Currency.Digits(),
		Quantity: quantity, UnitPrice: share, Factor: factor, Divisor: 1, Tax: c.Tax, Origin: FromParents, Parents: parents}
}

// cap takes back what the lines exceed the capped share of the base by; share is
// negative for credits.
func (r *rater) cap(p part, policy CreditPolicy, lines []int, base money.Amount, share decimal.Decimal) error {
	total, err := r.sumOf(lines)
	if err != nil {
		return err
	}
	limit, err := money.Round(base.Decimal().Mul(share), r.statement.Currency, r.statement.Rounding)
	if err != nil {
		return err
	}
	excess := total.Minor - limit.Minor // both of the sign of share
	if share.IsNegative() && excess >= 0 || !share.IsNegative() && excess <= 0 {
		return nil
	}
	l := policy.line(r, KindCap, policy.Name, lines, one, limit.Decimal().Sub(total.Decimal()))
	l.Unit, l.Places, l.Origin = UnitPeriod, 0, FromLimit
	l.Limit = &Limit{Amount: limit.Decimal(), Days: 1, Of: 1}
	l.Steps = []Step{{"sla_cap", map[string]string{"share": share.Abs().String(), "limit": limit.Decimal().String(), "total": total.Decimal().String()}}}
	return r.add(p, l, nil)
}

// outcome finds the band that a measure's result falls into.
func (r *rater) outcome(policy CreditPolicy, m CreditMeasure, base money.Amount) MeasureOutcome {
	o := MeasureOutcome{Policy: policy.Name, Measure: m.Measure, Name: m.Name, LOB: policy.LOB, Better: m.Better, Target: m.Target,
		Base: base, AtRisk: policy.AtRisk, Weight: m.Weight, BandShare: decimal.Zero, Repeat: one, Amount: money.Amount{Currency: base.Currency}}
	if m.LOB != "" {
		o.LOB = m.LOB
	}
	if policy.Basis == OfCharges {
		o.AtRisk, o.Weight = one, one
	}
	i := slices.IndexFunc(r.in.Measures, func(x MeasureResult) bool { return x.Measure == m.Measure })
	if i < 0 {
		o.Reason = "no_result"
		return o
	}
	o.Result = r.in.Measures[i]
	if o.Result.Denominator == 0 {
		o.Reason = "no_data"
		return o
	}
	value := decimal.NewFromInt(o.Result.Numerator).DivRound(o.Result.scale(), 6)
	o.Value = &value
	o.Met = !o.Result.worse(m.Better, m.Target)
	switch {
	case o.Result.Waiver != "":
		o.Reason = "waived"
		return o
	case o.Result.Denominator < m.MinimumSample:
		o.Reason = "small_sample"
		return o
	}
	for _, b := range m.Bands {
		if o.Result.worse(m.Better, b.Limit) && b.Share.GreaterThan(o.BandShare) {
			o.BandShare = b.Share
		}
	}
	if o.BandShare.IsPositive() {
		o.Reason = "missed"
		if o.Result.MissedLast && m.RepeatFactor.IsPositive() {
			o.Repeat = m.RepeatFactor
		}
		return o
	}
	for _, b := range m.Bonus {
		if !o.Result.worse(m.Better, b.Limit) && b.Share.Neg().LessThan(o.BandShare) {
			o.BandShare = b.Share.Neg()
		}
	}
	switch {
	case o.BandShare.IsNegative():
		o.Reason = "bonus"
	case o.Met:
		o.Reason = "met"
	default:
		o.Reason = "within_bands"
	}
	return o
}

// scale gives Denominator × Per.
func (m MeasureResult) scale() decimal.Decimal {
	return decimal.NewFromInt(m.Denominator).Mul(decimal.NewFromInt(max(m.Per, 1)))
}

// worse compares the exact ratio with a limit, without dividing.
func (m MeasureResult) worse(better Better, limit decimal.Decimal) bool {
	c := decimal.NewFromInt(m.Numerator).Cmp(limit.Mul(m.scale()))
	if better == Higher {
		return c < 0
	}
	return c > 0
}

// step tells the arithmetic of the outcome.
func (o MeasureOutcome) step() Step {
	return Step{o.Reason, map[string]string{
		"numerator": text(o.Result.Numerator), "denominator": text(o.Result.Denominator), "value": o.Value.String(), "target": o.Target.String(),
		"at_risk": o.AtRisk.String(), "weight": o.Weight.String(), "band_share": o.BandShare.Abs().String(), "repeat": o.Repeat.String(),
	}}
}

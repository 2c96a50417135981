package rating

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/money"
)

// Issue is one thing wrong with a card or an input.
type Issue struct {
	Path   string `json:"path"`
	Detail string `json:"detail"`
}

// issues collects what is wrong.
type issues []Issue

// add appends one issue.
func (i *issues) add(path, format string, args ...any) {
	*i = append(*i, Issue{Path: path, Detail: fmt.Sprintf(format, args...)})
}

// err makes one error of all issues, nil without any.
func (i issues) err(code string) error {
	if len(i) == 0 {
		return nil
	}
	parts := make([]string, 0, len(i))
	for n, x := range i {
		if n == 10 {
			parts = append(parts, fmt.Sprintf("and %d more", len(i)-n))
			break
		}
		parts = append(parts, x.Path+": "+x.Detail)
	}
	return fault.New(fault.Invalid, code, strings.Join(parts, "; ")).With("issues", []Issue(i))
}

// Validate reports everything wrong with the card in one error of code billing.invalid_card.
func (c Card) Validate() error {
	var is issues
	if boundsOf(&is, "card", reflect.ValueOf(c)); len(is) > 0 {
		return is.err("billing.invalid_card") // nothing may be compared with such numbers
	}
	if _, err := money.ParseCurrency(string(c.Currency)); err != nil {
		is.add("currency", "%v", err)
	}
	oneOf(&is, "rounding", c.Rounding, []money.Rounding{money.HalfUp, money.HalfEven}, false)
	if c.Until != 0 && c.Until <= c.From {
		is.add("until", "%s is not after %s", c.Until, c.From)
	}
	taxes := map[string]bool{}
	for i, t := range c.Taxes {
		path := fmt.Sprintf("taxes[%d]", i)
		if t.Code == "" || taxes[t.Code] {
			is.add(path+".code", "%q is empty or used twice", t.Code)
		}
		if t.Rate.IsNegative() || t.Rate.GreaterThan(decimal.NewFromInt(1)) {
			is.add(path+".rate", "%s is not a share from 0 to 1", t.Rate)
		}
		taxes[t.Code] = true
	}
	tax := func(path, code string) {
		if !taxes[code] {
			is.add(path+".tax", "%q is not one of the card's taxes", code)
		}
	}
	if len(c.Rules) == 0 {
		is.add("rules", "a rate card needs at least one rule")
	}
	rules := map[string]Rule{}
	for i, r := range c.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		if _, dup := rules[r.Key]; dup || r.Key == "" {
			is.add(path+".key", "%q is empty or used twice", r.Key)
		}
		rules[r.Key] = r
		tax(path, r.Tax)
		r.validate(&is, path)
	}
	known := func(path string, keys []string) {
		for _, k := range keys {
			if _, ok := rules[k]; !ok {
				is.add(path+".rules", "rule %q is not on the card", k)
			}
		}
	}
	for i, m := range c.Commitments {
		path := fmt.Sprintf("commitments[%d]", i)
		tax(path, m.Tax)
		known(path, m.Rules)
		m.validate(&is, path, rules)
	}
	for i, d := range c.Discounts {
		path := fmt.Sprintf("discounts[%d]", i)
		tax(path, d.Tax)
		known(path, d.Rules)
		share(&is, path+".share", d.Share, 1)
	}
	for i, p := range c.Credits {
		path := fmt.Sprintf("credits[%d]", i)
		tax(path, p.Tax)
		known(path, p.Rules)
		p.validate(&is, path)
	}
	return is.err("billing.invalid_card")
}

// validate checks one rule.
func (r Rule) validate(is *issues, path string) {
	oneOf(is, path+".form", r.Form, forms, false)
	oneOf(is, path+".stack", r.Stack, stacks, true)
	oneOf(is, path+".prorate", r.Prorate, prorations, true)
	if r.Per < 0 {
		is.add(path+".per", "%d is negative", r.Per)
	}
	if r.Price.IsNegative() && r.Form != PassThrough {
		is.add(path+".price", "%s is negative", r.Price)
	}
	for _, d := range r.SplitBy {
		oneOf(is, path+".split_by", d, dimensions, false)
	}
	for i, m := range r.Multipliers {
		p := fmt.Sprintf("%s.multipliers[%d]", path, i)
		labelsKnown(is, p, m.Where)
		if m.Factor.IsNegative() {
			is.add(p+".factor", "%s is negative", m.Factor)
		}
	}
	if len(r.Multipliers) > 0 && (r.Form == Fixed || r.Form == Baseline) {
		is.add(path+".multipliers", "form %s has none: its quantity carries no labels", r.Form)
	}
	if (r.Form == Graduated || r.Form == Volume) != (len(r.Tiers) > 0) {
		is.add(path+".tiers", "tiers belong to the forms graduated and volume, and these need some")
	}
	if (r.Form == Baseline) != (r.Baseline != nil) {
		is.add(path+".baseline", "baseline terms belong to the form baseline, and it needs them")
	}
	if r.Form == PassThrough && r.Meter.Measure != Cost {
		is.add(path+".meter.measure", "form pass_through reads %q, not %q", Cost, r.Meter.Measure)
	}
	if b := r.Baseline; b != nil && (b.Quantity.IsNegative() || b.DeadBand.IsNegative() || b.Below.IsNegative()) {
		is.add(path+".baseline", "quantity, dead band and price below must not be negative")
	}
	if r.Form != Fixed {
		r.Meter.validate(is, path+".meter", r.Form)
	}
	validateTiers(is, path, r.Tiers, r.Meter.places())
}

// validateTiers checks that tiers rise and that only the last is open.
func validateTiers(is *issues, path string, tiers []PriceTier, places int32) {
	last := decimal.Zero
	for i, t := range tiers {
		p := fmt.Sprintf("%s.tiers[%d]", path, i)
		if t.Price.IsNegative() || t.Flat.IsNegative() {
			is.add(p, "price and flat must not be negative")
		}
		switch {
		case t.UpTo == nil && i != len(tiers)-1:
			is.add(p+".up_to", "only the last tier may be open")
		case t.UpTo != nil && i == len(tiers)-1:
			is.add(p+".up_to", "the last tier must be open, or larger quantities have no price")
		case t.UpTo != nil && !t.UpTo.GreaterThan(last):
			is.add(p+".up_to", "%s is not above %s", t.UpTo, last)
		case t.UpTo != nil && !t.UpTo.Equal(t.UpTo.Truncate(places)):
			is.add(p+".up_to", "%s has more than the meter's %d decimals", t.UpTo, places)
		}
		if t.UpTo != nil {
			last = *t.UpTo
		}
	}
}

// validate checks one meter.
func (m Meter) validate(is *issues, path string, form Form) {
	oneOf(is, path+".measure", m.Measure, measures, false)
	oneOf(is, path+".aggregate", m.Aggregate, aggregates, true)
	if form != PassThrough && slices.Contains(measures, m.Measure) {
		units := rawPerUnit[m.Measure]
		allowed := make([]Unit, 0, len(units))
		for u := range units {
			allowed = append(allowed, u)
		}
		oneOf(is, path+".unit", m.Unit, allowed, false)
	}
	labelsKnown(is, path+".where", m.Where)
	labelsKnown(is, path+".except", m.Except)
	if p := m.places(); p < 0 || p > 9 {
		is.add(path+".places", "%d is not from 0 to 9", p)
	}
	if q := m.Quantum; q != nil {
		if q.Size <= 0 {
			is.add(path+".quantum.size", "%d is not above 0", q.Size)
		}
		oneOf(is, path+".quantum.direction", q.Direction, directions, true)
		oneOf(is, path+".quantum.reach", q.Reach, reaches, true)
	}
}

// validate checks one commitment against the card's rules.
func (m Commitment) validate(is *issues, path string, rules map[string]Rule) {
	if m.Minimum == nil && m.Maximum == nil && m.MinimumQuantity == nil {
		is.add(path, "names neither a minimum nor a maximum")
	}
	for _, v := range []*decimal.Decimal{m.Minimum, m.Maximum, m.MinimumQuantity} {
		if v != nil && v.IsNegative() {
			is.add(path, "%s is negative", v)
		}
	}
	if m.Minimum != nil && m.Maximum != nil && m.Minimum.GreaterThan(*m.Maximum) {
		is.add(path, "the minimum %s is above the maximum %s", m.Minimum, m.Maximum)
	}
	if m.MinimumQuantity != nil && (len(m.Rules) != 1 || rules[m.Rules[0]].Form != PerUnit) {
		is.add(path+".minimum_quantity", "needs exactly one rule, of form unit")
	}
}

// validate checks one credit policy.
func (p CreditPolicy) validate(is *issues, path string) {
	share(is, path+".at_risk", p.AtRisk, 1)
	share(is, path+".bonus_cap", p.BonusCap, 1)
	oneOf(is, path+".basis", p.Basis, bases, true)
	for i, m := range p.Measures {
		q := fmt.Sprintf("%s.measures[%d]", path, i)
		if m.Measure == "" {
			is.add(q+".measure", "is empty")
		}
		oneOf(is, q+".better", m.Better, []Better{Higher, Lower}, false)
		share(is, q+".weight", m.Weight, 1)
		if m.RepeatFactor.IsNegative() {
			is.add(q+".repeat_factor", "%s is negative", m.RepeatFactor)
		}
		for j, b := range slices.Concat(m.Bands, m.Bonus) {
			share(is, fmt.Sprintf("%s.bands[%d].share", q, j), b.Share, 1)
		}
	}
}

// validate checks period, versions, facts, results and adjustments together.
func (in Input) validate() error {
	var is issues
	if in.Until <= in.From {
		is.add("until", "%s is not after %s", in.Until, in.From)
	}
	if len(in.Cards) == 0 {
		is.add("cards", "there is no rate card")
	}
	covered := calendar.Date(0)
	for i, c := range in.Cards {
		path := fmt.Sprintf("cards[%d]", i)
		if err := c.Validate(); err != nil {
			return err
		}
		if c.Currency != in.Cards[0].Currency || c.Rounding != in.Cards[0].Rounding {
			is.add(path, "currency and rounding must not change inside a period: close it at the change")
		}
		if slices.ContainsFunc(in.Cards[:i], func(o Card) bool { return o.Version == c.Version }) {
			is.add(path+".version", "%q is given twice", c.Version)
		}
		if i > 0 && (covered == 0 || c.From < covered) {
			is.add(path+".from", "%s overlaps the version before it: versions must be in order and apart", c.From)
		}
		covered = c.Until
		if c.Until != 0 && c.Until <= in.From || c.From >= in.Until {
			is.add(path, "covers no day of the period")
		}
	}
	for i, f := range in.Facts {
		if len(is) > 20 {
			break
		}
		path := fmt.Sprintf("facts[%d]", i)
		if f.Quantity < 0 {
			is.add(path, "quantity %d is negative", f.Quantity)
		}
		if f.Day < in.From || f.Day >= in.Until {
			is.add(path, "%s lies outside the period", f.Day)
		}
		oneOf(&is, path+".measure", f.Measure, measures, false)
	}
	seen := map[string]bool{}
	for i, m := range in.Measures {
		path := fmt.Sprintf("measures[%d]", i)
		if seen[m.Measure] || m.Measure == "" {
			is.add(path, "measure %q is empty or given twice", m.Measure)
		}
		seen[m.Measure] = true
		if m.Numerator < 0 || m.Denominator < 0 || m.Per < 0 {
			is.add(path, "counts must not be negative")
		}
	}
	if len(in.Cards) > 0 {
		last := in.Cards[len(in.Cards)-1]
		for i, a := range in.Adjustments {
			path := fmt.Sprintf("adjustments[%d]", i)
			if !bounded(a.Amount) {
				is.add(path+".amount", "has too many digits")
				continue
			}
			if !a.Amount.Equal(a.Amount.Truncate(last.Currency.Digits())) {
				is.add(path+".amount", "%s is finer than %s", a.Amount, last.Currency)
			}
			if _, ok := last.tax(a.Tax); !ok {
				is.add(path+".tax", "%q is not one of the card's taxes", a.Tax)
			}
		}
	}
	return is.err("billing.invalid_input")
}

// tax finds one of the card's taxes.
func (c Card) tax(code string) (Tax, bool) {
	i := slices.IndexFunc(c.Taxes, func(t Tax) bool { return t.Code == code })
	if i < 0 {
		return Tax{}, false
	}
	return c.Taxes[i], true
}

// oneOf reports a value that is not among the allowed ones; an empty one may be optional.
func oneOf[T ~string](is *issues, path string, v T, allowed []T, optional bool) {
	if v == "" && optional || slices.Contains(allowed, v) {
		return
	}
	is.add(path, "%q is unknown: want one of %s", v, fault.Allowed(allowed))
}

// labelsKnown reports dimensions that do not exist.
func labelsKnown(is *issues, path string, where map[Dimension][]string) {
	keys := make([]Dimension, 0, len(where))
	for d := range where {
		keys = append(keys, d)
	}
	slices.Sort(keys)
	for _, d := range keys {
		oneOf(is, path, d, dimensions, false)
	}
}

// share reports a share outside 0 to limit.
func share(is *issues, path string, v decimal.Decimal, limit int64) {
	if v.IsNegative() || v.GreaterThan(decimal.NewFromInt(limit)) {
		is.add(path, "%s is not a share from 0 to %d", v, limit)
	}
}

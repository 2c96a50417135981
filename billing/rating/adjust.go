package rating

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"muster/tenants/money"
)

// parentsOf finds the lines of a part that belong to the rules, by their index;
// the part's version tells them apart. No rules means every line so far.
func (r *rater) parentsOf(version string, rules []string, kinds ...Kind) []int {
	var out []int
	for _, l := range r.statement.Lines {
		if l.Version != version || !slices.Contains(kinds, l.Kind) {
			continue
		}
		byRule := len(rules) == 0 || l.Kind == KindCharge && slices.Contains(rules, l.Rule)
		byParent := slices.ContainsFunc(l.Parents, func(no int) bool { return slices.Contains(rules, r.statement.Lines[no-1].Rule) })
		if byRule || byParent {
			out = append(out, l.No)
		}
	}
	return out
}

// sumOf adds the amounts of lines by number.
func (r *rater) sumOf(lines []int) (money.Amount, error) {
	amounts := make([]money.Amount, len(lines))
	for i, no := range lines {
		amounts[i] = r.statement.Lines[no-1].Amount
	}
	return money.Sum(r.statement.Currency, amounts...)
}

// commitments adds the true-up lines of minima and maxima.
func (r *rater) commitments() error {
	of := int64(r.in.Until - r.in.From)
	for _, p := range r.parts {
		for _, c := range p.card.Commitments {
			if c.MinimumQuantity != nil {
				if err := r.quantityMinimum(p, c, of); err != nil {
					return err
				}
			}
			if c.Minimum == nil && c.Maximum == nil {
				continue
			}
			parents := r.parentsOf(p.card.Version, c.Rules, KindCharge, KindMinimum)
			charged, err := r.sumOf(parents)
			if err != nil {
				return err
			}
			for _, kind := range []Kind{KindMinimum, KindMaximum} {
				limit := c.Minimum
				if kind == KindMaximum {
					limit = c.Maximum
				}
				if limit == nil {
					continue
				}
				due, err := prorated(*limit, p.days(), of, p.card)
				if err != nil {
					return err
				}
				gap := due.Decimal().Sub(charged.Decimal())
				// At most one side can be breached: the minimum is not above the maximum.
				if kind == KindMinimum && !gap.IsPositive() || kind == KindMaximum && !gap.IsNegative() {
					continue
				}
				l := Line{Kind: kind, Name: c.Name, LOB: c.LOB, Unit: UnitPeriod, Quantity: one, UnitPrice: gap, Factor: one, Divisor: 1,
					Tax: c.Tax, Origin: FromLimit, Parents: parents, Limit: &Limit{Amount: *limit, Days: p.days(), Of: of},
					Steps: []Step{{string(kind), map[string]string{"limit": limit.String(), "days": text(p.days()), "of": text(of), "charged": charged.Decimal().String()}}}}
				if err := r.add(p, l, nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// prorated gives the share of a limit that falls on some days.
func prorated(limit decimal.Decimal, days, of int64, card Card) (money.Amount, error) {
	exact := roundQuotient(limit.Mul(decimal.NewFromInt(days)), of, card.Currency.Digits(), card.Rounding)
	return money.Round(exact, card.Currency, card.Rounding)
}

// quantityMinimum charges the shortfall of a rule's quantity at its price.
func (r *rater) quantityMinimum(p part, c Commitment, of int64) error {
	rule := p.card.Rules[slices.IndexFunc(p.card.Rules, func(x Rule) bool { return x.Key == c.Rules[0] })]
	parents := r.parentsOf(p.card.Version, c.Rules, KindCharge)
	actual := decimal.Zero
	for _, no := range parents {
		actual = actual.Add(r.statement.Lines[no-1].Quantity)
	}
	places := rule.Meter.places()
	due := c.MinimumQuantity.Mul(decimal.NewFromInt(p.days())).DivRound(decimal.NewFromInt(of), places)
	short := due.Sub(actual)
	if !short.IsPositive() {
		return nil
	}
	l := rule.line(KindMinimum)
	l.Rule, l.Name, l.LOB, l.Tax = "", c.Name, c.LOB, c.Tax
	l.Places, l.Quantity, l.UnitPrice, l.Origin, l.Parents = places, short, rule.Price, FromTerms, parents
	l.Steps = []Step{{"minimum_quantity", map[string]string{"due": due.String(), "actual": actual.String()}}}
	return r.add(p, l, nil)
}

// discounts takes shares off what was charged.
func (r *rater) discounts() error {
	for _, p := range r.parts {
		for _, d := range p.card.Discounts {
			parents := r.parentsOf(p.card.Version, d.Rules, KindCharge, KindMinimum, KindMaximum)
			base, err := r.sumOf(parents)
			if err != nil {
				return err
			}
			if base.Minor <= 0 || d.Share.IsZero() {
				continue
			}
			l := Line{Kind: KindDiscount, Name: d.Name, LOB: d.LOB, Unit: UnitCurrency, Places: r.statement.Currency.Digits(),
				Quantity: base.Decimal(), UnitPrice: d.Share, Factor: one.Neg(), Divisor: 1, Tax: d.Tax, Origin: FromParents, Parents: parents,
				Steps: []Step{{"discount", map[string]string{"share": d.Share.String(), "base": base.Decimal().String()}}}}
			if err := r.add(p, l, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// adjustments adds the manual lines, by the rules of the last card.
func (r *rater) adjustments() error {
	p := r.parts[len(r.parts)-1]
	for _, a := range r.in.Adjustments {
		l := Line{Kind: KindAdjustment, Name: a.Name, LOB: a.LOB, From: r.in.From, Until: r.in.Until, Unit: UnitPiece, Quantity: one,
			UnitPrice: a.Amount, Factor: one, Divisor: 1, Tax: a.Tax, Origin: FromTerms, Cites: a.Cites,
			Steps: []Step{{"adjustment", map[string]string{"cites": a.Cites}}}}
		if err := r.add(p, l, nil); err != nil {
			return err
		}
	}
	return nil
}

// totals computes tax per code and rate, the sums by line of business and the document totals.
func (r *rater) totals() error {
	s := &r.statement
	names := map[string]string{}
	for _, p := range r.parts {
		for _, t := range p.card.Taxes {
			names[t.Code] = t.Name
		}
	}
	byRate, byLOB := map[string]int{}, map[string]int{}
	for _, l := range s.Lines {
		key := l.Tax + "\x00" + l.TaxRate.String()
		i, ok := byRate[key]
		if !ok {
			i = len(s.Taxes)
			byRate[key] = i
			s.Taxes = append(s.Taxes, TaxLine{Code: l.Tax, Name: names[l.Tax], Rate: l.TaxRate, Base: money.Amount{Currency: s.Currency}})
		}
		j, ok := byLOB[l.LOB]
		if !ok {
			j = len(s.LOBs)
			byLOB[l.LOB] = j
			zero := money.Amount{Currency: s.Currency}
			s.LOBs = append(s.LOBs, LOBTotal{LOB: l.LOB, Charges: zero, Credits: zero, Other: zero, Net: zero})
		}
		lob := &s.LOBs[j]
		column := &lob.Charges
		switch l.Kind {
		case KindCredit, KindBonus, KindCap:
			column = &lob.Credits
		case KindAdjustment:
			column = &lob.Other
		}
		if err := accumulate(l.Amount, &s.Taxes[i].Base, column, &lob.Net, &s.Net); err != nil {
			return err
		}
	}
	slices.SortFunc(s.Taxes, func(a, b TaxLine) int { return cmp.Or(strings.Compare(a.Code, b.Code), a.Rate.Cmp(b.Rate)) })
	slices.SortFunc(s.LOBs, func(a, b LOBTotal) int { return strings.Compare(a.LOB, b.LOB) })
	for i := range s.Taxes {
		t := &s.Taxes[i]
		var err error
		if t.Amount, err = money.Round(t.Base.Decimal().Mul(t.Rate), s.Currency, s.Rounding); err != nil {
			return err
		}
		if err := accumulate(t.Amount, &s.Tax); err != nil {
			return err
		}
	}
	var err error
	s.Gross, err = money.Sum(s.Currency, s.Net, s.Tax)
	return err
}

// accumulate adds an amount to several sums.
func accumulate(a money.Amount, sums ...*money.Amount) error {
	for _, s := range sums {
		next, err := money.Sum(s.Currency, *s, a)
		if err != nil {
			return err
		}
		*s = next
	}
	return nil
}

// reconcile compares measured with billed, per kind of fact.
func (r *rater) reconcile() {
	type key struct {
		measure                Measure
		lob, activity, channel string
		billable               bool
	}
	rows := map[key]*ReconRow{}
	row := func(f *Fact) *ReconRow {
		k := key{f.Measure, f.Labels.LOB, f.Labels.Activity, f.Labels.Channel, f.Billable}
		if rows[k] == nil {
			rows[k] = &ReconRow{Measure: k.measure, LOB: k.lob, Activity: k.activity, Channel: k.channel, Billable: k.billable}
		}
		return rows[k]
	}
	for _, p := range r.parts {
		for _, f := range p.facts {
			x := row(f)
			x.measure(f)
			if n := r.taken[f]; n > 0 {
				x.Billed += f.Quantity
				x.Again += f.Quantity * int64(n-1)
			}
		}
	}
	for _, f := range r.uncovered {
		x := row(f)
		x.measure(f)
		x.Uncover += f.Quantity
	}
	for _, x := range rows {
		r.statement.Recon = append(r.statement.Recon, *x)
	}
	slices.SortFunc(r.statement.Recon, func(a, b ReconRow) int {
		return cmp.Or(strings.Compare(string(a.Measure), string(b.Measure)), strings.Compare(a.LOB, b.LOB),
			strings.Compare(a.Channel, b.Channel), -compareBool(a.Billable, b.Billable), strings.Compare(a.Activity, b.Activity))
	})
}

// measure adds what a fact measured.
func (r *ReconRow) measure(f *Fact) {
	r.Raw += f.Quantity
	if f.Paid {
		r.Paid += f.Quantity
	}
}

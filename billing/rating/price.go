package rating

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

var one = decimal.NewFromInt(1)

// price turns one rule's quantity in one part into lines.
func (r *rater) price(p part, rule Rule, m measured) error {
	switch rule.Form {
	case Fixed:
		return r.priceFixed(p, rule)
	case Baseline:
		return r.priceBaseline(p, rule, m)
	case Graduated:
		return r.priceGraduated(p, rule, m)
	case Volume:
		return r.priceVolume(p, rule, m)
	}
	price := rule.Price
	if rule.Form == PassThrough {
		price = price.Add(one)
	}
	return r.sell(p, rule, m, 0, price, m.pieces)
}

// sell makes one line per split and class from pieces of one price.
func (r *rater) sell(p part, rule Rule, m measured, tier int, price decimal.Decimal, pieces []piece) error {
	type group struct {
		key    string
		split  []string
		names  []string
		factor decimal.Decimal
		pieces []piece
		steps  int64
	}
	groups := map[string]*group{}
	for _, x := range pieces {
		split := rule.splitOf(x.fact.Labels)
		factor, names := rule.factorOf(x.fact.Labels)
		key := strings.Join(split, "\x00") + "\x01" + strings.Join(names, "\x00")
		g := groups[key]
		if g == nil {
			g = &group{key: key, split: split, names: names, factor: factor}
			groups[key] = g
		}
		g.pieces, g.steps = append(g.pieces, x), g.steps+x.steps
	}
	ordered := make([]*group, 0, len(groups))
	for _, g := range groups {
		ordered = append(ordered, g)
	}
	slices.SortFunc(ordered, func(a, b *group) int { return strings.Compare(a.key, b.key) })
	places := rule.quantityPlaces(p.card.Currency)
	for _, g := range ordered {
		if g.steps == 0 {
			continue
		}
		l := rule.line(KindCharge)
		l.LOB, l.Split, l.Classes, l.Tier, l.Places = rule.lobOf(g.pieces), g.split, g.names, tier, places
		l.Quantity, l.UnitPrice, l.Factor, l.Origin = decimal.New(g.steps, -places), price, g.factor, FromFacts
		l.Steps = append(l.Steps, rule.explain(m, places)...)
		if tier > 0 {
			l.Steps = append(l.Steps, Step{"tier", map[string]string{"tier": strconv.Itoa(tier), "price": price.String()}})
		}
		if len(g.names) > 0 {
			l.Steps = append(l.Steps, Step{"multiplier", map[string]string{"names": strings.Join(g.names, ", "), "factor": g.factor.String()}})
		}
		if err := r.add(p, l, g.pieces); err != nil {
			return err
		}
	}
	return nil
}

// line begins a line of the rule.
func (r Rule) line(kind Kind) Line {
	unit := r.Meter.Unit
	if r.Form == PassThrough {
		unit = UnitCurrency
	}
	return Line{Kind: kind, Rule: r.Key, Name: r.Name, LOB: r.LOB, Unit: unit, Factor: one, Divisor: r.per(), Tax: r.Tax}
}

// explain tells how the rule's whole quantity came about.
func (r Rule) explain(m measured, places int32) []Step {
	out := []Step{{"measured", map[string]string{"measure": string(r.Meter.Measure), "raw": text(m.raw), "facts": text(len(m.pieces))}}}
	if q := r.Meter.Quantum; q != nil {
		out = append(out, Step{"quantum", map[string]string{"size": text(q.Size), "direction": string(defaulted(q.Direction, Nearest)), "reach": string(defaulted(q.Reach, WholePeriod))}})
	}
	return append(out, Step{"quantity", map[string]string{"aggregate": string(defaulted(r.Meter.Aggregate, Sum)), "quantity": decimal.New(m.steps, -places).String()}})
}

// defaulted gives the value, or the default when it is empty.
func defaulted[T ~string](v, otherwise T) T {
	if v == "" {
		return otherwise
	}
	return v
}

// splitBy gives the rule's split dimensions in the common order.
func (r Rule) splitBy() []Dimension {
	if len(r.SplitBy) == 0 {
		return []Dimension{LOB}
	}
	return slices.DeleteFunc(slices.Clone(dimensions), func(d Dimension) bool { return !slices.Contains(r.SplitBy, d) })
}

// splitOf names the line a fact belongs to.
func (r Rule) splitOf(l Labels) []string {
	var out []string
	for _, d := range r.splitBy() {
		if v := l.Of(d); v != "" {
			out = append(out, string(d)+"="+v)
		}
	}
	return out
}

// lobOf gives the line of business of a line: that of its facts when lines are split by it, else the rule's.
func (r Rule) lobOf(pieces []piece) string {
	if slices.Contains(r.splitBy(), LOB) && len(pieces) > 0 {
		return pieces[0].fact.Labels.LOB
	}
	return r.LOB
}

// priceFixed makes the line of a fixed price.
func (r *rater) priceFixed(p part, rule Rule) error {
	days, of := p.days(), int64(r.in.Until-r.in.From)
	switch rule.Prorate {
	case NoProration:
		days, of = 1, 1
	case ByWorkingDays:
		days, of = p.workingDays(r.in)
	}
	if days == 0 {
		return nil
	}
	l := rule.line(KindCharge)
	l.Unit, l.Origin, l.UnitPrice = UnitPeriod, FromTerms, rule.Price
	l.Quantity, l.Divisor = one, 1
	if days != of {
		l.Unit, l.Quantity, l.Divisor = UnitDay, decimal.NewFromInt(days), of
	}
	l.Steps = []Step{{"fixed", map[string]string{"days": text(days), "of": text(of), "prorate": string(defaulted(rule.Prorate, ByDays))}}}
	return r.add(p, l, nil)
}

// workingDays counts the card's working days inside the part and inside the period.
func (p part) workingDays(in Input) (inPart, inPeriod int64) {
	for _, d := range p.card.WorkingDays {
		if d >= in.From && d < in.Until {
			inPeriod++
			if d >= p.from && d < p.until {
				inPart++
			}
		}
	}
	return inPart, inPeriod
}

// priceBaseline charges what lies above an agreed quantity, or credits what lies
// below it, once it leaves the dead band. The baseline is prorated by days.
func (r *rater) priceBaseline(p part, rule Rule, m measured) error {
	places := rule.Meter.places()
	agreed := rule.Baseline.Quantity.Mul(decimal.NewFromInt(p.days())).DivRound(decimal.NewFromInt(int64(r.in.Until-r.in.From)), places)
	actual := decimal.New(m.steps, -places)
	difference := actual.Sub(agreed)
	if difference.Abs().LessThanOrEqual(agreed.Mul(rule.Baseline.DeadBand)) {
		return nil
	}
	l := rule.line(KindCharge)
	l.Places, l.Origin, l.Quantity, l.UnitPrice = places, FromTerms, difference.Abs(), rule.Price
	side := "above"
	if difference.IsNegative() {
		side, l.UnitPrice, l.Factor = "below", rule.Baseline.Below, one.Neg()
	}
	l.Steps = append(rule.explain(m, places), Step{"baseline", map[string]string{
		"agreed": agreed.String(), "actual": actual.String(), "dead_band": rule.Baseline.DeadBand.String(), "side": side}})
	return r.add(p, l, nil)
}

// priceGraduated fills the tiers with facts in order of time: the tier counter
// runs through the whole period, also across card versions.
func (r *rater) priceGraduated(p part, rule Rule, m measured) error {
	places := rule.Meter.places()
	start := r.consumed[rule.Key].Shift(places).IntPart()
	position, lower, pieces := start, int64(0), m.pieces
	for i, t := range rule.Tiers {
		inTier, upper := pieces, int64(0)
		if t.UpTo == nil {
			pieces = nil
		} else {
			upper = t.UpTo.Shift(places).IntPart()
			inTier, pieces = cut(pieces, upper-position)
		}
		if steps := stepsOf(inTier); steps > 0 {
			position += steps
			if err := r.sell(p, rule, m, i+1, t.Price, inTier); err != nil {
				return err
			}
			if start <= lower { // no earlier part of the period had entered this tier
				if err := r.sellFlat(p, rule, i+1, t.Flat); err != nil {
					return err
				}
			}
		}
		lower = upper
	}
	r.consumed[rule.Key] = decimal.New(position, -places)
	return nil
}

// priceVolume prices the whole quantity at the tier that the period reaches.
func (r *rater) priceVolume(p part, rule Rule, m measured) error {
	total := r.volumes[rule.Key]
	i := slices.IndexFunc(rule.Tiers, func(t PriceTier) bool { return t.UpTo == nil || total.LessThanOrEqual(*t.UpTo) })
	if m.steps == 0 {
		return nil
	}
	if err := r.sell(p, rule, m, i+1, rule.Tiers[i].Price, m.pieces); err != nil {
		return err
	}
	if !r.consumed[rule.Key].IsZero() {
		return nil
	}
	r.consumed[rule.Key] = total // the flat part of a volume tier is due once a period
	return r.sellFlat(p, rule, i+1, rule.Tiers[i].Flat)
}

// sellFlat makes the line of a tier's flat part.
func (r *rater) sellFlat(p part, rule Rule, tier int, flat decimal.Decimal) error {
	if flat.IsZero() {
		return nil
	}
	l := rule.line(KindCharge)
	l.Unit, l.Divisor, l.Quantity, l.UnitPrice, l.Tier, l.Origin = UnitPeriod, 1, one, flat, tier, FromTerms
	l.Steps = []Step{{"tier_flat", map[string]string{"tier": strconv.Itoa(tier)}}}
	return r.add(p, l, nil)
}

// cut divides pieces after a number of steps, splitting the piece that straddles it.
func cut(pieces []piece, steps int64) (head, tail []piece) {
	if steps <= 0 {
		return nil, pieces
	}
	for i, x := range pieces {
		if x.steps <= steps {
			steps -= x.steps
			continue
		}
		head = slices.Clone(pieces[:i])
		tail = slices.Clone(pieces[i:])
		if steps > 0 {
			shares := deal(x.raw, []int64{steps, x.steps - steps})
			head = append(head, piece{fact: x.fact, raw: shares[0], steps: steps})
			tail[0] = piece{fact: x.fact, raw: shares[1], steps: x.steps - steps}
		}
		return head, tail
	}
	return pieces, nil
}

// stepsOf sums the pieces.
func stepsOf(pieces []piece) int64 {
	total := int64(0)
	for _, p := range pieces {
		total += p.steps
	}
	return total
}

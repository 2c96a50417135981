package rating

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// piece is one fact's share of a rule's quantity, in steps of the meter's last decimal.
type piece struct {
	fact  *Fact
	raw   int64
	steps int64
}

// measured is what a meter makes of the facts of one card's days.
type measured struct {
	pieces []piece // in fact order
	steps  int64   // the sum of the pieces
	raw    int64   // before quantum and aggregate
}

// measure runs a meter over sorted facts. days is the number of days the facts
// may lie on, unitRaw how many raw units make one billed unit, places the decimals of the quantity.
func (m Meter) measure(facts []*Fact, days, unitRaw int64, places int32) (measured, error) {
	var out measured
	for _, f := range facts {
		if m.takes(*f) && f.Quantity > 0 {
			if out.raw > math.MaxInt64-f.Quantity {
				return measured{}, tooLarge(m)
			}
			out.pieces = append(out.pieces, piece{fact: f, raw: f.Quantity})
			out.raw += f.Quantity
		}
	}
	if m.Aggregate == DayMax {
		out.pieces = busiestDay(out.pieces)
	}
	weights, total, err := m.quantise(out.pieces)
	if err != nil {
		return measured{}, err
	}
	per := big.NewInt(unitRaw)
	if m.Aggregate == DayMean {
		per.Mul(per, big.NewInt(max(days, 1)))
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	steps := roundHalfUp(new(big.Int).Mul(big.NewInt(total), scale), per)
	if !steps.IsInt64() {
		return measured{}, tooLarge(m)
	}
	out.steps = steps.Int64()
	for i, s := range deal(out.steps, weights) {
		out.pieces[i].steps = s
	}
	return out, nil
}

// tooLarge says that a quantity does not fit.
func tooLarge(m Meter) error {
	return fault.Newf(fault.TooLarge, "billing.quantity_too_large", "the quantity of %s is beyond 64 bits: split the period or use fewer decimals", m.Measure)
}

// quantise gives each piece its raw quantity after the quantum, and their sum.
func (m Meter) quantise(pieces []piece) ([]int64, int64, error) {
	weights, total := make([]int64, len(pieces)), int64(0)
	for i, p := range pieces {
		weights[i] = p.raw
		total += p.raw
	}
	if m.Quantum == nil {
		return weights, total, nil
	}
	if m.Quantum.Reach != SourceDay {
		q, ok := m.Quantum.apply(total)
		if !ok {
			return nil, 0, tooLarge(m)
		}
		return deal(q, weights), q, nil
	}
	type key struct {
		day    calendar.Date
		source string
	}
	groups, order := map[key][]int{}, []key(nil)
	for i, p := range pieces {
		k := key{p.fact.Day, p.fact.Source}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	total = 0
	for _, k := range order {
		part, sum := make([]int64, 0, len(groups[k])), int64(0)
		for _, i := range groups[k] {
			part = append(part, pieces[i].raw)
			sum += pieces[i].raw
		}
		q, ok := m.Quantum.apply(sum)
		if !ok || total > math.MaxInt64-q {
			return nil, 0, tooLarge(m)
		}
		for n, w := range deal(q, part) {
			weights[groups[k][n]] = w
		}
		total += q
	}
	return weights, total, nil
}

// apply brings a raw quantity to a multiple of the quantum; false when it does not fit.
func (q Quantum) apply(raw int64) (int64, bool) {
	n, rest := raw/q.Size, raw%q.Size
	if rest > 0 && (q.Direction == Up || q.Direction != Down && rest >= q.Size-rest) {
		n++
	}
	if n > math.MaxInt64/q.Size {
		return 0, false
	}
	return n * q.Size, true
}

// busiestDay keeps the pieces of the day with the largest sum, the earliest of equals.
func busiestDay(pieces []piece) []piece {
	sums := map[calendar.Date]int64{}
	for _, p := range pieces {
		sums[p.fact.Day] += p.raw
	}
	best, found := calendar.Date(0), false
	for _, p := range pieces { // in day order
		if d := p.fact.Day; !found || sums[d] > sums[best] {
			best, found = d, true
		}
	}
	return slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.fact.Day != best })
}

// deal splits a non-negative total in proportion to the weights by largest
// remainder, ties to the earlier part; all zero weights get equal parts.
func deal(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	if len(weights) == 0 {
		return parts
	}
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		weights = slices.Repeat([]int64{1}, len(weights))
		sum.SetInt64(int64(len(weights)))
	}
	type rest struct {
		index    int
		fraction *big.Int
	}
	rests, given := make([]rest, len(weights)), int64(0)
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), sum, new(big.Int))
		parts[i] = q.Int64()
		rests[i] = rest{i, r}
		given += parts[i]
	}
	slices.SortFunc(rests, func(a, b rest) int {
		return cmp.Or(b.fraction.Cmp(a.fraction), cmp.Compare(a.index, b.index))
	})
	for i := range total - given {
		parts[rests[i].index]++
	}
	return parts
}

// roundHalfUp divides non-negative integers, halves up.
func roundHalfUp(n, d *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, d, new(big.Int))
	if r.Lsh(r, 1).Cmp(d) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// sortedFacts gives pointers to the facts in their own order, which no input order changes.
func sortedFacts(facts []Fact) []*Fact {
	out := make([]*Fact, len(facts))
	for i := range facts {
		out[i] = &facts[i]
	}
	slices.SortFunc(out, func(a, b *Fact) int { return a.compare(*b) })
	return out
}

// text formats raw counts for a step.
func text(v any) string { return fmt.Sprint(v) }

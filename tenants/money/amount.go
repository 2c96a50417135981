package money

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/shopspring/decimal"
)

// Amount is a sum of money in minor units (fen, cents) of its currency.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Rounding is the rule by which a contract turns exact decimals into minor units.
type Rounding string

// The rounding rules a contract may name.
const (
	HalfUp   Rounding = "half_up"   // halves away from zero
	HalfEven Rounding = "half_even" // halves to the even neighbour
)

// Round turns an exact value in major units into an amount by the rule. An
// unknown rule or a value beyond 64 bits of minor units is an error.
func Round(exact decimal.Decimal, currency Currency, rule Rounding) (Amount, error) {
	places := currency.Digits()
	var r decimal.Decimal
	switch rule {
	case HalfUp:
		r = exact.Round(places)
	case HalfEven:
		r = exact.RoundBank(places)
	default:
		return Amount{}, fmt.Errorf("rounding %q is unknown: want half_up or half_even", rule)
	}
	minor := r.Shift(places)
	if minor.Abs().GreaterThan(decimal.NewFromInt(math.MaxInt64)) {
		return Amount{}, fmt.Errorf("amount %s %s is too large", exact, currency)
	}
	return Amount{Minor: minor.IntPart(), Currency: currency}, nil
}

// Decimal gives the amount in major units.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(a.Minor, -a.Currency.Digits()) }

// String gives the amount with its own number of decimals and its code, such as "12.30 EUR".
func (a Amount) String() string {
	return a.Decimal().StringFixed(a.Currency.Digits()) + " " + string(a.Currency)
}

// jsonAmount is the form of an amount in the API: the value is a decimal string.
type jsonAmount struct {
	Value    string   `json:"value"`
	Currency Currency `json:"currency"`
}

// MarshalJSON writes {"value":"12.30","currency":"EUR"}.
func (a Amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonAmount{Value: a.Decimal().StringFixed(a.Currency.Digits()), Currency: a.Currency})
}

// UnmarshalJSON reads the form that MarshalJSON writes and refuses more decimals than the currency has.
func (a *Amount) UnmarshalJSON(b []byte) error {
	var j jsonAmount
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	c, err := ParseCurrency(string(j.Currency))
	if err != nil {
		return err
	}
	d, err := decimal.NewFromString(j.Value)
	if err != nil {
		return fmt.Errorf("amount %q: want a decimal number", j.Value)
	}
	if !d.Equal(d.Truncate(c.Digits())) {
		return fmt.Errorf("amount %q has more than %d decimals of %s", j.Value, c.Digits(), c)
	}
	*a, err = Round(d, c, HalfUp)
	return err
}

// Sum adds amounts of one currency; mixing currencies or overflowing is an error.
func Sum(currency Currency, amounts ...Amount) (Amount, error) {
	total := Amount{Currency: currency}
	for _, a := range amounts {
		if a.Currency != currency {
			return Amount{}, fmt.Errorf("cannot add %s to %s", a.Currency, currency)
		}
		next := total.Minor + a.Minor
		if (a.Minor > 0 && next < total.Minor) || (a.Minor < 0 && next > total.Minor) {
			return Amount{}, fmt.Errorf("sum of %s is too large", currency)
		}
		total.Minor = next
	}
	return total, nil
}

// Allocate splits the amount in proportion to the weights so that the parts add
// up exactly: by largest remainder, ties to the earlier part. Weights must not be
// negative and must not all be zero.
func (a Amount) Allocate(weights []decimal.Decimal) ([]Amount, error) {
	total := decimal.Zero
	for _, w := range weights {
		if w.IsNegative() {
			return nil, fmt.Errorf("weight %s is negative", w)
		}
		total = total.Add(w)
	}
	if total.IsZero() {
		return nil, fmt.Errorf("cannot split %s: all weights are zero", a)
	}
	type rest struct {
		index    int
		fraction decimal.Decimal
	}
	sign, minor := int64(1), a.Minor
	if minor < 0 {
		sign, minor = -1, -minor
	}
	parts, rests, given := make([]Amount, len(weights)), make([]rest, len(weights)), int64(0)
	for i, w := range weights {
		q, r := decimal.NewFromInt(minor).Mul(w).QuoRem(total, 0)
		parts[i] = Amount{Minor: q.IntPart(), Currency: a.Currency}
		rests[i] = rest{index: i, fraction: r}
		given += parts[i].Minor
	}
	slices.SortStableFunc(rests, func(x, y rest) int { return y.fraction.Cmp(x.fraction) })
	for i := int64(0); i < minor-given; i++ {
		parts[rests[i].index].Minor++
	}
	for i := range parts {
		parts[i].Minor *= sign
	}
	return parts, nil
}

package rating_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/billing/rating"
	"muster/tenants/fault"
	"muster/tenants/money"
)

func TestReverseTakesBackExactlyWhatWasBilled(t *testing.T) {
	s, err := rating.Rate(bigInput(20))
	require.NoError(t, err)
	note, err := rating.Reverse(s, "MU-1", rating.Everything(s, "billed to the wrong client"))
	require.NoError(t, err)
	mustAddUp(t, note)
	require.Equal(t, -s.Gross.Minor, note.Gross.Minor)
	require.Equal(t, -s.Tax.Minor, note.Tax.Minor)
	require.Equal(t, s.Taxes[0].Name, note.Taxes[0].Name)
	rest, err := rating.Remaining(s, "MU-1", []rating.Statement{note})
	require.NoError(t, err)
	require.Empty(t, rating.Everything(rest, ""))
	_, err = rating.Reverse(rest, "MU-1", []rating.Reversal{{Line: 1, Amount: money.Amount{Minor: 1, Currency: s.Currency}}})
	require.Equal(t, "billing.credit_beyond_line", fault.CodeOf(err))
}

func TestReverseRefuses(t *testing.T) {
	s, err := rating.Rate(bigInput(5))
	require.NoError(t, err)
	_, err = rating.Reverse(s, "MU-1", nil)
	require.Equal(t, "billing.nothing_to_credit", fault.CodeOf(err))
	_, err = rating.Reverse(s, "MU-1", []rating.Reversal{{Line: 99, Amount: money.Amount{Minor: 1, Currency: "CNY"}}})
	require.Equal(t, "billing.unknown_line", fault.CodeOf(err))
	_, err = rating.Reverse(s, "MU-1", []rating.Reversal{{Line: 1, Amount: money.Amount{Minor: -1, Currency: "CNY"}}})
	require.Equal(t, "billing.credit_beyond_line", fault.CodeOf(err))
	_, err = rating.Reverse(s, "MU-1", []rating.Reversal{{Line: 1, Amount: money.Amount{Minor: 1, Currency: "EUR"}}})
	require.Equal(t, "billing.credit_beyond_line", fault.CodeOf(err))
}

func TestCreditSharesMayReferToTheCharges(t *testing.T) {
	c := card(rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("10000")})
	c.Credits = []rating.CreditPolicy{{Name: "sla", AtRisk: dec("0.1"), Basis: rating.OfCharges, Tax: "vat", Measures: []rating.CreditMeasure{
		{Measure: "sl", Better: rating.Higher, Target: dec("0.8"), Bands: []rating.CreditBand{{Limit: dec("0.8"), Share: dec("0.03")}, {Limit: dec("0.7"), Share: dec("0.15")}}}}}}
	run := func(n int64) []int64 {
		return amounts(rate(t, rating.Input{Cards: []rating.Card{c}, Measures: []rating.MeasureResult{{Measure: "sl", Numerator: n, Denominator: 100}}}))
	}
	require.Equal(t, []int64{1000000, -30000}, run(79))
	require.Equal(t, []int64{1000000, -150000, 50000}, run(69))
}

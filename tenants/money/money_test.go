package money_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/money"
)

func TestRoundByRuleAndCurrency(t *testing.T) {
	for _, c := range []struct {
		value    string
		currency money.Currency
		rule     money.Rounding
		want     string
	}{
		{"2.345", "EUR", money.HalfUp, "2.35 EUR"},
		{"2.345", "EUR", money.HalfEven, "2.34 EUR"},
		{"-2.345", "EUR", money.HalfUp, "-2.35 EUR"},
		{"2.5", "JPY", money.HalfUp, "3 JPY"},
		{"2.5", "JPY", money.HalfEven, "2 JPY"},
		{"1.0005", "KWD", money.HalfUp, "1.001 KWD"},
	} {
		a, err := money.Round(decimal.RequireFromString(c.value), c.currency, c.rule)
		require.NoError(t, err)
		require.Equal(t, c.want, a.String())
	}
	_, err := money.Round(decimal.Zero, "EUR", "nearest")
	require.ErrorContains(t, err, "half_up")
	_, err = money.Round(decimal.RequireFromString("1e30"), "EUR", money.HalfUp)
	require.ErrorContains(t, err, "too large")
}

func TestUnknownCurrencyNamesTheKnown(t *testing.T) {
	_, err := money.ParseCurrency("XYZ")
	require.ErrorContains(t, err, "CNY")
}

func TestSumRefusesMixingAndOverflow(t *testing.T) {
	_, err := money.Sum("EUR", money.Amount{Minor: 1, Currency: "USD"})
	require.Error(t, err)
	_, err = money.Sum("EUR", money.Amount{Minor: 1 << 62, Currency: "EUR"}, money.Amount{Minor: 1 << 62, Currency: "EUR"})
	require.Error(t, err)
}

func TestAllocationAddsUpAndIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := money.Amount{Minor: rapid.Int64Range(-1e12, 1e12).Draw(t, "minor"), Currency: "CNY"}
		raw := rapid.SliceOfN(rapid.Int64Range(0, 1e6), 1, 20).Draw(t, "weights")
		weights, sum := make([]decimal.Decimal, len(raw)), int64(0)
		for i, w := range raw {
			weights[i], sum = decimal.NewFromInt(w), sum+w
		}
		parts, err := total.Allocate(weights)
		if sum == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		back, err := money.Sum("CNY", parts...)
		require.NoError(t, err)
		require.Equal(t, total, back)
		for i, p := range parts {
			exact := decimal.NewFromInt(total.Minor).Mul(weights[i]).Div(decimal.NewFromInt(sum))
			require.True(t, exact.Sub(decimal.NewFromInt(p.Minor)).Abs().LessThanOrEqual(decimal.NewFromInt(1)))
		}
	})
}

func TestAmountJSON(t *testing.T) {
	var a money.Amount
	require.NoError(t, a.UnmarshalJSON([]byte(`{"value":"12.3","currency":"eur"}`)))
	b, err := a.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, `{"value":"12.30","currency":"EUR"}`, string(b))
	require.Error(t, a.UnmarshalJSON([]byte(`{"value":"12.345","currency":"EUR"}`)))
}

package rating_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/money"
)

// bigInput makes a period of seeded facts under a card that uses most of the model.
func bigInput(agents int) rating.Input {
	rng := rand.New(rand.NewPCG(7, 7))
	c := card(
		rating.Rule{Key: "hours", Form: rating.Graduated, Meter: rating.ProductiveHours("contact", "available"), SplitBy: []rating.Dimension{rating.LOB, rating.Tier},
			Tiers:       []rating.PriceTier{{UpTo: ref(dec("1000.5")), Price: dec("88.123")}, {Price: dec("79.9")}},
			Multipliers: []rating.Multiplier{{Name: "night", Where: map[rating.Dimension][]string{rating.Band: {"night"}}, Factor: dec("1.35")}}},
		rating.Rule{Key: "chats", Form: rating.Volume, Meter: rating.HandledContacts("chat"), Tiers: []rating.PriceTier{{UpTo: ref(dec("500")), Price: dec("2.75")}, {Price: dec("2.333")}}},
		rating.Rule{Key: "minutes", Form: rating.PerUnit, Meter: rating.HandledMinutes(), Price: dec("0.77")},
		rating.Rule{Key: "base", Form: rating.Fixed, Price: dec("1234.565")},
	)
	c.Commitments = []rating.Commitment{{Name: "minimum", Rules: []string{"minutes"}, Minimum: ref(dec("99999")), Tax: "vat"}}
	c.Discounts = []rating.Discount{{Name: "rebate", Share: dec("0.0333"), Tax: "vat"}}
	c.Credits = []rating.CreditPolicy{{Name: "sla", AtRisk: dec("0.12"), Tax: "vat", Measures: []rating.CreditMeasure{{Measure: "sl", Name: "service level", Better: rating.Higher,
		Target: dec("0.8"), Weight: dec("0.37"), Bands: []rating.CreditBand{{Limit: dec("0.8"), Share: dec("0.41")}}}}}}
	in := rating.Input{From: march, Until: april, Cards: []rating.Card{c}, Measures: []rating.MeasureResult{{Measure: "sl", Numerator: 7, Denominator: 9}}}
	lobs, bands, activities := []string{"care", "sales"}, []string{"day", "night"}, []string{"contact", "available", "meal"}
	for a := range agents {
		for d := march; d < april; d += calendar.Date(1 + rng.IntN(3)) {
			for _, activity := range activities {
				in.Facts = append(in.Facts, hours(d, fmt.Sprintf("agent-%d", a), rng.Int64N(4*3_600_000), rating.Labels{
					LOB: lobs[a%2], Band: bands[rng.IntN(2)], Activity: activity, Tier: fmt.Sprintf("tier-%d", a%3)}))
			}
			in.Facts = append(in.Facts, contacts(d, fmt.Sprintf("queue-%d", a), rng.Int64N(9), "chat"),
				rating.Fact{Day: d, Measure: rating.HandleTime, Labels: rating.Labels{LOB: lobs[a%2]}, Quantity: rng.Int64N(1_000_000), Source: fmt.Sprintf("queue-%d", a)})
		}
	}
	return in
}

func TestEveryStatementAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		price := func(name string) decimal.Decimal { return decimal.New(rapid.Int64Range(0, 99999).Draw(t, name), -4) }
		edge := rapid.Int64Range(1, 2_000_000).Draw(t, "edge")
		c := card(
			rating.Rule{Key: "h", Form: rating.Graduated, Meter: rating.BillableHours(), Tiers: []rating.PriceTier{{UpTo: ref(decimal.New(edge, -4)), Price: price("p1"), Flat: price("f1")}, {Price: price("p2"), Flat: price("f2")}}},
			rating.Rule{Key: "c", Form: rating.PerUnit, Meter: rating.HandledContacts(), Price: price("p3"), Per: rapid.Int64Range(0, 7).Draw(t, "per")},
			rating.Rule{Key: "f", Form: rating.Fixed, Price: price("p4")},
		)
		c.Rounding = rapid.SampledFrom([]money.Rounding{money.HalfUp, money.HalfEven}).Draw(t, "rounding")
		c.Currency = rapid.SampledFrom([]money.Currency{"CNY", "JPY", "KWD"}).Draw(t, "currency")
		c.Commitments = []rating.Commitment{{Name: "m", Minimum: ref(price("min")), Tax: "vat"}}
		c.Discounts = []rating.Discount{{Name: "d", Share: decimal.New(rapid.Int64Range(0, 1000).Draw(t, "share"), -3), Tax: "vat"}}
		cards := []rating.Card{c}
		if day := calendar.Date(rapid.IntRange(0, 30).Draw(t, "change")); day > 0 {
			d := c
			c.Until, d.From, d.Version = march+day, march+day, "v2"
			cards = []rating.Card{c, d}
		}
		in := rating.Input{From: march, Until: april, Cards: cards}
		for i := range rapid.IntRange(0, 30).Draw(t, "facts") {
			day := march + calendar.Date(rapid.IntRange(0, 30).Draw(t, "day"))
			lob := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "lob")
			in.Facts = append(in.Facts, hours(day, fmt.Sprint(i), rapid.Int64Range(0, 1<<33).Draw(t, "ms"), rating.Labels{LOB: lob}),
				contacts(day, fmt.Sprint(i), rapid.Int64Range(0, 5).Draw(t, "n"), "chat"))
		}
		s, err := rating.Rate(in)
		require.NoError(t, err)
		mustAddUp(t, s)
		// Graduated tiers: no more than the edge is sold in the first tier over the whole period.
		first, second := decimal.Zero, decimal.Zero
		for _, l := range s.Lines {
			if l.Rule == "h" && l.Origin == rating.FromFacts {
				if l.Tier == 1 {
					first = first.Add(l.Quantity)
				} else {
					second = second.Add(l.Quantity)
				}
			}
		}
		require.False(t, first.GreaterThan(decimal.New(edge, -4)))
		require.True(t, second.IsZero() || first.Equal(decimal.New(edge, -4)))
	})
}

func BenchmarkRate(b *testing.B) {
	in := bigInput(2000)
	b.ReportMetric(float64(len(in.Facts)), "facts")
	for b.Loop() {
		if _, err := rating.Rate(in); err != nil {
			b.Fatal(err)
		}
	}
}

package rating_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/money"
)

var (
	march = calendar.NewDate(2026, time.March, 1)
	april = calendar.NewDate(2026, time.April, 1)
)

// dec reads a decimal literal.
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// ref points at a value.
func ref[T any](v T) *T { return &v }

// card makes a card of one currency and tax.
func card(rules ...rating.Rule) rating.Card {
	for i := range rules {
		rules[i].Tax = "vat"
		if rules[i].Name == "" {
			rules[i].Name = rules[i].Key
		}
	}
	return rating.Card{Version: "v1", Currency: "CNY", Rounding: money.HalfUp, From: march - 100, Rules: rules,
		Taxes: []rating.Tax{{Code: "vat", Name: "VAT 6 %", Rate: dec("0.06")}}}
}

// hours makes one fact of billable agent time.
func hours(day calendar.Date, agent string, ms int64, labels rating.Labels) rating.Fact {
	return rating.Fact{Day: day, Measure: rating.AgentTime, Labels: labels, Paid: true, Billable: true, Quantity: ms, Source: agent}
}

// contacts makes one fact of handled contacts.
func contacts(day calendar.Date, queue string, n int64, channel string) rating.Fact {
	return rating.Fact{Day: day, Measure: rating.ContactsHandled, Labels: rating.Labels{LOB: "care", Channel: channel}, Quantity: n, Source: queue}
}

// rate rates March and checks what must hold for every statement.
func rate(t *testing.T, in rating.Input) rating.Statement {
	t.Helper()
	if in.Until == 0 {
		in.From, in.Until = march, april
	}
	s, err := rating.Rate(in)
	require.NoError(t, err)
	mustAddUp(t, s)
	return s
}

// mustAddUp checks the sums of a statement.
func mustAddUp(t require.TestingT, s rating.Statement) {
	net, tax := int64(0), int64(0)
	for i, l := range s.Lines {
		require.Equal(t, i+1, l.No)
		net += l.Amount.Minor
		quantity, amount := decimal.Zero, int64(0)
		_, rows, ok := s.Explain(l.No)
		require.True(t, ok)
		require.NotEmpty(t, rows)
		for _, r := range rows {
			quantity, amount = quantity.Add(r.Quantity), amount+r.Amount.Minor
		}
		require.Equal(t, l.Amount.Minor, amount, "annex amounts of line %d", l.No)
		require.True(t, l.Quantity.Equal(quantity), "annex quantities of line %d: %s, not %s", l.No, quantity, l.Quantity)
		exact := l.Quantity.Mul(l.UnitPrice).Mul(l.Factor).Rat()
		off := l.Amount.Decimal().Mul(decimal.NewFromInt(l.Divisor)).Sub(decimal.NewFromBigRat(exact, 12)).Abs()
		half := decimal.New(5, -l.Amount.Currency.Digits()-1).Mul(decimal.NewFromInt(l.Divisor))
		require.True(t, off.LessThanOrEqual(half), "line %d is off by more than half a minor unit", l.No)
	}
	base := int64(0)
	for _, x := range s.Taxes {
		base, tax = base+x.Base.Minor, tax+x.Amount.Minor
	}
	lobs := int64(0)
	for _, x := range s.LOBs {
		lobs += x.Net.Minor
		require.Equal(t, x.Net.Minor, x.Charges.Minor+x.Credits.Minor+x.Other.Minor)
	}
	require.Equal(t, []int64{net, net, net, tax, net + tax}, []int64{s.Net.Minor, base, lobs, s.Tax.Minor, s.Gross.Minor})
}

// amounts lists the lines' amounts in minor units.
func amounts(s rating.Statement) []int64 {
	var out []int64
	for _, l := range s.Lines {
		out = append(out, l.Amount.Minor)
	}
	return out
}

func TestPriceForms(t *testing.T) {
	chat := rating.HandledContacts("chat")
	tiers := []rating.PriceTier{{UpTo: ref(dec("100")), Price: dec("3")}, {UpTo: ref(dec("200")), Price: dec("2.5"), Flat: dec("10")}, {Price: dec("2")}}
	tests := []struct {
		name  string
		rule  rating.Rule
		facts []rating.Fact
		want  []int64
	}{
		{"per hour, thirds of an hour", rating.Rule{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("58.5")},
			[]rating.Fact{hours(march, "a", 1_200_000, rating.Labels{})}, []int64{1950}}, // 0.3333 h
		{"per handled minute", rating.Rule{Key: "m", Form: rating.PerUnit, Meter: rating.HandledMinutes(), Price: dec("1.2")},
			[]rating.Fact{{Day: march, Measure: rating.HandleTime, Quantity: 90_000, Source: "q"}}, []int64{180}},
		{"per contact of one channel only", rating.Rule{Key: "c", Form: rating.PerUnit, Meter: chat, Price: dec("1.005")},
			[]rating.Fact{contacts(march, "q", 1, "chat"), contacts(march, "q2", 7, "voice")}, []int64{101}},
		{"price per hundred begun", rating.Rule{Key: "p", Form: rating.PerUnit, Per: 100, Price: dec("300"),
			Meter: rating.Meter{Measure: rating.ContactsHandled, Unit: rating.UnitContact, Quantum: &rating.Quantum{Size: 100, Direction: rating.Up}}},
			[]rating.Fact{contacts(march, "q", 101, "chat")}, []int64{60000}},
		{"quarter hours up, per agent and day", rating.Rule{Key: "h", Form: rating.PerUnit, Price: dec("40"),
			Meter: rating.Meter{Measure: rating.AgentTime, Unit: rating.UnitHour, Quantum: &rating.Quantum{Size: 900_000, Direction: rating.Up, Reach: rating.SourceDay}}},
			[]rating.Fact{hours(march, "a", 1, rating.Labels{}), hours(march, "b", 900_001, rating.Labels{}), hours(march+1, "a", 900_000, rating.Labels{})}, []int64{4000}},
		{"fixed month", rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("20000")}, nil, []int64{2000000}},
		{"graduated at the edge of a tier", rating.Rule{Key: "g", Form: rating.Graduated, Meter: chat, Tiers: tiers},
			[]rating.Fact{contacts(march, "q", 100, "chat")}, []int64{30000}},
		{"graduated through three tiers", rating.Rule{Key: "g", Form: rating.Graduated, Meter: chat, Tiers: tiers},
			[]rating.Fact{contacts(march, "q", 150, "chat"), contacts(march+1, "q", 100, "chat")}, []int64{30000, 25000, 1000, 10000}},
		{"volume", rating.Rule{Key: "v", Form: rating.Volume, Meter: chat, Tiers: tiers},
			[]rating.Fact{contacts(march, "q", 101, "chat")}, []int64{25250, 1000}},
		{"costs with markup", rating.Rule{Key: "x", Form: rating.PassThrough, Meter: rating.Meter{Measure: rating.Cost}, Price: dec("0.05")},
			[]rating.Fact{{Day: march, Measure: rating.Cost, Quantity: 12345, Source: "telecom"}}, []int64{12962}},
		{"seats, mean of days", rating.Rule{Key: "s", Form: rating.PerUnit, Price: dec("3100"), Meter: rating.Meter{Measure: rating.Seats, Unit: rating.UnitSeat, Aggregate: rating.DayMean}},
			[]rating.Fact{{Day: march, Measure: rating.Seats, Quantity: 31_000, Source: "site"}}, []int64{310000}},
		{"seats, busiest day", rating.Rule{Key: "s", Form: rating.PerUnit, Price: dec("100"), Meter: rating.Meter{Measure: rating.Seats, Unit: rating.UnitSeat, Aggregate: rating.DayMax}},
			[]rating.Fact{{Day: march, Measure: rating.Seats, Quantity: 5000}, {Day: march + 1, Measure: rating.Seats, Quantity: 7500}}, []int64{75000}},
		{"inside the dead band", rating.Rule{Key: "b", Form: rating.Baseline, Meter: chat, Price: dec("2"), Baseline: &rating.BaselineTerms{Quantity: dec("100"), DeadBand: dec("0.1"), Below: dec("1")}},
			[]rating.Fact{contacts(march, "q", 110, "chat")}, nil},
		{"above the dead band", rating.Rule{Key: "b", Form: rating.Baseline, Meter: chat, Price: dec("2"), Baseline: &rating.BaselineTerms{Quantity: dec("100"), DeadBand: dec("0.1"), Below: dec("1")}},
			[]rating.Fact{contacts(march, "q", 120, "chat")}, []int64{4000}},
		{"below the dead band", rating.Rule{Key: "b", Form: rating.Baseline, Meter: chat, Price: dec("2"), Baseline: &rating.BaselineTerms{Quantity: dec("100"), DeadBand: dec("0.1"), Below: dec("1")}},
			[]rating.Fact{contacts(march, "q", 80, "chat")}, []int64{-2000}},
		{"nothing measured", rating.Rule{Key: "c", Form: rating.PerUnit, Meter: chat, Price: dec("1")}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := rate(t, rating.Input{Cards: []rating.Card{card(tt.rule)}, Facts: tt.facts})
			require.Equal(t, tt.want, amounts(s))
		})
	}
}

func TestMultipliersStackAsTheContractSays(t *testing.T) {
	night := rating.Labels{LOB: "care", DayType: "holiday", Band: "night"}
	for stack, want := range map[rating.Stack]int64{"": 30000, rating.StackHighest: 30000, rating.StackSum: 33000, rating.StackProduct: 39000} {
		rule := rating.Rule{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("100"), Stack: stack, Multipliers: []rating.Multiplier{
			{Name: "night", Where: map[rating.Dimension][]string{rating.Band: {"night"}}, Factor: dec("1.3")},
			{Name: "holiday", Where: map[rating.Dimension][]string{rating.DayType: {"holiday"}}, Factor: dec("3")},
		}}
		s := rate(t, rating.Input{Cards: []rating.Card{card(rule)}, Facts: []rating.Fact{
			hours(march, "a", 3_600_000, night), hours(march, "a", 1_800_000, rating.Labels{LOB: "care"})}})
		require.Equal(t, []int64{5000, want}, amounts(s), stack)
	}
}

func TestRoundingIsTheContracts(t *testing.T) {
	for rule, want := range map[money.Rounding][]int64{money.HalfUp: {13, 3}, money.HalfEven: {12, 2}} {
		c := card(rating.Rule{Key: "c", Form: rating.PerUnit, Meter: rating.HandledContacts(), Price: dec("0.125")},
			rating.Rule{Key: "d", Form: rating.PerUnit, Meter: rating.HandledContacts(), Price: dec("0.1"), Per: 4})
		c.Rounding = rule
		s := rate(t, rating.Input{Cards: []rating.Card{c}, Facts: []rating.Fact{contacts(march, "q", 1, "chat")}})
		require.Equal(t, want, amounts(s))
	}
	yen := card(rating.Rule{Key: "c", Form: rating.PerUnit, Meter: rating.HandledContacts(), Price: dec("10.5")})
	yen.Currency = "JPY"
	s := rate(t, rating.Input{Cards: []rating.Card{yen}, Facts: []rating.Fact{contacts(march, "q", 1, "chat")}})
	require.Equal(t, "11 JPY", s.Net.String())
	require.Equal(t, "1 JPY", s.Tax.String())
}

func TestChangeOfRateSplitsLinesAndProratesFixedParts(t *testing.T) {
	rules := func(price string) []rating.Rule {
		return []rating.Rule{
			{Key: "base", Form: rating.Fixed, Price: dec("3100")},
			{Key: "chat", Form: rating.Graduated, Meter: rating.HandledContacts(), Tiers: []rating.PriceTier{{UpTo: ref(dec("100")), Price: dec(price), Flat: dec("5")}, {Price: dec("1")}}},
		}
	}
	a, b := card(rules("3")...), card(rules("4")...)
	a.Until, b.From, b.Version = march+10, march+10, "v2"
	b.Commitments = []rating.Commitment{{Name: "minimum", Minimum: ref(dec("31000")), Tax: "vat"}}
	s := rate(t, rating.Input{Cards: []rating.Card{a, b}, Facts: []rating.Fact{contacts(march, "q", 60, "chat"), contacts(march+20, "q", 60, "chat")}})
	// 10 of 31 days, 60 at 3, the flat part once; 21 days, 40 at 4 and 20 at 1 since the counter runs on; 21/31 of the minimum.
	require.Equal(t, []int64{100000, 18000, 500, 210000, 16000, 2000, 2100000 - 228000}, amounts(s))
	require.Equal(t, march+10, s.Lines[0].Until)
	require.Equal(t, march+10, s.Lines[3].From)
	require.Equal(t, []int{4, 5, 6}, s.Lines[6].Parents)
}

func TestCommitmentsAndDiscounts(t *testing.T) {
	base := func() rating.Card {
		return card(rating.Rule{Key: "c", Form: rating.PerUnit, Meter: rating.HandledContacts(), Price: dec("2")},
			rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("50")})
	}
	facts := []rating.Fact{contacts(march, "q", 100, "chat")}
	t.Run("minimum", func(t *testing.T) {
		c := base()
		c.Commitments = []rating.Commitment{{Name: "floor", Rules: []string{"c"}, Minimum: ref(dec("250")), Maximum: ref(dec("900")), Tax: "vat"}}
		c.Discounts = []rating.Discount{{Name: "rebate", Rules: []string{"c"}, Share: dec("0.1"), Tax: "vat"}}
		require.Equal(t, []int64{20000, 5000, 5000, -2500}, amounts(rate(t, rating.Input{Cards: []rating.Card{c}, Facts: facts})))
	})
	t.Run("maximum", func(t *testing.T) {
		c := base()
		c.Commitments = []rating.Commitment{{Name: "ceiling", Maximum: ref(dec("200")), Tax: "vat"}}
		c.Discounts = []rating.Discount{{Name: "rebate", Share: dec("0.5"), Tax: "vat"}}
		require.Equal(t, []int64{20000, 5000, -5000, -10000}, amounts(rate(t, rating.Input{Cards: []rating.Card{c}, Facts: facts})))
	})
	t.Run("minimum quantity", func(t *testing.T) {
		c := base()
		c.Commitments = []rating.Commitment{{Name: "90 % of forecast", Rules: []string{"c"}, MinimumQuantity: ref(dec("135")), Tax: "vat"}}
		s := rate(t, rating.Input{Cards: []rating.Card{c}, Facts: facts})
		require.Equal(t, []int64{20000, 5000, 7000}, amounts(s))
		require.Equal(t, "35", s.Lines[2].Quantity.String())
	})
}

func TestServiceCredits(t *testing.T) {
	policy := rating.CreditPolicy{Name: "at risk", AtRisk: dec("0.1"), BonusCap: dec("0.01"), Tax: "vat", Measures: []rating.CreditMeasure{
		{Measure: "sl", Name: "service level", Better: rating.Higher, Target: dec("0.8"), Weight: dec("0.6"), MinimumSample: 10, RepeatFactor: dec("1.5"),
			Bands: []rating.CreditBand{{Limit: dec("0.8"), Share: dec("0.25")}, {Limit: dec("0.7"), Share: dec("1")}},
			Bonus: []rating.CreditBand{{Limit: dec("0.9"), Share: dec("0.5")}}},
		{Measure: "asa", Name: "ASA", Better: rating.Lower, Target: dec("30"), Weight: dec("0.6"), Bands: []rating.CreditBand{{Limit: dec("30"), Share: dec("1")}}},
	}}
	run := func(results ...rating.MeasureResult) rating.Statement {
		c := card(rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("10000")})
		c.Credits = []rating.CreditPolicy{policy}
		return rate(t, rating.Input{Cards: []rating.Card{c}, Measures: results})
	}
	sl := func(n, d int64) rating.MeasureResult {
		return rating.MeasureResult{Measure: "sl", Numerator: n, Denominator: d}
	}
	asa := func(ms, n int64) rating.MeasureResult {
		return rating.MeasureResult{Measure: "asa", Numerator: ms, Denominator: n, Per: 1000}
	}
	t.Run("exactly on target is no miss", func(t *testing.T) {
		s := run(sl(80, 100), asa(30_000*7, 7))
		require.Len(t, s.Lines, 1)
		require.True(t, s.Measures[0].Met && s.Measures[1].Met)
	})
	t.Run("one contact short", func(t *testing.T) {
		s := run(sl(799, 1000), asa(1, 1))
		require.Equal(t, []int64{1000000, -15000}, amounts(s)) // 10,000 × 0.1 × 0.6 × 0.25
		require.Equal(t, 2, s.Measures[0].Line)
		require.Equal(t, "missed", s.Lines[1].Steps[0].Code)
	})
	t.Run("both worst, capped at the amount at risk", func(t *testing.T) {
		s := run(sl(1, 1000), asa(30_001, 1))
		require.Equal(t, []int64{1000000, -60000, -60000, 20000}, amounts(s))
	})
	t.Run("repeated miss", func(t *testing.T) {
		miss := sl(75, 100)
		miss.MissedLast = true
		require.Equal(t, []int64{1000000, -22500}, amounts(run(miss, asa(1, 1))))
	})
	t.Run("bonus above its cap", func(t *testing.T) {
		require.Equal(t, []int64{1000000, 30000, -20000}, amounts(run(sl(95, 100))))
	})
	t.Run("waived, small and empty results give nothing", func(t *testing.T) {
		waived := asa(1_000_000, 1)
		waived.Waiver = "client's telephony was down"
		s := run(sl(0, 9), waived)
		require.Len(t, s.Lines, 1)
		require.Equal(t, "small_sample", s.Measures[0].Reason)
		require.Equal(t, "waived", s.Measures[1].Reason)
		require.Equal(t, "no_data", run(sl(0, 0)).Measures[0].Reason)
		require.Equal(t, "no_result", run(sl(0, 0)).Measures[1].Reason)
	})
}

func TestAdjustmentsAndTaxPerRate(t *testing.T) {
	c := card(rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("10.08")}, rating.Rule{Key: "g", Form: rating.Fixed, Price: dec("10.08")})
	c.Taxes = append(c.Taxes, rating.Tax{Code: "zero", Name: "exempt"})
	s := rate(t, rating.Input{Cards: []rating.Card{c}, Adjustments: []rating.Adjustment{{Name: "late data of February", LOB: "care", Amount: dec("-3.5"), Tax: "zero", Cites: "INV-7 line 2"}}})
	require.Equal(t, []int64{1008, 1008, -350}, amounts(s))
	require.Equal(t, int64(121), s.Tax.Minor) // 6 % of 20.16 once, not twice 0.60
	require.Len(t, s.Taxes, 2)
	require.Equal(t, "care", s.LOBs[1].LOB)
	require.Equal(t, int64(-350), s.LOBs[1].Other.Minor)
}

func TestReconciliationShowsWhatIsNotBilledAndBilledTwice(t *testing.T) {
	c := card(rating.Rule{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("1")},
		rating.Rule{Key: "again", Form: rating.PerUnit, Meter: rating.ProductiveHours("contact"), Price: dec("1")})
	c.From = march + 1
	lunch := hours(march+1, "a", 1000, rating.Labels{Activity: "meal"})
	lunch.Billable = false
	s := rate(t, rating.Input{Cards: []rating.Card{c}, Facts: []rating.Fact{
		hours(march, "a", 500, rating.Labels{Activity: "contact"}), hours(march+1, "a", 3_600_000, rating.Labels{Activity: "contact"}), lunch}})
	want := []rating.ReconRow{
		{Measure: rating.AgentTime, Activity: "contact", Billable: true, Raw: 3_600_500, Paid: 3_600_500, Billed: 3_600_000, Again: 3_600_000, Uncover: 500},
		{Measure: rating.AgentTime, Activity: "meal", Raw: 1000, Paid: 1000},
	}
	require.Empty(t, cmp.Diff(want, s.Recon))
}

func TestOrderOfFactsChangesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("many figures on one goroutine; not part of a short run")
	}
	in := bigInput(400)
	want, err := rating.Rate(in)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		rng.Shuffle(len(in.Facts), func(i, j int) { in.Facts[i], in.Facts[j] = in.Facts[j], in.Facts[i] })
		got, err := rating.Rate(in)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got, cmp.Comparer(decimal.Decimal.Equal)))
	}
}

func TestBadInputNamesEveryMistake(t *testing.T) {
	c := card(rating.Rule{Key: "h", Form: "hourly", Meter: rating.Meter{Measure: "hours", Where: map[rating.Dimension][]string{"colour": {"x"}}}, Price: dec("-1")},
		rating.Rule{Key: "h", Form: rating.Volume, Meter: rating.HandledContacts(), Tiers: []rating.PriceTier{{UpTo: ref(dec("2.5"))}, {UpTo: ref(dec("1"))}}})
	c.Currency, c.Rounding = "QQQ", "up"
	c.Commitments = []rating.Commitment{{Rules: []string{"nobody"}, Tax: "vat"}}
	err := c.Validate()
	require.Equal(t, "billing.invalid_card", fault.CodeOf(err))
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	var paths []string
	for _, i := range f.Params["issues"].([]rating.Issue) {
		paths = append(paths, i.Path)
	}
	for _, want := range []string{"currency", "rounding", "rules[0].form", "rules[0].price", "rules[0].meter.measure", "rules[0].meter.where", "rules[1].key",
		"rules[1].tiers[0].up_to", "rules[1].tiers[1].up_to", "commitments[0].rules", "commitments[0]"} {
		require.Contains(t, paths, want)
	}
	good := card(rating.Rule{Key: "f", Form: rating.Fixed, Price: dec("1")})
	for name, in := range map[string]rating.Input{
		"no card":           {},
		"empty period":      {From: april, Until: april, Cards: []rating.Card{good}},
		"same version":      {From: march, Until: april, Cards: []rating.Card{good, good}},
		"negative fact":     {From: march, Until: april, Cards: []rating.Card{good}, Facts: []rating.Fact{hours(march, "a", -1, rating.Labels{})}},
		"fact out of range": {From: march, Until: april, Cards: []rating.Card{good}, Facts: []rating.Fact{hours(april, "a", 1, rating.Labels{})}},
		"unknown measure":   {From: march, Until: april, Cards: []rating.Card{good}, Facts: []rating.Fact{{Day: march, Measure: "smiles"}}},
		"measure twice":     {From: march, Until: april, Cards: []rating.Card{good}, Measures: []rating.MeasureResult{{Measure: "sl"}, {Measure: "sl"}}},
		"too fine a sum":    {From: march, Until: april, Cards: []rating.Card{good}, Adjustments: []rating.Adjustment{{Amount: dec("0.001"), Tax: "vat"}}},
	} {
		_, err := rating.Rate(in)
		require.Equal(t, "billing.invalid_input", fault.CodeOf(err), name)
	}
	_, err = rating.Rate(rating.Input{From: march, Until: april, Cards: []rating.Card{card(rating.Rule{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("1")})},
		Facts: []rating.Fact{hours(march, "a", 1<<62, rating.Labels{}), hours(march, "b", 1<<62, rating.Labels{})}})
	require.Equal(t, fault.TooLarge, fault.KindOf(err))
}

package billing_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/billing"
	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

var (
	february = calendar.NewDate(2026, time.February, 1)
	march    = calendar.NewDate(2026, time.March, 1)
	april    = calendar.NewDate(2026, time.April, 1)
)

// verdicts are results that a test sets by measure.
type verdicts map[string]rating.MeasureResult

// MeasureResults implements billing.Judge.
func (v verdicts) MeasureResults(context.Context, scope.Scope, ids.Client, calendar.Date, calendar.Date) ([]rating.MeasureResult, error) {
	out := make([]rating.MeasureResult, 0, len(v))
	for _, r := range v {
		out = append(out, r)
	}
	return out, nil
}

// dec reads a decimal literal.
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// must gives the value of a call that cannot fail here.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// serial tells the fixtures of one database apart.
var serial atomic.Int64

// number gives a number of the fixture's own series.
func (f *fixture) number(n int) string { return fmt.Sprintf("%s-%06d", f.entity.InvoiceSeries, n) }

// fixture is a provider with one client, one agent, one queue and its contract.
type fixture struct {
	db      *database.DB
	bills   *billing.Service
	judge   verdicts
	client  contract.Client
	lob     contract.LOB
	queue   contract.Queue
	agent   people.Agent
	measure contract.Measure
	entity  contract.LegalEntity
	zone    *time.Location
}

// newFixture stores the fixture; the client's zone is Shanghai, eight hours ahead of the facts' grid.
func newFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	return newFixtureIn(t, db, "Asia/Shanghai")
}

// newFixtureIn stores the fixture with its contract in a zone.
func newFixtureIn(t testing.TB, db *database.DB, zone string) *fixture {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	db.Clock().(*calendar.FixedClock).Set((april + 1000).At(0, time.UTC)) // all periods of the tests have ended
	c, p := contract.NewService(db), people.NewService(db)
	f := &fixture{db: db, judge: verdicts{}}
	own := fmt.Sprint(serial.Add(1)) // tests share a database and see each other's rows
	f.bills = billing.NewService(db, f.judge)
	f.zone = must[*time.Location](t)(calendar.Zone(zone))
	f.entity = must[contract.LegalEntity](t)(c.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Provider Ltd", TaxID: "91", Bank: "IBAN", Country: "CN", InvoiceSeries: "MU" + own}))
	f.client = must[contract.Client](t)(c.CreateClient(ctx, all, contract.Client{Slug: "retail-" + own, Name: "Retail Co", Zone: "Asia/Shanghai", Currency: "CNY"}))
	f.lob = must[contract.LOB](t)(c.CreateLOB(ctx, all, contract.LOB{ClientID: f.client.ID, Slug: "care", Name: "Care"}))
	skill := must[people.Skill](t)(p.CreateSkill(ctx, all, people.Skill{Slug: "care-" + own, Name: "Care"}))
	f.queue = must[contract.Queue](t)(c.CreateQueue(ctx, all, contract.Queue{ClientID: f.client.ID, LOBID: f.lob.ID, Slug: "chat", Name: "Chat", Channel: contract.Chat, SkillID: skill.ID}))
	f.sign(t, "0.06", february)
	f.measure = must[contract.Measure](t)(c.AddMeasure(ctx, all, contract.Measure{ClientID: f.client.ID, Key: "service_level", Formula: "f3", Target: "0.8", Better: "higher", Critical: true,
		Bands: []contract.Band{{Beyond: "0.8", CreditShare: "0.02"}, {Beyond: "0.7", CreditShare: "0.2"}}, ValidFrom: february}))
	site := must[people.Site](t)(p.CreateSite(ctx, all, people.Site{Slug: "hq-" + own, Name: "HQ", Zone: "Asia/Shanghai", Country: "CN"}))
	team := must[people.Team](t)(p.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "a-" + own, Name: "A"}))
	agents := must[[]people.Agent](t)(p.HireAll(ctx, all, []people.Hire{{Agent: people.Agent{Number: "1001-" + own, Label: "A-1"}, Profile: people.Profile{Name: "Somebody"},
		Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, Clients: []ids.Client{f.client.ID}, From: february.At(0, f.zone)}}))
	f.agent = agents[0]
	_, err := f.bills.PutRateCard(ctx, all, f.card(february), ids.User{})
	require.NoError(t, err)
	require.NoError(t, db.EnsureMonths(ctx, calendar.Interval{Start: february.At(0, f.zone), End: (april + 40).At(0, f.zone)}))
	return f
}

// sign puts a contract version in force.
func (f *fixture) sign(t testing.TB, tax string, from calendar.Date) {
	t.Helper()
	_, err := contract.NewService(f.db).PutContract(context.Background(), scope.Provider(), contract.Contract{ClientID: f.client.ID, LegalEntityID: f.entity.ID, ValidFrom: from, Currency: "CNY", Zone: f.zone.String(),
		Document: contract.Agreement{PeriodStartDay: 1, TaxRate: tax, TaxName: "VAT", PaymentDays: 30, PurchaseOrder: "PO-1", AtRiskShare: "0.1", Address: "Somewhere", TaxID: "92"}})
	require.NoError(t, err)
}

// card is the rate card of the fixture.
func (f *fixture) card(from calendar.Date) billing.RateCard {
	return billing.RateCard{ClientID: f.client.ID, Name: "Standard", Currency: "CNY", ValidFrom: from, Document: billing.Terms{Rounding: money.HalfUp,
		Bands: []billing.TimeBand{{Name: "night", From: 22 * 60, Until: 6 * 60}},
		Rules: []rating.Rule{
			{Key: "hours", Name: "Productive hours", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("60"),
				Multipliers: []rating.Multiplier{{Name: "night", Where: map[rating.Dimension][]string{rating.Band: {"night"}}, Factor: dec("1.5")}}},
			{Key: "chats", Name: "Chats", Form: rating.PerUnit, Meter: rating.HandledContacts("chat"), Price: dec("2.5")},
		}}}
}

// work adds a quarter-hour of an agent's time at a local hour of a date.
func (f *fixture) work(t testing.TB, day calendar.Date, hour int, billable bool) {
	t.Helper()
	fact := facts.AgentFact{AgentID: f.agent.ID, StartAt: day.At(hour*60, f.zone), ClientID: f.client.ID, LOBID: f.lob.ID, Activity: records.Work, PaidMS: 900_000, TotalMS: 900_000}
	fact.Slot = fmt.Sprintf("work %t", billable)
	if billable {
		fact.BillableMS = 900_000
	}
	f.insert(t, []facts.AgentFact{fact})
}

// chats adds contacts of a quarter-hour.
func (f *fixture) chats(t testing.TB, day calendar.Date, hour int, n int64) {
	t.Helper()
	f.insert(t, []facts.QueueFact{{QueueID: f.queue.ID, StartAt: day.At(hour*60, f.zone), ClientID: f.client.ID, Offered: n + 1, Answered: n, Abandoned: 1, HandleMS: n * 60_000}})
}

// insert stores rows.
func (f *fixture) insert(t testing.TB, rows any) {
	t.Helper()
	require.NoError(t, f.db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Create(rows).Error }))
}

// draft drafts the month.
func (f *fixture) draft(t testing.TB, on calendar.Date) billing.Invoice {
	t.Helper()
	return must[billing.Invoice](t)(f.bills.DraftInvoice(context.Background(), scope.Provider(), billing.DraftInput{Client: f.client.ID, On: on}))
}

// issue reviews and issues a draft.
func (f *fixture) issue(t testing.TB, i billing.Invoice) billing.Invoice {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	reviewed := must[billing.Invoice](t)(f.bills.Review(ctx, all, i.ID, i.Version, ids.User{}))
	return must[billing.Invoice](t)(f.bills.Issue(ctx, all, i.ID, reviewed.Version, ids.User{}))
}

// TestBilling runs the tests of the service on one database per dialect, each with a client of its own.
func TestBilling(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, x := range []struct {
			name string
			test func(*testing.T, *database.DB)
		}{
			{"fromFactsToIssuedInvoice", fromFactsToIssuedInvoice},
			{"everyAmountLeadsToItsFacts", everyAmountLeadsToItsFacts},
			{"draftsSupersedeAndGoStale", draftsSupersedeAndGoStale},
			{"lateDataBecomesAnAdjustmentOnce", lateDataBecomesAnAdjustmentOnce},
			{"creditNotes", creditNotes},
			{"numbersHaveNoGapsUnderConcurrency", numbersHaveNoGapsUnderConcurrency},
			{"rateCardsAreEffectiveDatedAndChecked", rateCardsAreEffectiveDatedAndChecked},
			{"missingContractAndCardAreNamed", missingContractAndCardAreNamed},
			{"runningPeriodsAreNotIssued", runningPeriodsAreNotIssued},
			{"unfinishedDraftsAreInvisibleAndSweptAway", unfinishedDraftsAreInvisibleAndSweptAway},
			{"changesSinceTheLastDraft", changesSinceTheLastDraft},
			{"daylightSavingDaysBillWhatWasWorked", daylightSavingDaysBillWhatWasWorked},
		} {
			t.Run(x.name, func(t *testing.T) { x.test(t, db) })
		}
	})
}

func fromFactsToIssuedInvoice(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 0, true)    // night; 16:00 of the day before in UTC
	f.work(t, march, 9, true)    // day
	f.work(t, march, 10, false)  // not billable
	f.work(t, april-1, 23, true) // night of the last day
	f.work(t, april, 0, true)    // next month
	f.chats(t, march+4, 12, 10)
	f.judge["sl"] = rating.MeasureResult{Measure: f.measure.ID.String(), Numerator: 75, Denominator: 100}

	i := f.draft(t, march+10)
	require.Equal(t, billing.Draft, i.Status)
	// 0.25 h × 60, 0.5 h × 60 × 1.5, 10 × 2.5, and 2 % of 85.00 as credit.
	var got []string
	for _, l := range i.Lines {
		got = append(got, l.Amount.String())
	}
	require.Equal(t, []string{"15.00 CNY", "45.00 CNY", "25.00 CNY", "-1.70 CNY"}, got)
	require.Equal(t, "83.30 CNY", i.Net().String())
	require.Equal(t, "88.30 CNY", i.Total().String()) // 6 % is 4.998, rounded once

	require.Empty(t, must[[]billing.Invoice](t)(f.bills.Invoices(ctx, scope.Clients(f.client.ID), billing.Filter{})), "a client sees no draft")
	_, err := f.bills.Issue(ctx, all, i.ID, i.Version, ids.User{})
	require.Equal(t, "invoice.wrong_state", fault.CodeOf(err), "a draft must be reviewed first")
	_, err = f.bills.Review(ctx, all, i.ID, i.Version+1, ids.User{})
	require.Equal(t, fault.Stale, fault.KindOf(err))

	done := f.issue(t, i)
	require.Equal(t, f.number(1), done.Label())
	require.Equal(t, billing.Issued, done.Status)
	require.Empty(t, cmp.Diff(i.Lines, done.Lines, cmp.Comparer(decimal.Decimal.Equal)))
	require.True(t, must[bool](t)(f.bills.Verify(ctx, all, i.ID)))
	periods := must[[]billing.Period](t)(f.bills.Periods(ctx, all, f.client.ID))
	require.Equal(t, billing.PeriodLocked, periods[0].Status)

	own := must[billing.Invoice](t)(f.bills.Invoice(ctx, scope.Clients(f.client.ID), i.ID))
	require.Equal(t, done.Label(), own.Label())
	other := must[contract.Client](t)(contract.NewService(db).CreateClient(ctx, all, contract.Client{Slug: "bank-" + f.client.Slug, Name: "Bank", Zone: "UTC", Currency: "EUR"}))
	_, err = f.bills.Invoice(ctx, scope.Clients(other.ID), i.ID)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	_, _, err = f.bills.Export(ctx, scope.Clients(other.ID), i.ID, "")
	require.Equal(t, fault.NotFound, fault.KindOf(err))

	name, first, err := f.bills.Export(ctx, all, i.ID, "")
	require.NoError(t, err)
	require.Equal(t, f.number(1)+".xlsx", name)
	_, again, err := f.bills.Export(ctx, scope.Clients(f.client.ID), i.ID, "")
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, stored, err := files.New(db).Open(ctx, scope.Clients(f.client.ID), done.FileID)
	require.NoError(t, err)
	kept, err := io.ReadAll(stored)
	require.NoError(t, err)
	require.Equal(t, first, kept)

	_, err = f.bills.DraftInvoice(ctx, all, billing.DraftInput{Client: f.client.ID, On: march})
	require.Equal(t, "billing.already_issued", fault.CodeOf(err))
	_, err = f.bills.Review(ctx, all, i.ID, done.Version, ids.User{})
	require.Equal(t, "invoice.wrong_state", fault.CodeOf(err))
}

func everyAmountLeadsToItsFacts(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	f.work(t, march, 10, true)
	f.chats(t, march+4, 12, 3)
	i := f.issue(t, f.draft(t, march))
	sources := must[[]billing.Source](t)(f.bills.Sources(ctx, all, i.ID, 1))
	require.Len(t, sources, 1)
	require.Equal(t, f.agent.ID, sources[0].AgentID)
	require.Equal(t, march, sources[0].Day)
	e := must[billing.Evidence](t)(f.bills.Behind(ctx, all, i.ID, 1, 1))
	require.Len(t, e.AgentFacts, 2)
	require.Equal(t, march.At(9*60, f.zone), e.AgentFacts[0].StartAt)
	sources = must[[]billing.Source](t)(f.bills.Sources(ctx, all, i.ID, 2))
	require.Equal(t, f.queue.ID, sources[0].QueueID)
	e = must[billing.Evidence](t)(f.bills.Behind(ctx, scope.Clients(f.client.ID), i.ID, 2, 1))
	require.Len(t, e.QueueFacts, 1)
	require.Equal(t, int64(3), e.QueueFacts[0].Answered)
	_, err := f.bills.Behind(ctx, all, i.ID, 2, 9)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func draftsSupersedeAndGoStale(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	first := f.draft(t, march)
	second := f.draft(t, march)
	require.Equal(t, billing.Superseded, must[billing.Invoice](t)(f.bills.Invoice(ctx, all, first.ID)).Status)
	require.Len(t, must[[]billing.Invoice](t)(f.bills.Invoices(ctx, all, billing.Filter{ClientID: f.client.ID})), 1)
	_, err := f.bills.Review(ctx, all, first.ID, first.Version, ids.User{})
	require.Equal(t, "invoice.wrong_state", fault.CodeOf(err))
	reviewed := must[billing.Invoice](t)(f.bills.Review(ctx, all, second.ID, second.Version, ids.User{}))
	f.work(t, march+1, 9, true) // arrives between review and issue
	_, err = f.bills.Issue(ctx, all, second.ID, reviewed.Version, ids.User{})
	require.Equal(t, "billing.draft_outdated", fault.CodeOf(err))
	third := f.issue(t, f.draft(t, march))
	require.Equal(t, "30.00 CNY", third.Net().String())
	require.Equal(t, f.number(1), third.Label(), "a refused issue takes no number")
}

func lateDataBecomesAnAdjustmentOnce(t *testing.T, db *database.DB) {
	f := newFixture(t, db)
	f.work(t, february+3, 9, true)
	f.issue(t, f.draft(t, february))
	f.work(t, february+4, 9, true) // 15.00 late
	f.work(t, march+4, 9, true)
	m := f.issue(t, f.draft(t, march))
	require.Len(t, m.Lines, 2)
	require.Equal(t, rating.KindAdjustment, m.Lines[1].Kind)
	require.Equal(t, "15.00 CNY", m.Lines[1].Amount.String())
	require.Equal(t, f.number(1)+" late data", m.Lines[1].Cites)
	f.work(t, april+4, 9, true)
	a := f.issue(t, f.draft(t, april))
	require.Len(t, a.Lines, 1, "the adjustment is billed once")
}

func creditNotes(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	f.chats(t, march, 9, 10)
	draft := f.draft(t, march)
	_, err := f.bills.CreditNote(ctx, all, draft.ID, nil, "x", ids.User{})
	require.Equal(t, "invoice.wrong_state", fault.CodeOf(err))
	i := f.issue(t, draft)
	part := must[billing.Invoice](t)(f.bills.CreditNote(ctx, all, i.ID, []rating.Reversal{{Line: 2, Amount: money.Amount{Minor: 1000, Currency: "CNY"}}}, "four chats twice", ids.User{}))
	part = f.issue(t, part)
	require.Equal(t, f.entity.InvoiceSeries+"C-000001", part.Label())
	require.Equal(t, "-10.60 CNY", part.Total().String())
	_, err = f.bills.CreditNote(ctx, all, i.ID, []rating.Reversal{{Line: 2, Amount: money.Amount{Minor: 1600, Currency: "CNY"}}}, "more than is left", ids.User{})
	require.Equal(t, "billing.credit_beyond_line", fault.CodeOf(err))
	rest := f.issue(t, must[billing.Invoice](t)(f.bills.CreditNote(ctx, all, i.ID, nil, "all of it", ids.User{})))
	require.Equal(t, int64(0), i.TotalMinor+part.TotalMinor+rest.TotalMinor)
	_, content, err := f.bills.Export(ctx, all, rest.ID, "en")
	require.NoError(t, err)
	require.NotEmpty(t, content)
	again := f.draft(t, march) // everything is taken back: the period may be billed anew
	require.Equal(t, workbook.KindInvoice, again.Kind)
	require.Equal(t, f.number(2), f.issue(t, again).Label())
}

func numbersHaveNoGapsUnderConcurrency(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	i := f.draft(t, march)
	reviewed := must[billing.Invoice](t)(f.bills.Review(ctx, all, i.ID, i.Version, ids.User{}))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		wg.Go(func() { _, errs[n] = f.bills.Issue(ctx, all, i.ID, reviewed.Version, ids.User{}) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.Equal(t, fault.Conflict, fault.KindOf(err), err)
	}
	require.Equal(t, 1, won)
	f.work(t, april, 9, true)
	require.Equal(t, f.number(2), f.issue(t, f.draft(t, april)).Label())
}

func rateCardsAreEffectiveDatedAndChecked(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	_, err := f.bills.PutRateCard(ctx, scope.Clients(f.client.ID), f.card(march), ids.User{})
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	_, err = f.bills.PutRateCard(ctx, all, f.card(february), ids.User{})
	require.Equal(t, "billing.card_not_latest", fault.CodeOf(err))
	bad := f.card(march)
	bad.Document.Rules[0].Form = "hourly"
	_, err = f.bills.PutRateCard(ctx, all, bad, ids.User{})
	require.Equal(t, "billing.invalid_card", fault.CodeOf(err))
	bad = f.card(march)
	bad.Document.Bands[0].From = 7
	_, err = f.bills.PutRateCard(ctx, all, bad, ids.User{})
	require.Equal(t, "billing.invalid_band", fault.CodeOf(err))

	dearer := f.card(march + 10)
	dearer.Document.Rules[0].Price = dec("80")
	_, err = f.bills.PutRateCard(ctx, all, dearer, ids.User{})
	require.NoError(t, err)
	f.sign(t, "0.1", march+20) // and another tax rate later in the month
	for _, d := range []calendar.Date{march, march + 10, march + 20} {
		f.work(t, d, 9, true)
	}
	i := f.issue(t, f.draft(t, march))
	require.Len(t, i.Lines, 3)
	require.Equal(t, []calendar.Date{march, march + 10, march + 20}, []calendar.Date{i.Lines[0].From, i.Lines[1].From, i.Lines[2].From})
	require.Equal(t, "55.00 CNY", i.Net().String())
	require.Equal(t, "4.10 CNY", i.Tax().String()) // 6 % of 35, 10 % of 20
	require.Equal(t, 2, len(must[[]billing.RateCard](t)(f.bills.RateCards(ctx, all, f.client.ID))))
	_, err = f.bills.PutRateCard(ctx, all, f.card(march+15), ids.User{})
	require.Equal(t, "billing.period_locked", fault.CodeOf(err))
}

func TestPeriodsFollowTheContractsMonth(t *testing.T) {
	for _, tt := range []struct{ on, start, from, until string }{
		{"2026-03-21", "22", "2026-02-22", "2026-03-22"}, {"2026-03-22", "22", "2026-03-22", "2026-04-22"}, {"2026-01-05", "10", "2025-12-10", "2026-01-10"}, {"2026-02-28", "1", "2026-02-01", "2026-03-01"},
	} {
		on, err := calendar.ParseDate(tt.on)
		require.NoError(t, err)
		from, until := billing.PeriodAround(on, int(dec(tt.start).IntPart()))
		require.Equal(t, []string{tt.from, tt.until}, []string{from.String(), until.String()})
	}
	_, err := billing.ParseMonth("March")
	require.Equal(t, "billing.invalid_month", fault.CodeOf(err))
}

func missingContractAndCardAreNamed(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	_, err := f.bills.DraftInvoice(ctx, all, billing.DraftInput{Client: f.client.ID, On: february - 40})
	require.Equal(t, "contract.not_found", fault.CodeOf(err))
	empty := f.draft(t, april)
	require.Empty(t, empty.Lines)
	_, content, err := f.bills.Export(ctx, all, empty.ID, "en")
	require.NoError(t, err)
	require.NotEmpty(t, content)
	f.issue(t, empty)
	_, err = f.bills.DraftInvoice(ctx, all, billing.DraftInput{Client: f.client.ID, On: april})
	require.Equal(t, "billing.already_issued", fault.CodeOf(err), "an invoice of nothing is an invoice")
}

func runningPeriodsAreNotIssued(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	clock := db.Clock().(*calendar.FixedClock)
	i := f.draft(t, march)
	reviewed := must[billing.Invoice](t)(f.bills.Review(ctx, all, i.ID, i.Version, ids.User{}))
	clock.Set(april.At(0, f.zone) - 1)
	_, err := f.bills.Issue(ctx, all, i.ID, reviewed.Version, ids.User{})
	require.Equal(t, "billing.period_running", fault.CodeOf(err))
	clock.Set(april.At(0, f.zone))
	_, err = f.bills.Issue(ctx, all, i.ID, reviewed.Version, ids.User{})
	require.NoError(t, err)
}

func unfinishedDraftsAreInvisibleAndSweptAway(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	i := f.draft(t, march)
	// What a crash between the batches of a draft leaves behind.
	require.NoError(t, db.Write(ctx, all, func(tx *database.Tx) error {
		return tx.Model(&billing.Invoice{}).Where("id = ?", i.ID).Update("status", "preparing").Error
	}))
	require.Empty(t, must[[]billing.Invoice](t)(f.bills.Invoices(ctx, all, billing.Filter{ClientID: f.client.ID})))
	_, err := f.bills.Invoice(ctx, all, i.ID)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	clock := db.Clock().(*calendar.FixedClock)
	clock.Set(clock.Now() + 2*calendar.Hour)
	next := f.draft(t, march)
	var left int64
	require.NoError(t, db.Read(ctx, all, func(tx *database.Tx) error {
		return tx.Model(&billing.Source{}).Where("invoice_id = ?", i.ID).Count(&left).Error
	}))
	require.Zero(t, left)
	require.Len(t, must[[]billing.Source](t)(f.bills.Sources(ctx, all, next.ID, 1)), 1)
}

func changesSinceTheLastDraft(t *testing.T, db *database.DB) {
	ctx, all := t.Context(), scope.Provider()
	f := newFixture(t, db)
	f.work(t, march, 9, true)
	first := f.draft(t, march)
	require.Len(t, must[[]billing.Change](t)(f.bills.Changes(ctx, all, first.ID)), 1, "everything is new in a first draft")
	f.work(t, march, 10, true)
	f.chats(t, march, 10, 2)
	second := f.draft(t, march)
	changes := must[[]billing.Change](t)(f.bills.Changes(ctx, all, second.ID))
	require.Len(t, changes, 2)
	require.Equal(t, []string{"Productive hours", "15.00 CNY", "30.00 CNY"}, []string{changes[0].Name, changes[0].Before.String(), changes[0].After.String()})
	require.Equal(t, []string{"Chats", "0.00 CNY", "5.00 CNY"}, []string{changes[1].Name, changes[1].Before.String(), changes[1].After.String()})
	third := f.draft(t, march)
	require.Empty(t, must[[]billing.Change](t)(f.bills.Changes(ctx, all, third.ID)))
}

func daylightSavingDaysBillWhatWasWorked(t *testing.T, db *database.DB) {
	f := newFixtureIn(t, db, "America/New_York")
	spring := march + 7 // the clock goes from 2:00 to 3:00
	var rows []facts.AgentFact
	span := calendar.Interval{Start: (spring - 1).At(0, f.zone), End: (spring + 1).At(0, f.zone)}
	span.Buckets(calendar.Quarter, func(at calendar.Instant, _ calendar.Interval) {
		rows = append(rows, facts.AgentFact{AgentID: f.agent.ID, StartAt: at, Slot: "work", ClientID: f.client.ID, LOBID: f.lob.ID, Activity: records.Work, PaidMS: 900_000, TotalMS: 900_000, BillableMS: 900_000})
	})
	f.insert(t, rows)
	i := f.draft(t, march)
	hours := map[string]string{}
	for _, l := range i.Lines {
		for _, x := range must[[]billing.Source](t)(f.bills.Sources(t.Context(), scope.Provider(), i.ID, l.No)) {
			hours[x.Day.String()+" "+x.Counts.Labels.Band+" "+x.Counts.Labels.DayType] = x.Quantity.String()
		}
	}
	require.Equal(t, map[string]string{"2026-03-07  weekend": "16", "2026-03-07 night weekend": "8", "2026-03-08  weekend": "16", "2026-03-08 night weekend": "7"}, hours)
}

func TestSameRowsSameWorkbook(t *testing.T) {
	bill := func(t *testing.T) []byte {
		serial.Store(0) // the same names both times
		db := databasetest.OpenSQLite(t)
		f := newFixture(t, db)
		for d := march; d < april; d++ {
			f.work(t, d, 9, true)
			f.work(t, d, 23, d%2 == 0)
			f.chats(t, d, 11, int64(d%5))
		}
		f.judge["sl"] = rating.MeasureResult{Measure: f.measure.ID.String(), Numerator: 1, Denominator: 2}
		i := f.issue(t, f.draft(t, march))
		_, content, err := f.bills.Export(t.Context(), scope.Provider(), i.ID, "")
		require.NoError(t, err)
		return content
	}
	require.Equal(t, bill(t), bill(t))
}

package reporting_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/billing"
	"muster/billing/rating"
	"muster/reporting"
	"muster/reporting/measure"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
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

// must gives the value of a call that cannot fail here.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// fixture is a client with a queue, terms and a contract, eight hours ahead of UTC.
type fixture struct {
	db      *database.DB
	reports *reporting.Service
	facts   *facts.Service
	client  contract.Client
	lob     contract.LOB
	queue   contract.Queue
	zone    *time.Location
	serial  int
}

// newFixture stores the fixture.
func newFixture(t testing.TB, db *database.DB) *fixture {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	c := contract.NewService(db)
	f := &fixture{db: db, reports: reporting.NewService(db), facts: facts.NewService(db, c)}
	f.zone = must[*time.Location](t)(calendar.Zone("Asia/Shanghai"))
	entity := must[contract.LegalEntity](t)(c.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Provider", Country: "CN", InvoiceSeries: "MU"}))
	f.client = must[contract.Client](t)(c.CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Retail", Zone: "Asia/Shanghai", Currency: "CNY"}))
	f.lob = must[contract.LOB](t)(c.CreateLOB(ctx, all, contract.LOB{ClientID: f.client.ID, Slug: "care", Name: "Care"}))
	skill := must[people.Skill](t)(people.NewService(db).CreateSkill(ctx, all, people.Skill{Slug: "care", Name: "Care"}))
	f.queue = must[contract.Queue](t)(c.CreateQueue(ctx, all, contract.Queue{ClientID: f.client.ID, LOBID: f.lob.ID, Slug: "voice", Name: "Voice", Channel: contract.Voice, SkillID: skill.ID}))
	must[contract.Terms](t)(c.SetTerms(ctx, all, contract.Terms{QueueID: f.queue.ID, ValidFrom: february.At(0, f.zone), ThresholdMS: 20_000, ShortAbandonMS: 5_000, ServiceLevelGoal: 0.8, Concurrency: 1}))
	must[contract.Contract](t)(c.PutContract(ctx, all, contract.Contract{ClientID: f.client.ID, LegalEntityID: entity.ID, ValidFrom: february, Currency: "CNY", Zone: "Asia/Shanghai",
		Document: contract.Agreement{PeriodStartDay: 1, TaxRate: "0.06", TaxName: "VAT", AtRiskShare: "0.1"}}))
	require.NoError(t, db.EnsureMonths(ctx, calendar.Interval{Start: february.At(0, f.zone), End: april.At(0, f.zone)}))
	return f
}

// agree puts a measure in force.
func (f *fixture) agree(t testing.TB, m contract.Measure) contract.Measure {
	t.Helper()
	m.ClientID, m.ValidFrom = f.client.ID, february
	return must[contract.Measure](t)(contract.NewService(f.db).AddMeasure(context.Background(), scope.Provider(), m))
}

// call is one contact of the fixture.
type call struct {
	day     calendar.Date
	hour    int
	outcome records.Outcome
	wait    int64 // seconds
}

// take stores contacts and rolls facts up.
func (f *fixture) take(t testing.TB, calls ...call) {
	t.Helper()
	var drafts []records.ContactDraft
	for _, c := range calls {
		f.serial++
		at := c.day.At(c.hour*60, f.zone)
		queued := at
		d := records.ContactDraft{QueueID: f.queue.ID, Channel: contract.Voice, ExternalID: fmt.Sprint(f.serial), ArrivedAt: at, QueuedAt: &queued, Outcome: c.outcome, WaitMS: c.wait * 1000, Attributes: "{}"}
		if c.outcome == records.Answered {
			d.HandleMS = 120_000
		}
		drafts = append(drafts, d)
	}
	ctx := context.Background()
	require.NoError(t, f.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		_, err := records.NewBook(f.db, nil).PutContacts(tx, records.Origin{Client: f.client.ID, Source: "acd"}, drafts)
		return err
	}))
	must[int64](t)(f.facts.RollUp(ctx, nil))
}

// day is seven calls: five answered (three within 20 s, four within 30 s), one short and one long abandon.
func day(d calendar.Date) []call {
	return []call{{d, 9, records.Answered, 0}, {d, 9, records.Answered, 20}, {d, 9, records.Answered, 21}, {d, 10, records.Answered, 10}, {d, 10, records.Answered, 59},
		{d, 9, records.Abandoned, 4}, {d, 10, records.Abandoned, 40}}
}

func TestScorecardFromContactsToRows(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		f := newFixture(t, db)
		threshold := int64(30_000)
		byKey := map[string]contract.Measure{}
		for _, m := range []contract.Measure{
			{Key: "service_level", Formula: "f3", Target: "0.5", Better: "higher", Critical: true, Bands: []contract.Band{{Beyond: "0.43", CreditShare: "0.05"}, {Beyond: "0.4", CreditShare: "0.1"}}},
			{Key: "abandonment", Formula: "a2", Target: "0.2", Better: "lower"},
			{Key: "asa", Target: "22", Better: "lower"},
			{Key: "aht", Target: "100", Better: "lower"},
			{Key: "occupancy", Target: "0.8", Better: "higher"},
			{Key: "csat", Target: "4", Better: "higher"},
		} {
			byKey[m.Key] = f.agree(t, m)
		}
		own := f.agree(t, contract.Measure{Key: "service_level", Formula: "f3", LOBID: f.lob.ID, ThresholdMS: &threshold, Target: "0.57", Better: "higher"})
		f.take(t, day(march)...)
		f.take(t, call{march, 0, records.Answered, 20}) // 16:00 of 28 February in UTC
		f.take(t, call{april, 0, records.Answered, 0})  // next month

		card := must[reporting.Scorecard](t)(f.reports.Scorecard(ctx, all, f.client.ID, march, april))
		require.Equal(t, "Asia/Shanghai", card.Zone)
		lines := map[ids.Measure]reporting.Line{}
		for _, l := range card.Lines {
			lines[l.Measure.ID] = l
		}
		want := map[ids.Measure]struct {
			value  string
			status reporting.Status
		}{
			byKey["service_level"].ID: {"0.5", reporting.Good}, // 4 of 8
			own.ID:                    {"0.625", reporting.Good},
			byKey["abandonment"].ID:   {"0.142857", reporting.Good}, // 1 of 7
			byKey["asa"].ID:           {"21.666667", reporting.Good},
			byKey["aht"].ID:           {"120", reporting.Bad},
			byKey["occupancy"].ID:     {"", reporting.Unknown},
			byKey["csat"].ID:          {"", reporting.Unknown},
		}
		require.Len(t, lines, len(want))
		for id, w := range want {
			l := lines[id]
			value := ""
			if l.Value != nil {
				value = l.Value.String()
			}
			require.Equal(t, w.value, value, l.Measure.Key)
			require.Equal(t, w.status, l.Status, l.Measure.Key)
		}
		require.Equal(t, reporting.FromContacts, lines[own.ID].Source)
		require.Contains(t, lines[byKey["csat"].ID].Note, "service_level")

		// Every figure leads to its buckets, and every bucket to its contacts.
		for _, m := range []contract.Measure{byKey["service_level"], own, byKey["abandonment"], byKey["asa"]} {
			var n, d int64
			for _, b := range must[[]reporting.Bucket](t)(f.reports.Buckets(ctx, all, m.ID, march, april)) {
				n, d = n+b.Ratio.Numerator, d+b.Ratio.Denominator
				rows, more, err := f.reports.Contacts(ctx, all, m.ID, b.Queue, calendar.Interval{Start: b.StartAt, End: b.StartAt + calendar.Quarter})
				require.NoError(t, err)
				require.False(t, more)
				var cn, cd int64
				for _, r := range rows {
					cn, cd = cn+r.Ratio.Numerator, cd+r.Ratio.Denominator
				}
				require.Equal(t, []int64{b.Ratio.Numerator, b.Ratio.Denominator}, []int64{cn, cd}, m.Key)
			}
			require.Equal(t, lines[m.ID].Ratio.Numerator, n, m.Key)
			require.Equal(t, lines[m.ID].Ratio.Denominator, d, m.Key)
		}

		book := must[[]byte](t)(f.reports.ExportScorecard(ctx, scope.Clients(f.client.ID), f.client.ID, march, april, "en"))
		require.Equal(t, book, must[[]byte](t)(f.reports.ExportScorecard(ctx, all, f.client.ID, march, april, "en")))
		x := must[*excelize.File](t)(excelize.OpenReader(bytes.NewReader(book)))
		for i, l := range card.Lines {
			if l.Value == nil {
				continue
			}
			shown := must[string](t)(x.CalcCellValue("Scorecard", fmt.Sprintf("D%d", i+2), excelize.Options{RawCellValue: true}))
			require.InDelta(t, l.Value.InexactFloat64(), must[float64](t)(strconv.ParseFloat(shown, 64)), 1e-6)
		}
		require.NoError(t, x.Close())
		_, err := f.reports.ExportScorecard(ctx, all, f.client.ID, march, april, "fr")
		require.Equal(t, "report.unknown_locale", fault.CodeOf(err))

		trend := must[[]reporting.TrendPoint](t)(f.reports.Trend(ctx, all, byKey["service_level"].ID, march+5, 3))
		require.Len(t, trend, 3)
		require.Equal(t, march, trend[2].From)
		require.Nil(t, trend[1].Value)

		other := must[contract.Client](t)(contract.NewService(db).CreateClient(ctx, all, contract.Client{Slug: "bank", Name: "Bank", Zone: "UTC", Currency: "EUR"}))
		_, err = f.reports.Buckets(ctx, scope.Clients(other.ID), byKey["asa"].ID, march, april)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = f.reports.Scorecard(ctx, scope.Clients(other.ID), f.client.ID, march, april)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = f.reports.Scorecard(ctx, all, f.client.ID, april, march)
		require.Equal(t, "report.empty_period", fault.CodeOf(err))
	})
}

func TestWatchAndBadFollowTheBands(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db)
		f.agree(t, contract.Measure{Key: "service_level", Formula: "f2", Target: "0.7", Better: "higher", Bands: []contract.Band{{Beyond: "0.6", CreditShare: "0.05"}}})
		f.take(t, day(march)...) // 3 of 5 is 0.6: below the target, not below the band
		card := must[reporting.Scorecard](t)(f.reports.Scorecard(t.Context(), scope.Provider(), f.client.ID, march, april))
		require.Equal(t, reporting.Watch, card.Lines[0].Status)
		f.take(t, call{march, 11, records.Answered, 90})
		card = must[reporting.Scorecard](t)(f.reports.Scorecard(t.Context(), scope.Provider(), f.client.ID, march, april))
		require.Equal(t, reporting.Bad, card.Lines[0].Status)
	})
}

func TestMissedSLABecomesACreditOnTheInvoice(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		f := newFixture(t, db)
		m := f.agree(t, contract.Measure{Key: "service_level", Formula: "f3", Target: "0.8", Better: "higher", Critical: true, Bands: []contract.Band{{Beyond: "0.8", CreditShare: "0.05"}}})
		f.take(t, day(march)...)
		bills := billing.NewService(db, f.reports)
		_, err := bills.PutRateCard(ctx, all, billing.RateCard{ClientID: f.client.ID, Name: "Calls", Currency: "CNY", ValidFrom: february, Document: billing.Terms{Rounding: money.HalfUp,
			Rules: []rating.Rule{{Key: "calls", Name: "Calls", Form: rating.PerUnit, Meter: rating.HandledContacts("voice"), Price: decimal.NewFromInt(10)}}}}, ids.User{})
		require.NoError(t, err)
		i := must[billing.Invoice](t)(bills.DraftInvoice(ctx, all, billing.DraftInput{Client: f.client.ID, On: march}))
		require.Equal(t, "47.50 CNY", i.Net().String())
		require.Equal(t, m.ID.String(), i.Lines[1].Rule)
		require.Equal(t, "3", i.Lines[1].Steps[0].Params["numerator"])
		require.Equal(t, "7", i.Lines[1].Steps[0].Params["denominator"])
	})
}

func TestOccupancyAndForecastAccuracy(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		f := newFixture(t, db)
		f.take(t, day(march)...) // four at 9, three at 10
		agent := must[[]people.Agent](t)(people.NewService(db).HireAll(ctx, all, []people.Hire{f.hire(t)}))[0]
		at := march.At(9*60, f.zone)
		published := (march - 2).At(0, f.zone)
		late := march.At(12*60, f.zone)
		require.NoError(t, db.Write(ctx, all, func(tx *database.Tx) error {
			work := facts.AgentFact{AgentID: agent.ID, StartAt: at, Slot: "work", ClientID: f.client.ID, LOBID: f.lob.ID, Activity: records.Work, TotalMS: 900_000, PaidMS: 900_000}
			busy := facts.AgentFact{AgentID: agent.ID, StartAt: at, Slot: "busy", ClientID: f.client.ID, LOBID: f.lob.ID, Activity: facts.Handling, HandleMS: 600_000}
			if err := tx.Create([]facts.AgentFact{work, busy}).Error; err != nil {
				return err
			}
			for n, when := range []calendar.Instant{published, late} {
				id := ids.New[ids.Forecast](db.IDs())
				head := map[string]any{"id": id, "client_id": f.client.ID, "name": "F", "version": n + 1, "status": "published", "origin_at": published, "start_at": march.At(0, f.zone), "end_at": april.At(0, f.zone),
					"interval_ms": 3_600_000, "zone": "Asia/Shanghai", "settings": "{}", "explain": "{}", "created_at": when, "published_at": when}
				if err := tx.Table("forecasts").Create(head).Error; err != nil {
					return err
				}
				for hour, volume := range map[int]float64{9: 5.5, 10: 2} {
					point := map[string]any{"forecast_id": id, "queue_id": f.queue.ID, "start_at": march.At(hour*60, f.zone), "client_id": f.client.ID, "volume": volume + float64(100*n), "low": 0.0, "high": 0.0, "aht_ms": 0.0}
					if err := tx.Table("forecast_points").Create(point).Error; err != nil {
						return err
					}
				}
			}
			return nil
		}))
		values := func(q reporting.IndicatorQuery) map[measure.Key][]string {
			out := map[measure.Key][]string{}
			for _, i := range must[[]reporting.Indicator](t)(f.reports.Indicators(ctx, all, q)) {
				v := ""
				if i.Value != nil {
					v = i.Value.String()
				}
				out[i.Key] = append(out[i.Key], v)
			}
			return out
		}
		q := reporting.IndicatorQuery{Client: f.client.ID, From: march, Until: april, Grid: reporting.GridTotal}
		got := values(q)
		require.Equal(t, []string{"0.666667"}, got[measure.Occupancy])
		require.Equal(t, []string{"0.357143"}, got[measure.ForecastAccuracy]) // 1.5 + 1 of 7; the forecast published at noon does not count
		require.Equal(t, []string{"0.071429"}, got[measure.ForecastBias])     // 7.5 against 7
		require.Equal(t, []string{"22"}, got[measure.ASA])
		q.Grid = reporting.GridInterval
		require.Equal(t, []string{"0.5", "0.333333"}, values(q)[measure.ServiceLevel])
		q.Grid = "week"
		_, err := f.reports.Indicators(ctx, all, q)
		require.Equal(t, "report.unknown_grid", fault.CodeOf(err))
	})
}

// hire is an agent of a site and team made for the purpose.
func (f *fixture) hire(t testing.TB) people.Hire {
	t.Helper()
	ctx, all, p := context.Background(), scope.Provider(), people.NewService(f.db)
	site := must[people.Site](t)(p.CreateSite(ctx, all, people.Site{Slug: "hq", Name: "HQ", Zone: "Asia/Shanghai", Country: "CN"}))
	team := must[people.Team](t)(p.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "a", Name: "A"}))
	return people.Hire{Agent: people.Agent{Number: "1", Label: "A-1"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, From: february.At(0, f.zone)}
}

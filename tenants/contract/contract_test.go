package contract_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/people"
	"muster/tenants/scope"
)

func day(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	require.NoError(t, err)
	return d
}

func TestClientToTerms(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		s := contract.NewService(db)
		skill, err := people.NewService(db).CreateSkill(ctx, all, people.Skill{Slug: "retail", Name: "Retail"})
		require.NoError(t, err)
		_, err = s.CreateClient(ctx, all, contract.Client{Slug: "Bad Slug", Name: "x", Zone: "UTC", Currency: "EUR"})
		require.Equal(t, "contract.bad_slug", fault.CodeOf(err))
		_, err = s.CreateClient(ctx, all, contract.Client{Slug: "ok", Name: "x", Zone: "Mars/Base", Currency: "EUR"})
		require.Equal(t, "contract.unknown_zone", fault.CodeOf(err))
		_, err = s.CreateClient(ctx, all, contract.Client{Slug: "ok", Name: "x", Zone: "UTC", Currency: "EUX"})
		require.Equal(t, "contract.unknown_currency", fault.CodeOf(err))
		c, err := s.CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Retail", Zone: "Asia/Shanghai", Currency: "CNY"})
		require.NoError(t, err)
		_, err = s.CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Other", Zone: "UTC", Currency: "CNY"})
		require.Equal(t, "contract.duplicate_slug", fault.CodeOf(err))
		other, err := s.CreateClient(ctx, all, contract.Client{Slug: "bank", Name: "Bank", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		require.NotEqual(t, c.Colour, other.Colour)
		_, err = s.ClientBySlug(ctx, all, "retial")
		require.ErrorContains(t, err, "bank, retail")
		_, err = s.Client(ctx, scope.Clients(other.ID), c.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		lob, err := s.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "orders", Name: "Orders"})
		require.NoError(t, err)
		_, err = s.CreateQueue(ctx, all, contract.Queue{ClientID: other.ID, LOBID: lob.ID, Slug: "v", Name: "V", Channel: contract.Voice, SkillID: skill.ID})
		require.Equal(t, "lob.not_found", fault.CodeOf(err))
		_, err = s.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: "v", Name: "V", Channel: "fax", SkillID: skill.ID})
		require.ErrorContains(t, err, "voice")
		q, err := s.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: "v", Name: "V", Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)

		terms := contract.Terms{QueueID: q.ID, ValidFrom: 100, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Shrinkage: 0.3, Concurrency: 1}
		_, err = s.SetTerms(ctx, all, terms)
		require.NoError(t, err)
		terms.ValidFrom, terms.ServiceLevelGoal = 200, 0.9
		_, err = s.SetTerms(ctx, all, terms)
		require.NoError(t, err)
		_, err = s.SetTerms(ctx, all, terms)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		for at, want := range map[calendar.Instant]float64{100: 0.8, 199: 0.8, 200: 0.9} {
			in, err := s.TermsAt(ctx, all, at)
			require.NoError(t, err)
			require.Equal(t, want, in[q.ID].ServiceLevelGoal)
		}
		terms.ValidFrom, terms.Shrinkage = 300, 1
		_, err = s.SetTerms(ctx, all, terms)
		require.Equal(t, "terms.out_of_range", fault.CodeOf(err))
	})
}

func TestContractVersionsAndMeasuresAreEffectiveDated(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		s := contract.NewService(db)
		c, err := s.CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Retail", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		entity, err := s.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "P", InvoiceSeries: "P1", Country: "CN"})
		require.NoError(t, err)
		v := contract.Contract{ClientID: c.ID, LegalEntityID: entity.ID, ValidFrom: day(t, "2026-01-01"), Currency: "EUR", Zone: "UTC", Document: contract.Agreement{PeriodStartDay: 1, TaxRate: "0.06"}}
		_, err = s.PutContract(ctx, all, v)
		require.NoError(t, err)
		v.ValidFrom, v.Document.TaxRate = day(t, "2026-03-01"), "0.09"
		second, err := s.PutContract(ctx, all, v)
		require.NoError(t, err)
		require.Equal(t, 2, second.Version)
		got, err := s.ContractOn(ctx, all, c.ID, day(t, "2026-02-28"))
		require.NoError(t, err)
		require.Equal(t, "0.06", got.Document.TaxRate)
		got, err = s.ContractOn(ctx, all, c.ID, day(t, "2026-03-01"))
		require.NoError(t, err)
		require.Equal(t, "0.09", got.Document.TaxRate)
		_, err = s.ContractOn(ctx, all, c.ID, day(t, "2025-12-31"))
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		m := contract.Measure{ClientID: c.ID, Key: "service_level", Formula: "f3", Target: "0.80", Better: "higher", Bands: []contract.Band{{Beyond: "0.75", CreditShare: "0.02"}}, ValidFrom: day(t, "2026-01-01")}
		_, err = s.AddMeasure(ctx, all, m)
		require.NoError(t, err)
		m.ValidFrom, m.Target = day(t, "2026-02-01"), "0.85"
		_, err = s.AddMeasure(ctx, all, m)
		require.NoError(t, err)
		on, err := s.MeasuresOn(ctx, all, c.ID, day(t, "2026-01-31"))
		require.NoError(t, err)
		require.Len(t, on, 1)
		require.Equal(t, "0.80", on[0].Target)
		require.Equal(t, "0.02", on[0].Bands[0].CreditShare)
	})
}

func TestCalendarRoundTrip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		s := contract.NewService(db)
		zone, err := calendar.Zone("Asia/Shanghai")
		require.NoError(t, err)
		c := calendar.Calendar{Zone: zone, Hours: []calendar.Hours{{Weekday: time.Monday, Open: 480, Close: 1200}},
			Special: []calendar.SpecialDay{{Date: day(t, "2026-02-14"), Kind: calendar.DayOpen, Tag: "make-up", Name: "make-up day", Hours: []calendar.Hours{{Open: 540, Close: 1080}}}}}
		id, err := s.CreateCalendar(ctx, all, [16]byte{}, "China", c)
		require.NoError(t, err)
		got, err := s.Calendars(ctx, all)
		require.NoError(t, err)
		require.Equal(t, c, got[id])
		c.Hours = append(c.Hours, calendar.Hours{Weekday: time.Tuesday, Open: 0, Close: 600})
		require.NoError(t, s.SetCalendar(ctx, all, id, c))
		got, err = s.Calendars(ctx, all)
		require.NoError(t, err)
		require.Equal(t, c, got[id])
		c.Hours = append(c.Hours, c.Hours[0])
		require.Equal(t, "calendar.invalid", fault.CodeOf(s.SetCalendar(ctx, all, id, c)))
	})
}

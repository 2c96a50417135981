package scheduling_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// siteIn adds a site of a zone and country with one person at 60 an hour.
func (p *provider) siteIn(slug, zone, country string) (people.Site, ids.Agent) {
	p.t.Helper()
	staff := people.NewService(p.db)
	site, err := staff.CreateSite(p.t.Context(), all, people.Site{Slug: slug, Name: slug, Zone: zone, Country: country, WeekStart: 1})
	require.NoError(p.t, err)
	team, err := staff.CreateTeam(p.t.Context(), all, people.Team{SiteID: site.ID, Slug: slug + "-one", Name: "One"})
	require.NoError(p.t, err)
	hired, err := staff.HireAll(p.t.Context(), all, []people.Hire{{Agent: people.Agent{Number: slug, Label: slug}, Profile: people.Profile{Name: slug}, From: 1,
		Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior},
		Employment: &people.Employment{WeeklyMinutes: 2400, HourlyCost: decimal.NewFromInt(60), Currency: "CNY", ValidFrom: 1}}})
	require.NoError(p.t, err)
	return site, hired[0].ID
}

// shiftAt stores a roster with one shift of local times, with an unpaid meal when meal is given, and gives its pay.
func (p *provider) shiftAt(agent ids.Agent, zone, from, to, meal, back string) []scheduling.PayLine {
	p.t.Helper()
	loc, err := calendar.Zone(zone)
	require.NoError(p.t, err)
	at := func(text string) calendar.Instant {
		v, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
		require.NoError(p.t, err)
		return calendar.At(v)
	}
	day := calendar.DateOf(at(from), loc)
	r := scheduling.Roster{ID: ids.New[ids.Roster](p.db.IDs()), Name: from, Version: 1, Status: scheduling.Draft, Zone: zone, FromDay: day, ToDay: day + 1, Problem: "{}", Plans: []ids.Staffing{}, Received: []scheduling.ReceivedUse{}, Edition: 1}
	r.Name += zone + to
	sh := scheduling.Shift{ID: ids.New[ids.Shift](p.db.IDs()), RosterID: r.ID, AgentID: agent, BusinessDay: day, StartAt: at(from), EndAt: at(to), Template: "night"}
	stretch := func(kind, from, to string, paid bool) scheduling.Activity {
		return scheduling.Activity{ShiftID: sh.ID, RosterID: r.ID, AgentID: agent, Kind: kind, StartAt: at(from), EndAt: at(to), Paid: paid}
	}
	list := []scheduling.Activity{stretch("work", from, to, true)}
	if meal != "" {
		list = []scheduling.Activity{stretch("work", from, meal, true), stretch("meal", meal, back, false), stretch("work", back, to, true)}
	}
	for i := range list {
		list[i].Seq = i
	}
	require.NoError(p.t, p.db.Write(p.t.Context(), all, func(tx *database.Tx) error {
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
		if err := tx.Create(&sh).Error; err != nil {
			return err
		}
		_, err := database.Insert(tx, list)
		return err
	}))
	pay, err := p.plan.RosterPayOf(p.t.Context(), all, r.ID)
	require.NoError(p.t, err)
	return pay.Lines
}

// paidAs is a line as the tests compare it: kind of day, minutes, rate, cost in CNY.
type paidAs struct {
	day     string
	minutes int64
	rate    int
	cost    string
}

func asPaid(lines []scheduling.PayLine) []paidAs {
	var out []paidAs
	for _, l := range lines {
		out = append(out, paidAs{l.Day, l.Minutes, l.Rate, l.Cost[0].String()})
	}
	return out
}

func TestNightsIntoAndOutOfHolidays(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		manila, ana := p.siteIn("manila", "Asia/Manila", "PH")
		_, err := p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: manila.ID, Law: "ph", Holidays: "ph", ValidFrom: 1})
		require.NoError(p.t, err)
		// 2026-06-12 is Independence Day, a regular holiday: into it ...
		require.Equal(p.t, []paidAs{
			{"ordinary", 120, 11000, "132.00 CNY"},
			{"holiday", 60, 20000, "120.00 CNY"},
			{"holiday", 300, 22000, "660.00 CNY"},
		}, asPaid(p.shiftAt(ana, "Asia/Manila", "2026-06-11 22:00", "2026-06-12 07:00", "2026-06-12 02:00", "2026-06-12 03:00")))
		// ... and out of it.
		require.Equal(p.t, []paidAs{
			{"ordinary", 60, 10000, "60.00 CNY"},
			{"ordinary", 300, 11000, "330.00 CNY"},
			{"holiday", 120, 22000, "264.00 CNY"},
		}, asPaid(p.shiftAt(ana, "Asia/Manila", "2026-06-12 22:00", "2026-06-13 07:00", "2026-06-13 02:00", "2026-06-13 03:00")))

		sites, err := people.NewService(p.db).Sites(ctx, all)
		require.NoError(p.t, err)
		dalian := sites[0]
		require.Equal(p.t, "dalian", dalian.Slug)
		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: dalian.ID, Law: "cn-standard", Holidays: "cn", RestDays: []int{0, 6}, ValidFrom: 1})
		require.NoError(p.t, err)
		// The third day of the Spring Festival is statutory, the next one a rest day of the break.
		require.Equal(p.t, []paidAs{
			{"rest_day", 420, 20000, "840.00 CNY"},
			{"holiday", 120, 30000, "360.00 CNY"},
		}, joined(asPaid(p.shiftAt(p.agents[0].ID, "Asia/Shanghai", "2026-02-19 22:00", "2026-02-20 07:00", "", ""))))
		// Saturday 14 February makes up for the break: an ordinary day.
		require.Equal(p.t, []paidAs{{"ordinary", 480, 10000, "480.00 CNY"}}, asPaid(p.shiftAt(p.agents[0].ID, "Asia/Shanghai", "2026-02-14 08:00", "2026-02-14 17:00", "2026-02-14 12:00", "2026-02-14 13:00")))
		require.Equal(p.t, []paidAs{{"rest_day", 480, 20000, "960.00 CNY"}}, asPaid(p.shiftAt(p.agents[0].ID, "Asia/Shanghai", "2026-03-07 08:00", "2026-03-07 17:00", "2026-03-07 12:00", "2026-03-07 13:00")))

		// Nights on which the clock changes are an hour shorter or longer.
		york, joe := p.siteIn("york", "America/New_York", "US")
		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: york.ID, Law: "ph", ValidFrom: 1})
		require.NoError(p.t, err)
		require.Equal(p.t, []paidAs{{"ordinary", 60, 10000, "60.00 CNY"}, {"ordinary", 420, 11000, "462.00 CNY"}},
			asPaid(p.shiftAt(joe, "America/New_York", "2026-03-07 22:00", "2026-03-08 07:00", "", "")))
		require.Equal(p.t, []paidAs{{"ordinary", 480, 11000, "528.00 CNY"}, {"ordinary", 60, 12500, "75.00 CNY"}, {"ordinary", 60, 13750, "82.50 CNY"}},
			asPaid(p.shiftAt(joe, "America/New_York", "2026-10-31 22:00", "2026-11-01 07:00", "", "")))
	})
}

// joined adds up lines that differ in overtime alone.
func joined(lines []paidAs) []paidAs {
	var out []paidAs
	for _, l := range lines {
		if n := len(out) - 1; n >= 0 && out[n].day == l.day && out[n].rate == l.rate {
			out[n].minutes += l.minutes
			a, b := decimal.RequireFromString(out[n].cost[:len(out[n].cost)-4]), decimal.RequireFromString(l.cost[:len(l.cost)-4])
			out[n].cost = a.Add(b).StringFixed(2) + " CNY"
			continue
		}
		out = append(out, l)
	}
	return out
}

func TestRostersFollowTheLawOfTheirSites(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		sites, err := people.NewService(p.db).Sites(ctx, all)
		require.NoError(p.t, err)
		site := sites[0].ID

		// The provider's own edition of the law: with Wednesday a holiday and a night premium.
		shipped, err := p.plan.LabourLaw(ctx, all, "cn-standard")
		require.NoError(p.t, err)
		require.False(p.t, shipped.Own)
		text, err := json.Marshal(shipped.Statute)
		require.NoError(p.t, err)
		own, err := scheduling.ReadLabourLaw(text)
		require.NoError(p.t, err)
		own.NightFrom, own.NightTo, own.NightPremium = "22:00", "06:00", 10
		for i := range own.Rules {
			if own.Rules[i].ID == "day-11h" {
				own.Rules[i].Minutes = 7 * 60
			}
		}
		own.Days = append(own.Days[:9], own.Days[8:]...)
		own.Days[9].Date, own.Days[9].To, own.Days[9].Name = "2026-03-04", "", "Founders"
		own.Source = "our counsel"
		put, err := p.plan.PutLabourLaw(ctx, all, own, 0, ids.User{})
		require.NoError(p.t, err)
		require.Equal(p.t, 1, put.Edition)
		_, err = p.plan.PutLabourLaw(ctx, all, own, 0, ids.User{})
		code(p.t, err, "law.stale")

		plans := p.planned()
		plain := p.rostered(plans)
		before, err := p.plan.RulesOf(ctx, all, plain.ID)
		require.NoError(p.t, err)
		require.Empty(p.t, before.Premiums, "no law was chosen")
		require.Empty(p.t, before.Laws)

		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: site, Law: "mars", ValidFrom: p.monday})
		code(p.t, err, "law.not_found")
		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: site, Law: "cn-standard", RestDays: []int{0, 6}, ValidFrom: p.monday})
		require.NoError(p.t, err)
		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: site, Law: "ph", ValidFrom: p.monday})
		code(p.t, err, "law.site_not_latest")
		// From the second week on another law pays.
		_, err = p.plan.SetSiteLaw(ctx, all, scheduling.SiteLaw{SiteID: site, Law: "ph", ValidFrom: p.monday + 7})
		require.NoError(p.t, err)

		r := p.rostered(plans)
		rules, err := p.plan.RulesOf(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.Len(p.t, rules.Laws, 1)
		require.Equal(p.t, scheduling.RosterLaw{SiteID: site, Law: "cn-standard", Edition: 1, Regime: "standard working hours", Source: "our counsel", ValidFrom: "1995-05-01", DaysKnown: true}, rules.Laws[0])
		owners := map[string]string{}
		for _, v := range rules.Rules {
			owners[v.ID] = v.Owner + "/" + v.Source
		}
		require.Equal(p.t, "law/our counsel", owners["cn-standard:day-11h"])
		premium := func(day int, hour float64) int {
			at := (p.monday + calendar.Date(day)).At(int(hour*60), time.FixedZone("", 8*3600))
			sum := 0
			for _, w := range rules.Premiums {
				if w.StartAt <= at && at < w.EndAt {
					require.Equal(p.t, "dalian", w.Site)
					sum += w.Percent
				}
			}
			return sum
		}
		require.Equal(p.t, 0, premium(0, 12), "Monday")
		require.Equal(p.t, 10, premium(0, 23))
		require.Equal(p.t, 200, premium(2, 12), "the provider's holiday")
		require.Equal(p.t, 230, premium(2, 3))
		require.Equal(p.t, 100, premium(5, 12), "Saturday")
		require.Equal(p.t, 0, premium(12, 12), "Saturday under the other law")
		require.Equal(p.t, 10, premium(12, 3))

		// Eight paid hours break the rule of seven: the check says so with the law's name.
		problem, err := p.plan.Problem(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.Positive(p.t, problem.Agents[0].CostPerHour)
		shifts, err := p.plan.Shifts(ctx, all, plain.ID, 0, 0)
		require.NoError(p.t, err)
		for _, sh := range shifts {
			if sh.AgentID != p.agents[0].ID {
				continue
			}
			change, err := p.plan.EditCell(ctx, all, r.ID, scheduling.Cell{AgentID: sh.AgentID, Day: sh.BusinessDay, Template: sh.Template, StartAt: sh.StartAt, Minutes: 540}, true, false)
			require.NoError(p.t, err)
			if hasRule(change.Broken, "cn-standard:day-11h") {
				require.False(p.t, change.Legal)
				shown, err := p.plan.SiteLaws(ctx, scope.Clients(p.clients[0].ID))
				require.NoError(p.t, err)
				require.Empty(p.t, shown, "what sites pay is not a client's to see")
				return
			}
		}
		require.Fail(p.t, "nobody may work more than seven hours")
	})
}

func hasRule(all []scheduling.CellViolation, rule string) bool {
	for _, v := range all {
		if v.Rule == rule && v.Owner == string(roster.OwnerLaw) {
			return true
		}
	}
	return false
}

func TestLabourLawsAreReadAsPeopleWriteThem(t *testing.T) {
	d, err := scheduling.ReadLabourLaw([]byte(`
id: house
country: CN
regime: ours
source: works agreement
valid_from: 2026-01-01
daily_minutes: 480
rates:
  - {day: ordinary, regular: 100, overtime: 150}
  - {day: rest_day, regular: 200, overtime: 200}
  - {day: special_day, regular: 200, overtime: 200}
  - {day: holiday, regular: 300, overtime: 300}
  - {day: holiday_rest_day, regular: 300, overtime: 300}
rules:
  - {id: rest, kind: min_rest, hard: true, minutes: 720}
days:
  - {date: 2026-10-01, to: 2026-10-03, kind: holiday, name: National Day}
`))
	require.NoError(t, err)
	require.Equal(t, "2026-10-03", d.Days[0].To)
	_, err = scheduling.ReadLabourLaw([]byte("{"))
	code(t, err, "law.json")
	_, err = scheduling.ReadLabourLaw([]byte("- 1\n"))
	code(t, err, "law.json")
}

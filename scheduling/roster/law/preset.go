package law

import (
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/fault"
)

// DayKind is how a local calendar day counts for pay.
type DayKind string

// The kinds of day.
const (
	Ordinary       DayKind = "ordinary"
	RestDay        DayKind = "rest_day"
	SpecialDay     DayKind = "special_day"      // Philippine special non-working day
	Holiday        DayKind = "holiday"          // regular or statutory holiday
	HolidayRestDay DayKind = "holiday_rest_day" // a holiday that falls on the agent's rest day
)

// DayKinds lists every kind of day.
func DayKinds() []DayKind { return []DayKind{Ordinary, RestDay, SpecialDay, Holiday, HolidayRestDay} }

// Rate is what a minute on a kind of day earns, in hundredths of a per cent of
// the hourly base (10000 = 100 %).
type Rate struct {
	Day      DayKind
	Regular  int // within the daily hours
	Overtime int // beyond them
}

// Preset is the law of a country and working-time regime as far as rosters need it.
type Preset struct {
	ID           string
	Country      string // ISO 3166
	Regime       string
	Source       string
	ValidFrom    string // YYYY-MM-DD from which the preset holds
	DailyMinutes int    // beyond which a minute is overtime; 0 = the regime has no daily overtime
	NightFrom    int    // local minutes; equal to NightTo = no night premium
	NightTo      int
	NightPremium int // on top of the minute's own rate, in hundredths of a per cent of that rate
	Rates        []Rate
	Days         []NamedDay // dates that count otherwise than their weekday
	rules        func(days int) []roster.Rule
}

// Rules are the roster rules of the preset for a horizon of days. protected
// names agents who may do neither nights nor overtime (late pregnancy, nursing).
func (p *Preset) Rules(days int, protected []int) []roster.Rule {
	out := p.rules(days)
	for i := range out {
		out[i].ID = p.ID + ":" + out[i].ID
		out[i].Owner, out[i].Source, out[i].ValidOn = roster.OwnerLaw, p.Source, p.ValidFrom
	}
	if len(protected) == 0 {
		return out
	}
	return append(out,
		roster.Rule{ID: p.ID + ":protected-night", Kind: roster.NoNights, Owner: roster.OwnerLaw, Hard: true, Agents: slices.Clone(protected), Source: p.Source, ValidOn: p.ValidFrom},
		roster.Rule{ID: p.ID + ":protected-overtime", Kind: roster.NoOvertime, Owner: roster.OwnerLaw, Hard: true, Minutes: 40 * 60, Agents: slices.Clone(protected), Source: p.Source, ValidOn: p.ValidFrom})
}

var presets = []Preset{
	{
		ID: "cn-standard", Country: "CN", Regime: "standard working hours", ValidFrom: "1995-05-01",
		Source:       "Labour Law of the PRC, articles 36, 38, 41, 44, 61, 63; State Council Decree 174 (40 hours a week); Special Rules on Labour Protection of Female Employees 2012, articles 6 and 9",
		DailyMinutes: 8 * 60, Days: chinaDays,
		Rates: []Rate{{Ordinary, 10000, 15000}, {RestDay, 20000, 20000}, {SpecialDay, 20000, 20000}, {Holiday, 30000, 30000}, {HolidayRestDay, 30000, 30000}},
		rules: func(days int) []roster.Rule {
			return []roster.Rule{
				{ID: "rest-day-a-week", Kind: roster.MaxConsecutiveDays, Hard: true, Max: 6},
				{ID: "day-11h", Kind: roster.MaxMinutesDay, Hard: true, Minutes: 11 * 60},
				{ID: "day-9h", Kind: roster.MaxMinutesDay, Weight: 50, Minutes: 9 * 60},
				{ID: "overtime-36h-a-month", Kind: roster.MaxMinutesPeriod, Hard: true, Minutes: days*40*60/7 + days*36*60/30},
			}
		},
	},
	{
		ID: "cn-comprehensive", Country: "CN", Regime: "comprehensive working hours, averaged over the settlement period", ValidFrom: "1995-01-01",
		Source:       "Ministry of Labour, Labour Ministry Statute 503 (1994), articles 5 and 6; Labour Law of the PRC, article 44",
		DailyMinutes: 0, Days: chinaDays,
		Rates: []Rate{{Ordinary, 10000, 15000}, {RestDay, 10000, 15000}, {SpecialDay, 10000, 15000}, {Holiday, 30000, 30000}, {HolidayRestDay, 30000, 30000}},
		rules: func(days int) []roster.Rule {
			return []roster.Rule{
				{ID: "rest-day-a-week", Kind: roster.MaxConsecutiveDays, Hard: true, Max: 6},
				{ID: "day-11h", Kind: roster.MaxMinutesDay, Hard: true, Minutes: 11 * 60},
				{ID: "average-40h", Kind: roster.AverageMinutesWeek, Weight: 20, Minutes: 40 * 60, Weeks: 4},
				{ID: "overtime-36h-a-month", Kind: roster.MaxMinutesPeriod, Hard: true, Minutes: days*40*60/7 + days*36*60/30},
			}
		},
	},
	{
		ID: "ph", Country: "PH", Regime: "normal hours of work", ValidFrom: "1974-11-01",
		Source:       "Labor Statute of the Philippines, articles 83, 85, 86, 87, 91, 93, 94; DOLE Handbook on Workers' Statutory Monetary Benefits",
		DailyMinutes: 8 * 60, NightFrom: 22 * 60, NightTo: 6 * 60, NightPremium: 1000,
		Rates: []Rate{{Ordinary, 10000, 12500}, {RestDay, 13000, 16900}, {SpecialDay, 13000, 16900}, {Holiday, 20000, 26000}, {HolidayRestDay, 26000, 33800}},
		rules: func(int) []roster.Rule {
			return []roster.Rule{
				{ID: "rest-day-after-six", Kind: roster.MaxConsecutiveDays, Hard: true, Max: 6},
				{ID: "day-8h", Kind: roster.MaxMinutesDay, Weight: 40, Minutes: 8 * 60},
				{ID: "meal-60m", Kind: roster.MealInShift, Weight: 200, Minutes: 5 * 60, Min: 60},
			}
		},
	},
}

// Presets lists all presets.
func Presets() []Preset { return slices.Clone(presets) }

// Find gives a preset by its id; an unknown id is an error that names the allowed ones.
func Find(id string) (*Preset, error) {
	var ids []string
	for i := range presets {
		if presets[i].ID == id {
			p := presets[i]
			return &p, nil
		}
		ids = append(ids, presets[i].ID)
	}
	return nil, fault.Newf(fault.Invalid, "roster.law", "The labour-law preset %q is unknown; allowed are %s.", id, fault.Allowed(ids))
}

package law

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/fault"
)

// Statute is a preset as data that a provider reads, changes and puts in its
// place. Shares are per cent: 100 is the hourly base.
type Statute struct {
	ID           string        `json:"id"`
	Country      string        `json:"country"` // ISO 3166
	Regime       string        `json:"regime"`
	Source       string        `json:"source"`
	ValidFrom    string        `json:"valid_from"`           // YYYY-MM-DD
	DailyMinutes int           `json:"daily_minutes"`        // beyond which a minute is overtime; 0 = no daily overtime
	NightFrom    string        `json:"night_from,omitempty"` // HH:MM; without both there is no night premium
	NightTo      string        `json:"night_to,omitempty"`
	NightPremium float64       `json:"night_premium,omitempty"` // per cent on top of the minute's own rate
	Rates        []StatuteRate `json:"rates"`                   // one for every kind of day
	Rules        []StatuteRule `json:"rules"`
	Days         []NamedDay    `json:"days,omitempty"` // dates that count otherwise than their weekday, in order
}

// StatuteRate is what a minute on a kind of day earns, in per cent.
type StatuteRate struct {
	Day      DayKind `json:"day"`
	Regular  float64 `json:"regular"`
	Overtime float64 `json:"overtime"`
}

// StatuteRule is a rule that holds for everybody under the law. Limits over the
// whole horizon may grow with its length.
type StatuteRule struct {
	ID        string          `json:"id"`
	Kind      roster.RuleKind `json:"kind"`
	Hard      bool            `json:"hard,omitempty"`
	Weight    int64           `json:"weight,omitempty"` // points per unit when it is not hard
	Min       int             `json:"min,omitempty"`
	Max       int             `json:"max,omitempty"`
	Minutes   int             `json:"minutes,omitempty"`
	PerMonth  int             `json:"minutes_per_30_days,omitempty"` // instead of minutes
	Weeks     int             `json:"weeks,omitempty"`
	NightFrom int             `json:"night_from,omitempty"` // local minutes; default 22:00
	NightTo   int             `json:"night_to,omitempty"`   // default 06:00
}

// wholeDays is a horizon over which limits that grow with it are whole minutes.
const wholeDays = 210

// Statute writes a preset as data.
func (p *Preset) Statute() Statute {
	d := Statute{ID: p.ID, Country: p.Country, Regime: p.Regime, Source: p.Source, ValidFrom: p.ValidFrom, DailyMinutes: p.DailyMinutes, Days: slices.Clone(p.Days), Rates: []StatuteRate{}, Rules: []StatuteRule{}}
	if p.NightFrom != p.NightTo {
		d.NightFrom, d.NightTo, d.NightPremium = clock(p.NightFrom), clock(p.NightTo), float64(p.NightPremium)/100
	}
	for _, r := range p.Rates {
		d.Rates = append(d.Rates, StatuteRate{r.Day, float64(r.Regular) / 100, float64(r.Overtime) / 100})
	}
	long, short := p.rules(wholeDays), p.rules(30)
	for i, r := range long {
		out := StatuteRule{ID: r.ID, Kind: r.Kind, Hard: r.Hard, Weight: r.Weight, Min: r.Min, Max: r.Max, Minutes: r.Minutes, Weeks: r.Weeks, NightFrom: r.NightFrom, NightTo: r.NightTo}
		if r.Minutes != short[i].Minutes {
			out.Minutes, out.PerMonth = 0, r.Minutes*30/wholeDays
		}
		d.Rules = append(d.Rules, out)
	}
	return d
}

// ReadStatute reads a document from JSON; unknown fields are errors.
func ReadStatute(text []byte) (Statute, error) {
	var d Statute
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return d, fault.New(fault.Invalid, "law.json", "The law is no document of the described form; begin with one that comes with the product.").Wrap(err)
	}
	_, err := d.Preset()
	return d, err
}

// lawID is the form of an id.
var lawID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Preset checks the document and makes the preset of it. Errors (kind invalid)
// name what is wrong and where.
func (d Statute) Preset() (*Preset, error) {
	if !lawID.MatchString(d.ID) || d.Regime == "" || d.Source == "" || !isDate(d.ValidFrom) || len(d.Country) != 2 {
		return nil, bad("head", "A law needs an id of lower-case letters, digits and hyphens, a country of two letters, a regime, a source and valid_from as YYYY-MM-DD.")
	}
	if d.DailyMinutes < 0 || d.DailyMinutes > 1440 || !(d.NightPremium >= 0 && d.NightPremium <= 100) {
		return nil, bad("hours", "The daily minutes must lie between 0 and 1440 and the night premium between 0 and 100 per cent.")
	}
	p := &Preset{ID: d.ID, Country: d.Country, Regime: d.Regime, Source: d.Source, ValidFrom: d.ValidFrom, DailyMinutes: d.DailyMinutes, Days: slices.Clone(d.Days), NightPremium: hundredths(d.NightPremium)}
	if d.NightFrom != "" || d.NightTo != "" {
		var okFrom, okTo bool
		p.NightFrom, okFrom = clockMinute(d.NightFrom)
		p.NightTo, okTo = clockMinute(d.NightTo)
		if !okFrom || !okTo || p.NightFrom <= p.NightTo {
			return nil, bad("night", "The night is %q to %q; it needs two times as HH:MM and must pass midnight.", d.NightFrom, d.NightTo)
		}
	}
	for _, kind := range DayKinds() {
		i := slices.IndexFunc(d.Rates, func(r StatuteRate) bool { return r.Day == kind })
		if i < 0 || len(d.Rates) != len(DayKinds()) {
			return nil, bad("rates", "A law has one rate for each of %s.", fault.Allowed(DayKinds()))
		}
		r := d.Rates[i]
		if !(r.Regular >= 100 && r.Regular <= 500 && r.Overtime >= r.Regular && r.Overtime <= 500) {
			return nil, bad("rate", "The rates of %s are %v and %v per cent; they must lie between 100 and 500, overtime no lower.", kind, r.Regular, r.Overtime)
		}
		p.Rates = append(p.Rates, Rate{kind, hundredths(r.Regular), hundredths(r.Overtime)})
	}
	if err := d.checkDays(); err != nil {
		return nil, err
	}
	rules := slices.Clone(d.Rules)
	p.rules = func(days int) []roster.Rule {
		out := make([]roster.Rule, len(rules))
		for i, r := range rules {
			out[i] = roster.Rule{ID: r.ID, Kind: r.Kind, Hard: r.Hard, Weight: r.Weight, Min: r.Min, Max: r.Max, Minutes: r.Minutes, Weeks: r.Weeks, NightFrom: r.NightFrom, NightTo: r.NightTo}
			if r.PerMonth > 0 {
				out[i].Minutes = r.PerMonth * days / 30
			}
		}
		return out
	}
	return p, d.checkRules(p)
}

// checkDays names the first day that cannot be used.
func (d Statute) checkDays() error {
	last := ""
	for _, day := range d.Days {
		if !isDate(day.Date) || day.To != "" && (!isDate(day.To) || day.To < day.Date) || !slices.Contains(DayKinds(), day.Kind) || day.Name == "" || day.Date <= last {
			return bad("day", "The day %q cannot be used: dates follow each other as YYYY-MM-DD, each with a name and one of %s.", day.Date, fault.Allowed(DayKinds()))
		}
		last = max(day.Date, day.To)
	}
	return nil
}

// checkRules lets the engine judge the rules.
func (d Statute) checkRules(p *Preset) error {
	if len(d.Rules) > 100 {
		return bad("rules", "A law has at most 100 rules, not %d.", len(d.Rules))
	}
	for i, r := range d.Rules {
		if r.ID == "" || slices.ContainsFunc(d.Rules[:i], func(o StatuteRule) bool { return o.ID == r.ID }) {
			return bad("rule_id", "Rule %d has the id %q, which is empty or used twice.", i+1, r.ID)
		}
		if !slices.Contains(lawKinds, r.Kind) {
			return bad("rule_kind", "The rule %q has the kind %q; a law may use %s.", r.ID, r.Kind, fault.Allowed(lawKinds))
		}
		if r.PerMonth < 0 || r.PerMonth > 0 && (r.Kind != roster.MaxMinutesPeriod || r.Minutes != 0) {
			return bad("rule_month", "The rule %q: minutes_per_30_days takes the place of minutes, for %s alone.", r.ID, roster.MaxMinutesPeriod)
		}
	}
	problem := &roster.Problem{Format: roster.Format, Zone: "UTC", FirstDay: "2026-03-02", Days: 28, SlotMinutes: 15, Rules: p.Rules(28, nil), Agents: []roster.Agent{{ID: "a", Contract: &roster.Contract{}}}}
	return problem.Validate()
}

// lawKinds are the kinds of rule that need no shift types and no people.
var lawKinds = []roster.RuleKind{roster.MinRest, roster.MaxConsecutiveDays, roster.MinConsecutiveOff, roster.MaxMinutesDay, roster.MaxMinutesWeek, roster.MaxMinutesPeriod, roster.AverageMinutesWeek,
	roster.MaxShiftsWeek, roster.MaxWeekends, roster.MaxNights, roster.MaxConsecutiveNights, roster.NoNights, roster.NoOvertime, roster.MealInShift}

func bad(code, format string, args ...any) error {
	return fault.Newf(fault.Invalid, "law."+code, format, args...)
}

// hundredths rounds per cent to hundredths of a per cent.
func hundredths(percent float64) int { return int(math.Round(percent * 100)) }

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// clockMinute reads HH:MM.
func clockMinute(text string) (int, bool) {
	var h, m int
	if _, err := fmt.Sscanf(text, "%02d:%02d", &h, &m); err != nil || len(text) != 5 || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

package scheduling

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// hourPoints is what an hour of mean pay costs the search, in points.
const hourPoints = 60

// RosterLaw is a law that a roster was made under.
type RosterLaw struct {
	SiteID    ids.Site `json:"site_id"`
	Law       string   `json:"law"`
	Edition   int      `json:"edition"` // 0 = as it comes with the product
	Regime    string   `json:"regime"`
	Source    string   `json:"source"`
	ValidFrom string   `json:"valid_from"`
	// DaysKnown is false when the law names holidays, but none of the roster's year.
	DaysKnown bool `json:"days_known"`
}

// addLaws adds what the laws that sites have chosen say to the problem: rules for
// their people, and the times that are paid with a premium. The rules are those of
// the first day, the premiums those of each date.
func (s *Service) addLaws(ctx context.Context, sc scope.Scope, d *draftRoster) error {
	book, err := s.lawBook(ctx, sc)
	if err != nil {
		return err
	}
	var sites []people.Site
	for _, p := range d.people {
		if site := d.sites[p.Membership.SiteID]; !slices.ContainsFunc(sites, func(o people.Site) bool { return o.ID == site.ID }) {
			sites = append(sites, site)
		}
	}
	d.Summary.Laws = nil
	for _, site := range sites {
		rules := book.at(site, d.FromDay)
		if rules.chosen {
			d.Summary.Laws = append(d.Summary.Laws, rules.mention(d.FromDay, d.ToDay))
			d.addLawRules(rules)
		}
		if err := d.addPremiums(book, site); err != nil {
			return err
		}
	}
	if len(d.problem.Pay) > 0 {
		d.priceHours()
	}
	return nil
}

// mention names the law for people.
func (r siteRules) mention(from, to calendar.Date) RosterLaw {
	return RosterLaw{SiteID: r.SiteID, Law: r.Law, Edition: r.edition, Regime: r.preset.Regime, Source: r.preset.Source, ValidFrom: r.preset.ValidFrom,
		DaysKnown: r.Holidays == "" && len(r.preset.Days) == 0 || r.covers(from) && r.covers(to-1)}
}

// covers reports whether the year of a date has holidays that somebody named.
func (r siteRules) covers(on calendar.Date) bool {
	year, _, _ := on.Parts()
	return r.preset.Names(on.String()) || len(r.days.Days) > 0 && r.days.From <= year && year <= r.days.To
}

// addLawRules adds the rules of a law for the people of its site; sites under one law share them.
func (d *draftRoster) addLawRules(r siteRules) {
	var own []int
	for i, p := range d.people {
		if p.Membership.SiteID == r.SiteID {
			own = append(own, i)
		}
	}
	for _, rule := range r.preset.Rules(d.problem.Days, nil) {
		if i := slices.IndexFunc(d.problem.Rules, func(o roster.Rule) bool { return o.ID == rule.ID }); i >= 0 {
			d.problem.Rules[i].Agents = append(d.problem.Rules[i].Agents, own...)
			continue
		}
		rule.Agents = slices.Clone(own)
		d.problem.Rules = append(d.problem.Rules, rule)
	}
}

// addPremiums adds the times that the site pays with a premium, date by date in its zone.
func (d *draftRoster) addPremiums(book *lawBook, site people.Site) error {
	zone, err := zoneOf(site.Zone)
	if err != nil {
		return err
	}
	first, last := calendar.DateOf(d.origin, zone), calendar.DateOf(d.ToDay.At(0, zone), zone)+1
	for on := first; on <= last; on++ {
		rules := book.at(site, on)
		if !rules.chosen {
			continue
		}
		windows, err := rules.preset.PayWindows(zone, on.String(), 1, rules.kind)
		if err != nil {
			return err
		}
		span := on.Span(zone)
		length := int((span.End - span.Start) / calendar.Minute)
		for _, w := range windows {
			w.To = min(w.To, length)
			if w.From < w.To {
				d.addWindow(roster.PayWindow{From: d.minuteOf(span.Start) + w.From, To: d.minuteOf(span.Start) + w.To, Percent: w.Percent, Site: site.Slug})
			}
		}
	}
	return nil
}

// addWindow adds a window, or lengthens the one that ends where it begins.
func (d *draftRoster) addWindow(w roster.PayWindow) {
	if n := len(d.problem.Pay) - 1; n >= 0 && d.problem.Pay[n].Site == w.Site && d.problem.Pay[n].To == w.From && d.problem.Pay[n].Percent == w.Percent {
		d.problem.Pay[n].To = w.To
		return
	}
	d.problem.Pay = append(d.problem.Pay, w)
}

// priceHours tells the search what people cost against each other: hourPoints is
// the mean of those who are paid in the same currency.
func (d *draftRoster) priceHours() {
	sum, heads := map[money.Currency]decimal.Decimal{}, map[money.Currency]int64{}
	for _, p := range d.people {
		if p.Employment.HourlyCost.IsPositive() {
			sum[p.Employment.Currency] = sum[p.Employment.Currency].Add(p.Employment.HourlyCost)
			heads[p.Employment.Currency]++
		}
	}
	for i, p := range d.people {
		points := int64(hourPoints)
		if e := p.Employment; e.HourlyCost.IsPositive() {
			points = e.HourlyCost.Mul(decimal.NewFromInt(hourPoints*heads[e.Currency])).DivRound(sum[e.Currency], 0).IntPart()
		}
		d.problem.Agents[i].CostPerHour = min(max(points, 1), 100*hourPoints)
	}
}

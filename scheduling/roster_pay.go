package scheduling

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"muster/scheduling/roster/law"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// RosterPay is what a roster's paid minutes cost by the law of each site.
type RosterPay struct {
	Lines  []PayLine      `json:"lines"`  // by site, kind of day, night and overtime
	Totals []money.Amount `json:"totals"` // by currency
}

// PayLine is the paid minutes of a site that earn alike.
type PayLine struct {
	SiteID   ids.Site       `json:"site_id"`
	Law      string         `json:"law"`
	Assumed  bool           `json:"assumed"` // no law was chosen for the site; its country's is taken
	Day      string         `json:"day"`     // kind of day, see law.DayKinds
	Night    bool           `json:"night"`
	Overtime bool           `json:"overtime"`
	Rate     int            `json:"rate"` // hundredths of a per cent of the hourly base
	Minutes  int64          `json:"minutes"`
	Cost     []money.Amount `json:"cost"` // by currency, rounded once; nobody's pay known = empty
}

// RosterPayOf prices a roster minute by minute in its sites' zones: nights, rest
// days and holidays of the local day on which a minute lies, overtime beyond the
// daily hours of the shift. Overtime over a week or month is not in it.
func (s *Service) RosterPayOf(ctx context.Context, sc scope.Scope, id ids.Roster) (RosterPay, error) {
	out := RosterPay{Lines: []PayLine{}, Totals: []money.Amount{}}
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return out, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return out, err
	}
	staff, err := s.People.Staff(ctx, sc, r.FromDay.At(0, zone), r.FromDay)
	if err != nil {
		return out, err
	}
	shifts, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return out, err
	}
	payroll, err := s.payroll(ctx, sc)
	if err != nil {
		return out, err
	}
	byID := make(map[ids.Agent]people.Person, len(staff))
	for _, p := range staff {
		byID[p.Agent.ID] = p
	}
	for _, sh := range shifts {
		if p, ok := byID[sh.AgentID]; ok {
			if err := payroll.add(p, sh); err != nil {
				return out, err
			}
		}
	}
	return payroll.sum()
}

// payKey is what makes minutes earn alike.
type payKey struct {
	site            ids.Site
	law             string
	assumed         bool
	day             law.DayKind
	night, overtime bool
	rate            int
}

// payroll adds up minutes and their cost.
type payroll struct {
	book    *lawBook
	sites   map[ids.Site]people.Site
	zones   map[string]*time.Location
	minutes map[payKey]int64
	cost    map[payKey]map[money.Currency]decimal.Decimal
}

func (s *Service) payroll(ctx context.Context, sc scope.Scope) (*payroll, error) {
	p := &payroll{sites: map[ids.Site]people.Site{}, zones: map[string]*time.Location{}, minutes: map[payKey]int64{}, cost: map[payKey]map[money.Currency]decimal.Decimal{}}
	sites, err := s.People.Sites(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, site := range sites {
		p.sites[site.ID] = site
		if p.zones[site.Zone], err = zoneOf(site.Zone); err != nil {
			return nil, err
		}
	}
	p.book, err = s.lawBook(ctx, sc)
	return p, err
}

// paidStretches lists the paid stretches of a stored shift.
func (sh Shift) paidStretches() []law.Stretch {
	var out []law.Stretch
	for _, a := range sh.Activities {
		if a.Paid {
			out = append(out, law.Stretch{From: a.StartAt.Time(), To: a.EndAt.Time()})
		}
	}
	return out
}

// add pays one shift by the law in force on its business date.
func (p *payroll) add(who people.Person, sh Shift) error {
	site, ok := p.sites[who.Membership.SiteID]
	if !ok {
		return nil
	}
	rules := p.book.at(site, sh.BusinessDay)
	lines, err := rules.preset.Pay(p.zones[site.Zone], sh.paidStretches(), rules.kind)
	if err != nil {
		return err
	}
	for _, l := range lines {
		k := payKey{site.ID, rules.Law, !rules.chosen, l.Day, l.Night, l.Overtime, l.Rate}
		p.minutes[k] += int64(l.Minutes)
		if who.Employment == nil || !who.Employment.HourlyCost.IsPositive() {
			continue
		}
		if p.cost[k] == nil {
			p.cost[k] = map[money.Currency]decimal.Decimal{}
		}
		c := who.Employment.Currency
		p.cost[k][c] = p.cost[k][c].Add(who.Employment.HourlyCost.Mul(decimal.NewFromInt(int64(l.Minutes) * int64(l.Rate))).Div(decimal.NewFromInt(60 * 10_000)))
	}
	return nil
}

// sum writes the lines out and rounds each once; totals are sums of lines.
func (p *payroll) sum() (RosterPay, error) {
	out := RosterPay{Lines: []PayLine{}, Totals: []money.Amount{}}
	parts := map[money.Currency][]money.Amount{}
	for k, minutes := range p.minutes {
		l := PayLine{SiteID: k.site, Law: k.law, Assumed: k.assumed, Day: string(k.day), Night: k.night, Overtime: k.overtime, Rate: k.rate, Minutes: minutes, Cost: []money.Amount{}}
		for currency, exact := range p.cost[k] {
			amount, err := money.Round(exact, currency, money.HalfUp)
			if err != nil {
				return out, err
			}
			l.Cost = append(l.Cost, amount)
			parts[currency] = append(parts[currency], amount)
		}
		slices.SortFunc(l.Cost, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
		out.Lines = append(out.Lines, l)
	}
	slices.SortFunc(out.Lines, func(a, b PayLine) int {
		return cmp.Or(a.SiteID.Compare(b.SiteID), cmp.Compare(a.Law, b.Law), cmp.Compare(kindOrder(a.Day), kindOrder(b.Day)), cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.Minutes, b.Minutes))
	})
	for currency, list := range parts {
		total, err := money.Sum(currency, list...)
		if err != nil {
			return out, err
		}
		out.Totals = append(out.Totals, total)
	}
	slices.SortFunc(out.Totals, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
	return out, nil
}

func kindOrder(day string) int { return slices.Index(law.DayKinds(), law.DayKind(day)) }

// RosterRules is what decides about a roster beside the requirement.
type RosterRules struct {
	Rules []RosterRule `json:"rules"`
	Laws  []RosterLaw  `json:"laws"`
	// Premiums are times in which a paid minute costs more, per site.
	Premiums []Premium `json:"premiums"`
}

// RosterRule is one rule with its owner and where it comes from.
type RosterRule struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Owner   string `json:"owner"` // law, contract, client, person
	Hard    bool   `json:"hard"`
	Weight  int64  `json:"weight"`
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	Minutes int    `json:"minutes"`
	Agents  int    `json:"agents"` // people it holds for
	Source  string `json:"source"`
	ValidOn string `json:"valid_on"` // date from which a law holds; empty = not said
}

// Premium is a time that a site pays more for.
type Premium struct {
	Site    string           `json:"site"` // its slug
	StartAt calendar.Instant `json:"start_at"`
	EndAt   calendar.Instant `json:"end_at"`
	Percent int              `json:"percent"` // on top
}

// RulesOf lists the rules that a roster was made under.
func (s *Service) RulesOf(ctx context.Context, sc scope.Scope, id ids.Roster) (RosterRules, error) {
	out := RosterRules{Rules: []RosterRule{}, Laws: []RosterLaw{}, Premiums: []Premium{}}
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return out, err
	}
	p, err := r.decode()
	if err != nil {
		return out, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return out, err
	}
	for _, v := range p.Rules {
		agents := len(v.Agents)
		if agents == 0 {
			agents = len(p.Agents)
		}
		out.Rules = append(out.Rules, RosterRule{ID: v.ID, Kind: string(v.Kind), Owner: string(v.Owner), Hard: v.Hard, Weight: v.Weight, Min: v.Min, Max: v.Max, Minutes: v.Minutes, Agents: agents, Source: v.Source, ValidOn: v.ValidOn})
	}
	origin := r.FromDay.At(0, zone)
	for _, w := range p.Pay {
		out.Premiums = append(out.Premiums, Premium{Site: w.Site, StartAt: origin + calendar.Instant(w.From)*calendar.Minute, EndAt: origin + calendar.Instant(w.To)*calendar.Minute, Percent: w.Percent})
	}
	out.Laws = append(out.Laws, r.Summary.Laws...)
	return out, nil
}

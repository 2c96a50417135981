package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"

	"muster/billing"
	"muster/billing/rating"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// world is the made-up provider as it was stored.
type world struct {
	size      Size
	first     calendar.Date // of the history, a Monday
	history   calendar.Interval
	clients   map[string]contract.Client
	queues    map[string]contract.Queue
	calendars map[string]calendar.Calendar
	zones     map[string]*time.Location // by site
	agents    map[string][]agent        // by group
	byNumber  map[string]agent
	entity    contract.LegalEntity
}

// surnames and given names of people who do not exist.
var (
	surnames   = []string{"Chen", "Li", "Wang", "Zhao", "Liu", "Huang", "Zhou", "Wu", "Xu", "Sun", "Nowak", "Kowalska", "Wójcik", "Zieliński", "Mazur", "Krawczyk"}
	givenNames = []string{"Min", "Jie", "Lei", "Fang", "Yan", "Tao", "Hui", "Jun", "Anna", "Piotr", "Ewa", "Marek", "Ola", "Jan", "Kasia", "Tomek"}
)

// zoneOf loads a zone of the plans.
func zoneOf(name string) (*time.Location, error) { return calendar.Zone(name) }

// build stores provider, sites, clients, queues, terms, contracts and people.
func (d *Demo) build(ctx context.Context, progress func(float64)) (*world, error) {
	all := scope.Provider()
	w := &world{size: d.Size, first: d.Monday - calendar.Date(7*d.Size.HistoryWeeks), clients: map[string]contract.Client{}, queues: map[string]contract.Queue{}, calendars: map[string]calendar.Calendar{}, zones: map[string]*time.Location{}, agents: map[string][]agent{}, byNumber: map[string]agent{}}
	home, err := zoneOf("Asia/Shanghai")
	if err != nil {
		return nil, err
	}
	// Midnight in the east is still the day before in the west: the span covers both.
	w.history = calendar.Interval{Start: w.first.At(0, home), End: d.Monday.At(0, home) + 6*calendar.Hour}
	if err := d.Contracts.SetUpProvider(ctx, contract.ProviderRow{Name: "Meridian Contact Services", Zone: "Asia/Shanghai", Locale: "zh-CN", Currency: "CNY", Demo: true}); err != nil {
		return nil, err
	}
	if w.entity, err = d.Contracts.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Meridian Contact Services (Chengdu) Co., Ltd.", Address: "88 Tianfu Avenue, Chengdu", TaxID: "91510100MA0DEMO00X", Bank: "Demo Bank, account 6222 0000 0000 0000", Country: "CN", InvoiceSeries: "MCS"}); err != nil {
		return nil, err
	}
	for i, c := range clientPlans {
		if err := d.buildClient(ctx, w, c); err != nil {
			return nil, fmt.Errorf("client %s: %w", c.slug, err)
		}
		progress(float64(i+1) / float64(len(clientPlans)+2))
	}
	if err := d.buildPeople(ctx, w); err != nil {
		return nil, err
	}
	progress(0.9)
	return w, d.buildUsers(ctx, w)
}

// buildClient stores one client down to its terms, measures and contract.
func (d *Demo) buildClient(ctx context.Context, w *world, p clientPlan) error {
	all := scope.Provider()
	zone, err := zoneOf(p.zone)
	if err != nil {
		return err
	}
	c, err := d.Contracts.CreateClient(ctx, all, contract.Client{Slug: p.slug, Name: p.name, Zone: p.zone, Locale: p.locale, Currency: money.Currency(p.currency)})
	if err != nil {
		return err
	}
	w.clients[p.slug] = c
	w.calendars[p.slug] = p.opening(w.first, zone)
	cal, err := d.Contracts.CreateCalendar(ctx, all, c.ID, p.name, w.calendars[p.slug])
	if err != nil {
		return err
	}
	from := w.first - 31
	if _, err := d.Contracts.PutContract(ctx, all, contract.Contract{ClientID: c.ID, LegalEntityID: w.entity.ID, ValidFrom: from, Currency: c.Currency, Zone: p.zone,
		Document: contract.Agreement{PeriodStartDay: 1, TaxRate: p.tax, TaxName: "VAT", PaymentDays: 30, PurchaseOrder: "PO-" + p.slug, AtRiskShare: p.atRisk, Address: p.name + ", head office", TaxID: "TAX-" + p.slug}}); err != nil {
		return err
	}
	for _, l := range p.lobs {
		lob, err := d.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: l.slug, Name: l.name})
		if err != nil {
			return err
		}
		for _, q := range l.queues {
			if err := d.buildQueue(ctx, w, c, lob, cal, q, from.At(0, zone)); err != nil {
				return err
			}
		}
	}
	for _, m := range d.measures(c.ID, w.queues[p.lobs[0].queues[0].slug].ID, from) {
		if _, err := d.Contracts.AddMeasure(ctx, all, m); err != nil {
			return err
		}
	}
	return d.buildRates(ctx, w, p, c, from)
}

// measures are what the contracts promise: service level and abandonment with
// credits, speed of answer of the first queue and occupancy for information.
func (d *Demo) measures(client ids.Client, first ids.Queue, from calendar.Date) []contract.Measure {
	return []contract.Measure{
		{ClientID: client, Key: "service_level", Formula: "f3", Target: "0.80", Better: "higher", Critical: true, ValidFrom: from, Bands: []contract.Band{{Beyond: "0.80", CreditShare: "0.02"}, {Beyond: "0.75", CreditShare: "0.05"}, {Beyond: "0.70", CreditShare: "0.08"}}},
		{ClientID: client, Key: "abandonment", Formula: "a1", Target: "0.05", Better: "lower", Critical: true, ValidFrom: from, Bands: []contract.Band{{Beyond: "0.05", CreditShare: "0.01"}, {Beyond: "0.08", CreditShare: "0.03"}}},
		{ClientID: client, QueueID: first, Key: "asa", Formula: "answered", Target: "30", Better: "lower", ValidFrom: from},
		{ClientID: client, Key: "occupancy", Formula: "handling", Target: "0.70", Better: "higher", ValidFrom: from},
	}
}

// buildQueue stores one queue with the skill of its own and its terms.
func (d *Demo) buildQueue(ctx context.Context, w *world, c contract.Client, lob contract.LOB, cal ids.Calendar, q queuePlan, from calendar.Instant) error {
	all := scope.Provider()
	skill, err := d.People.CreateSkill(ctx, all, people.Skill{Slug: q.slug, Name: q.name})
	if err != nil {
		return err
	}
	row, err := d.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: q.slug, Name: q.name, Channel: q.channel, SkillID: skill.ID, CalendarID: cal})
	if err != nil {
		return err
	}
	w.queues[q.slug] = row
	terms := contract.Terms{QueueID: row.ID, ValidFrom: from, ThresholdMS: q.threshold * 1000, ShortAbandonMS: 5000, ServiceLevelGoal: q.goal, Shrinkage: 0.12, Concurrency: q.concurrency, Priority: 1}
	if q.channel != contract.Mail {
		patience, abandon, occupancy := int64(2*q.handle*1000), 0.05, 0.88
		terms.PatienceMS, terms.AbandonGoal, terms.OccupancyCap = &patience, &abandon, &occupancy
	}
	_, err = d.Contracts.SetTerms(ctx, all, terms)
	return err
}

// buildPeople stores sites, teams and agents.
func (d *Demo) buildPeople(ctx context.Context, w *world) error {
	all := scope.Provider()
	rows := map[string]people.Site{}
	for _, s := range sites {
		zone, err := zoneOf(s.zone)
		if err != nil {
			return err
		}
		w.zones[s.slug] = zone
		if rows[s.slug], err = d.People.CreateSite(ctx, all, people.Site{Slug: s.slug, Name: s.name, Zone: s.zone, Country: s.country, WeekStart: 1}); err != nil {
			return err
		}
	}
	number := 1000
	for gi, g := range groupPlans {
		team, err := d.People.CreateTeam(ctx, all, people.Team{SiteID: rows[g.site].ID, Slug: g.slug, Name: g.slug})
		if err != nil {
			return err
		}
		rng := rand.New(rand.NewPCG(d.Seed, uint64(gi)))
		var hires []people.Hire
		for i := range d.Size.agents(g) {
			number++
			level := 45 + 20*(i%10)/6 + rng.IntN(25)
			if tierOf(i) == people.Expert {
				level = 85 + rng.IntN(15)
			}
			hired := w.first - calendar.Date(30+rng.IntN(900))
			h := people.Hire{Agent: people.Agent{Number: fmt.Sprint(number), Label: fmt.Sprintf("A%d", number), HiredOn: &hired},
				Profile:    people.Profile{Name: givenNames[rng.IntN(len(givenNames))] + " " + surnames[rng.IntN(len(surnames))], Email: fmt.Sprintf("a%d@example.com", number)},
				Membership: people.Membership{SiteID: rows[g.site].ID, TeamID: team.ID, Tier: tierOf(i)}, From: hired.At(0, w.zones[g.site]),
				Employment: &people.Employment{WeeklyMinutes: weeklyShifts * 8 * 60, HourlyCost: decimal.RequireFromString(g.cost), Currency: "CNY", ValidFrom: hired},
				Sources:    []people.Source{{Source: source, ExternalID: fmt.Sprint(number)}}}
			for _, q := range g.queues {
				h.Skills = append(h.Skills, people.AgentSkill{SkillID: w.queues[q].SkillID, Proficiency: level})
			}
			for _, c := range g.clients {
				h.Clients = append(h.Clients, w.clients[c].ID)
			}
			hires = append(hires, h)
		}
		stored, err := d.People.HireAll(ctx, all, hires)
		if err != nil {
			return err
		}
		for i, a := range stored {
			v := agent{id: a.ID, number: a.Number, proficiency: hires[i].Skills[0].Proficiency}
			w.agents[g.slug] = append(w.agents[g.slug], v)
			w.byNumber[a.Number] = v
		}
	}
	return nil
}

// Password is the password of every demo sign-in; production refuses them all.
const Password = "muster-demo"

// Account is one sign-in of the demo.
type Account struct {
	Login, Role, What string
}

// Accounts lists the sign-ins: one per role.
var Accounts = []Account{
	{"admin", access.Admin, "people, roles, imports, audit"},
	{"manager", access.Manager, "everything but administration"},
	{"planner", access.Planner, "forecast, staffing, roster board"},
	{"leader", access.TeamLeader, "live queues and agents"},
	{"finance", access.Finance, "periods and invoices"},
	{"harvest", access.ClientRole, "scorecard and invoices of Harvest Retail"},
	{"linan", access.ClientRole, "scorecard and invoices of Lin'an Bank"},
	{"agent", access.AgentRole, "my shifts, my state, my contacts"},
}

// buildUsers stores one sign-in per role.
func (d *Demo) buildUsers(ctx context.Context, w *world) error {
	for _, a := range Accounts {
		n := access.NewUser{Login: a.Login, Display: a.Login, Password: Password, Locale: "zh-CN", Demo: true}
		domain := access.ProviderDomain
		switch a.Role {
		case access.ClientRole:
			domain = access.ClientDomain(w.clients[a.Login].ID)
		case access.AgentRole:
			domain = access.SelfDomain
			n.AgentID = w.agents["cd-retail"][0].id
		}
		u, err := d.Access.CreateUser(ctx, n)
		if err != nil {
			return err
		}
		if err := d.Access.Grant(ctx, u.ID, a.Role, domain, nil); err != nil {
			return err
		}
	}
	return nil
}

// buildRates stores the rate card: productive hours, and contacts on written channels where the contract prices them.
func (d *Demo) buildRates(ctx context.Context, w *world, p clientPlan, c contract.Client, from calendar.Date) error {
	terms := billing.Terms{Rounding: money.HalfUp, Rules: []rating.Rule{
		{Key: "hours", Name: "Productive hours", Form: rating.PerUnit, Meter: rating.BillableHours(), SplitBy: []rating.Dimension{rating.LOB}, Price: decimal.RequireFromString(p.hourRate), Tax: billing.ContractTax},
	}}
	if price := decimal.RequireFromString(p.contactRate); !price.IsZero() {
		terms.Rules = append(terms.Rules, rating.Rule{Key: "written", Name: "Written contacts", Form: rating.PerUnit, Meter: rating.HandledContacts("chat", "mail"), SplitBy: []rating.Dimension{rating.LOB, rating.Channel}, Price: price, Tax: billing.ContractTax})
	}
	_, err := d.Billing.PutRateCard(ctx, scope.Provider(), billing.RateCard{ClientID: c.ID, Name: p.name + " rates", Currency: c.Currency, ValidFrom: from, Document: terms}, ids.User{})
	return err
}

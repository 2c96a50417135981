package scheduling

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"muster/routing/facts"
	"muster/scheduling/roster"
	"muster/scheduling/roster/law"
	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// DayEffect is what a day's roster is worth: expected service per queue and
// client, the credit that the contract would make due, and what changed shifts
// cost more.
//
// Service levels are those of each queue on its own under the forecast behind
// the roster (Erlang C, or A with patience); overflow between queues would make
// them better, so they err on the careful side. Everybody who is rostered comes.
type DayEffect struct {
	Queues  []QueueEffect  `json:"queues"`
	Clients []ClientEffect `json:"clients"`
	Labour  []money.Amount `json:"labour"` // by currency; more than accepting the gap
}

// QueueEffect is one queue on the days concerned.
type QueueEffect struct {
	QueueID        ids.Queue  `json:"queue_id"`
	ClientID       ids.Client `json:"client_id"`
	Offered        float64    `json:"offered"`
	ServiceLevel   float64    `json:"service_level"` // expected share within the threshold
	Goal           float64    `json:"goal"`
	MissingMinutes int64      `json:"missing_minutes"` // of requirement, in agent-minutes
}

// ClientEffect is one client on the days concerned and in the month so far.
type ClientEffect struct {
	ClientID     ids.Client `json:"client_id"`
	Offered      float64    `json:"offered"`
	ServiceLevel float64    `json:"service_level"`
	// Month is the service level of the calendar month up to and with these days.
	Month float64 `json:"month"`
	// CreditShare is the share of the net bill that the contract makes due at Month; "0" = none.
	CreditShare string `json:"credit_share"`
}

// weigher knows what a day's roster is worth.
type weigher struct {
	*dayAnswer
	queues []weighedQueue
	months []weighedClient
	zone   *time.Location
	book   *lawBook
}

// weighedQueue is one queue's demand and what each number of agents makes of it.
type weighedQueue struct {
	volume []float64   // per slot of the span
	levels [][]float64 // per slot: service level with 0, 1, ... agents; empty = closed
	goal   float64
}

// weighedClient is a client's month so far and what its contract says.
type weighedClient struct {
	id              ids.Client
	offered, within float64
	bands           []contract.Band
	better          string
}

// mostSeats bounds the table of service levels of a queue beyond what is rostered.
const mostSeats = 4

// weigh prepares the demand of the days that the absences touch.
func (s *Service) weigh(ctx context.Context, sc scope.Scope, a dayAnswer) (*weigher, error) {
	zone, err := zoneOf(a.Zone)
	if err != nil {
		return nil, err
	}
	w := &weigher{dayAnswer: &a, zone: zone, queues: make([]weighedQueue, len(a.draftRoster.queues))}
	if w.book, err = s.lawBook(ctx, sc); err != nil {
		return nil, err
	}
	plans, err := s.plansByID(ctx, sc, a.Plans)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		f, err := s.Forecast(ctx, sc, p.ForecastID)
		if err != nil {
			return nil, err
		}
		points, err := s.ForecastPoints(ctx, sc, p.ForecastID, ids.Queue{})
		if err != nil {
			return nil, err
		}
		queues, err := s.queuesOf(ctx, sc, p.ClientID, a.span.Start)
		if err != nil {
			return nil, err
		}
		if err := w.addDemand(f, queues, points); err != nil {
			return nil, err
		}
		if err := s.addMonth(ctx, sc, w, p.ClientID); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// addDemand fills the queues of one client.
func (w *weigher) addDemand(f Forecast, queues []queueInfo, points []ForecastPoint) error {
	slots := int((w.span.End - w.span.Start) / grid)
	f.StartAt, f.EndAt = w.span.Start, w.span.End
	for _, q := range queues {
		g := slices.IndexFunc(w.draftRoster.queues, func(o queueInfo) bool { return o.ID == q.ID })
		if g < 0 {
			continue
		}
		v := weighedQueue{volume: make([]float64, slots), levels: make([][]float64, slots)}
		var own []ForecastPoint
		for _, p := range points {
			if p.QueueID == q.ID && w.span.Contains(p.StartAt) {
				own = append(own, p)
				v.volume[(p.StartAt-w.span.Start)/grid] = p.Volume
			}
		}
		if q.hasTerms && len(own) > 0 {
			v.goal = q.terms.ServiceLevelGoal
			in := q.staffingInput(f, own, 0)
			if in.Kind != staffing.Deadline {
				var err error
				if v.levels, err = staffing.ServiceLevelTable(in, w.most(g)); err != nil {
					return err
				}
			}
		}
		w.queues[g] = v
	}
	return nil
}

// most is the most seats that a queue may get on the days.
func (w *weigher) most(g int) int {
	most := int32(0)
	for _, n := range w.planned.Coverage.Staffed[g] {
		most = max(most, n)
	}
	return int(most)*2 + mostSeats
}

// addMonth reads the client's month so far and the bands of its service level.
func (s *Service) addMonth(ctx context.Context, sc scope.Scope, w *weigher, client ids.Client) error {
	c, err := s.Contracts.Client(ctx, sc, client)
	if err != nil {
		return err
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return err
	}
	day := calendar.DateOf(w.span.Start, zone)
	year, month, _ := day.Parts()
	first := calendar.NewDate(year, month, 1)
	m := weighedClient{id: client}
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: client, Span: calendar.Interval{Start: first.At(0, zone), End: min(s.db.Now(), w.span.Start)}})
	if err != nil {
		return err
	}
	for _, r := range rows {
		m.offered, m.within = m.offered+float64(r.Offered), m.within+float64(r.AnsweredWithin)
	}
	measures, err := s.Contracts.MeasuresOn(ctx, sc, client, day)
	if err != nil {
		return err
	}
	for _, v := range measures {
		if v.Key == "service_level" && (m.bands == nil || len(v.Bands) > 0) {
			m.bands, m.better = v.Bands, v.Better
		}
	}
	w.months = append(w.months, m)
	return nil
}

// effect weighs a roster of the days; changes are those against accepting the gap.
func (w *weigher) effect(sol *roster.Solution, changes []roster.Difference) (DayEffect, error) {
	out := DayEffect{Queues: []QueueEffect{}, Clients: []ClientEffect{}, Labour: []money.Amount{}}
	from := int((w.span.Start - w.origin) / grid)
	type sum struct{ offered, within float64 }
	clients := map[ids.Client]sum{}
	for g, q := range w.draftRoster.queues {
		v := QueueEffect{QueueID: q.ID, ClientID: q.ClientID, Goal: w.queues[g].goal}
		within := 0.0
		for k, volume := range w.queues[g].volume {
			t := from + k
			if t < 0 || t >= len(sol.Coverage.Staffed[g]) {
				continue
			}
			need, have := 0, int(sol.Coverage.Staffed[g][t])
			if t < len(w.problem.Groups[g].Need) {
				need = w.problem.Groups[g].Need[t]
			}
			v.MissingMinutes += int64(max(0, need-have)) * 15
			v.Offered += volume
			within += volume * w.queues[g].level(k, need, have)
		}
		if v.Offered > 0 {
			v.ServiceLevel = within / v.Offered
		}
		c := clients[q.ClientID]
		clients[q.ClientID] = sum{c.offered + v.Offered, c.within + within}
		out.Queues = append(out.Queues, v)
	}
	for _, m := range w.months {
		c := clients[m.id]
		v := ClientEffect{ClientID: m.id, Offered: c.offered, CreditShare: "0"}
		if c.offered > 0 {
			v.ServiceLevel = c.within / c.offered
		}
		if all := m.offered + c.offered; all > 0 {
			v.Month = (m.within + c.within) / all
		}
		v.CreditShare = m.credit(v.Month)
		out.Clients = append(out.Clients, v)
	}
	var err error
	out.Labour, err = w.labour(changes)
	return out, err
}

// level is the expected service level of a slot with the agents who are there;
// work with a deadline counts as done as far as its requirement is met.
func (q weighedQueue) level(slot, need, have int) float64 {
	if slot >= len(q.levels) || len(q.levels[slot]) == 0 {
		if need == 0 {
			return 1
		}
		return math.Min(1, float64(have)/float64(need))
	}
	row := q.levels[slot]
	return orZero(row[min(have, len(row)-1)])
}

// credit reads the bands at a service level: the worst one that it falls into.
func (m weighedClient) credit(level float64) string {
	worst := decimal.Zero
	for _, b := range m.bands {
		beyond, err := decimal.NewFromString(b.Beyond)
		share, err2 := decimal.NewFromString(b.CreditShare)
		if err != nil || err2 != nil {
			continue
		}
		missed := level < beyond.InexactFloat64()
		if m.better == "lower" {
			missed = level > beyond.InexactFloat64()
		}
		if missed && share.GreaterThan(worst) {
			worst = share
		}
	}
	return worst.String()
}

// labour prices what changed shifts cost more, by the pay rules of their sites:
// overtime beyond the daily hours, a rest day for whoever was off, nights.
func (w *weigher) labour(changes []roster.Difference) ([]money.Amount, error) {
	totals := map[money.Currency]decimal.Decimal{}
	// Whoever comes in exchange for a later day off works no rest day more.
	swapped := map[int]bool{}
	for _, c := range changes {
		if c.Kind == "removed" {
			swapped[c.Agent] = true
		}
	}
	for _, c := range changes {
		p := w.people[c.Agent]
		if c.Kind == "activities" || p.Employment == nil {
			continue
		}
		rules, zone, err := w.payRules(c.Agent, w.FromDay+calendar.Date(c.Day))
		if err != nil {
			return nil, err
		}
		added := c.Kind == "added" && !swapped[c.Agent]
		minutes := int64(0)
		for _, side := range []struct {
			shift *roster.Shift
			sign  int64
		}{{c.Before, -1}, {c.After, 1}} {
			if side.shift == nil {
				continue
			}
			lines, err := rules.preset.Pay(zone, w.paid(*side.shift), func(date string) law.DayKind { return onDayOff(rules.kind(date), added) })
			if err != nil {
				return nil, err
			}
			minutes += side.sign * law.BaseMinutes(lines)
		}
		cost := p.Employment.HourlyCost.Mul(decimal.NewFromInt(minutes)).Div(decimal.NewFromInt(60 * payUnit))
		totals[p.Employment.Currency] = totals[p.Employment.Currency].Add(cost)
	}
	out := []money.Amount{}
	for currency, exact := range totals {
		amount, err := money.Round(exact, currency, money.HalfUp)
		if err != nil {
			return nil, err
		}
		out = append(out, amount)
	}
	slices.SortFunc(out, func(a, b money.Amount) int { return cmp.Compare(a.Currency, b.Currency) })
	return out, nil
}

// onDayOff is the kind of day for somebody who would have been off.
func onDayOff(kind law.DayKind, off bool) law.DayKind {
	switch {
	case off && kind == law.Ordinary:
		return law.RestDay
	case off && kind == law.Holiday:
		return law.HolidayRestDay
	}
	return kind
}

// payUnit is what a minute at the base rate counts in law.BaseMinutes.
const payUnit = 100

// payRules gives the law and zone of an agent's site on a business date.
func (w *weigher) payRules(agent int, on calendar.Date) (siteRules, *time.Location, error) {
	site := w.sites[w.people[agent].Membership.SiteID]
	zone, err := zoneOf(site.Zone)
	return w.book.at(site, on), zone, err
}

// paid lists the paid stretches of a shift.
func (w *weigher) paid(sh roster.Shift) []law.Stretch {
	var out []law.Stretch
	for _, a := range sh.Activities {
		if a.Paid {
			out = append(out, law.Stretch{From: w.instantOf(a.Start).Time(), To: w.instantOf(a.Start + a.Minutes).Time()})
		}
	}
	return out
}

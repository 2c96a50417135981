package onboard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"muster/billing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Current gives the document that says what is agreed with a client now: applying it again
// changes nothing. Its ValidFrom is the first day on which no part of it is older; measures of
// single lines of business or queues are not part of a document.
func Current(ctx context.Context, sc scope.Scope, s Services, id ids.Client) (*Document, error) {
	c, err := s.Contracts.Client(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	r := &reading{Services: s, sc: sc, client: c, d: &Document{Client: Client{Slug: c.Slug, Name: c.Name, Zone: c.Zone, Currency: c.Currency, Locale: c.Locale}}}
	for _, part := range []func(context.Context) error{r.queues, r.agreement, r.promises, r.rates} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return r.d, nil
}

// reading is one document on its way out.
type reading struct {
	Services
	sc     scope.Scope
	client contract.Client
	d      *Document
}

// since moves the document's beginning up to the day that a part is in force from.
func (r *reading) since(day calendar.Date) {
	r.d.ValidFrom.Date = max(r.d.ValidFrom.Date, day)
}

// queues reads lines of business, queues with their latest terms and the hours of the first calendar.
func (r *reading) queues(ctx context.Context) error {
	zone, err := calendar.Zone(r.client.Zone)
	if err != nil {
		return err
	}
	queues, err := r.Contracts.Queues(ctx, r.sc, r.client.ID)
	if err != nil {
		return err
	}
	lobs, err := r.Contracts.LOBs(ctx, r.sc, r.client.ID)
	if err != nil {
		return err
	}
	history, err := r.Contracts.TermsHistory(ctx, r.sc)
	if err != nil {
		return err
	}
	skills, err := r.People.Skills(ctx, r.sc)
	if err != nil {
		return err
	}
	for _, l := range lobs {
		out := LOB{Slug: l.Slug, Name: l.Name, Queues: []Queue{}}
		for _, q := range queues {
			if q.LOBID != l.ID {
				continue
			}
			v := Queue{Slug: q.Slug, Name: q.Name, Channel: q.Channel}
			if i := slices.IndexFunc(skills, func(k people.Skill) bool { return k.ID == q.SkillID }); i >= 0 {
				v.Skill = skills[i].Slug
			}
			if i := slices.IndexFunc(history, func(t contract.Terms) bool { return t.QueueID == q.ID && t.ValidTo == nil }); i >= 0 {
				v.figures(history[i])
				r.since(calendar.DateOf(history[i].ValidFrom, zone))
			}
			out.Queues = append(out.Queues, v)
		}
		r.d.LOBs = append(r.d.LOBs, out)
	}
	return r.opening(ctx, queues)
}

// figures takes over the terms of a queue.
func (q *Queue) figures(t contract.Terms) {
	q.AnswerWithin, q.ServiceLevel, q.AbandonGoal, q.ShortAbandon = seconds(t.ThresholdMS), t.ServiceLevelGoal, t.AbandonGoal, seconds(t.ShortAbandonMS)
	q.OccupancyCap, q.Shrinkage, q.Concurrency, q.PriorityLevel = t.OccupancyCap, t.Shrinkage, t.Concurrency, t.Priority
	if t.PatienceMS != nil {
		v := seconds(*t.PatienceMS)
		q.Patience = &v
	}
}

func seconds(ms int64) float64 { return float64(ms) / 1000 }

// opening reads hours and special days of the calendar that the queues share.
func (r *reading) opening(ctx context.Context, queues []contract.Queue) error {
	i := slices.IndexFunc(queues, func(q contract.Queue) bool { return !q.CalendarID.IsZero() })
	if i < 0 {
		return nil
	}
	all, err := r.Contracts.Calendars(ctx, r.sc)
	if err != nil {
		return err
	}
	c := all[queues[i].CalendarID]
	r.d.Hours = map[string]string{}
	for day, name := range weekdays {
		var spans []calendar.Hours
		for _, h := range c.Hours {
			if int(h.Weekday) == day {
				spans = append(spans, h)
			}
		}
		if len(spans) > 0 {
			r.d.Hours[name] = writeSpans(spans)
		}
	}
	for _, s := range c.Special {
		r.d.Days = append(r.d.Days, Day{Date: Date{s.Date}, Kind: s.Kind, Tag: s.Tag, Name: s.Name, Hours: writeSpans(s.Hours)})
	}
	return nil
}

// writeSpans is the reverse of readSpans.
func writeSpans(hours []calendar.Hours) string {
	spans := make([]string, len(hours))
	for i, h := range hours {
		until := h.Close
		if until > 1440 {
			until -= 1440
		}
		spans[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", h.Open/60, h.Open%60, until/60, until%60)
	}
	return strings.Join(spans, ", ")
}

// agreement reads the latest contract and the company that invoices it.
func (r *reading) agreement(ctx context.Context) error {
	c, err := r.Contracts.ContractOn(ctx, r.sc, r.client.ID, forever)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	r.since(c.ValidFrom)
	v := c.Document
	r.d.Contract = &Contract{PeriodStartDay: v.PeriodStartDay, TaxRate: v.TaxRate, TaxName: v.TaxName, PaymentDays: v.PaymentDays, PurchaseOrder: v.PurchaseOrder, AtRiskShare: v.AtRiskShare, Address: v.Address, TaxID: v.TaxID}
	entities, err := r.Contracts.LegalEntities(ctx, r.sc)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(entities, func(e contract.LegalEntity) bool { return e.ID == c.LegalEntityID }); i >= 0 {
		e := entities[i]
		r.d.Entity = &Entity{Name: e.Name, Country: e.Country, InvoiceSeries: e.InvoiceSeries, Address: e.Address, TaxID: e.TaxID, Bank: e.Bank}
	}
	return nil
}

// promises reads the measures that hold for the whole client.
func (r *reading) promises(ctx context.Context) error {
	all, err := r.Contracts.MeasuresOn(ctx, r.sc, r.client.ID, forever)
	for _, m := range all {
		if !m.LOBID.IsZero() || !m.QueueID.IsZero() {
			continue
		}
		v := Measure{Key: m.Key, Formula: m.Formula, ThresholdMS: m.ThresholdMS, Target: m.Target, Better: m.Better, Critical: m.Critical}
		for _, b := range m.Bands {
			v.Bands = append(v.Bands, Credit(b))
		}
		r.d.Measures = append(r.d.Measures, v)
		r.since(m.ValidFrom)
	}
	return err
}

// rates reads the latest rate card.
func (r *reading) rates(ctx context.Context) error {
	cards, err := r.Billing.RateCards(ctx, r.sc, r.client.ID)
	if err != nil || len(cards) == 0 {
		return err
	}
	r.d.terms, r.d.name = &cards[0].Document, cards[0].Name
	r.since(cards[0].ValidFrom)
	return nil
}

// namedRates is a rate card as documents write it.
type namedRates struct {
	Name string `json:"name"`
	billing.Terms
}

// MarshalJSON writes the document so that Parse reads it again.
func (d *Document) MarshalJSON() ([]byte, error) {
	type plain Document
	out := struct {
		*plain
		Rates *namedRates `json:"rates,omitempty"`
	}{plain: (*plain)(d)}
	if d.terms != nil {
		out.Rates = &namedRates{d.name, *d.terms}
	}
	return json.Marshal(out)
}

// HasRates reports whether the document has a rate card.
func (d *Document) HasRates() bool { return d.terms != nil }

// WithoutRates gives the document without its rate card, for readers who may not see prices.
func (d *Document) WithoutRates() *Document {
	out := *d
	out.terms = nil
	return &out
}

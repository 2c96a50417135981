package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// collected is everything a period's statement and document are made from.
type collected struct {
	input  rating.Input
	last   contract.Contract // in force on the last day
	card   RateCard          // in force on the last day it covers
	client contract.Client
	names  map[string]string
	seller workbook.Party
}

// collect reads one state of the database: contract, rate cards, facts and names of a period.
func (s *Service) collect(ctx context.Context, sc scope.Scope, p Period) (collected, error) {
	results, err := s.judge.MeasureResults(ctx, sc, p.ClientID, p.FromDay, p.ToDay)
	if err != nil {
		return collected{}, err
	}
	calendars, err := s.contracts.Calendars(ctx, sc)
	if err != nil {
		return collected{}, err
	}
	measures, err := s.contracts.MeasuresOn(ctx, sc, p.ClientID, p.ToDay-1)
	if err != nil {
		return collected{}, err
	}
	var out collected
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		out = collected{input: rating.Input{From: p.FromDay, Until: p.ToDay}, names: map[string]string{}}
		out.client, err = database.One[contract.Client](tx.Where("id = ?", p.ClientID), "client.not_found", "There is no such client.")
		if err != nil {
			return err
		}
		agreed, err := contractsOver(tx, p.ClientID, p.FromDay, p.ToDay)
		if err != nil {
			return err
		}
		out.last = agreed[len(agreed)-1]
		cards, err := cardsOver(tx, p)
		if err != nil {
			return err
		}
		out.card = cards[len(cards)-1]
		if out.input.Cards, err = engineCards(p, agreed, cards, measures); err != nil {
			return err
		}
		zone, err := calendar.Zone(agreed[0].Zone)
		if err != nil {
			return err
		}
		c := &classes{zone: zone}
		for _, card := range cards {
			c.terms = append(c.terms, termDays{from: card.ValidFrom, terms: card.Document, special: calendars[card.Document.CalendarID]})
		}
		if err := out.seal(tx, p, results, measures); err != nil {
			return err
		}
		return out.facts(tx, p, calendar.Interval{Start: p.FromDay.At(0, zone), End: p.ToDay.At(0, zone)}, c)
	})
	return out, err
}

// cardsOver lists the rate card versions in force on any day of the period, in order.
func cardsOver(tx *database.Tx, p Period) ([]RateCard, error) {
	var out []RateCard
	err := tx.Where("client_id = ? AND valid_from < ? AND (valid_to IS NULL OR valid_to > ?)", p.ClientID, p.ToDay, p.FromDay).Order("valid_from").Find(&out).Error
	if err == nil && len(out) == 0 {
		return nil, fault.Newf(fault.Invalid, "billing.no_rate_card", "The client has no rate card between %s and %s: enter one first.", p.FromDay, p.ToDay-1)
	}
	return out, err
}

// engineCards cuts the period wherever contract or rate card change.
func engineCards(p Period, agreed []contract.Contract, cards []RateCard, measures []contract.Measure) ([]rating.Card, error) {
	until := func(d *calendar.Date) calendar.Date {
		if d == nil {
			return p.ToDay
		}
		return min(*d, p.ToDay)
	}
	var out []rating.Card
	for _, card := range cards {
		for _, c := range agreed {
			from, to := max(card.ValidFrom, c.ValidFrom, p.FromDay), min(until(card.ValidTo), until(c.ValidTo))
			if from >= to {
				continue
			}
			if c.Currency != card.Currency {
				return nil, fault.Newf(fault.Invalid, "billing.currency_differs", "The contract is in %s and the rate card in %s: they must agree.", c.Currency, card.Currency)
			}
			credits, err := creditsOf(c, measures)
			if err != nil {
				return nil, err
			}
			label := card.label()
			if len(agreed) > 1 {
				label += fmt.Sprintf(" / contract v%d", c.Version)
			}
			e, err := card.Document.card(label, card.Currency, from, to, c.Document, credits)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
	}
	return out, nil
}

// creditsOf makes a credit policy of the contract's measures: a band's share is of
// the charges, all credits together stay below the share at risk. Measures that are
// not critical are reported without credit.
func creditsOf(c contract.Contract, measures []contract.Measure) ([]rating.CreditPolicy, error) {
	if len(measures) == 0 {
		return nil, nil
	}
	atRisk, err := share(c.Document.AtRiskShare)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "billing.at_risk", "The contract's share at risk %q is not a decimal share such as 0.1.", c.Document.AtRiskShare)
	}
	if c.Document.AtRiskShare == "" {
		atRisk = decimal.NewFromInt(1) // no cap is agreed
	}
	policy := rating.CreditPolicy{Name: "SLA", AtRisk: atRisk, Basis: rating.OfCharges, Tax: ContractTax}
	for _, m := range measures {
		target, err := share(m.Target)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "billing.measure_target", "The target %q of the measure %s is not a decimal number.", m.Target, m.Key)
		}
		e := rating.CreditMeasure{Measure: m.ID.String(), Name: measureName(m), LOB: m.LOBID.String(), Better: rating.Better(m.Better), Target: target, Weight: decimal.Zero}
		for _, b := range m.Bands {
			limit, err1 := share(b.Beyond)
			credit, err2 := share(b.CreditShare)
			if err := errors.Join(err1, err2); err != nil {
				return nil, fault.Newf(fault.Invalid, "billing.measure_band", "A credit band of the measure %s is not made of decimal numbers: %q, %q.", m.Key, b.Beyond, b.CreditShare)
			}
			if m.Critical {
				e.Bands = append(e.Bands, rating.CreditBand{Limit: limit, Share: credit})
			}
		}
		policy.Measures = append(policy.Measures, e)
	}
	return []rating.CreditPolicy{policy}, nil
}

// measureName names a measure by its key and formula.
func measureName(m contract.Measure) string {
	if m.Formula == "" {
		return m.Key
	}
	return m.Key + " " + m.Formula
}

// seal adds the results of the measures, also under their keys where these are
// unambiguous, and what the period before missed.
func (c *collected) seal(tx *database.Tx, p Period, results []rating.MeasureResult, measures []contract.Measure) error {
	missed, err := missedBefore(tx, p)
	if err != nil {
		return err
	}
	keys := map[string][]string{}
	for _, m := range measures {
		keys[m.Key] = append(keys[m.Key], m.ID.String())
	}
	for _, r := range results {
		r.MissedLast = missed[r.Measure]
		c.input.Measures = append(c.input.Measures, r)
	}
	for _, r := range slices.Clone(c.input.Measures) {
		for key, list := range keys {
			if len(list) == 1 && list[0] == r.Measure {
				r.Measure = key
				c.input.Measures = append(c.input.Measures, r)
			}
		}
	}
	slices.SortFunc(c.input.Measures, func(a, b rating.MeasureResult) int { return strings.Compare(a.Measure, b.Measure) })
	return nil
}

// missedBefore tells which measures the client's last issued invoice before the period shows as missed.
func missedBefore(tx *database.Tx, p Period) (map[string]bool, error) {
	var before Period
	err := tx.Where("client_id = ? AND to_day <= ?", p.ClientID, p.FromDay).Order("to_day DESC").Take(&before).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var invoices []Invoice
	if err := tx.Where("period_id = ? AND kind = ? AND status = ?", before.ID, workbook.KindInvoice, Issued).Order("number").Find(&invoices).Error; err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, i := range invoices {
		for _, m := range i.Document.Statement.Measures {
			out[m.Measure] = m.Reason == "missed"
		}
	}
	return out, nil
}

// facts adds the facts of the span and the names of what they mention.
func (c *collected) facts(tx *database.Tx, p Period, span calendar.Interval, cl *classes) error {
	var queues []contract.Queue
	var lobs []contract.LOB
	var agents []people.Agent
	var sites []people.Site
	if err := errors.Join(
		tx.Where("client_id = ?", p.ClientID).Find(&queues).Error,
		tx.Where("client_id = ?", p.ClientID).Find(&lobs).Error,
		tx.Find(&agents).Error,
		tx.Find(&sites).Error,
	); err != nil {
		return err
	}
	byID := map[ids.Queue]contract.Queue{}
	for _, q := range queues {
		byID[q.ID] = q
	}
	worked, err := agentTime(tx, p.ClientID, span, cl)
	if err != nil {
		return err
	}
	counts, err := contactCounts(tx, p.ClientID, span, cl, byID)
	if err != nil {
		return err
	}
	c.input.Facts = append(worked, counts...)
	if c.seller, err = sellerOf(tx, c.last); err != nil {
		return err
	}
	used := map[string]bool{}
	for _, f := range c.input.Facts {
		for _, key := range []string{f.Source, f.Labels.LOB, f.Labels.Queue, f.Labels.Site} {
			used[key] = true
		}
	}
	note := func(key, name string) {
		if used[key] {
			c.names[key] = name
		}
	}
	for _, l := range lobs {
		c.names[l.ID.String()] = l.Name
	}
	for _, q := range queues {
		note(q.ID.String(), q.Name)
		note(queueSource+q.ID.String(), q.Name)
	}
	for _, a := range agents {
		note(agentSource+a.ID.String(), a.Label)
	}
	for _, x := range sites {
		note(x.ID.String(), x.Name)
	}
	return nil
}

// sellerOf gives the legal entity of the contract as a party.
func sellerOf(tx *database.Tx, c contract.Contract) (workbook.Party, error) {
	e, err := database.One[contract.LegalEntity](tx.Where("id = ?", c.LegalEntityID), "billing.no_legal_entity", "The contract names no legal entity that could issue an invoice.")
	return workbook.Party{Name: e.Name, Address: e.Address, TaxID: e.TaxID, Bank: e.Bank}, err
}

package onboard

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"muster/billing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Outcome says what became of a part of the document.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Changed   Outcome = "changed" // a new version is in force
	Unchanged Outcome = "unchanged"
)

// AppliedPart is what was done about one part of the document.
type AppliedPart struct {
	Part    string  `json:"part"`
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
}

// Services are what a document is applied to.
type Services struct {
	Contracts *contract.Service
	People    *people.Service
	Billing   *billing.Service
}

// forever is a date that the latest version of anything is in force on.
var forever = calendar.NewDate(9999, 1, 1)

// applying is one document on its way in.
type applying struct {
	Services
	d      *Document
	sc     scope.Scope
	by     ids.User
	client contract.Client
	entity ids.LegalEntity
	from   calendar.Instant
	steps  []AppliedPart
}

// Apply stores what the document says and gives what it did, in order. An error
// stops it; what was stored before stays, and applying the mended document goes on.
func (d *Document) Apply(ctx context.Context, sc scope.Scope, s Services, by ids.User) ([]AppliedPart, error) {
	a := &applying{Services: s, d: d, sc: sc, by: by}
	for _, step := range []func(context.Context) error{a.provider, a.legalEntity, a.customer, a.queues, a.contract, a.measures, a.rates} {
		if err := step(ctx); err != nil {
			return a.steps, err
		}
	}
	return a.steps, nil
}

// errPreview takes back what a preview has done.
var errPreview = errors.New("preview")

// Preview gives what Apply would do and stores nothing.
func (d *Document) Preview(ctx context.Context, db *database.DB, sc scope.Scope, s Services, by ids.User) ([]AppliedPart, error) {
	var steps []AppliedPart
	err := db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if steps, err = d.Apply(tx.Context(), sc, s, by); err != nil {
			return err
		}
		return errPreview
	})
	if errors.Is(err, errPreview) {
		err = nil
	}
	return steps, err
}

func (a *applying) did(part, name string, o Outcome) {
	a.steps = append(a.steps, AppliedPart{part, name, o})
}

// provider describes the installation if nobody has.
func (a *applying) provider(ctx context.Context) error {
	known, err := a.Contracts.Provider(ctx)
	if err == nil {
		a.did("provider", known.Name, Unchanged)
		return nil
	}
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	p := contract.ProviderRow{Name: "Provider", Zone: a.d.Client.Zone, Locale: a.d.Client.Locale, Currency: a.d.Client.Currency}
	if v := a.d.Provider; v != nil {
		p = contract.ProviderRow{Name: v.Name, Zone: v.Zone, Locale: v.Locale, Currency: v.Currency}
	}
	if p.Locale == "" {
		p.Locale = "zh-CN"
	}
	a.did("provider", p.Name, Created)
	return a.d.at(a.Contracts.SetUpProvider(ctx, p), "provider")
}

// legalEntity finds the company that issues the invoices by its series, or adds it.
func (a *applying) legalEntity(ctx context.Context) error {
	known, err := a.Contracts.LegalEntities(ctx, a.sc)
	if err != nil {
		return err
	}
	v := a.d.Entity
	switch {
	case v == nil && len(known) == 1:
		a.entity = known[0].ID
		return nil
	case v == nil && a.d.Contract == nil:
		return nil
	case v == nil:
		return a.d.problem("The contract needs a legal_entity that issues its invoices; %d are known, so name one by its invoice_series.", []any{len(known)}, "contract")
	}
	if i := slices.IndexFunc(known, func(e contract.LegalEntity) bool { return e.InvoiceSeries == v.InvoiceSeries }); i >= 0 {
		a.entity = known[i].ID
		a.did("legal entity", known[i].Name, Unchanged)
		return nil
	}
	e, err := a.Contracts.CreateLegalEntity(ctx, a.sc, contract.LegalEntity{Name: v.Name, Country: v.Country, InvoiceSeries: v.InvoiceSeries, Address: v.Address, TaxID: v.TaxID, Bank: v.Bank})
	a.entity = e.ID
	a.did("legal entity", v.Name, Created)
	return a.d.at(err, "legal_entity")
}

// customer finds the client by its slug or adds it; a client's zone and currency never change.
func (a *applying) customer(ctx context.Context) error {
	v := a.d.Client
	zone, err := calendar.Zone(v.Zone)
	if err != nil {
		return err
	}
	a.from = a.d.ValidFrom.At(0, zone)
	known, err := a.Contracts.Clients(ctx, a.sc)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(known, func(c contract.Client) bool { return c.Slug == v.Slug }); i >= 0 {
		a.client = known[i]
		if a.client.Zone != v.Zone || a.client.Currency != v.Currency {
			return a.d.problem("The client %q is known with zone %s and currency %s, which history and invoices were made with; write these, or choose another slug.", []any{v.Slug, a.client.Zone, a.client.Currency}, "client")
		}
		a.did("client", v.Slug, Unchanged)
		return nil
	}
	a.client, err = a.Contracts.CreateClient(ctx, a.sc, contract.Client{Slug: v.Slug, Name: v.Name, Zone: v.Zone, Currency: v.Currency, Locale: v.Locale})
	a.did("client", v.Slug, Created)
	return a.d.at(err, "client")
}

// contract puts the agreement in force.
func (a *applying) contract(ctx context.Context) error {
	v := a.d.Contract
	if v == nil {
		return nil
	}
	want := contract.Agreement{PeriodStartDay: v.PeriodStartDay, TaxRate: v.TaxRate, TaxName: v.TaxName, PaymentDays: v.PaymentDays, PurchaseOrder: v.PurchaseOrder, AtRiskShare: v.AtRiskShare, Address: v.Address, TaxID: v.TaxID}
	outcome := Changed
	last, err := a.Contracts.ContractOn(ctx, a.sc, a.client.ID, forever)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		outcome = Created
	case err != nil:
		return err
	case last.Document == want && last.LegalEntityID == a.entity:
		a.did("contract", a.client.Slug, Unchanged)
		return nil
	}
	_, err = a.Contracts.PutContract(ctx, a.sc, contract.Contract{ClientID: a.client.ID, LegalEntityID: a.entity, ValidFrom: a.d.ValidFrom.Date, Currency: a.client.Currency, Zone: a.client.Zone, Document: want})
	a.did("contract", a.client.Slug, outcome)
	return a.d.at(err, "contract")
}

// measures puts the promises in force.
func (a *applying) measures(ctx context.Context) error {
	known, err := a.Contracts.MeasuresOn(ctx, a.sc, a.client.ID, forever)
	if err != nil {
		return err
	}
	for i, v := range a.d.Measures {
		want := contract.Measure{ClientID: a.client.ID, Key: v.Key, Formula: v.Formula, ThresholdMS: v.ThresholdMS, Target: v.Target, Better: v.Better, Critical: v.Critical, Bands: []contract.Band{}, ValidFrom: a.d.ValidFrom.Date}
		for _, b := range v.Bands {
			want.Bands = append(want.Bands, contract.Band(b))
		}
		outcome := Created
		for _, k := range known {
			if k.Key != v.Key || !k.LOBID.IsZero() || !k.QueueID.IsZero() {
				continue
			}
			outcome = Changed
			k.ID, k.ValidFrom, k.CreatedAt = want.ID, want.ValidFrom, want.CreatedAt
			if same(k, want) {
				outcome = Unchanged
			}
		}
		a.did("measure", v.Key, outcome)
		if outcome == Unchanged {
			continue
		}
		if _, err := a.Contracts.AddMeasure(ctx, a.sc, want); err != nil {
			return a.d.at(err, "measures", i)
		}
	}
	return nil
}

// rates puts the rate card in force.
func (a *applying) rates(ctx context.Context) error {
	if a.d.terms == nil {
		return nil
	}
	cards, err := a.Billing.RateCards(ctx, a.sc, a.client.ID)
	if err != nil {
		return err
	}
	outcome := Created
	if len(cards) > 0 {
		outcome = Changed
		if cards[0].Name == a.d.name && same(cards[0].Document, *a.d.terms) {
			a.did("rate card", a.d.name, Unchanged)
			return nil
		}
	}
	_, err = a.Billing.PutRateCard(ctx, a.sc, billing.RateCard{ClientID: a.client.ID, Name: a.d.name, Currency: a.client.Currency, ValidFrom: a.d.ValidFrom.Date, Document: *a.d.terms}, a.by)
	a.did("rate card", a.d.name, outcome)
	return a.d.at(err, "rates")
}

// same compares two values by their stored form.
func same(a, b any) bool {
	left, err := json.Marshal(a)
	right, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(left) == string(right)
}

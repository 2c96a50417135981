package server_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/billing"
	"muster/billing/rating"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// agree puts contract, measure and a fixed monthly fee of 100 in force for both clients.
func (d *door) agree() {
	d.t.Helper()
	ctx, all, from := d.t.Context(), scope.Provider(), calendar.NewDate(2025, time.January, 1)
	entity, err := d.deps.Contracts.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Provider", Country: "DE", InvoiceSeries: "MU"})
	require.NoError(d.t, err)
	for _, c := range []contract.Client{d.one, d.two} {
		_, err := d.deps.Contracts.PutContract(ctx, all, contract.Contract{ClientID: c.ID, LegalEntityID: entity.ID, ValidFrom: from, Currency: "EUR", Zone: "UTC", Document: contract.Agreement{PeriodStartDay: 1, TaxRate: "0.19", TaxName: "VAT"}})
		require.NoError(d.t, err)
		_, err = d.deps.Contracts.AddMeasure(ctx, all, contract.Measure{ClientID: c.ID, Key: "service_level", Formula: "f3", Target: "0.8", Better: "higher", ValidFrom: from})
		require.NoError(d.t, err)
		_, err = d.deps.Billing.PutRateCard(ctx, all, billing.RateCard{ClientID: c.ID, Name: "Fee", Currency: "EUR", ValidFrom: from,
			Document: billing.Terms{Rounding: money.HalfUp, Rules: []rating.Rule{{Key: "fee", Name: "Fee", Form: rating.Fixed, Price: decimal.NewFromInt(100)}}}}, ids.User{})
		require.NoError(d.t, err)
	}
}

func TestInvoiceFromDraftToTheClientsWorkbook(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		d.agree()
		finance := d.as("finance", access.Finance, access.ProviderDomain)
		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		other := d.as("client-two", access.ClientRole, access.ClientDomain(d.two.ID))

		draft := finance.send("POST", "/api/v1/invoices/drafts", map[string]any{"client_id": d.one.ID, "on": "2026-01-15"})
		require.Equal(t, 201, draft.status, draft.body)
		require.Equal(t, "119.00", draft.field("total.value"))
		path := "/api/v1/invoices/" + draft.field("id").(string)
		require.Equal(t, 404, mine.send("GET", path, nil).status, "a client sees no draft")
		refused(t, finance.send("GET", "/api/v1/invoices?status=drat", nil), 422, "invoice.unknown_status")
		require.Equal(t, 403, mine.send("POST", path+"/issue", map[string]int{"version": 1}).status)
		require.Equal(t, 409, finance.send("POST", path+"/issue", map[string]int{"version": 1}).status, "a draft is reviewed first")
		reviewed := finance.send("POST", path+"/review", map[string]int{"version": 1})
		require.Equal(t, 200, reviewed.status, reviewed.body)
		require.Equal(t, 412, finance.send("POST", path+"/issue", map[string]int{"version": 1}).status)
		issued := finance.send("POST", path+"/issue", map[string]any{"version": reviewed.field("version")})
		require.Equal(t, 200, issued.status, issued.body)
		require.Equal(t, "MU-000001", issued.field("label"))

		require.Equal(t, 200, mine.send("GET", path, nil).status)
		require.Contains(t, mine.send("GET", "/api/v1/invoices", nil).body, "MU-000001")
		require.NotContains(t, other.send("GET", "/api/v1/invoices", nil).body, "MU-000001")
		for _, foreign := range []string{path, path + "/workbook", path + "/lines/1/sources"} {
			require.Equal(t, 404, other.send("GET", foreign, nil).status, foreign)
		}
		book := mine.send("GET", path+"/workbook?locale=en", nil)
		require.Equal(t, 200, book.status)
		require.Contains(t, book.header.Get("Content-Disposition"), "MU-000001.xlsx")
		f, err := excelize.OpenReader(bytes.NewReader([]byte(book.body)))
		require.NoError(t, err)
		total, err := f.GetCellValue("Invoice", "K16", excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		require.Equal(t, "119", total)
		require.NoError(t, f.Close())
	})
}

func TestScorecardStaysWithItsClient(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		d.agree()
		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		query := func(c contract.Client) string { return fmt.Sprintf("?client=%s&on=2026-01-15", c.ID) }
		card := mine.send("GET", "/api/v1/scorecards"+query(d.one), nil)
		require.Equal(t, 200, card.status, card.body)
		require.Contains(t, card.body, "service_level")
		require.Equal(t, 404, mine.send("GET", "/api/v1/scorecards"+query(d.two), nil).status)
		book := mine.send("GET", "/api/v1/scorecards/export"+query(d.one), nil)
		require.Equal(t, 200, book.status, book.body)
		require.Contains(t, book.header.Get("Content-Disposition"), "scorecard-client-0-2026-01.xlsx")
		require.Equal(t, 404, mine.send("GET", "/api/v1/scorecards/export"+query(d.two), nil).status)
	})
}

func TestRateCardsAndLocksByTheDoor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		d.agree()
		finance := d.as("finance", access.Finance, access.ProviderDomain)
		mine := d.as("client-one", access.ClientRole, access.ClientDomain(d.one.ID))
		path := "/api/v1/clients/" + d.one.ID.String() + "/rate-cards"
		card := func(terms string) string { return `{"name":"Hours","valid_from":"2026-02-01","terms":` + terms + `}` }
		good := `{"rounding":"half_up","rules":[{"key":"h","name":"Hours","form":"unit","meter":{"measure":"agent_time","billable":true,"unit":"hour"},"price":"30.5","tax":""}]}`
		require.Equal(t, 403, mine.send("POST", path, card(good)).status)
		for _, bad := range []string{`{"rules":[],"colour":1}`, `{"rules":[]}`, `7`} {
			res := finance.send("POST", path, card(bad))
			require.Equal(t, 422, res.status, res.body)
			require.Contains(t, res.body, "billing.invalid_card")
		}
		res := finance.send("POST", path, card(good))
		require.Equal(t, 201, res.status, res.body)
		require.Equal(t, 2.0, res.field("version"))
		require.Contains(t, finance.send("GET", path, nil).body, `"price":"30.5"`)

		require.Equal(t, 201, finance.send("POST", "/api/v1/invoices/drafts", map[string]any{"client_id": d.one.ID, "on": "2026-01-15"}).status)
		periods, err := d.deps.Billing.Periods(t.Context(), scope.Provider(), d.one.ID)
		require.NoError(t, err)
		lock := "/api/v1/periods/" + periods[0].ID.String() + "/lock"
		require.Equal(t, 412, finance.send("POST", lock, map[string]int{"version": 9}).status)
		require.Equal(t, 403, mine.send("POST", lock, map[string]int{"version": 1}).status)
		locked := finance.send("POST", lock, map[string]int{"version": 1})
		require.Equal(t, 200, locked.status, locked.body)
		require.Equal(t, "locked", locked.field("status"))
	})
}

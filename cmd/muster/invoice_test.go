package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/scope"
)

// billedHouse makes a data directory with one client under contract.
func billedHouse(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	o := database.Options{Path: filepath.Join(dir, "muster.db")}
	require.NoError(t, database.Migrate(t.Context(), o))
	db, err := database.Open(t.Context(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	s, ctx, all := contract.NewService(db), t.Context(), scope.Provider()
	entity, err := s.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Provider", Country: "CN", InvoiceSeries: "MU"})
	require.NoError(t, err)
	client, err := s.CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Retail", Zone: "Asia/Shanghai", Locale: "en", Currency: "CNY"})
	require.NoError(t, err)
	from := calendar.NewDate(2026, time.January, 1)
	_, err = s.PutContract(ctx, all, contract.Contract{ClientID: client.ID, LegalEntityID: entity.ID, ValidFrom: from, Currency: "CNY", Zone: "Asia/Shanghai",
		Document: contract.Agreement{PeriodStartDay: 1, TaxRate: "0.06", TaxName: "VAT"}})
	require.NoError(t, err)
	_, err = s.AddMeasure(ctx, all, contract.Measure{ClientID: client.ID, Key: "service_level", Formula: "f3", Target: "0.8", Better: "higher", ValidFrom: from})
	require.NoError(t, err)
	return dir
}

func TestInvoiceCommands(t *testing.T) {
	data := "data_dir=" + billedHouse(t)
	rates := filepath.Join(t.TempDir(), "rates.json")
	require.NoError(t, os.WriteFile(rates, []byte(`{"rounding":"half_up","rules":[{"key":"base","name":"Base fee","form":"fixed","price":"1000.50","tax":""}]}`), 0o600))
	example, err := run(t, "invoice", "rates", "--example")
	require.NoError(t, err)
	sample := filepath.Join(t.TempDir(), "example.json")
	require.NoError(t, os.WriteFile(sample, []byte(example), 0o600))
	out, err := run(t, "invoice", "rates", sample, "--client", "retail", "--from", "2026-01-01", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "version 1 of Retail")
	_, err = run(t, "invoice", "rates", "--set", data)
	require.ErrorContains(t, err, "--example")
	out, err = run(t, "invoice", "rates", rates, "--client", "retail", "--from", "2026-02-01", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "version 2 of Retail")

	out, err = run(t, "invoice", "draft", "--client", "retail", "--month", "2026-03", "--json", "--set", data)
	require.NoError(t, err)
	var draft struct {
		ID         string `json:"id"`
		TotalMinor int64  `json:"total_minor"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &draft))
	require.Equal(t, int64(106053), draft.TotalMinor)

	out, err = run(t, "invoice", "issue", draft.ID, "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "MU-000001")
	_, err = run(t, "invoice", "issue", "MU-000001", "--set", data)
	require.ErrorContains(t, err, "issued")

	book := filepath.Join(t.TempDir(), "invoice.xlsx")
	_, err = run(t, "invoice", "export", "MU-000001", "--out", book, "--set", data)
	require.NoError(t, err)
	f, err := excelize.OpenFile(book)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	total, err := f.GetCellValue("Invoice", "K16", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Equal(t, "1060.53", total)

	out, err = run(t, "invoice", "credit", "MU-000001", "--reason", "not agreed", "--line", "1", "--amount", "0.50", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "-0.53 CNY")
	out, err = run(t, "invoice", "list", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "credit_note")
	out, err = run(t, "invoice", "show", "MU-000001", "--line", "1", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "fixed")

	out, err = run(t, "scorecard", "--client", "retail", "--month", "2026-03", "--set", data)
	require.NoError(t, err)
	require.Contains(t, out, "unknown")
	_, err = run(t, "invoice", "draft", "--client", "retial", "--month", "2026-03", "--set", data)
	require.ErrorContains(t, err, "retail")
	_, err = run(t, "invoice", "draft", "--client", "retail", "--month", "03/2026", "--set", data)
	require.ErrorContains(t, err, "YYYY-MM")
	_, err = run(t, "invoice", "show", "MU-000099", "--set", data)
	require.ErrorContains(t, err, "muster invoice list")
}

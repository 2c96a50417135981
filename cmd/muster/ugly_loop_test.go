package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/server/onboard"
)

// bankDocument is the client that the ugly files belong to.
const bankDocument = `
provider: {name: Provider, zone: Asia/Shanghai, locale: zh-CN, currency: CNY}
legal_entity: {name: Provider Ltd, country: CN, invoice_series: MU}
client: {slug: bank, name: Bank, zone: Asia/Shanghai, currency: CNY}
valid_from: 2026-01-01
hours: {mon-sat: "09:00-18:00"}
lobs:
  - slug: retail
    name: Retail
    queues:
      - {slug: hotline, name: 热线, channel: voice, answer_within_seconds: 20, service_level: 0.8, patience_seconds: 180, occupancy_cap: 0.9, shrinkage: 0.2}
      - {slug: complaints, name: 投诉, channel: voice, answer_within_seconds: 20, service_level: 0.8, patience_seconds: 180, occupancy_cap: 0.9, shrinkage: 0.2}
      - {slug: online, name: 在线, channel: chat, answer_within_seconds: 20, service_level: 0.8, patience_seconds: 180, occupancy_cap: 0.9, shrinkage: 0.2}
contract: {period_start_day: 1, tax_rate: "0.06", tax_name: VAT, payment_days: 30, at_risk_share: "0.1"}
rates:
  name: Standard
  rules:
    - {key: hours, name: Productive hours, form: unit, meter: {measure: agent_time, billable: true, unit: hour}, price: 100, tax: tax}
`

// TestTwelveUglyFilesGoFromAnEmptyDirectoryToAnInvoice brings a client in from one
// document and four weeks of twelve exports without a mapping, and goes on to a
// published forecast, staffing, a published roster, a scorecard and a draft
// invoice with its workbook. Every step is a command.
func TestTwelveUglyFilesGoFromAnEmptyDirectoryToAnInvoice(t *testing.T) {
	data := t.TempDir()
	muster := func(args ...string) string {
		t.Helper()
		out, err := run(t, append(args, "--set", "data_dir="+data)...)
		require.NoError(t, err, "%v: %s", args, out)
		return out
	}
	document := filepath.Join(data, "bank.yaml")
	require.NoError(t, os.WriteFile(document, []byte(bankDocument), 0o600))
	muster("client", "apply", document)
	require.Contains(t, muster("client", "list"), "Asia/Shanghai")

	files := uglyExports(t)
	require.Len(t, files, 12)
	for _, f := range files {
		path := filepath.Join(data, f.name)
		require.NoError(t, os.WriteFile(path, f.data, 0o600))
		require.Contains(t, muster(append([]string{"import", f.args[0], path, "--client", "bank"}, f.args[1:]...)...), f.says, f.name)
	}

	var forecast scheduling.Forecast
	require.NoError(t, json.Unmarshal([]byte(muster("plan", "forecast", "--client", "bank", "--from", "2026-03-02", "--days", "7", "--json")), &forecast))
	require.Len(t, forecast.Explain.Queues, 3)
	require.Contains(t, muster("plan", "publish", "forecast", forecast.ID.String()), "published")

	var plan scheduling.Plan
	require.NoError(t, json.Unmarshal([]byte(muster("plan", "staffing", "--client", "bank", "--json")), &plan))
	require.Equal(t, forecast.ID, plan.ForecastID)
	for _, q := range plan.Settings.Queues {
		require.Positive(t, q.SeatHours, "54 open hours with 8 to 12 contacts each")
	}

	var roster scheduling.Roster
	require.NoError(t, json.Unmarshal([]byte(muster("plan", "roster", "--client", "bank", "--from", "2026-03-02", "--days", "7", "--moves", "2000", "--json")), &roster))
	require.Positive(t, roster.Summary.Shifts)
	require.Zero(t, roster.Summary.Score["hard"])
	require.Contains(t, muster("plan", "publish", "roster", roster.ID.String()), "published")

	var invoice struct {
		ID         string `json:"id"`
		NetMinor   int64  `json:"net_minor"`
		TotalMinor int64  `json:"total_minor"`
		Status     string `json:"status"`
	}
	require.NoError(t, json.Unmarshal([]byte(muster("invoice", "draft", "--client", "bank", "--month", "2026-02", "--json")), &invoice))
	require.Equal(t, "draft", invoice.Status)
	// 12 agents, 24 days, 180 + 285 billable minutes, 100 an hour, 6 % tax.
	require.EqualValues(t, 12*24*(180+285)*100*100/60, invoice.NetMinor)
	require.Equal(t, invoice.NetMinor*106/100, invoice.TotalMinor)
}

// TestClientDocumentIsIdempotent applies the example twice and then with one figure changed.
func TestClientDocumentIsIdempotent(t *testing.T) {
	data := t.TempDir()
	apply := func(content string) ([]onboard.AppliedPart, error) {
		path := filepath.Join(data, "client.yaml")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		out, err := run(t, "client", "apply", path, "--json", "--set", "data_dir="+data)
		var steps []onboard.AppliedPart
		if err == nil {
			require.NoError(t, json.Unmarshal([]byte(out), &steps))
		}
		return steps, err
	}
	first, err := apply(onboard.Example)
	require.NoError(t, err)
	for _, s := range first {
		require.Equal(t, onboard.Created, s.Outcome, "%+v", s)
	}
	again, err := apply(onboard.Example)
	require.NoError(t, err)
	for _, s := range again {
		require.Equal(t, onboard.Unchanged, s.Outcome, "%+v", s)
	}

	shorter := replaceOnce(t, onboard.Example, "answer_within_seconds: 20", "answer_within_seconds: 15")
	_, err = apply(shorter)
	require.ErrorContains(t, err, "Line 40: Other terms are in force from that instant or a later one; choose a later beginning.")
	changed, err := apply(replaceOnce(t, shorter, "valid_from: 2026-01-01", "valid_from: 2026-07-01"))
	require.NoError(t, err)
	for _, s := range changed {
		want := onboard.Unchanged
		if s.Name == "cards" {
			want = onboard.Changed
		}
		require.Equal(t, want, s.Outcome, "%+v", s)
	}
	_, err = apply(replaceOnce(t, onboard.Example, "currency: CNY # of its invoices", "currency: EUR"))
	require.ErrorContains(t, err, "known with zone Asia/Shanghai and currency CNY")
}

// replaceOnce changes one place of a text that stands there once.
func replaceOnce(t *testing.T, text, old, fresh string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, old), "%q must stand once", old)
	return strings.Replace(text, old, fresh, 1)
}

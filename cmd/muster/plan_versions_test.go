package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
)

// TestVersionsOnTheCommandLine takes a forecast through Excel, a what-if and its
// commitment, beside the client's own.
func TestVersionsOnTheCommandLine(t *testing.T) {
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
	for _, f := range uglyExports(t) {
		path := filepath.Join(data, f.name)
		require.NoError(t, os.WriteFile(path, f.data, 0o600))
		muster(append([]string{"import", f.args[0], path, "--client", "bank"}, f.args[1:]...)...)
	}
	var forecast scheduling.Forecast
	require.NoError(t, json.Unmarshal([]byte(muster("plan", "forecast", "--client", "bank", "--from", "2026-03-02", "--days", "7", "--json")), &forecast))
	id := forecast.ID.String()
	whatif := muster("plan", "whatif", "--client", "bank", "--name", "Promotion", "--from", "2026-03-03", "--to", "2026-03-04", "--multiply", "3", "--json")
	var out scheduling.WhatIf
	require.NoError(t, json.Unmarshal([]byte(whatif), &out))
	require.InDelta(t, 3*out.Days[1].Base.Volume, out.Days[1].Scenario.Volume, 1e-6)
	require.NotNil(t, out.Scenario.Cost)

	book := filepath.Join(data, "forecast.xlsx")
	muster("plan", "export", id, "--out", book)
	require.Contains(t, muster("plan", "edit", id, book, "--dry-run"), "0 of")
	table := filepath.Join(data, "forecast.csv")
	muster("plan", "export", id, "--out", table)
	text, err := os.ReadFile(table)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	fields := strings.Split(lines[1], ",")
	fields[2] = "99"
	lines[1] = strings.Join(fields, ",")
	require.NoError(t, os.WriteFile(table, []byte(strings.Join(lines, "\n")), 0o600))
	require.Contains(t, muster("plan", "edit", id, table), "1 of")

	muster("plan", "publish", "forecast", id)
	require.Contains(t, muster("plan", "upload", table, "--client", "bank"), "received")
	require.Contains(t, muster("plan", "commit", id), "committed")
	weeks := filepath.Join(data, "weeks.csv")
	require.Contains(t, muster("plan", "long-range", "--client", "bank", "--from", "2026-03-02", "--weeks", "8", "--out", weeks), "version 1")
	text, err = os.ReadFile(weeks)
	require.NoError(t, err)
	require.Contains(t, string(text), "TOTAL,2026-03-02,7,")
	require.Contains(t, muster("plan", "retrain", "--client", "bank"), "draft")
	require.Contains(t, muster("plan", "accuracy"), "kind,client,source")
	var plan scheduling.Plan
	require.NoError(t, json.Unmarshal([]byte(muster("plan", "staffing", "--client", "bank", "--json")), &plan))
	require.Equal(t, forecast.ID, plan.ForecastID, "neither the client's version nor the night's draft is taken for ours")
}

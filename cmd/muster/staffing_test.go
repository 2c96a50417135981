package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/scheduling/staffing"
)

// runStaffing runs `muster staffing` with arguments and gives what it prints.
func runStaffing(args ...string) (string, error) {
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"staffing"}, args...))
	err := root.Execute()
	return out.String(), err
}

func TestStaffingErlangCommand(t *testing.T) {
	common := []string{"erlang", "--contacts", "100", "--interval", "30m", "--aht", "180s", "--json"}
	for _, c := range []struct {
		name string
		args []string
		want map[string]any // nil = must be null
	}{
		{"c", []string{"--model", "c", "--agents", "14"}, map[string]any{"service_level": 0.888350019179467, "asa_seconds": 7.83593701177724}},
		{"c unstable", []string{"--model", "c", "--agents", "10"}, map[string]any{"service_level": 0.0, "asa_seconds": nil, "stable": false}},
		{"a", []string{"--model", "a", "--agents", "14", "--patience", "300"}, map[string]any{"service_level": 0.916792091863547, "abandonment": 0.0139837441224089}},
		{"a, nobody there", []string{"--model", "a", "--agents", "0", "--patience", "300s"}, map[string]any{"service_level": 0.0, "abandonment": 1.0, "asa_seconds": 300.0}},
		{"b", []string{"--model", "b", "--agents", "10"}, map[string]any{"blocking": 0.214582343107347}},
		{"nothing arrives", []string{"--model", "c", "--agents", "0", "--contacts", "0"}, map[string]any{"service_level": 1.0, "asa_seconds": 0.0}},
	} {
		out, err := runStaffing(append(common, c.args...)...)
		require.NoError(t, err, c.name)
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(out), &got), c.name)
		for key, want := range c.want {
			require.Contains(t, got, key, c.name)
			if number, ok := want.(float64); ok && number != 0 {
				require.InEpsilon(t, number, got[key], 1e-9, "%s %s", c.name, key)
			} else {
				require.Equal(t, want, got[key], "%s %s", c.name, key)
			}
		}
	}
	for _, wrong := range [][]string{
		{"--model", "d", "--agents", "14"}, {"--model", "a", "--agents", "14"}, {"--model", "c", "--agents", "-1"},
		{"--model", "b", "--agents", "14", "--retry", "2"}, {"--agents", "14"}, {"--model", "c", "--agents", "14", "--aht", "soon"},
	} {
		_, err := runStaffing(append(common, wrong...)...)
		require.Error(t, err, "%v", wrong)
		require.NotErrorAs(t, err, new(exitError), "a usage error exits 2")
	}
}

func TestStaffingRequirementCommandOneInterval(t *testing.T) {
	out, err := runStaffing("requirement", "--contacts", "100", "--interval", "30m", "--aht", "180s",
		"--service-level", "0.8", "--threshold", "20s", "--shrinkage", "leave=0.2,breaks=0.125:remaining", "--json")
	require.NoError(t, err)
	var row requirementRow
	require.NoError(t, json.Unmarshal([]byte(out), &row))
	require.Equal(t, 14, row.Net)
	require.Equal(t, 20, row.Gross)
	require.Equal(t, "service_level", row.Binding)
	for _, wrong := range [][]string{
		{"--service-level", "80"}, {"--service-level", "0.8", "--shrinkage", "much"}, {"--service-level", "0.8", "--kind", "fax"}, {},
	} {
		_, err := runStaffing(append([]string{"requirement", "--contacts", "100", "--interval", "30m", "--aht", "180s"}, wrong...)...)
		require.Error(t, err, "%v", wrong)
	}
}

func TestStaffingRequirementCommandFile(t *testing.T) {
	dir := t.TempDir()
	in, to := filepath.Join(dir, "forecast.csv"), filepath.Join(dir, "seats.csv")
	require.NoError(t, os.WriteFile(in, []byte(`queue,start,volume,q0.9,aht_seconds
b,2026-03-02 08:30,100,120,180
a,2026-03-02 09:30,50,60,180
b,2026-03-02 08:00,50,60,180
a,2026-03-02 08:00,100,120,180
`), 0o600))
	_, err := runStaffing("requirement", "--forecast", in, "--service-level", "0.8", "--threshold", "20s", "--out", to)
	require.NoError(t, err)
	text, err := os.ReadFile(to)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, requirementColumns, rows[0])
	require.Len(t, rows, 5)
	// Queues in the order of the file, each in order of time.
	for i, want := range [][]string{{"b", "2026-03-02 08:00", "8"}, {"b", "2026-03-02 08:30", "14"}, {"a", "2026-03-02 08:00", "14"}, {"a", "2026-03-02 09:30", "8"}} {
		require.Equal(t, want, []string{rows[i+1][0], rows[i+1][1], rows[i+1][5]})
	}
	out, err := runStaffing("requirement", "--forecast", in, "--service-level", "0.8", "--threshold", "20s", "--volume-column", "q0.9", "--json")
	require.NoError(t, err)
	var found []requirementRow
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Equal(t, 16, found[1].Net)

	for name, content := range map[string]string{
		"no volume":  "start,aht_seconds\n2026-03-02 08:00,1\n",
		"bad time":   "start,volume,aht_seconds\nMonday,1,1\n",
		"bad number": "start,volume,aht_seconds\n2026-03-02 08:00,many,1\n",
		"doubled":    "start,volume,aht_seconds\n2026-03-02 08:00,1,60\n2026-03-02 08:00,1,60\n2026-03-02 08:15,1,60\n",
		"off grid":   "start,volume,aht_seconds\n2026-03-02 08:00,1,60\n2026-03-02 08:15,1,60\n2026-03-02 08:40,1,60\n",
		"no AHT":     "start,volume\n2026-03-02 08:00,1\n2026-03-02 08:15,1\n",
		"empty":      "",
	} {
		path := filepath.Join(dir, "wrong.csv")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := runStaffing("requirement", "--forecast", path, "--service-level", "0.8", "--threshold", "20s")
		require.Error(t, err, name)
	}
}

func TestStaffingVectorsCommand(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vectors.csv")
	write := func(expected string) {
		require.NoError(t, os.WriteFile(path, []byte("id,model,quantity,erlangs,agents,expected,tol\nx1,erlang_b,blocking,1,1,"+expected+",1e-9\n"), 0o600))
	}
	write("0.5")
	out, err := runStaffing("vectors", path)
	require.NoError(t, err)
	require.Contains(t, out, "1 vectors, 1 passed, 0 failed")
	write("0.6")
	out, err = runStaffing("vectors", path)
	var exit exitError
	require.True(t, errors.As(err, &exit))
	require.Equal(t, exitFailure, exit.code)
	require.True(t, strings.HasPrefix(out, "x1 erlang_b blocking: got 0.5"), out)
	_, err = runStaffing("vectors", filepath.Join(dir, "absent.csv"))
	require.Error(t, err)
}

// FuzzStaffingForecast looks for a forecast file that makes the command panic.
func FuzzStaffingForecast(f *testing.F) {
	f.Add("queue,start,volume,aht_seconds\na,2026-03-02 08:00,1,60\na,2026-03-02 08:15,2,60\n")
	f.Add("start,calls,patience_seconds\n2026-03-02T08:00:00Z,1e3,\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parseStaffingForecast(strings.NewReader(text), "volume", time.UTC)
		if err != nil {
			return
		}
		base := staffing.Input{Interval: 900, Goals: staffing.Goals{MaxOccupancy: 0.8}}
		for _, name := range file.queues {
			in, err := file.input(name, base, 180, 0)
			if err != nil || len(in.Demands) > 1000 {
				continue
			}
			for _, d := range in.Demands {
				if d.Volume*d.AHT > 1e7 {
					return // right but slow
				}
			}
			if found, err := staffing.Require(in); err == nil {
				require.Len(t, file.answers(in, found), len(file.rows[name]))
			}
		}
	})
}

func TestStaffingPoolCommands(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	pool := `{"interval_seconds": 1800, "intervals": 8, "replications": 2, "simulations": 30,
		"queues": [{"name": "a", "contacts": 20, "aht_seconds": 180, "patience_seconds": 300, "service_level": 0.8, "threshold_seconds": 20}],
		"groups": [{"name": "all", "tier": "junior", "queues": ["a"]%s}]}`
	out, err := runStaffing("tiers", file("pool.json", fmt.Sprintf(pool, "")), "--json")
	require.NoError(t, err)
	var tiers scheduling.TierAnswer
	require.NoError(t, json.Unmarshal([]byte(out), &tiers))
	require.True(t, tiers.Met)
	out, err = runStaffing("tiers", file("small.json", fmt.Sprintf(pool, `, "most": 1`)))
	require.Equal(t, exitError{exitFailure}, err)
	require.Contains(t, out, "missed: a")

	out, err = runStaffing("capacity", file("plan.json", `{"currency": "EUR", "heads": 10, "months": [{"name": "2026-03", "required_hours": 1000, "hours_per_fte": 160, "attrition": 0.02, "cost_per_head_minor": 250000,
		"shrinkage": [{"type": "leave", "rate": 0.1}]}], "classes": [{"name": "spring", "start": 0, "size": 2, "ramp": [0.5]}]}`))
	require.NoError(t, err)
	require.Contains(t, out, "2026-03")
	require.Contains(t, out, "class spring: 2 people from 2026-03")
	out, err = runStaffing("levels", "--contacts", "100", "--interval", "30m", "--aht", "180s", "--most", "14", "--json")
	require.NoError(t, err)
	var rows []levelRow
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.InEpsilon(t, 0.888350019179467, rows[14].ServiceLevel, 1e-9)

	for _, wrong := range [][]string{
		{"tiers", file("typo.json", `{"interval": 5}`)}, {"tiers", file("empty.json", `{}`)}, {"capacity", file("none.json", `{"currency": "EUR"}`)},
		{"capacity", filepath.Join(dir, "absent.json")}, {"levels", "--contacts", "10", "--aht", "180s", "--most", "-1"},
	} {
		_, err := runStaffing(wrong...)
		require.Error(t, err, "%v", wrong)
	}
}

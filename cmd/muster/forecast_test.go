package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// historyFile writes twelve weeks of two queues on office hours.
func historyFile(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("queue,start,calls,aht_seconds\n")
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for h := range 12 * 168 {
		at := start.Add(time.Duration(h) * time.Hour)
		if at.Hour() < 8 || at.Hour() > 17 || at.Weekday() == time.Sunday {
			continue
		}
		for q := range 2 {
			fmt.Fprintf(&b, "q%d,%s,%d,%d\n", q, at.Format("2006-01-02T15:04:05"), 20*(q+1)+at.Hour()+h*7919%5, 180)
		}
	}
	path := filepath.Join(t.TempDir(), "history.csv")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	return path
}

// muster runs the command line and gives what it printed.
func muster(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestForecastRunWritesForecastAndReasons(t *testing.T) {
	dir := t.TempDir()
	out, why := filepath.Join(dir, "f.csv"), filepath.Join(dir, "why.json")
	_, err := muster(t, "forecast", "run", "--history", historyFile(t), "--interval", "1h", "--horizon", "7d", "--origin", "2026-03-23T00:00:00",
		"--zone", "Europe/Paris", "--quantiles", "0.9,0.1", "--seed", "1", "--out", out, "--explain", why)
	require.NoError(t, err)
	file, err := os.Open(out)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"queue", "start", "volume", "0.1", "0.9", "aht_seconds"}, rows[0])
	require.Len(t, rows, 1+2*6*10)
	require.Equal(t, "2026-03-23T08:00:00+01:00", rows[1][1])
	require.Equal(t, "180", rows[1][5])
	text, err := os.ReadFile(why)
	require.NoError(t, err)
	var reasons struct {
		Queues []struct {
			Queue    string
			Choices  []struct{ Lead, Method, Reason string }
			Backtest []struct {
				Method string
				Score  struct{ WAPE, Bias, MASE *float64 }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &reasons))
	require.Len(t, reasons.Queues, 2)
	require.NotEmpty(t, reasons.Queues[0].Choices[0].Reason)
	require.NotEmpty(t, reasons.Queues[0].Backtest)
}

func TestForecastBacktestPrintsTheTable(t *testing.T) {
	text, err := muster(t, "forecast", "backtest", "--history", historyFile(t), "--interval", "1h", "--origins", "3", "--every", "1w", "--horizon", "2w")
	require.NoError(t, err)
	for _, word := range []string{"WAPE %", "MASE", "mean8", "snaive", "week 2", "seconds"} {
		require.Contains(t, text, word)
	}
	text, err = muster(t, "forecast", "backtest", "--history", historyFile(t), "--interval", "1h", "--origins", "3", "--every", "1w", "--horizon", "1w", "--json")
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(text)), text)
}

func TestForecastRefusesWhatItCannotRead(t *testing.T) {
	history := historyFile(t)
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"interval", "5m, 15m, 30m, 1h", []string{"--interval", "7m"}},
		{"zone", "time zone", []string{"--zone", "Mars/Base"}},
		{"horizon", "12h, 5d or 4w", []string{"--horizon", "soon"}},
		{"quantile", "between 0 and 1", []string{"--quantiles", "1.5"}},
		{"calendar", "csv, ics, json", []string{"--calendar", history + ".xml"}},
		{"origin", "want 2006-01-02T15:04:05", []string{"--origin", "yesterday"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "calendar" {
				require.NoError(t, os.WriteFile(c.args[1], nil, 0o600))
			}
			args := append([]string{"forecast", "run", "--history", history, "--interval", "1h", "--horizon", "1d", "--out", filepath.Join(t.TempDir(), "f.csv")}, c.args...)
			_, err := muster(t, args...)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestForecastLongRangeAddsUp(t *testing.T) {
	history, dir := historyFile(t), t.TempDir()
	read := func(args ...string) map[string]map[string]float64 {
		out := filepath.Join(dir, "long.csv")
		_, err := muster(t, append([]string{"forecast", "long-range", "--history", history, "--interval", "1h", "--zone", "Europe/Paris", "--out", out}, args...)...)
		require.NoError(t, err)
		file, err := os.Open(out)
		require.NoError(t, err)
		defer func() { _ = file.Close() }()
		rows, err := csv.NewReader(file).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"queue", "start", "days", "volume", "low", "high"}, rows[0])
		volumes := map[string]map[string]float64{}
		for _, r := range rows[1:] {
			if volumes[r[0]] == nil {
				volumes[r[0]] = map[string]float64{}
			}
			v, err := strconv.ParseFloat(r[3], 64)
			require.NoError(t, err)
			volumes[r[0]][r[1]] += v
		}
		return volumes
	}
	weeks := read("--origin", "2026-03-23T00:00:00")
	require.Len(t, weeks["TOTAL"], 64)
	for start, v := range weeks["TOTAL"] {
		require.InDelta(t, weeks["q0"][start]+weeks["q1"][start], v, 1e-3)
	}
	days := read("--origin", "2026-03-23T00:00:00", "--by", "day", "--horizon", "2w", "--total", "all")
	require.Len(t, days["all"], 14)
	require.Positive(t, days["all"]["2026-03-23"])
	require.Zero(t, days["all"]["2026-03-29"], "closed on Sundays")
	for _, bad := range [][]string{{"--by", "month"}, {"--horizon", "0w"}, {"--total", "q0"}, {"--origin", "monday"}} {
		_, err := muster(t, append([]string{"forecast", "long-range", "--history", history, "--interval", "1h"}, bad...)...)
		require.Error(t, err, "%v", bad)
	}
}

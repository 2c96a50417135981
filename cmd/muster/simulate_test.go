package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const exampleScenario = "../../routing/simulation/testdata/two_clients.json"

func simulate(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := newSimulateCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err
}

func TestSimulateCommand(t *testing.T) {
	table, err := simulate(t, exampleScenario, "--replications", "3")
	require.NoError(t, err)
	for _, want := range []string{"3 replications, seed 1", "Aurora Bank", "Kite Travel", "bookings", "reserve"} {
		require.Contains(t, table, want)
	}
	text, err := simulate(t, exampleScenario, "--replications", "3", "--seed", "7", "--json")
	require.NoError(t, err)
	var result struct {
		Seed         int
		Replications int
		Clients      []struct {
			Name string
			Run  struct {
				ServiceLevel struct{ Mean, Low, High float64 } `json:"service_level"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &result))
	require.Equal(t, 7, result.Seed)
	require.Equal(t, 3, result.Replications)
	require.Len(t, result.Clients, 2)
	sl := result.Clients[0].Run.ServiceLevel
	require.True(t, 0 < sl.Low && sl.Low <= sl.Mean && sl.Mean <= sl.High && sl.High < 1, "%+v", sl)
	again, err := simulate(t, exampleScenario, "--replications", "3", "--seed", "7", "--json")
	require.NoError(t, err)
	require.Equal(t, text, again)
}

func TestSimulateCompareCommand(t *testing.T) {
	data, err := os.ReadFile(exampleScenario)
	require.NoError(t, err)
	more := filepath.Join(t.TempDir(), "more.json")
	changed := strings.Replace(string(data), `"name": "day", "count": 13`, `"name": "day", "count": 17`, 1)
	require.NotEqual(t, string(data), changed)
	require.NoError(t, os.WriteFile(more, []byte(changed), 0o600))
	out, err := simulate(t, "compare", exampleScenario, more, "--replications", "8")
	require.NoError(t, err)
	require.Contains(t, out, "8 paired replications")
	require.Contains(t, out, "service_level")
	require.Contains(t, out, "*", "four more agents make a difference")
}

func TestSimulateErrors(t *testing.T) {
	_, err := simulate(t)
	require.Error(t, err)
	_, err = simulate(t, "nowhere.json")
	require.ErrorContains(t, err, "nowhere.json")
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"name":"x","queue":[]}`), 0o600))
	_, err = simulate(t, bad)
	require.ErrorContains(t, err, `unknown field "queue"`)
	_, err = simulate(t, exampleScenario, "--replications", "0")
	require.ErrorContains(t, err, "replications")
}

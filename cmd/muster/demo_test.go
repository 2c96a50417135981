package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/cmd/muster/demo"
	"muster/config"
	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// smallDemo runs a demo of a twentieth of the size in a fresh directory and gives the
// lines of its summary and the workbooks by name.
func smallDemo(t *testing.T, seed uint64) ([]string, map[string][]byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, freshDirectory(dir))
	s, err := config.Load(config.Input{Flags: map[string]string{"mode": string(config.Demo), "data_dir": dir, "log.level": "warn"}})
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, runDemo(t.Context(), &out, s, demo.Demo{Seed: seed, Monday: calendar.NewDate(2026, 3, 2),
		Size: demo.Size{Share: 0.05, HistoryWeeks: 5, PlanWeeks: 1, Moves: 2000, Replications: 2}}))
	_, summary, found := strings.Cut(out.String(), "The loop ran in ")
	require.True(t, found)
	_, summary, _ = strings.Cut(summary, "\n")
	lines := strings.Split(strings.ReplaceAll(summary, dir, ""), "\n")
	books := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(dir, "invoices", "*.xlsx"))
	require.NoError(t, err)
	for _, p := range paths {
		content, err := os.ReadFile(p)
		require.NoError(t, err)
		books[filepath.Base(p)] = content
	}
	require.Len(t, books, 4)
	return lines, books
}

// TestDemoRepeats runs the whole loop three times on a twentieth of the provider.
func TestDemoRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("runs three small demos")
	}
	lines, books := smallDemo(t, 1)
	require.Regexp(t, regexp.MustCompile(`History +\d+ contacts`), lines[1])
	again, same := smallDemo(t, 1)
	require.Equal(t, lines, again, "the same seed and Monday give the same figures")
	for name, content := range books {
		require.True(t, string(content) == string(same[name]), "%s must be the same, byte for byte", name)
	}
	others, different := smallDemo(t, 2)
	require.NotEqual(t, lines[1], others[1], "another seed is another history")
	require.NotEqual(t, books, different)
}

func TestDemoRefusesAForeignDirectory(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "letter.txt")
	require.NoError(t, os.WriteFile(theirs, []byte("not yours"), 0o600))
	_, err := run(t, "demo", "--exit", "--dir", dir)
	require.Equal(t, "demo.foreign_directory", fault.CodeOf(err))
	require.ErrorContains(t, err, "--dir")
	content, err := os.ReadFile(theirs)
	require.NoError(t, err)
	require.Equal(t, "not yours", string(content))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing was added")

	_, err = run(t, "demo", "--exit", "--dir", filepath.Join(dir, "new"), "--monday", "2026-03-03")
	require.ErrorContains(t, err, "Tuesday")
	require.NoDirExists(t, filepath.Join(dir, "new"))
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// run executes a command line and gives what it wrote and its error.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	root := newRootCommand()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestConfigCommands(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.yaml")
	require.NoError(t, os.WriteFile(path, []byte("locale: en\nlgo: {level: info}\n"), 0o600))

	out, err := run(t, "config", "check", "--config", path)
	require.ErrorIs(t, err, exitError{exitFailure})
	require.Contains(t, out, `lgo.level`)
	require.Contains(t, out, `maybe you meant "log.level"`)

	out, err = run(t, "config", "check", "--set", "locale=en")
	require.NoError(t, err)
	require.Equal(t, "settings are right\n", out)

	out, err = run(t, "config", "show", "--set", "database.url=postgres://app:hunter2@db/x")
	require.NoError(t, err)
	require.Contains(t, out, "jobs.workers")
	require.NotContains(t, out, "hunter2")

	_, err = run(t, "config", "check", "--set", "locale")
	require.ErrorContains(t, err, "key=value")
	require.NotErrorIs(t, err, exitError{exitFailure})
}

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const tinyNRP = "SECTION_HORIZON\n7\nSECTION_SHIFTS\nD,480,\nSECTION_STAFF\nA,D=7,2400,960,5,2,2,1\nB,D=7,2400,960,5,2,2,1\nSECTION_COVER\n0,D,1,100,1\n1,D,1,100,1\n2,D,1,100,1\n3,D,1,100,1\n"

func runMuster(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := newRootCommand()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&bytes.Buffer{})
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRosterSolveAndCheck(t *testing.T) {
	dir := t.TempDir()
	problem, plan, why := filepath.Join(dir, "p.txt"), filepath.Join(dir, "r.csv"), filepath.Join(dir, "why.json")
	require.NoError(t, os.WriteFile(problem, []byte(tinyNRP), 0o600))
	out, err := runMuster(t, "roster", "solve", problem, "--format", "nrp", "--time", "0", "--moves", "200", "--out", plan, "--explain", why)
	require.NoError(t, err)
	require.Contains(t, out, "penalty=0 bound=0 violations=0")
	require.FileExists(t, why)
	out, err = runMuster(t, "roster", "check", problem, plan, "--format", "nrp")
	require.NoError(t, err)
	require.Contains(t, out, "penalty=0")

	require.NoError(t, os.WriteFile(plan, []byte("agent,day,shift\nA,3,D\n"), 0o600))
	out, err = runMuster(t, "roster", "check", problem, plan, "--format", "nrp", "--json")
	var exit exitError
	require.True(t, errors.As(err, &exit), "a roster that breaks rules is the answer no: %v", err)
	require.Equal(t, exitFailure, exit.code)
	require.Contains(t, out, "480 minutes, allowed are 960 to 2400")
}

func TestRosterUsage(t *testing.T) {
	dir := t.TempDir()
	problem := filepath.Join(dir, "p.txt")
	require.NoError(t, os.WriteFile(problem, []byte(tinyNRP), 0o600))
	for _, c := range []struct {
		want string
		args []string
	}{
		{"allowed are inrc2, matsp, muster, nrp", []string{"roster", "solve", problem, "--format", "xls"}},
		{"--threads", []string{"roster", "solve", problem, "--format", "nrp", "--threads", "0"}},
		{"Line 1", []string{"roster", "solve", filepath.Join(dir, "bad.txt"), "--format", "nrp"}},
		{"no such file", []string{"roster", "check", problem, filepath.Join(dir, "none.csv"), "--format", "nrp"}},
		{"--history", []string{"roster", "solve", problem, "--format", "inrc2"}},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bad.txt"), []byte("hello\n"), 0o600))
		_, err := runMuster(t, c.args...)
		require.ErrorContains(t, err, c.want)
		var exit exitError
		require.False(t, errors.As(err, &exit), "usage errors leave the code to main: 2")
	}
}

package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// write makes a file of the given content and permission and gives its path.
func write(t *testing.T, name, content string, perm os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), perm))
	return path
}

// production gives the settings a production process needs at least.
func production(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"mode":             "production",
		"http.public_url":  "https://muster.example.com",
		"secrets.key_file": write(t, "muster.key", strings.Repeat("k", minKeyBytes), 0o600),
	}
}

func TestLoadLayersInOrder(t *testing.T) {
	t.Parallel()
	path := write(t, "settings.yaml", `
locale: en
log:
  level: warn
  format: json
jobs:
  workers: 5
http:
  trusted_proxies: [10.0.0.0/8, "::1"]
  body_limit: 2MiB
database:
`, 0o644)
	s, err := Load(Input{
		File:    path,
		Environ: []string{"MUSTER_LOG_LEVEL=error", "MUSTER_JOBS_WORKERS=7", "PATH=/bin", "MUSTER_TEST_DATA=x"},
		Flags:   map[string]string{"jobs.workers": "9"},
	})
	require.NoError(t, err)

	want := Defaults(Demo)
	want.Locale = "en"
	want.Log = Log{Level: "error", Format: "json"}
	want.Jobs.Workers = 9
	want.HTTP.TrustedProxies = []string{"10.0.0.0/8", "::1"}
	want.HTTP.BodyLimit = 2 << 20
	require.Equal(t, want, s)
}

func TestFileNamedByEnvironment(t *testing.T) {
	t.Parallel()
	path := write(t, "settings.yaml", "zone: Europe/Berlin\n", 0o644)
	s, err := Load(Input{Environ: []string{"MUSTER_CONFIG=" + path}})
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", s.Zone)

	_, err = Load(Input{Environ: []string{"MUSTER_CONFIG=" + path + ".gone"}})
	require.ErrorContains(t, err, "does not exist")
}

func TestCheckNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	path := write(t, "settings.yaml", `
mod: demo
zone: Asia/Shangri
database: postgres://x
http:
  listn: 127.0.0.1:80
  request_timeout: 30
log: {level: {deep: 1}}
`, 0o644)
	problems, err := Check(Input{
		File:    path,
		Environ: []string{"MUSTER_LOG_LEVL=info", "MUSTER_JOBS_WORKERS=-1", "MUSTER_DATABASE_URL=mysql://me:secret@db/x"},
		Flags:   map[string]string{"log.format": "xml"},
	})
	require.NoError(t, err)
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		`mod (file ` + path + `): unknown key; maybe you meant "mode"`,
		`zone = "Asia/Shangri"`,
		`database (file ` + path + `): is a section`,
		`http.listn (file ` + path + `): unknown key; maybe you meant "http.listen"`,
		`http.request_timeout = "30"`,
		`log.level.deep`,
		`MUSTER_LOG_LEVL (environment): unknown variable; maybe you meant "MUSTER_LOG_LEVEL"`,
		`jobs.workers = "-1" (environment MUSTER_JOBS_WORKERS)`,
		`database.url = "mysql://me:xxxxx@db/x"`,
		`log.format = "xml" (flag): allowed are text, json`,
	} {
		require.Contains(t, all, want)
	}
	require.Len(t, problems, 10)
	require.NotContains(t, all, "secret@")
}

func TestRulesAcrossKeys(t *testing.T) {
	t.Parallel()
	openKey := write(t, "open.key", strings.Repeat("k", minKeyBytes), 0o644)
	shortKey := write(t, "short.key", "k", 0o600)
	tests := map[string]struct {
		production bool
		flags      map[string]string
		want       string // empty: accepted
	}{
		"production with what it needs":     {production: true},
		"production anywhere":               {production: true, flags: map[string]string{"http.listen": "0.0.0.0:443"}},
		"production without key file":       {production: true, flags: map[string]string{"secrets.key_file": ""}, want: "secrets.key_file"},
		"production with absent key file":   {production: true, flags: map[string]string{"secrets.key_file": "/nowhere/k"}, want: "does not exist"},
		"production with readable key file": {production: true, flags: map[string]string{"secrets.key_file": openKey}, want: "chmod 600"},
		"production with short key file":    {production: true, flags: map[string]string{"secrets.key_file": shortKey}, want: "holds 1 bytes"},
		"production with demo sign-ins":     {production: true, flags: map[string]string{"access.demo_sign_ins": "true"}, want: "access.demo_sign_ins"},
		"production with insecure cookies":  {production: true, flags: map[string]string{"http.insecure_cookies": "true"}, want: "http.insecure_cookies"},
		"production by http":                {production: true, flags: map[string]string{"http.public_url": "http://muster.example.com"}, want: "http.public_url"},
		"production with the owner's role": {production: true, flags: map[string]string{
			"database.url": "postgres://own@db/x", "database.admin_url": "postgres://own@db/x"}, want: "row-level security"},
		"production with two roles": {production: true, flags: map[string]string{
			"database.url": "postgres://app@db/x", "database.admin_url": "postgres://own@db/x"}},
		"demo on every interface": {flags: map[string]string{"http.listen": "0.0.0.0:8080"}, want: "loopback"},
		"demo without host":       {flags: map[string]string{"http.listen": ":8080"}, want: "loopback"},
		"demo on IPv6 loopback":   {flags: map[string]string{"http.listen": "[::1]:8080"}},
		"admin URL alone":         {flags: map[string]string{"database.admin_url": "postgres://own@db/x"}, want: "without database.url"},
		"idle beyond lifetime":    {flags: map[string]string{"access.session_idle": "48h"}, want: "session_lifetime"},
		"body beyond upload":      {flags: map[string]string{"http.body_limit": "2MiB", "http.upload_limit": "1MiB"}, want: "upload_limit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := map[string]string{}
			if test.production {
				flags = production(t)
			}
			for k, v := range test.flags {
				flags[k] = v
			}
			_, err := Load(Input{Flags: flags})
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			var wrong *Error
			require.ErrorAs(t, err, &wrong)
			require.Len(t, wrong.Problems, 1)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestInsecureCookiesFollowTheMode(t *testing.T) {
	t.Parallel()
	s, err := Load(Input{})
	require.NoError(t, err)
	require.True(t, s.HTTP.InsecureCookies)
	s, err = Load(Input{Flags: production(t)})
	require.NoError(t, err)
	require.False(t, s.HTTP.InsecureCookies)
}

func TestShowHidesPasswords(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, Show(&out, Input{Flags: map[string]string{
		"database.url":       "postgres://app:hunter2@db/muster",
		"database.admin_url": "postgres:///muster?user=own&password=hunter3",
	}}))
	for _, name := range Names() {
		require.Contains(t, out.String(), name)
	}
	require.Contains(t, out.String(), "app:xxxxx@db")
	require.NotContains(t, out.String(), "hunter")
}

func TestYAMLThatCannotBeRead(t *testing.T) {
	t.Parallel()
	_, err := Load(Input{File: write(t, "bad.yaml", "mode: [demo\n", 0o644)})
	require.ErrorContains(t, err, "cannot be read as YAML")
}

// TestKeysCoverSettings changes each leaf of Settings and sees one key change with it.
func TestKeysCoverSettings(t *testing.T) {
	t.Parallel()
	leaves := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Struct {
				walk(f)
			} else {
				leaves++
			}
		}
	}
	walk(reflect.ValueOf(Settings{}))
	require.Len(t, keys, leaves)

	for _, mode := range []Mode{Demo, Production} {
		for _, k := range keys {
			want := Defaults(mode)
			var got Settings
			require.NoError(t, k.set(&got, k.get(&want)), k.name)
			require.Equal(t, k.get(&want), k.get(&got), k.name)
			require.NotEmpty(t, k.doc, k.name)
		}
	}
}

func TestSizesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Min(0).Draw(t, "bytes")
		got, err := parseSize(formatSize(n))
		require.NoError(t, err)
		require.Equal(t, n, got)
	})
	for _, wrong := range []string{"", "MiB", "-1", "1.5MiB", "9999999999GiB", "1TiB"} {
		_, err := parseSize(wrong)
		require.Error(t, err, wrong)
	}
}

func TestDurationsNeedAUnit(t *testing.T) {
	t.Parallel()
	_, err := Load(Input{Flags: map[string]string{"jobs.lease": "45"}})
	require.ErrorContains(t, err, "unit")
	s, err := Load(Input{Flags: map[string]string{"jobs.lease": "45s"}})
	require.NoError(t, err)
	require.Equal(t, 45*time.Second, s.Jobs.Lease)
}

func FuzzLoadFile(f *testing.F) {
	f.Add("mode: demo\nhttp: {listen: 127.0.0.1:1}\n")
	f.Add("http: [1, {a: b}]\n? x\n")
	f.Add("1: 2\ntrue: {~: 3}\n")
	f.Fuzz(func(t *testing.T, content string) {
		path := write(t, "settings.yaml", content, 0o644)
		_, _ = Load(Input{File: path}) // must not panic
	})
}

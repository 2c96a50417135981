package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/server/onboard"
	"muster/tenants/fault"
)

// TestBadInputOfCommands gives commands what they cannot use: each answer has a
// code and names the cure, and nothing is stored.
func TestBadInputOfCommands(t *testing.T) {
	data := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(data, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	set := "data_dir=" + data
	_, err := run(t, "client", "apply", write("linan.yaml", []byte(onboard.Example)), "--set", set)
	require.NoError(t, err)

	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err = w.Write([]byte(strings.Repeat("call id,queue,start time,result,talk time\n1,cards,2026-03-02 08:00:00,answered,60\n", 200)))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	calls := write("calls.csv", []byte("call id,queue,start time,result,talk time (s)\n1,cards,2026-03-02 08:00:00,answered,60\n"))
	const head = "kind: contacts\nsource: acd\nzone: Asia/Shanghai\nfields:\n  external_id: {column: call id}\n  queue: {column: queue}\n  arrived_at: {column: start time}\n  outcome: {column: result}\n"
	mapping := func(name, text string) []string { return []string{"--mapping", write(name, []byte(text))} }
	contacts := func(file string, more ...string) []string {
		return append([]string{"import", "contacts", file, "--client", "linan", "--source", "acd"}, more...)
	}
	for name, c := range map[string]struct {
		args       []string
		code, says string
	}{
		"unknown client":     {[]string{"import", "contacts", calls, "--client", "nobody"}, "client.not_found", "known are: linan"},
		"unknown column":     {contacts(calls, mapping("column.yaml", head+"  talk: {column: talking, unit: s}\n")...), "import.header_changed", "talking"},
		"unknown unit":       {contacts(calls, mapping("unit.yaml", head+"  talk: {column: talk time (s), unit: fortnight}\n")...), "import.invalid_mapping", "fortnight"},
		"unknown zone":       {contacts(calls, mapping("zone.yaml", strings.Replace(head, "Asia/Shanghai", "Mars/Base", 1))...), "import.unknown_zone", "Mars/Base"},
		"broken gzip":        {contacts(write("calls.csv.gz", zipped.Bytes()[:zipped.Len()/2])), "import.broken_gzip", "send it again"},
		"empty file":         {contacts(write("empty.csv", nil)), "import.empty_file", "export"},
		"ten megabyte line":  {contacts(write("long.csv", []byte("call id,queue\n1,"+strings.Repeat("x", 10<<20)+"\n"))), "import.line_too_long", "line 2"},
		"client's zone":      {[]string{"client", "add", "new", "--name", "New", "--zone", "Mars/Base", "--currency", "EUR"}, "contract.unknown_zone", "Mars/Base"},
		"client's slug":      {[]string{"client", "add", "New Client", "--name", "New", "--zone", "UTC", "--currency", "EUR"}, "contract.bad_slug", "lower-case"},
		"client twice":       {[]string{"client", "add", "linan", "--name", "New", "--zone", "UTC", "--currency", "EUR"}, "contract.duplicate_slug", "choose another"},
		"nothing to plan":    {[]string{"plan", "forecast", "--client", "linan", "--from", "2026-03-02"}, "forecast.no_history", "import"},
		"no forecast yet":    {[]string{"plan", "staffing", "--client", "linan"}, "forecast.none", "muster plan forecast"},
		"no staffing yet":    {[]string{"plan", "roster", "--client", "linan", "--from", "2026-03-02"}, "staffing.none", "muster plan staffing"},
		"id of no forecast":  {[]string{"plan", "publish", "forecast", "17"}, "plan.bad_id", "hexadecimal"},
		"foreign document":   {[]string{"client", "apply", write("bad.yaml", []byte("clients: 3\n"))}, "client.document", "line 1"},
		"month of no client": {[]string{"invoice", "draft", "--client", "nobody", "--month", "2026-02"}, "client.not_found", "linan"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, append(c.args, "--set", set)...)
			require.Error(t, err)
			require.Equal(t, c.code, fault.CodeOf(err), "%v", err)
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err = run(t, "client", "add", "new", "--name", "New", "--zone", "UTC", "--currency", "XYZ", "--set", set)
	require.ErrorContains(t, err, `currency "XYZ" is unknown: want one of`)

	out, err := run(t, "import", "contacts", write("odd.csv", []byte("call id,queue,start time,result,talk time (s)\n1,cards,2026-03-02 08:00:00,answered,NaN\n2,cards,2026-03-02 08:00:00,answered,-60\n3,cards,2026-03-02 08:00:00,answered,60\n")), "--client", "linan", "--source", "acd", "--set", set)
	require.NoError(t, err)
	require.Contains(t, out, "3 rows read = 1 new + 0 changed + 0 unchanged + 2 refused")
	list, err := run(t, "import", "list", "--set", set)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(list, "\n"), "the heading and the one import that was worth it:\n%s", list)
}

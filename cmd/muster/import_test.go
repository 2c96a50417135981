package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/people"
	"muster/tenants/scope"
)

func TestImportCommands(t *testing.T) {
	data := t.TempDir()
	o := database.Options{Path: filepath.Join(data, "muster.db")}
	require.NoError(t, database.Migrate(t.Context(), o))
	db, err := database.Open(t.Context(), o)
	require.NoError(t, err)
	cs, all := contract.NewService(db), scope.Provider()
	client, err := cs.CreateClient(t.Context(), all, contract.Client{Slug: "bank", Name: "Bank", Zone: "Asia/Shanghai", Currency: "CNY"})
	require.NoError(t, err)
	lob, err := cs.CreateLOB(t.Context(), all, contract.LOB{ClientID: client.ID, Slug: "l", Name: "L"})
	require.NoError(t, err)
	skill, err := people.NewService(db).CreateSkill(t.Context(), all, people.Skill{Slug: "v", Name: "V"})
	require.NoError(t, err)
	_, err = cs.CreateQueue(t.Context(), all, contract.Queue{ClientID: client.ID, LOBID: lob.ID, Slug: "hotline", Name: "热线", Channel: contract.Voice, SkillID: skill.ID})
	require.NoError(t, err)
	require.NoError(t, db.Close())

	write := func(name, text string) string {
		path := filepath.Join(data, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	set := "data_dir=" + data
	calls := write("calls.csv", "通话编号,来电时间,是否接通,通话时长\n1,2026-03-02 08:00:00,是,0:03:00\n2,2026-03-02 08:20:00,否,0:00:00\n3,gestern,是,0:03:00\n")

	out, err := run(t, "import", "contacts", calls, "--client", "bank", "--dry-run", "--set", set)
	require.NoError(t, err)
	require.Contains(t, out, "dry run, nothing stored")
	require.Contains(t, out, "3 rows read = 2 new + 0 changed + 0 unchanged + 1 refused + 0 ignored + 0 totals")
	require.Contains(t, out, "line 4, refused, column 来电时间 \"gestern\"")

	mapping, err := run(t, "import", "mapping", "contacts", calls, "--client", "bank", "--source", "acd", "--set", set)
	require.NoError(t, err)
	saved := write("mapping.yaml", mapping)
	out, err = run(t, "import", "contacts", calls, "--client", "bank", "--mapping", saved, "--json", "--set", set)
	require.NoError(t, err)
	var report importReport
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.EqualValues(t, 2, report.Counts.New)
	require.Equal(t, "acd", report.Source)
	require.Len(t, report.Issues, 1)
	require.Equal(t, "not_a_date", report.Issues[0].Code)

	out, err = run(t, "import", "contacts", calls, "--client", "bank", "--set", set)
	require.NoError(t, err)
	require.Contains(t, out, "2 unchanged")
	out, err = run(t, "import", "issues", report.ID.String(), "--set", set)
	require.NoError(t, err)
	require.Contains(t, out, "gestern")
	out, err = run(t, "import", "revert", report.ID.String(), "--set", set)
	require.NoError(t, err)
	require.Contains(t, out, "2 rows taken back")
	out, err = run(t, "import", "list", "--client", "bank", "--set", set)
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(`acd +calls.csv +reverted +3 +2`), out)

	_, err = run(t, "import", "contacts", write("renamed.csv", "通话编号,来电时刻,是否接通,通话时长\n1,2026-03-02 08:00:00,是,0:03:00\n"), "--client", "bank", "--set", set)
	require.ErrorContains(t, err, `"来电时间" is gone (renamed to "来电时刻"?)`)
	_, err = run(t, "import", "contacts", write("bad.csv", "通话编号,来电时间,是否接通,通话时长\nx,nie,是,1\n"), "--client", "bank", "--set", set)
	require.Equal(t, exitError{exitFailure}, err, "no row went in")
	for _, wrong := range [][]string{
		{"import", "calls", calls, "--client", "bank"}, {"import", "contacts", calls, "--client", "bnak"}, {"import", "contacts", calls},
		{"import", "contacts", calls, "--client", "bank", "--field", "colour=red"}, {"import", "contacts", filepath.Join(data, "nothing.csv"), "--client", "bank"},
		{"import", "contacts", write("empty.csv", ""), "--client", "bank"}, {"import", "revert", "17"},
	} {
		_, err := run(t, append(wrong, "--set", set)...)
		require.Error(t, err, "%v", wrong)
		require.NotErrorIs(t, err, exitError{exitFailure})
	}
}

package intake_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/intake"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// killedRows is how many contacts the file of the test has.
const killedRows = 3000

// killedFile is the file that a process is killed over.
func killedFile() []byte {
	var b bytes.Buffer
	b.WriteString("id,queue,at,result,wait,talk,agent,customer\n")
	for i := range killedRows {
		fmt.Fprintf(&b, "%d,sales,2026-03-%02d %02d:%02d:00,ok,10,%d,A%d,c%d\n", i, i%27+1, i%20, i%60, i%400, i%2+1, i%50)
	}
	return b.Bytes()
}

// The child process learns from these where the rows are.
const childPath, childURL = "MUSTER_TEST_CHILD_PATH", "MUSTER_TEST_CHILD_URL"

// TestMain is, in the child process, an import that says when it has stored a part.
func TestMain(m *testing.M) {
	o := database.Options{Path: os.Getenv(childPath), URL: os.Getenv(childURL)}
	if o.Path == "" && o.URL == "" {
		os.Exit(m.Run())
	}
	ctx := context.Background()
	db, err := database.Open(ctx, o)
	if err == nil {
		r := file(intake.Contacts, killedFile(), callMapping)
		r.Progress = func(rows, total int64) {
			if total > 0 && rows > killedRows/3 {
				fmt.Println("stored a part")
			}
		}
		_, err = intake.NewService(db, contract.NewService(db), people.NewService(db)).Run(ctx, scope.Provider(), r)
	}
	fmt.Println("ended", err)
	os.Exit(0)
}

// TestAKilledImportLosesAndDoublesNothing kills a process with SIGKILL while it imports.
func TestAKilledImportLosesAndDoublesNothing(t *testing.T) {
	sqlite := database.Options{Path: filepath.Join(t.TempDir(), "muster.db")}
	for name, o := range map[string]database.Options{"sqlite": sqlite, "postgres": {}} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				o = databasetest.PostgresOptions(t, true)
			} else {
				require.NoError(t, database.Migrate(t.Context(), o))
			}
			db, err := database.Open(t.Context(), o)
			require.NoError(t, err)
			defer func() { require.NoError(t, db.Close()) }()
			w := build(t, db, "Europe/Berlin", []string{"sales"}, []string{"A1", "A2"})

			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childPath+"="+o.Path, childURL+"="+o.URL)
			out, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "stored a part\n", line)
			require.NoError(t, child.Process.Kill())
			require.Error(t, child.Wait())

			part := len(w.currentContacts(t))
			require.Greater(t, part, killedRows/4)
			require.Less(t, part, killedRows)
			s := w.run(t, file(intake.Contacts, killedFile(), callMapping))
			require.True(t, s.Resumed)
			require.Equal(t, intake.Counts{Read: killedRows, New: killedRows}, s.Counts)
			require.Len(t, w.currentContacts(t), killedRows)
			w.rollUp(t)
			w.sameWhenRebuilt(t)
			again := w.run(t, file(intake.Contacts, killedFile(), callMapping))
			require.False(t, again.Resumed)
			require.EqualValues(t, killedRows, again.Counts.Unchanged)
		})
	}
}

package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/intake"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// technionQueues are the queues the mapping names.
var technionQueues = []string{"regular", "english", "internet", "trading", "prospect", "callback", "other"}

// technion imports both months with the kept mapping.
func technion(t testing.TB, w *world) (summaries []intake.Summary) {
	t.Helper()
	folder := filepath.Join(dataFolder(t), "technion_bank")
	document, err := os.ReadFile(filepath.Join("testdata", "technion.yaml"))
	require.NoError(t, err)
	m, err := tabular.ParseMapping(document)
	require.NoError(t, err)
	for _, month := range []string{"calls_1999_01.csv.gz", "calls_1999_02.csv.gz"} {
		summaries = append(summaries, w.run(t, intake.Request{Kind: intake.Contacts, Client: "bank", FileName: month, Mapping: &m,
			Issue: func(i tabular.Issue, g intake.Grade) {
				if g == intake.GradeRefused {
					t.Log(i)
				}
			},
			Open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(folder, month)) }}))
	}
	return summaries
}

// dataFolder gives the folder of test data sets, or skips.
func dataFolder(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("MUSTER_TEST_DATA")
	if folder == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	return folder
}

func technionAgents() []string {
	var out []string
	for i := 1; i <= 29; i++ {
		out = append(out, fmt.Sprintf("A%02d", i))
	}
	return out
}

// currentContacts reads every current contact.
func (w *world) currentContacts(t testing.TB) []records.Contact {
	t.Helper()
	var out []records.Contact
	require.NoError(t, w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("is_current = ?", true).Find(&out).Error
	}))
	return out
}

// TestTechnionFigures reproduces the published figures of the data set from the rows
// muster has stored. Definitions, on Sunday to Thursday, 07:00-24:00 local arrival:
//
//   - a call counts at the instant it leaves the menu (vru_exit), phantoms aside: 45,417;
//   - never queued: it hung up with an empty q_start, so it never asked for an agent
//     (self_service): 1,795; a zero wait is q_secs = 0, which 35 more had that did queue: 1,830;
//   - offered is queued or served, that is all calls but the 1,795. "The rest" of the
//     figures is the offered, not all calls but the 1,830 (that would give 60.35 % and 12.57 %);
//   - the mean wait of the served includes those who were served at once, with zero;
//   - service times include the 305 served with a recorded service of 0 seconds.
func TestTechnionFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("many figures on one goroutine; not part of a short run")
	}
	w := build(t, databasetest.OpenSQLite(t), "Asia/Jerusalem", technionQueues, technionAgents())
	first := technion(t, w)
	require.Equal(t, intake.Counts{Read: 25345, New: 25137, Ignored: 208}, first[0].Counts)
	require.Equal(t, intake.Counts{Read: 25890, New: 25669, Ignored: 221}, first[1].Counts)

	zone, err := calendar.Zone("Asia/Jerusalem")
	require.NoError(t, err)
	inHours := func(at calendar.Instant) bool {
		local := at.In(zone)
		return local.Weekday() <= time.Thursday && local.Hour() >= 7
	}
	contacts := w.currentContacts(t)
	days := map[calendar.Date]bool{}
	var calls, hungZero, neverQueued, queued, offered, abandoned, within, served, waitServed, servedQueued, service int64
	var services []int64
	for _, c := range contacts {
		if !inHours(c.ArrivedAt) {
			continue
		}
		days[calendar.DateOf(c.ArrivedAt, zone)] = true
		calls++
		if c.Outcome != records.Answered && c.WaitMS == 0 {
			hungZero++
		}
		if c.Outcome == records.SelfService {
			neverQueued++
			continue
		}
		offered++
		if c.QueuedAt != nil {
			queued++
		}
		if c.Outcome == records.Abandoned {
			abandoned++
			continue
		}
		served++
		waitServed += c.WaitMS
		if c.QueuedAt != nil {
			servedQueued++
		}
		if c.WaitMS <= 20_000 {
			within++
		}
		service += c.HandleMS
		services = append(services, c.HandleMS)
	}
	slices.Sort(services)
	require.EqualValues(t, 29, len(days))
	require.EqualValues(t, 45_417, calls)
	require.EqualValues(t, 1_830, hungZero)
	require.EqualValues(t, 1_795, neverQueued)
	require.Equal(t, "60.4 %", percent(queued, offered, 1))
	require.Equal(t, "12.64 %", percent(abandoned, offered, 2))
	require.Equal(t, "40.8", fmt.Sprintf("%.1f", float64(waitServed)/float64(served)/1000))
	require.Equal(t, "74.7", fmt.Sprintf("%.1f", float64(waitServed)/float64(servedQueued)/1000))
	require.Equal(t, "50.0 %", percent(within, offered, 1))
	require.Equal(t, "177", fmt.Sprintf("%.0f", float64(service)/float64(served)/1000))
	require.EqualValues(t, 108_000, services[len(services)/2])

	// The facts tell the same, and rolled up a second time they are the same.
	_, err = w.facts.RollUp(t.Context(), nil)
	require.NoError(t, err)
	all := w.queueFacts(t)
	open := slices.DeleteFunc(slices.Clone(all), func(f facts.QueueFact) bool { return !inHours(f.StartAt) })
	sum := facts.Sum(open)
	require.Equal(t, [6]int64{offered, queued, served, within, abandoned, waitServed},
		[6]int64{sum.Offered, sum.Queued, sum.Answered, sum.AnsweredWithin, sum.Abandoned, sum.WaitAnsweredMS})
	require.Equal(t, service, sum.HandleMS)

	// Twice imported is once imported.
	second := technion(t, w)
	require.Equal(t, intake.Counts{Read: 25345, Unchanged: 25137, Ignored: 208}, second[0].Counts)
	require.Equal(t, intake.Counts{Read: 25890, Unchanged: 25669, Ignored: 221}, second[1].Counts)
	require.ElementsMatch(t, contacts, w.currentContacts(t))
	n, err := w.facts.RollUp(t.Context(), nil)
	require.NoError(t, err)
	require.Zero(t, n, "an unchanged import marks nothing")

	// Handling lies within the clock.
	perBucket := map[ids.Agent]map[calendar.Instant]int64{}
	agentFacts, err := w.facts.Agents(t.Context(), scope.Provider(), facts.Query{})
	require.NoError(t, err)
	require.NotEmpty(t, agentFacts)
	for _, f := range agentFacts {
		if perBucket[f.AgentID] == nil {
			perBucket[f.AgentID] = map[calendar.Instant]int64{}
		}
		perBucket[f.AgentID][f.StartAt] += f.HandleMS
		require.LessOrEqual(t, perBucket[f.AgentID][f.StartAt], int64(900_000))
	}
}

// queueFacts reads every queue fact.
func (w *world) queueFacts(t testing.TB) []facts.QueueFact {
	t.Helper()
	out, err := w.facts.Queues(context.Background(), scope.Provider(), facts.Query{})
	require.NoError(t, err)
	return out
}

// TestTechnionByMenuEntry counts calls at their entry instead: two arrive before 07:00.
func TestTechnionByMenuEntry(t *testing.T) {
	zone, err := calendar.Zone("Asia/Jerusalem")
	require.NoError(t, err)
	document, err := os.ReadFile(filepath.Join("testdata", "technion.yaml"))
	require.NoError(t, err)
	m, err := tabular.ParseMapping(document)
	require.NoError(t, err)
	m.Fields["arrived_at"] = tabular.Binding{Date: "date", Time: "vru_entry"}
	calls := 0
	for _, month := range []string{"calls_1999_01.csv.gz", "calls_1999_02.csv.gz"} {
		f, err := os.Open(filepath.Join(dataFolder(t), "technion_bank", month))
		require.NoError(t, err)
		defer func() { _ = f.Close() }()
		r, err := tabular.Open(f, m.Options())
		require.NoError(t, err)
		schema := intake.Schema(intake.Contacts)
		d, err := tabular.Compile(schema, m, r)
		require.NoError(t, err)
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			record, verdict, _ := d.Decode(row)
			local := record.Values[schema.Index("arrived_at")].Instant().In(zone)
			if verdict == tabular.Accepted && local.Weekday() <= time.Thursday && local.Hour() >= 7 {
				calls++
			}
		}
	}
	require.Equal(t, 45_415, calls)
}

func percent(part, whole int64, digits int) string {
	return fmt.Sprintf("%.*f %%", digits, 100*float64(part)/float64(whole))
}

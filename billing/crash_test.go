package billing_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/billing"
	"muster/billing/rating"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// childVariable tells a copy of the test binary to issue invoices until it is killed.
const childVariable = "MUSTER_BILLING_TEST_CHILD"

// order is what the child is told to do.
type order struct {
	Path, URL string
	Invoices  map[string]int // id → version
	InTurn    []string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := issueAll(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// issueAll issues the ordered invoices one after another and says each number once it is certain.
func issueAll(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{Path: o.Path, URL: o.URL, Clock: calendar.NewFixedClock((april + 1000).At(0, time.UTC))})
	if err != nil {
		return err
	}
	bills := billing.NewService(db, verdicts{})
	for _, s := range o.InTurn {
		var id ids.Invoice
		if err := id.UnmarshalText([]byte(s)); err != nil {
			return err
		}
		i, err := bills.Issue(ctx, scope.Provider(), id, o.Invoices[s], ids.User{})
		if err != nil {
			return err
		}
		fmt.Println(i.Label())
	}
	return nil
}

func TestKillDuringIssueLeavesNothingHalf(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		f := newFixture(t, db)
		fee := f.card(february + 1)
		fee.Document.Rules = append(fee.Document.Rules, rating.Rule{Key: "fee", Name: "Fee", Form: rating.Fixed, Price: dec("10")})
		_, err := f.bills.PutRateCard(ctx, all, fee, ids.User{})
		require.NoError(t, err)
		const total = 12
		o := order{Path: db.Options().Path, URL: db.Options().URL, Invoices: map[string]int{}}
		for n := range total {
			i := f.draft(t, calendar.NewDate(2026, time.Month(3+n), 1))
			reviewed := must[billing.Invoice](t)(f.bills.Review(ctx, all, i.ID, i.Version, ids.User{}))
			o.Invoices[i.ID.String()] = reviewed.Version
			o.InTurn = append(o.InTurn, i.ID.String())
		}
		said := killAfter(t, o, 4)
		issued := check(t, f, said)
		require.GreaterOrEqual(t, issued, 4)
		require.Less(t, issued, total, "the child was killed before its end")
		for _, id := range o.InTurn[issued:] {
			var v ids.Invoice
			require.NoError(t, v.UnmarshalText([]byte(id)))
			_, err := f.bills.Issue(ctx, all, v, o.Invoices[id], ids.User{})
			require.NoError(t, err)
		}
		require.Equal(t, total, check(t, f, said))
	})
}

// killAfter runs the child, kills it after it has said some numbers, and gives all it said.
func killAfter(t *testing.T, o order, n int) []string {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+string(text))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said = append(said, lines.Text())
		if len(said) == n {
			require.NoError(t, child.Process.Kill()) // SIGKILL, most likely inside the next issue
		}
	}
	require.Error(t, child.Wait())
	require.GreaterOrEqual(t, len(said), n)
	return said
}

// check requires that every number said is issued, that numbers have no gap, and
// that each issued invoice has all of its effects. It gives how many are issued.
func check(t *testing.T, f *fixture, said []string) int {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	issued := must[[]billing.Invoice](t)(f.bills.Invoices(ctx, all, billing.Filter{Status: billing.Issued}))
	numbers, labels := map[int64]bool{}, map[string]bool{}
	for _, i := range issued {
		numbers[*i.Number], labels[i.Label()] = true, true
		require.NotNil(t, i.IssuedAt)
	}
	for n := range int64(len(issued)) {
		require.True(t, numbers[n+1], "number %d is missing", n+1)
	}
	for _, s := range said {
		require.True(t, labels[s], "%s was acknowledged and is lost", s)
	}
	locked := 0
	for _, p := range must[[]billing.Period](t)(f.bills.Periods(ctx, all, f.client.ID)) {
		if p.Status == billing.PeriodLocked {
			locked++
		}
	}
	require.Equal(t, len(issued), locked)
	entries := must[[]audit.Entry](t)(audit.New(f.db, nil).List(ctx, all, audit.Filter{Limit: 500}))
	audited := 0
	for _, e := range entries {
		if e.Action == "invoice.issued" {
			audited++
		}
	}
	require.Equal(t, len(issued), audited)
	published := must[[]events.Event](t)(events.New(f.db).Read(ctx, all, 0, events.Filter{Types: []string{"invoice.issued"}}, 500))
	require.Len(t, published, len(issued))
	return len(issued)
}

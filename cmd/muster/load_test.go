package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
)

// TestManyPeopleAtOnce posts contacts of many people in one instant to a serving
// process and prints the time until each was answered: on an agent's desk or queued.
func TestManyPeopleAtOnce(t *testing.T) {
	text := os.Getenv("MUSTER_TEST_PEOPLE")
	if text == "" {
		text = "50" // the way works; figures come from make load
	}
	for _, dialect := range []database.Dialect{database.SQLite, database.PostgreSQL} {
		for number := range strings.SplitSeq(text, ",") {
			people, err := strconv.Atoi(number)
			require.NoError(t, err, "MUSTER_TEST_PEOPLE")
			t.Run(fmt.Sprint(dialect, "/", people), func(t *testing.T) { peopleAtOnce(t, dialect, people) })
		}
	}
}

func peopleAtOnce(t *testing.T, dialect database.Dialect, people int) {
	w := worldOn(t, dialect, 8)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	n := w.node(t)
	n.start()
	require.NoError(t, n.ready(ctx))
	c := newCrowd(t, w, n)
	for i := range w.tokens {
		require.Equal(t, 200, c.send(ctx, w.tokens[i], "POST", "/api/v1/me/state", map[string]string{"state": "ready"}, nil))
	}
	c.report(ctx, "first") // connections and caches are warm
	took, later := make([]time.Duration, people), make([]bool, people)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range people {
		all.Go(func() {
			<-begin
			start := time.Now()
			later[i] = !c.report(ctx, fmt.Sprint("p-", i)).Applied
			took[i] = time.Since(start)
		})
	}
	start := time.Now()
	close(begin)
	all.Wait()
	whole := time.Since(start)
	var sum time.Duration
	unrouted := 0
	for i, d := range took {
		sum += d
		if later[i] {
			unrouted++
		}
	}
	slices.Sort(took)
	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, 30*time.Second, 20*time.Millisecond)
	found, err := w.gather(ctx)
	require.NoError(t, err)
	require.Empty(t, check(found, c.settled()))
	t.Logf("%s: %d people at once: mean %s, 95 %% within %s, worst %s; all in %s (%.0f/s); stored but routed later than the answer: %d",
		dialect, people, (sum / time.Duration(people)).Round(time.Millisecond), took[people*95/100].Round(time.Millisecond), took[people-1].Round(time.Millisecond), whole.Round(time.Millisecond), float64(people)/whole.Seconds(), unrouted)
}

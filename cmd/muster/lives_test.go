package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
)

// TestWholeLives lets contacts live whole lives at a steady rate: they arrive, are
// offered over an agent's event stream, accepted, finished and wrapped up. It prints
// what was sustained, the time from arrival to offer, and what a life costs.
// MUSTER_TEST_LIVES=100,300 and MUSTER_TEST_SECONDS=60 make it a measurement.
func TestWholeLives(t *testing.T) {
	rates, seconds := []int{20}, 1 // the way works; figures come from make load LIVES=…
	dialects := []database.Dialect{database.SQLite, database.PostgreSQL}
	if text := os.Getenv("MUSTER_TEST_LIVES"); text != "" {
		rates = nil
		for number := range strings.SplitSeq(text, ",") {
			rate, err := strconv.Atoi(number)
			require.NoError(t, err, "MUSTER_TEST_LIVES")
			rates = append(rates, rate)
		}
		var err error
		seconds, err = strconv.Atoi(os.Getenv("MUSTER_TEST_SECONDS"))
		require.NoError(t, err, "MUSTER_TEST_SECONDS")
		if only := os.Getenv("MUSTER_TEST_DIALECT"); only != "" {
			dialects = []database.Dialect{database.Dialect(only)}
		}
	}
	for _, dialect := range dialects {
		for _, rate := range rates {
			t.Run(fmt.Sprint(dialect, "/", rate), func(t *testing.T) { wholeLives(t, dialect, rate, time.Duration(seconds)*time.Second) })
		}
	}
}

// lives is one run.
type lives struct {
	*crowd
	mu      sync.Mutex
	due     map[ids.Contact]time.Time // when the contact was to arrive
	offered map[ids.Contact]time.Time // when an agent's stream showed the offer
	done    int
	failed  map[string]int // answers other than success, by step and status
}

func wholeLives(t *testing.T, dialect database.Dialect, rate int, length time.Duration) {
	agents := max(20, rate)
	dir := t.TempDir()
	o := database.Options{Path: filepath.Join(dir, "muster.db")}
	var cluster *databasetest.Cluster
	switch {
	case dialect == database.PostgreSQL && os.Getenv("MUSTER_TEST_LIVES") != "":
		cluster = databasetest.StartCluster(t, true) // which keeps what it commits, as in production
		o = cluster.Options(t)
	case dialect == database.PostgreSQL:
		o = databasetest.PostgresOptions(t, true)
	default:
		require.NoError(t, database.Migrate(t.Context(), o))
	}
	w := worldIn(t, dir, o, agents)
	ctx, cancel := context.WithTimeout(t.Context(), length+2*time.Minute)
	defer cancel()
	n := w.node(t)
	n.start()
	require.NoError(t, n.ready(ctx))
	l := &lives{crowd: newCrowd(t, w, n), due: map[ids.Contact]time.Time{}, offered: map[ids.Contact]time.Time{}, failed: map[string]int{}}
	var desks sync.WaitGroup
	working, stop := context.WithCancel(ctx)
	for i := range agents {
		desks.Go(func() { l.desktop(working, i) })
	}
	require.Eventually(t, func() bool { return l.signedIn(t) == agents }, time.Minute, 20*time.Millisecond, "agents sign in")

	before := measure(t, n, cluster, o)
	start := time.Now()
	total := rate * int(length/time.Second)
	var callers sync.WaitGroup
	for i := range total {
		at := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(at))
		callers.Go(func() { l.call(ctx, i, at) })
	}
	callers.Wait()
	require.Eventually(t, func() bool { return l.finished() == total }, time.Minute, 10*time.Millisecond, "every life ends")
	took := time.Since(start)
	after := measure(t, n, cluster, o)
	grouped := n.metric(t, "muster_routing_commit_inputs_sum") / n.metric(t, "muster_routing_commit_inputs_count")
	require.EqualValues(t, 1, n.metric(t, "muster_routing_leads"))
	stop()
	desks.Wait()
	n.stop()

	require.Eventually(t, func() bool { return w.unapplied(t) == 0 }, 30*time.Second, 20*time.Millisecond)
	found, err := w.gather(context.WithoutCancel(ctx))
	require.NoError(t, err)
	require.Empty(t, check(found, l.settled()))
	waits := l.waits()
	each := func(f func(usage) time.Duration) string {
		return fmt.Sprintf("%.2f ms", float64((f(after)-f(before)).Microseconds())/1000/float64(total))
	}
	t.Logf("%s: %d lives, %d agents with open streams: %.1f lives/s of %d wanted, sustained for %s; arrival to offer p50 %s, p99 %s, worst %s",
		dialect, total, agents, float64(total)/took.Seconds(), rate, took.Round(100*time.Millisecond), waits[len(waits)/2].Round(100*time.Microsecond), waits[len(waits)*99/100].Round(100*time.Microsecond), waits[len(waits)-1].Round(100*time.Microsecond))
	t.Logf("%s: per life: CPU of node %s, of PostgreSQL %s, of the generator %s; %d bytes in the database, %d of write-ahead log; %.1f inputs in a commit; answers other than success: %v",
		dialect, each(func(u usage) time.Duration { return u.node }), each(func(u usage) time.Duration { return u.server }), each(func(u usage) time.Duration { return u.self }), (after.size-before.size)/int64(total), (after.log-before.log)/int64(total), grouped, l.failed)
}

// call reports one contact, as often as it takes.
func (l *lives) call(ctx context.Context, i int, at time.Time) {
	out := l.report(ctx, fmt.Sprint("life-", i))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due[out.Contact] = at
}

// signedIn counts agents who are ready.
func (l *lives) signedIn(t *testing.T) int {
	t.Helper()
	return int(l.world.count(t, "live_agents", "state = 'ready'"))
}

func (l *lives) finished() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done
}

// waits gives the times from arrival to offer in order.
func (l *lives) waits() []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []time.Duration
	for id, at := range l.offered {
		out = append(out, at.Sub(l.due[id]))
	}
	slices.Sort(out)
	return out
}

// desktop is an agent's desktop: an open stream on which offers come, and the
// agent's answers to them.
func (l *lives) desktop(ctx context.Context, i int) {
	token := l.world.tokens[i]
	for ctx.Err() == nil && l.send(ctx, token, http.MethodPost, "/api/v1/me/state", map[string]string{"state": "ready"}, nil) != http.StatusOK {
		pause(ctx, 50*time.Millisecond)
	}
	for ctx.Err() == nil {
		l.listen(ctx, token, func(d deskNow) {
			for _, c := range d.Contacts {
				if c.State == "offered" {
					l.live(ctx, token, c.ID)
				}
			}
		})
		pause(ctx, 50*time.Millisecond)
	}
}

// listen opens the event stream and hands on every desk that it brings.
func (l *lives) listen(ctx context.Context, token string, show func(deskNow)) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.nodes[0].address+"/api/v1/me/stream", nil)
	if err != nil {
		l.t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var d deskNow
		if err := json.Unmarshal([]byte(data), &d); err != nil {
			l.t.Errorf("stream: %v in %s", err, data)
			return
		}
		show(d)
	}
}

// live leads one contact through its life, unless it was led already: the stream
// may show an offer twice.
func (l *lives) live(ctx context.Context, token string, id ids.Contact) {
	l.mu.Lock()
	_, again := l.offered[id]
	if !again {
		l.offered[id] = time.Now()
	}
	l.mu.Unlock()
	if again {
		return
	}
	for _, step := range []string{"/api/v1/me/offers/" + id.String() + "/accept", "/api/v1/me/contacts/" + id.String() + "/finish", "/api/v1/me/contacts/" + id.String() + "/wrapped"} {
		if status := l.send(ctx, token, http.MethodPost, step, nil, nil); status != http.StatusOK {
			l.mu.Lock()
			l.failed[fmt.Sprint(step[strings.LastIndexByte(step, '/')+1:], " ", status)]++
			l.mu.Unlock()
		}
	}
	l.mu.Lock()
	l.done++
	l.mu.Unlock()
}

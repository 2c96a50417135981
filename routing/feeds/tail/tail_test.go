package tail_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing/feeds/tail"
)

// receiver is a feed's door that keeps lines by id and can fail.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	lines  map[string]string
	order  []string // texts, as they first came
	again  int
	refuse func(request int) int // status instead of taking; 0 takes
	came   chan struct{}
	asked  int
}

func receive(t *testing.T) *receiver {
	r := &receiver{lines: map[string]string{}, came: make(chan struct{}, 10_000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		if r.refuse != nil {
			if status := r.refuse(r.asked); status != 0 {
				w.WriteHeader(status)
				return
			}
		}
		var got tail.Totals
		in := bufio.NewScanner(req.Body)
		for in.Scan() {
			var line struct {
				ID, Line string
				Seq      int64
			}
			if err := json.Unmarshal(in.Bytes(), &line); err != nil {
				t.Error(err)
			}
			if _, known := r.lines[line.ID]; known {
				got.Duplicates++
				r.again++
				continue
			}
			got.Accepted++
			r.lines[line.ID] = line.Line
			r.order = append(r.order, line.Line)
		}
		_ = json.NewEncoder(w).Encode(got)
		select {
		case r.came <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// until waits for so many different lines.
func (r *receiver) until(t *testing.T, n int) []string {
	t.Helper()
	for {
		r.mu.Lock()
		have, order := len(r.order), slices.Clone(r.order)
		r.mu.Unlock()
		if have >= n {
			return order
		}
		select {
		case <-r.came:
		case <-t.Context().Done():
			t.Fatal("the lines did not come")
		case <-time.After(20 * time.Second):
			t.Fatalf("only %d of %d lines came", have, n)
		}
	}
}

// writer writes numbered lines.
type writer struct {
	t    *testing.T
	path string
	file *os.File
	all  []string
}

func newWriter(t *testing.T) *writer {
	w := &writer{t: t, path: filepath.Join(t.TempDir(), "queue_log")}
	w.open()
	return w
}

func (w *writer) open() {
	f, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(w.t, err)
	w.file = f
}

func (w *writer) write(n int) {
	for range n {
		line := fmt.Sprintf("%d|call-%d|cards|NONE|ENTERQUEUE||4420|1", 1_772_000_000+len(w.all), len(w.all))
		w.all = append(w.all, line)
		_, err := w.file.WriteString(line + "\n")
		require.NoError(w.t, err)
	}
}

// rotate renames the log as logrotate does: the writer goes on in the old file until it is told.
func (w *writer) rotate(name string) {
	require.NoError(w.t, os.Rename(w.path, w.path+name))
	require.NoError(w.t, os.WriteFile(w.path, nil, 0o600))
	w.write(2) // to the old one still
	require.NoError(w.t, w.file.Close())
	w.open()
}

func follower(r *receiver, w *writer) *tail.Follower {
	return &tail.Follower{Path: w.path, State: w.path + ".muster", Batch: 7, Poll: 2 * time.Millisecond, Target: tail.Target{URL: r.URL, Token: "t", Pause: time.Millisecond}}
}

// run follows in the background; the function ends it.
func run(t *testing.T, f *tail.Follower) func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestFollowsThroughRotationAndTruncation(t *testing.T) {
	r, w := receive(t), newWriter(t)
	w.write(20)
	stop := run(t, follower(r, w))
	defer stop()
	r.until(t, 20)
	w.rotate(".1")
	w.write(15)
	r.until(t, 37)
	w.rotate(".2")
	r.until(t, 39) // what was written to the old file after it was renamed
	w.write(3)
	r.until(t, 42)
	require.NoError(t, w.file.Truncate(0)) // copytruncate
	w.write(5)
	require.Equal(t, w.all, r.until(t, len(w.all)))
	require.Zero(t, r.again)
}

func TestGoesOnWhereItWasAfterRotationsMeanwhile(t *testing.T) {
	r, w := receive(t), newWriter(t)
	w.write(10)
	stop := run(t, follower(r, w))
	r.until(t, 10)
	stop()
	w.write(5)
	w.rotate(".2")
	w.write(9)
	w.rotate(".1")
	w.write(4)
	stop = run(t, follower(r, w))
	defer stop()
	require.Equal(t, w.all, r.until(t, len(w.all)))
}

func TestTriesAgainUntilTaken(t *testing.T) {
	r, w := receive(t), newWriter(t)
	r.refuse = func(request int) int { return []int{503, 429, 500, 0}[request%4] }
	w.write(30)
	stop := run(t, follower(r, w))
	defer stop()
	require.Equal(t, w.all, r.until(t, 30))
}

func TestARefusalEndsIt(t *testing.T) {
	r, w := receive(t), newWriter(t)
	r.refuse = func(int) int { return 401 }
	w.write(3)
	err := follower(r, w).Run(t.Context())
	var refused *tail.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 401, refused.Status)
}

func TestOnceSendsTheWholeLogAndItsUnfinishedLine(t *testing.T) {
	r, w := receive(t), newWriter(t)
	w.write(20)
	_, err := w.file.WriteString("1772009999|x|cards|NONE|ABANDON|1|1|3")
	require.NoError(t, err)
	f := follower(r, w)
	f.State = ""
	require.NoError(t, f.Once(t.Context()))
	require.Len(t, r.order, 21)
	require.NoError(t, os.Rename(w.path, w.path+".1"))
	f.Path += ".1"
	require.NoError(t, f.Once(t.Context()))
	require.Equal(t, 21, r.again, "a renamed log tells the same events")
}

// TestFollowingProcess is the process that TestKilledFollowerLosesNothing kills.
func TestFollowingProcess(t *testing.T) {
	path, url := os.Getenv("MUSTER_TAIL_PATH"), os.Getenv("MUSTER_TAIL_URL")
	if path == "" {
		t.Skip("runs as a process of TestKilledFollowerLosesNothing")
	}
	f := &tail.Follower{Path: path, State: path + ".muster", Batch: 5, Poll: time.Millisecond, Target: tail.Target{URL: url, Pause: time.Millisecond}}
	require.NoError(t, f.Run(t.Context()))
}

func TestKilledFollowerLosesNothing(t *testing.T) {
	r, w := receive(t), newWriter(t)
	w.write(60)
	for round := range 6 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFollowingProcess$", "-test.timeout=10m")
		cmd.Env = append(os.Environ(), "MUSTER_TAIL_PATH="+w.path, "MUSTER_TAIL_URL="+r.URL)
		require.NoError(t, cmd.Start())
		r.until(t, min(len(w.all), 12*(round+1)))
		require.NoError(t, cmd.Process.Kill()) // kill -9, wherever it is
		_ = cmd.Wait()                         // it was killed
		w.write(20)
		if round%2 == 1 {
			w.rotate(fmt.Sprint(".", 9-round))
		}
	}
	w.write(1)
	stop := run(t, follower(r, w))
	defer stop()
	got := r.until(t, len(w.all))
	require.Equal(t, w.all, got, "in order, none lost, none twice")
}

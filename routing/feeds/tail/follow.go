package tail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Follower sends the lines of a growing queue_log to a feed.
type Follower struct {
	Path   string // of the log
	State  string // file that keeps the place reached; empty: begin at the log's beginning
	Target Target
	Batch  int                              // lines per request; zero means 500
	Poll   time.Duration                    // how often to look for more; zero means half a second
	Alive  time.Duration                    // a sign of life when there is nothing to send; zero means a minute
	Took   func(lines int, t Totals)        // hears of every request that was answered; may be nil
	Log    func(format string, args ...any) // hears what is unusual; may be nil
}

func (f *Follower) log(format string, args ...any) {
	if f.Log != nil {
		f.Log(format, args...)
	}
}

// Once sends the whole log as it is now and ends.
func (f *Follower) Once(ctx context.Context) error {
	l, err := openLog(f.Path, 0)
	if err != nil {
		return err
	}
	if l == nil {
		return nil // not one complete line
	}
	defer l.close()
	return f.drain(ctx, l, true)
}

// Run follows the log until the context ends or the server refuses. It begins where
// the last run was, in a log that may have been renamed since.
func (f *Follower) Run(ctx context.Context) error {
	l, err := f.resume(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if l != nil {
			l.close()
		}
	}()
	poll := time.NewTicker(or(f.Poll, 500*time.Millisecond))
	defer poll.Stop()
	alive := time.Now()
	for {
		if l == nil {
			if l, err = openLog(f.Path, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		if l != nil {
			before := l.offset
			if l, err = f.advance(ctx, l); err != nil {
				return err
			}
			if l != nil && l.offset != before {
				alive = time.Now()
			}
		}
		if time.Since(alive) >= or(f.Alive, time.Minute) {
			if _, err := f.Target.Send(ctx, "application/x-ndjson", nil); err != nil {
				return err
			}
			alive = time.Now()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		}
	}
}

func or(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// advance sends what is new and goes over to the next log when this one was renamed or
// emptied; it gives none when the next one is not there yet.
func (f *Follower) advance(ctx context.Context, l *log) (*log, error) {
	emptied, err := l.truncated()
	if err != nil {
		return l, err
	}
	if emptied {
		f.log("%s was emptied; reading it from its beginning", f.Path)
		l.close()
		return nil, nil
	}
	// Whether it was renamed is asked before its end is read: what is written to it
	// meanwhile is then read in the next turn.
	renamed, err := f.renamed(l)
	if err != nil {
		return l, err
	}
	if err := f.drain(ctx, l, renamed); err != nil {
		return l, err
	}
	if !renamed {
		return l, nil
	}
	f.log("%s was rotated", f.Path)
	at := place{Head: l.head.name, Offset: l.offset}
	l.close()
	return f.catchUp(ctx, at)
}

// renamed reports whether the path names another file now in which somebody has begun
// to write: until then, whoever writes may still write to this one.
func (f *Follower) renamed(l *log) (bool, error) {
	mine, err := l.file.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(f.Path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil || os.SameFile(mine, there) {
		return false, err
	}
	next, err := openLog(f.Path, 0)
	if errors.Is(err, os.ErrNotExist) || err == nil && next == nil {
		return false, nil
	}
	if err == nil {
		next.close()
	}
	return err == nil, err
}

// resume opens the log at the stored place.
func (f *Follower) resume(ctx context.Context) (*log, error) {
	var at place
	if f.State == "" {
		return nil, nil
	}
	b, err := os.ReadFile(f.State)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(b, &at); err != nil {
		return nil, fmt.Errorf("the place in %s cannot be read; remove it to begin at the log's beginning, what was sent before counts once: %w", f.State, err)
	}
	return f.catchUp(ctx, at)
}

// catchUp sends the rest of the logs from a place on and gives the present one.
func (f *Follower) catchUp(ctx context.Context, at place) (*log, error) {
	logs, found, err := after(f.Path, at)
	if err != nil {
		return nil, err
	}
	if !found {
		f.log("the log that was read last is gone; reading %s from its beginning", f.Path)
		return nil, nil
	}
	for i, l := range logs {
		renamed, err := f.renamed(l)
		if err == nil && renamed {
			err = f.drain(ctx, l, true)
		}
		if err != nil {
			for _, rest := range logs[i:] {
				rest.close()
			}
			return nil, err
		}
		if renamed {
			l.close()
			continue
		}
		for _, rest := range logs[i+1:] {
			rest.close()
		}
		return l, nil
	}
	return nil, nil
}

// drain sends the log to its end in batches and stores the place after each.
func (f *Follower) drain(ctx context.Context, l *log, rest bool) error {
	batch := f.Batch
	if batch == 0 {
		batch = 500
	}
	for {
		before := l.offset
		lines, err := l.read(batch, rest)
		if err != nil || len(lines) == 0 {
			return err
		}
		// A log that was emptied while it was read has given lines of its next life.
		if emptied, err := l.truncated(); err != nil || emptied {
			l.offset = before
			return err
		}
		got, err := f.Target.Send(ctx, "application/x-ndjson", encode(lines))
		if err != nil {
			return err
		}
		if err := f.store(place{Head: l.head.name, Offset: l.offset}); err != nil {
			return err
		}
		if f.Took != nil {
			f.Took(len(lines), got)
		}
	}
}

// encode writes the lines as events that carry them.
func encode(lines []Line) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	for _, l := range lines {
		if l.Text == "" {
			continue
		}
		_ = e.Encode(struct { // a buffer and texts: it cannot fail
			ID   string `json:"id"`
			Seq  int64  `json:"seq"`
			Line string `json:"line"`
		}{l.ID, l.Seq, l.Text})
	}
	return out.Bytes()
}

// store keeps the place so that a crash leaves the old one or the new one.
func (f *Follower) store(at place) error {
	if f.State == "" {
		return nil
	}
	b, err := json.Marshal(at)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(f.State), filepath.Base(f.State)+".*.new")
	if err != nil {
		return err
	}
	if _, err = draft.Write(b); err == nil {
		err = draft.Sync()
	}
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(draft.Name(), f.State)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
	}
	return err
}

package tail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Target is a feed that takes events.
type Target struct {
	URL    string // of its events: …/api/v1/feeds/<id>/events
	Token  string
	Client *http.Client                     // nil: the default one with a timeout of a minute
	Log    func(format string, args ...any) // hears why it waits; nil: nobody does
	// Pause is how long to wait after the first failure; each further one doubles it up
	// to a minute. Zero means half a second.
	Pause time.Duration
}

// Totals counts what became of events.
type Totals struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	Refused    int `json:"refused"`
	Ignored    int `json:"ignored"`
	Waiting    int `json:"waiting"`
	Reasons    []struct {
		Line   int    `json:"line"`
		ID     string `json:"id"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
	} `json:"reasons"`
}

// Add sums the counts; reasons are not kept.
func (t *Totals) Add(o Totals) {
	t.Accepted += o.Accepted
	t.Duplicates += o.Duplicates
	t.Refused += o.Refused
	t.Ignored += o.Ignored
	t.Waiting += o.Waiting
}

// longestPause bounds the wait between two attempts.
const longestPause = time.Minute

// RefusedError is an answer that repeating will not change.
type RefusedError struct {
	Status int
	Detail string
}

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refuses the events (%d): %s", e.Status, e.Detail)
}

// Send posts a body until the server has taken or refused it, or the context ends.
func (t Target) Send(ctx context.Context, contentType string, body []byte) (Totals, error) {
	pause := t.Pause
	if pause == 0 {
		pause = 500 * time.Millisecond
	}
	for {
		got, after, err := t.attempt(ctx, contentType, body)
		var refused *RefusedError
		if err == nil || errors.As(err, &refused) || ctx.Err() != nil {
			return got, err
		}
		wait := max(pause, after)
		if t.Log != nil {
			t.Log("%v; trying again in %s", err, wait)
		}
		select {
		case <-ctx.Done():
			return got, ctx.Err()
		case <-time.After(wait):
		}
		pause = min(2*pause, longestPause)
	}
}

// attempt posts once. Errors other than a RefusedError may pass; after is how long the
// server asks to wait.
func (t Target) attempt(ctx context.Context, contentType string, body []byte) (got Totals, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL, bytes.NewReader(body))
	if err != nil {
		return got, 0, &RefusedError{Detail: err.Error()}
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+t.Token)
	client := t.Client
	if client == nil {
		client = &http.Client{Timeout: time.Minute}
	}
	res, err := client.Do(req)
	if err != nil {
		return got, 0, err
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	answer, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return got, 0, err
	}
	switch {
	case res.StatusCode == http.StatusOK:
		if err := json.Unmarshal(answer, &got); err != nil {
			return got, 0, &RefusedError{Status: res.StatusCode, Detail: "this is no answer of a feed; check the address"}
		}
		return got, 0, nil
	case res.StatusCode >= 500, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout, res.StatusCode == http.StatusConflict:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		return got, min(longestPause, time.Duration(max(0, seconds))*time.Second), fmt.Errorf("the server says %s: %s", res.Status, detail(answer))
	}
	return got, 0, &RefusedError{Status: res.StatusCode, Detail: detail(answer)}
}

// detail takes the sentence from a problem.
func detail(answer []byte) string {
	var problem struct{ Detail, Code string }
	if json.Unmarshal(answer, &problem) != nil || problem.Detail == "" {
		return strings.TrimSpace(string(answer[:min(len(answer), 200)]))
	}
	return problem.Detail
}

package tabular

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// PresetQueueLog names the preset for Asterisk's queue_log.
const PresetQueueLog = "queue_log"

// queueLogHeader are the columns into which calls of a queue_log are folded. Times
// are seconds since 1970; outcome is answered, abandoned, timeout, empty or key.
var queueLogHeader = []string{"external_id", "queue", "arrived_at", "accepted_at", "ended_at", "caller", "agent", "wait", "talk", "rings", "outcome", "ended_by"}

// queueLogScanner folds the events of Asterisk's queue_log
// (time|callid|queue|agent|event|data…; see "Queue Logs" in the Asterisk
// documentation) into one row per call and queue, written when the call ends. A
// call's row carries the line of its last event. Calls still open at the end of the
// log, and ends whose beginning an earlier log holds, become rows with a problem.
type queueLogScanner struct {
	events  *csvScanner
	open    map[string]*queuedCall
	ended   bool
	rest    []*queuedCall
	problem *Issue
	cells   []string
}

type queuedCall struct {
	id, queue, caller, agent   string
	line                       int64
	entered, connected, closed string
	wait, talk, outcome, by    string
	rings                      int
}

func newQueueLogScanner(in io.Reader) *queueLogScanner {
	return &queueLogScanner{events: newCSVScanner(in, '|'), open: map[string]*queuedCall{}}
}

func (q *queueLogScanner) rowProblem() *Issue { return q.problem }

func (q *queueLogScanner) close() error { return nil }

func (q *queueLogScanner) next() (int64, []string, error) {
	for !q.ended {
		line, cells, err := q.events.next()
		if errors.Is(err, io.EOF) {
			q.ended = true
			for _, call := range q.open {
				q.rest = append(q.rest, call)
			}
			slices.SortFunc(q.rest, func(a, b *queuedCall) int { return int(a.line - b.line) })
			break
		}
		if err != nil {
			return line, nil, err
		}
		q.problem = nil
		if call := q.event(line, cells); call != nil || q.problem != nil {
			return line, q.row(call), nil
		}
	}
	if len(q.rest) > 0 {
		call := q.rest[0]
		q.rest = q.rest[1:]
		q.problem = &Issue{Line: call.line, Column: "callid", Value: clip(call.id), Code: "unfinished_contact",
			Sentence: "The call entered the queue, but the log ends before its outcome; import this log joined with the following one."}
		return call.line, q.row(call), nil
	}
	return 0, nil, io.EOF
}

// event takes one line of the log; it gives the call that the event ends.
func (q *queueLogScanner) event(line int64, cells []string) *queuedCall {
	if len(cells) < 5 {
		q.problem = &Issue{Line: line, Code: "not_an_event", Value: clip(strings.Join(cells, "|")),
			Sentence: "The line is not a queue_log event: it has fewer than five parts."}
		return nil
	}
	at, id, queue, agent, name := cells[0], strings.Clone(cells[1]), cells[2], cells[3], strings.ToUpper(cells[4])
	data := cells[5:]
	key := id + "|" + queue
	if name == "ENTERQUEUE" {
		q.open[key] = &queuedCall{id: id, queue: queue, entered: at, line: line, caller: datum(data, 1)}
		return nil
	}
	call := q.open[key]
	if call == nil {
		if endsCall(name) || name == "CONNECT" {
			q.problem = &Issue{Line: line, Column: "callid", Value: clip(id), Code: "unknown_contact",
				Sentence: "The event " + name + " has no ENTERQUEUE before it; import this log joined with the one before."}
		}
		return nil
	}
	switch name {
	case "RINGNOANSWER":
		call.rings++
		return nil
	case "CONNECT":
		call.agent, call.connected, call.wait = agent, at, datum(data, 0)
		return nil
	}
	if !endsCall(name) {
		return nil
	}
	delete(q.open, key)
	call.line, call.closed, call.outcome = line, at, "answered"
	switch name {
	case "COMPLETEAGENT", "COMPLETECALLER":
		call.talk, call.by = datum(data, 1), strings.ToLower(strings.TrimPrefix(name, "COMPLETE"))
	case "TRANSFER", "BLINDTRANSFER":
		call.talk, call.by = datum(data, 3), "transfer"
	case "ATTENDEDTRANSFER":
		call.by = "transfer"
	case "ABANDON":
		call.outcome, call.wait = "abandoned", datum(data, 2)
	case "EXITWITHTIMEOUT":
		call.outcome, call.wait = "timeout", datum(data, 2)
	case "EXITEMPTY":
		call.outcome, call.wait = "empty", datum(data, 2)
	case "EXITWITHKEY":
		call.outcome, call.wait = "key", datum(data, 3)
	}
	return call
}

func endsCall(event string) bool {
	switch event {
	case "COMPLETEAGENT", "COMPLETECALLER", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "EXITWITHKEY":
		return true
	}
	return false
}

// datum gives a data part of an event, empty if it is absent.
func datum(data []string, i int) string { return strings.TrimSpace(at(data, i)) }

// row writes the call under queueLogHeader; a nil call gives blanks beside its problem.
func (q *queueLogScanner) row(c *queuedCall) []string {
	if c == nil {
		q.cells = append(q.cells[:0], "?")
		return q.cells
	}
	agent := c.agent
	if agent == "NONE" {
		agent = ""
	}
	// One call may pass through a queue several times; the entry's time keeps them apart.
	q.cells = append(q.cells[:0], c.id+"/"+c.queue+"/"+c.entered, c.queue, c.entered, c.connected, c.closed, c.caller,
		agent, c.wait, c.talk, strconv.Itoa(c.rings), c.outcome, c.by)
	return q.cells
}

package feeds

import (
	"strconv"
	"strings"

	"muster/routing/records"
	"muster/tenants/fault"
)

// queueLogEvents says what the events of Asterisk's queue_log tell (time|callid|queue|
// agent|event|data…; see "Queue Logs" in the Asterisk documentation). Events that are
// absent here, such as CONFIGRELOAD or PENALTY, say nothing about agents or contacts.
var queueLogEvents = map[string]struct {
	kind             Kind
	wait, talk, ring int // places of durations in the data, counted from 1; negative: in milliseconds
}{
	"ENTERQUEUE":       {kind: ContactEntered},
	"CONNECT":          {kind: ContactAnswered, wait: 1, ring: 3},
	"RINGNOANSWER":     {kind: ContactMissed, ring: -1},
	"RINGCANCELED":     {kind: ContactMissed, ring: -1},
	"AGENTDUMP":        {kind: ContactMissed},
	"COMPLETEAGENT":    {kind: ContactEnded, talk: 2},
	"COMPLETECALLER":   {kind: ContactEnded, talk: 2},
	"TRANSFER":         {kind: ContactEnded, talk: 4},
	"BLINDTRANSFER":    {kind: ContactEnded, talk: 4},
	"ATTENDEDTRANSFER": {kind: ContactEnded},
	"ABANDON":          {kind: ContactAbandoned, wait: 3},
	"EXITWITHTIMEOUT":  {kind: ContactEnded, wait: 3},
	"EXITEMPTY":        {kind: ContactEnded, wait: 3},
	"EXITWITHKEY":      {kind: ContactEnded, wait: 4},
	"WITHDRAW":         {kind: ContactEnded, wait: 3},

	"ADDMEMBER":           {kind: AgentLogin},
	"REMOVEMEMBER":        {kind: AgentLogout},
	"AGENTLOGIN":          {kind: AgentLogin},
	"AGENTCALLBACKLOGIN":  {kind: AgentLogin},
	"AGENTLOGOFF":         {kind: AgentLogout},
	"AGENTCALLBACKLOGOFF": {kind: AgentLogout},
	"PAUSE":               {kind: AgentPause},
	"PAUSEALL":            {kind: AgentPause},
	"UNPAUSE":             {kind: AgentReady},
	"UNPAUSEALL":          {kind: AgentReady},
}

// parseQueueLog reads a line of queue_log. A line that tells nothing of agents or
// contacts gives no event. A contact is one call in one queue.
func parseQueueLog(line string) (e Event, tells bool, problem *fault.Error) {
	cells := strings.Split(strings.TrimRight(line, "\r\n"), "|")
	if len(cells) < 5 {
		return e, false, refuse("not_an_event", "The line is not a queue_log event: it has fewer than five parts.")
	}
	known, tells := queueLogEvents[strings.ToUpper(cells[4])]
	if !tells {
		return e, false, nil
	}
	at, err := ParseTime(cells[0])
	if err != nil {
		return e, false, refuse("no_time", "The line is not a queue_log event: %s.", err)
	}
	e = Event{At: at, Kind: known.kind, Queue: named(cells[2]), Agent: named(cells[3])}
	data := cells[5:]
	if e.Kind.ofAgent() {
		if e.Kind == AgentPause {
			e.Code = datum(data, 1)
		}
		return e, true, nil
	}
	e.Contact = cells[1] + "/" + cells[2]
	switch e.Kind {
	case ContactEntered:
		e.Customer = datum(data, 2)
	case ContactEnded:
		e.Outcome = records.Other // unless it was answered
	}
	e.WaitMS, e.TalkMS, e.RingMS = duration(data, known.wait, maxDuration), duration(data, known.talk, maxDuration), duration(data, known.ring, maxRing)
	return e, true, nil
}

// named gives a name; Asterisk writes NONE where there is none.
func named(cell string) string {
	if cell == "NONE" {
		return ""
	}
	return cell
}

// datum gives a data part, counted from 1, empty if it is absent.
func datum(data []string, place int) string {
	if place < 1 || place > len(data) {
		return ""
	}
	return strings.TrimSpace(data[place-1])
}

// duration reads the part as seconds, or as milliseconds when the place is negative;
// a part that is no duration of at most so many milliseconds gives none.
func duration(data []string, place int, most int64) *int64 {
	scale := int64(1000)
	if place < 0 {
		place, scale = -place, 1
	}
	n, err := strconv.ParseInt(datum(data, place), 10, 64)
	if err != nil || n < 0 || n > most/scale {
		return nil
	}
	n *= scale
	return &n
}

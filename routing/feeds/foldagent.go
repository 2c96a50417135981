package feeds

import (
	"encoding/json"
	"maps"
	"slices"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// memory is what is known of an agent after an event, by the source's own names alone,
// so that mapping a name changes nothing in it.
type memory struct {
	Queues map[string]string `json:"q,omitempty"` // where the agent is signed in: "" ready, else why paused; "*" everywhere, "?" somewhere
	Over   string            `json:"o,omitempty"` // ring, talk, wrap or state: what goes before the queues
	Code   string            `json:"c,omitempty"` // of the state, or of the last pause
	Word   string            `json:"w,omitempty"` // the state in force: off, ready, pause, ring, talk, wrap, state
	Reason string            `json:"r,omitempty"` // the code in force
	Since  calendar.Instant  `json:"s,omitempty"`
}

// The words of states.
const (
	wordOff   = "off"
	wordReady = "ready"
	wordPause = "pause"
	wordState = "state"
)

// noReason is the code of a pause without a reason.
const noReason = "pause"

// readMemory reads what was stored; nothing stored is an agent who was never heard of.
func readMemory(text string) (memory, error) {
	m := memory{Word: wordOff}
	if text == "" {
		return m, nil
	}
	err := json.Unmarshal([]byte(text), &m)
	return m, err
}

func (m memory) String() string {
	b, _ := json.Marshal(m) // texts and a number can always be written
	return string(b)
}

// take moves the memory by one event and gives the span that it ends, if any.
func (m *memory) take(at calendar.Instant, e Event) (ended span, over bool) {
	m.Queues = maps.Clone(m.Queues)
	if m.Queues == nil {
		m.Queues = map[string]string{}
	}
	m.sign(e)
	word, reason := m.effective()
	if word == m.Word && reason == m.Reason {
		return span{}, false
	}
	ended = span{from: m.Since, to: at, word: m.Word, reason: m.Reason}
	m.Word, m.Reason, m.Since = word, reason, at
	return ended, ended.word != wordOff && ended.to > ended.from
}

// sign takes the event into what is known of queues.
func (m *memory) sign(e Event) {
	switch e.Kind {
	case AgentRing, AgentTalk, AgentWrap:
		m.Over, m.Code = string(e.Kind[len("agent."):]), ""
		return
	case AgentState:
		m.Over, m.Code = wordState, e.Code
		return
	}
	m.Over = ""
	if e.Queue != "" {
		delete(m.Queues, "?")
	}
	switch {
	case e.Kind == AgentLogout && e.Queue == "":
		clear(m.Queues)
	case e.Kind == AgentLogout:
		delete(m.Queues, e.Queue)
	case e.Kind == AgentLogin && e.Queue == "":
		m.Queues["*"] = ""
	case e.Kind == AgentLogin:
		m.Queues[e.Queue] = ""
	case e.Kind == AgentReady:
		m.each(e.Queue, "")
	case e.Kind == AgentPause:
		m.Code = e.Code
		if m.Code == "" {
			m.Code = noReason
		}
		m.each(e.Queue, m.Code)
	}
}

// each sets why the agent is paused in the queue, or in all of them.
func (m *memory) each(queue, why string) {
	if queue != "" {
		m.Queues[queue] = why
		return
	}
	if len(m.Queues) == 0 {
		m.Queues["?"] = why
	}
	for q := range m.Queues {
		m.Queues[q] = why
	}
}

// effective gives the state in force: ready when there is a queue without a pause.
func (m *memory) effective() (word, reason string) {
	if m.Over != "" {
		return m.Over, m.Code
	}
	if len(m.Queues) == 0 {
		return wordOff, ""
	}
	paused := slices.Sorted(maps.Values(m.Queues))
	switch {
	case paused[0] == "":
		return wordReady, ""
	case slices.Contains(paused, m.Code):
		return wordPause, m.Code
	}
	return wordPause, paused[0]
}

// span is time of an agent in one state.
type span struct {
	from, to     calendar.Instant
	word, reason string
}

// name gives the source's word for the state.
func (s span) name() string {
	if s.word == wordPause || s.word == wordState {
		return s.reason
	}
	return s.word
}

// meaning says what a state is here: the activity, and whether it is paid and billed.
func meaning(word, reason string, at calendar.Instant, words lexicon) (Name, NameStatus) {
	switch word {
	case wordOff:
		return Name{Activity: Off}, Mapped
	case wordPause, wordState:
		return words.code(reason, at)
	}
	return Name{Activity: records.Work, Paid: true, Billable: true}, Mapped
}

// longestState is what a state may last before a sign-off must have been lost; imports
// refuse longer ones as well.
const longestState = calendar.Day

// agentResult is what an agent's events come to.
type agentResult struct {
	drafts []records.StateDraft
	live   LiveAgent
	tooBig []span // states that lasted too long to be believed
}

// foldAgent goes on from a memory with an agent's later events, in order, and gives the
// states that ended and the present one. It stores the memory after each event with it
// and notes what it waits for.
func foldAgent(f Feed, agent ids.Agent, m memory, events []*kept, words lexicon) agentResult {
	out := agentResult{live: LiveAgent{FeedID: f.ID, AgentID: agent, ClientID: f.ClientID}}
	for _, k := range events {
		s, over := m.take(k.At, k.event)
		k.Status, k.Blocked, k.Memory = applied, "", m.String()
		if _, status := meaning(m.Word, m.Reason, k.At, words); status == Open {
			k.Status, k.Blocked = waiting, blockedBy(CodeName, m.Reason)
		}
		out.live.LastAt, out.live.Name = k.At, k.Agent
		if !over {
			continue
		}
		if s.to-s.from > longestState {
			out.tooBig = append(out.tooBig, s)
			continue
		}
		known, status := meaning(s.word, s.reason, s.from, words)
		if status != Mapped || known.Activity == Off {
			continue
		}
		out.drafts = append(out.drafts, records.StateDraft{AgentID: agent, Code: s.name(), Activity: known.Activity, Paid: known.Paid, Billable: known.Billable, StartedAt: s.from, EndedAt: &s.to})
	}
	out.live.Since, out.live.Word, out.live.Memory = m.Since, span{word: m.Word, reason: m.Reason}.name(), m.String()
	known, status := meaning(m.Word, m.Reason, m.Since, words)
	switch {
	case status == Mapped && known.Activity == Off:
		out.live.State = "off"
	case status == Mapped && known.Activity == records.Work:
		out.live.State, out.live.Activity = "ready", records.Work
	default:
		out.live.State, out.live.Activity = "not_ready", known.Activity
	}
	return out
}

package feeds

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
)

// Kind is what an event tells.
type Kind string

// The kinds of events. Those of agents may name a queue when they hold for it alone
// (membership of one queue, pause in one queue); those of contacts name the contact.
const (
	AgentLogin  Kind = "agent.login"
	AgentLogout Kind = "agent.logout"
	AgentReady  Kind = "agent.ready"
	AgentPause  Kind = "agent.pause" // code: the reason
	AgentRing   Kind = "agent.ring"
	AgentTalk   Kind = "agent.talk"
	AgentWrap   Kind = "agent.wrap"
	AgentState  Kind = "agent.state" // code: the source's own word for the state

	ContactEntered     Kind = "contact.entered"
	ContactOffered     Kind = "contact.offered"
	ContactMissed      Kind = "contact.missed" // the agent did not take the offer
	ContactAnswered    Kind = "contact.answered"
	ContactTransferred Kind = "contact.transferred" // the agent's part is over, the contact goes on
	ContactAbandoned   Kind = "contact.abandoned"
	ContactEnded       Kind = "contact.ended"
	ContactWrapped     Kind = "contact.wrapped" // the agent's work after the contact is over
)

// kinds lists the kinds in the order in which events of the same time and without
// sequence numbers are taken.
var kinds = []Kind{ContactEntered, ContactOffered, ContactMissed, ContactAnswered, ContactTransferred, ContactAbandoned, ContactEnded, ContactWrapped,
	AgentLogin, AgentReady, AgentRing, AgentTalk, AgentWrap, AgentPause, AgentState, AgentLogout}

// Kinds lists the kinds of events.
func Kinds() []Kind { return slices.Clone(kinds) }

func (k Kind) rank() int { return slices.Index(kinds, k) }

// ofAgent reports whether the event is about an agent alone.
func (k Kind) ofAgent() bool { return strings.HasPrefix(string(k), "agent.") }

// Time is an instant as sources write it: RFC 3339 with a zone, or seconds or
// milliseconds since 1970.
type Time calendar.Instant

// ParseTime reads a time; local times without a zone have two readings and are refused.
func ParseTime(text string) (Time, error) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return timeOf(n, text)
	}
	var at calendar.Instant
	if err := at.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("the time %q is neither RFC 3339 with a zone, such as 2026-03-01T08:00:00Z, nor seconds since 1970", clip(text, 40))
	}
	return Time(at), nil
}

// timeOf reads seconds since 1970, or milliseconds when there are too many of them.
func timeOf(n float64, text string) (Time, error) {
	const milliseconds = 1e11 // as seconds the year 5138
	scale := float64(calendar.Second)
	if math.Abs(n) >= milliseconds {
		scale = float64(calendar.Millisecond)
	}
	if us := n * scale; math.Abs(us) < 1<<62 { // false for NaN
		return Time(math.Round(us)), nil
	}
	return 0, fmt.Errorf("the time %q lies outside of all time", clip(text, 40))
}

// UnmarshalJSON reads a JSON string or number.
func (t *Time) UnmarshalJSON(b []byte) error {
	text := string(b)
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	v, err := ParseTime(text)
	*t = v
	return err
}

// MarshalJSON writes RFC 3339.
func (t Time) MarshalJSON() ([]byte, error) { return json.Marshal(calendar.Instant(t)) }

// MarshalText writes RFC 3339.
func (t Time) MarshalText() ([]byte, error) { return calendar.Instant(t).MarshalText() }

// UnmarshalText reads any form of a time.
func (t *Time) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTime(string(b))
	return err
}

// Event is one thing that happened at the source.
type Event struct {
	ID       string           `json:"id,omitempty"`  // the source's key of the event
	Seq      int64            `json:"seq,omitempty"` // order of the source; with the same time, lower ones come first
	At       Time             `json:"at"`
	Kind     Kind             `json:"type"`
	Agent    string           `json:"agent,omitempty"`
	Queue    string           `json:"queue,omitempty"`
	Contact  string           `json:"contact,omitempty"`
	Code     string           `json:"code,omitempty"`
	Customer string           `json:"customer,omitempty"`
	Channel  contract.Channel `json:"channel,omitempty"`
	Priority int              `json:"priority,omitempty"`
	Intent   string           `json:"intent,omitempty"`
	Outcome  records.Outcome  `json:"outcome,omitempty"` // of contact.ended without an answer
	WaitMS   *int64           `json:"wait_ms,omitempty"` // as the source measured it
	TalkMS   *int64           `json:"talk_ms,omitempty"`
	RingMS   *int64           `json:"ring_ms,omitempty"`
	Line     string           `json:"line,omitempty"` // a line of queue_log instead of all the rest
}

// maxText bounds names and ids, in bytes.
const maxText = 200

// The bounds of what a source may claim to have measured, in milliseconds.
const (
	maxDuration = 60 * 24 * 3600 * 1000
	maxRing     = 24 * 3600 * 1000
)

// firstTime is before the oldest event that anybody feeds in, 2000-01-01.
const firstTime = 946_684_800 * calendar.Second

func refuse(code, format string, args ...any) *fault.Error {
	return fault.Newf(fault.Invalid, "feed."+code, format, args...)
}

// check refuses an event that says nothing or nonsense.
func (e Event) check() *fault.Error {
	if e.Kind.rank() < 0 {
		return refuse("unknown_type", "The type %q is unknown; known are: %s.", clip(string(e.Kind), 40), fault.Allowed(kinds))
	}
	if calendar.Instant(e.At) < firstTime {
		return refuse("no_time", "The event has no time, or one before the year 2000; give at.")
	}
	for name, text := range map[string]string{"id": e.ID, "agent": e.Agent, "queue": e.Queue, "contact": e.Contact, "code": e.Code, "customer": e.Customer, "intent": e.Intent} {
		if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return refuse("bad_text", "The field %s is no text of at most %d bytes.", name, maxText)
		}
	}
	switch {
	case e.Kind.ofAgent() && e.Agent == "":
		return refuse("no_agent", "An event %s must name the agent.", e.Kind)
	case !e.Kind.ofAgent() && e.Contact == "":
		return refuse("no_contact", "An event %s must name the contact.", e.Kind)
	case e.Kind == AgentState && e.Code == "":
		return refuse("no_code", "An event %s must give the code of the state.", e.Kind)
	case (e.Kind == ContactOffered || e.Kind == ContactMissed || e.Kind == ContactAnswered) && e.Agent == "":
		return refuse("no_agent", "An event %s must name the agent.", e.Kind)
	case e.Kind == ContactEntered && e.Queue == "":
		return refuse("no_queue", "An event %s must name the queue.", e.Kind)
	case e.Channel != "" && !slices.Contains(contract.Channels(), e.Channel):
		return refuse("unknown_channel", "The channel %q is unknown; known are: %s.", clip(string(e.Channel), 40), fault.Allowed(contract.Channels()))
	case e.Outcome != "" && !slices.Contains(records.Outcomes(), e.Outcome):
		return refuse("unknown_outcome", "The outcome %q is unknown; known are: %s.", clip(string(e.Outcome), 40), fault.Allowed(records.Outcomes()))
	case e.Seq < 0:
		return refuse("bad_number", "The sequence number %d is negative.", e.Seq)
	case e.Priority < -1_000_000 || e.Priority > 1_000_000:
		return refuse("bad_number", "The priority %d is out of range.", e.Priority)
	}
	for _, d := range []struct {
		name string
		ms   *int64
		most int64
	}{{"wait_ms", e.WaitMS, maxDuration}, {"talk_ms", e.TalkMS, maxDuration}, {"ring_ms", e.RingMS, maxRing}} {
		if d.ms != nil && (*d.ms < 0 || *d.ms > d.most) {
			return refuse("bad_number", "The duration %s is %d; it must lie between 0 and %d.", d.name, *d.ms, d.most)
		}
	}
	return nil
}

// subject names what the event is about.
func (e Event) subject() string {
	if e.Kind.ofAgent() {
		return "a/" + e.Agent
	}
	return "c/" + e.Contact
}

// content is the event without its id, in one form.
func (e Event) content() []byte {
	e.ID = ""
	b, _ := json.Marshal(e) // it holds nothing that JSON cannot write
	return b
}

// key names the event within its feed: by the source's id, else by its sequence
// number, else by its content.
func (e Event) key(hash []byte) string {
	switch {
	case e.ID != "":
		return "i/" + e.ID
	case e.Seq > 0:
		return "s/" + strconv.FormatInt(e.Seq, 10)
	}
	return "h/" + hex.EncodeToString(hash)
}

// keep makes the stored form of an event.
func (f Feed) keep(e Event, received calendar.Instant) (kept, error) {
	sum := sha256.Sum256(e.content())
	document, err := json.Marshal(e)
	if err != nil {
		return kept{}, err
	}
	return kept{FeedID: f.ID, ClientID: f.ClientID, Key: e.key(sum[:16]), Subject: e.subject(), Kind: e.Kind, At: calendar.Instant(e.At) + calendar.Instant(f.OffsetMS)*calendar.Millisecond, Seq: e.Seq,
		Agent: e.Agent, Queue: e.Queue, Code: e.Code, Status: applied, Document: string(document), Hash: sum[:16], ReceivedAt: received, event: e}, nil
}

// open reads the event of a stored form.
func (k *kept) open() error { return json.Unmarshal([]byte(k.Document), &k.event) }

// earlier orders events by time, then by the source's sequence, then by what they
// tell, then by key: an order that does not depend on when they came.
func earlier(a, b *kept) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Kind.rank(), b.Kind.rank()), cmp.Compare(a.Key, b.Key))
}

// same reports whether a stored event tells the same.
func (k kept) same(o kept) bool { return bytes.Equal(k.Hash, o.Hash) }

// clip shortens a text for messages.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

package feeds

import (
	"encoding/json"
	"strconv"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
)

// lexicon tells what names of a source mean at a time.
type lexicon interface {
	queue(name string, at calendar.Instant) (contract.Queue, NameStatus)
	agent(name string, at calendar.Instant) (ids.Agent, NameStatus)
	code(name string, at calendar.Instant) (Name, NameStatus)
}

// visit is one passage of a contact through a queue.
type visit struct {
	entered  bool // its arrival is known
	over     bool
	lost     bool // it ended because nothing more was heard
	queue    string
	raw      calendar.Instant // arrival by the source's clock
	at, last calendar.Instant
	since    calendar.Instant // of the present status
	status   string
	outcome  records.Outcome
	answered *calendar.Instant
	ended    *calendar.Instant
	wait     *int64
	told     Event // fields of the contact as a whole
	parts    []part
}

// part is one agent's part in a visit.
type part struct {
	agent    string
	offered  calendar.Instant
	accepted *calendar.Instant
	ended    *calendar.Instant
	wrapped  *calendar.Instant
	talk     *int64
}

// passages turns a contact's events, in order, into visits. A contact that enters
// again after its end, as a call can in queue_log, visits again.
func passages(events []*kept) []*visit {
	var out []*visit
	var v *visit
	for _, k := range events {
		e := k.event
		if v == nil || v.over && e.Kind == ContactEntered {
			v = &visit{status: "waiting", since: k.At, queue: e.Queue}
			out = append(out, v)
		}
		v.last = max(v.last, k.At)
		if v.queue == "" {
			v.queue = e.Queue
		}
		if v.over && e.Kind != ContactWrapped {
			continue // said twice, for instance by queue and dial plan
		}
		v.describe(e)
		v.take(k.At, e)
	}
	return out
}

// describe takes what an event tells of the contact as a whole; the first word counts.
func (v *visit) describe(e Event) {
	if v.told.Customer == "" {
		v.told.Customer = e.Customer
	}
	if v.told.Channel == "" {
		v.told.Channel = e.Channel
	}
	if v.told.Intent == "" {
		v.told.Intent = e.Intent
	}
	if v.told.Priority == 0 {
		v.told.Priority = e.Priority
	}
	if e.WaitMS != nil && v.wait == nil {
		v.wait = e.WaitMS
	}
}

// take moves the visit by one event.
func (v *visit) take(at calendar.Instant, e Event) {
	switch e.Kind {
	case ContactEntered:
		if !v.entered {
			v.entered, v.at, v.raw, v.queue = true, at, calendar.Instant(e.At), e.Queue
		} else {
			v.leave(at, nil)
			v.set("waiting", at)
		}
	case ContactOffered:
		v.parts = append(v.parts, part{agent: e.Agent, offered: at})
		if v.status == "waiting" {
			v.set("offered", at)
		}
	case ContactMissed:
		p := v.offer(at, e)
		p.ended = &at
		if v.status == "offered" {
			v.set("waiting", at)
		}
	case ContactAnswered:
		v.leave(at, nil)
		p := v.offer(at, e)
		p.accepted = &at
		if v.answered == nil {
			v.answered = &at
		}
		v.set("active", at)
	case ContactTransferred:
		v.leave(at, e.TalkMS)
		v.set("waiting", at)
	case ContactAbandoned:
		v.outcome = records.Abandoned
		v.end(at, e)
	case ContactEnded:
		v.outcome = e.Outcome
		v.end(at, e)
	case ContactWrapped:
		v.wrap(at, e.Agent)
	}
}

func (v *visit) set(status string, at calendar.Instant) {
	if v.status != status {
		v.status, v.since = status, at
	}
}

// offer finds the agent's open offer, or makes one that began when the ringing did.
func (v *visit) offer(at calendar.Instant, e Event) *part {
	for i := range v.parts {
		if p := &v.parts[i]; p.agent == e.Agent && p.accepted == nil && p.ended == nil {
			return p
		}
	}
	began := at
	if e.RingMS != nil {
		began -= calendar.Instant(*e.RingMS) * calendar.Millisecond
	}
	v.parts = append(v.parts, part{agent: e.Agent, offered: began})
	return &v.parts[len(v.parts)-1]
}

// leave ends the parts that are being handled; offers that nobody took are missed.
func (v *visit) leave(at calendar.Instant, talk *int64) {
	for i := range v.parts {
		p := &v.parts[i]
		if p.ended != nil {
			continue
		}
		if p.accepted == nil {
			continue // still ringing elsewhere
		}
		p.ended, p.talk = &at, talk
	}
}

func (v *visit) end(at calendar.Instant, e Event) {
	v.leave(at, e.TalkMS)
	for i := range v.parts {
		if p := &v.parts[i]; p.ended == nil {
			p.ended = &at
		}
	}
	v.ended, v.over = &at, true
	v.set("done", at)
}

// wrap ends the work after the contact of the agent, or of the last one who had it.
func (v *visit) wrap(at calendar.Instant, agent string) {
	for i := len(v.parts) - 1; i >= 0; i-- {
		if p := &v.parts[i]; p.accepted != nil && p.ended != nil && p.wrapped == nil && (agent == "" || agent == p.agent) {
			p.wrapped = &at
			return
		}
	}
}

// expire ends a visit of which nothing was heard since.
func (v *visit) expire() {
	v.lost = true
	v.outcome = records.Other
	v.end(v.last, Event{})
}

// contactRow is a visit as it is recorded.
type contactRow struct {
	client ids.Client
	draft  records.ContactDraft
}

// contactResult is what a contact's events come to.
type contactResult struct {
	rows []contactRow
	live LiveContact
	lost int // visits that ended because nothing more was heard
}

// foldContact turns all events of one contact, in order, into its rows and its present
// state, and notes on each event what it waits for. before is the time up to which a
// contact must have been heard of to be still open.
func foldContact(f Feed, events []*kept, words lexicon, before calendar.Instant) contactResult {
	out := contactResult{live: LiveContact{FeedID: f.ID, ClientID: f.ClientID, Status: "done", Subject: events[0].Subject, Recorded: []recorded{}}}
	for _, k := range events {
		k.Status, k.Blocked = applied, ""
		if k.Agent != "" {
			if _, status := words.agent(k.Agent, k.At); status == Open {
				k.Status, k.Blocked = waiting, blockedBy(AgentName, k.Agent)
			}
		}
	}
	for i, v := range passages(events) {
		if !v.over && v.last < before {
			v.expire()
			out.lost++
		}
		queue, status := words.queue(v.queue, v.last)
		if v.entered {
			queue, status = words.queue(v.queue, v.at)
		}
		if v.queue == "" {
			status = Ignored // until an event tells the queue
		}
		if status == Open {
			for _, k := range events {
				k.Status, k.Blocked = waiting, blockedBy(QueueName, v.queue)
			}
		}
		out.live.LastAt, out.live.ArrivedAt, out.live.Since = v.last, v.at, v.since
		out.live.QueueID, out.live.AgentID, out.live.Status = ids.Queue{}, ids.Agent{}, "done"
		if status == Mapped {
			out.live.QueueID, out.live.ClientID = queue.ID, queue.ClientID
		}
		if !v.over && v.entered {
			switch status {
			case Mapped:
				out.live.Status, out.live.AgentID = v.status, v.holder(words)
			case Open:
				out.live.Status = "held"
			}
		}
		if !v.over || !v.entered || status != Mapped {
			continue
		}
		row := contactRow{queue.ClientID, v.draft(f, events[0].event.Contact, i, queue, words)}
		out.rows = append(out.rows, row)
		out.live.Recorded = append(out.live.Recorded, recorded{row.client, row.draft.ExternalID})
	}
	return out
}

// blockedBy names what an event waits for.
func blockedBy(kind NameKind, name string) string { return string(kind) + ":" + name }

// holder is the agent who has the contact now.
func (v *visit) holder(words lexicon) ids.Agent {
	for i := len(v.parts) - 1; i >= 0; i-- {
		if p := v.parts[i]; p.ended == nil {
			agent, _ := words.agent(p.agent, p.offered)
			return agent
		}
	}
	return ids.Agent{}
}

// external names the visit. In queue_log a call is named with the second it entered,
// as the import of a file names it; elsewhere the contact's own name stands for its
// first visit.
func (v *visit) external(f Feed, contact string, i int) string {
	if f.Kind == QueueLog || i > 0 {
		return contact + "/" + strconv.FormatInt(int64(v.raw/calendar.Second), 10)
	}
	return contact
}

// draft makes the record of a visit that is over.
func (v *visit) draft(f Feed, contact string, i int, queue contract.Queue, words lexicon) records.ContactDraft {
	at := v.at
	d := records.ContactDraft{QueueID: queue.ID, Channel: queue.Channel, ExternalID: v.external(f, contact, i), Customer: v.told.Customer, Priority: v.told.Priority, ArrivedAt: at, QueuedAt: &at, AnsweredAt: v.answered, EndedAt: v.ended, Outcome: v.outcome}
	if v.told.Channel != "" {
		d.Channel = v.told.Channel
	}
	if v.told.Intent != "" {
		b, _ := json.Marshal(map[string]string{"intent": v.told.Intent}) // a map of texts can always be written
		d.Attributes = string(b)
	}
	stop := v.ended
	switch {
	case v.answered != nil:
		d.Outcome, stop = records.Answered, v.answered
	case d.Outcome == "" || d.Outcome == records.Answered:
		d.Outcome = records.Other
	}
	d.WaitMS = max(0, int64((*stop-at)/calendar.Millisecond))
	if v.wait != nil {
		d.WaitMS = *v.wait
	}
	for _, p := range v.parts {
		v.segment(&d, p, words)
	}
	return d
}

// segment adds an agent's part; parts of agents who are not known yet, or not ours, are left out.
func (v *visit) segment(d *records.ContactDraft, p part, words lexicon) {
	if p.accepted != nil {
		wrapped := *p.ended
		if p.wrapped != nil {
			wrapped = max(*p.wrapped, wrapped)
		}
		talk := max(0, int64((*p.ended-*p.accepted)/calendar.Millisecond))
		if p.talk != nil {
			talk = *p.talk
		}
		d.HandleMS += talk + int64((wrapped-*p.ended)/calendar.Millisecond)
		p.wrapped = &wrapped
	}
	agent, status := words.agent(p.agent, p.offered)
	if status != Mapped {
		return
	}
	s := records.SegmentDraft{AgentID: agent, OfferedAt: p.offered, AcceptedAt: p.accepted, EndedAt: p.ended, WrappedAt: p.wrapped, Outcome: "accepted", Reason: "feed"}
	if p.accepted == nil {
		s.Outcome, s.EndedAt, s.WrappedAt = "missed", nil, p.ended
	} else if d.AgentID.IsZero() {
		d.AgentID = agent
	}
	d.Segments = append(d.Segments, s)
}

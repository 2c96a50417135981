package intake

import (
	"encoding/json"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/tabular"
)

// clockSkew is how far two clocks of one source (menu, queue, agent desktop) may disagree: events up to this much
// before the arrival are kept (the wait is then zero), earlier ones are refused.
const clockSkew = 10 * calendar.Minute

// fields reads a record by field names.
type fields struct {
	places map[string]int
	mapped map[string]bool
	record tabular.Record
}

func newFields(s tabular.Schema, m tabular.Mapping) *fields {
	f := &fields{places: map[string]int{}, mapped: map[string]bool{}}
	for i, field := range s.Fields {
		f.places[field.Name] = i
		_, f.mapped[field.Name] = m.Fields[field.Name]
	}
	return f
}

// get gives a field's value; the name must be one of the schema.
func (f *fields) get(name string) tabular.Value { return f.record.Values[f.places[name]] }

// instant gives a field's instant, nil if it is empty.
func (f *fields) instant(name string) *calendar.Instant {
	v := f.get(name)
	if !v.Set {
		return nil
	}
	at := v.Instant()
	return &at
}

// contactDraft makes a contact of a record. What the source does not tell follows
// from what it does:
//   - answered at = arrival + wait; ended at = answered + talk; wrapped = ended + wrap;
//   - wait = from arrival to the answer, or to the hang-up of who was never answered;
//   - handling = talk + hold + wrap, or from the answer to the end of the wrap-up;
//   - without an outcome column, answered means: there is an answer or some talk;
//   - an abandoned contact whose mapped queue entry is empty never asked for an agent,
//     so it ended in self-service and was not offered.
func (d *directory) contactDraft(f *fields) (records.ContactDraft, *tabular.Issue) {
	line := f.record.Line
	c := records.ContactDraft{ExternalID: f.get("external_id").Text, ArrivedAt: f.get("arrived_at").Instant(), Customer: f.get("customer").Text,
		Priority: int(f.get("priority").Int), QueuedAt: f.instant("queued_at"), AnsweredAt: f.instant("answered_at"), EndedAt: f.instant("ended_at")}
	queue, problem := d.queue(line, f.get("queue").Text)
	if problem != nil {
		return c, problem
	}
	c.QueueID, c.Channel = queue.ID, queue.Channel
	if v := f.get("channel"); v.Set {
		c.Channel = contract.Channel(v.Text)
	}
	if v := f.get("agent"); v.Set {
		if c.AgentID, problem = d.agent(line, v.Text); problem != nil {
			return c, problem
		}
	}
	if v := f.get("intent"); v.Set {
		b, err := json.Marshal(map[string]string{"intent": v.Text})
		if err != nil {
			return c, issue(line, "intent", v.Text, "not_text", "The intent cannot be stored as text.")
		}
		c.Attributes = string(b)
	}
	c.Outcome = outcomeOf(f, c)
	if problem := d.times(f, &c); problem != nil {
		return c, problem
	}
	if c.Outcome == records.Abandoned && f.mapped["queued_at"] && c.QueuedAt == nil {
		c.Outcome = records.SelfService
	}
	d.segment(f, &c)
	return c, nil
}

// outcomeOf takes the stated outcome, or infers it when the mapping states none.
func outcomeOf(f *fields, c records.ContactDraft) records.Outcome {
	switch v := f.get("outcome"); {
	case v.Set:
		return records.Outcome(v.Text)
	case c.AnsweredAt != nil, f.get("talk").Int > 0, f.get("handle").Int > 0:
		return records.Answered
	}
	return records.Abandoned
}

// times completes instants and durations and checks their order.
func (d *directory) times(f *fields, c *records.ContactDraft) *tabular.Issue {
	line := f.record.Line
	for _, t := range []struct {
		name string
		at   *calendar.Instant
	}{{"queued_at", c.QueuedAt}, {"answered_at", c.AnsweredAt}, {"ended_at", c.EndedAt}, {"wrapped_at", f.instant("wrapped_at")}} {
		if t.at != nil && *t.at < c.ArrivedAt-clockSkew {
			return issue(line, t.name, t.at.String(), "out_of_order", "The time lies before the contact's arrival at "+c.ArrivedAt.String()+"; check date, zone and the rule for times past midnight.")
		}
		if t.at != nil && *t.at > c.ArrivedAt+60*calendar.Day {
			return issue(line, t.name, t.at.String(), "out_of_order", "The time lies more than 60 days after the contact's arrival at "+c.ArrivedAt.String()+"; check the date.")
		}
	}
	wait, waitKnown := f.get("wait").Int, f.get("wait").Set
	answered := c.Outcome == records.Answered
	switch {
	case waitKnown:
	case c.AnsweredAt != nil:
		wait = millis(*c.AnsweredAt - c.ArrivedAt)
	case !answered && c.EndedAt != nil:
		wait = millis(*c.EndedAt - c.ArrivedAt)
	}
	c.WaitMS = max(0, wait)
	if !answered {
		c.AnsweredAt = nil
		if c.EndedAt == nil && waitKnown {
			c.EndedAt = after(c.ArrivedAt, c.WaitMS)
		}
		return nil
	}
	if c.AnsweredAt == nil {
		c.AnsweredAt = after(c.ArrivedAt, c.WaitMS)
	}
	talk := f.get("talk").Int + f.get("hold").Int
	if c.EndedAt == nil {
		c.EndedAt = after(*c.AnsweredAt, talk)
	}
	if *c.EndedAt < *c.AnsweredAt-clockSkew {
		return issue(line, "ended_at", c.EndedAt.String(), "out_of_order", "The contact ended before it was answered at "+c.AnsweredAt.String()+".")
	}
	c.HandleMS = handled(f, c, talk)
	return nil
}

// handled gives talk, hold and wrap-up in milliseconds.
func handled(f *fields, c *records.ContactDraft, talk int64) int64 {
	wrap := f.get("wrap").Int
	if wrapped := f.instant("wrapped_at"); wrapped != nil && wrap == 0 {
		wrap = max(0, millis(*wrapped-*c.EndedAt))
	}
	switch {
	case f.get("handle").Set:
		return f.get("handle").Int
	case f.get("talk").Set:
		return talk + wrap
	}
	return max(0, millis(*c.EndedAt-*c.AnsweredAt)) + wrap
}

// segment adds the answering agent's part.
func (d *directory) segment(f *fields, c *records.ContactDraft) {
	if c.Outcome != records.Answered || c.AgentID.IsZero() {
		return
	}
	wrapped := f.instant("wrapped_at")
	if wrapped == nil {
		wrapped = after(*c.AnsweredAt, max(c.HandleMS, millis(*c.EndedAt-*c.AnsweredAt)))
	}
	c.Segments = []records.SegmentDraft{{AgentID: c.AgentID, OfferedAt: *c.AnsweredAt, AcceptedAt: c.AnsweredAt, EndedAt: c.EndedAt, WrappedAt: wrapped, Outcome: "accepted", Reason: "import"}}
}

func millis(d calendar.Instant) int64 { return int64(d / calendar.Millisecond) }

func after(at calendar.Instant, ms int64) *calendar.Instant {
	v := at + calendar.Instant(ms)*calendar.Millisecond
	return &v
}

// intervalDraft makes an interval record of a record. Means are multiplied by the
// answered; without abandoned they are what was offered and not answered.
func (d *directory) intervalDraft(f *fields, minutes int, seen map[ambiguous]bool) (records.IntervalDraft, *tabular.Issue) {
	line := f.record.Line
	start := f.get("start")
	r := records.IntervalDraft{StartAt: start.Instant(), LengthMS: int64(minutes) * 60_000, Offered: f.get("offered").Int, Answered: f.get("answered").Int, Abandoned: f.get("abandoned").Int, WithinThreshold: f.get("within_threshold").Int}
	queue, problem := d.queue(line, f.get("queue").Text)
	if problem != nil {
		return r, problem
	}
	r.QueueID = queue.ID
	if start.Local == tabular.LocalRepeated {
		// The hour that clocks show twice: the second row of the same label is the second hour.
		key := ambiguous{queue.ID, start.Int}
		if seen[key] {
			r.StartAt = calendar.Instant(start.Second)
		}
		seen[key] = true
	}
	if !f.mapped["answered"] {
		r.Answered = max(0, r.Offered-r.Abandoned)
	} else if !f.mapped["abandoned"] {
		r.Abandoned = max(0, r.Offered-r.Answered)
	}
	switch {
	case r.Answered+r.Abandoned > r.Offered:
		return r, issue(line, "offered", "", "counts_disagree", "More contacts were answered and abandoned than offered; check the columns.")
	case r.WithinThreshold > r.Answered:
		return r, issue(line, "within_threshold", "", "counts_disagree", "More contacts were answered within the threshold than answered at all; check the columns.")
	}
	r.WaitMS, r.HandleMS = f.get("wait").Int, f.get("handle").Int
	if !f.get("wait").Set {
		r.WaitMS = f.get("mean_wait").Int * r.Answered
	}
	if !f.get("handle").Set {
		r.HandleMS = f.get("mean_handle").Int * r.Answered
	}
	return r, nil
}

// ambiguous names an interval in the hour that clocks show twice.
type ambiguous struct {
	queue ids.Queue
	first int64
}

// stateDraft makes an agent state of a record. The code's activity, paid and
// billable come from the source's state codes unless the mapping binds them.
func (d *directory) stateDraft(f *fields) (records.StateDraft, *tabular.Issue) {
	line := f.record.Line
	s := records.StateDraft{ExternalID: f.get("external_id").Text, StartedAt: f.get("started_at").Instant(), EndedAt: f.instant("ended_at"), Code: f.get("code").Text}
	var problem *tabular.Issue
	if s.AgentID, problem = d.agent(line, f.get("agent").Text); problem != nil {
		return s, problem
	}
	if v := f.get("lob"); v.Set {
		if s.LOBID, problem = d.lob(line, v.Text); problem != nil {
			return s, problem
		}
	} else if len(d.lobs) == 1 {
		s.LOBID = d.lobs[0].ID
	}
	if s.EndedAt == nil && f.get("duration").Set {
		s.EndedAt = after(s.StartedAt, f.get("duration").Int)
	}
	switch {
	case s.EndedAt == nil:
		return s, issue(line, "ended_at", "", "missing", "The state has neither an end nor a duration.")
	case *s.EndedAt < s.StartedAt:
		return s, issue(line, "ended_at", s.EndedAt.String(), "out_of_order", "The state ends before it begins at "+s.StartedAt.String()+".")
	case *s.EndedAt == s.StartedAt:
		return s, issue(line, "ended_at", s.EndedAt.String(), "no_time", "The state lasts no time at all.")
	case *s.EndedAt-s.StartedAt > calendar.Day:
		return s, issue(line, "ended_at", s.EndedAt.String(), "too_long", "The state lasts more than 24 hours; a log-off may be missing.")
	}
	reason := f.get("reason").Text
	known, found := d.code(s.Code, reason, s.StartedAt)
	if reason != "" {
		s.Code += "/" + reason
	}
	if !found && !f.get("activity").Set {
		return s, issue(line, "code", s.Code, "unknown_code", "The state code has no activity yet; import it as a code (known are: "+some(d.codeNames())+").")
	}
	s.Activity, s.Paid, s.Billable = known.Activity, known.Paid, known.Billable
	if v := f.get("activity"); v.Set {
		s.Activity = records.Activity(v.Text)
	}
	if v := f.get("paid"); v.Set {
		s.Paid = v.Text == "yes"
	}
	if v := f.get("billable"); v.Set {
		s.Billable = v.Text == "yes"
	}
	return s, nil
}

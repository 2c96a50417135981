package intake

import (
	"encoding/json"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/tabular"
)

// clockSkew is how far two clocks of one source (menu, queue, agent desktop) may disagree: events up to this much
// before the arrival are kept (the wait is then zero), earlier ones are refused.
const clockSkew = 10 * calendar.Minute

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

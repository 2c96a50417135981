package intake

import (
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/tabular"
)

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

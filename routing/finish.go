package routing

import (
	"errors"
	"maps"
	"slices"

	"muster/routing/records"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// source names the live floor in records.
const source = "muster"

// finish turns contacts that are over, and states that ended, into records and
// forgets their live rows.
func (c *change) finish() error {
	book := records.NewBook(c.w.live.db, placement(c.w.staff))
	drafts := map[ids.Client][]records.ContactDraft{}
	var over []ids.Contact
	for _, number := range c.open() {
		open := c.w.rows.contacts[number]
		parts := c.w.rows.parts[open.ContactID]
		if !done(open, parts) {
			continue
		}
		drafts[open.ClientID] = append(drafts[open.ClientID], draft(open, parts))
		over = append(over, open.ContactID)
		delete(c.w.rows.contacts, number)
		delete(c.w.rows.byID, open.ContactID)
		for _, s := range parts {
			delete(c.w.rows.segments, s.Number)
		}
		delete(c.w.rows.parts, open.ContactID)
	}
	if err := errors.Join(database.Remove[Segment](c.tx.DB, "contact_id", over), database.Remove[Contact](c.tx.DB, "contact_id", over)); err != nil {
		return err
	}
	for client, list := range drafts {
		if _, err := book.PutContacts(c.tx, records.Origin{Client: client, Source: source}, list); err != nil {
			return err
		}
	}
	states := map[ids.Client][]records.StateDraft{}
	for _, agent := range slices.SortedFunc(maps.Keys(c.states), ids.Agent.Compare) {
		for _, s := range c.states[agent] {
			states[s.client] = append(states[s.client], stateDraft(agent, s))
		}
	}
	for client, list := range states {
		if _, err := book.PutStates(c.tx, records.Origin{Client: client, Source: source}, list); err != nil {
			return err
		}
	}
	return nil
}

// open lists the contacts that this group may have finished, by number: those it
// touched and those whose segments it touched.
func (c *change) open() []int64 {
	numbers := map[int64]bool{}
	for n := range c.contacts {
		numbers[n] = c.w.rows.contacts[n] != nil
	}
	for n := range c.segments {
		if s := c.w.rows.segments[n]; s != nil {
			if contact := c.w.rows.byID[s.ContactID]; contact != nil {
				numbers[contact.Number] = true
			}
		}
	}
	maps.DeleteFunc(numbers, func(_ int64, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(numbers))
}

// done reports whether contact and segments are over.
func done(open *Contact, parts []*Segment) bool {
	if len(open.Status) < 7 || open.Status[:7] != "closed:" {
		return false
	}
	for _, s := range parts {
		if s.Status != "done" {
			return false
		}
	}
	return true
}

// entryOf is the queue in which the contact arrived: volume and waits count there.
func entryOf(open *Contact) ids.Queue {
	if open.EntryQueueID.IsZero() {
		return open.QueueID
	}
	return open.EntryQueueID
}

// outcomeOf tells what became of a contact that is closed.
func outcomeOf(open *Contact) records.Outcome {
	switch {
	case open.AcceptedAt != nil:
		return records.Answered
	case open.Status == "closed:leaving":
		return records.Abandoned
	case open.Status == "closed:taken":
		return records.Overflowed
	default:
		return records.Other
	}
}

// draft turns a finished contact into a record.
func draft(open *Contact, parts []*Segment) records.ContactDraft {
	d := records.ContactDraft{QueueID: entryOf(open), Channel: contract.Channel(open.Channel), ExternalID: open.Source + "/" + open.ExternalID, Priority: open.Priority, ArrivedAt: open.ArrivedAt, QueuedAt: open.QueuedAt,
		AnsweredAt: open.AcceptedAt, EndedAt: open.EndedAt, Outcome: outcomeOf(open), Attributes: open.Attributes}
	if open.AcceptedAt != nil {
		d.WaitMS = int64(*open.AcceptedAt-open.ArrivedAt) / 1000
	}
	if open.AcceptedAt == nil && open.EndedAt != nil {
		d.WaitMS = int64(*open.EndedAt-open.ArrivedAt) / 1000
	}
	for _, s := range parts {
		d.Segments = append(d.Segments, records.SegmentDraft{AgentID: s.AgentID, OfferedAt: s.OfferedAt, AcceptedAt: s.AcceptedAt, EndedAt: s.EndedAt, WrappedAt: s.WrappedAt, Outcome: s.Outcome, Reason: s.Reason})
		if s.AcceptedAt != nil && s.WrappedAt != nil {
			d.HandleMS += int64(*s.WrappedAt-*s.AcceptedAt) / 1000
			d.AgentID = s.AgentID
		}
	}
	return d
}

// stateDraft turns an ended state into a record: ready time is work, a coded
// break its own activity; pause and lost connection are unpaid for nobody's account.
func stateDraft(agent ids.Agent, s stateSpan) records.StateDraft {
	d := records.StateDraft{AgentID: agent, ExternalID: s.from.String(), Code: s.state, StartedAt: s.from, EndedAt: &s.to, NoClient: s.client.IsZero(), Activity: records.Work, Paid: true, Billable: true}
	switch s.state {
	case "not_ready":
		d.Code, d.Activity, d.Billable = s.code, records.Activity(s.code), false
		d.Paid = s.code != "meal"
		if !records.KnownActivity(d.Activity) {
			d.Activity = records.Office
		}
	case "paused", "lost":
		d.Activity, d.Billable = records.Office, false
	}
	return d
}

package routing

import (
	"context"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/webhooks"
)

// The events of a contact's life, for other systems. Each but the hand-over comes at
// most once for a contact: it is received, perhaps answered, and in the end either
// abandoned or ended. They are published in the commit that makes them true, and only
// where a webhook wants them; hand-overs are few and are published in any case.
const (
	contactReceived   = "contact.received"
	contactAnswered   = "contact.answered" // by the first agent who accepts
	contactEnded      = "contact.ended"
	contactAbandoned  = "contact.abandoned" // the customer gave up before anybody answered
	contactHandedOver = "contact.handed_over"
)

// announcement is the data of these events. It says nothing about the customer.
type announcement struct {
	Contact    ids.Contact       `json:"contact_id"`
	Source     string            `json:"source"`
	ExternalID string            `json:"external_id"`
	Channel    string            `json:"channel"`
	Queue      ids.Queue         `json:"queue_id"` // where it is now
	Entry      ids.Queue         `json:"entry_queue_id"`
	Agent      ids.Agent         `json:"agent_id,omitzero"` // the last who accepted it
	ArrivedAt  calendar.Instant  `json:"arrived_at"`
	AnsweredAt *calendar.Instant `json:"answered_at,omitempty"`
	EndedAt    *calendar.Instant `json:"ended_at,omitempty"`
	Outcome    records.Outcome   `json:"outcome,omitempty"` // of a contact that is over
	To         string            `json:"to,omitempty"`      // handed over: the partner, or bot
	Until      *calendar.Instant `json:"until,omitempty"`   // handed over: to be taken by then
}

// announcing gives the data of a contact as it stands.
func (c *change) announcing(open *Contact) announcement {
	a := announcement{Contact: open.ContactID, Source: open.Source, ExternalID: open.ExternalID, Channel: open.Channel, Queue: open.QueueID, Entry: entryOf(open), ArrivedAt: open.ArrivedAt, AnsweredAt: open.AcceptedAt}
	for _, s := range c.w.rows.parts[open.ContactID] {
		if s.AcceptedAt != nil {
			a.Agent = s.AgentID
		}
	}
	return a
}

// tellOf publishes an event of a contact with the group's commit.
func (c *change) tellOf(kind string, open *Contact, data announcement) {
	c.say(events.Message{Type: kind, Client: open.ClientID, Subject: "contact/" + open.ContactID.String(), Data: data})
}

// announce tells of a contact if somebody wants to hear of it.
func (c *change) announce(kind string, open *Contact) {
	if c.w.audience.Wants(kind, open.ClientID) {
		c.tellOf(kind, open, c.announcing(open))
	}
}

// announceEnd tells what became of a contact that is closed.
func (c *change) announceEnd(open *Contact) {
	outcome, kind := outcomeOf(open), contactEnded
	if outcome == records.Abandoned {
		kind = contactAbandoned
	}
	if c.w.audience.Wants(kind, open.ClientID) {
		data := c.announcing(open)
		data.EndedAt, data.Outcome = open.EndedAt, outcome
		c.tellOf(kind, open, data)
	}
}

// announceHandOver tells that a contact waits for a partner or a bot.
func (c *change) announceHandOver(open *Contact, until calendar.Instant) {
	data := c.announcing(open)
	data.To, data.Until = open.Partner, &until
	c.tellOf(contactHandedOver, open, data)
}

// audience looks for those who want to hear of contacts.
func (l *Live) audience(ctx context.Context) (out webhooks.Audience, err error) {
	err = l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		out, err = webhooks.ReadAudience(tx, contactReceived, contactAnswered, contactEnded, contactAbandoned)
		return err
	})
	return out, err
}

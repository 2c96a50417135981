package routing

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// The kinds of what a customer may take in place of waiting.
const (
	CallbackKind = "callback"
	MessageKind  = "message"
)

// CallbackRequest is a customer's wish to be called, or a message that was left.
type CallbackRequest struct {
	Kind       string           `json:"kind"`                 // callback or message
	At         calendar.Instant `json:"at,omitempty"`         // callback: not before; 0 is as soon as possible
	Queue      ids.Queue        `json:"queue_id,omitzero"`    // message: the queue that answers it; zero: the same
	Agent      ids.Agent        `json:"agent_id,omitzero"`    // asked first
	Attributes string           `json:"attributes,omitempty"` // JSON object handed on to the new contact
}

// Callback is a planned contact: it arrives by itself when it is due, keeps the
// priority of the one before and is answered like any other.
type Callback struct {
	ID          ids.Any          `gorm:"primaryKey" json:"id"`
	ClientID    ids.Client       `json:"client_id"`
	QueueID     ids.Queue        `json:"queue_id"`
	ContactID   ids.Contact      `json:"contact_id"`
	AgentID     ids.Agent        `json:"agent_id,omitzero"`
	Kind        string           `json:"kind" enum:"callback,message"`
	Status      string           `json:"status" enum:"planned,arrived,cancelled"`
	DueAt       calendar.Instant `json:"due_at"`
	Priority    int              `json:"-"`
	Attributes  string           `json:"-"`
	NextContact ids.Contact      `gorm:"column:next_contact_id" json:"next_contact_id,omitzero"`
	CreatedAt   calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Callback) TableName() string { return "callbacks" }

// planLimit bounds how far ahead a call-back may lie.
const planLimit = 30 * calendar.Day

// checkRequest completes a request and refuses one that cannot be kept.
func (l *Live) checkRequest(ctx context.Context, open Contact, r *CallbackRequest) error {
	if err := oneOf("kind", r.Kind, CallbackKind, MessageKind); err != nil {
		return err
	}
	now := l.db.Now()
	if r.At == 0 || r.Kind == MessageKind {
		r.At = now
	}
	if r.At < now-calendar.Minute || r.At > now+planLimit {
		return fault.New(fault.Invalid, "callback.time", "A call-back must lie within the next thirty days.")
	}
	if r.Attributes == "" {
		r.Attributes = "{}"
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(r.Attributes), &object); err != nil {
		return fault.New(fault.Invalid, "callback.attributes", "The attributes must be a JSON object.")
	}
	if r.Queue.IsZero() {
		r.Queue = open.QueueID
	}
	_, err := l.queue(ctx, scope.Clients(open.ClientID), r.Queue)
	return err
}

// TakeInvitation closes a waiting contact whose ladder offered a call-back or a
// message, and plans what the customer chose.
func (l *Live) TakeInvitation(ctx context.Context, sc scope.Scope, contact ids.Contact, r CallbackRequest) (Outcome, error) {
	var open Contact
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		open, err = database.One[Contact](tx.Where("contact_id = ?", contact), "contact.not_open", "There is no such open contact.")
		return err
	}); err != nil {
		return Outcome{}, err
	}
	if open.Invitation == "" {
		return Outcome{}, fault.New(fault.Conflict, "callback.not_invited", "The queue has not offered a call-back or a message to this contact yet.")
	}
	if err := l.checkRequest(ctx, open, &r); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindInvite, Contact: contact, Steering: Steering{Callback: &r}}, "invite/"+contact.String())
}

// plan stores what a customer chose, with the commit that closed the contact.
func (c *change) plan(open *Contact, r CallbackRequest) {
	row := Callback{ID: ids.New[ids.Any](c.w.live.db.IDs()), ClientID: open.ClientID, QueueID: r.Queue, ContactID: open.ContactID, AgentID: r.Agent, Kind: r.Kind, Status: "planned", DueAt: max(r.At, c.at), Priority: open.Priority, Attributes: r.Attributes, CreatedAt: c.at}
	c.later(func(tx *database.Tx) error { return tx.Create(&row).Error })
	c.say(plannedMessage(row))
}

func plannedMessage(row Callback) events.Message {
	return events.Message{Type: "callback.planned", Client: row.ClientID, Subject: "callback/" + row.ID.String(), Data: map[string]any{"contact": row.ContactID, "kind": row.Kind, "due": row.DueAt}}
}

// PlanCallback lets an agent promise a customer of the own desk a call; it comes
// back to the same agent first.
func (l *Live) PlanCallback(ctx context.Context, agent ids.Agent, contact ids.Contact, r CallbackRequest) (Callback, error) {
	open, err := l.onDesk(ctx, agent, contact)
	if err != nil {
		return Callback{}, err
	}
	r.Kind, r.Agent = CallbackKind, agent
	if err := l.checkRequest(ctx, open, &r); err != nil {
		return Callback{}, err
	}
	row := Callback{ID: ids.New[ids.Any](l.db.IDs()), ClientID: open.ClientID, QueueID: r.Queue, ContactID: contact, AgentID: agent, Kind: r.Kind, Status: "planned", DueAt: r.At, Priority: open.Priority, Attributes: r.Attributes, CreatedAt: l.db.Now()}
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return l.events.Publish(tx, plannedMessage(row))
	})
	return row, err
}

// Callbacks lists the planned ones of the scope by due time.
func (l *Live) Callbacks(ctx context.Context, sc scope.Scope) ([]Callback, error) {
	var out []Callback
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("status = 'planned'").Order("due_at, id").Limit(500).Find(&out).Error
	})
	return out, err
}

// CancelCallback takes a planned one back.
func (l *Live) CancelCallback(ctx context.Context, sc scope.Scope, id ids.Any) error {
	return l.db.Write(ctx, sc, func(tx *database.Tx) error {
		r := tx.Model(&Callback{}).Where("id = ? AND status = 'planned'", id).Update("status", "cancelled")
		if r.Error == nil && r.RowsAffected == 0 {
			return fault.New(fault.NotFound, "callback.not_found", "There is no such planned call-back; it may have come due.")
		}
		return r.Error
	})
}

// ring lets due call-backs arrive. Arriving is idempotent by the row's id, so two
// nodes that do it at once make one contact.
func (l *Live) ring(ctx context.Context) (bool, error) {
	var due []Callback
	now := l.db.Now()
	if err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Where("status = 'planned' AND due_at <= ?", now).Order("due_at, id").Limit(32).Find(&due).Error
	}); err != nil || len(due) == 0 {
		return false, err
	}
	arrived, failed := false, []error(nil)
	for _, c := range due { // one that cannot come holds nobody up
		err := l.arriveAgain(ctx, c)
		arrived = arrived || err == nil
		failed = append(failed, err)
	}
	return arrived, errors.Join(failed...)
}

// arriveAgain lets one call-back arrive. One that the floor has set aside has arrived
// too: it is among the inputs that wait to be played again.
func (l *Live) arriveAgain(ctx context.Context, c Callback) error {
	q, err := l.queue(ctx, scope.Provider(), c.QueueID)
	if err != nil {
		return err
	}
	in, key := callbackInput(l.db, q, c)
	o, err := l.submit(ctx, in, key)
	if err != nil {
		return err
	}
	return l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Callback{}).Where("id = ? AND status = 'planned'", c.ID).Updates(map[string]any{"status": "arrived", "next_contact_id": o.Contact}).Error
	})
}

// callbackInput is the input by which a call-back arrives, and its dedupe key.
func callbackInput(db *database.DB, q contract.Queue, c Callback) (Input, string) {
	in := Input{Kind: KindArrive, Contact: ids.New[ids.Contact](db.IDs()), Client: c.ClientID, Queue: c.QueueID, Source: "muster/" + c.Kind, ExternalID: c.ID.String(), Channel: string(q.Channel), Priority: int16(c.Priority), HumanOnly: true, Attributes: c.Attributes, Steering: Steering{ToAgent: c.AgentID}}
	return in, "arrive/" + c.ClientID.String() + "/" + in.Source + "/" + in.ExternalID
}

// errandEvery is how often partners and call-backs are looked at without a hint.
const errandEvery = time.Second

// Errands tells partners and lets call-backs arrive until the context ends. Any
// number of nodes may do it.
func (l *Live) Errands(ctx context.Context) error {
	wake, stop := l.db.Watch(hintDone)
	defer stop()
	tick := time.NewTicker(errandEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := l.ErrandsOnce(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.Warn("errands of the floor", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-tick.C:
		}
	}
	return nil
}

// ErrandsOnce does what is due now and reports whether there was anything.
func (l *Live) ErrandsOnce(ctx context.Context) (bool, error) {
	sent, err := l.deliver(ctx)
	rang, err2 := l.ring(ctx)
	return sent || rang, errors.Join(err, err2)
}

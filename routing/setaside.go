package routing

import (
	"context"
	"fmt"
	"strings"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// kindAside stands in the log in place of an input that was set aside: nothing
// happened then but the tick.
const kindAside Kind = "input.set_aside"

// asideOutcome is the outcome, in the inbox, of an input that was set aside.
const asideOutcome = "set_aside"

// The ways in which somebody closes what was set aside.
const (
	ClosedByReplay  = "replayed"
	ClosedByDismiss = "dismissed"
)

// Aside is an input that the floor could not take: alone on a sound floor it made the
// engine fail or the database refuse its rows. The floor went on without it.
type Aside struct {
	ID         ids.Event         `gorm:"primaryKey" json:"id"` // of the input
	DomainID   ids.Domain        `json:"-"`
	ClientID   ids.Client        `json:"client_id,omitzero"`
	ContactID  ids.Contact       `json:"contact_id,omitzero"`
	Kind       Kind              `json:"kind"`
	V          int               `json:"-"`
	Event      Input             `gorm:"serializer:json" json:"-"`
	Cause      string            `json:"cause"`
	Seq        int64             `json:"seq" doc:"Its place in the log"`
	ReceivedAt calendar.Instant  `json:"received_at"`
	At         calendar.Instant  `json:"at" doc:"When it was set aside"`
	ClosedAt   *calendar.Instant `json:"closed_at,omitempty"`
	ClosedBy   ids.User          `json:"closed_by,omitzero"`
	Closing    string            `json:"closing,omitempty" enum:",replayed,dismissed"`
	ReplayID   ids.Event         `json:"replay_id,omitzero" doc:"The input by which it was played again"`
}

// TableName implements gorm's Tabler.
func (Aside) TableName() string { return "routing_set_aside" }

// causeMost bounds a stored cause, in bytes.
const causeMost = 1000

// causeText renders a failure as it is kept: valid text without NUL, not too long.
func causeText(err error) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "?"), "\x00", "")
	if len(text) > causeMost {
		text = strings.ToValidUTF8(text[:causeMost], "")
	}
	return text
}

// putAside logs an input as set aside and keeps it with its cause. The engine only
// hears that time has passed, so that the log still replays exactly.
func (c *change) putAside(row *item) {
	seq, in := c.seq+1, row.Event
	c.enter(Input{Kind: kindAside, Aside: row.ID, Contact: in.Contact, Code: string(row.Kind)})
	aside := Aside{ID: row.ID, DomainID: c.w.live.domain, ClientID: in.Client, ContactID: in.Contact, Kind: row.Kind, V: 1, Event: in, Cause: row.aside, Seq: seq, ReceivedAt: row.ReceivedAt, At: c.at}
	if open := c.w.rows.byID[in.Contact]; open != nil {
		aside.ClientID = open.ClientID
	}
	if row.ID.IsZero() { // the leader's own doing
		aside.ID, aside.ReceivedAt = ids.New[ids.Event](c.w.live.db.IDs()), c.at
	} else {
		row.AppliedSeq, row.Outcome = &seq, asideOutcome
		c.inbox = append(c.inbox, row.inboxRow)
	}
	c.feed(engine.OfContact(engine.Tick, 0))
	c.later(func(tx *database.Tx) error { return tx.Create(&aside).Error })
	c.say(events.Message{Type: "routing.input_set_aside", Client: aside.ClientID, Subject: "input/" + aside.ID.String(), Data: map[string]any{"kind": aside.Kind, "cause": aside.Cause}})
	c.asides++
	c.tell(row, asideOutcome)
}

// replayed keeps, with an input that was played again, that its first use has found
// its outcome: who repeats the input by its key hears that.
func (c *change) replayed(in Input, refused string) {
	if in.Aside.IsZero() || in.Kind == kindAside {
		return
	}
	c.later(func(tx *database.Tx) error {
		return tx.Model(&inboxRow{}).Where("id = ?", in.Aside).Update("outcome", refused).Error
	})
}

// setAsideFault is what the poster of an input hears that was set aside.
func setAsideFault() error {
	return fault.New(fault.Conflict, "routing.set_aside", "The floor could not take this input and has set it aside; everything else goes on. An administrator sees why and can play it again.")
}

// SetAside lists the inputs of the scope that were set aside, the newest first, at
// most limit; open leaves out those that somebody has closed.
func (l *Live) SetAside(ctx context.Context, sc scope.Scope, open bool, limit int) ([]Aside, error) {
	out := []Aside{}
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		query := tx.Order("at DESC, seq DESC").Limit(min(max(limit, 1), 500))
		if open {
			query = query.Where("closed_at IS NULL")
		}
		return query.Find(&out).Error
	})
	return out, err
}

// Replay plays an input again that was set aside, as of now, and waits for its
// outcome. Should it fail again it is set aside anew.
func (l *Live) Replay(ctx context.Context, sc scope.Scope, id ids.Event, by ids.User) (Outcome, error) {
	row := inboxRow{ID: ids.New[ids.Event](l.db.IDs()), DomainID: l.domain, V: 1, ReceivedAt: l.db.Now()}
	row.Dedupe = row.ID.String()
	aside, err := l.closeAside(ctx, sc, id, Aside{Closing: ClosedByReplay, ClosedBy: by, ReplayID: row.ID}, func(tx *database.Tx, a Aside) error {
		if a.Kind == KindLost || a.Kind == kindReconfig {
			return fault.New(fault.Conflict, "routing.own_input", "The router made this input itself and makes it again when it is due; dismiss it.")
		}
		row.Kind, row.Event = a.Kind, a.Event
		if row.Event.Aside.IsZero() { // otherwise it names the first use already
			row.Event.Aside = a.ID
		}
		_, err := l.store(tx.Context(), []inboxRow{row})
		return err
	})
	if err != nil || l.db.InTransaction(ctx) {
		return Outcome{Contact: aside.ContactID}, err
	}
	done, stop := l.db.Watch(hintDone)
	defer stop()
	return named(l.await(ctx, row, done))
}

// Dismiss closes an input that was set aside without playing it again.
func (l *Live) Dismiss(ctx context.Context, sc scope.Scope, id ids.Event, by ids.User) error {
	_, err := l.closeAside(ctx, sc, id, Aside{Closing: ClosedByDismiss, ClosedBy: by}, func(*database.Tx, Aside) error { return nil })
	return err
}

// closeAside closes an open row of the scope together with what the function does.
func (l *Live) closeAside(ctx context.Context, sc scope.Scope, id ids.Event, closing Aside, also func(*database.Tx, Aside) error) (Aside, error) {
	var a Aside
	err := l.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		a, err = database.One[Aside](tx.Where("id = ?", id), "routing.no_aside", "No such input was set aside.")
		return err
	})
	if err != nil {
		return a, err
	}
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		now := l.db.Now()
		r := tx.Model(&Aside{}).Where("id = ? AND closed_at IS NULL", id).Updates(map[string]any{"closed_at": now, "closed_by": closing.ClosedBy, "closing": closing.Closing, "replay_id": closing.ReplayID})
		if r.Error != nil {
			return r.Error
		}
		if r.RowsAffected == 0 {
			return fault.New(fault.Conflict, "routing.aside_closed", "Somebody has played this input again or dismissed it already.")
		}
		return also(tx, a)
	})
	return a, err
}

// named turns the outcome of an input that was set aside into its fault.
func named(o Outcome, err error) (Outcome, error) {
	if err == nil && o.Refused == asideOutcome {
		return o, setAsideFault()
	}
	return o, err
}

// panicked is a panic of the engine, or of what follows it, as an error.
type panicked struct {
	value any
	stack []byte
}

// Error tells what the panic said.
func (p *panicked) Error() string { return fmt.Sprintf("the router failed: %v", p.value) }

package routing

import (
	"gorm.io/gorm/clause"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
)

// livePool is a pool's state on the floor; a pool without a row is as configured.
type livePool struct {
	DomainID ids.Domain `gorm:"primaryKey"`
	Slug     string     `gorm:"primaryKey"`
	Open     int
	Cause    string
	Since    calendar.Instant
	Until    *calendar.Instant
}

func (livePool) TableName() string { return "live_pools" }

// liveQueue is a queue whose weight a person changed.
type liveQueue struct {
	QueueID  ids.Queue `gorm:"primaryKey"`
	DomainID ids.Domain
	ClientID ids.Client
	Raised   int // permille
	Since    calendar.Instant
}

func (liveQueue) TableName() string { return "live_queues" }

// later keeps a write for the group's transaction.
func (c *change) later(write func(tx *database.Tx) error) { c.writes = append(c.writes, write) }

// follow moves the rows for the effects beyond a contact's plain life: ladder
// steps, hand-overs, invitations, parking, pools and queues. It runs before the
// effect's own move, so that it sees the state before.
func (c *change) follow(e engine.Effect, open *Contact) {
	at := calendar.Instant(e.At)
	if open != nil {
		c.followContact(e, open, at)
	}
	switch e.Kind {
	case engine.AgentSet:
		c.followAgent(e, at)
	case engine.PoolSet:
		row := livePool{DomainID: c.w.live.domain, Slug: c.w.names.Pools[e.Pool], Cause: e.Cause.String(), Since: at, Until: instant(e.Deadline)}
		if e.Open {
			row.Open = 1
		}
		c.later(func(tx *database.Tx) error {
			return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
		})
		c.say(events.Message{Type: "pool.changed", Subject: "pool/" + row.Slug, Data: map[string]any{"open": e.Open, "cause": row.Cause}})
	case engine.QueueSet:
		row := liveQueue{QueueID: c.w.names.Queues[e.Queue], DomainID: c.w.live.domain, ClientID: c.w.names.Clients[e.Client], Raised: int(e.Weight), Since: at}
		c.later(func(tx *database.Tx) error {
			return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
		})
	default: // the other effects are of contacts
	}
}

// instant gives a deadline as rows keep it; 0 is none.
func instant(at int64) *calendar.Instant {
	if at == 0 {
		return nil
	}
	v := calendar.Instant(at)
	return &v
}

// say publishes an event with the group's commit.
func (c *change) say(m events.Message) { c.messages = append(c.messages, m) }

func (c *change) followContact(e engine.Effect, open *Contact, at calendar.Instant) {
	open.Step = int(e.Step)
	switch e.Kind {
	case engine.Queued:
		if open.EntryQueueID.IsZero() {
			open.EntryQueueID = open.QueueID
		}
		if open.Status == "handed" { // taken from its partner by a transfer
			c.settle(open, handoverWithdraw, at)
		}
		open.QueueID, open.EndedAt, open.Partner = c.w.names.Queues[e.Queue], nil, ""
		if e.Cause == engine.ByTransfer { // a new ladder begins
			open.Invitation = ""
		}
	case engine.Invited:
		open.Invitation = c.w.engine.Config().Queues[e.Queue].Ladder[e.Step].Kind.String()
		c.say(events.Message{Type: "contact.invited", Client: open.ClientID, Subject: "contact/" + open.ContactID.String(), Data: map[string]any{"kind": open.Invitation}})
	case engine.Parked:
		open.Status, open.DeadlineAt = "parked", instant(e.Deadline)
	case engine.HandedOver:
		open.Status, open.DeadlineAt, open.Partner = "handed", instant(e.Deadline), "bot"
		open.AgentID, open.SegmentID = ids.Agent{}, ids.Segment{} // of an offer that has just ended
		if e.Partner != engine.None {
			open.Partner = c.w.names.Partners[e.Partner]
			c.handOver(e, open, at)
		}
		c.announceHandOver(open, calendar.Instant(e.Deadline))
	case engine.HandOverDone:
		status := e.Cause.String()
		if e.Cause == engine.ByExpired {
			status = handoverWithdraw
		}
		c.settle(open, status, at)
	case engine.Closed:
		if open.Status == "handed" && e.Cause == engine.ByLeaving {
			c.settle(open, handoverWithdraw, at)
		}
	default: // the rest is the plain life
	}
}

// handOver stores what the partner is to be told.
func (c *change) handOver(e engine.Effect, open *Contact, at calendar.Instant) {
	row := Handover{ID: ids.New[ids.Any](c.w.live.db.IDs()), ClientID: open.ClientID, QueueID: open.QueueID, ContactID: open.ContactID, Partner: open.Partner, Status: HandoverPending, ArrivedAt: open.ArrivedAt, HandedAt: at, DeadlineAt: calendar.Instant(e.Deadline), NextAt: at}
	c.later(func(tx *database.Tx) error { return tx.Create(&row).Error })
}

// settle ends what is open between a contact and its partner.
func (c *change) settle(open *Contact, status string, at calendar.Instant) {
	if open.Partner == "" || open.Partner == "bot" {
		return
	}
	id := open.ContactID
	c.later(func(tx *database.Tx) error {
		return tx.Model(&Handover{}).Where("contact_id = ? AND settled_at IS NULL", id).Updates(map[string]any{"status": status, "settled_at": at, "next_at": at, "attempts": 0}).Error
	})
}

// followAgent keeps where an agent stands, and what the agent did before the connection was lost.
func (c *change) followAgent(e engine.Effect, at calendar.Instant) {
	id := c.w.names.Agents[e.Agent]
	a := c.w.rows.agents[id]
	if a == nil {
		a = &Agent{AgentID: id, DomainID: c.w.live.domain, State: "off", Since: at, HeartbeatAt: at, StateID: ids.New[ids.State](c.w.live.db.IDs())}
		c.w.rows.agents[id] = a
	}
	c.agents[id] = true
	a.Pool, a.SliceID = c.w.names.Pools[e.Pool], ids.Client{}
	if e.Client != engine.None {
		a.SliceID = c.w.names.Clients[e.Client]
	}
	if e.Status == engine.Lost && a.State != "lost" {
		a.BeforeState = a.State
	}
}

// applied acts on an input that the engine took.
func (c *change) applied(in Input) {
	if in.Kind == KindInvite && in.Callback != nil {
		if open := c.w.rows.byID[in.Contact]; open != nil {
			c.plan(open, *in.Callback)
		}
	}
}

package routing

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// hint wakes leader and pages; it is only a hint, rows are the truth.
const hint = "routing"

// hintDone wakes those who wait for the outcome of their input.
const hintDone = "routing.done"

// settle is how long Do waits for the leader before it answers "not yet applied".
const settle = 3 * time.Second

// Live is the floor service of one node. Every node takes inputs; Run competes
// for the lead.
type Live struct {
	db        *database.DB
	contracts *contract.Service
	people    *people.Service
	log       *slog.Logger
	events    *events.Stream
	box       *secrets.Box // opens the secrets of partners; nil: there are none
	http      *http.Client // reaches partners
	node      string
	domain    ids.Domain // set by Prepare
}

// New makes the service; node names this process in the lease.
func New(db *database.DB, c *contract.Service, p *people.Service, node string, log *slog.Logger) *Live {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	// A partner's redirect is not followed: the signed body is for the address that was agreed.
	client := &http.Client{Timeout: sendTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Live{db: db, contracts: c, people: p, events: events.New(db), http: client, node: node, log: log}
}

// UseSecrets gives the service the key that seals the secrets of partners.
func (l *Live) UseSecrets(box *secrets.Box) { l.box = box }

// Prepare makes the routing domain where it is missing; it must be called once,
// before anything else.
func (l *Live) Prepare(ctx context.Context) error {
	return l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		row := Domain{ID: ids.New[ids.Domain](l.db.IDs()), Slug: "main", Name: "main"}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		var d Domain
		err := tx.Where("slug = ?", "main").Take(&d).Error
		l.domain = d.ID
		return err
	})
}

// Arrival is a contact that asks for an agent.
type Arrival struct {
	Client     ids.Client
	Queue      ids.Queue
	Source     string // the system that reports it
	ExternalID string // its id there; repeating it changes nothing
	Priority   int16
	Value      int16 // permille
	Urgency    int16 // permille
	Emotion    int16 // permille
	HumanOnly  bool
	Preferred  ids.Agent        // asked first, as long as the queue's plan says
	Due        calendar.Instant // to be answered by; 0: within the queue's threshold
	Attributes string           // JSON object
}

// Arrive takes a contact in. It is stored before it is acknowledged; the same
// external id of the same source gives the same contact and arrives once.
func (l *Live) Arrive(ctx context.Context, sc scope.Scope, a Arrival) (Outcome, error) {
	if a.Source == "" || a.ExternalID == "" || len(a.ExternalID) > 200 || len(a.Source) > 100 {
		return Outcome{}, fault.New(fault.Invalid, "contact.no_key", "A contact needs a source (at most 100 characters) and an external id (at most 200).")
	}
	var q contract.Queue
	var customer ids.Customer
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		q, err = database.One[contract.Queue](tx.Where("id = ? AND client_id = ? AND archived_at IS NULL", a.Queue, a.Client), "queue.not_found", "There is no such queue.")
		return err
	}); err != nil {
		return Outcome{}, err
	}
	if a.Attributes == "" {
		a.Attributes = "{}"
	}
	in := Input{Kind: KindArrive, Contact: ids.New[ids.Contact](l.db.IDs()), Client: a.Client, Queue: a.Queue, Customer: customer, Source: a.Source, ExternalID: a.ExternalID, Channel: string(q.Channel),
		Priority: a.Priority, Value: a.Value, Urgency: a.Urgency, HumanOnly: a.HumanOnly, Attributes: a.Attributes, Steering: Steering{ToAgent: a.Preferred, Due: a.Due, Emotional: a.Emotion}}
	if !in.HumanOnly {
		var err error
		if in.HumanOnly, err = l.vip(ctx, q, a.Value); err != nil {
			return Outcome{}, err
		}
	}
	return l.do(ctx, in, "arrive/"+a.Client.String()+"/"+a.Source+"/"+a.ExternalID)
}

// Leave tells that the customer gave up or hung up.
func (l *Live) Leave(ctx context.Context, sc scope.Scope, id ids.Contact) (Outcome, error) {
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		_, err := database.One[Contact](tx.Where("contact_id = ?", id), "contact.not_open", "There is no such open contact.")
		return err
	}); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindLeave, Contact: id}, "leave/"+id.String())
}

// SetState signs an agent in or out or takes a break: status is ready, not_ready
// (with a code of Codes) or off.
func (l *Live) SetState(ctx context.Context, agent ids.Agent, status, code string) (Outcome, error) {
	if err := CheckState(status, code); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: KindState, Agent: agent, Status: status, Code: code}, "")
}

// CheckState refuses a state that nobody can be set to, or an unknown reason.
func CheckState(status, code string) error {
	if !slices.Contains([]string{"ready", "not_ready", "off"}, status) {
		return fault.Newf(fault.Invalid, "desk.unknown_state", "The state %q is unknown: use ready, not_ready or off.", status).With("state", status)
	}
	if !slices.Contains(Codes, code) {
		return fault.Newf(fault.Invalid, "desk.unknown_reason", "The reason %q is unknown: use break, meal, training, meeting or office.", code).With("reason", code)
	}
	return nil
}

// Work is an agent's answer about a contact: KindAccept, KindDecline, KindEnd or
// KindWrapped. A contact that is not the agent's is the same as an absent one.
func (l *Live) Work(ctx context.Context, agent ids.Agent, kind Kind, contact ids.Contact) (Outcome, error) {
	if err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		_, err := database.One[Segment](tx.Where("contact_id = ? AND agent_id = ? AND status <> 'done'", contact, agent), "contact.not_open", "There is no such contact on your desk; it may have gone on to somebody else.")
		return err
	}); err != nil {
		return Outcome{}, err
	}
	return l.do(ctx, Input{Kind: kind, Agent: agent, Contact: contact}, "")
}

// Heartbeat says that the agent's desktop is there. An agent whose connection was
// lost does again what he or she did before, and nothing else.
func (l *Live) Heartbeat(ctx context.Context, agent ids.Agent) error {
	var rows []Agent
	if err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Model(&Agent{}).Where("agent_id = ?", agent).Update("heartbeat_at", l.db.Now()).Error; err != nil {
			return err
		}
		return tx.Where("agent_id = ? AND state = 'lost'", agent).Find(&rows).Error
	}); err != nil || len(rows) == 0 {
		return err
	}
	status := "ready"
	if rows[0].BeforeState == "not_ready" {
		status = "not_ready"
	}
	_, err := l.do(ctx, Input{Kind: KindState, Agent: agent, Status: status, Code: rows[0].Code, Steering: Steering{While: "lost"}}, "")
	return err
}

// do stores an input in the inbox, and waits until the leader has applied it. A
// dedupe key that was used before gives the outcome of its first use.
func (l *Live) do(ctx context.Context, in Input, dedupe string) (Outcome, error) {
	row := inboxRow{ID: ids.New[ids.Event](l.db.IDs()), DomainID: l.domain, Dedupe: dedupe, Kind: in.Kind, V: 1, Event: in, ReceivedAt: l.db.Now()}
	if dedupe == "" {
		row.Dedupe = row.ID.String()
	}
	done, stop := l.db.Watch(hintDone)
	defer stop()
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		fresh := row
		r := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "domain_id"}, {Name: "dedupe"}}, DoNothing: true}).Create(&fresh)
		if r.Error != nil || r.RowsAffected == 1 {
			return r.Error
		}
		var first inboxRow
		err := tx.Where("domain_id = ? AND dedupe = ?", l.domain, row.Dedupe).Take(&first).Error
		row = first
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	l.db.Hint(hint)
	return l.await(ctx, row, done)
}

// await waits for the outcome of a stored input.
func (l *Live) await(ctx context.Context, row inboxRow, done <-chan struct{}) (Outcome, error) {
	out := Outcome{Contact: row.Event.Contact}
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		var now inboxRow
		err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Where("id = ?", row.ID).Take(&now).Error })
		if err != nil {
			if ctx.Err() != nil {
				return out, nil // stored; the leader will apply it
			}
			return out, err
		}
		if now.AppliedSeq != nil {
			out.Applied, out.Refused = true, now.Outcome
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, nil
		case <-done:
		case <-poll.C:
		}
	}
}

// RefusedError turns a refused outcome into the fault an agent's desktop shows.
func (o Outcome) RefusedError() error {
	if o.Refused == "" {
		return nil
	}
	return fault.Newf(fault.Conflict, "routing.refused", "The floor has moved on: %s. Look at the present state and decide again.", o.Refused).With("cause", o.Refused)
}

// Contacts lists open contacts of the scope by arrival.
func (l *Live) Contacts(ctx context.Context, sc scope.Scope) ([]Contact, error) {
	var out []Contact
	err := l.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("arrived_at, contact_id").Find(&out).Error })
	return out, err
}

// Desk is what an agent's desktop shows.
type Desk struct {
	Agent    Agent
	Segments []Segment // open ones, the oldest first
	Contacts map[ids.Contact]Contact
	Parked   []Contact // waiting for their customers, the next to come back first
}

// Desk gives the present state of one agent; one who never signed in is off.
func (l *Live) Desk(ctx context.Context, agent ids.Agent) (Desk, error) {
	out := Desk{Agent: Agent{AgentID: agent, State: "off"}, Contacts: map[ids.Contact]Contact{}}
	err := l.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		err := tx.Where("agent_id = ?", agent).Take(&out.Agent).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if err := tx.Where("agent_id = ? AND status = 'parked'", agent).Order("deadline_at, contact_id").Find(&out.Parked).Error; err != nil {
			return err
		}
		if err := tx.Where("agent_id = ? AND status <> 'done'", agent).Order("offered_at, number").Find(&out.Segments).Error; err != nil {
			return err
		}
		var open []Contact
		if err := tx.Where("contact_id IN ?", pluck(out.Segments, func(s Segment) ids.Contact { return s.ContactID })).Find(&open).Error; err != nil {
			return err
		}
		for _, c := range open {
			out.Contacts[c.ContactID] = c
		}
		return nil
	})
	return out, err
}

// placement finds where an agent belongs when records are written.
func placement(staff map[ids.Agent]people.Person) records.Placement {
	return func(a ids.Agent, _ calendar.Instant) people.Membership { return staff[a].Membership }
}

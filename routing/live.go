package routing

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

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

	counter  counter
	stores   *database.Group[inboxRow, inboxRow]
	outcomes *database.Group[ids.Event, inboxRow]
	queues   *database.Group[within[ids.Queue], found[contract.Queue]]
	contacts *database.Group[within[ids.Contact], found[Contact]]
	desks    *database.Group[ids.Agent, Desk]
	beats    *database.Group[ids.Agent, Agent]
	namings  *database.Group[struct{}, *labels]
	labels   atomic.Pointer[labels]
	seen     sync.Map // scope and queue, as text, to entrance
	board    board
	metrics  metrics
	rival    rival             // of Run alone
	doubts   doubts            // of Run alone
	fault    func(Input) error // of tests: fails, or panics, in place of the engine
}

// New makes the service; node names this process in the lease.
func New(db *database.DB, c *contract.Service, p *people.Service, node string, log *slog.Logger) *Live {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	// A partner's redirect is not followed: the signed body is for the address that was agreed.
	client := &http.Client{Timeout: sendTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	l := &Live{db: db, contracts: c, people: p, events: events.New(db), http: client, node: node, log: log, counter: counter{bell: make(chan struct{}, 1)}, metrics: newMetrics()}
	l.stores = database.NewGroup(storesAtOnce, l.store)
	l.outcomes = database.NewGroup(readsAtOnce, l.readOutcomes)
	l.queues = database.NewGroup(readsAtOnce, l.readQueues)
	l.contacts = database.NewGroup(readsAtOnce, l.readContacts)
	l.desks = database.NewGroup(readsAtOnce, l.readDesks)
	l.beats = database.NewGroup(readsAtOnce, l.beat)
	l.namings = database.NewGroup(4*readsAtOnce, l.readLabels)
	return l
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
	Source     string       // the system that reports it
	ExternalID string       // its id there; repeating it changes nothing
	Customer   ids.Customer // who asks, zero if nobody knows
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
	if strings.ContainsRune(a.Source+a.ExternalID, 0) {
		return Outcome{}, fault.New(fault.Invalid, "http.nul", "A text contains the character NUL; send it without.")
	}
	e, err := l.entrance(ctx, sc, a.Queue)
	if err != nil {
		return Outcome{}, err
	}
	if e.queue.ClientID != a.Client {
		return Outcome{}, fault.New(fault.NotFound, "queue.not_found", "There is no such queue.")
	}
	if a.Attributes == "" {
		a.Attributes = "{}"
	}
	in := Input{Kind: KindArrive, Contact: ids.New[ids.Contact](l.db.IDs()), Client: a.Client, Queue: a.Queue, Customer: a.Customer, Source: a.Source, ExternalID: a.ExternalID, Channel: string(e.queue.Channel),
		Priority: a.Priority, Value: a.Value, Urgency: a.Urgency, HumanOnly: a.HumanOnly || e.policy.keepsWithPeople(a.Value), Attributes: a.Attributes, Steering: Steering{ToAgent: a.Preferred, Due: a.Due, Emotional: a.Emotion}}
	return l.do(ctx, in, "arrive/"+a.Client.String()+"/"+a.Source+"/"+a.ExternalID)
}

// Leave tells that the customer gave up or hung up.
func (l *Live) Leave(ctx context.Context, sc scope.Scope, id ids.Contact) (Outcome, error) {
	c, err := alone(ctx, l, l.contacts, l.readContacts, within[ids.Contact]{sc, id})
	if err != nil {
		return Outcome{}, err
	}
	if !c.there {
		return Outcome{}, fault.New(fault.NotFound, "contact.not_open", "There is no such open contact.")
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
	o, err := l.do(ctx, Input{Kind: kind, Agent: agent, Contact: contact}, "")
	if o.Refused == notOnDesk {
		return o, fault.New(fault.NotFound, "contact.not_open", "There is no such contact on your desk; it may have gone on to somebody else.")
	}
	return o, err
}

// Heartbeat says that the agent's desktop is there. An agent whose connection was
// lost does again what he or she did before, and nothing else.
func (l *Live) Heartbeat(ctx context.Context, agent ids.Agent) error {
	was, err := alone(ctx, l, l.beats, l.beat, agent)
	if err != nil || was.State != "lost" {
		return err
	}
	status := "ready"
	if was.BeforeState == "not_ready" {
		status = "not_ready"
	}
	_, err = l.do(ctx, Input{Kind: KindState, Agent: agent, Status: status, Code: was.Code, Steering: Steering{While: "lost"}}, "")
	return err
}

// alone asks the group, or, inside a transaction of the caller, the function.
func alone[Q, A any](ctx context.Context, l *Live, group *database.Group[Q, A], run func(context.Context, []Q) ([]A, error), ask Q) (A, error) {
	if !l.db.InTransaction(ctx) {
		return group.Do(ctx, ask)
	}
	answers, err := run(ctx, []Q{ask})
	if err != nil {
		var none A
		return none, err
	}
	return answers[0], nil
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

// Desk gives the present state of one agent; one who never signed in is off.
func (l *Live) Desk(ctx context.Context, agent ids.Agent) (Desk, error) {
	if d, ok := l.board.of(agent); ok {
		one := []Desk{d}
		err := l.label(ctx, one)
		return one[0], err
	}
	return alone(ctx, l, l.desks, l.readDesks, agent)
}

// WatchDesk gives a channel that receives when the agent's desk may have changed,
// and a function that ends the watch. A signal may be lost: look now and then.
func (l *Live) WatchDesk(agent ids.Agent) (<-chan struct{}, func()) {
	return l.db.Watch(deskHint(agent))
}

// deskHint names the hint of an agent's desk.
func deskHint(agent ids.Agent) string { return "desk/" + agent.String() }

// placement finds where an agent belongs when records are written.
func placement(staff map[ids.Agent]people.Person) records.Placement {
	return func(a ids.Agent, _ calendar.Instant) people.Membership { return staff[a].Membership }
}

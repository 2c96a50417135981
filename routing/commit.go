package routing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"muster/routing/engine"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// source names the live floor in records.
const source = "muster"

// commit applies a group of inputs and stores everything in one transaction that
// checks the epoch. Callers of this node hear of their inputs after it. After an
// error the engine is behind or ahead of the rows and the caller must throw it away.
func (w *leader) commit(ctx context.Context, group []item) (err error) {
	l := w.live
	c := &change{w: w, contacts: map[int64]bool{}, segments: map[int64]bool{}, agents: map[ids.Agent]bool{}, desks: map[ids.Agent]bool{}, states: map[ids.Agent][]stateSpan{}}
	defer func() {
		if err != nil {
			l.metrics.failures.Inc()
			c.disappoint(group, err)
		}
	}()
	began, now := time.Now(), l.db.Now()
	if w.months < now+calendar.Hour {
		if err := l.db.EnsureMonths(ctx, calendar.Interval{Start: now - calendar.Day, End: now + 2*calendar.Day}); err != nil {
			return err
		}
		w.months = now + calendar.Day
	}
	at := int64(w.time())
	c.at = calendar.Instant(at)
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if c.used {
			return errors.New("routing: the transaction ran twice on one warm engine") // the engine has moved on: rebuild
		}
		c.tx, c.seq = tx, w.seq
		var d Domain
		if err := tx.Clauses(database.ForUpdate()).Where("id = ?", l.domain).Take(&d).Error; err != nil {
			return err
		}
		if d.Epoch != w.epoch || d.Leader != l.node {
			return errLeadLost
		}
		if d.LastSeq != w.seq {
			return fmt.Errorf("routing: the domain is at %d, the engine at %d", d.LastSeq, w.seq)
		}
		fresh, err := c.admit(group)
		if err != nil {
			return err
		}
		c.used = len(fresh) > 0
		for i := range fresh {
			if err := c.apply(&fresh[i]); err != nil {
				return err
			}
		}
		if err := c.store(); err != nil {
			return err
		}
		c.whole = true
		return tx.Model(&Domain{}).Where("id = ?", l.domain).Updates(map[string]any{"last_seq": c.seq, "last_at": at, "lease_until": now + lease, "config_version": w.engine.Config().Version}).Error
	})
	if err != nil {
		return err
	}
	w.seq, w.at, w.renewed = c.seq, at, calendar.Instant(at)
	l.board.renew(began.Add(time.Duration(lease) * time.Microsecond))
	c.answer()
	l.metrics.committed(len(group), began, c.answers)
	l.metrics.count(w.rows.tally)
	if w.seq-w.snapshot >= snapshotEvery {
		return w.save(ctx)
	}
	return nil
}

// save stores a snapshot and forgets all but the last two.
func (w *leader) save(ctx context.Context) error {
	state, err := json.Marshal(saved{Names: w.names, Engine: w.engine.Snapshot()})
	if err != nil {
		return err
	}
	err = w.live.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		row := snapshotRow{DomainID: w.live.domain, Seq: w.seq, At: calendar.Instant(w.at), EngineVersion: engine.SnapshotVersion, State: state}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Where("domain_id = ? AND seq < ?", w.live.domain, w.snapshot).Delete(&snapshotRow{}).Error
	})
	w.snapshot = w.seq
	return err
}

// change is one group on its way into the rows.
type change struct {
	w        *leader
	tx       *database.Tx
	at       calendar.Instant
	seq      int64          // of the last logged input
	used     bool           // the engine has taken inputs
	whole    bool           // everything is stored but the commit
	contacts map[int64]bool // touched, by the engine's number
	segments map[int64]bool
	agents   map[ids.Agent]bool
	log      []logRow
	inbox    []inboxRow
	states   map[ids.Agent][]stateSpan
	desks    map[ids.Agent]bool // agents whose desks look different
	answers  []answered
	writes   []func(tx *database.Tx) error // further rows of the group
}

// stateSpan is an agent's state that has ended.
type stateSpan struct {
	state, code string
	client      ids.Client
	from, to    calendar.Instant
}

// mirror holds the live rows beside the warm engine; it is thrown away with it.
type mirror struct {
	contacts map[int64]*Contact // by the engine's number
	byID     map[ids.Contact]*Contact
	segments map[int64]*Segment
	parts    map[ids.Contact][]*Segment // of a contact, as they were offered
	held     map[ids.Agent][]*Segment   // of an agent, as they were offered; those that are done may still be there
	parked   map[ids.Agent]map[ids.Contact]bool
	parkedBy map[ids.Contact]ids.Agent
	agents   map[ids.Agent]*Agent
	status   map[ids.Contact]string // as it was counted
	tally    map[string]int         // open contacts by status
}

// load reads the live rows of the domain.
func (l *Live) load(tx *database.Tx) (mirror, error) {
	m := mirror{contacts: map[int64]*Contact{}, byID: map[ids.Contact]*Contact{}, segments: map[int64]*Segment{}, parts: map[ids.Contact][]*Segment{}, held: map[ids.Agent][]*Segment{}, parked: map[ids.Agent]map[ids.Contact]bool{}, parkedBy: map[ids.Contact]ids.Agent{}, status: map[ids.Contact]string{}, tally: map[string]int{}, agents: map[ids.Agent]*Agent{}}
	var contacts []Contact
	var segments []Segment
	var agents []Agent
	if err := errors.Join(tx.Where("domain_id = ?", l.domain).Find(&contacts).Error, tx.Where("domain_id = ?", l.domain).Order("number").Find(&segments).Error, tx.Where("domain_id = ?", l.domain).Find(&agents).Error); err != nil {
		return m, err
	}
	for i := range contacts {
		m.contacts[contacts[i].Number], m.byID[contacts[i].ContactID] = &contacts[i], &contacts[i]
		m.park(&contacts[i])
		m.recount(&contacts[i])
	}
	for i := range segments {
		m.add(&segments[i])
	}
	for i := range agents {
		m.agents[agents[i].AgentID] = &agents[i]
	}
	return m, nil
}

// add takes in a segment; later ones have higher numbers.
func (m *mirror) add(s *Segment) {
	m.segments[s.Number] = s
	m.parts[s.ContactID] = append(m.parts[s.ContactID], s)
	m.held[s.AgentID] = append(m.held[s.AgentID], s)
}

// recount keeps the number of open contacts by status.
func (m *mirror) recount(c *Contact) {
	if before, counted := m.status[c.ContactID]; counted {
		m.tally[before]--
	}
	delete(m.status, c.ContactID)
	if !strings.HasPrefix(c.Status, "closed:") {
		m.status[c.ContactID] = c.Status
		m.tally[c.Status]++
	}
}

// onDesk reports whether the contact is on the agent's desk.
func (m *mirror) onDesk(contact ids.Contact, agent ids.Agent) bool {
	return slices.ContainsFunc(m.parts[contact], func(s *Segment) bool { return s.AgentID == agent && s.Status != "done" })
}

// event turns an input into the engine's event by the names in force.
func (w *leader) event(in Input) (engine.Event, error) {
	agent, queue := engine.None, engine.None
	if !in.Agent.IsZero() {
		i, ok := w.names.agent[in.Agent]
		if !ok {
			return engine.Event{}, fmt.Errorf("agent %s is not on the floor", in.Agent)
		}
		agent = i
	}
	if !in.Queue.IsZero() {
		i, ok := w.names.queue[in.Queue]
		if !ok {
			return engine.Event{}, fmt.Errorf("queue %s is not on the floor", in.Queue)
		}
		queue = i
	}
	switch in.Kind {
	case KindArrive:
		preferred := engine.None
		if at, known := w.names.agent[in.ToAgent]; known {
			preferred = at
		}
		return engine.Arrive(engine.Arrival{Contact: in.Number, Queue: queue, Intent: engine.None, Preferred: preferred, Priority: in.Priority, Value: in.Value, Urgency: in.Urgency, Emotion: in.Emotional, HumanOnly: in.HumanOnly, Due: int64(in.Due)}), nil
	case KindLeave:
		return engine.OfContact(engine.ContactLeft, in.Number), nil
	case KindAccept:
		return engine.OfWork(engine.OfferAccepted, in.Number, agent), nil
	case KindDecline:
		return engine.OfWork(engine.OfferDeclined, in.Number, agent), nil
	case KindEnd:
		return engine.OfWork(engine.ContactEnded, in.Number, agent), nil
	case KindWrapped:
		return engine.OfWork(engine.WrapEnded, in.Number, agent), nil
	case KindState:
		return engine.SetStatus(agent, statusOf(in.Status), auxOf(in.Code)), nil
	case KindLost:
		return engine.OfAgent(engine.AgentLost, agent), nil
	case kindTick:
		return engine.OfContact(engine.Tick, 0), nil
	case kindReconfig:
		return engine.Reconfigure(in.Config), nil
	}
	if ev, ok, err := w.steer(in, agent, queue); ok {
		return ev, err
	}
	return engine.Event{}, fmt.Errorf("input %q is unknown", in.Kind)
}

func statusOf(name string) engine.AgentStatus {
	for _, s := range []engine.AgentStatus{engine.Off, engine.Ready, engine.NotReady, engine.Paused, engine.Lost} {
		if s.String() == name {
			return s
		}
	}
	return engine.Off
}

func auxOf(code string) int16 {
	for i, c := range Codes {
		if c == code {
			return int16(i)
		}
	}
	return 0
}

// apply gives one input to the engine and its effects to the rows. An input that
// names what is not there is refused and leaves no trace but the tick in the place
// that a stored input has in the log.
func (c *change) apply(row *item) error {
	in := row.Event
	refused := ""
	seq := c.seq + 1
	if in.Kind == KindArrive {
		in.Number = seq
	} else if !in.Contact.IsZero() {
		if open := c.w.rows.byID[in.Contact]; open != nil {
			in.Number = open.Number
		} else {
			refused = "the contact is not open any more"
		}
	}
	if slices.Contains(deskWork, in.Kind) && !c.w.rows.onDesk(in.Contact, in.Agent) {
		refused = notOnDesk
	}
	if in.Kind == kindReconfig {
		c.w.names = *in.Names
		c.w.names.index()
	}
	if refused == "" {
		refused = c.bars(in)
	}
	ev, err := c.w.event(in)
	if err != nil && refused == "" {
		refused = err.Error()
	}
	if refused != "" && row.ask != nil && !row.ask.keyed {
		c.tell(row, refused)
		return nil
	}
	c.seq = seq
	if refused != "" {
		ev = engine.OfContact(engine.Tick, 0)
		in = Input{Kind: kindTick}
	}
	c.log = append(c.log, logRow{DomainID: c.w.live.domain, Seq: seq, At: c.at, Epoch: c.w.epoch, Kind: in.Kind, V: 1, Event: in})
	if in.Kind == KindArrive {
		open := &Contact{ContactID: in.Contact, DomainID: c.w.live.domain, Number: seq, ClientID: in.Client, QueueID: in.Queue, Channel: in.Channel, Source: in.Source, ExternalID: in.ExternalID, CustomerID: in.Customer,
			Priority: int(in.Priority), Status: "waiting", ArrivedAt: c.at, QueuedAt: &c.at, Attributes: in.Attributes, Reason: "{}"}
		c.w.rows.contacts[seq], c.w.rows.byID[in.Contact] = open, open
		c.contacts[seq] = true
	}
	for _, e := range c.w.engine.Apply(int64(c.at), ev) {
		if e.Kind == engine.Refused && refused == "" {
			refused = e.Cause.String()
		}
		c.effect(e)
	}
	if refused == "" {
		c.applied(in)
	}
	if a := c.w.rows.agents[in.Agent]; a != nil && in.Kind != KindLost && c.at-a.HeartbeatAt > presence/4 {
		a.HeartbeatAt, c.agents[in.Agent] = c.at, true // who answers is there
	}
	if !row.ID.IsZero() && (row.ask == nil || row.ask.keyed && refused != "") {
		applied := seq
		row.AppliedSeq, row.Outcome = &applied, refused
		c.inbox = append(c.inbox, row.inboxRow)
	}
	c.tell(row, refused)
	return nil
}

// effect moves the rows as the engine decided.
func (c *change) effect(e engine.Effect) {
	at := calendar.Instant(e.At)
	open, segment := c.w.rows.contacts[e.Contact], c.w.rows.segments[e.Segment]
	if open != nil {
		c.contacts[e.Contact] = true
	}
	if segment != nil {
		c.segments[e.Segment], c.desks[segment.AgentID] = true, true
	}
	c.follow(e, open)
	deadline := func() *calendar.Instant {
		if e.Deadline == 0 {
			return nil
		}
		d := calendar.Instant(e.Deadline)
		return &d
	}
	switch e.Kind {
	case engine.Queued:
		if open != nil {
			open.Status, open.AgentID, open.SegmentID, open.DeadlineAt = "waiting", ids.Agent{}, ids.Segment{}, nil
		}
	case engine.Offered:
		reason := c.w.reason(e.Reason)
		s := &Segment{DomainID: c.w.live.domain, Number: e.Segment, SegmentID: ids.New[ids.Segment](c.w.live.db.IDs()), AgentID: c.w.names.Agents[e.Agent], Status: "offered", OfferedAt: at, DeadlineAt: deadline(), Reason: reason}
		if open != nil {
			s.ContactID, s.ClientID, s.QueueID = open.ContactID, open.ClientID, open.QueueID
			open.Status, open.AgentID, open.SegmentID, open.OfferedAt, open.DeadlineAt = "offered", s.AgentID, s.SegmentID, &at, deadline()
			open.Offers++
		}
		c.w.rows.add(s)
		c.segments[e.Segment], c.desks[s.AgentID] = true, true
	case engine.Accepted:
		if segment != nil {
			segment.Status, segment.AcceptedAt, segment.DeadlineAt, segment.Outcome = "active", &at, nil, "accepted"
		}
		if open != nil {
			open.Status, open.DeadlineAt = "active", nil
			if open.AcceptedAt == nil {
				open.AcceptedAt = &at
			}
		}
	case engine.OfferEnded:
		if segment != nil {
			segment.Status, segment.WrappedAt, segment.DeadlineAt = "done", &at, nil
			segment.Outcome = "missed"
			if e.Cause.String() == "declined" {
				segment.Outcome = "declined"
			}
		}
	case engine.Ended:
		if segment != nil {
			segment.Status, segment.EndedAt, segment.DeadlineAt = "wrapping", &at, deadline()
		}
		if open != nil {
			open.Status, open.EndedAt, open.DeadlineAt = "wrapping", &at, deadline()
		}
	case engine.Wrapped:
		if segment != nil {
			segment.Status, segment.WrappedAt, segment.DeadlineAt = "done", &at, nil
			if segment.EndedAt == nil {
				segment.EndedAt = &at
			}
		}
	case engine.Closed:
		if open != nil {
			if open.EndedAt == nil {
				open.EndedAt = &at
			}
			open.Status = "closed:" + e.Cause.String()
		}
	case engine.AgentSet:
		c.agentSet(e, at)
	default: // the other effects change nothing that pages show
	}
}

// agentSet ends the agent's state and begins the next.
func (c *change) agentSet(e engine.Effect, at calendar.Instant) {
	id := c.w.names.Agents[e.Agent]
	a := c.w.rows.agents[id]
	if a == nil {
		a = &Agent{AgentID: id, DomainID: c.w.live.domain, State: "off", Since: at}
		c.w.rows.agents[id] = a
	}
	c.agents[id], c.desks[id] = true, true
	code := ""
	if int(e.Aux) < len(Codes) && e.Aux >= 0 {
		code = Codes[e.Aux]
	}
	state := e.Status.String()
	if a.State == state && a.Code == code {
		return
	}
	if a.State != "off" && at > a.Since {
		c.states[id] = append(c.states[id], stateSpan{state: a.State, code: a.Code, client: a.ClientID, from: a.Since, to: at})
	}
	a.State, a.Code, a.Since, a.HeartbeatAt, a.StateID = state, code, at, max(a.HeartbeatAt, at), ids.New[ids.State](c.w.live.db.IDs())
	if e.Status == engine.Ready {
		a.IdleSince = at
	}
	if clients := c.w.staff[id].Clients; len(clients) == 1 {
		a.ClientID = clients[0]
	}
}

// store writes log, live rows, inbox outcomes and finished records.
func (c *change) store() error {
	if len(c.log) == 0 {
		return nil
	}
	if _, err := database.Insert(c.tx, c.log); err != nil {
		return err
	}
	if _, err := database.Insert(c.tx, c.inbox, clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"applied_seq", "outcome"})}); err != nil {
		return err
	}
	for number := range c.contacts {
		if open := c.w.rows.contacts[number]; open != nil {
			for _, agent := range c.w.rows.park(open) {
				c.desks[agent] = true
			}
			c.w.rows.recount(open)
		}
	}
	if err := c.finish(); err != nil {
		return err
	}
	for _, write := range c.writes {
		if err := write(c.tx); err != nil {
			return err
		}
	}
	upsert := clause.OnConflict{UpdateAll: true}
	if _, err := database.Insert(c.tx, touched(c.contacts, c.w.rows.contacts), upsert); err != nil {
		return err
	}
	if _, err := database.Insert(c.tx, touched(c.segments, c.w.rows.segments), upsert); err != nil {
		return err
	}
	_, err := database.Insert(c.tx, touched(c.agents, c.w.rows.agents), upsert)
	return err
}

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

// draft turns a finished contact into a record.
func draft(open *Contact, parts []*Segment) records.ContactDraft {
	d := records.ContactDraft{QueueID: entryOf(open), Channel: contract.Channel(open.Channel), ExternalID: open.Source + "/" + open.ExternalID, Priority: open.Priority, ArrivedAt: open.ArrivedAt, QueuedAt: open.QueuedAt,
		AnsweredAt: open.AcceptedAt, EndedAt: open.EndedAt, Outcome: records.Other, Attributes: open.Attributes}
	switch {
	case open.AcceptedAt != nil:
		d.Outcome, d.WaitMS = records.Answered, int64(*open.AcceptedAt-open.ArrivedAt)/1000
	case open.Status == "closed:leaving":
		d.Outcome = records.Abandoned
	case open.Status == "closed:taken":
		d.Outcome = records.Overflowed
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

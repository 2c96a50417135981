package routing

import (
	"slices"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// apply gives one input to the engine and its effects to the rows. An input that
// names what is not there is refused and leaves no trace but the tick in the place
// that a stored input has in the log.
func (c *change) apply(row *item) error {
	if row.aside != "" {
		c.putAside(row)
		return nil
	}
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
	if refused != "" {
		ev = engine.OfContact(engine.Tick, 0)
		in = Input{Kind: kindTick}
	}
	if err := c.seeded(in); err != nil {
		return err
	}
	c.enter(in)
	if in.Kind == KindArrive {
		open := &Contact{ContactID: in.Contact, DomainID: c.w.live.domain, Number: seq, ClientID: in.Client, QueueID: in.Queue, Channel: in.Channel, Source: in.Source, ExternalID: in.ExternalID, CustomerID: in.Customer,
			Priority: int(in.Priority), Status: "waiting", ArrivedAt: c.at, QueuedAt: &c.at, Attributes: in.Attributes}
		c.w.rows.contacts[seq], c.w.rows.byID[in.Contact] = open, open
		c.contacts[seq] = true
	}
	if cause := c.feed(ev); refused == "" {
		refused = cause
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
	c.replayed(row.Event, refused)
	c.tell(row, refused)
	return nil
}

// enter writes the next line of the log.
func (c *change) enter(in Input) {
	c.seq++
	c.log = append(c.log, logRow{DomainID: c.w.live.domain, Seq: c.seq, At: c.at, Epoch: c.w.epoch, Kind: in.Kind, V: 1, Event: in})
}

// feed gives an event to the engine and its effects to the rows. It tells why the
// engine refused it, if it did.
func (c *change) feed(ev engine.Event) (refused string) {
	for _, e := range c.w.engine.Apply(int64(c.at), ev) {
		if e.Kind == engine.Refused && refused == "" {
			refused = e.Cause.String()
		}
		c.effect(e)
	}
	return refused
}

// seeded gives way to a fault that a test has put into the floor.
func (c *change) seeded(in Input) error {
	if fault := c.w.live.fault; fault != nil {
		return fault(in)
	}
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
			if e.Cause == engine.ByArrival {
				c.announce(contactReceived, open)
			}
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
				c.announce(contactAnswered, open)
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
			c.announceEnd(open)
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

package server

import (
	"context"
	"encoding/json"
	"net/http"

	"muster/routing"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// deskContact is one contact on an agent's desk.
type deskContact struct {
	ID         ids.Contact               `json:"id"`
	Queue      string                    `json:"queue"`
	Client     string                    `json:"client"`
	Channel    string                    `json:"channel"`
	ArrivedAt  calendar.Instant          `json:"arrived_at"`
	OfferedAt  calendar.Instant          `json:"offered_at"`
	AcceptedAt *calendar.Instant         `json:"accepted_at,omitempty"`
	State      string                    `json:"state" enum:"offered,accepted,wrapping"`
	Deadline   *calendar.Instant         `json:"deadline,omitempty"`
	Reason     *routing.AssignmentReason `json:"reason,omitempty" doc:"Why this agent; absent when the decision was not explained"`
	Script     string                    `json:"script,omitempty" doc:"What the queue's plan gives the agent to read"`
	Attributes map[string]any            `json:"attributes,omitempty"`
}

// parkedContact is a contact that waits for its customer.
type parkedContact struct {
	ID        ids.Contact       `json:"id"`
	Queue     string            `json:"queue"`
	Client    string            `json:"client"`
	Channel   string            `json:"channel"`
	ArrivedAt calendar.Instant  `json:"arrived_at"`
	Until     *calendar.Instant `json:"until"`
}

// deskView is an agent's desktop.
type deskView struct {
	State    string           `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Since    calendar.Instant `json:"since,omitzero"`
	Contacts []deskContact    `json:"contacts"`
	Parked   []parkedContact  `json:"parked"`
}

// desk reads the desktop of one agent.
func (s *Server) desk(ctx context.Context, agent ids.Agent) (deskView, error) {
	d, err := s.deps.Live.Desk(ctx, agent)
	if err != nil {
		return deskView{}, err
	}
	out := deskView{State: d.Agent.State, Reason: d.Agent.Code, Since: d.Agent.Since, Contacts: []deskContact{}, Parked: []parkedContact{}}
	for _, g := range d.Segments {
		c := d.Contacts[g.ContactID]
		v := deskContact{ID: g.ContactID, Queue: d.Queues[g.QueueID], Client: d.Clients[g.ClientID], Channel: c.Channel, ArrivedAt: c.ArrivedAt, OfferedAt: g.OfferedAt, AcceptedAt: g.AcceptedAt, State: g.Status, Deadline: g.DeadlineAt, Script: d.Scripts[g.QueueID]}
		if g.Status == "active" {
			v.State = "accepted"
		}
		var reason routing.AssignmentReason
		if json.Unmarshal([]byte(g.Reason), &reason) == nil && reason.Rule != "" {
			v.Reason = &reason
		}
		if json.Unmarshal([]byte(c.Attributes), &v.Attributes) != nil || len(v.Attributes) == 0 {
			v.Attributes = nil // what is no object is not shown
		}
		out.Contacts = append(out.Contacts, v)
	}
	for _, c := range d.Parked {
		out.Parked = append(out.Parked, parkedContact{ID: c.ContactID, Queue: d.Queues[c.QueueID], Client: d.Clients[c.ClientID], Channel: c.Channel, ArrivedAt: c.ArrivedAt, Until: c.DeadlineAt})
	}
	return out, nil
}

// ContactPath is the input of operations on a contact of the desk.
type ContactPath struct {
	Contact string `path:"contact_id" format:"uuid"`
}

var (
	viewDesk = right{"desk", access.View}
	editDesk = right{"desk", access.Edit}
)

// after gives the desk once the floor has applied what do asked for. These inputs
// are durable by themselves and answered when they are applied.
func (s *Server) after(ctx context.Context, call *Call, do func(ids.Agent) (routing.Outcome, error)) (*one[deskView], error) {
	agent, err := ownAgent(call)
	if err != nil {
		return nil, err
	}
	o, err := do(agent)
	if err == nil {
		err = o.RefusedError()
	}
	if err != nil {
		return nil, err
	}
	v, err := s.desk(ctx, agent)
	return &one[deskView]{Body: v}, err
}

func (s *Server) registerDesk() {
	read(s, route{method: http.MethodGet, path: "/me/desk", id: "get-desk", summary: "The caller's state and contacts", tag: "desk", need: viewDesk},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[deskView], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			v, err := s.desk(ctx, agent)
			return &one[deskView]{Body: v}, err
		})
	read(s, route{method: http.MethodPost, path: "/me/heartbeat", id: "beat-desk", summary: "A sign of life of a desktop that follows no stream, at least every 30 s", tag: "desk", need: editDesk, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, _ *struct{}) (*struct{}, error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			return &struct{}{}, s.deps.Live.Heartbeat(ctx, agent)
		})
	type state struct {
		Body struct {
			State  string `json:"state" enum:"ready,not_ready,off"`
			Reason string `json:"reason,omitempty" enum:",break,meal,training,meeting,office"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/me/state", id: "set-my-state", summary: "Be ready, take a break, sign out", tag: "desk", need: editDesk},
		func(ctx context.Context, call *Call, in *state) (*one[deskView], error) {
			return s.after(ctx, call, func(a ids.Agent) (routing.Outcome, error) {
				return s.deps.Live.SetState(ctx, a, in.Body.State, in.Body.Reason)
			})
		})
	type verb struct {
		path, id, summary string
		do                func(context.Context, ids.Agent, ids.Contact) (routing.Outcome, error)
	}
	work := func(kind routing.Kind) func(context.Context, ids.Agent, ids.Contact) (routing.Outcome, error) {
		return func(ctx context.Context, a ids.Agent, c ids.Contact) (routing.Outcome, error) {
			return s.deps.Live.Work(ctx, a, kind, c)
		}
	}
	for _, op := range []verb{
		{"/me/offers/{contact_id}/accept", "accept-offer", "Accept an offer", work(routing.KindAccept)},
		{"/me/offers/{contact_id}/decline", "decline-offer", "Decline an offer; it goes on with its age", work(routing.KindDecline)},
		{"/me/contacts/{contact_id}/finish", "finish-contact", "End the conversation; wrap-up begins", work(routing.KindEnd)},
		{"/me/contacts/{contact_id}/wrapped", "wrap-contact", "End the wrap-up", work(routing.KindWrapped)},
		{"/me/contacts/{contact_id}/requeue", "requeue-contact", "Give a contact back to its queue with age and place", s.deps.Live.Requeue},
		{"/me/contacts/{contact_id}/resume", "resume-contact", "Take a parked contact back before its time", s.deps.Live.Resume},
	} {
		read(s, route{method: http.MethodPost, path: op.path, id: op.id, summary: op.summary, tag: "desk", need: editDesk},
			func(ctx context.Context, call *Call, in *ContactPath) (*one[deskView], error) {
				id, err := parseID[ids.Contact](in.Contact)
				if err != nil {
					return nil, err
				}
				return s.after(ctx, call, func(a ids.Agent) (routing.Outcome, error) { return op.do(ctx, a, id) })
			})
	}
	s.registerDeskMoves()
}

// registerDeskMoves registers what moves a contact on: transfer, parking, call-back.
func (s *Server) registerDeskMoves() {
	read(s, route{method: http.MethodGet, path: "/me/contacts/{contact_id}/targets", id: "list-targets", summary: "Queues and agents a contact can be given to", tag: "desk", need: viewDesk},
		func(ctx context.Context, call *Call, in *ContactPath) (*one[routing.Targets], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			id, err := parseID[ids.Contact](in.Contact)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Live.Targets(ctx, agent, id)
			return &one[routing.Targets]{Body: v}, err
		})
	type transfer struct {
		ContactPath
		Body struct {
			Queue string `json:"queue_id,omitempty" doc:"Of the same client"`
			Agent string `json:"agent_id,omitempty" doc:"Asked first"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/me/contacts/{contact_id}/transfer", id: "transfer-contact", summary: "Give a contact to a queue of the same client or to an agent; its age is kept", tag: "desk", need: editDesk},
		func(ctx context.Context, call *Call, in *transfer) (*one[deskView], error) {
			id, err := parseID[ids.Contact](in.Contact)
			if err != nil {
				return nil, err
			}
			queue, err := optionalID[ids.Queue](in.Body.Queue)
			if err != nil {
				return nil, err
			}
			to, err := optionalID[ids.Agent](in.Body.Agent)
			if err != nil {
				return nil, err
			}
			return s.after(ctx, call, func(a ids.Agent) (routing.Outcome, error) {
				return s.deps.Live.Transfer(ctx, a, id, queue, to)
			})
		})
	type parking struct {
		ContactPath
		Body struct {
			Until string `json:"until" format:"date-time" doc:"It comes back by itself then"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/me/contacts/{contact_id}/park", id: "park-contact", summary: "Let a contact wait for its customer; the agent is free meanwhile", tag: "desk", need: editDesk},
		func(ctx context.Context, call *Call, in *parking) (*one[deskView], error) {
			id, err := parseID[ids.Contact](in.Contact)
			if err != nil {
				return nil, err
			}
			until, err := optionalInstant(in.Body.Until)
			if err != nil {
				return nil, err
			}
			return s.after(ctx, call, func(a ids.Agent) (routing.Outcome, error) {
				return s.deps.Live.Park(ctx, a, id, until)
			})
		})
	type promise struct {
		ContactPath
		Body struct {
			At         string         `json:"at" format:"date-time"`
			Attributes map[string]any `json:"attributes,omitempty" doc:"Handed on to the new contact"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/me/contacts/{contact_id}/callback", id: "plan-callback", summary: "Promise the customer a call; it comes back to the same agent first", tag: "desk", need: editDesk, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *promise) (*one[routing.Callback], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			id, err := parseID[ids.Contact](in.Contact)
			if err != nil {
				return nil, err
			}
			r := routing.CallbackRequest{}
			if r.At, err = optionalInstant(in.Body.At); err != nil {
				return nil, err
			}
			if r.Attributes, err = attributesText(in.Body.Attributes); err != nil {
				return nil, err
			}
			c, err := s.deps.Live.PlanCallback(ctx, agent, id, r)
			return &one[routing.Callback]{Body: c}, err
		})
}

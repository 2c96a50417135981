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
	ID         ids.Contact       `json:"id"`
	Queue      string            `json:"queue"`
	Client     string            `json:"client"`
	Channel    string            `json:"channel"`
	ArrivedAt  calendar.Instant  `json:"arrived_at"`
	OfferedAt  calendar.Instant  `json:"offered_at"`
	AcceptedAt *calendar.Instant `json:"accepted_at,omitempty"`
	State      string            `json:"state" enum:"offered,accepted,wrapping"`
	Deadline   *calendar.Instant `json:"deadline,omitempty"`
	Reason     json.RawMessage   `json:"reason" doc:"Why this agent: the engine's reason"`
}

// deskView is an agent's desktop.
type deskView struct {
	State    string           `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Since    calendar.Instant `json:"since,omitzero"`
	Contacts []deskContact    `json:"contacts"`
}

// desk reads the desktop of one agent.
func (s *Server) desk(ctx context.Context, agent ids.Agent) (deskView, error) {
	d, err := s.deps.Live.Desk(ctx, agent)
	if err != nil {
		return deskView{}, err
	}
	out := deskView{State: d.Agent.State, Reason: d.Agent.Code, Since: d.Agent.Since, Contacts: []deskContact{}}
	for _, g := range d.Segments {
		c := d.Contacts[g.ContactID]
		v := deskContact{ID: g.ContactID, Queue: d.Queues[g.QueueID], Client: d.Clients[g.ClientID], Channel: c.Channel, ArrivedAt: c.ArrivedAt, OfferedAt: g.OfferedAt, AcceptedAt: g.AcceptedAt, State: g.Status, Deadline: g.DeadlineAt, Reason: json.RawMessage(g.Reason)}
		if g.Status == "active" {
			v.State = "accepted"
		}
		out.Contacts = append(out.Contacts, v)
	}
	return out, nil
}

func (s *Server) registerDesk() {
	view, edit := right{"desk", access.View}, right{"desk", access.Edit}
	read(s, route{method: http.MethodGet, path: "/me/desk", id: "get-desk", summary: "The caller's state and contacts", tag: "desk", need: view},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[deskView], error) {
			agent, err := ownAgent(call)
			if err != nil {
				return nil, err
			}
			v, err := s.desk(ctx, agent)
			return &one[deskView]{Body: v}, err
		})
	// These inputs are durable by themselves and answered when the floor has applied them.
	after := func(ctx context.Context, call *Call, do func(ids.Agent) (routing.Outcome, error)) (*one[deskView], error) {
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
	type state struct {
		Body struct {
			State  string `json:"state" enum:"ready,not_ready,off"`
			Reason string `json:"reason,omitempty" enum:",break,meal,training,meeting,office"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/me/state", id: "set-my-state", summary: "Be ready, take a break, sign out", tag: "desk", need: edit},
		func(ctx context.Context, call *Call, in *state) (*one[deskView], error) {
			return after(ctx, call, func(a ids.Agent) (routing.Outcome, error) {
				return s.deps.Live.SetState(ctx, a, in.Body.State, in.Body.Reason)
			})
		})
	type contactPath struct {
		Contact string `path:"contact_id" format:"uuid"`
	}
	for _, op := range []struct {
		path, id, summary string
		kind              routing.Kind
	}{
		{"/me/offers/{contact_id}/accept", "accept-offer", "Accept an offer", routing.KindAccept},
		{"/me/offers/{contact_id}/decline", "decline-offer", "Decline an offer; it goes on with its age", routing.KindDecline},
		{"/me/contacts/{contact_id}/finish", "finish-contact", "End the conversation; wrap-up begins", routing.KindEnd},
		{"/me/contacts/{contact_id}/wrapped", "wrap-contact", "End the wrap-up", routing.KindWrapped},
	} {
		read(s, route{method: http.MethodPost, path: op.path, id: op.id, summary: op.summary, tag: "desk", need: edit},
			func(ctx context.Context, call *Call, in *contactPath) (*one[deskView], error) {
				id, err := parseID[ids.Contact](in.Contact)
				if err != nil {
					return nil, err
				}
				return after(ctx, call, func(a ids.Agent) (routing.Outcome, error) { return s.deps.Live.Work(ctx, a, op.kind, id) })
			})
	}
}

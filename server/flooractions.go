package server

import (
	"context"
	"encoding/json"
	"net/http"

	"muster/reporting/supervision"
	"muster/routing"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

var viewContacts = right{"contacts", access.View}

// optionalInstant reads an RFC 3339 instant; empty is 0.
func optionalInstant(text string) (calendar.Instant, error) {
	if text == "" {
		return 0, nil
	}
	var at calendar.Instant
	if err := at.UnmarshalText([]byte(text)); err != nil {
		return 0, fault.Newf(fault.Invalid, "http.bad_instant", "%s.", err)
	}
	return at, nil
}

// Limited bounds a list.
type Limited struct {
	Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// actionBody is an action as people send it.
type actionBody struct {
	Kind   string   `json:"kind" enum:"open_pool,close_pool,move_agents,slice_agents,raise_queue,set_state"`
	Pool   string   `json:"pool,omitempty" maxLength:"63" doc:"open_pool, close_pool, move_agents: its slug"`
	Until  string   `json:"until,omitempty" format:"date-time" doc:"open_pool: closes by itself; absent: until somebody closes it"`
	Agents []string `json:"agents,omitempty" maxItems:"200" doc:"move_agents, slice_agents, set_state"`
	Client string   `json:"client_id,omitempty" doc:"slice_agents: they work for this client alone; absent: for any again"`
	Queue  string   `json:"queue_id,omitempty" doc:"raise_queue"`
	Weight int      `json:"weight,omitempty" minimum:"0" maximum:"10000" doc:"raise_queue: permille, 1000 is neutral"`
	State  string   `json:"state,omitempty" enum:",ready,not_ready,off" doc:"set_state"`
	Reason string   `json:"reason,omitempty" enum:",break,meal,training,meeting,office" doc:"set_state not_ready"`
}

func (b actionBody) action() (a supervision.FloorAction, err error) {
	a = supervision.FloorAction{Kind: b.Kind, Pool: b.Pool, Weight: b.Weight, State: b.State, Reason: b.Reason}
	if b.Until != "" {
		until, err := optionalInstant(b.Until)
		if err != nil {
			return a, err
		}
		a.Until = &until
	}
	for _, raw := range b.Agents {
		id, err := parseID[ids.Agent](raw)
		if err != nil {
			return a, err
		}
		a.Agents = append(a.Agents, id)
	}
	if a.Client, err = optionalID[ids.Client](b.Client); err != nil {
		return a, err
	}
	a.Queue, err = optionalID[ids.Queue](b.Queue)
	return a, err
}

// registerFloorActions registers alerts and what a team leader does. The inputs are
// durable by themselves and the service writes entry and audit record first, so the
// operations need no surrounding transaction.
func (s *Server) registerFloorActions() {
	read(s, route{method: http.MethodGet, path: "/floor/alerts", id: "list-alerts", summary: "Alerts of the floor, the newest first, closed ones too", tag: "floor", need: viewFloor},
		func(ctx context.Context, call *Call, in *Limited) (*list[supervision.FloorAlert], error) {
			all, err := s.deps.Supervision.AlertHistory(ctx, call.Scope, in.Limit)
			return listOf(all), err
		})
	type acknowledgement struct {
		IDPath
		Keyed
		Body struct {
			Note string `json:"note,omitempty" maxLength:"500"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/floor/alerts/{id}/acknowledge", id: "acknowledge-alert", summary: "Take an alert on", tag: "floor", need: editFloor, status: http.StatusOK},
		func(ctx context.Context, call *Call, in *acknowledgement) (*one[supervision.FloorAlert], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			a, err := s.deps.Supervision.Acknowledge(ctx, call.Scope, id, in.Body.Note, call.Identity.User.ID)
			call.Touch(id, a.ClientID)
			call.Note("rule", a.Rule)
			return &one[supervision.FloorAlert]{Body: a}, err
		})
	read(s, route{method: http.MethodGet, path: "/floor/actions", id: "list-floor-actions", summary: "What was done to the floor, the newest first", tag: "floor", need: viewFloor},
		func(ctx context.Context, call *Call, in *Limited) (*list[supervision.FloorEntry], error) {
			all, err := s.deps.Supervision.Actions(ctx, call.Scope, in.Limit)
			return listOf(all), err
		})
	type acting struct{ Body actionBody }
	read(s, route{method: http.MethodPost, path: "/floor/actions", id: "act-on-floor", summary: "Move agents, open or close a pool, raise a queue, set a state", tag: "floor", need: editFloor, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *acting) (*one[supervision.FloorEntry], error) {
			a, err := in.Body.action()
			if err != nil {
				return nil, err
			}
			d, err := s.deps.Supervision.Act(ctx, call.Scope, a, call.Identity.User.ID)
			return &one[supervision.FloorEntry]{Body: d}, err
		})
	read(s, route{method: http.MethodPost, path: "/floor/actions/preview", id: "preview-floor-action", summary: "What an action would do to the projected service levels", tag: "floor", need: editFloor},
		func(ctx context.Context, call *Call, in *acting) (*list[supervision.FloorEffect], error) {
			a, err := in.Body.action()
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Supervision.Preview(ctx, call.Scope, a)
			return listOf(all), err
		})
	read(s, route{method: http.MethodPost, path: "/floor/actions/{id}/undo", id: "undo-floor-action", summary: "Undo an action", tag: "floor", need: editFloor},
		func(ctx context.Context, call *Call, in *IDPath) (*one[supervision.FloorEntry], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			d, err := s.deps.Supervision.Undo(ctx, call.Scope, id, call.Identity.User.ID)
			return &one[supervision.FloorEntry]{Body: d}, err
		})
	s.registerAwayContacts()
}

// registerAwayContacts registers hand-overs, call-backs and what customers choose in
// place of waiting.
func (s *Server) registerAwayContacts() {
	read(s, route{method: http.MethodGet, path: "/handovers", id: "list-handovers", summary: "Contacts handed to partners, the newest first", tag: "contacts", need: viewContacts},
		func(ctx context.Context, call *Call, in *Limited) (*list[routing.Handover], error) {
			all, err := s.deps.Live.Handovers(ctx, call.Scope, in.Limit)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/callbacks", id: "list-callbacks", summary: "Planned call-backs and messages by due time", tag: "contacts", need: viewContacts},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[routing.Callback], error) {
			all, err := s.deps.Live.Callbacks(ctx, call.Scope)
			return listOf(all), err
		})
	change(s, route{method: http.MethodDelete, path: "/callbacks/{id}", id: "cancel-callback", summary: "Take a planned call-back back", tag: "contacts", need: editContacts, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Live.CancelCallback(ctx, call.Scope, id)
		})
	type invitation struct {
		IDPath
		Body struct {
			Kind       string         `json:"kind" enum:"callback,message"`
			At         string         `json:"at,omitempty" format:"date-time" doc:"callback: not before; default as soon as possible"`
			Queue      string         `json:"queue_id,omitempty" doc:"message: the queue that answers it; default the same"`
			Attributes map[string]any `json:"attributes,omitempty" doc:"Handed on to the new contact"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/contacts/{id}/invitation", id: "take-invitation", summary: "The customer takes the call-back or message that the queue offered", tag: "contacts", need: editContacts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *invitation) (*struct{}, error) {
			id, err := parseID[ids.Contact](in.ID)
			if err != nil {
				return nil, err
			}
			r := routing.CallbackRequest{Kind: in.Body.Kind}
			if r.At, err = optionalInstant(in.Body.At); err != nil {
				return nil, err
			}
			if r.Queue, err = optionalID[ids.Queue](in.Body.Queue); err != nil {
				return nil, err
			}
			if r.Attributes, err = attributesText(in.Body.Attributes); err != nil {
				return nil, err
			}
			o, err := s.deps.Live.TakeInvitation(ctx, call.Scope, id, r)
			if err == nil {
				err = o.RefusedError()
			}
			return &struct{}{}, err
		})
	type settled struct {
		IDPath
		Body struct {
			Outcome string `json:"outcome" enum:"accepted,returned"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/contacts/{id}/handover", id: "settle-handover", summary: "A bot took the contact, or gives it back with its age", tag: "contacts", need: editContacts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *settled) (*struct{}, error) {
			id, err := parseID[ids.Contact](in.ID)
			if err != nil {
				return nil, err
			}
			o, err := s.deps.Live.Settle(ctx, call.Scope, id, in.Body.Outcome == "accepted")
			if err == nil {
				err = o.RefusedError()
			}
			return &struct{}{}, err
		})
	type partnerWord struct {
		Partner   string `path:"partner" maxLength:"63"`
		Signature string `header:"X-Muster-Signature" maxLength:"500" doc:"t=<seconds>,v1=<hex HMAC-SHA256 of seconds.body>"`
		RawBody   []byte // what is signed
		Body      struct {
			ID      string `json:"id" doc:"Of the hand-over"`
			Outcome string `json:"outcome" doc:"accepted or returned"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/partners/{partner}/answers", id: "answer-handover", summary: "A partner's signed word about a hand-over", tag: "contacts", status: http.StatusAccepted, maxBody: 1 << 16},
		func(ctx context.Context, _ *Call, in *partnerWord) (*struct{}, error) {
			o, err := s.deps.Live.PartnerAnswer(ctx, in.Partner, in.Signature, in.RawBody)
			if err == nil {
				err = o.RefusedError()
			}
			return &struct{}{}, err
		})
}

// attributesText renders attributes as they are stored.
func attributesText(attributes map[string]any) (string, error) {
	if attributes == nil {
		return "{}", nil
	}
	text, err := json.Marshal(attributes)
	return string(text), err
}

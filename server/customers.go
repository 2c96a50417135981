package server

import (
	"context"
	"net/http"

	"muster/routing"
	"muster/routing/customers"
	"muster/routing/records"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
)

// pastContact is one contact of a customer's history.
type pastContact struct {
	ID         ids.Contact       `json:"id"`
	QueueID    ids.Queue         `json:"queue_id"`
	Channel    contract.Channel  `json:"channel"`
	Source     string            `json:"source"`
	ExternalID string            `json:"external_id"`
	ArrivedAt  calendar.Instant  `json:"arrived_at"`
	AnsweredAt *calendar.Instant `json:"answered_at,omitempty"`
	EndedAt    *calendar.Instant `json:"ended_at,omitempty"`
	Outcome    records.Outcome   `json:"outcome"`
	WaitMS     int64             `json:"wait_ms"`
	HandleMS   int64             `json:"handle_ms"`
	AgentID    ids.Agent         `json:"agent_id"`
}

// pastSegment is one agent's part in a contact and why it was that agent.
type pastSegment struct {
	AgentID    ids.Agent         `json:"agent_id"`
	OfferedAt  calendar.Instant  `json:"offered_at"`
	AcceptedAt *calendar.Instant `json:"accepted_at,omitempty"`
	EndedAt    *calendar.Instant `json:"ended_at,omitempty"`
	WrappedAt  *calendar.Instant `json:"wrapped_at,omitempty"`
	Outcome    string            `json:"outcome"`
	Reason     string            `json:"reason,omitempty" doc:"Candidates, score parts and counts as JSON, as the router kept them; absent when they were not recorded: only a sample is explained, or another system assigned the contact"`
}

// explained gives a kept reason; an empty document, as older rows have it, is none.
func explained(reason string) string {
	if reason == "{}" {
		return routing.Unexplained
	}
	return reason
}

// hideIdentities leaves out what identifies customers for callers without the right to see profiles.
func hideIdentities(call *Call, list []customers.Customer) []customers.Customer {
	if !call.Identity.May("profiles", access.View) {
		for i := range list {
			list[i].Identities = []customers.Identity{}
		}
	}
	return list
}

func (s *Server) registerCustomers() {
	read(s, route{method: http.MethodGet, path: "/customers", id: "find-customers", summary: "Customers that a phone number, mail address, account or other identity names", tag: "customers", need: viewContacts},
		func(ctx context.Context, call *Call, in *struct {
			Identity string `query:"identity" required:"true" maxLength:"200"`
		}) (*list[customers.Customer], error) {
			found, err := s.deps.Customers.Search(ctx, call.Scope, in.Identity)
			return listOf(hideIdentities(call, found)), err
		})
	read(s, route{method: http.MethodGet, path: "/customers/{id}", id: "get-customer", summary: "One customer with identities and links", tag: "customers", need: viewContacts},
		func(ctx context.Context, call *Call, in *IDPath) (*one[customers.Customer], error) {
			id, err := parseID[ids.Customer](in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.deps.Customers.Customer(ctx, call.Scope, id)
			return &one[customers.Customer]{Body: hideIdentities(call, []customers.Customer{c})[0]}, err
		})
	read(s, route{method: http.MethodGet, path: "/customers/{id}/contacts", id: "list-customer-contacts", summary: "The customer's latest contacts over all channels, with those of linked customers", tag: "customers", need: viewContacts},
		func(ctx context.Context, call *Call, in *IDPath) (*list[pastContact], error) {
			id, err := parseID[ids.Customer](in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := s.deps.Customers.History(ctx, call.Scope, id)
			out := make([]pastContact, len(rows))
			for i, c := range rows {
				out[i] = pastContact{ID: c.ID, QueueID: c.QueueID, Channel: c.Channel, Source: c.Source, ExternalID: c.ExternalID, ArrivedAt: c.ArrivedAt, AnsweredAt: c.AnsweredAt, EndedAt: c.EndedAt, Outcome: c.Outcome, WaitMS: c.WaitMS, HandleMS: c.HandleMS, AgentID: c.AgentID}
			}
			return listOf(out), err
		})
	read(s, route{method: http.MethodGet, path: "/contacts/{id}/segments", id: "list-contact-segments", summary: "Who had a recorded contact, one after the other, and why it was offered to them", tag: "contacts", need: viewContacts},
		func(ctx context.Context, call *Call, in *IDPath) (*list[pastSegment], error) {
			id, err := parseID[ids.Contact](in.ID)
			if err != nil {
				return nil, err
			}
			rows, err := s.deps.Customers.Segments(ctx, call.Scope, id)
			out := make([]pastSegment, len(rows))
			for i, r := range rows {
				out[i] = pastSegment{AgentID: r.AgentID, OfferedAt: r.OfferedAt, AcceptedAt: r.AcceptedAt, EndedAt: r.EndedAt, WrappedAt: r.WrappedAt, Outcome: r.Outcome, Reason: explained(r.Reason)}
			}
			return listOf(out), err
		})
	read(s, route{method: http.MethodGet, path: "/customer-links", id: "list-customer-links", summary: "Links between customers in a state", tag: "customers", need: viewContacts},
		func(ctx context.Context, call *Call, in *struct {
			Status string `query:"status" enum:"proposed,linked,dismissed,undone" default:"proposed"`
		}) (*list[customers.Link], error) {
			all, err := s.deps.Customers.Links(ctx, call.Scope, customers.LinkStatus(in.Status))
			return listOf(all), err
		})
	type linking struct {
		Keyed
		Body struct {
			Kept string `json:"kept_id" format:"uuid"`
			Gone string `json:"gone_id" format:"uuid" doc:"Becomes a part of the one that is kept"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/customer-links", id: "link-customers", summary: "Make two customers one", tag: "customers", need: editContacts, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *linking) (*one[customers.Link], error) {
			kept, err := parseID[ids.Customer](in.Body.Kept)
			if err != nil {
				return nil, err
			}
			gone, err := parseID[ids.Customer](in.Body.Gone)
			if err != nil {
				return nil, err
			}
			l, err := s.deps.Customers.Link(ctx, call.Scope, kept, gone, call.Identity.User.ID)
			call.Touch(l.ID, l.ClientID)
			return &one[customers.Link]{Body: l}, err
		})
	type deciding struct {
		IDPath
		Body struct {
			Status string `json:"status" enum:"linked,dismissed,undone" doc:"linked and dismissed decide a proposal, undone takes a link back"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/customer-links/{id}", id: "decide-customer-link", summary: "Accept, dismiss or undo a link", tag: "customers", need: editContacts},
		func(ctx context.Context, call *Call, in *deciding) (*one[customers.Link], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			l, err := s.deps.Customers.Decide(ctx, call.Scope, id, customers.LinkStatus(in.Body.Status), call.Identity.User.ID)
			call.Touch(id, l.ClientID)
			call.Note("status", in.Body.Status)
			return &one[customers.Link]{Body: l}, err
		})
	change(s, route{method: http.MethodPost, path: "/customers/{id}/erase", id: "erase-customer", summary: "Remove what identifies the customer, for good; the contacts stay", tag: "customers", need: editContacts, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Customer](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Customers.Erase(ctx, call.Scope, id)
		})
}

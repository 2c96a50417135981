package server

import (
	"context"
	"net/http"

	"muster/tenants/access"
	"muster/tenants/ids"
	"muster/tenants/webhooks"
)

var (
	viewSettings = right{"settings", access.View}
	editSettings = right{"settings", access.Edit}
)

// newEndpoint is an endpoint with the secret that is shown once.
type newEndpoint struct {
	webhooks.Endpoint
	Secret string `json:"secret" doc:"Signs the requests: HMAC-SHA256 of <seconds>.<body>; it is shown this once"`
}

func (s *Server) registerWebhooks() {
	read(s, route{method: http.MethodGet, path: "/webhooks", id: "list-webhooks", summary: "Addresses that hear of events", tag: "webhooks", need: viewSettings},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[webhooks.Endpoint], error) {
			all, err := s.deps.Webhooks.List(ctx, call.Scope)
			return listOf(all), err
		})
	// Without an Idempotency-Key: stored answers would keep the secret.
	type adding struct {
		Body struct {
			Client string   `json:"client_id,omitempty" doc:"Empty: hears of every client"`
			URL    string   `json:"url" maxLength:"500"`
			Types  []string `json:"types,omitempty" doc:"Names of events such as invoice.issued, or beginnings such as invoice. ; none: all"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/webhooks", id: "create-webhook", summary: "Add an address that hears of events", tag: "webhooks", need: editSettings, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *adding) (*one[newEndpoint], error) {
			e := webhooks.Endpoint{URL: in.Body.URL, Types: in.Body.Types}
			if in.Body.Client != "" {
				var err error
				if e.ClientID, err = s.visibleClient(ctx, call, in.Body.Client); err != nil {
					return nil, err
				}
			}
			e, secret, err := s.deps.Webhooks.Add(ctx, call.Scope, e)
			call.Touch(e.ID, e.ClientID)
			return &one[newEndpoint]{ETag: etag(e.Version), Body: newEndpoint{e, secret}}, err
		})
	type editing struct {
		IDPath
		Body webhooks.Edit
	}
	change(s, route{method: http.MethodPatch, path: "/webhooks/{id}", id: "update-webhook", summary: "Change or pause an address; needs If-Match with the ETag that was read", tag: "webhooks", need: editSettings},
		func(ctx context.Context, call *Call, in *editing) (*one[webhooks.Endpoint], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Webhooks.Endpoint(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Version)); err != nil {
				return nil, err
			}
			e, err := s.deps.Webhooks.Update(ctx, call.Scope, id, stored.Version, in.Body)
			call.Touch(id, e.ClientID)
			return &one[webhooks.Endpoint]{ETag: etag(e.Version), Body: e}, err
		})
	change(s, route{method: http.MethodDelete, path: "/webhooks/{id}", id: "delete-webhook", summary: "Remove an address with its deliveries", tag: "webhooks", need: editSettings, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Webhooks.Remove(ctx, call.Scope, id)
		})
	read(s, route{method: http.MethodGet, path: "/webhooks/{id}/deliveries", id: "list-webhook-deliveries", summary: "The latest deliveries of an address and what came of them", tag: "webhooks", need: viewSettings},
		func(ctx context.Context, call *Call, in *IDPath) (*list[webhooks.Delivery], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Webhooks.Deliveries(ctx, call.Scope, id)
			return listOf(all), err
		})
	change(s, route{method: http.MethodPost, path: "/webhook-deliveries/{id}/again", id: "repeat-webhook-delivery", summary: "Try a delivery anew that was given up", tag: "webhooks", need: editSettings, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Webhooks.Again(ctx, call.Scope, id)
		})
}

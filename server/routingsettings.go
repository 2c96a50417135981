package server

import (
	"context"
	"net/http"

	"muster/config/locales"
	"muster/routing"
	"muster/tenants/ids"
)

// SlugPath is the input of operations on what has a slug.
type SlugPath struct {
	Slug string `path:"slug" maxLength:"63"`
}

// setting gives a versioned setting with its ETag.
func setting[T any](v routing.Versioned[T], err error) (*one[routing.Versioned[T]], error) {
	return &one[routing.Versioned[T]]{ETag: etag(v.Version), Body: v}, err
}

// registerRoutingSettings registers how the live floor routes. Every change needs
// If-Match with the ETag that was read; "v0" is the default that nobody has changed.
func (s *Server) registerRoutingSettings() {
	live := s.deps.Live
	read(s, route{method: http.MethodGet, path: "/routing/policy", id: "get-routing-policy", summary: "What holds for every client: weights, channels, reasons, alerts", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[routing.Versioned[routing.ProviderPolicy]], error) {
			return setting(live.ProviderPolicy(ctx, call.Scope))
		})
	type providerPut struct{ Body routing.ProviderPolicy }
	change(s, route{method: http.MethodPut, path: "/routing/policy", id: "put-routing-policy", summary: "Change what holds for every client", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *providerPut) (*one[routing.Versioned[routing.ProviderPolicy]], error) {
			stored, err := live.ProviderPolicy(ctx, call.Scope)
			if err == nil {
				err = call.Version(etag(stored.Version))
			}
			if err != nil {
				return nil, err
			}
			call.Note("version", stored.Version+1)
			return setting(live.PutProviderPolicy(ctx, call.Scope, stored.Version, in.Body, call.Identity.User.ID))
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/routing", id: "get-client-routing", summary: "How a client weighs against the others", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*one[routing.Versioned[routing.ClientPolicy]], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			return setting(live.ClientPolicy(ctx, call.Scope, id))
		})
	type clientPut struct {
		IDPath
		Body routing.ClientPolicy
	}
	change(s, route{method: http.MethodPut, path: "/clients/{id}/routing", id: "put-client-routing", summary: "Weigh a client against the others", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *clientPut) (*one[routing.Versioned[routing.ClientPolicy]], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := live.ClientPolicy(ctx, call.Scope, id)
			if err == nil {
				err = call.Version(etag(stored.Version))
			}
			if err != nil {
				return nil, err
			}
			call.Touch(id, id)
			return setting(live.PutClientPolicy(ctx, call.Scope, id, stored.Version, in.Body, call.Identity.User.ID))
		})
	read(s, route{method: http.MethodGet, path: "/queues/{id}/routing", id: "get-queue-routing", summary: "How a queue is routed: strategy, ladder, no answer, wrap-up", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*one[routing.Versioned[routing.QueuePolicy]], error) {
			id, err := parseID[ids.Queue](in.ID)
			if err != nil {
				return nil, err
			}
			return setting(live.QueuePolicy(ctx, call.Scope, id))
		})
	type queuePut struct {
		IDPath
		Body routing.QueuePolicy
	}
	change(s, route{method: http.MethodPut, path: "/queues/{id}/routing", id: "put-queue-routing", summary: "Change how a queue is routed", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *queuePut) (*one[routing.Versioned[routing.QueuePolicy]], error) {
			id, err := parseID[ids.Queue](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := live.QueuePolicy(ctx, call.Scope, id)
			if err == nil {
				err = call.Version(etag(stored.Version))
			}
			if err != nil {
				return nil, err
			}
			call.Touch(id, stored.Client)
			return setting(live.PutQueuePolicy(ctx, call.Scope, id, stored.Version, in.Body, call.Identity.User.ID))
		})
	s.registerPools()
	type historyQuery struct {
		Limited
		Kind string `query:"kind" enum:"provider,client,queue,pool,partner" doc:"Only settings of this kind"`
		Key  string `query:"key" maxLength:"63" doc:"Only this setting"`
	}
	read(s, route{method: http.MethodGet, path: "/routing/history", id: "list-routing-history", summary: "Versions of all settings of the scope, the newest first", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, in *historyQuery) (*list[routing.SettingVersion], error) {
			all, err := live.SettingHistory(ctx, call.Scope, in.Kind, in.Key, in.Limit)
			return listOf(all), err
		})
	type proposal struct{ Body routing.SettingChange }
	read(s, route{method: http.MethodPost, path: "/routing/check", id: "check-routing", summary: "What a proposed setting would change, and what is wrong with it field by field; nothing is stored", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *proposal) (*one[settingCheck], error) {
			c, err := live.CheckSetting(ctx, call.Scope, in.Body)
			return &one[settingCheck]{ETag: etag(c.Version), Body: viewCheck(call, c)}, err
		})
}

// settingCheck is a check as it is answered.
type settingCheck struct {
	Version  int                   `json:"version" doc:"Of the setting in force"`
	Changes  []routing.FieldChange `json:"changes"`
	Problems []fieldProblem        `json:"problems" doc:"Empty: it can be put in force"`
}

// fieldProblem is what is wrong with one field, in the reader's language.
type fieldProblem struct {
	Field  string `json:"field" doc:"Path in the document, empty for the whole"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func viewCheck(call *Call, c routing.SettingCheck) settingCheck {
	out := settingCheck{Version: c.Version, Changes: c.Changes, Problems: []fieldProblem{}}
	for _, p := range c.Problems {
		field, _ := p.Params["at"].(string)
		detail, ok := locales.Fault(call.Locale, p.Code, p.Detail, p.Params)
		if !ok {
			detail = p.Detail
		}
		out.Problems = append(out.Problems, fieldProblem{Field: field, Code: p.Code, Detail: detail})
	}
	return out
}

// registerPools registers pools and partners.
func (s *Server) registerPools() {
	live := s.deps.Live
	read(s, route{method: http.MethodGet, path: "/routing/pools", id: "list-pools", summary: "Configured pools", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[routing.Versioned[routing.PoolPolicy]], error) {
			all, err := live.Pools(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/routing/pools/{slug}", id: "get-pool", summary: "One pool: members, shares, protection, call-up", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, in *SlugPath) (*one[routing.Versioned[routing.PoolPolicy]], error) {
			return setting(live.Pool(ctx, call.Scope, in.Slug))
		})
	type poolPut struct {
		SlugPath
		Body routing.PoolPolicy
	}
	change(s, route{method: http.MethodPut, path: "/routing/pools/{slug}", id: "put-pool", summary: "Add or change a pool", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *poolPut) (*one[routing.Versioned[routing.PoolPolicy]], error) {
			stored, err := live.Pool(ctx, call.Scope, in.Slug)
			if err == nil {
				err = call.Version(etag(stored.Version))
			}
			if err != nil {
				return nil, err
			}
			call.Note("pool", in.Slug)
			return setting(live.PutPool(ctx, call.Scope, in.Slug, stored.Version, in.Body, call.Identity.User.ID))
		})
	read(s, route{method: http.MethodGet, path: "/routing/partners", id: "list-partners", summary: "Partner providers, without their secrets", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[routing.Versioned[routing.PartnerPolicy]], error) {
			all, err := live.Partners(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/routing/partners/{slug}", id: "get-partner", summary: "One partner, without its secret", tag: "routing", need: viewClients},
		func(ctx context.Context, call *Call, in *SlugPath) (*one[routing.Versioned[routing.PartnerPolicy]], error) {
			return setting(live.Partner(ctx, call.Scope, in.Slug))
		})
	type partnerPut struct {
		SlugPath
		Body routing.PartnerPolicy
	}
	change(s, route{method: http.MethodPut, path: "/routing/partners/{slug}", id: "put-partner", summary: "Add or change a partner; an empty secret keeps the stored one", tag: "routing", need: editClients},
		func(ctx context.Context, call *Call, in *partnerPut) (*one[routing.Versioned[routing.PartnerPolicy]], error) {
			stored, err := live.Partner(ctx, call.Scope, in.Slug)
			if err == nil {
				err = call.Version(etag(stored.Version))
			}
			if err != nil {
				return nil, err
			}
			call.Note("partner", in.Slug)
			return setting(live.PutPartner(ctx, call.Scope, in.Slug, stored.Version, in.Body, call.Identity.User.ID))
		})
}

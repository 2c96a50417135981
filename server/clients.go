package server

import (
	"context"
	"net/http"

	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
)

var (
	viewClients = right{"clients", access.View}
	editClients = right{"clients", access.Edit}
)

func (s *Server) registerClients() {
	read(s, route{method: http.MethodGet, path: "/clients", id: "list-clients", summary: "Clients of the scope", tag: "clients", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[contract.Client], error) {
			all, err := s.deps.Contracts.Clients(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}", id: "get-client", summary: "One client", tag: "clients", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*one[contract.Client], error) {
			id, err := parseID[ids.Client](in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.deps.Contracts.Client(ctx, call.Scope, id)
			return &one[contract.Client]{ETag: etag(c.Version), Body: c}, err
		})
	type newClient struct {
		Keyed
		Body struct {
			Slug     string `json:"slug" maxLength:"63"`
			Name     string `json:"name" maxLength:"200"`
			Zone     string `json:"zone" example:"Asia/Shanghai"`
			Locale   string `json:"locale,omitempty" enum:"zh-CN,en"`
			Currency string `json:"currency" example:"CNY"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/clients", id: "create-client", summary: "Add a client", tag: "clients", need: editClients, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newClient) (*one[contract.Client], error) {
			b := in.Body
			c, err := s.deps.Contracts.CreateClient(ctx, call.Scope, contract.Client{Slug: b.Slug, Name: b.Name, Zone: b.Zone, Locale: b.Locale, Currency: money.Currency(b.Currency)})
			call.Touch(c.ID, c.ID)
			return &one[contract.Client]{ETag: etag(c.Version), Body: c}, err
		})
	type clientEdit struct {
		IDPath
		Body contract.ClientEdit
	}
	change(s, route{method: http.MethodPatch, path: "/clients/{id}", id: "update-client", summary: "Change a client; needs If-Match with the ETag that was read", tag: "clients", need: editClients},
		func(ctx context.Context, call *Call, in *clientEdit) (*one[contract.Client], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Contracts.Client(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Version)); err != nil {
				return nil, err
			}
			c, err := s.deps.Contracts.UpdateClient(ctx, call.Scope, id, stored.Version, in.Body)
			call.Touch(id, id)
			return &one[contract.Client]{ETag: etag(c.Version), Body: c}, err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/lobs", id: "list-lobs", summary: "Lines of business of a client", tag: "clients", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*list[contract.LOB], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Contracts.LOBs(ctx, call.Scope, id)
			return listOf(all), err
		})
	type newLOB struct {
		IDPath
		Keyed
		Body struct {
			Slug string `json:"slug" maxLength:"63"`
			Name string `json:"name" maxLength:"200"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/lobs", id: "create-lob", summary: "Add a line of business", tag: "clients", need: editClients, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newLOB) (*one[contract.LOB], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			l, err := s.deps.Contracts.CreateLOB(ctx, call.Scope, contract.LOB{ClientID: id, Slug: in.Body.Slug, Name: in.Body.Name})
			call.Touch(l.ID, id)
			return &one[contract.LOB]{Body: l}, err
		})
	read(s, route{method: http.MethodGet, path: "/clients/{id}/queues", id: "list-queues", summary: "Queues of a client", tag: "clients", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*list[contract.Queue], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Contracts.Queues(ctx, call.Scope, id)
			return listOf(all), err
		})
	type newQueue struct {
		IDPath
		Keyed
		Body struct {
			LOB      string `json:"lob_id" format:"uuid"`
			Slug     string `json:"slug" maxLength:"63"`
			Name     string `json:"name" maxLength:"200"`
			Channel  string `json:"channel" enum:"voice,chat,mail,app,social"`
			Skill    string `json:"skill_id" format:"uuid"`
			Calendar string `json:"calendar_id,omitempty" format:"uuid"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/queues", id: "create-queue", summary: "Add a queue", tag: "clients", need: editClients, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newQueue) (*one[contract.Queue], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			q := contract.Queue{ClientID: id, Slug: in.Body.Slug, Name: in.Body.Name, Channel: contract.Channel(in.Body.Channel)}
			if q.LOBID, err = parseID[ids.LOB](in.Body.LOB); err != nil {
				return nil, err
			}
			if q.SkillID, err = parseID[ids.Skill](in.Body.Skill); err != nil {
				return nil, err
			}
			if in.Body.Calendar != "" {
				if q.CalendarID, err = parseID[ids.Calendar](in.Body.Calendar); err != nil {
					return nil, err
				}
			}
			q, err = s.deps.Contracts.CreateQueue(ctx, call.Scope, q)
			call.Touch(q.ID, id)
			return &one[contract.Queue]{Body: q}, err
		})
}

// visibleClient reads a client's id and refuses one outside of the scope, or one that is nobody's, as absent.
func (s *Server) visibleClient(ctx context.Context, call *Call, raw string) (ids.Client, error) {
	id, err := parseID[ids.Client](raw)
	if err != nil {
		return id, err
	}
	sc, err := call.ClientScope(id)
	if err != nil {
		return id, err
	}
	_, err = s.deps.Contracts.Client(ctx, sc, id)
	return id, err
}

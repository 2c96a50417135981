package server

import (
	"context"
	"encoding/json"
	"net/http"

	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

var (
	viewUsers = right{"users", access.View}
	editUsers = right{"users", access.Edit}
)

// account is a user with roles, as the administrator sees it.
type account struct {
	access.User
	Grants []access.GrantView `json:"grants"`
}

func (s *Server) registerAdmin() {
	read(s, route{method: http.MethodGet, path: "/users", id: "list-users", summary: "Users with their roles", tag: "users", need: viewUsers},
		func(ctx context.Context, _ *Call, _ *struct{}) (*list[account], error) {
			users, err := s.deps.Access.Users(ctx)
			if err != nil {
				return nil, err
			}
			grants, err := s.deps.Access.Grants(ctx)
			out := make([]account, len(users))
			for i, u := range users {
				out[i] = account{User: u, Grants: grants[u.ID]}
				if out[i].Grants == nil {
					out[i].Grants = []access.GrantView{}
				}
			}
			return listOf(out), err
		})
	type newUser struct {
		Keyed
		Body struct {
			Login    string `json:"login" minLength:"1" maxLength:"200"`
			Display  string `json:"display" maxLength:"200"`
			Password string `json:"password" minLength:"10" maxLength:"256"`
			Locale   string `json:"locale,omitempty" enum:"zh-CN,en"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/users", id: "create-user", summary: "Add a user, without any right yet", tag: "users", need: editUsers, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newUser) (*one[access.User], error) {
			u, err := s.deps.Access.CreateUser(ctx, access.NewUser{Login: in.Body.Login, Display: in.Body.Display, Password: in.Body.Password, Locale: in.Body.Locale, MustChange: true})
			call.Touch(u.ID, ids.Client{})
			return &one[access.User]{ETag: etag(u.Version), Body: u}, err
		})
	change(s, route{method: http.MethodPost, path: "/users/{id}/disable", id: "disable-user", summary: "End every session of a user and refuse new ones", tag: "users", need: editUsers, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.User](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Access.Disable(ctx, id)
		})
	type grantBody struct {
		Role   string `json:"role"`
		Domain string `json:"domain" doc:"provider, self, client:<id>, site:<id> or team:<id>"`
	}
	type grant struct {
		IDPath
		Body grantBody
	}
	apply := func(set func(context.Context, ids.User, grantBody) error) func(context.Context, *Call, *grant) (*struct{}, error) {
		return func(ctx context.Context, call *Call, in *grant) (*struct{}, error) {
			id, err := parseID[ids.User](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			call.Note("role", in.Body.Role)
			call.Note("domain", in.Body.Domain)
			return &struct{}{}, set(ctx, id, in.Body)
		}
	}
	change(s, route{method: http.MethodPost, path: "/users/{id}/grants", id: "grant-role", summary: "Give a role in a domain", tag: "users", need: editUsers, status: http.StatusNoContent},
		apply(func(ctx context.Context, id ids.User, b grantBody) error {
			return s.deps.Access.Grant(ctx, id, b.Role, access.Domain(b.Domain), nil)
		}))
	change(s, route{method: http.MethodPost, path: "/users/{id}/revocations", id: "revoke-role", summary: "Take a role in a domain away; it acts at the user's next request", tag: "users", need: editUsers, status: http.StatusNoContent},
		apply(func(ctx context.Context, id ids.User, b grantBody) error {
			return s.deps.Access.Revoke(ctx, id, b.Role, access.Domain(b.Domain))
		}))
	read(s, route{method: http.MethodGet, path: "/roles", id: "list-roles", summary: "Roles with their permissions", tag: "users", need: viewUsers},
		func(ctx context.Context, _ *Call, _ *struct{}) (*list[access.RoleView], error) {
			roles, err := s.deps.Access.Roles(ctx)
			return listOf(roles), err
		})
	type rolePermissions struct {
		Key  string `path:"key"`
		Body struct {
			Permissions []access.Permission `json:"permissions"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/roles/{key}/permissions", id: "set-role-permissions", summary: "Change what a role may do, for everybody who has it", tag: "users", need: editUsers, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *rolePermissions) (*struct{}, error) {
			version, err := s.deps.Access.RoleVersion(ctx, in.Key)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(version)); err != nil {
				return nil, err
			}
			call.Note("role", in.Key)
			call.Note("permissions", in.Body.Permissions)
			return &struct{}{}, s.deps.Access.SetRolePermissions(ctx, in.Key, in.Body.Permissions)
		})
	read(s, route{method: http.MethodGet, path: "/audit", id: "list-audit", summary: "Who changed what, the newest first", tag: "audit", need: right{"audit", access.View}},
		func(ctx context.Context, call *Call, in *paging) (*list[auditView], error) {
			f := audit.Filter{Limit: in.Limit}
			last, err := openCursor(call, "audit", in.Cursor)
			if err != nil {
				return nil, err
			}
			if last != "" {
				if f.Before, err = parseID[ids.Audit](last); err != nil {
					return nil, err
				}
			}
			entries, err := s.deps.Audit.List(ctx, call.Scope, f)
			if err != nil {
				return nil, err
			}
			views := make([]auditView, len(entries))
			for i, e := range entries {
				views[i] = auditView{ID: e.ID, At: e.At, Client: e.Client, Actor: e.Actor, ActorKind: e.ActorKind, Action: e.Action, Object: e.Object, ObjectID: e.ObjectID, RequestID: e.RequestID, Detail: json.RawMessage(e.Detail)}
			}
			page := listOf(views)
			if len(entries) == in.Limit && in.Limit > 0 {
				page.Body.NextCursor = sealCursor(call, "audit", entries[len(entries)-1].ID.String())
			}
			return page, nil
		})
}

// auditView is an audit entry as the administrator sees it.
type auditView struct {
	ID        ids.Audit        `json:"id"`
	At        calendar.Instant `json:"at"`
	Client    ids.Client       `json:"client_id"`
	Actor     ids.User         `json:"actor_id"`
	ActorKind audit.ActorKind  `json:"actor_kind"`
	Action    string           `json:"action"`
	Object    string           `json:"object"`
	ObjectID  ids.Any          `json:"object_id"`
	RequestID string           `json:"request_id"`
	Detail    json.RawMessage  `json:"detail"`
}

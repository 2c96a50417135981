package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// signedIn is what the screens need to know about the caller.
type signedIn struct {
	User        access.User    `json:"user"`
	Permissions []access.Right `json:"permissions"`
	CSRF        string         `json:"csrf" doc:"Send it as X-CSRF-Token with every write"`
	Provider    string         `json:"provider" doc:"Name of the provider"`
	Demo        bool           `json:"demo"`
}

type sessionAnswer struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      signedIn
}

// cookie makes the session cookie: not readable by scripts, never sent across sites.
func (s *Server) cookie(token string, until time.Time) http.Cookie {
	return http.Cookie{Name: sessionCookie, Value: token, Path: "/", Expires: until, HttpOnly: true, Secure: !s.settings.HTTP.InsecureCookies, SameSite: http.SameSiteStrictMode}
}

// present fills the answer that describes the caller.
func (s *Server) present(ctx context.Context, i access.Identity) (signedIn, error) {
	rights, err := i.Rights()
	if err != nil {
		return signedIn{}, err
	}
	p, err := s.deps.Contracts.Provider(ctx)
	if err != nil {
		return signedIn{}, err
	}
	return signedIn{User: i.User, Permissions: rights, CSRF: i.CSRF, Provider: p.Name, Demo: p.Demo}, nil
}

func (s *Server) registerSession() {
	type credentials struct {
		UserAgent string `header:"User-Agent"`
		Body      struct {
			Login    string `json:"login" maxLength:"200"`
			Password string `json:"password" maxLength:"256"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/session", id: "sign-in", summary: "Sign in", tag: "session"},
		func(ctx context.Context, call *Call, in *credentials) (*sessionAnswer, error) {
			token, identity, err := s.deps.Access.SignIn(ctx, in.Body.Login, in.Body.Password, call.address, in.UserAgent)
			if err != nil {
				return nil, err
			}
			body, err := s.present(ctx, identity)
			return &sessionAnswer{SetCookie: s.cookie(token, identity.Expires.Time()), Body: body}, err
		})
	read(s, route{method: http.MethodGet, path: "/session", id: "get-session", summary: "Who is signed in, and what they may do", tag: "session", need: selfRight},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[signedIn], error) {
			body, err := s.present(ctx, call.Identity)
			return &one[signedIn]{Body: body}, err
		})
	type signOut struct {
		Cookie http.Cookie `cookie:"muster_session"`
	}
	type gone struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	read(s, route{method: http.MethodDelete, path: "/session", id: "sign-out", summary: "Sign out", tag: "session", need: selfRight, status: http.StatusNoContent},
		func(ctx context.Context, _ *Call, in *signOut) (*gone, error) {
			return &gone{SetCookie: s.cookie("", time.Unix(1, 0))}, s.deps.Access.SignOut(ctx, in.Cookie.Value)
		})
	type newPassword struct {
		Cookie http.Cookie `cookie:"muster_session"`
		Body   struct {
			Old string `json:"old" maxLength:"256"`
			New string `json:"new" minLength:"10" maxLength:"256"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/session/password", id: "change-password", summary: "Change the own password; every other session of it ends", tag: "session", need: selfRight, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *newPassword) (*struct{}, error) {
			if !s.deps.Access.CheckPassword(call.Identity.User, in.Body.Old) {
				return nil, fault.New(fault.Invalid, "access.wrong_password", "The old password is wrong.")
			}
			call.Touch(call.Identity.User.ID, ids.Client{})
			return &struct{}{}, s.deps.Access.SetPassword(ctx, call.Identity.User.ID, in.Body.New, in.Cookie.Value)
		})
	type newToken struct {
		Keyed
		Body struct {
			Name   string   `json:"name" minLength:"1" maxLength:"100"`
			Scopes []string `json:"scopes" minItems:"1" doc:"Permissions such as facts:view"`
		}
	}
	type madeToken struct {
		access.Token
		Secret string `json:"secret" doc:"Shown once"`
	}
	change(s, route{method: http.MethodPost, path: "/tokens", id: "create-token", summary: "Make an API token", tag: "session", need: selfRight, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newToken) (*one[madeToken], error) {
			var scopes []access.Permission
			for _, text := range in.Body.Scopes {
				object, action, _ := strings.Cut(text, ":")
				scopes = append(scopes, access.Permission{Object: object, Action: action})
			}
			secret, token, err := s.deps.Access.CreateToken(ctx, call.Identity.User.ID, in.Body.Name, scopes, nil)
			call.Touch(token.ID, ids.Client{})
			return &one[madeToken]{Body: madeToken{Token: token, Secret: secret}}, err
		})
	change(s, route{method: http.MethodDelete, path: "/tokens/{id}", id: "revoke-token", summary: "End an API token at once", tag: "session", need: selfRight, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.APIToken](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Access.RevokeToken(ctx, call.Identity.User.ID, id)
		})
}

package server

import (
	"context"

	"muster/config/locales"
	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Call is what the door knows about one request.
type Call struct {
	RequestID string
	Locale    locales.Locale
	Identity  access.Identity
	// Scope is where the caller may do what the operation does.
	Scope scope.Scope

	authErr error // why nobody is signed in
	address string
	ifMatch string
	touched ids.Any
	client  ids.Client
	detail  map[string]any
}

type callKey struct{}

// callFrom gives the call of the request; a bare one outside of requests.
func callFrom(ctx context.Context) *Call {
	if c, ok := ctx.Value(callKey{}).(*Call); ok {
		return c
	}
	return &Call{Locale: locales.English}
}

// Touch tells the audit entry of a change which row of which client it was about.
func (c *Call) Touch(id [16]byte, client ids.Client) {
	c.touched, c.client = ids.Any(id), client
}

// Note adds a value without personal data to the audit entry of a change.
func (c *Call) Note(key string, value any) {
	if c.detail == nil {
		c.detail = map[string]any{}
	}
	c.detail[key] = value
}

// Version refuses a change that was made on an old version of the row: If-Match
// is required and must name the stored version.
func (c *Call) Version(stored string) error {
	switch c.ifMatch {
	case "":
		return fault.New(fault.Invalid, "http.if_match_missing", "This change needs the header If-Match with the ETag that was read.")
	case stored:
		return nil
	}
	return fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.").With("current", stored)
}

// ClientScope narrows the call's scope to one client; a client outside of it is
// the same as an absent one.
func (c *Call) ClientScope(id ids.Client) (scope.Scope, error) {
	if !c.Scope.HasClient(id) {
		return scope.Scope{}, fault.New(fault.NotFound, "client.not_found", "There is no such client.")
	}
	return c.Scope.Within(id), nil
}

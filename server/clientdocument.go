package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"muster/server/onboard"
	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// clientDocument is a client's document as text: YAML or JSON, which YAML contains.
type clientDocument struct {
	Document string `json:"document" maxLength:"1000000" doc:"The document; muster client apply --example shows every field"`
}

// appliedDocument says what became of the parts of a document.
type appliedDocument struct {
	ClientID ids.Client            `json:"client_id"`
	Steps    []onboard.AppliedPart `json:"steps"`
}

func (s *Server) registerClientDocuments() {
	whole := right{"settings", access.Edit}
	read(s, route{method: http.MethodGet, path: "/clients/{id}/document", id: "get-client-document", summary: "All that is agreed with a client as one document, and its ETag", tag: "clients", need: right{"settings", access.View}},
		func(ctx context.Context, call *Call, in *IDPath) (*one[json.RawMessage], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			text, tag, err := s.documentOf(ctx, call, id)
			return &one[json.RawMessage]{ETag: tag, Body: text}, err
		})
	type checked struct{ Body clientDocument }
	read(s, route{method: http.MethodPost, path: "/client-documents/check", id: "check-client-document", summary: "Say what a document would create and change; store nothing", tag: "clients", need: whole},
		func(ctx context.Context, call *Call, in *checked) (*list[onboard.AppliedPart], error) {
			d, err := s.readDocument(call, in.Body)
			if err != nil {
				return nil, err
			}
			steps, err := d.Preview(ctx, s.deps.DB, call.Scope, s.services(), call.Identity.User.ID)
			return listOf(steps), err
		})
	type newDocument struct {
		Keyed
		Body clientDocument
	}
	change(s, route{method: http.MethodPost, path: "/client-documents", id: "create-client-document", summary: "Bring a client in from one document", tag: "clients", need: whole, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newDocument) (*one[appliedDocument], error) {
			return s.applyDocument(ctx, call, in.Body, "")
		})
	type knownDocument struct {
		IDPath
		Body clientDocument
	}
	change(s, route{method: http.MethodPut, path: "/clients/{id}/document", id: "put-client-document", summary: "Change what is agreed with a client; needs If-Match with the ETag that was read", tag: "clients", need: whole},
		func(ctx context.Context, call *Call, in *knownDocument) (*one[appliedDocument], error) {
			id, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			c, err := s.deps.Contracts.Client(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			_, tag, err := s.documentOf(ctx, call, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(tag); err != nil {
				return nil, err
			}
			return s.applyDocument(ctx, call, in.Body, c.Slug)
		})
}

// services are what documents are read from and applied to.
func (s *Server) services() onboard.Services {
	return onboard.Services{Contracts: s.deps.Contracts, People: s.deps.People, Billing: s.deps.Billing, Live: s.deps.Live}
}

// documentOf gives a client's document and the ETag of its content.
func (s *Server) documentOf(ctx context.Context, call *Call, id ids.Client) (json.RawMessage, string, error) {
	d, err := onboard.Current(ctx, call.Scope, s.services(), id)
	if err != nil {
		return nil, "", err
	}
	if !call.Identity.May("rates", access.View) {
		d = d.WithoutRates()
	}
	text, err := json.Marshal(d)
	return text, fmt.Sprintf(`"%x"`, sha256.Sum256(text)), err
}

// readDocument reads a document that the caller may apply.
func (s *Server) readDocument(call *Call, in clientDocument) (*onboard.Document, error) {
	d, err := onboard.Parse([]byte(in.Document))
	if err == nil && d.HasRates() {
		_, err = call.Identity.Scope("rates", access.Edit)
	}
	return d, err
}

// applyDocument stores a document; slug names the client it must be about.
func (s *Server) applyDocument(ctx context.Context, call *Call, in clientDocument, slug string) (*one[appliedDocument], error) {
	d, err := s.readDocument(call, in)
	if err != nil {
		return nil, err
	}
	if slug != "" && d.Client.Slug != slug {
		return nil, fault.Newf(fault.Conflict, "client.other_document", "The document is about the client %q, not %q.", d.Client.Slug, slug).With("slug", d.Client.Slug)
	}
	steps, err := d.Apply(ctx, call.Scope, s.services(), call.Identity.User.ID)
	if err != nil {
		return nil, err
	}
	out := appliedDocument{Steps: steps}
	clients, err := s.deps.Contracts.Clients(ctx, call.Scope)
	for _, c := range clients {
		if c.Slug == d.Client.Slug {
			out.ClientID = c.ID
		}
	}
	call.Touch(out.ClientID, out.ClientID)
	return &one[appliedDocument]{Body: out}, err
}

package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"muster/config/locales"
	"muster/tenants/database"
	"muster/tenants/fault"
)

// Problem is an RFC 9457 problem document. Code is stable; Detail is in the
// reader's language.
type Problem struct {
	Type      string              `json:"type" doc:"A URI that names the kind of problem"`
	Title     string              `json:"title"`
	Status    int                 `json:"status"`
	Code      string              `json:"code" doc:"Stable code for programs"`
	Detail    string              `json:"detail"`
	Params    map[string]any      `json:"params,omitempty" doc:"Values behind the detail"`
	RequestID string              `json:"request_id"`
	Errors    []*huma.ErrorDetail `json:"errors,omitempty" doc:"Where the request itself is malformed"`

	retryAfter string
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter == "" {
		return nil
	}
	return http.Header{"Retry-After": {p.retryAfter}}
}

// statuses maps the kinds of faults to HTTP.
var statuses = map[fault.Kind]int{
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Stale:        http.StatusPreconditionFailed,
	fault.TooLarge:     http.StatusRequestEntityTooLarge,
	fault.Unsupported:  http.StatusUnsupportedMediaType,
	fault.TooMany:      http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
	fault.Internal:     http.StatusInternalServerError,
}

// problem turns an error into what the reader may see; causes and internal
// failures go to the log under the request id.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	call := callFrom(ctx)
	var f *fault.Error
	switch {
	case errors.As(err, &f):
	case database.RefusedText(err):
		f = fault.New(fault.Invalid, "http.nul", "A text contains the character NUL; send it without.")
	case errors.Is(err, context.DeadlineExceeded):
		f = fault.New(fault.Unavailable, "http.deadline", "The request took too long and was stopped; nothing was changed.")
	case errors.Is(err, context.Canceled):
		f = fault.New(fault.Unavailable, "http.cancelled", "The request was cancelled; nothing was changed.")
	default:
		f = fault.New(fault.Internal, "internal", "")
	}
	status := statuses[f.Kind]
	if status >= 500 {
		s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("request", call.RequestID), slog.String("code", f.Code), slog.String("error", err.Error()))
	}
	p := &Problem{Type: "urn:muster:error:" + f.Code, Title: http.StatusText(status), Status: status, Code: f.Code, Detail: f.Detail, Params: f.Params, RequestID: call.RequestID}
	if f.Kind == fault.Internal {
		p.Detail = locales.Text(call.Locale, "error.internal", map[string]any{"id": call.RequestID})
		p.Params = nil
	} else if text, ok := locales.Fault(call.Locale, f.Code, f.Detail, f.Params); ok {
		p.Detail = text
	}
	if f.Kind == fault.TooMany || f.Kind == fault.Unavailable {
		p.retryAfter = "5"
	}
	return p
}

// malformed makes the problem huma reports when a request does not fit the
// operation: unknown field, wrong type, missing parameter, wrong content type.
func malformed(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	for _, err := range errs {
		var p *Problem
		if errors.As(err, &p) {
			return p
		}
	}
	p := &Problem{Title: http.StatusText(status), Status: status, Code: "http.malformed", Detail: msg}
	switch status {
	case http.StatusUnsupportedMediaType:
		p.Code = "http.content_type"
	case http.StatusRequestEntityTooLarge:
		p.Code = "http.too_large"
	case http.StatusNotAcceptable:
		p.Code = "http.not_acceptable"
	case http.StatusInternalServerError:
		p.Code = "internal"
	}
	p.Type = "urn:muster:error:" + p.Code
	if ctx != nil {
		call := callFrom(ctx.Context())
		p.RequestID = call.RequestID
		if text, ok := locales.Fault(call.Locale, p.Code, p.Detail, nil); ok {
			p.Detail = text
		}
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			where := *d.ErrorDetail()
			where.Value = nil // what was sent may be a password
			p.Errors = append(p.Errors, &where)
		} else if err != nil && status < 500 {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: err.Error()})
		}
	}
	return p
}

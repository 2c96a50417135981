package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind groups codes by what the caller can do about them; the door maps each
// kind to one HTTP status.
type Kind string

// The kinds, with the status the door answers.
const (
	Invalid      Kind = "invalid"      // 422: the input is wrong; the caller can mend it
	Unauthorized Kind = "unauthorized" // 401: nobody is signed in
	Forbidden    Kind = "forbidden"    // 403: signed in, right missing
	NotFound     Kind = "not_found"    // 404: absent, or outside the caller's scope (never told apart)
	Conflict     Kind = "conflict"     // 409: the stored state does not allow it
	Stale        Kind = "stale"        // 412: the caller's version is old
	TooLarge     Kind = "too_large"    // 413: over a stated limit
	Unsupported  Kind = "unsupported"  // 415: the content type is not one that is read
	TooMany      Kind = "too_many"     // 429: throttled; try later
	Unavailable  Kind = "unavailable"  // 503: a dependency is away; try later
	Internal     Kind = "internal"     // 500: a defect; details stay in the log
)

// Error is an error with a stable code.
type Error struct {
	Kind   Kind
	Code   string         // lower_snake_case, stable, unique in the product: "import.unknown_column"
	Detail string         // one English sentence that names cause and cure; may be shown to the user
	Params map[string]any // values a translation needs; never secrets, never another client's data
	Cause  error          // for the log only
}

// New makes an Error without parameters.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Newf makes an Error whose detail is formatted.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Error gives the detail followed by the cause, for logs and terminals.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Detail)
	if b.Len() == 0 {
		b.WriteString(e.Code)
	}
	if e.Cause != nil {
		b.WriteString(": ")
		b.WriteString(e.Cause.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// With returns a copy that carries one more parameter.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Params = maps.Clone(e.Params)
	if c.Params == nil {
		c.Params = map[string]any{}
	}
	c.Params[key] = value
	return &c
}

// Wrap returns a copy that carries the cause.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// KindOf gives the kind of the first Error in the chain, Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf gives the code of the first Error in the chain, "internal" if there is none.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return "internal"
}

// Allowed renders the allowed values of a choice for a detail sentence, sorted.
func Allowed[T ~string](values []T) string {
	s := make([]string, len(values))
	for i, v := range values {
		s[i] = string(v)
	}
	slices.Sort(s)
	return strings.Join(s, ", ")
}

package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"gorm.io/gorm/clause"

	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// right is what an operation needs; the zero right means "anybody", selfRight
// "anybody who is signed in".
type right struct{ object, action string }

var selfRight = right{object: "self"}

// route names one operation of the API.
type route struct {
	method, path string
	id           string // operation id: verb-noun
	summary      string
	tag          string
	need         right
	status       int // of success; 0 means 200, for creating 201
	maxBody      int64
}

// describe turns a route into huma's description with the errors it can answer.
func (s *Server) describe(r route) huma.Operation {
	op := huma.Operation{OperationID: r.id, Method: r.method, Path: "/api/v1" + r.path, Summary: r.summary, Tags: []string{r.tag}, DefaultStatus: r.status,
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusInternalServerError}}
	op.MaxBodyBytes = s.settings.HTTP.BodyLimit
	if r.maxBody > 0 {
		op.MaxBodyBytes = r.maxBody
	}
	if r.need != (right{}) {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	return op
}

// admit checks that the caller has the right and opens its scope.
func admit(call *Call, need right) error {
	if need == (right{}) {
		return nil
	}
	if call.authErr != nil {
		return call.authErr
	}
	if need == selfRight {
		return nil
	}
	if call.Identity.User.MustChange && call.Identity.Method == "session" {
		return fault.New(fault.Forbidden, "access.must_change", "Choose a password of your own first; the one you have was made by somebody else.")
	}
	sc, err := call.Identity.Scope(need.object, need.action)
	if err != nil {
		return err
	}
	if wholeProvider[need.object] && (!sc.IsProvider() || len(sc.Sites)+len(sc.Teams) > 0) {
		return providerOnly(need.object, need.action)
	}
	call.Scope = sc
	return nil
}

// providerOnly says that a right does not hold widely enough.
func providerOnly(object, action string) error {
	return fault.Newf(fault.Forbidden, "access.provider_only", "Your right to %s %s does not hold for the whole provider, which this needs.", action, object).With("object", object).With("action", action)
}

// wholeProvider are the objects that no narrower domain than the provider can own:
// who may change users could otherwise grant anything to anybody.
var wholeProvider = map[string]bool{"users": true, "settings": true}

// read registers an operation that changes nothing.
func read[I, O any](s *Server, r route, fn func(ctx context.Context, call *Call, in *I) (*O, error)) {
	huma.Register(s.api, s.describe(r), func(ctx context.Context, in *I) (*O, error) {
		call := callFrom(ctx)
		if err := admit(call, r.need); err != nil {
			return nil, s.problem(ctx, err)
		}
		out, err := fn(ctx, call, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// Keyed is the header of creating operations.
type Keyed struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Repeating a request with the same key gives the same answer and does nothing twice"`
}

// key implements keyedInput.
func (k Keyed) key() string { return k.IdempotencyKey }

type keyedInput interface{ key() string }

// change registers an operation that changes rows: service call, audit entry and
// the stored answer of an Idempotency-Key commit together or not at all.
func change[I, O any](s *Server, r route, fn func(ctx context.Context, call *Call, in *I) (*O, error)) {
	huma.Register(s.api, s.describe(r), func(ctx context.Context, in *I) (*O, error) {
		call := callFrom(ctx)
		if err := admit(call, r.need); err != nil {
			return nil, s.problem(ctx, err)
		}
		var out *O
		err := s.deps.DB.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			out, call.detail = nil, nil
			key := ""
			if k, ok := any(in).(keyedInput); ok {
				key = k.key()
			}
			stored, err := s.replay(tx, call, key, r.id, in)
			if err != nil {
				return err
			}
			if stored != nil {
				return json.Unmarshal(stored, &out)
			}
			if out, err = fn(tx.Context(), call, in); err != nil {
				return err
			}
			if err := s.record(tx, call, r); err != nil {
				return err
			}
			return s.remember(tx, call, key, out)
		})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// record writes the audit entry of a change.
func (s *Server) record(tx *database.Tx, call *Call, r route) error {
	kind := audit.User
	if call.Identity.Method == "token" {
		kind = audit.Token
	}
	detail := call.detail
	if detail == nil {
		detail = map[string]any{}
	}
	return s.deps.Audit.Append(tx, audit.Record{Client: call.client, Actor: call.Identity.User.ID, ActorKind: kind, Action: r.id, Object: r.tag, ObjectID: call.touched, RequestID: call.RequestID, Detail: detail})
}

// idempotencyKey is a stored answer.
type idempotencyKey struct {
	Actor       string `gorm:"primaryKey"`
	Key         string `gorm:"primaryKey"`
	RequestHash []byte
	Status      int
	Headers     string
	Body        []byte
	CreatedAt   calendar.Instant
}

// TableName implements gorm's Tabler.
func (idempotencyKey) TableName() string { return "idempotency_keys" }

// keepAnswers is how long a repeated key is recognised.
const keepAnswers = 48 * calendar.Hour

// replay claims the key of a request, or gives the stored answer of a repeated one.
// The same key with another request is an error, not a second meaning.
func (s *Server) replay(tx *database.Tx, call *Call, key, operation string, in any) (stored []byte, err error) {
	if key == "" {
		return nil, nil
	}
	content, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", operation, content))
	// The key is claimed first: a second request at the same time waits here for the
	// first to commit and then gets its answer, or takes its place when it failed.
	now := s.deps.DB.Now()
	if err := tx.Where("created_at < ?", now-keepAnswers).Delete(&idempotencyKey{}).Error; err != nil {
		return nil, err
	}
	claim := idempotencyKey{Actor: actorOf(call), Key: key, RequestHash: sum[:], Status: http.StatusOK, Headers: "{}", Body: []byte("null"), CreatedAt: now}
	claimed := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&claim)
	if claimed.Error != nil || claimed.RowsAffected == 1 {
		return nil, claimed.Error
	}
	var row idempotencyKey
	if err := tx.Where("actor = ? AND key = ?", actorOf(call), key).Take(&row).Error; err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(row.RequestHash, sum[:]) != 1 {
		return nil, fault.New(fault.Conflict, "http.idempotency_reused", "This Idempotency-Key was used for another request; use a fresh one.")
	}
	return row.Body, nil
}

// remember stores the answer under the claimed key.
func (s *Server) remember(tx *database.Tx, call *Call, key string, out any) error {
	if key == "" {
		return nil
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return tx.Model(&idempotencyKey{}).Where("actor = ? AND key = ?", actorOf(call), key).Update("body", body).Error
}

// actorOf names whose keys these are.
func actorOf(call *Call) string {
	if !call.Identity.User.ID.IsZero() {
		return call.Identity.User.ID.String()
	}
	return "anonymous:" + call.address
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Give it as cursor to read on; absent on the last page"`
}

// list is the body of an operation that answers with a page.
type list[T any] struct{ Body Page[T] }

// listOf makes a page from all rows of a short list.
func listOf[T any](items []T) *list[T] {
	if items == nil {
		items = []T{}
	}
	return &list[T]{Body: Page[T]{Items: items}}
}

// one is the body of an operation that answers with one value.
type one[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// etag renders a version as the header wants it.
func etag(version int) string { return fmt.Sprintf(`"v%d"`, version) }

// paging are the parameters of long lists.
type paging struct {
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// sealCursor binds the key of the last row to scope and filter, so that a cursor
// cannot be carried over to other rows.
func sealCursor(call *Call, filter, last string) string {
	return fmt.Sprintf("%x.%s", cursorHash(call, filter), last)
}

// openCursor gives the key of the last row of the page before, empty for the first page.
func openCursor(call *Call, filter, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	hash, last, ok := strings.Cut(cursor, ".")
	if !ok || hash != fmt.Sprintf("%x", cursorHash(call, filter)) {
		return "", fault.New(fault.Invalid, "http.bad_cursor", "The cursor does not belong to this list; begin again without it.")
	}
	return last, nil
}

func cursorHash(call *Call, filter string) []byte {
	sum := sha256.Sum256([]byte(call.Scope.String() + "\n" + filter))
	return sum[:8]
}

// IDPath is the input of operations on one row.
type IDPath struct {
	ID string `path:"id" format:"uuid"`
}

// parseID reads an id of the path; a malformed one is the same as an absent row.
func parseID[T ~[16]byte](raw string) (T, error) {
	id, err := ids.Parse[struct{}](raw)
	if err != nil {
		return T{}, fault.New(fault.NotFound, "http.not_found", "There is no such thing.")
	}
	return T(id), nil
}

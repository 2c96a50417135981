package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"muster/routing/feeds"
	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

var (
	viewFeeds = right{"feeds", access.View}
	editFeeds = right{"feeds", access.Edit}
	postFeeds = right{"feeds", access.Upload}
)

// madeFeed is a feed with the token that is shown once.
type madeFeed struct {
	feeds.Feed
	Token string `json:"token" doc:"Bearer token of the feed's source, for its events alone; it is shown this once"`
}

func (s *Server) registerFeeds() {
	read(s, route{method: http.MethodGet, path: "/feeds", id: "list-feeds", summary: "Feeds of other exchanges and how they fare", tag: "feeds", need: viewFeeds},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[feeds.Health], error) {
			all, err := s.deps.Feeds.Views(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/feeds/{id}", id: "get-feed", summary: "One feed and how it fares", tag: "feeds", need: viewFeeds},
		func(ctx context.Context, call *Call, in *IDPath) (*one[feeds.Health], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Feeds.View(ctx, call.Scope, id)
			return &one[feeds.Health]{ETag: etag(v.Version), Body: v}, err
		})
	// Without an Idempotency-Key: stored answers would keep the token.
	type feedAdding struct {
		Body struct {
			Client   string       `json:"client_id,omitempty" doc:"Empty: the provider's own, which may name queues of every client"`
			Name     string       `json:"name" minLength:"1" maxLength:"200"`
			Source   string       `json:"source,omitempty" maxLength:"63" doc:"Names the feed in contacts and states; made up when absent"`
			Kind     feeds.Format `json:"kind" enum:"json,csv,queue_log"`
			OffsetMS int64        `json:"offset_ms,omitempty" doc:"Added to the times of events"`
			LateMS   int64        `json:"late_ms,omitempty" doc:"Absent: 24 hours"`
			StaleMS  int64        `json:"stale_ms,omitempty" doc:"Absent: 5 minutes"`
			OpenMS   int64        `json:"open_ms,omitempty" doc:"Absent: 4 hours"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/feeds", id: "create-feed", summary: "Add a feed", tag: "feeds", need: editFeeds, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *feedAdding) (*one[madeFeed], error) {
			n := feeds.NewFeed{Name: in.Body.Name, Source: in.Body.Source, Kind: in.Body.Kind, OffsetMS: in.Body.OffsetMS, LateMS: in.Body.LateMS, StaleMS: in.Body.StaleMS, OpenMS: in.Body.OpenMS}
			switch {
			case in.Body.Client != "":
				var err error
				if n.Client, err = s.visibleClient(ctx, call, in.Body.Client); err != nil {
					return nil, err
				}
			case !call.Scope.IsProvider():
				return nil, providerOnly(editFeeds.object, editFeeds.action)
			}
			f, token, err := s.deps.Feeds.Create(ctx, call.Scope, n)
			call.Touch(f.ID, f.ClientID)
			return &one[madeFeed]{ETag: etag(f.Version), Body: madeFeed{f, token}}, err
		})
	type feedEditing struct {
		IDPath
		Body feeds.Amendment
	}
	change(s, route{method: http.MethodPatch, path: "/feeds/{id}", id: "update-feed", summary: "Change or pause a feed; needs If-Match with the ETag that was read", tag: "feeds", need: editFeeds},
		func(ctx context.Context, call *Call, in *feedEditing) (*one[feeds.Feed], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Feeds.Feed(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Version)); err != nil {
				return nil, err
			}
			f, err := s.deps.Feeds.Update(ctx, call.Scope, id, stored.Version, in.Body)
			call.Touch(id, f.ClientID)
			return &one[feeds.Feed]{ETag: etag(f.Version), Body: f}, err
		})
	change(s, route{method: http.MethodPost, path: "/feeds/{id}/token", id: "renew-feed-token", summary: "Make the feed's token anew; the old one ends at once", tag: "feeds", need: editFeeds},
		func(ctx context.Context, call *Call, in *IDPath) (*one[madeFeed], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			f, token, err := s.deps.Feeds.Renew(ctx, call.Scope, id)
			call.Touch(id, f.ClientID)
			return &one[madeFeed]{ETag: etag(f.Version), Body: madeFeed{f, token}}, err
		})
	change(s, route{method: http.MethodDelete, path: "/feeds/{id}", id: "delete-feed", summary: "Remove a feed with its kept events and names; what it recorded stays", tag: "feeds", need: editFeeds, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			return &struct{}{}, s.deps.Feeds.Remove(ctx, call.Scope, id)
		})
	read(s, route{method: http.MethodGet, path: "/feeds/{id}/names", id: "list-feed-names", summary: "What the feed's names mean, those to be mapped first", tag: "feeds", need: viewFeeds},
		func(ctx context.Context, call *Call, in *IDPath) (*list[feeds.NameView], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Feeds.Names(ctx, call.Scope, id)
			return listOf(all), err
		})
	type feedNaming struct {
		IDPath
		Body feeds.Meaning
	}
	change(s, route{method: http.MethodPut, path: "/feeds/{id}/names", id: "set-feed-name", summary: "Say what a name means; events that waited for it are applied within seconds", tag: "feeds", need: editFeeds},
		func(ctx context.Context, call *Call, in *feedNaming) (*one[feeds.Name], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Feeds.Feed(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			n, err := s.deps.Feeds.SetName(ctx, call.Scope, id, in.Body)
			call.Touch(id, f.ClientID)
			return &one[feeds.Name]{Body: n}, err
		})
	read(s, route{method: http.MethodGet, path: "/feeds/{id}/refusals", id: "list-feed-refusals", summary: "The latest events that were refused, and why", tag: "feeds", need: viewFeeds},
		func(ctx context.Context, call *Call, in *IDPath) (*list[feeds.Refusal], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Feeds.Refusals(ctx, call.Scope, id)
			return listOf(all), err
		})
	s.describeFeedEvents()
}

// describeFeedEvents adds the route that takes events, whose body has several forms, to
// the OpenAPI document.
func (s *Server) describeFeedEvents() {
	registry := s.api.OpenAPI().Components.Schemas
	event := registry.Schema(typeOf[feeds.Event](), true, "")
	text := func(doc string) *huma.MediaType {
		return &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Description: doc}}
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{Method: http.MethodPost, Path: "/api/v1/feeds/{id}/events", OperationID: "post-feed-events", Summary: "Events of a feed; the answer comes when they are stored", Tags: []string{"feeds"},
		Parameters: []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}, Security: []map[string][]string{{"session": {}}, {"token": {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeArray, Items: event}}, "application/x-ndjson": text("One event per line"),
			"text/csv": text("A table with the fields as header"), "text/plain": text("Lines of Asterisk's queue_log, for feeds of that kind")}},
		Responses: map[string]*huma.Response{"200": {Description: "What became of the events", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(typeOf[feeds.Receipt](), true, "")}}},
			"default": {Description: "Error; 429 says to wait and send again", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(typeOf[Problem](), true, "")}}}}})
}

// mostFeedBody bounds a request with events, in bytes.
const mostFeedBody = 4 << 20

// mountFeeds mounts the route that takes events.
func (s *Server) mountFeeds() {
	s.app.Post("/api/v1/feeds/:id/events", s.postFeedEvents)
}

// postFeedEvents takes events by the feed's own token, or by whoever may hand in events.
func (s *Server) postFeedEvents(c *fiber.Ctx) error {
	ctx, call := c.UserContext(), callFrom(c.UserContext())
	id, err := parseID[ids.Any](c.Params("id"))
	if err != nil {
		return err
	}
	var f feeds.Feed
	if token, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "+feeds.TokenPrefix); ok {
		f, err = s.deps.Feeds.Authenticate(ctx, id, feeds.TokenPrefix+token)
	} else if err = admit(call, postFeeds); err == nil {
		f, err = s.deps.Feeds.Feed(ctx, call.Scope, id)
	}
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(c.Request().BodyStream(), mostFeedBody+1))
	if err != nil {
		return fault.New(fault.Invalid, "http.malformed", "The request is damaged; send it again.").Wrap(err)
	}
	if len(body) > mostFeedBody {
		return fault.New(fault.TooLarge, "feed.body_too_large", "A request with events may have 4 MiB; send fewer at once.")
	}
	items, err := f.ReadItems(c.Get(fiber.HeaderContentType), body)
	if err != nil {
		return err
	}
	got, err := s.deps.Feeds.Post(ctx, f.ID, items)
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unavailable, "feed.slow", "The events were not all stored in time; send the request again, what is stored counts once.").Wrap(err)
	}
	if fault.KindOf(err) == fault.TooMany {
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	if err != nil {
		return err
	}
	return c.JSON(got)
}

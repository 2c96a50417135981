package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"muster/reporting/supervision"
	"muster/routing"
	"muster/routing/customers"
	"muster/tenants/access"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

var (
	viewFloor    = right{"floor", access.View}
	editFloor    = right{"floor", access.Edit}
	editContacts = right{"contacts", access.Edit}
)

// floor reads the floor page in the caller's scope.
func (s *Server) floor(ctx context.Context, call *Call, sc scope.Scope) (supervision.FloorView, error) {
	return s.deps.Supervision.View(ctx, sc, supervision.Rights{Names: call.Identity.May("profiles", access.View), Money: call.Identity.May("invoices", access.View)})
}

func (s *Server) registerFloor() {
	read(s, route{method: http.MethodGet, path: "/floor", id: "get-floor", summary: "Queues and agents now", tag: "floor", need: viewFloor},
		func(ctx context.Context, call *Call, in *struct {
			Client string `query:"client"`
		}) (*one[supervision.FloorView], error) {
			sc := call.Scope
			if in.Client != "" {
				id, err := s.visibleClient(ctx, call, in.Client)
				if err != nil {
					return nil, err
				}
				sc = call.Scope.Within(id)
			}
			v, err := s.floor(ctx, call, sc)
			return &one[supervision.FloorView]{Body: v}, err
		})
	type arrival struct {
		Body struct {
			Client     string               `json:"client_id" format:"uuid"`
			Queue      string               `json:"queue_id" format:"uuid"`
			Source     string               `json:"source" minLength:"1" maxLength:"100" doc:"The system that reports the contact"`
			ExternalID string               `json:"external_id" minLength:"1" maxLength:"200" doc:"Its id there; repeating it changes nothing"`
			Priority   int16                `json:"priority,omitempty" minimum:"0" maximum:"9"`
			Value      int16                `json:"value,omitempty" minimum:"0" maximum:"1000"`
			Urgency    int16                `json:"urgency,omitempty" minimum:"0" maximum:"1000"`
			Emotion    int16                `json:"emotion,omitempty" minimum:"0" maximum:"1000"`
			HumanOnly  bool                 `json:"human_only,omitempty" doc:"Never to a bot or a message"`
			Preferred  string               `json:"preferred_agent_id,omitempty" format:"uuid" doc:"Asked first, as long as the queue's plan says"`
			Due        string               `json:"due,omitempty" format:"date-time" doc:"To be answered by; default within the queue's threshold"`
			Attributes map[string]any       `json:"attributes,omitempty"`
			Customer   []customers.Identity `json:"customer,omitempty" maxItems:"10" doc:"Who asks: account, mail, phone, social, device or source:NAME; the agent who answered last is asked first"`
		}
	}
	type taken struct {
		Contact ids.Contact `json:"contact_id"`
		Applied bool        `json:"applied" doc:"false: stored, and routed as soon as a node leads"`
	}
	// An arrival is durable and idempotent by itself, so it needs no surrounding transaction.
	read(s, route{method: http.MethodPost, path: "/contacts", id: "create-contact", summary: "A contact asks for an agent; idempotent by source and external id", tag: "contacts", need: editContacts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *arrival) (*one[taken], error) {
			b := in.Body
			client, err := s.visibleClient(ctx, call, b.Client)
			if err != nil {
				return nil, err
			}
			queue, err := parseID[ids.Queue](b.Queue)
			if err != nil {
				return nil, err
			}
			attributes, err := json.Marshal(b.Attributes)
			if err != nil {
				return nil, err
			}
			if b.Attributes == nil {
				attributes = []byte("{}")
			}
			a := routing.Arrival{Client: client, Queue: queue, Source: b.Source, ExternalID: b.ExternalID, Priority: b.Priority, Value: b.Value, Urgency: b.Urgency, Emotion: b.Emotion, HumanOnly: b.HumanOnly, Attributes: string(attributes)}
			if a.Preferred, err = optionalID[ids.Agent](b.Preferred); err != nil {
				return nil, err
			}
			if a.Due, err = optionalInstant(b.Due); err != nil {
				return nil, err
			}
			who, err := s.deps.Customers.Identify(ctx, call.Scope, client, ids.Contact{}, b.Customer)
			if err != nil {
				return nil, err
			}
			if a.Customer = who.Customer; a.Preferred.IsZero() {
				a.Preferred = who.Last
			}
			o, err := s.deps.Live.Arrive(ctx, call.Scope, a)
			if err == nil {
				err = o.RefusedError()
			}
			return &one[taken]{Body: taken{Contact: o.Contact, Applied: o.Applied}}, err
		})
	read(s, route{method: http.MethodPost, path: "/contacts/{id}/leave", id: "leave-contact", summary: "The customer gave up or hung up", tag: "contacts", need: editContacts, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Contact](in.ID)
			if err != nil {
				return nil, err
			}
			o, err := s.deps.Live.Leave(ctx, call.Scope, id)
			if err == nil {
				err = o.RefusedError()
			}
			return &struct{}{}, err
		})
}

// lookEvery bounds how stale a stream may be when a hint was lost; floorGap is the
// least time between two looks at the whole floor, which changes with every contact.
const (
	lookEvery = time.Second
	floorGap  = 250 * time.Millisecond
)

// untilNextLook is the time to the next multiple of lookEvery: all streams of a node
// look at the same moment and share the reads.
func untilNextLook() time.Duration {
	now := time.Now()
	return now.Truncate(lookEvery).Add(lookEvery).Sub(now)
}

// whenChanged sends what look gives whenever it differs from what was sent before:
// after a signal, but not before the gap is over, and at least every second. Each
// state carries the hash of what it says; a reader who comes back with the hash of
// the present state has missed nothing and is sent nothing.
func (s *Server) whenChanged(ctx context.Context, name, last string, wake <-chan struct{}, gap time.Duration, send func(message) error, look func(context.Context) (any, any, error)) error {
	poll := time.NewTimer(untilNextLook())
	defer poll.Stop()
	for {
		looked := time.Now()
		value, key, err := look(ctx)
		if err != nil {
			return err
		}
		state, err := json.Marshal(key)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(state)
		if id := hex.EncodeToString(sum[:8]); id != last {
			if err := send(message{id: id, name: name, data: value}); err != nil {
				return nil // the reader has gone
			}
			last = id
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
			rest := time.NewTimer(gap - time.Since(looked))
			select {
			case <-ctx.Done():
				rest.Stop()
				return nil
			case <-rest.C:
			}
		case <-poll.C:
			poll.Reset(untilNextLook())
		}
	}
}

// mountStreams registers the event streams.
func (s *Server) mountStreams() {
	s.stream("/floor/stream", viewFloor, func(ctx context.Context, call *Call, last string, send func(message) error) error {
		wake, stop := s.deps.DB.Watch("routing.done")
		defer stop()
		return s.whenChanged(ctx, "floor", last, wake, floorGap, send, func(ctx context.Context) (any, any, error) {
			v, err := s.floor(ctx, call, call.Scope)
			key := v
			key.At = 0 // time alone is no change: the page counts seconds itself
			key.Queues = append([]supervision.FloorQueue(nil), v.Queues...)
			for i := range key.Queues {
				key.Queues[i].LongestWait = 0
			}
			key.Alerts = append([]supervision.FloorAlert(nil), v.Alerts...)
			for i := range key.Alerts {
				key.Alerts[i].SeenAt = 0
				if key.Alerts[i].Rule == supervision.RuleOldest || key.Alerts[i].Rule == supervision.RuleAdherence {
					key.Alerts[i].Value = 0
				}
			}
			return v, key, err
		})
	})
	s.stream("/rosters/stream", viewRosters, s.rosterEdits)
	s.stream("/me/stream", selfRight, func(ctx context.Context, call *Call, last string, send func(message) error) error {
		agent, err := ownAgent(call)
		if err != nil {
			return err
		}
		beat := time.Time{} // the first look is a sign of life at once
		wake, stop := s.deps.Live.WatchDesk(agent)
		defer stop()
		return s.whenChanged(ctx, "desk", last, wake, 0, send, func(ctx context.Context) (any, any, error) {
			if time.Since(beat) > 10*time.Second { // the open stream is the desktop's sign of life
				beat = time.Now()
				if err := s.deps.Live.Heartbeat(ctx, agent); err != nil {
					return nil, nil, err
				}
			}
			v, err := s.desk(ctx, agent)
			return v, v, err
		})
	})
}

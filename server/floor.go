package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"muster/routing"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// ratioView is a ratio with its counts.
type ratioView struct {
	Value       *string `json:"value,omitempty" doc:"Absent when nothing was counted"`
	Numerator   int64   `json:"numerator"`
	Denominator int64   `json:"denominator"`
}

func ratio(numerator, denominator int64) ratioView {
	v := ratioView{Numerator: numerator, Denominator: denominator}
	if denominator > 0 {
		text := strconv.FormatFloat(float64(numerator)/float64(denominator), 'f', 4, 64)
		v.Value = &text
	}
	return v
}

// floorQueue is one row of the floor page.
type floorQueue struct {
	ID           ids.Queue  `json:"id"`
	Name         string     `json:"name"`
	ClientID     ids.Client `json:"client_id"`
	Channel      string     `json:"channel"`
	Waiting      int        `json:"waiting"`
	LongestWait  int64      `json:"longest_wait_seconds"`
	Offered      int64      `json:"offered"`
	Answered     int64      `json:"answered"`
	Abandoned    int64      `json:"abandoned"`
	ServiceLevel ratioView  `json:"service_level" doc:"Answered within the threshold of all answered and abandoned, today"`
	AgentsBusy   int        `json:"agents_busy"`
	Status       string     `json:"status" enum:"good,watch,bad,unknown"`
}

// floorAgent is one cell of the floor page.
type floorAgent struct {
	ID       ids.Agent        `json:"id"`
	Label    string           `json:"label"`
	Name     string           `json:"name"`
	Team     ids.Team         `json:"team,omitzero"`
	State    string           `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Since    calendar.Instant `json:"since"`
	Queue    ids.Queue        `json:"queue,omitzero"`
	Planned  string           `json:"planned,omitempty" doc:"What the published roster says now; absent without a shift"`
	Adherent *bool            `json:"adherent,omitempty"`
}

// floorView is the floor page.
type floorView struct {
	At     calendar.Instant `json:"at"`
	Seq    int64            `json:"seq"`
	Queues []floorQueue     `json:"queues"`
	Agents []floorAgent     `json:"agents"`
}

var (
	viewFloor    = right{"floor", access.View}
	editContacts = right{"contacts", access.Edit}
)

// queueStatus judges a queue by its own goal and by who waits past the threshold.
func queueStatus(q routing.QueueNow, now calendar.Instant) string {
	late := q.Oldest > 0 && int64(now-q.Oldest)/1000 > q.Terms.ThresholdMS
	served := q.Today.Answered + q.Today.Abandoned
	switch {
	case served == 0 && !late:
		return "unknown"
	case served > 0 && float64(q.Today.AnsweredWithin) < q.Terms.ServiceLevelGoal*float64(served):
		return "bad"
	case late:
		return "watch"
	}
	return "good"
}

// floor reads the floor page in the caller's scope.
func (s *Server) floor(ctx context.Context, call *Call, sc scope.Scope) (floorView, error) {
	f, err := s.deps.Live.Floor(ctx, sc)
	if err != nil {
		return floorView{}, err
	}
	out := floorView{At: f.At, Seq: f.Seq, Queues: []floorQueue{}, Agents: []floorAgent{}}
	for _, q := range f.Queues {
		v := floorQueue{ID: q.Queue.ID, Name: q.Queue.Name, ClientID: q.Queue.ClientID, Channel: string(q.Queue.Channel), Waiting: q.Waiting, Offered: q.Today.Offered, Answered: q.Today.Answered, Abandoned: q.Today.Abandoned,
			ServiceLevel: ratio(q.Today.AnsweredWithin, q.Today.Answered+q.Today.Abandoned), AgentsBusy: q.Active, Status: queueStatus(q, f.At)}
		if q.Oldest > 0 {
			v.LongestWait = int64((f.At - q.Oldest) / calendar.Second)
		}
		out.Queues = append(out.Queues, v)
	}
	planned, err := s.planned(ctx, sc, f)
	if err != nil {
		return floorView{}, err
	}
	names := call.Identity.May("profiles", access.View)
	for _, a := range f.Agents {
		v := floorAgent{ID: a.Agent.ID, Label: a.Agent.Label, Team: a.Team, State: a.Live.State, Reason: a.Live.Code, Since: a.Live.Since, Queue: a.Queue, Planned: planned[a.Agent.ID]}
		if names {
			v.Name = a.Name
		}
		if v.Planned != "" {
			follows := (v.Planned == "work") == (v.State == "ready") && (v.Planned == "work" || v.Planned == v.Reason)
			v.Adherent = &follows
		}
		out.Agents = append(out.Agents, v)
	}
	return out, nil
}

// planned finds what the published roster says each agent does now.
func (s *Server) planned(ctx context.Context, sc scope.Scope, f routing.Floor) (map[ids.Agent]string, error) {
	out := map[ids.Agent]string{}
	if !sc.IsProvider() || len(f.Agents) == 0 {
		return out, nil
	}
	agents := make([]ids.Agent, len(f.Agents))
	for i, a := range f.Agents {
		agents[i] = a.Agent.ID
	}
	shifts, err := s.deps.Scheduling.PublishedShifts(ctx, sc, agents, calendar.Interval{Start: f.At, End: f.At + 1})
	if err != nil {
		return nil, err
	}
	for _, shift := range shifts {
		for _, a := range shift.Activities {
			if a.StartAt <= f.At && f.At < a.EndAt {
				out[shift.AgentID] = a.Kind
			}
		}
	}
	return out, nil
}

func (s *Server) registerFloor() {
	read(s, route{method: http.MethodGet, path: "/floor", id: "get-floor", summary: "Queues and agents now", tag: "floor", need: viewFloor},
		func(ctx context.Context, call *Call, in *struct {
			Client string `query:"client"`
		}) (*one[floorView], error) {
			sc := call.Scope
			if in.Client != "" {
				id, err := s.visibleClient(call, in.Client)
				if err != nil {
					return nil, err
				}
				sc = call.Scope.Within(id)
			}
			v, err := s.floor(ctx, call, sc)
			return &one[floorView]{Body: v}, err
		})
	type arrival struct {
		Body struct {
			Client     string         `json:"client_id" format:"uuid"`
			Queue      string         `json:"queue_id" format:"uuid"`
			Source     string         `json:"source" minLength:"1" maxLength:"100" doc:"The system that reports the contact"`
			ExternalID string         `json:"external_id" minLength:"1" maxLength:"200" doc:"Its id there; repeating it changes nothing"`
			Priority   int16          `json:"priority,omitempty" minimum:"0" maximum:"9"`
			Value      int16          `json:"value,omitempty" minimum:"0" maximum:"1000"`
			Urgency    int16          `json:"urgency,omitempty" minimum:"0" maximum:"1000"`
			HumanOnly  bool           `json:"human_only,omitempty"`
			Attributes map[string]any `json:"attributes,omitempty"`
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
			client, err := s.visibleClient(call, b.Client)
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
			o, err := s.deps.Live.Arrive(ctx, call.Scope, routing.Arrival{Client: client, Queue: queue, Source: b.Source, ExternalID: b.ExternalID, Priority: b.Priority, Value: b.Value, Urgency: b.Urgency, HumanOnly: b.HumanOnly, Attributes: string(attributes)})
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
// after a signal, but not before the gap is over, and at least every second.
func (s *Server) whenChanged(ctx context.Context, name string, wake <-chan struct{}, gap time.Duration, send func(message) error, look func(context.Context) (any, any, error)) error {
	poll := time.NewTimer(untilNextLook())
	defer poll.Stop()
	var last []byte
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
		if !bytes.Equal(state, last) {
			if err := send(message{name: name, data: value}); err != nil {
				return nil // the reader has gone
			}
			last = state
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
	s.stream("/floor/stream", viewFloor, func(ctx context.Context, call *Call, _ string, send func(message) error) error {
		wake, stop := s.deps.DB.Watch("routing.done")
		defer stop()
		return s.whenChanged(ctx, "floor", wake, floorGap, send, func(ctx context.Context) (any, any, error) {
			v, err := s.floor(ctx, call, call.Scope)
			key := v
			key.At = 0 // time alone is no change: the page counts seconds itself
			key.Queues = append([]floorQueue(nil), v.Queues...)
			for i := range key.Queues {
				key.Queues[i].LongestWait = 0
			}
			return v, key, err
		})
	})
	s.stream("/me/stream", selfRight, func(ctx context.Context, call *Call, _ string, send func(message) error) error {
		agent, err := ownAgent(call)
		if err != nil {
			return err
		}
		beat := time.Now()
		wake, stop := s.deps.Live.WatchDesk(agent)
		defer stop()
		return s.whenChanged(ctx, "desk", wake, 0, send, func(ctx context.Context) (any, any, error) {
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

package server

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"muster/scheduling"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// rosterEdit is an edit of a draft as the open boards of others hear of it.
type rosterEdit struct {
	Roster  string                   `json:"roster_id"`
	Edition int                      `json:"edition"`
	Kind    scheduling.OperationKind `json:"kind"`
	Cells   int                      `json:"cells"`
	ActorID ids.User                 `json:"actor_id"`
	Actor   string                   `json:"actor"` // display name; empty when it is not known
}

// rosterEdits sends the edits of drafts as they are stored, from the last one seen
// or from now on.
func (s *Server) rosterEdits(ctx context.Context, call *Call, last string, send func(message) error) error {
	after, err := strconv.ParseInt(last, 10, 64)
	if err != nil {
		if after, err = s.deps.Events.Head(ctx, call.Scope); err != nil {
			return err
		}
	}
	err = s.deps.Events.Follow(ctx, events.FollowInput{
		Scope:  func(context.Context) (scope.Scope, error) { return call.Scope, nil }, // the stream checks the right
		After:  after,
		Filter: events.Filter{Types: []string{"roster.edited"}},
		Deliver: func(batch []events.Event) error {
			if len(batch) == 0 {
				return nil
			}
			users, err := s.deps.Access.Users(ctx)
			if err != nil {
				return err
			}
			names := map[ids.User]string{}
			for _, u := range users {
				names[u.ID] = u.Display
			}
			for _, e := range batch {
				edit := rosterEdit{Roster: strings.TrimPrefix(e.Subject, "roster/")}
				var data struct {
					Kind    scheduling.OperationKind `json:"kind"`
					Cells   int                      `json:"cells"`
					Edition int                      `json:"edition"`
					Actor   ids.User                 `json:"actor"`
				}
				if err := json.Unmarshal(e.Data, &data); err != nil {
					return err
				}
				edit.Edition, edit.Kind, edit.Cells, edit.ActorID, edit.Actor = data.Edition, data.Kind, data.Cells, data.Actor, names[data.Actor]
				if err := send(message{id: strconv.FormatInt(e.Seq, 10), name: "edited", data: edit}); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if errors.Is(err, events.ErrReset) {
		return send(message{name: "reset", data: struct{}{}})
	}
	return err
}

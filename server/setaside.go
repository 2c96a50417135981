package server

import (
	"context"
	"net/http"

	"muster/routing"
	"muster/tenants/ids"
)

// registerSetAside registers what the floor could not take and went on without.
func (s *Server) registerSetAside() {
	live := s.deps.Live
	type wanted struct {
		Limited
		All bool `query:"all" doc:"Those too that somebody has closed"`
	}
	read(s, route{method: http.MethodGet, path: "/floor/set-aside", id: "list-set-aside", summary: "Inputs that the floor could not take, the newest first, each with its cause", tag: "floor", need: viewFloor},
		func(ctx context.Context, call *Call, in *wanted) (*list[routing.Aside], error) {
			all, err := live.SetAside(ctx, call.Scope, !in.All, in.Limit)
			return listOf(all), err
		})
	type closing struct {
		IDPath
		Keyed
		Body struct {
			Closing string `json:"closing" enum:"replayed,dismissed" doc:"replayed: the floor takes it now, as a new input; should it fail again it is set aside anew"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/floor/set-aside/{id}", id: "close-set-aside", summary: "Play an input again that was set aside, or let it be", tag: "floor", need: editFloor, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *closing) (*struct{}, error) {
			id, err := parseID[ids.Event](in.ID)
			if err != nil {
				return nil, err
			}
			call.Touch(id, ids.Client{})
			call.Note("closing", in.Body.Closing)
			if in.Body.Closing == routing.ClosedByReplay {
				_, err = live.Replay(ctx, call.Scope, id, call.Identity.User.ID)
			} else {
				err = live.Dismiss(ctx, call.Scope, id, call.Identity.User.ID)
			}
			return &struct{}{}, err
		})
}

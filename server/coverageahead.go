package server

import (
	"context"
	"net/http"

	"muster/scheduling"
)

// registerCoverageAhead registers what published rosters leave uncovered.
func (s *Server) registerCoverageAhead() {
	type aheadQuery struct {
		Days int `query:"days" minimum:"1" maximum:"62" default:"14"`
	}
	read(s, route{method: http.MethodGet, path: "/coverage-ahead", id: "get-coverage-ahead", summary: "How well every published roster together covers the days to come", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *aheadQuery) (*one[scheduling.CoverageAhead], error) {
			v, err := s.deps.Scheduling.CoverageAhead(ctx, call.Scope, in.Days)
			return &one[scheduling.CoverageAhead]{Body: v}, err
		})
}

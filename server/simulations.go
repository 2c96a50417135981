package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/ids"
)

var (
	viewSimulations = right{"simulations", access.View}
	runSimulations  = right{"simulations", access.Run}
)

// simulationView is a simulation with its curve.
type simulationView struct {
	scheduling.Simulation
	Points []scheduling.SimulationPoint `json:"points"`
}

func (s *Server) registerSimulations() {
	type simulationsQuery struct {
		Roster string `query:"roster" doc:"Only of this roster"`
	}
	read(s, route{method: http.MethodGet, path: "/simulations", id: "list-simulations", summary: "Simulations of rosters, the newest first", tag: "simulations", need: viewSimulations},
		func(ctx context.Context, call *Call, in *simulationsQuery) (*list[scheduling.Simulation], error) {
			id, err := optionalID[ids.Roster](in.Roster)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Simulations(ctx, call.Scope, id)
			return listOf(all), err
		})
	type simulationQuery struct {
		IDPath
		ClientFilter
	}
	read(s, route{method: http.MethodGet, path: "/simulations/{id}", id: "get-simulation", summary: "Expected service per queue and interval with its band", tag: "simulations", need: viewSimulations},
		func(ctx context.Context, call *Call, in *simulationQuery) (*one[simulationView], error) {
			id, err := parseID[ids.Simulation](in.ID)
			if err != nil {
				return nil, err
			}
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			v, points, err := s.deps.Scheduling.SimulationOf(ctx, call.Scope, id, client)
			if points == nil {
				points = []scheduling.SimulationPoint{}
			}
			return &one[simulationView]{Body: simulationView{Simulation: v, Points: points}}, err
		})
	read(s, route{method: http.MethodGet, path: "/simulations/{id}/series", id: "get-simulation-series", summary: "Expected service per queue and quarter-hour with its band, in compact form", tag: "simulations", need: viewSimulations},
		func(ctx context.Context, call *Call, in *simulationQuery) (*one[scheduling.SimulationSeries], error) {
			id, err := parseID[ids.Simulation](in.ID)
			if err != nil {
				return nil, err
			}
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.SimulationSeriesOf(ctx, call.Scope, id, client)
			return &one[scheduling.SimulationSeries]{Body: v}, err
		})
	type newSimulation struct {
		Keyed
		Body struct {
			Roster       string   `json:"roster_id" format:"uuid"`
			From         string   `json:"from,omitempty" format:"date"`
			Days         int      `json:"days,omitempty" minimum:"1" maximum:"92" doc:"0 = to the roster's end"`
			Absent       *float64 `json:"absent,omitempty" minimum:"0" maximum:"0.99" doc:"Share of agents who do not come; default: people's history, or the terms' shrinkage"`
			Replications int      `json:"replications,omitempty" minimum:"1" maximum:"1000" default:"20"`
			Seed         uint64   `json:"seed,omitempty"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/simulations", id: "run-simulation", summary: "Test a roster on the routing engine; the answer is the job that does it", tag: "simulations", need: runSimulations, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newSimulation) (*accepted, error) {
			b := in.Body
			n := scheduling.NewSimulation{Days: b.Days, Absent: b.Absent, Replications: b.Replications, Seed: b.Seed, Actor: call.Identity.User.ID}
			var err error
			if n.Roster, err = parseID[ids.Roster](b.Roster); err != nil {
				return nil, err
			}
			if n.From, _, err = parseDates(b.From, ""); err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueSimulation(ctx, call.Scope, n)
			call.Touch(j.ID, ids.Client{})
			return &accepted{Body: viewJob(j)}, err
		})
	s.registerTrials()
}

// registerTrials registers trials: a day played alone or against another.
func (s *Server) registerTrials() {
	read(s, route{method: http.MethodGet, path: "/trials", id: "list-trials", summary: "Trials of rosters, settings and scenarios, the newest first", tag: "simulations", need: viewSimulations},
		func(ctx context.Context, call *Call, in *Limited) (*list[scheduling.TrialSummary], error) {
			all, err := s.deps.Scheduling.Trials(ctx, call.Scope, in.Limit)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/trials/{id}", id: "get-trial", summary: "What a trial asked and what came out, per client, queue and interval with bands", tag: "simulations", need: viewSimulations},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Trial], error) {
			id, err := parseID[ids.Any](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.TrialOf(ctx, call.Scope, id)
			return &one[scheduling.Trial]{Body: v}, err
		})
	type newTrial struct {
		Keyed
		Body scheduling.TrialQuestion
	}
	change(s, route{method: http.MethodPost, path: "/trials", id: "run-trial", summary: "Play a roster, proposed routing settings or a scenario on the routing engine, alone or in pairs; the answer is the job that does it", tag: "simulations", need: runSimulations, status: http.StatusAccepted, maxBody: 16 << 20},
		func(ctx context.Context, call *Call, in *newTrial) (*accepted, error) {
			q := in.Body
			q.Actor = call.Identity.User.ID
			j, err := s.deps.Scheduling.EnqueueTrial(ctx, call.Scope, q)
			call.Touch(j.ID, ids.Client{})
			return &accepted{Body: viewJob(j)}, err
		})
}

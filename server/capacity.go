package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/ids"
)

// registerCapacity registers capacity plans, tiers and the value of seats.
func (s *Server) registerCapacity() {
	read(s, route{method: http.MethodGet, path: "/staffing/capacity-plans", id: "list-capacity-plans", summary: "Capacity plans by month, the newest first", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *ClientFilter) (*list[scheduling.CapacityPlan], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.CapacityPlans(ctx, call.Scope, client)
			return listOf(all), err
		})
	type suggestion struct {
		IDPath
		From   string `query:"from" format:"date" doc:"A date of the first month; default this month"`
		Months int    `query:"months" minimum:"1" maximum:"36" default:"12"`
	}
	read(s, route{method: http.MethodGet, path: "/clients/{id}/capacity-question", id: "suggest-capacity-question", summary: "A capacity question filled from people, pay, terms and staffing plans", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *suggestion) (*one[scheduling.CapacitySuggestion], error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			from, _, err := parseDates(in.From, "")
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.SuggestCapacity(ctx, call.Scope, client, from, in.Months)
			return &one[scheduling.CapacitySuggestion]{Body: v}, err
		})
	type capacityQuestion struct {
		Body scheduling.CapacityQuestion
	}
	read(s, route{method: http.MethodPost, path: "/staffing/capacity", id: "answer-capacity-question", summary: "People, classes and cost by month; stores nothing", tag: "staffing", need: editStaffing},
		func(_ context.Context, _ *Call, in *capacityQuestion) (*one[scheduling.CapacityAnswer], error) {
			v, err := scheduling.PlanCapacity(in.Body)
			return &one[scheduling.CapacityAnswer]{Body: v}, err
		})
	type newCapacity struct {
		Keyed
		Body struct {
			Client   string                      `json:"client_id" format:"uuid"`
			Name     string                      `json:"name" maxLength:"200"`
			Question scheduling.CapacityQuestion `json:"question"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/staffing/capacity-plans", id: "create-capacity-plan", summary: "Answer a capacity question and keep both", tag: "staffing", need: editStaffing, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newCapacity) (*one[scheduling.CapacityPlan], error) {
			client, err := s.visibleClient(ctx, call, in.Body.Client)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.CreateCapacityPlan(ctx, call.Scope, client, in.Body.Name, in.Body.Question, call.Identity.User.ID)
			call.Touch(p.ID, client)
			return &one[scheduling.CapacityPlan]{ETag: etag(p.Edition), Body: p}, err
		})
	read(s, route{method: http.MethodGet, path: "/staffing/capacity-plans/{id}", id: "get-capacity-plan", summary: "One capacity plan", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.CapacityPlan], error) {
			id, err := parseID[ids.Capacity](in.ID)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.CapacityPlanOf(ctx, call.Scope, id)
			return &one[scheduling.CapacityPlan]{ETag: etag(p.Edition), Body: p}, err
		})
	type capacityEdit struct {
		IDPath
		Body struct {
			Name     string                      `json:"name" maxLength:"200"`
			Question scheduling.CapacityQuestion `json:"question"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/staffing/capacity-plans/{id}", id: "update-capacity-plan", summary: "Answer a changed question; needs If-Match with the ETag that was read", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *capacityEdit) (*one[scheduling.CapacityPlan], error) {
			id, err := parseID[ids.Capacity](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Scheduling.CapacityPlanOf(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Edition)); err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.UpdateCapacityPlan(ctx, call.Scope, id, stored.Edition, in.Body.Name, in.Body.Question)
			call.Touch(id, p.ClientID)
			return &one[scheduling.CapacityPlan]{ETag: etag(p.Edition), Body: p}, err
		})
	change(s, route{method: http.MethodDelete, path: "/staffing/capacity-plans/{id}", id: "delete-capacity-plan", summary: "Remove a capacity plan", tag: "staffing", need: editStaffing, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Capacity](in.ID)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.DeleteCapacityPlan(ctx, call.Scope, id)
			call.Touch(id, p.ClientID)
			call.Note("name", p.Name)
			return nil, err
		})
	s.registerTiers()
}

func (s *Server) registerTiers() {
	type tierQuestion struct {
		Body scheduling.TierQuestion
	}
	read(s, route{method: http.MethodPost, path: "/staffing/tiers", id: "settle-tiers", summary: "Seats by group of agents for a pool: bounds (all pooled, all separate) and the simulated requirement", tag: "staffing", need: editStaffing},
		func(ctx context.Context, _ *Call, in *tierQuestion) (*one[scheduling.TierAnswer], error) {
			v, err := scheduling.SettleTiers(ctx, in.Body)
			return &one[scheduling.TierAnswer]{Body: v}, err
		})
	type tierQuery struct {
		IDPath
		At string `query:"at" doc:"RFC 3339, the beginning of the interval; default the busiest"`
	}
	read(s, route{method: http.MethodGet, path: "/staffing/plans/{id}/tier-question", id: "suggest-tier-question", summary: "A tier question filled from a plan's interval and the people who serve the client", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *tierQuery) (*one[scheduling.TierQuestion], error) {
			id, err := parseID[ids.Staffing](in.ID)
			if err != nil {
				return nil, err
			}
			at, err := SpanQuery{From: in.At}.span()
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.TierQuestionOf(ctx, call.Scope, id, at.Start)
			return &one[scheduling.TierQuestion]{Body: v}, err
		})
	type newStudy struct {
		IDPath
		Keyed
		Body struct {
			At string `json:"at,omitempty" doc:"RFC 3339, the beginning of the interval; default the busiest"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/staffing/plans/{id}/tier-studies", id: "create-tier-study", summary: "Split an interval of a plan between tiers by simulation; the answer is the job that does it", tag: "staffing", need: editStaffing, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newStudy) (*accepted, error) {
			id, err := parseID[ids.Staffing](in.ID)
			if err != nil {
				return nil, err
			}
			at, err := SpanQuery{From: in.Body.At}.span()
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueTierStudy(ctx, call.Scope, scheduling.NewTierStudy{Plan: id, At: at.Start, Actor: call.Identity.User.ID})
			call.Touch(j.ID, j.Client)
			return &accepted{Body: viewJob(j)}, err
		})
	read(s, route{method: http.MethodGet, path: "/staffing/plans/{id}/tier-studies", id: "list-tier-studies", summary: "Intervals of a plan that were split between tiers, the newest first", tag: "staffing", need: editStaffing},
		func(ctx context.Context, call *Call, in *IDPath) (*list[scheduling.TierStudy], error) {
			id, err := parseID[ids.Staffing](in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.deps.Scheduling.Plan(ctx, call.Scope, id); err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.TierStudies(ctx, call.Scope, id)
			return listOf(all), err
		})
	type levelQuery struct {
		IDPath
		Queue string `query:"queue" format:"uuid" required:"true"`
		Day   string `query:"day" format:"date" required:"true" doc:"Business date of the client"`
		Most  int    `query:"most" minimum:"0" maximum:"300" doc:"Seats to go to; default ten above the largest requirement of the day"`
	}
	read(s, route{method: http.MethodGet, path: "/staffing/plans/{id}/service-levels", id: "list-service-levels", summary: "The service level that 0, 1, 2, … seats buy in every interval of a day", tag: "staffing", need: viewStaffing},
		func(ctx context.Context, call *Call, in *levelQuery) (*list[scheduling.LevelRow], error) {
			id, err := parseID[ids.Staffing](in.ID)
			if err != nil {
				return nil, err
			}
			queue, err := parseID[ids.Queue](in.Queue)
			if err != nil {
				return nil, err
			}
			day, _, err := parseDates(in.Day, "")
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.ServiceLevels(ctx, call.Scope, id, queue, day, in.Most)
			return listOf(all), err
		})
}

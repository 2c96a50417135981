package server

import (
	"context"
	"net/http"

	"github.com/shopspring/decimal"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
)

// seesPlannedCost says whether the caller may see what planned hours cost: those who
// see costs, and those who staff. Clients have neither right.
func (c *Call) seesPlannedCost() bool {
	return c.Identity.May("costs", access.View) || c.Identity.May("staffing", access.Edit)
}

// registerScenarios registers what-if scenarios and the costs that price them.
func (s *Server) registerScenarios() {
	type scenariosQuery struct {
		ClientFilter
		Forecast string `query:"forecast" doc:"Only on this version"`
	}
	read(s, route{method: http.MethodGet, path: "/scenarios", id: "list-scenarios", summary: "What-if scenarios, the newest first", tag: "scenarios", need: viewStaffing},
		func(ctx context.Context, call *Call, in *scenariosQuery) (*list[scheduling.Scenario], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			base, err := optionalID[ids.Forecast](in.Forecast)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Scenarios(ctx, call.Scope, client, base)
			return listOf(all), err
		})
	type newScenario struct {
		Keyed
		Body struct {
			Forecast    string            `json:"forecast_id" format:"uuid" doc:"The base"`
			Name        string            `json:"name" maxLength:"200"`
			Note        string            `json:"note,omitempty" maxLength:"2000"`
			Adjustments []adjustmentInput `json:"adjustments,omitempty" maxItems:"200"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/scenarios", id: "create-scenario", summary: "Name a what-if: a version with adjustments that are not made in it", tag: "scenarios", need: editForecasts, status: http.StatusCreated, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *newScenario) (*one[scheduling.Scenario], error) {
			n := scheduling.NewScenario{Name: in.Body.Name, Note: in.Body.Note, Actor: call.Identity.User.ID}
			var err error
			if n.Forecast, err = parseID[ids.Forecast](in.Body.Forecast); err != nil {
				return nil, err
			}
			if n.Adjustments, err = adjustmentsOf(in.Body.Adjustments); err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.CreateScenario(ctx, call.Scope, n)
			call.Touch(v.ID, v.ClientID)
			call.Note("name", v.Name)
			return &one[scheduling.Scenario]{ETag: etag(v.Edition), Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/scenarios/{id}", id: "get-scenario", summary: "One scenario with its adjustments", tag: "scenarios", need: viewStaffing},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Scenario], error) {
			id, err := parseID[ids.Scenario](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.ForecastScenario(ctx, call.Scope, id)
			return &one[scheduling.Scenario]{ETag: etag(v.Edition), Body: v}, err
		})
	type scenarioEdit struct {
		IDPath
		Body struct {
			Name        string            `json:"name" maxLength:"200"`
			Note        string            `json:"note,omitempty" maxLength:"2000"`
			Adjustments []adjustmentInput `json:"adjustments" maxItems:"200" doc:"The whole list; one that stays keeps its id, and its cells when they are left out"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/scenarios/{id}", id: "update-scenario", summary: "Replace name, note and adjustments; needs If-Match with the ETag that was read", tag: "scenarios", need: editForecasts, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *scenarioEdit) (*one[scheduling.Scenario], error) {
			id, err := parseID[ids.Scenario](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Scheduling.ForecastScenario(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Edition)); err != nil {
				return nil, err
			}
			e := scheduling.ScenarioEdit{Name: in.Body.Name, Note: in.Body.Note, Actor: call.Identity.User.ID}
			if e.Adjustments, err = adjustmentsOf(in.Body.Adjustments); err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.UpdateScenario(ctx, call.Scope, id, stored.Edition, e)
			call.Touch(id, v.ClientID)
			return &one[scheduling.Scenario]{ETag: etag(v.Edition), Body: v}, err
		})
	change(s, route{method: http.MethodDelete, path: "/scenarios/{id}", id: "delete-scenario", summary: "Remove a scenario; drafts made of it stay", tag: "scenarios", need: editForecasts, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *IDPath) (*struct{}, error) {
			id, err := parseID[ids.Scenario](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.DeleteScenario(ctx, call.Scope, id)
			call.Touch(id, v.ClientID)
			call.Note("name", v.Name)
			return nil, err
		})
	read(s, route{method: http.MethodGet, path: "/scenarios/{id}/outcome", id: "get-scenario-outcome", summary: "The scenario beside its base: volume, people, hours and cost in total, by day, queue and tier", tag: "scenarios", need: viewStaffing},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.WhatIf], error) {
			id, err := parseID[ids.Scenario](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.EvaluateScenario(ctx, call.Scope, id, call.seesPlannedCost())
			return &one[scheduling.WhatIf]{Body: v}, err
		})
	type promotion struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/scenarios/{id}/promote", id: "promote-scenario", summary: "Make a new draft version of the scenario", tag: "scenarios", need: editForecasts, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *promotion) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Scenario](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.PromoteScenario(ctx, call.Scope, id, call.Identity.User.ID)
			call.Touch(f.ID, f.ClientID)
			return &one[scheduling.Forecast]{Body: f}, err
		})
	s.registerTierCosts()
}

// adjustmentsOf reads a list.
func adjustmentsOf(in []adjustmentInput) ([]scheduling.Adjustment, error) {
	out := make([]scheduling.Adjustment, len(in))
	for i, b := range in {
		var err error
		if out[i], err = b.adjustment(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// registerTierCosts registers what an hour of a tier costs where no pay is known.
func (s *Server) registerTierCosts() {
	read(s, route{method: http.MethodGet, path: "/staffing/tier-costs", id: "list-tier-costs", summary: "What an hour of a tier costs where no pay is known", tag: "scenarios", need: editStaffing},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.TierCost], error) {
			all, err := s.deps.Scheduling.TierCosts(ctx, call.Scope)
			return listOf(all), err
		})
	type newCost struct {
		Keyed
		Body struct {
			Tier     string `json:"tier" enum:"junior,middle,expert"`
			Skill    string `json:"skill_id,omitempty" format:"uuid" doc:"Default every skill"`
			Cost     string `json:"hourly_cost" doc:"Decimal, in major units"`
			Currency string `json:"currency"`
			From     string `json:"valid_from" format:"date"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/staffing/tier-costs", id: "set-tier-cost", summary: "Put the cost of an hour of a tier in force", tag: "scenarios", need: editStaffing, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *newCost) (*one[scheduling.TierCost], error) {
			cost, err := decimal.NewFromString(in.Body.Cost)
			if err != nil {
				return nil, fault.Newf(fault.Invalid, "staffing.tier_cost", "An hour costs 0 to 1,000,000, not %q.", in.Body.Cost)
			}
			c := scheduling.TierCost{Tier: people.Tier(in.Body.Tier), HourlyCost: cost, Currency: money.Currency(in.Body.Currency), CreatedBy: call.Identity.User.ID}
			if c.SkillID, err = optionalID[ids.Skill](in.Body.Skill); err != nil {
				return nil, err
			}
			if c.ValidFrom, _, err = parseDates(in.Body.From, ""); err != nil {
				return nil, err
			}
			if c, err = s.deps.Scheduling.SetTierCost(ctx, call.Scope, c); err != nil {
				return nil, err
			}
			call.Touch(c.ID, ids.Client{})
			return &one[scheduling.TierCost]{Body: c}, nil
		})
}

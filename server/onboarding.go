package server

import (
	"context"
	"net/http"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
)

// onboardingStep is one step from an empty installation to the first figures.
type onboardingStep struct {
	Key   string `json:"key"`
	Done  bool   `json:"done"`
	Count int    `json:"count"`
}

type onboardingView struct {
	Steps []onboardingStep `json:"steps"`
}

func (s *Server) registerOnboarding() {
	read(s, route{method: http.MethodGet, path: "/onboarding", id: "get-onboarding", summary: "Steps from an empty installation to the first figures", tag: "home", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[onboardingView], error) {
			steps, err := s.onboarding(ctx, call)
			return &one[onboardingView]{Body: onboardingView{Steps: steps}}, err
		})
}

// onboarding counts what there is of everything the first figures need.
func (s *Server) onboarding(ctx context.Context, call *Call) ([]onboardingStep, error) {
	clients, err := s.deps.Contracts.Clients(ctx, call.Scope)
	if err != nil {
		return nil, err
	}
	queues, err := s.deps.Contracts.Queues(ctx, call.Scope, ids.Client{})
	if err != nil {
		return nil, err
	}
	calendars, err := s.deps.Contracts.Calendars(ctx, call.Scope)
	if err != nil {
		return nil, err
	}
	staff, err := s.deps.People.Agents(ctx, call.Scope)
	if err != nil {
		return nil, err
	}
	imports, err := s.deps.Intake.Imports(ctx, call.Scope, ids.Client{}, 500)
	if err != nil {
		return nil, err
	}
	measures, cards := 0, 0
	for _, c := range clients {
		m, r, err := s.agreed(ctx, call, c)
		if err != nil {
			return nil, err
		}
		measures, cards = measures+m, cards+r
	}
	step := func(key string, n int) onboardingStep { return onboardingStep{Key: key, Done: n > 0, Count: n} }
	return []onboardingStep{step("client", len(clients)), step("queues", len(queues)), step("calendar", len(calendars)), step("people", len(staff)), step("sla", measures), step("rate_card", cards), step("import", len(imports))}, nil
}

// agreed counts measures and rate cards of a client.
func (s *Server) agreed(ctx context.Context, call *Call, c contract.Client) (measures, cards int, err error) {
	zone, err := calendar.Zone(c.Zone)
	if err != nil {
		return 0, 0, err
	}
	m, err := s.deps.Contracts.MeasuresOn(ctx, call.Scope, c.ID, calendar.DateOf(s.deps.DB.Now(), zone))
	if err != nil {
		return 0, 0, err
	}
	r, err := s.deps.Billing.RateCards(ctx, call.Scope, c.ID)
	return len(m), len(r), err
}

package server

import (
	"context"
	"net/http"
	"strconv"

	"muster/billing"
	"muster/routing/intake"
	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/jobs"
)

// homeCard is one thing that needs the reader; the screens have the text of its key.
type homeCard struct {
	Key    string            `json:"key"`
	Status string            `json:"status" enum:"good,watch,bad,unknown"`
	Value  string            `json:"value"`
	Unit   string            `json:"unit,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	Page   string            `json:"page,omitempty"`
}

type homeView struct {
	Cards []homeCard `json:"cards"`
}

// onboardingStep is one step from an empty installation to the first figures.
type onboardingStep struct {
	Key   string `json:"key"`
	Done  bool   `json:"done"`
	Count int    `json:"count"`
}

type onboardingView struct {
	Steps []onboardingStep `json:"steps"`
}

func (s *Server) registerHome() {
	read(s, route{method: http.MethodGet, path: "/home", id: "get-home", summary: "What needs the caller now, by right", tag: "home", need: selfRight},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[homeView], error) {
			out := homeView{Cards: []homeCard{}}
			for _, card := range []struct {
				need right
				make func(context.Context, *Call) ([]homeCard, error)
			}{
				{right{"forecasts", access.Edit}, s.planningCards},
				{viewFloor, s.floorCards},
				{right{"invoices", access.Edit}, s.moneyCards},
				{viewImports, s.importCards},
				{right{"jobs", access.Edit}, s.jobCards},
			} {
				if !call.Identity.May(card.need.object, card.need.action) {
					continue
				}
				scoped := *call
				if err := admit(&scoped, card.need); err != nil {
					return nil, err
				}
				cards, err := card.make(ctx, &scoped)
				if err != nil {
					return nil, err
				}
				out.Cards = append(out.Cards, cards...)
			}
			return &one[homeView]{Body: out}, nil
		})
	read(s, route{method: http.MethodGet, path: "/onboarding", id: "get-onboarding", summary: "Steps from an empty installation to the first figures", tag: "home", need: viewClients},
		func(ctx context.Context, call *Call, _ *struct{}) (*one[onboardingView], error) {
			steps, err := s.onboarding(ctx, call)
			return &one[onboardingView]{Body: onboardingView{Steps: steps}}, err
		})
}

// planningCards count clients without a published forecast for the next two weeks and short intervals of rosters.
func (s *Server) planningCards(ctx context.Context, call *Call) ([]homeCard, error) {
	clients, err := s.deps.Contracts.Clients(ctx, call.Scope)
	if err != nil {
		return nil, err
	}
	now := s.deps.DB.Now()
	forecasts, err := s.deps.Scheduling.Forecasts(ctx, call.Scope, ids.Client{}, false)
	if err != nil {
		return nil, err
	}
	planned := map[ids.Client]bool{}
	for _, f := range forecasts {
		if f.StartAt <= now+7*calendar.Day && f.EndAt >= now+14*calendar.Day {
			planned[f.ClientID] = true
		}
	}
	missing := 0
	for _, c := range clients {
		if c.ArchivedAt == nil && !planned[c.ID] {
			missing++
		}
	}
	cards := []homeCard{{Key: "forecast_missing", Status: zeroIsGood(missing), Value: strconv.Itoa(missing), Page: "/forecast"}}
	rosters, err := s.deps.Scheduling.Rosters(ctx, call.Scope)
	if err != nil {
		return nil, err
	}
	short, drafts := 0, 0
	for _, r := range rosters {
		switch r.Status {
		case scheduling.Published:
			short += r.Summary.Short
		case scheduling.Draft:
			drafts++
		}
	}
	return append(cards, homeCard{Key: "coverage_short", Status: zeroIsGood(short), Value: strconv.Itoa(short), Page: "/roster"}, homeCard{Key: "roster_drafts", Status: zeroIsGood(drafts), Value: strconv.Itoa(drafts), Page: "/roster"}), nil
}

// floorCards count who waits and queues below their goal.
func (s *Server) floorCards(ctx context.Context, call *Call) ([]homeCard, error) {
	f, err := s.floor(ctx, call, call.Scope)
	if err != nil {
		return nil, err
	}
	waiting, bad, away := 0, 0, 0
	for _, q := range f.Queues {
		waiting += q.Waiting
		if q.Status == "bad" {
			bad++
		}
	}
	for _, a := range f.Agents {
		if a.Adherent != nil && !*a.Adherent {
			away++
		}
	}
	return []homeCard{
		{Key: "floor_waiting", Status: zeroIsGood(waiting), Value: strconv.Itoa(waiting), Page: "/floor"},
		{Key: "floor_below_goal", Status: zeroIsGood(bad), Value: strconv.Itoa(bad), Page: "/floor"},
		{Key: "floor_not_adherent", Status: zeroIsGood(away), Value: strconv.Itoa(away), Page: "/floor"},
	}, nil
}

// moneyCards count drafts that wait for review and issue.
func (s *Server) moneyCards(ctx context.Context, call *Call) ([]homeCard, error) {
	all, err := s.deps.Billing.Invoices(ctx, call.Scope, billing.Filter{})
	if err != nil {
		return nil, err
	}
	open := 0
	for _, v := range all {
		if v.IssuedAt == nil && v.Status != billing.Superseded {
			open++
		}
	}
	return []homeCard{{Key: "invoice_drafts", Status: zeroIsGood(open), Value: strconv.Itoa(open), Page: "/invoices"}}, nil
}

// importCards count recent imports that did not finish or refused rows.
func (s *Server) importCards(ctx context.Context, call *Call) ([]homeCard, error) {
	all, err := s.deps.Intake.Imports(ctx, call.Scope, ids.Client{}, 50)
	if err != nil {
		return nil, err
	}
	troubled := 0
	for _, v := range all {
		if v.Status == intake.StatusRunning || v.Status == intake.StatusDone && v.RowsRefused > 0 {
			troubled++
		}
	}
	return []homeCard{{Key: "imports_troubled", Status: zeroIsGood(troubled), Value: strconv.Itoa(troubled), Page: "/imports"}}, nil
}

// jobCards count failed jobs.
func (s *Server) jobCards(ctx context.Context, call *Call) ([]homeCard, error) {
	failed, err := s.deps.Jobs.List(ctx, call.Scope, jobs.Filter{Statuses: []jobs.Status{jobs.Failed}, Limit: 100})
	if err != nil {
		return nil, err
	}
	return []homeCard{{Key: "jobs_failed", Status: zeroIsGood(len(failed)), Value: strconv.Itoa(len(failed))}}, nil
}

func zeroIsGood(n int) string {
	if n == 0 {
		return "good"
	}
	return "watch"
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

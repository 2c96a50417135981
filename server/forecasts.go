package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

var (
	viewForecasts    = right{"forecasts", access.View}
	editForecasts    = right{"forecasts", access.Edit}
	publishForecasts = right{"forecasts", access.Publish}
	uploadForecasts  = right{"forecasts", access.Upload}
	viewStaffing     = right{"staffing", access.View}
	editStaffing     = right{"staffing", access.Edit}
)

// accepted is the answer of an operation whose work goes on as a job.
type accepted struct {
	Body jobView
}

// ClientFilter narrows a list to one client.
type ClientFilter struct {
	Client string `query:"client" doc:"Only of this client (its id)"`
}

// filter reads the client; an empty one does not narrow.
func (s *Server) filter(ctx context.Context, call *Call, raw string) (ids.Client, error) {
	if raw == "" {
		return ids.Client{}, nil
	}
	return s.visibleClient(ctx, call, raw)
}

// optionalID reads an id that may be missing.
func optionalID[T ~[16]byte](raw string) (T, error) {
	if raw == "" {
		return T{}, nil
	}
	return parseID[T](raw)
}

// SpanQuery narrows to a span of time.
type SpanQuery struct {
	From string `query:"from" doc:"RFC 3339, inclusive"`
	To   string `query:"to" doc:"RFC 3339, exclusive"`
}

// span reads the bounds; a missing one is zero.
func (q SpanQuery) span() (calendar.Interval, error) {
	var v calendar.Interval
	for _, b := range []struct {
		text string
		into *calendar.Instant
	}{{q.From, &v.Start}, {q.To, &v.End}} {
		if b.text == "" {
			continue
		}
		if err := b.into.UnmarshalText([]byte(b.text)); err != nil {
			return v, fault.Newf(fault.Invalid, "http.bad_instant", "%s.", err)
		}
	}
	return v, nil
}

// parseDates reads two business dates; a missing one is zero.
func parseDates(from, to string) (a, b calendar.Date, err error) {
	for _, d := range []struct {
		text string
		into *calendar.Date
	}{{from, &a}, {to, &b}} {
		if d.text == "" {
			continue
		}
		if *d.into, err = calendar.ParseDate(d.text); err != nil {
			return 0, 0, fault.Newf(fault.Invalid, "http.bad_date", "%s.", err)
		}
	}
	return a, b, nil
}

func (s *Server) registerForecasts() {
	read(s, route{method: http.MethodGet, path: "/forecasts", id: "list-forecasts", summary: "Versions of forecasts, the newest first", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *ClientFilter) (*list[scheduling.Forecast], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Forecasts(ctx, call.Scope, client, call.Identity.May("forecasts", access.Edit))
			return listOf(all), err
		})
	s.registerForecastVersions()
	s.registerForecastEdits()
	s.registerForecastFiles()
	s.registerForecastWorkbooks()
	s.registerLongRange()
	s.registerCommitments()
	s.registerScenarios()
	s.registerCalendars()
	s.registerTraining()
	s.registerStaffing()
	s.registerCapacity()
	s.registerCoverageAhead()
}

func (s *Server) registerForecastVersions() {
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}", id: "get-forecast", summary: "One version with its back-test and reasons", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.VisibleForecast(ctx, call.Scope, id, call.Identity.May("forecasts", access.Edit))
			return &one[scheduling.Forecast]{Body: f}, err
		})
	type seriesQuery struct {
		IDPath
		SpanQuery
		Queue string `query:"queue" doc:"Only of this queue; without it the sum of all"`
	}
	read(s, route{method: http.MethodGet, path: "/forecasts/{id}/series", id: "get-forecast-series", summary: "Forecast beside actuals, last week and requirement", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *seriesQuery) (*one[scheduling.Series], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			queue, err := optionalID[ids.Queue](in.Queue)
			if err != nil {
				return nil, err
			}
			span, err := in.span()
			if err != nil {
				return nil, err
			}
			if _, err := s.deps.Scheduling.VisibleForecast(ctx, call.Scope, id, call.Identity.May("forecasts", access.Edit)); err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.ForecastSeries(ctx, call.Scope, id, queue, span)
			return &one[scheduling.Series]{Body: v}, err
		})
	type newForecast struct {
		Keyed
		Body struct {
			Client  string   `json:"client_id" format:"uuid"`
			Name    string   `json:"name,omitempty" maxLength:"200"`
			Origin  string   `json:"origin,omitempty" doc:"RFC 3339; facts before it are used; default now"`
			From    string   `json:"from,omitempty" format:"date" doc:"First business date; default the next"`
			Days    int      `json:"days,omitempty" minimum:"1" maximum:"400" default:"28"`
			Refused []string `json:"refused,omitempty" doc:"Ids of corrections of the history that shall not be made"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/forecasts", id: "create-forecast", summary: "Forecast a client's queues; the answer is the job that does it", tag: "forecasts", need: editForecasts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newForecast) (*accepted, error) {
			client, err := s.visibleClient(ctx, call, in.Body.Client)
			if err != nil {
				return nil, err
			}
			n := scheduling.NewForecast{Client: client, Name: in.Body.Name, Days: in.Body.Days, Refused: in.Body.Refused, Actor: call.Identity.User.ID}
			if n.From, _, err = parseDates(in.Body.From, ""); err != nil {
				return nil, err
			}
			span, err := SpanQuery{From: in.Body.Origin}.span()
			if err != nil {
				return nil, err
			}
			n.Origin = span.Start
			j, err := s.deps.Scheduling.EnqueueForecast(ctx, call.Scope, n)
			call.Touch(j.ID, client)
			return &accepted{Body: viewJob(j)}, err
		})
	type publication struct {
		IDPath
		Body *struct {
			Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Why locks are opened; needed only when some are in the way, with the right forecasts:unlock"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/{id}/publish", id: "publish-forecast", summary: "Publish a draft; it never changes afterwards. Conflict forecast.locked when it moves days to come further from what is committed and locked than is tolerated", tag: "forecasts", need: publishForecasts},
		func(ctx context.Context, call *Call, in *publication) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			r := scheduling.CommitRequest{MayUnlock: call.Identity.May("forecasts", access.Unlock), Actor: call.Identity.User.ID}
			if in.Body != nil {
				r.Reason = in.Body.Reason
			}
			f, err := s.deps.Scheduling.PublishForecastBy(ctx, call.Scope, id, r)
			call.Touch(id, f.ClientID)
			call.Note("reason", r.Reason)
			return &one[scheduling.Forecast]{Body: f}, err
		})
}

func (s *Server) registerStaffing() {
	type plansQuery struct {
		ClientFilter
		Forecast string `query:"forecast" doc:"Only of this forecast"`
	}
	read(s, route{method: http.MethodGet, path: "/staffing/plans", id: "list-staffing-plans", summary: "Staffing plans, the newest first", tag: "staffing", need: viewStaffing},
		func(ctx context.Context, call *Call, in *plansQuery) (*list[scheduling.Plan], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			forecast, err := optionalID[ids.Forecast](in.Forecast)
			if err != nil {
				return nil, err
			}
			if !forecast.IsZero() {
				all, err := s.deps.Scheduling.PlansOf(ctx, call.Scope, forecast)
				return listOf(all), err
			}
			all, err := s.deps.Scheduling.Plans(ctx, call.Scope, client)
			return listOf(all), err
		})
	type pointsQuery struct {
		IDPath
		Queue string `query:"queue"`
	}
	read(s, route{method: http.MethodGet, path: "/staffing/plans/{id}/points", id: "list-staffing-points", summary: "Requirement per queue and interval with the goal that decided", tag: "staffing", need: viewStaffing},
		func(ctx context.Context, call *Call, in *pointsQuery) (*list[scheduling.PlanPoint], error) {
			id, err := parseID[ids.Staffing](in.ID)
			if err != nil {
				return nil, err
			}
			queue, err := optionalID[ids.Queue](in.Queue)
			if err != nil {
				return nil, err
			}
			if _, err := s.deps.Scheduling.Plan(ctx, call.Scope, id); err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.PlanPoints(ctx, call.Scope, id, queue)
			return listOf(all), err
		})
	type newPlan struct {
		Keyed
		Body struct {
			Forecast string  `json:"forecast_id" format:"uuid"`
			Quantile float64 `json:"quantile,omitempty" minimum:"0" maximum:"0.9" doc:"Quantile of the volume to staff for; 0 = the mean"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/staffing/plans", id: "create-staffing-plan", summary: "Compute what a forecast needs; the answer is the job that does it", tag: "staffing", need: editStaffing, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newPlan) (*accepted, error) {
			id, err := parseID[ids.Forecast](in.Body.Forecast)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueuePlan(ctx, call.Scope, scheduling.NewPlan{Forecast: id, Quantile: in.Body.Quantile, Actor: call.Identity.User.ID})
			call.Touch(j.ID, j.Client)
			return &accepted{Body: viewJob(j)}, err
		})
}

package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/scheduling/holidays"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// daySource is where special days come from, as callers give it.
type daySource struct {
	Preset string `json:"preset,omitempty" doc:"Id of a preset"`
	Format string `json:"format,omitempty" enum:"csv,ics"`
	Text   string `json:"text,omitempty" doc:"The file, without a preset"`
	Kind   string `json:"kind" enum:"closed,holiday,tagged" doc:"What a holiday means for the queues"`
	From   string `json:"from,omitempty" format:"date" doc:"Leave earlier days out"`
	To     string `json:"to,omitempty" format:"date" doc:"Leave this and later days out"`
}

func (d daySource) source() (scheduling.DaySource, error) {
	from, to, err := parseDates(d.From, d.To)
	return scheduling.DaySource{Preset: d.Preset, Format: d.Format, Text: d.Text, Kind: calendar.DayKind(d.Kind), From: from, To: to}, err
}

// registerCalendars registers opening calendars, their special days and events.
func (s *Server) registerCalendars() {
	read(s, route{method: http.MethodGet, path: "/calendars", id: "list-calendars", summary: "Opening calendars of queues with their special days and events", tag: "calendars", need: viewClients},
		func(ctx context.Context, call *Call, in *ClientFilter) (*list[scheduling.CalendarView], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Calendars(ctx, call.Scope, client)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/calendars/{id}", id: "get-calendar", summary: "One calendar", tag: "calendars", need: viewClients},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.CalendarView], error) {
			id, err := parseID[ids.Calendar](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.CalendarOf(ctx, call.Scope, id)
			return &one[scheduling.CalendarView]{ETag: etag(v.Version), Body: v}, err
		})
	type eventInput struct {
		Name string  `json:"name" maxLength:"200"`
		From string  `json:"from" format:"date"`
		To   string  `json:"to" format:"date" doc:"Inclusive"`
		Size float64 `json:"size,omitempty" minimum:"0" maximum:"100" doc:"Multiplier of volume; 0: learn it from earlier events of the name"`
	}
	type newCalendar struct {
		IDPath
		Body struct {
			Zone    string                `json:"zone"`
			Hours   []calendar.Hours      `json:"hours" maxItems:"100"`
			Special []calendar.SpecialDay `json:"special" maxItems:"2000"`
			Events  *[]eventInput         `json:"events,omitempty" maxItems:"2000" doc:"Absent: those that are there stay"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/calendars/{id}", id: "set-calendar", summary: "Replace opening hours, special days and events; needs If-Match with the ETag that was read", tag: "calendars", need: editForecasts},
		func(ctx context.Context, call *Call, in *newCalendar) (*one[scheduling.CalendarView], error) {
			id, err := parseID[ids.Calendar](in.ID)
			if err != nil {
				return nil, err
			}
			stored, err := s.deps.Scheduling.CalendarOf(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			if err := call.Version(etag(stored.Version)); err != nil {
				return nil, err
			}
			e := scheduling.CalendarEdit{Zone: in.Body.Zone, Hours: in.Body.Hours, Special: in.Body.Special}
			if in.Body.Events != nil {
				e.Events = []scheduling.CalendarEvent{}
				for _, v := range *in.Body.Events {
					from, to, err := parseDates(v.From, v.To)
					if err != nil {
						return nil, err
					}
					e.Events = append(e.Events, scheduling.CalendarEvent{Name: v.Name, From: from, To: to, Size: v.Size})
				}
			}
			v, err := s.deps.Scheduling.ReplaceCalendar(ctx, call.Scope, id, stored.Version, e)
			call.Touch(id, v.ClientID)
			return &one[scheduling.CalendarView]{ETag: etag(v.Version), Body: v}, err
		})
	type calendarDays struct {
		IDPath
		Body daySource
	}
	read(s, route{method: http.MethodPost, path: "/calendars/{id}/days/preview", id: "preview-calendar-days", summary: "What a preset, an iCalendar or a CSV file would change; stores nothing", tag: "calendars", need: viewClients},
		func(ctx context.Context, call *Call, in *calendarDays) (*list[scheduling.DayChange], error) {
			id, err := parseID[ids.Calendar](in.ID)
			if err != nil {
				return nil, err
			}
			from, err := in.Body.source()
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.PreviewDays(ctx, call.Scope, id, from)
			return listOf(all), err
		})
	type added struct {
		Added int `json:"added"`
	}
	change(s, route{method: http.MethodPost, path: "/calendars/{id}/days", id: "import-calendar-days", summary: "Add special days from a preset, an iCalendar or a CSV file", tag: "calendars", need: editForecasts},
		func(ctx context.Context, call *Call, in *calendarDays) (*one[added], error) {
			id, err := parseID[ids.Calendar](in.ID)
			if err != nil {
				return nil, err
			}
			from, err := in.Body.source()
			if err != nil {
				return nil, err
			}
			_, n, err := s.deps.Scheduling.ImportDays(ctx, call.Scope, id, from)
			call.Touch(id, ids.Client{})
			call.Note("days", n)
			return &one[added]{Body: added{n}}, err
		})
	s.registerPresets()
	s.registerProposals()
}

// PresetPath is the input of operations on one preset.
type PresetPath struct {
	ID string `path:"id" maxLength:"40"`
}

// registerPresets registers holidays as data that the installation may replace.
func (s *Server) registerPresets() {
	read(s, route{method: http.MethodGet, path: "/calendar-presets", id: "list-calendar-presets", summary: "Holidays and make-up working days by country, own ones in the place of those that come with the product", tag: "calendars", need: viewClients},
		func(ctx context.Context, _ *Call, _ *struct{}) (*list[scheduling.PresetView], error) {
			all, err := s.deps.Scheduling.Presets(ctx)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/calendar-presets/{id}", id: "get-calendar-preset", summary: "One preset", tag: "calendars", need: viewClients},
		func(ctx context.Context, _ *Call, in *PresetPath) (*one[scheduling.PresetView], error) {
			p, err := s.deps.Scheduling.Preset(ctx, in.ID)
			return &one[scheduling.PresetView]{ETag: etag(p.Edition), Body: p}, err
		})
	type presetEdit struct {
		PresetPath
		Body holidays.Preset
	}
	change(s, route{method: http.MethodPut, path: "/calendar-presets/{id}", id: "set-calendar-preset", summary: "Replace a preset for this installation, or add one; one that exists needs If-Match with the ETag that was read", tag: "calendars", need: editForecasts},
		func(ctx context.Context, call *Call, in *presetEdit) (*one[scheduling.PresetView], error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			edition := 0
			if stored, err := s.deps.Scheduling.Preset(ctx, in.ID); err == nil {
				if err := call.Version(etag(stored.Edition)); err != nil {
					return nil, err
				}
				edition = stored.Edition
			}
			in.Body.ID = in.ID
			p, err := s.deps.Scheduling.PutPreset(ctx, in.Body, edition, call.Identity.User.ID)
			call.Note("preset", in.ID)
			return &one[scheduling.PresetView]{ETag: etag(p.Edition), Body: p}, err
		})
	change(s, route{method: http.MethodDelete, path: "/calendar-presets/{id}", id: "drop-calendar-preset", summary: "Remove an own preset; one that comes with the product holds again", tag: "calendars", need: editForecasts, status: http.StatusNoContent},
		func(ctx context.Context, call *Call, in *PresetPath) (*struct{}, error) {
			if err := needsProvider(call); err != nil {
				return nil, err
			}
			call.Note("preset", in.ID)
			return nil, s.deps.Scheduling.DropPreset(ctx, in.ID)
		})
}

// registerProposals registers special days that the history proposes.
func (s *Server) registerProposals() {
	type proposalsQuery struct {
		ClientFilter
		Status string `query:"status" enum:"open,accepted,dismissed"`
	}
	read(s, route{method: http.MethodGet, path: "/day-proposals", id: "list-day-proposals", summary: "Past days that departed from their weekday and that no calendar explains", tag: "calendars", need: editForecasts},
		func(ctx context.Context, call *Call, in *proposalsQuery) (*list[scheduling.DayProposal], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.DayProposals(ctx, call.Scope, client, scheduling.ProposalStatus(in.Status))
			return listOf(all), err
		})
	type findProposals struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/day-proposals", id: "find-day-proposals", summary: "Look through a client's history for special days; the answer is the job that does it", tag: "calendars", need: editForecasts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *findProposals) (*accepted, error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueProposals(ctx, call.Scope, client, call.Identity.User.ID)
			call.Touch(j.ID, client)
			return &accepted{Body: viewJob(j)}, err
		})
	type proposalDecision struct {
		IDPath
		Body struct {
			Accept bool   `json:"accept" doc:"true makes the date a special day of the calendar, false dismisses it for good"`
			Name   string `json:"name,omitempty" maxLength:"200" doc:"Default the proposed one"`
			Tag    string `json:"tag,omitempty" maxLength:"100" doc:"Days that share a tag teach each other; default the proposed one"`
			Kind   string `json:"kind,omitempty" enum:"closed,holiday,tagged" doc:"Default tagged, or closed for a day without contacts"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/day-proposals/{id}", id: "decide-day-proposal", summary: "Accept or dismiss a proposal", tag: "calendars", need: editForecasts},
		func(ctx context.Context, call *Call, in *proposalDecision) (*one[scheduling.DayProposal], error) {
			id, err := parseID[ids.DayProposal](in.ID)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.DecideProposal(ctx, call.Scope, id, scheduling.Decision{Accept: in.Body.Accept, Name: in.Body.Name, Tag: in.Body.Tag, Kind: calendar.DayKind(in.Body.Kind), Actor: call.Identity.User.ID})
			call.Touch(id, p.ClientID)
			call.Note("accept", in.Body.Accept)
			return &one[scheduling.DayProposal]{Body: p}, err
		})
}

// registerTraining registers what the nightly training found.
func (s *Server) registerTraining() {
	type reportsQuery struct {
		ClientFilter
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"30"`
	}
	read(s, route{method: http.MethodGet, path: "/forecast-reports", id: "list-forecast-reports", summary: "Reports of the nightly training: fresh draft, back-test, drift and change against the published version; the newest first", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *reportsQuery) (*list[scheduling.ForecastReport], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.ForecastReports(ctx, call.Scope, client, in.Limit)
			return listOf(all), err
		})
	type retrainForecast struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/clients/{id}/retrain", id: "retrain-forecast", summary: "Train a client's queues anew beside what is published; the answer is the job that does it", tag: "forecasts", need: editForecasts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *retrainForecast) (*accepted, error) {
			client, err := s.visibleClient(ctx, call, in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueRetrain(ctx, call.Scope, client, call.Identity.User.ID)
			call.Touch(j.ID, client)
			return &accepted{Body: viewJob(j)}, err
		})
	s.registerAccuracy()
}

// AccuracyFilter narrows what is scored.
type AccuracyFilter struct {
	ClientFilter
	Forecast string `query:"forecast" doc:"Only this version"`
	Source   string `query:"source" enum:"engine,client,all" default:"engine" doc:"Ours, the client's own, or both"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"12" doc:"Versions to read"`
}

// accuracy reads the query.
func (s *Server) accuracy(ctx context.Context, call *Call, in AccuracyFilter) (scheduling.AccuracyQuery, error) {
	client, err := s.filter(ctx, call, in.Client)
	if err != nil {
		return scheduling.AccuracyQuery{}, err
	}
	forecast, err := optionalID[ids.Forecast](in.Forecast)
	return scheduling.AccuracyQuery{Client: client, Forecast: forecast, Source: in.Source, Limit: in.Limit}, err
}

// registerAccuracy registers how forecasts did.
func (s *Server) registerAccuracy() {
	read(s, route{method: http.MethodGet, path: "/forecast-accuracy", id: "list-forecast-accuracy", summary: "How published forecasts did, per queue and week", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *AccuracyFilter) (*list[scheduling.Accuracy], error) {
			q, err := s.accuracy(ctx, call, *in)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Accuracies(ctx, call.Scope, q)
			return listOf(all), err
		})
	type leadQuery struct {
		AccuracyFilter
		ByVersion bool `query:"by_version" doc:"Keep versions apart, with a row per version over all leads (weeks_ahead -1)"`
	}
	read(s, route{method: http.MethodGet, path: "/forecast-accuracy/leads", id: "list-forecast-accuracy-leads", summary: "WAPE, bias, MASE, day WAPE and Poisson floor by weeks ahead, per queue and of all queues together", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *leadQuery) (*list[scheduling.LeadAccuracy], error) {
			q, err := s.accuracy(ctx, call, in.AccuracyFilter)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.AccuracyByLead(ctx, call.Scope, q, in.ByVersion)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/forecast-accuracy/export", id: "export-forecast-accuracy", summary: "Scored weeks and their sums by lead as CSV", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *AccuracyFilter) (*csvFile, error) {
			q, err := s.accuracy(ctx, call, *in)
			if err != nil {
				return nil, err
			}
			text, err := s.deps.Scheduling.AccuracyCSV(ctx, call.Scope, q)
			return newCSVFile("forecast-accuracy.csv", text), err
		})
	read(s, route{method: http.MethodGet, path: "/forecast-drift", id: "list-forecast-drift", summary: "Weeks in which published forecasts did worse than their back-test promised", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.Drift], error) {
			all, err := s.deps.Scheduling.ForecastDrift(ctx, call.Scope)
			return listOf(all), err
		})
}

// needsProvider refuses those whose right does not hold for the whole provider, for
// what every client shares.
func needsProvider(call *Call) error {
	sc, err := call.Identity.Scope("forecasts", access.Edit)
	if err == nil && !sc.IsProvider() {
		err = providerOnly("forecasts", access.Edit)
	}
	return err
}

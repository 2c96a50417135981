package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/ids"
)

// registerForecastEdits registers adjustments and accuracy.
func (s *Server) registerForecastEdits() {
	type accuracyQuery struct {
		ClientFilter
		Limit int `query:"limit" minimum:"1" maximum:"100" default:"12" doc:"Versions to read"`
	}
	read(s, route{method: http.MethodGet, path: "/forecast-accuracy", id: "list-forecast-accuracy", summary: "How published forecasts did, per queue and week", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, in *accuracyQuery) (*list[scheduling.Accuracy], error) {
			client, err := s.filter(call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.ForecastAccuracy(ctx, call.Scope, client, in.Limit)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/forecast-drift", id: "list-forecast-drift", summary: "Weeks in which published forecasts did worse than their back-test promised", tag: "forecasts", need: viewForecasts},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.Drift], error) {
			all, err := s.deps.Scheduling.ForecastDrift(ctx, call.Scope)
			return listOf(all), err
		})
	type adjustment struct {
		IDPath
		Keyed
		Body struct {
			Name  string  `json:"name" maxLength:"200" doc:"Why"`
			Kind  string  `json:"kind" enum:"day_total,multiply"`
			Queue string  `json:"queue_id,omitempty" format:"uuid" doc:"Default every queue"`
			Day   string  `json:"day,omitempty" format:"date" doc:"Of day_total"`
			From  string  `json:"from,omitempty" doc:"Of multiply, RFC 3339"`
			To    string  `json:"to,omitempty" doc:"Of multiply, RFC 3339, exclusive"`
			Value float64 `json:"value" minimum:"0" doc:"Contacts of the day, or the factor"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/{id}/adjustments", id: "adjust-forecast", summary: "Change a day's total or multiply a range; a published version is copied into a new draft", tag: "forecasts", need: editForecasts, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *adjustment) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			b := in.Body
			a := scheduling.Adjustment{Name: b.Name, Kind: scheduling.AdjustmentKind(b.Kind), Value: b.Value, By: call.Identity.User.ID}
			if a.QueueID, err = optionalID[ids.Queue](b.Queue); err != nil {
				return nil, err
			}
			if a.Day, _, err = parseDates(b.Day, ""); err != nil {
				return nil, err
			}
			span, err := SpanQuery{From: b.From, To: b.To}.span()
			if err != nil {
				return nil, err
			}
			a.From, a.To = span.Start, span.End
			f, err := s.deps.Scheduling.AdjustForecast(ctx, call.Scope, id, a)
			call.Touch(f.ID, f.ClientID)
			call.Note("name", b.Name)
			return &one[scheduling.Forecast]{Body: f}, err
		})
	type undo struct {
		IDPath
		Adjustment string `path:"adjustment" format:"uuid"`
		Body       struct {
			Undone bool `json:"undone" doc:"true takes the adjustment back, false makes it again"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/forecasts/{id}/adjustments/{adjustment}", id: "undo-forecast-adjustment", summary: "Undo an adjustment of a draft, or make it again", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *undo) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			which, err := parseID[ids.Any](in.Adjustment)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.SetUndone(ctx, call.Scope, id, which, in.Body.Undone)
			call.Touch(f.ID, f.ClientID)
			return &one[scheduling.Forecast]{Body: f}, err
		})
}

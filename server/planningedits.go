package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/ids"
)

// registerForecastEdits registers adjustments.
func (s *Server) registerForecastEdits() {
	type adjustment struct {
		IDPath
		Keyed
		Body adjustmentInput
	}
	change(s, route{method: http.MethodPost, path: "/forecasts/{id}/adjustments", id: "adjust-forecast", summary: "Change a forecast by a named adjustment; a published version is copied into a new draft", tag: "forecasts", need: editForecasts, status: http.StatusCreated, maxBody: maxForecastFile},
		func(ctx context.Context, call *Call, in *adjustment) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			a, err := in.Body.adjustment()
			if err != nil {
				return nil, err
			}
			a.By = call.Identity.User.ID
			f, err := s.deps.Scheduling.AdjustForecast(ctx, call.Scope, id, a)
			call.Touch(f.ID, f.ClientID)
			call.Note("name", a.Name)
			return &one[scheduling.Forecast]{Body: f}, err
		})
	type undoNamed struct {
		IDPath
		Body struct {
			Name   string `json:"name" maxLength:"200"`
			Undone bool   `json:"undone" doc:"true takes every adjustment of the name back, false makes them again"`
		}
	}
	change(s, route{method: http.MethodPut, path: "/forecasts/{id}/adjustments", id: "undo-forecast-adjustments", summary: "Undo the adjustments of a name in a draft, or make them again", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *undoNamed) (*one[scheduling.Forecast], error) {
			id, err := parseID[ids.Forecast](in.ID)
			if err != nil {
				return nil, err
			}
			f, err := s.deps.Scheduling.SetUndoneByName(ctx, call.Scope, id, in.Body.Name, in.Body.Undone)
			call.Touch(f.ID, f.ClientID)
			call.Note("name", in.Body.Name)
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

// adjustmentInput is an adjustment as callers give it.
type adjustmentInput struct {
	ID    string  `json:"id,omitempty" format:"uuid" doc:"Of an adjustment of a scenario that stays"`
	Name  string  `json:"name" maxLength:"200" doc:"Why"`
	Kind  string  `json:"kind" enum:"day_total,multiply,deflect,escalate,handling,cells" doc:"deflect: the bot settles the share; escalate: the share comes to to_queue_id as well; handling: handling times times the factor"`
	Queue string  `json:"queue_id,omitempty" format:"uuid" doc:"Default every queue"`
	ToQ   string  `json:"to_queue_id,omitempty" format:"uuid" doc:"Of escalate"`
	Day   string  `json:"day,omitempty" format:"date" doc:"Of day_total"`
	From  string  `json:"from,omitempty" doc:"Of kinds with a range, RFC 3339"`
	To    string  `json:"to,omitempty" doc:"RFC 3339, exclusive"`
	Value float64 `json:"value" minimum:"0" doc:"Contacts of the day, the factor, or the share from 0 to 1; 0 for cells"`
	Cells []struct {
		Queue      string   `json:"queue_id" format:"uuid"`
		Start      string   `json:"start" doc:"RFC 3339, on a quarter of an hour"`
		Volume     *float64 `json:"volume,omitempty" minimum:"0"`
		AHTSeconds *float64 `json:"aht_seconds,omitempty" minimum:"0"`
	} `json:"cells,omitempty" maxItems:"100000" doc:"Of cells: intervals that get figures of their own"`
	Undone bool `json:"undone,omitempty" doc:"Of an adjustment of a scenario that is not made"`
}

// adjustment reads ids and times.
func (b adjustmentInput) adjustment() (scheduling.Adjustment, error) {
	a := scheduling.Adjustment{Name: b.Name, Kind: scheduling.AdjustmentKind(b.Kind), Value: b.Value, Undone: b.Undone}
	var err error
	if a.ID, err = optionalID[ids.Any](b.ID); err != nil {
		return a, err
	}
	if a.QueueID, err = optionalID[ids.Queue](b.Queue); err != nil {
		return a, err
	}
	if a.ToQueue, err = optionalID[ids.Queue](b.ToQ); err != nil {
		return a, err
	}
	if a.Day, _, err = parseDates(b.Day, ""); err != nil {
		return a, err
	}
	span, err := SpanQuery{From: b.From, To: b.To}.span()
	if err != nil {
		return a, err
	}
	a.From, a.To = span.Start, span.End
	for _, c := range b.Cells {
		cell := scheduling.ForecastCell{Volume: c.Volume, AHTSeconds: c.AHTSeconds}
		if cell.QueueID, err = parseID[ids.Queue](c.Queue); err != nil {
			return a, err
		}
		at, err := SpanQuery{From: c.Start}.span()
		if err != nil {
			return a, err
		}
		cell.Start = at.Start
		a.Cells = append(a.Cells, cell)
	}
	return a, nil
}

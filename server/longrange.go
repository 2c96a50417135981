package server

import (
	"context"
	"net/http"
	"strconv"

	"muster/scheduling"
	"muster/tenants/ids"
)

// registerLongRange registers forecasts by day and week, a year and more ahead. They
// are the provider's outlook, not offered to clients: all of it needs the right to edit forecasts.
func (s *Server) registerLongRange() {
	read(s, route{method: http.MethodGet, path: "/long-range-forecasts", id: "list-long-range-forecasts", summary: "Versions of long-range forecasts, the newest first", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *ClientFilter) (*list[scheduling.LongForecast], error) {
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.LongForecasts(ctx, call.Scope, client)
			return listOf(all), err
		})
	type newLong struct {
		Keyed
		Body struct {
			Client string `json:"client_id" format:"uuid"`
			Name   string `json:"name,omitempty" maxLength:"200"`
			From   string `json:"from,omitempty" format:"date" doc:"First business date; the history before it is used; default today"`
			Weeks  int    `json:"weeks,omitempty" minimum:"1" maximum:"104" default:"64"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/long-range-forecasts", id: "create-long-range-forecast", summary: "Forecast a client's queues by day, their sums consistent; the answer is the job that does it", tag: "forecasts", need: editForecasts, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newLong) (*accepted, error) {
			client, err := s.visibleClient(ctx, call, in.Body.Client)
			if err != nil {
				return nil, err
			}
			n := scheduling.NewLongForecast{Client: client, Name: in.Body.Name, Weeks: in.Body.Weeks, Actor: call.Identity.User.ID}
			if n.From, _, err = parseDates(in.Body.From, ""); err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueLongForecast(ctx, call.Scope, n)
			call.Touch(j.ID, client)
			return &accepted{Body: viewJob(j)}, err
		})
	type longQuery struct {
		IDPath
		By string `query:"by" enum:"week,day" default:"week"`
	}
	read(s, route{method: http.MethodGet, path: "/long-range-forecasts/{id}", id: "get-long-range-forecast", summary: "One version by week or day: the client's total, then its queues, beside last year and what came", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *longQuery) (*one[scheduling.LongTable], error) {
			id, err := parseID[ids.LongRange](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.LongTable(ctx, call.Scope, id, scheduling.LongGrain(in.By))
			return &one[scheduling.LongTable]{Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/long-range-forecasts/{id}/export", id: "export-long-range-forecast", summary: "One version by week or day as CSV", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *longQuery) (*csvFile, error) {
			id, err := parseID[ids.LongRange](in.ID)
			if err != nil {
				return nil, err
			}
			text, err := s.deps.Scheduling.LongCSV(ctx, call.Scope, id, scheduling.LongGrain(in.By))
			return newCSVFile("long-range.csv", text), err
		})
	read(s, route{method: http.MethodGet, path: "/long-range-forecasts/{id}/workbook", id: "export-long-range-workbook", summary: "One version as .xlsx, a sheet by week and one by day", tag: "forecasts", need: editForecasts},
		func(ctx context.Context, call *Call, in *IDPath) (*csvFile, error) {
			id, err := parseID[ids.LongRange](in.ID)
			if err != nil {
				return nil, err
			}
			l, err := s.deps.Scheduling.LongForecast(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			book, err := s.deps.Scheduling.LongWorkbook(ctx, call.Scope, id)
			return &csvFile{ContentType: xlsxType, ContentDisposition: `attachment; filename="long-range-v` + strconv.Itoa(l.Version) + `.xlsx"`, Body: book}, err
		})
}

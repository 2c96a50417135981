package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/scheduling/roster"
	"muster/tenants/ids"
)

// absenceInput is one absence as it is sent.
type absenceInput struct {
	Agent  string `json:"agent_id" format:"uuid"`
	From   string `json:"from" doc:"RFC 3339"`
	To     string `json:"to" doc:"RFC 3339, exclusive"`
	Reason string `json:"reason,omitempty" maxLength:"200"`
}

func readAbsences(in []absenceInput) ([]scheduling.Absence, error) {
	out := make([]scheduling.Absence, 0, len(in))
	for _, a := range in {
		agent, err := parseID[ids.Agent](a.Agent)
		if err != nil {
			return nil, err
		}
		span, err := SpanQuery{From: a.From, To: a.To}.span()
		if err != nil {
			return nil, err
		}
		out = append(out, scheduling.Absence{AgentID: agent, From: span.Start, To: span.End, Reason: a.Reason})
	}
	return out, nil
}

// registerRosterDay registers what is asked about a roster from day to day.
func (s *Server) registerRosterDay() {
	type hole struct {
		IDPath
		Template string `query:"template" required:"true"`
		Start    string `query:"start_at" required:"true" doc:"RFC 3339"`
		Minutes  int    `query:"minutes" minimum:"0" maximum:"1440"`
		From     string `query:"from_agent" doc:"Who gives the shift away; without it the shift is new"`
		Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"20"`
	}
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/candidates", id: "list-roster-candidates", summary: "Who could work a shift, ranked, with the rules it strains", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *hole) (*list[scheduling.Candidate], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			span, err := SpanQuery{From: in.Start}.span()
			if err != nil {
				return nil, err
			}
			h := scheduling.Hole{Template: in.Template, StartAt: span.Start, Minutes: in.Minutes}
			if h.From, err = optionalID[ids.Agent](in.From); err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Candidates(ctx, call.Scope, id, h, in.Limit)
			return listOf(all), err
		})
	type other struct {
		IDPath
		With string `query:"with" required:"true" doc:"The roster to compare from; the one of the path is the later"`
	}
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/comparison", id: "compare-rosters", summary: "What differs between two rosters of the same days", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *other) (*one[scheduling.Comparison], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			before, err := parseID[ids.Roster](in.With)
			if err != nil {
				return nil, err
			}
			c, err := s.deps.Scheduling.CompareRosters(ctx, call.Scope, before, id)
			return &one[scheduling.Comparison]{Body: c}, err
		})
	type gap struct {
		IDPath
		Body struct {
			Absences   []absenceInput `json:"absences" minItems:"1" maxItems:"500"`
			MaxChanges int            `json:"max_changes,omitempty" minimum:"0" maximum:"1000"`
		}
	}
	read(s, route{method: http.MethodPost, path: "/rosters/{id}/day-options", id: "list-day-options", summary: "Ranked answers to absences; nothing is applied", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *gap) (*list[scheduling.DayOption], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			absences, err := readAbsences(in.Body.Absences)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.DayOptions(ctx, call.Scope, id, absences, in.Body.MaxChanges)
			return listOf(all), err
		})
	type choice struct {
		IDPath
		Keyed
		Body struct {
			Absences   []absenceInput `json:"absences" minItems:"1" maxItems:"500"`
			Measure    string         `json:"measure" enum:"accept,breaks,start,extend,call_in,time_off,combined"`
			MaxChanges int            `json:"max_changes,omitempty" minimum:"0" maximum:"1000"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/day-options/apply", id: "apply-day-option", summary: "Make a draft version with the absences and one answer to them", tag: "rosters", need: editRosters, status: http.StatusCreated},
		func(ctx context.Context, call *Call, in *choice) (*one[scheduling.Roster], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			absences, err := readAbsences(in.Body.Absences)
			if err != nil {
				return nil, err
			}
			r, err := s.deps.Scheduling.ApplyDayOption(ctx, call.Scope, id, absences, roster.Measure(in.Body.Measure), in.Body.MaxChanges, call.Identity.User.ID)
			call.Touch(r.ID, ids.Client{})
			call.Note("measure", in.Body.Measure)
			r.Summary.Agents = nil
			return &one[scheduling.Roster]{ETag: etag(r.Edition), Body: r}, err
		})
}

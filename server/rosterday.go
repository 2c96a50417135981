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
		func(ctx context.Context, call *Call, in *gap) (*one[scheduling.DayAnswer], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			absences, err := readAbsences(in.Body.Absences)
			if err != nil {
				return nil, err
			}
			answer, err := s.deps.Scheduling.DayOptions(ctx, call.Scope, id, absences, in.Body.MaxChanges)
			return &one[scheduling.DayAnswer]{Body: answer}, err
		})
	type choice struct {
		IDPath
		Body decision
	}
	read(s, route{method: http.MethodPost, path: "/rosters/{id}/day-options/combined", id: "combine-day-options", summary: "What several answers to absences do together; nothing is applied", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *choice) (*one[scheduling.DayOption], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			d, err := in.Body.read(id, call)
			if err != nil {
				return nil, err
			}
			option, err := s.deps.Scheduling.DayPlan(ctx, call.Scope, id, d.Absences, d.Measures, d.MaxChanges)
			return &one[scheduling.DayOption]{Body: option}, err
		})
	type confirmed struct {
		IDPath
		Keyed
		Body decision
	}
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/day-options/apply", id: "apply-day-options", summary: "Enter the absences, take the measures and publish; the answer is the job that does it", tag: "rosters", need: publishRosters, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *confirmed) (*accepted, error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			d, err := in.Body.read(id, call)
			if err != nil {
				return nil, err
			}
			d.Publish = true
			j, err := s.deps.Scheduling.EnqueueDayPlan(ctx, call.Scope, d)
			call.Touch(id, ids.Client{})
			call.Note("measures", in.Body.Measures)
			call.Note("absences", len(d.Absences))
			return &accepted{Body: viewJob(j)}, err
		})
}

// decision is an answer to absences as it is sent.
type decision struct {
	Absences   []absenceInput `json:"absences" minItems:"1" maxItems:"500"`
	Measures   []string       `json:"measures" maxItems:"10" doc:"What is done together: reserve, breaks, start, swap, extend, call_in, time_off; none = accept the gap"`
	MaxChanges int            `json:"max_changes,omitempty" minimum:"0" maximum:"1000"`
}

func (in decision) read(id ids.Roster, call *Call) (scheduling.DayDecision, error) {
	d := scheduling.DayDecision{Roster: id, MaxChanges: in.MaxChanges, Actor: call.Identity.User.ID, Measures: []roster.Measure{}}
	for _, m := range in.Measures {
		d.Measures = append(d.Measures, roster.Measure(m))
	}
	var err error
	d.Absences, err = readAbsences(in.Absences)
	return d, err
}

package server

import (
	"context"
	"net/http"

	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

var (
	viewRosters    = right{"rosters", access.View}
	editRosters    = right{"rosters", access.Edit}
	publishRosters = right{"rosters", access.Publish}
	lockRosters    = right{"rosters", access.Lock}
	unlockRosters  = right{"rosters", access.Unlock}
)

// rosterStep is a step in the life of a version.
type rosterStep = func(context.Context, scope.Scope, ids.Roster) (scheduling.Roster, error)

// rosterView is a roster with the people of its rows.
type rosterView struct {
	scheduling.Roster
	Agents []scheduling.RosterAgent `json:"agents"`
}

func (s *Server) registerRosters() {
	read(s, route{method: http.MethodGet, path: "/rosters", id: "list-rosters", summary: "Versions of rosters, the latest dates first", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, _ *struct{}) (*list[scheduling.Roster], error) {
			all, err := s.deps.Scheduling.Rosters(ctx, call.Scope)
			return listOf(all), err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}", id: "get-roster", summary: "One version with its people, open requirement and broken rules", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[rosterView], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			r, err := s.deps.Scheduling.Roster(ctx, call.Scope, id)
			if err != nil {
				return nil, err
			}
			agents, err := s.deps.Scheduling.RosterAgents(ctx, call.Scope, r)
			r.Summary.Agents = nil
			return &one[rosterView]{ETag: etag(r.Edition), Body: rosterView{Roster: r, Agents: agents}}, err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/board", id: "get-roster-board", summary: "Everything the roster board shows, in compact form", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.BoardView], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			b, err := s.deps.Scheduling.Board(ctx, call.Scope, id)
			return &one[scheduling.BoardView]{ETag: etag(b.Edition), Body: b}, err
		})
	type stripQuery struct {
		IDPath
		ClientFilter
		Queue    string `query:"queue" format:"uuid" doc:"Only of this queue"`
		Interval int    `query:"interval" minimum:"15" maximum:"1440" default:"15" doc:"Minutes, a multiple of 15"`
	}
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/strip", id: "get-roster-strip", summary: "Requirement and cover of a roster per client and tier", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *stripQuery) (*one[scheduling.BoardStrip], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			f := scheduling.StripFilter{IntervalMinutes: in.Interval}
			if f.Client, err = s.filter(ctx, call, in.Client); err != nil {
				return nil, err
			}
			if f.Queue, err = optionalID[ids.Queue](in.Queue); err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.StripOf(ctx, call.Scope, id, f)
			return &one[scheduling.BoardStrip]{ETag: etag(v.Edition), Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/standing", id: "get-roster-standing", summary: "What a roster leaves open, what it costs, what can be undone", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Standing], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			v, err := s.deps.Scheduling.StandingOf(ctx, call.Scope, id)
			return &one[scheduling.Standing]{ETag: etag(v.Edition), Body: v}, err
		})
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/publication", id: "get-roster-publication", summary: "Who would be told and what stays open if the draft were published", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Publication], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			p, err := s.deps.Scheduling.PublicationOf(ctx, call.Scope, id)
			return &one[scheduling.Publication]{Body: p}, err
		})
	s.registerRosterRows()
	s.registerLabourLaws()
	s.registerReceived()
	s.registerRosterChanges()
	s.registerRosterEdits()
	s.registerRosterDay()
	s.registerMyShifts()
}

func (s *Server) registerRosterRows() {
	type shiftsQuery struct {
		IDPath
		From string `query:"from" format:"date" doc:"First business date"`
		To   string `query:"to" format:"date" doc:"Business date after the last"`
	}
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/shifts", id: "list-roster-shifts", summary: "Shifts with their activities, by agent and start", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *shiftsQuery) (*list[scheduling.Shift], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			from, to, err := parseDates(in.From, in.To)
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Shifts(ctx, call.Scope, id, from, to)
			return listOf(all), err
		})
	type coverageQuery struct {
		IDPath
		ClientFilter
		SpanQuery
	}
	read(s, route{method: http.MethodGet, path: "/rosters/{id}/coverage", id: "list-roster-coverage", summary: "Required and scheduled agents per queue and interval", tag: "rosters", need: viewRosters},
		func(ctx context.Context, call *Call, in *coverageQuery) (*list[scheduling.Coverage], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			client, err := s.filter(ctx, call, in.Client)
			if err != nil {
				return nil, err
			}
			span, err := in.span()
			if err != nil {
				return nil, err
			}
			all, err := s.deps.Scheduling.Coverage(ctx, call.Scope, id, client, span)
			return listOf(all), err
		})
}

// receivedInput is a received plan that a roster shall stand on.
type receivedInput struct {
	Plan string `json:"plan_id" format:"uuid"`
	As   string `json:"as" enum:"requirement,commitment,provider"`
}

func (s *Server) registerRosterChanges() {
	type newRoster struct {
		Keyed
		Body struct {
			Name     string          `json:"name,omitempty" maxLength:"200" doc:"Versions of one name follow each other"`
			Plans    []string        `json:"plan_ids" minItems:"1" maxItems:"100"`
			From     string          `json:"from" format:"date"`
			Days     int             `json:"days" minimum:"1" maximum:"92"`
			Zone     string          `json:"zone,omitempty" doc:"Decides the midnights; default the provider's"`
			BasedOn  string          `json:"based_on,omitempty" format:"uuid" doc:"Change this roster as little as possible"`
			Seed     uint64          `json:"seed,omitempty"`
			Received []receivedInput `json:"received,omitempty" maxItems:"20" doc:"Staffing that others handed in, and what each counts as"`
			Seconds  int             `json:"seconds,omitempty" minimum:"0" maximum:"3600" doc:"Time to search; 0 = by moves, the same answer everywhere"`
			Threads  int             `json:"threads,omitempty" minimum:"0" maximum:"64"`
			Keep     bool            `json:"keep_on_stop,omitempty" doc:"Stopping the job stores the best roster so far instead of nothing"`
		}
	}
	change(s, route{method: http.MethodPost, path: "/rosters", id: "create-roster", summary: "Solve a roster; the answer is the job that does it", tag: "rosters", need: editRosters, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *newRoster) (*accepted, error) {
			b := in.Body
			n := scheduling.NewRoster{Name: b.Name, Days: b.Days, Zone: b.Zone, Seed: b.Seed, Seconds: b.Seconds, Threads: b.Threads, KeepOnStop: b.Keep, Actor: call.Identity.User.ID}
			var err error
			if n.From, _, err = parseDates(b.From, ""); err != nil {
				return nil, err
			}
			if n.BasedOn, err = optionalID[ids.Roster](b.BasedOn); err != nil {
				return nil, err
			}
			for _, raw := range b.Plans {
				id, err := parseID[ids.Staffing](raw)
				if err != nil {
					return nil, err
				}
				n.Plans = append(n.Plans, id)
			}
			for _, u := range b.Received {
				id, err := parseID[ids.Any](u.Plan)
				if err != nil {
					return nil, err
				}
				n.Received = append(n.Received, scheduling.ReceivedUse{PlanID: id, As: scheduling.ReceivedAs(u.As)})
			}
			j, err := s.deps.Scheduling.EnqueueRoster(ctx, call.Scope, n)
			call.Touch(j.ID, ids.Client{})
			return &accepted{Body: viewJob(j)}, err
		})
	type revision struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/revisions", id: "revise-roster", summary: "Copy a version into a new draft; the answer is the job that does it", tag: "rosters", need: editRosters, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *revision) (*accepted, error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueRevision(ctx, call.Scope, id, call.Identity.User.ID)
			call.Touch(id, ids.Client{})
			return &accepted{Body: viewJob(j)}, err
		})
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/restore", id: "restore-roster", summary: "Take a published version back in a new one, as far as it has not begun; the answer is the job that does it", tag: "rosters", need: publishRosters, status: http.StatusAccepted},
		func(ctx context.Context, call *Call, in *revision) (*accepted, error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.EnqueueRestore(ctx, call.Scope, id, call.Identity.User.ID)
			call.Touch(id, ids.Client{})
			return &accepted{Body: viewJob(j)}, err
		})
	type stopping struct {
		IDPath
		Keyed
	}
	change(s, route{method: http.MethodPost, path: "/rosters/searches/{id}/stop", id: "stop-roster-search", summary: "Stop the job that searches for a roster; with keep_on_stop the best so far is stored", tag: "rosters", need: editRosters},
		func(ctx context.Context, call *Call, in *stopping) (*one[jobView], error) {
			id, err := parseID[ids.Job](in.ID)
			if err != nil {
				return nil, err
			}
			j, err := s.deps.Scheduling.StopSearch(ctx, call.Scope, id)
			call.Touch(id, ids.Client{})
			return &one[jobView]{Body: viewJob(j)}, err
		})
	s.advanceRoster("publish", "Put a draft in force; it never changes afterwards", publishRosters, s.deps.Scheduling.PublishRoster)
	s.advanceRoster("lock", "Lock a published roster", lockRosters, s.deps.Scheduling.LockRoster)
	s.advanceRoster("unlock", "Unlock a locked roster", unlockRosters, s.deps.Scheduling.UnlockRoster)
}

// advanceRoster registers one step in the life of a version.
func (s *Server) advanceRoster(verb, summary string, need right, step rosterStep) {
	change(s, route{method: http.MethodPost, path: "/rosters/{id}/" + verb, id: verb + "-roster", summary: summary, tag: "rosters", need: need},
		func(ctx context.Context, call *Call, in *IDPath) (*one[scheduling.Roster], error) {
			id, err := parseID[ids.Roster](in.ID)
			if err != nil {
				return nil, err
			}
			r, err := step(ctx, call.Scope, id)
			call.Touch(id, ids.Client{})
			r.Summary.Agents = nil
			return &one[scheduling.Roster]{ETag: etag(r.Edition), Body: r}, err
		})
}

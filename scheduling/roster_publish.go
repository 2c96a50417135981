package scheduling

import (
	"context"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// PublishRoster makes a draft the roster in force for its agents and dates; it
// never changes afterwards. A draft that would change what has begun already
// is a Conflict: people have lived it.
func (s *Service) PublishRoster(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return r, err
	}
	after, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return r, err
	}
	problem, err := r.decode()
	if err != nil {
		return r, err
	}
	if err := s.checkPast(ctx, sc, r, problem, after); err != nil {
		return r, err
	}
	if r.Status == Draft && r.Edition > 1 { // edited by hand: the summary is that of the solve
		if _, err := s.RejudgeRoster(ctx, sc, id); err != nil {
			return r, err
		}
	}
	return s.advanceRoster(ctx, sc, id, Draft, Published)
}

// LockRoster ends the life of a published roster; attendance and pay rest on it.
func (s *Service) LockRoster(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	return s.advanceRoster(ctx, sc, id, Published, Locked)
}

// UnlockRoster gives a locked roster back to the planners.
func (s *Service) UnlockRoster(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	return s.advanceRoster(ctx, sc, id, Locked, Published)
}

func (s *Service) advanceRoster(ctx context.Context, sc scope.Scope, id ids.Roster, from, to Status) (Roster, error) {
	var r Roster
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if r, err = database.One[Roster](tx.Clauses(database.ForUpdate()).Omit("problem").Where("id = ?", id), "roster.not_found", "There is no such roster."); err != nil {
			return err
		}
		if r.Status != from {
			return fault.Newf(fault.Conflict, "roster.wrong_status", "The roster is %s; only a %s one can become %s.", r.Status, from, to).With("status", r.Status)
		}
		now := s.db.Now()
		changes := map[string]any{"status": to}
		switch {
		case to == Locked:
			changes["locked_at"], r.LockedAt = now, &now
		case from == Locked:
			changes["locked_at"], r.LockedAt = nil, nil
		default:
			changes["published_at"], r.PublishedAt = now, &now
		}
		r.Status = to
		if err := tx.Model(&Roster{}).Where("id = ?", id).Updates(changes).Error; err != nil {
			return err
		}
		kind := "roster." + string(to)
		if from == Locked {
			kind = "roster.unlocked"
		}
		return s.announce(tx, r, kind)
	})
	return r, err
}

// announce publishes the event of a step in the life of a version.
func (s *Service) announce(tx *database.Tx, r Roster, kind string) error {
	return s.Events.Publish(tx, events.Message{Type: kind, Subject: "roster/" + r.ID.String(),
		Data: map[string]any{"name": r.Name, "version": r.Version, "from": r.FromDay, "to": r.ToDay, "agents": len(r.Summary.Agents)}})
}

// checkPast compares what has begun with what is in force: it must stay, save for
// whoever is absent in the new version.
func (s *Service) checkPast(ctx context.Context, sc scope.Scope, r Roster, problem *roster.Problem, after []Shift) error {
	moved, _, err := s.againstForce(ctx, sc, r, problem, after)
	if err == nil && moved > 0 {
		return fault.Newf(fault.Conflict, "roster.past", "The draft moves %d shifts that have begun; make a new version based on the roster in force.", moved).With("shifts", moved)
	}
	return err
}

// begun is a shift as far as people notice it.
type begun struct {
	agent      ids.Agent
	start, end calendar.Instant
}

// againstForce counts the shifts that have begun and would move, and lists the
// people whose shifts to come are others than those in force.
func (s *Service) againstForce(ctx context.Context, sc scope.Scope, r Roster, problem *roster.Problem, after []Shift) (moved int, told []ids.Agent, err error) {
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return 0, nil, err
	}
	now := s.db.Now()
	span := calendar.Interval{Start: r.FromDay.At(0, zone), End: r.ToDay.At(0, zone)}
	before, err := s.PublishedShifts(ctx, sc, r.Summary.Agents, span)
	if err != nil {
		return 0, nil, err
	}
	away := absences(problem, span.Start)
	old, fresh, tell := map[begun]bool{}, map[begun]bool{}, map[ids.Agent]bool{}
	for _, sh := range after {
		fresh[begun{sh.AgentID, sh.StartAt, sh.EndAt}] = true
	}
	for _, sh := range before {
		k := begun{sh.AgentID, sh.StartAt, sh.EndAt}
		old[k] = true
		switch {
		case sh.StartAt < span.Start || fresh[k]:
		case sh.StartAt >= now:
			tell[sh.AgentID] = true
		case !away(sh):
			moved++
		}
	}
	for k := range fresh {
		if k.start >= now && !old[k] {
			tell[k.agent] = true
		}
	}
	for _, a := range r.Summary.Agents {
		if tell[a] {
			told = append(told, a)
		}
	}
	return moved, told, nil
}

// absences says of a shift whether its agent is absent by the time off of the problem.
func absences(problem *roster.Problem, origin calendar.Instant) func(Shift) bool {
	windows := map[string][]roster.Window{}
	for _, a := range problem.Agents {
		windows[a.ID] = a.TimeOff
	}
	return func(sh Shift) bool {
		for _, w := range windows[sh.AgentID.String()] {
			if sh.StartAt < origin+calendar.Instant(w.To)*calendar.Minute && origin+calendar.Instant(w.From)*calendar.Minute < sh.EndAt {
				return true
			}
		}
		return false
	}
}

// Publication is what publishing a draft would mean.
type Publication struct {
	Told       []ids.Agent `json:"told"`      // people whose shifts to come change
	Moved      int         `json:"moved"`     // shifts that have begun and would move; publishing is refused unless 0
	Hard       int         `json:"hard"`      // hard rules that are broken
	Uncovered  int64       `json:"uncovered"` // agent-minutes of requirement that stay open
	Simulated  bool        `json:"simulated"` // tested on the routing engine
	Stale      bool        `json:"stale"`     // edited after the last test
	Simulation ids.Any     `json:"simulation,omitzero"`
	// What the last test expects, over which days and with how many absent.
	Expected []SimulatedClient `json:"expected"`
	From     calendar.Date     `json:"from,omitempty"`
	Days     int               `json:"days"`
	Absent   float64           `json:"absent"`
}

// PublicationOf says what publishing a draft would mean; nothing changes.
func (s *Service) PublicationOf(ctx context.Context, sc scope.Scope, id ids.Roster) (Publication, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return Publication{}, err
	}
	d, sol, err := s.solved(ctx, sc, id)
	if err != nil {
		return Publication{}, err
	}
	after, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return Publication{}, err
	}
	out := Publication{Expected: []SimulatedClient{}, Uncovered: sol.Coverage.Required - sol.Coverage.Met}
	if out.Moved, out.Told, err = s.againstForce(ctx, sc, r, &d.problem, after); err != nil {
		return out, err
	}
	if out.Told == nil {
		out.Told = []ids.Agent{}
	}
	for _, v := range sol.Violations {
		if v.Hard {
			out.Hard++
		}
	}
	tests, err := s.Simulations(ctx, sc, id)
	if err == nil && len(tests) > 0 {
		out.Simulated, out.Simulation, out.Stale = true, ids.Any(tests[0].ID), tests[0].Edition != r.Edition
		out.Expected, out.From, out.Days, out.Absent = tests[0].Summary.Clients, tests[0].Summary.From, tests[0].Summary.Days, tests[0].Summary.Absent
	}
	return out, err
}

// ReviseRoster copies a version into a new draft of the same name, to be edited by hand.
func (s *Service) ReviseRoster(ctx context.Context, sc scope.Scope, id ids.Roster, actor ids.User) (Roster, error) {
	base, err := s.Roster(ctx, sc, id)
	if err != nil {
		return base, err
	}
	shifts, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return base, err
	}
	cover, err := s.Coverage(ctx, sc, id, ids.Client{}, calendar.Interval{})
	if err != nil {
		return base, err
	}
	for i := range shifts {
		shifts[i].ID = ids.New[ids.Shift](s.db.IDs())
	}
	next := base.successor(actor)
	next.Status = Draft
	return s.stageRoster(ctx, sc, next, shifts, cover)
}

// successor is the frame of a draft that begins as a copy of the version.
func (r Roster) successor(actor ids.User) Roster {
	r.BasedOn, r.Edition, r.CreatedBy, r.PublishedAt, r.LockedAt = r.ID, 1, actor, nil, nil
	return r
}

package scheduling

import (
	"context"

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
	if err := s.checkPast(ctx, sc, r); err != nil {
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
		return s.Events.Publish(tx, events.Message{Type: kind, Subject: "roster/" + r.ID.String(),
			Data: map[string]any{"name": r.Name, "version": r.Version, "from": r.FromDay, "to": r.ToDay, "agents": len(r.Summary.Agents)}})
	})
	return r, err
}

// checkPast compares what has begun with what is in force.
func (s *Service) checkPast(ctx context.Context, sc scope.Scope, r Roster) error {
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return err
	}
	span := calendar.Interval{Start: r.FromDay.At(0, zone), End: min(s.db.Now(), r.ToDay.At(0, zone))}
	if span.Empty() {
		return nil
	}
	before, err := s.PublishedShifts(ctx, sc, r.Summary.Agents, span)
	if err != nil || len(before) == 0 {
		return err
	}
	after, err := s.Shifts(ctx, sc, r.ID, 0, 0)
	if err != nil {
		return err
	}
	type begun struct {
		agent      ids.Agent
		start, end calendar.Instant
	}
	stays := map[begun]bool{}
	for _, sh := range after {
		if sh.StartAt < span.End {
			stays[begun{sh.AgentID, sh.StartAt, sh.EndAt}] = true
		}
	}
	moved := 0
	for _, sh := range before {
		if sh.StartAt >= span.Start && !stays[begun{sh.AgentID, sh.StartAt, sh.EndAt}] {
			moved++
		}
	}
	if moved > 0 {
		return fault.Newf(fault.Conflict, "roster.past", "The draft moves %d shifts that have begun; make a new version based on the roster in force.", moved).With("shifts", moved)
	}
	return nil
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
	return s.stageRoster(ctx, sc, base.successor(actor), shifts, cover)
}

// successor is the frame of a draft that begins as a copy of the version.
func (r Roster) successor(actor ids.User) Roster {
	r.BasedOn, r.Edition, r.CreatedBy, r.PublishedAt, r.LockedAt = r.ID, 1, actor, nil, nil
	return r
}

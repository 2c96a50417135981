package scheduling

import (
	"cmp"
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Cell is one agent's business day as it shall become: a shift, or a day off when Template is empty.
type Cell struct {
	AgentID  ids.Agent        `json:"agent_id"`
	Day      calendar.Date    `json:"day"` // business date in the agent's site
	Template string           `json:"template,omitempty"`
	StartAt  calendar.Instant `json:"start_at,omitempty"`
	Minutes  int              `json:"minutes,omitempty"` // from start to end; 0 = the template's shortest
}

// CellChange is what a change of one cell does.
type CellChange struct {
	Before     *Shift          `json:"before"` // nil: a day off
	After      *Shift          `json:"after"`
	Legal      bool            `json:"legal"`      // no hard rule is broken more than before
	Points     int64           `json:"points"`     // change of the roster's points; less is better
	Violations []CellViolation `json:"violations"` // rules this breaks, or breaks more
	Healed     []CellViolation `json:"healed"`     // rules this keeps again
	Coverage   []Coverage      `json:"coverage"`   // the intervals that change, after the change
	Stored     bool            `json:"stored"`
	Edition    int             `json:"edition"`
}

// EditCell changes one cell of a draft, placing breaks and work against the
// requirement that the others leave open, and says which rules it breaks and
// heals. With dryRun, or when a hard rule would be broken and force is not set,
// nothing is stored. The cell is pinned: a later solve keeps it. Errors: Conflict
// for a roster that is no draft (revise it first) and for shifts that have begun.
func (s *Service) EditCell(ctx context.Context, sc scope.Scope, id ids.Roster, c Cell, dryRun, force bool) (CellChange, error) {
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return CellChange{}, err
	}
	if r.Status != Draft {
		return CellChange{}, fault.Newf(fault.Conflict, "roster.not_draft", "The roster is %s and never changes; make a new version of it and edit that.", r.Status).With("status", r.Status)
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return CellChange{}, err
	}
	b.mu.Lock()
	held := true
	defer func() { held = false; b.mu.Unlock() }()
	e, err := s.openEdit(ctx, sc, b, c)
	if err != nil {
		return CellChange{}, err
	}
	edit, err := b.editor.Try(e.agent, e.day, e.shift)
	if err != nil {
		return CellChange{}, err
	}
	out, err := e.outcome(s, edit)
	if err != nil || dryRun || !edit.Legal && !force {
		return out, err
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		// The editor follows the rows once they are committed, which may be after
		// this call when it is part of a larger transaction.
		tx.AfterCommit(func() {
			if !held {
				b.mu.Lock()
				defer b.mu.Unlock()
			}
			b.follow(e, out.Edition)
		})
		return s.storeCell(tx, r, &out, c)
	})
	return out, err
}

// follow makes the stored change in the editor; should the engine refuse, the
// board is loaded again at the next use.
func (b *board) follow(e *cellEdit, edition int) {
	if b.edition != edition-1 {
		return
	}
	if _, err := b.editor.Apply(e.agent, e.day, e.shift); err == nil {
		b.edition = edition
	}
}

// cellEdit is a change of one cell, in the engine's terms.
type cellEdit struct {
	*board
	agent, day int
	shift      *roster.Shift // nil: a day off
	before     *Shift
	cover      map[coverKey]Coverage // stored coverage of the two days around
}

type coverKey struct {
	queue ids.Queue
	at    calendar.Instant
}

// openEdit checks the cell and loads what it holds now.
func (s *Service) openEdit(ctx context.Context, sc scope.Scope, b *board, c Cell) (*cellEdit, error) {
	e := &cellEdit{board: b, cover: map[coverKey]Coverage{}}
	var err error
	if e.agent, err = agentIndex(&b.problem, c.AgentID); err != nil {
		return nil, err
	}
	if err := s.loadCell(ctx, sc, e, c); err != nil {
		return nil, err
	}
	now := s.db.Now()
	if e.before != nil && e.before.StartAt < now || c.Template != "" && c.StartAt < now {
		return nil, fault.New(fault.Conflict, "roster.past", "The shift has begun; the past cannot move.")
	}
	switch {
	case c.Template != "":
		if e.shift, err = e.wanted(c); err != nil {
			return nil, err
		}
		e.day = e.shift.Day
	case e.before != nil:
		if e.day, err = b.dayOf(e.before.StartAt); err != nil {
			return nil, err
		}
	default:
		e.day = int(c.Day - b.FromDay)
	}
	return e, nil
}

// loadCell reads the stored shift of the cell and the coverage around it.
func (s *Service) loadCell(ctx context.Context, sc scope.Scope, e *cellEdit, c Cell) error {
	return s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var rows []Shift
		if err := tx.Where("roster_id = ? AND agent_id = ? AND business_day = ?", e.ID, c.AgentID, c.Day).Find(&rows).Error; err != nil {
			return err
		}
		if err := addActivities(tx, []ids.Roster{e.ID}, rows); err != nil {
			return err
		}
		at := e.origin + calendar.Instant(c.Day-e.FromDay)*calendar.Day
		if len(rows) > 0 {
			e.before, at = &rows[0], rows[0].StartAt
		}
		var cover []Coverage
		if err := tx.Where("roster_id = ? AND start_at >= ? AND start_at < ?", e.ID, at-2*calendar.Day, at+3*calendar.Day).Find(&cover).Error; err != nil {
			return err
		}
		for _, v := range cover {
			e.cover[coverKey{v.QueueID, v.StartAt}] = v
		}
		return nil
	})
}

// wanted translates the new shift.
func (e *cellEdit) wanted(c Cell) (*roster.Shift, error) {
	i := slices.IndexFunc(e.problem.Templates, func(t roster.Template) bool { return t.ID == c.Template })
	if i < 0 {
		return nil, fault.Newf(fault.Invalid, "roster.unknown_template", "The roster has no shift template %q; it has %s.", c.Template, fault.Allowed(templateIDs(e.problem.Templates))).With("template", c.Template)
	}
	if c.Minutes == 0 {
		c.Minutes = e.problem.Templates[i].MinMinutes
	}
	zone, err := zoneOf(e.sites[e.people[e.agent].Membership.SiteID].Zone)
	if err != nil {
		return nil, err
	}
	day, err := e.dayOf(c.StartAt)
	if err != nil {
		return nil, err
	}
	if calendar.DateOf(c.StartAt, zone) != c.Day || day < 0 || day >= e.problem.Days {
		return nil, fault.Newf(fault.Invalid, "roster.cell_day", "The shift starts on %s in the agent's site, not on %s, or outside of the roster.", calendar.DateOf(c.StartAt, zone), c.Day)
	}
	return &roster.Shift{Agent: e.agent, Day: day, Template: c.Template, Start: e.minuteOf(c.StartAt), Minutes: c.Minutes}, nil
}

func templateIDs(all []roster.Template) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out
}

// outcome says what the engine's judgement means for rows.
func (e *cellEdit) outcome(s *Service, edit *roster.Edit) (CellChange, error) {
	out := CellChange{Before: e.before, Legal: edit.Legal, Points: edit.Points, Violations: e.violations(edit.New), Healed: e.violations(edit.Gone), Edition: e.edition}
	if edit.Shift != nil {
		row, err := e.row(s, *edit.Shift)
		if err != nil {
			return out, err
		}
		row.Pinned, row.RosterID = true, e.ID
		out.After = &row
	}
	out.Coverage = e.coverChange(out.Before, out.After)
	return out, nil
}

// staffedBy counts the intervals a shift covers per queue.
func staffedBy(sh *Shift) map[coverKey]float64 {
	out := map[coverKey]float64{}
	if sh == nil {
		return out
	}
	for _, a := range sh.Activities {
		if a.QueueID.IsZero() {
			continue
		}
		for at := a.StartAt; at < a.EndAt; at += grid {
			out[coverKey{a.QueueID, at}]++
		}
	}
	return out
}

// coverChange lists the intervals whose coverage changes, as they become.
func (e *cellEdit) coverChange(before, after *Shift) []Coverage {
	delta := staffedBy(after)
	for k, n := range staffedBy(before) {
		delta[k] -= n
	}
	out := []Coverage{}
	for k, n := range delta {
		if n == 0 {
			continue
		}
		c, ok := e.cover[k]
		if !ok {
			c = Coverage{RosterID: e.ID, QueueID: k.queue, StartAt: k.at, ClientID: e.clientOf(k.queue)}
		}
		c.Scheduled += n
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Coverage) int {
		return cmp.Or(a.QueueID.Compare(b.QueueID), cmp.Compare(a.StartAt, b.StartAt))
	})
	return out
}

// clientOf gives the client of one of the roster's queues.
func (d *draftRoster) clientOf(queue ids.Queue) ids.Client {
	for _, q := range d.queues {
		if q.ID == queue {
			return q.ClientID
		}
	}
	return ids.Client{}
}

// storeCell replaces the shift and the coverage it changes, if the draft is still what was looked at.
func (s *Service) storeCell(tx *database.Tx, r Roster, out *CellChange, c Cell) error {
	now, err := database.One[Roster](tx.Clauses(database.ForUpdate()).Select("id", "status", "edition").Where("id = ?", r.ID), "roster.not_found", "There is no such roster.")
	if err != nil {
		return err
	}
	if now.Status != Draft || now.Edition != r.Edition {
		return fault.New(fault.Conflict, "roster.changed", "Somebody changed the roster at this moment; look at it again and repeat the change.")
	}
	if out.Before != nil {
		if err := tx.Where("shift_id = ?", out.Before.ID).Delete(&Activity{}).Error; err != nil {
			return err
		}
		if err := tx.Where("id = ?", out.Before.ID).Delete(&Shift{}).Error; err != nil {
			return err
		}
	}
	if out.After != nil {
		rows := []Shift{*out.After}
		if err := insertShifts(tx, r.ID, rows); err != nil {
			return err
		}
		*out.After = rows[0]
	}
	for _, v := range out.Coverage {
		if err := tx.Where("roster_id = ? AND queue_id = ? AND start_at = ?", r.ID, v.QueueID, v.StartAt).Delete(&Coverage{}).Error; err != nil {
			return err
		}
	}
	if _, err := database.Insert(tx, out.Coverage); err != nil {
		return err
	}
	out.Stored, out.Edition = true, r.Edition+1
	if err := tx.Model(&Roster{}).Where("id = ?", r.ID).Update("edition", out.Edition).Error; err != nil {
		return err
	}
	return s.Events.Publish(tx, events.Message{Type: "roster.edited", Subject: "roster/" + r.ID.String(), Data: map[string]any{"agent": c.AgentID, "day": c.Day, "edition": out.Edition}})
}

package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
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
	Violations []CellViolation `json:"violations"` // of the agent, after the change
	Fixed      []CellViolation `json:"fixed"`      // broken before, kept after
	Coverage   []Coverage      `json:"coverage"`   // the intervals that change, after the change
	Stored     bool            `json:"stored"`
	Edition    int             `json:"edition"`
}

// EditCell changes one cell of a draft, placing breaks and work against the
// requirement that the others leave open, and says which rules it breaks and
// keeps. With dryRun, or when a hard rule would be broken newly and force is not
// set, nothing is stored. The cell is pinned: a later solve keeps it. Errors:
// Conflict for a roster that is no draft (make a revision first) and for shifts
// that have begun.
func (s *Service) EditCell(ctx context.Context, sc scope.Scope, id ids.Roster, c Cell, dryRun, force bool) (CellChange, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return CellChange{}, err
	}
	if r.Status != Draft {
		return CellChange{}, fault.Newf(fault.Conflict, "roster.not_draft", "The roster is %s and never changes; make a new version of it and edit that.", r.Status).With("status", r.Status)
	}
	e, err := s.openCell(ctx, sc, r, c)
	if err != nil {
		return CellChange{}, err
	}
	out, err := e.change(s, c)
	if err != nil || dryRun {
		return out, err
	}
	if !force && slices.ContainsFunc(out.Violations, func(v CellViolation) bool { return v.Hard && !e.brokenBefore(v) }) {
		return out, nil
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error { return s.storeCell(tx, r, &out, c) })
	return out, err
}

// openCellEdit is one agent's row cut out of a roster: the same problem with this
// agent alone and the requirement that everybody else leaves open.
type openCellEdit struct {
	draftRoster
	stored []Shift // the agent's shifts, stored
	before *roster.Solution
	cover  map[coverKey]Coverage
}

type coverKey struct {
	queue ids.Queue
	at    calendar.Instant
}

// openCell cuts out the row.
func (s *Service) openCell(ctx context.Context, sc scope.Scope, r Roster, c Cell) (*openCellEdit, error) {
	d, err := s.reopen(ctx, sc, r)
	if err != nil {
		return nil, err
	}
	i, err := agentIndex(&d.problem, c.AgentID)
	if err != nil {
		return nil, err
	}
	e := &openCellEdit{draftRoster: d, cover: map[coverKey]Coverage{}}
	e.people = []people.Person{d.people[i]}
	e.problem.Agents = []roster.Agent{d.problem.Agents[i]}
	e.problem.Agents[0].Pins, e.problem.Published = nil, nil
	e.problem.FreezeUntil = 0
	for k := range e.problem.Rules {
		if list := e.problem.Rules[k].Agents; len(list) > 0 {
			e.problem.Rules[k].Agents = nil
			if !slices.Contains(list, i) {
				e.problem.Rules[k].Hard, e.problem.Rules[k].Weight = false, 0
			}
		}
	}
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		e.stored = nil
		if err := tx.Where("roster_id = ? AND agent_id = ?", r.ID, c.AgentID).Order("start_at").Find(&e.stored).Error; err != nil {
			return err
		}
		return addActivities(tx, []ids.Roster{r.ID}, e.stored)
	})
	if err != nil {
		return nil, err
	}
	cover, err := s.Coverage(ctx, sc, r.ID, ids.Client{}, calendar.Interval{})
	if err != nil {
		return nil, err
	}
	e.leaveOpen(cover)
	shifts, err := e.engineShifts(e.stored)
	if err != nil {
		return nil, err
	}
	e.before, err = roster.Evaluate(&e.problem, shifts)
	return e, err
}

// leaveOpen reduces the requirement by what the others cover.
func (e *openCellEdit) leaveOpen(cover []Coverage) {
	own := map[coverKey]float64{}
	for _, sh := range e.stored {
		for k, n := range staffedBy(sh) {
			own[k] += n
		}
	}
	for _, c := range cover {
		e.cover[coverKey{c.QueueID, c.StartAt}] = c
	}
	for g := range e.problem.Groups {
		need := slices.Clone(e.problem.Groups[g].Need)
		for i := range need {
			k := coverKey{e.queues[g].ID, e.instantOf(i * 15)}
			others := e.cover[k].Scheduled - own[k]
			need[i] = max(0, need[i]-int(others))
		}
		e.problem.Groups[g].Need, e.problem.Groups[g].Values = need, nil
	}
}

// staffedBy counts the intervals a shift covers per queue.
func staffedBy(sh Shift) map[coverKey]float64 {
	out := map[coverKey]float64{}
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

// engineShifts translates the agent's stored shifts; the agent is number 0.
func (e *openCellEdit) engineShifts(rows []Shift) ([]roster.Shift, error) {
	out := make([]roster.Shift, 0, len(rows))
	for _, sh := range rows {
		v, err := e.engineShift(0, sh)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// change works out what the new cell does.
func (e *openCellEdit) change(s *Service, c Cell) (CellChange, error) {
	out := CellChange{Edition: e.Edition, Coverage: []Coverage{}}
	var rest []Shift
	for _, sh := range e.stored {
		if sh.BusinessDay == c.Day {
			out.Before = &sh
		} else {
			rest = append(rest, sh)
		}
	}
	now := s.db.Now()
	if out.Before != nil && out.Before.StartAt < now || c.Template != "" && c.StartAt < now {
		return out, fault.New(fault.Conflict, "roster.past", "The shift has begun; the past cannot move.")
	}
	shifts, err := e.engineShifts(rest)
	if err != nil {
		return out, err
	}
	if c.Template != "" {
		cell, err := e.cell(c)
		if err != nil {
			return out, err
		}
		shifts = append(shifts, cell)
		slices.SortFunc(shifts, func(a, b roster.Shift) int { return a.Day - b.Day })
	}
	after, err := roster.Evaluate(&e.problem, shifts)
	if err != nil {
		return out, err
	}
	out.Violations = e.violations(after.Violations)
	for _, v := range e.violations(e.before.Violations) {
		if v.Hard && !slices.ContainsFunc(out.Violations, func(o CellViolation) bool { return o.Rule == v.Rule }) {
			out.Fixed = append(out.Fixed, v)
		}
	}
	if c.Template != "" {
		if err := e.placed(s, &out, after, c); err != nil {
			return out, err
		}
	}
	e.coverChange(&out)
	return out, nil
}

// cell translates the new shift.
func (e *openCellEdit) cell(c Cell) (roster.Shift, error) {
	i := slices.IndexFunc(e.problem.Templates, func(t roster.Template) bool { return t.ID == c.Template })
	if i < 0 {
		return roster.Shift{}, fault.Newf(fault.Invalid, "roster.unknown_template", "The roster has no shift template %q; it has %s.", c.Template, fault.Allowed(templateIDs(e.problem.Templates))).With("template", c.Template)
	}
	if c.Minutes == 0 {
		c.Minutes = e.problem.Templates[i].MinMinutes
	}
	zone, err := zoneOf(e.sites[e.people[0].Membership.SiteID].Zone)
	if err != nil {
		return roster.Shift{}, err
	}
	day, err := e.dayOf(c.StartAt)
	if err != nil {
		return roster.Shift{}, err
	}
	if calendar.DateOf(c.StartAt, zone) != c.Day || day < 0 || day >= e.problem.Days {
		return roster.Shift{}, fault.Newf(fault.Invalid, "roster.cell_day", "The shift starts on %s in the agent's site, not on %s, or outside of the roster.", calendar.DateOf(c.StartAt, zone), c.Day)
	}
	return roster.Shift{Agent: 0, Day: day, Template: c.Template, Start: e.minuteOf(c.StartAt), Minutes: c.Minutes}, nil
}

func templateIDs(all []roster.Template) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.ID
	}
	return out
}

// placed finds the new shift with the breaks and work the engine placed.
func (e *openCellEdit) placed(s *Service, out *CellChange, after *roster.Solution, c Cell) error {
	start := e.minuteOf(c.StartAt)
	for _, sh := range after.Shifts {
		if sh.Start != start {
			continue
		}
		row, err := e.pinnedRow(s, sh)
		if err != nil {
			return err
		}
		out.After = &row
	}
	return nil
}

// pinnedRow translates a shift of the only agent into a pinned row.
func (e *openCellEdit) pinnedRow(s *Service, sh roster.Shift) (Shift, error) {
	row, err := e.row(s, sh)
	row.Pinned, row.RosterID = true, e.ID
	return row, err
}

// coverChange lists the intervals whose coverage changes.
func (e *openCellEdit) coverChange(out *CellChange) {
	delta := map[coverKey]float64{}
	if out.Before != nil {
		for k, n := range staffedBy(*out.Before) {
			delta[k] -= n
		}
	}
	if out.After != nil {
		for k, n := range staffedBy(*out.After) {
			delta[k] += n
		}
	}
	for k, n := range delta {
		if n == 0 {
			continue
		}
		c, ok := e.cover[k]
		if !ok {
			c = Coverage{RosterID: e.ID, QueueID: k.queue, StartAt: k.at}
			for _, q := range e.queues {
				if q.ID == k.queue {
					c.ClientID = q.ClientID
				}
			}
		}
		c.Scheduled += n
		out.Coverage = append(out.Coverage, c)
	}
	slices.SortFunc(out.Coverage, func(a, b Coverage) int {
		if a.QueueID != b.QueueID {
			return a.QueueID.Compare(b.QueueID)
		}
		return int((a.StartAt - b.StartAt) / calendar.Minute)
	})
}

// brokenBefore reports whether the rule was broken as much before the change.
func (e *openCellEdit) brokenBefore(v CellViolation) bool {
	return slices.ContainsFunc(e.before.Violations, func(o roster.Violation) bool { return o.Hard && o.Rule == v.Rule && o.Points >= v.Points })
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

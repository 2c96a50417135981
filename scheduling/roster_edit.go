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
	"muster/tenants/scope"
)

// maxOperation bounds the cells of one operation: more would hold the one writer of
// an embedded database too long.
const maxOperation = 1000

// Edit is a change of a draft by hand: several cells that change together.
type Edit struct {
	Kind    OperationKind
	Cells   []Cell
	Edition int  // of the draft that was looked at; 0 = whatever it is now
	DryRun  bool // only say what would happen
	Force   bool // store although a hard rule is broken
	Actor   ids.User
}

// RosterChange is what an edit does.
type RosterChange struct {
	Cells      []ChangedCell   `json:"cells"`
	Legal      bool            `json:"legal"`      // no hard rule is broken more than before
	Points     int64           `json:"points"`     // change of the roster's points; less is better
	Violations []CellViolation `json:"violations"` // rules this breaks, or breaks more
	Healed     []CellViolation `json:"healed"`     // rules this keeps again
	Broken     []CellViolation `json:"broken"`     // everything that the touched agents break afterwards
	Coverage   []Coverage      `json:"coverage"`   // the intervals that change, after the change
	Stored     bool            `json:"stored"`
	Edition    int             `json:"edition"`
	History    History         `json:"history"`
}

// ChangedCell is one agent's business date before and after a change.
type ChangedCell struct {
	AgentID ids.Agent     `json:"agent_id"`
	Day     calendar.Date `json:"day"`
	Before  *Shift        `json:"before"` // nil: a day off
	After   *Shift        `json:"after"`
}

// EditCell changes one cell of a draft; see EditRoster.
func (s *Service) EditCell(ctx context.Context, sc scope.Scope, id ids.Roster, c Cell, dryRun, force bool) (RosterChange, error) {
	return s.EditRoster(ctx, sc, id, Edit{Kind: EditCells, Cells: []Cell{c}, DryRun: dryRun, Force: force})
}

// EditRoster changes cells of a draft together, placing breaks and work against
// the requirement that the others leave open, and says which rules that breaks
// and heals. With DryRun, or when a hard rule would be broken and Force is not
// set, nothing is stored. What is stored is one named operation that can be
// undone; its cells are pinned, so that a later solve keeps them. Errors:
// Conflict for a roster that is no draft (revise it first) and for shifts that
// have begun, Stale for another edition than the one looked at.
func (s *Service) EditRoster(ctx context.Context, sc scope.Scope, id ids.Roster, e Edit) (RosterChange, error) {
	if !slices.Contains(OperationKinds(), e.Kind) {
		return RosterChange{}, fault.Newf(fault.Invalid, "roster.unknown_operation", "The kind of edit %q is unknown: use one of %s.", e.Kind, fault.Allowed(OperationKinds())).With("kind", e.Kind)
	}
	if len(e.Cells) == 0 || len(e.Cells) > maxOperation {
		return RosterChange{}, fault.Newf(fault.Invalid, "roster.too_many_cells", "One edit changes 1 to %d cells, not %d; do it in parts.", maxOperation, len(e.Cells)).With("cells", len(e.Cells))
	}
	return s.onBoard(ctx, sc, id, e.Edition, func(b *board) (*boardEdit, error) {
		w, err := b.resolve(e.Cells, s.db.Now())
		if err != nil {
			return nil, err
		}
		w.kind, w.actor, w.store = e.Kind, e.Actor, func(legal bool) bool { return !e.DryRun && (legal || e.Force) }
		return w, nil
	})
}

// boardEdit is an edit in the engine's terms.
type boardEdit struct {
	kind   OperationKind
	actor  ids.User
	store  func(legal bool) bool // decides when the judgement is known
	cells  []cellChange
	edits  []roster.CellEdit
	replay *replay // set when an operation is undone or made again
}

// cellChange is one business date of an agent with the engine's cells that it touches.
type cellChange struct {
	agent  int
	id     ids.Agent
	day    calendar.Date
	before *roster.Shift
	after  int  // position in edits of what the date holds afterwards; -1 = a day off
	pinned bool // afterwards
}

// onBoard loads the draft, lets plan say what shall change, judges and stores it.
func (s *Service) onBoard(ctx context.Context, sc scope.Scope, id ids.Roster, edition int, plan func(*board) (*boardEdit, error)) (RosterChange, error) {
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return RosterChange{}, err
	}
	if r.Status != Draft {
		return RosterChange{}, fault.Newf(fault.Conflict, "roster.not_draft", "The roster is %s and never changes; make a new version of it and edit that.", r.Status).With("status", r.Status)
	}
	if edition != 0 && edition != r.Edition {
		return RosterChange{}, fault.New(fault.Stale, "roster.changed", "Somebody changed the roster at this moment; look at it again and repeat the change.").With("edition", r.Edition)
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return RosterChange{}, err
	}
	b.mu.Lock()
	held := true
	defer func() { held = false; b.mu.Unlock() }()
	w, err := plan(b)
	if err != nil {
		return RosterChange{}, err
	}
	tried, err := b.editor.TryAll(w.edits)
	if err != nil {
		return RosterChange{}, err
	}
	out, err := b.outcome(s, w, tried)
	if err != nil || !w.store(tried.Legal) {
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
			b.follow(w, tried, out.Edition)
		})
		return s.storeChange(tx, b, w, &out)
	})
	return out, err
}

// follow makes the stored change in the editor; should the engine refuse, the
// board is loaded again at the next use.
func (b *board) follow(w *boardEdit, tried *roster.BatchEdit, edition int) {
	if b.edition != edition-1 {
		return
	}
	exact := slices.Clone(w.edits)
	for k := range exact {
		exact[k].Shift = tried.After[k]
	}
	if _, err := b.editor.ApplyAll(exact); err != nil {
		return
	}
	b.edition = edition
	for _, c := range w.cells {
		b.pinned[pinKey{c.id, c.day}] = c.pinned && c.after >= 0
	}
}

// outcome says what the engine's judgement means for rows.
func (b *board) outcome(s *Service, w *boardEdit, tried *roster.BatchEdit) (RosterChange, error) {
	out := RosterChange{Legal: tried.Legal, Points: tried.Points, Violations: b.violations(tried.New), Healed: b.violations(tried.Gone), Broken: b.violations(tried.Now),
		Edition: b.edition, Cells: make([]ChangedCell, 0, len(w.cells)), Coverage: make([]Coverage, 0, len(tried.Cover))}
	for _, c := range w.cells {
		cell := ChangedCell{AgentID: c.id, Day: c.day}
		if c.before != nil {
			row, err := b.row(s, *c.before)
			if err != nil {
				return out, err
			}
			row.RosterID, row.Pinned = b.ID, b.pinned[pinKey{c.id, c.day}]
			cell.Before = &row
		}
		if c.after >= 0 && tried.After[c.after] != nil {
			row, err := b.row(s, *tried.After[c.after])
			if err != nil {
				return out, err
			}
			row.RosterID, row.Pinned = b.ID, c.pinned
			cell.After = &row
		}
		out.Cells = append(out.Cells, cell)
	}
	for _, v := range tried.Cover {
		q := b.queues[v.Group]
		need := 0
		if v.Slot < len(b.problem.Groups[v.Group].Need) {
			need = b.problem.Groups[v.Group].Need[v.Slot]
		}
		out.Coverage = append(out.Coverage, Coverage{RosterID: b.ID, QueueID: q.ID, StartAt: b.origin + calendar.Instant(v.Slot)*grid, ClientID: q.ClientID, Required: float64(need), Scheduled: float64(v.After)})
	}
	return out, nil
}

// storeChange replaces the shifts and the coverage that change, if the draft is still what was looked at.
func (s *Service) storeChange(tx *database.Tx, b *board, w *boardEdit, out *RosterChange) error {
	now, err := database.One[Roster](tx.Clauses(database.ForUpdate()).Select("id", "status", "edition").Where("id = ?", b.ID), "roster.not_found", "There is no such roster.")
	if err != nil {
		return err
	}
	if now.Status != Draft || now.Edition != b.edition {
		return fault.New(fault.Conflict, "roster.changed", "Somebody changed the roster at this moment; look at it again and repeat the change.").With("edition", now.Edition)
	}
	if err := replaceShifts(tx, b.ID, out.Cells); err != nil {
		return err
	}
	if _, err := database.Insert(tx, out.Coverage, replaceCoverage); err != nil {
		return err
	}
	out.Stored, out.Edition = true, b.edition+1
	if err := tx.Model(&Roster{}).Where("id = ?", b.ID).Update("edition", out.Edition).Error; err != nil {
		return err
	}
	if err := s.recordOperation(tx, b.ID, w, out.Cells); err != nil {
		return err
	}
	if out.History, err = historyOf(tx, b.ID); err != nil {
		return err
	}
	return s.Events.Publish(tx, events.Message{Type: "roster.edited", Subject: "roster/" + b.ID.String(), Data: map[string]any{"kind": w.kind, "cells": len(out.Cells), "edition": out.Edition, "actor": w.actor}})
}

// replaceShifts deletes what the cells held and inserts what they hold now.
func replaceShifts(tx *database.Tx, id ids.Roster, cells []ChangedCell) error {
	var agents []ids.Agent
	wanted := map[pinKey]bool{}
	first, last := cells[0].Day, cells[0].Day
	for _, c := range cells {
		if !slices.Contains(agents, c.AgentID) {
			agents = append(agents, c.AgentID)
		}
		wanted[pinKey{c.AgentID, c.Day}] = true
		first, last = min(first, c.Day), max(last, c.Day)
	}
	var old []Shift
	if err := tx.Select("id", "agent_id", "business_day").Where("roster_id = ? AND business_day BETWEEN ? AND ? AND agent_id IN ?", id, first, last, agents).Find(&old).Error; err != nil {
		return err
	}
	var gone []ids.Shift
	for _, o := range old {
		if wanted[pinKey{o.AgentID, o.BusinessDay}] {
			gone = append(gone, o.ID)
		}
	}
	for part := range slices.Chunk(gone, 400) {
		if err := tx.Where("shift_id IN ?", part).Delete(&Activity{}).Error; err != nil {
			return err
		}
		if err := tx.Where("id IN ?", part).Delete(&Shift{}).Error; err != nil {
			return err
		}
	}
	var rows []Shift
	for i := range cells {
		if cells[i].After != nil {
			rows = append(rows, *cells[i].After)
		}
	}
	return insertShifts(tx, id, rows)
}

package scheduling

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// OperationKind says what a planner did by hand.
type OperationKind string

// The kinds of edits.
const (
	EditCells   OperationKind = "edit"
	ClearCells  OperationKind = "clear"
	MoveShift   OperationKind = "move"
	PasteCells  OperationKind = "paste"
	FillHole    OperationKind = "fill"
	ImportCells OperationKind = "import"
)

// OperationKinds lists every kind of edit.
func OperationKinds() []OperationKind {
	return []OperationKind{EditCells, ClearCells, MoveShift, PasteCells, FillHole, ImportCells}
}

// Operation is one stored edit of a draft with everything that takes it back.
type Operation struct {
	ID        ids.Any          `gorm:"primaryKey" json:"id"`
	RosterID  ids.Roster       `json:"-"`
	Seq       int              `json:"seq"` // counts up per roster
	Kind      OperationKind    `json:"kind"`
	Cells     []ChangedCell    `gorm:"serializer:json" json:"-"`
	Changed   int              `json:"changed"` // cells
	Undone    bool             `json:"undone"`
	ActorID   ids.User         `json:"actor_id"`
	CreatedAt calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Operation) TableName() string { return "roster_operations" }

// History is what can be taken back and made again.
type History struct {
	Undo *Operation `json:"undo"` // the last operation in force; nil = none
	Redo *Operation `json:"redo"` // the operation undone last; nil = none
}

// replay is an operation that is undone or made again.
type replay struct {
	op     Operation
	undone bool // afterwards
}

// replaceCoverage lets inserted coverage take the place of what stands.
var replaceCoverage = clause.OnConflict{Columns: []clause.Column{{Name: "roster_id"}, {Name: "queue_id"}, {Name: "start_at"}}, DoUpdates: clause.AssignmentColumns([]string{"required", "scheduled"})}

// UndoRoster takes the last operation of a draft back, exactly: shifts, breaks and
// work stand where they stood. Errors are those of EditRoster and Conflict when
// there is nothing to undo.
func (s *Service) UndoRoster(ctx context.Context, sc scope.Scope, id ids.Roster, edition int, actor ids.User) (RosterChange, error) {
	return s.replayOperation(ctx, sc, id, edition, actor, true)
}

// RedoRoster makes the operation undone last again.
func (s *Service) RedoRoster(ctx context.Context, sc scope.Scope, id ids.Roster, edition int, actor ids.User) (RosterChange, error) {
	return s.replayOperation(ctx, sc, id, edition, actor, false)
}

func (s *Service) replayOperation(ctx context.Context, sc scope.Scope, id ids.Roster, edition int, actor ids.User, undo bool) (RosterChange, error) {
	var op Operation
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		found, err := nextOperation(tx.DB, id, undo)
		switch {
		case err != nil:
			return err
		case found == nil && undo:
			return fault.New(fault.Conflict, "roster.nothing_to_undo", "Nothing was changed by hand that could be taken back.")
		case found == nil:
			return fault.New(fault.Conflict, "roster.nothing_to_redo", "Nothing was undone that could be made again.")
		}
		op = *found
		return nil
	})
	if err != nil {
		return RosterChange{}, err
	}
	return s.onBoard(ctx, sc, id, edition, func(b *board) (*boardEdit, error) {
		w := &boardEdit{kind: op.Kind, actor: actor, store: func(bool) bool { return true }, replay: &replay{op, undo}}
		for _, c := range op.Cells {
			target := c.After
			if undo {
				target = c.Before
			}
			if err := b.put(w, c.AgentID, c.Day, target, s.db.Now()); err != nil {
				return nil, err
			}
		}
		return w, nil
	})
}

// nextOperation gives the operation to undo or to redo, or nil.
func nextOperation(tx *gorm.DB, id ids.Roster, undo bool) (*Operation, error) {
	order := "seq"
	if undo {
		order = "seq DESC"
	}
	var found []Operation
	err := tx.Where("roster_id = ? AND undone = ?", id, !undo).Order(order).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// historyOf gives the heads of what can be undone and redone.
func historyOf(tx *database.Tx, id ids.Roster) (History, error) {
	var h History
	var err error
	light := tx.Omit("cells").Session(&gorm.Session{})
	if h.Undo, err = nextOperation(light, id, true); err != nil {
		return h, err
	}
	h.Redo, err = nextOperation(light, id, false)
	return h, err
}

// recordOperation writes the operation, or marks the replayed one. A new
// operation drops what had been undone: history is one line.
func (s *Service) recordOperation(tx *database.Tx, id ids.Roster, w *boardEdit, cells []ChangedCell) error {
	if w.replay != nil {
		return tx.Model(&Operation{}).Where("id = ?", w.replay.op.ID).Update("undone", w.replay.undone).Error
	}
	if err := tx.Where("roster_id = ? AND undone = ?", id, true).Delete(&Operation{}).Error; err != nil {
		return err
	}
	var last int
	if err := tx.Model(&Operation{}).Where("roster_id = ?", id).Select("COALESCE(MAX(seq), 0)").Scan(&last).Error; err != nil {
		return err
	}
	return tx.Create(&Operation{ID: ids.New[ids.Any](s.db.IDs()), RosterID: id, Seq: last + 1, Kind: w.kind, Cells: cells, Changed: len(cells), ActorID: w.actor, CreatedAt: s.db.Now()}).Error
}

// put asks for exactly what a stored cell held.
func (b *board) put(w *boardEdit, agent ids.Agent, day calendar.Date, target *Shift, now calendar.Instant) error {
	i, err := agentIndex(&b.problem, agent)
	if err != nil {
		return err
	}
	var shift *roster.Shift
	pinned := false
	if target != nil {
		e, err := b.engineShift(i, *target)
		if err != nil {
			return err
		}
		shift, pinned = &e, target.Pinned
	}
	return b.want(w, i, agent, day, shift, pinned, now)
}

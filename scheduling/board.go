package scheduling

import (
	"context"
	"sync"

	"muster/scheduling/roster"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// board is a stored roster loaded into the engine's editor, so that an edit is
// judged in milliseconds. Its lock serialises edits of one roster on this node;
// the edition tells whether another node changed the rows meanwhile.
type board struct {
	mu sync.Mutex
	draftRoster
	edition int
	editor  *roster.Editor
	pinned  map[pinKey]bool // cells set by hand
}

// keptBoards is how many rosters stay loaded.
const keptBoards = 3

// boards remembers the rosters edited last, the latest at the end.
type boards struct {
	mu   sync.Mutex
	kept []*board
}

// find gives the loaded board of a roster, or nil.
func (b *boards) find(id ids.Roster) *board {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, v := range b.kept {
		if v.ID == id {
			b.kept = append(append(b.kept[:i:i], b.kept[i+1:]...), v)
			return v
		}
	}
	return nil
}

// keep replaces the board of its roster and lets the oldest go.
func (b *boards) keep(v *board) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := []*board{}
	for _, o := range b.kept {
		if o.ID != v.ID {
			kept = append(kept, o)
		}
	}
	kept = append(kept, v)
	b.kept = kept[max(0, len(kept)-keptBoards):]
}

// header gives a roster without its problem and summary.
func (s *Service) header(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	var r Roster
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		r, err = database.One[Roster](tx.Omit("problem", "summary").Where("id = ? AND status <> ?", id, staged), "roster.not_found", "There is no such roster.")
		return err
	})
	return r, err
}

// board gives the loaded roster as it is stored now.
func (s *Service) board(ctx context.Context, sc scope.Scope, now Roster) (*board, error) {
	if b := s.open.find(now.ID); b != nil {
		b.mu.Lock()
		same := b.edition == now.Edition && b.Status == now.Status
		b.mu.Unlock()
		if same {
			return b, nil
		}
	}
	r, err := s.Roster(ctx, sc, now.ID)
	if err != nil {
		return nil, err
	}
	d, err := s.reopen(ctx, sc, r)
	if err != nil {
		return nil, err
	}
	rows, err := s.Shifts(ctx, sc, d.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	shifts, err := d.engineShifts(rows)
	if err != nil {
		return nil, err
	}
	editor, err := roster.NewEditor(&d.problem, shifts)
	if err != nil {
		return nil, err
	}
	b := &board{draftRoster: d, edition: r.Edition, editor: editor, pinned: map[pinKey]bool{}}
	for _, row := range rows {
		if row.Pinned {
			b.pinned[pinKey{row.AgentID, row.BusinessDay}] = true
		}
	}
	s.open.keep(b)
	return b, nil
}

// engineShifts loads a roster's shifts in the engine's terms.
func (s *Service) engineShifts(ctx context.Context, sc scope.Scope, d *draftRoster) ([]roster.Shift, error) {
	rows, err := s.Shifts(ctx, sc, d.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	return d.engineShifts(rows)
}

// engineShifts writes stored shifts in the engine's terms; people who are not of the roster any more are left out.
func (d *draftRoster) engineShifts(rows []Shift) ([]roster.Shift, error) {
	position := make(map[ids.Agent]int, len(d.people))
	for i, p := range d.people {
		position[p.Agent.ID] = i
	}
	out := make([]roster.Shift, 0, len(rows))
	for _, row := range rows {
		i, ok := position[row.AgentID]
		if !ok {
			continue
		}
		e, err := d.engineShift(i, row)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

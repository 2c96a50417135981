package intake

import (
	"context"

	"muster/routing/records"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Revert takes an import's rows back: what it added is gone, what it changed is again
// what it was before. Contacts, intervals and states can be reverted; people and
// codes are changed forward instead. It works in short transactions; interrupted, it
// goes on when called again. progress (may be nil) hears how many rows are back.
func (s *Service) Revert(ctx context.Context, sc scope.Scope, id ids.Import, progress func(rows int64)) (Import, error) {
	row, err := s.Import(ctx, sc, id)
	if err != nil {
		return row, err
	}
	if row.Kind == People || row.Kind == Codes {
		return row, fault.Newf(fault.Conflict, "import.not_revertible", "Imports of %s cannot be reverted; import the corrected rows.", row.Kind)
	}
	if row.Status == StatusReverted {
		return row, fault.New(fault.Conflict, "import.reverted", "The import is reverted already.")
	}
	if err := s.mark(ctx, id, map[string]any{"status": StatusReverting}); err != nil {
		return row, err
	}
	book := records.NewBook(s.db, nil)
	var done int64
	for {
		var n int
		err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
			n, err = book.TakeBack(tx, id, 500)
			return err
		})
		if err != nil {
			return row, err
		}
		if n == 0 {
			break
		}
		if done += int64(n); progress != nil {
			progress(done)
		}
	}
	if err := s.mark(ctx, id, map[string]any{"status": StatusReverted, "reverted_at": s.db.Now()}); err != nil {
		return row, err
	}
	return s.Import(ctx, sc, id)
}

// mark changes the import's row.
func (s *Service) mark(ctx context.Context, id ids.Import, values map[string]any) error {
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&Import{}).Where("id = ?", id).Updates(values).Error
	})
}

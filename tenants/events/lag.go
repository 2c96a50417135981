package events

import (
	"context"
	"fmt"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/scope"
)

// Lags gives for each consumer the age of the oldest event after its cursor, 0 when
// it has taken them all. Events that a consumer leaves out by its filter count until
// its cursor has passed them.
func (s *Stream) Lags(ctx context.Context) (map[string]calendar.Instant, error) {
	out := map[string]calendar.Instant{}
	now := s.db.Now()
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var cursors []cursor
		if err := tx.Find(&cursors).Error; err != nil {
			return fmt.Errorf("events: lag: %w", err)
		}
		for _, c := range cursors {
			at, _, err := find(tx, c.Seq)
			if err != nil {
				return err
			}
			var next []row
			if err := at.after(tx.Select("at")).Order("xid, seq").Limit(1).Find(&next).Error; err != nil {
				return fmt.Errorf("events: lag: %w", err)
			}
			out[c.Name] = 0
			if len(next) > 0 {
				out[c.Name] = max(0, now-next[0].At)
			}
		}
		return nil
	})
	return out, err
}

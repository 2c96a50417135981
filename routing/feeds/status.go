package feeds

import (
	"context"
	"errors"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Health is a feed as its page shows it.
type Health struct {
	Feed
	Silent  bool  `json:"stale" doc:"No sign of life for longer than stale_ms; what the feed told may no longer be so"`
	ToMap   int64 `json:"to_map" doc:"Names without a meaning"`
	Waiting int64 `json:"waiting" doc:"Events that wait for names to be mapped"`
	Agents  int64 `json:"agents" doc:"Signed in there"`
	Open    int64 `json:"contacts" doc:"Open there"`
}

// Views gives the feeds of the scope with how they fare.
func (s *Service) Views(ctx context.Context, sc scope.Scope) ([]Health, error) {
	out := []Health{}
	now := s.db.Now()
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var feeds []Feed
		if err := tx.Order("id").Find(&feeds).Error; err != nil {
			return err
		}
		for _, f := range feeds {
			v, err := view(tx, f, now)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// View gives one feed of the scope with how it fares.
func (s *Service) View(ctx context.Context, sc scope.Scope, id ids.Any) (Health, error) {
	var out Health
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		f, err := one(tx, id)
		if err != nil {
			return err
		}
		out, err = view(tx, f, s.db.Now())
		return err
	})
	return out, err
}

func view(tx *database.Tx, f Feed, now calendar.Instant) (Health, error) {
	v := Health{Feed: f, Silent: f.Stale(now)}
	return v, errors.Join(
		tx.Model(&Name{}).Where("feed_id = ? AND status = ?", f.ID, Open).Count(&v.ToMap).Error,
		tx.Model(&kept{}).Where("feed_id = ? AND status = ?", f.ID, waiting).Count(&v.Waiting).Error,
		tx.Model(&LiveAgent{}).Where("feed_id = ? AND state <> 'off'", f.ID).Count(&v.Agents).Error,
		tx.Model(&LiveContact{}).Where("feed_id = ? AND status <> 'done'", f.ID).Count(&v.Open).Error)
}

// Refusals lists the latest events of a feed that were refused, the newest first.
func (s *Service) Refusals(ctx context.Context, sc scope.Scope, id ids.Any) ([]Refusal, error) {
	var out []Refusal
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := one(tx, id); err != nil {
			return err
		}
		return tx.Where("feed_id = ?", id).Order("id DESC").Limit(100).Find(&out).Error
	})
	return out, err
}

// SettleAll makes the rows of every feed again that wait since names were mapped.
func (s *Service) SettleAll(ctx context.Context) error {
	feeds, err := s.List(ctx, scope.Provider())
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if err := s.Settle(ctx, f.ID); err != nil {
			return err
		}
	}
	return nil
}

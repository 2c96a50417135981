package feeds

import (
	"context"
	"errors"

	"muster/routing/records"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// How much one transaction makes again after a name was mapped.
const (
	contactsAtOnce = 100
	agentsAtOnce   = 20
)

// Settle makes the rows again that wait since a name was mapped, in short transactions.
// Whatever is left when it fails is made by the next call.
func (s *Service) Settle(ctx context.Context, feed ids.Any) error {
	for {
		more, err := false, records.ErrRace
		for tries := 0; errors.Is(err, records.ErrRace) && tries < 5; tries++ {
			more, err = s.settleSome(ctx, feed)
		}
		if err != nil || !more {
			return err
		}
	}
}

// settleSome makes some rows again and reports whether there may be more.
func (s *Service) settleSome(ctx context.Context, feed ids.Any) (bool, error) {
	var subjects []string
	var agents []LiveAgent
	look := func(tx *database.Tx) error {
		subjects, agents = nil, nil
		return errors.Join(
			tx.Model(&kept{}).Distinct("subject").Where("feed_id = ? AND status = ?", feed, pending).Order("subject").Limit(contactsAtOnce).Pluck("subject", &subjects).Error,
			tx.Where("feed_id = ? AND pending_from IS NOT NULL", feed).Order("agent_id").Limit(agentsAtOnce).Find(&agents).Error)
	}
	if err := s.db.Read(ctx, scope.Provider(), look); err != nil || len(subjects)+len(agents) == 0 {
		return false, err
	}
	err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		f, err := hold(tx, feed)
		if err != nil {
			return err
		}
		if err := look(tx); err != nil {
			return err
		}
		t := &turn{service: s, tx: tx, feed: f, words: newDictionary(f), mark: f.mark(), contacts: subjects, agents: agents}
		if err := t.run(); err != nil {
			return err
		}
		_, err = database.Insert(tx, t.refusals)
		return err
	})
	return true, err
}

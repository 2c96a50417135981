package customers

import (
	"context"

	"muster/routing/records"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Links lists the links of the scope in a state, the oldest first.
func (s *Service) Links(ctx context.Context, sc scope.Scope, status LinkStatus) ([]Link, error) {
	var out []Link
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("status = ?", status).Order("id").Limit(historyLimit).Find(&out).Error
	})
	return out, err
}

// Link makes two customers of one client one: kept gets the identities of gone.
func (s *Service) Link(ctx context.Context, sc scope.Scope, kept, gone ids.Customer, by ids.User) (Link, error) {
	var out Link
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		a, err := one(tx, kept)
		if err != nil {
			return err
		}
		b, err := one(tx, gone)
		if err != nil {
			return err
		}
		if kept == gone || a.ClientID != b.ClientID {
			return fault.New(fault.Invalid, "customer.cannot_link", "Two different customers of the same client can be linked.")
		}
		out = Link{ID: ids.New[ids.Any](s.db.IDs()), ClientID: a.ClientID, Kept: kept, Gone: gone, Status: Proposed, Moved: []Identity{}, CreatedAt: s.db.Now()}
		if err := tx.Create(&out).Error; err != nil {
			return err
		}
		out, err = s.link(tx, out, by)
		return err
	})
	return out, err
}

// Decide accepts a proposed link (Linked), dismisses it (Dismissed) or takes an accepted one back (Undone).
func (s *Service) Decide(ctx context.Context, sc scope.Scope, id ids.Any, to LinkStatus, by ids.User) (Link, error) {
	var out Link
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		l, err := database.One[Link](tx.Where("id = ?", id), "customer.no_link", "There is no such link.")
		if err != nil {
			return err
		}
		switch {
		case l.Status == Proposed && to == Linked:
			out, err = s.link(tx, l, by)
		case l.Status == Proposed && to == Dismissed:
			out, err = s.settle(tx, l, to, by)
		case l.Status == Linked && to == Undone:
			out, err = s.undo(tx, l, by)
		default:
			err = fault.Newf(fault.Conflict, "customer.link_state", "The link is %s and cannot become %s.", l.Status, to).With("status", l.Status).With("to", to)
		}
		return err
	})
	return out, err
}

// link moves the identities of one customer to the other and remembers which.
func (s *Service) link(tx *database.Tx, l Link, by ids.User) (Link, error) {
	var into int64
	if err := tx.Model(&Link{}).Where("gone_id IN ? AND status = ?", []ids.Customer{l.Kept, l.Gone}, Linked).Count(&into).Error; err != nil {
		return l, err
	}
	if into > 0 {
		return l, fault.New(fault.Conflict, "customer.already_gone", "One of the two is part of another customer already; link that customer instead.")
	}
	var rows []records.CustomerIdentity
	if err := tx.Where("client_id = ? AND customer_id = ?", l.ClientID, l.Gone).Order("kind, value").Find(&rows).Error; err != nil {
		return l, err
	}
	l.Moved = []Identity{}
	for _, r := range rows {
		l.Moved = append(l.Moved, Identity{r.Kind, r.Value})
	}
	if err := tx.Model(&records.CustomerIdentity{}).Where("client_id = ? AND customer_id = ?", l.ClientID, l.Gone).Update("customer_id", l.Kept).Error; err != nil {
		return l, err
	}
	return s.settle(tx, l, Linked, by)
}

// undo gives back the identities that moved and still belong to the one that was kept. Contacts that
// came since stay with the one they were taken in for.
func (s *Service) undo(tx *database.Tx, l Link, by ids.User) (Link, error) {
	for _, i := range l.Moved {
		if err := tx.Model(&records.CustomerIdentity{}).Where("client_id = ? AND kind = ? AND value = ? AND customer_id = ?", l.ClientID, i.Kind, i.Value, l.Kept).Update("customer_id", l.Gone).Error; err != nil {
			return l, err
		}
	}
	l.Moved = []Identity{}
	return s.settle(tx, l, Undone, by)
}

// settle stores the decision.
func (s *Service) settle(tx *database.Tx, l Link, to LinkStatus, by ids.User) (Link, error) {
	now := s.db.Now()
	l.Status, l.DecidedAt, l.DecidedBy = to, &now, by
	return l, tx.Model(&Link{}).Where("id = ?", l.ID).Select("status", "moved", "decided_at", "decided_by").Updates(&l).Error
}

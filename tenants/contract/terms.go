package contract

import (
	"context"
	"errors"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Terms are the figures of a queue in force during [ValidFrom, ValidTo).
type Terms struct {
	ID               ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID         ids.Client        `json:"client_id"`
	QueueID          ids.Queue         `json:"queue_id"`
	ValidFrom        calendar.Instant  `json:"valid_from"`
	ValidTo          *calendar.Instant `json:"valid_to,omitempty"`
	ThresholdMS      int64             `gorm:"column:threshold_ms" json:"threshold_ms"`         // answer within, milliseconds
	ShortAbandonMS   int64             `gorm:"column:short_abandon_ms" json:"short_abandon_ms"` // abandons below do not count against the provider
	ServiceLevelGoal float64           `json:"service_level_goal"`                              // share of offered answered within the threshold, 0..1
	AbandonGoal      *float64          `json:"abandon_goal,omitempty"`                          // share abandoned at most, 0..1
	PatienceMS       *int64            `gorm:"column:patience_ms" json:"patience_ms,omitempty"` // mean time until a customer hangs up
	OccupancyCap     *float64          `json:"occupancy_cap,omitempty"`                         // 0..1
	Shrinkage        float64           `json:"shrinkage"`                                       // paid time not available, 0..<1
	Concurrency      int               `json:"concurrency"`                                     // contacts one agent serves at once
	Priority         int               `json:"priority"`                                        // higher is served first
	CreatedAt        calendar.Instant  `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Terms) TableName() string { return "queue_terms" }

// Validate reports the first figure that is out of range.
func (t Terms) Validate() error {
	share := func(name string, v float64) error {
		if v >= 0 && v <= 1 {
			return nil
		}
		return fault.Newf(fault.Invalid, "terms.out_of_range", "%s is %v: want a share between 0 and 1.", name, v).With("field", name)
	}
	errs := []error{share("service_level_goal", t.ServiceLevelGoal), share("shrinkage", t.Shrinkage)}
	if t.AbandonGoal != nil {
		errs = append(errs, share("abandon_goal", *t.AbandonGoal))
	}
	if t.OccupancyCap != nil {
		errs = append(errs, share("occupancy_cap", *t.OccupancyCap))
	}
	if t.Shrinkage >= 1 {
		errs = append(errs, fault.New(fault.Invalid, "terms.out_of_range", "shrinkage is 1: nobody would ever work; want a share below 1."))
	}
	if t.ThresholdMS <= 0 || t.ShortAbandonMS < 0 || t.Concurrency < 1 || (t.PatienceMS != nil && *t.PatienceMS <= 0) {
		errs = append(errs, fault.New(fault.Invalid, "terms.out_of_range", "threshold and patience must be positive, the short abandon limit zero or more, concurrency at least 1."))
	}
	return firstFault(errors.Join(errs...))
}

// SetTerms puts new terms in force from t.ValidFrom on and closes the terms before
// them. Terms already in force from a later instant make it a conflict.
func (s *Service) SetTerms(ctx context.Context, sc scope.Scope, t Terms) (Terms, error) {
	if err := t.Validate(); err != nil {
		return Terms{}, err
	}
	t.ID, t.CreatedAt, t.ValidTo = ids.New[ids.Any](s.db.IDs()), s.db.Now(), nil
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		q, err := database.One[Queue](tx.Where("id = ?", t.QueueID), "queue.not_found", "There is no such queue.")
		if err != nil {
			return err
		}
		t.ClientID = q.ClientID
		var later int64
		if err := tx.Model(&Terms{}).Where("queue_id = ? AND valid_from >= ?", t.QueueID, t.ValidFrom).Count(&later).Error; err != nil {
			return err
		}
		if later > 0 {
			return fault.New(fault.Conflict, "terms.not_latest", "Other terms are in force from that instant or a later one; choose a later beginning.")
		}
		if err := tx.Model(&Terms{}).Where("queue_id = ? AND valid_to IS NULL", t.QueueID).Update("valid_to", t.ValidFrom).Error; err != nil {
			return err
		}
		return tx.Create(&t).Error
	})
	return t, err
}

// TermsHistory lists the terms of all queues of the scope, by queue and beginning.
func (s *Service) TermsHistory(ctx context.Context, sc scope.Scope) ([]Terms, error) {
	var out []Terms
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Order("queue_id, valid_from").Find(&out).Error
	})
	return out, err
}

// TermsAt gives the terms in force at the instant per queue of the scope.
func (s *Service) TermsAt(ctx context.Context, sc scope.Scope, at calendar.Instant) (map[ids.Queue]Terms, error) {
	all, err := s.TermsHistory(ctx, sc)
	if err != nil {
		return nil, err
	}
	out := map[ids.Queue]Terms{}
	for _, t := range all {
		if t.ValidFrom <= at && (t.ValidTo == nil || at < *t.ValidTo) {
			out[t.QueueID] = t
		}
	}
	return out, nil
}

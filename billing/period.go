package billing

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// PeriodStatus is the state of a billing period.
type PeriodStatus string

// The states of a period.
const (
	PeriodOpen   PeriodStatus = "open"
	PeriodLocked PeriodStatus = "locked" // its figures are final; later data becomes an adjustment
)

// Period is one billing month of a client: business dates [FromDay, ToDay) in the contract's zone.
type Period struct {
	ID        ids.Period        `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client        `json:"client_id"`
	FromDay   calendar.Date     `json:"from"`
	ToDay     calendar.Date     `json:"until"`
	Status    PeriodStatus      `json:"status"`
	LockedAt  *calendar.Instant `json:"locked_at,omitempty"`
	LockedBy  ids.User          `json:"locked_by"`
	Version   int               `json:"version"`
	CreatedAt calendar.Instant  `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Period) TableName() string { return "billing_periods" }

// PeriodAround gives the billing month that holds the date when months begin on the day (1..28).
func PeriodAround(on calendar.Date, startDay int) (from, until calendar.Date) {
	startDay = max(startDay, 1)
	year, month, day := on.Parts()
	if day < startDay {
		month--
	}
	return calendar.NewDate(year, month, startDay), calendar.NewDate(year, month+1, startDay)
}

// ParseMonth reads YYYY-MM as the first date of that month on which a billing period may begin.
func ParseMonth(s string) (calendar.Date, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "billing.invalid_month", "The month %q cannot be read: write it as YYYY-MM, such as 2026-03.", s)
	}
	return calendar.NewDate(t.Year(), t.Month(), 28), nil
}

// OpenPeriod gives the client's period that holds the date and makes it when it is
// missing. Months begin on the contract's own day; a month begun under one contract
// version ends where the next one begins.
func (s *Service) OpenPeriod(ctx context.Context, sc scope.Scope, client ids.Client, on calendar.Date) (Period, error) {
	agreed, err := s.contracts.ContractOn(ctx, sc, client, on)
	if err != nil {
		return Period{}, err
	}
	from, until := PeriodAround(on, agreed.Document.PeriodStartDay)
	var out Period
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var near []Period
		if err := tx.Where("client_id = ? AND from_day < ? AND to_day > ?", client, until, from).Order("from_day").Find(&near).Error; err != nil {
			return err
		}
		for _, p := range near {
			switch {
			case p.FromDay <= on && on < p.ToDay:
				out = p
				return nil
			case p.ToDay <= on:
				from = max(from, p.ToDay)
			default:
				until = min(until, p.FromDay)
			}
		}
		p := Period{ID: ids.New[ids.Period](s.db.IDs()), ClientID: client, FromDay: from, ToDay: until, Status: PeriodOpen, Version: 1, CreatedAt: s.db.Now()}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&p).Error; err != nil {
			return err
		}
		out, err = database.One[Period](tx.Where("client_id = ? AND from_day = ?", client, from), "billing.period_not_found", "There is no such billing period.")
		return err
	})
	return out, err
}

// Periods lists the billing periods of the scope, of one client when it is not zero, the newest first.
func (s *Service) Periods(ctx context.Context, sc scope.Scope, client ids.Client) ([]Period, error) {
	var out []Period
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("from_day DESC, client_id")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// LockPeriod makes a period's figures final. An old version is Stale; locking a locked period changes nothing.
func (s *Service) LockPeriod(ctx context.Context, sc scope.Scope, id ids.Period, version int, by ids.User) (Period, error) {
	if err := providerOnly(sc); err != nil {
		return Period{}, err
	}
	var out Period
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		p, err := lockedPeriod(tx, id)
		if err != nil {
			return err
		}
		if p.Version != version {
			return fault.Newf(fault.Stale, "billing.period_changed", "The period is at version %d, not %d: look at it again.", p.Version, version)
		}
		out, err = s.lock(tx, p, by)
		return err
	})
	return out, err
}

// lockedPeriod loads a period for changing.
func lockedPeriod(tx *database.Tx, id ids.Period) (Period, error) {
	return database.One[Period](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "billing.period_not_found", "There is no such billing period.")
}

// lock sets the period's state.
func (s *Service) lock(tx *database.Tx, p Period, by ids.User) (Period, error) {
	if p.Status == PeriodLocked {
		return p, nil
	}
	now := s.db.Now()
	p.Status, p.LockedAt, p.LockedBy, p.Version = PeriodLocked, &now, by, p.Version+1
	if err := tx.Model(&Period{}).Where("id = ?", p.ID).Updates(map[string]any{"status": p.Status, "locked_at": now, "locked_by": by, "version": p.Version}).Error; err != nil {
		return p, err
	}
	return p, s.note(tx, p.ClientID, by, "period.locked", "period", ids.Any(p.ID), map[string]any{"from": p.FromDay, "until": p.ToDay})
}

// contractsOver lists the contract versions in force on any date of [from, until), in order.
func contractsOver(tx *database.Tx, client ids.Client, from, until calendar.Date) ([]contract.Contract, error) {
	var out []contract.Contract
	err := tx.Where("client_id = ? AND valid_from < ? AND (valid_to IS NULL OR valid_to > ?)", client, until, from).Order("valid_from").Find(&out).Error
	if err == nil && len(out) == 0 {
		return nil, fault.New(fault.Invalid, "billing.no_contract", fmt.Sprintf("The client has no contract between %s and %s: enter one first.", from, until-1))
	}
	return out, err
}

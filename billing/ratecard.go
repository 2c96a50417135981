package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// ContractTax is the code of the tax that the contract itself names; rules without
// a tax of their own bear it.
const ContractTax = "tax"

// RateCard is one version of what a client pays, in force on business dates [ValidFrom, ValidTo).
type RateCard struct {
	ID        ids.RateCard     `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"`
	Version   int              `json:"version"`
	Name      string           `json:"name"`
	Currency  money.Currency   `json:"currency"`
	ValidFrom calendar.Date    `json:"valid_from"`
	ValidTo   *calendar.Date   `json:"valid_to,omitempty"`
	Document  Terms            `gorm:"serializer:json" json:"terms"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (RateCard) TableName() string { return "rate_cards" }

// Terms are the figures of a rate card. Credits replace the credit bands of the
// contract's measures when they are given. Labels of day types and time bands are
// what multipliers refer to.
type Terms struct {
	Rounding    money.Rounding        `json:"rounding"`
	Rules       []rating.Rule         `json:"rules"`
	Commitments []rating.Commitment   `json:"commitments,omitempty"`
	Discounts   []rating.Discount     `json:"discounts,omitempty"`
	Credits     []rating.CreditPolicy `json:"credits,omitempty"`
	Taxes       []rating.Tax          `json:"taxes,omitempty"` // besides the contract's own
	Bands       []TimeBand            `json:"bands,omitempty"`
	Weekend     []time.Weekday        `json:"weekend,omitempty"` // Saturday and Sunday when empty
	CalendarID  ids.Calendar          `json:"calendar_id"`       // whose special days are holidays; none when zero
}

// TimeBand names a part of the local day in minutes, half-open, on quarter-hours;
// From above Until spans midnight.
type TimeBand struct {
	Name  string `json:"name"`
	From  int    `json:"from"`
	Until int    `json:"until"`
}

// The day types that facts are labelled with.
const (
	Workday = "workday"
	Weekend = "weekend"
	Holiday = "holiday"
)

// contains reports whether a minute of the local day lies in the band.
func (b TimeBand) contains(minute int) bool {
	if b.From <= b.Until {
		return b.From <= minute && minute < b.Until
	}
	return minute >= b.From || minute < b.Until
}

// card makes the engine's card of the terms under a contract for some days.
func (t Terms) card(version string, currency money.Currency, from, until calendar.Date, agreement contract.Agreement, credits []rating.CreditPolicy) (rating.Card, error) {
	rate, err := share(agreement.TaxRate)
	if err != nil {
		return rating.Card{}, fault.Newf(fault.Invalid, "billing.contract_tax", "The contract's tax rate %q is not a decimal share such as 0.06.", agreement.TaxRate)
	}
	c := rating.Card{Version: version, Currency: currency, Rounding: t.Rounding, From: from, Until: until,
		Rules: slices.Clone(t.Rules), Commitments: slices.Clone(t.Commitments), Discounts: slices.Clone(t.Discounts), Credits: slices.Clone(credits),
		Taxes: append([]rating.Tax{{Code: ContractTax, Name: agreement.TaxName, Rate: rate}}, t.Taxes...)}
	if len(t.Credits) > 0 {
		c.Credits = slices.Clone(t.Credits)
	}
	for i := range c.Rules {
		c.Rules[i].Tax = taxOr(c.Rules[i].Tax)
	}
	for i := range c.Commitments {
		c.Commitments[i].Tax = taxOr(c.Commitments[i].Tax)
	}
	for i := range c.Discounts {
		c.Discounts[i].Tax = taxOr(c.Discounts[i].Tax)
	}
	for i := range c.Credits {
		c.Credits[i].Tax = taxOr(c.Credits[i].Tax)
	}
	return c, nil
}

// taxOr gives the tax code, or the contract's.
func taxOr(code string) string {
	if code == "" {
		return ContractTax
	}
	return code
}

// share reads a decimal share; empty text is zero.
func share(s string) (decimal.Decimal, error) {
	if s == "" {
		return decimal.Zero, nil
	}
	return rating.ParseDecimal(s)
}

// Validate reports the first thing wrong with the terms as a card in a currency from a date on.
func (t Terms) Validate(currency money.Currency, from calendar.Date) error {
	for _, b := range t.Bands {
		if b.Name == "" || b.From < 0 || b.From >= 1440 || b.Until < 0 || b.Until > 1440 || b.From%15 != 0 || b.Until%15 != 0 {
			return fault.Newf(fault.Invalid, "billing.invalid_band", "The time band %q from minute %d to %d cannot be used: bands have a name and lie on quarter-hours of the local day.", b.Name, b.From, b.Until)
		}
	}
	for _, d := range t.Weekend {
		if d < time.Sunday || d > time.Saturday {
			return fault.Newf(fault.Invalid, "billing.invalid_weekend", "Weekday %d is unknown: use 0 (Sunday) to 6 (Saturday).", d)
		}
	}
	c, err := t.card("check", currency, from, 0, contract.Agreement{}, nil)
	if err != nil {
		return err
	}
	return c.Validate()
}

// PutRateCard stores the next version of a client's rate card and closes the one
// before it. Errors: billing.invalid_card and billing.invalid_band (Invalid),
// billing.card_not_latest and billing.period_locked (Conflict).
func (s *Service) PutRateCard(ctx context.Context, sc scope.Scope, c RateCard, by ids.User) (RateCard, error) {
	if err := providerOnly(sc); err != nil {
		return RateCard{}, err
	}
	if c.Document.Rounding == "" {
		c.Document.Rounding = money.HalfUp
	}
	if err := c.Document.Validate(c.Currency, c.ValidFrom); err != nil {
		return RateCard{}, err
	}
	c.ID, c.CreatedAt, c.ValidTo = ids.New[ids.RateCard](s.db.IDs()), s.db.Now(), nil
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var locked Period
		err := tx.Where("client_id = ? AND status = ? AND to_day > ?", c.ClientID, PeriodLocked, c.ValidFrom).Take(&locked).Error
		if err == nil {
			return fault.Newf(fault.Conflict, "billing.period_locked", "The period from %s to %s is locked; a rate card cannot begin on %s: begin it later, or correct by a credit note.", locked.FromDay, locked.ToDay-1, c.ValidFrom)
		} else if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		var last RateCard
		err = tx.Where("client_id = ?", c.ClientID).Order("version DESC").Take(&last).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			c.Version = 1
		case err != nil:
			return err
		case last.ValidFrom >= c.ValidFrom:
			return fault.Newf(fault.Conflict, "billing.card_not_latest", "Version %d of the rate card is in force from %s; the next one must begin later.", last.Version, last.ValidFrom)
		default:
			c.Version = last.Version + 1
			if err := tx.Model(&RateCard{}).Where("id = ?", last.ID).Update("valid_to", c.ValidFrom).Error; err != nil {
				return err
			}
		}
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		return s.note(tx, c.ClientID, by, "rate_card.put", "rate_card", ids.Any(c.ID), map[string]any{"version": c.Version, "valid_from": c.ValidFrom})
	})
	return c, err
}

// RateCards lists the versions of a client's rate card, the newest first.
func (s *Service) RateCards(ctx context.Context, sc scope.Scope, client ids.Client) ([]RateCard, error) {
	var out []RateCard
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ?", client).Order("version DESC").Find(&out).Error
	})
	return out, err
}

// label names a version in documents.
func (c RateCard) label() string { return fmt.Sprintf("%s v%d", c.Name, c.Version) }

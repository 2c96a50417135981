package contract

import (
	"context"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// ProviderRow is the one row that describes the installation.
type ProviderRow struct {
	ID        int              `gorm:"primaryKey;autoIncrement:false" json:"-"`
	Name      string           `json:"name"`
	Zone      string           `json:"zone"`
	Locale    string           `json:"locale"`
	Currency  money.Currency   `json:"currency"`
	Demo      bool             `json:"demo"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (ProviderRow) TableName() string { return "provider" }

// Provider gives the description of the installation; NotFound before it was set up.
func (s *Service) Provider(ctx context.Context) (ProviderRow, error) {
	var out ProviderRow
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		out, err = database.One[ProviderRow](tx.Where("id = 1"), "provider.not_found", "This installation has not been set up yet.")
		return err
	})
	return out, err
}

// SetUpProvider describes the installation; it can be done once.
func (s *Service) SetUpProvider(ctx context.Context, p ProviderRow) error {
	if err := checkPlace(p.Zone, p.Currency); err != nil {
		return err
	}
	p.ID, p.CreatedAt = 1, s.db.Now()
	return s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		return duplicate(tx.Create(&p).Error, "provider", p.Name)
	})
}

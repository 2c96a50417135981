package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Agreement is the part of a contract version that is not figures of queues: it
// is stored as a document with the version.
type Agreement struct {
	PeriodStartDay int    `json:"period_start_day"` // first day of a billing month, 1..28
	TaxRate        string `json:"tax_rate"`         // decimal share, such as "0.06"
	TaxName        string `json:"tax_name"`
	PaymentDays    int    `json:"payment_days"`
	PurchaseOrder  string `json:"purchase_order"`
	AtRiskShare    string `json:"at_risk_share"` // decimal share of the net bill that credits may take at most
	Address        string `json:"address"`
	TaxID          string `json:"tax_id"`
}

// Contract is one version of what is agreed with a client, in force on business
// dates [ValidFrom, ValidTo).
type Contract struct {
	ID            ids.Any         `gorm:"primaryKey" json:"id"`
	ClientID      ids.Client      `json:"client_id"`
	LegalEntityID ids.LegalEntity `json:"legal_entity_id"`
	Version       int             `json:"version"`
	ValidFrom     calendar.Date   `json:"valid_from"`
	ValidTo       *calendar.Date  `json:"valid_to,omitempty"`
	Currency      money.Currency  `json:"currency"`
	Zone          string          `json:"zone"`
	Document      Agreement       `gorm:"serializer:json" json:"agreement"`
	CreatedAt     calendar.Instant
}

// TableName implements gorm's Tabler.
func (Contract) TableName() string { return "contracts" }

// LegalEntity is a company of the provider that issues invoices.
type LegalEntity struct {
	ID            ids.LegalEntity  `gorm:"primaryKey" json:"id"`
	Name          string           `json:"name"`
	Address       string           `json:"address"`
	TaxID         string           `json:"tax_id"`
	Bank          string           `json:"bank"`
	Country       string           `json:"country"`
	InvoiceSeries string           `json:"invoice_series"`
	CreatedAt     calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (LegalEntity) TableName() string { return "legal_entities" }

// CreateLegalEntity adds a company that issues invoices.
func (s *Service) CreateLegalEntity(ctx context.Context, sc scope.Scope, e LegalEntity) (LegalEntity, error) {
	e.ID, e.CreatedAt = ids.New[ids.LegalEntity](s.db.IDs()), s.db.Now()
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		return duplicate(tx.Create(&e).Error, "legal entity", e.InvoiceSeries)
	})
	return e, err
}

// LegalEntities lists the companies that issue invoices.
func (s *Service) LegalEntities(ctx context.Context, sc scope.Scope) ([]LegalEntity, error) {
	var out []LegalEntity
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("name, id").Find(&out).Error })
	return out, err
}

// PutContract stores the next version of a client's contract and closes the one before it.
func (s *Service) PutContract(ctx context.Context, sc scope.Scope, c Contract) (Contract, error) {
	if err := checkPlace(c.Zone, c.Currency); err != nil {
		return Contract{}, err
	}
	if c.Document.PeriodStartDay < 1 || c.Document.PeriodStartDay > 28 {
		return Contract{}, fault.New(fault.Invalid, "contract.period_start", "The billing month must begin on a day from 1 to 28.")
	}
	c.ID, c.CreatedAt, c.ValidTo = ids.New[ids.Any](s.db.IDs()), s.db.Now(), nil
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var last Contract
		err := tx.Where("client_id = ?", c.ClientID).Order("version DESC").Take(&last).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			c.Version = 1
		case err != nil:
			return err
		case last.ValidFrom >= c.ValidFrom:
			return fault.Newf(fault.Conflict, "contract.not_latest", "Version %d is in force from %s; the next one must begin later.", last.Version, last.ValidFrom)
		default:
			c.Version = last.Version + 1
			if err := tx.Model(&Contract{}).Where("id = ?", last.ID).Update("valid_to", c.ValidFrom).Error; err != nil {
				return err
			}
		}
		return tx.Create(&c).Error
	})
	return c, err
}

// ContractOn gives the contract version of the client in force on the date.
func (s *Service) ContractOn(ctx context.Context, sc scope.Scope, client ids.Client, on calendar.Date) (Contract, error) {
	var out Contract
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Contract](tx.Where("client_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", client, on, on),
			"contract.not_found", fmt.Sprintf("The client has no contract in force on %s.", on))
		return err
	})
	return out, err
}

// Band is one severity of missing a target: when the measure lies below (or above,
// for measures where less is better) Beyond, CreditShare of the net bill is due.
type Band struct {
	Beyond      string `json:"beyond"`       // decimal in the unit of the measure
	CreditShare string `json:"credit_share"` // decimal share of the net bill
}

// Measure is one contract measure in force on business dates [ValidFrom, ValidTo).
type Measure struct {
	ID          ids.Measure      `gorm:"primaryKey" json:"id"`
	ClientID    ids.Client       `json:"client_id"`
	LOBID       ids.LOB          `gorm:"column:lob_id" json:"lob_id"` // zero: all
	QueueID     ids.Queue        `json:"queue_id"`                    // zero: all
	Key         string           `json:"key"`                         // service_level, abandonment, asa, aht, occupancy, forecast_accuracy
	Formula     string           `json:"formula"`                     // variant, such as f3 of service level
	ThresholdMS *int64           `gorm:"column:threshold_ms" json:"threshold_ms,omitempty"`
	Target      string           `json:"target"` // decimal in the unit of the measure
	Better      string           `json:"better"` // "higher" or "lower"
	Critical    bool             `json:"critical"`
	Bands       []Band           `gorm:"serializer:json" json:"bands"`
	ValidFrom   calendar.Date    `json:"valid_from"`
	ValidTo     *calendar.Date   `json:"valid_to,omitempty"`
	CreatedAt   calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Measure) TableName() string { return "measures" }

// AddMeasure puts a measure in force; the same key for the same part of the client is closed on that date.
func (s *Service) AddMeasure(ctx context.Context, sc scope.Scope, m Measure) (Measure, error) {
	if !slices.Contains([]string{"higher", "lower"}, m.Better) {
		return Measure{}, fault.Newf(fault.Invalid, "measure.better", "The direction %q of the measure is unknown: use higher or lower.", m.Better)
	}
	if m.Bands == nil {
		m.Bands = []Band{}
	}
	m.ID, m.CreatedAt, m.ValidTo = ids.New[ids.Measure](s.db.IDs()), s.db.Now(), nil
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var open []Measure
		if err := tx.Where("client_id = ? AND key = ? AND valid_to IS NULL", m.ClientID, m.Key).Find(&open).Error; err != nil {
			return err
		}
		for _, o := range open {
			if o.LOBID != m.LOBID || o.QueueID != m.QueueID {
				continue
			}
			if o.ValidFrom >= m.ValidFrom {
				return fault.Newf(fault.Conflict, "measure.not_latest", "The measure %s is in force from %s; the next version must begin later.", m.Key, o.ValidFrom)
			}
			if err := tx.Model(&Measure{}).Where("id = ?", o.ID).Update("valid_to", m.ValidFrom).Error; err != nil {
				return err
			}
		}
		return tx.Create(&m).Error
	})
	return m, err
}

// MeasuresOn lists the measures of a client in force on the date, by key.
func (s *Service) MeasuresOn(ctx context.Context, sc scope.Scope, client ids.Client, on calendar.Date) ([]Measure, error) {
	var out []Measure
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ? AND valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", client, on, on).Order("key, id").Find(&out).Error
	})
	return out, err
}

package billing

import (
	"context"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Judge computes the results of a client's contract measures over business dates
// [from, until) in the contract's zone. Each result names its measure by id.
type Judge interface {
	MeasureResults(ctx context.Context, sc scope.Scope, client ids.Client, from, until calendar.Date) ([]rating.MeasureResult, error)
}

// Service owns the rows of billing.
type Service struct {
	db        *database.DB
	contracts *contract.Service
	judge     Judge
}

// NewService makes the service on a door; the judge closes the SLA of a period.
func NewService(db *database.DB, judge Judge) *Service {
	return &Service{db: db, contracts: contract.NewService(db), judge: judge}
}

// providerOnly refuses what needs the provider's own rows.
func providerOnly(sc scope.Scope) error {
	if sc.IsProvider() {
		return nil
	}
	return fault.New(fault.Forbidden, "billing.provider_only", "Only the provider's finance may do this: it needs a provider-wide right.")
}

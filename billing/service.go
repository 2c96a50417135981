package billing

import (
	"context"

	"muster/billing/rating"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/files"
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
	log       *audit.Log
	events    *events.Stream
	files     *files.Store
}

// NewService makes the service on a door; the judge closes the SLA of a period.
func NewService(db *database.DB, judge Judge) *Service {
	// Records of billing hold no personal values, so the log needs no box to seal them.
	return &Service{db: db, contracts: contract.NewService(db), judge: judge, log: audit.New(db, nil), events: events.New(db), files: files.New(db)}
}

// note records a change by a person and tells the world, in the transaction that makes it.
func (s *Service) note(tx *database.Tx, client ids.Client, by ids.User, action, object string, id ids.Any, detail map[string]any) error {
	kind := audit.User
	if by.IsZero() {
		kind = audit.Machine
	}
	err := s.log.Append(tx, audit.Record{Client: client, Actor: by, ActorKind: kind, Action: action, Object: object, ObjectID: id, Detail: detail})
	if err != nil {
		return err
	}
	return s.events.Publish(tx, events.Message{Type: action, Client: client, Subject: object + "/" + id.String(), Data: detail})
}

// providerOnly refuses what needs the provider's own rows.
func providerOnly(sc scope.Scope) error {
	if sc.IsProvider() {
		return nil
	}
	return fault.New(fault.Forbidden, "billing.provider_only", "Only the provider's finance may do this: it needs a provider-wide right.")
}

package server

import (
	"io/fs"

	"muster/billing"
	"muster/reporting"
	"muster/reporting/supervision"
	"muster/routing"
	"muster/routing/customers"
	"muster/routing/feeds"
	"muster/routing/intake"
	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/files"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// Deps are the services behind the door.
type Deps struct {
	DB        *database.DB
	Access    *access.Service
	Contracts *contract.Service
	People    *people.Service
	Jobs      *jobs.Queue
	Audit     *audit.Log
	Files     *files.Store
	Events    *events.Stream
	Intake    *intake.Service
	Reports   *reporting.Service
	Live      *routing.Live
	Billing   *billing.Service
	// Scheduling plans: forecasts, staffing, rosters, simulations.
	Scheduling *scheduling.Service
	// Customers knows who contacts are from.
	Customers *customers.Service
	// Webhooks tells other systems what happened.
	Webhooks *webhooks.Service
	// Feeds takes in live events of other exchanges.
	Feeds *feeds.Service
	// Supervision is the team leader's floor.
	Supervision *supervision.Service
	// Box seals what only this installation may open, such as addresses of calendar feeds.
	Box *secrets.Box
	// Screens are the built screens, index.html at the root.
	Screens fs.FS
}

// registerAll registers every operation of the API.
func (s *Server) registerAll() {
	s.registerSession()
	s.registerClients()
	s.registerClientDocuments()
	s.registerPeople()
	s.registerAdmin()
	s.registerJobs()
	s.registerImports()
	s.registerFloor()
	s.registerFloorActions()
	s.registerSetAside()
	s.registerRoutingSettings()
	s.registerDesk()
	s.registerOnboarding()
	s.registerNumbers()
	s.registerInvoices()
	s.registerRates()
	s.registerForecasts()
	s.registerRosters()
	s.registerSimulations()
	s.registerWebhooks()
	s.registerCustomers()
	s.registerFeeds()
}

package supervision

import (
	"log/slog"
	"sync"

	"muster/billing"
	"muster/routing"
	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// Services are what supervision stands on.
type Services struct {
	Live      *routing.Live
	Planning  *scheduling.Service
	Contracts *contract.Service
	People    *people.Service
	Facts     *facts.Service
	Billing   *billing.Service
	Events    *events.Stream
	Audit     *audit.Log
}

// Service shows and steers the floor. It is safe for concurrent use.
type Service struct {
	db  *database.DB
	log *slog.Logger
	Services

	mu      sync.Mutex
	outlook outlook
	months  map[ids.Client]monthSoFar
}

// New makes the service on a door.
func New(db *database.DB, s Services, log *slog.Logger) *Service {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{db: db, log: log, Services: s, months: map[ids.Client]monthSoFar{}}
}

// outlookEvery is how old the projection may be: it changes slowly and costs much.
const outlookEvery = 30 * calendar.Second

// outlook is the projection of every queue at an instant.
type outlook struct {
	at     calendar.Instant
	days   map[ids.Queue]Day        // the rest of each queue's day, nothing counted
	rest   map[ids.Queue]Outlook    // projected
	recent map[ids.Queue][2]float64 // arrivals of the last full quarter, and its forecast
	slot   calendar.Instant         // length of a slot
}

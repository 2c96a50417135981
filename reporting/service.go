package reporting

import (
	"context"
	"time"

	"muster/reporting/measure"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Service computes reports. It holds no state and is safe for concurrent use.
type Service struct {
	db        *database.DB
	contracts *contract.Service
}

// NewService makes the service on a door.
func NewService(db *database.DB) *Service {
	return &Service{db: db, contracts: contract.NewService(db)}
}

// Part is what a figure is about: a client, and within it a line of business, a
// queue, or all of it when these are zero. Threshold replaces the answer
// threshold of the queues' terms when it is not nil.
type Part struct {
	Client    ids.Client
	LOB       ids.LOB
	Queue     ids.Queue
	Threshold *int64 // milliseconds
}

// Row is the counts of one bucket of one queue, or of one agent.
type Row struct {
	Queue   ids.Queue        `json:"queue"`
	Agent   ids.Agent        `json:"agent"`
	StartAt calendar.Instant `json:"start_at"`
	measure.Counts
}

// Source tells from which rows counts were made.
type Source string

// The sources.
const (
	FromFacts     Source = "facts"
	FromContacts  Source = "contacts" // counted again for a threshold of the contract's own
	FromForecasts Source = "forecasts"
)

// rows loads what an indicator is made of, by queue or agent and start.
func (s *Service) rows(ctx context.Context, sc scope.Scope, key measure.Key, p Part, span calendar.Interval, zone *time.Location) ([]Row, Source, error) {
	switch key {
	case measure.Occupancy:
		rows, err := s.agentRows(ctx, sc, p, span)
		return rows, FromFacts, err
	case measure.ForecastAccuracy, measure.ForecastBias:
		rows, err := s.forecastRows(ctx, sc, p, span, zone)
		return rows, FromForecasts, err
	}
	return s.queueRows(ctx, sc, p, span)
}

// total adds rows up.
func total(rows []Row) measure.Counts {
	var out measure.Counts
	for _, r := range rows {
		out = out.Add(r.Counts)
	}
	return out
}

// place gives the zone of the client's contract on a date, and the span of dates in it.
func (s *Service) place(ctx context.Context, sc scope.Scope, client ids.Client, from, until calendar.Date) (*time.Location, calendar.Interval, error) {
	if until <= from {
		return nil, calendar.Interval{}, fault.Newf(fault.Invalid, "report.empty_period", "The period from %s to %s is empty: its end must be later.", from, until)
	}
	var name string
	agreed, err := s.contracts.ContractOn(ctx, sc, client, until-1)
	switch {
	case err == nil:
		name = agreed.Zone
	case fault.KindOf(err) == fault.NotFound: // no contract yet: the client's own zone
		c, err := s.contracts.Client(ctx, sc, client)
		if err != nil {
			return nil, calendar.Interval{}, err
		}
		name = c.Zone
	default:
		return nil, calendar.Interval{}, err
	}
	zone, err := calendar.Zone(name)
	if err != nil {
		return nil, calendar.Interval{}, err
	}
	return zone, calendar.Interval{Start: from.At(0, zone), End: until.At(0, zone)}, nil
}

package scheduling

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"muster/routing"
	"muster/routing/facts"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/files"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// grid is the interval of facts, forecasts, plans and rosters.
const grid = calendar.Quarter

// Progress hears how far long work is: a fraction from 0 to 1 and a short note. It may be nil.
type Progress func(fraction float64, note string)

func (p Progress) say(fraction float64, note string) {
	if p != nil {
		p(fraction, note)
	}
}

// within maps the progress of a part onto [from, to] of the whole.
func (p Progress) within(from, to float64) Progress {
	return func(f float64, note string) { p.say(from+(to-from)*f, note) }
}

// Services are what planning stands on.
type Services struct {
	Contracts *contract.Service
	People    *people.Service
	Facts     *facts.Service
	Jobs      *jobs.Queue
	Events    *events.Stream
	// Live is the floor whose settings trials play; nil: scenarios only.
	Live *routing.Live
}

// Service plans. It is safe for concurrent use.
type Service struct {
	db *database.DB
	Services
	files *files.Store
	open  boards
}

// New makes the service on a door.
func New(db *database.DB, s Services) *Service {
	return &Service{db: db, Services: s, files: files.New(db)}
}

// queueInfo is what planning needs to know about one queue.
type queueInfo struct {
	contract.Queue
	terms    contract.Terms
	hasTerms bool
	calendar *calendar.Calendar // nil: never closes
	events   []CalendarEvent
}

// queuesOf loads the queues of a client with terms in force at the instant and calendars, archived ones left out.
func (s *Service) queuesOf(ctx context.Context, sc scope.Scope, client ids.Client, at calendar.Instant) ([]queueInfo, error) {
	all, err := s.Contracts.Queues(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	terms, err := s.Contracts.TermsAt(ctx, sc, at)
	if err != nil {
		return nil, err
	}
	calendars, err := s.Contracts.Calendars(ctx, sc)
	if err != nil {
		return nil, err
	}
	events, err := s.calendarEvents(ctx, sc)
	if err != nil {
		return nil, err
	}
	var out []queueInfo
	for _, q := range all {
		if q.ArchivedAt != nil {
			continue
		}
		info := queueInfo{Queue: q}
		info.terms, info.hasTerms = terms[q.ID]
		if c, ok := calendars[q.CalendarID]; ok {
			info.calendar, info.events = &c, events[q.CalendarID]
		}
		out = append(out, info)
	}
	return out, nil
}

// openMask says per interval of the grid whether the queue is open.
func (q queueInfo) openMask(span calendar.Interval) []bool {
	mask := make([]bool, int((span.End-span.Start)/grid))
	if q.calendar == nil {
		for i := range mask {
			mask[i] = true
		}
		return mask
	}
	last := calendar.DateOf(span.End, q.calendar.Zone)
	for d := calendar.DateOf(span.Start, q.calendar.Zone) - 1; d <= last; d++ {
		for _, open := range q.calendar.OpenOn(d) {
			part := open.Intersect(span)
			if part.Empty() {
				continue
			}
			for i := int((part.Start - span.Start) / grid); i < len(mask) && span.Start+calendar.Instant(i)*grid < part.End; i++ {
				mask[i] = true
			}
		}
	}
	return mask
}

// nextVersion gives the number after the largest version that the query selects.
func nextVersion(query *gorm.DB) (int, error) {
	var latest int
	err := query.Select("COALESCE(MAX(version), 0)").Scan(&latest).Error
	return latest + 1, err
}

// zoneOf loads a zone by name and names it in the fault when it is unknown.
func zoneOf(name string) (*time.Location, error) {
	z, err := calendar.Zone(name)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "planning.unknown_zone", "%s.", err).With("zone", name)
	}
	return z, nil
}

// raced turns a clash of version numbers into a conflict that can be tried again.
func raced(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.New(fault.Conflict, "planning.raced", "Somebody stored another version at this moment; try again.")
	}
	return err
}

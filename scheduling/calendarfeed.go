package scheduling

import (
	"context"
	"fmt"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// How far a calendar feed reaches.
const (
	feedBack  = 30 * calendar.Day
	feedAhead = 120 * calendar.Day
)

// feedEpoch is what SEQUENCE counts seconds from: later publications have larger numbers.
var feedEpoch = calendar.At(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))

// localForm is a date-time of a zone in iCalendar.
const localForm = "20060102T150405"

// publications gives the SEQUENCE of every roster in force in the span.
func (s *Service) publications(ctx context.Context, span calendar.Interval) (map[ids.Roster]int, error) {
	out := map[ids.Roster]int{}
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		rosters, err := inForce(tx, span)
		for _, r := range rosters {
			if r.PublishedAt != nil {
				out[r.ID] = int((*r.PublishedAt - feedEpoch) / calendar.Second)
			}
		}
		return err
	})
	return out, err
}

// CalendarLink is which address of an agent's calendar feed is in force. Each
// generation has an address of its own; a new generation ends the one before.
type CalendarLink struct {
	AgentID    ids.Agent         `gorm:"primaryKey" json:"agent_id"`
	Generation int               `json:"generation"`
	RevokedAt  *calendar.Instant `json:"revoked_at,omitempty"` // no address is in force since
	UpdatedAt  calendar.Instant  `gorm:"autoUpdateTime:false" json:"updated_at"`
}

// TableName implements gorm's Tabler.
func (CalendarLink) TableName() string { return "calendar_links" }

// CalendarLink gives the link of an agent; before anything was changed it is generation 0.
func (s *Service) CalendarLink(ctx context.Context, agent ids.Agent) (CalendarLink, error) {
	out := CalendarLink{AgentID: agent}
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var found []CalendarLink
		err := tx.Where("agent_id = ?", agent).Find(&found).Error
		if len(found) > 0 {
			out = found[0]
		}
		return err
	})
	return out, err
}

// RenewCalendarLink puts a new address in force; the old one ends at once.
func (s *Service) RenewCalendarLink(ctx context.Context, agent ids.Agent) (CalendarLink, error) {
	return s.changeLink(ctx, agent, func(l *CalendarLink) { l.Generation, l.RevokedAt = l.Generation+1, nil })
}

// RevokeCalendarLink ends the address without a new one.
func (s *Service) RevokeCalendarLink(ctx context.Context, agent ids.Agent) (CalendarLink, error) {
	now := s.db.Now()
	return s.changeLink(ctx, agent, func(l *CalendarLink) { l.RevokedAt = &now })
}

func (s *Service) changeLink(ctx context.Context, agent ids.Agent, change func(*CalendarLink)) (CalendarLink, error) {
	var out CalendarLink
	err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		if out, err = s.CalendarLink(tx.Context(), agent); err != nil {
			return err
		}
		change(&out)
		out.UpdatedAt = s.db.Now()
		return tx.Save(&out).Error
	})
	return out, err
}

// CalendarFeed writes an agent's shifts in force as iCalendar (RFC 5545), a month
// back and four months ahead. A shift keeps its UID as long as the agent works on
// that business date, and its SEQUENCE grows with every publication, so that
// calendars move the entry instead of adding one.
func (s *Service) CalendarFeed(ctx context.Context, agent ids.Agent) (string, error) {
	now := s.db.Now()
	span := calendar.Interval{Start: now - feedBack, End: now + feedAhead}
	own, err := s.OwnShifts(ctx, agent, span)
	if err != nil {
		return "", err
	}
	zone, err := zoneOf(own.Zone)
	if err != nil {
		return "", err
	}
	cal := ical.NewCalendarFor("muster")
	cal.SetMethod(ical.MethodPublish)
	cal.SetXWRCalName("Shifts " + own.Agent)
	cal.SetXWRTimezone(own.Zone)
	cal.SetRefreshInterval("PT1H")
	cal.AddVTimezone(timezoneOf(zone, span))
	inZone := ical.WithTZID(own.Zone)
	for _, sh := range own.Shifts {
		e := cal.AddEvent(fmt.Sprintf("shift-%s-%s@muster", agent, sh.BusinessDay))
		e.SetSequence(sh.sequence)
		e.SetDtStampTime(feedEpoch.Add(time.Duration(sh.sequence) * time.Second).Time())
		e.SetProperty(ical.ComponentPropertyDtStart, sh.StartAt.In(zone).Format(localForm), inZone)
		e.SetProperty(ical.ComponentPropertyDtEnd, sh.EndAt.In(zone).Format(localForm), inZone)
		e.SetSummary(sh.summary())
		e.SetDescription(sh.describe(zone))
		e.SetLocation(own.Site)
	}
	return cal.Serialize(ical.WithNewLineWindows), nil
}

// summary names the clients worked for.
func (sh OwnShift) summary() string {
	var names []string
	for _, a := range sh.Activities {
		if a.Client != "" && !strings.Contains(strings.Join(names, "\n")+"\n", a.Client+"\n") {
			names = append(names, a.Client)
		}
	}
	if len(names) == 0 {
		return "Shift"
	}
	return "Shift: " + strings.Join(names, ", ")
}

// describe lists the activities, one per line.
func (sh OwnShift) describe(zone *time.Location) string {
	lines := make([]string, 0, len(sh.Activities))
	for _, a := range sh.Activities {
		line := fmt.Sprintf("%s-%s %s", a.StartAt.In(zone).Format("15:04"), a.EndAt.In(zone).Format("15:04"), a.Kind)
		if a.Client != "" {
			line += " " + a.Client
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// timezoneOf describes the zone over the span: one observance for its beginning
// and one for every change of offset.
func timezoneOf(zone *time.Location, span calendar.Interval) *ical.VTimezone {
	v := ical.NewTimezone(zone.String())
	at := span.Start.In(zone)
	before := at
	for i := 0; i < 8; i++ {
		name, to := at.Zone()
		_, from := before.Zone()
		o := &ical.GeneralComponent{Token: "STANDARD"}
		if at.IsDST() {
			o.Token = "DAYLIGHT"
		}
		// The start of an observance is a local time by the offset before it.
		o.SetProperty(ical.ComponentPropertyDtStart, at.UTC().Add(time.Duration(from)*time.Second).Format(localForm))
		o.SetProperty(ical.ComponentProperty(ical.PropertyTzoffsetfrom), offsetText(from))
		o.SetProperty(ical.ComponentProperty(ical.PropertyTzoffsetto), offsetText(to))
		o.SetProperty(ical.ComponentProperty(ical.PropertyTzname), name)
		v.Components = append(v.Components, o)
		_, next := at.ZoneBounds()
		if next.IsZero() || !next.Before(span.End.Time()) {
			break
		}
		before, at = next.Add(-time.Second), next
	}
	return v
}

// offsetText writes seconds east of UTC as +hhmm.
func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	return fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
}

package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

type calendarRow struct {
	ID        ids.Calendar `gorm:"primaryKey"`
	ClientID  ids.Client
	Name      string
	Zone      string
	Version   int
	CreatedAt calendar.Instant
}

func (calendarRow) TableName() string { return "calendars" }

type hoursRow struct {
	CalendarID  ids.Calendar
	ClientID    ids.Client
	Weekday     time.Weekday
	OpenMinute  int
	CloseMinute int
}

func (hoursRow) TableName() string { return "calendar_hours" }

type dayRow struct {
	CalendarID ids.Calendar
	ClientID   ids.Client
	Day        calendar.Date
	Kind       calendar.DayKind
	Tag        string
	Name       string
	Hours      string
}

func (dayRow) TableName() string { return "calendar_days" }

// CreateCalendar stores an opening calendar; a zero client makes it the provider's own (for sites).
func (s *Service) CreateCalendar(ctx context.Context, sc scope.Scope, client ids.Client, name string, c calendar.Calendar) (ids.Calendar, error) {
	if err := c.Validate(); err != nil {
		return ids.Calendar{}, fault.Newf(fault.Invalid, "calendar.invalid", "The calendar cannot be used: %s.", err)
	}
	id := ids.New[ids.Calendar](s.db.IDs())
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Create(&calendarRow{ID: id, ClientID: client, Name: name, Zone: c.Zone.String(), Version: 1, CreatedAt: s.db.Now()}).Error; err != nil {
			return err
		}
		return putCalendarRows(tx, id, client, c)
	})
	return id, err
}

// SetCalendar replaces hours and special days of a calendar and counts its version up.
func (s *Service) SetCalendar(ctx context.Context, sc scope.Scope, id ids.Calendar, c calendar.Calendar) error {
	_, err := s.setCalendar(ctx, sc, id, nil, c)
	return err
}

// ReplaceCalendar is SetCalendar for those who read the version; Stale
// calendar.stale when it is no longer the stored one. It gives the new version.
func (s *Service) ReplaceCalendar(ctx context.Context, sc scope.Scope, id ids.Calendar, version int, c calendar.Calendar) (int, error) {
	return s.setCalendar(ctx, sc, id, &version, c)
}

func (s *Service) setCalendar(ctx context.Context, sc scope.Scope, id ids.Calendar, want *int, c calendar.Calendar) (int, error) {
	if err := c.Validate(); err != nil {
		return 0, fault.Newf(fault.Invalid, "calendar.invalid", "The calendar cannot be used: %s.", err)
	}
	version := 0
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		row, err := database.One[calendarRow](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "calendar.not_found", "There is no such calendar.")
		if err != nil {
			return err
		}
		if want != nil && *want != row.Version {
			return fault.New(fault.Stale, "calendar.stale", "Somebody changed the calendar in the meantime; read it again and repeat the change.").With("current", row.Version)
		}
		for _, old := range []any{&hoursRow{}, &dayRow{}} {
			if err := tx.Where("calendar_id = ?", id).Delete(old).Error; err != nil {
				return err
			}
		}
		version = row.Version + 1
		if err := tx.Model(&calendarRow{}).Where("id = ?", id).Updates(map[string]any{"version": version, "zone": c.Zone.String()}).Error; err != nil {
			return err
		}
		return putCalendarRows(tx, id, row.ClientID, c)
	})
	return version, err
}

// CalendarHead is a calendar without its hours and days.
type CalendarHead struct {
	ID       ids.Calendar
	ClientID ids.Client // zero: the provider's own
	Name     string
	Version  int
}

// CalendarHeads gives name, owner and version of the calendars of the scope.
func (s *Service) CalendarHeads(ctx context.Context, sc scope.Scope) (map[ids.Calendar]CalendarHead, error) {
	out := map[ids.Calendar]CalendarHead{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var rows []calendarRow
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			out[r.ID] = CalendarHead{ID: r.ID, ClientID: r.ClientID, Name: r.Name, Version: r.Version}
		}
		return nil
	})
	return out, err
}

func putCalendarRows(tx *database.Tx, id ids.Calendar, client ids.Client, c calendar.Calendar) error {
	hours := make([]hoursRow, len(c.Hours))
	for i, h := range c.Hours {
		hours[i] = hoursRow{CalendarID: id, ClientID: client, Weekday: h.Weekday, OpenMinute: h.Open, CloseMinute: h.Close}
	}
	days := make([]dayRow, len(c.Special))
	for i, d := range c.Special {
		own, err := json.Marshal(d.Hours)
		if err != nil {
			return err
		}
		days[i] = dayRow{CalendarID: id, ClientID: client, Day: d.Date, Kind: d.Kind, Tag: d.Tag, Name: d.Name, Hours: string(own)}
	}
	if _, err := database.Insert(tx, hours); err != nil {
		return err
	}
	_, err := database.Insert(tx, days)
	return err
}

// Calendars gives every opening calendar the scope sees, by id.
func (s *Service) Calendars(ctx context.Context, sc scope.Scope) (map[ids.Calendar]calendar.Calendar, error) {
	out := map[ids.Calendar]calendar.Calendar{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var rows []calendarRow
		var hours []hoursRow
		var days []dayRow
		if err := errors.Join(tx.Find(&rows).Error, tx.Order("calendar_id, weekday, open_minute").Find(&hours).Error, tx.Order("calendar_id, day").Find(&days).Error); err != nil {
			return err
		}
		for _, r := range rows {
			zone, err := calendar.Zone(r.Zone)
			if err != nil {
				return err
			}
			out[r.ID] = calendar.Calendar{Zone: zone}
		}
		for _, h := range hours {
			c := out[h.CalendarID]
			c.Hours = append(c.Hours, calendar.Hours{Weekday: h.Weekday, Open: h.OpenMinute, Close: h.CloseMinute})
			out[h.CalendarID] = c
		}
		for _, d := range days {
			c := out[d.CalendarID]
			day := calendar.SpecialDay{Date: d.Day, Kind: d.Kind, Tag: d.Tag, Name: d.Name}
			if err := json.Unmarshal([]byte(d.Hours), &day.Hours); err != nil {
				return fmt.Errorf("calendar %s, day %s: %w", d.CalendarID, d.Day, err)
			}
			c.Special = append(c.Special, day)
			out[d.CalendarID] = c
		}
		return nil
	})
	return out, err
}

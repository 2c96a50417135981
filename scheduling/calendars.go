package scheduling

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// CalendarEvent is a campaign, mailing or outage that moves the volume of the dates
// From to To, both included.
type CalendarEvent struct {
	ID         ids.Any       `gorm:"primaryKey" json:"id"`
	CalendarID ids.Calendar  `json:"-"`
	ClientID   ids.Client    `json:"-"`
	Name       string        `json:"name"`
	From       calendar.Date `gorm:"column:from_day" json:"from"`
	To         calendar.Date `gorm:"column:to_day" json:"to"`
	// Size is the known multiplier of volume (1.2 = a fifth more); 0 = learn it from
	// earlier events of the same name.
	Size float64 `json:"size"`
}

// TableName implements gorm's Tabler.
func (CalendarEvent) TableName() string { return "calendar_events" }

// maxEvents bounds the events of a calendar.
const maxEvents = 2000

// validate names what is wrong with an event.
func (e CalendarEvent) validate() error {
	if strings.TrimSpace(e.Name) == "" || e.To < e.From || !(e.Size >= 0 && e.Size <= maxFactor) {
		return fault.Newf(fault.Invalid, "calendar.event", "The event %q cannot be used: want a name, dates in order, and a size of 0 (learn it) to %d.", e.Name, maxFactor).With("name", e.Name)
	}
	return nil
}

// CalendarView is an opening calendar with the queues that follow it.
type CalendarView struct {
	ID       ids.Calendar          `json:"id"`
	ClientID ids.Client            `json:"client_id"`
	Name     string                `json:"name"`
	Version  int                   `json:"version"` // counts the changes; the ETag of the calendar
	Zone     string                `json:"zone"`
	Hours    []calendar.Hours      `json:"hours"`
	Special  []calendar.SpecialDay `json:"special"`
	Events   []CalendarEvent       `json:"events"`
	Queues   []ids.Queue           `json:"queues"`
}

// Calendars lists the calendars of the scope's queues, of one client when it is not zero.
func (s *Service) Calendars(ctx context.Context, sc scope.Scope, client ids.Client) ([]CalendarView, error) {
	all, err := s.Contracts.Calendars(ctx, sc)
	if err != nil {
		return nil, err
	}
	heads, err := s.Contracts.CalendarHeads(ctx, sc)
	if err != nil {
		return nil, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	events, err := s.calendarEvents(ctx, sc)
	if err != nil {
		return nil, err
	}
	used := map[ids.Calendar][]ids.Queue{}
	for _, q := range queues {
		used[q.CalendarID] = append(used[q.CalendarID], q.ID)
	}
	out := []CalendarView{}
	for id, c := range all {
		if len(used[id]) == 0 {
			continue
		}
		h := heads[id]
		v := CalendarView{ID: id, ClientID: h.ClientID, Name: h.Name, Version: h.Version, Zone: c.Zone.String(), Hours: c.Hours, Special: c.Special, Events: events[id], Queues: used[id]}
		if v.Hours == nil {
			v.Hours = []calendar.Hours{}
		}
		if v.Special == nil {
			v.Special = []calendar.SpecialDay{}
		}
		if v.Events == nil {
			v.Events = []CalendarEvent{}
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b CalendarView) int { return a.ID.Compare(b.ID) })
	return out, nil
}

// CalendarOf gives one calendar that queues of the scope follow, or NotFound.
func (s *Service) CalendarOf(ctx context.Context, sc scope.Scope, id ids.Calendar) (CalendarView, error) {
	all, err := s.Calendars(ctx, sc, ids.Client{})
	if err != nil {
		return CalendarView{}, err
	}
	i := slices.IndexFunc(all, func(v CalendarView) bool { return v.ID == id })
	if i < 0 {
		return CalendarView{}, fault.New(fault.NotFound, "calendar.not_found", "There is no such calendar.")
	}
	return all[i], nil
}

// calendarEvents gives the events of the scope by calendar and date.
func (s *Service) calendarEvents(ctx context.Context, sc scope.Scope) (map[ids.Calendar][]CalendarEvent, error) {
	var rows []CalendarEvent
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("calendar_id, from_day, name, id").Find(&rows).Error })
	out := map[ids.Calendar][]CalendarEvent{}
	for _, e := range rows {
		out[e.CalendarID] = append(out[e.CalendarID], e)
	}
	return out, err
}

// CalendarEdit is the new state of a calendar.
type CalendarEdit struct {
	Zone    string
	Hours   []calendar.Hours
	Special []calendar.SpecialDay
	Events  []CalendarEvent // nil keeps those that are there
}

// ReplaceCalendar replaces hours, special days and events of the version that was
// read; Stale calendar.stale when somebody was faster.
func (s *Service) ReplaceCalendar(ctx context.Context, sc scope.Scope, id ids.Calendar, version int, e CalendarEdit) (CalendarView, error) {
	zone, err := zoneOf(e.Zone)
	if err != nil {
		return CalendarView{}, err
	}
	if err := checkDays(e.Special); err != nil {
		return CalendarView{}, err
	}
	if len(e.Events) > maxEvents {
		return CalendarView{}, fault.Newf(fault.Invalid, "calendar.events", "A calendar has at most %d events, not %d.", maxEvents, len(e.Events)).With("most", maxEvents)
	}
	for _, v := range e.Events {
		if err := v.validate(); err != nil {
			return CalendarView{}, err
		}
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if _, err := s.Contracts.ReplaceCalendar(tx.Context(), sc, id, version, calendar.Calendar{Zone: zone, Hours: e.Hours, Special: e.Special}); err != nil {
			return err
		}
		heads, err := s.Contracts.CalendarHeads(tx.Context(), sc)
		if err != nil || e.Events == nil {
			return err
		}
		if err := tx.Where("calendar_id = ?", id).Delete(&CalendarEvent{}).Error; err != nil {
			return err
		}
		rows := slices.Clone(e.Events)
		for i := range rows {
			rows[i].ID, rows[i].CalendarID, rows[i].ClientID = ids.New[ids.Any](s.db.IDs()), id, heads[id].ClientID
		}
		_, err = database.Insert(tx, rows)
		return err
	})
	if err != nil {
		return CalendarView{}, err
	}
	return s.CalendarOf(ctx, sc, id)
}

// checkDays names the first special day that cannot be used.
func checkDays(list []calendar.SpecialDay) error {
	seen := map[calendar.Date]bool{}
	for _, d := range list {
		if seen[d.Date] {
			return fault.Newf(fault.Invalid, "calendar.day_twice", "The date %s is named twice; a date is one special day.", d.Date).With("day", d.Date.String())
		}
		seen[d.Date] = true
		ok := slices.Contains([]calendar.DayKind{calendar.DayClosed, calendar.DayOpen, calendar.DayTagged, calendar.DayHoliday}, d.Kind)
		if d.Kind == calendar.DayOpen {
			ok = len(d.Hours) > 0
			for _, h := range d.Hours {
				ok = ok && h.Open >= 0 && h.Open < 1440 && h.Close > h.Open && h.Close <= 2880
			}
		}
		if !ok {
			return fault.Newf(fault.Invalid, "calendar.day", "The special day %s cannot be used: it is closed, holiday, tagged, or open with hours of its own.", d.Date).With("day", d.Date.String())
		}
	}
	return nil
}

// DaySource is where special days come from: a preset, or a file in csv or ics form.
type DaySource struct {
	Preset string           // id of a preset
	Format string           // csv or ics, when Preset is empty
	Text   string           // the file
	Kind   calendar.DayKind // what holidays mean for the queue: closed, holiday or tagged
	From   calendar.Date    // days before are left out; zero: none
	To     calendar.Date    // this day and later ones are left out; zero: none
}

// DayChange is what a source does to one date of a calendar.
type DayChange struct {
	Day    calendar.SpecialDay  `json:"day"`
	Was    *calendar.SpecialDay `json:"was,omitempty"` // the special day that the date has already
	Change string               `json:"change"`        // new, replaced or same
}

// PreviewDays says what a source would change in a calendar.
func (s *Service) PreviewDays(ctx context.Context, sc scope.Scope, id ids.Calendar, from DaySource) ([]DayChange, error) {
	c, err := s.openCalendar(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	days, err := s.daysFrom(ctx, c, from)
	if err != nil {
		return nil, err
	}
	out := []DayChange{}
	for _, d := range days {
		change := DayChange{Day: d, Change: "new"}
		if was, ok := c.SpecialOn(d.Date); ok {
			change.Was, change.Change = &was, "replaced"
			if was.Kind == d.Kind && was.Tag == d.Tag && was.Name == d.Name && slices.Equal(was.Hours, d.Hours) {
				change.Change = "same"
			}
		}
		out = append(out, change)
	}
	slices.SortFunc(out, func(a, b DayChange) int { return cmp.Compare(a.Day.Date, b.Day.Date) })
	return out, nil
}

// openCalendar loads a calendar, or NotFound.
func (s *Service) openCalendar(ctx context.Context, sc scope.Scope, id ids.Calendar) (calendar.Calendar, error) {
	all, err := s.Contracts.Calendars(ctx, sc)
	if err != nil {
		return calendar.Calendar{}, err
	}
	c, ok := all[id]
	if !ok {
		return c, fault.New(fault.NotFound, "calendar.not_found", "There is no such calendar.")
	}
	return c, nil
}

// ImportDays adds special days to a calendar; a date that has one already takes
// the new one. It gives the calendar as it is then, and the days that were added.
func (s *Service) ImportDays(ctx context.Context, sc scope.Scope, id ids.Calendar, from DaySource) (calendar.Calendar, int, error) {
	c, err := s.openCalendar(ctx, sc, id)
	if err != nil {
		return c, 0, err
	}
	days, err := s.daysFrom(ctx, c, from)
	if err != nil {
		return c, 0, err
	}
	for _, d := range days {
		c.Special = withDay(c.Special, d)
	}
	return c, len(days), s.Contracts.SetCalendar(ctx, sc, id, c)
}

// withDay puts a special day among others, in the place of one of the same date.
func withDay(list []calendar.SpecialDay, d calendar.SpecialDay) []calendar.SpecialDay {
	out := slices.DeleteFunc(slices.Clone(list), func(o calendar.SpecialDay) bool { return o.Date == d.Date })
	out = append(out, d)
	slices.SortFunc(out, func(a, b calendar.SpecialDay) int { return cmp.Compare(a.Date, b.Date) })
	return out
}

// daysFrom reads the days of a source within its bounds.
func (s *Service) daysFrom(ctx context.Context, c calendar.Calendar, from DaySource) ([]calendar.SpecialDay, error) {
	if !slices.Contains([]calendar.DayKind{calendar.DayClosed, calendar.DayHoliday, calendar.DayTagged}, from.Kind) {
		return nil, fault.Newf(fault.Invalid, "calendar.day_kind", "The kind of day %q cannot be imported: use one of %s.", from.Kind, fault.Allowed([]calendar.DayKind{calendar.DayClosed, calendar.DayHoliday, calendar.DayTagged}))
	}
	var list []calendar.SpecialDay
	var err error
	if from.Preset != "" {
		var p PresetView
		p, err = s.preset(ctx, from.Preset)
		list = p.SpecialDays(c, from.Kind)
	} else {
		list, err = from.read()
	}
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(d calendar.SpecialDay) bool { return d.Date < from.From || from.To != 0 && d.Date >= from.To })
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "calendar.no_days", "The file names no day.")
	}
	return list, nil
}

// read reads the file.
func (f DaySource) read() ([]calendar.SpecialDay, error) {
	if f.Format != "csv" && f.Format != "ics" {
		return nil, fault.Newf(fault.Invalid, "calendar.format", "The format %q is unknown: use csv or ics, or name a preset.", f.Format)
	}
	read, err := forecast.ReadCalendar(bytes.NewReader([]byte(f.Text)), f.Format)
	if err != nil {
		return nil, err
	}
	seen := map[calendar.Date]bool{}
	var out []calendar.SpecialDay
	for _, d := range read.Days {
		day := calendar.SpecialDay{Date: calendar.Date(d.Date), Kind: f.Kind, Name: d.Name, Tag: d.Name}
		if len(d.Tags) > 0 {
			day.Tag = d.Tags[0]
		}
		if d.Closed != nil && *d.Closed {
			day.Kind = calendar.DayClosed
		}
		for _, h := range d.Hours {
			day.Kind, day.Hours = calendar.DayOpen, append(day.Hours, calendar.Hours{Weekday: day.Date.Weekday(), Open: h.From, Close: h.To})
		}
		if !seen[day.Date] {
			seen[day.Date] = true
			out = append(out, day)
		}
	}
	return out, nil
}

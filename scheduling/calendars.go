package scheduling

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"muster/scheduling/forecast"
	"muster/scheduling/holidays"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// CalendarView is an opening calendar with the queues that follow it.
type CalendarView struct {
	ID      ids.Calendar          `json:"id"`
	Zone    string                `json:"zone"`
	Hours   []calendar.Hours      `json:"hours"`
	Special []calendar.SpecialDay `json:"special"`
	Queues  []ids.Queue           `json:"queues"`
}

// Calendars lists the calendars of the scope's queues, of one client when it is not zero.
func (s *Service) Calendars(ctx context.Context, sc scope.Scope, client ids.Client) ([]CalendarView, error) {
	all, err := s.Contracts.Calendars(ctx, sc)
	if err != nil {
		return nil, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, client)
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
		v := CalendarView{ID: id, Zone: c.Zone.String(), Hours: c.Hours, Special: c.Special, Queues: used[id]}
		if v.Hours == nil {
			v.Hours = []calendar.Hours{}
		}
		if v.Special == nil {
			v.Special = []calendar.SpecialDay{}
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b CalendarView) int { return a.ID.Compare(b.ID) })
	return out, nil
}

// DaySource is where special days come from: a preset, or a file in csv or ics form.
type DaySource struct {
	Preset string           // id of a preset of scheduling/holidays
	Format string           // csv or ics, when Preset is empty
	Text   string           // the file
	Kind   calendar.DayKind // what holidays mean for the queue: closed, holiday or tagged
}

// ImportDays adds special days to a calendar; a date that has one already takes
// the new one. It gives the calendar as it is then, and the days that were added.
func (s *Service) ImportDays(ctx context.Context, sc scope.Scope, id ids.Calendar, from DaySource) (calendar.Calendar, int, error) {
	all, err := s.Contracts.Calendars(ctx, sc)
	if err != nil {
		return calendar.Calendar{}, 0, err
	}
	c, ok := all[id]
	if !ok {
		return c, 0, fault.New(fault.NotFound, "calendar.not_found", "There is no such calendar.")
	}
	if !slices.Contains([]calendar.DayKind{calendar.DayClosed, calendar.DayHoliday, calendar.DayTagged}, from.Kind) {
		return c, 0, fault.Newf(fault.Invalid, "calendar.day_kind", "The kind of day %q cannot be imported: use one of %s.", from.Kind, fault.Allowed([]calendar.DayKind{calendar.DayClosed, calendar.DayHoliday, calendar.DayTagged}))
	}
	days, err := from.days(c)
	if err != nil {
		return c, 0, err
	}
	for _, d := range days {
		c.Special = slices.DeleteFunc(slices.Clone(c.Special), func(o calendar.SpecialDay) bool { return o.Date == d.Date })
		c.Special = append(c.Special, d)
	}
	slices.SortFunc(c.Special, func(a, b calendar.SpecialDay) int { return cmp.Compare(a.Date, b.Date) })
	return c, len(days), s.Contracts.SetCalendar(ctx, sc, id, c)
}

// days reads the source.
func (f DaySource) days(c calendar.Calendar) ([]calendar.SpecialDay, error) {
	if f.Preset != "" {
		p, err := holidays.Find(f.Preset)
		return p.SpecialDays(c, f.Kind), err
	}
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
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "calendar.no_days", "The file names no day.")
	}
	return out, nil
}

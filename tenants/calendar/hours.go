package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Hours is one opening span of a weekday in minutes of the local day, half-open.
// Close may exceed 1440: the span then ends on the next date.
type Hours struct {
	Weekday time.Weekday `json:"weekday"`
	Open    int          `json:"open"`
	Close   int          `json:"close"`
}

// DayKind says how a special day differs from its weekday.
type DayKind string

// The kinds of special days.
const (
	DayClosed  DayKind = "closed"  // no opening hours at all
	DayOpen    DayKind = "open"    // opens with its own hours (a make-up working day too)
	DayTagged  DayKind = "tagged"  // normal hours, unusual demand
	DayHoliday DayKind = "holiday" // a public holiday on which the queue keeps its weekday hours
)

// SpecialDay is a date that differs from its weekday; Tag groups days that behave
// alike (a holiday's name, a campaign).
type SpecialDay struct {
	Date  Date    `json:"date"`
	Kind  DayKind `json:"kind"`
	Tag   string  `json:"tag,omitempty"`
	Name  string  `json:"name,omitempty"`
	Hours []Hours `json:"hours,omitempty"` // for DayOpen; Weekday is ignored
}

// Calendar is the opening calendar of a queue or a site.
type Calendar struct {
	Zone    *time.Location
	Hours   []Hours
	Special []SpecialDay
}

// Always is a calendar that never closes.
func Always(zone *time.Location) Calendar {
	c := Calendar{Zone: zone}
	for d := time.Sunday; d <= time.Saturday; d++ {
		c.Hours = append(c.Hours, Hours{Weekday: d, Open: 0, Close: 1440})
	}
	return c
}

// Validate reports the first hour that is out of range or overlaps another of its weekday.
func (c Calendar) Validate() error {
	if c.Zone == nil {
		return fmt.Errorf("calendar has no zone")
	}
	byDay := map[time.Weekday][]Hours{}
	for _, h := range c.Hours {
		if h.Weekday < time.Sunday || h.Weekday > time.Saturday {
			return fmt.Errorf("weekday %d: want 0 (Sunday) to 6 (Saturday)", h.Weekday)
		}
		if h.Open < 0 || h.Open >= 1440 || h.Close <= h.Open || h.Close > 2880 {
			return fmt.Errorf("opening %d to %d on %s: want minutes 0-1439 to a later minute up to 2880", h.Open, h.Close, h.Weekday)
		}
		byDay[h.Weekday] = append(byDay[h.Weekday], h)
	}
	for day, hours := range byDay {
		slices.SortFunc(hours, func(a, b Hours) int { return a.Open - b.Open })
		for i := 1; i < len(hours); i++ {
			if hours[i].Open < hours[i-1].Close {
				return fmt.Errorf("opening hours of %s overlap at minute %d", day, hours[i].Open)
			}
		}
	}
	return nil
}

// SpecialOn gives the special day of the date, if there is one.
func (c Calendar) SpecialOn(d Date) (SpecialDay, bool) {
	for _, s := range c.Special {
		if s.Date == d {
			return s, true
		}
	}
	return SpecialDay{}, false
}

// OpenOn gives the opening intervals that begin on the date, in order.
func (c Calendar) OpenOn(d Date) []Interval {
	hours := c.Hours
	weekday := d.Weekday()
	special, is := c.SpecialOn(d)
	switch {
	case is && special.Kind == DayClosed:
		return nil
	case is && special.Kind == DayOpen:
		hours = special.Hours
	}
	var out []Interval
	for _, h := range hours {
		if (is && special.Kind == DayOpen) || h.Weekday == weekday {
			out = append(out, Interval{Start: d.At(h.Open, c.Zone), End: d.At(h.Close, c.Zone)})
		}
	}
	slices.SortFunc(out, func(a, b Interval) int { return int((a.Start - b.Start) / Minute) })
	return out
}

// IsOpen reports whether the instant lies in an opening interval, also one that began the day before.
func (c Calendar) IsOpen(i Instant) bool {
	d := DateOf(i, c.Zone)
	for _, day := range [2]Date{d - 1, d} {
		for _, v := range c.OpenOn(day) {
			if v.Contains(i) {
				return true
			}
		}
	}
	return false
}

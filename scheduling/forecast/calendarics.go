package forecast

import (
	"io"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"muster/tenants/fault"
)

// longestHoliday bounds the days one calendar entry may cover.
const longestHoliday = 62

// readCalendarICS takes every VEVENT as a special day per date it covers; its end is exclusive as RFC 5545 says.
func readCalendarICS(r io.Reader) (Calendar, error) {
	var c Calendar
	cal, err := ical.ParseCalendar(r)
	if err != nil {
		return c, fault.New(fault.Invalid, "forecast.calendar_ics", "the calendar is not valid iCalendar (RFC 5545)").Wrap(err)
	}
	for _, e := range cal.Events() {
		from, err := eventDate(e, ical.ComponentPropertyDtStart)
		if err != nil {
			return c, fault.Newf(fault.Invalid, "forecast.calendar_ics", "an iCalendar event has no readable DTSTART: %v", err)
		}
		to, err := eventDate(e, ical.ComponentPropertyDtEnd)
		if err != nil || to <= from {
			to = from + 1
		}
		if to-from > longestHoliday {
			return c, fault.Newf(fault.Invalid, "forecast.calendar_ics", "an iCalendar event covers %d days, more than %d", to-from, longestHoliday)
		}
		name := property(e, ical.ComponentPropertySummary)
		var tags []string
		if t := property(e, ical.ComponentPropertyCategories); t != "" {
			tags = strings.Split(t, ",")
		}
		for d := from; d < to; d++ {
			c.Days = append(c.Days, SpecialDay{Date: d, Name: name, Tags: tags})
		}
	}
	return c, nil
}

func property(e *ical.VEvent, p ical.ComponentProperty) string {
	if v := e.GetProperty(p); v != nil {
		return v.Value
	}
	return ""
}

// eventDate reads the first eight digits of a DATE or DATE-TIME.
func eventDate(e *ical.VEvent, p ical.ComponentProperty) (Date, error) {
	v := property(e, p)
	t, err := time.Parse("20060102", v[:min(8, len(v))])
	if err != nil {
		return 0, err
	}
	return DateOf(t), nil
}

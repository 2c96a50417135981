package calendar

import (
	"encoding/json"
	"fmt"
	"time"
)

// Date is a business date without zone: days since 1970-01-01. It is stored as
// an integer and written as YYYY-MM-DD.
type Date int32

// DateOf gives the calendar date of the instant in the zone.
func DateOf(i Instant, zone *time.Location) Date {
	t := i.In(zone)
	return NewDate(t.Year(), t.Month(), t.Day())
}

// NewDate makes a date from its parts; parts outside their range roll over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return NewDate(t.Year(), t.Month(), t.Day()), nil
}

// utc gives midnight UTC of the date, for reading its parts.
func (d Date) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Parts gives year, month and day.
func (d Date) Parts() (int, time.Month, int) { return d.utc().Date() }

// String gives YYYY-MM-DD.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// MarshalJSON writes a JSON string.
func (d Date) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a JSON string.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("date %s: want a string: %w", b, err)
	}
	return d.UnmarshalText([]byte(s))
}

// At gives the first instant of the date whose wall clock in the zone reads the
// minute of the day or later (a minute lost to daylight saving becomes the first
// existing one; a repeated minute means its first occurrence). Minutes of 1440
// and more lie on following dates.
func (d Date) At(minute int, zone *time.Location) Instant {
	day := d + Date(floorDiv(minute, 1440))
	minute -= floorDiv(minute, 1440) * 1440
	y, m, dd := day.Parts()
	t := time.Date(y, m, dd, minute/60, minute%60, 0, 0, zone)
	if t.Hour()*60+t.Minute() == minute && t.Day() == dd {
		// time.Date does not promise which of two occurrences it gives: prefer the first.
		if earlier := t.Add(-time.Hour); earlier.Hour()*60+earlier.Minute() == minute && earlier.Day() == dd {
			return At(earlier)
		}
		return At(t)
	}
	// The minute does not exist: the gap's end is the start of the zone period that follows it.
	start, end := t.ZoneBounds()
	if _, before := t.Zone(); !end.IsZero() {
		if _, after := end.Zone(); after > before && t.Hour()*60+t.Minute() < minute {
			return At(end)
		}
	}
	return At(start)
}

// floorDiv divides rounding towards minus infinity.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// Span gives the date's interval from local midnight to the next local midnight.
func (d Date) Span(zone *time.Location) Interval {
	return Interval{Start: d.At(0, zone), End: (d + 1).At(0, zone)}
}

// Zone loads an IANA zone; the empty name is an error, since a silent UTC hides mistakes.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("zone %q: want an IANA name such as Asia/Shanghai", name)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("zone %q is unknown: want an IANA name such as Asia/Shanghai", name)
	}
	return z, nil
}

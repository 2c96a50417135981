package forecast

import (
	"fmt"
	"time"
)

// Date is a civil date, counted in days since 1970-01-01.
type Date int

// DateOf gives the civil date of an instant in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return NewDate(y, m, d)
}

// NewDate gives the date of a year, month and day; out-of-range days roll over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return Date(floorDiv(int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()), 86400))
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// Time gives midnight of the date in the location.
func (d Date) Time(zone *time.Location) time.Time {
	return time.Date(1970, 1, 1+int(d), 0, 0, 0, 0, zone)
}

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(mod(int(d)+4, 7)) }

// String gives YYYY-MM-DD.
func (d Date) String() string { return d.Time(time.UTC).Format("2006-01-02") }

// MarshalText gives YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func mod(a, b int) int { return a - floorDiv(a, b)*b }

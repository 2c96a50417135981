package calendar

import (
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
)

// Instant is a point in time: microseconds since 1970-01-01T00:00Z. It is stored
// as a 64-bit integer on both databases and written as RFC 3339 UTC in JSON.
type Instant int64

// Lengths of time in the unit of Instant.
const (
	Microsecond Instant = 1
	Millisecond         = 1000 * Microsecond
	Second              = 1000 * Millisecond
	Minute              = 60 * Second
	Hour                = 60 * Minute
	Quarter             = 15 * Minute
	Day                 = 24 * Hour // 24 hours of elapsed time, not a calendar day
)

// At turns a time into an instant, dropping what is finer than a microsecond.
func At(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time gives the instant as a UTC time.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// In gives the instant as a time in the zone.
func (i Instant) In(zone *time.Location) time.Time { return time.UnixMicro(int64(i)).In(zone) }

// Add moves the instant by a duration.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub gives the elapsed time since the other instant.
func (i Instant) Sub(o Instant) time.Duration { return time.Duration(i-o) * time.Microsecond }

// Floor moves the instant down to a multiple of the grid (UTC); grid must be positive.
func (i Instant) Floor(grid Instant) Instant {
	r := i % grid
	if r < 0 {
		r += grid
	}
	return i - r
}

// Ceil moves the instant up to a multiple of the grid (UTC); grid must be positive.
func (i Instant) Ceil(grid Instant) Instant {
	f := i.Floor(grid)
	if f == i {
		return i
	}
	return f + grid
}

// String gives RFC 3339 in UTC.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }

// MarshalText writes RFC 3339 in UTC.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads RFC 3339; a zone is required.
func (i *Instant) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("instant %q: want RFC 3339 with a zone, such as 2026-03-01T08:00:00Z", b)
	}
	*i = At(t)
	return nil
}

// MarshalJSON writes a JSON string.
func (i Instant) MarshalJSON() ([]byte, error) { return json.Marshal(i.String()) }

// UnmarshalJSON reads a JSON string.
func (i *Instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("instant %s: want a string: %w", b, err)
	}
	return i.UnmarshalText([]byte(s))
}

// Interval is the half-open span [Start, End).
type Interval struct {
	Start Instant `json:"start"`
	End   Instant `json:"end"`
}

// Empty reports whether nothing lies in the interval.
func (v Interval) Empty() bool { return v.End <= v.Start }

// Length gives the elapsed time of the interval, zero when it is empty.
func (v Interval) Length() time.Duration {
	if v.Empty() {
		return 0
	}
	return v.End.Sub(v.Start)
}

// Contains reports whether the instant lies in [Start, End).
func (v Interval) Contains(i Instant) bool { return v.Start <= i && i < v.End }

// Intersect gives the common part, possibly empty.
func (v Interval) Intersect(o Interval) Interval {
	return Interval{Start: max(v.Start, o.Start), End: min(v.End, o.End)}
}

// Overlaps reports whether both share some time; touching intervals do not.
func (v Interval) Overlaps(o Interval) bool { return !v.Intersect(o).Empty() }

// Buckets calls fn for every grid bucket the interval touches, with the part that lies in it, in order.
func (v Interval) Buckets(grid Instant, fn func(bucket Instant, part Interval)) {
	if v.Empty() {
		return
	}
	for b := v.Start.Floor(grid); b < v.End; b += grid {
		fn(b, v.Intersect(Interval{Start: b, End: b + grid}))
	}
}

// Clock tells the time; services receive one so that tests can set it.
type Clock interface {
	// Now gives the present instant; it may repeat but a service treats a step back as standing still.
	Now() Instant
}

// SystemClock reads the machine's clock.
type SystemClock struct{}

// Now gives the machine's time.
func (SystemClock) Now() Instant { return At(time.Now()) }

// FixedClock always tells the same time, or what Set last gave it. It is for tests and the seeded demo.
type FixedClock struct{ at atomic.Int64 }

// NewFixedClock makes a clock that stands at the instant.
func NewFixedClock(at Instant) *FixedClock {
	c := &FixedClock{}
	c.Set(at)
	return c
}

// Now gives the instant at which the clock stands.
func (c *FixedClock) Now() Instant { return Instant(c.at.Load()) }

// Set moves the clock.
func (c *FixedClock) Set(at Instant) { c.at.Store(int64(at)) }

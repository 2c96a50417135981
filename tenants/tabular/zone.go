package tabular

import (
	"time"

	"muster/tenants/calendar"
)

// localZone turns local times into instants. It remembers the offsets of the last
// date, since the rows of an export lie close together.
type localZone struct {
	zone   *time.Location
	day    int64
	known  bool
	before int64 // UTC offset a day earlier, microseconds
	after  int64 // UTC offset a day later
}

// instant gives the instants at which the zone's wall clock shows the local time
// (microseconds since 1970 as if it were UTC). A repeated time gives both, first
// the earlier. A skipped time is read with the offset before the gap.
func (z *localZone) instant(local int64) (first, second int64, how LocalTime) {
	day := floorDiv(local, dayMicros)
	if !z.known || day != z.day {
		z.day, z.known = day, true
		z.before, z.after = z.offset(local-2*dayMicros), z.offset(local+2*dayMicros)
	}
	early, late := local-z.before, local-z.after
	if z.before == z.after {
		return early, early, LocalOnce
	}
	earlyFits, lateFits := z.offset(early) == z.before, z.offset(late) == z.after
	switch {
	case earlyFits && lateFits:
		return min(early, late), max(early, late), LocalRepeated
	case earlyFits:
		return early, early, LocalOnce
	case lateFits:
		return late, late, LocalOnce
	}
	return early, early, LocalSkipped
}

// offset gives the zone's UTC offset at the instant in microseconds.
func (z *localZone) offset(instant int64) int64 {
	_, seconds := calendar.Instant(instant).In(z.zone).Zone()
	return int64(seconds) * int64(calendar.Second)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

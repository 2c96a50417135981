package jobs

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// Timetable gives the due times of a cron line in a zone.
type Timetable struct {
	line cron.Schedule
	zone *time.Location
}

// lineParser reads five fields or a descriptor such as @daily.
var lineParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseTimetable reads a cron line of five fields (minute, hour, day of month,
// month, weekday) or @hourly, @daily, @weekly, @monthly, @yearly, to be read on
// the wall clock of the IANA zone.
func ParseTimetable(line, zone string) (Timetable, error) {
	location, err := calendar.Zone(zone)
	if err != nil {
		return Timetable{}, fault.Newf(fault.Invalid, "jobs.zone", "%q is no IANA zone; write one such as Asia/Shanghai.", zone).With("zone", zone).Wrap(err)
	}
	if strings.Contains(line, "TZ=") || strings.HasPrefix(line, "@every") {
		return Timetable{}, badLine(line, fmt.Errorf("TZ= and @every are not allowed"))
	}
	schedule, err := lineParser.Parse(line)
	if err != nil {
		return Timetable{}, badLine(line, err)
	}
	return Timetable{line: schedule, zone: location}, nil
}

// badLine is the fault of a cron line that cannot be read.
func badLine(line string, cause error) error {
	return fault.Newf(fault.Invalid, "jobs.cron", "%q is no schedule; write minute hour day month weekday, such as \"30 6 * * 1-5\", or @daily.", line).With("cron", line).Wrap(cause)
}

// Next gives the first due time after the instant, and false when there is
// none within the next years (a line such as "0 0 30 2 *").
//
// The line is evaluated on a wall clock without gaps, whose readings are then
// placed on the real time line: a reading lost to daylight saving becomes the
// first minute that exists, a repeated one its first occurrence. Several
// readings that fall on one instant are one due time.
func (t Timetable) Next(after calendar.Instant) (calendar.Instant, bool) {
	local := after.In(t.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	for {
		wall = t.line.Next(wall)
		if wall.IsZero() {
			return 0, false
		}
		date := calendar.NewDate(wall.Date())
		due := date.At(wall.Hour()*60+wall.Minute(), t.zone)
		if due > after {
			return due, true
		}
	}
}

// reach bounds how far back an outage is made up for.
const reach = 400 * calendar.Day

// Latest gives the last due time in (after, now], and false when there is none.
func (t Timetable) Latest(after, now calendar.Instant) (calendar.Instant, bool) {
	var latest calendar.Instant
	found := false
	for at := max(after, now-reach); ; {
		next, exists := t.Next(at)
		if !exists || next > now {
			return latest, found
		}
		latest, found, at = next, true, next
	}
}

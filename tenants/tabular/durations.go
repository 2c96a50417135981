package tabular

import (
	"math"
	"strconv"
	"strings"
)

// Unit says what a plain number in a duration column counts.
type Unit string

// The units of plain numbers.
const (
	UnitSecond      Unit = "s"
	UnitMillisecond Unit = "ms"
	UnitMinute      Unit = "min"
	UnitHour        Unit = "h"
	UnitDay         Unit = "day" // Excel's own unit: 0.5 is twelve hours
)

// unitMillis gives each unit in milliseconds.
var unitMillis = map[Unit]float64{UnitSecond: 1e3, UnitMillisecond: 1, UnitMinute: 60e3, UnitHour: 3600e3, UnitDay: 86400e3}

// Clock says how a two-part clock such as 2:30 is read.
type Clock string

// The readings of two-part clocks.
const (
	ClockMinutes Clock = "mmss"
	ClockHours   Clock = "hhmm"
)

var (
	notADuration       = &problem{"not_a_duration", "The cell is not a length of time; write seconds, m:ss or h:mm:ss."}
	ambiguousDuration  = &problem{"ambiguous_duration", "2:30 may mean minutes and seconds or hours and minutes; state clock: mmss or clock: hhmm in the mapping."}
	unitlessDuration   = &problem{"unit_missing", "A plain number has no unit; state unit: s, ms, min, h or day in the mapping."}
	durationTooLong    = &problem{"too_large", "The length of time exceeds 366 days; check the column and its unit."}
	negativeDuration   = &problem{"negative", "The length of time is negative."}
	maxDurationMillis  = float64(366 * 24 * 3600 * 1000)
	writtenUnitSymbols = []struct {
		symbol string
		millis float64
	}{
		{"毫秒", 1}, {"小时", 3600e3}, {"分钟", 60e3}, {"时", 3600e3}, {"分", 60e3}, {"秒", 1e3}, {"天", 86400e3},
		{"msec", 1}, {"ms", 1}, {"hours", 3600e3}, {"hour", 3600e3}, {"hrs", 3600e3}, {"hr", 3600e3}, {"h", 3600e3},
		{"minutes", 60e3}, {"minute", 60e3}, {"mins", 60e3}, {"min", 60e3}, {"m", 60e3},
		{"seconds", 1e3}, {"second", 1e3}, {"secs", 1e3}, {"sec", 1e3}, {"s", 1e3}, {"days", 86400e3}, {"day", 86400e3}, {"d", 86400e3},
	}
)

// parseDuration reads a length of time in milliseconds: h:mm:ss, m:ss (when clock
// says so), a number in the unit, or text with units (2m30s, 2分30秒).
func parseDuration(s string, unit Unit, clock Clock, decimalMark byte) (int64, *problem) {
	if strings.IndexByte(s, ':') >= 0 {
		return clockDuration(s, clock)
	}
	if unit == UnitSecond && len(s) <= 7 && allDigits(s) {
		n, p := parseCount(s, 0)
		return n * 1000, p
	}
	if digits, p := plainDigits(s, decimalMark); p == nil {
		if unit == "" {
			return 0, unitlessDuration
		}
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return 0, durationTooLong
		}
		return millis(f * unitMillis[unit])
	}
	return writtenDuration(s)
}

// millis rounds to whole milliseconds and checks the range.
func millis(f float64) (int64, *problem) {
	switch {
	case math.IsNaN(f):
		return 0, notADuration
	case f < 0:
		return 0, negativeDuration
	case f > maxDurationMillis:
		return 0, durationTooLong
	}
	return int64(math.Round(f)), nil
}

// clockDuration reads [h:]mm:ss[.fff]; hours may exceed 24.
func clockDuration(s string, clock Clock) (int64, *problem) {
	if strings.HasPrefix(s, "-") {
		return 0, negativeDuration
	}
	days := 0.0
	if head, tail, ok := strings.Cut(s, " "); ok && allDigits(head) {
		// "1 day, 02:03:04" and "1 02:03:04"
		n, err := strconv.ParseFloat(head, 64)
		if err != nil {
			return 0, durationTooLong
		}
		tail = strings.TrimSpace(tail)
		for _, word := range []string{"days,", "day,", "days", "day", "天"} {
			tail = strings.TrimSpace(strings.TrimPrefix(tail, word))
		}
		days, s = n, tail
	}
	parts := strings.Split(strings.Replace(s, ",", ".", 1), ":")
	if len(parts) == 2 {
		switch clock {
		case ClockMinutes:
			parts = []string{"0", parts[0], parts[1]}
		case ClockHours:
			parts = append(parts, "0")
		default:
			if parts[0] == "" || parts[1] == "" {
				return 0, notADuration
			}
			return 0, ambiguousDuration
		}
	}
	if len(parts) != 3 || !allDigits(parts[0]) || !allDigits(parts[1]) || !isPlainNumber(parts[2]) || len(parts[0]) > 6 || len(parts[1]) > 6 {
		return 0, notADuration
	}
	h, _ := strconv.ParseFloat(parts[0], 64) // digits, checked above
	m, _ := strconv.ParseFloat(parts[1], 64)
	sec, err := strconv.ParseFloat(parts[2], 64)
	if err != nil || sec < 0 || sec >= 60 || m >= 60 && h > 0 {
		return 0, notADuration
	}
	return millis(((days*24+h)*3600 + m*60 + sec) * 1000)
}

// writtenDuration reads numbers with units: 2m30s, 1小时2分.
func writtenDuration(s string) (int64, *problem) {
	rest, total := strings.ToLower(strings.ReplaceAll(s, " ", "")), 0.0
	if strings.HasPrefix(rest, "-") {
		return 0, negativeDuration
	}
	if rest == "" {
		return 0, notADuration
	}
	for rest != "" {
		n := 0
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
			n++
		}
		f, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return 0, notADuration
		}
		rest = rest[n:]
		found := false
		for _, u := range writtenUnitSymbols {
			if strings.HasPrefix(rest, u.symbol) {
				total += f * u.millis
				rest, found = rest[len(u.symbol):], true
				break
			}
		}
		if !found {
			return 0, notADuration
		}
	}
	return millis(total)
}

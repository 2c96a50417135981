package forecast

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/fault"
)

// ReadCalendar reads a calendar in one of the formats json, csv, ics.
//
// json is the Calendar value itself. csv has a header; its columns are date, and optionally name, tags (separated by |),
// closed (true, false, empty = learn from history), like (a weekday name), hours (07:00-21:00|22:00-24:00), and for
// events to (last date) and size (multiplier); a row with `to` or `size` is an event. ics takes every all-day VEVENT as
// a special day tagged by its CATEGORIES, one day per date covered.
func ReadCalendar(r io.Reader, format string) (Calendar, error) {
	var c Calendar
	var err error
	switch format {
	case "json":
		d := json.NewDecoder(r)
		d.DisallowUnknownFields()
		if err = d.Decode(&c); err != nil {
			err = fault.New(fault.Invalid, "forecast.calendar_json", "the calendar is not the JSON described in the help").Wrap(err)
		}
	case "csv":
		c, err = readCalendarCSV(r)
	case "ics":
		c, err = readCalendarICS(r)
	default:
		return c, fault.Newf(fault.Invalid, "forecast.calendar_format", "calendar format %q is unknown; allowed: csv, ics, json", format)
	}
	if err != nil {
		return Calendar{}, err
	}
	return c, c.validate()
}

var calendarColumns = []string{"date", "name", "tags", "closed", "like", "hours", "to", "size"}

func readCalendarCSV(r io.Reader) (Calendar, error) {
	var c Calendar
	rd := csv.NewReader(r)
	rd.FieldsPerRecord = -1
	rd.TrimLeadingSpace = true
	header, err := rd.Read()
	if err != nil {
		return c, fault.New(fault.Invalid, "forecast.calendar_csv", "the calendar has no header line").Wrap(err)
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if header[i] == "tag" {
			header[i] = "tags"
		}
		if !slices.Contains(calendarColumns, header[i]) {
			return c, fault.Newf(fault.Invalid, "forecast.calendar_column", "calendar column %q is unknown; allowed: %s", name, strings.Join(calendarColumns, ", "))
		}
	}
	for line := 2; ; line++ {
		rec, err := rd.Read()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return c, fault.Newf(fault.Invalid, "forecast.calendar_csv", "calendar line %d cannot be read", line).Wrap(err)
		}
		row := map[string]string{}
		for i, v := range rec {
			if i < len(header) {
				row[header[i]] = strings.TrimSpace(v)
			}
		}
		if err := c.addRow(row); err != nil {
			return c, fault.Newf(fault.Invalid, "forecast.calendar_csv", "calendar line %d: %v", line, err)
		}
	}
}

// addRow adds one CSV row, a special day or an event.
func (c *Calendar) addRow(row map[string]string) error {
	date, err := ParseDate(row["date"])
	if err != nil {
		return err
	}
	if row["to"] != "" || row["size"] != "" {
		e := Event{Name: row["name"], From: date, To: date}
		if row["to"] != "" {
			if e.To, err = ParseDate(row["to"]); err != nil {
				return err
			}
		}
		if row["size"] != "" {
			if e.Size, err = strconv.ParseFloat(row["size"], 64); err != nil {
				return fmt.Errorf("size %q is not a number", row["size"])
			}
		}
		c.Events = append(c.Events, e)
		return nil
	}
	d := SpecialDay{Date: date, Name: row["name"]}
	if row["tags"] != "" {
		d.Tags = strings.Split(row["tags"], "|")
	}
	if row["closed"] != "" {
		b, err := parseBool(row["closed"])
		if err != nil {
			return err
		}
		d.Closed = &b
	}
	if row["like"] != "" {
		w, err := parseWeekday(row["like"])
		if err != nil {
			return err
		}
		d.Like = &w
	}
	if row["hours"] != "" {
		if d.Hours, err = parseSpans(row["hours"]); err != nil {
			return err
		}
	}
	c.Days = append(c.Days, d)
	return nil
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "y", "closed":
		return true, nil
	case "0", "false", "no", "n", "open":
		return false, nil
	}
	return false, fmt.Errorf("closed %q is neither true nor false", s)
}

func parseWeekday(s string) (int, error) {
	for w := range 7 {
		name := time.Weekday(w).String()
		if strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) {
			return w, nil
		}
	}
	return 0, fmt.Errorf("weekday %q is unknown; allowed: Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday", s)
}

// parseSpans reads 07:00-12:00|13:00-21:00.
func parseSpans(s string) ([]Span, error) {
	var out []Span
	for part := range strings.SplitSeq(s, "|") {
		from, to, ok := strings.Cut(part, "-")
		if !ok {
			return nil, fmt.Errorf("hours %q: want 07:00-21:00", part)
		}
		a, errA := parseMinutes(from)
		b, errB := parseMinutes(to)
		if errA != nil || errB != nil {
			return nil, fmt.Errorf("hours %q: want 07:00-21:00", part)
		}
		out = append(out, Span{a, b})
	}
	return out, nil
}

func parseMinutes(s string) (int, error) {
	h, m, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok {
		return 0, fmt.Errorf("time %q: want HH:MM", s)
	}
	hh, err := strconv.Atoi(h)
	if err != nil {
		return 0, err
	}
	mm, err := strconv.Atoi(m)
	if err != nil {
		return 0, err
	}
	if hh < 0 || hh > 24 || mm < 0 || mm > 59 {
		return 0, fmt.Errorf("time %q is not within a day", s)
	}
	return hh*60 + mm, nil
}

package tabular

import (
	"strings"

	"muster/tenants/calendar"
)

// instant reads a point in time: a stamp, or a date and a time column, in the
// mapping's zone, with the interval rule and the rule for times past midnight.
func (d *Decoder) instant(f *boundField, row Row, s string) (Value, *problem) {
	ranged := false
	if f.field.IntervalStart {
		s, ranged = d.rangeStart(s)
	}
	st, p := d.stamp(f, row, s)
	if p != nil {
		return Value{}, p
	}
	if f.binding.Midnight == "end" && st.micros == 0 {
		st.micros = dayMicros
	}
	var v Value
	local := st.days*dayMicros + st.micros
	switch {
	case st.epoch:
		v.Int, v.Second = local, local
	case st.offset != noOffset:
		v.Int = local - st.offset
		v.Second = v.Int
	default:
		v.Int, v.Second, v.Local = d.zone.instant(local)
	}
	if f.after >= 0 && f.binding.Date != "" {
		if anchor := d.record.Values[f.after]; anchor.Set && v.Int < anchor.Int-halfDay {
			v.Int, v.Second, v.Local = d.zone.instant(local + dayMicros)
		}
	}
	if f.field.IntervalStart && !ranged && d.interval.Label == "end" {
		length := int64(d.interval.Minutes) * int64(calendar.Minute)
		v.Int, v.Second = v.Int-length, v.Second-length
	}
	return v, nil
}

// stamp reads the local date and time from one or two columns.
func (d *Decoder) stamp(f *boundField, row Row, s string) (stamp, *problem) {
	if f.binding.Date == "" {
		st, p := parseStamp(s, f.order(s))
		if p == nil && !st.timed && !isPlainNumber(s) && !f.field.IntervalStart {
			return stamp{}, noTime
		}
		return st, p
	}
	date := cell(at(row.Cells, f.columns[0]))
	st, p := parseStamp(date, f.order(date))
	if p != nil {
		return stamp{}, p
	}
	clock, offset := cutOffset(s)
	if micros, p := parseTimeOfDay(clock); p == nil {
		st.micros, st.offset = micros, offset
		return st, nil
	}
	// Workbooks often hold a full stamp in the time column; its time of day counts.
	both, p := parseStamp(s, f.order(s))
	if p != nil || !both.timed {
		return stamp{}, notATime
	}
	st.micros, st.offset = both.micros, both.offset
	return st, nil
}

// rangeStart cuts "08:00-08:30" down to its start. It reports whether s was a range.
func (d *Decoder) rangeStart(s string) (string, bool) {
	for _, separator := range []string{"~", "至", "–", "—", " - ", " to ", "到"} {
		if head, tail, ok := strings.Cut(s, separator); ok && strings.ContainsAny(tail, ":时点0123456789") {
			return strings.TrimSpace(head), true
		}
	}
	i := strings.LastIndexByte(s, '-')
	if i < 1 || strings.Contains(s, "T") || !strings.Contains(s[:i], ":") || !strings.Contains(s[i+1:], ":") {
		return s, false
	}
	return strings.TrimSpace(s[:i]), true
}

package forecast

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/gonum/mat"
)

// Calendar terms of the daily regression. Each has a prior standard deviation on the log scale: what a centre would
// call a large effect of that kind. Noisy or rarely seen effects stay near zero by themselves.
const (
	monthSpread   = 0.05 // position in the month: pay days, invoices, statements
	monthReach    = 4.0  // days over which neighbouring dates move together: a broad rhythm
	workReach     = 1.2  // the same for working days: pay and due days are sharp
	monthPlaces   = 31
	afterPooled   = 0.1  // first open day after an extraordinary closure, all closures alike; later days half each
	afterWeekday  = 0.06 // the same, particular to the weekday
	afterDays     = 5
	beforePooled  = 0.08
	tagSpread     = 0.5 // an open special day
	tagWeekday    = 0.2
	eventSpread   = 0.4
	annualSpread  = 0.4
	farFromMonth  = 20
	shortestMonth = 28
)

// dayTerms turns dates into regression terms and remembers the names of the columns.
type dayTerms struct {
	names  []string       // per column
	sd     []float64      // prior standard deviation per column
	col    map[string]int // name -> column
	rows   [][]term       // per row of the table
	offset []float64      // per row: log of event sizes that are known
	event  []bool         // per column: an event whose size is learnt
}

// monthPlace maps a date to 0..30 so that the last day of every month is 30.
func monthPlace(d Date) int {
	t := d.Time(time.UTC)
	day := t.Day()
	if day <= farFromMonth {
		return day - 1
	}
	length := NewDate(t.Year(), t.Month()+1, 1) - NewDate(t.Year(), t.Month(), 1)
	return monthPlaces - 1 - (int(length) - day)
}

// workPlaces counts the positions of working days within a month.
const workPlaces = 23

// workPlace maps a working day to its number among the working days of its month, from 0; days after the 20th count back
// from the last, which is always workPlaces-1. Weekends and closed days have none (-1).
func (h *history) workPlace(d int) int {
	if !h.worked(d) {
		return -1
	}
	day := h.first + Date(d)
	t := day.Time(time.UTC)
	n := 0
	if t.Day() <= farFromMonth {
		for o := NewDate(t.Year(), t.Month(), 1); o < day; o++ {
			if h.worked(int(o - h.first)) {
				n++
			}
		}
		return min(n, workPlaces-1)
	}
	for o := day + 1; o < NewDate(t.Year(), t.Month()+1, 1); o++ {
		if h.worked(int(o - h.first)) {
			n++
		}
	}
	return max(workPlaces-1-n, 0)
}

// worked says whether a row, which may lie outside the table, is a working day.
func (h *history) worked(d int) bool {
	if isWeekend(int((h.first + Date(d)).Weekday())) {
		return false
	}
	return d < 0 || d >= h.days || !h.shut[d]
}

// monthPrecision is the inverse covariance of the month positions: a squared-exponential process on the circle.
func monthPrecision(spread, reach float64, places int) *mat.SymDense {
	k := mat.NewSymDense(places, nil)
	for i := range places {
		for j := i; j < places; j++ {
			d := math.Abs(float64(i - j))
			d = math.Min(d, float64(places)-d)
			v := spread * spread * math.Exp(-0.5*d*d/(reach*reach))
			if i == j {
				v += 0.02 * spread * spread
			}
			k.SetSym(i, j, v)
		}
	}
	var ch mat.Cholesky
	inv := mat.NewSymDense(places, nil)
	if ch.Factorize(k) {
		if err := ch.InverseTo(inv); err == nil {
			return inv
		}
	}
	return mat.NewSymDense(places, nil)
}

// keptFeasts are the rows of feasts that a queue keeps, as far as known at an origin.
type keptFeasts map[int]seenFeast

// knownFeasts lists the rows, past and to come, of the feasts that the queue had kept before the given row.
func (h *history) knownFeasts(before int) keptFeasts {
	names := map[string]bool{} // name -> closed when last kept
	for _, f := range h.feasts {
		if f.row < before {
			names[f.name] = f.closed
		}
	}
	out := keptFeasts{}
	if len(names) == 0 {
		return out
	}
	for _, f := range h.feasts {
		if f.row < before {
			out[f.row] = f
		}
	}
	eachFeast(h.first+Date(before), h.first+Date(h.days)-1, func(name string, d Date) {
		if closed, known := names[name]; known && len(h.cal.special[d]) == 0 && !isWeekend(int(d.Weekday())) {
			out[int(d-h.first)] = seenFeast{name, int(d - h.first), closed}
		}
	})
	return out
}

// newDayTerms lists the terms of every row of the history's table, past and to come.
func newDayTerms(h *history, kept keptFeasts) *dayTerms {
	t := &dayTerms{col: map[string]int{}, rows: make([][]term, h.days), offset: make([]float64, h.days)}
	kind := make([]dayKind, h.days)
	for d := range h.days {
		kind[d] = h.dayKind(d, kept)
		t.special(h, d, h.first+Date(d))
		t.events(h, d, h.first+Date(d))
		if f, ok := kept[d]; ok && !f.closed {
			t.add(d, "holiday", tagSpread)
			t.add(d, f.name, tagWeekday)
		}
	}
	since, after := 0, ""
	for d := range h.days {
		switch kind[d] {
		case closedDay:
			since, after = 0, "a closed day"
		case quietDay:
			since, after = 0, "a holiday"
		case openDay:
			if after == "" {
				continue
			}
			since++
			n := strconv.Itoa(since)
			spread := afterPooled / math.Pow(2, float64(since-1))
			t.add(d, "open day "+n+" after "+after, spread)
			t.add(d, "open day "+n+" after "+after+", "+time.Weekday(h.kind[d]).String(), spread*afterWeekday/afterPooled)
			if since == afterDays {
				after = ""
			}
		}
	}
	t.before(h, kind)
	return t
}

// dayKind tells days apart for the effects on their neighbours.
type dayKind int

const (
	restDay   dayKind = iota // the weekday is never open
	openDay                  // ordinary
	closedDay                // closed though its weekday is open
	quietDay                 // open, but a holiday
)

func (h *history) dayKind(d int, kept keptFeasts) dayKind {
	f, isFeast := kept[d]
	switch {
	case h.extraordinary(d) || isFeast && f.closed:
		return closedDay
	case isFeast:
		return quietDay
	case !h.usuallyOpen(d):
		return restDay
	case h.holiday(d):
		return quietDay
	}
	return openDay
}

// holiday says whether the calendar calls an open day special.
func (h *history) holiday(d int) bool {
	for _, s := range h.cal.special[h.first+Date(d)] {
		if s.Like == nil {
			return true
		}
	}
	return false
}

// before marks the last open day before an extraordinary closure or a holiday.
func (t *dayTerms) before(h *history, kind []dayKind) {
	for d := range h.days {
		if kind[d] != closedDay && kind[d] != quietDay {
			continue
		}
		for o := d - 1; o >= max(0, d-4) && (kind[o] == openDay || kind[o] == restDay); o-- {
			if kind[o] == openDay {
				name := "open day before a closed day"
				if kind[d] == quietDay {
					name = "open day before a holiday"
				}
				t.add(o, name, beforePooled)
				break
			}
		}
	}
}

// special adds the tags of an open special day.
func (t *dayTerms) special(h *history, d int, date Date) {
	if h.shut[d] {
		return
	}
	for _, s := range h.cal.special[date] {
		if s.Like != nil {
			continue // it works like another weekday and is nothing else
		}
		for _, tag := range s.names() {
			t.add(d, tag, tagSpread)
			t.add(d, tag+", "+time.Weekday(h.kind[d]).String(), tagWeekday)
		}
	}
}

// names gives the tags of a special day, or its name when it has none.
func (s *SpecialDay) names() []string {
	switch {
	case len(s.Tags) > 0:
		return s.Tags
	case s.Name != "":
		return []string{s.Name}
	}
	return []string{"special day"}
}

func (t *dayTerms) events(h *history, d int, date Date) {
	for _, e := range h.cal.events {
		if date < e.From || date > e.To {
			continue
		}
		if e.Size > 0 {
			t.offset[d] += math.Log(e.Size)
		} else {
			t.add(d, "event "+e.Name, eventSpread)
			t.event[t.col["event "+e.Name]] = true
		}
	}
}

// add puts a term of the named column into a row.
func (t *dayTerms) add(d int, name string, sd float64) {
	c, ok := t.col[name]
	if !ok {
		c = len(t.names)
		t.col[name] = c
		t.names = append(t.names, name)
		t.sd = append(t.sd, sd)
		t.event = append(t.event, false)
	}
	t.rows[d] = append(t.rows[d], term{c, 1})
}

// extraordinary says whether the calendar closes a day that is usually open.
func (h *history) extraordinary(d int) bool {
	return h.shut[d] && len(h.cal.special[h.first+Date(d)]) > 0 && h.opensOn[int((h.first+Date(d)).Weekday())]
}

// usuallyOpen says whether contacts can arrive on the row's day at all.
func (h *history) usuallyOpen(d int) bool { return !h.shut[d] && h.opensOn[h.kind[d]] }

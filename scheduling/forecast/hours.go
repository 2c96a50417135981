package forecast

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// settings of the detector of changed opening hours.
const (
	hoursWeeks     = 26   // of history in which a change is looked for
	hoursResidue   = 0.02 // of the open side's volume that the closed side may still show: stray contacts
	hoursEvidence  = 12.0 // log likelihood by which two rates must explain the days better than one, in units of the noise
	openedWorkdays = 3    // days of new hours before an opening is believed, working days together
	openedDays     = 2    // the same for one weekday
	closedWorkdays = 5
	closedDays     = 3  // two public holidays may fall on one weekday in a row
	hoursBefore    = 4  // days of old hours at least
	hoursPrior     = 1. // days that the mean of the new slots weighs against a slot's own share
)

// hoursChange is a part of the week that opened or closed for good: slots [from, to) of some weekdays from a row on.
type hoursChange struct {
	kinds    [7]bool
	from, to int
	row      int
	opened   bool
	whole    bool // whole days
}

// openingHours finds weekdays and slots that opened or closed for good. The days before are restated as if the new hours had
// always been: what opened is imputed from the share that it has had since, what closed is taken out. Neither is scored.
func (k *cleaner) openingHours() {
	first := max(0, k.h.origin/k.h.slots-7*hoursWeeks)
	var days [7]bool
	for kind := range days {
		if c, ok := k.weekdayChange(kind, first); ok {
			days[kind] = true
			k.applyHours(c)
		}
	}
	for _, group := range [...][]int{{1, 2, 3, 4, 5}, {6}, {0}} {
		var kinds [7]bool
		some := false
		for _, kind := range group {
			kinds[kind] = !days[kind]
			some = some || kinds[kind]
		}
		if some {
			for _, c := range k.slotChanges(kinds, len(group) > 1, first) {
				k.applyHours(c)
			}
		}
	}
}

// weekdayChange looks for a weekday that began or ceased to be open, judged on weeks in which the other days were observed.
func (k *cleaner) weekdayChange(kind, first int) (hoursChange, bool) {
	h := k.h
	var rows []int
	var volume []float64
	for d := first; (d+1)*h.slots <= h.origin; d++ {
		if h.kind[d] != kind || h.shut[d] || len(h.cal.special[h.first+Date(d)]) > 0 {
			continue
		}
		around := 0
		for o := max(0, d-3); o <= min(d+3, h.origin/h.slots-1); o++ {
			if o != d && firstNumber(h.total[o], 0) > 0 {
				around++
			}
		}
		if around >= 3 {
			rows, volume = append(rows, d), append(volume, firstNumber(h.total[d], 0))
		}
	}
	at, opened, ok := h.changePoint(volume, openedDays, closedDays)
	if !ok {
		return hoursChange{}, false
	}
	c := hoursChange{from: 0, to: h.slots, row: rows[at], opened: opened, whole: true}
	c.kinds[kind] = true
	return c, true
}

// slotChanges looks for slots that began or ceased to be open on weekdays that stayed open, neighbours with one date together.
func (k *cleaner) slotChanges(kinds [7]bool, many bool, first int) []hoursChange {
	h := k.h
	var rows []int
	for d := first; (d+1)*h.slots <= h.origin; d++ {
		if kinds[h.kind[d]] && h.total[d] > 0 && len(h.cal.special[h.first+Date(d)]) == 0 {
			rows = append(rows, d)
		}
	}
	opens, closes := openedDays, closedDays
	if many {
		opens, closes = openedWorkdays, closedWorkdays
	}
	var out []hoursChange
	volume := make([]float64, len(rows))
	for s := range h.slots {
		for i, d := range rows {
			volume[i] = firstNumber(h.clean[d*h.slots+s], 0)
		}
		at, opened, ok := h.changePoint(volume, opens, closes)
		if !ok {
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].to == s && out[n].opened == opened && max(out[n].row, rows[at])-min(out[n].row, rows[at]) <= 7 {
			out[n].to = s + 1
			if opened {
				out[n].row = min(out[n].row, rows[at])
			}
			continue
		}
		out = append(out, hoursChange{kinds: kinds, from: s, to: s + 1, row: rows[at], opened: opened})
	}
	return out
}

// changePoint finds the index from which a sequence of counts has another rate, one of the two being next to nothing: the
// maximum of the Poisson likelihood ratio (Hinkley 1970), in units of the noise.
func (h *history) changePoint(v []float64, opens, closes int) (at int, opened, ok bool) {
	total := sum(v)
	if len(v) < hoursBefore+min(opens, closes) || !(total > 0) {
		return 0, false, false
	}
	part := func(s, n float64) float64 {
		if s <= 0 {
			return 0
		}
		return s * math.Log(s/n)
	}
	n, before, best := float64(len(v)), 0.0, hoursEvidence*h.noise
	for i := 1; i < len(v); i++ {
		before += v[i-1]
		after := math.Max(total-before, 0)
		m0, m1 := before/float64(i), after/(n-float64(i))
		up := m0 <= hoursResidue*m1
		if !up && m1 > hoursResidue*m0 || i < hoursBefore || up && len(v)-i < opens || !up && len(v)-i < closes {
			continue
		}
		if gain := part(before, float64(i)) + part(after, n-float64(i)) - part(total, n); gain > best {
			best, at, opened, ok = gain, i, up, true
		}
	}
	return at, opened, ok
}

// applyHours lists a change and restates the days before it; a calendar that knows the hours decides closings itself.
func (k *cleaner) applyHours(c hoursChange) {
	h := k.h
	if _, known := h.cal.hours(h.first + Date(c.row)); known && !c.opened {
		return
	}
	before, share := k.hoursShare(c)
	after := 0.0
	if c.opened {
		after = share
	}
	if !k.accept(FixHours, c.row*h.slots+c.from, h.origin, before, after, c.describe(h)) {
		return
	}
	h.hours = append(h.hours, c)
	slots := c.slotShares(h)
	for d := range h.origin / h.slots {
		if !c.kinds[h.kind[d]] || c.opened && d >= c.row {
			continue
		}
		rest := h.restOf(d, c)
		for s := c.from; s < c.to; s++ {
			cell := d*h.slots + s
			h.raw[cell], h.clean[cell] = math.NaN(), math.NaN()
			if c.opened && !c.whole && rest > 0 && !h.shut[d] {
				h.clean[cell] = slots[s-c.from] * rest
			}
		}
	}
	h.refill()
	h.learnWeek()
}

// describe says what changed.
func (c hoursChange) describe(h *history) Note {
	code, verb := noteClosed, "closed"
	if c.opened {
		code, verb = noteOpened, "opened"
	}
	var days []int
	var names []string
	for i := range 7 {
		if kind := (i + 1) % 7; c.kinds[kind] {
			days, names = append(days, kind), append(names, time.Weekday(kind).String())
		}
	}
	at := func(slot int) string {
		m := slot * 1440 / h.slots
		return fmt.Sprintf("%02d:%02d", m/60, m%60)
	}
	since := h.first + Date(c.row)
	return say(code, map[string]any{"days": days, "from": at(c.from), "to": at(c.to), "date": since.String()},
		"%s %s to %s has been %s since %s; older days are restated with the new hours.", strings.Join(names, ", "), at(c.from), at(c.to), verb, since)
}

// restOf is the volume of a day outside of the changed slots.
func (h *history) restOf(d int, c hoursChange) float64 {
	out := 0.0
	for s := range h.slots {
		if v := h.clean[d*h.slots+s]; (s < c.from || s >= c.to) && !math.IsNaN(v) {
			out += v
		}
	}
	return out
}

// hoursShare gives the mean volume a day of the changed slots before and since the change.
func (k *cleaner) hoursShare(c hoursChange) (before, after float64) {
	h := k.h
	var n, vol [2]float64
	for d := max(0, h.origin/h.slots-7*hoursWeeks); (d+1)*h.slots <= h.origin; d++ {
		if !c.kinds[h.kind[d]] || h.shut[d] {
			continue
		}
		side := 0
		if d >= c.row {
			side = 1
		}
		n[side]++
		for s := c.from; s < c.to; s++ {
			vol[side] += firstNumber(h.clean[d*h.slots+s], 0)
		}
	}
	return vol[0] / math.Max(n[0], 1), vol[1] / math.Max(n[1], 1)
}

// slotShares gives per changed slot its volume relative to the rest of the day since it opened, shrunk towards the mean of
// the slots that opened with it.
func (c hoursChange) slotShares(h *history) []float64 {
	out := make([]float64, c.to-c.from)
	rest, days := 0.0, 0.0
	for d := c.row; (d+1)*h.slots <= h.origin; d++ {
		if c.kinds[h.kind[d]] && h.total[d] > 0 {
			days++
			rest += h.restOf(d, c)
			for s := range out {
				out[s] += firstNumber(h.clean[d*h.slots+c.from+s], 0)
			}
		}
	}
	if !(rest > 0) {
		return make([]float64, c.to-c.from)
	}
	mean := sum(out) / float64(len(out))
	for s := range out {
		out[s] = (days*out[s] + hoursPrior*mean) / (days + hoursPrior) / rest
	}
	return out
}

// applyChanged opens and closes slots of a coming day of a kind by the changes known at a row.
func (h *history) applyChanged(open []bool, kind, row int) {
	for _, c := range h.hours {
		if c.row > row || !c.kinds[kind] {
			continue
		}
		for s := c.from; s < c.to; s++ {
			if !c.whole || !c.opened { // a weekday that opened shows its slots itself
				open[s] = c.opened
			}
		}
	}
}

package forecast

import (
	"math"
	"time"
)

// Kinds of corrections.
const (
	FixBirth      = "birth"         // leading zeros of a queue that did not exist yet
	FixHours      = "opening_hours" // a part of the week opened or closed for good
	FixOutage     = "outage"        // hours without a single contact where many were due
	FixSpike      = "spike"         // one interval far above its weekday's usual
	FixOutlierDay = "outlier_day"   // one day far from its neighbours, no known feast
	FixLevelShift = "level_shift"   // the level changed for good; older weeks are restated
	FixHandOver   = "hand_over"     // traffic moved from one queue to another
	FixAHT        = "aht_artefact"  // handling times too short to be service
	FixFeast      = "feast"         // a recurring day on which the queue behaves differently
)

// settings of the cleaning.
const (
	birthDays     = 14   // of leading zeros
	outageDue     = 25.0 // contacts due in a silent run, in units of the noise
	outageMinutes = 60   // of silence at least
	outageDays    = 10   // of silence at most; longer is the end of a queue
	quietShare    = 0.4  // of its usual volume below which a queue counts as quiet around a silence
	spikeTimes    = 6.0  // the usual value
	spikeExcess   = 15.0 // contacts in units of the noise
	spikeShare    = 0.1  // of the day's total
	outlierTimes  = 5.0  // the scatter of days
	outlierLeast  = 0.3  // log distance from the fit
	outlierMargin = 7    // days at the end that may be a new level and stay as they are
)

// cleaner applies corrections to a history and lists them.
type cleaner struct {
	h       *history
	refused map[string]bool
	list    []Correction
	clock   clock
}

// accept lists a correction unless the planner refused it.
func (k *cleaner) accept(kind string, fromCell, toCell int, before, after float64, why Note) bool {
	from, to := k.instant(fromCell), k.instant(toCell)
	id := kind + ":" + from.Format("2006-01-02T15:04")
	if k.refused[id] {
		return false
	}
	k.list = append(k.list, Correction{ID: id, Kind: kind, From: from, To: to, Before: before, After: after, Detail: why.Text, Why: why})
	return true
}

// instant gives the local wall-clock time at which a cell begins.
func (k *cleaner) instant(cell int) time.Time {
	d := k.h.first + Date(floorDiv(cell, k.h.slots))
	minutes := mod(cell, k.h.slots) * 1440 / k.h.slots
	t := d.Time(k.clock.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), minutes/60, minutes%60, 0, 0, k.clock.zone)
}

// birth makes leading zeros missing.
func (k *cleaner) birth() {
	h := k.h
	first := h.firstObserved()
	if first < 0 {
		return
	}
	c := first * h.slots
	for c < h.origin && !(h.raw[c] > 0) {
		c++
	}
	if c == h.origin || c/h.slots-first < birthDays {
		return
	}
	if !k.accept(FixBirth, first*h.slots, c, 0, math.NaN(), say(FixBirth, map[string]any{"date": (h.first + Date(c/h.slots)).String()},
		"The queue received its first contact on %s; the zeros before are taken as missing.", h.first+Date(c/h.slots))) {
		return
	}
	for i := first * h.slots; i < c/h.slots*h.slots; i++ {
		h.raw[i], h.clean[i] = math.NaN(), math.NaN()
	}
}

// outages makes silent runs missing where many contacts were due. They neither train nor are scored.
func (k *cleaner) outages() {
	h := k.h
	ref := make([]float64, h.slots)
	least := max(2, outageMinutes*h.slots/1440)
	refDay := -1
	for c := 0; c < h.origin; {
		if h.clean[c] != 0 {
			c++
			continue
		}
		end, due := c, 0.0
		for end < h.origin && h.clean[end] == 0 {
			end++
		}
		if end-c >= least && end < h.origin && (end-c) <= outageDays*h.slots {
			for i := c; i < end; i++ {
				if d := i / h.slots; d != refDay {
					h.reference(d, ref)
					refDay = d
				}
				due += firstNumber(ref[i%h.slots], 0)
			}
			due *= k.aliveAround(c, end, ref)
			refDay = -1
		}
		if due > outageDue*h.noise && k.accept(FixOutage, c, end, 0, due, say(FixOutage, map[string]any{"due": due}, "No contact arrived although about %.0f were due; taken as missing.", due)) {
			for i := c; i < end; i++ {
				h.raw[i], h.clean[i] = math.NaN(), math.NaN()
			}
		}
		c = end
	}
}

// aliveAround is the share of its usual volume that the queue had within a day on either side of a silent run, at most
// 1, and 0 when it was so quiet that silence is no surprise (a queue that ends or moves).
func (k *cleaner) aliveAround(from, to int, ref []float64) float64 {
	h := k.h
	got, usual, refDay := 0.0, 0.0, -1
	for c := max(0, from-h.slots); c < min(h.origin, to+h.slots); c++ {
		if c >= from && c < to || math.IsNaN(h.clean[c]) {
			continue
		}
		if d := c / h.slots; d != refDay {
			h.reference(d, ref)
			refDay = d
		}
		if r := ref[c%h.slots]; !math.IsNaN(r) {
			got += h.clean[c]
			usual += r
		}
	}
	if usual <= 0 || got < quietShare*usual {
		return 0
	}
	return math.Min(1, got/usual)
}

// spikes caps single intervals far above what their weekday and the day itself make likely.
func (k *cleaner) spikes() {
	h := k.h
	ref := make([]float64, h.slots)
	for d := 0; (d+1)*h.slots <= h.origin; d++ {
		row := h.clean[d*h.slots : (d+1)*h.slots]
		total, top := 0.0, 0
		for s, v := range row {
			if !math.IsNaN(v) {
				total += v
				if v > firstNumber(row[top], -1) {
					top = s
				}
			}
		}
		v := row[top]
		if !(v > spikeExcess*h.noise) || v < spikeShare*total {
			continue
		}
		h.reference(d, ref)
		refDay := 0.0
		for s := range ref {
			if s != top && !math.IsNaN(ref[s]) && !math.IsNaN(row[s]) {
				refDay += ref[s]
			}
		}
		if !(ref[top] >= 0) || refDay <= 0 {
			continue
		}
		usual := ref[top] * (total - v) / refDay
		if v > spikeTimes*math.Max(usual, h.noise) && v-usual > spikeExcess*h.noise && v-usual > spikeShare*total &&
			k.accept(FixSpike, d*h.slots+top, d*h.slots+top+1, v, usual, say(FixSpike, map[string]any{"volume": v, "usual": usual}, "%.0f contacts in one interval where about %.0f are usual on such a day.", v, usual)) {
			row[top] = usual
		}
	}
}

// outlierDays scales lonely days far from the regression's fit back to it. Days next to another odd day, recognised feasts
// and the last week stay: they may be the new usual.
func (k *cleaner) outlierDays(r *regression) {
	h := k.h
	if r == nil {
		return
	}
	known := map[int]bool{}
	for _, f := range h.feasts {
		known[f.row], known[f.row+1] = true, true
	}
	limit := math.Max(outlierLeast, outlierTimes*r.scatter)
	odd := func(d int) (float64, bool) {
		fit, ok := r.fitted[d]
		if !ok || d < 0 {
			return 0, false
		}
		return fit, math.Abs(h.logRatio(h.total[d], fit)) > limit+2*math.Sqrt(h.noise/(h.noise+fit))
	}
	for d := 0; (d+1)*h.slots <= h.origin-outlierMargin*h.slots; d++ {
		fit, is := odd(d)
		_, before := odd(d - 1)
		_, after := odd(d + 1)
		if !is || before || after || known[d] || len(h.cal.special[h.first+Date(d)]) > 0 || k.inEvent(d) {
			continue
		}
		total := h.total[d]
		if !k.accept(FixOutlierDay, d*h.slots, (d+1)*h.slots, total, fit, say(FixOutlierDay, map[string]any{"volume": total, "usual": fit},
			"%.0f contacts on a day on which about %.0f were due and its neighbours were ordinary.", total, fit)) {
			continue
		}
		for c := d * h.slots; c < (d+1)*h.slots; c++ {
			if total > 0 {
				h.clean[c] *= fit / total
			} else {
				h.clean[c] = math.NaN()
			}
		}
	}
}

func (k *cleaner) inEvent(d int) bool {
	date := k.h.first + Date(d)
	for _, e := range k.h.cal.events {
		if date >= e.From && date <= e.To {
			return true
		}
	}
	return false
}

// noteFeasts lists the recognised feasts and drops the refused ones.
func (k *cleaner) noteFeasts() {
	h := k.h
	kept := h.feasts[:0]
	for _, f := range h.feasts {
		code, what := FixFeast, "far fewer contacts than usual"
		if f.closed {
			code, what = noteFeastShut, "no contacts"
		}
		usual := math.NaN()
		if k.accept(FixFeast, f.row*h.slots, (f.row+1)*h.slots, firstNumber(h.total[f.row], 0), usual, say(code, map[string]any{"date": (h.first + Date(f.row)).String(), "name": f.name},
			"%s (%s) brought %s; the day, its neighbours and its return are modelled apart.", h.first+Date(f.row), f.name, what)) {
			kept = append(kept, f)
		}
	}
	h.feasts = kept
}

// artefacts makes handling times missing that are too short to be service.
func (k *cleaner) artefacts() {
	h := k.h
	if h.aht == nil {
		return
	}
	first, last, n, contacts := -1, 0, 0, 0.0
	for c := 0; c < h.origin; c++ {
		if h.aht[c] < artefactLimit && h.raw[c] > 0 {
			if first < 0 {
				first = c
			}
			last = c
			n++
			contacts += h.raw[c]
		}
	}
	if n == 0 || !k.accept(FixAHT, first, last+1, contacts, 0, say(FixAHT, map[string]any{"intervals": n, "contacts": contacts, "limit": artefactLimit},
		"%d intervals (%.0f contacts) with an average handling time under %d s teach no handling time.", n, contacts, artefactLimit)) {
		return
	}
	for c := first; c <= last; c++ {
		if h.aht[c] < artefactLimit {
			h.aht[c] = math.NaN()
		}
	}
}

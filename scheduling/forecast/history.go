package forecast

import (
	"math"
	"slices"
	"time"
)

// history is one series prepared for training: which cells are open, which are
// observed, and the gaps filled.
type history struct {
	table
	cal     *dayIndex
	origin  int       // flat cell at which the history ends
	kind    []int     // weekday each row works like, 0 = Sunday
	raw     []float64 // volumes as given, closed cells NaN; what back-tests score
	clean   []float64 // raw after corrections
	fill    []float64 // clean with gaps of open days imputed; closed cells and missing days NaN
	total   []float64 // sum of fill per row; NaN = missing or closed day
	shut    []bool    // per row: closed all day by the calendar
	noise   float64   // variance / mean of the intervals around their day; 1 for a Poisson count
	opensOn [7]bool   // weekdays on which the queue is usually open
	hours   []hoursChange
	feasts  []seenFeast // kept by the queue, in the whole history
	profile profileTuning
	pool    *profiles // of the queue's group; nil = none
}

// spans of same-weekday neighbours that impute a gap or teach opening hours.
const (
	neighbours    = 8
	minDayShare   = 0.3  // of a day's usual volume that must be observed to keep the day
	openShare     = 0.34 // of recent same-weekday days on which a slot must be present to count as open
	openLookback  = 10
	usuallyOpenAt = 0.5
)

// arrange lays a table out as a history that nothing has been corrected in yet.
func arrange(t table, cal *dayIndex, origin int) *history {
	h := &history{table: t, cal: cal, origin: origin, profile: usualTuning}
	h.kind = make([]int, t.days)
	h.shut = make([]bool, t.days)
	h.raw = slices.Clone(t.vol)
	h.clean = h.raw // for the look at which days were observed
	var open [7]bool
	for d := range origin / t.slots {
		open[(t.first + Date(d)).Weekday()] = open[(t.first+Date(d)).Weekday()] || h.observed(d)
	}
	cal.resolve(t.first, origin/t.slots, h.observed, open)
	for d := range t.days {
		date := t.first + Date(d)
		h.kind[d] = cal.weekday(date)
		if spans, known := cal.hours(date); known {
			h.shut[d] = len(spans) == 0
			h.maskClosed(d, spans)
		}
	}
	h.clean = slices.Clone(h.raw)
	h.refill()
	h.learnWeek()
	h.noise = h.dispersion()
	return h
}

// cleanAlone makes the corrections that need no other series but the level shift, which waits for hand-overs.
func (k *cleaner) cleanAlone() {
	k.birth()
	k.openingHours()
	k.outages()
	k.spikes()
	k.artefacts()
	k.h.refill()
	k.h.learnWeek()
}

// finish makes the corrections that need the fitted regression and tunes the profile.
func (k *cleaner) finish() {
	h := k.h
	k.levelShift()
	r := fitRegression(h.cutAt(h.origin, h.origin+1))
	h.feasts = recogniseFeasts(h.cutAt(h.origin, h.origin+1), r)
	k.noteFeasts()
	k.outlierDays(r)
	h.refill()
	h.profile = tuneProfile(h)
}

// dispersion is the variance / mean of intervals around their day's total: half the squared difference of days a week apart
// over their volume, the median over days. It is what "one contact" means to the weights of the methods, so that volumes
// counted in another unit are forecast alike.
func (h *history) dispersion() float64 {
	var ratios []float64
	cells, volume := 0, 0.0
	for d := 7; (d+1)*h.slots <= h.origin; d++ {
		a, b := h.total[d], h.total[d-7]
		if !(a > 0) || !(b > 0) {
			continue
		}
		rho := a / b
		sq, mass := 0.0, 0.0
		for s := range h.slots {
			x, y := h.clean[d*h.slots+s], h.clean[(d-7)*h.slots+s]
			if !math.IsNaN(x) && !math.IsNaN(y) {
				sq += (x - rho*y) * (x - rho*y)
				mass += x + rho*rho*y
				cells++
				volume += x
			}
		}
		if mass > 0 {
			ratios = append(ratios, sq/mass)
		}
	}
	if len(ratios) < 7 || volume <= 0 {
		return 1
	}
	return math.Max(median(ratios), leastNoise*volume/float64(cells))
}

// leastNoise is the dispersion of a series without any, relative to its mean.
const leastNoise = 1e-6

// prepare arranges and cleans one series on its own.
func prepare(t table, cal *dayIndex, origin int) *history {
	k := &cleaner{h: arrange(t, cal, origin), clock: clock{zone: time.UTC}}
	k.cleanAlone()
	k.finish()
	return k.h
}

// learnWeek notes the weekdays with opening hours in the calendar or with observations in the history.
func (h *history) learnWeek() {
	var days [7]int
	for d := 0; d < h.days && (d+1)*h.slots <= h.origin; d++ {
		if !math.IsNaN(h.total[d]) {
			days[h.kind[d]]++
		}
	}
	for k := range days {
		h.opensOn[k] = days[k] > 0
		if h.cal.opening != nil {
			h.opensOn[k] = len(h.cal.opening[k]) > 0
		}
	}
}

// maskClosed makes the cells outside the spans missing: what arrives while closed neither trains nor is scored.
func (h *history) maskClosed(d int, spans []Span) {
	for s := range h.slots {
		if !inSpans(spans, s, h.slots) {
			h.raw[d*h.slots+s] = math.NaN()
		}
	}
}

func inSpans(spans []Span, slot, slots int) bool {
	m := slot * 1440 / slots
	for _, sp := range spans {
		if m >= sp.From && m < sp.To {
			return true
		}
	}
	return false
}

// refill imputes gaps of otherwise observed days from same-weekday neighbours and sums the days.
func (h *history) refill() {
	h.fill = make([]float64, len(h.clean))
	copy(h.fill, h.clean)
	h.total = missing(h.days)
	last := (h.origin + h.slots - 1) / h.slots
	ref := make([]float64, h.slots)
	for d := 0; d < last && d < h.days; d++ {
		row := h.clean[d*h.slots : (d+1)*h.slots]
		seen, gaps := 0, 0
		for s, v := range row {
			if d*h.slots+s >= h.origin || math.IsNaN(v) {
				gaps++
			} else {
				seen++
			}
		}
		if seen == 0 || h.shut[d] {
			continue
		}
		if gaps == 0 {
			h.total[d] = sum(row)
			continue
		}
		h.fillDay(d, row, ref)
	}
}

// fillDay imputes the gaps of one day by the mean of its same-weekday neighbours, scaled to the observed part.
func (h *history) fillDay(d int, row, ref []float64) {
	h.reference(d, ref)
	var seen, refSeen, refAll float64
	for s, v := range row {
		if math.IsNaN(ref[s]) {
			continue
		}
		refAll += ref[s]
		if !math.IsNaN(v) {
			seen += v
			refSeen += ref[s]
		}
	}
	if refAll > 0 && refSeen < minDayShare*refAll {
		for s := range row {
			h.fill[d*h.slots+s] = math.NaN()
		}
		return
	}
	ratio := 1.0
	if refSeen > 0 {
		ratio = seen / refSeen
	}
	var tot float64
	for s, v := range row {
		c := d*h.slots + s
		if math.IsNaN(v) && !math.IsNaN(ref[s]) && c < h.origin {
			h.fill[c] = ratio * ref[s]
		}
		if math.IsNaN(v) && !math.IsNaN(ref[s]) {
			tot += ratio * ref[s]
		} else if !math.IsNaN(v) {
			tot += v
		}
	}
	h.total[d] = tot
}

// reference averages the nearest same-weekday days per slot; NaN where the slot is usually closed.
func (h *history) reference(d int, ref []float64) {
	spans, known := h.cal.hours(h.first + Date(d))
	days := h.nearest(d)
	for s := range ref {
		ref[s] = math.NaN()
		if known && !inSpans(spans, s, h.slots) {
			continue
		}
		n, tot := 0, 0.0
		for _, o := range days {
			if v := h.clean[o*h.slots+s]; !math.IsNaN(v) {
				n++
				tot += v
			}
		}
		if n > 0 && (known || float64(n) >= usuallyOpenAt*float64(len(days))) {
			ref[s] = tot / float64(n)
		}
	}
}

// nearest lists up to `neighbours` observed days of the same kind, the closest first, before the origin.
func (h *history) nearest(d int) []int {
	var out []int
	for step := 1; step <= 2*neighbours && len(out) < neighbours; step++ {
		for _, o := range [2]int{d - 7*step, d + 7*step} {
			if o >= 0 && (o+1)*h.slots <= h.origin && h.kind[o] == h.kind[d] && h.observed(o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// observed says whether the row has any observation.
func (h *history) observed(d int) bool {
	for s := range h.slots {
		if !math.IsNaN(h.clean[d*h.slots+s]) {
			return true
		}
	}
	return false
}

// openSlots says for the row of a horizon day which slots are open: by the calendar, else by what recent
// days of the same kind before cell `at` showed. With no such day every slot is open.
func (h *history) openSlots(d, at int) []bool {
	open := make([]bool, h.slots)
	if spans, known := h.cal.hours(h.first + Date(d)); known {
		for s := range open {
			open[s] = inSpans(spans, s, h.slots)
		}
		return open
	}
	days, weeks := 0, 0
	counts := make([]int, h.slots)
	lastFull := at/h.slots - 1
	anyData := false
	for o := lastFull; o >= 0 && weeks < openLookback*7 && days < openLookback; o-- {
		weeks++
		if h.observed(o) {
			anyData = true
		}
		if h.kind[o] != h.kind[d] || h.shut[o] || !h.observed(o) {
			continue
		}
		days++
		for s := range counts {
			if !math.IsNaN(h.raw[o*h.slots+s]) {
				counts[s]++
			}
		}
	}
	for s := range open {
		open[s] = !anyData || days > 0 && float64(counts[s]) >= openShare*float64(days)
	}
	h.applyChanged(open, h.kind[d], at/h.slots)
	return open
}

func sum(v []float64) float64 {
	t := 0.0
	for _, x := range v {
		t += x
	}
	return t
}

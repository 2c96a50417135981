package forecast

import (
	"math"
)

// settings of level shifts.
const (
	shiftWeeks  = 5   // on the far side of a shift
	shiftRecent = 3   // on the near side at least
	shiftMost   = 26  // weeks back that are searched
	shiftLeast  = 0.6 // log size (times 1.8, or down to 55 %)
	shiftTimes  = 6.0 // the usual week-to-week change
	shiftSeason = 0.5 // of the shift that last year's movement may explain
	shiftFewest = 30  // contacts a week on the larger side, in units of the noise
	handOverFit = 0.35
)

// shift is a lasting change of the level between two weeks.
type shift struct {
	row           int // first row after it
	before, after float64
}

// weekSums lists total contacts per week backwards from the origin, scaled to seven days; NaN where little was observed.
func weekSums(h *history) []float64 {
	var out []float64
	for to := h.origin / h.slots; to-7 >= 0; to -= 7 {
		got, n := 0.0, 0
		usual := 0
		for d := to - 7; d < to; d++ {
			if h.opensOn[h.kind[d]] {
				usual++
			}
			if !math.IsNaN(h.total[d]) {
				got += h.total[d]
				n++
			}
		}
		if n < 4 || n*2 < usual {
			out = append(out, math.NaN())
		} else {
			out = append(out, got/float64(n)*float64(max(usual, n)))
		}
	}
	return out
}

// findShift finds the latest sharp and lasting change of the weekly level that last year does not explain.
func findShift(h *history) (shift, bool) {
	lv := weekSums(h)
	log := make([]float64, len(lv))
	var steps []float64
	for i, v := range lv {
		log[i] = math.Log(v + h.noise)
		if i > 0 && !math.IsNaN(log[i]) && !math.IsNaN(log[i-1]) {
			steps = append(steps, math.Abs(log[i]-log[i-1]))
		}
	}
	if len(steps) < 2*shiftWeeks {
		return shift{}, false
	}
	limit := math.Max(shiftLeast, shiftTimes*median(steps))
	for w := shiftRecent; w < min(len(lv)-shiftWeeks, shiftMost); w++ {
		after, before := someMedian(log[max(0, w-shiftWeeks):w]), someMedian(log[w:w+shiftWeeks])
		size := after - before
		if math.IsNaN(size) || math.Abs(size) < limit || math.Max(after, before) < math.Log(shiftFewest*h.noise) {
			continue
		}
		// Sharp: the two weeks at the border already lie on their own sides; lasting: so do all newer weeks.
		sharp := math.Abs(nextNumber(log, w-1, -1)-after) < math.Abs(size)/4 && math.Abs(nextNumber(log, w, 1)-before) < math.Abs(size)/4
		lasting := true
		for i := 0; i < w; i++ {
			if !math.IsNaN(log[i]) && math.Abs(log[i]-after) > math.Abs(size)/2 {
				lasting = false
			}
		}
		year := int(math.Round(yearWeeks))
		seasonal := w+year+shiftWeeks <= len(log) &&
			(someMedian(log[w+year-shiftWeeks:w+year])-someMedian(log[w+year:w+year+shiftWeeks]))/size > shiftSeason
		if sharp && lasting && !seasonal {
			return shift{row: h.origin/h.slots - 7*w, before: math.Exp(before), after: math.Exp(after)}, true
		}
	}
	return shift{}, false
}

// nextNumber is the first number among three from an index in a direction, NaN for none: weeks may be missing.
func nextNumber(v []float64, i, step int) float64 {
	for n := 0; n < 3 && i >= 0 && i < len(v); n++ {
		if !math.IsNaN(v[i]) {
			return v[i]
		}
		i += step
	}
	return math.NaN()
}

// someMedian is the median of the numbers among v.
func someMedian(v []float64) float64 {
	var some []float64
	for _, x := range v {
		if !math.IsNaN(x) {
			some = append(some, x)
		}
	}
	if len(some) < 2 {
		return math.NaN()
	}
	return median(some)
}

// levelShift restates the weeks before a lasting change at the new level, so that shapes and back-tests compare like with
// like.
func (k *cleaner) levelShift() {
	h := k.h
	s, ok := findShift(h)
	if !ok || !k.accept(FixLevelShift, 0, s.row*h.slots, s.before, s.after, say(FixLevelShift, map[string]any{"before": s.before, "after": s.after, "date": (h.first + Date(s.row)).String()},
		"The level moved from about %.0f to %.0f contacts a week on %s and stayed; older weeks are restated at the new level.",
		s.before, s.after, h.first+Date(s.row))) {
		return
	}
	h.restate(s.row, s.after/s.before)
}

// restate multiplies all volumes before a row.
func (h *history) restate(row int, factor float64) {
	for c := range row * h.slots {
		h.raw[c] *= factor
		h.clean[c] *= factor
	}
	h.refill()
}

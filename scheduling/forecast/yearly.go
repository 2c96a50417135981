package forecast

import (
	"math"
	"slices"
)

// settings of last year's movement.
const (
	yearWeeks     = 365.25 / 7
	movementPrior = 10.0 // weeks of evidence that the prior share weighs, and
	movementLead  = 8.0  // as many more per week of lead: windows that overlap repeat each other
	movementShare = 0.85 // prior share of last year's movement that comes again
	movementDecay = 40.0 // half-life in weeks of the evidence
	mostYears     = 3
	weekOutlier   = 4.0 // robust deviations beyond which a week's level is not seasonal
	errorPower    = 6.0 // by which the weights of windows prefer a smaller past error
	weekWindow    = 4   // weeks on either side that define usual
)

// baseWeeks are the candidate windows of the recent level.
var baseWeeks = []int{1, 2, 4}

// seasonWidths are the candidate half-widths in weeks of the triangular smoother with which years before are read.
var seasonWidths = []int{0, 1, 2}

// movement says how the level of a lead follows from the recent level and the movement of the years before.
type movement struct {
	base  int     // weeks averaged into the recent level
	width int     // half-width of the smoother of the years before
	share float64 // of the movement of the years before that comes again, on the log scale
	err   float64 // weighted mean absolute log error over the history
	weeks int     // origins of the evidence
}

// tameWeeks replaces spikes of one or two weeks by what lies around them: a storm or an outage is no season. A spike stands
// out on the same side of the weeks before and of the weeks after it; a slope or a step does not.
func tameWeeks(lv []float64) []float64 {
	out := slices.Clone(lv)
	gap := make([]float64, len(lv)) // log distance from the nearer side, 0 between the sides
	var steps []float64
	for i := range lv {
		before, after := sideMedian(lv, i+1), sideMedian(lv, i-weekWindow)
		if !(lv[i] > 0) || math.IsNaN(before) || math.IsNaN(after) {
			continue
		}
		v := math.Log(lv[i])
		steps = append(steps, math.Abs(v-(before+after)/2))
		if high := v - math.Max(before, after); high > 0 {
			gap[i] = high
		} else if low := v - math.Min(before, after); low < 0 {
			gap[i] = low
		}
	}
	limit := weekOutlier * math.Max(1.4826*median(steps), 0.01)
	for i, g := range gap {
		if math.Abs(g) > limit {
			out[i] = math.Exp((sideMedian(lv, i+1) + sideMedian(lv, i-weekWindow)) / 2)
		}
	}
	return out
}

// sideMedian is the median log level of weekWindow weeks from an index on; NaN unless three are there.
func sideMedian(lv []float64, from int) float64 {
	var near []float64
	for j := max(0, from); j < min(len(lv), from+weekWindow); j++ {
		if lv[j] > 0 {
			near = append(near, math.Log(lv[j]))
		}
	}
	if len(near) < 3 {
		return math.NaN()
	}
	return median(near)
}

// lastYears averages over the years before the log movement of the smoothed level from the middle of a window of base
// weeks that ends at index o (weeks back) to h weeks after the window; ok is false when no year is complete.
func lastYears(lv []float64, o, h, base, width int) (float64, bool) {
	tot, n := 0.0, 0
	for y := 1; y <= mostYears; y++ {
		shift := int(math.Round(float64(y) * yearWeeks))
		from := 0.0
		for b := range base {
			from += seasonal(lv, o+shift+b, width) / float64(base)
		}
		to := seasonal(lv, o+shift-h, width)
		if from > 0 && to > 0 {
			tot += math.Log(to / from)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return tot / float64(n), true
}

// seasonal is the smoothed level around an index; NaN when the index itself is out of range or nothing is near.
func seasonal(lv []float64, i, width int) float64 {
	if i < 0 || i >= len(lv) {
		return math.NaN()
	}
	tot, n := 0.0, 0.0
	for k := max(0, i-width); k <= min(len(lv)-1, i+width); k++ {
		if !math.IsNaN(lv[k]) {
			w := float64(width + 1 - max(k-i, i-k))
			tot += w * lv[k]
			n += w
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return tot / n
}

// windowMean averages lv[from:to); NaN when half of it or more is missing or out of range.
func windowMean(lv []float64, from, to int) float64 {
	tot, n := 0.0, 0
	for i := from; i < to; i++ {
		if i >= 0 && i < len(lv) && !math.IsNaN(lv[i]) {
			tot += lv[i]
			n++
		}
	}
	if 2*n <= to-from {
		return math.NaN()
	}
	return tot / float64(n)
}

// fitMovement learns for a lead of h weeks and a window the share that would have served best over the history, by
// least absolute log error with a prior worth movementPrior weeks.
func fitMovement(lv, tame []float64, h, base, width int) (movement, bool) {
	if _, ok := lastYears(tame, 0, h, base, width); !ok {
		return movement{}, false
	}
	type pair struct{ x, y, w float64 }
	var pairs []pair
	var ws, spread float64
	for o := h; o < len(lv); o++ {
		from := windowMean(tame, o, o+base)
		x, ok := lastYears(tame, o, h, base, width)
		if !ok || !(from > 0) || !(lv[o-h] > 0) {
			continue
		}
		p := pair{x, math.Log(lv[o-h] / from), math.Exp2(-float64(o) / movementDecay)}
		pairs = append(pairs, p)
		ws += p.w
		spread += p.w * math.Abs(x)
	}
	m := movement{base: base, width: width, share: movementShare, weeks: len(pairs), err: math.NaN()}
	if ws == 0 {
		return m, true
	}
	best := math.Inf(1)
	for step := range 13 {
		share := float64(step) / 10
		e := (movementPrior + movementLead*float64(h)) * math.Abs(share-movementShare) * spread / ws / 2
		fit := 0.0
		for _, p := range pairs {
			fit += p.w * math.Abs(p.y-share*p.x)
		}
		if e+fit < best {
			best, m.share, m.err = e+fit, share, fit/ws
		}
	}
	return m, true
}

// seasonLead is the lead within a year that has the season of a lead beyond it.
func seasonLead(h int) int {
	year := int(math.Round(yearWeeks))
	return (h-1)%year + 1
}

// yearlyLevel is the level h weeks after the origin: the recent one moved as it moved in the years before, averaged over the
// windows of the recent level with weights by their past error.
func yearlyLevel(lv, tame []float64, h int) float64 {
	tot, weight := 0.0, 0.0
	for _, base := range baseWeeks {
		for _, width := range seasonWidths {
			m, ok := fitMovement(lv, tame, h, base, width)
			x, known := lastYears(tame, 0, h, base, width)
			from := windowMean(tame, 0, base)
			if !ok || !known || !(from > 0) {
				continue
			}
			w := 1.0
			if m.err > 0 {
				w = math.Pow(m.err, -errorPower)
			}
			tot += w * (math.Log(from) + m.share*x)
			weight += w
		}
	}
	if weight == 0 {
		return math.NaN()
	}
	return math.Exp(tot / weight)
}

package forecast

import "math"

// shape is how a week is spread over weekdays and a day over slots.
type shape struct {
	week [7]float64   // share of the week's volume per weekday, sums to 1 over open weekdays
	day  [7][]float64 // share of the day's volume per slot, each sums to 1; nil = weekday never seen
}

// settings of the decomposition.
const (
	shapeWeeks      = 26   // of history that shapes may read
	weekdayHalfLife = 14.0 // in weeks, of the weights of the weekday shares
	shapeRounds     = 3    // alternations of week levels and weekday shares
	ratioWidth      = 3.0  // slots of 15 minutes over which a weekday's departure from the pooled profile is smoothed
	alikeRatio      = 0.6  // weekdays whose volumes differ by less share a pooled profile
	oddFactor       = 0.25 // log calendar effect beyond which a day teaches no profile
	tuningWeeks     = 10   // weeks on which the profile's settings are tried
)

// profileTuning is how far back an intraday profile looks and how much its slots are blurred: busy queues want it
// recent and sharp, small ones long and smooth.
type profileTuning struct {
	halfLife float64 // weeks
	blur     float64 // slots
	pooled   bool    // with the profile of the queue's group
}

var (
	usualTuning   = profileTuning{halfLife: 6}
	profileChoice = []profileTuning{
		{halfLife: 6}, {halfLife: 3}, {halfLife: 12}, {halfLife: 6, blur: 0.7}, {halfLife: 12, blur: 0.7}, {halfLife: 12, blur: 1.5},
		{halfLife: 6, pooled: true}, {halfLife: 12, pooled: true},
	}
)

// fitShape estimates weekday shares and profiles from the days before the origin. factor is the calendar
// effect per row (1 = none), by which totals are divided.
func fitShape(c *cut, factor []float64) *shape {
	sh := &shape{}
	first := max(0, c.day-7*shapeWeeks)
	sh.fitWeek(c, factor, first)
	sh.fitDays(c, factor, first, c.profile)
	return sh
}

// tuneProfile picks the profile settings that told the weeks before best, each from what came before it.
func tuneProfile(h *history) profileTuning {
	best, bestErr := usualTuning, math.Inf(1)
	end := h.origin / h.slots
	factor := make([]float64, h.days)
	for i := range factor {
		factor[i] = 1
	}
	if h.pool != nil && end-h.firstObserved() < 7*poolYoung {
		return profileTuning{halfLife: 12, pooled: true}
	}
	for _, choice := range profileChoice {
		if choice.pooled && h.pool == nil {
			continue
		}
		err := 0.0
		for w := 1; w <= tuningWeeks; w++ {
			day := end - 7*w
			if day < 28 {
				break
			}
			c := &cut{history: h, cell: day * h.slots, day: day, end: (day + 7) * h.slots}
			sh := &shape{}
			first := max(0, day-7*shapeWeeks)
			sh.fitWeek(c, factor, first)
			sh.fitDays(c, factor, first, choice)
			for d := day; d < day+7; d++ {
				err += profileError(h, d, sh.day[h.kind[d]])
			}
		}
		if err < bestErr {
			best, bestErr = choice, err
		}
	}
	return best
}

// profileError is the absolute error of a day when its total is known.
func profileError(h *history, d int, p []float64) float64 {
	if p == nil {
		return 0
	}
	row := h.clean[d*h.slots : (d+1)*h.slots]
	got, share := 0.0, 0.0
	for s, v := range row {
		if !math.IsNaN(v) {
			got += v
			share += p[s]
		}
	}
	if share <= 0 {
		return 0
	}
	err := 0.0
	for s, v := range row {
		if !math.IsNaN(v) {
			err += math.Abs(p[s]*got/share - v)
		}
	}
	return err
}

// fitWeek alternates week levels and weekday shares; both are ratios of sums, so closed and missing days drop out.
func (sh *shape) fitWeek(c *cut, factor []float64, first int) {
	var num, den [7]float64
	for d := first; d < c.day; d++ {
		if !math.IsNaN(c.total[d]) {
			w := decay(c.day-1-d, weekdayHalfLife)
			num[c.kind[d]] += w * c.total[d] / factor[d]
			den[c.kind[d]] += w
		}
	}
	for k := range num {
		if den[k] > 0 {
			sh.week[k] = num[k] / den[k]
		}
	}
	normalise(sh.week[:])
	for range shapeRounds {
		num, den = [7]float64{}, [7]float64{}
		for from := c.day - 7; from+7 > first; from -= 7 {
			level, ok := weekLevel(c, sh, factor, max(from, first), from+7)
			if !ok || level <= 0 {
				continue
			}
			w := decay(c.day-1-(from+6), weekdayHalfLife) * math.Pow(level, -0.5)
			for d := max(from, first); d < from+7; d++ {
				if !math.IsNaN(c.total[d]) {
					num[c.kind[d]] += w * c.total[d]
					den[c.kind[d]] += w * level * factor[d]
				}
			}
		}
		for k := range num {
			if den[k] > 0 {
				sh.week[k] = num[k] / den[k]
			}
		}
		normalise(sh.week[:])
	}
}

// weekLevel is the week's volume as if every day were open and ordinary: observed volume over the share observed.
func weekLevel(c *cut, sh *shape, factor []float64, from, to int) (float64, bool) {
	var got, share float64
	for d := from; d < to; d++ {
		if !math.IsNaN(c.total[d]) {
			got += c.total[d]
			share += sh.week[c.kind[d]] * factor[d]
		}
	}
	if share < 0.1 {
		return math.NaN(), false
	}
	return got / share, true
}

// fitDays estimates the profile per weekday: a pooled profile of alike days times the weekday's smoothed departure from
// it. Days are weighted by the root of their volume: a quiet week knows less, a busy one must not drown the rest.
func (sh *shape) fitDays(c *cut, factor []float64, first int, tune profileTuning) {
	var sums [7][]float64
	days := 0
	for d := first; d < c.day; d++ {
		if math.IsNaN(c.total[d]) || math.Abs(math.Log(factor[d])) > oddFactor {
			continue
		}
		k := c.kind[d]
		if sums[k] == nil {
			sums[k] = make([]float64, c.slots) // stays zero where the weekday is open but nobody ever comes
		}
		if c.total[d] <= 0 {
			continue
		}
		days++
		w := decay(c.day-1-d, tune.halfLife) / math.Sqrt(c.total[d])
		for s := range c.slots {
			if v := c.fill[d*c.slots+s]; !math.IsNaN(v) {
				sums[k][s] += w * v
			}
		}
	}
	if tune.pooled && c.pool != nil {
		c.pool.borrow(&sums, days)
	}
	width := ratioWidth * float64(c.slots) / 96
	for k := range sums {
		if sums[k] == nil {
			continue
		}
		pool := make([]float64, c.slots)
		for o := range sums {
			if sums[o] != nil && sh.alike(o, k) {
				for s, v := range sums[o] {
					pool[s] += v
				}
			}
		}
		if tune.blur > 0 {
			pool = blurred(pool, tune.blur)
		}
		sh.day[k] = departure(sums[k], pool, width)
	}
}

// alike says whether two weekdays carry similar volume, as working days do among themselves.
func (sh *shape) alike(a, b int) bool {
	lo, hi := math.Min(sh.week[a], sh.week[b]), math.Max(sh.week[a], sh.week[b])
	return a == b || lo >= alikeRatio*hi
}

// blurred smooths neighbouring slots among those that have volume.
func blurred(v []float64, width float64) []float64 {
	out := make([]float64, len(v))
	reach := int(math.Ceil(3 * width))
	for s := range v {
		if v[s] == 0 {
			continue // closed stays closed
		}
		a, b := 0.0, 0.0
		for j := max(0, s-reach); j <= min(len(v)-1, s+reach); j++ {
			if v[j] > 0 {
				w := math.Exp(-0.5 * math.Pow(float64(j-s)/width, 2))
				a += w * v[j]
				b += w
			}
		}
		out[s] = a / b
	}
	return out
}

// departure multiplies the pooled profile by the smoothed ratio of the weekday's own sums to it, and normalises.
func departure(own, pool []float64, width float64) []float64 {
	scale := 0.0
	if t := sum(pool); t > 0 {
		scale = sum(own) / t
	}
	out := make([]float64, len(own))
	reach := int(math.Ceil(2 * width))
	for s := range own {
		var a, b float64
		for j := max(0, s-reach); j <= min(len(own)-1, s+reach); j++ {
			w := math.Exp(-0.5 * math.Pow(float64(j-s)/math.Max(width, 0.3), 2))
			a += w * own[j]
			b += w * pool[j] * scale
		}
		if b > 0 {
			out[s] = pool[s] * a / b
		}
	}
	normalise(out)
	return out
}

func isWeekend(k int) bool { return k == 0 || k == 6 }

// decay is the exponential weight of something `days` old with a half-life in weeks.
func decay(days int, halfLife float64) float64 { return math.Exp2(-float64(days) / (7 * halfLife)) }

// normalise scales to a sum of one; a zero sum stays zero.
func normalise(v []float64) {
	if t := sum(v); t > 0 {
		for i := range v {
			v[i] /= t
		}
	}
}

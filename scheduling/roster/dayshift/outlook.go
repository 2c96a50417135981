package dayshift

import "math"

// outlook is what a run of the row program knows of the days to come: the least
// price of finishing a row from every day and state when units of minutes and
// weekends are not limited but cost a rent each (a Lagrangian relaxation, which
// is a thousand times cheaper than the program). With the price of a legal row
// that is known it leaves most states of the program unvisited.
type outlook struct {
	known     int32   // price of a legal row known, far when none
	unit, end int32   // rent of a unit (negative: the least minutes bind) and of a weekend
	tail      []int32 // per day and state
	best      []int32 // the tail of the best rents so far
	have      budgets
	least     int32 // no row is cheaper
	spread    int32 // how far above that the run looks now
}

// budgets are the units of minutes, least and most, and the weekends of a window.
type budgets struct{ low, high, ends int32 }

// beyond is the price of what cannot be finished.
const beyond = int32(1) << 29

// The first run looks this many points above the least price; when it finds
// nothing the next look farther by a factor, up to the row known.
const (
	firstSpread = 3
	widerSpread = 5
)

// narrow prepares the first run; false when no row can be better than the one known.
func (o *outlook) narrow(scale int32) bool {
	o.spread = firstSpread * scale
	return o.known >= far || o.least < o.known
}

// widen lets the next run look farther; false when the last has seen all.
func (o *outlook) widen() bool {
	if o.known >= far || o.least+o.spread >= o.known-1 {
		return false
	}
	o.spread *= widerSpread
	return true
}

// most is the dearest row that counts.
func (o *outlook) most() int32 {
	if o.known >= far {
		return far - 1
	}
	return min(o.known-1, o.least+o.spread)
}

// limit is the most that the price so far and the least price to come may sum
// up to, rents included, when u units are used and x weekends are left.
func (o *outlook) limit(u, x int32) int32 {
	if o.known >= far {
		return far - 1
	}
	left := o.have.high - u
	if o.unit < 0 {
		left = max(0, o.have.low-u)
	}
	return o.most() + o.unit*left + o.end*x
}

// searchRents is how often rents are tried per run.
const searchRents = 8

// foresee finds rents that make the outlook sharp, beginning with those of the
// run before. Without a known row there is no outlook.
func (r *rowDP) foresee(p *plan, w window, n int, have budgets, cost []int32, row []int8, start int, ends []bool) {
	o := &r.ahead
	if need := (n + 1) * p.states; cap(o.tail) < need {
		o.tail, o.best = make([]int32, need), make([]int32, need)
	}
	o.tail, o.best = o.tail[:(n+1)*p.states], o.best[:(n+1)*p.states]
	o.have = have
	if o.known >= far {
		for k := range o.tail {
			o.tail[k] = 0
		}
		return
	}
	unit, end, stepU, stepE := o.unit, o.end, r.m.scale*2, r.m.scale*8
	high := int64(math.MinInt64)
	for range searchRents {
		r.backward(p, w, n, unit, end, cost, row, ends)
		v := int64(o.tail[start]) - int64(end)*int64(have.ends)
		if unit > 0 {
			v -= int64(unit) * int64(have.high)
		} else {
			v -= int64(unit) * int64(have.low)
		}
		units, weekends := r.walk(p, w, n, unit, end, cost, row, start)
		if v > high {
			high = v
			o.unit, o.end = unit, end
			o.tail, o.best = o.best, o.tail
		}
		slopeU, slopeE := int32(0), weekends-have.ends
		switch {
		case units > have.high:
			slopeU = 1
		case units < have.low:
			slopeU = -1
		case unit > 0 && units < have.high:
			slopeU = -1
		case unit < 0 && units > have.low:
			slopeU = 1
		}
		if slopeE < 0 && end == 0 {
			slopeE = 0
		}
		if slopeU == 0 && slopeE == 0 {
			break
		}
		unit = stride(unit, slopeU, &stepU)
		end = max(0, stride(end, slopeE, &stepE))
	}
	o.tail, o.best = o.best, o.tail
	o.least = int32(min(high, int64(beyond)))
}

// stride moves a rent along a slope; the step grows while the direction lasts.
func stride(rent, slope int32, step *int32) int32 {
	const most = int32(1) << 20
	if slope == 0 {
		return rent
	}
	if (slope > 0) != (*step > 0) {
		*step = -*step / 2
		if *step == 0 {
			*step = 1
			if slope < 0 {
				*step = -1
			}
		}
	}
	rent = min(max(rent+*step, -most), most)
	*step = min(max(*step*2, -most), most)
	return rent
}

// backward fills the tail for given rents.
func (r *rowDP) backward(p *plan, w window, n int, unit, end int32, cost []int32, row []int8, ends []bool) {
	o, gs, width := &r.ahead, len(p.groups), r.m.shifts+1
	last := o.tail[n*p.states:]
	for st, ok := range ends {
		if last[st] = beyond; ok {
			last[st] = 0
		}
	}
	for d := n - 1; d >= 0; d-- {
		cur, next := o.tail[d*p.states:(d+1)*p.states], o.tail[(d+1)*p.states:(d+2)*p.states]
		saturday, sunday := r.weekend(w.a+d, w, row)
		off, gcost := cost[d*width], r.gcost[d*gs:(d+1)*gs]
		for st := range cur {
			best := beyond
			if to := p.rest[st]; to >= 0 && off < noCell {
				best = min(best, off+next[to])
			}
			rent := int32(0)
			if saturday || sunday && st < p.minOff {
				rent = end
			}
			for _, a := range p.arcsOn(st, w.a+d) {
				if c := gcost[a.group]; c < noCell {
					best = min(best, c+a.length*unit+rent+next[a.to])
				}
			}
			cur[st] = min(best, beyond)
		}
	}
}

// arcsOn are the worked days that may follow a state on a day.
func (p *plan) arcsOn(st, day int) []arc {
	if day == 0 && st == p.minOff-1 {
		return p.fresh
	}
	return p.arcs[st]
}

// walk follows the tail from the start and sums units and weekends.
func (r *rowDP) walk(p *plan, w window, n int, unit, end int32, cost []int32, row []int8, st int) (units, weekends int32) {
	o, gs, width := &r.ahead, len(p.groups), r.m.shifts+1
	if o.tail[st] >= beyond/2 {
		return 0, 0
	}
	for d := range n {
		next := o.tail[(d+1)*p.states : (d+2)*p.states]
		best, to, length, opens := beyond, -1, int32(0), int32(0)
		if t := p.rest[st]; t >= 0 && cost[d*width] < noCell {
			best, to = cost[d*width]+next[t], t
		}
		rent, opened := int32(0), int32(0)
		if saturday, sunday := r.weekend(w.a+d, w, row); saturday || sunday && st < p.minOff {
			rent, opened = end, 1
		}
		for _, a := range p.arcsOn(st, w.a+d) {
			c := r.gcost[d*gs+int(a.group)]
			if c >= noCell {
				continue
			}
			if c += a.length*unit + rent + next[a.to]; to < 0 || c < best {
				best, to, length, opens = c, int(a.to), a.length, opened
			}
		}
		units, weekends, st = units+length, weekends+opens, to
	}
	return units, weekends
}

package dayshift

import "math"

// outlook is what a run of the row program knows of the days to come: the least
// price of finishing a row from every day and state when units of minutes and
// weekends are not limited but cost a rent each (a Lagrangian relaxation, which
// is a thousand times cheaper than the program). With the price of a legal row
// that is known it leaves most states of the program unvisited.
type outlook struct {
	known int32 // price of a legal row known, far when none
	rents
	tail   []int32 // per day and state
	best   []int32 // the tail of the best rents so far
	have   budgets
	least  int32 // no row is cheaper
	spread int32 // how far above that the run looks now
	trial  rents
	steps  []int32 // of the search for the rents of counted shifts
	used   []int32 // counted shifts of the last walk
}

// rents are the prices of a unit (negative: the least minutes bind), of a weekend
// and of every counted shift.
type rents struct {
	unit, end int32
	shift     []int32
}

func (r *rents) copy(from rents) {
	r.unit, r.end = from.unit, from.end
	r.shift = append(r.shift[:0], from.shift...)
}

// budgets are the units of minutes, least and most, and the weekends of a window.
type budgets struct{ low, high, ends int32 }

// beyond is the price of what cannot be finished.
const beyond = int32(1) << 29

// The first run looks this many points above the least price; when it finds
// nothing the next look farther by a factor, up to the row known.
const (
	firstSpread = 3
	widerSpread = 3
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
// up to, rents included, when u units are used and neither weekends nor counted
// shifts are left.
func (o *outlook) limit(u int32) int32 {
	if o.known >= far {
		return far - 1
	}
	left := o.have.high - u
	if o.unit < 0 {
		left = max(0, o.have.low-u)
	}
	return o.most() + o.unit*left
}

// searchRents is how often rents are tried per run: they begin with those of the
// run before.
const (
	searchRents = 4
	looseRents  = 8
)

// foresee finds rents that make the outlook sharp, beginning with those of the
// run before. Without a known row there is no outlook.
func (r *rowDP) foresee(t *table, have budgets, start int, ends []bool) {
	o := &r.ahead
	if need := (t.n + 1) * t.p.states; cap(o.tail) < need {
		o.tail, o.best = make([]int32, need), make([]int32, need)
	}
	o.tail, o.best = o.tail[:(t.n+1)*t.p.states], o.best[:(t.n+1)*t.p.states]
	o.have = have
	if o.known >= far {
		clear(o.tail)
		o.rents = rents{shift: append(o.shift[:0], make([]int32, len(r.sizes))...)}
		return
	}
	if len(o.shift) != len(r.sizes) {
		o.shift = make([]int32, len(r.sizes))
	}
	try := &o.trial
	try.copy(o.rents)
	stepU, stepE := r.m.scale*2, r.m.scale*8
	o.steps = o.steps[:0]
	for range r.sizes {
		o.steps = append(o.steps, r.m.scale*8)
	}
	high := int64(math.MinInt64)
	tries := searchRents
	if r.loose {
		tries = looseRents
	}
	for range tries {
		r.backward(t, ends)
		v := int64(o.tail[start]) - int64(try.end)*int64(have.ends)
		if try.unit > 0 {
			v -= int64(try.unit) * int64(have.high)
		} else {
			v -= int64(try.unit) * int64(have.low)
		}
		for q, size := range r.sizes {
			v -= int64(try.shift[q]) * int64(size-1)
		}
		units, weekends := r.walk(t, start)
		if v > high {
			high = v
			o.rents.copy(*try)
			o.tail, o.best = o.best, o.tail
		}
		if high >= int64(o.known) {
			break // no row is better than the one known
		}
		if !r.moveRents(try, units, weekends, &stepU, &stepE) {
			break
		}
	}
	o.tail, o.best = o.best, o.tail
	o.least = int32(min(high, int64(beyond)))
}

// relaxed writes the row of the outlook alone and returns the bound on the price
// of legal rows.
func (r *rowDP) relaxed(t *table, have budgets, start int, ends []bool) (int32, bool) {
	r.ahead.known = beyond
	r.foresee(t, have, start, ends)
	r.ahead.trial.copy(r.ahead.rents)
	r.walk(t, start)
	return r.ahead.least, r.ahead.least < beyond
}

// moveRents changes the rents along what the last walk used too much or too
// little of; false when it used all as it may.
func (r *rowDP) moveRents(try *rents, units, weekends int32, stepU, stepE *int32) bool {
	o := &r.ahead
	slope, moved := int32(0), false
	switch have := o.have; {
	case units > have.high, try.unit < 0 && units > have.low:
		slope = 1
	case units < have.low, try.unit > 0 && units < have.high:
		slope = -1
	}
	if slope != 0 {
		try.unit, moved = stride(try.unit, slope, stepU), true
	}
	if slope = weekends - o.have.ends; slope > 0 || slope < 0 && try.end > 0 {
		try.end, moved = max(0, stride(try.end, slope, stepE)), true
	}
	for q, size := range r.sizes {
		if slope = o.used[q] - (size - 1); slope > 0 || slope < 0 && try.shift[q] > 0 {
			try.shift[q], moved = max(0, stride(try.shift[q], slope, &o.steps[q])), true
		}
	}
	return moved
}

// rented is what the weekends and counted shifts left cost at most.
func (o *outlook) rented(ends, combo int, sizes []int32) int32 {
	sum := o.end * int32(ends)
	for q, size := range sizes {
		sum += o.shift[q] * (int32(combo) % size)
		combo /= int(size)
	}
	return sum
}

// stride moves a rent along a slope; the step grows while the direction lasts.
func stride(rent, slope int32, step *int32) int32 {
	const most = int32(1) << 19
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
func (r *rowDP) backward(t *table, ends []bool) {
	o, p, n, w, gs, width := &r.ahead, t.p, t.n, t.w, len(t.p.groups), r.m.shifts+1
	unit, end := o.trial.unit, o.trial.end
	last := o.tail[n*p.states:]
	for st, ok := range ends {
		if last[st] = beyond; ok {
			last[st] = 0
		}
	}
	for d := n - 1; d >= 0; d-- {
		cur, next := o.tail[d*p.states:(d+1)*p.states], o.tail[(d+1)*p.states:(d+2)*p.states]
		saturday, sunday := r.weekend(w.a+d, w, t.row)
		off, gcost := t.cost[d*width], r.gcost[d*gs:(d+1)*gs]
		for st := range cur {
			best := beyond
			if to := p.rest[st]; to >= 0 && off < noCell && next[to] < beyond {
				best = off + next[to]
			}
			rent := int32(0)
			if saturday || sunday && st < p.minOff {
				rent = end
			}
			for _, a := range p.arcsOn(st, w.a+d) {
				if c := gcost[a.group]; c < noCell && next[a.to] < beyond {
					if a.count > 0 {
						c += o.trial.shift[a.count-1]
					}
					best = min(best, c+a.length*unit+rent+next[a.to])
				}
			}
			cur[st] = best
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

// walk follows the tail from the start and sums units, weekends and counted
// shifts; a loose program writes the row.
func (r *rowDP) walk(t *table, st int) (units, weekends int32) {
	o, p, n, w, gs, width := &r.ahead, t.p, t.n, t.w, len(t.p.groups), r.m.shifts+1
	unit, end, cost := o.trial.unit, o.trial.end, t.cost
	o.used = append(o.used[:0], make([]int32, len(r.sizes))...)
	if o.tail[st] >= beyond {
		return 0, 0
	}
	for d := range n {
		next, worked := o.tail[(d+1)*p.states:(d+2)*p.states], int8(Off)
		best, to, length, opens, count := beyond, -1, int32(0), int32(0), int32(0)
		if t := p.rest[st]; t >= 0 && cost[d*width] < noCell && next[t] < beyond {
			best, to = cost[d*width]+next[t], t
		}
		rent, opened := int32(0), int32(0)
		if saturday, sunday := r.weekend(w.a+d, w, t.row); saturday || sunday && st < p.minOff {
			rent, opened = end, 1
		}
		for _, a := range p.arcsOn(st, w.a+d) {
			c := r.gcost[d*gs+int(a.group)]
			if c >= noCell || next[a.to] >= beyond {
				continue
			}
			if a.count > 0 {
				c += o.trial.shift[a.count-1]
			}
			if c += a.length*unit + rent + next[a.to]; to < 0 || c < best {
				best, to, length, opens, count = c, int(a.to), a.length, opened, a.count
				worked = r.gpick[d*gs+int(a.group)]
			}
		}
		if count > 0 {
			o.used[count-1]++
		}
		if r.loose {
			t.row[w.a+d] = worked
		}
		units, weekends, st = units+length, weekends+opens, to
	}
	return units, weekends
}

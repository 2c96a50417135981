package dayshift

// label is a way to a state at the end of a day: the cheapest known with its
// units of minutes, weekends and counted shifts left.
type label struct {
	value  int32 // price so far
	spare  int32 // how far it lies under the limit of the outlook
	parent int32 // label of the day before
	place  int32 // where other ways to the same state are looked for
	units  int32
	state  int16
	left   int16 // weekends left times combinations, plus the combination of counted shifts left
	group  uint8 // group of shifts worked on the day, offGroup for a day off
}

// offGroup stands for the day off where a group is expected.
const offGroup = 127

// Labels of a day that runs go on from, about, while columns are priced and while
// rows are ruined and recreated.

// Labels of a day that runs go on from, about, while columns are priced and while
// rows are ruined and recreated.
const (
	pricingBeam = 300
	rowBeam     = 100
)

// crowds is how finely a beam tells labels apart by how far they lie under the limit.
const crowds = 64

// push runs all days within the limit of the outlook, from one day's labels to
// the next; it writes the cheapest row.
func (r *rowDP) push(t *table, have budgets, start int, ends []bool) (int32, bool) {
	r.makeRoom(t)
	r.labels = append(r.labels[:0], label{parent: -1, state: int16(start), left: int16(t.ws*t.k - 1), group: offGroup})
	from, to := 0, 1
	for d := range t.n {
		r.advance(t, d, from, to, r.trim(from, to))
		if from, to = to, len(r.labels); from == to {
			return 0, false
		}
	}
	best, at := r.ahead.most()+1, int32(-1)
	for k := from; k < to; k++ {
		if l := &r.labels[k]; ends[l.state] && l.units >= have.low && l.units <= have.high && l.value < best {
			best, at = l.value, int32(k)
		}
	}
	if at < 0 {
		return 0, false
	}
	for d := t.n - 1; d >= 0; d-- {
		l := &r.labels[at]
		if at = l.parent; l.group == offGroup {
			t.row[t.w.a+d] = Off
		} else {
			t.row[t.w.a+d] = r.gpick[d*len(t.p.groups)+int(l.group)]
		}
	}
	return best, true
}

// makeRoom sets the limits of the outlook for every number of units, and for
// every number of weekends and counted shifts left.
func (r *rowDP) makeRoom(t *table) {
	r.room, r.bonus = r.room[:0], r.bonus[:0]
	for u := range t.ms {
		r.room = append(r.room, r.ahead.limit(int32(u)))
	}
	for x := range t.ws * t.k {
		r.bonus = append(r.bonus, r.ahead.rented(x/t.k, x%t.k, r.sizes))
	}
}

// trim says how far under the limit a label must lie so that no more than about
// a beam of them are left; 0 when all may stay.
func (r *rowDP) trim(from, to int) int32 {
	beam := min(r.beam, mostLabels)
	if beam == 0 {
		beam = mostLabels
	}
	if to-from <= beam || r.ahead.known >= far {
		return 0
	}
	r.cut = true
	clear(r.crowd[:])
	grain := (r.ahead.most()-r.ahead.least)/crowds + 1
	for k := from; k < to; k++ {
		r.crowd[min(r.labels[k].spare/grain, crowds-1)]++
	}
	n := int(r.crowd[crowds-1])
	for k := crowds - 1; k > 0; k-- {
		if n >= beam || n+int(r.crowd[k-1]) > 2*beam {
			return int32(k) * grain
		}
		n += int(r.crowd[k-1])
	}
	return 0
}

// advance goes on from the labels of one day that have so much to spare.
func (r *rowDP) advance(t *table, d, begin, end int, spare int32) {
	p, day, gs := t.p, t.w.a+d, len(t.p.groups)
	offCost := t.cost[d*(r.m.shifts+1)]
	gcost := r.gcost[d*gs : (d+1)*gs]
	saturday, sunday := r.weekend(day, t.w, t.row)
	rem := r.rem[d+1]
	if d+1 == t.n {
		rem = 0
	}
	low, top := r.lo[d+1], r.hi[d+1]
	tail := r.ahead.tail[(d+1)*p.states:][:p.states]
	for k := begin; k < end; k++ {
		l := r.labels[k]
		if l.spare < spare {
			continue
		}
		st, ends, combo := int(l.state), int(l.left)/t.k, int(l.left)%t.k
		if to := p.rest[st]; to >= 0 && offCost < noCell && l.units >= low && l.units <= top {
			left := min(ends, rem)*t.k + combo
			value := l.value + offCost
			if room := r.room[l.units] + r.bonus[left] - value - tail[to]; room >= 0 {
				r.put(t, label{value, room, int32(k), 0, l.units, int16(to), int16(left), offGroup}, end)
			}
		}
		if saturday || sunday && st < p.minOff {
			if ends--; ends < 0 {
				continue
			}
		}
		left := min(ends, rem)*t.k + combo
		arcs := p.arcsOn(st, day)
		for j := range arcs {
			a := &arcs[j]
			c, units := gcost[a.group], l.units+a.length
			if c >= noCell || units < low || units > top {
				continue
			}
			x := left
			if a.count > 0 {
				place := int(r.places[a.count-1])
				if combo/place%int(r.sizes[a.count-1]) == 0 {
					continue
				}
				x -= place
			}
			c += l.value
			if room := r.room[units] + r.bonus[x] - c - tail[a.to]; room >= 0 {
				r.put(t, label{c, room, int32(k), 0, units, int16(a.to), int16(x), uint8(a.group)}, end)
			}
		}
	}
}

// put adds a label to those of its day, which begin at first, unless one at the
// same place is as cheap.
func (r *rowDP) put(t *table, l label, first int) {
	l.place = (int32(l.left)*int32(t.ms)+l.units)*int32(t.p.states) + int32(l.state)
	at := &r.slot[l.place]
	if k := int(*at); k >= first && k < len(r.labels) && r.labels[k].place == l.place {
		if l.value < r.labels[k].value {
			r.labels[k] = l
		}
		return
	}
	*at = int32(len(r.labels))
	r.labels = append(r.labels, l)
}

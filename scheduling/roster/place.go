package roster

// place decides what agent i does in every slot of a shift: first breaks and
// meals where they cost least, then stretches of work for the groups that need
// them most, none shorter than the least stretch. The shift itself must not be
// booked while it is placed.
func (s *state) place(i, d int, c cell, acts []int16) {
	n := int(c.end - c.start)
	groups := s.m.agents[i].serves[d]
	allowed := s.m.templates[c.tmpl].allowed
	s.bestGains(i, groups, allowed, c, n)
	for k := range acts {
		acts[k] = actIdle
	}
	s.placeBreaks(c, n, acts)
	s.placeWork(i, groups, allowed, c, acts)
}

// bestGains fills buf.best with the most that the agent can bring in each slot.
func (s *state) bestGains(i int, groups []int32, allowed []bool, c cell, n int) {
	best := s.buf.best[:n]
	for k := range best {
		best[k] = 0
	}
	first := true
	for _, g := range groups {
		if !allowed[g] {
			continue
		}
		line := s.gain[int(g)*s.m.tail+int(c.start):][:n]
		b := s.m.agents[i].bonus[g]
		for k, v := range line {
			if v += b; first || v > best[k] {
				best[k] = v
			}
		}
		first = false
	}
}

// placeBreaks puts the breaks, in their order, where the sum of lost gains is least.
func (s *state) placeBreaks(c cell, n int, acts []int16) {
	breaks := s.m.templates[c.tmpl].breaks
	if len(breaks) == 0 {
		return
	}
	best := s.buf.best
	if len(s.buf.posCost) < len(breaks)*(n+1) {
		s.buf.posCost, s.buf.posFrom = make([]int64, len(breaks)*(s.width+1)), make([]int32, len(breaks)*(s.width+1))
	}
	const worst = int64(1) << 60
	// cost[k][e] = least loss with the first k breaks ended by slot e; from = where the k-th begins.
	w := n + 1
	cost, from := s.buf.posCost, s.buf.posFrom
	prevRow := -1
	for k, b := range breaks {
		if int32(n) < b.minShift {
			continue
		}
		row := cost[k*w : (k+1)*w]
		for e := range row {
			row[e] = worst
		}
		window := int64(0)
		for p := 0; p+int(b.slots) <= n; p++ {
			if p == 0 {
				for q := range int(b.slots) {
					window += best[q]
				}
			} else {
				window += best[p+int(b.slots)-1] - best[p-1]
			}
			e := p + int(b.slots)
			if e > 0 && row[e-1] <= row[e] {
				row[e], from[k*w+e] = row[e-1], from[k*w+e-1]
			}
			if p < int(b.earliest) || p > int(b.latest) {
				continue
			}
			v := window
			if prevRow >= 0 {
				v += cost[prevRow*w+p]
			}
			if v < row[e] && v < worst/2 {
				row[e], from[k*w+e] = v, int32(p)
			}
		}
		prevRow = k
	}
	e := n
	for k := len(breaks) - 1; k >= 0; k-- {
		b := breaks[k]
		if int32(n) < b.minShift || cost[k*w+e] >= worst/2 {
			continue
		}
		p := int(from[k*w+e])
		for q := range int(b.slots) {
			acts[p+q] = actBreak
		}
		e = p
	}
}

// placeWork splits the working slots into stretches for groups by a dynamic
// program over slots: the best value ending in a slot with a stretch of a group
// is either the stretch one slot longer or a new one of the least length.
func (s *state) placeWork(i int, groups []int32, allowed []bool, c cell, acts []int16) {
	open := s.buf.open[:0]
	for k, a := range acts {
		if a != actBreak {
			open = append(open, int32(k))
		}
	}
	s.buf.open = open
	n := len(open)
	if n == 0 || len(groups) == 0 {
		return
	}
	least := min(s.m.stretch, n)
	w := s.width + 1
	const worst = int64(-1) << 60
	end, choice := s.buf.endAt[:n+1], s.buf.bestGroup[:n+1]
	end[0] = 0
	for k := 1; k <= n; k++ {
		end[k] = worst
	}
	// from[g][k]: where the stretch of group g that ends after k working slots began.
	for x, g := range groups {
		if !allowed[g] {
			continue
		}
		line := s.gain[int(g)*s.m.tail+int(c.start):]
		b := s.m.agents[i].bonus[g]
		p := s.buf.prefix[x*w:]
		p[0] = 0
		for k, at := range open {
			p[k+1] = p[k] + line[at] + b
		}
	}
	for k := least; k <= n; k++ {
		for x, g := range groups {
			if !allowed[g] {
				continue
			}
			p, from := s.buf.prefix[x*w:], s.buf.from[x*w:]
			fresh := end[k-least]
			if fresh > worst/2 {
				fresh -= p[k-least]
			}
			if k == least || fresh > end2(p, from, k, end) {
				from[k] = int32(k - least)
			} else {
				from[k] = from[k-1]
			}
			if b := int(from[k]); end[b] > worst/2 {
				if v := end[b] + p[k] - p[b]; v > end[k] {
					end[k], choice[k] = v, int16(x)
				}
			}
		}
	}
	if end[n] <= worst/2 {
		return
	}
	for k := n; k > 0; {
		x := int(choice[k])
		b := int(s.buf.from[x*w+k])
		for q := b; q < k; q++ {
			acts[open[q]] = int16(groups[x])
		}
		k = b
	}
}

// end2 is the value, less the prefix, of going on with the stretch that ended one slot earlier.
func end2(p []int64, from []int32, k int, end []int64) int64 {
	b := int(from[k-1])
	return end[b] - p[b]
}

package roster

import "slices"

// state is a roster under construction: rows, activities per slot, agents per
// group and slot, and the value of one agent more.
type state struct {
	m      *model
	rows   [][]cell
	acts   []int16 // (agent*days+day)*width + slot of the shift: group, actBreak or actIdle
	width  int     // slots of the longest shift
	count  []int32 // group*tail + slot
	gain   []int64 // group*tail + slot: points won by one agent more
	over   []int64 // per group: points of a surplus agent, see setOver
	lift   int64   // part of cover that comes from prices raised by setOver
	weight []int64 // per agent: the contract's own weight, see soften
	soft   bool    // contract weights are lowered
	rowPts []int64 // total points of each row
	cover  int64   // points of coverage relative to an empty roster (never positive while agents help)
	rows0  int64   // sum of rowPts
	buf    buffers
}

// What an agent does in a slot when it is not work for a group.
const (
	actBreak int16 = -1 - iota // break or meal
	actIdle                    // at work, nobody asked for it
)

type buffers struct {
	best      []int64
	prefix    []int64
	open      []int32 // working slots of the shift
	endAt     []int64
	from      []int32
	bestGroup []int16
	posCost   []int64
	posFrom   []int32
	saveA     []int16
	saveB     []int16
	scratch   []int16
	gainLine  []int64
	gainKey   int32
	labels    []label
	kept      []label
	heap      []ranked
	row       []cell
}

// soften lowers the weights of contracts to at most so many points per minute
// while a search goes on; none restores them.
func (s *state) soften(most int64) {
	s.soft = false
	for i := range s.m.agents {
		w := min(s.weight[i], most)
		s.soft = s.soft || w < s.weight[i]
		if k := &s.m.agents[i].contract; k.Weight != w {
			k.Weight = w
			s.rescore(i)
		}
	}
}

// newState makes the state in which only pinned cells are set. Shifts of up to
// extra slots fit even when no template is that long.
func newState(m *model, extra int) *state {
	s := &state{m: m, width: extra}
	for t := range m.templates {
		for _, l := range m.templates[t].lengths {
			s.width = max(s.width, int(l))
		}
	}
	for i := range m.agents {
		for d, p := range m.agents[i].pin {
			if m.agents[i].pinned[d] && p.on() {
				s.width = max(s.width, int(p.end-p.start))
			}
		}
		for _, p := range m.agents[i].published {
			s.width = max(s.width, int(p.end-p.start))
		}
	}
	s.width = max(s.width, 1)
	// The search changes weights for a while: agents are copied, searches share the rest.
	own := *m
	own.agents = slices.Clone(m.agents)
	m, s.m = &own, &own
	for i := range m.agents {
		s.weight = append(s.weight, m.agents[i].contract.Weight)
	}
	s.rows = make([][]cell, len(m.agents))
	s.rowPts = make([]int64, len(m.agents))
	s.acts = make([]int16, len(m.agents)*m.p.Days*s.width)
	s.count = make([]int32, len(m.groups)*m.tail)
	s.gain = make([]int64, len(m.groups)*m.tail)
	s.over = make([]int64, len(m.groups))
	for g := range m.groups {
		s.over[g] = m.groups[g].over
		for t := range m.tail {
			s.gain[g*m.tail+t] = m.marginal(g, t, 0)
		}
	}
	for i := range s.rows {
		s.rows[i] = make([]cell, m.p.Days)
		for d := range s.rows[i] {
			s.rows[i][d] = off
		}
	}
	w := s.width + 1
	s.buf = buffers{best: make([]int64, w), prefix: make([]int64, w*max(1, len(m.groups))), open: make([]int32, 0, w), endAt: make([]int64, w), from: make([]int32, w*max(1, len(m.groups))),
		bestGroup: make([]int16, w), saveA: make([]int16, w), saveB: make([]int16, w), scratch: make([]int16, w), gainLine: make([]int64, m.tail+1), gainKey: -1, row: make([]cell, m.p.Days)}
	for i := range s.rows {
		for d := range s.rows[i] {
			if m.agents[i].pinned[d] {
				s.setCell(i, d, m.agents[i].pin[d])
			}
		}
		s.rescore(i)
	}
	return s
}

// marginal is the value in points of one agent more where n work already. What
// is missing hurts a little more than in proportion, so that shortage and
// surplus spread evenly instead of piling up in one interval.
func (m *model) marginal(g, slot int, n int32) int64 {
	return m.marginalAt(g, slot, n, m.groups[g].over)
}

// marginalAt is marginal with another price of surplus.
func (m *model) marginalAt(g, slot int, n int32, over int64) int64 {
	gm := &m.groups[g]
	if slot >= m.slots {
		return 0
	}
	if gm.values != nil {
		var vs []int64
		if i := slot / gm.vslot; i < len(gm.values) {
			vs = gm.values[i]
		}
		if int(n) < len(vs) {
			return vs[n]
		}
		return -over - over*int64(int(n)-len(vs))/int64(len(vs)+1)
	}
	need := gm.need[slot]
	if n < need {
		k := int64(need - n)
		return gm.under + gm.under*(2*k-1)/(2*int64(need))
	}
	return -over - over*int64(n-need)/int64(need+1)
}

// target is the number of agents of a slot up to which each one is worth something.
func (m *model) target(g, slot int) int32 {
	gm := &m.groups[g]
	if gm.values == nil {
		return gm.need[slot]
	}
	if i := slot / gm.vslot; i < len(gm.values) {
		return int32(len(gm.values[i]))
	}
	return 0
}

// coverCost is the cost of having n agents in a slot, split in shortage and surplus.
func (m *model) coverCost(g, slot int, n int32) (under, over int64) {
	target := m.target(g, slot)
	for k := n; k < target; k++ {
		under += m.marginal(g, slot, k)
	}
	for k := target; k < n; k++ {
		over -= m.marginal(g, slot, k)
	}
	return under, over
}

// setOver changes what surplus costs while a search goes on: never less than the
// problem's own price, and floor where that is more. With 0 the state is judged
// by the problem's prices again.
func (s *state) setOver(floor int64) {
	m := s.m
	for g := range m.groups {
		over := max(m.groups[g].over, floor)
		if over == s.over[g] {
			continue
		}
		for t := range m.slots {
			at := g*m.tail + t
			target := m.target(g, t)
			for k := target; k < s.count[at]; k++ {
				more := m.marginalAt(g, t, k, s.over[g]) - m.marginalAt(g, t, k, over)
				s.cover, s.lift = s.cover+more, s.lift+more
			}
			s.gain[at] = m.marginalAt(g, t, s.count[at], over)
		}
		s.over[g] = over
	}
	s.buf.gainKey = -1
}

func (s *state) actsOf(i, d int) []int16 {
	c := s.rows[i][d]
	at := (i*s.m.p.Days + d) * s.width
	return s.acts[at : at+int(c.end-c.start)]
}

// addActs books or unbooks (sign -1) the activities of a shift and keeps cover and gains right.
func (s *state) addActs(i int, start int32, acts []int16, sign int32) {
	m := s.m
	bonus := m.agents[i].bonus
	for k, g := range acts {
		if g < 0 {
			continue
		}
		t := int(start) + k
		at := int(g)*m.tail + t
		if sign > 0 {
			s.cover -= s.gain[at] + bonus[g]
			if s.gain[at] < 0 && s.over[g] != m.groups[g].over {
				s.lift += m.marginal(int(g), t, s.count[at]) - s.gain[at]
			}
			s.count[at]++
			s.gain[at] = m.marginalAt(int(g), t, s.count[at], s.over[g])
		} else {
			s.count[at]--
			s.gain[at] = m.marginalAt(int(g), t, s.count[at], s.over[g])
			s.cover += s.gain[at] + bonus[g]
			if s.gain[at] < 0 && s.over[g] != m.groups[g].over {
				s.lift -= m.marginal(int(g), t, s.count[at]) - s.gain[at]
			}
		}
	}
}

// clearCell takes a shift out of the coverage; the row keeps its score until rescore.
func (s *state) clearCell(i, d int) {
	if c := s.rows[i][d]; c.on() {
		s.addActs(i, c.start, s.actsOf(i, d), -1)
		s.rows[i][d] = off
	}
}

// setCell puts a shift where none is, with breaks and activities at their best places.
func (s *state) setCell(i, d int, c cell) {
	if s.rows[i][d] = c; !c.on() {
		return
	}
	acts := s.actsOf(i, d)
	s.place(i, d, c, acts)
	s.addActs(i, c.start, acts, 1)
}

// restoreCell puts a shift back exactly as it was.
func (s *state) restoreCell(i, d int, c cell, acts []int16) {
	if s.rows[i][d] = c; !c.on() {
		return
	}
	copy(s.actsOf(i, d), acts)
	s.addActs(i, c.start, acts, 1)
}

func (s *state) rescore(i int) {
	p := s.m.evalRow(i, s.rows[i], nil).Total()
	s.rows0 += p - s.rowPts[i]
	s.rowPts[i] = p
}

// score sums the state by level; it costs about as much as a thousand moves.
func (s *state) score() Score {
	m := s.m
	var out Score
	for i := range s.rows {
		out = out.Add(m.evalRow(i, s.rows[i], nil))
		for d, c := range s.rows[i] {
			if !c.on() {
				continue
			}
			for k, a := range s.actsOf(i, d) {
				if a >= 0 && int(c.start)+k < m.slots {
					out[LevelCost] -= m.agents[i].bonus[a]
				}
			}
		}
	}
	for g := range m.groups {
		for t := range m.slots {
			under, over := m.coverCost(g, t, s.count[g*m.tail+t])
			out[LevelCover] += under
			out[LevelCost] += over
		}
	}
	return out
}

// total is the objective of the search in points, relative to an empty roster's coverage.
func (s *state) total() int64 { return s.rows0 + s.cover }

// lowTotal is never more than total at the problem's own prices, see setOver and soften.
func (s *state) lowTotal() int64 { return s.rows0 + s.cover - s.lift }

// trueTotal is total at the problem's own prices.
func (s *state) trueTotal() int64 {
	total := s.lowTotal()
	if !s.soft {
		return total
	}
	for i := range s.rows {
		k := s.m.agents[i].contract
		t := tally{}
		s.m.evalContract(&s.m.agents[i], s.rows[i], &t)
		low := t.score[LevelContract]
		t = tally{}
		a := agentModel{contract: k, history: s.m.agents[i].history}
		a.contract.Weight = s.weight[i]
		s.m.evalContract(&a, s.rows[i], &t)
		total += t.score[LevelContract] - low
	}
	return total
}

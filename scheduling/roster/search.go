package roster

import (
	"math"
	"slices"
	"sort"
	"time"
)

// search improves a state by annealing over single cells, swaps and whole rows.
type search struct {
	s     *state
	rng   *stream
	temp  float64
	moves int64
	best  *snapshot
	clock func() time.Duration
	watch bool  // somebody follows the progress
	agent []int // those with something to move
	least int64 // bound of the total
}

// snapshot is a complete copy of the decisions of a state.
type snapshot struct {
	rows  [][]cell
	acts  []int16
	total int64
	move  int64
	after time.Duration
	score Score // when somebody follows the progress
}

func (s *state) snapshot() *snapshot {
	k := &snapshot{total: s.trueTotal(), acts: append([]int16(nil), s.acts...)}
	for _, r := range s.rows {
		k.rows = append(k.rows, append([]cell(nil), r...))
	}
	return k
}

// load brings the state to a snapshot.
func (s *state) load(k *snapshot) {
	for i := range s.rows {
		s.putRow(k, i)
	}
}

// put brings some agents back to a snapshot from which only they differ.
func (s *state) put(k *snapshot, agents []int) {
	for _, i := range agents {
		s.putRow(k, i)
	}
}

func (s *state) putRow(k *snapshot, i int) {
	for d := range s.rows[i] {
		s.clearCell(i, d)
	}
	for d, c := range k.rows[i] {
		at := (i*s.m.p.Days + d) * s.width
		if s.rows[i][d] = c; c.on() {
			acts := k.acts[at : at+int(c.end-c.start)]
			s.restoreCell(i, d, c, acts)
		}
	}
	s.rescore(i)
}

// differing lists the agents whose shifts or activities are not those of a snapshot.
func (s *state) differing(k *snapshot) []int {
	var out []int
	for i := range s.rows {
		same := slices.Equal(s.rows[i], k.rows[i])
		for d := 0; same && d < len(s.rows[i]); d++ {
			if c := s.rows[i][d]; c.on() {
				at := (i*s.m.p.Days + d) * s.width
				same = slices.Equal(s.actsOf(i, d), k.acts[at:at+int(c.end-c.start)])
			}
		}
		if !same {
			out = append(out, i)
		}
	}
	return out
}

func newSearch(m *model, seed uint64, thread, extra int) *search {
	q := &search{s: newState(m, extra), rng: newStream(seed, uint64(thread))}
	for i := range m.agents {
		for d := range m.p.Days {
			if !m.agents[i].pinned[d] {
				q.agent = append(q.agent, i)
				break
			}
		}
	}
	return q
}

// construct gives every agent a row, the least flexible agents first.
func (q *search) construct(stop func() bool) {
	order := append([]int(nil), q.agent...)
	m := q.s.m
	flexibility := make([]int, len(m.agents))
	for i := range m.agents {
		a := &m.agents[i]
		flexibility[i] = len(a.serves[0])*1000 + len(a.templates)*10 - len(a.timeOff)
	}
	sort.SliceStable(order, func(x, y int) bool { return flexibility[order[x]] < flexibility[order[y]] })
	for _, i := range order {
		if stop() {
			return
		}
		q.rebuild(i, math.Inf(1), q.rng)
	}
}

// rebuild takes an agent's row out and puts the beam's best row in; the old row
// comes back when the new one loses more than the temperature allows.
func (q *search) rebuild(i int, allow float64, rng *stream) bool {
	s := q.s
	before := s.total()
	old := append([]cell(nil), s.rows[i]...)
	days := s.m.p.Days
	saved := append([]int16(nil), s.acts[i*days*s.width:(i+1)*days*s.width]...)
	for d := range days {
		s.clearCell(i, d)
	}
	s.buf.gainKey = -1
	row := append([]cell(nil), old...)
	s.bestRow(i, rng, row)
	for d, c := range row {
		s.setCell(i, d, c)
	}
	s.rescore(i)
	q.moves++
	if float64(s.total()-before) <= allow {
		return true
	}
	for d := range days {
		s.clearCell(i, d)
	}
	for d, c := range old {
		s.restoreCell(i, d, c, saved[d*s.width:d*s.width+int(c.end-c.start)])
	}
	s.rescore(i)
	return false
}

// step tries one move.
func (q *search) step() {
	i := q.agent[q.rng.intn(len(q.agent))]
	d := q.rng.intn(q.s.m.p.Days)
	a := &q.s.m.agents[i]
	q.moves++
	if a.pinned[d] {
		return
	}
	switch k := q.rng.intn(100); {
	case k < 25:
		q.change(i, d, q.randomCell(i, d))
	case k < 40:
		q.shift(i, d)
	case k < 50:
		q.edge(i, d)
	case k < 65:
		q.transfer(i, d)
	case k < 75:
		q.moveDay(i, d)
	case k < 90:
		q.swap(i, d)
	default:
		if c := q.s.rows[i][d]; c.on() {
			q.change(i, d, c)
		}
	}
}

// randomCell draws a shift for the day; working days become free now and then.
func (q *search) randomCell(i, d int) cell {
	m, a := q.s.m, &q.s.m.agents[i]
	if len(a.templates) == 0 || (q.s.rows[i][d].on() && q.rng.intn(4) == 0) {
		return off
	}
	t := a.templates[q.rng.intn(len(a.templates))]
	if a.must != nil {
		switch must := a.must[d]; {
		case must == patternOff:
			return off
		case must >= 0:
			t = must
		}
	}
	tm := &m.templates[t]
	if len(tm.starts[d]) == 0 {
		return off
	}
	start := tm.starts[d][q.rng.intn(len(tm.starts[d]))]
	return m.newCell(t, start, tm.lengths[q.rng.intn(len(tm.lengths))])
}

// shift moves the start of a shift a little, or changes its length.
func (q *search) shift(i, d int) {
	m, c := q.s.m, q.s.rows[i][d]
	if !c.on() {
		return
	}
	tm := &m.templates[c.tmpl]
	if len(tm.lengths) > 1 && q.rng.intn(3) == 0 {
		q.change(i, d, m.newCell(c.tmpl, c.start, tm.lengths[q.rng.intn(len(tm.lengths))]))
		return
	}
	starts := tm.starts[d]
	if len(starts) == 0 {
		return
	}
	at := sort.Search(len(starts), func(k int) bool { return starts[k] >= c.start }) + q.rng.intn(9) - 4
	at = min(max(at, 0), len(starts)-1)
	if starts[at] != c.start {
		q.change(i, d, m.newCell(c.tmpl, starts[at], c.end-c.start))
	}
}

// edge lengthens or shortens a shift at its beginning or its end.
func (q *search) edge(i, d int) {
	if c := q.s.rows[i][d]; c.on() {
		if n := q.s.m.stretched(c, d, q.rng.intn(2) == 0, q.step4()); n != c {
			q.change(i, d, n)
		}
	}
}

// transfer moves time from one shift of an agent to another, so that the paid
// minutes, which contracts hold tight, stay as they are.
func (q *search) transfer(i, d int) {
	m, row := q.s.m, q.s.rows[i]
	e := q.rng.intn(m.p.Days)
	if e == d || !row[d].on() || !row[e].on() || m.agents[i].pinned[e] {
		return
	}
	by := q.step4()
	x, y := m.stretched(row[d], d, q.rng.intn(2) == 0, by), m.stretched(row[e], e, q.rng.intn(2) == 0, -by)
	if x != row[d] && y != row[e] {
		q.try(i, d, x, i, e, y)
	}
}

// step4 is a number of slots from -4 to 4, never 0.
func (q *search) step4() int32 {
	k := int32(q.rng.intn(8)) - 4
	if k >= 0 {
		k++
	}
	return k
}

// stretched is a shift longer by some slots, at its beginning or its end; the
// shift itself when its template has no such start or length.
func (m *model) stretched(c cell, d int, front bool, by int32) cell {
	tm := &m.templates[c.tmpl]
	start, length := c.start, c.end-c.start+by
	if front {
		start -= by
	}
	if _, ok := slices.BinarySearch(tm.lengths, length); !ok {
		return c
	}
	if _, ok := slices.BinarySearch(tm.starts[d], start); front && !ok {
		return c
	}
	return m.newCell(c.tmpl, start, length)
}

// change replaces one cell.
func (q *search) change(i, d int, c cell) {
	q.try(i, d, c, -1, -1, off)
}

// moveDay exchanges two days of one agent's row, at the same local times.
func (q *search) moveDay(i, d int) {
	m := q.s.m
	e := d + 1 + q.rng.intn(6)
	if q.rng.intn(2) == 0 {
		e = d - 1 - q.rng.intn(6)
	}
	if e < 0 || e >= m.p.Days || m.agents[i].pinned[e] {
		return
	}
	x, y := q.s.rows[i][d], q.s.rows[i][e]
	if !x.on() && !y.on() {
		return
	}
	q.try(i, d, m.onDay(y, e, d), i, e, m.onDay(x, d, e))
}

// onDay brings a shift from one day to another at the same time after midnight;
// off when its template has no such start there.
func (m *model) onDay(c cell, from, to int) cell {
	if !c.on() {
		return off
	}
	start := c.start - int32(m.dayStart[from]) + int32(m.dayStart[to])
	starts := m.templates[c.tmpl].starts[to]
	at := sort.Search(len(starts), func(k int) bool { return starts[k] >= start })
	if at == len(starts) || starts[at] != start {
		return off
	}
	c.start, c.end = start, start+c.end-c.start
	return c
}

// swap exchanges a day between two agents.
func (q *search) swap(i, d int) {
	m := q.s.m
	j := q.agent[q.rng.intn(len(q.agent))]
	if i == j || m.agents[j].pinned[d] {
		return
	}
	x, y := q.s.rows[i][d], q.s.rows[j][d]
	if x == y || !m.mayWork(j, x) || !m.mayWork(i, y) {
		return
	}
	q.try(i, d, y, j, d, x)
}

func (m *model) mayWork(i int, c cell) bool {
	if !c.on() {
		return true
	}
	for _, t := range m.agents[i].templates {
		if t == c.tmpl {
			return true
		}
	}
	return false
}

// try changes one or two cells (j < 0: one) and keeps the change when the
// temperature allows it. The rows are judged first: most bad moves break a rule
// and never touch the coverage.
func (q *search) try(i, d int, c cell, j, e int, c2 cell) {
	s := q.s
	before := s.total()
	limit := float64(before) + q.allow()
	oldA := s.rows[i][d]
	var oldB cell
	if j >= 0 {
		oldB = s.rows[j][e]
	}
	ptsA, ptsB := s.rowPts[i], int64(0)
	s.rows[i][d] = c
	if j >= 0 {
		ptsB = s.rowPts[j]
		s.rows[j][e] = c2
	}
	rows := s.m.evalRow(i, s.rows[i], nil).Total() - ptsA
	if j >= 0 && j != i {
		rows += s.m.evalRow(j, s.rows[j], nil).Total() - ptsB
	}
	s.rows[i][d] = oldA
	if j >= 0 {
		s.rows[j][e] = oldB
	}
	if rows >= hardPoints/2 {
		return
	}
	nA, nB := 0, 0
	if oldA.on() {
		nA = copy(s.buf.saveA, s.actsOf(i, d))
	}
	s.clearCell(i, d)
	if j >= 0 {
		if oldB.on() {
			nB = copy(s.buf.saveB, s.actsOf(j, e))
		}
		s.clearCell(j, e)
	}
	s.setCell(i, d, c)
	if j >= 0 {
		s.setCell(j, e, c2)
	}
	if float64(s.total()+rows) <= limit {
		s.rescore(i)
		if j >= 0 {
			s.rescore(j)
		}
		return
	}
	s.clearCell(i, d)
	if j >= 0 {
		s.clearCell(j, e)
		s.restoreCell(j, e, oldB, s.buf.saveB[:nB])
	}
	s.restoreCell(i, d, oldA, s.buf.saveA[:nA])
}

// allow draws how many points a move may lose now (Metropolis).
func (q *search) allow() float64 {
	if q.temp <= 0 {
		return 0
	}
	return -q.temp * math.Log(max(q.rng.float(), 1e-12))
}

// keep stores the state when it is the best so far.
func (q *search) keep() {
	if q.best == nil || (q.s.lowTotal() < q.best.total && q.s.trueTotal() < q.best.total) {
		q.best = q.s.snapshot()
		q.best.move = q.moves
		if q.watch {
			q.best.score = q.s.score()
		}
		if q.clock != nil {
			q.best.after = q.clock()
		}
	}
}

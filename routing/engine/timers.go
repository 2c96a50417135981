package engine

import "math"

// timerKind says whose deadline it is; it breaks ties after the instant.
type timerKind uint8

const (
	contactTimer timerKind = iota
	workTimer
	agentTimer
	poolTimer
)

// timer is one deadline; order is the entity's own number, so that ties do not
// depend on slots or heap layout.
type timer struct {
	at    int64
	order int64
	ref   int32
	kind  timerKind
}

func (a *timer) before(b *timer) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.kind != b.kind {
		return a.kind < b.kind
	}
	return a.order < b.order
}

// timers is the one heap of deadlines, with positions kept by the entities.
type timers struct {
	heap []timer
	pos  [4][]int32 // by kind and entity; 0 is absent, else index + 1
}

func (t *timers) place(i int, x timer) {
	t.heap[i] = x
	t.pos[x.kind][x.ref] = int32(i + 1)
}

func (t *timers) up(i int, x timer) {
	for i > 0 {
		p := (i - 1) / 4
		if !x.before(&t.heap[p]) {
			break
		}
		t.place(i, t.heap[p])
		i = p
	}
	t.place(i, x)
}

func (t *timers) down(i int, x timer) {
	n := len(t.heap)
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		best := c
		for k := c + 1; k < c+4 && k < n; k++ {
			if t.heap[k].before(&t.heap[best]) {
				best = k
			}
		}
		if !t.heap[best].before(&x) {
			break
		}
		t.place(i, t.heap[best])
		i = best
	}
	t.place(i, x)
}

func (t *timers) room(kind timerKind, ref int32) {
	for len(t.pos[kind]) <= int(ref) {
		t.pos[kind] = append(t.pos[kind], 0)
	}
}

// set moves an entity's deadline; 0 takes it away.
func (t *timers) set(kind timerKind, ref int32, order, at int64) {
	t.room(kind, ref)
	p := int(t.pos[kind][ref])
	if at == 0 {
		if p != 0 {
			t.remove(p - 1)
		}
		return
	}
	x := timer{at: at, order: order, ref: ref, kind: kind}
	if p == 0 {
		t.heap = append(t.heap, x)
		t.up(len(t.heap)-1, x)
		return
	}
	i := p - 1
	old := t.heap[i]
	if x.before(&old) {
		t.up(i, x)
	} else {
		t.down(i, x)
	}
}

func (t *timers) remove(i int) {
	x := t.heap[i]
	t.pos[x.kind][x.ref] = 0
	last := len(t.heap) - 1
	y := t.heap[last]
	t.heap = t.heap[:last]
	if i == last {
		return
	}
	if y.before(&x) {
		t.up(i, y)
	} else {
		t.down(i, y)
	}
}

// next gives the earliest deadline, MaxInt64 if none.
func (t *timers) next() int64 {
	if len(t.heap) == 0 {
		return math.MaxInt64
	}
	return t.heap[0].at
}

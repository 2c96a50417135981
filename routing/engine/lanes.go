package engine

// laneEntry is one waiting contact: key is its due time less its credits, so
// the order within a lane never changes with time.
type laneEntry struct {
	key, seq int64
	slot     int32
}

func (a *laneEntry) before(b *laneEntry) bool {
	if a.key != b.key {
		return a.key < b.key
	}
	return a.seq < b.seq
}

// lane holds the waiting contacts of one demand at one ladder step.
type lane struct {
	demand  int32
	queue   int32
	client  int32
	channel int32
	step    int16
	groups  bitset // the groups of agents that may serve it
	heap    []laneEntry
}

// demand is a queue with an intent: one set of needs, one lane per widen step.
type demand struct {
	queue  int32
	intent int32
	base   int32   // first lane; lane of step s is base + s (steps that do not widen leave theirs empty)
	skill  []int16 // by group: skill score permille
	first  []int8  // by group: first step that admits it, -1 never
	needs  []Need
	total  int64 // sum of weights
}

func (e *Engine) lanePlace(l *lane, i int, x laneEntry) {
	l.heap[i] = x
	e.contacts[x.slot].lanePos = int32(i)
}

func (e *Engine) laneUp(l *lane, i int, x laneEntry) {
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(&l.heap[p]) {
			break
		}
		e.lanePlace(l, i, l.heap[p])
		i = p
	}
	e.lanePlace(l, i, x)
}

func (e *Engine) laneDown(l *lane, i int, x laneEntry) {
	n := len(l.heap)
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && l.heap[c+1].before(&l.heap[c]) {
			c++
		}
		if !l.heap[c].before(&x) {
			break
		}
		e.lanePlace(l, i, l.heap[c])
		i = c
	}
	e.lanePlace(l, i, x)
}

// enlane puts a waiting contact into the lane of its step.
func (e *Engine) enlane(slot int32) {
	c := &e.contacts[slot]
	c.lane = e.demands[c.demand].base + int32(c.step)
	l := &e.lanes[c.lane]
	if len(l.heap) == 0 {
		e.waitingLanes.set(c.lane)
	}
	x := laneEntry{key: c.key, seq: c.seq, slot: slot}
	l.heap = append(l.heap, x)
	e.laneUp(l, len(l.heap)-1, x)
}

// unlane takes a waiting contact out of its lane.
func (e *Engine) unlane(slot int32) {
	c := &e.contacts[slot]
	l := &e.lanes[c.lane]
	i, last := int(c.lanePos), len(l.heap)-1
	x, y := l.heap[i], l.heap[last]
	l.heap = l.heap[:last]
	if i != last {
		if y.before(&x) {
			e.laneUp(l, i, y)
		} else {
			e.laneDown(l, i, y)
		}
	}
	if last == 0 {
		e.waitingLanes.clear(c.lane)
	}
	c.lane = None
}

// demandOf finds or makes the demand of a queue and an intent.
func (e *Engine) demandOf(queue, intent int32) int32 {
	k := demandKey{queue, intent}
	if d, ok := e.demandIndex[k]; ok {
		return d
	}
	q := &e.cfg.Queues[queue]
	needs := append([]Need(nil), q.Needs...)
	if intent != None {
		needs = mergeNeeds(needs, e.cfg.Intents[intent].Needs)
	}
	d := demand{queue: queue, intent: intent, base: int32(len(e.lanes)), needs: needs}
	for _, n := range needs {
		d.total += int64(orInt32(n.Weight, 1))
	}
	for s := range q.Ladder {
		e.lanes = append(e.lanes, lane{demand: int32(len(e.demands)), queue: queue, client: q.Client, channel: q.Channel, step: int16(s)})
	}
	e.demands = append(e.demands, d)
	id := int32(len(e.demands) - 1)
	e.demandIndex[k] = id
	for g := range e.groups {
		e.link(id, int32(g))
	}
	return id
}

// mergeNeeds joins two lists; the stricter level and the larger weight win.
func mergeNeeds(a, b []Need) []Need {
	for _, n := range b {
		found := false
		for i := range a {
			if a[i].Skill == n.Skill {
				a[i].MinLevel = max(a[i].MinLevel, n.MinLevel)
				a[i].Weight = max(a[i].Weight, n.Weight)
				found = true
			}
		}
		if !found {
			a = append(a, n)
		}
	}
	return a
}

// link works out whether and from which step a group may serve a demand.
func (e *Engine) link(di, gi int32) {
	d, g := &e.demands[di], &e.groups[gi]
	for len(d.skill) <= int(gi) {
		d.skill = append(d.skill, 0)
		d.first = append(d.first, -1)
	}
	q := &e.cfg.Queues[d.queue]
	pr := &e.profiles[g.profile]
	if pr.slotOf(q.Channel) < 0 || (g.slice != None && g.slice != q.Client) {
		return
	}
	sum := int64(0)
	for _, n := range d.needs {
		sum += int64(orInt32(n.Weight, 1)) * int64(max(pr.levels[n.Skill], 0))
	}
	if d.total > 0 {
		d.skill[gi] = int16(sum * 1000 / (d.total * MaxLevel))
	} else {
		d.skill[gi] = 1000
	}
	var tiers, pools []int32
	for s := range q.Ladder {
		step := &q.Ladder[s]
		if step.Kind == StepWiden {
			if len(step.Tiers) > 0 {
				tiers = step.Tiers
			}
			if len(step.Pools) > 0 {
				pools = step.Pools
			}
			if d.first[gi] < 0 && contains(tiers, pr.tier) && contains(pools, g.pool) && pr.meets(d.needs, step.Relax) {
				d.first[gi] = int8(s)
			}
		}
		if d.first[gi] >= 0 {
			l := d.base + int32(s)
			e.lanes[l].groups.set(gi)
			g.lanes.set(l)
		}
	}
}

func contains(list []int32, x int32) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

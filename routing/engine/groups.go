package engine

import (
	"encoding/binary"
	"slices"
)

// profile is what agents may have in common for good: tier, skills, capacity.
type profile struct {
	tier     int32
	levels   []int16 // by skill, -1 absent
	capacity []ChannelCapacity
	slot     []int8 // by channel: position in capacity, -1 none
}

func (p *profile) slotOf(channel int32) int8 { return p.slot[channel] }

func (p *profile) meets(needs []Need, relax int16) bool {
	for _, n := range needs {
		if p.levels[n.Skill] < 0 || p.levels[n.Skill] < n.MinLevel-relax {
			return false
		}
	}
	return true
}

// group is a set of agents who differ only in load and idleness: one profile,
// one pool, one client slice. Its heaps hold those with room, best first.
type group struct {
	profile, pool, slice, tier int32
	size                       int32 // agents in the group, whatever their status
	lanes                      bitset
	heaps                      [][]agentEntry // by channel slot × order
}

type groupKey struct{ profile, pool, slice int32 }

// orders are the ways a heap may be sorted; a configuration uses one to three.
type order uint8

const (
	byIdle order = iota
	byBalance
	byOccupancy
	orderCount
)

func orderOf(s Strategy) order {
	switch s {
	case Balanced:
		return byBalance
	case LeastOccupied:
		return byOccupancy
	default:
		return byIdle
	}
}

// agentEntry carries its sort key so that comparing does not touch the agent.
type agentEntry struct {
	key   int64
	load  int32
	agent int32
}

func (a *agentEntry) before(b *agentEntry) bool {
	if a.load != b.load {
		return a.load < b.load
	}
	if a.key != b.key {
		return a.key < b.key
	}
	return a.agent < b.agent
}

func (e *Engine) internProfile(a *Agent) int32 {
	p := profile{tier: a.Tier, levels: make([]int16, len(e.cfg.Skills)), slot: make([]int8, len(e.cfg.Channels))}
	for i := range p.levels {
		p.levels[i] = -1
	}
	for _, s := range a.Skills {
		p.levels[s.Skill] = s.Level
	}
	for i := range p.slot {
		p.slot[i] = -1
	}
	for _, k := range a.Capacity {
		if k.Max > 0 {
			k.Weight = orInt32(k.Weight, Whole/int32(k.Max))
			p.capacity = append(p.capacity, k)
		}
	}
	slices.SortFunc(p.capacity, func(x, y ChannelCapacity) int { return int(x.Channel - y.Channel) })
	var key []byte
	key = binary.LittleEndian.AppendUint32(key, uint32(p.tier))
	for _, l := range p.levels {
		key = binary.LittleEndian.AppendUint16(key, uint16(l))
	}
	for i, k := range p.capacity {
		p.slot[k.Channel] = int8(i)
		key = binary.LittleEndian.AppendUint32(key, uint32(k.Channel)<<16|uint32(uint16(k.Max)))
		key = binary.LittleEndian.AppendUint32(key, uint32(k.Weight))
	}
	if i, ok := e.profileIndex[string(key)]; ok {
		return i
	}
	e.profiles = append(e.profiles, p)
	i := int32(len(e.profiles) - 1)
	e.profileIndex[string(key)] = i
	return i
}

func (e *Engine) groupOf(profile, pool, slice int32) int32 {
	k := groupKey{profile, pool, slice}
	if g, ok := e.groupIndex[k]; ok {
		return g
	}
	pr := &e.profiles[profile]
	e.groups = append(e.groups, group{profile: profile, pool: pool, slice: slice, tier: pr.tier,
		heaps: make([][]agentEntry, len(pr.capacity)*int(orderCount))})
	g := int32(len(e.groups) - 1)
	e.groupIndex[k] = g
	for d := range e.demands {
		e.link(int32(d), g)
	}
	return g
}

func (e *Engine) groupPlace(h []agentEntry, posBase int32, i int, x agentEntry) {
	h[i] = x
	e.agents[x.agent].pos[posBase] = int32(i + 1)
}

func (e *Engine) groupUp(h []agentEntry, pb int32, i int, x agentEntry) {
	for i > 0 {
		p := (i - 1) / 2
		if !x.before(&h[p]) {
			break
		}
		e.groupPlace(h, pb, i, h[p])
		i = p
	}
	e.groupPlace(h, pb, i, x)
}

func (e *Engine) groupDown(h []agentEntry, pb int32, i int, x agentEntry) {
	n := len(h)
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && h[c+1].before(&h[c]) {
			c++
		}
		if !h[c].before(&x) {
			break
		}
		e.groupPlace(h, pb, i, h[c])
		i = c
	}
	e.groupPlace(h, pb, i, x)
}

// keyFor gives the sort key of an agent under an order.
func (e *Engine) keyFor(a *agent, o order) int64 {
	switch o {
	case byBalance:
		return a.idleSince + int64(a.occupancy)*e.w.OccupancyShift
	case byOccupancy:
		return int64(a.occupancy)<<52 | a.idleSince
	default:
		return a.idleSince
	}
}

// reindex puts an agent into, moves it within, or takes it out of the heaps of
// its group, according to the room it has on each channel.
func (e *Engine) reindex(ai int32) {
	a := &e.agents[ai]
	g := &e.groups[a.group]
	pr := &e.profiles[g.profile]
	for s := range pr.capacity {
		room := e.hasRoom(a, pr, s)
		for o := order(0); o < orderCount; o++ {
			if !e.ordersUsed[o] {
				continue
			}
			pb := int32(s)*int32(orderCount) + int32(o)
			h := g.heaps[pb]
			p := int(a.pos[pb])
			switch {
			case room && p == 0:
				x := agentEntry{key: e.keyFor(a, o), load: a.used, agent: ai}
				h = append(h, x)
				e.groupUp(h, pb, len(h)-1, x)
				g.heaps[pb] = h
				if len(h) == 1 {
					e.avail[pr.capacity[s].Channel].set(a.group)
				}
			case room:
				x := agentEntry{key: e.keyFor(a, o), load: a.used, agent: ai}
				if old := h[p-1]; old != x {
					if x.before(&old) {
						e.groupUp(h, pb, p-1, x)
					} else {
						e.groupDown(h, pb, p-1, x)
					}
				}
			case p != 0:
				e.dropFromHeap(g, a.group, pr.capacity[s].Channel, pb, p-1)
			}
		}
	}
}

func (e *Engine) dropFromHeap(g *group, gi, channel, pb int32, i int) {
	h := g.heaps[pb]
	x := h[i]
	e.agents[x.agent].pos[pb] = 0
	last := len(h) - 1
	y := h[last]
	h = h[:last]
	g.heaps[pb] = h
	if i != last {
		if y.before(&x) {
			e.groupUp(h, pb, i, y)
		} else {
			e.groupDown(h, pb, i, y)
		}
	}
	if last == 0 {
		e.avail[channel].clear(gi)
	}
}

// hasRoom says whether an agent can take one more contact on a channel: ready,
// below the channel's maximum, and enough capacity left when the work that the
// channel may interrupt is not counted.
func (e *Engine) hasRoom(a *agent, pr *profile, s int) bool {
	if a.status != Ready {
		return false
	}
	k := &pr.capacity[s]
	if a.count[s] >= k.Max {
		return false
	}
	used := a.used
	if mask := e.interrupts[k.Channel]; mask != 0 {
		for i := range pr.capacity {
			if mask&(1<<uint(pr.capacity[i].Channel)) != 0 {
				used -= int32(a.count[i]) * pr.capacity[i].Weight
			}
		}
	}
	return used+k.Weight <= Whole
}

// regroup moves an agent to the group of its present pool and slice.
func (e *Engine) regroup(ai int32) {
	a := &e.agents[ai]
	to := e.groupOf(a.profile, a.pool, a.slice)
	if to == a.group {
		return
	}
	if a.group != None {
		g := &e.groups[a.group]
		pr := &e.profiles[g.profile]
		for pb, p := range a.pos {
			if p != 0 {
				e.dropFromHeap(g, a.group, pr.capacity[pb/int(orderCount)].Channel, int32(pb), int(p-1))
			}
		}
		g.size--
	}
	a.group = to
	e.groups[to].size++
	e.reindex(ai)
}

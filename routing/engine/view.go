package engine

import "math"

// QueueView is what a floor page shows of a queue now.
type QueueView struct {
	Waiting int32
	Late    int32 // waiting past their due time
	Oldest  int64 // arrival of the one that waits longest, 0 if none
	Weight  int32 // raised weight, permille
}

// AgentView is what an agent does now.
type AgentView struct {
	Status    AgentStatus
	Aux       int16
	Pool      int32
	Slice     int32
	Used      int32 // milli-agents
	Occupancy int32 // permille, as of the last change to idle
	IdleSince int64
	Until     int64 // end of a pause or a grace, 0 if open
	Offers    int32
	Active    int32
	Wrapping  int32
}

// PoolView is the use of a pool now, in milli-agents.
type PoolView struct {
	Open    bool
	Staffed int32
	Free    int32
	InUse   []int32 // by client
	Owed    []bool  // by client: below its guarantee
}

// ContactView is where an open contact is.
type ContactView struct {
	State    string // waiting, offered, active, parked, handed
	Queue    int32
	Agent    int32 // offered, active; None otherwise
	Step     int16
	Place    int32 // waiting: 1 is the head of its lane; 0 otherwise
	Arrived  int64
	Slack    int64 // microseconds until due after credits
	Deadline int64 // next deadline, 0 if none
}

// ViewQueue reads a queue; it looks at every contact waiting in it.
func (e *Engine) ViewQueue(queue int32) (QueueView, bool) {
	if queue < 0 || int(queue) >= len(e.queues) {
		return QueueView{}, false
	}
	v := QueueView{Waiting: e.queues[queue].waiting, Weight: e.queues[queue].raised}
	note := func(c *contact) {
		due := c.due
		if due == 0 {
			due = c.arrived + e.cfg.Queues[queue].Target
		}
		if due < e.now {
			v.Late++
		}
		if v.Oldest == 0 || c.arrived < v.Oldest {
			v.Oldest = c.arrived
		}
	}
	held := v.Waiting
	for i := range e.lanes {
		if l := &e.lanes[i]; l.queue == queue {
			for k := range l.heap {
				note(&e.contacts[l.heap[k].slot])
				held--
			}
		}
	}
	for i := 0; held > 0 && i < len(e.agents); i++ {
		for _, slot := range e.agents[i].held {
			if c := &e.contacts[slot]; c.queue == queue {
				note(c)
				held--
			}
		}
	}
	return v, true
}

// ViewAgent reads an agent.
func (e *Engine) ViewAgent(ai int32) (AgentView, bool) {
	if ai < 0 || int(ai) >= len(e.agents) {
		return AgentView{}, false
	}
	a := &e.agents[ai]
	v := AgentView{Status: a.status, Aux: a.aux, Pool: a.pool, Slice: a.slice, Used: a.used, Occupancy: a.occupancy, IdleSince: a.idleSince, Until: a.until}
	for _, wi := range a.works {
		switch e.works[wi].state {
		case workOffered:
			v.Offers++
		case workActive:
			v.Active++
		default:
			v.Wrapping++
		}
	}
	return v, true
}

// ViewPool reads a pool.
func (e *Engine) ViewPool(pi int32) (PoolView, bool) {
	if pi < 0 || int(pi) >= len(e.pools) {
		return PoolView{}, false
	}
	p := &e.pools[pi]
	v := PoolView{Open: p.open, Staffed: p.staffed * Whole, Free: p.free, InUse: append([]int32(nil), p.inUse...)}
	for cl := range p.inUse {
		v.Owed = append(v.Owed, p.owed(int32(cl)))
	}
	return v, true
}

// ViewContact reads an open contact; it looks at every contact of its lane.
func (e *Engine) ViewContact(id int64) (ContactView, bool) {
	slot, ok := e.byID.get(id)
	if !ok {
		return ContactView{}, false
	}
	c := &e.contacts[slot]
	v := ContactView{State: contactStates[c.state], Queue: c.queue, Agent: None, Step: c.step, Arrived: c.arrived, Slack: c.key - e.now}
	if c.work != None && (c.state == offered || c.state == active) {
		v.Agent, v.Deadline = e.works[c.work].agent, e.works[c.work].deadline
	}
	if pos := e.contactTimer(slot); pos != math.MaxInt64 {
		v.Deadline = pos
	}
	if c.state == waiting && c.lane != None {
		x := laneEntry{key: c.key, seq: c.seq}
		h := e.lanes[c.lane].heap
		v.Place = 1
		for i := range h {
			if h[i].before(&x) {
				v.Place++
			}
		}
	}
	return v, true
}

func (e *Engine) contactTimer(slot int32) int64 {
	t := &e.timers
	if int(slot) >= len(t.pos[contactTimer]) || t.pos[contactTimer][slot] == 0 {
		return math.MaxInt64
	}
	return t.heap[t.pos[contactTimer][slot]-1].at
}

// Names finds positions by name, for the border where strings become integers.
type Names struct {
	Clients, Channels, Skills, Tiers, Pools, Partners, Queues, Intents, Agents map[string]int32
}

// Index makes the name tables of a configuration; of equal names the first counts.
func (cfg *Config) Index() Names {
	return Names{
		Clients:  index(len(cfg.Clients), func(i int) string { return cfg.Clients[i].Name }),
		Channels: index(len(cfg.Channels), func(i int) string { return cfg.Channels[i].Name }),
		Skills:   index(len(cfg.Skills), func(i int) string { return cfg.Skills[i] }),
		Tiers:    index(len(cfg.Tiers), func(i int) string { return cfg.Tiers[i] }),
		Pools:    index(len(cfg.Pools), func(i int) string { return cfg.Pools[i].Name }),
		Partners: index(len(cfg.Partners), func(i int) string { return cfg.Partners[i] }),
		Queues:   index(len(cfg.Queues), func(i int) string { return cfg.Queues[i].Name }),
		Intents:  index(len(cfg.Intents), func(i int) string { return cfg.Intents[i].Name }),
		Agents:   index(len(cfg.Agents), func(i int) string { return cfg.Agents[i].Name }),
	}
}

func index(n int, name func(int) string) map[string]int32 {
	m := make(map[string]int32, n)
	for i := n - 1; i >= 0; i-- {
		m[name(i)] = int32(i)
	}
	return m
}

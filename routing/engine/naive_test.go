package engine

import "slices"

// naive is the obviously correct model: no index, no heap, no sums. Whatever it
// needs to know it finds by looking at everything.
type naive struct {
	cfg      Config
	w        Weights
	now      int64
	contacts []*nContact // open, by arrival
	agents   []*nAgent
	pools    []*nPool
	raised   []int32
	seq, seg int64
	freed    []int
	fresh    []*nContact
	out      []Effect
}

type nContact struct {
	ev               Event
	seq              int64
	arrived, entered int64
	queue            int32
	preferred        int32
	held             bool
	holdUntil, until int64
	state            string
	step, invited    int
	work             *nWork
	excl             []exclusion
	starveSeen       bool
}

type nWork struct {
	segment  int64
	contact  *nContact
	id       int64
	agent    int
	queue    int32
	state    string
	deadline int64
}

type nAgent struct {
	status                         AgentStatus
	ever                           bool
	aux, missed                    int16
	pool, slice                    int32
	idleSince, signedIn, busySince int64
	busyTotal, until               int64
	occupancy                      int32
	works                          []*nWork
	held                           []*nContact
}

type nPool struct {
	open, auto         bool
	since, until, wake int64
	minute             int64
	current, last      int32
}

func newNaive(cfg Config) *naive {
	m := &naive{cfg: cfg, w: cfg.Weights.withDefaults(), seq: 1, seg: 1}
	for i := range cfg.Agents {
		m.agents = append(m.agents, &nAgent{pool: cfg.Agents[i].Pool, slice: cfg.Agents[i].Slice})
	}
	for range cfg.Queues {
		m.raised = append(m.raised, 1000)
	}
	for i := range cfg.Pools {
		p := &nPool{open: !cfg.Pools[i].Reserve}
		m.pools = append(m.pools, p)
		p.wake = m.nextPeak(i)
	}
	return m
}

// --- what is true now, found by looking ---

func (m *naive) queueOf(c *nContact) *Queue { return &m.cfg.Queues[c.queue] }

func (m *naive) key(c *nContact) int64 {
	due := c.ev.Due
	if due == 0 {
		due = c.arrived + m.queueOf(c).Target
	}
	credit := int64(0)
	if m.w.EvenHanded {
		due = c.arrived
	} else {
		k := m.cfg.Clients[m.queueOf(c).Client]
		credit += int64(c.ev.Value) * m.w.ValueCredit / 1000 * int64(orInt32(k.Value, 1000)) / 1000
		credit += int64(c.ev.Urgency) * m.w.UrgencyCredit / 1000 * int64(orInt32(k.Urgency, 1000)) / 1000
		credit += int64(c.ev.Emotion) * m.w.EmotionCredit / 1000
	}
	if !m.w.IgnorePriority {
		credit += int64(c.ev.Priority) * m.w.PriorityCredit
	}
	return due - credit
}

func (m *naive) starveAt(c *nContact) int64 {
	q := m.queueOf(c)
	if q.Starve != 0 {
		return m.key(c) + q.Starve
	}
	return m.key(c) + max(10*Minute, 2*q.Target)
}

func (m *naive) starving(c *nContact) bool { return m.now >= m.starveAt(c) }

func (m *naive) capacity(ai int, channel int32) (ChannelCapacity, bool) {
	for _, k := range m.cfg.Agents[ai].Capacity {
		if k.Channel == channel && k.Max > 0 {
			if k.Weight == 0 {
				k.Weight = 1000 / int32(k.Max)
			}
			return k, true
		}
	}
	return ChannelCapacity{}, false
}

func (m *naive) workWeight(w *nWork) int32 {
	k, _ := m.capacity(w.agent, m.cfg.Queues[w.queue].Channel)
	return k.Weight
}

func (m *naive) used(ai int) int32 {
	sum := int32(0)
	for _, w := range m.agents[ai].works {
		sum += m.workWeight(w)
	}
	return sum
}

func (m *naive) room(ai int, channel int32) bool {
	k, ok := m.capacity(ai, channel)
	if !ok || m.agents[ai].status != Ready {
		return false
	}
	count, used := int16(0), int32(0)
	for _, w := range m.agents[ai].works {
		ch := m.cfg.Queues[w.queue].Channel
		if ch == channel {
			count++
		}
		if !slices.Contains(m.cfg.Channels[channel].Interrupts, ch) {
			used += m.workWeight(w)
		}
	}
	return count < k.Max && used+k.Weight <= 1000
}

func (m *naive) level(ai int, skill int32) int16 {
	for _, s := range m.cfg.Agents[ai].Skills {
		if s.Skill == skill {
			return s.Level
		}
	}
	return -1
}

func (m *naive) needs(c *nContact) []Need {
	out := append([]Need(nil), m.queueOf(c).Needs...)
	if c.ev.Intent == None {
		return out
	}
	for _, n := range m.cfg.Intents[c.ev.Intent].Needs {
		at := slices.IndexFunc(out, func(o Need) bool { return o.Skill == n.Skill })
		if at < 0 {
			out = append(out, n)
			continue
		}
		out[at].MinLevel, out[at].Weight = max(out[at].MinLevel, n.MinLevel), max(out[at].Weight, n.Weight)
	}
	return out
}

// firstStep is the first ladder step that admits the agent, -1 if none does.
func (m *naive) firstStep(ai int, c *nContact) int {
	q, a := m.queueOf(c), m.agents[ai]
	if _, ok := m.capacity(ai, q.Channel); !ok || (a.slice != None && a.slice != q.Client) {
		return -1
	}
	var tiers, pools []int32
	for i, s := range q.Ladder {
		if s.Kind != StepWiden {
			continue
		}
		if len(s.Tiers) > 0 {
			tiers = s.Tiers
		}
		if len(s.Pools) > 0 {
			pools = s.Pools
		}
		ok := slices.Contains(tiers, m.cfg.Agents[ai].Tier) && slices.Contains(pools, a.pool)
		for _, n := range m.needs(c) {
			if l := m.level(ai, n.Skill); l < 0 || l < n.MinLevel-s.Relax {
				ok = false
			}
		}
		if ok {
			return i
		}
	}
	return -1
}

func (m *naive) skill(ai int, c *nContact) int64 {
	sum, total := int64(0), int64(0)
	for _, n := range m.needs(c) {
		w := int64(max(n.Weight, 1))
		total += w
		sum += w * int64(max(m.level(ai, n.Skill), 0))
	}
	if total == 0 {
		return 1000
	}
	return sum * 1000 / (total * 100)
}

func (m *naive) excluded(c *nContact, ai int) bool {
	for _, x := range c.excl {
		if int(x.agent) == ai && x.until > m.now {
			return true
		}
	}
	return false
}

func (m *naive) inUse(pool, client int32) int32 {
	sum := int32(0)
	for ai, a := range m.agents {
		for _, w := range a.works {
			if a.pool == pool && m.cfg.Queues[w.queue].Client == client {
				sum += m.workWeight(m.agents[ai].works[slices.Index(a.works, w)])
			}
		}
	}
	return sum
}

func (m *naive) share(pool, client int32) Share {
	for _, s := range m.cfg.Pools[pool].Shares {
		if s.Client == client {
			return s
		}
	}
	return Share{}
}

func (m *naive) staffed(pool int32) int32 {
	n := int32(0)
	for _, a := range m.agents {
		if a.pool == pool && a.status == Ready {
			n++
		}
	}
	return n
}

func (m *naive) free(pool int32, tier int32) int32 {
	sum := int32(0)
	for ai, a := range m.agents {
		if a.pool == pool && a.status == Ready && (tier < 0 || m.cfg.Agents[ai].Tier == tier) {
			sum += max(0, 1000-m.used(ai))
		}
	}
	return sum
}

func (m *naive) gate(ai int, c *nContact, privileged bool) bool {
	q, a := m.queueOf(c), m.agents[ai]
	if !m.pools[a.pool].open {
		return false
	}
	k, _ := m.capacity(ai, q.Channel)
	s := m.share(a.pool, q.Client)
	mine := m.inUse(a.pool, q.Client)
	if s.Cap > 0 && mine > 0 && mine+k.Weight > m.staffed(a.pool)*s.Cap {
		return false
	}
	if privileged || m.starving(c) {
		return true
	}
	others, all := int32(0), int32(0)
	for cl := range m.cfg.Clients {
		unmet := max(0, m.share(a.pool, int32(cl)).Reserve-m.inUse(a.pool, int32(cl)))
		all += unmet
		if int32(cl) != q.Client {
			others += unmet
		}
	}
	if all > 0 && m.free(a.pool, -1)-k.Weight < others {
		return false
	}
	tier := m.cfg.Agents[ai].Tier
	for _, p := range m.cfg.Pools[a.pool].Protect {
		if p.Tier == tier && p.Keep > 0 && m.firstStep(ai, c) != 0 && m.free(a.pool, tier)-k.Weight < p.Keep {
			return false
		}
	}
	return true
}

func (m *naive) weight(q int32) int64 {
	w := int64(1000)
	if !m.w.EvenHanded {
		w = int64(orInt32(m.cfg.Clients[m.cfg.Queues[q].Client].Penalty, 1000)) * int64(orInt32(m.cfg.Queues[q].Penalty, 1000)) / 1000
	}
	return max(w*int64(m.raised[q])/1000, 1)
}

func (m *naive) rank(c *nContact, pool int32) rankOf {
	r := rankOf{class: ClassNormal, key: m.key(c), seq: c.seq}
	owed := false
	if pool >= 0 {
		g := m.share(pool, m.queueOf(c).Client).Guarantee
		owed = g > 0 && m.inUse(pool, m.queueOf(c).Client) < m.staffed(pool)*g
	}
	if owed && m.w.StrictGuarantee {
		r.class = ClassOwed
	} else if m.starving(c) {
		r.class = ClassStarving
		return r
	} else if owed {
		r.class = ClassOwed
	}
	if x := (m.now - r.key + m.w.Horizon) / 1000; x <= 0 {
		r.score = x
	} else {
		r.score = x * m.weight(c.queue) / 1000
	}
	return r
}

// --- effects ---

func (m *naive) emit(f Effect) *Effect {
	f.At = m.now
	m.out = append(m.out, f)
	return &m.out[len(m.out)-1]
}

func (m *naive) emitContact(kind EffectKind, cause Cause, c *nContact) *Effect {
	return m.emit(Effect{Kind: kind, Cause: cause, Contact: c.ev.Contact, Queue: c.queue, Client: m.queueOf(c).Client,
		Step: int16(c.step), Agent: None, Pool: None, Partner: None})
}

func (m *naive) emitWork(kind EffectKind, cause Cause, w *nWork) *Effect {
	return m.emit(Effect{Kind: kind, Cause: cause, Contact: w.id, Segment: w.segment, Agent: int32(w.agent), Queue: w.queue,
		Client: m.cfg.Queues[w.queue].Client, Pool: m.agents[w.agent].pool, Partner: None})
}

func (m *naive) emitAgent(ai int, cause Cause) {
	a := m.agents[ai]
	m.emit(Effect{Kind: AgentSet, Cause: cause, Agent: int32(ai), Status: a.status, Aux: a.aux, Deadline: a.until, Pool: a.pool, Client: a.slice, Queue: None, Partner: None})
}

// --- work ---

func (m *naive) offer(c *nContact, ai int, cause Cause) {
	m.unwait(c)
	q := m.queueOf(c)
	w := &nWork{segment: m.seg, contact: c, id: c.ev.Contact, agent: ai, queue: c.queue, state: "offered", deadline: m.now + orInt64(q.Ring, 20*Second)}
	m.seg++
	c.state, c.work = "offered", w
	m.agents[ai].works = append(m.agents[ai].works, w)
	f := m.emitWork(Offered, cause, w)
	f.Step, f.Deadline = int16(c.step), w.deadline
	if q.Auto {
		m.accept(w, cause)
	}
}

func (m *naive) busy(ai int) int {
	n := 0
	for _, w := range m.agents[ai].works {
		if w.state != "offered" {
			n++
		}
	}
	return n
}

func (m *naive) accept(w *nWork, cause Cause) {
	if m.busy(w.agent) == 0 {
		m.agents[w.agent].busySince = m.now
	}
	w.state, w.deadline = "active", 0
	w.contact.state, w.contact.excl = "active", nil
	m.agents[w.agent].missed = 0
	m.emitWork(Accepted, cause, w)
}

func (m *naive) release(w *nWork) {
	a := m.agents[w.agent]
	a.works = slices.DeleteFunc(a.works, func(x *nWork) bool { return x == w })
	if w.state != "offered" && m.busy(w.agent) == 0 {
		a.busyTotal += m.now - a.busySince
		a.idleSince, a.occupancy = m.now, 0
		if t := m.now - a.signedIn; t > 0 {
			a.occupancy = int32(a.busyTotal * 1000 / t)
		}
	}
	m.freeAgent(w.agent)
}

func (m *naive) freeAgent(ai int) {
	if m.agents[ai].status == Ready && !slices.Contains(m.freed, ai) {
		m.freed = append(m.freed, ai)
	}
}

func (m *naive) touch(c *nContact) {
	if !slices.Contains(m.fresh, c) {
		m.fresh = append(m.fresh, c)
	}
}

func (m *naive) unwait(c *nContact) {
	if c.held {
		a := m.agents[c.preferred]
		a.held = slices.DeleteFunc(a.held, func(x *nContact) bool { return x == c })
		c.held = false
	}
	c.state = "moving"
}

func (m *naive) mayHold(c *nContact) bool {
	return c.preferred != None && c.holdUntil > m.now && !m.excluded(c, int(c.preferred)) &&
		m.agents[c.preferred].status == Ready && m.firstStep(int(c.preferred), c) >= 0
}

func (m *naive) waiting(queue int32) int32 {
	n := int32(0)
	for _, c := range m.contacts {
		if c.queue == queue && c.state == "waiting" {
			n++
		}
	}
	return n
}

func (m *naive) enqueue(c *nContact, cause Cause) {
	c.state, c.held = "waiting", false
	m.lookAgain(c)
	f := m.emitContact(Queued, cause, c)
	f.Place = m.waiting(c.queue)
	if !m.climb(c) {
		return
	}
	if m.mayHold(c) {
		c.held = true
		m.agents[c.preferred].held = append(m.agents[c.preferred].held, c)
	}
	m.touch(c)
	m.callUp(c.queue)
}

func (m *naive) climb(c *nContact) bool {
	q := m.queueOf(c)
	for c.step+1 < len(q.Ladder) && c.entered+q.Ladder[c.step+1].After <= m.now {
		c.step++
		s := q.Ladder[c.step]
		switch {
		case s.Kind == StepWiden:
			m.emitContact(Widened, ByLimit, c)
		case s.Kind == StepPartner || (s.Kind == StepBot && !c.ev.HumanOnly):
			m.unwait(c)
			c.state, c.until = "handed", m.now+orInt64(s.Lease, 60*Second)
			f := m.emitContact(HandedOver, ByLimit, c)
			f.Deadline = c.until
			if s.Kind == StepPartner {
				f.Partner = s.Partner
			}
			return false
		case s.Kind == StepCallback || (s.Kind == StepMessage && !c.ev.HumanOnly):
			c.invited = c.step
			m.emitContact(Invited, ByLimit, c)
		}
	}
	return true
}

func (m *naive) endWork(w *nWork, cause Cause) {
	limit := m.cfg.Queues[w.queue].WrapLimit
	f := m.emitWork(Ended, cause, w)
	w.contact = nil
	if limit == 0 {
		m.emitWork(Wrapped, cause, w)
		m.release(w)
		return
	}
	w.state, w.deadline = "wrapping", m.now+limit
	f.Deadline = w.deadline
}

func (m *naive) voidOffer(w *nWork, cause Cause) {
	m.emitWork(OfferEnded, cause, w)
	m.release(w)
}

func (m *naive) endOffer(c *nContact, cause Cause) {
	ai, policy := c.work.agent, m.queueOf(c).NoAnswer
	m.voidOffer(c.work, cause)
	c.work = nil
	if int(c.preferred) == ai {
		c.preferred = None
	}
	m.exclude(c, ai, orInt64(policy.Backoff, 30*Second))
	if cause == ByNoAnswer {
		a := m.agents[ai]
		a.missed++
		pause := policy.Pause
		if policy.MaxCount > 0 && a.missed >= policy.MaxCount {
			pause = orInt64(policy.Long, 15*Minute)
		}
		if pause > 0 && a.status == Ready {
			m.setStatus(ai, Paused, a.aux, m.now+pause, ByNoAnswer)
		}
	}
	m.enqueue(c, cause)
}

func (m *naive) exclude(c *nContact, ai int, backoff int64) {
	c.excl = slices.DeleteFunc(c.excl, func(x exclusion) bool { return int(x.agent) == ai || x.until <= m.now })
	if len(c.excl) == maxExclusions {
		c.excl = c.excl[1:]
	}
	c.excl = append(c.excl, exclusion{until: m.now + backoff, agent: int32(ai)})
}

func (m *naive) close(c *nContact, cause Cause) {
	m.emitContact(Closed, cause, c)
	m.contacts = slices.DeleteFunc(m.contacts, func(x *nContact) bool { return x == c })
}

func (m *naive) setStatus(ai int, status AgentStatus, aux int16, until int64, cause Cause) {
	a := m.agents[ai]
	was := a.status
	a.status, a.aux, a.until = status, aux, until
	if status == Ready && (was == Off || !a.ever) {
		a.ever = true
		a.signedIn, a.idleSince, a.busyTotal, a.occupancy, a.missed = m.now, m.now, 0, 0, 0
		if m.busy(ai) > 0 {
			a.busySince = m.now
		}
	} else if status == Ready && was != Ready && was != Paused && m.busy(ai) == 0 {
		a.idleSince = m.now
	}
	if status == Off && m.busy(ai) > 0 {
		a.until = m.now + m.w.Grace
	}
	m.emitAgent(ai, cause)
	if status == Ready {
		m.freeAgent(ai)
		return
	}
	for {
		i := slices.IndexFunc(a.works, func(w *nWork) bool { return w.state == "offered" })
		if i < 0 {
			break
		}
		c := a.works[i].contact
		m.voidOffer(a.works[i], ByAgentGone)
		m.enqueue(c, ByAgentGone)
	}
	m.releaseHeld(ai)
}

func (m *naive) releaseHeld(ai int) {
	for _, c := range slices.Clone(m.agents[ai].held) {
		if !m.mayHold(c) {
			m.unwait(c)
			c.state = "waiting"
			m.lookAgain(c)
			m.touch(c)
		}
	}
}

// lookAgain drops what is past, as everything that sets a contact's deadline anew does.
func (m *naive) lookAgain(c *nContact) {
	c.starveSeen = m.now >= m.starveAt(c)
	c.excl = slices.DeleteFunc(c.excl, func(x exclusion) bool { return x.until <= m.now })
}

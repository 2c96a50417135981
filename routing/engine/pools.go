package engine

// pool is the state of a shared pool; amounts are milli-agents.
type pool struct {
	open     bool
	auto     bool // opened by call-up: may close by itself
	since    int64
	until    int64
	staffed  int32 // ready agents
	free     int32
	freeTier []int32
	inUse    []int32 // by client
	share    []Share // by client
	protect  []int32 // by tier
	unmet    int32   // reserves not yet used by their clients
	gated    bitset  // lanes that a gate of this pool held back
	relieved bool    // sums changed since the lanes were last looked at
	seen     sums    // as of then
	eased    []bool  // scratch, by client: some gate may have opened since then
	minute   int64   // call-up trend: the current minute and its counts
	current  int32
	last     int32
}

// sums are what a pool's gates depend on.
type sums struct {
	open     bool
	staffed  int32
	free     int32
	unmet    int32
	freeTier []int32
	inUse    []int32
}

// ease finds the clients for whom a gate of the pool may have opened since the last
// event was settled.
func (p *pool) ease() {
	s := &p.seen
	all := (p.open && !s.open) || p.staffed > s.staffed
	for t, keep := range p.protect {
		all = all || (keep > 0 && p.freeTier[t] > s.freeTier[t])
	}
	for cl := range p.eased {
		r := p.share[cl].Reserve
		slack := p.free - p.unmet + max(0, r-p.inUse[cl])
		before := s.free - s.unmet + max(0, r-s.inUse[cl])
		p.eased[cl] = all || p.inUse[cl] < s.inUse[cl] || slack > before
	}
}

// note remembers the present sums for the next look.
func (p *pool) note() {
	s := &p.seen
	s.open, s.staffed, s.free, s.unmet = p.open, p.staffed, p.free, p.unmet
	copy(s.freeTier, p.freeTier)
	copy(s.inUse, p.inUse)
	p.relieved = false
}

func (e *Engine) makePools() {
	e.pools = make([]pool, len(e.cfg.Pools))
	for i := range e.pools {
		cp, p := &e.cfg.Pools[i], &e.pools[i]
		p.open = !cp.Reserve
		p.freeTier = make([]int32, len(e.cfg.Tiers))
		p.protect = make([]int32, len(e.cfg.Tiers))
		p.inUse = make([]int32, len(e.cfg.Clients))
		p.share = make([]Share, len(e.cfg.Clients))
		p.eased = make([]bool, len(e.cfg.Clients))
		p.seen = sums{staffed: -1, freeTier: make([]int32, len(e.cfg.Tiers)), inUse: make([]int32, len(e.cfg.Clients))}
		for _, s := range cp.Shares {
			p.share[s.Client] = s
			p.unmet += s.Reserve
		}
		for _, t := range cp.Protect {
			p.protect[t.Tier] = t.Keep
		}
		if len(cp.Shares) > 0 || len(cp.Protect) > 0 {
			e.gates, e.bounded = true, true
		}
		if cp.Reserve {
			e.gates = true
		}
		if cp.Reserve && !cp.CallUp.Disabled {
			for _, q := range cp.CallUp.Queues {
				e.watchers[q] = append(e.watchers[q], int32(i))
			}
			e.timers.set(poolTimer, int32(i), int64(i), e.nextPeak(int32(i)))
		}
	}
}

// use changes how much of the pool a client has.
func (p *pool) use(client, delta int32) {
	r := p.share[client].Reserve
	p.unmet -= max(0, r-p.inUse[client])
	p.inUse[client] += delta
	p.unmet += max(0, r-p.inUse[client])
}

// poolOut takes an agent's part out of its pool's sums before a change.
func (e *Engine) poolOut(a *agent) { e.poolAdd(a, -1) }

// poolIn adds it again after the change.
func (e *Engine) poolIn(a *agent) { e.poolAdd(a, 1) }

func (e *Engine) poolAdd(a *agent, sign int32) {
	p := &e.pools[a.pool]
	for _, wi := range a.works {
		w := &e.works[wi]
		p.use(w.client, sign*w.weight)
	}
	if a.status == Ready {
		p.staffed += sign
		if f := Whole - a.used; f > 0 {
			p.free += sign * f
			p.freeTier[e.profiles[a.profile].tier] += sign * f
		}
	}
	p.relieved = true
}

// verdict is why a pool's gate is open or shut.
type verdict uint8

const (
	gateOpen verdict = iota
	gateShut
	gateCap
	gateReserve
	gateProtect
)

// gate says whether a client may take weight milli-agents of a tier from a pool
// now. Reserves and protection yield to contacts past their age bound, caps do not.
func (e *Engine) gate(p *pool, client, tier, weight int32, home, starving bool) verdict {
	if !p.open {
		return gateShut
	}
	s := &p.share[client]
	if s.Cap > 0 && p.inUse[client] > 0 && p.inUse[client]+weight > p.staffed*s.Cap {
		return gateCap
	}
	if starving {
		return gateOpen
	}
	if p.unmet > 0 && p.free-weight < p.unmet-max(0, s.Reserve-p.inUse[client]) {
		return gateReserve
	}
	if keep := p.protect[tier]; keep > 0 && !home && p.freeTier[tier]-weight < keep {
		return gateProtect
	}
	return gateOpen
}

// owed says whether a client uses less of the pool than its guarantee.
func (p *pool) owed(client int32) bool {
	g := p.share[client].Guarantee
	return g > 0 && p.inUse[client] < p.staffed*g
}

func (e *Engine) setPool(pi int32, open bool, until int64, auto bool, cause Cause) {
	p := &e.pools[pi]
	p.open, p.auto, p.since, p.until = open, auto, e.now, 0
	if open && until > e.now {
		p.until = until
	}
	p.relieved = true
	e.gates = e.gates || !open
	e.emit(Effect{Kind: PoolSet, Cause: cause, Pool: pi, Open: open, Deadline: p.until, Agent: None, Queue: None, Client: None, Partner: None})
	e.timers.set(poolTimer, pi, int64(pi), e.poolWake(pi))
}

// poolWake is the pool's next deadline: the end of a forced opening, the next look
// at an automatic one, or the next expected peak less its lead.
func (e *Engine) poolWake(pi int32) int64 {
	p := &e.pools[pi]
	switch {
	case p.open && p.until > 0:
		return p.until
	case p.open && p.auto:
		return e.now + Minute
	case p.open:
		return 0
	default:
		return e.nextPeak(pi)
	}
}

func (e *Engine) nextPeak(pi int32) int64 {
	cp := &e.cfg.Pools[pi]
	if !cp.Reserve || cp.CallUp.Disabled {
		return 0
	}
	at := int64(0)
	for _, k := range cp.CallUp.Peaks {
		if t := max(k.From-cp.CallUp.Lead, 1); k.To > e.now && (at == 0 || t < at) {
			at = t
		}
	}
	return at
}

func (e *Engine) peakOn(cu *CallUp) bool {
	for _, k := range cu.Peaks {
		if k.From-cu.Lead <= e.now && e.now < k.To {
			return true
		}
	}
	return false
}

func (e *Engine) watchedWaiting(cu *CallUp) int32 {
	n := int32(0)
	for _, q := range cu.Queues {
		n += e.queues[q].waiting
	}
	return n
}

// noteArrival counts arrivals per minute for the pools that watch the queue.
func (e *Engine) noteArrival(q int32) {
	for _, pi := range e.watchers[q] {
		p := &e.pools[pi]
		e.rollMinute(p)
		p.current++
	}
}

func (e *Engine) rollMinute(p *pool) {
	m := e.now / Minute
	if m == p.minute {
		return
	}
	p.last = 0
	if m == p.minute+1 {
		p.last = p.current
	}
	p.minute, p.current = m, 0
}

// callUp opens the reserve pools that watch a queue when their rule says so.
func (e *Engine) callUp(q int32) {
	for _, pi := range e.watchers[q] {
		p := &e.pools[pi]
		if p.open {
			continue
		}
		if cause := e.wanted(pi); cause != ByNothing {
			e.setPool(pi, true, 0, true, cause)
		}
	}
}

// wanted says why a reserve pool should be open now.
func (e *Engine) wanted(pi int32) Cause {
	cu, p := &e.cfg.Pools[pi].CallUp, &e.pools[pi]
	e.rollMinute(p)
	switch {
	case cu.Disabled:
		return ByNothing
	case e.peakOn(cu):
		return ByPeak
	case cu.Waiting > 0 && e.watchedWaiting(cu) >= cu.Waiting:
		return ByBacklog
	case cu.PerMin > 0 && max(p.last, p.current) >= cu.PerMin:
		return ByTrend
	}
	return ByNothing
}

func (e *Engine) poolDue(pi int32) {
	p, cu := &e.pools[pi], &e.cfg.Pools[pi].CallUp
	switch {
	case !p.open:
		if cause := e.wanted(pi); cause != ByNothing {
			e.setPool(pi, true, 0, true, cause)
			return
		}
	case p.until > 0 && p.until <= e.now:
		e.setPool(pi, false, 0, false, ByExpired)
		return
	case p.auto && e.wanted(pi) == ByNothing && e.watchedWaiting(cu) <= cu.CloseAt && e.now-p.since >= orInt64(cu.MinOpen, 10*Minute):
		e.setPool(pi, false, 0, false, ByCalm)
		return
	}
	at := e.poolWake(pi)
	if at != 0 && at <= e.now {
		at = e.now + Minute
	}
	e.timers.set(poolTimer, pi, int64(pi), at)
}

package simulation

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"muster/routing/engine"
	"muster/tenants/fault"
)

// model is a checked scenario: the engine's configuration and the dense tables of
// everything the engine does not know.
type model struct {
	sc        Scenario
	cfg       engine.Config
	start     int64
	interval  int64
	horizon   int64
	intervals int
	queues    []queueModel
	agents    []agentModel
	partners  []Partner
	lateCost  []float64
}

type queueModel struct {
	arrivals                                                    []float64
	trace                                                       []Traced
	dayCV                                                       float64
	handle, wrap, patience, answer, redialDelay, value, urgency dist
	misses, redials, high, takesInvite, botSettles, skillEffect float64
	highLevel                                                   int16
	target                                                      int64
	client                                                      int32
	level                                                       []float64 // by agent: mean level on the needs, 0..1
}

type agentModel struct {
	name     string
	cost     float64 // per microsecond
	segments []segment
	slice    int32
}

// segment is a stretch of an agent's day.
type segment struct {
	from, to int64
	work     bool
	aux      int16
	client   int32
}

type compiler struct {
	m   *model
	err error
}

func micros(s float64) int64 { return int64(math.Round(s * 1e6)) }

func (c *compiler) fail(code, format string, args ...any) {
	if c.err == nil {
		c.err = fault.Newf(fault.Invalid, "simulation."+code, format, args...)
	}
}

func index(c *compiler, kind string, names []string, name, where string) int32 {
	if i := slices.Index(names, name); i >= 0 {
		return int32(i)
	}
	known := names
	if len(known) > 20 {
		known = known[:20]
	}
	c.fail("unknown_name", "%s names %s %q, which is not there; known: %s", where, kind, name, strings.Join(known, ", "))
	return 0
}

func (c *compiler) probability(where string, ps ...float64) {
	for _, p := range ps {
		if math.IsNaN(p) || p < 0 || p > 1 {
			c.fail("bad_probability", "%s: %v is not a probability between 0 and 1", where, p)
		}
	}
}

func (c *compiler) seconds(where string, vs ...float64) {
	for _, v := range vs {
		if math.IsNaN(v) || v < 0 || v > 1e9 {
			c.fail("bad_seconds", "%s: %v is not a number of seconds between 0 and 1e9", where, v)
		}
	}
}

func (c *compiler) dist(d Dist, where string) dist {
	x, err := compileDist(d, where)
	if err != nil && c.err == nil {
		c.err = err
	}
	return x
}

func namesOf[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = name(list[i])
	}
	return out
}

// WithDefaults fills start, interval, seed and replications where they are left open.
func (sc Scenario) WithDefaults() Scenario {
	if sc.Start.IsZero() {
		sc.Start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	}
	if sc.IntervalS == 0 {
		sc.IntervalS = 900
	}
	if sc.Seed == 0 {
		sc.Seed = 1
	}
	if sc.Replications == 0 {
		sc.Replications = 50
	}
	return sc
}

// compile checks the scenario and resolves its names.
func compile(sc Scenario) (*model, error) {
	sc = sc.WithDefaults()
	m := &model{sc: sc, start: sc.Start.UnixMicro(), interval: micros(sc.IntervalS), intervals: sc.Intervals}
	c := &compiler{m: m}
	c.limits(&sc)
	if c.err != nil {
		return nil, c.err
	}
	m.horizon = m.start + int64(sc.Intervals)*m.interval
	mode := sc.Reasons
	if mode == "" {
		mode = "off"
	}
	reasons, err := engine.ParseReasonMode(mode)
	if err != nil {
		return nil, err
	}
	clients := namesOf(sc.Clients, func(x Client) string { return x.Name })
	channels := namesOf(sc.Channels, func(x Channel) string { return x.Name })
	pools := namesOf(sc.Pools, func(x Pool) string { return x.Name })
	queues := namesOf(sc.Queues, func(x Queue) string { return x.Name })
	partners := namesOf(sc.Partners, func(x Partner) string { return x.Name })
	for _, l := range []struct {
		kind  string
		names []string
	}{{"client", clients}, {"channel", channels}, {"pool", pools}, {"queue", queues}, {"partner", partners}, {"skill", sc.Skills}, {"tier", sc.Tiers}} {
		c.unique(l.kind, l.names)
	}
	m.cfg = engine.Config{Skills: sc.Skills, Tiers: sc.Tiers, Partners: partners, Reasons: reasons, Weights: sc.Weights.weights()}
	for i, x := range sc.Clients {
		m.cfg.Clients = append(m.cfg.Clients, engine.Client{Name: x.Name, Penalty: x.PenaltyPermille, Value: x.ValuePermille, Urgency: x.UrgencyPermille})
		m.lateCost = append(m.lateCost, sc.Clients[i].LateCost)
	}
	for _, x := range sc.Channels {
		ch := engine.Channel{Name: x.Name, Async: x.Async}
		for _, n := range x.Interrupts {
			ch.Interrupts = append(ch.Interrupts, index(c, "channel", channels, n, "channel "+x.Name))
		}
		m.cfg.Channels = append(m.cfg.Channels, ch)
	}
	for _, x := range sc.Partners {
		c.probability("partner "+x.Name, x.Accepts)
		c.seconds("partner "+x.Name, x.DelayS)
		m.partners = append(m.partners, x)
	}
	for _, x := range sc.Pools {
		m.cfg.Pools = append(m.cfg.Pools, c.pool(x, clients, queues))
	}
	for _, x := range sc.Queues {
		c.queue(x, clients, channels, pools, partners)
	}
	for _, x := range sc.Agents {
		c.agent(x, clients, channels, pools)
	}
	if c.err != nil {
		return nil, c.err
	}
	if err := m.cfg.Validate(); err != nil {
		return nil, err
	}
	m.levels()
	return m, nil
}

func (c *compiler) limits(sc *Scenario) {
	c.seconds("interval_s", sc.IntervalS)
	if sc.IntervalS < 1 || sc.Intervals < 1 || sc.Intervals > 100_000 {
		c.fail("bad_intervals", "%d intervals of %v s; at least one of at least 1 s is needed, at most 100000 are allowed", sc.Intervals, sc.IntervalS)
	}
	if sc.WarmUp < 0 || sc.WarmUp >= max(sc.Intervals, 1) {
		c.fail("bad_warm_up", "warm_up %d leaves nothing of %d intervals", sc.WarmUp, sc.Intervals)
	}
	if sc.Replications < 1 || sc.Replications > 100_000 {
		c.fail("bad_replications", "%d replications; between 1 and 100000 are allowed", sc.Replications)
	}
	if sc.DayFactor < 0 || sc.DayFactor > 5 || math.IsNaN(sc.DayFactor) {
		c.fail("bad_day_cv", "day_cv %v; it must lie between 0 and 5", sc.DayFactor)
	}
	c.seconds("adherence", sc.Adherence.ShiftS)
	c.probability("adherence", sc.Adherence.Absent)
}

func (c *compiler) unique(kind string, names []string) {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if n == "" || seen[n] {
			c.fail("duplicate_name", "%s name %q is empty or there twice; every %s needs its own name", kind, n, kind)
		}
		seen[n] = true
	}
}

func (w WeightsFile) weights() engine.Weights {
	return engine.Weights{PriorityCredit: micros(w.PriorityCreditS), ValueCredit: micros(w.ValueCreditS),
		UrgencyCredit: micros(w.UrgencyCreditS), EmotionCredit: micros(w.EmotionCreditS), Horizon: micros(w.HorizonS),
		Skill: w.Skill, Fit: w.Fit, Load: w.Load, Idle: w.Idle, IdleCap: micros(w.IdleCapS), Grace: micros(w.GraceS), ValueSkill: w.ValueSkill, EvenHanded: w.EvenHanded,
		IgnorePriority: w.IgnorePriority, StrictGuarantee: w.StrictGuarantee, OccupancyShift: int64(w.OccupancyShiftMS * 1000)}
}

func (c *compiler) pool(x Pool, clients, queues []string) engine.Pool {
	where := "pool " + x.Name
	p := engine.Pool{Name: x.Name, Reserve: x.Reserve}
	for _, s := range x.Shares {
		p.Shares = append(p.Shares, engine.Share{Client: index(c, "client", clients, s.Client, where), Guarantee: s.GuaranteePermille,
			Reserve: s.ReserveAgents * engine.Whole, Cap: s.CapPermille})
	}
	for _, t := range x.Protect {
		p.Protect = append(p.Protect, engine.Protect{Tier: index(c, "tier", c.m.cfg.Tiers, t.Tier, where), Keep: t.Agents * engine.Whole})
	}
	u := x.CallUp
	c.seconds(where, u.LeadS, u.MinOpenS)
	p.CallUp = engine.CallUp{Waiting: u.Waiting, PerMin: u.PerMinute, Lead: micros(u.LeadS), MinOpen: micros(u.MinOpenS), CloseAt: u.CloseAt}
	for _, q := range u.Queues {
		p.CallUp.Queues = append(p.CallUp.Queues, index(c, "queue", queues, q, where))
	}
	for _, k := range u.Peaks {
		c.seconds(where, k.FromS, k.ToS)
		p.CallUp.Peaks = append(p.CallUp.Peaks, engine.Peak{From: c.m.start + micros(k.FromS), To: c.m.start + micros(k.ToS)})
	}
	return p
}

func (c *compiler) queue(x Queue, clients, channels, pools, partners []string) {
	where := "queue " + x.Name
	m := c.m
	c.seconds(where, x.TargetS, x.RingS, x.WrapLimitS, x.StarveS, x.HoldS, x.NoAnswer.BackoffS, x.NoAnswer.PauseS, x.NoAnswer.LongS)
	c.probability(where, x.Misses, x.Redials, x.High, x.TakesInvite, x.BotSettles)
	strategy := engine.Balanced
	if x.Strategy != "" {
		s, err := engine.ParseStrategy(x.Strategy)
		if err != nil && c.err == nil {
			c.err = err
		}
		strategy = s
	}
	q := engine.Queue{Name: x.Name, Client: index(c, "client", clients, x.Client, where), Channel: index(c, "channel", channels, x.Channel, where),
		Target: micros(x.TargetS), Ring: micros(x.RingS), WrapLimit: micros(x.WrapLimitS), Starve: micros(x.StarveS), Hold: micros(x.HoldS),
		Penalty: x.PenaltyPermille, Strategy: strategy, Auto: x.Auto,
		NoAnswer: engine.NoAnswer{Backoff: micros(x.NoAnswer.BackoffS), Pause: micros(x.NoAnswer.PauseS), MaxCount: x.NoAnswer.MaxCount, Long: micros(x.NoAnswer.LongS)}}
	if q.WrapLimit == 0 && x.Wrap.Kind != "" {
		q.WrapLimit = engine.Hour
	}
	for _, n := range x.Needs {
		q.Needs = append(q.Needs, engine.Need{Skill: index(c, "skill", m.sc.Skills, n.Skill, where), MinLevel: n.MinLevel, Weight: n.Weight})
	}
	kinds := map[string]engine.StepKind{"": engine.StepWiden, "widen": engine.StepWiden, "partner": engine.StepPartner,
		"bot": engine.StepBot, "callback": engine.StepCallback, "message": engine.StepMessage}
	for _, s := range x.Ladder {
		kind, ok := kinds[s.Kind]
		if !ok {
			c.fail("unknown_step", "%s: step kind %q is not known; allowed: bot, callback, message, partner, widen", where, s.Kind)
		}
		c.seconds(where, s.AfterS, s.LeaseS)
		st := engine.Step{After: micros(s.AfterS), Kind: kind, Relax: s.Relax, Lease: micros(s.LeaseS)}
		for _, t := range s.Tiers {
			st.Tiers = append(st.Tiers, index(c, "tier", m.sc.Tiers, t, where))
		}
		for _, p := range s.Pools {
			st.Pools = append(st.Pools, index(c, "pool", pools, p, where))
		}
		if kind == engine.StepPartner {
			st.Partner = index(c, "partner", partners, s.Partner, where)
		}
		q.Ladder = append(q.Ladder, st)
	}
	m.cfg.Queues = append(m.cfg.Queues, q)
	for _, a := range x.Arrivals {
		if math.IsNaN(a) || a < 0 || a > 1e7 {
			c.fail("bad_arrivals", "%s: %v contacts in an interval; a number between 0 and 1e7 is needed", where, a)
		}
	}
	if len(x.Arrivals) > m.intervals {
		c.fail("bad_arrivals", "%s has %d arrival intervals, the scenario %d", where, len(x.Arrivals), m.intervals)
	}
	if len(x.Trace) > 0 && len(x.Arrivals) > 0 {
		c.fail("bad_arrivals", "%s has arrivals and a trace; give one of them", where)
	}
	for i, a := range x.Trace {
		c.seconds(where, a.AtS, a.HandleS, a.PatienceS)
		if (i > 0 && a.AtS < x.Trace[i-1].AtS) || m.start+micros(a.AtS) >= m.horizon {
			c.fail("bad_trace", "%s: traced contact %d at %v s comes before the one ahead of it or after the last interval", where, i, a.AtS)
		}
	}
	patience := x.Patience
	if patience.Kind == "" {
		patience.Kind = "never"
	}
	m.queues = append(m.queues, queueModel{arrivals: x.Arrivals, trace: x.Trace, dayCV: x.DayFactor, target: q.Target, client: q.Client,
		handle: c.dist(x.Handle, where+" handle"), wrap: c.dist(x.Wrap, where+" wrap"), patience: c.dist(patience, where+" patience"),
		answer: c.dist(x.Answer, where+" answer"), redialDelay: c.dist(x.RedialDelay, where+" redial_delay"),
		value: c.dist(x.Value, where+" value"), urgency: c.dist(x.Urgency, where+" urgency"),
		misses: x.Misses, redials: x.Redials, high: x.High, highLevel: x.HighLevel, takesInvite: x.TakesInvite,
		botSettles: x.BotSettles, skillEffect: x.SkillEffect})
}

func (c *compiler) agent(x Agent, clients, channels, pools []string) {
	where := "agent " + x.Name
	m := c.m
	if x.Count < 0 || len(m.agents)+x.Count > 1_000_000 {
		c.fail("bad_count", "%s: count %d; at most a million agents are allowed", where, x.Count)
		return
	}
	if x.HourlyCost < 0 || math.IsNaN(x.HourlyCost) {
		c.fail("bad_cost", "%s: hourly cost %v", where, x.HourlyCost)
	}
	a := engine.Agent{Name: x.Name, Pool: index(c, "pool", pools, x.Pool, where), Tier: index(c, "tier", m.sc.Tiers, x.Tier, where), Slice: engine.None}
	for _, s := range x.Skills {
		a.Skills = append(a.Skills, engine.SkillLevel{Skill: index(c, "skill", m.sc.Skills, s.Skill, where), Level: s.Level})
	}
	for _, k := range x.Capacity {
		a.Capacity = append(a.Capacity, engine.ChannelCapacity{Channel: index(c, "channel", channels, k.Channel, where), Max: k.Max, Weight: k.WeightPermille})
	}
	if len(x.Capacity) == 0 {
		for i := range channels {
			a.Capacity = append(a.Capacity, engine.ChannelCapacity{Channel: int32(i), Max: 1, Weight: engine.Whole})
		}
	}
	am := agentModel{cost: x.HourlyCost / float64(engine.Hour), slice: engine.None}
	for i, s := range x.Activities {
		c.seconds(where, s.FromS, s.ToS)
		seg := segment{from: m.start + micros(s.FromS), to: m.start + micros(s.ToS), work: s.Kind == "work", client: engine.None, aux: int16(auxOf(s.Kind))}
		if seg.to <= seg.from || (i > 0 && s.FromS < x.Activities[i-1].ToS) {
			c.fail("bad_activity", "%s: activity %d (%v to %v s) is empty or overlaps the one before; sort them by time", where, i, s.FromS, s.ToS)
		}
		if s.Kind == "" {
			c.fail("bad_activity", "%s: activity %d has no kind", where, i)
		}
		if s.Client != "" {
			seg.client = index(c, "client", clients, s.Client, where)
		}
		am.segments = append(am.segments, seg)
	}
	if len(x.Activities) == 0 {
		am.segments = []segment{{from: m.start, to: math.MaxInt64, work: true, client: engine.None}}
	}
	for i := range max(x.Count, 1) {
		am.name = x.Name
		if x.Count > 1 {
			am.name = fmt.Sprintf("%s-%d", x.Name, i+1)
		}
		a.Name = am.name
		m.cfg.Agents = append(m.cfg.Agents, a)
		m.agents = append(m.agents, am)
	}
}

// Aux codes of states in records.
const (
	AuxNone int = iota
	AuxBreak
	AuxMeal
	AuxTraining
	AuxMeeting
	AuxOther
)

func auxOf(kind string) int {
	switch kind {
	case "work":
		return AuxNone
	case "break":
		return AuxBreak
	case "meal":
		return AuxMeal
	case "training":
		return AuxTraining
	case "meeting":
		return AuxMeeting
	}
	return AuxOther
}

// levels works out each agent's mean level on each queue's needs where the queue's
// handle time depends on it.
func (m *model) levels() {
	for qi := range m.queues {
		if m.queues[qi].skillEffect == 0 {
			continue
		}
		needs := m.cfg.Queues[qi].Needs
		m.queues[qi].level = make([]float64, len(m.agents))
		for ai := range m.agents {
			sum, total := 0.0, 0.0
			for _, n := range needs {
				w := float64(max(n.Weight, 1))
				total += w
				for _, s := range m.cfg.Agents[ai].Skills {
					if s.Skill == n.Skill {
						sum += w * float64(s.Level) / engine.MaxLevel
					}
				}
			}
			m.queues[qi].level[ai] = 1
			if total > 0 {
				m.queues[qi].level[ai] = sum / total
			}
		}
	}
}

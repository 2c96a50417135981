package engine

import (
	"fmt"

	"muster/tenants/fault"
)

// Limits of a configuration.
const (
	maxPermille    = 1000
	maxFactor      = 100_000 // permille: a hundredfold weight
	maxSteps       = 32
	defaultRing    = 20 * Second
	defaultBackoff = 30 * Second
	defaultPause   = 15 * Minute
	defaultLease   = 60 * Second
)

type checker struct {
	cfg *Config
	err error
}

func (c *checker) fail(code, format string, args ...any) {
	if c.err == nil {
		c.err = fault.Newf(fault.Invalid, "routing."+code, format, args...)
	}
}

func (c *checker) ref(what string, i int32, n int, owner string) {
	if i < 0 || int(i) >= n {
		c.fail("unknown_reference", "%s names %s %d; there are %d, numbered from 0", owner, what, i, n)
	}
}

func (c *checker) nonNegative(owner, what string, vs ...int64) {
	for _, v := range vs {
		if v < 0 {
			c.fail("negative_value", "%s: %s is %d; it must not be negative", owner, what, v)
		}
	}
}

func (c *checker) permille(owner, what string, v int32) {
	if v < 0 || v > maxPermille {
		c.fail("not_permille", "%s: %s is %d; it must lie between 0 and 1000 (permille)", owner, what, v)
	}
}

// Validate checks the configuration; the error is a *fault.Error of kind Invalid
// that names the entity, the value and the cure.
func (cfg *Config) Validate() error {
	c := &checker{cfg: cfg}
	for i := range cfg.Clients {
		k := &cfg.Clients[i]
		c.nonNegative("client "+k.Name, "penalty, value or urgency", int64(k.Penalty), int64(k.Value), int64(k.Urgency))
		if k.Value > maxFactor || k.Urgency > maxFactor {
			c.fail("factor_too_large", "client %s: value %d and urgency %d permille; at most %d are allowed", k.Name, k.Value, k.Urgency, maxFactor)
		}
	}
	for i := range cfg.Channels {
		for _, j := range cfg.Channels[i].Interrupts {
			c.ref("channel", j, len(cfg.Channels), "channel "+cfg.Channels[i].Name)
		}
	}
	if len(cfg.Channels) > 64 {
		c.fail("too_many", "%d channels; at most 64 are allowed", len(cfg.Channels))
	}
	for i := range cfg.Pools {
		c.pool(&cfg.Pools[i])
	}
	for i := range cfg.Intents {
		c.needs("intent "+cfg.Intents[i].Name, cfg.Intents[i].Needs)
	}
	for i := range cfg.Queues {
		c.queue(&cfg.Queues[i])
	}
	for i := range cfg.Agents {
		c.agent(&cfg.Agents[i])
	}
	c.weights(&cfg.Weights)
	if int(cfg.Reasons) >= len(reasonNames) {
		c.fail("unknown_reason_mode", "reason mode %d is not known; allowed: 0 off, 1 sampled, 2 full", cfg.Reasons)
	}
	return c.err
}

func (c *checker) weights(w *Weights) {
	c.nonNegative("weights", "a weight", w.PriorityCredit, w.ValueCredit, w.UrgencyCredit, w.EmotionCredit, w.Horizon,
		int64(w.Skill), int64(w.Fit), int64(w.Load), int64(w.Idle), w.IdleCap, w.OccupancyShift, int64(w.ValueSkill), w.Grace)
}

func (c *checker) needs(owner string, needs []Need) {
	for _, n := range needs {
		c.ref("skill", n.Skill, len(c.cfg.Skills), owner)
		if n.MinLevel < 0 || n.MinLevel > MaxLevel {
			c.fail("bad_level", "%s: level %d; levels run from 0 to %d", owner, n.MinLevel, MaxLevel)
		}
		c.nonNegative(owner, "skill weight", int64(n.Weight))
	}
}

func (c *checker) pool(p *Pool) {
	owner := "pool " + p.Name
	guaranteed := int32(0)
	for i, s := range p.Shares {
		c.ref("client", s.Client, len(c.cfg.Clients), owner)
		c.permille(owner, "guarantee", s.Guarantee)
		c.permille(owner, "cap", s.Cap)
		c.nonNegative(owner, "reserve", int64(s.Reserve))
		if s.Cap > 0 && s.Cap < s.Guarantee {
			c.fail("cap_below_guarantee", "%s: the cap %d of client %d lies below its guarantee %d; raise the cap or lower the guarantee",
				owner, s.Cap, s.Client, s.Guarantee)
		}
		for _, o := range p.Shares[:i] {
			if o.Client == s.Client {
				c.fail("duplicate_share", "%s: client %d has two shares; keep one", owner, s.Client)
			}
		}
		guaranteed += s.Guarantee
	}
	if guaranteed > maxPermille {
		c.fail("guarantees_exceed_pool", "%s: the guarantees add up to %d permille; at most 1000 can be kept", owner, guaranteed)
	}
	for _, t := range p.Protect {
		c.ref("tier", t.Tier, len(c.cfg.Tiers), owner)
		c.nonNegative(owner, "protected agents", int64(t.Keep))
	}
	for _, q := range p.CallUp.Queues {
		c.ref("queue", q, len(c.cfg.Queues), owner)
	}
	for _, k := range p.CallUp.Peaks {
		if k.To <= k.From {
			c.fail("bad_peak", "%s: a peak ends at %d, not after its start %d", owner, k.To, k.From)
		}
	}
	c.nonNegative(owner, "call-up value", int64(p.CallUp.Waiting), int64(p.CallUp.PerMin), p.CallUp.Lead, p.CallUp.MinOpen, int64(p.CallUp.CloseAt))
}

func (c *checker) queue(q *Queue) {
	owner := "queue " + q.Name
	c.ref("client", q.Client, len(c.cfg.Clients), owner)
	c.ref("channel", q.Channel, len(c.cfg.Channels), owner)
	c.needs(owner, q.Needs)
	c.nonNegative(owner, "a duration or penalty", q.Target, q.Ring, q.WrapLimit, q.Starve, q.Hold, int64(q.Penalty),
		q.NoAnswer.Backoff, q.NoAnswer.Pause, q.NoAnswer.Long, int64(q.NoAnswer.MaxCount))
	if int(q.Strategy) >= len(strategyNames) {
		c.fail("unknown_strategy", "%s: strategy %d is not known", owner, q.Strategy)
	}
	if len(q.Ladder) == 0 || q.Ladder[0].Kind != StepWiden || q.Ladder[0].After != 0 ||
		len(q.Ladder[0].Pools) == 0 || len(q.Ladder[0].Tiers) == 0 {
		c.fail("bad_ladder", "%s: the ladder must start with a widen step at 0 that names tiers and pools", owner)
		return
	}
	if len(q.Ladder) > maxSteps {
		c.fail("bad_ladder", "%s: %d steps; at most %d are allowed", owner, len(q.Ladder), maxSteps)
	}
	ring := orInt64(q.Ring, defaultRing)
	for i, s := range q.Ladder {
		where := fmt.Sprintf("%s, step %d", owner, i)
		if int(s.Kind) >= len(stepNames) {
			c.fail("unknown_step", "%s: kind %d is not known", where, s.Kind)
		}
		for _, t := range s.Tiers {
			c.ref("tier", t, len(c.cfg.Tiers), where)
		}
		for _, p := range s.Pools {
			c.ref("pool", p, len(c.cfg.Pools), where)
		}
		if s.Kind == StepPartner {
			c.ref("partner", s.Partner, len(c.cfg.Partners), where)
		}
		c.nonNegative(where, "relax or lease", int64(s.Relax), s.Lease)
		if i > 0 && s.After-q.Ladder[i-1].After < ring && !q.Auto {
			c.fail("step_shorter_than_ring", "%s comes %d ms after the one before, but an offer rings %d ms: "+
				"the step would be over before the first agent could answer; lengthen the step or shorten the ring",
				where, (s.After-q.Ladder[i-1].After)/1000, ring/1000)
		}
		if i > 0 && s.After <= q.Ladder[i-1].After {
			c.fail("bad_ladder", "%s does not come after the one before", where)
		}
	}
}

func (c *checker) agent(a *Agent) {
	owner := "agent " + a.Name
	c.ref("pool", a.Pool, len(c.cfg.Pools), owner)
	c.ref("tier", a.Tier, len(c.cfg.Tiers), owner)
	if a.Slice != None {
		c.ref("client", a.Slice, len(c.cfg.Clients), owner)
	}
	for i, s := range a.Skills {
		c.ref("skill", s.Skill, len(c.cfg.Skills), owner)
		if s.Level < 0 || s.Level > MaxLevel {
			c.fail("bad_level", "%s: level %d; levels run from 0 to %d", owner, s.Level, MaxLevel)
		}
		for _, o := range a.Skills[:i] {
			if o.Skill == s.Skill {
				c.fail("duplicate_skill", "%s has skill %d twice", owner, s.Skill)
			}
		}
	}
	for i, k := range a.Capacity {
		c.ref("channel", k.Channel, len(c.cfg.Channels), owner)
		if k.Max < 0 || k.Weight < 0 || k.Weight > Whole {
			c.fail("bad_capacity", "%s: at most %d contacts of %d milli-agents each; the weight must lie between 0 and 1000",
				owner, k.Max, k.Weight)
		}
		for _, o := range a.Capacity[:i] {
			if o.Channel == k.Channel {
				c.fail("duplicate_capacity", "%s has two capacities for channel %d", owner, k.Channel)
			}
		}
	}
}

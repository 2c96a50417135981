package simulation

import (
	"math"
	"slices"

	"muster/routing/engine"
)

// FromConfig gives the scenario whose policies are those of a configuration:
// clients, channels, skills, tiers, pools, partners, queues with their ladders, and
// agents. Demand, handle times, patience, the agents' activities and the horizon are
// the caller's. A pool that does not open by itself is closed throughout; expected
// peaks are left out, since they belong to a day. Compiling the scenario gives the
// configuration back.
func FromConfig(cfg *engine.Config) Scenario {
	w := cfg.Weights
	sc := Scenario{Skills: slices.Clone(cfg.Skills), Tiers: slices.Clone(cfg.Tiers),
		Weights: WeightsFile{PriorityCreditS: inSeconds(w.PriorityCredit), ValueCreditS: inSeconds(w.ValueCredit), UrgencyCreditS: inSeconds(w.UrgencyCredit), EmotionCreditS: inSeconds(w.EmotionCredit), HorizonS: inSeconds(w.Horizon),
			Skill: w.Skill, Fit: w.Fit, Load: w.Load, Idle: w.Idle, IdleCapS: inSeconds(w.IdleCap), GraceS: inSeconds(w.Grace), ValueSkill: w.ValueSkill,
			EvenHanded: w.EvenHanded, IgnorePriority: w.IgnorePriority, StrictGuarantee: w.StrictGuarantee, OccupancyShiftMS: float64(w.OccupancyShift) / 1000}}
	for _, c := range cfg.Clients {
		sc.Clients = append(sc.Clients, Client{Name: c.Name, PenaltyPermille: c.Penalty, ValuePermille: c.Value, UrgencyPermille: c.Urgency})
	}
	for _, c := range cfg.Channels {
		out := Channel{Name: c.Name, Async: c.Async}
		for _, i := range c.Interrupts {
			out.Interrupts = append(out.Interrupts, cfg.Channels[i].Name)
		}
		sc.Channels = append(sc.Channels, out)
	}
	for _, p := range cfg.Partners {
		sc.Partners = append(sc.Partners, Partner{Name: p})
	}
	for i := range cfg.Pools {
		sc.Pools = append(sc.Pools, poolOf(cfg, &cfg.Pools[i]))
	}
	for i := range cfg.Queues {
		sc.Queues = append(sc.Queues, queueOf(cfg, &cfg.Queues[i]))
	}
	for i := range cfg.Agents {
		a := &cfg.Agents[i]
		out := Agent{Name: a.Name, Pool: cfg.Pools[a.Pool].Name, Tier: cfg.Tiers[a.Tier]}
		for _, k := range a.Skills {
			out.Skills = append(out.Skills, SkillLevel{Skill: cfg.Skills[k.Skill], Level: k.Level})
		}
		for _, k := range a.Capacity {
			out.Capacity = append(out.Capacity, Capacity{Channel: cfg.Channels[k.Channel].Name, Max: k.Max, WeightPermille: k.Weight})
		}
		sc.Agents = append(sc.Agents, out)
	}
	return sc
}

func inSeconds(micros int64) float64 { return float64(micros) / 1e6 }

func poolOf(cfg *engine.Config, p *engine.Pool) Pool {
	out := Pool{Name: p.Name, Reserve: p.Reserve}
	for _, s := range p.Shares {
		out.Shares = append(out.Shares, Share{Client: cfg.Clients[s.Client].Name, GuaranteePermille: s.Guarantee, ReserveAgents: s.Reserve / engine.Whole, CapPermille: s.Cap})
	}
	for _, t := range p.Protect {
		out.Protect = append(out.Protect, Protect{Tier: cfg.Tiers[t.Tier], Agents: t.Keep / engine.Whole})
	}
	if u := p.CallUp; !u.Disabled {
		out.CallUp = CallUp{Waiting: u.Waiting, PerMinute: u.PerMin, LeadS: inSeconds(u.Lead), MinOpenS: inSeconds(u.MinOpen), CloseAt: u.CloseAt}
		for _, q := range u.Queues {
			out.CallUp.Queues = append(out.CallUp.Queues, cfg.Queues[q].Name)
		}
	}
	return out
}

func queueOf(cfg *engine.Config, q *engine.Queue) Queue {
	out := Queue{Name: q.Name, Client: cfg.Clients[q.Client].Name, Channel: cfg.Channels[q.Channel].Name, TargetS: inSeconds(q.Target), RingS: inSeconds(q.Ring), WrapLimitS: inSeconds(q.WrapLimit),
		StarveS: inSeconds(q.Starve), HoldS: inSeconds(q.Hold), PenaltyPermille: q.Penalty, Strategy: q.Strategy.String(), Auto: q.Auto,
		NoAnswer: NoAnswer{BackoffS: inSeconds(q.NoAnswer.Backoff), PauseS: inSeconds(q.NoAnswer.Pause), MaxCount: q.NoAnswer.MaxCount, LongS: inSeconds(q.NoAnswer.Long)}}
	for _, n := range q.Needs {
		out.Needs = append(out.Needs, Need{Skill: cfg.Skills[n.Skill], MinLevel: n.MinLevel, Weight: n.Weight})
	}
	for _, s := range q.Ladder {
		step := Step{AfterS: inSeconds(s.After), Kind: s.Kind.String(), Relax: s.Relax, LeaseS: inSeconds(s.Lease)}
		for _, t := range s.Tiers {
			step.Tiers = append(step.Tiers, cfg.Tiers[t])
		}
		for _, p := range s.Pools {
			step.Pools = append(step.Pools, cfg.Pools[p].Name)
		}
		if s.Kind == engine.StepPartner {
			step.Partner = cfg.Partners[s.Partner]
		}
		out.Ladder = append(out.Ladder, step)
	}
	return out
}

// Course is a run's course, interval by interval: contacts, shares in permille (-1
// where nothing is expected) with the 95 % band of the service level, seconds.
type Course struct {
	Offered   []float64 `json:"offered"`
	Level     []int     `json:"level"`
	Low       []int     `json:"low"`
	High      []int     `json:"high"`
	Abandoned []int     `json:"abandoned"`
	Occupancy []int     `json:"occupancy"`
	ASA       []int     `json:"asa_s"`
}

// Course puts the intervals of figures into compact columns.
func (n Named) Course() Course {
	var out Course
	for _, f := range n.Intervals {
		out.Offered = append(out.Offered, round(f.Offered.Mean, 100))
		out.Level = append(out.Level, permille(f.ServiceLevel, f.ServiceLevel.Mean))
		out.Low = append(out.Low, permille(f.ServiceLevel, f.ServiceLevel.Low))
		out.High = append(out.High, permille(f.ServiceLevel, f.ServiceLevel.High))
		out.Abandoned = append(out.Abandoned, permille(f.Abandonment, f.Abandonment.Mean))
		out.Occupancy = append(out.Occupancy, permille(f.Occupancy, f.Occupancy.Mean))
		out.ASA = append(out.ASA, int(round(f.ASA.Mean, 1)))
	}
	return out
}

// round rounds to a part of one; what is no number is 0.
func round(x, part float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return math.Round(x*part) / part
}

// permille cuts a share at 0 and 1; -1 where the band has no observation.
func permille(b Band, share float64) int {
	if b.N == 0 {
		return -1
	}
	return int(round(1000*min(1, max(0, share)), 1))
}

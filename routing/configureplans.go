package routing

import (
	"fmt"
	"slices"
	"strings"

	"muster/routing/engine"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// unknown names what a setting mentions and nobody knows, with what there is.
func unknown(what, name string, there []string) error {
	there = slices.Clone(there)
	slices.Sort(there)
	if len(there) > 20 {
		there = append(there[:20], "…")
	}
	list := strings.Join(there, ", ")
	if list == "" {
		list = "none yet"
	}
	return fault.Newf(fault.Invalid, "routing.unknown_setting", "There is no %s %q; known: %s.", what, name, list).With("what", what).With("name", name).With("known", list)
}

func unknownNumber(field string, value int, want string) error {
	return fault.Newf(fault.Invalid, "routing.setting_range", "%s is %d: want %s.", field, value, want).With("field", field).With("value", value).With("want", want)
}

// makePools fills the pools with shares, protection and call-up rules.
func (b *builder) makePools() error {
	for _, slug := range b.names.Pools {
		p, configured := b.pools[slug]
		pool := engine.Pool{Name: slug}
		if !configured {
			b.cfg.Pools = append(b.cfg.Pools, pool)
			continue
		}
		for i, s := range p.Shares {
			client, ok := b.slugs[s.Client]
			if !ok {
				return at(unknown("client", s.Client, pluck(b.clients, func(c contract.Client) string { return c.Slug })), "shares.%d.client", i)
			}
			pool.Shares = append(pool.Shares, engine.Share{Client: b.clientAt[client], Guarantee: int32(s.Guarantee), Reserve: int32(s.ReserveAgents) * engine.Whole, Cap: int32(s.Cap)})
		}
		for i, t := range p.Protect {
			tier, err := tierAt(t.Tier)
			if err != nil {
				return at(err, "protect.%d.tier", i)
			}
			pool.Protect = append(pool.Protect, engine.Protect{Tier: tier, Keep: int32(t.Keep) * engine.Whole})
		}
		if pool.Reserve = p.Reserve; pool.Reserve {
			watched, err := b.watched(slug, p)
			if err != nil {
				return at(err, "call_up.queues")
			}
			c := p.CallUp
			pool.CallUp = engine.CallUp{Queues: pluck(watched, func(id ids.Queue) int32 { return b.queueAt[id] }), Waiting: int32(c.Waiting), PerMin: int32(c.PerMinute), MinOpen: seconds(60 * c.MinOpenMinutes), CloseAt: int32(c.CloseAt), Disabled: c.Mode != CallUpAutomatic}
		}
		for _, team := range p.Members.Teams {
			if !slices.ContainsFunc(b.teams, func(t people.Team) bool { return t.Slug == team }) {
				return at(unknown("team", team, pluck(b.teams, func(t people.Team) string { return t.Slug })), "members.teams")
			}
		}
		for _, tier := range p.Members.Tiers {
			if _, err := tierAt(tier); err != nil {
				return at(err, "members.tiers")
			}
		}
		b.cfg.Pools = append(b.cfg.Pools, pool)
	}
	return nil
}

// watched lists the queues whose load calls a reserve pool up: those named, or all
// whose ladder reaches it.
func (b *builder) watched(slug string, p PoolPolicy) ([]ids.Queue, error) {
	var out []ids.Queue
	if len(p.CallUp.Queues) == 0 {
		for _, q := range b.queues {
			if slices.ContainsFunc(b.byQueue[q.ID].Ladder, func(s StepPolicy) bool { return slices.Contains(s.Pools, slug) }) {
				out = append(out, q.ID)
			}
		}
		return out, nil
	}
	for _, name := range p.CallUp.Queues {
		id, err := b.queueNamed(name)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// queueNamed finds a queue by client/queue.
func (b *builder) queueNamed(name string) (ids.Queue, error) {
	client, queue, _ := strings.Cut(name, "/")
	for _, q := range b.queues {
		if q.Slug == queue && b.slugs[client] == q.ClientID {
			return q.ID, nil
		}
	}
	return ids.Queue{}, unknown("queue", name, b.queueNames())
}

func (b *builder) queueNames() []string {
	slug := map[ids.Client]string{}
	for _, c := range b.clients {
		slug[c.ID] = c.Slug
	}
	return pluck(b.queues, func(q contract.Queue) string { return slug[q.ClientID] + "/" + q.Slug })
}

// members gives the lookup of an agent's configured pool: the pool that names the
// agent, else the first, by slug, whose teams and tiers fit.
func (b *builder) members() func(people.Person) (string, bool) {
	var slugs []string
	byNumber := map[string]string{}
	for _, slug := range b.names.Pools {
		if p, ok := b.pools[slug]; ok {
			slugs = append(slugs, slug)
			for _, n := range p.Members.Agents {
				byNumber[n] = slug
			}
		}
	}
	slices.Sort(slugs)
	team := map[ids.Team]string{}
	for _, t := range b.teams {
		team[t.ID] = t.Slug
	}
	return func(p people.Person) (string, bool) {
		if slug, ok := byNumber[p.Agent.Number]; ok {
			return slug, true
		}
		for _, slug := range slugs {
			m := b.pools[slug].Members
			if len(m.Teams)+len(m.Tiers) == 0 {
				continue
			}
			if (len(m.Teams) == 0 || slices.Contains(m.Teams, team[p.Membership.TeamID])) && (len(m.Tiers) == 0 || slices.Contains(m.Tiers, string(p.Membership.Tier))) {
				return slug, true
			}
		}
		return "", false
	}
}

// makeQueues fills the queues with their plans.
func (b *builder) makeQueues() error {
	byID := map[ids.Queue]contract.Queue{}
	for _, q := range b.queues {
		byID[q.ID] = q
		if t, ok := b.terms[q.ID]; ok && q.Channel == contract.Chat {
			b.chats = max(b.chats, t.Concurrency)
		}
	}
	for _, id := range b.names.Queues {
		q, ok := byID[id]
		if !ok {
			return fmt.Errorf("routing: queue %s is gone", id)
		}
		made, err := b.makeQueue(q, b.byQueue[id])
		if err != nil {
			return err
		}
		b.cfg.Queues = append(b.cfg.Queues, made)
	}
	return nil
}

func (b *builder) makeQueue(q contract.Queue, p QueuePolicy) (engine.Queue, error) {
	t, ok := b.terms[q.ID]
	if !ok {
		t = contract.Terms{ThresholdMS: 20_000, Priority: 1}
	}
	out := engine.Queue{Name: q.ID.String(), Client: b.clientAt[q.ClientID], Channel: b.channelAt[q.Channel], Needs: []engine.Need{{Skill: b.skillAt[q.SkillID], MinLevel: 1}},
		Target: t.ThresholdMS * 1000, Ring: seconds(orInt(p.RingSeconds, ringSeconds)), WrapLimit: seconds(orInt(p.WrapSeconds, wrapSeconds)), Starve: seconds(p.StarveSeconds), Hold: seconds(p.PreferredSeconds),
		Penalty: int32(p.Penalty), Auto: p.ForcedAnswer,
		NoAnswer: engine.NoAnswer{Backoff: seconds(p.NoAnswer.BackoffSeconds), Pause: seconds(p.NoAnswer.PauseSeconds), MaxCount: int16(p.NoAnswer.MaxInARow), Long: seconds(p.NoAnswer.LongPauseSeconds)}}
	if p.NoWrap {
		out.WrapLimit = 0
	}
	if p.Strategy != "" {
		strategy, err := engine.ParseStrategy(p.Strategy)
		if err != nil {
			return out, at(err, "strategy")
		}
		out.Strategy = strategy
	}
	for i, n := range p.Needs {
		skill, err := b.skill(n.Skill)
		if err != nil {
			return out, at(err, "needs.%d.skill", i)
		}
		out.Needs = append(out.Needs, engine.Need{Skill: b.skillAt[skill], MinLevel: int16(n.MinLevel), Weight: int32(n.Weight)})
	}
	ladder, err := b.ladder(q, p)
	out.Ladder = ladder
	return out, err
}

// ladder turns the steps of a plan into the engine's; the first one stands at 0 and
// names pools and tiers, whatever the plan leaves open.
func (b *builder) ladder(q contract.Queue, p QueuePolicy) ([]engine.Step, error) {
	steps, made := p.Ladder, 0 // made: steps at the front that the plan does not name
	if len(steps) == 0 {
		steps = []StepPolicy{{Kind: "widen"}, {AfterSeconds: max(sharedAfter, orInt(p.RingSeconds, ringSeconds)), Kind: "widen", Pools: []string{ownPool, sharedPool}}}
	}
	if steps[0].Kind != "widen" || steps[0].AfterSeconds != 0 {
		steps, made = append([]StepPolicy{{Kind: "widen"}}, steps...), 1
	}
	own := b.poolAt[q.ClientID.String()]
	out := make([]engine.Step, len(steps))
	for i, s := range steps {
		kind, err := stepKind(s.Kind)
		if err != nil {
			return nil, at(err, "ladder.%d.kind", i-made)
		}
		out[i] = engine.Step{After: seconds(s.AfterSeconds), Kind: kind, Relax: int16(s.Relax), Partner: engine.None, Lease: seconds(s.AcceptWithinSeconds)}
		for _, name := range s.Tiers {
			tier, err := tierAt(name)
			if err != nil {
				return nil, at(err, "ladder.%d.tiers", i-made)
			}
			out[i].Tiers = append(out[i].Tiers, tier)
		}
		for _, name := range s.Pools {
			pool, ok := b.poolAt[name]
			if _, configured := b.pools[name]; name == ownPool {
				pool, ok = own, true
			} else if name != sharedPool && !configured {
				ok = false // other clients' own pools have no name
			}
			if !ok {
				return nil, at(unknown("pool", name, append([]string{ownPool, sharedPool}, b.poolNames()...)), "ladder.%d.pools", i-made)
			}
			out[i].Pools = append(out[i].Pools, pool)
		}
		if kind == engine.StepPartner {
			partner, ok := b.partnerAt[s.Partner]
			if !ok {
				return nil, at(unknown("partner", s.Partner, b.names.Partners), "ladder.%d.partner", i-made)
			}
			out[i].Partner = partner
		}
	}
	if len(out[0].Tiers) == 0 {
		out[0].Tiers = []int32{0, 1, 2}
	}
	if len(out[0].Pools) == 0 {
		out[0].Pools = []int32{own}
	}
	return out, nil
}

func (b *builder) poolNames() []string {
	out := make([]string, 0, len(b.pools))
	for slug := range b.pools {
		out = append(out, slug)
	}
	return out
}

func orInt(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}

// readable renames clients, queues and pools to what people call them, so that the
// engine's objections can be understood.
func (in inputs) readable(cfg *engine.Config) {
	b := builder{inputs: in, slugs: map[string]ids.Client{}}
	for _, c := range in.clients {
		b.slugs[c.Slug] = c.ID
	}
	label := map[string]string{}
	for i, name := range b.queueNames() {
		label[in.queues[i].ID.String()] = name
	}
	for _, c := range in.clients {
		label[c.ID.String()] = c.Slug
	}
	for i := range cfg.Queues {
		cfg.Queues[i].Name = label[cfg.Queues[i].Name]
	}
	for i := range cfg.Clients {
		cfg.Clients[i].Name = label[cfg.Clients[i].Name]
	}
}

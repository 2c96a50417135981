package routing

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"

	"muster/routing/engine"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// names says which id stands at which position of the engine's configuration.
// Positions are never reused: what is new is appended.
type names struct {
	Clients  []ids.Client `json:"clients"`
	Skills   []ids.Skill  `json:"skills"`
	Queues   []ids.Queue  `json:"queues"`
	Agents   []ids.Agent  `json:"agents"`
	Pools    []string     `json:"pools"`
	Partners []string     `json:"partners,omitempty"`

	queue map[ids.Queue]int32
	agent map[ids.Agent]int32
	pool  map[string]int32
}

// index prepares the lookups by id.
func (n *names) index() {
	n.queue, n.agent, n.pool = positions(n.Queues), positions(n.Agents), positions(n.Pools)
}

// clone copies the lists, so that appending leaves the original alone.
func (n names) clone() names {
	return names{Clients: slices.Clone(n.Clients), Skills: slices.Clone(n.Skills), Queues: slices.Clone(n.Queues), Agents: slices.Clone(n.Agents), Pools: slices.Clone(n.Pools), Partners: slices.Clone(n.Partners)}
}

func positions[T comparable](all []T) map[T]int32 {
	at := make(map[T]int32, len(all))
	for i, v := range all {
		at[v] = int32(i)
	}
	return at
}

// appendNew appends what is not yet named and gives its position lookup.
func appendNew[T comparable](known *[]T, wanted []T) map[T]int32 {
	at := positions(*known)
	for _, v := range wanted {
		if _, ok := at[v]; !ok {
			at[v] = int32(len(*known))
			*known = append(*known, v)
		}
	}
	return at
}

// Defaults of a queue without a plan of its own.
const (
	sharedAfter   = 20 // seconds: the agents of several clients help from this wait on; never less than an offer rings
	ringSeconds   = 20
	wrapSeconds   = 120
	sharedPool    = "shared"
	ownPool       = "own"
	capacityOfOne = 1
)

// inputs are the rows that a configuration is made of.
type inputs struct {
	clients  []contract.Client
	queues   []contract.Queue
	terms    map[ids.Queue]contract.Terms
	staff    []people.Person
	skills   []people.Skill
	teams    []people.Team
	settings []settingRow
}

// inputs reads what is in force at the instant.
func (l *Live) inputs(ctx context.Context, at calendar.Instant) (in inputs, err error) {
	all := scope.Provider()
	if in.clients, err = l.contracts.Clients(ctx, all); err != nil {
		return in, err
	}
	if in.queues, err = l.contracts.Queues(ctx, all, ids.Client{}); err != nil {
		return in, err
	}
	if in.terms, err = l.contracts.TermsAt(ctx, all, at); err != nil {
		return in, err
	}
	if in.staff, err = l.people.Staff(ctx, all, at, calendar.Date(at/calendar.Day)); err != nil {
		return in, err
	}
	if in.skills, err = l.people.Skills(ctx, all); err != nil {
		return in, err
	}
	if in.teams, err = l.people.Teams(ctx, all); err != nil {
		return in, err
	}
	err = l.db.Read(ctx, all, func(tx *database.Tx) error {
		return tx.Where("valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", at, at).Order("kind, key").Find(&in.settings).Error
	})
	slices.SortFunc(in.clients, func(a, b contract.Client) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(in.queues, func(a, b contract.Queue) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(in.staff, func(a, b people.Person) int { return a.Agent.ID.Compare(b.Agent.ID) })
	return in, err
}

// configure builds the engine's configuration from the rows in force at the
// instant; positions of the names before it are kept.
func (l *Live) configure(ctx context.Context, at calendar.Instant, old names) (engine.Config, names, error) {
	in, err := l.inputs(ctx, at)
	if err != nil {
		return engine.Config{}, old, err
	}
	cfg, n, err := assemble(in, old)
	if err != nil {
		return cfg, old, err
	}
	return cfg, n, stamp(&cfg)
}

// builder collects a configuration.
type builder struct {
	inputs
	names     names
	cfg       engine.Config
	provider  ProviderPolicy
	byClient  map[ids.Client]ClientPolicy
	byQueue   map[ids.Queue]QueuePolicy
	pools     map[string]PoolPolicy
	clientAt  map[ids.Client]int32
	skillAt   map[ids.Skill]int32
	poolAt    map[string]int32
	partnerAt map[string]int32
	queueAt   map[ids.Queue]int32
	slugs     map[string]ids.Client // of clients
	channelAt map[contract.Channel]int32
	chats     int
}

func newBuilder(in inputs, old names) *builder {
	return &builder{inputs: in, names: old.clone(), byClient: map[ids.Client]ClientPolicy{}, byQueue: map[ids.Queue]QueuePolicy{}, pools: map[string]PoolPolicy{}, slugs: map[string]ids.Client{}}
}

// assemble turns rows into a configuration; its errors are faults that name what
// is unknown. The agents of one client form its own pool, those of several the
// shared one, unless a configured pool takes them.
func assemble(in inputs, old names) (engine.Config, names, error) {
	b := newBuilder(in, old)
	for _, step := range []func() error{b.read, b.place, b.global, b.makePools, b.makeQueues, b.makeAgents} {
		if err := step(); err != nil {
			return b.cfg, old, err
		}
	}
	b.names.index()
	return b.cfg, b.names, nil
}

// read takes the documents out of their rows.
func (b *builder) read() error {
	partners := []string{}
	for _, c := range b.clients {
		b.slugs[c.Slug] = c.ID
	}
	for _, r := range b.settings {
		text := []byte(r.Document)
		var err error
		switch r.Kind {
		case providerSetting:
			err = json.Unmarshal(text, &b.provider)
		case clientSetting:
			var p ClientPolicy
			err = json.Unmarshal(text, &p)
			b.byClient[r.ClientID] = p
		case queueSetting:
			var p QueuePolicy
			err = json.Unmarshal(text, &p)
			id, parseErr := ids.Parse[struct{}](r.Key)
			if parseErr != nil {
				return parseErr
			}
			b.byQueue[ids.Queue(id)] = p
		case poolSetting:
			var p PoolPolicy
			err = json.Unmarshal(text, &p)
			b.pools[r.Key] = p
		case partnerSetting:
			partners = append(partners, r.Key)
		}
		if err != nil {
			return err
		}
	}
	slices.Sort(partners)
	b.partnerAt = appendNew(&b.names.Partners, partners)
	return nil
}

// place gives every entity its position.
func (b *builder) place() error {
	b.clientAt = appendNew(&b.names.Clients, pluck(b.clients, func(c contract.Client) ids.Client { return c.ID }))
	b.skillAt = appendNew(&b.names.Skills, pluck(b.queues, func(q contract.Queue) ids.Skill { return q.SkillID }))
	for _, q := range b.queues {
		for i, n := range b.byQueue[q.ID].Needs {
			s, err := b.skill(n.Skill)
			if err != nil {
				return at(err, "needs.%d.skill", i)
			}
			b.skillAt = appendNew(&b.names.Skills, []ids.Skill{s})
		}
	}
	b.queueAt = appendNew(&b.names.Queues, pluck(b.queues, func(q contract.Queue) ids.Queue { return q.ID }))
	appendNew(&b.names.Agents, pluck(b.staff, func(p people.Person) ids.Agent { return p.Agent.ID }))
	wanted := append([]string{sharedPool}, pluck(b.clients, func(c contract.Client) string { return c.ID.String() })...)
	configured := make([]string, 0, len(b.pools))
	for slug := range b.pools {
		configured = append(configured, slug)
	}
	slices.Sort(configured)
	b.poolAt = appendNew(&b.names.Pools, append(wanted, configured...))
	return nil
}

// global fills what holds for every client.
func (b *builder) global() error {
	w, cfg := b.provider.Weights, &b.cfg
	cfg.Weights = engine.Weights{PriorityCredit: seconds(w.PrioritySeconds), ValueCredit: seconds(w.ValueSeconds), UrgencyCredit: seconds(w.UrgencySeconds), EmotionCredit: seconds(w.EmotionSeconds), Horizon: seconds(w.HorizonSeconds),
		Skill: int32(w.Skill), Fit: int32(w.Fit), Load: int32(w.Load), Idle: int32(w.Idle), IdleCap: seconds(w.IdleCapSeconds), ValueSkill: int32(w.ValueSkill), Grace: seconds(w.GraceSeconds),
		EvenHanded: w.EvenHanded, IgnorePriority: w.IgnorePriority, StrictGuarantee: w.StrictGuarantee}
	cfg.Reasons, cfg.SampleEvery = engine.ReasonsFull, int64(b.provider.SampleEvery)
	if b.provider.Reasons != "" {
		mode, err := engine.ParseReasonMode(b.provider.Reasons)
		if err != nil {
			return at(err, "reasons")
		}
		cfg.Reasons = mode
	}
	for _, t := range people.Tiers() {
		cfg.Tiers = append(cfg.Tiers, string(t))
	}
	b.channelAt = map[contract.Channel]int32{}
	for i, c := range contract.Channels() {
		b.channelAt[c] = int32(i)
		cfg.Channels = append(cfg.Channels, engine.Channel{Name: string(c), Async: c == contract.Mail || c == contract.Social})
	}
	for i, p := range b.provider.Channels {
		position, err := b.channel(p.Channel)
		if err != nil {
			return at(err, "channels.%d.channel", i)
		}
		for _, name := range p.Interrupts {
			over, err := b.channel(name)
			if err != nil {
				return at(err, "channels.%d.interrupts", i)
			}
			cfg.Channels[position].Interrupts = append(cfg.Channels[position].Interrupts, over)
		}
	}
	for _, id := range b.names.Clients {
		p := b.byClient[id]
		cfg.Clients = append(cfg.Clients, engine.Client{Name: id.String(), Penalty: int32(p.Penalty), Value: int32(p.Value), Urgency: int32(p.Urgency)})
	}
	for _, id := range b.names.Skills {
		cfg.Skills = append(cfg.Skills, id.String())
	}
	cfg.Partners = slices.Clone(b.names.Partners)
	return nil
}

// channel finds a channel's position by name.
func (b *builder) channel(name string) (int32, error) {
	at, ok := b.channelAt[contract.Channel(name)]
	if !ok {
		return 0, oneOf("channel", name, pluck(contract.Channels(), func(c contract.Channel) string { return string(c) })...)
	}
	return at, nil
}

// skill finds a skill by slug.
func (b *builder) skill(slug string) (ids.Skill, error) {
	i := slices.IndexFunc(b.skills, func(s people.Skill) bool { return s.Slug == slug })
	if i < 0 {
		return ids.Skill{}, unknown("skill", slug, pluck(b.skills, func(s people.Skill) string { return s.Slug }))
	}
	return b.skills[i].ID, nil
}

// makeAgents fills the agents with pool, skills and capacity.
func (b *builder) makeAgents() error {
	capacity, err := b.capacity()
	if err != nil {
		return err
	}
	byAgent := map[ids.Agent]people.Person{}
	for _, p := range b.staff {
		byAgent[p.Agent.ID] = p
	}
	member := b.members()
	for _, id := range b.names.Agents {
		p := byAgent[id] // an agent who left keeps the position and simply never signs in
		a := engine.Agent{Name: id.String(), Pool: b.poolAt[sharedPool], Slice: engine.None, Tier: int32(max(0, slices.Index(people.Tiers(), p.Membership.Tier))), Capacity: capacity}
		if len(p.Clients) == 1 {
			a.Pool = b.poolAt[p.Clients[0].String()]
		}
		if pool, ok := member(p); ok {
			a.Pool = b.poolAt[pool]
		}
		for _, k := range p.Skills {
			if at, ok := b.skillAt[k.SkillID]; ok {
				a.Skills = append(a.Skills, engine.SkillLevel{Skill: at, Level: int16(min(k.Proficiency, engine.MaxLevel))})
			}
		}
		slices.SortFunc(a.Skills, func(x, y engine.SkillLevel) int { return int(x.Skill - y.Skill) })
		b.cfg.Agents = append(b.cfg.Agents, a)
	}
	return nil
}

// capacity is what every agent handles at once, by channel.
func (b *builder) capacity() ([]engine.ChannelCapacity, error) {
	out := make([]engine.ChannelCapacity, len(contract.Channels()))
	for i, c := range contract.Channels() {
		out[i] = engine.ChannelCapacity{Channel: int32(i), Max: capacityOfOne}
		if c == contract.Chat {
			out[i].Max = int16(max(capacityOfOne, b.chats))
		}
	}
	for i, p := range b.provider.Channels {
		position, err := b.channel(p.Channel)
		if err != nil {
			return nil, at(err, "channels.%d.channel", i)
		}
		if p.Max < 1 {
			return nil, at(unknownNumber("channels.max", p.Max, "at least 1"), "channels.%d.max", i)
		}
		out[position].Max, out[position].Weight = int16(min(p.Max, 1000)), int32(p.Weight)
	}
	return out, nil
}

// seconds turns a setting into the engine's unit.
func seconds(n int) int64 { return int64(n) * engine.Second }

// stamp numbers a configuration by its content, so that an unchanged one is recognised.
func stamp(cfg *engine.Config) error {
	cfg.Version = 0
	text, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	h := fnv.New64a()
	_, _ = h.Write(text) // never fails
	cfg.Version = int64(h.Sum64() >> 1)
	return nil
}

func pluck[T, U any](all []T, f func(T) U) []U {
	out := make([]U, len(all))
	for i, v := range all {
		out[i] = f(v)
	}
	return out
}

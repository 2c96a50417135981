package routing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
	Clients []ids.Client `json:"clients"`
	Skills  []ids.Skill  `json:"skills"`
	Queues  []ids.Queue  `json:"queues"`
	Agents  []ids.Agent  `json:"agents"`
	Pools   []string     `json:"pools"`

	queue map[ids.Queue]int32
	agent map[ids.Agent]int32
}

// index prepares the lookups by id.
func (n *names) index() {
	n.queue, n.agent = map[ids.Queue]int32{}, map[ids.Agent]int32{}
	for i, q := range n.Queues {
		n.queue[q] = int32(i)
	}
	for i, a := range n.Agents {
		n.agent[a] = int32(i)
	}
}

// appendNew appends what is not yet named and gives its position lookup.
func appendNew[T comparable](known *[]T, wanted []T) map[T]int32 {
	at := map[T]int32{}
	for i, v := range *known {
		at[v] = int32(i)
	}
	for _, v := range wanted {
		if _, ok := at[v]; !ok {
			at[v] = int32(len(*known))
			*known = append(*known, v)
		}
	}
	return at
}

// Defaults of a queue without an overflow plan of its own.
const (
	sharedAfter   = 20 * engine.Second // the shared pool helps from this wait on; never less than an offer rings
	ring          = 20 * engine.Second // an offer rings so long
	wrapLimit     = 2 * engine.Minute
	sharedPool    = "shared"
	capacityOfOne = 1
)

// overflowRow is the ladder of a queue as an effective-dated document.
type overflowRow struct {
	ID        ids.Any `gorm:"primaryKey"`
	ClientID  ids.Client
	QueueID   ids.Queue
	Document  overflow `gorm:"serializer:json"`
	ValidFrom calendar.Instant
	ValidTo   *calendar.Instant
}

func (overflowRow) TableName() string { return "overflow_plans" }

// overflow is the document of an overflow plan: when the shared pool begins to help.
type overflow struct {
	SharedAfterSeconds int `json:"shared_after_seconds"`
}

// configure builds the engine's configuration from the rows in force at the
// instant. Agents of one client form its pool, agents of several the shared pool,
// which every queue reaches as its overflow step.
func (l *Live) configure(ctx context.Context, at calendar.Instant, old names) (engine.Config, names, error) {
	all := scope.Provider()
	clients, err := l.contracts.Clients(ctx, all)
	if err != nil {
		return engine.Config{}, old, err
	}
	slices.SortFunc(clients, func(a, b contract.Client) int { return a.ID.Compare(b.ID) })
	queues, err := l.contracts.Queues(ctx, all, ids.Client{})
	if err != nil {
		return engine.Config{}, old, err
	}
	slices.SortFunc(queues, func(a, b contract.Queue) int { return a.ID.Compare(b.ID) })
	terms, err := l.contracts.TermsAt(ctx, all, at)
	if err != nil {
		return engine.Config{}, old, err
	}
	staff, err := l.people.Staff(ctx, all, at, calendar.Date(at/calendar.Day))
	if err != nil {
		return engine.Config{}, old, err
	}
	slices.SortFunc(staff, func(a, b people.Person) int { return a.Agent.ID.Compare(b.Agent.ID) })
	var plans []overflowRow
	if err := l.db.Read(ctx, all, func(tx *database.Tx) error {
		return tx.Where("valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)", at, at).Order("queue_id").Find(&plans).Error
	}); err != nil {
		return engine.Config{}, old, err
	}
	b := builder{names: names{Clients: slices.Clone(old.Clients), Skills: slices.Clone(old.Skills), Queues: slices.Clone(old.Queues), Agents: slices.Clone(old.Agents), Pools: slices.Clone(old.Pools)}, terms: terms, plans: map[ids.Queue]overflow{}}
	for _, p := range plans {
		b.plans[p.QueueID] = p.Document
	}
	return b.build(clients, queues, staff)
}

// builder collects a configuration.
type builder struct {
	names names
	terms map[ids.Queue]contract.Terms
	plans map[ids.Queue]overflow
}

func (b *builder) build(clients []contract.Client, queues []contract.Queue, staff []people.Person) (engine.Config, names, error) {
	clientAt := appendNew(&b.names.Clients, pluck(clients, func(c contract.Client) ids.Client { return c.ID }))
	skillAt := appendNew(&b.names.Skills, pluck(queues, func(q contract.Queue) ids.Skill { return q.SkillID }))
	appendNew(&b.names.Queues, pluck(queues, func(q contract.Queue) ids.Queue { return q.ID }))
	appendNew(&b.names.Agents, pluck(staff, func(p people.Person) ids.Agent { return p.Agent.ID }))
	poolAt := appendNew(&b.names.Pools, append([]string{sharedPool}, pluck(clients, func(c contract.Client) string { return c.ID.String() })...))
	cfg := engine.Config{Reasons: engine.ReasonsFull}
	for _, t := range people.Tiers() {
		cfg.Tiers = append(cfg.Tiers, string(t))
	}
	channelAt := map[contract.Channel]int32{}
	for i, c := range contract.Channels() {
		channelAt[c] = int32(i)
		cfg.Channels = append(cfg.Channels, engine.Channel{Name: string(c), Async: c == contract.Mail || c == contract.Social})
	}
	for _, id := range b.names.Clients {
		cfg.Clients = append(cfg.Clients, engine.Client{Name: id.String()})
	}
	for _, id := range b.names.Skills {
		cfg.Skills = append(cfg.Skills, id.String())
	}
	for _, p := range b.names.Pools {
		cfg.Pools = append(cfg.Pools, engine.Pool{Name: p})
	}
	chats := int16(capacityOfOne)
	byQueue := map[ids.Queue]contract.Queue{}
	for _, q := range queues {
		byQueue[q.ID] = q
		if t, ok := b.terms[q.ID]; ok && q.Channel == contract.Chat {
			chats = max(chats, int16(t.Concurrency))
		}
	}
	tiers := []int32{0, 1, 2}
	for _, id := range b.names.Queues {
		q, ok := byQueue[id]
		if !ok {
			return cfg, b.names, fmt.Errorf("routing: queue %s is gone", id)
		}
		t, ok := b.terms[id]
		if !ok {
			t = contract.Terms{ThresholdMS: 20_000, Priority: 1}
		}
		after := sharedAfter
		if plan, ok := b.plans[id]; ok {
			after = int64(plan.SharedAfterSeconds) * engine.Second
		}
		own := poolAt[q.ClientID.String()]
		cfg.Queues = append(cfg.Queues, engine.Queue{Name: id.String(), Client: clientAt[q.ClientID], Channel: channelAt[q.Channel], Needs: []engine.Need{{Skill: skillAt[q.SkillID], MinLevel: 1}},
			Target: t.ThresholdMS * 1000, Ring: ring, WrapLimit: wrapLimit,
			Ladder: []engine.Step{{Tiers: tiers, Pools: []int32{own}}, {After: after, Tiers: tiers, Pools: []int32{own, poolAt[sharedPool]}}}})
	}
	byAgent := map[ids.Agent]people.Person{}
	for _, p := range staff {
		byAgent[p.Agent.ID] = p
	}
	for _, id := range b.names.Agents {
		p := byAgent[id] // an agent who left keeps the position and simply never signs in
		a := engine.Agent{Name: id.String(), Pool: poolAt[sharedPool], Slice: engine.None, Tier: int32(max(0, slices.Index(people.Tiers(), p.Membership.Tier)))}
		if len(p.Clients) == 1 {
			a.Pool = poolAt[p.Clients[0].String()]
		}
		for _, k := range p.Skills {
			if at, ok := skillAt[k.SkillID]; ok {
				a.Skills = append(a.Skills, engine.SkillLevel{Skill: at, Level: int16(min(k.Proficiency, engine.MaxLevel))})
			}
		}
		slices.SortFunc(a.Skills, func(x, y engine.SkillLevel) int { return cmp.Compare(x.Skill, y.Skill) })
		for _, c := range contract.Channels() {
			most := int16(capacityOfOne)
			if c == contract.Chat {
				most = chats
			}
			a.Capacity = append(a.Capacity, engine.ChannelCapacity{Channel: channelAt[c], Max: most})
		}
		cfg.Agents = append(cfg.Agents, a)
	}
	b.names.index()
	return cfg, b.names, stamp(&cfg)
}

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

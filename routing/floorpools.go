package routing

import (
	"context"
	"slices"
	"strings"

	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// poolsNow puts together what pools have and what clients take of them: the pools
// that are configured, that have agents signed in, or that somebody opened.
func (l *Live) poolsNow(ctx context.Context, sc scope.Scope, agents []AgentNow, segments []Segment, clients []contract.Client, queues []contract.Queue, terms map[ids.Queue]contract.Terms) ([]PoolNow, error) {
	configured, err := l.Pools(ctx, sc)
	if err != nil {
		return nil, err
	}
	policy, err := l.ProviderPolicy(ctx, sc)
	if err != nil {
		return nil, err
	}
	var rows []livePool
	if err := l.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("domain_id = ?", l.domain).Order("slug").Find(&rows).Error
	}); err != nil {
		return nil, err
	}
	own := map[string]ids.Client{}
	for _, c := range clients {
		own[c.ID.String()] = c.ID
	}
	pools := map[string]*PoolNow{}
	pool := func(slug string) *PoolNow {
		p, ok := pools[slug]
		if !ok {
			p = &PoolNow{Slug: slug, Client: own[slug], Open: true, Use: map[ids.Client]int{}}
			pools[slug] = p
		}
		return p
	}
	for _, c := range configured {
		p := pool(c.Key)
		p.Policy, p.Open = c.Policy, !c.Policy.Reserve
	}
	for _, r := range rows {
		p := pool(r.Slug)
		p.Open, p.Cause, p.Until = r.Open == 1, r.Cause, r.Until
	}
	stands := map[ids.Agent]string{}
	for _, a := range agents {
		if a.Live.Pool == "" {
			continue // as old as the first state of an agent
		}
		p := pool(a.Live.Pool)
		p.Signed++
		if a.Live.State == "ready" {
			p.Ready++
		}
		stands[a.Agent.ID] = a.Live.Pool
	}
	takes := weights(policy.Policy, queues, terms)
	for _, s := range segments {
		if slug, ok := stands[s.AgentID]; ok {
			pool(slug).Use[s.ClientID] += takes[s.QueueID]
		}
	}
	out := make([]PoolNow, 0, len(pools))
	for _, p := range pools {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b PoolNow) int { return strings.Compare(a.Slug, b.Slug) })
	return out, nil
}

// weights gives how much of an agent a contact of each queue takes, in milli-agents.
func weights(p ProviderPolicy, queues []contract.Queue, terms map[ids.Queue]contract.Terms) map[ids.Queue]int {
	chats := capacityOfOne
	for _, q := range queues {
		if q.Channel == contract.Chat {
			chats = max(chats, terms[q.ID].Concurrency)
		}
	}
	byChannel := map[string]int{}
	for _, c := range contract.Channels() {
		byChannel[string(c)] = 1000
	}
	byChannel[string(contract.Chat)] = 1000 / chats
	for _, c := range p.Channels {
		byChannel[c.Channel] = orInt(c.Weight, 1000/max(1, c.Max))
	}
	out := map[ids.Queue]int{}
	for _, q := range queues {
		out[q.ID] = byChannel[string(q.Channel)]
	}
	return out
}

// WatchedQueues lists, per reserve pool, the queues whose load calls it up: those
// that its policy names, or all whose ladder reaches it.
func (l *Live) WatchedQueues(ctx context.Context) (map[string][]ids.Queue, error) {
	var in inputs
	var err error
	all := scope.Provider()
	if in.clients, err = l.contracts.Clients(ctx, all); err != nil {
		return nil, err
	}
	if in.queues, err = l.contracts.Queues(ctx, all, ids.Client{}); err != nil {
		return nil, err
	}
	if err := l.db.Read(ctx, all, func(tx *database.Tx) error {
		return tx.Where("valid_to IS NULL AND kind IN ?", []settingKind{poolSetting, queueSetting}).Order("kind, key").Find(&in.settings).Error
	}); err != nil {
		return nil, err
	}
	b := newBuilder(in, names{})
	if err := b.read(); err != nil {
		return nil, err
	}
	out := map[string][]ids.Queue{}
	for slug, p := range b.pools {
		if out[slug], err = b.watched(slug, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

package onboard

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"muster/routing"
	"muster/tenants/contract"
	"muster/tenants/ids"
)

// Routing is how the live floor routes the client's contacts: its weight against
// the others, a plan per queue, the pools and partners that the plans name.
type Routing struct {
	Client   *routing.ClientPolicy            `json:"client"`
	Queues   map[string]routing.QueuePolicy   `json:"queues"`
	Pools    map[string]routing.PoolPolicy    `json:"pools"` // shares of this client alone are taken over
	Partners map[string]routing.PartnerPolicy `json:"partners"`
}

// readRouting reads the plans by the names of their JSON form.
func (d *Document) readRouting() error {
	if d.Routing.IsZero() {
		return nil
	}
	var tree map[string]any
	if err := d.Routing.Decode(&tree); err != nil {
		return unreadable(err)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return d.problem("The routing cannot be read: %v.", []any{err}, "routing")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	d.plans = &Routing{}
	if err := decoder.Decode(d.plans); err != nil {
		return d.problem("The routing cannot be read: %v; GET /api/v1/queues/{id}/routing shows every field.", []any{strings.TrimPrefix(err.Error(), "json: ")}, "routing")
	}
	for slug := range d.plans.Queues {
		known := slices.ContainsFunc(d.LOBs, func(l LOB) bool {
			return slices.ContainsFunc(l.Queues, func(q Queue) bool { return q.Slug == slug })
		})
		if !known {
			return d.problem("The routing names the queue %q, which the document does not have.", []any{slug}, "routing", "queues", slug)
		}
	}
	return nil
}

// routing puts partners, pools, the client's weight and the queues' plans in force,
// in this order: what a plan names is there before it.
func (a *applying) routing(ctx context.Context) error {
	r := a.d.plans
	if r == nil {
		return nil
	}
	for _, slug := range slices.Sorted(maps.Keys(r.Partners)) {
		now, err := a.Live.Partner(ctx, a.sc, slug)
		if err == nil && r.Partners[slug].Secret == "" {
			want := r.Partners[slug]
			err = keep(a, "partner", slug, now, want, func() error {
				_, err := a.Live.PutPartner(ctx, a.sc, slug, now.Version, want, a.by)
				return err
			})
		} else if err == nil { // a secret cannot be compared: it is stored anew
			a.did("partner", slug, outcomeOf(now.Version))
			_, err = a.Live.PutPartner(ctx, a.sc, slug, now.Version, r.Partners[slug], a.by)
		}
		if err != nil {
			return a.d.at(err, "routing", "partners", slug)
		}
	}
	for _, slug := range slices.Sorted(maps.Keys(r.Pools)) {
		now, err := a.Live.Pool(ctx, a.sc, slug)
		if err == nil {
			want := merged(now, r.Pools[slug], a.client)
			err = keep(a, "pool", slug, now, want, func() error {
				_, err := a.Live.PutPool(ctx, a.sc, slug, now.Version, want, a.by)
				return err
			})
		}
		if err != nil {
			return a.d.at(err, "routing", "pools", slug)
		}
	}
	if r.Client != nil {
		now, err := a.Live.ClientPolicy(ctx, a.sc, a.client.ID)
		if err == nil {
			err = keep(a, "weights", a.client.Slug, now, *r.Client, func() error {
				_, err := a.Live.PutClientPolicy(ctx, a.sc, a.client.ID, now.Version, *r.Client, a.by)
				return err
			})
		}
		if err != nil {
			return a.d.at(err, "routing", "client")
		}
	}
	return a.plans(ctx)
}

// plans puts the queues' plans in force.
func (a *applying) plans(ctx context.Context) error {
	queues, err := a.Contracts.Queues(ctx, a.sc, a.client.ID)
	if err != nil {
		return err
	}
	bySlug := map[string]ids.Queue{}
	for _, q := range queues {
		bySlug[q.Slug] = q.ID
	}
	for _, slug := range slices.Sorted(maps.Keys(a.d.plans.Queues)) {
		want := a.d.plans.Queues[slug]
		now, err := a.Live.QueuePolicy(ctx, a.sc, bySlug[slug])
		if err == nil {
			err = keep(a, "plan", slug, now, want, func() error {
				_, err := a.Live.PutQueuePolicy(ctx, a.sc, bySlug[slug], now.Version, want, a.by)
				return err
			})
		}
		if err != nil {
			return a.d.at(err, "routing", "queues", slug)
		}
	}
	return nil
}

// keep stores what differs from the version in force and notes what became of it.
func keep[T any](a *applying, part, name string, now routing.Versioned[T], want T, put func() error) error {
	if now.Version > 0 && same(now.Policy, want) {
		a.did(part, name, Unchanged)
		return nil
	}
	a.did(part, name, outcomeOf(now.Version))
	return put()
}

func outcomeOf(version int) Outcome {
	if version == 0 {
		return Created
	}
	return Changed
}

// merged is a pool as the document wants it, with the shares of other clients as they are.
func merged(now routing.Versioned[routing.PoolPolicy], want routing.PoolPolicy, c contract.Client) routing.PoolPolicy {
	shares := slices.DeleteFunc(slices.Clone(now.Policy.Shares), func(s routing.SharePolicy) bool { return s.Client == c.Slug })
	for _, s := range want.Shares {
		if s.Client == c.Slug {
			shares = append(shares, s)
		}
	}
	slices.SortFunc(shares, func(x, y routing.SharePolicy) int { return strings.Compare(x.Client, y.Client) })
	want.Shares = shares
	return want
}

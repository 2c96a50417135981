package demo

import (
	"context"

	"muster/routing"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// route puts plans, pools and weights of the live floor in force: a pool that two
// clients share with rights, a reserve pool that is proposed ahead of peaks, ladders
// that end in a call-back, people only for the most valued customers.
func (d *Demo) route(ctx context.Context, w *world) error {
	all, nobody := scope.Provider(), ids.User{}
	if _, err := d.Live.PutProviderPolicy(ctx, all, 0, routing.ProviderPolicy{Alerts: routing.AlertPolicy{Waiting: 6}}, nobody); err != nil {
		return err
	}
	if _, err := d.Live.PutPool(ctx, all, "flex", 0, routing.PoolPolicy{Name: "Flex Chengdu", Members: routing.MemberPolicy{Teams: []string{"cd-shared"}},
		Shares: []routing.SharePolicy{{Client: "harvest", Guarantee: 400, Cap: 800}, {Client: "linan", Guarantee: 300, ReserveAgents: 1}}}, nobody); err != nil {
		return err
	}
	if _, err := d.Live.PutPool(ctx, all, "reserve", 0, routing.PoolPolicy{Name: "Reserve Hefei", Reserve: true, Members: routing.MemberPolicy{Teams: []string{"hf-retail"}},
		CallUp: routing.CallUpPolicy{Queues: []string{"harvest/harvest-voice", "harvest/harvest-chat"}, LeadMinutes: 60, GapAgents: 2}}, nobody); err != nil {
		return err
	}
	if _, err := d.Live.PutClientPolicy(ctx, all, w.clients["linan"].ID, 0, routing.ClientPolicy{Penalty: 1500, Value: 1200}, nobody); err != nil {
		return err
	}
	wide := []string{"own", "flex", "shared"}
	plans := map[string]routing.QueuePolicy{
		"harvest-voice": {PreferredSeconds: 15, NoAnswer: routing.NoAnswerPolicy{MaxInARow: 3}, Script: "Welcome to Harvest Retail, this is …\n\n1. Ask for the order number.\n2. Repeat the delivery address.\n3. Offer the return label before you end.",
			Ladder: []routing.StepPolicy{{Kind: "widen", Tiers: []string{"junior", "middle"}, Pools: []string{"own", "flex"}}, {AfterSeconds: 20, Kind: "widen", Tiers: []string{"junior", "middle", "expert"}}, {AfterSeconds: 45, Kind: "widen", Pools: []string{"own", "flex", "shared", "reserve"}}, {AfterSeconds: 120, Kind: "callback"}}},
		"harvest-chat": {Ladder: []routing.StepPolicy{{Kind: "widen"}, {AfterSeconds: 60, Kind: "widen", Pools: []string{"own", "reserve"}}}},
		"linan-cards": {Strategy: "best_skill", HumanOnlyFromValue: 900, Script: "Lin'an Bank card services, good day.\n\nIdentify the customer before you speak of the account. A lost card is blocked first.",
			Ladder: []routing.StepPolicy{{Kind: "widen", Pools: []string{"own", "flex"}}, {AfterSeconds: 30, Kind: "widen", Pools: wide}, {AfterSeconds: 90, Kind: "callback"}, {AfterSeconds: 180, Kind: "message"}}},
	}
	for _, slug := range []string{"harvest-voice", "harvest-chat", "linan-cards"} {
		if _, err := d.Live.PutQueuePolicy(ctx, all, w.queues[slug].ID, 0, plans[slug], nobody); err != nil {
			return err
		}
	}
	return nil
}

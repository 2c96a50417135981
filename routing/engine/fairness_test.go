package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// shared is one pool of n agents shared by two clients with one auto-answer queue each.
func shared(agents int, shares ...Share) Config {
	cfg := small(agents)
	cfg.Clients = append(cfg.Clients, Client{Name: "second"})
	q := cfg.Queues[0]
	q.Name, q.Client = "second", 1
	cfg.Queues = append(cfg.Queues, q)
	cfg.Queues[0].Auto, cfg.Queues[1].Auto = true, true
	cfg.Pools[0].Shares = shares
	return cfg
}

func everyone(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

func (w *world) inUse(client int32) int32 {
	v, _ := w.e.ViewPool(0)
	return v.InUse[client] / Whole
}

func TestCapOfAClient(t *testing.T) {
	w := start(t, shared(4, Share{Client: 0, Cap: 500}), everyone(4)...)
	for id := int64(1); id <= 4; id++ {
		w.do(1, contactTo(id, 0))
	}
	require.Equal(t, int32(2), w.inUse(0), "half of four agents")
	require.Len(t, offersIn(w.do(1, contactTo(5, 1))), 1, "the others are free for the second client")
	require.Equal(t, map[int64]int32{3: 0}, offersIn(w.do(1, OfContact(ContactEnded, 1))), "under the cap again: the next one goes at once")
}

func TestReserveOfAClient(t *testing.T) {
	w := start(t, shared(3, Share{Client: 1, Reserve: 1000}), everyone(3)...)
	for id := int64(1); id <= 3; id++ {
		w.do(1, contactTo(id, 0))
	}
	require.Equal(t, int32(2), w.inUse(0), "one agent is kept for the second client")
	require.Len(t, offersIn(w.do(1, contactTo(4, 1))), 1)
	require.Equal(t, int32(1), w.inUse(1))
	// While the second client uses its reserve, the first may take what frees up.
	require.Len(t, offersIn(w.do(1, OfContact(ContactEnded, 1))), 1)
	// A reserve does not outlast the age bound.
	w = start(t, shared(1, Share{Client: 1, Reserve: 1000}), 0)
	w.do(0, contactTo(1, 0))
	require.Empty(t, offersIn(w.wait(20+599)))
	require.Equal(t, map[int64]int32{1: 0}, offersIn(w.wait(1)), "due at 20 s, bound 600 s: taken at 620 s without any other event")
}

func TestGuaranteeOfAClient(t *testing.T) {
	w := start(t, shared(2, Share{Client: 1, Guarantee: 500}), everyone(2)...)
	w.do(0, contactTo(1, 0))
	w.do(0, contactTo(2, 0))
	w.do(1, contactTo(3, 0)) // older and of the client that has both agents
	w.do(60, contactTo(4, 1))
	require.Contains(t, offersIn(w.do(1, OfContact(ContactEnded, 1))), int64(4), "the second client is below its half")
	require.Contains(t, offersIn(w.do(1, OfContact(ContactEnded, 2))), int64(3), "at its guarantee it queues like the others")
}

func TestExpertProtection(t *testing.T) {
	cfg := small(0)
	cfg.Agents = []Agent{person(0, 2), person(0, 2)}
	cfg.Queues[0].Ladder = []Step{{Tiers: []int32{0}, Pools: []int32{0}}, {After: 20 * Second, Tiers: []int32{0, 2}}}
	expert := cfg.Queues[0]
	expert.Name, expert.Ladder = "expert", []Step{{Tiers: []int32{2}, Pools: []int32{0}}}
	cfg.Queues = append(cfg.Queues, expert)
	cfg.Pools[0].Protect = []Protect{{Tier: 2, Keep: 1000}}
	w := start(t, cfg, 0, 1)
	w.do(0, contactTo(1, 0))
	w.do(0, contactTo(2, 0))
	require.Len(t, offersIn(w.wait(20)), 1, "widened: one expert may be taken, the last one is kept")
	require.Len(t, offersIn(w.do(0, contactTo(3, 1))), 1, "for a contact that starts with experts")
}

func TestPreferredAgentIsWaitedFor(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Hold = 30 * Second
	w := start(t, cfg, 0, 1)
	w.do(0, contactTo(1, 0))
	w.do(0, OfWork(OfferAccepted, 1, 0))
	mine := Arrive(Arrival{Contact: 2, Queue: 0, Intent: None, Preferred: 0})
	require.Empty(t, offersIn(w.do(1, mine)), "agent 1 is free, but the customer's own agent may be back in time")
	out := w.do(10, OfContact(ContactEnded, 1))
	require.Equal(t, map[int64]int32{2: 0}, offersIn(out))
	require.True(t, has(out, Offered, ByPreferred))
	// Not back in time: the others take it.
	w = start(t, cfg, 0, 1)
	w.do(0, contactTo(1, 0))
	w.do(0, OfWork(OfferAccepted, 1, 0))
	w.do(1, mine)
	require.Equal(t, map[int64]int32{2: 1}, offersIn(w.wait(30)))
	// Goes on a break: no waiting for somebody who is not there.
	w = start(t, cfg, 0, 1)
	w.do(0, contactTo(1, 0))
	w.do(0, OfWork(OfferAccepted, 1, 0))
	w.do(1, mine)
	require.Equal(t, map[int64]int32{2: 1}, offersIn(w.do(1, SetStatus(0, NotReady, 1))))
}

func TestPenaltyDecidesWhoGoesFirst(t *testing.T) {
	cfg := shared(1)
	cfg.Clients[1].Penalty = 4000
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(0, contactTo(2, 0))
	w.do(30, contactTo(3, 1)) // younger, but four times as dear
	require.Contains(t, offersIn(w.do(30, OfContact(ContactEnded, 1))), int64(3))
	cfg.Weights.EvenHanded = true
	w = start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(0, contactTo(2, 0))
	w.do(30, contactTo(3, 1))
	require.Contains(t, offersIn(w.do(30, OfContact(ContactEnded, 1))), int64(2), "even-handed: plain age")
}

func TestPriorityIsACreditNotAClass(t *testing.T) {
	cfg := small(1)
	cfg.Queues[0].Auto = true
	cfg.Weights.PriorityCredit = 90 * Second
	high := Arrive(Arrival{Contact: 3, Queue: 0, Intent: None, Preferred: None, Priority: 1})
	for _, c := range []struct {
		later float64
		first int64
	}{{60, 3}, {120, 2}} {
		w := start(t, cfg, 0)
		w.do(0, contactTo(1, 0))
		w.do(0, contactTo(2, 0))
		w.do(c.later, high)
		require.Contains(t, offersIn(w.do(1, OfContact(ContactEnded, 1))), c.first, "90 s of credit against %v s of age", c.later)
	}
}

func TestLadderToPartnerCallbackAndBot(t *testing.T) {
	cfg := small(0)
	cfg.Partners = []string{"partner"}
	cfg.Queues[0].Ladder = append(cfg.Queues[0].Ladder, Step{After: 20 * Second, Kind: StepCallback}, Step{After: 40 * Second, Kind: StepPartner, Lease: 15 * Second},
		Step{After: 80 * Second, Kind: StepBot})
	w := start(t, cfg)
	w.do(0, contactTo(1, 0))
	require.True(t, has(w.do(0, OfContact(InviteTaken, 1)), Refused, NotInvited))
	require.True(t, has(w.wait(20), Invited, ByLimit))
	out := w.wait(20)
	require.True(t, has(out, HandedOver, ByLimit))
	require.True(t, has(w.wait(15), HandOverDone, ByExpired), "a partner who does not react loses it")
	v, _ := w.e.ViewContact(1)
	require.Equal(t, "waiting", v.State)
	require.Equal(t, epoch, v.Arrived)
	require.True(t, has(w.wait(25), HandedOver, ByLimit), "the bot at 80 s")
	out = w.do(1, OfContact(HandOverTaken, 1))
	require.True(t, has(out, Closed, ByTaken))
	// The VIP lane never meets the bot.
	w = start(t, cfg)
	w.do(0, Arrive(Arrival{Contact: 1, Queue: 0, Intent: None, Preferred: None, HumanOnly: true}))
	w.wait(40)
	w.do(1, OfContact(HandOverBack, 1))
	require.False(t, has(w.wait(300), HandedOver, ByLimit))
	// An accepted invitation ends the wait.
	w = start(t, cfg)
	w.do(0, contactTo(1, 0))
	w.wait(20)
	require.True(t, has(w.do(1, OfContact(InviteTaken, 1)), Closed, ByInvite))
}

func TestReservePoolIsCalledUp(t *testing.T) {
	cfg := small(0)
	cfg.Pools = append(cfg.Pools, Pool{Name: "reserve", Reserve: true, CallUp: CallUp{Queues: []int32{0}, Waiting: 3, Lead: 5 * Minute, MinOpen: 2 * Minute,
		Peaks: []Peak{{From: epoch + Hour, To: epoch + 2*Hour}}}})
	cfg.Queues[0].Ladder = []Step{{Tiers: []int32{0}, Pools: []int32{0, 1}}}
	cfg.Queues[0].Auto = true
	cfg.Agents = []Agent{person(1, 0)}
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	require.Empty(t, offersIn(w.do(0, contactTo(2, 0))), "closed")
	out := w.do(0, contactTo(3, 0))
	require.True(t, has(out, PoolSet, ByBacklog))
	require.Contains(t, offersIn(out), int64(1), "the oldest goes first")
	w.do(1, OfContact(ContactLeft, 2))
	w.do(1, OfContact(ContactLeft, 3))
	require.True(t, has(w.wait(300), PoolSet, ByCalm))
	w.do(0, OfContact(ContactEnded, 1))
	require.False(t, has(w.wait(3600-303-300-1), PoolSet, ByPeak))
	require.True(t, has(w.wait(2), PoolSet, ByPeak), "five minutes ahead of the expected peak")
	require.Len(t, offersIn(w.do(60, contactTo(4, 0))), 1)
}

func TestTransferAndParkingKeepAge(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Auto = true
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(5, SetStatus(1, NotReady, 0))
	out := w.do(5, Move(1, None, None))
	require.Empty(t, offersIn(out), "not back to the one who passed it on")
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.do(1, SetStatus(1, Ready, 0))))
	v, _ := w.e.ViewContact(1)
	require.Equal(t, epoch, v.Arrived)
	w.do(1, Park(1, w.now+100*Second))
	a, _ := w.e.ViewAgent(1)
	require.Zero(t, a.Used, "a parked contact takes no capacity")
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.do(10, OfContact(ContactResumed, 1))), "back to the same agent")
	w.do(1, Park(1, w.now+100*Second))
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.wait(99+1)), "or by itself")
}

func TestSkillsAreWeighed(t *testing.T) {
	cfg := small(0)
	cfg.Skills = []string{"product", "language"}
	cfg.Queues[0].Strategy = BestSkill
	cfg.Queues[0].Needs = []Need{{Skill: 0, MinLevel: 30, Weight: 3}, {Skill: 1, MinLevel: 30, Weight: 1}}
	skilled := func(product, language int16) Agent {
		a := person(0, 0)
		a.Skills = []SkillLevel{{0, product}, {1, language}}
		return a
	}
	cfg.Agents = []Agent{skilled(60, 100), skilled(90, 40), skilled(100, 20)}
	w := start(t, cfg, 0, 1, 2)
	// 0: (180+100)/400 = 700; 1: (270+40)/400 = 775; 2: below the least level of language.
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.do(0, contactTo(1, 0))))
	require.Equal(t, map[int64]int32{2: 0}, offersIn(w.do(0, contactTo(2, 0))))
	require.Empty(t, offersIn(w.do(0, contactTo(3, 0))))
}

func TestReasonsNameTheFourSteps(t *testing.T) {
	cfg := shared(4, Share{Client: 1, Reserve: 1000})
	cfg.Reasons = ReasonsFull
	cfg.Agents = append(cfg.Agents, person(0, 1))
	w := start(t, cfg, 0, 1, 2, 4)
	out := w.do(0, Arrive(Arrival{Contact: 1, Queue: 0, Intent: None, Preferred: None, Value: 500}))
	var r *Reason
	for _, f := range out {
		if f.Kind == Offered {
			r = f.Reason
		}
	}
	require.NotNil(t, r)
	require.Equal(t, "best_agent", r.Rule)
	require.Equal(t, 30*Second, r.Priority.Credit, "value 500 of a credit of 60 s")
	require.Equal(t, -10*Second, r.Priority.Slack)
	require.Equal(t, MatchPart{Eligible: 4}, r.SkillMatch)
	require.Equal(t, AvailabilityPart{Free: 3}, r.Availability)
	require.Len(t, r.Agents, 1, "three alike agents: the best of them stands for the group")
	require.Equal(t, int32(1000), r.Agents[0].Fit)
	w.do(0, contactTo(2, 0))
	w.do(0, contactTo(3, 0))
	require.Equal(t, int32(3), w.inUse(0))
	out = w.do(0, contactTo(4, 0))
	require.Empty(t, offersIn(out))
	out = w.do(1, OfContact(ContactEnded, 1))
	for _, f := range out {
		if f.Kind == Offered {
			require.Equal(t, "best_contact", f.Reason.Rule)
			require.Equal(t, int64(4), f.Reason.Contacts[0].Contact)
		}
	}
}

// Every release under a cap lets the next contact through, also when the freed
// agent cannot serve it and the one before it went the same way.
func TestCapLetsOthersThroughEachTime(t *testing.T) {
	cfg := small(4)
	cfg.Skills = []string{"x", "y"}
	cfg.Queues[0].Auto = true
	second := cfg.Queues[0]
	second.Name = "y"
	cfg.Queues[0].Needs, second.Needs = []Need{{Skill: 0}}, []Need{{Skill: 1}}
	cfg.Queues = append(cfg.Queues, second)
	cfg.Pools[0].Shares = []Share{{Client: 0, Cap: 500}}
	for i := range cfg.Agents {
		cfg.Agents[i].Skills = []SkillLevel{{Skill: int32(i / 2), Level: 50}}
	}
	w := start(t, cfg, everyone(4)...)
	for id, q := range []int32{0, 0, 1, 1} {
		w.do(0, contactTo(int64(id+1), q))
	}
	require.Equal(t, int32(2), w.inUse(0))
	require.Equal(t, map[int64]int32{3: 2}, offersIn(w.do(1, OfContact(ContactEnded, 1))))
	require.Equal(t, map[int64]int32{4: 3}, offersIn(w.do(1, OfContact(ContactEnded, 2))))
}

package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// world drives a small engine; instants are seconds after its start.
type world struct {
	t   *testing.T
	e   *Engine
	now int64
}

const epoch = 1000 * Hour

// small is one voice queue of one client, one pool, n alike agents, all ready.
func small(agents int) Config {
	cfg := Config{Clients: []Client{{Name: "client"}}, Channels: []Channel{{Name: "voice"}, {Name: "chat"}, {Name: "mail", Async: true}},
		Tiers: []string{"junior", "middle", "expert"}, Pools: []Pool{{Name: "pool"}},
		Queues: []Queue{{Name: "queue", Target: 20 * Second, Ring: 10 * Second, Ladder: []Step{{Tiers: []int32{0}, Pools: []int32{0}}}}}}
	for range agents {
		cfg.Agents = append(cfg.Agents, person(0, 0))
	}
	return cfg
}

func person(pool, tier int32) Agent {
	return Agent{Pool: pool, Tier: tier, Slice: None, Capacity: []ChannelCapacity{{Channel: 0, Max: 1}, {Channel: 1, Max: 3}}}
}

func start(t *testing.T, cfg Config, ready ...int32) *world {
	t.Helper()
	e, err := New(cfg)
	require.NoError(t, err)
	w := &world{t: t, e: e, now: epoch}
	for _, a := range ready {
		w.do(0, SetStatus(a, Ready, 0))
	}
	return w
}

// do applies an event after so many seconds of silence and gives a copy of the effects.
func (w *world) do(after float64, ev Event) []Effect {
	w.now += int64(after * float64(Second))
	return append([]Effect(nil), w.e.Apply(w.now, ev)...)
}

// wait lets time pass, firing every deadline at its own instant.
func (w *world) wait(seconds float64) []Effect {
	end := w.now + int64(seconds*float64(Second))
	var all []Effect
	for w.e.NextTimer() <= end {
		all = append(all, append([]Effect(nil), w.e.Apply(w.e.NextTimer(), Event{Kind: Tick})...)...)
	}
	w.now = end
	return append(all, w.e.Apply(end, Event{Kind: Tick})...)
}

func contactTo(id int64, queue int32) Event {
	return Arrive(Arrival{Contact: id, Queue: queue, Intent: None, Preferred: None})
}

func offersIn(list []Effect) map[int64]int32 {
	m := map[int64]int32{}
	for _, f := range list {
		if f.Kind == Offered {
			m[f.Contact] = f.Agent
		}
	}
	return m
}

func has(list []Effect, kind EffectKind, cause Cause) bool {
	for _, f := range list {
		if f.Kind == kind && f.Cause == cause {
			return true
		}
	}
	return false
}

// 1: agents stuck in a transient state until a person or a restart clears it.
func TestNoStateSticks(t *testing.T) {
	w := start(t, small(1), 0)
	w.e.cfg.Queues[0].WrapLimit = 30 * Second
	w.do(0, contactTo(1, 0))
	// The agent never reacts: the offer ends by itself, the contact keeps its place, the agent is offered others.
	out := w.wait(10)
	require.True(t, has(out, OfferEnded, ByNoAnswer))
	require.Equal(t, map[int64]int32{2: 0}, offersIn(w.do(0, contactTo(2, 0))))
	w.do(1, OfWork(OfferAccepted, 2, 0))
	w.do(1, OfContact(ContactEnded, 2))
	// The agent forgets the wrap-up: it ends at its limit and contact 1 comes, its back-off over.
	out = w.wait(30)
	require.True(t, has(out, Wrapped, ByLimit))
	require.Equal(t, map[int64]int32{1: 0}, offersIn(out))
}

// 1: a status set while an offer rings is not overwritten later.
func TestStatusDuringOfferStands(t *testing.T) {
	w := start(t, small(2), 0)
	w.do(0, contactTo(1, 0))
	out := w.do(1, SetStatus(0, NotReady, 7))
	require.True(t, has(out, OfferEnded, ByAgentGone))
	require.True(t, has(out, Queued, ByAgentGone))
	v, _ := w.e.ViewAgent(0)
	require.Equal(t, NotReady, v.Status)
	require.Equal(t, int16(7), v.Aux)
	w.wait(120)
	v, _ = w.e.ViewAgent(0)
	require.Equal(t, NotReady, v.Status)
	require.Zero(t, v.Used)
}

// 2: a member "answered" after he hung up; one unavailable agent halting the queue.
func TestLeftContactIsGone(t *testing.T) {
	w := start(t, small(2), 0, 1)
	w.do(0, contactTo(1, 0))
	out := w.do(1, OfContact(ContactLeft, 1))
	require.True(t, has(out, OfferEnded, ByLeaving))
	require.True(t, has(out, Closed, ByLeaving))
	out = w.do(0, OfWork(OfferAccepted, 1, 0))
	require.True(t, has(out, Refused, UnknownContact))
	v, _ := w.e.ViewAgent(0)
	require.Zero(t, v.Used)
}

func TestAbsentAgentDoesNotHaltTheQueue(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Strategy = BestSkill
	w := start(t, cfg, 1)
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.do(0, contactTo(1, 0))))
}

// 3: two agents answer one caller; a burst of calls all rings the first agent.
func TestOneContactOneAgent(t *testing.T) {
	w := start(t, small(3), 0, 1, 2)
	seen := map[int32]bool{}
	for id := int64(1); id <= 3; id++ {
		for _, a := range offersIn(w.do(0, contactTo(id, 0))) {
			require.False(t, seen[a], "agent %d got two calls", a)
			seen[a] = true
		}
	}
	require.Len(t, seen, 3)
	w.do(0, OfWork(OfferAccepted, 1, 0))
	require.True(t, has(w.do(0, OfWork(OfferAccepted, 1, 1)), Refused, NotOffered))
	require.True(t, has(w.do(0, OfWork(OfferAccepted, 2, 2)), Refused, WrongAgent))
	require.True(t, has(w.do(0, contactTo(1, 0)), Refused, DuplicateContact))
}

// 4: waiting work that is not retried when an agent frees up, signs in, gains a
// client or a skill, or when a chat slot opens.
func TestEveryChangeRetriesWaitingWork(t *testing.T) {
	cfg := small(1)
	cfg.Queues = append(cfg.Queues, Queue{Name: "chat", Channel: 1, Target: Minute, Ladder: []Step{{Tiers: []int32{0}, Pools: []int32{0}}}})
	w := start(t, cfg)
	for id := int64(1); id <= 4; id++ {
		require.Empty(t, offersIn(w.do(0, contactTo(id, 1))))
	}
	require.Equal(t, map[int64]int32{1: 0, 2: 0, 3: 0}, offersIn(w.do(1, SetStatus(0, Ready, 0))), "signs in: three slots")
	w.do(0, OfWork(OfferAccepted, 2, 0))
	require.Equal(t, map[int64]int32{4: 0}, offersIn(w.do(1, OfContact(ContactEnded, 2))), "the fourth does not starve")
	// A skill gained by configuration.
	needy := cfg
	needy.Skills = []string{"french"}
	needy.Queues = append([]Queue(nil), cfg.Queues...)
	needy.Queues[0].Needs = []Need{{Skill: 0, MinLevel: 50}}
	w = start(t, needy, 0)
	require.Empty(t, offersIn(w.do(0, contactTo(9, 0))))
	able := needy
	able.Agents = []Agent{needy.Agents[0]}
	able.Agents[0].Skills = []SkillLevel{{Skill: 0, Level: 80}}
	out := w.do(1, Reconfigure(&able))
	require.True(t, has(out, ConfigSet, ByNothing))
	require.Equal(t, map[int64]int32{9: 0}, offersIn(out))
}

func TestSliceChangeRetries(t *testing.T) {
	cfg := small(1)
	cfg.Clients = append(cfg.Clients, Client{Name: "other"})
	cfg.Agents[0].Slice = 1
	w := start(t, cfg, 0)
	require.Empty(t, offersIn(w.do(0, contactTo(1, 0))), "the agent works for the other client now")
	require.Equal(t, map[int64]int32{1: 0}, offersIn(w.do(5, SetSlice(0, 0))))
}

// 5: work left with people who are gone: offers return at once, accepted work
// after the grace, with its age.
func TestWorkOfAGoneAgentReturns(t *testing.T) {
	cfg := small(2)
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(1, OfWork(OfferAccepted, 1, 0))
	w.do(0, OfAgent(AgentLost, 0))
	v, _ := w.e.ViewContact(1)
	require.Equal(t, "active", v.State, "the grace lasts")
	out := w.wait(60)
	require.True(t, has(out, Queued, ByAgentGone))
	v, _ = w.e.ViewContact(1)
	require.Equal(t, "waiting", v.State)
	require.Equal(t, epoch, v.Arrived, "the age is kept")
	a, _ := w.e.ViewAgent(0)
	require.Equal(t, Off, a.Status)
	require.Equal(t, map[int64]int32{1: 1}, offersIn(w.do(0, SetStatus(1, Ready, 0))))
	// Back within the grace: the work stays.
	w = start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(1, OfWork(OfferAccepted, 1, 0))
	w.do(0, OfAgent(AgentLost, 0))
	w.do(30, SetStatus(0, Ready, 0))
	w.wait(120)
	v, _ = w.e.ViewContact(1)
	require.Equal(t, "active", v.State)
}

// 6: unfair distribution: idle counts from the end of the last work, not from the
// last alert, and load comes first.
func TestIdleMeansSinceLastWorkEnded(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Strategy = LongestIdle
	w := start(t, cfg, 0)
	w.do(5, SetStatus(1, Ready, 0))
	// Agent 0 is alerted and misses: that was no work, it stays the longest idle.
	require.Equal(t, map[int64]int32{1: 0}, offersIn(w.do(5, contactTo(1, 0))))
	w.do(1, OfWork(OfferDeclined, 1, 0)) // goes to agent 1
	require.Equal(t, map[int64]int32{2: 0}, offersIn(w.do(1, contactTo(2, 0))))
	w.do(0, OfWork(OfferAccepted, 2, 0))
	w.do(0, OfWork(OfferAccepted, 1, 1))
	w.do(10, OfContact(ContactEnded, 1))
	w.do(10, OfContact(ContactEnded, 2))
	require.Equal(t, map[int64]int32{3: 1}, offersIn(w.do(1, contactTo(3, 0))), "agent 1 ended work first")
}

func TestLoadComesBeforeIdleness(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Channel, cfg.Queues[0].Strategy = 1, LongestIdle
	w := start(t, cfg, 0)
	w.do(10, SetStatus(1, Ready, 0))
	got := map[int32]int{}
	for id := int64(1); id <= 4; id++ {
		for _, a := range offersIn(w.do(0, contactTo(id, 0))) {
			got[a]++
		}
	}
	require.Equal(t, map[int32]int{0: 2, 1: 2}, got, "chats are not piled on the one who idled longest")
}

func TestLeastOccupied(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Strategy = LeastOccupied
	w := start(t, cfg, 0, 1)
	w.do(0, contactTo(1, 0)) // agent 0 by order
	w.do(0, OfWork(OfferAccepted, 1, 0))
	w.do(0, contactTo(2, 0))
	w.do(0, OfWork(OfferAccepted, 2, 1))
	w.do(10, OfContact(ContactEnded, 2)) // agent 1: 10 s busy
	w.do(50, OfContact(ContactEnded, 1)) // agent 0: 60 s busy
	w.do(100, contactTo(3, 0))           // agent 1 has 100 % of 10 s, agent 0 100 % of 60 s: idle time decides
	w.do(0, OfWork(OfferAccepted, 3, 1)) //
	w.do(10, OfContact(ContactEnded, 3)) // agent 1: 20 of 170 s
	got := offersIn(w.do(1, contactTo(4, 0)))
	require.Equal(t, map[int64]int32{4: 1}, got)
}

// 7: offer and reject loops end: a refusing agent is not asked again during the
// back-off, others are, and unanswered offers pause the agent by policy.
func TestNoOfferLoop(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].NoAnswer = NoAnswer{Backoff: 45 * Second, Pause: 5 * Second, MaxCount: 2, Long: 100 * Second}
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	out := w.do(1, OfWork(OfferDeclined, 1, 0))
	require.Empty(t, offersIn(out))
	require.Empty(t, offersIn(w.wait(44)), "not again within the back-off")
	require.Equal(t, map[int64]int32{1: 0}, offersIn(w.wait(1)), "after it, without any other event")
	out = w.wait(10)
	require.True(t, has(out, AgentSet, ByNoAnswer), "first miss: the short pause")
	out = w.wait(5)
	require.True(t, has(out, AgentSet, ByExpired))
	require.Equal(t, map[int64]int32{2: 0}, offersIn(w.do(0, contactTo(2, 0))))
	w.wait(10)
	v, _ := w.e.ViewAgent(0)
	require.Equal(t, Paused, v.Status)
	require.Equal(t, w.now+5*Second, v.Until, "a pause always ends by itself")
}

func TestMissedInARowPausesLong(t *testing.T) {
	cfg := small(1)
	cfg.Queues[0].NoAnswer = NoAnswer{Backoff: Second, MaxCount: 2, Long: 100 * Second}
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.wait(10)
	w.wait(1)
	w.wait(10)
	v, _ := w.e.ViewAgent(0)
	require.Equal(t, Paused, v.Status)
	require.Equal(t, w.now+100*Second, v.Until)
}

// 8: wrap-up is honoured across queues; strict cross-queue weights starve nobody.
func TestWrapUpHoldsAcrossQueues(t *testing.T) {
	cfg := small(1)
	cfg.Queues[0].WrapLimit = 60 * Second
	second := cfg.Queues[0]
	second.Name = "second"
	cfg.Queues = append(cfg.Queues, second)
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(0, OfWork(OfferAccepted, 1, 0))
	w.do(10, OfContact(ContactEnded, 1))
	require.Empty(t, offersIn(w.do(1, contactTo(2, 1))))
	require.Equal(t, map[int64]int32{2: 0}, offersIn(w.do(5, OfWork(WrapEnded, 1, 0))))
}

func TestNobodyStarves(t *testing.T) {
	cfg := small(1)
	cfg.Clients = []Client{{Name: "rich", Penalty: 100_000}, {Name: "poor", Penalty: 1}}
	cfg.Queues[0].Starve = 300 * Second
	poor := cfg.Queues[0]
	poor.Name, poor.Client = "poor", 1
	cfg.Queues = append(cfg.Queues, poor)
	cfg.Queues[0].Auto, cfg.Queues[1].Auto = true, true
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	poorID := int64(2)
	w.do(0, contactTo(poorID, 1))
	// The rich client sends twice what one agent can do; the poor contact is due at 20 s and may wait 300 s longer.
	answered := int64(0)
	active, next := int64(1), int64(3)
	for answered == 0 && w.now < epoch+2000*Second {
		w.do(5, contactTo(next, 0))
		next++
		w.do(0, contactTo(next, 0))
		next++
		for id := range offersIn(w.do(5, OfContact(ContactEnded, active))) {
			active = id
			if id == poorID {
				answered = w.now
			}
		}
	}
	wait := (answered - epoch) / Second
	require.Greater(t, wait, int64(100), "the rich went first while they could")
	// At 320 s it enters the age class; then only contacts with earlier due times are ahead: none younger than itself.
	require.LessOrEqual(t, wait, int64(320+10))
}

// 9: relaxation surprises: deadlines are absolute from arrival whatever offers do,
// steps shorter than the ring are refused, place and age are kept on widening.
func TestLadderIsAbsolute(t *testing.T) {
	cfg := small(1)
	cfg.Agents = append(cfg.Agents, person(0, 1))
	cfg.Queues[0].Ladder = append(cfg.Queues[0].Ladder, Step{After: 15 * Second, Tiers: []int32{0, 1}})
	w := start(t, cfg, 1) // only the middle agent is there
	w.do(0, contactTo(1, 0))
	w.do(1, contactTo(2, 0))
	w.do(9, SetStatus(0, Ready, 0)) // rings from 10 to 20 s: longer than the step
	out := w.wait(10)
	require.True(t, has(out, OfferEnded, ByNoAnswer))
	var at int64
	for _, f := range out {
		if f.Kind == Offered && f.Contact == 2 && f.Agent == 1 {
			at = f.At
		}
	}
	require.Equal(t, int64(16), (at-epoch)/Second, "contact 2 widened at 1 + 15 s")
	require.Contains(t, out, Effect{Kind: Widened, Cause: ByLimit, Step: 1, Agent: None, Pool: None, Partner: None, At: epoch + 20*Second, Contact: 1},
		"contact 1 widened as soon as the offer ended: the step's time had come during the ring")
	short := small(1)
	short.Queues[0].Ladder = append(short.Queues[0].Ladder, Step{After: 5 * Second, Tiers: []int32{1}})
	_, err := New(short)
	require.ErrorContains(t, err, "rings 10000 ms")
}

// 10: automation does not overwrite what people chose; capacity across channels is kept.
func TestInterruptsBetweenChannels(t *testing.T) {
	cfg := small(1)
	cfg.Channels[0].Interrupts = []int32{2}
	cfg.Agents[0].Capacity = []ChannelCapacity{{Channel: 0, Max: 1}, {Channel: 1, Max: 3}, {Channel: 2, Max: 1, Weight: 1000}}
	chat, mail := cfg.Queues[0], cfg.Queues[0]
	chat.Name, chat.Channel = "chat", 1
	mail.Name, mail.Channel = "mail", 2
	cfg.Queues = append(cfg.Queues, chat, mail)
	w := start(t, cfg, 0)
	require.Len(t, offersIn(w.do(0, contactTo(1, 2))), 1)
	w.do(0, OfWork(OfferAccepted, 1, 0))
	require.Empty(t, offersIn(w.do(1, contactTo(2, 1))), "a chat may not interrupt a mail")
	require.Equal(t, map[int64]int32{3: 0}, offersIn(w.do(1, contactTo(3, 0))), "a call may")
	w.do(0, OfWork(OfferAccepted, 3, 0))
	w.do(1, OfContact(ContactEnded, 1))
	require.Empty(t, offersIn(w.do(1, contactTo(4, 2))), "a mail may not interrupt a call")
}

// Restart: waiting work survives, leases expire by the clock.
func TestRestartKeepsEverything(t *testing.T) {
	w := start(t, small(1), 0)
	w.do(0, contactTo(1, 0))
	w.do(1, contactTo(2, 0))
	e, err := Rebuild(w.e.Snapshot())
	require.NoError(t, err)
	w.e = e
	v, ok := w.e.ViewContact(2)
	require.True(t, ok)
	require.Equal(t, int32(1), v.Place)
	out := w.do(60, Event{Kind: Tick})
	require.True(t, has(out, OfferEnded, ByNoAnswer), "the offer's deadline passed while nobody was leading")
	require.Equal(t, map[int64]int32{2: 0}, offersIn(out), "and its agent gets the other one: the first is in back-off")
}

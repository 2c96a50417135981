package engine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawConfig draws a small world in which everything happens often.
func drawConfig(t *rapid.T) Config {
	n := func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) }
	seconds := func(lo, hi int, what string) int64 { return int64(n(lo, hi, what)) * Second }
	flag := func(what string) bool { return rapid.Bool().Draw(t, what) }
	cfg := Config{
		Clients:  []Client{{Name: "a", Penalty: int32(n(0, 3, "penalty")) * 1000}, {Name: "b", Value: int32(n(0, 3, "client value")) * 700, Urgency: int32(n(0, 3, "client urgency")) * 700}},
		Channels: []Channel{{Name: "voice", Interrupts: []int32{2}}, {Name: "chat"}, {Name: "mail", Async: true}},
		Skills:   []string{"s0", "s1"}, Tiers: []string{"junior", "expert"}, Partners: []string{"partner"},
		Intents: []Intent{{Name: "hard", Needs: []Need{{Skill: 1, MinLevel: 50, Weight: 2}}}},
		Weights: Weights{EvenHanded: n(0, 4, "even") == 0, StrictGuarantee: flag("strict"), ValueSkill: int32(n(0, 1, "value skill")) * 500, Grace: 20 * Second},
	}
	pools := n(1, 2, "pools")
	for i := range pools {
		p := Pool{Name: fmt.Sprint(i)}
		if flag("shared") {
			p.Shares = []Share{{Client: 0, Guarantee: int32(n(0, 5, "guarantee")) * 100, Reserve: int32(n(0, 2, "reserve")) * 1000},
				{Client: 1, Cap: int32(n(0, 3, "cap")) * 250}}
		}
		if flag("protected") {
			p.Protect = []Protect{{Tier: 1, Keep: 1000}}
		}
		cfg.Pools = append(cfg.Pools, p)
	}
	queues := n(1, 3, "queues")
	if flag("reserve pool") {
		cu := CallUp{Queues: []int32{0}, Waiting: int32(n(0, 3, "call at")), PerMin: int32(n(0, 5, "trend")), Lead: 10 * Second, MinOpen: 30 * Second}
		if flag("peak") {
			cu.Peaks = []Peak{{From: 1000*Hour + 60*Second, To: 1000*Hour + 90*Second}}
		}
		cfg.Pools = append(cfg.Pools, Pool{Name: "reserve", Reserve: true, CallUp: cu})
	}
	for i := range queues {
		q := Queue{Name: fmt.Sprint(i), Client: int32(n(0, 1, "client")), Channel: int32(n(0, 2, "channel")), Target: seconds(0, 20, "target"),
			Ring: seconds(1, 5, "ring"), WrapLimit: seconds(0, 5, "wrap"), Starve: seconds(5, 60, "starve"), Hold: seconds(0, 8, "hold"),
			Strategy: Strategy(n(0, 3, "strategy")), Auto: n(0, 3, "auto") == 0,
			NoAnswer: NoAnswer{Backoff: seconds(1, 20, "backoff"), Pause: seconds(0, 5, "pause"), MaxCount: int16(n(0, 3, "max count")), Long: 20 * Second}}
		if flag("needs") {
			q.Needs = []Need{{Skill: int32(n(0, 1, "skill")), MinLevel: int16(n(0, 2, "level") * 30)}}
		}
		q.Ladder = []Step{{Tiers: []int32{int32(n(0, 1, "tier"))}, Pools: []int32{int32(n(0, len(cfg.Pools)-1, "pool"))}}}
		after := int64(0)
		for range n(0, 3, "steps") {
			after += q.Ring + seconds(0, 10, "after")
			s := Step{After: after, Kind: StepKind(n(0, 4, "kind")), Lease: seconds(0, 10, "lease")}
			if s.Kind == StepWiden {
				s.Relax = int16(n(0, 1, "relax") * 40)
				if flag("tiers") {
					s.Tiers = []int32{0, 1}
				}
				if flag("pools") {
					for p := range cfg.Pools {
						s.Pools = append(s.Pools, int32(p))
					}
				}
			}
			q.Ladder = append(q.Ladder, s)
		}
		cfg.Queues = append(cfg.Queues, q)
	}
	for i := range n(1, 5, "agents") {
		a := Agent{Name: fmt.Sprint(i), Pool: int32(n(0, len(cfg.Pools)-1, "agent pool")), Tier: int32(n(0, 1, "agent tier")), Slice: int32(n(-1, 1, "slice"))}
		for s := range cfg.Skills {
			if n(0, 3, "has") > 0 {
				a.Skills = append(a.Skills, SkillLevel{Skill: int32(s), Level: int16(n(0, 2, "agent level") * 40)})
			}
		}
		a.Capacity = []ChannelCapacity{{Channel: 0, Max: 1}, {Channel: 1, Max: int16(n(0, 3, "chats"))}, {Channel: 2, Max: 2, Weight: int32(n(1, 4, "mail weight")) * 250}}
		cfg.Agents = append(cfg.Agents, a)
	}
	return cfg
}

// drawEvent draws an event that mostly fits the state, and sometimes does not.
func drawEvent(t *rapid.T, s *Snapshot, nextID *int64) Event {
	n := func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) }
	cfg := &s.Config
	agent := int32(n(0, len(cfg.Agents)-1, "agent"))
	queue := int32(n(0, len(cfg.Queues)-1, "queue"))
	pick := func(state string) *ContactSnapshot {
		var list []*ContactSnapshot
		for i := range s.Contacts {
			if s.Contacts[i].State == state {
				list = append(list, &s.Contacts[i])
			}
		}
		if len(list) == 0 {
			return nil
		}
		return list[n(0, len(list)-1, "which")]
	}
	agentOf := func(contact int64) int32 {
		for _, w := range s.Works {
			if w.Contact == contact && w.State != "wrapping" {
				return w.Agent
			}
		}
		return agent
	}
	attributes := func(id int64) Arrival {
		a := Arrival{Contact: id, Queue: queue, Intent: int32(n(-1, 0, "intent")), Preferred: int32(n(-1, len(cfg.Agents)-1, "preferred")),
			Priority: int16(n(0, 2, "priority")), Value: int16(n(0, 10, "value") * 100), Urgency: int16(n(0, 3, "urgency") * 300), HumanOnly: n(0, 4, "vip") == 0}
		if n(0, 5, "due") == 0 {
			a.Due = s.Now + int64(n(0, 60, "due in"))*Second
		}
		return a
	}
	switch kind := n(0, 24, "event"); kind {
	case 0, 1, 2, 3, 4, 5:
		*nextID++
		a := attributes(*nextID)
		if n(0, 9, "old") == 0 {
			a.Arrived = s.Now - 5*Second
		}
		return Arrive(a)
	case 6, 7, 8:
		if c := pick("offered"); c != nil {
			return OfWork(OfferAccepted, c.Contact, agentOf(c.Contact))
		}
	case 9:
		if c := pick("offered"); c != nil {
			return OfWork(OfferDeclined, c.Contact, agentOf(c.Contact))
		}
	case 10, 11, 12:
		if c := pick("active"); c != nil {
			return OfContact(ContactEnded, c.Contact)
		}
	case 13:
		if len(s.Works) > 0 {
			w := s.Works[n(0, len(s.Works)-1, "work")]
			return OfWork(WrapEnded, w.Contact, w.Agent)
		}
	case 14, 15, 16:
		return SetStatus(agent, AgentStatus(n(0, 4, "status")%3), int16(n(0, 2, "aux")))
	case 17:
		switch n(0, 3, "agent event") {
		case 0:
			return OfAgent(AgentLost, agent)
		case 1:
			return SetSlice(agent, int32(n(-1, 1, "slice")))
		case 2:
			return MoveAgent(agent, int32(n(0, len(cfg.Pools)-1, "pool")))
		}
	case 18:
		switch n(0, 3, "pool event") {
		case 0:
			return OpenPool(int32(len(cfg.Pools)-1), s.Now+int64(n(0, 30, "until"))*Second)
		case 1:
			return ClosePool(int32(len(cfg.Pools) - 1))
		case 2:
			return Raise(queue, int32(n(1, 3, "raise")*700))
		}
	case 19:
		if c := pick("active"); c != nil {
			if n(0, 1, "park") == 0 {
				return Park(c.Contact, s.Now+int64(n(0, 20, "until"))*Second)
			}
			return Move(c.Contact, int32(n(-1, len(cfg.Queues)-1, "to")), int32(n(-1, len(cfg.Agents)-1, "to agent")))
		}
		if c := pick("parked"); c != nil {
			return OfContact(ContactResumed, c.Contact)
		}
	case 20:
		if c := pick("handed"); c != nil {
			return OfContact([]EventKind{HandOverTaken, HandOverBack}[n(0, 1, "hand over")], c.Contact)
		}
		if c := pick("waiting"); c != nil {
			return OfContact(InviteTaken, c.Contact)
		}
	case 21:
		if c := pick([]string{"waiting", "offered", "active"}[n(0, 2, "state")]); c != nil {
			return OfContact(ContactLeft, c.Contact)
		}
	case 22:
		if c := pick([]string{"waiting", "offered"}[n(0, 1, "state")]); c != nil {
			if n(0, 1, "change") == 0 {
				return Change(attributes(c.Contact))
			}
			return Move(c.Contact, queue, None)
		}
	case 23:
		if c := pick([]string{"offered", "active", "parked"}[n(0, 2, "state")]); c != nil {
			return OfContact(ContactRequeued, c.Contact)
		}
	}
	if n(0, 9, "wrong") == 0 {
		return Event{Kind: EventKind(n(0, 26, "any kind")), Contact: int64(n(-1, 30, "any contact")), Agent: int32(n(-2, 7, "any agent")),
			Queue: int32(n(-2, 5, "any queue")), Client: int32(n(-2, 3, "any client")), Pool: int32(n(-2, 4, "any pool")),
			Intent: int32(n(-2, 2, "any intent")), Preferred: int32(n(-2, 7, "any preferred"))}
	}
	return Event{Kind: Tick}
}

func withoutReasons(list []Effect) []Effect {
	out := append([]Effect(nil), list...)
	for i := range out {
		out[i].Reason = nil
	}
	return out
}

// TestModel: random worlds and events; the engine, an engine that explains
// everything, and one rebuilt from a snapshot after every event must give the
// same effects as the naive model, and the invariants must hold.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		warm, err := New(cfg)
		require.NoError(t, err)
		full := cfg
		full.Reasons = ReasonsFull
		explaining, err := New(full)
		require.NoError(t, err)
		model := newNaive(cfg)
		now := 1000 * Hour
		nextID := int64(0)
		open := map[int64]bool{}
		s := warm.Snapshot()
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			now += int64(rapid.SampledFrom([]int{0, 0, 1, 2, 3, 5, 8, 40}).Draw(t, "dt")) * Second / 2
			rebuilt, err := Rebuild(s)
			require.NoError(t, err)
			s.Now = now
			ev := drawEvent(t, &s, &nextID)
			want := model.Apply(now, ev)
			got := withoutReasons(warm.Apply(now, ev))
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s at %d: model (-) and engine (+) differ:\n%s", ev.Kind, now-1000*Hour, d)
			}
			if d := cmp.Diff(got, withoutReasons(explaining.Apply(now, ev))); d != "" {
				t.Fatalf("explanations changed a decision:\n%s", d)
			}
			if d := cmp.Diff(got, withoutReasons(rebuilt.Apply(now, ev))); d != "" {
				t.Fatalf("the rebuilt engine decided otherwise:\n%s", d)
			}
			s = warm.Snapshot()
			if d := cmp.Diff(s, rebuilt.Snapshot()); d != "" {
				t.Fatalf("the rebuilt engine's state differs:\n%s", d)
			}
			if warm.NextTimer() != rebuilt.NextTimer() {
				t.Fatalf("next timer: warm %d, rebuilt %d", warm.NextTimer(), rebuilt.NextTimer())
			}
			follow(t, got, open)
			checkInvariants(t, &s, open)
		}
	})
}

// follow keeps the set of open contacts from the effects alone.
func follow(t *rapid.T, effects []Effect, open map[int64]bool) {
	for _, f := range effects {
		switch f.Kind {
		case Queued:
			open[f.Contact] = true
		case Closed:
			if !open[f.Contact] {
				t.Fatalf("contact %d closed twice", f.Contact)
			}
			delete(open, f.Contact)
		}
	}
}

// checkInvariants: nothing lost, nobody assigned twice, no capacity exceeded,
// every lease has a deadline ahead.
func checkInvariants(t *rapid.T, s *Snapshot, open map[int64]bool) {
	if len(s.Contacts) != len(open) {
		t.Fatalf("%d contacts are open, the effects say %d", len(s.Contacts), len(open))
	}
	holder := map[int64]int32{}
	type key struct{ agent, channel int32 }
	count := map[key]int16{}
	for _, w := range s.Works {
		if w.State != "wrapping" {
			if a, twice := holder[w.Contact]; twice {
				t.Fatalf("contact %d is with agents %d and %d", w.Contact, a, w.Agent)
			}
			holder[w.Contact] = w.Agent
		}
		if w.State != "active" && w.Deadline <= s.Now {
			t.Fatalf("segment %d is %s past its deadline", w.Segment, w.State)
		}
		if w.State == "offered" && s.Agents[w.Agent].Status != Ready {
			t.Fatalf("agent %d is %s and has an offer", w.Agent, s.Agents[w.Agent].Status)
		}
		count[key{w.Agent, s.Config.Queues[w.Queue].Channel}]++
	}
	for k, n := range count {
		for _, c := range s.Config.Agents[k.agent].Capacity {
			if c.Channel == k.channel && n > c.Max {
				t.Fatalf("agent %d has %d contacts on channel %d, at most %d are allowed", k.agent, n, k.channel, c.Max)
			}
		}
	}
	for _, c := range s.Contacts {
		if _, assigned := holder[c.Contact]; assigned != (c.State == "offered" || c.State == "active") {
			t.Fatalf("contact %d is %s, assigned: %v", c.Contact, c.State, assigned)
		}
		if (c.State == "parked" || c.State == "handed") && c.Until <= s.Now {
			t.Fatalf("contact %d is %s past its deadline", c.Contact, c.State)
		}
	}
}

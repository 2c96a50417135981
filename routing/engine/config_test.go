package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"muster/tenants/fault"
)

func TestConfigErrorsNameTheCure(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"client of a queue": {func(c *Config) { c.Queues[0].Client = 3 }, "names client 3"},
		"channel":           {func(c *Config) { c.Queues[0].Channel = -1 }, "names channel -1"},
		"negative target":   {func(c *Config) { c.Queues[0].Target = -1 }, "must not be negative"},
		"no ladder":         {func(c *Config) { c.Queues[0].Ladder = nil }, "must start with a widen step"},
		"step order":        {func(c *Config) { c.Queues[0].Auto = true; c.Queues[0].Ladder = append(c.Queues[0].Ladder, Step{}) }, "does not come after"},
		"step below ring":   {func(c *Config) { c.Queues[0].Ladder = append(c.Queues[0].Ladder, Step{After: Second}) }, "lengthen the step"},
		"partner": {func(c *Config) {
			c.Queues[0].Ladder = append(c.Queues[0].Ladder, Step{After: Minute, Kind: StepPartner})
		}, "names partner 0; there are 0"},
		"strategy":            {func(c *Config) { c.Queues[0].Strategy = 9 }, "strategy 9"},
		"level":               {func(c *Config) { c.Skills = []string{"s"}; c.Agents[0].Skills = []SkillLevel{{0, 101}} }, "levels run from 0 to 100"},
		"skill twice":         {func(c *Config) { c.Skills = []string{"s"}; c.Agents[0].Skills = []SkillLevel{{0, 1}, {0, 2}} }, "twice"},
		"capacity":            {func(c *Config) { c.Agents[0].Capacity[0].Weight = 1001 }, "between 0 and 1000"},
		"capacity twice":      {func(c *Config) { c.Agents[0].Capacity = append(c.Agents[0].Capacity, ChannelCapacity{Channel: 0}) }, "two capacities"},
		"cap below guarantee": {func(c *Config) { c.Pools[0].Shares = []Share{{Guarantee: 500, Cap: 400}} }, "raise the cap"},
		"guarantees": {func(c *Config) {
			c.Clients = append(c.Clients, Client{})
			c.Pools[0].Shares = []Share{{Guarantee: 600}, {Client: 1, Guarantee: 600}}
		}, "add up to 1200"},
		"two shares":           {func(c *Config) { c.Pools[0].Shares = []Share{{}, {}} }, "keep one"},
		"peak":                 {func(c *Config) { c.Pools[0].CallUp.Peaks = []Peak{{2, 1}} }, "not after its start"},
		"weights":              {func(c *Config) { c.Weights.Idle = -1 }, "must not be negative"},
		"protected tier":       {func(c *Config) { c.Pools[0].Protect = []Protect{{Tier: 8}} }, "names tier 8"},
		"reason mode":          {func(c *Config) { c.Reasons = 7 }, "reason mode 7"},
		"interrupting channel": {func(c *Config) { c.Channels[0].Interrupts = []int32{5} }, "names channel 5"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := small(1)
			c.change(&cfg)
			_, err := New(cfg)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		})
	}
	_, err := ParseStrategy("random")
	require.ErrorContains(t, err, "allowed: balanced, longest_idle, least_occupied, best_skill")
	_, err = ParseReasonMode("")
	require.ErrorContains(t, err, "allowed: off, sampled, full")
}

func TestNamesAreStable(t *testing.T) {
	ev := Arrive(Arrival{Contact: 7, Queue: 1, Intent: None, Preferred: None})
	data, err := json.Marshal(ev)
	require.NoError(t, err)
	require.Contains(t, string(data), `"Kind":"contact_arrived"`)
	var back Event
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, ev, back)
	require.ErrorContains(t, json.Unmarshal([]byte(`{"Kind":"contact_came"}`), &back), "allowed: tick, contact_arrived")
	for i := range len(causeNames) {
		require.NotEqual(t, "unknown", Cause(i).String())
	}
	require.Equal(t, "bad_config", BadConfig.String())
	require.Equal(t, "reconfigured", Reconfigured.String())
	require.Equal(t, "refused", Refused.String())
}

// busy is a state with something of everything in it.
func busy(t *testing.T) *world {
	cfg := shared(3, Share{Client: 1, Guarantee: 300, Reserve: 1000})
	cfg.Queues[0].Auto = false
	cfg.Queues[0].WrapLimit = Minute
	cfg.Queues[0].Hold = Minute
	cfg.Partners = []string{"partner"}
	cfg.Queues[1].Ladder = append(cfg.Queues[1].Ladder, Step{After: 30 * Second, Kind: StepPartner})
	w := start(t, cfg, 0, 1, 2)
	for id := int64(1); id <= 3; id++ {
		w.do(0, contactTo(id, int32(id%2)))
	}
	w.do(1, OfWork(OfferAccepted, 2, 1))
	w.do(1, Arrive(Arrival{Contact: 9, Queue: 0, Intent: None, Preferred: 1}))
	w.do(1, OfContact(ContactEnded, 2))
	w.do(1, contactTo(10, 1))
	w.do(40, contactTo(11, 0))
	return w
}

func TestReconfigureKeepsTheFloor(t *testing.T) {
	w := busy(t)
	before := w.e.Snapshot()
	cfg := before.Config
	cfg.Version = 2
	cfg.Agents = append(append([]Agent(nil), cfg.Agents...), person(0, 0))
	cfg.Clients = append([]Client(nil), cfg.Clients...)
	cfg.Clients[0].Penalty = 3000
	out := w.do(0, Reconfigure(&cfg))
	require.True(t, has(out, ConfigSet, ByNothing))
	after := w.e.Snapshot()
	require.Equal(t, int64(2), after.Config.Version)
	require.Empty(t, cmp.Diff(before.Works, after.Works[:len(before.Works)]))
	require.Len(t, after.Contacts, len(before.Contacts))
	require.NotEmpty(t, offersIn(w.do(0, SetStatus(3, Ready, 0))), "the new agent works at once")
	fewer := cfg
	fewer.Agents = fewer.Agents[:1]
	require.True(t, has(w.do(0, Reconfigure(&fewer)), Refused, BadConfig), "entities may not vanish")
	broken := cfg
	broken.Queues = append([]Queue(nil), cfg.Queues...)
	broken.Queues[0].Ladder = nil
	require.True(t, has(w.do(0, Reconfigure(&broken)), Refused, BadConfig))
	require.True(t, has(w.do(0, Reconfigure(nil)), Refused, BadConfig))
}

func TestBrokenSnapshotsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Snapshot){
		"version":         func(s *Snapshot) { s.Version = 99 },
		"config":          func(s *Snapshot) { s.Config.Queues = nil },
		"contact twice":   func(s *Snapshot) { s.Contacts = append(s.Contacts, s.Contacts[0]) },
		"contact number":  func(s *Snapshot) { s.Contacts[0].Contact = 0 },
		"sequence":        func(s *Snapshot) { s.Contacts[0].Seq = s.NextContact },
		"contact state":   func(s *Snapshot) { s.Contacts[0].State = "lost" },
		"contact queue":   func(s *Snapshot) { s.Contacts[0].Queue = 9 },
		"contact step":    func(s *Snapshot) { s.Contacts[0].Step = 12 },
		"agent pool":      func(s *Snapshot) { s.Agents[0].Pool = 4 },
		"work agent":      func(s *Snapshot) { s.Works[0].Agent = 77 },
		"work state":      func(s *Snapshot) { s.Works[0].State = "gone" },
		"work of nobody":  func(s *Snapshot) { s.Agents[s.Works[0].Agent].Works = nil },
		"work of another": func(s *Snapshot) { s.Agents[0].Works, s.Agents[1].Works = s.Agents[1].Works, s.Agents[0].Works },
		"offer vanished":  func(s *Snapshot) { s.Works, s.Agents[s.Works[0].Agent].Works = s.Works[1:], nil },
		"held twice":      func(s *Snapshot) { s.Agents[0].Held = append(s.Agents[0].Held, 11, 11) },
	} {
		t.Run(name, func(t *testing.T) {
			s := busy(t).e.Snapshot()
			require.NotEmpty(t, s.Works)
			change(&s)
			_, err := Rebuild(s)
			require.Error(t, err)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		})
	}
}

func TestViews(t *testing.T) {
	w := busy(t)
	q, ok := w.e.ViewQueue(0)
	require.True(t, ok)
	s := w.e.Snapshot()
	waiting := int32(0)
	for _, c := range s.Contacts {
		if c.State == "waiting" && c.Queue == 0 {
			waiting++
		}
	}
	require.Equal(t, waiting, q.Waiting)
	_, ok = w.e.ViewQueue(9)
	require.False(t, ok)
	_, ok = w.e.ViewAgent(-1)
	require.False(t, ok)
	_, ok = w.e.ViewPool(3)
	require.False(t, ok)
	_, ok = w.e.ViewContact(12345)
	require.False(t, ok)
	p, _ := w.e.ViewPool(0)
	sum := p.Free
	for _, u := range p.InUse {
		sum += u
	}
	require.Equal(t, p.Staffed, sum)
	names := s.Config.Index()
	require.Equal(t, int32(1), names.Queues["second"])
}

// The table behaves as a map whatever is put and deleted.
func TestTable(t *testing.T) {
	tab, ref := newTable(), map[int64]int32{}
	x := uint64(1)
	for i := range 200_000 {
		x = x*6364136223846793005 + 1442695040888963407
		key := int64(x>>33)%500 + 1
		if x>>63 == 0 {
			tab.put(key, int32(i))
			ref[key] = int32(i)
		} else {
			tab.del(key)
			delete(ref, key)
		}
		probe := int64(x>>40)%500 + 1
		got, ok := tab.get(probe)
		want, there := ref[probe]
		if ok != there || got != want && ok {
			t.Fatalf("step %d: key %d is %d %v, want %d %v", i, probe, got, ok, want, there)
		}
	}
	require.Equal(t, len(ref), tab.used)
}

// No input makes the engine panic, whatever numbers it carries.
func FuzzApply(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := New(small(2))
		require.NoError(t, err)
		now := epoch
		for len(data) >= 8 {
			b := data[:8]
			data = data[8:]
			now += int64(int8(b[0])) * Second
			n := func(x byte) int32 { return int32(int8(x)) }
			ev := Event{Kind: EventKind(b[1] % 30), Contact: int64(int8(b[2])), Agent: n(b[3]), Queue: n(b[4]), Client: n(b[5]), Pool: n(b[6]),
				Intent: None, Preferred: n(b[7]), Status: AgentStatus(b[7]), Weight: math.MinInt32 + n(b[5]), Until: now + int64(b[6])*Second, Due: int64(int8(b[7]))}
			e.Apply(now, ev)
		}
		if _, err := Rebuild(e.Snapshot()); err != nil {
			t.Fatal(err, fmt.Sprintf("%+v", e.Snapshot()))
		}
	})
}

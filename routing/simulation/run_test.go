package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"muster/routing/engine"
)

// smallFloor is a short day with everything in it.
func smallFloor() Scenario {
	s := Scenario{Name: "small", Intervals: 12, Replications: 6, DayFactor: 0.1,
		Clients:  []Client{{Name: "alpha", PenaltyPermille: 2000, LateCost: 3}, {Name: "beta", LateCost: 1}},
		Channels: []Channel{{Name: "voice"}, {Name: "chat"}}, Skills: []string{"cards", "loans"}, Tiers: []string{"junior", "expert"},
		Pools:    []Pool{{Name: "shared", Shares: []Share{{Client: "beta", GuaranteePermille: 200, CapPermille: 700}}}, {Name: "reserve", Reserve: true, CallUp: CallUp{Queues: []string{"cards"}, Waiting: 6}}},
		Partners: []Partner{{Name: "partner", Accepts: 0.5, DelayS: 5, Cost: 4}},
		Queues: []Queue{
			{Name: "cards", Client: "alpha", Channel: "voice", TargetS: 20, RingS: 10, Needs: []Need{{Skill: "cards", MinLevel: 40}},
				Handle: Dist{Kind: "lognormal", Mean: 200, CV: 0.8}, Wrap: Dist{Kind: "exponential", Mean: 20}, Patience: Dist{Kind: "exponential", Mean: 90},
				Answer: Dist{Kind: "uniform", Min: 1, Max: 6}, Misses: 0.05, Redials: 0.5, RedialDelay: Dist{Kind: "constant", Mean: 300}, Value: Dist{Kind: "uniform", Max: 1000},
				NoAnswer:    NoAnswer{PauseS: 30},
				Ladder:      []Step{{Tiers: []string{"junior"}, Pools: []string{"shared", "reserve"}}, {AfterS: 30, Tiers: []string{"junior", "expert"}}, {AfterS: 60, Kind: "callback"}, {AfterS: 120, Kind: "partner", Partner: "partner"}},
				TakesInvite: 0.2},
			{Name: "loans", Client: "beta", Channel: "chat", TargetS: 60, Needs: []Need{{Skill: "loans"}}, Auto: true, Handle: Dist{Kind: "empirical", Values: []float64{100, 300, 900}},
				Patience: Dist{Kind: "constant", Mean: 400}, Ladder: []Step{{Tiers: []string{"junior", "expert"}, Pools: []string{"shared"}}}},
		},
		Agents: []Agent{
			{Name: "early", Count: 6, Pool: "shared", Tier: "junior", HourlyCost: 18, Skills: []SkillLevel{{"cards", 60}, {"loans", 50}},
				Capacity:   []Capacity{{Channel: "voice", Max: 1}, {Channel: "chat", Max: 3}},
				Activities: []Activity{{0, 3600, "work", ""}, {3600, 4500, "break", ""}, {4500, 9000, "work", "alpha"}}},
			{Name: "expert", Count: 2, Pool: "shared", Tier: "expert", HourlyCost: 30, Skills: []SkillLevel{{"cards", 95}, {"loans", 95}}},
			{Name: "spare", Count: 2, Pool: "reserve", Tier: "junior", HourlyCost: 18, Skills: []SkillLevel{{"cards", 50}}},
		},
		Adherence: Adherence{ShiftS: 60, Absent: 0.05},
	}
	for range s.Intervals {
		s.Queues[0].Arrivals = append(s.Queues[0].Arrivals, 28)
		s.Queues[1].Arrivals = append(s.Queues[1].Arrivals, 10)
	}
	return s
}

func TestResultDoesNotDependOnCores(t *testing.T) {
	one, err := RunWith(context.Background(), smallFloor(), Options{Workers: 1})
	require.NoError(t, err)
	for _, workers := range []int{2, 5} {
		many, err := RunWith(context.Background(), smallFloor(), Options{Workers: workers})
		require.NoError(t, err)
		a, err := json.Marshal(one)
		require.NoError(t, err)
		b, err := json.Marshal(many)
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
	}
	other := smallFloor()
	other.Seed = 2
	r, err := Run(context.Background(), other)
	require.NoError(t, err)
	require.NotEqual(t, one.Total.Run.ASA, r.Total.Run.ASA)
}

// Records and sums are two views of the same run.
func TestRecordsAgreeWithTheResult(t *testing.T) {
	s := smallFloor()
	s.Replications, s.Reasons = 1, "full"
	var contacts []ContactRecord
	var segments []SegmentRecord
	var states []StateRecord
	obs := Observer{Contact: func(r ContactRecord) { contacts = append(contacts, r) }, Segment: func(r SegmentRecord) { segments = append(segments, r) },
		State: func(r StateRecord) { states = append(states, r) }}
	r, err := RunWith(context.Background(), s, Options{Observer: &obs})
	require.NoError(t, err)
	require.NoError(t, Generate(context.Background(), s, Observer{}))
	n := map[Outcome]int{}
	inTarget := 0
	for _, c := range contacts {
		n[c.Outcome]++
		if c.InTarget && c.Outcome == OutcomeHandled {
			inTarget++
		}
		if c.Outcome == OutcomeHandled {
			require.True(t, c.Arrived <= c.Offered && c.Offered <= c.Accepted && c.Accepted <= c.Ended, "%+v", c)
			require.NotEmpty(t, c.Agent)
		}
		if c.Outcome == OutcomeAbandoned {
			require.Zero(t, c.Accepted)
			require.GreaterOrEqual(t, c.Abandoned, c.Arrived)
		}
	}
	f := r.Total.Run
	require.Equal(t, int(f.Offered.Mean), len(contacts))
	require.Equal(t, int(f.Answered.Mean), n[OutcomeHandled])
	require.Equal(t, int(f.Abandoned.Mean), n[OutcomeAbandoned])
	require.Equal(t, int(f.Overflowed.Mean), n[OutcomeOverflowed]+n[OutcomeInvited])
	require.InDelta(t, float64(inTarget)/float64(len(contacts)), f.ServiceLevel.Mean, 1e-12)
	for _, o := range []Outcome{OutcomeHandled, OutcomeAbandoned, OutcomeOverflowed, OutcomeInvited} {
		require.Positive(t, n[o], "%s does not happen: the scenario shows nothing", o)
	}
	accepted, missed, busy := 0, 0, int64(0)
	for _, g := range segments {
		if g.Accepted != 0 {
			accepted++
			busy += g.Wrapped - g.Accepted
		} else {
			missed++
		}
		require.NotNil(t, g.Reason)
		require.NotEmpty(t, g.Reason.Agents)
	}
	require.Equal(t, n[OutcomeHandled], accepted)
	require.Positive(t, missed)
	redials := 0
	for _, c := range contacts {
		redials += c.Redial
	}
	require.Positive(t, redials)
	breaks := 0
	for _, x := range states {
		require.Less(t, x.From, x.To)
		if x.Status == engine.NotReady && x.Aux == AuxBreak {
			breaks++
		}
	}
	require.Positive(t, breaks)
}

// Nobody is offered a contact on a break or for another client than the slice's.
func TestRosterIsKept(t *testing.T) {
	s := smallFloor()
	s.Adherence = Adherence{}
	start := int64(1767571200) * 1_000_000 // 2026-01-05T00:00:00Z
	err := Generate(context.Background(), s, Observer{Segment: func(g SegmentRecord) {
		if g.Agent[:5] != "early" {
			return
		}
		at := (g.Offered - start) / engine.Second
		require.False(t, at >= 3600 && at < 4500, "%s is offered a contact on the break, at %d s", g.Agent, at)
		require.False(t, at >= 4500 && g.Client != "alpha", "%s works for alpha and gets %s", g.Agent, g.Client)
		require.Less(t, at, int64(9000))
	}})
	require.NoError(t, err)
}

func TestCompareIsPaired(t *testing.T) {
	a, b := smallFloor(), smallFloor()
	a.Replications, b.Replications = 12, 12
	b.Name, b.Agents[1].Count = "one expert more", 3
	c, err := Compare(context.Background(), a, b)
	require.NoError(t, err)
	find := func(scope, figure string) Difference {
		for _, d := range c.Differences {
			if d.Scope == scope && d.Figure == figure {
				return d
			}
		}
		t.Fatalf("no difference for %s %s", scope, figure)
		return Difference{}
	}
	sl := find("total", "service_level")
	require.Positive(t, sl.Difference.Low, "one more expert helps: %+v", sl)
	require.Less(t, sl.P, 0.05)
	same, err := Compare(context.Background(), a, a)
	require.NoError(t, err)
	for _, d := range same.Differences {
		require.Zero(t, d.Difference.Mean)
		require.Equal(t, 1.0, d.P)
	}
	b.Seed = 9
	_, err = Compare(context.Background(), a, b)
	require.ErrorContains(t, err, "paired")
}

// Policies meet the same contacts: arrivals and values are equal, draw by draw.
func TestCommonRandomNumbers(t *testing.T) {
	type key struct {
		arrived int64
		queue   string
		value   int
	}
	gather := func(s Scenario) map[key]bool {
		m := map[key]bool{}
		s.Queues[0].Redials = 0
		require.NoError(t, Generate(context.Background(), s, Observer{Contact: func(c ContactRecord) { m[key{c.Arrived, c.Queue, c.Value}] = true }}))
		return m
	}
	a, b := smallFloor(), smallFloor()
	b.Agents[0].Count, b.Weights.EvenHanded, b.Queues[0].Strategy = 2, true, "longest_idle"
	require.Empty(t, cmp.Diff(gather(a), gather(b)))
}

func TestArrivalsFollowTheForecast(t *testing.T) {
	s := oneQueue(40, 60, 0, 50, 24, 0)
	s.Replications, s.DayFactor = 300, 0.2
	r, err := Run(context.Background(), s)
	require.NoError(t, err)
	within(t, "offered", r.Total.Run.Offered, 24*40)
	// Variance of a day: Poisson 960 and a gamma day factor, 960² × 0.2².
	var w welford
	for _, x := range r.runs {
		w.add(x.total[mOffered])
	}
	require.InEpsilon(t, math.Sqrt(960+960*960*0.04), math.Sqrt(w.m2/float64(w.n-1)), 0.15)
}

func TestRandomDistributions(t *testing.T) {
	for _, c := range []struct {
		d        Dist
		mean, sd float64
	}{
		{Dist{Kind: "exponential", Mean: 30}, 30, 30},
		{Dist{Kind: "lognormal", Mean: 200, CV: 1.2}, 200, 240},
		{Dist{Kind: "uniform", Min: 10, Max: 70}, 40, 60 / math.Sqrt(12)},
		{Dist{Kind: "empirical", Values: []float64{1, 2, 6}}, 3, math.Sqrt(14.0 / 3)},
		{Dist{Kind: "constant", Mean: 7}, 7, 0},
	} {
		x, err := compileDist(c.d, "test")
		require.NoError(t, err)
		var w welford
		rng := keyed(1, 2, 3)
		for range 200_000 {
			w.add(x.draw(&rng))
		}
		require.InDelta(t, c.mean, w.mean, 5*(c.sd+1e-9)/math.Sqrt(200_000), c.d.Kind)
		require.InDelta(t, c.sd, math.Sqrt(w.m2/200_000), 0.03*c.sd+1e-9, c.d.Kind)
	}
	var w welford
	rng := keyed(4)
	for range 100_000 {
		w.add(rng.gamma(0.3))
	}
	require.InDelta(t, 1, w.mean, 0.005)
	require.InDelta(t, 0.3, math.Sqrt(w.m2/100_000), 0.01)
}

func TestScenarioErrorsNameTheCure(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Scenario)
		says   string
	}{
		"unknown pool":       {func(s *Scenario) { s.Queues[0].Ladder[0].Pools = []string{"nowhere"} }, `pool "nowhere", which is not there; known: shared, reserve`},
		"unknown strategy":   {func(s *Scenario) { s.Queues[0].Strategy = "random" }, "allowed: balanced, longest_idle, least_occupied, best_skill"},
		"unknown step":       {func(s *Scenario) { s.Queues[0].Ladder[1].Kind = "escalate" }, "allowed: bot, callback, message, partner, widen"},
		"unknown dist":       {func(s *Scenario) { s.Queues[0].Handle.Kind = "weibull" }, "allowed: constant, empirical"},
		"unknown reasons":    {func(s *Scenario) { s.Reasons = "some" }, "allowed: off, sampled, full"},
		"nan arrivals":       {func(s *Scenario) { s.Queues[0].Arrivals[3] = math.NaN() }, "contacts in an interval"},
		"too many arrivals":  {func(s *Scenario) { s.Intervals = 3 }, "12 arrival intervals, the scenario 3"},
		"no intervals":       {func(s *Scenario) { s.Intervals = 0 }, "at least one"},
		"negative patience":  {func(s *Scenario) { s.Queues[0].Patience.Mean = -1 }, "at least 0"},
		"probability":        {func(s *Scenario) { s.Queues[0].Misses = 1.5 }, "between 0 and 1"},
		"overlapping shifts": {func(s *Scenario) { s.Agents[0].Activities[1].FromS = 100 }, "overlaps"},
		"duplicate client":   {func(s *Scenario) { s.Clients[1].Name = "alpha" }, "there twice"},
		"step below ring":    {func(s *Scenario) { s.Queues[0].Ladder[1].AfterS = 5 }, "shorten the ring"},
		"guarantees too high": {func(s *Scenario) {
			s.Pools[0].Shares[0].GuaranteePermille = 900
			s.Pools[0].Shares[0].CapPermille = 950
			s.Pools[0].Shares = append(s.Pools[0].Shares, Share{Client: "alpha", GuaranteePermille: 200})
		}, "1100 permille"},
	} {
		t.Run(name, func(t *testing.T) {
			s := smallFloor()
			c.change(&s)
			_, err := Run(context.Background(), s)
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err := Read(bytes.NewReader([]byte(`{"title": "x"}`)))
	require.ErrorContains(t, err, "title")
}

func TestFileFormIsComplete(t *testing.T) {
	s := smallFloor()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	back, err := Read(bytes.NewReader(data))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(s, back))
}

func TestCancelling(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, smallFloor())
	require.ErrorIs(t, err, context.Canceled)
}

// A day's log, replayed from a snapshot in its middle, decides exactly as the day did.
func TestLogReplaysExactly(t *testing.T) {
	m, err := compile(smallFloor())
	require.NoError(t, err)
	r, err := newReplication(m, 0, nil)
	require.NoError(t, err)
	var entries []engine.Entry
	var effects [][]engine.Effect
	var middle engine.Snapshot
	r.log = func(at int64, ev engine.Event, out []engine.Effect) {
		entries = append(entries, engine.Entry{Seq: int64(len(entries) + 1), At: at, Event: ev})
		effects = append(effects, append([]engine.Effect(nil), out...))
		if len(entries) == 700 {
			middle = r.e.Snapshot()
		}
	}
	require.NoError(t, r.run(context.Background()))
	require.Greater(t, len(entries), 1500)
	// Through JSON, as a store would keep it.
	var stored engine.Snapshot
	data, err := json.Marshal(middle)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &stored))
	e, err := engine.Replay(stored, 700, func(yield func(engine.Entry) bool) {
		for _, x := range entries[700:] {
			if !yield(x) {
				return
			}
		}
	}, func(x engine.Entry, out []engine.Effect) error {
		require.Empty(t, cmp.Diff(effects[x.Seq-1], append([]engine.Effect(nil), out...)), "entry %d", x.Seq)
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(r.e.Snapshot(), e.Snapshot()))
	_, err = engine.Replay(stored, 700, func(yield func(engine.Entry) bool) { yield(entries[701]) }, nil)
	require.ErrorContains(t, err, "missing")
}

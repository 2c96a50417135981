package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestReconfigureLosesNobody: random worlds in which the settings change while
// contacts wait, ring and are talked to. Every contact stays, no lease outlives its
// deadline, and an engine rebuilt from a snapshot goes on in the same way.
func TestReconfigureLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		warm, err := New(cfg)
		require.NoError(t, err)
		now := 1000 * Hour
		nextID := int64(0)
		open := map[int64]bool{}
		s := warm.Snapshot()
		for range rapid.IntRange(1, 50).Draw(t, "events") {
			now += int64(rapid.SampledFrom([]int{0, 1, 2, 5, 20}).Draw(t, "dt")) * Second / 2
			s.Now = now
			ev := drawEvent(t, &s, &nextID)
			if rapid.IntRange(0, 7).Draw(t, "reconfigure") == 0 {
				ev = Reconfigure(redraw(t, s.Config))
			}
			rebuilt, err := Rebuild(warm.Snapshot())
			require.NoError(t, err)
			got := withoutReasons(warm.Apply(now, ev))
			if d := cmp.Diff(got, withoutReasons(rebuilt.Apply(now, ev))); d != "" {
				t.Fatalf("%s: the rebuilt engine decided otherwise:\n%s", ev.Kind, d)
			}
			if ev.Kind == Reconfigured && ev.Config != nil && has(got, Refused, BadConfig) {
				t.Fatal("a valid configuration was refused")
			}
			follow(t, got, open)
			s = warm.Snapshot()
			checkInvariants(t, &s, open)
		}
	})
}

// redraw changes what people change while the floor runs: ladders, rights in
// pools, weights, an agent's pool.
func redraw(t *rapid.T, cfg Config) *Config {
	n := func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) }
	out := cfg
	out.Version++
	out.Queues = append([]Queue(nil), cfg.Queues...)
	q := &out.Queues[n(0, len(out.Queues)-1, "changed queue")]
	q.Ladder = q.Ladder[:n(1, len(q.Ladder), "kept steps")]
	q.Strategy, q.WrapLimit = Strategy(n(0, 3, "new strategy")), int64(n(0, 5, "new wrap"))*Second
	out.Pools = append([]Pool(nil), cfg.Pools...)
	out.Pools[0].Shares = []Share{{Client: 0, Guarantee: int32(n(0, 10, "new guarantee")) * 100, Reserve: int32(n(0, 1, "new reserve")) * 1000}}
	out.Clients = append([]Client(nil), cfg.Clients...)
	out.Clients[1].Penalty = int32(n(0, 5, "new penalty")) * 1000
	out.Agents = append([]Agent(nil), cfg.Agents...)
	out.Agents[0].Pool = int32(n(0, len(out.Pools)-1, "new pool"))
	return &out
}

// An agent whom the configuration moves goes; one whom a person moved stays while
// the configuration says nothing else.
func TestReconfigureMovesOnlyWhomItNames(t *testing.T) {
	cfg := small(2)
	cfg.Pools = append(cfg.Pools, Pool{Name: "other"})
	w := start(t, cfg, 0, 1)
	w.do(0, MoveAgent(1, 1))
	same := cfg
	same.Version = 2
	require.True(t, has(w.do(1, Reconfigure(&same)), ConfigSet, ByNothing))
	v, _ := w.e.ViewAgent(1)
	require.EqualValues(t, 1, v.Pool, "a person moved this agent")
	moved := cfg
	moved.Version = 3
	moved.Agents = append([]Agent(nil), cfg.Agents...)
	moved.Agents[0].Pool = 1
	w.do(1, Reconfigure(&moved))
	v, _ = w.e.ViewAgent(0)
	require.EqualValues(t, 1, v.Pool, "the configuration moved this agent")
}

// Re-queueing keeps age, place and ladder step, and spares the agent.
func TestRequeueKeepsAgePlaceAndStep(t *testing.T) {
	cfg := small(2)
	cfg.Queues[0].Ladder = append(cfg.Queues[0].Ladder, Step{After: 30 * Second})
	w := start(t, cfg, 0)
	w.do(0, contactTo(1, 0))
	w.do(1, OfWork(OfferAccepted, 1, 0))
	w.do(0, contactTo(2, 0))
	w.wait(40)
	w.do(0, contactTo(3, 0))
	before, _ := w.e.ViewContact(1)
	effects := w.do(1, OfContact(ContactRequeued, 1))
	require.True(t, has(effects, Queued, ByRequeue))
	v, _ := w.e.ViewContact(1)
	require.Equal(t, before.Arrived, v.Arrived)
	require.EqualValues(t, 1, v.Step, "the ladder goes on where it was")
	effects = w.do(1, SetStatus(1, Ready, 0))
	require.EqualValues(t, 1, offersIn(effects)[1], "it goes to the other agent, before those who came later")
}

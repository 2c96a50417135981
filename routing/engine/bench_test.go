package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// crowd is an engine with agents in teams of 25 over 200 queues, all ready, and
// waiting contacts beyond what they can take.
func crowd(tb testing.TB, agents, queues, waiting int, alike bool, reasons ReasonMode) (*Engine, int64) {
	cfg := Config{Channels: []Channel{{Name: "voice"}}, Tiers: []string{"junior", "middle", "expert"}, Reasons: reasons}
	for i := range 12 {
		cfg.Clients = append(cfg.Clients, Client{Name: fmt.Sprint(i), Penalty: int32(500 + 100*i)})
	}
	for i := range 6 {
		cfg.Pools = append(cfg.Pools, Pool{Name: fmt.Sprint(i), Shares: []Share{{Client: int32(i), Guarantee: 200, Reserve: 2000}, {Client: int32(i + 6), Cap: 600}},
			Protect: []Protect{{Tier: 2, Keep: 3000}}})
	}
	for i := range queues {
		cfg.Skills = append(cfg.Skills, fmt.Sprint(i))
		cfg.Queues = append(cfg.Queues, Queue{Name: fmt.Sprint(i), Client: int32(i % 12), Target: 20 * Second, Needs: []Need{{Skill: int32(i), MinLevel: 50}},
			Ladder: []Step{{Tiers: []int32{0, 1}, Pools: []int32{int32(i % 6)}}, {After: 30 * Second, Tiers: []int32{0, 1, 2}}, {After: 60 * Second, Pools: []int32{0, 1, 2, 3, 4, 5}}}})
	}
	for i := range agents {
		team := i / 25
		a := Agent{Name: fmt.Sprint(i), Pool: int32(team % 6), Tier: int32(team % 7 / 3), Slice: None, Capacity: []ChannelCapacity{{Channel: 0, Max: 1}}}
		for k := range 5 {
			level := 55 + (team*13+k*17)%46
			if !alike {
				level = 55 + (i*31+k*17)%46
			}
			a.Skills = append(a.Skills, SkillLevel{Skill: int32((team%6 + 6*(team/6+k)) % queues), Level: int16(level)})
		}
		slices.SortFunc(a.Skills, func(x, y SkillLevel) int { return int(x.Skill - y.Skill) })
		a.Skills = slices.CompactFunc(a.Skills, func(x, y SkillLevel) bool { return x.Skill == y.Skill })
		cfg.Agents = append(cfg.Agents, a)
	}
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	now := 1000 * Hour
	for i := range agents {
		e.Apply(now, SetStatus(int32(i), Ready, 0))
	}
	for i := range waiting {
		now += 10
		e.Apply(now, Arrive(Arrival{Contact: int64(i + 1), Queue: int32(i % queues), Intent: None, Preferred: None, Value: int16(i * 37 % 1000)}))
	}
	return e, now
}

// BenchmarkDecision measures single events on a full floor: 10,000 agents and
// 100,000 waiting contacts by default, with shares, reserves and protection.
// One round is an arrival, the acceptance, the end, and whatever the freed agent
// is offered next.
func BenchmarkDecision(b *testing.B) {
	for _, size := range []struct {
		agents, waiting int
		alike           bool
		reasons         ReasonMode
	}{{1000, 10_000, true, ReasonsOff}, {10_000, 100_000, true, ReasonsOff}, {10_000, 100_000, false, ReasonsOff}, {10_000, 100_000, true, ReasonsFull}, {10_000, 5_000, true, ReasonsOff}, {30_000, 300_000, true, ReasonsOff}} {
		b.Run(fmt.Sprintf("agents=%d/contacts=%d/teams=%v/reasons=%s", size.agents, size.waiting, size.alike, size.reasons), func(b *testing.B) {
			e, now := crowd(b, size.agents, 200, size.waiting, size.alike, size.reasons)
			spans := make([]time.Duration, 0, 1<<20)
			timed := func(ev Event) []Effect {
				start := time.Now()
				out := e.Apply(now, ev)
				if len(spans) < cap(spans) {
					spans = append(spans, time.Since(start))
				}
				return out
			}
			pending := make([]Effect, 0, 16)
			id := int64(size.waiting)
			var open []Effect
			for i := range e.works {
				if w := &e.works[i]; w.state == workOffered {
					open = append(open, Effect{Contact: w.contact, Agent: w.agent})
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				now += 100
				id++
				pending = pending[:0]
				note := func(out []Effect) {
					for i := range out {
						if out[i].Kind == Offered {
							pending = append(pending, Effect{Contact: out[i].Contact, Agent: out[i].Agent})
						}
					}
				}
				note(timed(Arrive(Arrival{Contact: id, Queue: int32(id % 200), Intent: None, Preferred: None, Value: int16(id * 37 % 1000)})))
				if len(open) > 0 {
					k := int(id*7919) % len(open)
					w := open[k]
					open[k] = open[len(open)-1]
					open = open[:len(open)-1]
					note(timed(OfWork(OfferAccepted, w.Contact, w.Agent)))
					note(timed(OfContact(ContactEnded, w.Contact)))
				}
				open = append(open, pending...)
			}
			b.StopTimer()
			slices.Sort(spans)
			at := func(p float64) float64 { return float64(spans[int(p*float64(len(spans)-1))].Nanoseconds()) / 1000 }
			b.ReportMetric(at(0.5), "p50-µs")
			b.ReportMetric(at(0.99), "p99-µs")
			b.ReportMetric(at(0.999), "p999-µs")
			b.ReportMetric(at(1), "max-µs")
		})
	}
}

// TestSteadyStateAllocatesNothing: once the buffers have grown, no event allocates.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	e, now := crowd(t, 200, 20, 400, true, ReasonsOff)
	id := int64(400)
	round := func() {
		now += 1000
		id++
		e.Apply(now, Arrive(Arrival{Contact: id, Queue: int32(id % 20), Intent: None, Preferred: None}))
		for i := range e.agents {
			if len(e.agents[i].works) > 0 {
				w := e.works[e.agents[i].works[0]]
				e.Apply(now, OfWork(OfferAccepted, w.contact, w.agent))
				e.Apply(now, OfContact(ContactEnded, w.contact))
				break
			}
		}
	}
	for range 5000 {
		round()
	}
	if n := testing.AllocsPerRun(2000, round); n > 0.01 {
		t.Fatalf("%v allocations per round of three events", n)
	}
}

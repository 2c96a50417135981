package simulation

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// floor is a generated day: 12 clients, channels and skills spread over queues,
// agents with three to five queue skills, three tiers, six shared pools with guarantees, reserves, caps
// and expert protection, contacts in two humps.
func floor(contacts, agents, queues int) Scenario {
	const clients, pools, intervals = 12, 6, 96
	s := Scenario{Name: "floor", Intervals: intervals, Replications: 1, Channels: []Channel{{Name: "voice"}, {Name: "chat"}},
		Tiers: []string{"junior", "middle", "expert"}}
	for i := range clients {
		s.Clients = append(s.Clients, Client{Name: fmt.Sprintf("client-%d", i), PenaltyPermille: int32(600 + 100*i), LateCost: 1 + float64(i%3)})
	}
	for i := range pools {
		// Queue q starts in pool q mod 6 and belongs to client q mod 12: two clients share a pool, others overflow into it.
		s.Pools = append(s.Pools, Pool{Name: fmt.Sprintf("pool-%d", i), Protect: []Protect{{Tier: "expert", Agents: 3}},
			Shares: []Share{{Client: s.Clients[i].Name, GuaranteePermille: 300, ReserveAgents: 2}, {Client: s.Clients[i+6].Name, CapPermille: 600}}})
	}
	weight := 0.0
	shape := make([]float64, intervals)
	for i := range shape {
		h := float64(i) / 4
		if h >= 7 && h < 23 {
			shape[i] = 1 + 0.6*hump(h, 10.5) + 0.4*hump(h, 19)
		} else {
			shape[i] = 0.15
		}
		weight += shape[i]
	}
	for i := range queues {
		s.Skills = append(s.Skills, fmt.Sprintf("skill-%d", i))
		q := Queue{Name: fmt.Sprintf("queue-%d", i), Client: s.Clients[i%clients].Name, Channel: "voice", TargetS: 20, RingS: 10,
			Needs:  []Need{{Skill: s.Skills[i], MinLevel: 60}},
			Handle: Dist{Kind: "lognormal", Mean: 190, CV: 1}, Wrap: Dist{Kind: "lognormal", Mean: 30, CV: 0.5},
			Patience: Dist{Kind: "exponential", Mean: 240}, Answer: Dist{Kind: "constant", Mean: 2}, Value: Dist{Kind: "uniform", Max: 1000},
			Ladder: []Step{{Tiers: []string{"junior"}, Pools: []string{s.Pools[i%pools].Name}},
				{AfterS: 15, Tiers: []string{"junior", "middle"}},
				{AfterS: 30, Tiers: s.Tiers, Pools: []string{s.Pools[i%pools].Name, s.Pools[(i+1)%pools].Name}},
				{AfterS: 60, Relax: 30}}}
		if i%5 == 4 {
			q.Channel, q.TargetS, q.Handle.Mean = "chat", 60, 400
		}
		for _, x := range shape {
			q.Arrivals = append(q.Arrivals, float64(contacts)/float64(queues)*x/weight)
		}
		s.Queues = append(s.Queues, q)
	}
	groups := max(agents/25, 1)
	for g := range groups {
		a := Agent{Name: fmt.Sprintf("team-%d", g), Count: agents / groups, Pool: s.Pools[g%pools].Name, Tier: s.Tiers[g%7/3], HourlyCost: 20,
			Capacity: []Capacity{{Channel: "voice", Max: 1}, {Channel: "chat", Max: 3, WeightPermille: 333}}}
		// The queues that start in the team's pool are pool, pool + 6, …: the team takes up to five of them.
		own := (queues - g%pools + pools - 1) / pools
		for k := range min(own, 5) {
			q := g%pools + pools*((g/pools+k)%own)
			a.Skills = append(a.Skills, SkillLevel{Skill: s.Skills[q], Level: int16(55 + (g*13+k*17)%46)})
		}
		// Three shifts of nine hours with two breaks and a meal; g decides which.
		from := []float64{6.5, 10, 14}[g/pools%3] * 3600
		if g%10 == 9 {
			from = 22.5 * 3600
		}
		for _, part := range []struct {
			hours float64
			kind  string
		}{{2, "work"}, {0.25, "break"}, {2, "work"}, {0.75, "meal"}, {2, "work"}, {0.25, "break"}, {1.75, "work"}} {
			to := min(from+part.hours*3600, 86400)
			if to > from {
				a.Activities = append(a.Activities, Activity{FromS: from, ToS: to, Kind: part.kind})
			}
			from = to
		}
		s.Agents = append(s.Agents, a)
	}
	return s
}

func hump(h, at float64) float64 { return max(0, 1-(h-at)*(h-at)/6) }

// BenchmarkDay plays one day on one core; the target is 10 s for the full size.
func BenchmarkDay(b *testing.B) {
	for _, size := range []struct{ contacts, agents, queues int }{{100_000, 1_000, 20}, {1_000_000, 10_000, 200}, {3_000_000, 30_000, 600}} {
		for _, reasons := range []string{"off", "full"} {
			if reasons == "full" && size.contacts > 1_000_000 {
				continue
			}
			b.Run(fmt.Sprintf("contacts=%d/agents=%d/queues=%d/reasons=%s", size.contacts, size.agents, size.queues, reasons), func(b *testing.B) {
				s := floor(size.contacts, size.agents, size.queues)
				s.Reasons = reasons
				for b.Loop() {
					start, cpu := time.Now(), cpuTime()
					r, err := RunWith(context.Background(), s, Options{Workers: 1})
					if err != nil {
						b.Fatal(err)
					}
					t := time.Since(start).Seconds()
					b.ReportMetric((cpuTime() - cpu).Seconds(), "cpu-s")
					b.ReportMetric(t*1e6/r.Total.Run.Offered.Mean, "µs/contact")
					b.ReportMetric(t*1e9/float64(r.Events), "ns/event")
					b.ReportMetric(r.Total.Run.ServiceLevel.Mean, "service_level")
					b.ReportMetric(r.Total.Run.Occupancy.Mean, "occupancy")
					b.ReportMetric(r.Total.Run.Abandonment.Mean, "abandonment")
				}
			})
		}
	}
}

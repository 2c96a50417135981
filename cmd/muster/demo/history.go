package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"muster/routing/records"
	"muster/routing/simulation"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
)

// source names the made-up ACD in the records.
const source = "demo-acd"

// arrivals gives the expected contacts of a queue per 15 minutes of the history.
func (q queuePlan) arrivals(size Size, c clientPlan, first calendar.Date, open calendar.Calendar, span calendar.Interval) []float64 {
	out := make([]float64, int((span.End-span.Start)/calendar.Quarter))
	shapeSum, weekSum := 0.0, 0.0
	for _, v := range q.shape {
		shapeSum += v
	}
	for _, d := range c.weekdays {
		weekSum += q.weekday[d]
	}
	for day := first - 1; day <= first+calendar.Date(7*size.HistoryWeeks); day++ {
		daily := size.Share * q.volume * q.weekday[day.Weekday()] / weekSum * q.factor(first, day)
		for _, hours := range open.OpenOn(day) {
			for at := hours.Start.Ceil(calendar.Quarter); at < hours.End; at += calendar.Quarter {
				if !span.Contains(at) {
					continue
				}
				hour := float64(at-hours.Start) / float64(calendar.Hour)
				i := min(int(hour), len(q.shape)-1)
				j := min(i+1, len(q.shape)-1)
				level := q.shape[i] + (q.shape[j]-q.shape[i])*(hour-float64(i)) // a smooth day
				out[int((at-span.Start)/calendar.Quarter)] = daily * level / shapeSum / 4
			}
		}
	}
	return out
}

// shiftMinutes is a day's work with an unpaid meal of 30 minutes inside.
const shiftMinutes = 8*60 + 30

// slice is a piece of an agent's day.
type slice struct {
	kind   string // work, break, meal
	client string
	span   calendar.Interval
}

// weeklyShifts is how many days an agent works in a week.
const weeklyShifts = 4

// days makes up what an agent did: four shifts a week with two breaks and a meal,
// each a little off the plan; shared agents change the client at the meal.
func (g groupPlan) days(weeks int, rng *rand.Rand, index int, first calendar.Date, zone *time.Location) []slice {
	var out []slice
	off := index % len(g.weekdays)
	for day := first; day < first+calendar.Date(7*weeks); day++ {
		position := slices.Index(g.weekdays, day.Weekday())
		if position < 0 || rng.Float64() < 0.045 { // absent
			continue
		}
		if free := len(g.weekdays) - weeklyShifts; free > 0 { // rotating days off
			if d := (position + off) % len(g.weekdays); d < free {
				continue
			}
		}
		week := int(day-first) / 7
		start := g.starts[(index/2+week)%len(g.starts)]
		jitter := func(spread float64) calendar.Instant {
			return calendar.Instant(rng.NormFloat64() * spread * float64(calendar.Second))
		}
		at := func(minute int) calendar.Instant {
			return (day.At(start+minute, zone) + jitter(40)).Floor(calendar.Second)
		}
		firstBreak, meal, secondBreak := 100+15*(index%4), 225+15*(index%5), 380+15*(index%4)
		morning, afternoon := g.clients[0], g.clients[0]
		if len(g.clients) > 1 {
			morning, afternoon = g.clients[(index+week)%2], g.clients[(index+week+1)%2]
		}
		edges := []calendar.Instant{at(0), at(firstBreak), at(firstBreak + 15), at(meal), at(meal + 30), at(secondBreak), at(secondBreak + 15), at(shiftMinutes)}
		kinds := []slice{{kind: "work", client: morning}, {kind: "break"}, {kind: "work", client: morning}, {kind: "meal"}, {kind: "work", client: afternoon}, {kind: "break"}, {kind: "work", client: afternoon}}
		for i, s := range kinds {
			s.span = calendar.Interval{Start: edges[i], End: edges[i+1]}
			if !s.span.Empty() {
				out = append(out, s)
			}
		}
	}
	return out
}

// past is the made-up history, ready to be recorded.
type past struct {
	contacts map[string][]records.ContactDraft // by client, in order of arrival
	states   map[string][]records.StateDraft   // by client, "" for time that is nobody's
}

// simulate runs thirteen weeks through the routing engine.
func (w *world) simulate(ctx context.Context, seed uint64, progress func(done float64)) (*past, error) {
	out := &past{contacts: map[string][]records.ContactDraft{}, states: map[string][]records.StateDraft{}}
	sc := simulation.Scenario{Name: "history", Start: w.history.Start.Time(), IntervalS: 900, Intervals: int((w.history.End - w.history.Start) / calendar.Quarter),
		Seed: seed, Replications: 1, DayFactor: 0.03, Tiers: []string{"junior", "middle", "expert"},
		Channels: []simulation.Channel{{Name: "voice"}, {Name: "chat"}, {Name: "mail", Async: true}}}
	pools := map[string]bool{}
	for _, g := range groupPlans {
		sc.Pools = append(sc.Pools, simulation.Pool{Name: g.slug})
		pools[g.slug] = true
	}
	for _, c := range clientPlans {
		sc.Clients = append(sc.Clients, simulation.Client{Name: c.slug, PenaltyPermille: 1000})
		for _, l := range c.lobs {
			for _, q := range l.queues {
				sc.Skills = append(sc.Skills, q.slug)
				sc.Queues = append(sc.Queues, w.demand(c, q))
			}
		}
	}
	for gi, g := range groupPlans {
		for i := range w.size.agents(g) {
			rng := rand.New(rand.NewPCG(seed, uint64(gi*1000+i)))
			a := w.agents[g.slug][i]
			sa := simulation.Agent{Name: a.number, Pool: g.slug, Tier: string(tierOf(i)),
				Capacity: []simulation.Capacity{{Channel: "voice", Max: 1, WeightPermille: 1000}, {Channel: "chat", Max: 2, WeightPermille: 500}, {Channel: "mail", Max: 1, WeightPermille: 1000}}}
			for _, q := range g.queues {
				sa.Skills = append(sa.Skills, simulation.SkillLevel{Skill: q, Level: int16(a.proficiency)})
			}
			for n, s := range g.days(w.size.HistoryWeeks, rng, i, w.first, w.zones[g.site]) {
				sa.Activities = append(sa.Activities, simulation.Activity{FromS: seconds(s.span.Start - w.history.Start), ToS: seconds(s.span.End - w.history.Start), Kind: s.kind, Client: s.client})
				draft := records.StateDraft{AgentID: a.id, ExternalID: strconv.Itoa(n), Code: s.kind, Activity: records.Activity(s.kind), Paid: s.kind != "meal", Billable: s.kind == "work", StartedAt: s.span.Start, EndedAt: &s.span.End, NoClient: s.client == ""}
				out.states[s.client] = append(out.states[s.client], draft)
			}
			sc.Agents = append(sc.Agents, sa)
		}
	}
	return out, w.collect(ctx, sc, out, progress)
}

func seconds(d calendar.Instant) float64 { return float64(d) / float64(calendar.Second) }

// demand describes a queue to the simulator: its own groups first, shared groups
// after a few seconds.
func (w *world) demand(c clientPlan, q queuePlan) simulation.Queue {
	var own, shared []string
	for _, g := range groupPlans {
		if !slices.Contains(g.queues, q.slug) {
			continue
		}
		if len(g.clients) == 1 {
			own = append(own, g.slug)
		} else {
			shared = append(shared, g.slug)
		}
	}
	tiers := []string{"junior", "middle", "expert"}
	ladder := []simulation.Step{{Tiers: tiers, Pools: own}}
	if len(shared) > 0 {
		ladder = append(ladder, simulation.Step{AfterS: 8, Tiers: tiers, Pools: append(slices.Clone(own), shared...)})
	}
	out := simulation.Queue{Name: q.slug, Client: c.slug, Channel: string(q.channel), Needs: []simulation.Need{{Skill: q.slug, MinLevel: 1}}, TargetS: float64(q.threshold), Ladder: ladder,
		Auto: true, Arrivals: q.arrivals(w.size, c, w.first, w.calendars[c.slug], w.history), DayFactor: 0.06,
		Handle: simulation.Dist{Kind: "lognormal", Mean: q.handle * 0.88, CV: 1.2}, Wrap: simulation.Dist{Kind: "lognormal", Mean: q.handle * 0.12, CV: 0.6}}
	if q.channel != contract.Mail {
		out.Patience = simulation.Dist{Kind: "exponential", Mean: 2 * q.handle}
		out.Redials, out.RedialDelay = 0.25, simulation.Dist{Kind: "exponential", Mean: 600}
	}
	return out
}

// collect runs the scenario and turns its records into drafts.
func (w *world) collect(ctx context.Context, sc simulation.Scenario, out *past, progress func(float64)) error {
	place := map[int64]*records.ContactDraft{} // of contacts whose last segment may still be wrapped up
	var order []*records.ContactDraft
	clientOf := map[*records.ContactDraft]string{}
	draftOf := func(id int64) *records.ContactDraft {
		if place[id] == nil {
			place[id] = &records.ContactDraft{}
		}
		return place[id]
	}
	length := float64(w.history.End - w.history.Start)
	instant := func(v int64) *calendar.Instant {
		if v == 0 {
			return nil
		}
		i := calendar.Instant(v)
		return &i
	}
	err := simulation.Generate(ctx, sc, simulation.Observer{
		Segment: func(s simulation.SegmentRecord) {
			outcome := "accepted"
			if s.Accepted == 0 {
				outcome = "missed"
			}
			d := draftOf(s.Contact)
			d.Segments = append(d.Segments, records.SegmentDraft{AgentID: w.byNumber[s.Agent].id, OfferedAt: calendar.Instant(s.Offered), AcceptedAt: instant(s.Accepted), EndedAt: instant(s.Ended), WrappedAt: instant(s.Wrapped), Outcome: outcome})
			if s.Accepted != 0 {
				d.HandleMS += (s.Wrapped - s.Accepted) / 1000
			}
		},
		Contact: func(c simulation.ContactRecord) {
			progress(float64(calendar.Instant(c.Arrived)-w.history.Start) / length)
			d := draftOf(c.Contact)
			d.QueueID, d.Channel, d.ExternalID, d.ArrivedAt, d.Attributes = w.queues[c.Queue].ID, contract.Channel(c.Channel), strconv.FormatInt(c.Contact, 10), calendar.Instant(c.Arrived), "{}"
			switch c.Outcome {
			case simulation.OutcomeHandled:
				d.Outcome, d.AnsweredAt, d.EndedAt = records.Answered, instant(c.Accepted), instant(c.Ended)
				d.WaitMS, d.AgentID = (c.Accepted-c.Arrived)/1000, w.byNumber[c.Agent].id
			case simulation.OutcomeAbandoned:
				d.Outcome, d.EndedAt, d.WaitMS = records.Abandoned, instant(c.Abandoned), (c.Abandoned-c.Arrived)/1000
			default:
				return // still open at the end of the history
			}
			if d.WaitMS > 0 {
				d.QueuedAt = instant(c.Arrived)
			}
			order = append(order, d)
			clientOf[d] = c.Client
		},
	})
	for _, d := range order {
		out.contacts[clientOf[d]] = append(out.contacts[clientOf[d]], *d)
	}
	for _, drafts := range out.contacts {
		slices.SortStableFunc(drafts, func(a, b records.ContactDraft) int { return int(a.ArrivedAt - b.ArrivedAt) })
	}
	return err
}

// ids of agents by their place in the plans.
type agent struct {
	id          ids.Agent
	number      string
	proficiency int
}

package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"muster/routing/simulation"
	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// TierQueue is a queue that shares agents with others, in one interval.
type TierQueue struct {
	Name         string  `json:"name" maxLength:"100"`
	Contacts     float64 `json:"contacts" minimum:"0"`
	AHTSeconds   float64 `json:"aht_seconds" minimum:"0"`
	PatienceS    float64 `json:"patience_seconds,omitempty" minimum:"0"` // 0: nobody hangs up
	Concurrency  int     `json:"concurrency,omitempty" minimum:"0" maximum:"5"`
	ServiceLevel float64 `json:"service_level" minimum:"0" maximum:"1"`
	ThresholdS   float64 `json:"threshold_seconds" minimum:"0"`
	ASASeconds   float64 `json:"asa_seconds,omitempty" minimum:"0"`
	Abandonment  float64 `json:"abandonment,omitempty" minimum:"0" maximum:"1"`
	MaxOccupancy float64 `json:"max_occupancy,omitempty" minimum:"0" maximum:"1"`
}

// TierGroup is a group of agents alike in tier and in the queues they can take.
type TierGroup struct {
	Name   string   `json:"name" maxLength:"100"`
	Tier   string   `json:"tier" enum:"junior,middle,expert"` // juniors are asked first
	Queues []string `json:"queues" maxItems:"30"`             // best first
	Cost   float64  `json:"cost,omitempty" minimum:"0"`       // of one seat, any unit; 0 = 1
	Least  int      `json:"least,omitempty" minimum:"0"`
	Most   int      `json:"most,omitempty" minimum:"0"` // 0 = no limit
}

// TierQuestion asks how many seats of every group a pool needs.
type TierQuestion struct {
	IntervalSeconds float64     `json:"interval_seconds" minimum:"1"`
	Queues          []TierQueue `json:"queues" minItems:"1" maxItems:"30"`
	Groups          []TierGroup `json:"groups" minItems:"1" maxItems:"30"`
	// HandleCV is the coefficient of variation of handling times; 1 is exponential, as in the formulas.
	HandleCV     float64 `json:"handle_cv,omitempty" minimum:"0" maximum:"10"`
	Intervals    int     `json:"intervals,omitempty" minimum:"0" maximum:"200"`   // simulated, default 24 with two of warm-up before
	Replications int     `json:"replications,omitempty" minimum:"0" maximum:"50"` // default 4
	Simulations  int     `json:"simulations,omitempty" minimum:"0" maximum:"400"` // most runs, default 80
	Seed         uint64  `json:"seed,omitempty"`
}

// TierOutcome is what a queue achieves.
type TierOutcome struct {
	Queue        string  `json:"queue"`
	Alone        int     `json:"alone"` // seats the queue would need for itself
	ServiceLevel float64 `json:"service_level"`
	ASASeconds   float64 `json:"asa_seconds"`
	Abandonment  float64 `json:"abandonment"`
	Occupancy    float64 `json:"occupancy"` // of the agents who can take it
}

// TierSeats is a group's part of the answer.
type TierSeats struct {
	Group string  `json:"group"`
	Tier  string  `json:"tier"`
	Seats int     `json:"seats"`
	Cost  float64 `json:"cost"`
}

// TierAnswer is the seats of every group with the bounds that no simulation is
// needed for.
type TierAnswer struct {
	Groups      []TierSeats   `json:"groups"`
	Seats       int           `json:"seats"`
	Cost        float64       `json:"cost"`
	Pooled      int           `json:"pooled"`   // lower bound: everybody can take everything
	Separate    int           `json:"separate"` // upper bound: nobody helps out
	Queues      []TierOutcome `json:"queues"`
	Met         bool          `json:"met"`
	Missed      []string      `json:"missed"` // queues that miss their goals, with what they achieve
	Simulations int           `json:"simulations"`
}

// Defaults and bounds of a tier question.
const (
	tierIntervals    = 24
	tierWarmUp       = 2
	tierReplications = 4
	tierSimulations  = 80
	maxTierContacts  = 20_000 // in an interval, all queues together
)

// SettleTiers answers a question: bounds by staffing.PoolBounds, seats by
// staffing.SettleTiers, each trial a simulation on the routing engine over the same
// contacts (common random numbers), so that equal questions have equal answers.
func SettleTiers(ctx context.Context, q TierQuestion) (TierAnswer, error) {
	return settleTiers(ctx, q, nil)
}

// settleTiers is SettleTiers that says how many of the simulations it may use are done.
func settleTiers(ctx context.Context, q TierQuestion, progress Progress) (TierAnswer, error) {
	pool, err := newTierPool(q)
	if err != nil {
		return TierAnswer{}, err
	}
	most, done := cmp.Or(q.Simulations, tierSimulations), 0
	simulate := func(ctx context.Context, seats []int) ([]staffing.Requirement, error) {
		done++
		progress.say(math.Min(1, float64(done)/float64(most)), fmt.Sprintf("simulation %d of at most %d", done, most))
		return pool.simulate(ctx, seats)
	}
	plan, err := staffing.SettleTiers(ctx, pool.queues, pool.groups, simulate, most)
	if err != nil {
		return TierAnswer{}, err
	}
	out := TierAnswer{Cost: plan.Cost, Pooled: plan.Bounds.Pooled, Separate: plan.Bounds.Separate, Met: plan.Met, Missed: append([]string{}, plan.Missed...), Simulations: plan.Simulations, Groups: []TierSeats{}, Queues: []TierOutcome{}}
	for g, n := range plan.Seats {
		out.Seats += n
		out.Groups = append(out.Groups, TierSeats{Group: q.Groups[g].Name, Tier: q.Groups[g].Tier, Seats: n, Cost: float64(n) * cmp.Or(q.Groups[g].Cost, 1)})
	}
	for i, r := range plan.Achieved {
		out.Queues = append(out.Queues, TierOutcome{Queue: q.Queues[i].Name, Alone: plan.Bounds.PerQueue[i], ServiceLevel: r.ServiceLevel, ASASeconds: orZero(r.ASA), Abandonment: r.Abandonment, Occupancy: r.Occupancy})
	}
	return out, nil
}

// tierPool is a question as engine and simulator take it.
type tierPool struct {
	question TierQuestion
	queues   []staffing.PoolQueue
	groups   []staffing.PoolGroup
	scenario simulation.Scenario // without agents
}

// newTierPool checks the question.
func newTierPool(q TierQuestion) (*tierPool, error) {
	bad := func(format string, args ...any) (*tierPool, error) {
		return nil, fault.Newf(fault.Invalid, "staffing.tiers", format, args...)
	}
	if len(q.Queues) == 0 || len(q.Groups) == 0 || !(q.IntervalSeconds > 0) || q.IntervalSeconds > 86_400 {
		return bad("Tiers need an interval of up to a day, at least one queue and one group of agents.")
	}
	if q.HandleCV < 0 || q.HandleCV > 10 || q.Intervals < 0 || q.Intervals > 200 || q.Replications < 0 || q.Replications > 50 || q.Simulations < 0 || q.Simulations > 400 {
		return bad("Ask for up to 200 intervals, 50 replications and 400 simulations, and a coefficient of variation from 0 to 10.")
	}
	p := &tierPool{question: q}
	index, total := map[string]int{}, 0.0
	for i, v := range q.Queues {
		if _, twice := index[v.Name]; v.Name == "" || twice {
			return bad("Queue %d needs a name of its own.", i+1)
		}
		index[v.Name] = i
		if !(v.Contacts >= 0) || !(v.AHTSeconds > 0) || v.AHTSeconds > 86_400 || !(v.PatienceS >= 0) {
			return bad("The queue %s needs contacts of 0 or more, a handling time above 0 and a patience of 0 or more.", v.Name)
		}
		total += v.Contacts
		load := staffing.Load{Contacts: v.Contacts, Interval: q.IntervalSeconds, AHT: v.AHTSeconds, Patience: v.PatienceS}
		if v.Concurrency > 1 {
			load.Concurrency = staffing.TypicalChat(v.Concurrency)
		}
		p.queues = append(p.queues, staffing.PoolQueue{Name: v.Name, Load: load,
			Goals: staffing.Goals{ServiceLevel: v.ServiceLevel, Threshold: v.ThresholdS, ASA: v.ASASeconds, Abandonment: v.Abandonment, MaxOccupancy: v.MaxOccupancy}})
	}
	if !(total <= maxTierContacts) {
		return bad("%v contacts in an interval are more than the %d that are simulated; ask for a part of the pool.", total, maxTierContacts)
	}
	for i, g := range q.Groups {
		if g.Name == "" || len(g.Queues) == 0 {
			return bad("Group %d needs a name and the queues it can take.", i+1)
		}
		if _, err := people.ParseTier(g.Tier); err != nil {
			return nil, err
		}
		if !(g.Cost >= 0) || g.Least < 0 || g.Most < 0 || g.Most > 0 && g.Most < g.Least {
			return bad("The group %s needs a cost of 0 or more, and no more seats at least than at most.", g.Name)
		}
		group := staffing.PoolGroup{Name: g.Name, Cost: g.Cost, Least: g.Least, Most: g.Most}
		for _, name := range g.Queues {
			k, ok := index[name]
			if !ok {
				return bad("The group %s names the queue %q; there are %s.", g.Name, name, strings.Join(names(q.Queues), ", "))
			}
			group.Queues = append(group.Queues, k)
		}
		p.groups = append(p.groups, group)
	}
	p.scenario = p.stage()
	return p, nil
}

func names(list []TierQueue) []string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = q.Name
	}
	return out
}

// stage describes the contacts: constant load over the intervals, one skill a queue.
func (p *tierPool) stage() simulation.Scenario {
	q := p.question
	n := cmp.Or(q.Intervals, tierIntervals) + tierWarmUp
	out := simulation.Scenario{Name: "tiers", IntervalS: q.IntervalSeconds, Intervals: n, WarmUp: tierWarmUp, Seed: max(1, q.Seed), Replications: cmp.Or(q.Replications, tierReplications),
		Clients: []simulation.Client{{Name: "pool"}}, Channels: []simulation.Channel{{Name: "voice"}, {Name: "chat"}}, Pools: []simulation.Pool{{Name: "floor"}}}
	for _, t := range people.Tiers() {
		out.Tiers = append(out.Tiers, string(t))
	}
	handle := simulation.Dist{Kind: "exponential"}
	if cv := q.HandleCV; cv > 0 && cv != 1 {
		handle = simulation.Dist{Kind: "lognormal", CV: cv}
	}
	for _, v := range q.Queues {
		out.Skills = append(out.Skills, v.Name)
		queue := simulation.Queue{Name: v.Name, Client: "pool", Channel: "voice", Needs: []simulation.Need{{Skill: v.Name, MinLevel: 1}}, TargetS: v.ThresholdS, Handle: handle,
			Ladder: []simulation.Step{{Tiers: out.Tiers, Pools: []string{"floor"}}}, Auto: true}
		queue.Handle.Mean = v.AHTSeconds
		if v.Concurrency > 1 { // a chat lasts longer while the agent has others open
			speed := staffing.TypicalChat(v.Concurrency).Speed
			queue.Channel = "chat"
			queue.Handle.Mean *= float64(len(speed)) / speed[len(speed)-1]
		}
		if v.PatienceS > 0 {
			queue.Patience = simulation.Dist{Kind: "exponential", Mean: v.PatienceS}
		}
		for range n {
			queue.Arrivals = append(queue.Arrivals, v.Contacts)
		}
		out.Queues = append(out.Queues, queue)
	}
	return out
}

// simulate plays the pool with seats by group.
func (p *tierPool) simulate(ctx context.Context, seats []int) ([]staffing.Requirement, error) {
	sc := p.scenario
	chats := 1
	for _, q := range p.question.Queues {
		chats = max(chats, q.Concurrency)
	}
	for g, n := range seats {
		if n == 0 {
			continue
		}
		group := p.question.Groups[g]
		a := simulation.Agent{Name: group.Name, Count: n, Pool: "floor", Tier: group.Tier,
			Capacity: []simulation.Capacity{{Channel: "voice", Max: 1}, {Channel: "chat", Max: int16(chats), WeightPermille: int32(1000 / chats)}}}
		for k, name := range group.Queues {
			a.Skills = append(a.Skills, simulation.SkillLevel{Skill: name, Level: int16(max(10, 100-10*k))})
		}
		sc.Agents = append(sc.Agents, a)
	}
	out := make([]staffing.Requirement, len(p.queues))
	if len(sc.Agents) == 0 {
		for i := range out {
			out[i] = staffing.Requirement{ASA: math.Inf(1), Abandonment: 1}
		}
		return out, nil
	}
	result, err := simulation.Run(ctx, sc)
	if err != nil {
		return nil, err
	}
	for i := range out {
		f := result.Queues[i].Run
		out[i] = staffing.Requirement{ServiceLevel: orZero(f.ServiceLevel.Mean), ASA: orZero(f.Wait.Mean), Abandonment: orZero(f.Abandonment.Mean), Occupancy: orZero(result.Total.Run.Occupancy.Mean)}
		if p.queues[i].Load.Contacts == 0 {
			out[i].ServiceLevel = 1
		}
	}
	return out, nil
}

// TierQuestionOf fills a question from a staffing plan at the interval that begins at
// the instant (zero: the plan's busiest): its queues in which customers wait, and
// the people who serve the client, grouped by tier and by what they can take.
func (s *Service) TierQuestionOf(ctx context.Context, sc scope.Scope, id ids.Staffing, at calendar.Instant) (TierQuestion, error) {
	plan, err := s.Plan(ctx, sc, id)
	if err != nil {
		return TierQuestion{}, err
	}
	points, err := s.PlanPoints(ctx, sc, id, ids.Queue{})
	if err != nil {
		return TierQuestion{}, err
	}
	if at == 0 {
		at = busiest(points)
	}
	f, err := s.briefForecast(ctx, sc, plan.ForecastID)
	if err != nil {
		return TierQuestion{}, err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return TierQuestion{}, err
	}
	queues, err := s.queuesOf(ctx, sc, plan.ClientID, f.StartAt)
	if err != nil {
		return TierQuestion{}, err
	}
	volumes, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return TierQuestion{}, err
	}
	out := TierQuestion{IntervalSeconds: float64(f.IntervalMS) / 1000, HandleCV: handleCV}
	var open []queueInfo
	for _, q := range queues {
		i := slices.IndexFunc(volumes, func(p ForecastPoint) bool { return p.QueueID == q.ID && p.StartAt == at })
		if i < 0 || !q.hasTerms || kindOf(q.Channel, q.terms) == staffing.Deadline {
			continue
		}
		open = append(open, q)
		out.Queues = append(out.Queues, q.tierQueue(volumes[i], plan.Settings.Quantile))
	}
	if len(open) == 0 {
		return out, fault.Newf(fault.Conflict, "staffing.tiers_closed", "No queue of the plan in which customers wait is open at %s.", at).With("start", at.String())
	}
	out.Groups, err = s.tierGroups(ctx, plan.ClientID, open, at, calendar.DateOf(at, zone))
	return out, err
}

// busiest gives the interval in which a plan needs most seats.
func busiest(points []PlanPoint) calendar.Instant {
	seats := map[calendar.Instant]int{}
	for _, p := range points {
		seats[p.StartAt] += p.Seats
	}
	best := calendar.Instant(0)
	for at, n := range seats {
		if best == 0 || n > seats[best] || n == seats[best] && at < best {
			best = at
		}
	}
	return best
}

// tierQueue describes one queue by its terms.
func (q queueInfo) tierQueue(p ForecastPoint, quantile float64) TierQueue {
	t := q.terms
	out := TierQueue{Name: q.Slug, Contacts: volumeAt(p, quantile), AHTSeconds: p.AHTMS / 1000, Concurrency: t.Concurrency, ServiceLevel: t.ServiceLevelGoal, ThresholdS: float64(t.ThresholdMS) / 1000}
	if q.Channel != contract.Chat && t.Concurrency <= 1 {
		out.Concurrency = 0
	}
	if t.PatienceMS != nil {
		out.PatienceS = float64(*t.PatienceMS) / 1000
	}
	if t.AbandonGoal != nil {
		out.Abandonment = *t.AbandonGoal
	}
	if t.OccupancyCap != nil {
		out.MaxOccupancy = *t.OccupancyCap
	}
	return out
}

// tierGroups groups the people who serve the client; a seat costs its tier's hour.
func (s *Service) tierGroups(ctx context.Context, client ids.Client, queues []queueInfo, at calendar.Instant, on calendar.Date) ([]TierGroup, error) {
	staff, err := s.People.Staff(ctx, scope.Provider(), at, on)
	if err != nil {
		return nil, err
	}
	force, err := s.workforceOf(ctx, client, queues, at, on)
	if err != nil {
		return nil, err
	}
	known := map[string]*TierGroup{}
	for _, p := range staff {
		if !slices.Contains(p.Clients, client) {
			continue
		}
		type able struct {
			slug  string
			level int
		}
		var can []able
		for _, q := range queues {
			if k := slices.IndexFunc(p.Skills, func(v people.AgentSkill) bool { return v.SkillID == q.SkillID }); k >= 0 {
				can = append(can, able{q.Slug, p.Skills[k].Proficiency})
			}
		}
		if len(can) == 0 {
			continue
		}
		slices.SortStableFunc(can, func(a, b able) int { return b.level - a.level })
		var list []string
		for _, c := range can {
			list = append(list, c.slug)
		}
		tier := string(p.Membership.Tier)
		key := tier + ": " + strings.Join(list, ", ")
		if known[key] == nil {
			known[key] = &TierGroup{Name: key, Tier: tier, Queues: list}
			if rate, ok := force.rate(p.Membership.Tier, ids.Skill{}); ok {
				known[key].Cost = rate.InexactFloat64()
			}
		}
		known[key].Most++
	}
	out := []TierGroup{}
	for _, g := range known {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b TierGroup) int { return strings.Compare(a.Name, b.Name) })
	if len(out) == 0 {
		return nil, fault.New(fault.Conflict, "staffing.tiers_nobody", "Nobody who serves the client can take these queues.")
	}
	return out, nil
}

// LevelRow is one interval of a queue: the service level by seats.
type LevelRow struct {
	Start  calendar.Instant `json:"start"`
	Seats  int              `json:"seats"`  // of the plan
	Levels []float64        `json:"levels"` // with 0, 1, 2, … seats
}

// maxLevelSeats bounds the seats of a table.
const maxLevelSeats = 300

// ServiceLevels gives what every number of seats up to most buys in the intervals of
// a plan's queue on a business date: the value of one seat more or less. most 0
// takes ten more than the plan's largest requirement of the day.
func (s *Service) ServiceLevels(ctx context.Context, sc scope.Scope, id ids.Staffing, queue ids.Queue, day calendar.Date, most int) ([]LevelRow, error) {
	plan, err := s.Plan(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	f, err := s.briefForecast(ctx, sc, plan.ForecastID)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	queues, err := s.queuesOf(ctx, sc, plan.ClientID, f.StartAt)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(queues, func(q queueInfo) bool { return q.ID == queue })
	if i < 0 || !queues[i].hasTerms {
		return nil, fault.New(fault.NotFound, "queue.not_found", "There is no such queue.")
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, queue)
	if err != nil {
		return nil, err
	}
	needs, err := s.PlanPoints(ctx, sc, id, queue)
	if err != nil {
		return nil, err
	}
	span := day.Span(zone)
	points = slices.DeleteFunc(points, func(p ForecastPoint) bool { return !span.Contains(p.StartAt) })
	seats, largest := map[calendar.Instant]int{}, 0
	for _, n := range needs {
		if span.Contains(n.StartAt) {
			seats[n.StartAt] = n.Seats
			largest = max(largest, n.Seats)
		}
	}
	if most == 0 {
		most = min(largest+10, maxLevelSeats)
	}
	if most < 1 || most > maxLevelSeats {
		return nil, fault.Newf(fault.Invalid, "staffing.level_seats", "A table goes to 1 to %d seats, not %d.", maxLevelSeats, most).With("most", maxLevelSeats)
	}
	in := queues[i].staffingInput(f, points, plan.Settings.Quantile)
	open := in.Demands[:0:0]
	for _, p := range points {
		open = append(open, in.Demands[(p.StartAt-f.StartAt)/grid])
	}
	in.Demands = open
	table, err := staffing.ServiceLevelTable(in, most)
	if err != nil {
		return nil, err
	}
	out := []LevelRow{}
	for k, p := range points {
		out = append(out, LevelRow{Start: p.StartAt, Seats: seats[p.StartAt], Levels: table[k]})
	}
	return out, nil
}

// String names the seats of a tier answer in one line.
func (a TierAnswer) String() string {
	parts := make([]string, len(a.Groups))
	for i, g := range a.Groups {
		parts[i] = fmt.Sprintf("%d %s", g.Seats, g.Group)
	}
	return strings.Join(parts, " + ")
}

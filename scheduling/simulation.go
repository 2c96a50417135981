package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"muster/routing/simulation"
	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// What a simulation assumes where nothing better is known.
const (
	handleCV            = 1.2  // of log-normal handling times
	defaultPatienceS    = 300  // mean of exponential patience of a live queue without terms for it
	dayFactorCV         = 0.05 // days are busier or calmer than forecast as a whole
	defaultReplications = 20
	maxReplications     = 1000
	maxSimulatedDays    = maxRosterDays
)

// NewSimulation asks for a test of a roster against its forecasts.
type NewSimulation struct {
	Roster       ids.Roster    `json:"roster"`
	From         calendar.Date `json:"from,omitempty"` // zero = the roster's first day
	Days         int           `json:"days,omitempty"` // 0 = to the roster's end
	Replications int           `json:"replications,omitempty"`
	Seed         uint64        `json:"seed,omitempty"`
	// Absent is the share of agents who do not come; nil = what people's history says,
	// or the absence in the plans' shrinkage where that is too short.
	Absent *float64 `json:"absent,omitempty"`
	Actor  ids.User `json:"actor,omitzero"`
}

// SimulationSummary is the outcome per client and queue.
type SimulationSummary struct {
	From    calendar.Date     `json:"from"`
	Days    int               `json:"days"`
	Absent  float64           `json:"absent"`
	Basis   AbsenceBasis      `json:"absent_basis"` // where the absence comes from
	Clients []SimulatedClient `json:"clients"`
	Queues  []SimulatedQueue  `json:"queues"`
}

// Estimate is a mean over replications with its 95 per cent confidence band.
type Estimate struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func estimateOf(b simulation.Band) Estimate {
	return Estimate{Mean: orZero(b.Mean), Low: orZero(b.Low), High: orZero(b.High)}
}

// share cuts a band at 0 and 1, where shares end.
func (e Estimate) share() Estimate {
	return Estimate{Mean: e.Mean, Low: max(0, e.Low), High: min(1, e.High)}
}

// SimulatedFigures are the figures of a client or queue over the whole run.
type SimulatedFigures struct {
	Offered      Estimate `json:"offered"`
	ServiceLevel Estimate `json:"service_level"`
	Abandonment  Estimate `json:"abandonment"`
	ASASeconds   Estimate `json:"asa_seconds"`
	Overflow     Estimate `json:"overflow"`
}

// SimulatedClient is a client's outcome.
type SimulatedClient struct {
	ClientID  ids.Client `json:"client_id"`
	Occupancy Estimate   `json:"occupancy"`
	SimulatedFigures
}

// SimulatedQueue is a queue's outcome beside its goal.
type SimulatedQueue struct {
	QueueID  ids.Queue  `json:"queue_id"`
	ClientID ids.Client `json:"client_id"`
	Goal     float64    `json:"goal"`
	// IntervalsMet is the share of intervals with contacts whose expected service level reaches the goal.
	IntervalsMet float64 `json:"intervals_met"`
	SimulatedFigures
}

// Simulate plays a roster against the forecasts of its plans on the routing
// engine and stores service level with band, waits, occupancy and overflow per
// queue and interval. Handling times are log-normal with a coefficient of
// variation of 1.2, patience is exponential by the terms, and a factor shared by
// a day's queues makes days busier or calmer than forecast.
func (s *Service) Simulate(ctx context.Context, sc scope.Scope, n NewSimulation, progress Progress) (Simulation, error) {
	r, err := s.Roster(ctx, sc, n.Roster)
	if err != nil {
		return Simulation{}, err
	}
	edition := r.Edition // what is tested, should it be edited meanwhile
	progress.say(0, "building the scenario")
	st, err := s.stage(ctx, sc, r, n)
	if err != nil {
		return Simulation{}, err
	}
	counter := newTally(st)
	result, err := simulation.RunWith(ctx, st.scenario, simulation.Options{Observer: &simulation.Observer{Contact: counter.contact},
		Progress: func(done, of int) {
			progress.say(0.05+0.85*float64(done)/float64(of), fmt.Sprintf("replication %d of %d", done, of))
		}})
	if err != nil {
		return Simulation{}, err
	}
	v := Simulation{RosterID: r.ID, Seed: int64(st.scenario.Seed), Replications: st.scenario.Replications, CreatedBy: n.Actor}
	rows := counter.points(result)
	v.Summary = st.summary(result, rows)
	progress.say(0.93, "storing")
	v.Edition = edition
	return s.storeSimulation(ctx, sc, v, rows)
}

// storeSimulation writes the points in short transactions and shows them with the
// last one, which gives the simulation its roster.
func (s *Service) storeSimulation(ctx context.Context, sc scope.Scope, v Simulation, rows []SimulationPoint) (Simulation, error) {
	of := v.RosterID
	v.ID, v.CreatedAt, v.RosterID = ids.New[ids.Simulation](s.db.IDs()), s.db.Now(), ids.Roster{}
	if err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Create(&v).Error }); err != nil {
		return v, err
	}
	for i := range rows {
		rows[i].SimulationID = v.ID
	}
	for part := range slices.Chunk(rows, rowsPerWrite) {
		err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
			_, err := database.Insert(tx, part)
			return err
		})
		if err != nil {
			return v, err
		}
	}
	v.RosterID = of
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Model(&Simulation{}).Where("id = ?", v.ID).Update("roster_id", of).Error; err != nil {
			return err
		}
		if err := s.Events.Publish(tx, events.Message{Type: "simulation.done", Subject: "simulation/" + v.ID.String(), Data: map[string]any{"roster": of}}); err != nil {
			return err
		}
		return finish(tx, v.ID)
	})
	return v, err
}

// stage is a scenario with what its names stand for.
type stage struct {
	scenario simulation.Scenario
	span     calendar.Interval
	from     calendar.Date
	queues   []queueInfo
	absent   float64
	basis    AbsenceBasis
}

// Scenario gives the scenario that Simulate plays, for use off line.
func (s *Service) Scenario(ctx context.Context, sc scope.Scope, n NewSimulation) (simulation.Scenario, error) {
	r, err := s.Roster(ctx, sc, n.Roster)
	if err != nil {
		return simulation.Scenario{}, err
	}
	st, err := s.stage(ctx, sc, r, n)
	return st.scenario, err
}

// stage builds the scenario of a roster.
func (s *Service) stage(ctx context.Context, sc scope.Scope, r Roster, n NewSimulation) (stage, error) {
	st := stage{from: n.From}
	if st.from == 0 {
		st.from = r.FromDay
	}
	days := n.Days
	if days == 0 {
		days = min(int(r.ToDay-st.from), maxSimulatedDays)
	}
	if st.from < r.FromDay || days < 1 || days > maxSimulatedDays || st.from+calendar.Date(days) > r.ToDay {
		return st, fault.Newf(fault.Invalid, "simulation.days", "The simulation must lie within the roster, %s to %s, and cover 1 to %d days.", r.FromDay, r.ToDay-1, maxSimulatedDays)
	}
	if n.Replications == 0 {
		n.Replications = defaultReplications
	}
	if n.Replications < 1 || n.Replications > maxReplications {
		return st, fault.Newf(fault.Invalid, "simulation.replications", "A simulation has 1 to %d replications, not %d.", maxReplications, n.Replications)
	}
	if n.Absent != nil && !(*n.Absent >= 0 && *n.Absent < 1) {
		return st, fault.Newf(fault.Invalid, "simulation.absent", "The share of absent agents is %v; want 0 to less than 1.", *n.Absent)
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return st, err
	}
	st.span = calendar.Interval{Start: st.from.At(0, zone), End: (st.from + calendar.Date(days)).At(0, zone)}
	st.scenario = simulation.Scenario{Name: r.Name, Start: st.span.Start.Time(), IntervalS: 900, Intervals: int((st.span.End - st.span.Start) / grid), DayFactor: dayFactorCV,
		Seed: max(1, n.Seed), Replications: n.Replications, Channels: []simulation.Channel{{Name: "voice"}, {Name: "chat"}, {Name: "mail", Async: true}},
		Tiers: []string{"junior", "middle", "expert"}, Pools: []simulation.Pool{{Name: "floor"}}}
	if err := s.stageQueues(ctx, sc, r, n, &st); err != nil {
		return st, err
	}
	return st, s.stageAgents(ctx, sc, r, &st)
}

// stageQueues adds clients and queues with the demand of the forecasts behind the plans.
func (s *Service) stageQueues(ctx context.Context, sc scope.Scope, r Roster, n NewSimulation, st *stage) error {
	plans, err := s.plansByID(ctx, sc, r.Plans)
	if err != nil {
		return err
	}
	seats, absent := 0.0, 0.0
	for _, p := range plans {
		queues, err := s.queuesOf(ctx, sc, p.ClientID, st.span.Start)
		if err != nil {
			return err
		}
		points, err := s.ForecastPoints(ctx, sc, p.ForecastID, ids.Queue{})
		if err != nil {
			return err
		}
		st.scenario.Clients = append(st.scenario.Clients, simulation.Client{Name: p.ClientID.String()})
		for _, q := range queues {
			own := slices.DeleteFunc(slices.Clone(points), func(x ForecastPoint) bool { return x.QueueID != q.ID })
			if len(own) == 0 || !q.hasTerms {
				continue
			}
			st.queues = append(st.queues, q)
			st.scenario.Queues = append(st.scenario.Queues, st.queue(q, own))
			if skill := q.SkillID.String(); !slices.Contains(st.scenario.Skills, skill) {
				st.scenario.Skills = append(st.scenario.Skills, skill)
			}
		}
		for _, q := range p.Settings.Queues {
			seats += q.SeatHours
			absent += q.SeatHours * max(0, 1-(1-q.Shrinkage)/(1-breakShare))
		}
	}
	if len(st.queues) == 0 {
		return fault.New(fault.Conflict, "simulation.no_demand", "The roster's plans have no forecast for these days.")
	}
	if seats > 0 {
		st.absent = absent / seats
	}
	if err := s.decideAbsence(ctx, sc, n, st); err != nil {
		return err
	}
	st.scenario.Adherence.Absent = st.absent
	return nil
}

// queue describes one queue: one skill, everybody who has it at first, anybody
// of the floor whose client it is after the threshold.
func (st *stage) queue(q queueInfo, points []ForecastPoint) simulation.Queue {
	out := simulation.Queue{Name: q.ID.String(), Client: q.ClientID.String(), Channel: "voice", Needs: []simulation.Need{{Skill: q.SkillID.String(), MinLevel: 1}},
		TargetS: float64(q.terms.ThresholdMS) / 1000, Arrivals: make([]float64, st.scenario.Intervals)}
	switch kindOf(q.Channel, q.terms) {
	case staffing.Concurrent:
		out.Channel = "chat"
	case staffing.Deadline:
		out.Channel = "mail"
	}
	volume, work := 0.0, 0.0
	for _, p := range points {
		if !st.span.Contains(p.StartAt) {
			continue
		}
		out.Arrivals[(p.StartAt-st.span.Start)/grid] = p.Volume
		volume += p.Volume
		work += p.Volume * p.AHTMS / 1000
	}
	aht := points[0].AHTMS / 1000
	if volume > 0 {
		aht = work / volume
	}
	if out.Channel == "chat" { // a chat lasts longer while the agent has others open
		speed := staffing.TypicalChat(q.terms.Concurrency).Speed
		aht *= float64(len(speed)) / speed[len(speed)-1]
	}
	out.Handle = simulation.Dist{Kind: "lognormal", Mean: max(1, aht), CV: handleCV}
	if out.Channel != "mail" {
		patience := float64(defaultPatienceS)
		if q.terms.PatienceMS != nil {
			patience = float64(*q.terms.PatienceMS) / 1000
		}
		out.Patience = simulation.Dist{Kind: "exponential", Mean: patience}
	}
	out.Ladder = []simulation.Step{{Tiers: st.scenario.Tiers, Pools: []string{"floor"}}, {AfterS: max(1, out.TargetS), Tiers: st.scenario.Tiers, Pools: []string{"floor"}, Relax: 50}}
	return out
}

// stageAgents adds everybody with a shift in the span; an activity for a queue is
// a slice for its client.
func (s *Service) stageAgents(ctx context.Context, sc scope.Scope, r Roster, st *stage) error {
	shifts, err := s.Shifts(ctx, sc, r.ID, 0, 0)
	if err != nil {
		return err
	}
	sortShifts(shifts)
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return err
	}
	staff, err := s.People.Staff(ctx, sc, r.FromDay.At(0, zone), r.FromDay)
	if err != nil {
		return err
	}
	activities := map[ids.Agent][]simulation.Activity{}
	for _, sh := range shifts {
		for _, a := range sh.Activities {
			part := calendar.Interval{Start: a.StartAt, End: a.EndAt}.Intersect(st.span)
			if part.Empty() {
				continue
			}
			act := simulation.Activity{FromS: part.Start.Sub(st.span.Start).Seconds(), ToS: part.End.Sub(st.span.Start).Seconds(), Kind: a.Kind}
			if a.Kind == "work" && !a.ClientID.IsZero() && st.hasClient(a.ClientID) {
				act.Client = a.ClientID.String()
			}
			activities[sh.AgentID] = append(activities[sh.AgentID], act)
		}
	}
	chats := st.mostChats()
	for _, p := range staff {
		own := activities[p.Agent.ID]
		if len(own) == 0 {
			continue
		}
		a := simulation.Agent{Name: p.Agent.ID.String(), Pool: "floor", Tier: string(p.Membership.Tier), Activities: own,
			Capacity: []simulation.Capacity{{Channel: "voice", Max: 1}, {Channel: "chat", Max: int16(chats), WeightPermille: int32(1000 / chats)}, {Channel: "mail", Max: 1}}}
		for _, k := range p.Skills {
			if slices.Contains(st.scenario.Skills, k.SkillID.String()) {
				a.Skills = append(a.Skills, simulation.SkillLevel{Skill: k.SkillID.String(), Level: int16(min(100, max(1, k.Proficiency)))})
			}
		}
		st.scenario.Agents = append(st.scenario.Agents, a)
	}
	if len(st.scenario.Agents) == 0 {
		return fault.New(fault.Conflict, "simulation.no_agents", "Nobody works in these days of the roster.")
	}
	return nil
}

func (st *stage) hasClient(id ids.Client) bool {
	return slices.ContainsFunc(st.scenario.Clients, func(c simulation.Client) bool { return c.Name == id.String() })
}

// mostChats is how many chats one agent may have open.
func (st *stage) mostChats() int {
	most := 1
	for _, q := range st.queues {
		most = max(most, min(5, q.terms.Concurrency))
	}
	return most
}

// summary reads the run's totals per client and queue.
func (st *stage) summary(result simulation.Result, rows []SimulationPoint) SimulationSummary {
	out := SimulationSummary{From: st.from, Days: int((st.span.End - st.span.Start + calendar.Hour) / calendar.Day), Absent: st.absent, Basis: st.basis, Clients: []SimulatedClient{}, Queues: []SimulatedQueue{}}
	for _, c := range result.Clients {
		id, err := ids.Parse[struct{}](c.Name)
		if err == nil {
			out.Clients = append(out.Clients, SimulatedClient{ClientID: ids.Client(id), Occupancy: estimateOf(c.Run.Occupancy).share(), SimulatedFigures: figuresOf(c.Run)})
		}
	}
	for i, q := range st.queues {
		v := SimulatedQueue{QueueID: q.ID, ClientID: q.ClientID, Goal: q.terms.ServiceLevelGoal, SimulatedFigures: figuresOf(result.Queues[i].Run)}
		met, all := 0, 0
		for _, p := range rows {
			if p.QueueID == q.ID && p.Offered > 0 {
				all++
				if p.ServiceLevel >= q.terms.ServiceLevelGoal {
					met++
				}
			}
		}
		if all > 0 {
			v.IntervalsMet = float64(met) / float64(all)
		}
		out.Queues = append(out.Queues, v)
	}
	return out
}

func figuresOf(f simulation.Figures) SimulatedFigures {
	return SimulatedFigures{Offered: estimateOf(f.Offered), ServiceLevel: estimateOf(f.ServiceLevel).share(), Abandonment: estimateOf(f.Abandonment).share(),
		ASASeconds: estimateOf(f.ASA), Overflow: estimateOf(f.Overflow).share()}
}

// SimulationOf gives one simulation with its points by queue and start, or
// NotFound; client zero means all clients.
func (s *Service) SimulationOf(ctx context.Context, sc scope.Scope, id ids.Simulation, client ids.Client) (Simulation, []SimulationPoint, error) {
	var v Simulation
	var points []SimulationPoint
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		if v, err = database.One[Simulation](tx.Where("id = ? AND roster_id IS NOT NULL", id), "simulation.not_found", "There is no such simulation."); err != nil {
			return err
		}
		q := tx.Where("simulation_id = ?", id)
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Order("queue_id, start_at").Find(&points).Error
	})
	return v, points, err
}

// Simulations lists the simulations of a roster, the newest first; the zero id means all.
func (s *Service) Simulations(ctx context.Context, sc scope.Scope, id ids.Roster) ([]Simulation, error) {
	var out []Simulation
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Where("roster_id IS NOT NULL").Order("created_at DESC, id DESC")
		if !id.IsZero() {
			q = q.Where("roster_id = ?", id)
		}
		return q.Find(&out).Error
	})
	slices.SortStableFunc(out, func(a, b Simulation) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) })
	return out, err
}

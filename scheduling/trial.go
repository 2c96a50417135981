package scheduling

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"muster/routing"
	"muster/routing/simulation"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// What a trial assumes of those whom nobody has measured.
const (
	assumedPartner = 0.9 // share of hand-overs that a partner accepts
	assumedDelayS  = 15  // until it says so
	assumedInvite  = 0.3 // share of customers who take a call-back or message
	assumedBot     = 0.3 // share of contacts that the bot settles
	maxTrialDays   = 7
	maxTrialName   = 200 // characters
)

// TrialSide is what one side of a trial plays: the days of a stored roster under the
// routing settings in force with proposed ones over them, or a scenario of its own.
type TrialSide struct {
	Roster   ids.Roster              `json:"roster_id,omitzero"`
	From     calendar.Date           `json:"from,omitempty" doc:"First day; absent: today, or the roster's first day"`
	Days     int                     `json:"days,omitempty" doc:"1 to 7; 0 is 1"`
	Absent   *float64                `json:"absent,omitempty" doc:"Share of agents who do not come; absent: as planned"`
	Settings []routing.SettingChange `json:"settings,omitempty" doc:"Proposed settings in place of those in force"`
	Scenario map[string]any          `json:"scenario,omitempty" doc:"A scenario file in place of all above"`
}

// TrialQuestion asks for a trial: one side alone, or two that meet the same contacts.
type TrialQuestion struct {
	Name         string     `json:"name"`
	A            TrialSide  `json:"a"`
	B            *TrialSide `json:"b,omitempty"`
	Replications int        `json:"replications,omitempty" doc:"0 is 20"`
	Seed         uint64     `json:"seed,omitempty" doc:"0 is 1"`
	LateCost     float64    `json:"late_cost,omitempty" doc:"Of one contact answered late or lost, in the trial's money; not for scenario files, which name their own"`
	Actor        ids.User   `json:"-"`
}

// TrialAnswer is what came out.
type TrialAnswer struct {
	Currency    money.Currency    `json:"currency,omitempty" doc:"Of cost and penalty; absent where no hourly costs are known"`
	A           Played            `json:"a"`
	B           *Played           `json:"b,omitempty"`
	Differences []TrialDifference `json:"differences,omitempty" doc:"B less A over paired replications, of total and clients"`
}

// TrialDifference of one figure: B less A over paired replications. Scope is "total" or a client's name.
type TrialDifference simulation.Difference

// Played is the outcome of one side. Names are ids where the side is a roster's.
type Played struct {
	Name        string               `json:"name"`
	Start       calendar.Instant     `json:"start"`
	IntervalS   float64              `json:"interval_s"`
	Agents      int                  `json:"agents"`
	Total       simulation.Figures   `json:"total"`
	Clients     []PlayedPart         `json:"clients"`
	Queues      []PlayedPart         `json:"queues"`
	Pools       []simulation.PoolUse `json:"pools"`
	LongestWait simulation.Band      `json:"longest_wait_s"`
}

// PlayedPart is a client or queue; queues have no course.
type PlayedPart struct {
	Name   string             `json:"name"`
	Run    simulation.Figures `json:"run"`
	Course *simulation.Course `json:"course,omitempty"`
}

// Trial is a stored trial.
type Trial struct {
	ID           ids.Any          `gorm:"primaryKey" json:"id"`
	Name         string           `json:"name"`
	Seed         int64            `json:"seed"`
	Replications int              `json:"replications"`
	Question     TrialQuestion    `gorm:"serializer:json" json:"question"`
	Answer       TrialAnswer      `gorm:"serializer:json" json:"answer"`
	CreatedBy    ids.User         `json:"created_by"`
	CreatedAt    calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Trial) TableName() string { return "trials" }

// Try plays a question and stores what came out. Demand, handle times and patience
// are those of Simulate; routing is that of the live floor's settings, so that what
// is proposed is tested on the engine that would route it. Partners, call-backs and
// the bot behave as assumed above.
func (s *Service) Try(ctx context.Context, sc scope.Scope, q TrialQuestion, progress Progress) (Trial, error) {
	sides, currency, err := s.stageTrial(ctx, sc, &q)
	if err != nil {
		return Trial{}, err
	}
	results := make([]simulation.Result, len(sides))
	for i, side := range sides {
		results[i], err = simulation.RunWith(ctx, side, simulation.Options{Progress: func(done, of int) {
			progress.say((float64(i)+float64(done)/float64(of))/float64(len(sides))*0.97, fmt.Sprintf("replication %d of %d", i*of+done, len(sides)*of))
		}})
		if err != nil {
			return Trial{}, err
		}
	}
	v := Trial{Name: q.Name, Seed: int64(q.Seed), Replications: q.Replications, Question: q, CreatedBy: q.Actor, Answer: TrialAnswer{Currency: currency, A: played(sides[0], results[0])}}
	if len(sides) == 2 {
		compared, err := simulation.CompareResults(&results[0], &results[1])
		if err != nil {
			return Trial{}, err
		}
		b := played(sides[1], results[1])
		v.Answer.B = &b
		for _, d := range compared.Differences {
			v.Answer.Differences = append(v.Answer.Differences, TrialDifference(d))
		}
	}
	v.ID, v.CreatedAt = ids.New[ids.Any](s.db.IDs()), s.db.Now()
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Create(&v).Error; err != nil {
			return err
		}
		return finish(tx, v.ID)
	})
	return v, err
}

func played(sc simulation.Scenario, r simulation.Result) Played {
	out := Played{Name: r.Name, Start: calendar.At(sc.Start), IntervalS: sc.IntervalS, Total: r.Total.Run, Pools: r.Pools, LongestWait: r.LongestWait}
	for _, a := range sc.Agents {
		out.Agents += max(1, a.Count)
	}
	for _, c := range r.Clients {
		course := c.Course()
		out.Clients = append(out.Clients, PlayedPart{Name: c.Name, Run: c.Run, Course: &course})
	}
	for _, q := range r.Queues {
		out.Queues = append(out.Queues, PlayedPart{Name: q.Name, Run: q.Run})
	}
	return out
}

// settle checks a question and fills its defaults.
func (q *TrialQuestion) settle(sc scope.Scope) error {
	if !sc.IsProvider() {
		return fault.New(fault.Forbidden, "simulation.provider_only", "A trial plays the whole provider; your right must hold for it.")
	}
	if q.Replications == 0 {
		q.Replications = defaultReplications
	}
	if q.Replications < 1 || q.Replications > maxReplications {
		return fault.Newf(fault.Invalid, "simulation.replications", "A simulation has 1 to %d replications, not %d.", maxReplications, q.Replications)
	}
	if !(q.LateCost >= 0 && q.LateCost <= 1e9) {
		return fault.Newf(fault.Invalid, "simulation.late_cost", "The cost of a late contact is %v; want 0 to a billion.", q.LateCost)
	}
	q.Seed = max(1, q.Seed&(1<<62-1))
	q.Name = firstRunes(q.Name, maxTrialName)
	for _, side := range q.sides() {
		if side.Days < 0 || side.Days > maxTrialDays {
			return fault.Newf(fault.Invalid, "simulation.trial_days", "A trial covers 1 to %d days.", maxTrialDays)
		}
		for _, c := range side.Settings {
			delete(c.Document, "secret") // decides nothing and is never stored in the open
		}
	}
	return nil
}

// sides lists the one or two sides.
func (q *TrialQuestion) sides() []TrialSide {
	if q.B == nil {
		return []TrialSide{q.A}
	}
	return []TrialSide{q.A, *q.B}
}

// stageTrial builds the scenarios of a question.
func (s *Service) stageTrial(ctx context.Context, sc scope.Scope, q *TrialQuestion) (out []simulation.Scenario, currency money.Currency, err error) {
	if err := q.settle(sc); err != nil {
		return nil, "", err
	}
	for _, side := range q.sides() {
		var v simulation.Scenario
		if v, currency, err = s.stageSide(ctx, sc, side, q); err != nil {
			return nil, "", err
		}
		v.Seed, v.Replications = q.Seed, q.Replications
		out = append(out, v)
	}
	return out, currency, nil
}

func firstRunes(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

// stageSide builds the scenario of one side.
func (s *Service) stageSide(ctx context.Context, sc scope.Scope, side TrialSide, q *TrialQuestion) (simulation.Scenario, money.Currency, error) {
	if side.Scenario != nil {
		v, err := side.file()
		return v, "", err
	}
	if s.Live == nil {
		return simulation.Scenario{}, "", fault.New(fault.Conflict, "simulation.no_floor", "There is no live floor whose settings could be tried.")
	}
	r, err := s.Roster(ctx, sc, side.Roster)
	if err != nil {
		return simulation.Scenario{}, "", err
	}
	n := NewSimulation{Roster: r.ID, From: side.From, Days: max(1, side.Days), Replications: q.Replications, Seed: q.Seed, Absent: side.Absent}
	if zone, err := zoneOf(r.Zone); n.From == 0 && err == nil {
		if n.From = calendar.DateOf(s.db.Now(), zone); n.From < r.FromDay || n.From >= r.ToDay {
			n.From = r.FromDay
		}
	}
	st, err := s.stage(ctx, sc, r, n)
	if err != nil {
		return simulation.Scenario{}, "", err
	}
	cfg, err := s.Live.Proposed(ctx, sc, s.db.Now(), side.Settings)
	if err != nil {
		return simulation.Scenario{}, "", err
	}
	v := underPolicies(st.scenario, simulation.FromConfig(&cfg))
	costs, err := s.TierCosts(ctx, sc)
	if err != nil {
		return v, "", err
	}
	return v, price(&v, costs, n.From, q.LateCost), nil
}

// file reads the side's scenario file.
func (t TrialSide) file() (simulation.Scenario, error) {
	text, err := json.Marshal(t.Scenario)
	if err != nil {
		return simulation.Scenario{}, err
	}
	v, err := simulation.Read(bytes.NewReader(text))
	return v.WithDefaults(), err
}

// underPolicies gives the demand and the shifts of a staged roster the policies of
// the floor: queues and agents meet by their ids.
func underPolicies(staged, policies simulation.Scenario) simulation.Scenario {
	out := policies
	out.Name, out.Start, out.IntervalS, out.Intervals, out.DayFactor, out.Adherence = staged.Name, staged.Start, staged.IntervalS, staged.Intervals, staged.DayFactor, staged.Adherence
	for i := range out.Partners {
		out.Partners[i].Accepts, out.Partners[i].DelayS = assumedPartner, assumedDelayS
	}
	for i := range out.Queues {
		q := &out.Queues[i]
		q.Handle = simulation.Dist{Kind: "constant", Mean: 1} // nobody comes unless the roster's plans say so
		q.TakesInvite, q.BotSettles = assumedInvite, assumedBot
		if at := slices.IndexFunc(staged.Queues, func(x simulation.Queue) bool { return x.Name == q.Name }); at >= 0 {
			q.Arrivals, q.Handle, q.Patience = staged.Queues[at].Arrivals, staged.Queues[at].Handle, staged.Queues[at].Patience
		}
	}
	shifts := map[string][]simulation.Activity{}
	for _, a := range staged.Agents {
		shifts[a.Name] = a.Activities
	}
	out.Agents = nil
	for _, a := range policies.Agents {
		if a.Activities = shifts[a.Name]; len(a.Activities) > 0 {
			out.Agents = append(out.Agents, a)
		}
	}
	return out
}

// price gives hours and late contacts their cost. Hourly costs are taken when those
// in force for all skills are in one currency.
func price(v *simulation.Scenario, costs []TierCost, on calendar.Date, late float64) money.Currency {
	for i := range v.Clients {
		v.Clients[i].LateCost = late
	}
	hourly := map[string]decimal.Decimal{}
	var currency money.Currency
	for _, c := range costs {
		if !c.SkillID.IsZero() || c.ValidFrom > on || c.ValidTo != nil && *c.ValidTo <= on {
			continue
		}
		if currency != "" && currency != c.Currency {
			return ""
		}
		currency, hourly[string(c.Tier)] = c.Currency, c.HourlyCost
	}
	for i := range v.Agents {
		v.Agents[i].HourlyCost = hourly[v.Agents[i].Tier].InexactFloat64()
	}
	return currency
}

// EnqueueTrial makes the job that does Try; what is wrong with the question is told at once.
func (s *Service) EnqueueTrial(ctx context.Context, sc scope.Scope, q TrialQuestion) (jobs.Job, error) {
	if err := q.settle(sc); err != nil {
		return jobs.Job{}, err
	}
	for _, side := range q.sides() {
		if err := s.checkSide(ctx, sc, side); err != nil {
			return jobs.Job{}, err
		}
	}
	return enqueue(ctx, s, sc, JobTrial, ids.Client{}, q.Actor, trialWork{q, q.Actor})
}

func (s *Service) checkSide(ctx context.Context, sc scope.Scope, side TrialSide) error {
	if side.Scenario != nil {
		v, err := side.file()
		if err != nil {
			return err
		}
		return v.Check()
	}
	if _, err := s.header(ctx, sc, side.Roster); err != nil || s.Live == nil {
		return err
	}
	_, err := s.Live.Proposed(ctx, sc, s.db.Now(), side.Settings)
	return err
}

// trialWork is a question with who asked it.
type trialWork struct {
	Question TrialQuestion `json:"question"`
	Actor    ids.User      `json:"actor,omitzero"`
}

// TrialOf gives a trial by its id.
func (s *Service) TrialOf(ctx context.Context, sc scope.Scope, id ids.Any) (Trial, error) {
	var v Trial
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		v, err = database.One[Trial](tx.Where("id = ?", id), "simulation.not_found", "There is no such simulation.")
		return err
	})
	return v, err
}

// TrialSummary is a trial without its answer.
type TrialSummary struct {
	ID           ids.Any          `json:"id"`
	Name         string           `json:"name"`
	Replications int              `json:"replications"`
	CreatedBy    ids.User         `json:"created_by"`
	CreatedAt    calendar.Instant `json:"created_at"`
}

// Trials lists the latest trials, at most limit.
func (s *Service) Trials(ctx context.Context, sc scope.Scope, limit int) ([]TrialSummary, error) {
	out := []TrialSummary{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Model(&Trial{}).Select("id, name, replications, created_by, created_at").Order("created_at DESC, id DESC").Limit(min(max(limit, 1), 200)).Find(&out).Error
	})
	return out, err
}

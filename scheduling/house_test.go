package scheduling_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// provider is a tiny provider: two clients with a voice queue each, one with a
// chat and a mail queue too, twelve agents of one site, ten weeks of facts.
type provider struct {
	t       *testing.T
	db      *database.DB
	plan    *scheduling.Service
	queue   *jobs.Queue
	clients [2]contract.Client
	queues  []contract.Queue
	agents  []people.Agent
	origin  calendar.Instant // end of the facts: Monday 2026-03-02 in the clients' zone
	monday  calendar.Date
}

var all = scope.Provider()

const historyWeeks = 10

// openProvider makes the provider. The clock of the database stands at 2026-03-01T08:00Z, a Sunday.
func openProvider(t *testing.T, db *database.DB) *provider {
	t.Helper()
	p := &provider{t: t, db: db, queue: jobs.New(db), monday: calendar.NewDate(2026, 3, 2)}
	contracts, staff := contract.NewService(db), people.NewService(db)
	known := facts.NewService(db, contracts)
	p.plan = scheduling.New(db, scheduling.Services{Contracts: contracts, People: staff, Facts: known, Jobs: p.queue, Events: events.New(db), Live: routing.New(db, contracts, staff, "n1", nil)})
	ctx := t.Context()
	require.NoError(t, contracts.SetUpProvider(ctx, contract.ProviderRow{Name: "Provider", Zone: "Asia/Shanghai", Locale: "en", Currency: "CNY"}))
	zone, err := calendar.Zone("Asia/Shanghai")
	require.NoError(t, err)
	p.origin = p.monday.At(0, zone)
	site, err := staff.CreateSite(ctx, all, people.Site{Slug: "dalian", Name: "Dalian", Zone: "Asia/Shanghai", Country: "CN", WeekStart: 1})
	require.NoError(t, err)
	team, err := staff.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "one", Name: "One"})
	require.NoError(t, err)
	var skills []people.Skill
	for i := range p.clients {
		c, err := contracts.CreateClient(ctx, all, contract.Client{Slug: fmt.Sprint("client-", i), Name: fmt.Sprint("Client ", i), Zone: "Asia/Shanghai", Currency: "CNY"})
		require.NoError(t, err)
		p.clients[i] = c
		skill, err := staff.CreateSkill(ctx, all, people.Skill{Slug: fmt.Sprint("skill-", i), Name: "Skill"})
		require.NoError(t, err)
		skills = append(skills, skill)
		lob, err := contracts.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "main", Name: "Main"})
		require.NoError(t, err)
		hours := calendar.Calendar{Zone: zone}
		for d := 1; d <= 6; d++ {
			hours.Hours = append(hours.Hours, calendar.Hours{Weekday: time.Weekday(d), Open: 9 * 60, Close: 18 * 60})
		}
		cal, err := contracts.CreateCalendar(ctx, all, c.ID, "Hours", hours)
		require.NoError(t, err)
		channels := []contract.Channel{contract.Voice}
		if i == 1 {
			channels = []contract.Channel{contract.Voice, contract.Chat, contract.Mail}
		}
		for _, ch := range channels {
			q, err := contracts.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: string(ch), Name: string(ch), Channel: ch, SkillID: skill.ID, CalendarID: cal})
			require.NoError(t, err)
			terms := contract.Terms{QueueID: q.ID, ValidFrom: 1, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Shrinkage: 0.15, Concurrency: 1, PatienceMS: ptr(int64(240_000)), OccupancyCap: ptr(0.9)}
			switch ch {
			case contract.Chat:
				terms.Concurrency, terms.ThresholdMS = 3, 60_000
			case contract.Mail:
				terms.ThresholdMS = 8 * 3_600_000
			}
			_, err = contracts.SetTerms(ctx, all, terms)
			require.NoError(t, err)
			p.queues = append(p.queues, q)
		}
	}
	p.hire(staff, team, skills)
	p.record(zone)
	return p
}

// hire adds twelve agents: five for each client, two for both, one of them part-time.
func (p *provider) hire(staff *people.Service, team people.Team, skills []people.Skill) {
	var hires []people.Hire
	for i := range 12 {
		h := people.Hire{Agent: people.Agent{Number: fmt.Sprintf("A%03d", i), Label: fmt.Sprintf("A%03d", i)}, Profile: people.Profile{Name: fmt.Sprint("Person ", i)}, From: 1,
			Membership: people.Membership{SiteID: team.SiteID, TeamID: team.ID, Tier: people.Tiers()[i%3]}}
		weekly := 2400
		if i == 11 {
			weekly = 1200
		}
		h.Employment = &people.Employment{WeeklyMinutes: weekly, HourlyCost: decimal.NewFromInt(60), Currency: "CNY", ValidFrom: 1}
		for c := range p.clients {
			if i < 5 && c == 0 || i >= 5 && i < 10 && c == 1 || i >= 10 {
				h.Clients = append(h.Clients, p.clients[c].ID)
				h.Skills = append(h.Skills, people.AgentSkill{SkillID: skills[c].ID, Proficiency: 80})
			}
		}
		hires = append(hires, h)
	}
	agents, err := staff.HireAll(p.t.Context(), all, hires)
	require.NoError(p.t, err)
	p.agents = agents
}

// record writes the facts: a hump over the day, weekdays busier than Saturday, Poisson noise.
func (p *provider) record(zone *time.Location) {
	rng := rand.New(rand.NewPCG(7, 7))
	span := calendar.Interval{Start: p.origin - historyWeeks*7*calendar.Day, End: p.origin}
	require.NoError(p.t, p.db.EnsureMonths(p.t.Context(), span))
	var rows []facts.QueueFact
	for k, q := range p.queues {
		for at := span.Start; at < span.End; at += calendar.Quarter {
			local := at.In(zone)
			hour := float64(local.Hour()) + float64(local.Minute())/60
			if local.Weekday() == 0 || hour < 9 || hour >= 18 {
				continue
			}
			mean := 4 * (1 + 0.5*math.Sin((hour-9)/9*math.Pi)) / float64(1+k%2)
			if local.Weekday() == 6 {
				mean /= 2
			}
			n := poisson(rng, mean)
			if n > 0 {
				rows = append(rows, facts.QueueFact{QueueID: q.ID, ClientID: q.ClientID, StartAt: at, Offered: n, Queued: n, Answered: n, AnsweredWithin: n, HandleMS: n * 240_000})
			}
		}
	}
	require.NoError(p.t, p.db.Write(p.t.Context(), all, func(tx *database.Tx) error {
		_, err := database.Insert(tx, rows)
		return err
	}))
}

func poisson(rng *rand.Rand, mean float64) int64 {
	limit, n, product := math.Exp(-mean), int64(0), rng.Float64()
	for product > limit {
		n++
		product *= rng.Float64()
	}
	return n
}

func ptr[T any](v T) *T { return &v }

// planned makes published forecasts and plans of both clients for two weeks.
func (p *provider) planned() []ids.Staffing {
	p.t.Helper()
	var plans []ids.Staffing
	for _, c := range p.clients {
		f, err := p.plan.CreateForecast(p.t.Context(), all, scheduling.NewForecast{Client: c.ID, Origin: p.origin, Days: 14}, nil)
		require.NoError(p.t, err)
		_, err = p.plan.PublishForecast(p.t.Context(), all, f.ID)
		require.NoError(p.t, err)
		plan, err := p.plan.CreatePlan(p.t.Context(), all, scheduling.NewPlan{Forecast: f.ID}, nil)
		require.NoError(p.t, err)
		plans = append(plans, plan.ID)
	}
	return plans
}

// rostered solves a roster over the plans.
func (p *provider) rostered(plans []ids.Staffing) scheduling.Roster {
	p.t.Helper()
	r, err := p.plan.CreateRoster(p.t.Context(), all, scheduling.NewRoster{Name: "March", Plans: plans, From: p.monday, Days: 14, Moves: 4000}, nil)
	require.NoError(p.t, err)
	return r
}

// each runs a test on a fresh provider on both databases.
func each(t *testing.T, test func(p *provider)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(openProvider(t, db)) })
}

// openProviderSQLite is a provider for what is alike on both databases.
func openProviderSQLite(t *testing.T) *provider {
	t.Helper()
	return openProvider(t, databasetest.OpenSQLite(t))
}

// worked does a job to its end and expects it done.
func (p *provider) worked(enqueue func(context.Context) (jobs.Job, error)) jobs.Job {
	p.t.Helper()
	pool := jobs.NewPool(p.queue, jobs.Options{Workers: 1, Poll: 20 * time.Millisecond})
	p.plan.Handlers(pool)
	ctx, stop := context.WithCancel(p.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	defer func() { stop(); require.NoError(p.t, <-ended) }()
	job, err := enqueue(ctx)
	require.NoError(p.t, err)
	job, err = p.queue.Await(ctx, all, job.ID)
	require.NoError(p.t, err)
	require.Equal(p.t, jobs.Done, job.Status, "%+v", job.Error)
	return job
}

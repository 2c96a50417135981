package supervision_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/billing"
	"muster/reporting"
	"muster/reporting/supervision"
	"muster/routing"
	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// house is two clients with a queue each, three agents who serve both, and a
// leading node.
type house struct {
	t       *testing.T
	db      *database.DB
	live    *routing.Live
	service *supervision.Service
	clients [2]contract.Client
	queues  [2]contract.Queue
	agents  []people.Agent
	leader  ids.User
}

func open(t *testing.T, db *database.DB) *house {
	t.Helper()
	ctx, all := t.Context(), scope.Provider()
	h := &house{t: t, db: db}
	c, p := contract.NewService(db), people.NewService(db)
	site, err := p.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
	require.NoError(t, err)
	team, err := p.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(t, err)
	var skills []people.AgentSkill
	patience := int64(180_000)
	for i := range h.clients {
		h.clients[i], err = c.CreateClient(ctx, all, contract.Client{Slug: fmt.Sprint("c", i), Name: "C", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		lob, err := c.CreateLOB(ctx, all, contract.LOB{ClientID: h.clients[i].ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		skill, err := p.CreateSkill(ctx, all, people.Skill{Slug: fmt.Sprint("k", i), Name: "K"})
		require.NoError(t, err)
		skills = append(skills, people.AgentSkill{SkillID: skill.ID, Proficiency: 80})
		h.queues[i], err = c.CreateQueue(ctx, all, contract.Queue{ClientID: h.clients[i].ID, LOBID: lob.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)
		_, err = c.SetTerms(ctx, all, contract.Terms{QueueID: h.queues[i].ID, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Concurrency: 1, PatienceMS: &patience})
		require.NoError(t, err)
	}
	var hires []people.Hire
	for i := range 3 {
		hires = append(hires, people.Hire{Agent: people.Agent{Number: fmt.Sprint(i), Label: fmt.Sprint("A", i)}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Middle}, Skills: append([]people.AgentSkill(nil), skills...), Clients: []ids.Client{h.clients[0].ID, h.clients[1].ID}})
	}
	h.agents, err = p.HireAll(ctx, all, hires)
	require.NoError(t, err)
	_, err = c.AddMeasure(ctx, all, contract.Measure{ClientID: h.clients[0].ID, Key: "service_level", Formula: "f3", Target: "0.80", Better: "higher", ValidFrom: calendar.NewDate(2026, 1, 1), Bands: []contract.Band{{Beyond: "0.80", CreditShare: "0.02"}, {Beyond: "0.70", CreditShare: "0.05"}}})
	require.NoError(t, err)
	box, err := secrets.NewBox(bytes.Repeat([]byte("k"), secrets.KeyBytes))
	require.NoError(t, err)
	h.live = routing.New(db, c, p, "n1", nil)
	require.NoError(t, h.live.Prepare(ctx))
	f, e := facts.NewService(db, c), events.New(db)
	planning := scheduling.New(db, scheduling.Services{Contracts: c, People: p, Facts: f, Jobs: jobs.New(db), Events: e})
	h.service = supervision.New(db, supervision.Services{Live: h.live, Planning: planning, Contracts: c, People: p, Facts: f, Billing: billing.NewService(db, reporting.NewService(db)), Events: e, Audit: audit.New(db, box)}, nil)
	h.leader = ids.New[ids.User](db.IDs())
	run, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.live.Run(run); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return h
}

// forecast stores a published forecast of the day for the first queue.
func (h *house) forecast(volume func(hour int) float64) {
	h.t.Helper()
	day := calendar.DateOf(h.db.Now(), time.UTC)
	span := day.Span(time.UTC)
	now := h.db.Now()
	f := scheduling.Forecast{ID: ids.New[ids.Forecast](h.db.IDs()), ClientID: h.clients[0].ID, Name: "F", Version: 1, Status: scheduling.Published, OriginAt: span.Start, StartAt: span.Start, EndAt: span.End, IntervalMS: 900_000, Zone: "UTC", CreatedAt: now, PublishedAt: &now}
	var points []scheduling.ForecastPoint
	for at := span.Start; at < span.End; at += calendar.Quarter {
		v := volume(at.In(time.UTC).Hour())
		points = append(points, scheduling.ForecastPoint{ForecastID: f.ID, QueueID: h.queues[0].ID, StartAt: at, ClientID: h.clients[0].ID, Volume: v, Low: v, High: v, AHTMS: 180_000})
	}
	require.NoError(h.t, h.db.Write(h.t.Context(), scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Create(&f).Error; err != nil {
			return err
		}
		_, err := database.Insert(tx, points)
		return err
	}))
}

func (h *house) ready(agents ...people.Agent) {
	h.t.Helper()
	for _, a := range agents {
		o, err := h.live.SetState(h.t.Context(), a.ID, "ready", "")
		require.NoError(h.t, err)
		require.True(h.t, o.Applied)
		require.Empty(h.t, o.Refused)
	}
}

func (h *house) pass(d calendar.Instant) {
	h.db.Clock().(*calendar.FixedClock).Set(h.db.Now() + d)
}

func (h *house) alerts() map[string]supervision.FloorAlert {
	h.t.Helper()
	all, err := h.service.OpenAlerts(h.t.Context(), scope.Provider())
	require.NoError(h.t, err)
	out := map[string]supervision.FloorAlert{}
	for _, a := range all {
		_, twice := out[a.Rule+" "+a.Subject]
		require.False(h.t, twice, "an alert is open once")
		out[a.Rule+" "+a.Subject] = a
	}
	return out
}

func TestAlertsOpenOnceAreTakenOnAndClose(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db)
		ctx := t.Context()
		o, err := h.live.Arrive(ctx, scope.Provider(), routing.Arrival{Client: h.clients[0].ID, Queue: h.queues[0].ID, Source: "cti", ExternalID: "1"})
		require.NoError(t, err)
		require.True(t, o.Applied)
		h.pass(50 * calendar.Second)
		require.NoError(t, h.service.Evaluate(ctx))
		require.NoError(t, h.service.Evaluate(ctx))
		found := h.alerts()
		oldest, ok := found["oldest queue/"+h.queues[0].ID.String()]
		require.True(t, ok, "%v", found)
		require.EqualValues(t, 50, oldest.Value)
		require.Contains(t, found, "nobody queue/"+h.queues[0].ID.String())
		_, err = h.service.Acknowledge(ctx, scope.Clients(h.clients[1].ID), oldest.ID, "", h.leader)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another client's alert is absent")
		taken, err := h.service.Acknowledge(ctx, scope.Provider(), oldest.ID, "calling back", h.leader)
		require.NoError(t, err)
		require.Equal(t, h.leader, taken.AcknowledgedBy)
		_, err = h.service.Acknowledge(ctx, scope.Provider(), oldest.ID, "", h.leader)
		require.Equal(t, "floor.acknowledged", fault.CodeOf(err))

		_, err = h.live.Leave(ctx, scope.Provider(), o.Contact)
		require.NoError(t, err)
		require.NoError(t, h.service.Evaluate(ctx))
		require.Len(t, h.alerts(), len(found), "a cause that has just gone may come back")
		h.pass(30 * calendar.Second)
		require.NoError(t, h.service.Evaluate(ctx))
		require.NotContains(t, h.alerts(), "oldest queue/"+h.queues[0].ID.String())
		history, err := h.service.AlertHistory(ctx, scope.Provider(), 50)
		require.NoError(t, err)
		require.NotEmpty(t, history)
	})
}

func TestTheDayIsProjectedPricedAndAnActionProposed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db)
		ctx, all := t.Context(), scope.Provider()
		h.forecast(func(int) float64 { return 60 }) // 12 Erlangs an hour and three agents
		h.ready(h.agents...)
		v, err := h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		q := v.Queues[0]
		require.Equal(t, h.queues[0].ID, q.ID)
		require.NotNil(t, q.Projected)
		require.Less(t, q.Projected.Numerator*2, q.Projected.Denominator, "three agents cannot do it")
		require.Greater(t, q.GapAgents, 5.0)
		require.Equal(t, 3, q.AgentsReady)
		require.Nil(t, v.Queues[1].Projected, "without a forecast nothing is projected")
		require.Len(t, v.Costs, 1)
		require.Equal(t, "0.05", v.Costs[0].CreditShare, "the deepest band")
		require.Nil(t, v.Costs[0].Amount, "amounts are for those who may see bills")
		require.Empty(t, v.Agents[0].Name, "names are for those who may see profiles")
		require.NoError(t, h.service.Evaluate(ctx))
		require.Contains(t, h.alerts(), "projected queue/"+h.queues[0].ID.String())
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NotContains(t, string(text), "NaN")
	})
}

// A reserve pool is called up ahead: proposed with its effect, or opened by policy.
func TestReservePoolIsCalledUpAhead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db)
		ctx, all := t.Context(), scope.Provider()
		now := h.db.Now().In(time.UTC).Hour()
		h.forecast(func(hour int) float64 {
			if hour == now {
				return 80
			}
			return 4
		})
		pool := routing.PoolPolicy{Name: "Night", Reserve: true, Members: routing.MemberPolicy{Agents: []string{"2"}}, CallUp: routing.CallUpPolicy{Queues: []string{"c0/q"}, GapAgents: 2}}
		_, err := h.live.PutPool(ctx, all, "night", 0, pool, h.leader)
		require.NoError(t, err)
		h.pass(6 * calendar.Second)
		require.Eventually(t, func() bool { // the leader has taken the pool over
			o, err := h.live.ClosePool(ctx, all, "night")
			require.NoError(t, err)
			return o.Refused == ""
		}, 10*time.Second, 20*time.Millisecond)
		h.ready(h.agents...)
		require.NoError(t, h.service.Evaluate(ctx))
		a, ok := h.alerts()["call_up pool/night"]
		require.True(t, ok)
		require.Equal(t, supervision.CausePeak, a.Proposal.Cause)
		require.Len(t, a.Proposal.Effect, 1)
		require.Greater(t, a.Proposal.Effect[0].After, a.Proposal.Effect[0].Before)

		done, err := h.service.Act(ctx, all, a.Proposal.Action, h.leader)
		require.NoError(t, err)
		v, err := h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		require.True(t, h.pool(v, "night").Open)
		require.Equal(t, 1, h.pool(v, "night").Ready)
		_, err = h.service.Undo(ctx, all, done.ID, h.leader)
		require.NoError(t, err)
		v, err = h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		require.False(t, h.pool(v, "night").Open)
		_, err = h.service.Undo(ctx, all, done.ID, h.leader)
		require.Equal(t, "floor.cannot_undo", fault.CodeOf(err))

		pool.CallUp.Mode = routing.CallUpAutomatic
		_, err = h.live.PutPool(ctx, all, "night", 1, pool, h.leader)
		require.NoError(t, err)
		require.NoError(t, h.service.Evaluate(ctx))
		v, err = h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		require.True(t, h.pool(v, "night").Open, "the policy opens it by itself")
		log, err := h.service.Actions(ctx, all, 10)
		require.NoError(t, err)
		require.Len(t, log, 2)
		require.True(t, log[0].DoneBy.IsZero() || log[1].DoneBy.IsZero(), "what the policy did is in the log")
	})
}

func (h *house) pool(v supervision.FloorView, slug string) supervision.FloorPool {
	h.t.Helper()
	for _, p := range v.Pools {
		if p.Slug == slug {
			return p
		}
	}
	require.FailNow(h.t, "no pool "+slug)
	return supervision.FloorPool{}
}

func TestActionsAreCheckedAuditedAndUndone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := open(t, db)
		ctx, all := t.Context(), scope.Provider()
		h.ready(h.agents...)
		act := func(sc scope.Scope, a supervision.FloorAction) (supervision.FloorEntry, error) {
			return h.service.Act(ctx, sc, a, h.leader)
		}
		one := []ids.Agent{h.agents[0].ID}
		for _, c := range []struct {
			name string
			sc   scope.Scope
			a    supervision.FloorAction
			kind fault.Kind
		}{
			{"unknown", all, supervision.FloorAction{Kind: "dance"}, fault.Invalid},
			{"nobody named", all, supervision.FloorAction{Kind: supervision.SetState, State: "ready"}, fault.Invalid},
			{"a pool that is not there", all, supervision.FloorAction{Kind: supervision.OpenPool, Pool: "gold"}, fault.NotFound},
			{"a client's right does not reach shared agents", scope.Clients(h.clients[0].ID), supervision.FloorAction{Kind: supervision.SliceAgents, Agents: one}, fault.Forbidden},
			{"another client's queue", scope.Clients(h.clients[0].ID), supervision.FloorAction{Kind: supervision.RaiseQueue, Queue: h.queues[1].ID, Weight: 2000}, fault.NotFound},
			{"a weight beyond all bounds", all, supervision.FloorAction{Kind: supervision.RaiseQueue, Queue: h.queues[1].ID, Weight: 20000}, fault.Invalid},
			{"an unknown state", all, supervision.FloorAction{Kind: supervision.SetState, Agents: one, State: "asleep"}, fault.Invalid},
		} {
			_, err := act(c.sc, c.a)
			require.Equal(t, c.kind, fault.KindOf(err), "%s: %v", c.name, err)
		}
		sliced, err := act(all, supervision.FloorAction{Kind: supervision.SliceAgents, Agents: one, Client: h.clients[1].ID})
		require.NoError(t, err)
		raised, err := act(all, supervision.FloorAction{Kind: supervision.RaiseQueue, Queue: h.queues[0].ID, Weight: 3000})
		require.NoError(t, err)
		broken, err := act(all, supervision.FloorAction{Kind: supervision.SetState, Agents: []ids.Agent{h.agents[1].ID}, State: "not_ready", Reason: "training"})
		require.NoError(t, err)
		v, err := h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		require.Equal(t, h.clients[1].ID, v.Agents[0].Slice)
		require.Equal(t, 1, v.Queues[0].AgentsReady, "one works for the other client, one is in training")
		require.Equal(t, 3000, v.Queues[0].Raised)
		for _, d := range []supervision.FloorEntry{sliced, raised, broken} {
			_, err := h.service.Undo(ctx, all, d.ID, h.leader)
			require.NoError(t, err)
		}
		v, err = h.service.View(ctx, all, supervision.Rights{})
		require.NoError(t, err)
		require.True(t, v.Agents[0].Slice.IsZero())
		require.Equal(t, "ready", v.Agents[1].State)
		require.Equal(t, 1000, v.Queues[0].Raised)
		var records int64
		require.NoError(t, db.Read(ctx, all, func(tx *database.Tx) error {
			return tx.Model(&audit.Entry{}).Where("object = 'floor' AND actor_id = ?", h.leader).Count(&records).Error
		}))
		require.GreaterOrEqual(t, records, int64(6), "what was done and undone is on record")
	})
}

func TestFollowsJudgesTheRoster(t *testing.T) {
	for _, c := range []struct {
		planned, state, reason string
		want                   bool
	}{
		{"work", "ready", "", true}, {"work", "not_ready", "break", false}, {"break", "not_ready", "break", true},
		{"break", "not_ready", "meal", false}, {"break", "ready", "", false}, {"work", "lost", "", false},
	} {
		require.Equal(t, c.want, supervision.Follows(c.planned, c.state, c.reason), "%v", c)
	}
}

package routing_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// floor is one client with a voice queue and two agents, and a second client
// whose queue the second agent serves too.
type floor struct {
	t         *testing.T
	db        *database.DB
	clients   [2]contract.Client
	queues    [2]contract.Queue
	agents    []people.Agent
	contracts *contract.Service
	people    *people.Service
}

func build(t *testing.T, db *database.DB) *floor {
	t.Helper()
	ctx, all := t.Context(), scope.Provider()
	f := &floor{t: t, db: db, contracts: contract.NewService(db), people: people.NewService(db)}
	site, err := f.people.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
	require.NoError(t, err)
	team, err := f.people.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(t, err)
	var skills [2]people.Skill
	for i := range f.clients {
		f.clients[i], err = f.contracts.CreateClient(ctx, all, contract.Client{Slug: fmt.Sprint("c", i), Name: "C", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		lob, err := f.contracts.CreateLOB(ctx, all, contract.LOB{ClientID: f.clients[i].ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		skills[i], err = f.people.CreateSkill(ctx, all, people.Skill{Slug: fmt.Sprint("k", i), Name: "K"})
		require.NoError(t, err)
		f.queues[i], err = f.contracts.CreateQueue(ctx, all, contract.Queue{ClientID: f.clients[i].ID, LOBID: lob.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skills[i].ID})
		require.NoError(t, err)
		_, err = f.contracts.SetTerms(ctx, all, contract.Terms{QueueID: f.queues[i].ID, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Concurrency: 1})
		require.NoError(t, err)
	}
	f.agents, err = f.people.HireAll(ctx, all, []people.Hire{
		{Agent: people.Agent{Number: "1", Label: "A1"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, Skills: []people.AgentSkill{{SkillID: skills[0].ID, Proficiency: 80}}, Clients: []ids.Client{f.clients[0].ID}},
		{Agent: people.Agent{Number: "2", Label: "A2"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Expert}, Skills: []people.AgentSkill{{SkillID: skills[0].ID, Proficiency: 60}, {SkillID: skills[1].ID, Proficiency: 60}}, Clients: []ids.Client{f.clients[0].ID, f.clients[1].ID}},
	})
	require.NoError(t, err)
	return f
}

// node starts a node that competes for the lead until stop is called.
func (f *floor) node(name string) (*routing.Live, func()) {
	l := routing.New(f.db, f.contracts, f.people, name, slog.New(slog.NewTextHandler(f.t.Output(), nil)))
	require.NoError(f.t, l.Prepare(f.t.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := l.Run(ctx); err != nil {
			f.t.Error(err)
		}
	})
	stop := func() { cancel(); running.Wait() }
	f.t.Cleanup(stop)
	return l, stop
}

// applied requires that the leader took the input.
func applied(t *testing.T, o routing.Outcome, err error) routing.Outcome {
	t.Helper()
	require.NoError(t, err)
	require.True(t, o.Applied, "no node leads")
	require.Empty(t, o.Refused)
	return o
}

func (f *floor) arrive(l *routing.Live, id string) routing.Outcome {
	f.t.Helper()
	o, err := l.Arrive(f.t.Context(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: id})
	return applied(f.t, o, err)
}

// desk waits until the agent's desk looks as wanted.
func (f *floor) desk(l *routing.Live, agent ids.Agent, want string) routing.Desk {
	f.t.Helper()
	var d routing.Desk
	require.Eventually(f.t, func() bool {
		var err error
		d, err = l.Desk(f.t.Context(), agent)
		require.NoError(f.t, err)
		got := d.Agent.State
		for _, s := range d.Segments {
			got += " " + s.Status
		}
		return got == want
	}, 10*time.Second, 5*time.Millisecond, "want %q, is %+v", want, d)
	return d
}

func TestAContactsWholeLife(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, _ := f.node("n1")
		one := f.agents[0].ID
		first := f.arrive(l, "call-1")
		again := f.arrive(l, "call-1")
		require.Equal(t, first.Contact, again.Contact, "the same external id is the same contact")
		o, err := l.SetState(ctx, one, "ready", "")
		applied(t, o, err)
		d := f.desk(l, one, "ready offered")
		require.NotNil(t, d.Segments[0].DeadlineAt, "every offer is a lease")
		require.Contains(t, d.Segments[0].Reason, "\"agents\"", "the reason is stored with the segment")
		_, err = l.Work(ctx, f.agents[1].ID, routing.KindAccept, first.Contact)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another agent's contact is absent")
		o, err = l.Work(ctx, one, routing.KindAccept, first.Contact)
		applied(t, o, err)
		f.desk(l, one, "ready active")
		o, err = l.Work(ctx, one, routing.KindAccept, first.Contact)
		require.NoError(t, err)
		require.Equal(t, fault.Conflict, fault.KindOf(o.RefusedError()), "accepting twice is refused with its cause")
		db.Clock().(*calendar.FixedClock).Set(db.Now() + 30*calendar.Second)
		o, err = l.Work(ctx, one, routing.KindEnd, first.Contact)
		applied(t, o, err)
		f.desk(l, one, "ready wrapping")
		o, err = l.Work(ctx, one, routing.KindWrapped, first.Contact)
		applied(t, o, err)
		f.desk(l, one, "ready")
		var kept []records.Contact
		require.NoError(t, db.Read(ctx, scope.Clients(f.clients[0].ID), func(tx *database.Tx) error { return tx.Find(&kept).Error }))
		require.Len(t, kept, 1)
		require.Equal(t, first.Contact.IsZero(), false)
		require.Equal(t, records.Answered, kept[0].Outcome)
		require.EqualValues(t, 30_000, kept[0].HandleMS)
		require.Equal(t, one, kept[0].AgentID)
		require.NoError(t, db.Read(ctx, scope.Clients(f.clients[1].ID), func(tx *database.Tx) error {
			var n int64
			require.NoError(t, tx.Model(&records.Contact{}).Count(&n).Error)
			require.Zero(t, n)
			return nil
		}))
		open, err := l.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		require.Empty(t, open)
	})
}

func TestAnotherNodeGoesOnWithWhatWasAcknowledged(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, stop := f.node("n1")
		o, err := l.SetState(ctx, f.agents[0].ID, "ready", "")
		applied(t, o, err)
		first := f.arrive(l, "call-1")
		o, err = l.Work(ctx, f.agents[0].ID, routing.KindAccept, first.Contact)
		applied(t, o, err)
		second := f.arrive(l, "call-2")
		stop()
		// Nobody leads: the input is kept all the same.
		waiting, err := l.Arrive(ctx, scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: "call-3"})
		require.NoError(t, err)
		require.False(t, waiting.Applied)
		other, _ := f.node("n2")
		require.Eventually(t, func() bool {
			open, err := other.Contacts(ctx, scope.Provider())
			require.NoError(t, err)
			return len(open) == 3
		}, 10*time.Second, 10*time.Millisecond)
		open, err := other.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		states := map[ids.Contact]string{}
		for _, c := range open {
			states[c.ContactID] = c.Status
		}
		require.Equal(t, map[ids.Contact]string{first.Contact: "active", second.Contact: "waiting", waiting.Contact: "waiting"}, states)
		o, err = other.Work(ctx, f.agents[0].ID, routing.KindEnd, first.Contact)
		applied(t, o, err)
		o, err = other.Work(ctx, f.agents[0].ID, routing.KindWrapped, first.Contact)
		applied(t, o, err)
		d := f.desk(other, f.agents[0].ID, "ready offered")
		require.Equal(t, second.Contact, d.Segments[0].ContactID, "the older one goes first")
	})
}

func TestOneLeaderAndNobodyGetsTwo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		a, _ := f.node("n1")
		b, _ := f.node("n2")
		for i, agent := range f.agents {
			o, err := []*routing.Live{a, b}[i%2].SetState(ctx, agent.ID, "ready", "")
			applied(t, o, err)
		}
		var group sync.WaitGroup
		for i := range 12 {
			group.Go(func() {
				_, err := []*routing.Live{a, b}[i%2].Arrive(context.Background(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: fmt.Sprint("c", i)})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		require.Eventually(t, func() bool {
			open, err := a.Contacts(ctx, scope.Provider())
			require.NoError(t, err)
			return len(open) == 12
		}, 10*time.Second, 10*time.Millisecond)
		open, err := a.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		var given []ids.Agent
		for _, c := range open {
			if c.Status == "offered" {
				given = append(given, c.AgentID)
			}
		}
		slices.SortFunc(given, ids.Agent.Compare)
		require.Equal(t, given, slices.Compact(slices.Clone(given)), "no agent has two offers")
		var seqs []int64
		require.NoError(t, db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
			return tx.Table("routing_log").Order("seq").Pluck("seq", &seqs).Error
		}))
		for i, s := range seqs {
			require.EqualValues(t, i+1, s, "the log has no gap")
		}
	})
}

func TestOneExternalIDAtOnceIsOneContact(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		nodes := make([]*routing.Live, 2)
		for i := range nodes {
			nodes[i], _ = f.node(fmt.Sprint("n", i))
		}
		f.arrive(nodes[0], "warm")
		var group sync.WaitGroup
		got := make([]routing.Outcome, 40)
		for i := range got {
			group.Go(func() {
				o, err := nodes[i%2].Arrive(t.Context(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: fmt.Sprint("call-", i%4)})
				if err != nil {
					t.Error(err)
				}
				got[i] = o
			})
		}
		group.Wait()
		for i, o := range got {
			require.Equal(t, got[i%4].Contact, o.Contact, "the same external id is the same contact")
			require.Empty(t, o.Refused)
		}
		require.Eventually(t, func() bool {
			open, err := nodes[0].Contacts(t.Context(), scope.Provider())
			require.NoError(t, err)
			return len(open) == 5
		}, 30*time.Second, 10*time.Millisecond)
		var arrivals int64
		require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			return tx.Table("routing_log").Where("kind = ?", routing.KindArrive).Count(&arrivals).Error
		}))
		require.EqualValues(t, 5, arrivals)
	})
}

func TestForeignAndWrongInput(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	f := build(t, db)
	l, _ := f.node("n1")
	f.arrive(l, "the provider has seen the queue")
	_, err := l.Arrive(t.Context(), scope.Clients(f.clients[1].ID), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: "x"})
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	_, err = l.Arrive(t.Context(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[1].ID, Source: "cti", ExternalID: "x"})
	require.Equal(t, fault.NotFound, fault.KindOf(err), "the queue is another client's")
	_, err = l.Arrive(t.Context(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID})
	require.Equal(t, "contact.no_key", fault.CodeOf(err))
	_, err = l.Arrive(t.Context(), scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: "a\x00b"})
	require.Equal(t, "http.nul", fault.CodeOf(err))
	_, err = l.SetState(t.Context(), f.agents[0].ID, "asleep", "")
	require.ErrorContains(t, err, "not_ready")
	_, err = l.SetState(t.Context(), f.agents[0].ID, "not_ready", "nap")
	require.ErrorContains(t, err, "meal")
}

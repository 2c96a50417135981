package facts_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// floor is two clients with a queue each, and agents.
type floor struct {
	db      *database.DB
	book    *records.Book
	facts   *facts.Service
	clients []contract.Client
	queues  []contract.Queue
	agents  []ids.Agent
}

func build(t testing.TB, db *database.DB) *floor {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	cs, ps := contract.NewService(db), people.NewService(db)
	f := &floor{db: db, book: records.NewBook(db, nil), facts: facts.NewService(db, cs)}
	skill, err := ps.CreateSkill(ctx, all, people.Skill{Slug: "voice", Name: "Voice"})
	require.NoError(t, err)
	for i := range 2 {
		c, err := cs.CreateClient(ctx, all, contract.Client{Slug: fmt.Sprint("c", i), Name: "C", Zone: "Europe/Berlin", Currency: "EUR"})
		require.NoError(t, err)
		l, err := cs.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		q, err := cs.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: l.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)
		f.clients, f.queues = append(f.clients, c), append(f.queues, q)
	}
	site, err := ps.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC"})
	require.NoError(t, err)
	team, err := ps.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(t, err)
	var hires []people.Hire
	for i := range 3 {
		hires = append(hires, people.Hire{Agent: people.Agent{Number: fmt.Sprint(i)}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, Clients: []ids.Client{f.clients[0].ID, f.clients[1].ID}})
	}
	staff, err := ps.HireAll(ctx, all, hires)
	require.NoError(t, err)
	for _, a := range staff {
		f.agents = append(f.agents, a.ID)
	}
	span := calendar.Interval{Start: monday - calendar.Day, End: monday + 3*calendar.Day}
	require.NoError(t, db.EnsureMonths(ctx, span))
	return f
}

// write stores in a transaction, again when another one was faster.
func (f *floor) write(t testing.TB, fn func(*database.Tx) error) {
	t.Helper()
	for {
		err := f.db.Write(context.Background(), scope.Provider(), fn)
		if !errors.Is(err, records.ErrRace) {
			require.NoError(t, err)
			return
		}
	}
}

// contacts drafts some of forty contacts, each time with other contents.
func (f *floor) contacts(r *rand.Rand, client int) []records.ContactDraft {
	var out []records.ContactDraft
	for _, n := range r.Perm(40)[:1+r.IntN(6)] {
		arrived := monday + calendar.Instant(r.Int64N(int64(2*calendar.Hour)))
		d := records.ContactDraft{QueueID: f.queues[client].ID, Channel: contract.Voice, ExternalID: fmt.Sprint(n), ArrivedAt: arrived, WaitMS: r.Int64N(60_000),
			Outcome: records.Outcomes()[r.IntN(5)], HandleMS: r.Int64N(900_000)}
		if d.Outcome == records.Answered {
			accepted := arrived + calendar.Instant(d.WaitMS)*calendar.Millisecond
			ended := accepted + calendar.Instant(d.HandleMS)*calendar.Millisecond
			d.AgentID, d.AnsweredAt, d.EndedAt = f.agents[r.IntN(3)], &accepted, &ended
			d.Segments = []records.SegmentDraft{{AgentID: d.AgentID, OfferedAt: arrived, AcceptedAt: &accepted, EndedAt: &ended, Outcome: "accepted"}}
		}
		out = append(out, d)
	}
	return out
}

// states drafts spans that do not overlap within their source.
func (f *floor) states(r *rand.Rand) []records.StateDraft {
	var out []records.StateDraft
	for _, n := range r.Perm(12)[:1+r.IntN(4)] {
		start := monday + calendar.Instant(n)*20*calendar.Minute + calendar.Instant(r.Int64N(int64(calendar.Minute)))
		end := start + calendar.Instant(r.Int64N(int64(18*calendar.Minute))) + calendar.Second
		out = append(out, records.StateDraft{AgentID: f.agents[n%3], ExternalID: fmt.Sprint(n), Code: "x", Activity: records.Activities()[r.IntN(7)], Paid: r.IntN(2) == 0, Billable: r.IntN(2) == 0, StartedAt: start, EndedAt: &end})
	}
	return out
}

func (f *floor) intervals(r *rand.Rand, client int) []records.IntervalDraft {
	n := r.Int64N(6)
	return []records.IntervalDraft{{QueueID: f.queues[client].ID, StartAt: monday + calendar.Instant(n)*30*calendar.Minute, LengthMS: 1_800_000, Offered: 10 + r.Int64N(10), Answered: r.Int64N(10), HandleMS: r.Int64N(1e6)}}
}

// step does one random thing.
func (f *floor) step(t testing.TB, r *rand.Rand, imports *[]ids.Import) {
	t.Helper()
	client := r.IntN(2)
	o := records.Origin{Client: f.clients[client].ID, Source: "s", Import: ids.New[ids.Import](f.db.IDs())}
	var fn func(*database.Tx) error
	switch r.IntN(8) {
	case 0, 1, 2:
		drafts := f.contacts(r, client)
		fn = func(tx *database.Tx) error { _, err := f.book.PutContacts(tx, o, drafts); return err }
	case 3, 4:
		drafts := f.states(r)
		fn = func(tx *database.Tx) error { _, err := f.book.PutStates(tx, o, drafts); return err }
	case 5:
		drafts := f.intervals(r, client)
		fn = func(tx *database.Tx) error { _, err := f.book.PutIntervals(tx, o, drafts); return err }
	case 6:
		if len(*imports) == 0 {
			return
		}
		gone := (*imports)[r.IntN(len(*imports))]
		fn = func(tx *database.Tx) error {
			for {
				if n, err := f.book.TakeBack(tx, gone, 3); err != nil || n == 0 {
					return err
				}
			}
		}
	default:
		_, err := f.facts.RollUp(context.Background(), nil)
		require.NoError(t, err)
		return
	}
	f.write(t, fn)
	*imports = append(*imports, o.Import)
}

// everything renders all facts.
func (f *floor) everything(t testing.TB) []string {
	t.Helper()
	queues, err := f.facts.Queues(context.Background(), scope.Provider(), facts.Query{})
	require.NoError(t, err)
	agents, err := f.facts.Agents(context.Background(), scope.Provider(), facts.Query{})
	require.NoError(t, err)
	var out []string
	for _, q := range queues {
		out = append(out, fmt.Sprintf("%+v", q))
	}
	for _, a := range agents {
		out = append(out, fmt.Sprintf("%+v", a))
	}
	return out
}

// rebuilt wants a full rebuild to give the same rows.
func (f *floor) rebuilt(t testing.TB, hint any) {
	t.Helper()
	_, err := f.facts.RollUp(context.Background(), nil)
	require.NoError(t, err)
	rolled := f.everything(t)
	_, err = f.facts.Rebuild(context.Background(), calendar.Interval{Start: monday - calendar.Day, End: monday + 2*calendar.Day}, nil)
	require.NoError(t, err)
	require.Equal(t, rolled, f.everything(t), "%v", hint)
}

func TestIncrementalEqualsRebuilt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		var imports []ids.Import
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 7))
			for range 20 {
				f.step(t, r, &imports)
			}
			f.rebuilt(t, seed)
		}
		require.NotEmpty(t, f.everything(t))
	})
}

func TestRollUpBesideWritersLosesNoMark(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		stop := make(chan struct{})
		rolled := make(chan error, 1)
		go func() {
			for {
				select {
				case <-stop:
					rolled <- nil
					return
				default:
					if _, err := f.facts.RollUp(context.Background(), nil); err != nil {
						rolled <- err
						return
					}
				}
			}
		}()
		written := make(chan struct{}, 2)
		for client := range 2 {
			go func() {
				defer func() { written <- struct{}{} }()
				r := rand.New(rand.NewPCG(uint64(client), 3))
				o := records.Origin{Client: f.clients[client].ID, Source: "s"}
				for range 40 {
					drafts := f.contacts(r, client)
					f.write(t, func(tx *database.Tx) error { _, err := f.book.PutContacts(tx, o, drafts); return err })
				}
			}()
		}
		<-written
		<-written
		close(stop)
		require.NoError(t, <-rolled)
		f.rebuilt(t, "after writers")
	})
}

func TestAClientSeesItsOwnFactsOnly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		r := rand.New(rand.NewPCG(1, 1))
		for client := range 2 {
			for range 5 {
				drafts := f.contacts(r, client)
				f.write(t, func(tx *database.Tx) error {
					_, err := f.book.PutContacts(tx, records.Origin{Client: f.clients[client].ID, Source: "s"}, drafts)
					return err
				})
			}
		}
		_, err := f.facts.RollUp(t.Context(), nil)
		require.NoError(t, err)
		for client := range 2 {
			own, err := f.facts.Queues(t.Context(), scope.Clients(f.clients[client].ID), facts.Query{})
			require.NoError(t, err)
			require.NotEmpty(t, own)
			for _, q := range own {
				require.Equal(t, f.clients[client].ID, q.ClientID)
			}
			work, err := f.facts.Agents(t.Context(), scope.Clients(f.clients[client].ID), facts.Query{})
			require.NoError(t, err)
			for _, a := range work {
				require.Equal(t, f.clients[client].ID, a.ClientID)
			}
		}
	})
}

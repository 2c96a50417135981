package routing

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// model is a floor of two clients on which random things happen.
type model struct {
	live   *Live
	queues []contract.Queue
	agents []ids.Agent
	pools  []string
	serial int
}

// newModel makes clients, queues of three channels and four agents.
func newModel(t *testing.T, db *database.DB) *model {
	t.Helper()
	ctx, all := t.Context(), scope.Provider()
	cs, ps := contract.NewService(db), people.NewService(db)
	site, err := ps.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
	require.NoError(t, err)
	team, err := ps.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(t, err)
	skill, err := ps.CreateSkill(ctx, all, people.Skill{Slug: "k", Name: "K"})
	require.NoError(t, err)
	m := &model{pools: []string{sharedPool}}
	var clients []ids.Client
	for i := range 2 {
		c, err := cs.CreateClient(ctx, all, contract.Client{Slug: fmt.Sprint("c", i), Name: "C", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		clients, m.pools = append(clients, c.ID), append(m.pools, c.ID.String())
		lob, err := cs.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		for _, channel := range []contract.Channel{contract.Voice, contract.Chat, contract.Mail} {
			q, err := cs.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: string(channel), Name: "Q", Channel: channel, SkillID: skill.ID})
			require.NoError(t, err)
			_, err = cs.SetTerms(ctx, all, contract.Terms{QueueID: q.ID, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Concurrency: 2})
			require.NoError(t, err)
			m.queues = append(m.queues, q)
		}
	}
	var hires []people.Hire
	for i := range 4 {
		h := people.Hire{Agent: people.Agent{Number: fmt.Sprint(i), Label: "A"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Tiers()[i%3]}, Skills: []people.AgentSkill{{SkillID: skill.ID, Proficiency: 50 + 10*i}}, Clients: clients}
		if i < 2 {
			h.Clients = clients[i : i+1]
		}
		hires = append(hires, h)
	}
	hired, err := ps.HireAll(ctx, all, hires)
	require.NoError(t, err)
	for _, a := range hired {
		m.agents = append(m.agents, a.ID)
	}
	m.live = New(db, cs, ps, "n", nil)
	return m
}

// lead makes a routing domain of its own and leads it.
func (m *model) lead(t *rapid.T) *leader {
	ctx, l := context.Background(), m.live
	m.serial++
	d := Domain{ID: ids.New[ids.Domain](l.db.IDs()), Slug: fmt.Sprint("d", m.serial), Name: "D"}
	require.NoError(t, l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		for _, live := range []any{&Contact{}, &Segment{}, &Agent{}} { // of the domains before
			if err := tx.Where("domain_id <> ?", d.ID).Delete(live).Error; err != nil {
				return err
			}
		}
		return tx.Create(&d).Error
	}))
	l.domain = d.ID
	w, err := l.take(ctx, true)
	require.NoError(t, err)
	return w
}

// input draws something that may happen now; most of it fits.
func (m *model) input(t *rapid.T, w *leader) (Input, string) {
	agent := rapid.SampledFrom(m.agents).Draw(t, "agent")
	queue := rapid.SampledFrom(m.queues).Draw(t, "queue")
	contact := ids.Contact{9}
	if open := w.rows.byID; len(open) > 0 {
		all := make([]ids.Contact, 0, len(open))
		for id := range open {
			all = append(all, id)
		}
		slices.SortFunc(all, ids.Contact.Compare)
		contact = rapid.SampledFrom(all).Draw(t, "contact")
		if c := open[contact]; !c.AgentID.IsZero() && rapid.IntRange(0, 9).Draw(t, "own") > 0 {
			agent = c.AgentID
		}
	}
	in := Input{Contact: contact}
	switch k := rapid.IntRange(0, 19).Draw(t, "kind"); k {
	default:
		m.serial++
		id := fmt.Sprint("x-", m.serial)
		return Input{Kind: KindArrive, Contact: ids.New[ids.Contact](m.live.db.IDs()), Client: queue.ClientID, Queue: queue.ID, Source: "cti", ExternalID: id, Channel: string(queue.Channel), Attributes: "{}",
			Value: int16(rapid.IntRange(0, 10).Draw(t, "value") * 100), HumanOnly: rapid.Bool().Draw(t, "vip")}, "arrive/" + id
	case 4, 5, 6:
		in.Kind, in.Agent = KindAccept, agent
	case 7:
		in.Kind, in.Agent = KindDecline, agent
	case 8, 9:
		in.Kind, in.Agent = KindEnd, agent
	case 10:
		in.Kind, in.Agent = KindWrapped, agent
	case 11, 12:
		return Input{Kind: KindState, Agent: agent, Status: rapid.SampledFrom([]string{"ready", "ready", "ready", "not_ready", "off"}).Draw(t, "status"), Code: rapid.SampledFrom(Codes).Draw(t, "code")}, ""
	case 13:
		return Input{Kind: rapid.SampledFrom([]Kind{KindLost, kindTick}).Draw(t, "own doing"), Agent: agent}, ""
	case 14:
		in.Kind, in.Agent, in.Desk, in.ToQueue = KindTransfer, agent, true, queue.ID
		if rapid.Bool().Draw(t, "to an agent") {
			in.ToAgent = rapid.SampledFrom(m.agents).Draw(t, "to")
		}
	case 15:
		in.Kind, in.Agent, in.Desk, in.Until = KindPark, agent, true, w.live.db.Now()+30*calendar.Second
	case 16:
		in.Kind, in.Agent, in.Desk = rapid.SampledFrom([]Kind{KindResume, KindRequeue}).Draw(t, "back"), agent, true
	case 17:
		return Input{Kind: KindLeave, Contact: contact}, "leave/" + contact.String() + w.live.domain.String()
	case 18:
		pool := rapid.SampledFrom(m.pools).Draw(t, "pool")
		return Input{Kind: KindPool, Agent: agent, Steering: Steering{Pool: pool}}, ""
	case 19:
		return Input{Kind: KindRaise, Queue: queue.ID, Steering: Steering{Weight: int32(rapid.IntRange(0, 3).Draw(t, "weight") * 1000)}}, ""
	}
	return in, ""
}

// group draws what is committed together, from callers of the node and from the inbox.
func (m *model) group(t *rapid.T, w *leader) []item {
	var out []item
	for range rapid.IntRange(1, 3).Draw(t, "together") {
		in, dedupe := m.input(t, w)
		row := inboxRow{ID: ids.New[ids.Event](w.live.db.IDs()), DomainID: w.live.domain, Dedupe: dedupe, Kind: in.Kind, V: 1, Event: in, ReceivedAt: w.live.db.Now()}
		if dedupe == "" {
			row.Dedupe = row.ID.String()
		}
		if rapid.Bool().Draw(t, "stored") {
			first, err := w.live.store(context.Background(), []inboxRow{row})
			require.NoError(t, err)
			if first[0].ID == row.ID {
				out = append(out, item{inboxRow: row})
			}
			continue
		}
		out = append(out, item{inboxRow: row, ask: &ask{row: row, keyed: dedupe != "", done: make(chan told, 1)}})
	}
	return out
}

// TestRebuiltRowsAreTheWarmEngine commits random groups and rebuilds engine and rows
// from the database after each.
func TestRebuiltRowsAreTheWarmEngine(t *testing.T) {
	m := newModel(t, databasetest.OpenSQLite(t))
	ctx := context.Background()
	clock := m.live.db.Clock().(*calendar.FixedClock)
	clear := cmpopts.IgnoreUnexported(names{})
	rapid.Check(t, func(t *rapid.T) {
		w := m.lead(t)
		for range rapid.IntRange(1, 10).Draw(t, "groups") {
			clock.Set(m.live.db.Now() + calendar.Instant(rapid.IntRange(0, 40).Draw(t, "seconds"))*calendar.Second)
			group := m.group(t, w)
			require.NoError(t, w.commit(ctx, group))
			for _, i := range group {
				if i.ask != nil {
					require.Len(t, i.ask.done, 1, "every caller is answered")
				}
			}
			if rapid.IntRange(0, 4).Draw(t, "snapshot") == 0 && w.seq > w.snapshot {
				require.NoError(t, w.save(ctx))
			}
			var d Domain
			require.NoError(t, m.live.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Where("id = ?", m.live.domain).Take(&d).Error }))
			cold := &leader{live: m.live}
			require.NoError(t, cold.rebuild(ctx, d))
			require.Equal(t, w.seq, cold.seq)
			require.Empty(t, cmp.Diff(w.engine.Snapshot(), cold.engine.Snapshot()), "the engine")
			require.Empty(t, cmp.Diff(w.names, cold.names, clear), "the names")
			require.Empty(t, cmp.Diff(w.rows.contacts, cold.rows.contacts), "contacts")
			require.Empty(t, cmp.Diff(w.rows.segments, cold.rows.segments), "segments")
			require.Empty(t, cmp.Diff(w.rows.tally, cold.rows.tally, cmpopts.IgnoreMapEntries(func(_ string, n int) bool { return n == 0 })), "numbers by status")
			m.sameDesks(t, w)
		}
	})
}

// sameDesks compares the desks of the warm rows with those that are read.
func (m *model) sameDesks(t *rapid.T, w *leader) {
	read, err := m.live.readDesks(context.Background(), m.agents)
	require.NoError(t, err)
	for i, id := range m.agents {
		warm := w.rows.desk(id)
		warm.Queues, warm.Clients, warm.Scripts = read[i].Queues, read[i].Clients, read[i].Scripts
		// Whose heartbeat is when changes no desk.
		require.Empty(t, cmp.Diff(warm, read[i], cmpopts.IgnoreFields(Agent{}, "HeartbeatAt"), cmpopts.EquateEmpty()), "desk of agent %d", i)
	}
}

package routing

import (
	"context"
	"errors"
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
	"muster/tenants/secrets"
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

// steer gives the floor all that contacts may go on to: wider tiers, a reserve pool, a
// partner, call-backs, messages and a bot, and customers who are kept with people.
func (m *model) steer(t *testing.T) {
	t.Helper()
	ctx, all := t.Context(), scope.Provider()
	box, err := secrets.NewBox([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	m.live.UseSecrets(box)
	_, err = m.live.PutPartner(ctx, all, "north", 0, PartnerPolicy{Name: "North", URL: "http://127.0.0.1:1/", Secret: "a secret of the partner"}, ids.User{})
	require.NoError(t, err)
	_, err = m.live.PutPool(ctx, all, "night", 0, PoolPolicy{Name: "Night", Reserve: true, Members: MemberPolicy{Agents: []string{"3"}}, CallUp: CallUpPolicy{Mode: CallUpAutomatic, Waiting: 4}}, ids.User{})
	require.NoError(t, err)
	m.pools = append(m.pools, "night")
	ladders := [][]StepPolicy{
		{{Kind: "widen", Tiers: []string{"junior"}}, {Kind: "widen", Tiers: []string{"junior", "expert"}, Pools: []string{"own", "shared", "night"}, AfterSeconds: 20}, {Kind: "callback", AfterSeconds: 30}, {Kind: "partner", AfterSeconds: 40, Partner: "north", AcceptWithinSeconds: 30}},
		{{Kind: "widen"}, {Kind: "message", AfterSeconds: 20}, {Kind: "bot", AfterSeconds: 40, AcceptWithinSeconds: 20}},
		{{Kind: "widen"}, {Kind: "partner", AfterSeconds: 20, Partner: "north", AcceptWithinSeconds: 40}, {Kind: "widen", Pools: []string{"own", "shared", "night"}, AfterSeconds: 60}},
	}
	for i, q := range m.queues {
		_, err := m.live.PutQueuePolicy(ctx, all, q.ID, 0, QueuePolicy{RingSeconds: 8, WrapSeconds: 30, PreferredSeconds: 10, HumanOnlyFromValue: 800, Ladder: ladders[i%3]}, ids.User{})
		require.NoError(t, err)
	}
}

// lead makes a routing domain of its own and leads it.
func (m *model) lead(t *rapid.T) *leader {
	ctx, l := context.Background(), m.live
	m.serial++
	d := Domain{ID: ids.New[ids.Domain](l.db.IDs()), Slug: fmt.Sprint("d", m.serial), Name: "D"}
	require.NoError(t, l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		for _, live := range []any{&Contact{}, &Segment{}, &Agent{}, &livePool{}, &liveQueue{}} { // of the domains before
			if err := tx.Where("domain_id <> ?", d.ID).Delete(live).Error; err != nil {
				return err
			}
		}
		for _, away := range []any{&Callback{}, &Handover{}} {
			if err := tx.Where("contact_id IS NOT NULL").Delete(away).Error; err != nil {
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
	switch k := rapid.IntRange(0, 25).Draw(t, "kind"); k {
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
	case 20, 21:
		if c := m.one(t, w, func(c *Contact) bool { return c.Status == "handed" }); c != nil {
			return Input{Kind: rapid.SampledFrom([]Kind{KindTaken, KindReturned}).Draw(t, "word"), Contact: c.ContactID}, ""
		}
	case 22, 23:
		if c := m.one(t, w, func(c *Contact) bool { return c.Invitation != "" }); c != nil {
			return Input{Kind: KindInvite, Contact: c.ContactID, Steering: Steering{Callback: &CallbackRequest{Kind: c.Invitation, Queue: c.QueueID, Agent: agent, At: w.live.db.Now() + calendar.Instant(rapid.IntRange(0, 60).Draw(t, "due"))*calendar.Second, Attributes: "{}"}}}, "invite/" + c.ContactID.String()
		}
	case 24:
		if in, key, due := m.callback(t); due {
			return in, key
		}
	case 25:
		if rapid.Bool().Draw(t, "slice") {
			return Input{Kind: KindSlice, Agent: agent, Steering: Steering{ToClient: queue.ClientID}}, ""
		}
		kind := rapid.SampledFrom([]Kind{KindOpenPool, KindClosePool}).Draw(t, "pool verb")
		return Input{Kind: kind, Steering: Steering{Pool: m.pools[len(m.pools)-1], Until: w.live.db.Now() + calendar.Minute}}, ""
	case 19:
		return Input{Kind: KindRaise, Queue: queue.ID, Steering: Steering{Weight: int32(rapid.IntRange(0, 3).Draw(t, "weight") * 1000)}}, ""
	}
	return in, ""
}

// one draws an open contact of which the condition holds.
func (m *model) one(t *rapid.T, w *leader, fits func(*Contact) bool) *Contact {
	var all []*Contact
	for _, c := range w.rows.byID {
		if fits(c) {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b *Contact) int { return a.ContactID.Compare(b.ContactID) })
	return rapid.SampledFrom(all).Draw(t, "one of them")
}

// callback gives the arrival of a call-back or message that is due.
func (m *model) callback(t *rapid.T) (in Input, key string, due bool) {
	var rows []Callback
	require.NoError(t, m.live.db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Where("status = 'planned' AND due_at <= ?", m.live.db.Now()).Order("due_at, id").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		return tx.Model(&Callback{}).Where("id = ?", rows[0].ID).Update("status", "arrived").Error
	}))
	if len(rows) == 0 {
		return in, "", false
	}
	at := slices.IndexFunc(m.queues, func(q contract.Queue) bool { return q.ID == rows[0].QueueID })
	in, key = callbackInput(m.live.db, m.queues[at], rows[0])
	return in, key, true
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
	m.steer(t)
	ctx := context.Background()
	seen := map[string]int{} // what the contacts went through
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
			m.sameAway(t, w)
			for _, c := range w.rows.contacts {
				seen[c.Status]++
				seen["invited to "+c.Invitation]++
			}
			for _, i := range group {
				seen[string(i.Kind)]++
			}
		}
	})
	t.Log(seen)
}

// sameAway compares what is stored of partners, pools and queues with the engine.
func (m *model) sameAway(t *rapid.T, w *leader) {
	var handed []Handover
	var pools []livePool
	var queues []liveQueue
	require.NoError(t, m.live.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		return errors.Join(tx.Where("settled_at IS NULL").Find(&handed).Error, tx.Where("domain_id = ?", m.live.domain).Find(&pools).Error, tx.Where("domain_id = ?", m.live.domain).Find(&queues).Error)
	}))
	away := map[ids.Contact]calendar.Instant{}
	for _, c := range w.rows.contacts {
		if c.Status == "handed" && c.Partner == "north" {
			away[c.ContactID] = *c.DeadlineAt
		}
	}
	told := map[ids.Contact]calendar.Instant{}
	for _, h := range handed {
		told[h.ContactID] = h.DeadlineAt
	}
	require.Equal(t, away, told, "with the partner")
	for _, p := range pools {
		v, known := w.engine.ViewPool(w.names.pool[p.Slug])
		require.True(t, known)
		require.Equal(t, v.Open, p.Open == 1, "pool %s", p.Slug)
	}
	for _, q := range queues {
		v, known := w.engine.ViewQueue(w.names.queue[q.QueueID])
		require.True(t, known)
		require.EqualValues(t, v.Weight, q.Raised)
	}
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

package routing_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// pass lets time pass on the injected clock.
func (f *floor) pass(d calendar.Instant) {
	f.db.Clock().(*calendar.FixedClock).Set(f.db.Now() + d)
}

// contact waits until an open contact looks as wanted.
func (f *floor) contact(l *routing.Live, id ids.Contact, want func(routing.Contact) bool) routing.Contact {
	f.t.Helper()
	var last routing.Contact
	require.Eventually(f.t, func() bool {
		open, err := l.Contacts(f.t.Context(), scope.Provider())
		require.NoError(f.t, err)
		for _, c := range open {
			if c.ContactID == id {
				last = c
				return want(c)
			}
		}
		return false
	}, 10*time.Second, 5*time.Millisecond, "the contact is %+v", &last)
	return last
}

// plan puts a queue's plan in force and waits until the leader has taken it over.
func (f *floor) plan(l *routing.Live, queue int, p routing.QueuePolicy) {
	f.t.Helper()
	v, err := l.QueuePolicy(f.t.Context(), scope.Provider(), f.queues[queue].ID)
	require.NoError(f.t, err)
	_, err = l.PutQueuePolicy(f.t.Context(), scope.Provider(), f.queues[queue].ID, v.Version, p, ids.User{})
	require.NoError(f.t, err)
	f.reconfigured(l)
}

func (f *floor) reconfigured(l *routing.Live) {
	f.t.Helper()
	before := f.domain().ConfigVersion
	f.pass(6 * calendar.Second)
	require.Eventually(f.t, func() bool { return f.domain().ConfigVersion != before }, 10*time.Second, 5*time.Millisecond, "the leader did not take the configuration over")
}

func (f *floor) domain() routing.Domain {
	f.t.Helper()
	var d routing.Domain
	require.NoError(f.t, f.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Take(&d).Error }))
	return d
}

func TestTransferParkAndRequeueOverTheDesk(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, _ := f.node("n1")
		one, two := f.agents[0].ID, f.agents[1].ID
		f.plan(l, 0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen", Pools: []string{"own", "shared"}}}, NoWrap: true, PreferredSeconds: 30})
		o, err := l.SetState(ctx, one, "ready", "")
		applied(t, o, err)
		c := f.arrive(l, "call-1")
		arrived := f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "offered" }).ArrivedAt
		o, err = l.Work(ctx, one, routing.KindAccept, c.Contact)
		applied(t, o, err)

		_, err = l.Transfer(ctx, two, c.Contact, f.queues[0].ID, ids.Agent{})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another agent's contact is absent")
		_, err = l.Transfer(ctx, one, c.Contact, f.queues[1].ID, ids.Agent{})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another client's queue is absent")
		_, err = l.Transfer(ctx, one, c.Contact, ids.Queue{}, two)
		require.Equal(t, "desk.agent_away", fault.CodeOf(err), "nobody waits for an agent who is away")

		o, err = l.SetState(ctx, two, "ready", "")
		applied(t, o, err)
		f.pass(20 * calendar.Second)
		o, err = l.Transfer(ctx, one, c.Contact, ids.Queue{}, two)
		applied(t, o, err)
		got := f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "offered" })
		require.Equal(t, two, got.AgentID)
		require.Equal(t, arrived, got.ArrivedAt, "the age is kept")

		o, err = l.Work(ctx, two, routing.KindAccept, c.Contact)
		applied(t, o, err)
		o, err = l.Requeue(ctx, two, c.Contact)
		applied(t, o, err)
		got = f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "offered" })
		require.Equal(t, one, got.AgentID, "who gave it back is spared")
		o, err = l.Work(ctx, one, routing.KindAccept, c.Contact)
		applied(t, o, err)

		_, err = l.Park(ctx, one, c.Contact, f.db.Now()-1)
		require.Equal(t, "desk.park_time", fault.CodeOf(err))
		o, err = l.Park(ctx, one, c.Contact, f.db.Now()+calendar.Hour)
		applied(t, o, err)
		d, err := l.Desk(ctx, one)
		require.NoError(t, err)
		require.Len(t, d.Parked, 1)
		require.Empty(t, d.Segments, "the agent is free meanwhile")
		_, err = l.Resume(ctx, two, c.Contact)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		o, err = l.Resume(ctx, one, c.Contact)
		applied(t, o, err)
		f.desk(l, one, "ready offered")
		o, err = l.Work(ctx, one, routing.KindAccept, c.Contact)
		applied(t, o, err)
		o, err = l.Work(ctx, one, routing.KindEnd, c.Contact)
		applied(t, o, err)
		var kept []records.Contact
		var parts []records.Segment
		require.NoError(t, db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
			if err := tx.Order("offered_at").Find(&parts).Error; err != nil {
				return err
			}
			return tx.Find(&kept).Error
		}))
		require.Len(t, kept, 1, "one demand, however often it moved")
		require.Len(t, parts, 4)
	})
}

func TestSettingsAreVersionedAndChecked(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx, all := t.Context(), scope.Provider()
		l := routing.New(db, f.contracts, f.people, "n1", nil)
		queue := f.queues[0].ID
		put := func(version int, p routing.QueuePolicy) error {
			_, err := l.PutQueuePolicy(ctx, all, queue, version, p, ids.User{})
			return err
		}
		require.ErrorContains(t, put(0, routing.QueuePolicy{Strategy: "fastest"}), "longest_idle", "the error names the allowed ones")
		err := put(0, routing.QueuePolicy{RingSeconds: 20, Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "widen", AfterSeconds: 10, Pools: []string{"shared"}}}})
		require.Equal(t, "routing.step_shorter_than_ring", fault.CodeOf(err))
		require.ErrorContains(t, err, "at 20 s or later", "the cure is named")
		require.ErrorContains(t, put(0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "widen", AfterSeconds: 30, Pools: []string{"gold"}}}}), "shared")
		require.Equal(t, "routing.unknown_setting", fault.CodeOf(put(0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "partner", AfterSeconds: 30, Partner: "nobody"}}})))
		require.Equal(t, "routing.unknown_word", fault.CodeOf(put(0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "fax", AfterSeconds: 30}}})))
		require.NoError(t, put(0, routing.QueuePolicy{Strategy: "longest_idle"}))
		require.Equal(t, fault.Stale, fault.KindOf(put(0, routing.QueuePolicy{})), "somebody else was first")
		require.NoError(t, put(1, routing.QueuePolicy{Strategy: "best_skill"}))
		v, err := l.QueuePolicy(ctx, all, queue)
		require.NoError(t, err)
		require.Equal(t, 2, v.Version)
		require.Equal(t, "best_skill", v.Policy.Strategy)

		_, err = l.PutPool(ctx, all, "gold", 0, routing.PoolPolicy{Name: "Gold", Shares: []routing.SharePolicy{{Client: "c0", Guarantee: 700}, {Client: "c1", Guarantee: 400}}}, ids.User{})
		require.Equal(t, "routing.guarantees_exceed_pool", fault.CodeOf(err))
		_, err = l.PutPool(ctx, all, "own", 0, routing.PoolPolicy{Name: "X"}, ids.User{})
		require.Equal(t, "routing.reserved_name", fault.CodeOf(err))
		_, err = l.PutPool(ctx, scope.Clients(f.clients[0].ID), "gold", 0, routing.PoolPolicy{Name: "Gold"}, ids.User{})
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		_, err = l.PutQueuePolicy(ctx, scope.Clients(f.clients[1].ID), queue, 2, routing.QueuePolicy{}, ids.User{})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another client's queue is absent")
		_, err = l.PutProviderPolicy(ctx, all, 0, routing.ProviderPolicy{Reasons: "loud"}, ids.User{})
		require.ErrorContains(t, err, "sampled")
		_, err = l.PutProviderPolicy(ctx, all, 0, routing.ProviderPolicy{Channels: []routing.ChannelPolicy{{Channel: "fax", Max: 1}}}, ids.User{})
		require.ErrorContains(t, err, "voice")

		mine, err := l.SettingHistory(ctx, scope.Clients(f.clients[0].ID), "", "", 10)
		require.NoError(t, err)
		require.Len(t, mine, 2)
		others, err := l.SettingHistory(ctx, scope.Clients(f.clients[1].ID), "", "", 10)
		require.NoError(t, err)
		require.Empty(t, others, "a client's plan is not another client's business")
	})
}

// A proposal says at which field it is wrong, all of it at once, and what it would change.
func TestSettingsAreCheckedFieldByField(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx, all := t.Context(), scope.Provider()
		l := routing.New(db, f.contracts, f.people, "n1", nil)
		queue := f.queues[0].ID
		check := func(kind, key, document string) routing.SettingCheck {
			t.Helper()
			var d map[string]any
			require.NoError(t, json.Unmarshal([]byte(document), &d))
			c, err := l.CheckSetting(ctx, all, routing.SettingChange{Kind: kind, Key: key, Document: d})
			require.NoError(t, err)
			return c
		}
		where := func(c routing.SettingCheck) []string {
			out := []string{}
			for _, p := range c.Problems {
				field, _ := p.Params["at"].(string)
				out = append(out, p.Code+" "+field)
			}
			return out
		}
		wrong := check("queue", queue.String(), `{"strategy":"fastest","ladder":[{"kind":"widen","after_seconds":0},{"kind":"widen","after_seconds":10},{"kind":"fax","after_seconds":5},{"kind":"partner","after_seconds":90}]}`)
		require.Equal(t, []string{"routing.unknown_strategy strategy", "routing.step_shorter_than_ring ladder.1.after_seconds", "routing.unknown_word ladder.2.kind", "routing.step_order ladder.2.after_seconds", "routing.step_without_partner ladder.3.partner"}, where(wrong))
		require.Equal(t, []string{"routing.unknown_setting ladder.0.pools"}, where(check("queue", queue.String(), `{"ladder":[{"kind":"widen","after_seconds":30,"pools":["gold"]}]}`)), "the step that is made by itself does not move the others")
		require.Equal(t, []string{"routing.unknown_setting needs.0.skill"}, where(check("queue", queue.String(), `{"needs":[{"skill":"nobody","min_level":1}]}`)))
		require.Equal(t, []string{"routing.cap_below_guarantee shares.0.cap", "routing.duplicate_share shares.1.client", "routing.guarantees_exceed_pool shares.1.guarantee"}, where(check("pool", "gold", `{"name":"Gold","shares":[{"client":"c0","guarantee":600,"cap":500},{"client":"c0","guarantee":600}]}`)))
		require.Equal(t, []string{"routing.unknown_setting shares.0.client"}, where(check("pool", "gold", `{"name":"Gold","shares":[{"client":"nobody"}]}`)))
		require.Equal(t, []string{"routing.unknown_word channels.0.channel"}, where(check("provider", "", `{"channels":[{"channel":"fax","max":1}]}`)))

		_, err := l.PutQueuePolicy(ctx, all, queue, 0, routing.QueuePolicy{RingSeconds: 15, Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "callback", AfterSeconds: 60}}}, ids.User{})
		require.NoError(t, err)
		fine := check("queue", queue.String(), `{"ring_seconds":15,"strategy":"best_skill","ladder":[{"kind":"widen","after_seconds":0},{"kind":"callback","after_seconds":90}]}`)
		require.Empty(t, fine.Problems)
		require.Equal(t, 1, fine.Version)
		require.Equal(t, []routing.FieldChange{{Field: "ladder.1.after_seconds", Before: 60.0, After: 90.0}, {Field: "strategy", After: "best_skill"}}, fine.Changes)

		_, err = l.CheckSetting(ctx, all, routing.SettingChange{Kind: "queue", Key: queue.String(), Document: map[string]any{"rings": 3}})
		require.Equal(t, "routing.bad_document", fault.CodeOf(err))
		_, err = l.CheckSetting(ctx, scope.Clients(f.clients[1].ID), routing.SettingChange{Kind: "queue", Key: queue.String()})
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another client's queue is absent")
		_, err = l.CheckSetting(ctx, scope.Clients(f.clients[0].ID), routing.SettingChange{Kind: "pool", Key: "gold", Document: map[string]any{"name": "Gold"}})
		require.Equal(t, fault.Forbidden, fault.KindOf(err))

		versions, err := l.SettingHistory(ctx, all, "queue", queue.String(), 10)
		require.NoError(t, err)
		require.Len(t, versions, 1)
		none, err := l.SettingHistory(ctx, all, "pool", "", 10)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// The change takes effect while contacts wait and are talked to; nobody is lost,
// and a node that takes over goes on under the same settings.
func TestSettingsTakeEffectOnTheRunningFloor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, stop := f.node("n1")
		o, err := l.SetState(ctx, f.agents[0].ID, "ready", "")
		applied(t, o, err)
		talking := f.arrive(l, "call-1")
		o, err = l.Work(ctx, f.agents[0].ID, routing.KindAccept, talking.Contact)
		applied(t, o, err)
		waiting := f.arrive(l, "call-2")
		o, err = l.SetState(ctx, f.agents[1].ID, "ready", "")
		applied(t, o, err)
		f.contact(l, waiting.Contact, func(c routing.Contact) bool { return c.Status == "waiting" })
		f.plan(l, 0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen", Pools: []string{"own", "shared"}}}})
		got := f.contact(l, waiting.Contact, func(c routing.Contact) bool { return c.Status == "offered" })
		require.Equal(t, f.agents[1].ID, got.AgentID, "the new ladder reaches the agent of both clients at once")
		f.contact(l, talking.Contact, func(c routing.Contact) bool { return c.Status == "active" })
		stop()
		other, _ := f.node("n2")
		o, err = other.Work(ctx, f.agents[1].ID, routing.KindAccept, waiting.Contact)
		applied(t, o, err)
	})
}

func TestVipsAreKeptFromMessagesAndInvitedOthersLeave(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	f := build(t, db)
	ctx := t.Context()
	l, _ := f.node("n1")
	f.plan(l, 0, routing.QueuePolicy{HumanOnlyFromValue: 900, Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "message", AfterSeconds: 30}}})
	arrive := func(id string, value int16) ids.Contact {
		o, err := l.Arrive(ctx, scope.Provider(), routing.Arrival{Client: f.clients[0].ID, Queue: f.queues[0].ID, Source: "cti", ExternalID: id, Value: value})
		return applied(t, o, err).Contact
	}
	vip, plain := arrive("vip", 950), arrive("plain", 100)
	_, err := l.TakeInvitation(ctx, scope.Provider(), plain, routing.CallbackRequest{Kind: "message"})
	require.Equal(t, "callback.not_invited", fault.CodeOf(err))
	f.pass(31 * calendar.Second)
	f.contact(l, plain, func(c routing.Contact) bool { return c.Invitation == "message" })
	f.contact(l, vip, func(c routing.Contact) bool { return c.Invitation == "" })
	_, err = l.TakeInvitation(ctx, scope.Clients(f.clients[1].ID), plain, routing.CallbackRequest{Kind: "message"})
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	o, err := l.TakeInvitation(ctx, scope.Provider(), plain, routing.CallbackRequest{Kind: "message", Attributes: `{"note":"1"}`})
	applied(t, o, err)
	require.Eventually(t, func() bool {
		_, err := l.ErrandsOnce(ctx)
		require.NoError(t, err)
		open, err := l.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		for _, c := range open {
			if c.Source == "muster/message" {
				return c.Attributes == `{"note":"1"}`
			}
		}
		return false
	}, 10*time.Second, 5*time.Millisecond, "the message waits for a person")
}

func TestCallbackComesBackToTheSameAgentOnTime(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	f := build(t, db)
	ctx := t.Context()
	l, _ := f.node("n1")
	f.plan(l, 0, routing.QueuePolicy{PreferredSeconds: 60, NoWrap: true})
	one := f.agents[0].ID
	o, err := l.SetState(ctx, one, "ready", "")
	applied(t, o, err)
	c := f.arrive(l, "call-1")
	o, err = l.Work(ctx, one, routing.KindAccept, c.Contact)
	applied(t, o, err)
	_, err = l.PlanCallback(ctx, one, c.Contact, routing.CallbackRequest{At: f.db.Now() + 40*calendar.Day})
	require.Equal(t, "callback.time", fault.CodeOf(err))
	planned, err := l.PlanCallback(ctx, one, c.Contact, routing.CallbackRequest{At: f.db.Now() + 10*calendar.Second})
	require.NoError(t, err)
	cancelled, err := l.PlanCallback(ctx, one, c.Contact, routing.CallbackRequest{At: f.db.Now() + 10*calendar.Second})
	require.NoError(t, err)
	require.NoError(t, l.CancelCallback(ctx, scope.Provider(), cancelled.ID))
	require.Equal(t, fault.NotFound, fault.KindOf(l.CancelCallback(ctx, scope.Provider(), cancelled.ID)))
	o, err = l.Work(ctx, one, routing.KindEnd, c.Contact)
	applied(t, o, err)
	more, err := l.ErrandsOnce(ctx)
	require.NoError(t, err)
	require.False(t, more, "it is not due yet")
	f.pass(11 * calendar.Second)
	_, err = l.ErrandsOnce(ctx)
	require.NoError(t, err)
	_, err = l.ErrandsOnce(ctx)
	require.NoError(t, err)
	f.desk(l, one, "ready offered")
	open, err := l.Contacts(ctx, scope.Provider())
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, planned.ID.String(), open[0].ExternalID)
}

// An agent whose desktop falls silent: the offer goes on at once, accepted work
// after the grace; coming back restores what the agent did, and nothing else.
func TestALostAgentsWorkReturnsAndTheAgentToo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, _ := f.node("n1")
		one, two := f.agents[0].ID, f.agents[1].ID
		f.plan(l, 0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen", Pools: []string{"own", "shared"}}}})
		o, err := l.SetState(ctx, one, "ready", "")
		applied(t, o, err)
		c := f.arrive(l, "call-1")
		o, err = l.Work(ctx, one, routing.KindAccept, c.Contact)
		applied(t, o, err)
		f.pass(50 * calendar.Second)
		f.desk(l, one, "lost active")
		require.NoError(t, l.Heartbeat(ctx, one))
		f.desk(l, one, "ready active")
		o, err = l.SetState(ctx, one, "not_ready", "meal")
		applied(t, o, err)
		f.pass(50 * calendar.Second)
		f.desk(l, one, "lost active")
		require.NoError(t, l.Heartbeat(ctx, one))
		d := f.desk(l, one, "not_ready active")
		require.Equal(t, "meal", d.Agent.Code, "a break stays a break")
		f.pass(50 * calendar.Second)
		f.desk(l, one, "lost active")
		f.pass(61 * calendar.Second)
		f.desk(l, one, "off")
		require.NoError(t, l.Heartbeat(ctx, one))
		f.desk(l, one, "off")
		o, err = l.SetState(ctx, two, "ready", "")
		applied(t, o, err)
		d = f.desk(l, two, "ready offered")
		require.Equal(t, c.Contact, d.Segments[0].ContactID, "the work went back to the queue")
	})
}

// partner is an outside provider with a real HTTP server.
type partner struct {
	*httptest.Server
	sync.Mutex
	secret string
	heard  []map[string]any
	say    func(n int) (int, string) // status and body of the n-th answer
}

func newPartner(t *testing.T, say func(int) (int, string)) *partner {
	p := &partner{secret: "a secret of the partner", say: say}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var said map[string]any
		p.Lock()
		defer p.Unlock()
		stamp, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("X-Muster-Signature"), "t="), ",")
		at, _ := strconv.ParseInt(stamp, 10, 64)
		if json.Unmarshal(body, &said) != nil || r.Header.Get("X-Muster-Signature") != webhooks.Sign([]byte(p.secret), body, calendar.Instant(at)*calendar.Second) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.heard = append(p.heard, said)
		status, text := p.say(len(p.heard))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *partner) notices() []map[string]any {
	p.Lock()
	defer p.Unlock()
	return append([]map[string]any(nil), p.heard...)
}

// handOver lets a contact wait until the partner's step and sends what is due.
func (f *floor) handOver(l *routing.Live, p *partner) routing.Outcome {
	f.t.Helper()
	box, err := secrets.NewBox([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(f.t, err)
	l.UseSecrets(box)
	_, err = l.PutPartner(f.t.Context(), scope.Provider(), "north", 0, routing.PartnerPolicy{Name: "North", URL: p.URL, Secret: p.secret}, ids.User{})
	require.NoError(f.t, err)
	f.plan(l, 0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "partner", AfterSeconds: 30, Partner: "north", AcceptWithinSeconds: 60}}})
	c := f.arrive(l, "call-1")
	f.pass(31 * calendar.Second)
	f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "handed" && c.Partner == "north" })
	return c
}

func TestPartnerAcceptsBySignedCallback(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx := t.Context()
		l, _ := f.node("n1")
		p := newPartner(t, func(n int) (int, string) {
			if n == 1 {
				return http.StatusServiceUnavailable, "" // is tried again
			}
			return http.StatusAccepted, ""
		})
		f.handOver(l, p)
		for range 2 {
			_, err := l.ErrandsOnce(ctx)
			require.NoError(t, err)
			f.pass(2 * calendar.Second)
		}
		require.Len(t, p.notices(), 2)
		sent := p.notices()[1]
		require.Equal(t, "contact.handed_over", sent["type"])
		require.Equal(t, "q", sent["queue"])
		body := []byte(`{"id":"` + sent["id"].(string) + `","outcome":"accepted"}`)
		_, err := l.PartnerAnswer(ctx, "north", webhooks.Sign([]byte("another secret, guessed"), body, f.db.Now()), body)
		require.Equal(t, "partner.signature", fault.CodeOf(err))
		_, err = l.PartnerAnswer(ctx, "north", webhooks.Sign([]byte(p.secret), body, f.db.Now()-calendar.Hour), body)
		require.Equal(t, "partner.signature", fault.CodeOf(err), "an old answer is not played again")
		_, err = l.PartnerAnswer(ctx, "south", webhooks.Sign([]byte(p.secret), body, f.db.Now()), body)
		require.Equal(t, "partner.signature", fault.CodeOf(err), "an unknown partner looks like a wrong key")
		o, err := l.PartnerAnswer(ctx, "north", webhooks.Sign([]byte(p.secret), body, f.db.Now()), body)
		applied(t, o, err)
		o, err = l.PartnerAnswer(ctx, "north", webhooks.Sign([]byte(p.secret), body, f.db.Now()), body)
		applied(t, o, err) // repeating changes nothing
		open, err := l.Contacts(ctx, scope.Provider())
		require.NoError(t, err)
		require.Empty(t, open)
		all, err := l.Handovers(ctx, scope.Provider(), 10)
		require.NoError(t, err)
		require.Equal(t, "taken", all[0].Status)
	})
}

func TestPartnerWhoDoesNotAcceptGivesTheContactBackWithItsAge(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	f := build(t, db)
	ctx := t.Context()
	l, _ := f.node("n1")
	p := newPartner(t, func(int) (int, string) { return http.StatusAccepted, "" })
	c := f.handOver(l, p)
	_, err := l.ErrandsOnce(ctx)
	require.NoError(t, err)
	f.pass(61 * calendar.Second)
	got := f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "waiting" })
	require.Equal(t, 92*calendar.Second, f.db.Now()-got.ArrivedAt, "the age is kept")
	_, err = l.ErrandsOnce(ctx)
	require.NoError(t, err)
	require.Len(t, p.notices(), 2)
	require.Equal(t, "contact.withdrawn", p.notices()[1]["type"])
	body := []byte(`{"id":"` + p.notices()[0]["id"].(string) + `","outcome":"accepted"}`)
	_, err = l.PartnerAnswer(ctx, "north", webhooks.Sign([]byte(p.secret), body, f.db.Now()), body)
	require.Equal(t, "partner.too_late", fault.CodeOf(err))
	o, err := l.SetState(ctx, f.agents[0].ID, "ready", "")
	applied(t, o, err)
	f.desk(l, f.agents[0].ID, "ready offered")
}

func TestPartnerWhoRefusesOrIsGoneDoesNotHoldTheContact(t *testing.T) {
	db := databasetest.OpenSQLite(t)
	f := build(t, db)
	ctx := t.Context()
	l, _ := f.node("n1")
	p := newPartner(t, func(int) (int, string) { return http.StatusGone, "" })
	c := f.handOver(l, p)
	_, err := l.ErrandsOnce(ctx)
	require.NoError(t, err)
	f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "waiting" })
	all, err := l.Partners(ctx, scope.Provider())
	require.NoError(t, err)
	require.Empty(t, all[0].Policy.Secret+all[0].Policy.Sealed, "the secret is never shown")
}

// Pools, raised queues and an agent's place are rows that every node can read.
func TestPoolsAgentsAndQueuesAreSteered(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		ctx, all := t.Context(), scope.Provider()
		l, _ := f.node("n1")
		_, err := l.PutPool(ctx, all, "night", 0, routing.PoolPolicy{Name: "Night", Reserve: true, Members: routing.MemberPolicy{Tiers: []string{"expert"}}}, ids.User{})
		require.NoError(t, err)
		f.plan(l, 0, routing.QueuePolicy{Ladder: []routing.StepPolicy{{Kind: "widen"}, {Kind: "widen", AfterSeconds: 20, Pools: []string{"own", "night"}}}})
		o, err := l.SetState(ctx, f.agents[1].ID, "ready", "")
		applied(t, o, err)
		c := f.arrive(l, "call-1")
		f.pass(25 * calendar.Second)
		require.NoError(t, l.Heartbeat(ctx, f.agents[1].ID))
		f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Step == 1 && c.Status == "waiting" })
		_, err = l.OpenPool(ctx, scope.Clients(f.clients[0].ID), "night", 0)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "a pool is everybody's")
		o, err = l.OpenPool(ctx, all, "nigth", 0)
		require.NoError(t, err)
		require.NotEmpty(t, o.Refused)
		o, err = l.OpenPool(ctx, all, "night", f.db.Now()+calendar.Hour)
		applied(t, o, err)
		f.contact(l, c.Contact, func(c routing.Contact) bool { return c.Status == "offered" })
		o, err = l.MoveAgent(ctx, all, f.agents[0].ID, "night")
		applied(t, o, err)
		o, err = l.SliceAgent(ctx, all, f.agents[0].ID, f.clients[0].ID)
		applied(t, o, err)
		d, err := l.Desk(ctx, f.agents[0].ID)
		require.NoError(t, err)
		require.Equal(t, "night", d.Agent.Pool)
		require.Equal(t, f.clients[0].ID, d.Agent.SliceID)
		_, err = l.RaiseQueue(ctx, scope.Clients(f.clients[1].ID), f.queues[0].ID, 2000)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		o, err = l.RaiseQueue(ctx, scope.Clients(f.clients[0].ID), f.queues[0].ID, 2000)
		applied(t, o, err)
	})
}

// TestAReasonThatWasNotRecordedIsNothing explains no decision.
func TestAReasonThatWasNotRecordedIsNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := build(t, db)
		_, err := routing.New(db, f.contracts, f.people, "settings", nil).PutProviderPolicy(t.Context(), scope.Provider(), 0, routing.ProviderPolicy{Reasons: "off"}, ids.User{})
		require.NoError(t, err)
		l, _ := f.node("n1")
		o, err := l.SetState(t.Context(), f.agents[0].ID, "ready", "")
		applied(t, o, err)
		f.arrive(l, "call-1")
		require.Equal(t, routing.Unexplained, f.desk(l, f.agents[0].ID, "ready offered").Segments[0].Reason)
	})
}

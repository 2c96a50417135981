package routing

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// toldFloor is a floor led by the test itself, with the webhooks of its database.
type toldFloor struct {
	*model
	t     *testing.T
	lead  *leader
	hooks *webhooks.Service
}

func newToldFloor(t *testing.T, db *database.DB) *toldFloor {
	t.Helper()
	m := newModel(t, db)
	m.steer(t)
	require.NoError(t, m.live.Prepare(t.Context()))
	box, err := secrets.NewBox([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	f := &toldFloor{model: m, t: t, hooks: webhooks.New(db, box, m.live.events, false)}
	f.takeOver()
	return f
}

// takeOver makes a new leader from the rows.
func (f *toldFloor) takeOver() {
	f.t.Helper()
	var err error
	f.lead, err = f.live.take(f.t.Context(), true)
	require.NoError(f.t, err)
}

// subscribe adds an endpoint and lets the leader look for it.
func (f *toldFloor) subscribe(client ids.Client, types ...string) webhooks.Endpoint {
	f.t.Helper()
	e, _, err := f.hooks.Add(f.t.Context(), scope.Provider(), webhooks.Endpoint{ClientID: client, URL: "https://crm.example.com/muster", Types: types})
	require.NoError(f.t, err)
	require.NoError(f.t, f.lead.refresh(f.t.Context()))
	return e
}

// items makes a group of inputs.
func (f *toldFloor) items(inputs ...Input) []item {
	out := make([]item, len(inputs))
	for i, in := range inputs {
		id := ids.New[ids.Event](f.live.db.IDs())
		row := inboxRow{ID: id, DomainID: f.live.domain, Dedupe: id.String(), Kind: in.Kind, V: 1, Event: in, ReceivedAt: f.live.db.Now()}
		out[i] = item{inboxRow: row, ask: &ask{row: row, done: make(chan told, 1)}}
	}
	return out
}

// commit commits a group in which every input is taken, some seconds after the last.
func (f *toldFloor) commit(after int, inputs ...Input) {
	f.t.Helper()
	f.live.db.Clock().(*calendar.FixedClock).Set(f.live.db.Now() + calendar.Instant(after)*calendar.Second)
	group := f.items(inputs...)
	require.NoError(f.t, f.lead.commit(context.Background(), group))
	for _, i := range group {
		said := <-i.ask.done
		require.NoError(f.t, said.err)
		require.Empty(f.t, said.outcome.Refused, "%s", i.Kind)
	}
}

// arrival makes the input of a new contact.
func (f *toldFloor) arrival(queue contract.Queue, id string) Input {
	return Input{Kind: KindArrive, Contact: ids.New[ids.Contact](f.live.db.IDs()), Client: queue.ClientID, Queue: queue.ID, Source: "cti", ExternalID: id, Channel: string(queue.Channel), Attributes: `{"phone":"555"}`}
}

// said gives the events of contacts as "type external-id", and their envelopes.
func (f *toldFloor) said(sc scope.Scope) (names []string, all []events.Event) {
	f.t.Helper()
	all, err := f.live.events.Read(f.t.Context(), sc, 0, events.Filter{Types: []string{"contact."}}, 500)
	require.NoError(f.t, err)
	for _, e := range all {
		var data announcement
		require.NoError(f.t, json.Unmarshal(e.Data, &data))
		names = append(names, strings.TrimPrefix(e.Type, "contact.")+" "+data.ExternalID)
	}
	return names, all
}

// life lets a contact of the queue arrive, be answered by the agent and end.
func (f *toldFloor) life(queue contract.Queue, agent ids.Agent, id string) Input {
	f.t.Helper()
	in := f.arrival(queue, id)
	f.commit(1, Input{Kind: KindState, Agent: agent, Status: "ready"}, in)
	f.commit(2, Input{Kind: KindAccept, Agent: agent, Contact: in.Contact})
	f.commit(3, Input{Kind: KindEnd, Agent: agent, Contact: in.Contact})
	f.commit(4, Input{Kind: KindWrapped, Agent: agent, Contact: in.Contact}, Input{Kind: KindState, Agent: agent, Status: "off"})
	return in
}

func TestAContactsLifeIsToldToThoseWhoWantIt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newToldFloor(t, db)
		voice, mail := f.queues[0], f.queues[2]
		f.life(voice, f.agents[0], "unheard")
		names, _ := f.said(scope.Provider())
		require.Empty(t, names, "nobody wants to hear")
		f.subscribe(ids.Client{}, "invoice.")
		f.life(voice, f.agents[0], "unheard too")
		names, _ = f.said(scope.Provider())
		require.Empty(t, names, "nobody wants to hear of contacts")

		f.subscribe(ids.Client{}, "contact.")
		start := db.Now()
		in := f.life(voice, f.agents[0], "a")
		names, all := f.said(scope.Provider())
		require.Equal(t, []string{"received a", "answered a", "ended a"}, names)
		require.Equal(t, voice.ClientID, all[2].Client)
		require.Equal(t, "contact/"+in.Contact.String(), all[2].Subject)
		var data announcement
		require.NoError(t, json.Unmarshal(all[2].Data, &data))
		answered, ended := start+3*calendar.Second, start+6*calendar.Second
		require.Equal(t, announcement{Contact: in.Contact, Source: "cti", ExternalID: "a", Channel: "voice", Queue: voice.ID, Entry: voice.ID, Agent: f.agents[0],
			ArrivedAt: start + calendar.Second, AnsweredAt: &answered, EndedAt: &ended, Outcome: "answered"}, data)
		for _, e := range all {
			require.NotContains(t, string(e.Data), "555", "the customer's attributes stay inside")
		}
		require.NotContains(t, string(all[0].Data), "agent_id", "nobody has it yet")

		gone := f.arrival(voice, "b")
		f.commit(1, Input{Kind: KindState, Agent: f.agents[0], Status: "ready"}, gone)
		f.commit(1, Input{Kind: KindLeave, Contact: gone.Contact}, Input{Kind: KindState, Agent: f.agents[0], Status: "off"})
		away := f.arrival(mail, "c")
		f.commit(1, away)
		f.commit(21)
		require.NoError(t, f.lead.commit(t.Context(), tick()))
		f.commit(1, Input{Kind: KindTaken, Contact: away.Contact})
		names, all = f.said(scope.Provider())
		require.Equal(t, []string{"received b", "abandoned b", "received c", "handed_over c", "ended c"}, names[3:])
		require.NotContains(t, string(all[4].Data), "agent_id", "nobody answered")
		require.Contains(t, string(all[6].Data), `"to":"north"`)
		require.Contains(t, string(all[7].Data), `"outcome":"overflowed"`)
	})
}

func TestATransferredContactIsAnsweredOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newToldFloor(t, db)
		f.subscribe(ids.Client{})
		in, first, second := f.arrival(f.queues[0], "a"), f.agents[0], f.agents[2]
		f.commit(1, Input{Kind: KindState, Agent: first, Status: "ready"}, in)
		f.commit(1, Input{Kind: KindAccept, Agent: first, Contact: in.Contact})
		f.commit(1, Input{Kind: KindState, Agent: second, Status: "ready"})
		f.takeOver()
		f.commit(1, Input{Kind: KindTransfer, Agent: first, Contact: in.Contact, Steering: Steering{Desk: true, ToQueue: f.queues[0].ID, ToAgent: second}})
		require.Equal(t, second, f.lead.rows.byID[in.Contact].AgentID)
		f.commit(1, Input{Kind: KindAccept, Agent: second, Contact: in.Contact})
		f.takeOver()
		f.commit(1, Input{Kind: KindLeave, Contact: in.Contact})
		names, all := f.said(scope.Provider())
		require.Equal(t, []string{"received a", "answered a", "ended a"}, names, "who hangs up while talking was answered")
		require.Contains(t, string(all[2].Data), second.String())
	})
}

// TestClientsHearOfTheirOwnContacts: nothing is published for a client without an
// audience, and nothing is delivered across the wall.
func TestClientsHearOfTheirOwnContacts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newToldFloor(t, db)
		one, two := f.queues[0], f.queues[4]
		mine := f.subscribe(two.ClientID, contactReceived, contactEnded)
		f.life(one, f.agents[0], "a")
		f.life(two, f.agents[1], "b")
		names, _ := f.said(scope.Provider())
		require.Equal(t, []string{"received b", "ended b"}, names)
		all := f.subscribe(ids.Client{}, "contact.")
		f.life(one, f.agents[0], "c")
		f.life(two, f.agents[1], "d")
		names, _ = f.said(scope.Clients(two.ClientID))
		require.Equal(t, []string{"received b", "ended b", "received d", "answered d", "ended d"}, names)
		for more := true; more; {
			var err error
			more, err = f.live.events.ConsumeBatch(t.Context(), f.hooks.Consumer())
			require.NoError(t, err)
		}
		for endpoint, want := range map[ids.Any]int{mine.ID: 4, all.ID: 6} {
			sent, err := f.hooks.Deliveries(t.Context(), scope.Provider(), endpoint)
			require.NoError(t, err)
			require.Len(t, sent, want)
			for _, d := range sent {
				require.True(t, endpoint == all.ID || strings.Contains(d.Body, two.ClientID.String()))
			}
		}

		require.NoError(t, f.hooks.Remove(t.Context(), scope.Provider(), mine.ID))
		require.NoError(t, f.hooks.Remove(t.Context(), scope.Provider(), all.ID))
		require.NoError(t, f.lead.refresh(t.Context()))
		f.life(two, f.agents[1], "e")
		again, _ := f.said(scope.Clients(two.ClientID))
		require.Equal(t, names, again, "nobody listens any more")
	})
}

// TestAFailedCommitTellsNothing lets the second input of a group fail, and plays the
// group again on the engine that is rebuilt.
func TestAFailedCommitTellsNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newToldFloor(t, db)
		f.subscribe(ids.Client{}, "contact.")
		one, two := f.arrival(f.queues[0], "a"), f.arrival(f.queues[0], "b")
		f.live.fault = func(in Input) error {
			if in.Contact == two.Contact {
				return errors.New("seeded")
			}
			return nil
		}
		require.Error(t, f.lead.commit(t.Context(), f.items(one, two)))
		names, _ := f.said(scope.Provider())
		require.Empty(t, names)
		f.live.fault = nil
		f.takeOver()
		f.commit(1, one, two)
		f.takeOver()
		f.commit(1, Input{Kind: KindLeave, Contact: one.Contact})
		names, _ = f.said(scope.Provider())
		require.Equal(t, []string{"received a", "received b", "abandoned a"}, names)
	})
}

// TestTheLeaderLooksForAnAudience beside the routing, now and then.
func TestTheLeaderLooksForAnAudience(t *testing.T) {
	f := newToldFloor(t, databasetest.OpenSQLite(t))
	_, _, err := f.hooks.Add(t.Context(), scope.Provider(), webhooks.Endpoint{URL: "https://crm.example.com/muster", Types: []string{contactEnded}})
	require.NoError(t, err)
	require.False(t, f.lead.audience.Wants(contactEnded, f.queues[0].ClientID))
	require.NoError(t, f.lead.keepUp(t.Context(), f.lead.config+reconfigure+1))
	found := <-f.lead.found
	require.NoError(t, f.lead.adopt(t.Context(), found))
	require.True(t, f.lead.audience.Wants(contactEnded, f.queues[0].ClientID))
	require.False(t, f.lead.audience.Wants(contactReceived, f.queues[0].ClientID))
}

package webhooks_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// receiver is another system: it keeps what it got and answers with a status.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	status  int
	bodies  []string
	headers []http.Header
}

func listen(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.headers = append(r.bodies, string(body)), append(r.headers, q.Header)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// world is two clients and the service on a database whose clock the test moves.
type world struct {
	t        *testing.T
	db       *database.DB
	clock    *calendar.FixedClock
	stream   *events.Stream
	hooks    *webhooks.Service
	one, two ids.Client
}

func build(t *testing.T, db *database.DB, open bool) *world {
	t.Helper()
	box, err := secrets.NewBox(bytes.Repeat([]byte("k"), secrets.KeyBytes))
	require.NoError(t, err)
	w := &world{t: t, db: db, clock: db.Clock().(*calendar.FixedClock), stream: events.New(db)}
	w.hooks = webhooks.New(db, box, w.stream, open)
	for slug, id := range map[string]*ids.Client{"one": &w.one, "two": &w.two} {
		c, err := contract.NewService(db).CreateClient(t.Context(), scope.Provider(), contract.Client{Slug: slug, Name: slug, Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		*id = c.ID
	}
	return w
}

func (w *world) publish(kind string, client ids.Client) {
	w.t.Helper()
	require.NoError(w.t, w.db.Write(w.t.Context(), scope.Provider(), func(tx *database.Tx) error {
		return w.stream.Publish(tx, events.Message{Type: kind, Client: client, Subject: "thing/1", Data: map[string]int{"n": 1}})
	}))
}

// pump consumes and sends everything that is due.
func (w *world) pump() {
	w.t.Helper()
	for more := true; more; {
		var err error
		more, err = w.stream.ConsumeBatch(w.t.Context(), w.hooks.Consumer())
		require.NoError(w.t, err)
	}
	_, err := w.hooks.SendDue(w.t.Context())
	require.NoError(w.t, err)
}

func (w *world) add(sc scope.Scope, e webhooks.Endpoint) (webhooks.Endpoint, string) {
	w.t.Helper()
	out, secret, err := w.hooks.Add(w.t.Context(), sc, e)
	require.NoError(w.t, err)
	return out, secret
}

func TestEndpointsHearOfTheirEventsSignedAndOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, true)
		mine, all := listen(t), listen(t)
		w.publish("invoice.issued", w.one) // before anybody listened
		w.pass(calendar.Second)
		_, secret := w.add(scope.Clients(w.one), webhooks.Endpoint{ClientID: w.one, URL: mine.URL, Types: []string{"invoice.", "forecast.published"}})
		w.add(scope.Provider(), webhooks.Endpoint{URL: all.URL})
		w.publish("invoice.issued", w.one)
		w.publish("invoice.issued", w.two)
		w.publish("roster.published", ids.Client{})
		w.publish("forecast.published", w.one)
		w.publish("forecast.created", w.one)
		w.pump()
		w.pump()
		require.Equal(t, 2, mine.got(), "its own client's events of the types it wants")
		require.Equal(t, 5, all.got())
		require.Contains(t, mine.bodies[0], `"type":"invoice.issued"`)
		require.Contains(t, mine.bodies[0], w.one.String())
		signature := mine.headers[0].Get(webhooks.SignatureHeader)
		require.True(t, webhooks.Signed([]byte(secret), []byte(mine.bodies[0]), signature, db.Now()))
		require.False(t, webhooks.Signed([]byte(secret), []byte(mine.bodies[0]+" "), signature, db.Now()))
		require.False(t, webhooks.Signed([]byte(secret), []byte(mine.bodies[0]), signature, db.Now()+6*calendar.Minute))
		require.NotEqual(t, mine.headers[0].Get("X-Muster-Delivery"), mine.headers[1].Get("X-Muster-Delivery"))
	})
}

func TestAFailedDeliveryIsRetriedGivenUpAndSentAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, true)
		r, healthy := listen(t), listen(t)
		r.answer(http.StatusBadGateway)
		e, _ := w.add(scope.Provider(), webhooks.Endpoint{URL: r.URL})
		w.add(scope.Provider(), webhooks.Endpoint{URL: healthy.URL})
		w.publish("invoice.issued", w.one)
		w.pump()
		w.pump()
		require.Equal(t, 1, r.got(), "the second attempt has to wait")
		require.Equal(t, 1, healthy.got())
		for range 20 {
			w.pass(25 * calendar.Hour)
			w.pump()
		}
		require.Equal(t, 8, r.got())
		found, err := w.hooks.Deliveries(t.Context(), scope.Provider(), e.ID)
		require.NoError(t, err)
		require.Equal(t, webhooks.GivenUp, found[0].Status)
		require.Contains(t, found[0].Problem, "502")
		r.answer(http.StatusOK)
		require.NoError(t, w.hooks.Again(t.Context(), scope.Provider(), found[0].ID))
		w.pump()
		require.Equal(t, 9, r.got())
		found, err = w.hooks.Deliveries(t.Context(), scope.Provider(), e.ID)
		require.NoError(t, err)
		require.Equal(t, webhooks.Delivered, found[0].Status)
		require.Equal(t, "webhook.not_given_up", fault.CodeOf(w.hooks.Again(t.Context(), scope.Provider(), found[0].ID)))
		w.pass(31 * calendar.Day)
		removed, err := w.hooks.Prune(t.Context(), db.Now()-calendar.Day)
		require.NoError(t, err)
		require.EqualValues(t, 2, removed)
		require.Equal(t, "webhook.no_delivery", fault.CodeOf(w.hooks.Again(t.Context(), scope.Provider(), found[0].ID)))
	})
}

func TestTwoSendersShareWhatIsDue(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, true)
		r := listen(t)
		w.add(scope.Provider(), webhooks.Endpoint{URL: r.URL})
		for range 20 {
			w.publish("invoice.issued", w.one)
		}
		w.pump()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { _, _ = w.hooks.SendDue(t.Context()) })
		}
		both.Wait()
		require.Equal(t, 20, r.got())
	})
}

func TestWallsAndAddressesOfEndpoints(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, false)
		e, _ := w.add(scope.Clients(w.one), webhooks.Endpoint{ClientID: w.one, URL: "https://crm.example.com/muster"})
		foreign := scope.Clients(w.two)
		_, err := w.hooks.Endpoint(t.Context(), foreign, e.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Equal(t, fault.NotFound, fault.KindOf(w.hooks.Remove(t.Context(), foreign, e.ID)))
		_, err = w.hooks.Deliveries(t.Context(), foreign, e.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, _, err = w.hooks.Add(t.Context(), foreign, webhooks.Endpoint{ClientID: w.one, URL: "https://crm.example.com/muster"})
		require.Error(t, err)

		for url, code := range map[string]string{
			"http://crm.example.com": "webhook.bad_url", "https://user@crm.example.com": "webhook.bad_url", "ftp://crm.example.com": "webhook.bad_url", "crm": "webhook.bad_url",
			"https://10.0.0.1/": "webhook.private_url", "https://127.0.0.1/": "webhook.private_url", "https://[::1]/": "webhook.private_url", "https://[fd00::1]/": "webhook.private_url", "https://169.254.169.254/": "webhook.private_url", "https://[::ffff:10.0.0.1]/": "webhook.private_url",
		} {
			_, _, err := w.hooks.Add(t.Context(), scope.Provider(), webhooks.Endpoint{URL: url})
			require.Equal(t, code, fault.CodeOf(err), url)
		}
		_, _, err = w.hooks.Add(t.Context(), scope.Provider(), webhooks.Endpoint{URL: "https://crm.example.com", Types: []string{" "}})
		require.Equal(t, "webhook.bad_type", fault.CodeOf(err))

		// A name that leads inside is found out when the connection is made.
		local, _ := w.add(scope.Provider(), webhooks.Endpoint{URL: "https://localhost:1/"})
		w.publish("invoice.issued", w.one)
		w.pump()
		found, err := w.hooks.Deliveries(t.Context(), scope.Provider(), local.ID)
		require.NoError(t, err)
		require.Contains(t, found[0].Problem, "private network")

		off := false
		paused, err := w.hooks.Update(t.Context(), scope.Provider(), local.ID, 1, webhooks.Edit{Active: &off})
		require.NoError(t, err)
		require.Equal(t, 2, paused.Version)
		_, err = w.hooks.Update(t.Context(), scope.Provider(), local.ID, 1, webhooks.Edit{Active: &off})
		require.Equal(t, fault.Stale, fault.KindOf(err))
		require.NoError(t, w.hooks.Remove(t.Context(), scope.Provider(), local.ID))
	})
}

// pass lets time pass.
func (w *world) pass(d calendar.Instant) { w.clock.Set(w.clock.Now() + d) }

package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"muster/config"
	"muster/scheduling"
	"muster/server"
	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/files"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// wire is a door on a real socket.
type wire struct {
	*door
	address string
	client  *http.Client
	stop    func() error // shuts down and gives Serve's error; safe to repeat
}

// onWire runs the test on both databases with a door on a real socket, and checks
// that nothing runs on after it.
func onWire(t *testing.T, adjust func(*config.Settings), test func(t *testing.T, w *wire)) {
	t.Helper()
	for name, database := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.OpenSQLite, "postgres": databasetest.OpenPostgres} {
		t.Run(name, func(t *testing.T) {
			others := goleak.IgnoreCurrent()
			// fasthttp's cleaner notices the end of its pool within ten seconds.
			cleaner := goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2")
			clock := goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1")
			t.Cleanup(func() { goleak.VerifyNone(t, others, cleaner, clock) })
			test(t, listen(t, database(t), adjust))
		})
	}
}

func listen(t *testing.T, db *database.DB, adjust func(*config.Settings)) *wire {
	t.Helper()
	w := &wire{door: open(t, db), client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}}
	w.deps.Scheduling = scheduling.New(db, scheduling.Services{Contracts: w.deps.Contracts, People: w.deps.People, Jobs: w.deps.Jobs, Events: w.deps.Events})
	settings := config.Defaults(config.Demo)
	settings.HTTP.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&settings)
	}
	var err error
	w.server, err = server.New(settings, w.deps, nil, "test")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	address, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- w.server.Serve(ctx, func(a string) { address <- a }) }()
	w.address = <-address
	w.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		if err := w.stop(); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return w
}

// floor lets this node route until the test ends.
func (w *wire) floor() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.deps.Live.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(func() { cancel(); running.Wait() })
}

// call sends a request over the socket as the caller.
func (w *wire) call(c *caller, method, path, kind string, body io.Reader, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, "http://"+w.address+path, body)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", kind)
	if c != nil {
		req.AddCookie(c.cookie)
		req.Header.Set("X-CSRF-Token", c.csrf)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := w.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{t: w.t, status: res.StatusCode, body: string(b), header: res.Header}, err
}

// post sends JSON and requires an answer.
func (w *wire) post(c *caller, path string, body any, headers ...string) answer {
	w.t.Helper()
	b, err := json.Marshal(body)
	require.NoError(w.t, err)
	a, err := w.call(c, http.MethodPost, path, "application/json", bytes.NewReader(b), headers...)
	require.NoError(w.t, err)
	return a
}

// listener reads an event stream.
type listener struct {
	t      *testing.T
	events chan [2]string // name and data; closed at the end of the stream
}

// listenTo opens an event stream.
func (w *wire) listenTo(c *caller, path string) *listener {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+w.address+path, nil)
	require.NoError(w.t, err)
	req.AddCookie(c.cookie)
	res, err := (&http.Client{Transport: w.client.Transport}).Do(req)
	require.NoError(w.t, err)
	require.Equal(w.t, 200, res.StatusCode)
	l := &listener{t: w.t, events: make(chan [2]string, 100)}
	go func() {
		defer close(l.events)
		defer func() { _ = res.Body.Close() }()
		name := ""
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = n
			} else if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				l.events <- [2]string{name, d}
			}
		}
	}()
	return l
}

// until waits for an event of the name whose data contains the text.
func (l *listener) until(name, text string, within time.Duration) {
	l.t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	for {
		select {
		case e, ok := <-l.events:
			require.True(l.t, ok, "the stream ended before %s with %s", name, text)
			if e[0] == name && strings.Contains(e[1], text) {
				return
			}
		case <-limit.C:
			require.FailNow(l.t, "no event", "%s with %s within %s", name, text, within)
		}
	}
}

// ended waits for the end of the stream.
func (l *listener) ended() {
	l.t.Helper()
	limit := time.NewTimer(5 * time.Second)
	defer limit.Stop()
	for {
		select {
		case _, ok := <-l.events:
			if !ok {
				return
			}
		case <-limit.C:
			require.FailNow(l.t, "the stream goes on")
		}
	}
}

func TestStreamsFlushAndEnd(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		ctx, all := t.Context(), scope.Provider()
		lob, err := w.deps.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: w.one.ID, Slug: "l", Name: "L"})
		require.NoError(t, err)
		skill, err := w.deps.People.CreateSkill(ctx, all, people.Skill{Slug: "k", Name: "K"})
		require.NoError(t, err)
		queue, err := w.deps.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: w.one.ID, LOBID: lob.ID, Slug: "q", Name: "Q", Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)
		w.floor()
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		leaver := w.as("leaver", access.TeamLeader, access.ProviderDomain)
		floor, left := w.listenTo(admin, "/api/v1/floor/stream"), w.listenTo(leaver, "/api/v1/floor/stream")
		floor.until("floor", `"waiting":0`, 2*time.Second)
		left.until("floor", `"waiting":0`, 2*time.Second)

		// A reader who takes nothing holds up nobody.
		slow, err := (&net.Dialer{}).DialContext(ctx, "tcp", w.address)
		require.NoError(t, err)
		defer func() { _ = slow.Close() }()
		_, err = fmt.Fprintf(slow, "GET /api/v1/floor/stream HTTP/1.1\r\nHost: x\r\nCookie: %s=%s\r\n\r\n", admin.cookie.Name, admin.cookie.Value)
		require.NoError(t, err)

		for i := range 3 {
			a := w.post(admin, "/api/v1/contacts", map[string]any{"client_id": w.one.ID, "queue_id": queue.ID, "source": "cti", "external_id": fmt.Sprint(i)})
			require.Equal(t, 202, a.status, a.body)
			floor.until("floor", fmt.Sprintf(`"waiting":%d`, i+1), 2*time.Second)
		}
		require.NoError(t, w.deps.Access.Revoke(ctx, leaver.user, access.TeamLeader, access.ProviderDomain))
		left.until("revoked", "", 5*time.Second)
		left.ended()
		require.NoError(t, slow.Close())
		stopped := make(chan error, 1)
		go func() { stopped <- w.stop() }()
		floor.until("closing", "", 5*time.Second)
		floor.ended()
		require.NoError(t, <-stopped)
	})
}

func TestTheDesksStream(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		ctx, all := t.Context(), scope.Provider()
		site, err := w.deps.People.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
		require.NoError(t, err)
		team, err := w.deps.People.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
		require.NoError(t, err)
		agents, err := w.deps.People.HireAll(ctx, all, []people.Hire{{Agent: people.Agent{Number: "1", Label: "A1"}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}}})
		require.NoError(t, err)
		user, err := w.deps.Access.CreateUser(ctx, access.NewUser{Login: "ann", Password: password, Locale: "en", AgentID: agents[0].ID})
		require.NoError(t, err)
		require.NoError(t, w.deps.Access.Grant(ctx, user.ID, access.AgentRole, access.SelfDomain, nil))
		w.floor()
		token, identity, err := w.deps.Access.SignIn(ctx, "ann", password, "127.0.0.1", "test")
		require.NoError(t, err)
		ann := &caller{door: w.door, user: user.ID, csrf: identity.CSRF, cookie: &http.Cookie{Name: "muster_session", Value: token}}
		desk := w.listenTo(ann, "/api/v1/me/stream")
		desk.until("desk", `"state":"off"`, 2*time.Second)
		require.Equal(t, 200, w.post(ann, "/api/v1/me/state", map[string]string{"state": "ready"}).status)
		desk.until("desk", `"state":"ready"`, 2*time.Second)
		require.NoError(t, w.deps.Access.SignOut(ctx, token))
		desk.until("revoked", "", 5*time.Second)
		desk.ended()
	})
}

// form writes a multipart body: fields, then a file of the given size if it is not negative.
func form(fields map[string]string, size int, seen func(int)) (kind string, body io.Reader) {
	r, out := io.Pipe()
	parts := multipart.NewWriter(out)
	go func() {
		err := func() error {
			for k, v := range fields {
				if err := parts.WriteField(k, v); err != nil {
					return err
				}
			}
			if size >= 0 {
				file, err := parts.CreateFormFile("file", "contacts.csv")
				if err != nil {
					return err
				}
				line := []byte("2026-03-02 08:00:00,17,answered,30,200,1000\n")
				if _, err := io.WriteString(file, "arrived,queue,outcome,wait,handle,id\n"); err != nil {
					return err
				}
				block := bytes.Repeat(line, 1000)
				for written := 0; written < size; written += len(block) {
					if _, err := file.Write(block); err != nil {
						return err
					}
					seen(written)
				}
			}
			return parts.Close()
		}()
		out.CloseWithError(err)
	}()
	return parts.FormDataContentType(), r
}

func (w *wire) filesKept() int64 {
	w.t.Helper()
	var n int64
	require.NoError(w.t, w.db.Read(context.Background(), scope.Provider(), func(tx *database.Tx) error { return tx.Model(&files.File{}).Count(&n).Error }))
	return n
}

func TestUploadsStreamAndLeaveNothingHalf(t *testing.T) {
	small := func(s *config.Settings) { s.HTTP.BodyLimit, s.HTTP.UploadLimit = 64<<10, 40<<20 }
	onWire(t, small, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		foreign := w.as("manager", access.Manager, access.ClientDomain(w.two.ID))
		good := map[string]string{"client": w.one.Slug, "kind": "contacts", "source": "acd"}
		send := func(c *caller, path string, fields map[string]string, size int) answer {
			t.Helper()
			kind, body := form(fields, size, func(int) {})
			a, err := w.call(c, http.MethodPost, path, kind, body)
			require.NoError(t, err)
			return a
		}
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most := uint64(0)
		kind, body := form(good, 32<<20, func(n int) {
			if n%(4<<20) < 50_000 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		})
		a, err := w.call(admin, http.MethodPost, "/api/v1/imports", kind, body)
		require.NoError(t, err)
		require.Equal(t, 202, a.status, a.body)
		require.Less(t, int64(most)-int64(before.HeapAlloc), int64(16<<20), "32 MiB went through without being held")
		require.EqualValues(t, 1, w.filesKept())

		a = send(admin, "/api/v1/imports/preview", good, 100_000)
		require.Equal(t, 200, a.status, a.body)
		refused(t, send(admin, "/api/v1/imports", map[string]string{"client": w.one.Slug, "kind": "contacts", "colour": "red"}, 10), 422, "http.unknown_field")
		refused(t, send(admin, "/api/v1/imports", good, -1), 422, "import.no_file")
		refused(t, send(admin, "/api/v1/imports", map[string]string{"kind": "contacts"}, 10), 422, "import.fields_missing")
		refused(t, send(admin, "/api/v1/imports", good, 48<<20), 413, "files.too_large")
		// A client of somebody else is the same as none, also when the file is large.
		for _, size := range []int{10, 4 << 20} {
			other := send(foreign, "/api/v1/imports", good, size)
			refused(t, other, 404, "client.not_found")
			absent := send(foreign, "/api/v1/imports", map[string]string{"client": "client-9", "kind": "contacts"}, size)
			refused(t, absent, 404, "client.not_found")
			require.Equal(t, strings.ReplaceAll(other.field("detail").(string), w.one.Slug, "client-9"), absent.field("detail"))
		}
		require.EqualValues(t, 1, w.filesKept())

		// An upload that breaks off.
		kind, body = form(good, 1<<20, func(int) {})
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		for _, part := range []int{len(text) / 2, len(text) - 3} {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.address)
			require.NoError(t, err)
			_, err = fmt.Fprintf(conn, "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nCookie: %s=%s\r\nX-CSRF-Token: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", admin.cookie.Name, admin.cookie.Value, admin.csrf, kind, len(text), text[:part])
			require.NoError(t, err)
			require.NoError(t, conn.(*net.TCPConn).CloseWrite())
			reply, err := io.ReadAll(conn)
			require.NoError(t, err)
			require.NotContains(t, string(reply), " 202 ", "half a file is no file")
			require.NoError(t, conn.Close())
			require.Eventually(t, func() bool { return w.filesKept() == 1 }, 5*time.Second, 10*time.Millisecond)
		}
	})
}

func TestABodyOverTheLimitIsNotTheNextRequest(t *testing.T) {
	small := func(s *config.Settings) { s.HTTP.BodyLimit = 64 << 10 }
	onWire(t, small, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		for _, size := range []int{100 << 10, 4 << 20} {
			smuggled := "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
			body := strings.Repeat(smuggled, size/len(smuggled))
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.address)
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
			go func() { // the server may stop reading at any time
				_, _ = fmt.Fprintf(conn, "POST /api/v1/clients HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: %s=%s\r\nX-CSRF-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", admin.cookie.Name, admin.cookie.Value, admin.csrf, len(body), body)
			}()
			reply, _ := io.ReadAll(conn) // a reset after the answer is fine
			require.NoError(t, conn.Close())
			require.Contains(t, string(reply), "HTTP/1.1 413 ")
			require.Contains(t, string(reply), "http.too_large")
			require.Equal(t, 1, strings.Count(string(reply), "HTTP/1.1 "), "one request, one answer")
		}
	})
}

// held makes a client of the slug in a transaction that stays open until release,
// and then is taken back: another change of the same slug waits for it.
func (w *wire) held(slug string) (release func()) {
	w.t.Helper()
	entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	back := errors.New("taken back")
	go func() {
		defer close(left)
		err := w.db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error {
			if _, err := w.deps.Contracts.CreateClient(tx.Context(), scope.Provider(), contract.Client{Slug: slug, Name: "Held", Zone: "UTC", Currency: "EUR"}); err != nil {
				return err
			}
			close(entered)
			<-leave
			return back
		})
		if !errors.Is(err, back) {
			w.t.Errorf("held: %v", err)
		}
	}()
	<-entered
	return sync.OnceFunc(func() { close(leave); <-left })
}

func TestShutdownFinishesWhatItAccepted(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		body := map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}
		release := w.held("new")
		defer release()
		status := make(chan answer, 1)
		go func() { status <- w.post(admin, "/api/v1/clients", body) }()
		probe := func(path string) (answer, error) { return w.call(nil, http.MethodGet, path, "", nil) }
		a, err := probe("/readyz")
		require.NoError(t, err)
		require.Equal(t, 200, a.status)
		require.Eventually(t, func() bool { // the request is at work
			m, err := probe("/metrics")
			return err == nil && strings.Contains(m.body, "muster_http_running 1")
		}, 5*time.Second, 10*time.Millisecond)
		stopped := make(chan error, 1)
		go func() { stopped <- w.stop() }()
		require.Eventually(t, func() bool {
			a, err := probe("/readyz")
			return err == nil && a.status == 503
		}, 5*time.Second, 10*time.Millisecond)
		refused(t, w.post(admin, "/api/v1/clients", body), 503, "http.closing")
		release()
		require.Equal(t, 201, (<-status).status)
		require.NoError(t, <-stopped)
		_, err = (&net.Dialer{}).DialContext(t.Context(), "tcp", w.address)
		require.Error(t, err, "nobody listens any more")
	})
}

func TestADeadlineChangesNothing(t *testing.T) {
	hasty := func(s *config.Settings) { s.HTTP.RequestTimeout = 2 * time.Second }
	onWire(t, hasty, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		release := w.held("new")
		defer release()
		refused(t, w.post(admin, "/api/v1/clients", map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}, "Idempotency-Key", "k"), 503, "http.deadline")
		release()
		all, err := w.deps.Contracts.Clients(t.Context(), scope.Provider())
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Equal(t, 201, w.post(admin, "/api/v1/clients", map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}, "Idempotency-Key", "k").status, "the key is free again")
	})
}

func TestOneKeyAtOnceHasOneEffect(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		answers := make([]answer, 12)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() {
				answers[i] = w.post(admin, "/api/v1/clients", map[string]any{"slug": "new", "name": "New", "zone": "UTC", "currency": "EUR"}, "Idempotency-Key", "k")
			})
		}
		group.Wait()
		for _, a := range answers {
			require.Equal(t, 201, a.status, a.body)
			require.Equal(t, answers[0].body, a.body, "everybody gets the one answer")
		}
		all, err := w.deps.Contracts.Clients(t.Context(), scope.Provider())
		require.NoError(t, err)
		require.Len(t, all, 3)
		log := admin.send("GET", "/api/v1/audit", nil)
		require.Equal(t, 1, strings.Count(log.body, `"create-client"`))
	})
}

func TestClientsChangeByVersion(t *testing.T) {
	onWire(t, nil, func(t *testing.T, w *wire) {
		admin := w.as("admin", access.Admin, access.ProviderDomain)
		path := "/api/v1/clients/" + w.one.ID.String()
		patch := func(body, match string) answer {
			t.Helper()
			a, err := w.call(admin, http.MethodPatch, path, "application/json", strings.NewReader(body), "If-Match", match)
			require.NoError(t, err)
			return a
		}
		read := admin.send("GET", path, nil)
		tag := read.header.Get("ETag")
		require.Equal(t, `"v1"`, tag)
		refused(t, patch(`{"name":"N"}`, ""), 422, "http.if_match_missing")
		refused(t, patch(`{"slug":"n"}`, tag), 422, "http.malformed")
		refused(t, patch(`{"zone":"Mars"}`, tag), 422, "contract.unknown_zone")
		refused(t, patch(`{"name":"  "}`, tag), 422, "contract.name_missing")
		a := patch(`{"name":"Renamed","locale":"en"}`, tag)
		require.Equal(t, 200, a.status, a.body)
		require.Equal(t, `"v2"`, a.header.Get("ETag"))
		require.Equal(t, "Renamed", a.field("name"))
		require.Equal(t, "UTC", a.field("zone"))
		refused(t, patch(`{"name":"Late"}`, tag), 412, "http.stale")
		// Of two who change the same version at once, one wins.
		var group sync.WaitGroup
		got := make([]int, 6)
		for i := range got {
			group.Go(func() { got[i] = patch(fmt.Sprintf(`{"name":"R%d"}`, i), `"v2"`).status })
		}
		group.Wait()
		won := 0
		for _, s := range got {
			require.Contains(t, []int{200, 412}, s)
			if s == 200 {
				won++
			}
		}
		require.Equal(t, 1, won)
		manager := w.as("manager", access.Manager, access.ClientDomain(w.two.ID))
		refused(t, manager.send("PATCH", path, `{"name":"X"}`, "If-Match", tag), 404, "client.not_found")
		require.Equal(t, 1, strings.Count(admin.send("GET", "/api/v1/audit", nil).body, `"Renamed"`)+1, "the audit log holds no values of people")
	})
}

func TestTextThatPostgreSQLCannotKeep(t *testing.T) {
	db := databasetest.OpenPostgres(t)
	admin := open(t, db).as("admin", access.Admin, access.ProviderDomain)
	refused(t, admin.send("POST", "/api/v1/clients", map[string]any{"slug": "nul", "name": "a\x00b", "zone": "UTC", "currency": "EUR"}), 422, "http.nul")
}

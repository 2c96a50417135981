package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// serveVariable makes this test binary be muster itself.
const serveVariable = "MUSTER_TEST_SERVE"

// TestMain runs the tests, or muster for a test that needs a process to kill.
func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		defer profile()()
		main()
		return
	}
	os.Exit(m.Run())
}

// profile writes a CPU profile of a serving process when MUSTER_TEST_PROFILE names
// a file; it is whole when the process is asked to end.
func profile() (stop func()) {
	file, err := os.Create(os.Getenv("MUSTER_TEST_PROFILE"))
	if err != nil {
		return func() {}
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}
}

// world is one client with a queue, its agents, and a token for each caller.
type world struct {
	dir    string
	db     *database.DB // the test's own door to the rows
	client contract.Client
	queue  contract.Queue
	agents []people.Agent
	tokens []string // of the agents, in their order
	source string   // token of the system that reports contacts
}

// worldOn makes the world on SQLite or PostgreSQL.
func worldOn(t *testing.T, dialect database.Dialect, agents int) *world {
	t.Helper()
	dir := t.TempDir()
	o := database.Options{Path: filepath.Join(dir, "muster.db")}
	if dialect == database.PostgreSQL {
		o = databasetest.PostgresOptions(t, true)
	} else {
		require.NoError(t, database.Migrate(t.Context(), o))
	}
	return worldIn(t, dir, o, agents)
}

// worldIn makes the world in a migrated database.
func worldIn(t *testing.T, dir string, o database.Options, agents int) *world {
	t.Helper()
	w := &world{dir: dir}
	ctx, all := t.Context(), scope.Provider()
	var err error
	w.db, err = database.Open(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.db.Close() })
	contracts, staff := contract.NewService(w.db), people.NewService(w.db)
	require.NoError(t, contracts.SetUpProvider(ctx, contract.ProviderRow{Name: "Provider", Zone: "UTC", Locale: "en", Currency: "EUR"}))
	w.client, err = contracts.CreateClient(ctx, all, contract.Client{Slug: "bank", Name: "Bank", Zone: "UTC", Currency: "EUR"})
	require.NoError(t, err)
	lob, err := contracts.CreateLOB(ctx, all, contract.LOB{ClientID: w.client.ID, Slug: "cards", Name: "Cards"})
	require.NoError(t, err)
	skill, err := staff.CreateSkill(ctx, all, people.Skill{Slug: "cards", Name: "Cards"})
	require.NoError(t, err)
	w.queue, err = contracts.CreateQueue(ctx, all, contract.Queue{ClientID: w.client.ID, LOBID: lob.ID, Slug: "calls", Name: "Calls", Channel: contract.Voice, SkillID: skill.ID})
	require.NoError(t, err)
	_, err = contracts.SetTerms(ctx, all, contract.Terms{QueueID: w.queue.ID, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Concurrency: 1})
	require.NoError(t, err)
	site, err := staff.CreateSite(ctx, all, people.Site{Slug: "s", Name: "S", Zone: "UTC", Country: "CN"})
	require.NoError(t, err)
	team, err := staff.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "t", Name: "T"})
	require.NoError(t, err)
	hires := make([]people.Hire, agents)
	for i := range hires {
		hires[i] = people.Hire{Agent: people.Agent{Number: fmt.Sprint(i), Label: fmt.Sprint("A", i)}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior},
			Skills: []people.AgentSkill{{SkillID: skill.ID, Proficiency: 80}}, Clients: []ids.Client{w.client.ID}}
	}
	w.agents, err = staff.HireAll(ctx, all, hires)
	require.NoError(t, err)
	who, err := access.NewService(w.db, access.Settings{Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}}) // nobody attacks these passwords
	require.NoError(t, err)
	require.NoError(t, who.Prepare(ctx))
	token := func(login, role string, domain access.Domain, agent ids.Agent, scopes ...access.Permission) string {
		u, err := who.CreateUser(ctx, access.NewUser{Login: login, Password: "correct horse battery", Locale: "en", AgentID: agent})
		require.NoError(t, err)
		require.NoError(t, who.Grant(ctx, u.ID, role, domain, nil))
		text, _, err := who.CreateToken(ctx, u.ID, "test", scopes, nil)
		require.NoError(t, err)
		return text
	}
	w.source = token("cti", access.Admin, access.ProviderDomain, ids.Agent{}, access.Permission{Object: "contacts", Action: access.Edit})
	for i, a := range w.agents {
		w.tokens = append(w.tokens, token(fmt.Sprint("agent-", i), access.AgentRole, access.SelfDomain, a.ID, access.Permission{Object: "desk", Action: access.View}, access.Permission{Object: "desk", Action: access.Edit}))
	}
	return w
}

// node is a process of muster that a test starts and kills.
type node struct {
	t       *testing.T
	world   *world
	address string
	door    *proxy // by which callers reach it; nil: directly
	wire    *proxy // by which it reaches PostgreSQL; nil: directly
	command *exec.Cmd
}

// reach gives the address that callers use.
func (n *node) reach() string {
	if n.door != nil {
		return n.door.address
	}
	return n.address
}

// node makes a node with an address of its own; start starts it.
func (w *world) node(t *testing.T) *node {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n := &node{t: t, world: w, address: l.Addr().String()}
	require.NoError(t, l.Close())
	t.Cleanup(n.kill)
	return n
}

// start starts the process; it serves when ready returns.
func (n *node) start() {
	o := n.world.db.Options()
	args := []string{"serve", "--set", "data_dir=" + n.world.dir, "--set", "http.listen=" + n.address, "--set", "log.level=warn"}
	if o.URL != "" && n.wire != nil {
		o.URL = through(n.t, o.URL, n.wire)
	}
	if o.URL != "" {
		args = append(args, "--set", "database.url="+o.URL, "--set", "database.admin_url="+o.AdminURL, "--set", "database.max_connections=20")
	}
	n.command = exec.Command(os.Args[0], args...)
	n.command.Env = append(os.Environ(), serveVariable+"=1")
	n.command.Stderr = os.Stderr
	if err := n.command.Start(); err != nil {
		n.t.Errorf("muster serve: %v", err)
	}
}

// ready waits until the process takes requests.
func (n *node) ready(ctx context.Context) error {
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		pause(ctx, 20*time.Millisecond)
	}
	return ctx.Err()
}

// metric reads one figure of the process's /metrics.
func (n *node) metric(t *testing.T, name string) float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.address+"/metrics", nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			return v
		}
	}
	require.Fail(t, "no such figure", name)
	return 0
}

// stop asks the process to end and waits for it.
func (n *node) stop() {
	_ = n.command.Process.Signal(syscall.SIGTERM)
	_ = n.command.Wait()
	n.command = nil
}

// kill ends the process with SIGKILL, if it runs.
func (n *node) kill() {
	if n.command == nil {
		return
	}
	_ = n.command.Process.Signal(syscall.SIGKILL)
	_ = n.command.Wait()
	n.command = nil
}

// pause waits between two looks, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

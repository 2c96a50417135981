package backup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"muster/tenants/database"
	"muster/tenants/fault"
)

// postgresEngine copies and loads a PostgreSQL database with its own tools.
type postgresEngine struct{ options database.Options }

// connect signs in as the owner.
func (e postgresEngine) connect(ctx context.Context) (*pgx.Conn, error) {
	if e.options.AdminURL == "" {
		return nil, fault.New(fault.Invalid, "backup.admin_url", "database.admin_url is needed: only the owner can read and make all tables.")
	}
	conn, err := pgx.Connect(ctx, e.options.AdminURL)
	if err != nil {
		return nil, fmt.Errorf("backup: cannot connect with database.admin_url: %w", err)
	}
	return conn, nil
}

// copyTo implements engine.
func (e postgresEngine) copyTo(ctx context.Context, path string) error {
	// Compression is the archive's; owners and rights are those of the database it goes to.
	return e.run(ctx, "pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--file="+path)
}

// empty implements engine.
func (e postgresEngine) empty(ctx context.Context) error {
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var relations int
	err = conn.QueryRow(ctx, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'S')`).Scan(&relations)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if relations > 0 {
		return fault.New(fault.Conflict, "backup.not_empty", "The database holds tables; restore into a new one (createdb) and name it in database.url and database.admin_url.")
	}
	return nil
}

// load implements engine. The restore itself is one transaction; what follows
// can run again by restoring into another new database.
func (e postgresEngine) load(ctx context.Context, path string) error {
	if err := e.run(ctx, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", path); err != nil {
		return err
	}
	conn, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range []string{
		"DELETE FROM sessions",
		// Transaction numbers of the old cluster say nothing here: keep their order, below all that come.
		`UPDATE outbox o SET xid = r.place - r.total FROM
			(SELECT seq, row_number() OVER (ORDER BY xid, seq) AS place, count(*) OVER () AS total FROM outbox) r WHERE r.seq = o.seq`,
		"REVOKE ALL ON FUNCTION muster_ensure_months(bigint, bigint) FROM PUBLIC",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
	}
	return database.Migrate(ctx, e.options) // newer migrations, and the rights of the app role
}

// run runs a tool on the database; the password goes by the environment, where
// other users of the machine do not see it.
func (e postgresEngine) run(ctx context.Context, tool string, args ...string) error {
	program, err := e.find(ctx, tool)
	if err != nil {
		return err
	}
	target, password, err := withoutPassword(e.options.AdminURL)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, append([]string{"--dbname=" + target}, args...)...)
	command.Env = os.Environ()
	if password != "" {
		command.Env = append(command.Env, "PGPASSWORD="+password)
	}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("backup: %s failed: %w: %s", tool, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// withoutPassword takes the password out of a URL.
func withoutPassword(raw string) (clean, password string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", errors.New("backup: database.admin_url is no URL")
	}
	if u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	if q := u.Query(); q.Has("password") {
		password = q.Get("password")
		q.Del("password")
		u.RawQuery = q.Encode()
	}
	return u.String(), password, nil
}

// majorVersion is the first number in the answer to --version.
var majorVersion = regexp.MustCompile(`\d+`)

// find gives a tool that is at least as new as the server: pg_dump refuses
// newer servers.
func (e postgresEngine) find(ctx context.Context, tool string) (string, error) {
	conn, err := e.connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	var server string
	if err := conn.QueryRow(ctx, "SHOW server_version_num").Scan(&server); err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	number, err := strconv.Atoi(server)
	if err != nil {
		return "", fmt.Errorf("backup: server version %q: %w", server, err)
	}
	need := number / 10000
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + tool)
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	slices.Reverse(candidates)
	if onPath, err := exec.LookPath(tool); err == nil {
		candidates = append([]string{onPath}, candidates...)
	}
	for _, c := range candidates {
		out, err := exec.CommandContext(ctx, c, "--version").Output()
		if err != nil {
			continue
		}
		if major, err := strconv.Atoi(majorVersion.FindString(string(out))); err == nil && major >= need {
			return c, nil
		}
	}
	return "", fault.Newf(fault.Unavailable, "backup.tool", "%s of PostgreSQL %d or newer is needed on PATH; on Debian: apt-get install postgresql-client.", tool, need).With("tool", tool)
}

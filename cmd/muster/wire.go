package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"muster/billing"
	"muster/config"
	"muster/frontend"
	"muster/reporting"
	"muster/reporting/supervision"
	"muster/routing"
	"muster/routing/customers"
	"muster/routing/facts"
	"muster/routing/feeds"
	"muster/routing/intake"
	"muster/scheduling"
	"muster/server"
	"muster/tenants/access"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/files"
	"muster/tenants/jobs"
	"muster/tenants/people"
	"muster/tenants/secrets"
	"muster/tenants/webhooks"
)

// house is every service of one process, wired on one door to the rows.
type house struct {
	settings  config.Settings
	log       *slog.Logger
	db        *database.DB
	access    *access.Service
	contracts *contract.Service
	people    *people.Service
	jobs      *jobs.Queue
	pool      *jobs.Pool
	audit     *audit.Log
	files     *files.Store
	box       *secrets.Box
	events    *events.Stream
	intake    *intake.Service
	feeds     *feeds.Service
	facts     *facts.Service
	reports   *reporting.Service
	billing   *billing.Service
	planning  *scheduling.Service
	live      *routing.Live
	webhooks  *webhooks.Service
	floor     *supervision.Service
}

// databaseOptions says where the rows are by the settings.
func databaseOptions(s config.Settings, log *slog.Logger) database.Options {
	o := database.Options{URL: s.Database.URL, AdminURL: s.Database.AdminURL, MaxConns: s.Database.MaxConnections, Logger: log}
	if s.Database.Embedded() {
		o.Path = filepath.Join(s.DataDir, "muster.db")
	}
	return o
}

// newLogger makes the log on standard error.
func newLogger(s config.Settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.Log.Level)) // the settings were checked
	o := &slog.HandlerOptions{Level: level}
	if s.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, o))
}

// openHouse migrates where this process may, opens the door and makes the services.
func openHouse(ctx context.Context, s config.Settings, log *slog.Logger, adjust func(*database.Options)) (*house, error) {
	o := databaseOptions(s, log)
	if adjust != nil {
		adjust(&o)
	}
	if s.Database.Embedded() || s.Database.AdminURL != "" {
		if err := database.Migrate(ctx, o); err != nil {
			return nil, err
		}
	}
	db, err := database.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	h := &house{settings: s, log: log, db: db, contracts: contract.NewService(db), people: people.NewService(db), jobs: jobs.New(db), files: files.New(db), events: events.New(db)}
	h.facts = facts.NewService(db, h.contracts)
	h.intake = intake.NewService(db, h.contracts, h.people)
	h.feeds = feeds.NewService(db)
	h.live = routing.New(db, h.contracts, h.people, nodeName(), log)
	h.reports = reporting.NewService(db)
	h.billing = billing.NewService(db, h.reports)
	h.planning = scheduling.New(db, scheduling.Services{Contracts: h.contracts, People: h.people, Facts: h.facts, Jobs: h.jobs, Events: h.events, Live: h.live})
	h.pool = jobs.NewPool(h.jobs, jobs.Options{Workers: s.Jobs.Workers, Poll: s.Jobs.PollInterval, Lease: s.Jobs.Lease, Logger: log})
	h.intake.HandleJobs(h.pool, h.files, func(ctx context.Context) {
		if _, err := h.facts.RollUp(ctx, nil); err != nil && ctx.Err() == nil {
			log.Error("facts are behind", "error", err)
		}
	})
	h.planning.Handlers(h.pool)
	h.access, err = access.NewService(db, access.Settings{
		SessionIdle: calendar.Instant(s.Access.SessionIdle.Microseconds()), SessionMax: calendar.Instant(s.Access.SessionLifetime.Microseconds()), RefuseDemo: s.Mode == config.Production})
	if err == nil {
		err = h.openSecrets()
	}
	if err == nil {
		err = h.check(ctx)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return h, nil
}

// openSecrets opens the key file; outside of production a missing one is made beside the data.
func (h *house) openSecrets() error {
	path := h.settings.Secrets.KeyFile
	if path == "" {
		path = filepath.Join(h.settings.DataDir, "secret.key")
		if err := os.MkdirAll(h.settings.DataDir, 0o700); err != nil {
			return err
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if err := secrets.MakeFile(path); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
	}
	box, err := secrets.OpenFile(path)
	if err != nil {
		return err
	}
	h.box, h.audit = box, audit.New(h.db, box)
	h.webhooks = webhooks.New(h.db, box, h.events, h.settings.Mode != config.Production)
	h.floor = supervision.New(h.db, supervision.Services{Live: h.live, Planning: h.planning, Contracts: h.contracts, People: h.people, Facts: h.facts, Billing: h.billing, Events: h.events, Audit: h.audit}, h.log)
	h.live.UseSecrets(box)
	return nil
}

// check refuses a schema that is older than the binary and stores missing built-in roles.
func (h *house) check(ctx context.Context) error {
	applied, known, err := h.db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if applied < known {
		return fmt.Errorf("the schema has version %d and this binary needs %d; run muster migrate with database.admin_url", applied, known)
	}
	return h.access.Prepare(ctx)
}

// door builds the HTTP server of the house.
func (h *house) door() (*server.Server, error) {
	return server.New(h.settings, server.Deps{
		DB:          h.db,
		Access:      h.access,
		Contracts:   h.contracts,
		People:      h.people,
		Jobs:        h.jobs,
		Audit:       h.audit,
		Files:       h.files,
		Events:      h.events,
		Live:        h.live,
		Intake:      h.intake,
		Reports:     h.reports,
		Billing:     h.billing,
		Scheduling:  h.planning,
		Customers:   customers.NewService(h.db),
		Webhooks:    h.webhooks,
		Feeds:       h.feeds,
		Box:         h.box,
		Screens:     frontend.Files(),
		Supervision: h.floor,
	}, h.log, version)
}

// nodeName names this process in leases: host and process, and a number that no
// earlier process of the same host and number had.
func nodeName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return fmt.Sprintf("%s-%d-%d", host, os.Getpid(), time.Now().UnixNano())
}

// close closes the door to the rows.
func (h *house) close() { _ = h.db.Close() }

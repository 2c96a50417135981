package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"muster/server"
	"muster/tenants/access"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
)

// newServeCommand runs one node.
func newServeCommand() *cobra.Command {
	var flags settingsFlags
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the screens, and work on jobs",
		Long: `Serves the API and the screens and works on background jobs.

On an empty database it makes the first administrator and prints the password once.
Any number of nodes may serve one PostgreSQL; the embedded database takes one.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := flags.load(nil)
			if err != nil {
				return err
			}
			h, err := openHouse(cmd.Context(), s, newLogger(s), nil)
			if err != nil {
				return err
			}
			defer h.close()
			if err := h.firstStart(cmd.Context(), cmd.OutOrStdout()); err != nil {
				return err
			}
			return h.serve(cmd.Context(), func(address string) { fmt.Fprintf(cmd.OutOrStdout(), "muster serves http://%s\n", address) })
		},
	}
	flags.add(command)
	return command
}

// newMigrateCommand brings the schema up to date.
func newMigrateCommand() *cobra.Command {
	var flags settingsFlags
	command := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema up to date (PostgreSQL needs database.admin_url)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := flags.load(nil)
			if err != nil {
				return err
			}
			o := databaseOptions(s, newLogger(s))
			if err := database.Migrate(cmd.Context(), o); err != nil {
				return err
			}
			db, err := database.Open(cmd.Context(), o)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			applied, _, err := db.SchemaVersion(cmd.Context())
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "schema version %d\n", applied)
			}
			return err
		},
	}
	flags.add(command)
	return command
}

// newOpenAPICommand prints the description of the API, from which the screens' client is generated.
func newOpenAPICommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI 3.1 description of the API",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := server.Describe()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(text)
			}
			return err
		},
	}
}

// garbagePercent is how much the heap may grow between collections. A node's heap is
// small beside its machine, and each request leaves some waste behind: collecting
// less often costs some memory and saves a tenth of the processor under load.
// GOGC in the environment goes before it.
const garbagePercent = 400

// serve runs the jobs and the door until the context ends; what was accepted is finished.
func (h *house) serve(ctx context.Context, ready func(string)) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	door, err := h.door()
	if err != nil {
		return err
	}
	if err := h.live.Prepare(ctx); err != nil {
		return err
	}
	if err := h.tidyHourly(ctx); err != nil {
		return err
	}
	if err := h.planning.Nightly(ctx, h.settings.Zone, h.pool); err != nil {
		return err
	}
	// The parts outlast the door: a request that it finishes while it stops still
	// needs the floor behind it.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	behind, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	parts := []func(context.Context) error{h.pool.Run, h.live.Run, h.live.Errands, h.floor.Run, h.keepFacts, h.webhooks.Run}
	worked := make(chan error, len(parts))
	for _, run := range parts {
		go func() {
			err := run(behind)
			if err != nil {
				stop()
			}
			worked <- err
		}()
	}
	err = door.Serve(ctx, ready)
	cancel()
	errs := []error{err}
	for range parts {
		errs = append(errs, <-worked)
	}
	return errors.Join(errs...)
}

// factsEvery is how far the facts of the live floor may lag.
const factsEvery = 5 * time.Second

// keepFacts rolls marked buckets up until the context ends. Any number of nodes
// may do it: a mark is taken by one.
func (h *house) keepFacts(ctx context.Context) error {
	tick := time.NewTicker(factsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := h.feeds.SettleAll(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("feeds wait for mapped names", "error", err)
		}
		if _, err := h.facts.RollUp(ctx, nil); err != nil && ctx.Err() == nil {
			h.log.Error("facts are behind", "error", err)
		}
	}
}

// firstStart makes provider and administrator on an empty database.
func (h *house) firstStart(ctx context.Context, out io.Writer) error {
	if _, err := h.contracts.Provider(ctx); fault.KindOf(err) == fault.NotFound {
		if err := h.contracts.SetUpProvider(ctx, contract.ProviderRow{Name: "muster", Zone: h.settings.Zone, Locale: h.settings.Locale, Currency: "CNY"}); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
	} else if err != nil {
		return err
	}
	users, err := h.access.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	password := rand.Text()[:20]
	admin, err := h.access.CreateUser(ctx, access.NewUser{Login: "admin", Display: "Administrator", Password: password, Locale: h.settings.Locale, MustChange: true})
	if fault.KindOf(err) == fault.Conflict {
		return nil // another node was first
	}
	if err != nil {
		return err
	}
	if err := h.access.Grant(ctx, admin.ID, access.Admin, access.ProviderDomain, nil); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nFirst start: sign in as %q with the password %q and change it.\nThe start page then leads through client, queues, people, contract and first import.\n\n", "admin", password)
	return nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// newPlanCommand builds `muster plan …`, planning on the stored history.
func newPlanCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "plan",
		Short: "Forecast, staff and roster the clients of this installation from their imported history",
		Long: `Plans the clients of this installation from the history that was imported, as the screens do:
a forecast per client, the staffing of a forecast, a roster over the staffing of one or several
clients. Every step stores a draft version; publish puts it in force.

"muster forecast", "muster staffing" and "muster roster" do the same on files, without a database.`,
	}
	flags := &deskFlags{}
	flags.add(command)
	command.AddCommand(newPlanForecastCommand(flags), newPlanLongCommand(flags), newPlanStaffingCommand(flags), newPlanRosterCommand(flags), newPlanPublishCommand(flags), newPlanCommitCommand(flags), newPlanUploadCommand(flags),
		newPlanExportCommand(flags), newPlanEditCommand(flags), newPlanWhatIfCommand(flags), newPlanRetrainCommand(flags), newPlanAccuracyCommand(flags))
	return command
}

// during runs a step of planning under a progress bar.
func during(what string, step func(scheduling.Progress) error) error {
	b := newBar(what)
	defer b.done()
	return step(func(done float64, _ string) { b.rows(int64(done*1000), 1000) })
}

// newPlanForecastCommand forecasts a client.
func newPlanForecastCommand(flags *deskFlags) *cobra.Command {
	var client, from, name string
	var days int
	var publish bool
	command := &cobra.Command{
		Use:   "forecast --client SLUG --from YYYY-MM-DD",
		Short: "Forecast the contacts of a client's queues from its history before a date",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			first, err := calendar.ParseDate(from)
			if err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				zone, err := calendar.Zone(c.Zone)
				if err != nil {
					return err
				}
				var f scheduling.Forecast
				err = during("forecast", func(p scheduling.Progress) error {
					f, err = d.planning.CreateForecast(ctx, scope.Provider(), scheduling.NewForecast{Client: c.ID, Name: name, Origin: first.At(0, zone), From: first, Days: days}, p)
					return err
				})
				if err == nil && publish {
					f, err = d.planning.PublishForecast(ctx, scope.Provider(), f.ID)
				}
				if err != nil {
					return err
				}
				return d.print(f, func(w io.Writer) {
					fmt.Fprintf(w, "forecast %s\tversion %d of %s\t%d days from %s\t%s\n", f.ID, f.Version, c.Slug, f.Settings.Days, first, f.Status)
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug")
	f.StringVar(&from, "from", "", "first business date to forecast; the history before it is used")
	f.IntVar(&days, "days", 28, "how many days to forecast")
	f.StringVar(&name, "name", "", "name of the forecast")
	f.BoolVar(&publish, "publish", false, "put the forecast in force at once")
	_ = command.MarkFlagRequired("client") // the flags exist
	_ = command.MarkFlagRequired("from")
	return command
}

// newPlanStaffingCommand computes the requirement of a forecast.
func newPlanStaffingCommand(flags *deskFlags) *cobra.Command {
	var client, forecast string
	var quantile float64
	command := &cobra.Command{
		Use:   "staffing --client SLUG [--forecast ID]",
		Short: "Compute how many agents each interval of a client's newest forecast needs",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				id, err := d.forecastOf(ctx, client, forecast)
				if err != nil {
					return err
				}
				var plan scheduling.Plan
				err = during("staffing", func(p scheduling.Progress) error {
					plan, err = d.planning.CreatePlan(ctx, scope.Provider(), scheduling.NewPlan{Forecast: id, Quantile: quantile}, p)
					return err
				})
				if err != nil {
					return err
				}
				return d.print(plan, func(w io.Writer) {
					fmt.Fprintf(w, "staffing %s\tversion %d\n", plan.ID, plan.Version)
					for _, q := range plan.Settings.Queues {
						fmt.Fprintf(w, "queue %s\t%.1f seat hours\t%.1f hours to roster\n", q.QueueID, q.SeatHours, q.RosterHours)
					}
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug")
	f.StringVar(&forecast, "forecast", "", "id of the forecast (the client's newest when empty)")
	f.Float64Var(&quantile, "quantile", 0, "quantile of the volume to staff for, 0.1 to 0.9; 0 is the mean")
	_ = command.MarkFlagRequired("client") // the flag exists
	return command
}

// forecastOf gives the named forecast, or the newest that somebody made of the client.
func (d *desk) forecastOf(ctx context.Context, slug, text string) (ids.Forecast, error) {
	c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), slug)
	if err != nil {
		return ids.Forecast{}, err
	}
	if text != "" {
		return parseID[ids.Forecast]("forecast", text)
	}
	all, err := d.planning.Forecasts(ctx, scope.Provider(), c.ID, true)
	if err != nil {
		return ids.Forecast{}, err
	}
	all = slices.DeleteFunc(all, func(f scheduling.Forecast) bool {
		return f.Settings.Source != scheduling.SourceEngine || f.Settings.Nightly
	})
	if len(all) == 0 {
		return ids.Forecast{}, fault.Newf(fault.NotFound, "forecast.none", "The client %q has no forecast; make one first with muster plan forecast.", slug).With("client", slug)
	}
	return slices.MaxFunc(all, func(a, b scheduling.Forecast) int { return a.Version - b.Version }).ID, nil
}

// idPointer is a pointer to an id that reads its text.
type idPointer[T any] interface {
	*T
	UnmarshalText([]byte) error
}

// parseID reads an id from the command line.
func parseID[T any, P idPointer[T]](what, text string) (T, error) {
	var id T
	if err := P(&id).UnmarshalText([]byte(text)); err != nil {
		return id, fault.Newf(fault.Invalid, "plan.bad_id", "%q is not the id of a %s: want 8-4-4-4-12 hexadecimal digits.", text, what).With("id", text)
	}
	return id, nil
}

// newPlanRosterCommand solves a roster.
func newPlanRosterCommand(flags *deskFlags) *cobra.Command {
	var clients []string
	var from string
	var publish bool
	n := scheduling.NewRoster{}
	command := &cobra.Command{
		Use:   "roster --client SLUG... --from YYYY-MM-DD",
		Short: "Build a roster over the newest staffing of one or several clients",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			first, err := calendar.ParseDate(from)
			if err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			n.From = first
			if n.Name == "" {
				n.Name = "Roster from " + from
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				for _, slug := range clients {
					id, err := d.planOf(ctx, slug)
					if err != nil {
						return err
					}
					n.Plans = append(n.Plans, id)
				}
				var r scheduling.Roster
				err := during("roster", func(p scheduling.Progress) (err error) {
					r, err = d.planning.CreateRoster(ctx, scope.Provider(), n, p)
					return err
				})
				if err == nil && publish {
					r, err = d.planning.PublishRoster(ctx, scope.Provider(), r.ID)
				}
				if err != nil {
					return err
				}
				return d.print(r, func(w io.Writer) { printRosterSummary(w, r) })
			})
		},
	}
	f := command.Flags()
	f.StringArrayVar(&clients, "client", nil, "client's slug; may be repeated for agents who serve several")
	f.StringVar(&from, "from", "", "first date of the roster")
	f.IntVar(&n.Days, "days", 7, "how many days, up to 92")
	f.StringVar(&n.Name, "name", "", "name of the roster; versions of one name follow each other")
	f.Uint64Var(&n.Seed, "seed", 1, "seed of the search")
	f.Int64Var(&n.Moves, "moves", 0, "moves of the search, the same on every machine (0: the engine's default)")
	f.IntVar(&n.Seconds, "seconds", 0, "seconds to search instead of moves")
	f.BoolVar(&publish, "publish", false, "put the roster in force at once")
	_ = command.MarkFlagRequired("client") // the flags exist
	_ = command.MarkFlagRequired("from")
	return command
}

// planOf gives the newest staffing of a client.
func (d *desk) planOf(ctx context.Context, slug string) (ids.Staffing, error) {
	var c contract.Client
	c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), slug)
	if err != nil {
		return ids.Staffing{}, err
	}
	all, err := d.planning.Plans(ctx, scope.Provider(), c.ID)
	if err != nil {
		return ids.Staffing{}, err
	}
	if len(all) == 0 {
		return ids.Staffing{}, fault.Newf(fault.NotFound, "staffing.none", "The client %q has no staffing; make it first with muster plan staffing.", slug).With("client", slug)
	}
	return slices.MaxFunc(all, func(a, b scheduling.Plan) int { return a.Version - b.Version }).ID, nil
}

// printRosterSummary writes what a planner asks about a roster first.
func printRosterSummary(w io.Writer, r scheduling.Roster) {
	s := r.Summary
	covered := 100.0
	if s.RequiredMinutes > 0 {
		covered = 100 * float64(s.MetMinutes) / float64(s.RequiredMinutes)
	}
	fmt.Fprintf(w, "roster %s\tversion %d of %s\t%s – %s\t%s\n", r.ID, r.Version, r.Name, r.FromDay, r.ToDay-1, r.Status)
	fmt.Fprintf(w, "%d shifts\t%.1f %% of the required hours covered\t%d of %d intervals short\t%d hard rules broken\n", s.Shifts, covered, s.Short, s.Intervals, s.Score["hard"])
}

// newPlanPublishCommand puts a draft in force.
func newPlanPublishCommand(flags *deskFlags) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   "publish forecast|roster ID",
		Short: "Put a draft forecast or roster in force",
		Long: `Puts a draft in force. A forecast that moves days to come further from what is committed and locked than
is tolerated is refused, unless --reason says why the lock is opened.`,
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"forecast", "roster"},
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				switch args[0] {
				case "forecast":
					id, err := parseID[ids.Forecast]("forecast", args[1])
					if err != nil {
						return err
					}
					f, err := d.planning.PublishForecastBy(ctx, scope.Provider(), id, scheduling.CommitRequest{Reason: reason, MayUnlock: reason != ""})
					if err != nil {
						return err
					}
					return d.print(f, func(w io.Writer) { fmt.Fprintf(w, "forecast %s version %d is %s\n", f.ID, f.Version, f.Status) })
				case "roster":
					id, err := rosterID(args[1])
					if err != nil {
						return err
					}
					r, err := d.planning.PublishRoster(ctx, scope.Provider(), id)
					if err != nil {
						return err
					}
					return d.print(r, func(w io.Writer) { printRosterSummary(w, r) })
				}
				return fmt.Errorf("%q cannot be published; use forecast or roster", args[0])
			})
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "open the locks in the way of a forecast, for this reason")
	return command
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// newPlanCommitCommand commits a version to the client.
func newPlanCommitCommand(flags *deskFlags) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use:   "commit FORECAST_ID",
		Short: "Commit a published forecast to the client, a commitment per fiscal month",
		Long: `Commits a published version, or one that the client handed in. A lock that it departs from keeps it
from being committed (exit code 1), unless --reason says why the lock is opened.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				id, err := parseID[ids.Forecast]("forecast", args[0])
				if err != nil {
					return err
				}
				f, err := d.planning.CommitForecast(ctx, scope.Provider(), id, scheduling.CommitRequest{Reason: reason, MayUnlock: reason != ""})
				if fault.CodeOf(err) == "forecast.locked" {
					fmt.Fprintln(command.ErrOrStderr(), err)
					return exitError{exitFailure}
				}
				if err != nil {
					return err
				}
				return d.print(f, func(w io.Writer) { fmt.Fprintf(w, "forecast %s version %d is %s\n", f.ID, f.Version, f.Status) })
			})
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "open the locks in the way, for this reason")
	return command
}

// newPlanUploadCommand stores a client's own forecast.
func newPlanUploadCommand(flags *deskFlags) *cobra.Command {
	var client, name string
	command := &cobra.Command{
		Use:   "upload FILE --client SLUG",
		Short: "Store the client's own forecast (CSV or .xlsx) beside ours",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				f, err := d.planning.ImportForecast(ctx, scope.Provider(), scheduling.NewClientForecast{Client: c.ID, Name: name, FileName: filepath.Base(args[0]), Text: content})
				if err != nil {
					return err
				}
				return d.print(f, func(w io.Writer) {
					fmt.Fprintf(w, "forecast %s\tversion %d of %s\t%d days\t%s\tsha256 %s\n", f.ID, f.Version, c.Slug, f.Settings.Days, f.Status, f.Settings.FileSHA256)
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug")
	f.StringVar(&name, "name", "", "name of the version")
	_ = command.MarkFlagRequired("client") // the flag exists
	return command
}

// newPlanExportCommand writes a version to a file.
func newPlanExportCommand(flags *deskFlags) *cobra.Command {
	var out string
	command := &cobra.Command{
		Use:   "export FORECAST_ID --out FILE.xlsx|FILE.csv",
		Short: "Write a forecast to Excel or CSV, to edit and bring back with muster plan edit",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				id, err := parseID[ids.Forecast]("forecast", args[0])
				if err != nil {
					return err
				}
				f, err := d.planning.Forecast(ctx, scope.Provider(), id)
				if err != nil {
					return err
				}
				write := d.planning.ForecastCSV
				if strings.EqualFold(filepath.Ext(out), ".xlsx") {
					write = d.planning.ForecastWorkbook
				}
				content, err := write(ctx, scope.Provider(), f)
				if err != nil {
					return err
				}
				return writeTo(command, out, func(w io.Writer) error {
					_, err := w.Write(content)
					return err
				})
			})
		},
	}
	command.Flags().StringVar(&out, "out", "", "file to write; .xlsx is a workbook, anything else CSV")
	_ = command.MarkFlagRequired("out") // the flag exists
	return command
}

// newPlanEditCommand brings an edited file back.
func newPlanEditCommand(flags *deskFlags) *cobra.Command {
	var name string
	var dryRun bool
	command := &cobra.Command{
		Use:   "edit FORECAST_ID FILE [--dry-run]",
		Short: "Make what an edited .xlsx or CSV of a forecast changes one named adjustment",
		Args:  cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, args []string) error {
			content, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				id, err := parseID[ids.Forecast]("forecast", args[0])
				if err != nil {
					return err
				}
				e := scheduling.EditFile{Name: name, FileName: filepath.Base(args[1]), Content: content}
				if dryRun {
					diff, err := d.planning.PreviewEdits(ctx, scope.Provider(), id, e)
					if err != nil {
						return err
					}
					return d.print(diff, func(w io.Writer) { printDifference(w, diff) })
				}
				f, diff, err := d.planning.ImportEdits(ctx, scope.Provider(), id, e)
				if err != nil {
					return err
				}
				return d.print(f, func(w io.Writer) {
					fmt.Fprintf(w, "forecast %s version %d is %s\n", f.ID, f.Version, f.Status)
					printDifference(w, diff)
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&name, "name", "", "name of the adjustment (the file's when empty)")
	f.BoolVar(&dryRun, "dry-run", false, "only say what would change")
	return command
}

// printDifference writes the days that a file changes.
func printDifference(w io.Writer, d scheduling.FileDifference) {
	fmt.Fprintf(w, "%d of %d intervals change, %.1f contacts become %.1f\n", d.Changed, d.Rows, d.Before, d.After)
	for _, day := range d.Days {
		fmt.Fprintf(w, "queue %s\t%s\t%d intervals\t%.1f -> %.1f\n", day.QueueID, day.Day, day.Intervals, day.Before, day.After)
	}
	for _, i := range d.Issues {
		fmt.Fprintf(w, "line %d\t%s\t%s\n", i.Line, i.Sheet, i.Text)
	}
}

// newPlanWhatIfCommand names a scenario and prints its outcome.
func newPlanWhatIfCommand(flags *deskFlags) *cobra.Command {
	var name, from, to, forecast, client string
	var multiply, deflect, handling float64
	var promote bool
	command := &cobra.Command{
		Use:   "whatif --client SLUG --name NAME --from YYYY-MM-DD --to YYYY-MM-DD --multiply 3",
		Short: "Store a named what-if on a forecast and say what it needs and costs",
		Long: `Stores a scenario on the client's newest forecast of ours (or --forecast): the contacts of the dates
--from to --to, both included, are multiplied (--multiply), settled by the bot (--deflect, a share) or
take longer (--handling, a factor). It is staffed under the terms in force and priced by the pay of
those who can serve the queues. --promote makes a draft version of it.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			first, err := calendar.ParseDate(from)
			if err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			last, err := calendar.ParseDate(to)
			if err != nil {
				return fmt.Errorf("--to: %w", err)
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				id, err := d.forecastOf(ctx, client, forecast)
				if err != nil {
					return err
				}
				f, err := d.planning.Forecast(ctx, scope.Provider(), id)
				if err != nil {
					return err
				}
				zone, err := calendar.Zone(f.Zone)
				if err != nil {
					return err
				}
				n := scheduling.NewScenario{Forecast: id, Name: name}
				for _, a := range []struct {
					flag  string
					kind  scheduling.AdjustmentKind
					value float64
				}{{"multiply", scheduling.Multiply, multiply}, {"deflect", scheduling.Deflect, deflect}, {"handling", scheduling.Handling, handling}} {
					if command.Flags().Changed(a.flag) {
						n.Adjustments = append(n.Adjustments, scheduling.Adjustment{Name: name, Kind: a.kind, From: first.At(0, zone), To: (last + 1).At(0, zone), Value: a.value})
					}
				}
				v, err := d.planning.CreateScenario(ctx, scope.Provider(), n)
				if err != nil {
					return err
				}
				out, err := d.planning.EvaluateScenario(ctx, scope.Provider(), v.ID, true)
				if err == nil && promote {
					_, err = d.planning.PromoteScenario(ctx, scope.Provider(), v.ID, ids.User{})
				}
				if err != nil {
					return err
				}
				return d.print(out, func(w io.Writer) { printWhatIf(w, v, out) })
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug")
	f.StringVar(&forecast, "forecast", "", "id of the base (the client's newest forecast of ours when empty)")
	f.StringVar(&name, "name", "", "name of the scenario")
	f.StringVar(&from, "from", "", "first date")
	f.StringVar(&to, "to", "", "last date")
	f.Float64Var(&multiply, "multiply", 1, "factor of the contacts")
	f.Float64Var(&deflect, "deflect", 0, "share that the bot settles, 0 to 1")
	f.Float64Var(&handling, "handling", 1, "factor of the handling times")
	f.BoolVar(&promote, "promote", false, "make a draft version of it")
	for _, flag := range []string{"client", "name", "from", "to"} {
		_ = command.MarkFlagRequired(flag) // the flags exist
	}
	return command
}

// printWhatIf writes the scenario beside its base.
func printWhatIf(w io.Writer, v scheduling.Scenario, out scheduling.WhatIf) {
	fmt.Fprintf(w, "scenario %s\t%s\n", v.ID, v.Name)
	fmt.Fprintln(w, "day\tcontacts\t\tseat hours\t\tFTE\t\tcost\t")
	row := func(label string, a, b scheduling.WhatIfFigures) {
		cost := func(f scheduling.WhatIfFigures) string {
			if f.Cost == nil {
				return "unknown"
			}
			return f.Cost.String()
		}
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%s\t%s\n", label, a.Volume, b.Volume, a.SeatHours, b.SeatHours, a.FTE, b.FTE, cost(a), cost(b))
	}
	for _, d := range out.Days {
		row(d.Day.String(), d.Base, d.Scenario)
	}
	row("total", out.Base, out.Scenario)
	for _, n := range out.Notes {
		fmt.Fprintln(w, n)
	}
}

// newPlanRetrainCommand trains a client's queues anew.
func newPlanRetrainCommand(flags *deskFlags) *cobra.Command {
	var client string
	command := &cobra.Command{
		Use:   "retrain --client SLUG",
		Short: "Train a client's queues anew beside what is published, as every night",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				var r scheduling.ForecastReport
				err = during("training", func(p scheduling.Progress) error {
					r, err = d.planning.Retrain(ctx, scope.Provider(), c.ID, ids.User{}, p)
					return err
				})
				if err != nil {
					return err
				}
				return d.print(r, func(w io.Writer) { printReport(w, c, r) })
			})
		},
	}
	command.Flags().StringVar(&client, "client", "", "client's slug")
	_ = command.MarkFlagRequired("client") // the flag exists
	return command
}

// printReport writes what a training found.
func printReport(w io.Writer, c contract.Client, r scheduling.ForecastReport) {
	if r.Report.Error != "" {
		fmt.Fprintf(w, "%s: no forecast: %s\n", c.Slug, r.Report.Detail)
		return
	}
	fmt.Fprintf(w, "%s: draft %s, version %d, %d queues drift, %d special days are proposed, %d old drafts removed\n", c.Slug, r.ForecastID, r.Report.Version, r.Report.Drifting, r.Report.Proposals, r.Report.Removed)
	percent := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf("%.1f %%", 100**v)
	}
	for _, q := range r.Report.Queues {
		for _, b := range q.Backtest {
			fmt.Fprintf(w, "queue %s\t%s\t%s\tWAPE %s\tbias %s\tfloor %s\n", q.QueueID, b.Lead, b.Method, percent(b.WAPE), percent(b.Bias), percent(b.Floor))
		}
		for _, k := range q.Weeks {
			fmt.Fprintf(w, "queue %s\tweek of %s\tpublished %.0f\tnow %.0f\t%s\n", q.QueueID, k.Week, k.Published, k.Fresh, percent(k.Share))
		}
	}
}

// newPlanAccuracyCommand prints how published forecasts did.
func newPlanAccuracyCommand(flags *deskFlags) *cobra.Command {
	var client, source string
	var versions int
	command := &cobra.Command{
		Use:   "accuracy [--client SLUG]",
		Short: "How published forecasts did, per week and lead, as CSV",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				q := scheduling.AccuracyQuery{Source: source, Limit: versions}
				if client != "" {
					c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
					if err != nil {
						return err
					}
					q.Client = c.ID
				}
				if d.json {
					leads, err := d.planning.AccuracyByLead(ctx, scope.Provider(), q, true)
					if err != nil {
						return err
					}
					return d.print(leads, nil)
				}
				text, err := d.planning.AccuracyCSV(ctx, scope.Provider(), q)
				if err != nil {
					return err
				}
				_, err = d.out.Write(text)
				return err
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug (all when empty)")
	f.StringVar(&source, "source", scheduling.SourceEngine, "engine (ours), client (its own) or all")
	f.IntVar(&versions, "versions", 0, "newest versions to read (0: 12)")
	return command
}

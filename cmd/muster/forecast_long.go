package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"muster/scheduling"
	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/scope"
)

// longGrains are what a long-range forecast is written by.
var longGrains = []string{"week", "day"}

// grainOf reads --by.
func grainOf(by string) error {
	if !slices.Contains(longGrains, by) {
		return fmt.Errorf("--by %q: want one of %s", by, strings.Join(longGrains, ", "))
	}
	return nil
}

// newForecastLongCommand builds `muster forecast long-range`.
func newForecastLongCommand() *cobra.Command {
	var f forecastFlags
	var origin, by, out, total string
	cmd := &cobra.Command{
		Use:   "long-range --history FILE --horizon 64w --by week --out FILE",
		Short: "Forecast days or weeks, 64 and more weeks ahead, the queues adding up to their total",
		Long: `Forecast the days or weeks of every queue of a history file, a year and more ahead. Several queues are forecast
together with their sum, and both are reconciled: each moves the less the surer its back-test is of it, so that the
queues of every line add up to the total exactly.

Writes columns queue,start,days,volume,low,high, one row per queue and week (from Monday) or day, the total last;
start is a date of --zone, days how many of the week lie within the forecast, low and high the 10 and 90 per cent
quantiles with days of a week taken to err together. No database is needed.
` + forecastFileHelp,
		Example: "  muster forecast long-range --history calls.csv.gz --interval 30m --zone Europe/Paris --horizon 64w --by week --out weeks.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := grainOf(by); err != nil {
				return err
			}
			in, err := f.input()
			if err != nil {
				return err
			}
			if origin != "" {
				if in.Origin, err = forecast.ParseTime(origin, in.Zone); err != nil {
					return fmt.Errorf("--origin: %w", err)
				}
			}
			span, err := parseSpan("horizon", f.horizon)
			if err != nil {
				return err
			}
			in.Until = forecast.HorizonEnd(in.End(), in.Zone, span)
			for i := range in.Series {
				if in.Series[i].Key == total {
					return fmt.Errorf("--total %q: a queue of the history has this name; choose another", total)
				}
				in.Series[i].Group = total
			}
			limitMemory()
			got, err := forecast.LongRange(cmd.Context(), in)
			if err != nil {
				return err
			}
			return writeFile(out, cmd.OutOrStdout(), func(w io.Writer) error { return writeLong(w, got, by) })
		},
	}
	f.register(cmd, "64w")
	fl := cmd.Flags()
	fl.StringVar(&by, "by", "week", "week or day")
	fl.StringVar(&origin, "origin", "", "end of the history, e.g. 2003-08-04T00:00:00; default: its last row")
	fl.StringVar(&total, "total", "TOTAL", "name of the sum of the queues in the output")
	fl.StringVar(&out, "out", "-", "output file, - for standard output")
	return cmd
}

// writeLong writes queues and their total as CSV.
func writeLong(w io.Writer, out forecast.LongOutput, by string) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"queue", "start", "days", "volume", "low", "high"}); err != nil {
		return err
	}
	num := func(v float64) string { return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64) }
	for _, s := range slices.Concat(out.Series, out.Groups) {
		rows, inWeek := s.Days, map[forecast.Date]int{}
		if by == "week" {
			rows = s.Weeks
			for _, d := range s.Days {
				inWeek[d.Date-forecast.Date((int(d.Date.Weekday())+6)%7)]++
			}
		}
		for _, r := range rows {
			start, days := r.Date, 1
			if by == "week" {
				days = inWeek[r.Date]
				start = max(start, s.Days[0].Date)
			}
			low, high := r.Band()
			if err := c.Write([]string{s.Key, start.String(), strconv.Itoa(days), num(r.Volume), num(low), num(high)}); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// newPlanLongCommand forecasts a client a year and more ahead.
func newPlanLongCommand(flags *deskFlags) *cobra.Command {
	var client, from, name, by, out string
	var weeks int
	command := &cobra.Command{
		Use:   "long-range --client SLUG [--weeks 64] [--out FILE.xlsx|FILE.csv]",
		Short: "Forecast a client's queues by day or week, a year and more ahead",
		Long: `Stores the next version of the client's long-range forecast: every business date of --weeks weeks, the
queues of a day adding up to the client's total. --out writes it, as .xlsx by week and by day, as anything
else CSV by --by, beside what came a year before.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := grainOf(by); err != nil {
				return err
			}
			n := scheduling.NewLongForecast{Name: name, Weeks: weeks}
			if from != "" {
				first, err := calendar.ParseDate(from)
				if err != nil {
					return fmt.Errorf("--from: %w", err)
				}
				n.From = first
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				n.Client = c.ID
				var l scheduling.LongForecast
				err = during("long-range forecast", func(p scheduling.Progress) error {
					l, err = d.planning.CreateLongForecast(ctx, scope.Provider(), n, p)
					return err
				})
				if err != nil {
					return err
				}
				if out != "" {
					content, err := d.longFile(ctx, l, out, by)
					if err != nil {
						return err
					}
					if err := writeTo(command, out, func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
						return err
					}
				}
				return d.print(l, func(w io.Writer) {
					fmt.Fprintf(w, "long-range forecast %s\tversion %d of %s\t%s – %s\n", l.ID, l.Version, c.Slug, l.FromDay, l.ToDay-1)
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&client, "client", "", "client's slug")
	f.StringVar(&from, "from", "", "first business date; the history before it is used (today when empty)")
	f.IntVar(&weeks, "weeks", 64, "how many weeks, up to 104")
	f.StringVar(&name, "name", "", "name of the version")
	f.StringVar(&by, "by", "week", "lines of a CSV: week or day")
	f.StringVar(&out, "out", "", "file to write; .xlsx is a workbook, anything else CSV")
	_ = command.MarkFlagRequired("client") // the flag exists
	return command
}

// longFile gives a version in the form that the file's name asks for.
func (d *desk) longFile(ctx context.Context, l scheduling.LongForecast, name, by string) ([]byte, error) {
	if strings.HasSuffix(strings.ToLower(name), ".xlsx") {
		return d.planning.LongWorkbook(ctx, scope.Provider(), l.ID)
	}
	return d.planning.LongCSV(ctx, scope.Provider(), l.ID, scheduling.LongGrain(by))
}

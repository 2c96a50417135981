package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"muster/scheduling/forecast"
)

// forecastFlags are the flags both commands share.
type forecastFlags struct {
	history, interval, zone, calendar, horizon string
}

// newForecastCommand builds `muster forecast run|backtest|long-range`.
func newForecastCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "forecast",
		Short: "Forecast contacts and handling times from a history file, and back-test the methods",
	}
	cmd.AddCommand(newForecastRunCommand(), newForecastBacktestCommand(), newForecastLongCommand())
	return cmd
}

const forecastFileHelp = `
History (CSV, may end in .gz), columns in any order:
  start        beginning of the interval, e.g. 2026-03-02T07:00:00; without a zone it is local to --zone
  volume       contacts (also accepted: calls, arrivals); rows finer than --interval are added up
  aht_seconds  optional, average handling time
  queue        optional, one series per value
An absent row is a closed or missing interval, never zero.

Calendar (--calendar, by file ending):
  .csv   columns date,name,tags,closed,like,hours,to,size (only date is needed). tags are separated by |, closed is
         true, false or empty (learnt), like is a weekday the date works like, hours 07:00-12:00|13:00-21:00.
         A row with to or size is an event: date..to, size its multiplier of volume (empty = learn from earlier ones).
         Days that share a tag teach each other; the days after a closed day learn their own effect.
  .ics   all-day events become special days, CATEGORIES their tags
  .json  {"opening":[[{"from":420,"to":1260}],...7 from Sunday],"days":[{"date":"2003-09-01","name":"Labor Day",
         "tags":["holiday"],"closed":true}],"events":[{"name":"mailing","from":"...","to":"...","size":1.2}]}
`

// register adds the flags; horizon is the default of its own.
func (f *forecastFlags) register(cmd *cobra.Command, horizon string) {
	fl := cmd.Flags()
	fl.StringVar(&f.history, "history", "", "history file (CSV or CSV.gz)")
	fl.StringVar(&f.interval, "interval", "30m", "grid: 5m, 15m, 30m or 1h")
	fl.StringVar(&f.zone, "zone", "UTC", "zone of the days and of times without one, e.g. Europe/Paris")
	fl.StringVar(&f.calendar, "calendar", "", "special days, opening hours and events (.csv, .ics, .json)")
	fl.StringVar(&f.horizon, "horizon", horizon, "how far ahead: e.g. 12h, 5d, 64w")
	if err := cmd.MarkFlagRequired("history"); err != nil {
		panic(err) // a misspelt flag name in this file
	}
}

// input reads the files the flags name.
func (f *forecastFlags) input() (forecast.Input, error) {
	var in forecast.Input
	var err error
	if in.Interval, err = time.ParseDuration(f.interval); err != nil {
		return in, fmt.Errorf("--interval %q: want 5m, 15m, 30m or 1h", f.interval)
	}
	if in.Zone, err = time.LoadLocation(f.zone); err != nil {
		return in, fmt.Errorf("--zone %q is not a known time zone: %w", f.zone, err)
	}
	err = readFile(f.history, func(r io.Reader) error {
		in.Series, err = forecast.ReadHistory(r, in.Interval, in.Zone)
		return err
	})
	if err != nil {
		return in, err
	}
	if f.calendar == "" {
		return in, nil
	}
	name := strings.TrimSuffix(f.calendar, ".gz")
	err = readFile(f.calendar, func(r io.Reader) error {
		in.Calendar, err = forecast.ReadCalendar(r, strings.TrimPrefix(filepath.Ext(name), "."))
		return err
	})
	return in, err
}

// readFile opens a plain or gzipped file for the function.
func readFile(path string, use func(io.Reader) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, file.Close()) }()
	if !strings.HasSuffix(path, ".gz") {
		return use(file)
	}
	z, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return use(z)
}

func firstError(errs ...error) error {
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return nil
}

// parseSpan reads a duration that may count days (d) and weeks (w).
func parseSpan(flag, text string) (time.Duration, error) {
	unit := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if n := len(text); n > 1 && unit[text[n-1]] > 0 {
		if v, err := strconv.Atoi(text[:n-1]); err == nil && v > 0 && v <= 10000 {
			return time.Duration(v) * unit[text[n-1]], nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("--%s %q: want e.g. 12h, 5d or 4w", flag, text)
}

func newForecastRunCommand() *cobra.Command {
	var f forecastFlags
	var origin, out, explain string
	var quantiles []float64
	var refuse []string
	cmd := &cobra.Command{
		Use:   "run --history FILE --horizon 5d --out FILE",
		Short: "Forecast every queue of a history file",
		Long: `Forecast every queue of a history file by the method that did best in a rolling back-test, per queue and lead.

Writes columns queue,start,volume,<one per quantile>,aht_seconds, one row per open interval; times carry the offset of --zone.
` + forecastFileHelp,
		Example: "  muster forecast run --history calls.csv.gz --interval 15m --horizon 5d --origin 2003-08-04T00:00:00 --quantiles 0.1,0.9 --out f.csv --explain why.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
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
			in.Quantiles, in.Refused = quantiles, refuse
			in.Until = forecast.HorizonEnd(in.End(), in.Zone, span)
			in.Stopwatch = stopwatch()
			limitMemory()
			got, err := forecast.Run(cmd.Context(), in)
			if err != nil {
				return err
			}
			if err := writeFile(out, cmd.OutOrStdout(), func(w io.Writer) error { return writeForecast(w, got) }); err != nil {
				return err
			}
			if explain == "" {
				return nil
			}
			return writeFile(explain, cmd.OutOrStdout(), func(w io.Writer) error { return writeExplanation(w, got) })
		},
	}
	f.register(cmd, "4w")
	fl := cmd.Flags()
	fl.StringVar(&origin, "origin", "", "end of the history, e.g. 2003-08-04T00:00:00; default: its last row")
	fl.Float64SliceVar(&quantiles, "quantiles", nil, "probabilities, e.g. 0.1,0.9")
	fl.Uint64("seed", 1, "accepted for scripts; the forecast is deterministic and draws no random numbers")
	fl.StringVar(&out, "out", "-", "output file, - for standard output")
	fl.StringVar(&explain, "explain", "", "write method choices, back-test table and corrections as JSON")
	fl.StringSliceVar(&refuse, "refuse", nil, "ids of corrections not to make (from --explain)")
	return cmd
}

// limitMemory makes the collector work harder before a large run outgrows a gigabyte; GOMEMLIMIT overrules it.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(900 << 20)
	}
}

func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// writeFile creates the file, or uses the given standard output for "-".
func writeFile(path string, stdout io.Writer, write func(io.Writer) error) (err error) {
	if path == "-" {
		return write(stdout)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, file.Close()) }()
	return write(file)
}

func writeForecast(w io.Writer, out forecast.Output) error {
	c := csv.NewWriter(w)
	header := []string{"queue", "start", "volume"}
	for _, q := range out.Quantiles {
		header = append(header, strconv.FormatFloat(q, 'g', -1, 64))
	}
	if err := c.Write(append(header, "aht_seconds")); err != nil {
		return err
	}
	num := func(v float64) string { return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64) }
	for _, s := range out.Series {
		for _, p := range s.Points {
			if !p.Open {
				continue
			}
			rec := []string{s.Key, p.Start.Format(time.RFC3339), num(p.Volume)}
			for _, q := range p.Quantiles {
				rec = append(rec, num(q))
			}
			aht := ""
			if !math.IsNaN(p.AHT) {
				aht = num(p.AHT)
			}
			if err := c.Write(append(rec, aht)); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// explanation is the JSON of --explain, per queue.
type explanation struct {
	Queue       string                 `json:"queue"`
	Choices     []forecast.Choice      `json:"choices"`
	Backtest    []forecast.BacktestRow `json:"backtest"`
	Corrections []forecast.Correction  `json:"corrections"`
	Effects     []forecast.Effect      `json:"effects"`
	Intraday    forecast.IntradayModel `json:"intraday"`
	Today       float64                `json:"today"` // factor on the rest of the origin's day
	Explanation []string               `json:"explanation"`
}

func writeExplanation(w io.Writer, out forecast.Output) error {
	queues := make([]explanation, len(out.Series))
	for i, s := range out.Series {
		queues[i] = explanation{s.Key, s.Choices, s.Backtest, s.Corrections, s.Effects, s.Intraday, s.Today, s.Explanation}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"origin": out.Origin, "until": out.Until, "queues": queues})
}

func newForecastBacktestCommand() *cobra.Command {
	var f forecastFlags
	var every string
	var count int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backtest --history FILE --origins N --every 1w --horizon 4w",
		Short: "Score every method at every lead over rolling origins",
		Long: `Score every method at every lead over rolling origins: WAPE, signed bias, MASE, WAPE of day totals, the Poisson floor and seconds.
` + forecastFileHelp,
		Example: "  muster forecast backtest --history calls.csv.gz --interval 30m --origins 8 --every 1w --horizon 4w",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, err := f.input()
			if err != nil {
				return err
			}
			span, err := parseSpan("horizon", f.horizon)
			if err != nil {
				return err
			}
			in.Backtest.Origins = count
			if in.Backtest.Every, err = parseSpan("every", every); err != nil {
				return err
			}
			in.Until = forecast.HorizonEnd(in.End(), in.Zone, span)
			in.Stopwatch = stopwatch()
			return runBacktest(cmd.Context(), cmd.OutOrStdout(), in, asJSON)
		},
	}
	f.register(cmd, "4w")
	cmd.Flags().IntVar(&count, "origins", 8, "rolling origins per lead")
	cmd.Flags().StringVar(&every, "every", "1w", "distance between origins, whole days")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runBacktest(ctx context.Context, w io.Writer, in forecast.Input, asJSON bool) error {
	out, err := forecast.Run(ctx, in)
	if err != nil {
		return err
	}
	if asJSON {
		return writeExplanation(w, out)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "queue\tlead\tmethod\torigins\tWAPE %\tbias %\tMASE\tday WAPE %\tfloor %\tseconds\tchosen")
	for _, s := range out.Series {
		for _, r := range s.Backtest {
			mark := ""
			for _, c := range s.Choices {
				if c.Lead == r.Lead && c.Method == r.Method {
					mark = "*"
				}
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.2f\t%+.2f\t%.3f\t%.2f\t%.2f\t%.3f\t%s\n", s.Key, r.Lead, r.Method, r.Origins,
				100*r.Score.WAPE, 100*r.Score.Bias, r.Score.MASE, 100*r.Score.DayWAPE, 100*r.Score.Floor, r.Seconds, mark)
		}
	}
	return t.Flush()
}

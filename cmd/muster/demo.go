package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"muster/cmd/muster/demo"
	"muster/config"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
)

// demoMark is the file by which the demo recognises a directory it made and may wipe.
const demoMark = ".muster-demo"

// newDemoCommand makes up a provider, runs the loop and serves the screens.
func newDemoCommand() *cobra.Command {
	var exit bool
	var dir, listen, monday string
	var seed uint64
	command := &cobra.Command{
		Use:   "demo",
		Short: "Make up a provider, run the whole loop on it and serve the screens",
		Long: `Makes up a provider in a fresh directory: three sites, four clients, about 240 agents and
thirteen weeks of contacts. Then it forecasts, staffs, builds and simulates a roster,
publishes it, closes the month and makes invoices, and serves the screens on loopback.

The same seed and Monday give the same figures and the same workbooks, byte for byte.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			first, err := demoMonday(monday)
			if err != nil {
				return err
			}
			if err := freshDirectory(dir); err != nil {
				return err
			}
			s, err := config.Load(config.Input{Flags: map[string]string{"mode": string(config.Demo), "data_dir": dir, "http.listen": listen, "log.level": "warn"}})
			if err != nil {
				return err
			}
			if err := runDemo(cmd.Context(), cmd.OutOrStdout(), s, demo.Demo{Seed: seed, Monday: first}); err != nil {
				return err
			}
			if exit {
				printAccounts(cmd.OutOrStdout(), fmt.Sprintf("the address that \"muster serve --set mode=demo --set data_dir=%s\" prints", dir))
				return nil
			}
			return serveDemo(cmd.Context(), cmd.OutOrStdout(), s)
		},
	}
	f := command.Flags()
	f.BoolVar(&exit, "exit", false, "stop before serving")
	f.StringVar(&dir, "dir", "demo", "directory to make; one that an earlier demo made is replaced")
	f.StringVar(&listen, "listen", "127.0.0.1:8080", "address to serve on, loopback only")
	f.StringVar(&monday, "monday", "", "first day of the plan, a Monday (default: the Monday of this week)")
	f.Uint64Var(&seed, "seed", 1, "seed of everything that is made up")
	return command
}

// demoMonday reads the flag, or takes the Monday of the present week.
func demoMonday(text string) (calendar.Date, error) {
	if text == "" {
		now := time.Now()
		return calendar.NewDate(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7), nil
	}
	d, err := calendar.ParseDate(text)
	if err == nil && d.Weekday() != time.Monday {
		err = fmt.Errorf("--monday %s is a %s; give a Monday", text, d.Weekday())
	}
	return d, err
}

// freshDirectory makes the directory anew; it wipes only what an earlier demo made.
func freshDirectory(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case len(entries) > 0:
		if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
			return fault.Newf(fault.Conflict, "demo.foreign_directory", "%s is not empty and was not made by a demo; give another directory by --dir.", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoMark), []byte("made by muster demo; may be deleted\n"), 0o600)
}

// runDemo runs the stations of a demo whose seed, Monday and size are given, with a standing clock and seeded ids, so that they repeat.
func runDemo(ctx context.Context, out io.Writer, s config.Settings, d demo.Demo) error {
	zone, err := calendar.Zone(s.Zone)
	if err != nil {
		return err
	}
	clock := calendar.NewFixedClock(d.Monday.At(8*60, zone))
	h, err := openHouse(ctx, s, newLogger(s), func(o *database.Options) {
		o.Clock, o.IDs = clock, ids.NewSeededGenerator(clock, d.Seed)
	})
	if err != nil {
		return err
	}
	defer h.close()
	started := time.Now()
	bars := &stationBars{out: out}
	d.DB, d.Access, d.Contracts, d.People, d.Facts, d.Planning, d.Reports, d.Billing, d.Live = h.db, h.access, h.contracts, h.people, h.facts, h.planning, h.reports, h.billing, h.live
	d.Dir, d.Station = s.DataDir, bars.set
	summary, err := d.Run(ctx)
	bars.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe loop ran in %.0f s.\n\n", time.Since(started).Seconds())
	for _, l := range summary.Lines {
		fmt.Fprintf(out, "  %-28s %s\n", l.Label, l.Value)
	}
	for _, f := range summary.Files {
		fmt.Fprintf(out, "  file                         %s\n", f)
	}
	return nil
}

// serveDemo serves the made-up provider and says who can sign in.
func serveDemo(ctx context.Context, out io.Writer, s config.Settings) error {
	h, err := openHouse(ctx, s, newLogger(s), nil)
	if err != nil {
		return err
	}
	defer h.close()
	traffic := demo.Traffic{Seed: 1, Live: h.live, Contracts: h.contracts, People: h.people, Log: h.log}
	return h.serve(ctx, func(address string) {
		go func() {
			if err := traffic.Run(ctx); err != nil {
				h.log.Warn("demo traffic ended", "error", err)
			}
		}()
		printAccounts(out, "http://"+address)
		fmt.Fprintln(out, "\nCtrl+C stops.")
	})
}

// printAccounts says who can sign in where.
func printAccounts(out io.Writer, where string) {
	fmt.Fprintf(out, "\nSign in at %s with the password %q as:\n\n", where, demo.Password)
	for _, a := range demo.Accounts {
		fmt.Fprintf(out, "  %-10s %s\n", a.Login, a.What)
	}
}

// stationBars shows one progress bar per station on a terminal, and one line per
// finished station elsewhere.
type stationBars struct {
	out     io.Writer
	name    string
	started time.Time
	bar     *progressbar.ProgressBar
}

// set moves the station's bar, beginning a new one for a new name.
func (b *stationBars) set(name string, done float64) {
	if name != b.name {
		b.end()
		b.name, b.started = name, time.Now()
		if isTerminal(b.out) {
			b.bar = progressbar.NewOptions(1000, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription(fmt.Sprintf("%-12s", name)),
				progressbar.OptionSetWidth(40), progressbar.OptionSetPredictTime(false), progressbar.OptionThrottle(100*time.Millisecond))
		}
	}
	if b.bar != nil {
		_ = b.bar.Set(int(done * 1000)) // a terminal that cannot be written to is no reason to stop
	}
}

// end closes the present station.
func (b *stationBars) end() {
	switch {
	case b.bar != nil:
		_ = b.bar.Finish()
		fmt.Fprintln(b.out)
	case b.name != "":
		fmt.Fprintf(b.out, "%-12s %5.1f s\n", b.name, time.Since(b.started).Seconds())
	}
	b.name, b.bar = "", nil
}

// isTerminal reports whether a person looks at the writer.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

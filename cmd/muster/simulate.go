package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"muster/routing/simulation"
	"muster/tenants/fault"
)

// simulateFlags are shared by simulate and simulate compare. A flag left alone
// leaves the scenario's own value.
type simulateFlags struct {
	replications int
	seed         uint64
	asJSON       bool
}

func (f *simulateFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.replications, "replications", 50, "how many times the scenario is played")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the random streams; the same seed gives the same result")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the whole result as JSON")
}

func (f *simulateFlags) apply(cmd *cobra.Command, sc *simulation.Scenario) error {
	if f.replications < 1 {
		return fault.Newf(fault.Invalid, "simulation.bad_replications", "--replications is %d; at least 1 is needed", f.replications)
	}
	if cmd.Flags().Changed("replications") || sc.Replications == 0 {
		sc.Replications = f.replications
	}
	if cmd.Flags().Changed("seed") || sc.Seed == 0 {
		sc.Seed = f.seed
	}
	return nil
}

// newSimulateCommand builds "muster simulate" and "muster simulate compare".
func newSimulateCommand() *cobra.Command {
	var flags simulateFlags
	var settings settingsFlags
	var stored string
	cmd := &cobra.Command{
		Use:   "simulate SCENARIO.json",
		Short: "Play a scenario on the routing engine and report service, waits, occupancy and cost with confidence bands",
		Long: "Play a scenario on the routing engine in virtual time. The file names clients, queues, pools, agents with their\n" +
			"activities, arrivals per interval, handle times and patience; its form is documented in routing/simulation/SCENARIO.md.",
		Args: func(cmd *cobra.Command, args []string) error {
			if stored != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if stored != "" {
				return simulateStored(cmd, &settings, stored, &flags)
			}
			sc, err := readScenario(cmd, args[0], &flags)
			if err != nil {
				return err
			}
			result, err := simulation.RunWith(cmd.Context(), sc, simulation.Options{Progress: progress(cmd, sc.Replications)})
			if err != nil {
				return err
			}
			if flags.asJSON {
				return printJSON(cmd.OutOrStdout(), result)
			}
			return printResult(cmd.OutOrStdout(), &result)
		},
	}
	flags.add(cmd)
	settings.add(cmd)
	cmd.Flags().StringVar(&stored, "roster", "", "test the stored roster with this id against its forecasts, instead of a file, and store the result")
	cmd.AddCommand(newSimulateCompareCommand())
	return cmd
}

func newSimulateCompareCommand() *cobra.Command {
	var flags simulateFlags
	cmd := &cobra.Command{
		Use:   "compare A.json B.json",
		Short: "Play two scenarios against the same contacts and test the differences in pairs",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := readScenario(cmd, args[0], &flags)
			if err != nil {
				return err
			}
			b, err := readScenario(cmd, args[1], &flags)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("replications") {
				b.Replications = a.Replications
			}
			if !cmd.Flags().Changed("seed") {
				b.Seed = a.Seed
			}
			c, err := simulation.Compare(cmd.Context(), a, b)
			if err != nil {
				return err
			}
			if flags.asJSON {
				return printJSON(cmd.OutOrStdout(), c)
			}
			return printComparison(cmd.OutOrStdout(), &c)
		},
	}
	flags.add(cmd)
	return cmd
}

func readScenario(cmd *cobra.Command, path string, flags *simulateFlags) (simulation.Scenario, error) {
	f, err := os.Open(path)
	if err != nil {
		return simulation.Scenario{}, err
	}
	defer func() { _ = f.Close() }()
	sc, err := simulation.Read(f)
	if err != nil {
		return sc, fmt.Errorf("%s: %w", path, err)
	}
	return sc, flags.apply(cmd, &sc)
}

// progress shows a bar on a terminal and nothing elsewhere.
func progress(cmd *cobra.Command, of int) func(done, of int) {
	f, ok := cmd.ErrOrStderr().(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	bar := progressbar.NewOptions(of, progressbar.OptionSetWriter(f), progressbar.OptionClearOnFinish())
	return func(done, _ int) { _ = bar.Set(done) }
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func printResult(w io.Writer, r *simulation.Result) error {
	if _, err := fmt.Fprintf(w, "%s: %d replications, seed %d, mean with 95%% band\n\n", r.Name, r.Replications, r.Seed); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	row := func(kind string, n simulation.Named) {
		f := n.Run
		_, _ = fmt.Fprintf(t, "%s\t%s\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind, n.Name, f.Offered.Mean, percent(f.ServiceLevel), plain(f.ASA),
			percent(f.Abandonment), percent(f.Overflow), percent(f.Occupancy), plain(f.Cost), plain(f.Penalty))
	}
	_, _ = fmt.Fprintln(t, "\tname\toffered\tservice level\tASA s\tabandoned\toverflow\toccupancy\tcost\tpenalty")
	row("total", r.Total)
	for _, n := range r.Clients {
		row("client", n)
	}
	for _, n := range r.Queues {
		row("queue", n)
	}
	for _, p := range r.Pools {
		_, _ = fmt.Fprintf(t, "pool\t%s\t\t\t\t\t\t%s\n", p.Name, percent(p.Occupancy))
	}
	return t.Flush()
}

func printComparison(w io.Writer, c *simulation.Comparison) error {
	if _, err := fmt.Fprintf(w, "A: %s\nB: %s\n%d paired replications; difference is B less A, with 95%% band\n\n", c.A, c.B, c.Replications); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "\tfigure\tA\tB\tdifference\tp\t")
	for _, d := range c.Differences {
		if d.Difference.N == 0 {
			continue
		}
		mark := ""
		if d.P < 0.05 {
			mark = "*"
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%.4g\t%.4g\t%.4g (%.4g to %.4g)\t%.4f\t%s\n", d.Scope, d.Figure, d.A, d.B,
			d.Difference.Mean, d.Difference.Low, d.Difference.High, d.P, mark)
	}
	return t.Flush()
}

func percent(b simulation.Band) string {
	if b.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%% (%.1f-%.1f)", 100*b.Mean, 100*b.Low, 100*b.High)
}

func plain(b simulation.Band) string {
	if b.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f (%.1f-%.1f)", b.Mean, b.Low, b.High)
}

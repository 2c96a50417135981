package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"muster/scheduling"
	"muster/scheduling/staffing"
	"muster/tenants/fault"
)

// readQuestion reads a JSON file ("-" is the standard input) without unknown fields.
func readQuestion[T any](cmd *cobra.Command, name string) (T, error) {
	var out T
	in := cmd.InOrStdin()
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return out, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return out, fault.Newf(fault.Invalid, "staffing.question", "The file %s is not JSON of the form that the help describes: %s.", name, err)
	}
	return out, nil
}

// newStaffingCapacityCommand builds `muster staffing capacity`.
func newStaffingCapacityCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "capacity FILE.json",
		Short: "A capacity plan by month: people, hiring classes, shrinkage, attrition and cost",
		Long: `Reads a question and prints a line per month. Months carry heads forward: people leave at the
month's attrition, classes join, learn along their ramp and leave at their own rates. Required FTE are
required hours / (hours per FTE x (1 - shrinkage)). With "propose", classes are opened where people
are short, as far as lead time and ramp allow. Money is in minor units.`,
		Example: `  muster staffing capacity plan.json

  {"currency": "CNY", "heads": 40,
   "months": [{"name": "2026-03", "required_hours": 5600, "hours_per_fte": 174, "attrition": 0.03, "cost_per_head_minor": 900000,
               "shrinkage": [{"type": "leave", "rate": 0.08}, {"type": "breaks", "rate": 0.1, "basis": "remaining"}]}],
   "classes": [{"name": "spring", "start": 0, "size": 6, "ramp": [0, 0.6, 0.9], "attrition": [0.1], "cost_to_hire_minor": 300000}],
   "propose": {"lead": 2, "min_size": 5, "class": {"name": "proposed", "ramp": [0, 0.6, 0.9]}}}`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := readQuestion[scheduling.CapacityQuestion](cmd, args[0])
			if err != nil {
				return err
			}
			a, err := scheduling.PlanCapacity(q)
			if err != nil {
				return err
			}
			if asJSON {
				return printStaffingJSON(cmd.OutOrStdout(), a)
			}
			return printCapacity(cmd.OutOrStdout(), a)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printCapacity writes a line per month and the classes.
func printCapacity(out io.Writer, a scheduling.CapacityAnswer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "month\theads\tleave\tjoin\tin ramp\tproductive\trequired\tgap\tshrinkage\tcost\t")
	for _, l := range a.Lines {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%d\t%.1f\t%.1f\t%.1f\t%+.1f\t%.1f %%\t%s\t\n", l.Name, l.Heads, l.Leavers, l.Joiners, l.InRamp, l.Productive, l.RequiredFTE, l.Gap, 100*l.Shrinkage, l.CostOfHeads)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, c := range a.Classes {
		fmt.Fprintf(out, "class %s: %d people from %s\n", c.Name, c.Size, monthName(a, c.Start))
	}
	fmt.Fprintf(out, "total %s\n", a.Cost)
	return nil
}

func monthName(a scheduling.CapacityAnswer, i int) string {
	if i < len(a.Lines) {
		return a.Lines[i].Name
	}
	return fmt.Sprintf("month %d", i+1)
}

// newStaffingTiersCommand builds `muster staffing tiers`.
func newStaffingTiersCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tiers FILE.json",
		Short: "Seats by group of agents for queues that share them: bounds and simulated requirement",
		Long: `Reads the queues of a pool in one interval and the groups of agents (tier, queues best first, cost
of a seat) and finds the seats of every group such that every queue meets its goals at the least cost.
Each trial is played on the routing engine over the same contacts; equal files have equal answers. The
bounds need no simulation: everybody can take everything, and nobody helps out. Exits 1 when some
queue misses its goals.`,
		Example: `  muster staffing tiers pool.json --json

  {"interval_seconds": 1800,
   "queues": [{"name": "en", "contacts": 50, "aht_seconds": 180, "patience_seconds": 300, "service_level": 0.8, "threshold_seconds": 20},
              {"name": "zh", "contacts": 50, "aht_seconds": 180, "patience_seconds": 300, "service_level": 0.8, "threshold_seconds": 20}],
   "groups": [{"name": "english", "tier": "junior", "queues": ["en"]}, {"name": "chinese", "tier": "junior", "queues": ["zh"]},
              {"name": "both", "tier": "expert", "queues": ["en", "zh"], "cost": 1.5, "most": 6}]}`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := readQuestion[scheduling.TierQuestion](cmd, args[0])
			if err != nil {
				return err
			}
			a, err := scheduling.SettleTiers(cmd.Context(), q)
			if err != nil {
				return err
			}
			if asJSON {
				err = printStaffingJSON(cmd.OutOrStdout(), a)
			} else {
				err = printTiers(cmd.OutOrStdout(), a)
			}
			if err == nil && !a.Met {
				return exitError{exitFailure}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printTiers(out io.Writer, a scheduling.TierAnswer) error {
	fmt.Fprintf(out, "%d seats (all pooled %d, all separate %d), cost %.1f, %d simulations\n\n", a.Seats, a.Pooled, a.Separate, a.Cost, a.Simulations)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "group\ttier\tseats\tcost")
	for _, g := range a.Groups {
		fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\n", g.Group, g.Tier, g.Seats, g.Cost)
	}
	for _, m := range a.Missed {
		fmt.Fprintln(w, "missed: "+m)
	}
	fmt.Fprintln(w, "\nqueue\talone\tservice level\tmean wait\tabandoned")
	for _, q := range a.Queues {
		fmt.Fprintf(w, "%s\t%d\t%.1f %%\t%.0f s\t%.1f %%\n", q.Queue, q.Alone, 100*q.ServiceLevel, q.ASASeconds, 100*q.Abandonment)
	}
	return w.Flush()
}

// levelRow is one number of seats in the answer of `staffing levels`.
type levelRow struct {
	Seats        int     `json:"seats"`
	ServiceLevel float64 `json:"service_level"`
}

// newStaffingLevelsCommand builds `muster staffing levels`.
func newStaffingLevelsCommand() *cobra.Command {
	var contacts float64
	var interval, aht, threshold, patience secondsFlag = 1800, 0, 20, 0
	var most int
	var formula string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "levels --contacts N --interval 30m --aht 180s --most M",
		Short: "The service level that 0, 1, 2, ... seats buy in one interval",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := staffing.Input{Name: "interval", Interval: float64(interval), Demands: []staffing.Demand{{Volume: contacts, AHT: float64(aht), Patience: float64(patience)}},
				Goals: staffing.Goals{ServiceLevel: 0.8, Threshold: float64(threshold), Formula: staffing.Formula(formula)}}
			table, err := staffing.ServiceLevelTable(in, most)
			if err != nil {
				return err
			}
			rows := make([]levelRow, len(table[0]))
			for seats, level := range table[0] {
				rows[seats] = levelRow{seats, level}
			}
			if asJSON {
				return printStaffingJSON(cmd.OutOrStdout(), rows)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintln(w, "seats\tservice level\t")
			for _, r := range rows {
				fmt.Fprintf(w, "%d\t%.2f %%\t\n", r.Seats, 100*r.ServiceLevel)
			}
			return w.Flush()
		},
	}
	f := cmd.Flags()
	f.Float64Var(&contacts, "contacts", 0, "contacts offered in the interval")
	f.Var(&interval, "interval", "length of the interval")
	f.Var(&aht, "aht", "mean handling time")
	f.Var(&threshold, "threshold", "time within which an answer counts")
	f.Var(&patience, "patience", "mean time until a waiting customer hangs up; 0: nobody does")
	f.IntVar(&most, "most", 50, "seats to go to")
	f.StringVar(&formula, "formula", string(staffing.AnsweredOverOffered), "formula of the service level")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	mustRequireFlag(cmd, "contacts")
	mustRequireFlag(cmd, "aht")
	return cmd
}

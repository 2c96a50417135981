package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"muster/scheduling/staffing"
	"muster/tenants/fault"
)

// newStaffingCommand groups what the staffing engine answers on the command line.
func newStaffingCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "staffing",
		Short: "How many agents an interval needs, and what a number of agents achieves",
	}
	cmd.AddCommand(newStaffingErlangCommand(), newStaffingRequirementCommand(), newStaffingLevelsCommand(), newStaffingTiersCommand(), newStaffingCapacityCommand(), newStaffingVectorsCommand())
	return cmd
}

// secondsFlag takes a duration as 20s, 1m30s or a plain number of seconds.
type secondsFlag float64

func (s *secondsFlag) String() string { return (time.Duration(float64(*s) * 1e9)).String() }
func (s *secondsFlag) Type() string   { return "duration" }

func (s *secondsFlag) Set(text string) error {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 0 && !math.IsInf(n, 0) {
		*s = secondsFlag(n)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is not a duration such as 20s, 30m or 1h30m", text)
	}
	*s = secondsFlag(d.Seconds())
	return nil
}

// erlangAnswer is what `staffing erlang` prints; fields that a model lacks stay absent,
// a value without bound is null.
type erlangAnswer struct {
	Model             string   `json:"model"`
	Erlangs           float64  `json:"erlangs"`
	Agents            int      `json:"agents"`
	Stable            *bool    `json:"stable,omitempty"`
	Blocking          *float64 `json:"blocking,omitempty"`
	WaitProbability   *float64 `json:"wait_probability,omitempty"`
	ServiceLevel      *float64 `json:"service_level,omitempty"`
	SLOverAnswered    *float64 `json:"service_level_over_answered,omitempty"`
	SLWaitedAtMost    *float64 `json:"service_level_waited_at_most,omitempty"`
	Abandonment       *float64 `json:"abandonment,omitempty"`
	ASA               *float64 `json:"asa_seconds"`
	MeanWaitOfDelayed *float64 `json:"mean_wait_of_delayed_seconds"`
	MeanQueueLength   *float64 `json:"mean_queue_length"`
	Occupancy         *float64 `json:"occupancy"`
}

func newStaffingErlangCommand() *cobra.Command {
	var model string
	var contacts, retry float64
	var interval, aht, threshold, patience secondsFlag = 1800, 0, 20, 0
	var agents int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "erlang --model b|c|a --contacts N --interval 30m --aht 180s --agents M",
		Short: "What a number of agents achieves by Erlang B, C or A",
		Long: `Computes the steady state of one queue in one interval.

Models:
  b  no queue: contacts that find no free line are lost (--retry = share that tries again)
  c  contacts wait, nobody hangs up
  a  contacts wait and hang up after --patience on average (needed)

The service level is answered within --threshold over all offered. For model a the
other two usual formulas are given too. Durations: 20s, 30m, 1h30m or plain seconds.
An unstable queue (model c, agents not above the traffic) has service level 0 and
null (JSON) or "unbounded" waits.`,
		Example: `  muster staffing erlang --model c --contacts 100 --interval 30m --aht 180s --agents 14 --threshold 20s
  muster staffing erlang --model a --contacts 100 --interval 30m --aht 180s --agents 13 --patience 300s --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			load := staffing.Load{Contacts: contacts, Interval: float64(interval), AHT: float64(aht)}
			answer, err := erlang(strings.ToLower(model), load, agents, float64(threshold), float64(patience), retry)
			if err != nil {
				return err
			}
			if asJSON {
				return printStaffingJSON(cmd.OutOrStdout(), answer)
			}
			return answer.print(cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.StringVar(&model, "model", "", "b, c or a")
	f.Float64Var(&contacts, "contacts", 0, "contacts offered in the interval")
	f.Var(&interval, "interval", "length of the interval")
	f.Var(&aht, "aht", "mean handling time")
	f.IntVar(&agents, "agents", 0, "agents taking contacts (lines for model b)")
	f.Var(&threshold, "threshold", "time within which an answer counts for the service level")
	f.Var(&patience, "patience", "mean time until a waiting customer hangs up (model a)")
	f.Float64Var(&retry, "retry", 0, "share of blocked contacts that tries again (model b)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	for _, name := range []string{"model", "contacts", "aht", "agents"} {
		mustRequireFlag(cmd, name)
	}
	return cmd
}

// erlang answers `staffing erlang`.
func erlang(model string, load staffing.Load, agents int, threshold, patience, retry float64) (erlangAnswer, error) {
	if agents < 0 || agents > staffing.MaxAgents {
		return erlangAnswer{}, fault.Newf(fault.Invalid, "staffing.bad_agents", "--agents must lie between 0 and %d, not %d", staffing.MaxAgents, agents)
	}
	answer := erlangAnswer{Model: model, Agents: agents}
	switch model {
	case "b":
		if !(retry >= 0 && retry <= 1) {
			return answer, fault.Newf(fault.Invalid, "staffing.bad_share", "--retry must lie between 0 and 1, not %v", retry)
		}
		if err := load.Validate(); err != nil {
			return answer, err
		}
		answer.Erlangs = load.Erlangs()
		blocking := staffing.ExtendedErlangB(answer.Erlangs, agents, retry)
		answer.Blocking = &blocking
		occupancy := 0.0
		if agents > 0 {
			// Without retries A*(1-B); with them, what is not lost for good.
			carried := answer.Erlangs * (1 - blocking) / (1 - retry*blocking)
			occupancy = math.Min(1, carried/float64(agents))
		}
		answer.Occupancy = &occupancy
		return answer, nil
	case "a":
		if patience <= 0 {
			return answer, fault.New(fault.Invalid, "staffing.no_patience", "model a needs --patience above 0; use model c if nobody hangs up")
		}
		load.Patience = patience
	case "c":
	default:
		return answer, fault.Newf(fault.Invalid, "staffing.unknown_model", "unknown model %q; allowed: a, b, c", model)
	}
	curve, err := staffing.NewCurve(load)
	if err != nil {
		return answer, err
	}
	s := curve.At(agents)
	answer.Erlangs = curve.Erlangs()
	stable := s.Stable()
	answer.Stable = &stable
	answer.WaitProbability = bounded(s.WaitProbability())
	answer.ServiceLevel = bounded(s.ServiceLevel(staffing.AnsweredOverOffered, threshold))
	if model == "a" {
		answer.Abandonment = bounded(s.Abandonment())
		answer.SLOverAnswered = bounded(s.ServiceLevel(staffing.AnsweredOverAnswered, threshold))
		answer.SLWaitedAtMost = bounded(s.ServiceLevel(staffing.WaitedAtMostOverOffered, threshold))
	}
	answer.ASA = bounded(s.MeanWait())
	answer.MeanWaitOfDelayed = bounded(s.MeanWaitOfDelayed())
	answer.MeanQueueLength = bounded(s.MeanQueueLength())
	answer.Occupancy = bounded(s.Occupancy())
	return answer, nil
}

func (a erlangAnswer) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(name string, value *float64, format string) {
		text := "unbounded"
		if value != nil {
			text = fmt.Sprintf(format, *value)
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\n", name, text) // a tabwriter keeps its first error for Flush
	}
	line("traffic", &a.Erlangs, "%.4f erlangs")
	if a.Blocking != nil {
		line("blocking", a.Blocking, "%.6f")
	} else {
		line("service level", a.ServiceLevel, "%.6f")
		if a.Abandonment != nil {
			line("service level over answered", a.SLOverAnswered, "%.6f")
			line("waited at most threshold", a.SLWaitedAtMost, "%.6f")
			line("abandonment", a.Abandonment, "%.6f")
		}
		line("wait probability", a.WaitProbability, "%.6f")
		line("ASA (mean wait of all)", a.ASA, "%.3f s")
		line("mean wait of delayed", a.MeanWaitOfDelayed, "%.3f s")
		line("mean queue length", a.MeanQueueLength, "%.4f")
	}
	line("occupancy", a.Occupancy, "%.6f")
	return out.Flush()
}

func newStaffingVectorsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "vectors FILE.csv",
		Short: "Check the formulas against a file of expected values",
		Long: `Computes every row of a CSV file and lists the rows that differ. Exit code 1 if any does.

Needed columns: id, model, quantity, expected, tol. Used where filled: contacts,
interval_s, aht_s, erlangs, agents, target_s, patience_s, retry, goal, shrinkage,
max_occupancy, extra, exact. A row passes when the result lies within tol of expected
and, where exact is given, within relative 1e-9 of exact.

Models and quantities:
  erlang_b, erlang_b_extended   blocking, lines_for_blocking, erlangs_for_blocking
  erlang_c   wait_probability, immediate_answer, service_level, asa, mean_wait_of_delayed,
             mean_queue_length, occupancy, wait_percentile, agents_for_service_level,
             agents_for_asa, agents_for_wait_probability, erlangs_for_wait_probability
  erlang_a   wait_probability, immediate_answer, abandonment, mean_wait_all,
             mean_wait_of_delayed, mean_queue_length, occupancy, sl_answered_over_offered,
             sl_answered_over_answered, sl_waited_at_most_T_over_offered,
             wait_percentile_all, agents_for_service_level, agents_for_abandonment, agents_for_asa
  chat       effective_aht
  kpi_sl     f1... to f6...
  kpi_forecast  wape, bias, min_wape_poisson
  any        scheduled_agents, sqrt_staffing_agents`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			vectors, err := staffing.ReadVectors(file)
			if closeErr := file.Close(); err == nil {
				err = closeErr
			}
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			return reportVectors(cmd.OutOrStdout(), staffing.CheckVectors(vectors), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// reportVectors prints the failures and the count; any failure is exit code 1.
func reportVectors(w io.Writer, results []staffing.VectorResult, asJSON bool) error {
	type failure struct {
		ID       string `json:"id"`
		Model    string `json:"model"`
		Quantity string `json:"quantity"`
		Reason   string `json:"reason"`
	}
	failures := []failure{}
	for _, r := range results {
		if !r.Pass {
			failures = append(failures, failure{r.ID, r.Model, r.Quantity, r.Reason})
		}
	}
	if asJSON {
		summary := map[string]any{"vectors": len(results), "passed": len(results) - len(failures), "failures": failures}
		if err := printStaffingJSON(w, summary); err != nil {
			return err
		}
	} else {
		for _, f := range failures {
			if _, err := fmt.Fprintf(w, "%s %s %s: %s\n", f.ID, f.Model, f.Quantity, f.Reason); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "%d vectors, %d passed, %d failed\n", len(results), len(results)-len(failures), len(failures)); err != nil {
			return err
		}
	}
	if len(failures) > 0 {
		return exitError{exitFailure}
	}
	return nil
}

// bounded is a pointer to a number, nil where it has no bound.
func bounded(x float64) *float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil
	}
	return &x
}

// printStaffingJSON writes indented JSON and a line end.
func printStaffingJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

// mustRequireFlag marks a flag of the command as needed; a flag that does not exist is a defect.
func mustRequireFlag(cmd *cobra.Command, name string) {
	if err := cmd.MarkFlagRequired(name); err != nil {
		panic(err)
	}
}

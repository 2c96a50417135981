package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"muster/scheduling/roster"
	"muster/scheduling/roster/dayshift"
	"muster/scheduling/roster/formats"
)

// rosterFlags are the flags of muster roster solve.
type rosterFlags struct {
	format, out, explain string
	budget               time.Duration
	threads              int
	seed                 uint64
	moves                int64
	history              string
	weeks                []string
	asJSON               bool
}

// rosterReport is what solve and check print; with --json it is printed as it is.
type rosterReport struct {
	File        string        `json:"file"`
	Format      string        `json:"format"`
	Penalty     int64         `json:"penalty"`
	Bound       int64         `json:"bound"`
	Violations  []string      `json:"violations"`
	Detail      string        `json:"detail,omitempty"`
	Moves       int64         `json:"moves"`
	MovesPerSec float64       `json:"moves_per_second"`
	Seconds     float64       `json:"seconds"`
	TimeToBest  float64       `json:"time_to_best"`
	Score       *roster.Score `json:"score,omitempty"`
	Unmet       int           `json:"unmet_spans,omitempty"`
	bestAt      float64       // fraction of the run after which the best was found, when no time is known
}

func newRosterCommand() *cobra.Command {
	c := &cobra.Command{Use: "roster", Short: "Solve and check rosters"}
	c.AddCommand(newRosterSolveCommand(), newRosterCheckCommand(), newExportProblemCommand())
	return c
}

func newRosterSolveCommand() *cobra.Command {
	f := &rosterFlags{}
	c := &cobra.Command{Use: "solve FILE", Short: "Find the best roster for a problem file", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return solveRoster(cmd.Context(), args[0], f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		}}
	c.Flags().StringVar(&f.format, "format", "muster", "format of FILE: nrp, matsp, inrc2 or muster")
	c.Flags().DurationVar(&f.budget, "time", time.Minute, "time budget; 0 with --moves for a run that does not depend on the machine")
	c.Flags().IntVar(&f.threads, "threads", runtime.GOMAXPROCS(0), "searches side by side; the same number, seed and moves give the same roster")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the random streams")
	c.Flags().Int64Var(&f.moves, "moves", 0, "limit of moves per thread (0 = none)")
	c.Flags().StringVar(&f.out, "out", "", "write the roster to this file (CSV; JSON for the muster format)")
	c.Flags().StringVar(&f.explain, "explain", "", "write the reasons for every cost to this JSON file")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	c.Flags().StringVar(&f.history, "history", "", "inrc2: history file")
	c.Flags().StringSliceVar(&f.weeks, "weeks", nil, "inrc2: week files in order")
	return c
}

func newRosterCheckCommand() *cobra.Command {
	f := &rosterFlags{}
	c := &cobra.Command{Use: "check FILE ROSTER", Short: "Score a roster and list every violation", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return checkRoster(args[0], args[1], f, cmd.OutOrStdout())
		}}
	c.Flags().StringVar(&f.format, "format", "muster", "format of FILE: nrp, matsp, inrc2 or muster")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	c.Flags().StringVar(&f.history, "history", "", "inrc2: history file")
	c.Flags().StringSliceVar(&f.weeks, "weeks", nil, "inrc2: week files in order")
	return c
}

func unknownRosterFormat(name string) error {
	return fmt.Errorf("the format %q is unknown; allowed are inrc2, matsp, muster, nrp", name)
}

func solveRoster(ctx context.Context, file string, f *rosterFlags, out, diag io.Writer) error {
	if f.threads < 1 || f.threads > 256 || f.moves < 0 || f.budget < 0 {
		return fmt.Errorf("--threads must lie between 1 and 256, --moves and --time may not be negative")
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin := time.Now()
	clock := func() time.Duration { return time.Since(begin) }
	var rep *rosterReport
	switch f.format {
	case "nrp":
		rep, err = solveNRP(ctx, body, f, clock, diag)
	case "inrc2":
		rep, err = solveINRC2(ctx, file, f, clock, diag)
	case "matsp", "muster":
		rep, err = solveIntervals(ctx, body, f, clock, diag)
	default:
		err = unknownRosterFormat(f.format)
	}
	if err != nil {
		return err
	}
	rep.File, rep.Format, rep.Seconds = file, f.format, clock().Seconds()
	if rep.TimeToBest == 0 {
		rep.TimeToBest = rep.bestAt * rep.Seconds
	}
	if rep.Seconds > 0 {
		rep.MovesPerSec = float64(rep.Moves) / rep.Seconds
	}
	return printRoster(out, rep, f.asJSON)
}

// printRoster prints a report; a roster that breaks a hard rule is the answer "no".
func printRoster(out io.Writer, r *rosterReport, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else if err := printRosterText(out, r); err != nil {
		return err
	}
	if len(r.Violations) > 0 {
		return exitError{exitFailure}
	}
	return nil
}

func printRosterText(out io.Writer, r *rosterReport) error {
	b := &bytes.Buffer{}
	fmt.Fprintf(b, "penalty=%d bound=%d violations=%d", r.Penalty, r.Bound, len(r.Violations))
	if r.Penalty > 0 && r.Bound > 0 {
		fmt.Fprintf(b, " gap=%.2f%%", 100*float64(r.Penalty-r.Bound)/float64(r.Penalty))
	}
	if r.Detail != "" {
		fmt.Fprintf(b, " %s", r.Detail)
	}
	fmt.Fprintln(b)
	if r.Moves > 0 {
		fmt.Fprintf(b, "moves=%d moves_per_second=%.0f seconds=%.1f time_to_best=%.1f\n", r.Moves, r.MovesPerSec, r.Seconds, r.TimeToBest)
	}
	for _, v := range r.Violations {
		fmt.Fprintln(b, v)
	}
	_, err := out.Write(b.Bytes())
	return err
}

func solveNRP(ctx context.Context, body []byte, f *rosterFlags, clock func() time.Duration, diag io.Writer) (*rosterReport, error) {
	p, err := formats.ReadNRP(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	rep, rows, err := solveDays(ctx, p, f, clock, diag)
	if err != nil {
		return nil, err
	}
	var csv bytes.Buffer
	if err := formats.WriteNRP(&csv, p, rows); err != nil {
		return nil, err
	}
	return rep, writeIf(f.out, csv.Bytes())
}

// solveDays runs the engine for agents, days and shift types.
func solveDays(ctx context.Context, p *dayshift.Problem, f *rosterFlags, clock func() time.Duration, diag io.Writer) (*rosterReport, [][]int8, error) {
	show := terminalProgress(diag)
	res, err := dayshift.Solve(ctx, p, dayshift.Options{Seed: f.seed, Threads: f.threads, Moves: f.moves, Time: f.budget, Clock: clock,
		Progress: func(g dayshift.Progress) { show(g.Fraction, g.Penalty) }})
	if err != nil {
		return nil, nil, err
	}
	rep := &rosterReport{Penalty: res.Penalty, Bound: res.Bound, Violations: []string{}, Moves: res.Moves, bestAt: res.BestAt}
	for _, v := range res.Broken {
		rep.Violations = append(rep.Violations, fmt.Sprintf("agent %s day %d %s: %s", p.Agents[v.Agent].ID, v.Day, v.Rule, v.Reason))
	}
	if f.explain != "" {
		b, err := json.MarshalIndent(dayshift.Explain(p, res.Rows), "", " ")
		if err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(f.explain, b, 0o600); err != nil {
			return nil, nil, err
		}
	}
	return rep, res.Rows, nil
}

func solveIntervals(ctx context.Context, body []byte, f *rosterFlags, clock func() time.Duration, diag io.Writer) (*rosterReport, error) {
	read := roster.ReadProblem
	if f.format == "matsp" {
		read = formats.ReadMATSP
	}
	p, err := read(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	show := terminalProgress(diag)
	sol, err := roster.Solve(ctx, p, roster.Options{Seed: f.seed, Threads: f.threads, Moves: f.moves, Time: f.budget, Clock: clock,
		Progress: func(g roster.Progress) { show(g.Fraction, g.Total) }})
	if err != nil {
		return nil, err
	}
	rep := &rosterReport{Moves: sol.Moves, TimeToBest: sol.BestAfter.Seconds(), Score: &sol.Score, Unmet: len(sol.Unmet), Violations: []string{}}
	var file bytes.Buffer
	if f.format == "matsp" {
		if err := formats.WriteMATSP(&file, p, sol.Shifts); err != nil {
			return nil, err
		}
		verdict, err := formats.JudgeMATSP(p, bytes.NewReader(file.Bytes()))
		if err != nil {
			return nil, err
		}
		fillMATSP(rep, p, verdict)
		rep.Bound = max(rep.Bound, formats.MATSPSurplus(p, sol.PaidBound, verdict))
	} else {
		fillMuster(rep, p, sol)
		rep.Bound = sol.TotalBound
		rep.Detail += fmt.Sprintf(" paid_minutes=%d paid_bound=%d paid_gap=%.2f%%", sol.PaidMinutes, sol.PaidBound, 100*roster.Gap(sol.PaidMinutes, sol.PaidBound))
		e := json.NewEncoder(&file)
		e.SetIndent("", " ")
		if err := e.Encode(sol); err != nil {
			return nil, err
		}
	}
	if err := writeIf(f.out, file.Bytes()); err != nil {
		return nil, err
	}
	if f.explain == "" {
		return rep, nil
	}
	b, err := json.MarshalIndent(roster.Explain(p, sol), "", " ")
	if err != nil {
		return nil, err
	}
	return rep, os.WriteFile(f.explain, b, 0o600)
}

func fillMATSP(rep *rosterReport, p *roster.Problem, v *formats.Verdict) {
	rep.Penalty, rep.Bound, rep.Violations = v.Over, formats.MATSPBound(p), v.Violations
	rep.Detail = fmt.Sprintf("under=%d over=%d over_squared=%d", v.Under, v.Over, v.OverSquare)
	rep.Score = nil
}

func fillMuster(rep *rosterReport, p *roster.Problem, sol *roster.Solution) {
	rep.Penalty, rep.Bound = sol.Score.Total(), sol.Bound
	rep.Detail = fmt.Sprintf("hard=%d cover=%d contract=%d request=%d cost=%d unmet_spans=%d short_intervals=%d of %d", sol.Score[0], sol.Score[1], sol.Score[2], sol.Score[3], sol.Score[4],
		len(sol.Unmet), sol.Coverage.Short, sol.Coverage.Intervals)
	for _, v := range sol.Violations {
		if v.Hard {
			rep.Violations = append(rep.Violations, fmt.Sprintf("agent %s rule %s: %s", p.Agents[v.Agent].ID, v.Rule, v.Reason))
		}
	}
}

func checkRoster(file, plan string, f *rosterFlags, out io.Writer) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	rows, err := os.ReadFile(plan)
	if err != nil {
		return err
	}
	rep := &rosterReport{File: file, Format: f.format, Violations: []string{}}
	switch f.format {
	case "nrp":
		p, err := formats.ReadNRP(bytes.NewReader(body))
		if err != nil {
			return err
		}
		v, err := formats.JudgeNRP(p, bytes.NewReader(rows))
		if err != nil {
			return err
		}
		rep.Penalty, rep.Detail = v.Penalty, fmt.Sprintf("requests=%d cover=%d", v.Requests, v.Cover)
		rep.Violations = append(rep.Violations, v.Violations...)
	case "matsp":
		p, err := formats.ReadMATSP(bytes.NewReader(body))
		if err != nil {
			return err
		}
		v, err := formats.JudgeMATSP(p, bytes.NewReader(rows))
		if err != nil {
			return err
		}
		fillMATSP(rep, p, v)
		rep.Violations = append([]string{}, rep.Violations...)
	case "muster":
		p, err := roster.ReadProblem(bytes.NewReader(body))
		if err != nil {
			return err
		}
		given, err := roster.ReadSolution(rows)
		if err != nil {
			return err
		}
		sol, err := roster.Evaluate(p, given.Shifts)
		if err != nil {
			return err
		}
		rep.Score = &sol.Score
		fillMuster(rep, p, sol)
	case "inrc2":
		if err := checkINRC2(file, rows, f, rep); err != nil {
			return err
		}
	default:
		return unknownRosterFormat(f.format)
	}
	return printRoster(out, rep, f.asJSON)
}

func writeIf(path string, b []byte) error {
	if path == "" {
		return nil
	}
	return os.WriteFile(path, b, 0o600)
}

// terminalProgress shows a line that overwrites itself, on a terminal only.
func terminalProgress(w io.Writer) func(fraction float64, penalty int64) {
	file, ok := w.(*os.File)
	if ok {
		info, err := file.Stat()
		ok = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if !ok {
		return func(float64, int64) {}
	}
	var last time.Time
	return func(fraction float64, penalty int64) {
		if time.Since(last) < 200*time.Millisecond && fraction < 1 {
			return
		}
		last = time.Now()
		_, _ = fmt.Fprintf(w, "\r%3.0f%% best %d   ", 100*fraction, penalty)
	}
}

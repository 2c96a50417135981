package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"muster/scheduling/roster/formats"
	"muster/scheduling/roster/skillshift"
)

// readINRC2 reads the scenario and the history and week files that the flags name.
func readINRC2(scenario string, f *rosterFlags) (*skillshift.Problem, error) {
	if f.history == "" || len(f.weeks) == 0 {
		return nil, fmt.Errorf("the inrc2 format needs --history FILE and --weeks FILE,FILE,... beside the scenario")
	}
	paths := append([]string{scenario, f.history}, f.weeks...)
	readers := make([]io.Reader, len(paths))
	for k, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		readers[k] = bytes.NewReader(b)
	}
	return formats.ReadINRC2(readers[0], readers[1], readers[2:])
}

func solveINRC2(ctx context.Context, scenario string, f *rosterFlags, clock func() time.Duration, diag io.Writer) (*rosterReport, error) {
	if f.explain != "" {
		return nil, fmt.Errorf("--explain is not available for the inrc2 format; use muster roster check for its violations")
	}
	p, err := readINRC2(scenario, f)
	if err != nil {
		return nil, err
	}
	res, err := skillshift.Solve(ctx, p, skillshift.Options{Seed: f.seed, Threads: f.threads, Moves: f.moves, Time: f.budget, Clock: clock, Progress: terminalProgress(diag)})
	if err != nil {
		return nil, err
	}
	var csv bytes.Buffer
	if err := formats.WriteINRC2(&csv, p, res.Rows); err != nil {
		return nil, err
	}
	verdict, err := formats.JudgeINRC2(p, bytes.NewReader(csv.Bytes()))
	if err != nil {
		return nil, err
	}
	rep := &rosterReport{Penalty: verdict.Penalty, Violations: append([]string{}, verdict.Violations...), Moves: res.Moves, bestAt: res.BestAt,
		Detail: fmt.Sprintf("requests=%d cover=%d", verdict.Requests, verdict.Cover)}
	return rep, writeIf(f.out, csv.Bytes())
}

func checkINRC2(scenario string, rows []byte, f *rosterFlags, rep *rosterReport) error {
	p, err := readINRC2(scenario, f)
	if err != nil {
		return err
	}
	v, err := formats.JudgeINRC2(p, bytes.NewReader(rows))
	if err != nil {
		return err
	}
	rep.Penalty, rep.Detail = v.Penalty, fmt.Sprintf("requests=%d cover=%d", v.Requests, v.Cover)
	rep.Violations = append(rep.Violations, v.Violations...)
	return nil
}

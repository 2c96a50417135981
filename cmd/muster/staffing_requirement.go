package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"muster/scheduling/staffing"
	"muster/tenants/fault"
)

// requirementFlags are the flags of `staffing requirement`.
type requirementFlags struct {
	kind, formula             string
	contacts                  float64
	interval, aht, patience   secondsFlag
	serviceLevel              float64
	threshold, asa, due       secondsFlag
	abandonment, maxOccupancy float64
	minSeats                  int
	shrinkage                 string
	speed                     []float64
	carryOver                 bool
	forecast, volume, zone    string
	out                       string
	workers                   int
	json                      bool
}

func newStaffingRequirementCommand() *cobra.Command {
	flags := requirementFlags{threshold: 20, zone: "UTC", volume: "volume", kind: string(staffing.Live), formula: string(staffing.AnsweredOverOffered)}
	cmd := &cobra.Command{
		Use:   "requirement (--contacts N --interval 30m --aht 180s | --forecast FILE.csv[.gz] [--out FILE.csv]) --service-level 0.8 --threshold 20s",
		Short: "Seats and rostered agents that one interval or a forecast needs",
		Long: `Finds the least seats that meet every goal given, and the agents to roster after
shrinkage. With --patience (or a column patience_seconds) it counts with customers who
hang up (Erlang A), otherwise with Erlang C.

Goals (at least one for kinds live and concurrent):
  --service-level 0.8 --threshold 20s   share served in time, by --formula
  --asa 30s                             mean wait over all contacts
  --max-abandonment 0.05                share that hangs up
  --max-occupancy 0.85                  share of the agents' time on contacts

Kinds:
  live        one contact at a time (voice); --carry-over follows the queue from interval to
              interval and shows the stationary answer beside it
  concurrent  several at a time (chat); --speed 1,1.7,2.5 = work rate with 1, 2, 3 open
  deadline    mail, tickets, call-backs; --due 4h, the work is spread with the lowest peak

Shrinkage: one number (0.3) or types, as leave=0.10,training=0.02,breaks=0.08:remaining.
Types add up as shares of paid time; those marked :remaining multiply what is left.

Forecast file: CSV with columns start, aht_seconds (or --aht), the column named by
--volume-column (volume, or a quantile) and optionally queue and patience_seconds; the
output of 'muster forecast run' fits. Times without zone are local to --zone. Rows of a
queue need not be in order; an absent interval is closed. --interval is the length of an
interval; left out, it is the smallest step of the file.

Output columns: queue, start, volume, aht_seconds, erlangs, net, gross, binding,
service_level, abandonment, asa_seconds, occupancy, stationary, backlog, late.
net = seats, gross = agents to roster, binding = the goal that decided, stationary = seats
without work carried over, backlog = contacts left at the end, late = contacts that nobody
can do by their deadline.`,
		Example: `  muster staffing requirement --contacts 100 --interval 30m --aht 180s --service-level 0.8 --threshold 20s --max-occupancy 0.85 --shrinkage 0.3
  muster staffing requirement --forecast next.csv --service-level 0.8 --patience 120s --volume-column q0.9 --out seats.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.kind, "kind", flags.kind, "live, concurrent or deadline")
	f.Float64Var(&flags.contacts, "contacts", 0, "contacts offered in the one interval")
	f.Var(&flags.interval, "interval", "length of an interval")
	f.Var(&flags.aht, "aht", "mean handling time, where the file has none")
	f.Var(&flags.patience, "patience", "mean time until a waiting customer hangs up; 0 = never")
	f.Float64Var(&flags.serviceLevel, "service-level", 0, "least share served within the threshold (0..1)")
	f.Var(&flags.threshold, "threshold", "time within which an answer counts")
	f.StringVar(&flags.formula, "formula", flags.formula, "answered_over_offered, answered_over_answered or waited_at_most_over_offered")
	f.Var(&flags.asa, "asa", "most mean wait")
	f.Float64Var(&flags.abandonment, "max-abandonment", 0, "most share of hang-ups (0..1)")
	f.Float64Var(&flags.maxOccupancy, "max-occupancy", 0, "most occupancy (0..1)")
	f.IntVar(&flags.minSeats, "min-seats", 0, "least seats of every interval given")
	f.StringVar(&flags.shrinkage, "shrinkage", "", "share, or types as leave=0.1,breaks=0.08:remaining")
	f.Float64SliceVar(&flags.speed, "speed", nil, "work rate with 1, 2, ... contacts open (kind concurrent)")
	f.Var(&flags.due, "due", "time from arrival until the work must be done (kind deadline)")
	f.BoolVar(&flags.carryOver, "carry-over", false, "let work left at the end of an interval flow into the next")
	f.StringVar(&flags.forecast, "forecast", "", "forecast file, CSV or CSV.gz")
	f.StringVar(&flags.volume, "volume-column", flags.volume, "column of the forecast file to staff to")
	f.StringVar(&flags.zone, "zone", flags.zone, "zone of times without one")
	f.StringVar(&flags.out, "out", "", "file to write (with --forecast; default: standard output)")
	f.IntVar(&flags.workers, "workers", 0, "processors to use; 0 = all")
	f.BoolVar(&flags.json, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("forecast", "contacts")
	cmd.MarkFlagsOneRequired("forecast", "contacts")
	return cmd
}

// input is what all queues share.
func (flags *requirementFlags) input() (staffing.Input, error) {
	shrinkage, err := parseShrinkage(flags.shrinkage)
	if err != nil {
		return staffing.Input{}, err
	}
	return staffing.Input{
		Kind:     staffing.Kind(flags.kind),
		Interval: float64(flags.interval),
		Goals: staffing.Goals{
			ServiceLevel: flags.serviceLevel, Threshold: float64(flags.threshold), Formula: staffing.Formula(flags.formula),
			ASA: float64(flags.asa), Abandonment: flags.abandonment, MaxOccupancy: flags.maxOccupancy, MinSeats: flags.minSeats,
		},
		Shrinkage:   shrinkage,
		Concurrency: staffing.Concurrency{Speed: flags.speed},
		Due:         float64(flags.due),
		CarryOver:   flags.carryOver,
	}, nil
}

// parseShrinkage reads "0.3" or "leave=0.1,breaks=0.08:remaining".
func parseShrinkage(text string) ([]staffing.Shrinkage, error) {
	if text == "" {
		return nil, nil
	}
	var out []staffing.Shrinkage
	for part := range strings.SplitSeq(text, ",") {
		name, value, named := strings.Cut(part, "=")
		if !named {
			name, value = "shrinkage", part
		}
		value, basis, _ := strings.Cut(value, ":")
		rate, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "staffing.bad_share", "--shrinkage: %q is not a share; write 0.3 or leave=0.1,breaks=0.08:remaining", part)
		}
		out = append(out, staffing.Shrinkage{Type: strings.TrimSpace(name), Rate: rate, Basis: staffing.ShrinkageBasis(strings.TrimSpace(basis))})
	}
	return out, nil
}

func (flags *requirementFlags) run(cmd *cobra.Command) error {
	base, err := flags.input()
	if err != nil {
		return err
	}
	if flags.forecast == "" {
		return flags.one(cmd.OutOrStdout(), base)
	}
	zone, err := time.LoadLocation(flags.zone)
	if err != nil {
		return fault.Newf(fault.Invalid, "staffing.unknown_zone", "--zone: %q is not a zone such as UTC or Asia/Shanghai", flags.zone)
	}
	file, err := readStaffingForecast(flags.forecast, flags.volume, zone)
	if err != nil {
		return err
	}
	if base.Interval == 0 {
		if base.Interval, err = file.step(); err != nil {
			return err
		}
	}
	return flags.plan(cmd, file, base)
}

// staffingBatch is how many queues are planned before their rows are written.
const staffingBatch = 64

// plan answers queue by queue, so that memory holds the file and one batch.
func (flags *requirementFlags) plan(cmd *cobra.Command, file *staffingForecast, base staffing.Input) (err error) {
	sink, err := flags.sink(cmd.OutOrStdout())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.close(err == nil)) }()
	progress := staffingProgress(len(file.queues))
	for from := 0; from < len(file.queues); from += staffingBatch {
		names := file.queues[from:min(from+staffingBatch, len(file.queues))]
		inputs := make([]staffing.Input, len(names))
		for i, name := range names {
			if inputs[i], err = file.input(name, base, float64(flags.aht), float64(flags.patience)); err != nil {
				return err
			}
		}
		found, err := staffing.RequireAll(cmd.Context(), inputs, flags.workers, func(done int) { progress(from + done) })
		if err != nil {
			return err
		}
		for i, in := range inputs {
			if err := sink.write(file.answers(in, found[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

// requirementSink takes rows to where the flags say. A file appears under its name
// only when it is complete.
type requirementSink struct {
	stdout io.Writer
	temp   *os.File
	out    string
	csv    *requirementCSV
	rows   []requirementRow // for JSON, printed at the end
	json   bool
}

func (flags *requirementFlags) sink(stdout io.Writer) (*requirementSink, error) {
	s := &requirementSink{stdout: stdout, out: flags.out, json: flags.json, rows: []requirementRow{}}
	w := stdout
	if info, err := os.Stat(flags.out); err == nil && !info.Mode().IsRegular() {
		return nil, fault.Newf(fault.Invalid, "staffing.bad_out", "--out %s is no regular file; leave --out away for standard output", flags.out)
	}
	if flags.out != "" {
		temp, err := os.CreateTemp(filepath.Dir(flags.out), ".muster-*.csv")
		if err != nil {
			return nil, err
		}
		s.temp, w = temp, temp
	} else if flags.json {
		return s, nil
	}
	table, err := newRequirementCSV(w)
	if err != nil {
		return nil, errors.Join(err, s.close(false))
	}
	s.csv = &table
	return s, nil
}

func (s *requirementSink) write(rows []requirementRow) error {
	if s.json {
		s.rows = append(s.rows, rows...)
	}
	if s.csv == nil {
		return nil
	}
	return s.csv.write(rows)
}

func (s *requirementSink) close(complete bool) error {
	if s.temp != nil {
		err := s.temp.Close()
		if err == nil && complete {
			err = os.Chmod(s.temp.Name(), 0o644)
		}
		if err == nil && complete {
			err = os.Rename(s.temp.Name(), s.out)
		}
		if err != nil || !complete {
			return errors.Join(err, os.Remove(s.temp.Name()))
		}
	}
	if s.json && complete {
		return printStaffingJSON(s.stdout, s.rows)
	}
	return nil
}

// staffingProgress shows the queues done on a terminal; elsewhere it does nothing.
func staffingProgress(queues int) func(int) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || queues < 50 {
		return func(int) {}
	}
	bar := progressbar.NewOptions(queues, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("queues"),
		progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
	return func(done int) { _ = bar.Set(done) } // a bar that cannot be drawn is no reason to stop
}

// one answers for the single interval of the flags.
func (flags *requirementFlags) one(w io.Writer, in staffing.Input) error {
	if in.Interval == 0 {
		return fault.New(fault.Invalid, "staffing.bad_load", "--interval is needed with --contacts, as 30m")
	}
	in.CarryOver = false // one interval has no neighbour
	in.Demands = []staffing.Demand{{Volume: flags.contacts, AHT: float64(flags.aht), Patience: float64(flags.patience)}}
	if in.Kind == staffing.Deadline {
		in.Due = in.Interval // the one interval takes all of it
	}
	found, err := staffing.Require(in)
	if err != nil {
		return err
	}
	row := newRequirementRow("", "", in.Demands[0], found[0])
	if flags.json {
		return printStaffingJSON(w, row)
	}
	out := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for i, name := range requirementColumns {
		if value := row.cells()[i]; i > 1 { // queue and start are empty
			_, _ = fmt.Fprintf(out, "%s\t%s\n", name, value) // Flush reports the first error
		}
	}
	return out.Flush()
}

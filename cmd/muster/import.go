package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"muster/routing/facts"
	"muster/routing/intake"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// shownIssues is how many issues a summary for people lists.
const shownIssues = 20

// importFlags are what the kinds of imports share.
type importFlags struct {
	settings                        settingsFlags
	client, source, mapping, preset string
	constants                       []string
	dryRun, asJSON, create          bool
}

const importHelp = `
Kinds: contacts (one row per contact), intervals (counts per queue and interval), states (agent, state, from, to),
people (staff), codes (what a source's state codes mean: code, activity, paid, billable).

FILE is CSV (any usual delimiter and encoding) or .xlsx, also as .gz. Without --mapping the saved mapping of the
client's source is used; without that one, the columns are recognised by their names, and the import stops with a
list of what is unclear. "muster import mapping KIND FILE" prints the proposed mapping to start from.

A mapping is kept per client, kind and source. When a column it knows vanishes or is renamed, the import stops and
shows the difference. The same rows again change nothing; a changed row becomes a new revision.

Exit code 0: rows went in (or were known); 1: none did; 2: the file, the mapping or a name is wrong.`

// newImportCommand builds `muster import`.
func newImportCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:       "import KIND FILE",
		Short:     "Import contacts, intervals, states, people or state codes from a table",
		Long:      "Imports the rows of a table for one client.\n" + importHelp,
		Args:      cobra.ExactArgs(2),
		ValidArgs: []string{"contacts", "intervals", "states", "people", "codes"},
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := f.request(args[0], args[1])
			if err != nil {
				return err
			}
			return f.run(cmd, request)
		},
	}
	f.settings.add(cmd)
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.mapping, "mapping", "", "mapping file (YAML or JSON)")
	fl.BoolVar(&f.dryRun, "dry-run", false, "read and judge every row, store nothing")
	fl.BoolVar(&f.asJSON, "json", false, "print the summary with all issues as JSON")
	fl.BoolVar(&f.create, "create", false, "people: make sites, teams and skills that are missing")
	cmd.AddCommand(newImportMappingCommand(), newImportListCommand(), newImportIssuesCommand(), newImportRevertCommand(), newImportTemplateCommand())
	return cmd
}

// register adds the flags that say what a file is.
func (f *importFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.client, "client", "", "slug of the client whose rows these are (required)")
	fl.StringVar(&f.source, "source", "", "name of the system the rows come from; part of every row's key")
	fl.StringVar(&f.preset, "preset", "", "queue_log for Asterisk's queue_log")
	fl.StringArrayVar(&f.constants, "field", nil, "FIELD=VALUE: the same value for every row, when the columns are recognised by name")
	_ = cmd.MarkFlagRequired("client") // the flag exists
}

// request makes the import's request.
func (f *importFlags) request(kind, path string) (intake.Request, error) {
	k, err := intake.ParseKind(kind)
	if err != nil {
		return intake.Request{}, err
	}
	r := intake.Request{Kind: k, Client: f.client, Source: f.source, FileName: filepath.Base(path), Preset: f.preset, DryRun: f.dryRun, Create: f.create, Constants: map[string]string{},
		Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	if f.preset != "" && f.preset != tabular.PresetQueueLog {
		return r, fmt.Errorf("--preset %s is unknown; allowed is: %s", f.preset, tabular.PresetQueueLog)
	}
	for _, c := range f.constants {
		field, value, ok := strings.Cut(c, "=")
		if !ok || intake.Schema(k).Index(field) < 0 {
			return r, fmt.Errorf("--field %s: want FIELD=VALUE with a field of %s", c, kind)
		}
		r.Constants[field] = value
	}
	if f.mapping != "" {
		document, err := os.ReadFile(f.mapping)
		if err != nil {
			return r, err
		}
		m, err := tabular.ParseMapping(document)
		if err != nil {
			return r, err
		}
		r.Mapping = &m
	}
	return r, nil
}

// importReport is what --json prints.
type importReport struct {
	intake.Summary
	Issues []gradedIssue `json:"issues"`
}

type gradedIssue struct {
	tabular.Issue
	Grade intake.Grade `json:"grade"`
}

// run imports, rolls the facts up and reports.
func (f *importFlags) run(cmd *cobra.Command, r intake.Request) error {
	return f.settings.withHouse(cmd, func(ctx context.Context, h *house) error {
		report := importReport{Issues: []gradedIssue{}}
		r.Issue = func(i tabular.Issue, g intake.Grade) {
			if f.asJSON || len(report.Issues) < shownIssues {
				report.Issues = append(report.Issues, gradedIssue{i, g})
			}
		}
		bar := newBar("rows")
		r.Progress = bar.rows
		var err error
		report.Summary, err = intake.NewService(h.db, h.contracts, h.people).Run(ctx, scope.Provider(), r)
		bar.done()
		if err != nil {
			return err
		}
		if !r.DryRun {
			bar = newBar("facts")
			_, err := facts.NewService(h.db, h.contracts).RollUp(ctx, func(done, left int64) { bar.rows(done, done+left) })
			bar.done()
			if err != nil {
				return err
			}
		}
		if err := report.print(cmd.OutOrStdout(), f.asJSON); err != nil {
			return err
		}
		if c := report.Counts; c.Read > 0 && c.New+c.Changed+c.Unchanged == 0 {
			return exitError{exitFailure}
		}
		return nil
	})
}

// print writes the report for programs or for people.
func (r importReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	what := "imported"
	switch {
	case r.DryRun:
		what = "dry run, nothing stored"
	case r.Resumed:
		what = "imported, going on where an interrupted import stopped"
	}
	fmt.Fprintf(out, "%s of client %s from source %s: %s\n", r.Kind, r.Client, r.Source, what)
	fmt.Fprintf(out, "file: %s\n", describeFormat(r.Format))
	for _, p := range r.Proposals {
		fmt.Fprintf(out, "  %s ← %s. %s\n", p.Field, strings.Join(p.Columns, " + "), p.Why)
	}
	c := r.Counts
	fmt.Fprintf(out, "%d rows read = %d new + %d changed + %d unchanged + %d refused + %d ignored + %d totals\n", c.Read, c.New, c.Changed, c.Unchanged, c.Refused, c.Ignored, c.Total)
	if r.Last > 0 {
		fmt.Fprintf(out, "events from %s to %s\n", r.First, r.Last)
	}
	if r.Skipped+r.Repeated > 0 {
		fmt.Fprintf(out, "daylight saving: %d local times do not exist (read as if the clock had not moved), %d exist twice (read as the first)\n", r.Skipped, r.Repeated)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	for _, code := range slices.Sorted(maps.Keys(r.Codes)) {
		fmt.Fprintf(out, "  %6d × %s\n", r.Codes[code], code)
	}
	for _, i := range r.Issues {
		fmt.Fprintf(out, "line %d, %s", i.Line, i.Grade)
		if i.Column != "" {
			fmt.Fprintf(out, ", column %s", i.Column)
		}
		if i.Value != "" {
			fmt.Fprintf(out, " %q", i.Value)
		}
		fmt.Fprintf(out, ": %s\n", i.Sentence)
	}
	if !r.ID.IsZero() {
		fmt.Fprintf(out, "import %s; list every issue with: muster import issues %s\n", r.ID, r.ID)
	}
	return nil
}

// describeFormat says how the file was read.
func describeFormat(f tabular.Format) string {
	parts := []string{f.Container}
	if f.Gzip {
		parts = append(parts, "gzip")
	}
	if f.Encoding != "" {
		parts = append(parts, f.Encoding)
	}
	if f.Delimiter != "" {
		parts = append(parts, "delimiter "+f.Delimiter)
	}
	if f.Sheet != "" {
		parts = append(parts, "sheet "+f.Sheet)
	}
	if f.HeaderLine > 0 {
		parts = append(parts, fmt.Sprintf("header on line %d", f.HeaderLine))
	}
	return strings.Join(parts, ", ")
}

// bar is a progress bar on a terminal's standard error, and nothing elsewhere.
type bar struct{ bar *progressbar.ProgressBar }

func newBar(what string) *bar {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &bar{}
	}
	return &bar{progressbar.NewOptions64(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionShowCount())}
}

// rows moves the bar; an unknown total shows a spinner.
func (b *bar) rows(done, total int64) {
	if b.bar == nil {
		return
	}
	if total > 0 && b.bar.GetMax64() != total {
		b.bar.ChangeMax64(total)
	}
	_ = b.bar.Set64(done) // a bar that cannot be drawn is no failure
}

func (b *bar) done() {
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}

// newImportMappingCommand prints a proposed mapping.
func newImportMappingCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "mapping KIND FILE",
		Short: "Propose a mapping for a file and print it as YAML",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := f.request(args[0], args[1])
			if err != nil {
				return err
			}
			return f.settings.withHouse(cmd, func(ctx context.Context, h *house) error {
				p, err := intake.NewService(h.db, h.contracts, h.people).Propose(ctx, scope.Provider(), request)
				if err != nil {
					return err
				}
				document, err := p.Mapping.YAML()
				if err != nil {
					return err
				}
				out := cmd.OutOrStdout()
				for _, v := range p.Proposals {
					fmt.Fprintf(out, "# %s ← %s. %s\n", v.Field, strings.Join(v.Columns, " + "), v.Why)
				}
				for _, v := range p.Undecided {
					fmt.Fprintf(out, "# UNDECIDED: %s\n", v)
				}
				for _, v := range p.Missing {
					fmt.Fprintf(out, "# MISSING: no column was recognised for %s\n", v)
				}
				_, err = out.Write(document)
				return err
			})
		},
	}
	f.settings.add(cmd)
	f.register(cmd)
	return cmd
}

// newImportListCommand lists imports.
func newImportListCommand() *cobra.Command {
	var settings settingsFlags
	var client string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the latest imports",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return settings.withHouse(cmd, func(ctx context.Context, h *house) error {
				var id ids.Client
				if client != "" {
					c, err := h.contracts.ClientBySlug(ctx, scope.Provider(), client)
					if err != nil {
						return err
					}
					id = c.ID
				}
				all, err := intake.NewService(h.db, h.contracts, h.people).Imports(ctx, scope.Provider(), id, 50)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(t, "id\tstarted\tkind\tsource\tfile\tstatus\tread\tnew\tchanged\tunchanged\trefused\tignored\ttotals")
				for _, i := range all {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", i.ID, i.StartedAt, i.Kind, i.Source, i.FileName, i.Status,
						i.RowsRead, i.RowsNew, i.RowsChanged, i.RowsUnchanged, i.RowsRefused, i.RowsIgnored, i.RowsTotal)
				}
				return t.Flush()
			})
		},
	}
	settings.add(cmd)
	cmd.Flags().StringVar(&client, "client", "", "only this client's")
	return cmd
}

// importID reads the id of an import from the command line.
func importID(text string) (ids.Import, error) {
	var id ids.Import
	if err := id.UnmarshalText([]byte(text)); err != nil {
		return id, fault.Newf(fault.Invalid, "import.bad_id", "The import's %v.", err)
	}
	return id, nil
}

// newImportIssuesCommand lists every row that did not go in.
func newImportIssuesCommand() *cobra.Command {
	var settings settingsFlags
	cmd := &cobra.Command{
		Use:   "issues IMPORT",
		Short: "List every row of an import that did not go in, with the reason",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := importID(args[0])
			if err != nil {
				return err
			}
			return settings.withHouse(cmd, func(ctx context.Context, h *house) error {
				service := intake.NewService(h.db, h.contracts, h.people)
				if _, err := service.Import(ctx, scope.Provider(), id); err != nil {
					return err
				}
				t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(t, "line\tgrade\tcode\tcolumn\tvalue\twhy")
				for after := int64(0); ; {
					page, err := service.Issues(ctx, scope.Provider(), id, after, 1000)
					if err != nil {
						return err
					}
					for _, i := range page {
						fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%q\t%s\n", i.Line, i.Grade, i.Code, i.Column, i.Value, i.Sentence)
						after = i.Seq
					}
					if len(page) == 0 {
						return t.Flush()
					}
				}
			})
		},
	}
	settings.add(cmd)
	return cmd
}

// newImportRevertCommand takes an import back.
func newImportRevertCommand() *cobra.Command {
	var settings settingsFlags
	cmd := &cobra.Command{
		Use:   "revert IMPORT",
		Short: "Take all rows of an import back; what it changed is again what it was before",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := importID(args[0])
			if err != nil {
				return err
			}
			return settings.withHouse(cmd, func(ctx context.Context, h *house) error {
				bar := newBar("rows")
				var rows int64
				_, err := intake.NewService(h.db, h.contracts, h.people).Revert(ctx, scope.Provider(), id, func(n int64) {
					rows = n
					bar.rows(n, 0)
				})
				bar.done()
				if err != nil {
					return err
				}
				if _, err := facts.NewService(h.db, h.contracts).RollUp(ctx, nil); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "import %s reverted: %d rows taken back\n", id, rows)
				return nil
			})
		},
	}
	settings.add(cmd)
	return cmd
}

// withHouse opens the house by the settings, runs fn and closes it.
func (f *settingsFlags) withHouse(cmd *cobra.Command, fn func(context.Context, *house) error) error {
	s, err := f.load(nil)
	if err != nil {
		return err
	}
	h, err := openHouse(cmd.Context(), s, newLogger(s), nil)
	if err != nil {
		return err
	}
	defer h.close()
	return fn(cmd.Context(), h)
}

// newImportTemplateCommand writes an empty Excel file for people to fill in.
func newImportTemplateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "template KIND FILE.xlsx",
		Short: "Write an empty Excel file with the columns that an import recognises by itself",
		Args:  cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			_, content, err := intake.Template(intake.Kind(args[0]))
			if err != nil {
				return err
			}
			return os.WriteFile(args[1], content, 0o600)
		},
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"

	"muster/billing"
	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// desk is what the commands of billing and reporting work with.
type desk struct {
	*house
	out  io.Writer
	json bool
}

// deskFlags are the flags of every command of a desk.
type deskFlags struct {
	settings settingsFlags
	json     bool
}

// add offers the flags on a command and those below it.
func (f *deskFlags) add(command *cobra.Command) {
	f.settings.add(command)
	command.PersistentFlags().BoolVar(&f.json, "json", false, "print JSON instead of a table")
}

// run opens the house, runs a command on it under the provider's scope and closes it.
func (f *deskFlags) run(command *cobra.Command, work func(ctx context.Context, d *desk) error) error {
	s, err := f.settings.load(nil)
	if err != nil {
		return err
	}
	h, err := openHouse(command.Context(), s, newLogger(s), nil)
	if err != nil {
		return err
	}
	defer h.close()
	return work(command.Context(), &desk{house: h, out: command.OutOrStdout(), json: f.json})
}

// print writes a value as JSON when that was asked for, else by the table.
func (d *desk) print(v any, table func(w io.Writer)) error {
	if d.json {
		e := json.NewEncoder(d.out)
		e.SetIndent("", "  ")
		return e.Encode(v)
	}
	w := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	table(w)
	return w.Flush()
}

// newInvoiceCommand builds `muster invoice rates|draft|issue|credit|list|show|export`.
func newInvoiceCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "invoice",
		Short: "Draft, issue, correct, list and export invoices",
	}
	flags := &deskFlags{}
	flags.add(command)
	command.AddCommand(newInvoiceRatesCommand(flags), newInvoiceDraftCommand(flags), newInvoiceIssueCommand(flags), newInvoiceCreditCommand(flags),
		newInvoiceListCommand(flags), newInvoiceShowCommand(flags), newInvoiceExportCommand(flags))
	return command
}

// newInvoiceRatesCommand puts a rate card version in force from a JSON file.
func newInvoiceRatesCommand(flags *deskFlags) *cobra.Command {
	var client, from, name string
	var example bool
	command := &cobra.Command{
		Use:   "rates FILE.json --client SLUG --from YYYY-MM-DD",
		Short: "Put the next version of a client's rate card in force",
		Long:  "Reads the terms of a rate card (rounding, rules, commitments, discounts, credits, taxes, bands) from a JSON file;\n--example prints one. A price without a tax bears the contract's; decimals are strings.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if example {
				return printExample(command.OutOrStdout())
			}
			if len(args) == 0 || client == "" || from == "" {
				return errors.New("a file, --client and --from are needed; --example prints a file")
			}
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			var terms billing.Terms
			d := json.NewDecoder(file)
			d.DisallowUnknownFields()
			if err := d.Decode(&terms); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			day, err := calendar.ParseDate(from)
			if err != nil {
				return fmt.Errorf("--from: %w", err)
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				card, err := d.billing.PutRateCard(ctx, scope.Provider(), billing.RateCard{ClientID: c.ID, Name: name, Currency: c.Currency, ValidFrom: day, Document: terms}, ids.User{})
				if err != nil {
					return err
				}
				return d.print(card, func(w io.Writer) {
					fmt.Fprintf(w, "%s version %d of %s is in force from %s\n", card.Name, card.Version, c.Name, card.ValidFrom)
				})
			})
		},
	}
	command.Flags().StringVar(&client, "client", "", "client's slug")
	command.Flags().StringVar(&from, "from", "", "first business date in force, YYYY-MM-DD")
	command.Flags().StringVar(&name, "name", "Rate card", "name of the rate card")
	command.Flags().BoolVar(&example, "example", false, "print an example file and do nothing else")
	return command
}

// printExample writes terms that show the usual families of prices.
func printExample(w io.Writer) error {
	price := decimal.RequireFromString
	thousand, floor := price("1000"), price("50000")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(billing.Terms{Rounding: money.HalfUp,
		Bands: []billing.TimeBand{{Name: "night", From: 22 * 60, Until: 6 * 60}},
		Rules: []rating.Rule{
			{Key: "hours", Name: "Productive hours", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: price("58.50"), SplitBy: []rating.Dimension{rating.LOB, rating.Tier},
				Multipliers: []rating.Multiplier{{Name: "night", Where: map[rating.Dimension][]string{rating.Band: {"night"}}, Factor: price("1.5")}, {Name: "holiday", Where: map[rating.Dimension][]string{rating.DayType: {billing.Holiday}}, Factor: price("3")}}},
			{Key: "chats", Name: "Chats", Form: rating.Graduated, Meter: rating.HandledContacts("chat"), Tiers: []rating.PriceTier{{UpTo: &thousand, Price: price("3")}, {Price: price("2.5")}}},
			{Key: "base", Name: "Base fee", Form: rating.Fixed, Price: price("20000")},
		},
		Commitments: []rating.Commitment{{Name: "Minimum", Rules: []string{"hours"}, Minimum: &floor}},
		Discounts:   []rating.Discount{{Name: "Volume rebate", Rules: []string{"chats"}, Share: price("0.02")}},
	})
}

// newInvoiceDraftCommand drafts the invoice of a client's billing month.
func newInvoiceDraftCommand(flags *deskFlags) *cobra.Command {
	var client, month, locale, note string
	command := &cobra.Command{
		Use:   "draft",
		Short: "Draft the invoice of a client's billing month from facts, rate card and SLA results",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			on, err := billing.ParseMonth(month)
			if err != nil {
				return err
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
				if err != nil {
					return err
				}
				i, err := d.billing.DraftInvoice(ctx, scope.Provider(), billing.DraftInput{Client: c.ID, On: on, Locale: locale, Note: note})
				if err != nil {
					return err
				}
				return d.print(i, func(w io.Writer) { printInvoice(w, i) })
			})
		},
	}
	command.Flags().StringVar(&client, "client", "", "client's slug")
	command.Flags().StringVar(&month, "month", "", "billing month, YYYY-MM: the one that holds its 28th")
	command.Flags().StringVar(&locale, "locale", "", "language of the document, zh-CN or en (the client's when empty)")
	command.Flags().StringVar(&note, "note", "", "note on the document")
	_ = command.MarkFlagRequired("client")
	_ = command.MarkFlagRequired("month")
	return command
}

// newInvoiceIssueCommand reviews and issues a draft.
func newInvoiceIssueCommand(flags *deskFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "issue ID",
		Short: "Review and issue a draft: it takes its number, locks its period and never changes again",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				i, err := d.find(ctx, args[0])
				if err != nil {
					return err
				}
				if i.Status == billing.Draft {
					if i, err = d.billing.Review(ctx, scope.Provider(), i.ID, i.Version, ids.User{}); err != nil {
						return err
					}
				}
				if i, err = d.billing.Issue(ctx, scope.Provider(), i.ID, i.Version, ids.User{}); err != nil {
					return err
				}
				return d.print(i, func(w io.Writer) { printInvoice(w, i) })
			})
		},
	}
}

// newInvoiceCreditCommand drafts a credit note.
func newInvoiceCreditCommand(flags *deskFlags) *cobra.Command {
	var reason, amount string
	var line int
	command := &cobra.Command{
		Use:   "credit NUMBER",
		Short: "Draft a credit note on an issued invoice: all of it, or an amount of one line",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				i, err := d.find(ctx, args[0])
				if err != nil {
					return err
				}
				var parts []rating.Reversal
				if line > 0 {
					exact, err := rating.ParseDecimal(amount)
					if err != nil {
						return fmt.Errorf("--amount: %w", err)
					}
					sum, err := money.Round(exact, i.Currency, money.HalfUp)
					if err != nil {
						return err
					}
					parts = []rating.Reversal{{Line: line, Amount: sum, Reason: reason}}
				}
				note, err := d.billing.CreditNote(ctx, scope.Provider(), i.ID, parts, reason, ids.User{})
				if err != nil {
					return err
				}
				return d.print(note, func(w io.Writer) { printInvoice(w, note) })
			})
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why the invoice is corrected")
	command.Flags().IntVar(&line, "line", 0, "number of the line to correct; the whole invoice when left out")
	command.Flags().StringVar(&amount, "amount", "", "amount to take back from the line")
	_ = command.MarkFlagRequired("reason")
	return command
}

// newInvoiceListCommand lists documents.
func newInvoiceListCommand(flags *deskFlags) *cobra.Command {
	var client, status string
	command := &cobra.Command{
		Use:   "list",
		Short: "List drafts, reviewed and issued documents, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				f := billing.Filter{Status: billing.Status(status)}
				clients, err := d.contracts.Clients(ctx, scope.Provider())
				if err != nil {
					return err
				}
				names := map[ids.Client]contract.Client{}
				for _, c := range clients {
					names[c.ID] = c
				}
				if client != "" {
					c, err := d.contracts.ClientBySlug(ctx, scope.Provider(), client)
					if err != nil {
						return err
					}
					f.ClientID = c.ID
				}
				all, err := d.billing.Invoices(ctx, scope.Provider(), f)
				if err != nil {
					return err
				}
				return d.print(all, func(w io.Writer) {
					fmt.Fprintln(w, "ID\tNUMBER\tKIND\tSTATUS\tCLIENT\tFROM\tUNTIL\tNET\tTAX\tTOTAL")
					for _, i := range all {
						s := i.Document.Statement
						fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i.ID, orDash(i.Label()), i.Kind, i.Status, names[i.ClientID].Slug, s.From, s.Until-1, i.Net(), i.Tax(), i.Total())
					}
				})
			})
		},
	}
	command.Flags().StringVar(&client, "client", "", "client's slug; all when left out")
	command.Flags().StringVar(&status, "status", "", "draft, reviewed, issued or superseded; all but superseded when left out")
	return command
}

// newInvoiceShowCommand shows a document, or the rows behind one line.
func newInvoiceShowCommand(flags *deskFlags) *cobra.Command {
	var line int
	command := &cobra.Command{
		Use:   "show ID|NUMBER",
		Short: "Show a document with its lines, or with --line the annex rows and reasons of one",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				i, err := d.find(ctx, args[0])
				if err != nil {
					return err
				}
				if line == 0 {
					return d.print(i, func(w io.Writer) { printInvoice(w, i) })
				}
				sources, err := d.billing.Sources(ctx, scope.Provider(), i.ID, line)
				if err != nil {
					return err
				}
				return d.print(sources, func(w io.Writer) {
					for _, step := range i.Lines[line-1].Steps {
						fmt.Fprintf(w, "%s\t%v\n", step.Code, step.Params)
					}
					fmt.Fprintln(w, "SEQ\tDAY\tSOURCE\tACTIVITY\tQUANTITY\tAMOUNT")
					for _, x := range sources {
						fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", x.Seq, x.Day, orDash(i.Document.Names[x.Counts.Source]), orDash(x.Activity), x.Quantity, x.Counts.Amount)
					}
				})
			})
		},
	}
	command.Flags().IntVar(&line, "line", 0, "number of a line")
	return command
}

// newInvoiceExportCommand writes a document as an Excel workbook.
func newInvoiceExportCommand(flags *deskFlags) *cobra.Command {
	var out, locale string
	command := &cobra.Command{
		Use:   "export ID|NUMBER",
		Short: "Write a document as an Excel workbook with live formulas and its annex",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				i, err := d.find(ctx, args[0])
				if err != nil {
					return err
				}
				name, content, err := d.billing.Export(ctx, scope.Provider(), i.ID, locale)
				if err != nil {
					return err
				}
				if out != "" {
					name = out
				}
				if err := os.WriteFile(name, content, 0o600); err != nil {
					return err
				}
				return d.print(map[string]any{"file": name, "bytes": len(content)}, func(w io.Writer) { fmt.Fprintf(w, "%s\t%d bytes\n", name, len(content)) })
			})
		},
	}
	command.Flags().StringVar(&out, "out", "", "file to write; named by the document when left out")
	command.Flags().StringVar(&locale, "locale", "", "zh-CN or en; the document's own when left out")
	return command
}

// find loads a document by id or number.
func (d *desk) find(ctx context.Context, name string) (billing.Invoice, error) {
	var id ids.Invoice
	if err := id.UnmarshalText([]byte(name)); err == nil && !id.IsZero() {
		return d.billing.Invoice(ctx, scope.Provider(), id)
	}
	i, err := d.billing.InvoiceByLabel(ctx, scope.Provider(), name)
	if fault.KindOf(err) == fault.NotFound {
		return i, fault.Newf(fault.NotFound, "invoice.not_found", "There is no document %q: give its id, or its number once it is issued (muster invoice list shows both).", name)
	}
	return i, err
}

// printInvoice writes a document for people.
func printInvoice(w io.Writer, i billing.Invoice) {
	kind := map[workbook.Kind]string{workbook.KindInvoice: "invoice", workbook.KindCreditNote: "credit note"}[i.Kind]
	s := i.Document.Statement
	fmt.Fprintf(w, "%s %s\t%s\t%s – %s\t%s\n", kind, orDash(i.Label()), i.Status, s.From, s.Until-1, i.ID)
	fmt.Fprintln(w, "NO\tLINE\tLOB\tQUANTITY\tUNIT\tPRICE\tFACTOR\tAMOUNT")
	for _, l := range i.Lines {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.No, l.Name, orDash(i.Document.Names[l.LOB]), l.Quantity, l.Unit, l.UnitPrice, l.Factor, l.Amount)
	}
	fmt.Fprintf(w, "\tnet\t\t\t\t\t\t%s\n\ttax\t\t\t\t\t\t%s\n\ttotal\t\t\t\t\t\t%s\n", i.Net(), i.Tax(), i.Total())
}

// orDash stands a dash for nothing.
func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

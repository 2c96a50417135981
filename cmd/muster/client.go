package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"muster/server/onboard"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// newClientCommand builds `muster client add|apply|list`.
func newClientCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "client",
		Short: "Add clients, apply their documents and list them",
	}
	flags := &deskFlags{}
	flags.add(command)
	command.AddCommand(newClientAddCommand(flags), newClientApplyCommand(flags), newClientListCommand(flags))
	return command
}

// newClientAddCommand adds a client that has nothing yet.
func newClientAddCommand(flags *deskFlags) *cobra.Command {
	var c contract.Client
	var currency string
	command := &cobra.Command{
		Use:   "add SLUG --name NAME --zone ZONE --currency CODE",
		Short: "Add a client without queues or contract",
		Long: `Adds a client that has no lines of business, queues, contract or rate card yet.
"muster client apply" brings all of these in at once from one document.`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			code, err := money.ParseCurrency(currency)
			if err != nil {
				return err
			}
			c.Slug, c.Currency = args[0], code
			return flags.run(command, func(ctx context.Context, d *desk) error {
				added, err := d.contracts.CreateClient(ctx, scope.Provider(), c)
				if err != nil {
					return err
				}
				return d.print(added, func(w io.Writer) {
					fmt.Fprintf(w, "client %s added: %s, %s, %s\n", added.Slug, added.Name, added.Zone, added.Currency)
				})
			})
		},
	}
	f := command.Flags()
	f.StringVar(&c.Name, "name", "", "name on screens and documents")
	f.StringVar(&c.Zone, "zone", "", "IANA zone of its business days, such as Asia/Shanghai")
	f.StringVar(&currency, "currency", "", "ISO 4217 currency of its invoices, such as CNY")
	f.StringVar(&c.Locale, "locale", "zh-CN", "language of its documents, zh-CN or en")
	for _, name := range []string{"name", "zone", "currency"} {
		_ = command.MarkFlagRequired(name) // the flag exists
	}
	return command
}

// newClientApplyCommand applies a client's document.
func newClientApplyCommand(flags *deskFlags) *cobra.Command {
	var example, dryRun bool
	command := &cobra.Command{
		Use:   "apply FILE.yaml",
		Short: "Bring a client in from one document: queues, terms, calendar, contract, measures and rates",
		Long: `Brings a client in from one YAML document: the provider and its legal entity where they
are missing, the client, opening hours, lines of business, queues with skills and terms,
contract, measures and rate card.

The document is checked as a whole before anything is stored; every error names the line.
Applying it again changes nothing; what differs becomes a new version from the document's
valid_from on, which must then lie later than before.

Bring your own data in five minutes:

  muster client apply --example > bank.yaml        # edit it
  muster client apply bank.yaml
  muster import people staff.xlsx --client linan --source hr --create
  muster import contacts calls.csv --client linan --source acd
  muster plan forecast --client linan --from 2026-03-02 --days 7 --publish
  muster plan staffing --client linan
  muster plan roster --client linan --from 2026-03-02 --days 7
  muster invoice draft --client linan --month 2026-02

A document with every field:

` + onboard.Example,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if example {
				fmt.Fprint(command.OutOrStdout(), onboard.Example)
				return nil
			}
			if len(args) == 0 {
				return fmt.Errorf("name the document; --example prints one to start from")
			}
			content, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			document, err := onboard.Parse(content)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if dryRun {
				fmt.Fprintf(command.OutOrStdout(), "%s can be applied; nothing was stored\n", args[0])
				return nil
			}
			return flags.run(command, func(ctx context.Context, d *desk) error {
				steps, err := document.Apply(ctx, scope.Provider(), onboard.Services{Contracts: d.contracts, People: d.people, Billing: d.billing}, ids.User{})
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				return d.print(steps, func(w io.Writer) {
					for _, s := range steps {
						fmt.Fprintf(w, "%s\t%s\t%s\n", s.Outcome, s.Part, s.Name)
					}
				})
			})
		},
	}
	command.Flags().BoolVar(&example, "example", false, "print a commented document and do nothing else")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "check the document, store nothing")
	return command
}

// newClientListCommand lists the clients.
func newClientListCommand(flags *deskFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the clients",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return flags.run(command, func(ctx context.Context, d *desk) error {
				all, err := d.contracts.Clients(ctx, scope.Provider())
				if err != nil {
					return err
				}
				return d.print(all, func(w io.Writer) {
					fmt.Fprintln(w, "SLUG\tNAME\tZONE\tCURRENCY")
					for _, c := range all {
						fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.Slug, c.Name, c.Zone, c.Currency)
					}
				})
			})
		},
	}
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"muster/billing"
	"muster/reporting"
	"muster/tenants/fault"
	"muster/tenants/scope"
)

// newScorecardCommand shows a client's contract measures over a billing month.
func newScorecardCommand() *cobra.Command {
	var client, month string
	flags := &deskFlags{}
	command := &cobra.Command{
		Use:   "scorecard",
		Short: "Show a client's contract measures over a billing month: target, actual, counts behind",
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
				startDay := 1
				if agreed, err := d.contracts.ContractOn(ctx, scope.Provider(), c.ID, on); err == nil {
					startDay = agreed.Document.PeriodStartDay
				} else if fault.KindOf(err) != fault.NotFound {
					return err
				}
				from, until := billing.PeriodAround(on, startDay)
				card, err := d.reports.Scorecard(ctx, scope.Provider(), c.ID, from, until)
				if err != nil {
					return err
				}
				return d.print(card, func(w io.Writer) { printScorecard(w, card) })
			})
		},
	}
	flags.add(command)
	command.Flags().StringVar(&client, "client", "", "client's slug")
	command.Flags().StringVar(&month, "month", "", "billing month, YYYY-MM: the one that holds its 28th")
	_ = command.MarkFlagRequired("client")
	_ = command.MarkFlagRequired("month")
	return command
}

// printScorecard writes a scorecard for people.
func printScorecard(w io.Writer, card reporting.Scorecard) {
	fmt.Fprintf(w, "%s – %s\t%s\n", card.From, card.Until-1, card.Zone)
	fmt.Fprintln(w, "MEASURE\tFORMULA\tTARGET\tACTUAL\tUNIT\tSTATUS\tNUMERATOR\tDENOMINATOR")
	for _, l := range card.Lines {
		value := "–"
		if l.Value != nil {
			value = l.Value.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", l.Measure.Key, orDash(string(l.Definition.Formula)), l.Target, value, l.Definition.Unit, l.Status, l.Ratio.Numerator, l.Ratio.Denominator)
	}
}

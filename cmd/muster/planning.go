package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"muster/scheduling"
	"muster/scheduling/roster"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// newExportProblemCommand writes the problem a stored roster was solved as.
func newExportProblemCommand() *cobra.Command {
	var flags settingsFlags
	var out string
	c := &cobra.Command{
		Use:   "export-problem ROSTER_ID",
		Short: "Write the problem of a stored roster, for muster roster solve --format muster",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withHouse(cmd, &flags, func(ctx context.Context, h *house) error {
				id, err := rosterID(args[0])
				if err != nil {
					return err
				}
				p, err := h.planning.Problem(ctx, scope.Provider(), id)
				if err != nil {
					return err
				}
				return writeTo(cmd, out, func(w io.Writer) error { return roster.WriteProblem(w, p) })
			})
		},
	}
	flags.add(c)
	c.Flags().StringVar(&out, "out", "", "write to this file instead of the standard output")
	return c
}

// rosterID reads the id of a roster.
func rosterID(text string) (ids.Roster, error) {
	id, err := ids.Parse[struct{}](text)
	if err != nil {
		return ids.Roster{}, fault.Newf(fault.Invalid, "roster.bad_id", "%q is not the id of a roster: want 8-4-4-4-12 hexadecimal digits.", text)
	}
	return ids.Roster(id), nil
}

// withHouse runs a command on the house that its settings describe.
func withHouse(cmd *cobra.Command, flags *settingsFlags, work func(context.Context, *house) error) error {
	s, err := flags.load(nil)
	if err != nil {
		return err
	}
	h, err := openHouse(cmd.Context(), s, newLogger(s), nil)
	if err != nil {
		return err
	}
	defer h.close()
	return work(cmd.Context(), h)
}

// writeTo writes to a file or, without a name, to the standard output.
func writeTo(cmd *cobra.Command, name string, write func(io.Writer) error) error {
	if name == "" {
		return write(cmd.OutOrStdout())
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// simulateStored tests a stored roster and prints the outcome per queue.
func simulateStored(cmd *cobra.Command, settings *settingsFlags, id string, flags *simulateFlags) error {
	return withHouse(cmd, settings, func(ctx context.Context, h *house) error {
		n := scheduling.NewSimulation{Seed: flags.seed}
		if cmd.Flags().Changed("replications") {
			n.Replications = flags.replications
		}
		var err error
		if n.Roster, err = rosterID(id); err != nil {
			return err
		}
		v, err := h.planning.Simulate(ctx, scope.Provider(), n, nil)
		if err != nil {
			return err
		}
		if flags.asJSON {
			return printJSON(cmd.OutOrStdout(), v)
		}
		return h.printSimulation(ctx, cmd.OutOrStdout(), v)
	})
}

// printSimulation prints one line per queue.
func (h *house) printSimulation(ctx context.Context, out io.Writer, v scheduling.Simulation) error {
	queues, err := h.contracts.Queues(ctx, scope.Provider(), ids.Client{})
	if err != nil {
		return err
	}
	clients, err := h.contracts.Clients(ctx, scope.Provider())
	if err != nil {
		return err
	}
	names := map[ids.Queue]string{}
	for _, q := range queues {
		for _, c := range clients {
			if c.ID == q.ClientID {
				names[q.ID] = c.Slug + "/" + q.Slug
			}
		}
	}
	fmt.Fprintf(out, "simulation %s: %d replications, seed %d, %d days from %s, %.1f %% absent\n\n", v.ID, v.Replications, v.Seed, v.Summary.Days, v.Summary.From, 100*v.Summary.Absent)
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "queue\tcontacts\tservice level\tband\tgoal\tintervals met\tabandoned\tASA\t")
	for _, q := range v.Summary.Queues {
		fmt.Fprintf(w, "%s\t%.0f\t%.1f %%\t%.1f-%.1f %%\t%.0f %%\t%.1f %%\t%.1f %%\t%.0f s\t\n", names[q.QueueID], q.Offered.Mean, 100*q.ServiceLevel.Mean, 100*q.ServiceLevel.Low, 100*q.ServiceLevel.High,
			100*q.Goal, 100*q.IntervalsMet, 100*q.Abandonment.Mean, q.ASASeconds.Mean)
	}
	return w.Flush()
}

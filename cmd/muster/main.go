// Command muster is the whole product in one binary: the server, the demo and
// the analyst's commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes that scripts may rely on.
const (
	exitFailure = 1 // the work was done and its answer is "no", or it failed
	exitUsage   = 2 // the command line or an input file is wrong
)

// exitError carries the exit code a command chose; nothing more is printed for it.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := newRootCommand().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	var exit exitError
	if errors.As(err, &exit) {
		os.Exit(exit.code)
	}
	fmt.Fprintln(os.Stderr, "muster:", err)
	os.Exit(exitUsage)
}

// newRootCommand builds the command tree; every group of commands lives in a file of its own.
func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "muster",
		Version:       version,
		Short:         "Workforce management and multi-client operations for outsourcing contact centres",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(commands()...)
	return root
}

package main

import "github.com/spf13/cobra"

// commands lists the groups of commands in the order in which help shows them.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(),
		newServeCommand(),
		newMigrateCommand(),
		newBackupCommand(),
		newRestoreCommand(),
		newConfigCommand(),
		newOpenAPICommand(),
		newStaffingCommand(),
		newForecastCommand(),
		newSimulateCommand(),
		newRosterCommand(),
		newClientCommand(),
		newImportCommand(),
		newFeedCommand(),
		newPlanCommand(),
		newInvoiceCommand(),
		newScorecardCommand(),
	}
}

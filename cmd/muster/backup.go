package main

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"muster/tenants/database/backup"
)

// newBackupCommand writes the whole database to one file.
func newBackupCommand() *cobra.Command {
	var flags settingsFlags
	var check bool
	command := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the whole database to one new file, while it is in use",
		Long: "Write the whole database to one new file, while it is in use.\n\n" +
			"The key file is not part of it; keep a copy of that elsewhere. PostgreSQL needs\n" +
			"database.admin_url and pg_dump. With --check, read FILE and say whether it is whole.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if check {
				manifest, err := backup.Inspect(args[0])
				if err != nil {
					return err
				}
				return sayBackup(command, args[0], "is whole", manifest)
			}
			settings, err := flags.load(nil)
			if err != nil {
				return err
			}
			manifest, err := backup.Create(command.Context(), databaseOptions(settings, newLogger(settings)), args[0], version)
			if err != nil {
				return err
			}
			return sayBackup(command, args[0], "is written", manifest)
		},
	}
	flags.add(command)
	command.Flags().BoolVar(&check, "check", false, "only read FILE and check it")
	return command
}

// newRestoreCommand makes an empty database from a backup.
func newRestoreCommand() *cobra.Command {
	var flags settingsFlags
	command := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the database of the settings, which must be empty, from a backup",
		Long: "Make the database of the settings, which must be empty, from a backup.\n\n" +
			"Stop every muster that uses the database first. Everybody signs in again. What was\n" +
			"erased or revoked (people, API tokens) since the backup must be erased or revoked again.",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			settings, err := flags.load(nil)
			if err != nil {
				return err
			}
			manifest, err := backup.Restore(command.Context(), databaseOptions(settings, newLogger(settings)), args[0])
			if err != nil {
				return err
			}
			return sayBackup(command, args[0], "is restored", manifest)
		},
	}
	flags.add(command)
	return command
}

// sayBackup tells what an archive holds.
func sayBackup(command *cobra.Command, path, verb string, m backup.Manifest) error {
	_, err := fmt.Fprintf(command.OutOrStdout(), "%s %s: %s, schema %d, %s, made %s by muster %s\n",
		path, verb, m.Dialect, m.Schema, humanize.IBytes(uint64(m.Bytes)), m.CreatedAt, m.Version)
	return err
}

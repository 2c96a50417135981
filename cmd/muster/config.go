package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"muster/config"
)

// settingsFlags are the flags of every command that needs settings.
type settingsFlags struct {
	file string
	set  []string
}

// add offers --config and --set on a command and the commands below it.
func (f *settingsFlags) add(command *cobra.Command) {
	command.PersistentFlags().StringVar(&f.file, "config", "", "settings file (YAML); also by "+config.FileVariable)
	command.PersistentFlags().StringArrayVar(&f.set, "set", nil, "one setting as key=value, over file and environment; may be repeated")
}

// input gives the layers the flags describe; overrides stand over --set.
func (f *settingsFlags) input(overrides map[string]string) (config.Input, error) {
	flags := map[string]string{}
	for _, pair := range f.set {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			return config.Input{}, fmt.Errorf("--set %s: key=value is needed, such as --set log.level=debug", pair)
		}
		flags[key] = value
	}
	for key, value := range overrides {
		flags[key] = value
	}
	return config.Input{File: f.file, Environ: os.Environ(), Flags: flags}, nil
}

// load gives the effective settings, or an error that names everything wrong with them.
func (f *settingsFlags) load(overrides map[string]string) (config.Settings, error) {
	in, err := f.input(overrides)
	if err != nil {
		return config.Settings{}, err
	}
	return config.Load(in)
}

// newConfigCommand checks and shows the settings a process would run with.
func newConfigCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Check and show the settings",
	}
	var flags settingsFlags
	flags.add(command)
	command.AddCommand(newConfigCheckCommand(&flags), newConfigShowCommand(&flags))
	return command
}

// newConfigCheckCommand names every wrong key and value and exits 1 when there is one.
func newConfigCheckCommand(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Name every wrong key and value; exit 1 if there is one",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			in, err := flags.input(nil)
			if err != nil {
				return err
			}
			problems, err := config.Check(in)
			if err != nil {
				return err
			}
			for _, p := range problems {
				command.Println(p)
			}
			if len(problems) > 0 {
				return exitError{exitFailure}
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), "settings are right")
			return err
		},
	}
}

// newConfigShowCommand prints the effective settings without secrets.
func newConfigShowCommand(flags *settingsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Print every setting, where it came from and what it means; passwords are hidden",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			in, err := flags.input(nil)
			if err != nil {
				return err
			}
			return config.Show(command.OutOrStdout(), in)
		},
	}
}

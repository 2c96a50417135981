package config

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Check loads the settings and gives everything that is wrong with them, in
// the order file, environment, flags, rules across keys. The error says why
// the file cannot be read.
func Check(in Input) ([]Problem, error) {
	l, err := load(in)
	if err != nil {
		return nil, err
	}
	return l.problems, nil
}

// Show writes every key with its effective value, where the value came from
// and what it means; passwords are hidden. Wrong values are shown as their
// default: run Check for what is wrong.
func Show(w io.Writer, in Input) error {
	l, err := load(in)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, k := range keys {
		source := l.sources[k.name]
		if source == "" {
			source = "default"
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.name, k.shown(k.get(&l.settings)), source, k.doc); err != nil {
			return fmt.Errorf("settings: show: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("settings: show: %w", err)
	}
	return nil
}

// Names gives the dotted name of every key, in the order of Show; commands use
// it to offer flags.
func Names() []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

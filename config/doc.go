// Package config owns the settings of one muster process: what may be set, the
// defaults, and where each value came from.
//
// In: four layers, each over the one before: defaults (which depend on the
// mode), a YAML file, environment variables MUSTER_<KEY>, command-line flags.
// Out: a checked Settings value, or one error that names every wrong key and
// value at once with its cure. Nothing else in muster reads the environment.
//
// The list of keys in keys.go is the single source: parsing, checking, the
// output of "muster config show" and the names of the environment variables
// follow from it. The message catalogues are in config/locales.
package config

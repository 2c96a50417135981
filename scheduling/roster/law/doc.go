// Package law keeps labour-law presets as data: rules for the roster and pay
// classes with multipliers, each with its source and the date from which it holds.
//
// In flow a preset, a day's kind (ordinary, rest day, holiday) and the minutes
// worked; out flow roster rules and pay lines. Pay is decided minute by minute
// in the site's zone and split at local midnight; it is separate from what a
// client is billed. Presets are starting points that a provider replaces with
// its own reading of the law; they are not legal advice.
package law

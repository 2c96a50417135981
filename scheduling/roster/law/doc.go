// Package law keeps labour-law presets as data: rules for the roster and pay
// classes with multipliers, each with its source and the date from which it holds.
//
// In flow a preset, a day's kind (ordinary, rest day, holiday) and the minutes
// worked; out flow roster rules and pay lines. Pay is decided minute by minute
// in the site's zone and split at local midnight; it is separate from what a
// client is billed. Each preset names the articles it was written from and the
// date from which it holds. Presets were not reviewed by a lawyer: they are
// starting points that the provider's counsel has to check, and replace where
// their reading, an amendment or a local rule differs. They are not legal advice.
package law

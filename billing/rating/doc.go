// Package rating turns measured facts and a rate card into a statement: the
// lines, taxes and total of an invoice, each line with the facts behind it.
//
// In: an Input (period, card versions, daily facts, measure results, manual
// adjustments). Out: a Statement. It is pure: no rows, no clock, and the same
// input gives the same statement whatever the order of its facts.
//
// A rule reads one meter and prices it. The steps run in one order: quantity →
// tiers → multipliers → minimum and maximum → discount → SLA credit and bonus →
// tax. Quantities are decimals of stated places, so that quantity × price is what
// the reader sees; every line is rounded once, to minor units; totals are integer
// sums and tax is computed per rate on the sum of its lines (EN 16931, BR-CO-10
// and BR-CO-17). Quantities and amounts are dealt out to the facts by largest
// remainder, so the annex adds up to each line exactly.
package rating

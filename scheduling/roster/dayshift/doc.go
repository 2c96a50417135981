// Package dayshift rosters agents by day and shift type: one shift a day, rules
// about the whole row of an agent, requirement per day and shift.
//
// In flows a [Problem], out flows a [Result]: one row per agent, the penalty, a
// lower bound and the rules broken (none, unless no legal row exists).
//
// The heart is a dynamic program over one agent's row (rowdp.go) with run of
// work or rest, last shift, minutes and weekends as its state, after Burke and
// Curtois 2014. It builds the first roster, recreates ruined rows with noise on
// the prices (perturb and maximise), prices columns for a master solved by a
// first-order method, and gives the Lagrangian bound (after Strandmark, Qu and
// Curtois 2020). Between these, annealing over cells and blocks scores moves by
// their differences.
package dayshift

// Package dayshift rosters agents by day and shift type: one shift a day, rules
// about the whole row of an agent, requirement per day and shift.
//
// In flows a [Problem], out flows a [Result]: one row per agent, the penalty, a
// lower bound and the rules broken (none, unless no legal row exists).
//
// The heart is a dynamic program over one agent's row (rowdp.go) with run of
// work or rest, last shift, minutes, weekends and scarce shifts as its state,
// after Burke and Curtois 2014; a Lagrangian outlook (outlook.go) leaves most
// states unvisited, a beam bounds the rest (labels.go). It builds the first roster
// and recreates ruined rows with noise on the prices, every other time where an
// agent is missing (ruin.go); between them annealing over cells and blocks scores
// moves by their differences (cells.go).
//
// The quality comes from columns (columns.go, dive.go, improve.go): multipliers
// climb the Lagrangian (climb.go), a master solved by a primal simplex
// (simplex.go) combines rows, its duals price the next ones, cells nearly decided
// are fixed until all are (after Strandmark, Qu and Curtois 2020); first for the
// whole problem, which gives the lower bound, then for blocks of agents and days.
package dayshift

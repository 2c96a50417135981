// Package roster decides who works when.
//
// In flows a [Problem]: agents with contracts, skills and wishes, shift
// templates with start windows and breaks, rules, and the requirement per
// interval and demand group (client x skill x tier). Out flows a [Solution]:
// shifts with activities, breaks and meals placed, the score by [Level],
// violations, the uncovered requirement, a bound and reasons. There is always a
// solution: what cannot be covered is listed, never refused.
//
// The method is a beam over one agent's whole row for construction and
// ruin-and-recreate (after Burke and Curtois 2014, where one dynamic program
// serves both), annealing with incremental scores between, and breaks placed one
// shift at a time against the requirement (after Di Gaspero et al., Annals of
// OR 2019). Solver, validation and explanation call the same rule evaluators.
//
// How good a roster can be is told by Lagrangian bounds (bounds.go): prices per
// group and slot, moved by the volume algorithm (Barahona and Anbil 2000), and for
// every agent the row that is best at these prices by a dynamic program over days
// and paid minutes. What agents are worth in an interval may come from service
// levels: [Group.Fill] says what to give it. How the requirement is met over time,
// for a board, is a [Strip].
//
// Subpackages: dayshift solves rosters of agent x day x shift type, formats
// reads and judges files, law keeps labour-law presets.
package roster

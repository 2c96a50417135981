// Package staffing says how many people an interval needs.
//
// It owns the queueing formulas (Erlang B, extended B, C and A, exact to
// thousands of agents), chat with several contacts at once, work with a
// deadline, work carried from one interval to the next, shared pools and tiers,
// and the capacity plan by month. Volumes, handling times, patience and goals
// flow in; seats, the service they buy and the goal that decided flow out.
//
// Times are seconds, rates are contacts per second, ratios lie in 0..1. The
// methods are those of Erlang (1917), Palm's M/M/N+M in the form of Garnett,
// Mandelbaum and Reiman (2002), uniformisation (Jensen 1953) for the transient
// and the taut string of Yao, Demers and Shenker (1995) for deadlines. Nothing
// here reads a clock, a file or a global.
package staffing

// Package forecast says how many contacts will arrive per interval, how long
// they will take to handle, how sure that is, and why.
//
// In: one or many series on a regular grid (volume, AHT; NaN is missing), a
// calendar (opening hours, special days, events) and an origin that ends the
// history. Out: per series the points with quantiles and AHT, the method chosen
// per lead with the back-test that chose it, and every correction made to the
// history, each of which the planner can refuse by its id.
//
// The model is multiplicative on local days and slots: week level x weekday x
// calendar effect x intraday profile, each estimated on its own window. A
// portfolio of methods (plain means, the decomposition, last year's movement,
// STL with damped smoothing, Poisson regression, combinations) competes in a
// rolling back-test per series and lead; plain baselines are always printed.
//
// Bands are calibrated on the back-test's residuals so that the plain share of
// intervals outside them is what was asked. They are mid-distribution quantiles
// of a count, nest, and never narrow with the lead. Where zero is nearly certain
// every band covers more than asked: a count cannot be divided finer. Errors of
// a week move together, so one week's coverage says little.
//
// LongRange adds intervals up to days and weeks, 64 weeks and more ahead, and
// reconciles the queues of a group with the forecast of their sum.
//
// The engine is pure: no clock, no files, no randomness that is not keyed.
package forecast

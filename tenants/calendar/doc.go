// Package calendar holds the value types of time: instants (microseconds UTC),
// half-open intervals, the 15-minute UTC grid on which facts lie, business dates
// in a zone, opening hours and special days.
//
// It reads no clock: services pass a Clock down, engines receive instants.
// A day in a zone with daylight saving has 92, 96 or 100 quarter-hours; every
// function here counts real elapsed time, never wall-clock differences.
package calendar

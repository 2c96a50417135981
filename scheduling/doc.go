// Package scheduling plans: it turns facts into forecasts, forecasts into
// staffing, staffing into rosters, and tests a roster before it is published.
//
// It owns forecasts with their versions, adjustments and named scenarios, what is
// committed to clients and what locks it, events and proposed special days of
// calendars, staffing and capacity plans, rosters with shifts, activities and
// coverage, and simulations of rosters. Facts (routing/facts), calendars and terms
// (tenants/contract) and people (tenants/people) flow in; published shifts and
// activities flow out, with an event for each publication.
//
// The computations are those of the engines scheduling/forecast,
// scheduling/staffing, scheduling/roster and routing/simulation; this package
// loads their input, runs them outside of any transaction and stores what they
// say together with the reasons. Every step is a plain method and a kind of job
// (Handlers). A published version never changes: a change makes a new version.
package scheduling

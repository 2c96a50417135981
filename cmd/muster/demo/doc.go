// Package demo makes up a provider and runs the whole loop on it: three sites in
// two zones, four clients with different contracts, 240 agents in three tiers,
// thirteen weeks of contacts and states, then forecast, staffing, roster,
// simulation, publication, scorecards and invoices.
//
// The history comes out of the routing engine in virtual time, so waits, abandons
// and occupancy are consequences and not drawn figures. Everything follows from
// the seed and the Monday on which the demo begins.
package demo

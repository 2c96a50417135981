// Package engine decides who answers which contact: a deterministic state
// machine, Apply(now, Event) []Effect, with no clock, no randomness, no
// goroutine and no database.
//
// It owns clients, queues, pools, agents, waiting contacts, offers (leases with
// a deadline), wrap-up, overflow ladders and each client's guaranteed share,
// reserve and cap of a shared pool. In flow logged events with their instant
// (microseconds UTC, never going back); out flow effects as plain values. The
// live service feeds wall-clock events, the simulator feeds virtual time, and a
// log replays to the same decisions. Names become dense integers at the border
// (Config order); every score is an integer; no decision depends on map order.
//
// Method: contacts are ordered by slack to their due time weighted by the
// client's penalty (a generalised c-mu rule, van Mieghem 1995) with an age bound;
// agents by a weighted score over skill, ladder fit, load and idleness; shares
// and expert protection are trunk reservation (Key 1990). Idle means "since the
// last work ended".
package engine

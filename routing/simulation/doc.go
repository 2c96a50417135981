// Package simulation runs the routing engine in virtual time: the roster that is
// tested here is tested on the code that will route that day.
//
// It owns the scenario (a self-contained description of clients, queues, agents,
// arrivals, handle times, patience and shifts; see Scenario for the file form),
// the random streams and the statistics. In flows a Scenario, built in memory or
// read from a file; out flows a Result with service level, waits, abandonment,
// occupancy, overflow, cost and penalty per client and interval with confidence
// bands, and on request every contact, segment and state as records.
//
// Method: discrete events; Poisson arrivals with a gamma day factor; keyed random
// streams (seed, replication, queue, contact, purpose), so that two policies meet
// the same contacts (common random numbers) and the answer does not depend on the
// number of cores; Student confidence bands and a paired test over replications.
package simulation

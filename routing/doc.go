// Package routing is the live floor: contacts and agents of the provider, decided
// by routing/engine on the wall clock and kept in rows.
//
// Flow in: inputs (a contact arrives, an agent is ready, accepts, finishes),
// written to a durable inbox and acknowledged after commit. Flow out: live rows of
// contacts, segments and agents for the pages, and finished records (contacts,
// segments, states) for the facts. A contact's life is told through the outbox where a
// webhook wants to hear of it (announce.go).
//
// One node leads a routing domain: it holds a lease with an epoch, keeps the
// engine warm and commits in groups. One transaction checks the epoch, writes the
// log (gap-free sequence), rows and inbox outcomes; effects leave only after it.
// After a failed or unknown commit the engine is thrown away and rebuilt from the
// last snapshot and the log. Any node may take inputs; another one leads within
// seconds when the leader is gone. On SQLite the same code runs with one node.
// An input that the floor cannot take is set aside (see doubts.go) and everything else
// goes on. Applied inputs stay in the inbox for the retention of the settings, so that
// a repetition is recognised; the log stays for good, of snapshots the last two.
//
// The whole provider is one domain, called main; rows, log and lease carry the domain,
// so that there can be more. It is one by decision. Agents who serve several clients,
// shared pools and pools that overflow into each other tie a provider's queues into
// one connected component, and what splits it today joins it with the next agent who
// is trained for two clients: each such change would be a fenced hand-over of contacts,
// desks and pools between two leaders. What it would buy is not needed: one domain on
// two cores, with its PostgreSQL and the load generator beside it, sustained 991 contact
// lives a second (make load LIVES=1000), of which the leader itself, the only part that
// cannot be spread over nodes, takes a fifth of the node's time. A floor of 3,000 seats
// has about 7 a second. And one domain fails over as a whole within the lease, which a
// second would not shorten.
package routing

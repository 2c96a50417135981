// Package routing is the live floor: contacts and agents of the provider, decided
// by routing/engine on the wall clock and kept in rows.
//
// Flow in: inputs (a contact arrives, an agent is ready, accepts, finishes),
// written to a durable inbox and acknowledged after commit. Flow out: live rows of
// contacts, segments and agents for the pages, and finished records (contacts,
// segments, states) for the facts.
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
// This version routes the whole provider as one domain.
package routing

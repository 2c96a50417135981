// Package events owns the outbox: what happened, in the one envelope that
// server-sent events, webhooks and other services read.
//
// In: Publish inside the transaction that makes the change, so that an event
// exists exactly when its change does. Out: Read and Follow for people's
// streams (under their scope, resuming by sequence or saying "reset"), Consume
// for services (each event once, effects and cursor in one transaction).
//
// Order and completeness: on PostgreSQL numbers are drawn before commit, so a
// lower one may appear after a higher one. Rows therefore carry their
// transaction and are read in the order (transaction, number), and only up to
// the oldest transaction of this database that still runs (database.Horizon):
// nothing can appear behind a reader.
// A sequence number names a position; it does not count. SQLite has one
// writer, where the number alone has these properties.
//
// Data hold ids and figures, never personal data. Hints make delivery quick;
// polling is the truth.
package events

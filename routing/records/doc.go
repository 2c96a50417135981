// Package records owns the rows that everything else is a view of: contacts and
// their segments, agent states, and interval counts of sources that give no more.
//
// In flow drafts (from imports, the live floor, the demo); out flow rows with a
// revision, and marks on the 15-minute buckets they touch. A draft with a known key
// and the same content changes nothing; changed content becomes a new revision and
// the old one stays, no longer current. All rows of an import can be taken back.
// Rows and marks are written in the caller's transaction, set by set.
package records

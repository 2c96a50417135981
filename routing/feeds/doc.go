// Package feeds takes in live events of other exchanges (ACDs): what agents do and
// what becomes of contacts where muster does not route.
//
// In flow events (JSON, NDJSON, CSV, lines of Asterisk's queue_log) of a feed, a named
// source of one client or of the provider; out flow the same contacts, segments and
// agent states that imports write (routing/records), and what is going on now, for the
// floor. Every event is kept as it was told and known by its id, so that repeating one
// changes nothing. Rows follow from all events of a contact or an agent in the order
// of their own times (foldContact, foldAgent are pure): events that come late, up to
// the feed's window, give the same rows as in order. Names that nobody has mapped yet
// hold their events back until they are; nothing is lost.
//
// What is open is closed by the next event. A feed that is silent too long is stale,
// and a contact that hears nothing more for the feed's limit ends as "other".
package feeds

// Package ids holds the identifiers of entities: UUIDv7 with a Go type per
// entity, so that an agent's id cannot be passed where a client's is wanted.
// They are made by an injected Generator (seeded in the demo and in tests) and
// stored as uuid on PostgreSQL and as a 16-byte BLOB on SQLite.
package ids

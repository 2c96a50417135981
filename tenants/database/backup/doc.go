// Package backup owns copies of the whole database in one file, and the way back.
//
// In: the options of a database, which may be in use. Out: an archive (tar,
// gzip) of a manifest and one consistent copy: VACUUM INTO for SQLite, pg_dump
// in its custom format for PostgreSQL. Restore checks the manifest's hash,
// refuses a database that holds anything, loads all or nothing, migrates to
// the present schema, ends all sessions and renumbers the outbox, whose
// transaction numbers mean nothing in another cluster.
//
// The key file is not part of the archive: without it sealed values stay
// sealed, so keep both, apart. A restore brings back what was erased and the
// API tokens that were revoked since the backup; erase and revoke them again.
package backup

// Package database is the one door to rows.
//
// Read and Write run a function in one transaction under a scope. The scope
// filters twice: a GORM plugin adds the filter of the table's class to every
// query, and on PostgreSQL row-level security repeats it for an app role that
// owns nothing. Forgetting the scope returns nothing.
//
// SQLite (embedded default) has one writer connection and a pool of read-only
// readers; PostgreSQL has one pool. A Write inside a Write joins it; fn may run
// again after a serialisation failure, so its only effects are rows and outbox.
// Migrations are forward-only, one folder per dialect with the same versions.
// Raw SQL stands in this package alone; others use GORM's builder.
//
// Flow in: scope and function; flow out: rows. Tables and their classes: tables.go.
package database

// Package databasetest gives tests a migrated database of their own on both
// dialects: a SQLite file in the test's directory and a PostgreSQL database
// cloned from a template in a throw-away cluster.
//
// MUSTER_TEST_PG_URL names a superuser on such a cluster; when it is unset, the
// package starts a cluster that ends with the test process. A machine without
// PostgreSQL fails the test and is told what to install; MUSTER_TEST_PG=off
// leaves PostgreSQL out on purpose.
package databasetest

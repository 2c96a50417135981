// Package scope says which part of the provider's data a caller may touch: all
// of it, or the rows of some clients, lines of business, sites and teams. The
// database door turns a scope into a filter on every query and, on PostgreSQL,
// into the settings that row-level security reads.
package scope

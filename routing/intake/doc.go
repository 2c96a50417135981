// Package intake is the service through which rows of other systems come in:
// contacts, interval counts, agent states, people and state codes.
//
// In flow files with a Mapping (tenants/tabular) per client, kind and source; out
// flow records with revisions (routing/records), people, and an import with counts
// that add up and an issue for every row that did not go in. A file is read twice:
// first to its end, so that a damaged file changes nothing, then in batches of short
// transactions, each with its rows, issues, marks and the line reached. An import
// that was killed goes on from that line; one that was wrong can be reverted whole.
package intake

// Package onboard brings a client in from one YAML document: the provider and its
// legal entity where they are missing, client, calendar, lines of business, queues
// with skills and terms, contract, measures and rate card.
//
// A document is checked as a whole before anything is stored. Applying is
// idempotent: what is there and equal stays, what differs becomes a new version
// from the document's valid_from on. Every error names the line and the cure.
// The rules themselves belong to the services; this package only calls them in order.
package onboard

// Package contract owns what the provider has agreed with its clients: clients,
// lines of business, queues with their effective-dated terms, opening calendars,
// contract versions and the measures with credit bands that an SLA consists of.
//
// Flow in: what onboarding and the contract pages enter, in the caller's scope.
// Flow out: the terms in force at an instant (routing, staffing), the measures in
// force on a date (reporting, billing). Nothing in force is ever overwritten: a new
// version closes the one before it.
package contract

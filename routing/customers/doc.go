// Package customers knows who a contact is from: one customer across channels.
//
// In flow identities (phone, mail address, account, a social name, a source's own
// key) with arrivals and imports; out flow customers, their history of contacts, and
// links between two that turn out to be one. A contact that names identities of two
// customers is taken in for the one of the strongest identity, and the link is
// proposed; a person accepts or dismisses it, and an accepted one can be undone.
//
// What identifies a person lies in identities alone: erasing removes them and keeps
// the contacts, which then say nothing about who it was.
package customers

// Package access says who is calling and what they may do: users with argon2id
// passwords, opaque sessions and API tokens (only their hashes are stored),
// throttled sign-in, roles as data and grants of roles in domains, decided by
// casbin.
//
// A domain is the whole provider, one client, one site, one team, or the caller's
// own person. Every change of a role or grant counts the policy version up in the
// same transaction; the version is read in the round trip that opens each
// transaction, so a revocation acts at the next request on every node.
//
// Flow in: credentials. Flow out: an Identity, its permissions and the scope in
// which it may do a thing.
package access

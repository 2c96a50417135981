// Package secrets owns the sealing of values that the database must not show:
// passwords of connections, personal values in the audit log, keys of subjects.
//
// In: the key file of the settings and a plain value with its purpose. Out: a
// sealed value that opens only with the same key and purpose.
//
// Method: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random nonce, the
// purpose as associated data, under a key derived by HKDF-SHA256 (RFC 5869) from
// the content of the key file. A fingerprint of the key leads each sealed
// value, so that a wrong key is told from damage.
package secrets

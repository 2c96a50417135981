// Package files owns uploads and exports: contents in the database, because
// nodes share no disk, in chunks, so that no file is ever in memory as a whole.
//
// In: a reader with a name, a media type, the client it belongs to and an
// expiry. Out: the file's row (size, SHA-256) and a reader under the caller's
// scope that checks the hash as it streams. A file appears when it is complete;
// what an upload left unfinished and what has expired goes by Prune.
package files

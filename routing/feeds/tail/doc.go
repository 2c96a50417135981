// Package tail sends what another exchange writes to muster: it follows a growing log
// file through rotation and truncation, and posts events in batches.
//
// In flow the lines of a file; out flow requests to a feed. Every line has an id made
// of its file's first line and its place in it, which stays when the file is renamed or
// read again, so that the receiver knows repeated lines. The place that was reached is
// stored after the answer, so a process that was killed goes on without loss, and what
// it sends twice counts once.
package tail

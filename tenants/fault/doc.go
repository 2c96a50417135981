// Package fault is the error that crosses package borders: a stable code for
// programs, typed parameters for translators, a sentence for people, and the
// cause for the log. The door turns it into an RFC 9457 problem; commands print
// the sentence and the cure.
package fault

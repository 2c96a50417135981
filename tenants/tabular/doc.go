// Package tabular reads the tables that other systems export: CSV in any common
// delimiter and encoding, .xlsx, gzip around either, and Asterisk's queue_log.
//
// In flows a byte stream; out flow rows with their line numbers (Open, Reader)
// and, through a Mapping, typed records with coded issues (Compile, Decoder).
// Nothing is guessed in silence: what was detected is stated (Format), what was
// proposed stands in the Mapping (Propose), and a value with two readings is
// refused with the setting that decides it. Memory stays constant in the number
// of rows. The package is pure: no clock, no database, no goroutine.
//
// The CSV dialect is RFC 4180 made lenient (any of four delimiters, any line
// end, stray quotes kept); Excel serial days follow ECMA-376 part 1 §18.17.4.
package tabular

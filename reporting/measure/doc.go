// Package measure is the catalogue of contact-centre indicators: what each is
// called, its formulas, its unit, and how it follows from counts.
//
// In: Counts, added up from facts. Out: a Ratio, which keeps numerator and
// denominator so that ratios of parts are never averaged. It is pure.
//
// The field has no single service level; six formulas are in use and differ by
// several points on the same data (ICMI 2002; the Genesys, Cisco, Asterisk and
// Talkdesk manuals each define another). The formula is therefore a field of the
// contract, and every value names the one it was computed by.
package measure

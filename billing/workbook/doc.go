// Package workbook writes a rated statement as an Excel workbook: the invoice,
// its summary by line of business, the arithmetic of SLA credits, a
// reconciliation of measured with billed, and the annex down to the facts.
//
// In: a Document (statement, parties, locale, names). Out: the bytes of an .xlsx
// file. It is pure and byte-stable: the same document gives the same bytes.
//
// Every figure that follows from others is a live formula that also carries its
// value, so that readers that do not calculate show the same as those that do.
// Texts are written as text cells, never as formulas, and there are no macros or
// links. Check cells show 0.00 while invoice, summary, credits, annex and ledger agree.
package workbook

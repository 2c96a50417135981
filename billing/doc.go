// Package billing owns rate cards, billing periods, invoices and credit notes.
//
// Flow in: facts (agent time, contacts), the contract in force, the rate card
// versions, and the results of the contract's measures, which a Judge from the
// floor above pushes down. Flow out: issued documents with lines, annex rows and
// an Excel workbook. Figures come from billing/rating, workbooks from
// billing/workbook; both are pure.
//
// A draft may be made again as long as its period has no issued invoice; making it
// again keeps the older one as superseded. Issuing takes the next gap-free number
// of the legal entity's series under a lock, in the one short transaction that also
// locks the period: a crash leaves either no number taken or an issued invoice.
// What is issued never changes; corrections are credit notes, and data that arrives
// late becomes an adjustment on a later invoice that cites the first.
// Drafting, reviewing and issuing need a provider-wide scope; clients see what is issued.
package billing

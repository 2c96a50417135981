package workbook

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// Party is the seller or the buyer.
type Party struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
	TaxID   string `json:"tax_id,omitempty"`
	Bank    string `json:"bank,omitempty"`
}

// Document is what a workbook shows. Zero dates are left out.
type Document struct {
	Locale        string // zh-CN or en
	Kind          Kind
	Number        string // empty for a draft
	Refers        string // the invoice that a credit note corrects
	Seller, Buyer Party
	PurchaseOrder string
	PaymentDays   int // 0: none agreed
	Note          string
	Issued, Due   calendar.Date
	Statement     rating.Statement
	Names         map[string]string // what keys are called: lines of business, queues, sources; a key without a name shows itself
	DataHash      string            // of the facts and the rate card, for the footer
}

// Kind is the kind of a document.
type Kind string

// The kinds of documents.
const (
	KindDraft      Kind = "draft"
	KindInvoice    Kind = "invoice"
	KindCreditNote Kind = "credit_note"
)

// maxAnnexRows is what a worksheet holds below its header.
const maxAnnexRows = 1_048_575

// Write makes the workbook. An unknown locale or kind and an annex longer than a
// worksheet are fault.Invalid and fault.TooLarge.
func Write(doc Document) ([]byte, error) {
	t, err := titlesOf(doc.Locale)
	if err != nil {
		return nil, err
	}
	kinds := []Kind{KindDraft, KindInvoice, KindCreditNote}
	if !slices.Contains(kinds, doc.Kind) {
		return nil, fault.Newf(fault.Invalid, "billing.unknown_document", "document kind %q is unknown: want one of %s", doc.Kind, fault.Allowed(kinds))
	}
	if n := len(doc.Statement.Annex); n > maxAnnexRows {
		return nil, fault.Newf(fault.TooLarge, "billing.annex_too_large", "the annex has %d rows and a worksheet holds %d: split the period or bill fewer dimensions", n, maxAnnexRows)
	}
	b := &book{doc: doc, t: t, f: excelize.NewFile(), lobs: map[string]int{}, taxes: map[string]int{}}
	defer func() { _ = b.f.Close() }() // only removes temporary files
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	var raw bytes.Buffer
	if err := b.f.Write(&raw); err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	return Settle(raw.Bytes())
}

// build writes all sheets; each is prepared before it is streamed, since page
// set-up and protection are lost when they follow the stream.
func (b *book) build() error {
	for i, l := range b.doc.Statement.LOBs {
		b.lobs[l.LOB] = i + 1
	}
	for i, x := range b.doc.Statement.Taxes {
		b.taxes[taxKey(x.Code, x.Rate)] = i + 1
	}
	if err := b.prepare(); err != nil {
		return err
	}
	for _, write := range []func() error{b.writeInvoice, b.writeSummary, b.writeCredits, b.writeReconciliation, b.writeAnnex} {
		if err := write(); err != nil {
			return err
		}
	}
	return b.nameRanges()
}

// name gives what a key is called: by the document, by the product's own words, or itself.
func (b *book) name(key string) string {
	if n, ok := b.doc.Names[key]; ok {
		return n
	}
	if n, ok := b.t.words[key]; ok {
		return n
	}
	return key
}

// lobName names a line of business, a dash for what belongs to none.
func (b *book) lobName(key string) string {
	if key == "" {
		return "–"
	}
	return b.name(key)
}

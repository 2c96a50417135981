package billing

import (
	"context"
	"fmt"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Export writes a document as an Excel workbook and names the file. It is made from
// stored rows alone, so an issued document always gives the same bytes. An empty
// locale means the document's own.
func (s *Service) Export(ctx context.Context, sc scope.Scope, id ids.Invoice, locale string) (name string, content []byte, err error) {
	var i Invoice
	var annex []rating.AnnexRow
	err = s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		if i, err = load(tx, sc, id); err != nil {
			return err
		}
		rows, err := lineRows(tx, id)
		if err != nil {
			return err
		}
		sources, err := sourcesOf(tx, id, rows)
		for _, x := range sources {
			annex = append(annex, x.Counts)
		}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	d, err := i.workbook(annex)
	if err != nil {
		return "", nil, err
	}
	if locale != "" {
		d.Locale = locale
	}
	content, err = workbook.Write(d)
	name = i.Label()
	if name == "" {
		name = "draft-" + i.ID.String()
	}
	return name + ".xlsx", content, err
}

// workbook gives the document as the workbook shows it.
func (i Invoice) workbook(annex []rating.AnnexRow) (workbook.Document, error) {
	full := i.Document.Statement
	full.Lines, full.Annex = i.Lines, annex
	d := workbook.Document{Locale: i.Document.Locale, Kind: i.Kind, Number: i.Label(), Refers: i.Document.Refers, Seller: i.Document.Seller, Buyer: i.Document.Buyer,
		PurchaseOrder: i.Document.PurchaseOrder, Note: i.Document.Note, Statement: full, Names: i.Document.Names, DataHash: fmt.Sprintf("%x", i.ContentHash)}
	if i.Document.PaymentDays > 0 {
		d.Terms = fmt.Sprint(i.Document.PaymentDays)
	}
	if i.Status != Issued {
		d.Kind = workbook.KindDraft
		return d, nil
	}
	zone, err := calendar.Zone(i.Document.Zone)
	if err != nil {
		return d, err
	}
	d.Issued = calendar.DateOf(*i.IssuedAt, zone)
	if i.Document.PaymentDays > 0 {
		d.Due = d.Issued + calendar.Date(i.Document.PaymentDays)
	}
	return d, nil
}

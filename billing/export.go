package billing

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/files"
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
	name = i.Label() + ".xlsx"
	if i.Status != Issued {
		name = "draft-" + i.ID.String() + ".xlsx"
	}
	if content, err = workbook.Write(d); err != nil {
		return "", nil, err
	}
	if i.Status == Issued && i.FileID.IsZero() && d.Locale == i.Document.Locale && sc.IsProvider() {
		err = s.archive(ctx, sc, i, name, content)
	}
	return name, content, err
}

// mediaType is that of Excel workbooks.
const mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// archive stores the workbook of an issued document in files and ties it to the
// document, once; a second one that was made at the same time is removed again.
func (s *Service) archive(ctx context.Context, sc scope.Scope, i Invoice, name string, content []byte) error {
	file, err := s.files.Create(ctx, sc, files.Spec{Client: i.ClientID, Name: name, MediaType: mediaType, By: i.IssuedBy}, bytes.NewReader(content))
	if err != nil {
		return err
	}
	tied := false
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		done := tx.Model(&Invoice{}).Where("id = ? AND file_id IS NULL", i.ID).Update("file_id", file.ID)
		tied = done.RowsAffected == 1
		return done.Error
	})
	if err != nil || !tied {
		return errors.Join(err, s.files.Delete(ctx, sc, file.ID))
	}
	return nil
}

// workbook gives the document as the workbook shows it.
func (i Invoice) workbook(annex []rating.AnnexRow) (workbook.Document, error) {
	full := i.Document.Statement
	full.Lines, full.Annex = i.Lines, annex
	d := workbook.Document{Locale: i.Document.Locale, Kind: i.Kind, Number: i.Label(), Refers: i.Document.Refers, Seller: i.Document.Seller, Buyer: i.Document.Buyer,
		PurchaseOrder: i.Document.PurchaseOrder, PaymentDays: i.Document.PaymentDays, Note: i.Document.Note, Statement: full, Names: i.Document.Names, DataHash: fmt.Sprintf("%x", i.ContentHash)}
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

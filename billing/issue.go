package billing

import (
	"context"

	"gorm.io/gorm/clause"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// series is the counter of a legal entity's documents of one kind.
type series struct {
	LegalEntityID ids.LegalEntity `gorm:"primaryKey"`
	Series        string          `gorm:"primaryKey"`
	NextNumber    int64
}

// TableName implements gorm's Tabler.
func (series) TableName() string { return "invoice_series" }

// Review marks a draft as looked at. An old version is Stale; anything but a draft is a Conflict.
func (s *Service) Review(ctx context.Context, sc scope.Scope, id ids.Invoice, version int, by ids.User) (Invoice, error) {
	if err := providerOnly(sc); err != nil {
		return Invoice{}, err
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		i, err := forChange(tx, id, version, Draft)
		if err != nil {
			return err
		}
		if err := tx.Model(&Invoice{}).Where("id = ?", id).Updates(map[string]any{"status": Reviewed, "version": i.Version + 1}).Error; err != nil {
			return err
		}
		return s.note(tx, i.ClientID, by, "invoice.reviewed", "invoice", ids.Any(id), map[string]any{"total_minor": i.TotalMinor, "currency": i.Currency})
	})
	if err != nil {
		return Invoice{}, err
	}
	return s.Invoice(ctx, sc, id)
}

// forChange locks a document and checks version and state.
func forChange(tx *database.Tx, id ids.Invoice, version int, want Status) (Invoice, error) {
	i, err := database.One[Invoice](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "invoice.not_found", "There is no such invoice.")
	switch {
	case err != nil:
		return Invoice{}, err
	case i.Status != want:
		return Invoice{}, fault.Newf(fault.Conflict, "invoice.wrong_state", "The document is %s; this needs one that is %s.", i.Status, want).With("status", string(i.Status))
	case i.Version != version:
		return Invoice{}, fault.Newf(fault.Stale, "invoice.changed", "The document is at version %d, not %d: look at it again.", i.Version, version)
	}
	return i, nil
}

// Issue numbers a reviewed document, makes it immutable and locks its period, all
// in one transaction. Facts, rate cards or results that changed since the draft are
// the Conflict billing.draft_outdated: draft again. Before the period has ended it is
// the Conflict billing.period_running.
func (s *Service) Issue(ctx context.Context, sc scope.Scope, id ids.Invoice, version int, by ids.User) (Invoice, error) {
	if err := providerOnly(sc); err != nil {
		return Invoice{}, err
	}
	if err := s.checkFresh(ctx, sc, id); err != nil {
		return Invoice{}, err
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		i, err := forChange(tx, id, version, Reviewed)
		if err != nil {
			return err
		}
		period, err := lockedPeriod(tx, i.PeriodID)
		if err != nil {
			return err
		}
		if i.Kind == workbook.KindInvoice {
			if err := notIssued(tx, period); err != nil {
				return err
			}
		}
		name, number, err := nextNumber(tx, i)
		if err != nil {
			return err
		}
		done := tx.Model(&Invoice{}).Where("id = ? AND status = ?", id, Reviewed).Updates(map[string]any{
			"status": Issued, "series": name, "number": number, "issued_at": s.db.Now(), "issued_by": by, "version": i.Version + 1})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return fault.New(fault.Conflict, "invoice.wrong_state", "The document was changed by someone else: look at it again.")
		}
		if _, err := s.lock(tx, period, by); err != nil {
			return err
		}
		return s.note(tx, i.ClientID, by, "invoice.issued", "invoice", ids.Any(id),
			map[string]any{"number": numberLabel(name, number), "kind": i.Kind, "total_minor": i.TotalMinor, "currency": i.Currency})
	})
	if err != nil {
		return Invoice{}, err
	}
	// The document is issued whether or not its workbook can be stored now: Export
	// makes the same bytes from its rows and tries to store them again.
	_, _, _ = s.Export(ctx, sc, id, "")
	return s.Invoice(ctx, sc, id)
}

// nextNumber takes the next number of the document's series; the row lock makes
// others wait, so numbers have no gaps.
func nextNumber(tx *database.Tx, i Invoice) (string, int64, error) {
	entity, err := database.One[struct {
		ID            ids.LegalEntity
		InvoiceSeries string
	}](tx.Table("legal_entities").Where("id = ?", i.LegalEntityID), "billing.no_legal_entity", "The legal entity of the invoice is gone.")
	if err != nil {
		return "", 0, err
	}
	name := entity.InvoiceSeries
	if i.Kind == workbook.KindCreditNote {
		name += "C"
	}
	first := series{LegalEntityID: i.LegalEntityID, Series: name, NextNumber: 1}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
		return "", 0, err
	}
	row, err := database.One[series](tx.Clauses(database.ForUpdate()).Where("legal_entity_id = ? AND series = ?", i.LegalEntityID, name), "billing.no_series", "The series of numbers is gone.")
	if err != nil {
		return "", 0, err
	}
	err = tx.Model(&series{}).Where("legal_entity_id = ? AND series = ?", i.LegalEntityID, name).Update("next_number", row.NextNumber+1).Error
	return name, row.NextNumber, err
}

// checkFresh compares the fingerprint of what a draft was made from with the present one.
func (s *Service) checkFresh(ctx context.Context, sc scope.Scope, id ids.Invoice) error {
	i, err := s.Invoice(ctx, sc, id)
	if err != nil || i.Kind != workbook.KindInvoice || i.Status != Reviewed {
		return err // the transaction says what is wrong with the state
	}
	var p Period
	err = s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		p, err = database.One[Period](tx.Where("id = ?", i.PeriodID), "billing.period_not_found", "There is no such billing period.")
		return err
	})
	if err != nil {
		return err
	}
	zone, err := calendar.Zone(i.Document.Zone)
	if err != nil {
		return err
	}
	if end := p.ToDay.At(0, zone); s.db.Now() < end {
		return fault.Newf(fault.Conflict, "billing.period_running", "The period runs until the end of %s: its invoice can be issued after that.", p.ToDay-1)
	}
	c, err := s.collect(ctx, sc, p)
	if err != nil {
		return err
	}
	for _, l := range i.Lines {
		if l.Kind == rating.KindAdjustment {
			c.input.Adjustments = append(c.input.Adjustments, rating.Adjustment{Name: l.Name, LOB: l.LOB, Amount: l.UnitPrice, Tax: l.Tax, Cites: l.Cites})
		}
	}
	hash, err := c.input.Hash()
	if err != nil {
		return err
	}
	if hash != i.Document.InputHash {
		return fault.New(fault.Conflict, "billing.draft_outdated", "Facts, rate card or SLA results have changed since the draft was made: draft the period again and review it.")
	}
	return nil
}

// CreditNote drafts a credit note on an issued invoice: all of it, or the parts
// given. It is reviewed and issued like an invoice.
func (s *Service) CreditNote(ctx context.Context, sc scope.Scope, invoice ids.Invoice, parts []rating.Reversal, reason string, by ids.User) (Invoice, error) {
	if err := providerOnly(sc); err != nil {
		return Invoice{}, err
	}
	original, err := s.Invoice(ctx, sc, invoice)
	if err != nil {
		return Invoice{}, err
	}
	if original.Kind != workbook.KindInvoice || original.Status != Issued {
		return Invoice{}, fault.New(fault.Conflict, "invoice.wrong_state", "Only an issued invoice can be credited; a draft is simply made again.")
	}
	notes, err := s.notesOn(ctx, sc, original)
	if err != nil {
		return Invoice{}, err
	}
	full := original.Document.Statement
	full.Lines = original.Lines
	rest, err := rating.Remaining(full, original.Label(), notes)
	if err != nil {
		return Invoice{}, err
	}
	if len(parts) == 0 {
		parts = rating.Everything(rest, reason)
	}
	statement, err := rating.Reverse(rest, original.Label(), parts)
	if err != nil {
		return Invoice{}, err
	}
	document := original.Document
	document.Refers, document.Note, document.InputHash, document.Statement = original.Label(), reason, "", statement
	i := Invoice{ID: ids.New[ids.Invoice](s.db.IDs()), ClientID: original.ClientID, LegalEntityID: original.LegalEntityID, PeriodID: original.PeriodID, Kind: workbook.KindCreditNote,
		Corrects: original.ID, RateCardID: original.RateCardID, CreatedBy: by, Document: document}
	return s.store(ctx, sc, i, Period{ID: original.PeriodID})
}

// notesOn gives the statements of the issued credit notes on an invoice.
func (s *Service) notesOn(ctx context.Context, sc scope.Scope, original Invoice) ([]rating.Statement, error) {
	var out []rating.Statement
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var notes []Invoice
		if err := tx.Where("corrects = ? AND status = ?", original.ID, Issued).Order("number").Find(&notes).Error; err != nil {
			return err
		}
		for _, n := range notes {
			full, err := load(tx, sc, n.ID)
			if err != nil {
				return err
			}
			out = append(out, rating.Statement{Lines: full.Lines})
		}
		return nil
	})
	return out, err
}

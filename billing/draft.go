package billing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// sourceBatch bounds the annex rows of one transaction, so that writers on SQLite wait briefly.
const sourceBatch = 1000

// DraftInput says what to draft.
type DraftInput struct {
	Client      ids.Client
	On          calendar.Date // any date of the billing month
	By          ids.User
	Locale      string // zh-CN or en; the client's when empty
	Note        string
	Adjustments []rating.Adjustment
}

// DraftInvoice rates the period and stores a draft; an earlier draft of the period
// becomes superseded. Errors: billing.already_issued (Conflict), billing.no_contract,
// billing.no_rate_card and what rating finds wrong (Invalid).
func (s *Service) DraftInvoice(ctx context.Context, sc scope.Scope, in DraftInput) (Invoice, error) {
	if err := providerOnly(sc); err != nil {
		return Invoice{}, err
	}
	period, err := s.OpenPeriod(ctx, sc, in.Client, in.On)
	if err != nil {
		return Invoice{}, err
	}
	if err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return notIssued(tx, period) }); err != nil {
		return Invoice{}, err
	}
	c, err := s.collect(ctx, sc, period)
	if err != nil {
		return Invoice{}, err
	}
	late, err := s.lateAdjustments(ctx, sc, period)
	if err != nil {
		return Invoice{}, err
	}
	c.input.Adjustments = withTax(slices.Concat(late, in.Adjustments))
	statement, err := rating.Rate(c.input)
	if err != nil {
		return Invoice{}, err
	}
	hash, err := c.input.Hash()
	if err != nil {
		return Invoice{}, err
	}
	locale := in.Locale
	if locale == "" {
		locale = c.client.Locale
	}
	agreed := c.last.Document
	i := Invoice{ID: ids.New[ids.Invoice](s.db.IDs()), ClientID: in.Client, LegalEntityID: c.last.LegalEntityID, PeriodID: period.ID, Kind: workbook.KindInvoice, RateCardID: c.card.ID, CreatedBy: in.By,
		Document: Document{Locale: locale, Seller: c.seller, Buyer: workbook.Party{Name: c.client.Name, Address: agreed.Address, TaxID: agreed.TaxID}, PurchaseOrder: agreed.PurchaseOrder,
			PaymentDays: agreed.PaymentDays, Note: in.Note, Zone: c.last.Zone, Names: c.names, InputHash: hash, Statement: statement}}
	return s.store(ctx, sc, i, period)
}

// withTax gives adjustments without a tax the contract's.
func withTax(list []rating.Adjustment) []rating.Adjustment {
	out := slices.Clone(list)
	for i := range out {
		out[i].Tax = taxOr(out[i].Tax)
	}
	return out
}

// notIssued refuses a second invoice for a period unless credit notes have taken back all of the first.
func notIssued(tx *database.Tx, p Period) error {
	var issued []Invoice
	if err := tx.Where("period_id = ? AND status = ?", p.ID, Issued).Order("issued_at").Find(&issued).Error; err != nil {
		return err
	}
	taken, credited := map[ids.Invoice]int64{}, map[ids.Invoice]bool{}
	for _, i := range issued {
		if i.Kind == workbook.KindCreditNote {
			taken[i.Corrects] -= i.TotalMinor
			credited[i.Corrects] = true
		}
	}
	for _, i := range issued {
		if i.Kind == workbook.KindInvoice && (!credited[i.ID] || taken[i.ID] != i.TotalMinor) {
			return fault.Newf(fault.Conflict, "billing.already_issued", "The period from %s to %s is billed by %s: correct it by a credit note, or add an adjustment to the next invoice.", p.FromDay, p.ToDay-1, i.Label()).With("number", i.Label())
		}
	}
	return nil
}

// store writes a document in batches as preparing and makes it a draft in the last,
// short transaction; what a crash leaves behind is swept away by the next draft.
func (s *Service) store(ctx context.Context, sc scope.Scope, i Invoice, p Period) (Invoice, error) {
	full := i.Document.Statement
	i.Document.Statement.Lines, i.Document.Statement.Annex = nil, nil
	i.Status, i.Version, i.CreatedAt = preparing, 1, s.db.Now()
	i.Currency, i.NetMinor, i.TaxMinor, i.TotalMinor = full.Currency, full.Net.Minor, full.Tax.Minor, full.Gross.Minor
	lines, sources := s.rows(i, full)
	hash, err := contentHash(i, lines, sources)
	if err != nil {
		return Invoice{}, err
	}
	i.ContentHash = hash
	if err := s.sweep(ctx, sc, p); err != nil {
		return Invoice{}, err
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Create(&i).Error; err != nil {
			return err
		}
		_, err := database.Insert(tx, lines)
		return err
	})
	if err != nil {
		return Invoice{}, err
	}
	for batch := range slices.Chunk(sources, sourceBatch) {
		err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
			_, err := database.Insert(tx, batch)
			return err
		})
		if err != nil {
			return Invoice{}, err
		}
	}
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if _, err := lockedPeriod(tx, p.ID); err != nil {
			return err
		}
		if i.Kind == workbook.KindInvoice {
			if err := notIssued(tx, p); err != nil {
				return err
			}
		}
		old := tx.Model(&Invoice{}).Where("period_id = ? AND kind = ? AND status IN ?", p.ID, i.Kind, []Status{Draft, Reviewed})
		if i.Kind == workbook.KindCreditNote {
			old = old.Where("corrects = ?", i.Corrects)
		}
		if err := old.Update("status", Superseded).Error; err != nil {
			return err
		}
		if err := tx.Model(&Invoice{}).Where("id = ?", i.ID).Update("status", Draft).Error; err != nil {
			return err
		}
		return s.note(tx, i.ClientID, i.CreatedBy, "invoice.drafted", "invoice", ids.Any(i.ID), map[string]any{"kind": i.Kind, "total_minor": i.TotalMinor, "currency": i.Currency})
	})
	i.Status, i.Lines = Draft, full.Lines
	return i, err
}

// sweep removes what earlier attempts at a draft of the period left unfinished.
func (s *Service) sweep(ctx context.Context, sc scope.Scope, p Period) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		var left []ids.Invoice
		if err := tx.Model(&Invoice{}).Where("period_id = ? AND status = ? AND created_at <= ?", p.ID, preparing, s.db.Now()-calendar.Hour).Pluck("id", &left).Error; err != nil {
			return err
		}
		for _, id := range left {
			for _, row := range []any{&Source{}, &lineRow{}} {
				if err := tx.Where("invoice_id = ?", id).Delete(row).Error; err != nil {
					return err
				}
			}
			if err := tx.Where("id = ?", id).Delete(&Invoice{}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// rows turns a statement into rows.
func (s *Service) rows(i Invoice, full rating.Statement) ([]lineRow, []Source) {
	lines := make([]lineRow, 0, len(full.Lines))
	byNo := map[int]ids.InvoiceLine{}
	meters := map[int]string{}
	for _, a := range full.Annex {
		if a.Measure != "" {
			meters[a.Line] = string(a.Measure)
		}
	}
	for _, l := range full.Lines {
		id := ids.New[ids.InvoiceLine](s.db.IDs())
		byNo[l.No] = id
		lines = append(lines, lineRow{ID: id, InvoiceID: i.ID, ClientID: i.ClientID, Seq: l.No, LOBID: parsed[ids.LOB](l.LOB), Meter: meters[l.No], Rule: l.Rule, Description: l.Name,
			Quantity: l.Quantity, Unit: string(l.Unit), UnitPrice: l.UnitPrice, AmountMinor: l.Amount.Minor, TaxRate: l.TaxRate, Trace: l})
	}
	seq := map[int]int{}
	sources := make([]Source, 0, len(full.Annex))
	for _, a := range full.Annex {
		seq[a.Line]++
		source := Source{LineID: byNo[a.Line], Seq: seq[a.Line], InvoiceID: i.ID, ClientID: i.ClientID, Day: a.Day, LOBID: parsed[ids.LOB](a.Labels.LOB),
			QueueID: parsed[ids.Queue](a.Labels.Queue), Activity: a.Labels.Activity, Quantity: a.Quantity, Counts: a}
		if agent, ok := strings.CutPrefix(a.Source, agentSource); ok {
			source.AgentID = parsed[ids.Agent](agent)
		}
		sources = append(sources, source)
	}
	return lines, sources
}

// parsed reads an id from a label, the zero id from anything else.
func parsed[T interface{ ~[16]byte }, P interface {
	*T
	UnmarshalText([]byte) error
}](s string) T {
	var id T
	if P(&id).UnmarshalText([]byte(s)) != nil {
		var none T
		return none
	}
	return id
}

// contentHash fingerprints everything a document says, so that later changes of rows show.
func contentHash(i Invoice, lines []lineRow, sources []Source) ([]byte, error) {
	h := sha256.New()
	head, err := canonical(struct {
		Client          ids.Client
		Kind            workbook.Kind
		Document        Document
		Net, Tax, Total int64
	}{i.ClientID, i.Kind, i.Document, i.NetMinor, i.TaxMinor, i.TotalMinor})
	if err != nil {
		return nil, err
	}
	h.Write(head)
	for _, l := range lines {
		b, err := canonical(l.Trace)
		if err != nil {
			return nil, err
		}
		h.Write(b)
	}
	for _, x := range sources {
		b, err := canonical(x.Counts)
		if err != nil {
			return nil, err
		}
		h.Write(b)
	}
	return h.Sum(nil), nil
}

// Verify computes a document's fingerprint from its rows and reports whether it is
// the one taken when it was drafted.
func (s *Service) Verify(ctx context.Context, sc scope.Scope, id ids.Invoice) (bool, error) {
	same := false
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		i, err := database.One[Invoice](visible(tx, sc).Where("id = ?", id), "invoice.not_found", "There is no such invoice.")
		if err != nil {
			return err
		}
		lines, err := lineRows(tx, id)
		if err != nil {
			return err
		}
		sources, err := sourcesOf(tx, id, lines)
		if err != nil {
			return err
		}
		hash, err := contentHash(i, lines, sources)
		same = bytes.Equal(hash, i.ContentHash)
		return err
	})
	return same, err
}

// lateKey is what late data is compared by.
type lateKey struct{ lob, tax string }

// lateAdjustments rates the client's last issued periods again and returns what
// data that arrived after their issue changes, less what later invoices already
// adjusted. Each adjustment cites the invoice it concerns.
func (s *Service) lateAdjustments(ctx context.Context, sc scope.Scope, p Period) ([]rating.Adjustment, error) {
	const lookBack = 2
	var issued, later []Invoice
	var periods []Period
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Where("client_id = ? AND to_day <= ?", p.ClientID, p.FromDay).Order("to_day DESC").Limit(lookBack).Find(&periods).Error; err != nil {
			return err
		}
		return tx.Where("client_id = ? AND status = ?", p.ClientID, Issued).Order("issued_at, id").Find(&later).Error
	})
	if err != nil {
		return nil, err
	}
	corrected := map[ids.Invoice]bool{}
	for _, i := range later {
		corrected[i.Corrects] = true
	}
	for _, i := range later {
		inside := slices.ContainsFunc(periods, func(x Period) bool { return x.ID == i.PeriodID })
		if i.Kind == workbook.KindInvoice && inside && !corrected[i.ID] {
			issued = append(issued, i)
		}
	}
	var out []rating.Adjustment
	for _, i := range issued {
		period := periods[slices.IndexFunc(periods, func(x Period) bool { return x.ID == i.PeriodID })]
		found, err := s.lateOf(ctx, sc, i, period, later)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// lateOf compares one issued invoice with what its period would be billed now.
func (s *Service) lateOf(ctx context.Context, sc scope.Scope, i Invoice, p Period, later []Invoice) ([]rating.Adjustment, error) {
	cite := i.Label() + " late data"
	billed := map[lateKey]int64{}
	add := func(lines []rating.Line, sign int64, take func(rating.Line) bool) {
		for _, l := range lines {
			if take(l) {
				billed[lateKey{l.LOB, l.Tax}] += sign * l.Amount.Minor
			}
		}
	}
	c, err := s.collect(ctx, sc, p)
	if err != nil {
		return nil, err
	}
	now, err := rating.Rate(c.input)
	if err != nil {
		return nil, err
	}
	add(now.Lines, 1, func(rating.Line) bool { return true })
	for _, x := range later {
		full, err := s.Invoice(ctx, sc, x.ID)
		if err != nil {
			return nil, err
		}
		if x.ID == i.ID {
			add(full.Lines, -1, func(l rating.Line) bool { return l.Kind != rating.KindAdjustment })
		}
		add(full.Lines, -1, func(l rating.Line) bool { return l.Cites == cite })
	}
	var out []rating.Adjustment
	for _, k := range slices.SortedFunc(maps.Keys(billed), func(a, b lateKey) int {
		return strings.Compare(a.lob+"\x00"+a.tax, b.lob+"\x00"+b.tax)
	}) {
		if v := billed[k]; v != 0 {
			amount := i.Total()
			amount.Minor = v
			out = append(out, rating.Adjustment{Name: cite, LOB: k.lob, Amount: amount.Decimal(), Tax: k.tax, Cites: cite})
		}
	}
	return out, nil
}

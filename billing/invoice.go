package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Status is the state of an invoice or credit note.
type Status string

// The states, in the order of a document's life.
const (
	preparing  Status = "preparing" // its rows are being written; nobody sees it
	Draft      Status = "draft"
	Reviewed   Status = "reviewed"   // a person has looked at it; it may be issued
	Issued     Status = "issued"     // numbered and immutable
	Superseded Status = "superseded" // a later draft took its place
)

// Document is what an invoice says besides its lines; it is fixed with the draft.
type Document struct {
	Locale        string            `json:"locale"`
	Seller        workbook.Party    `json:"seller"`
	Buyer         workbook.Party    `json:"buyer"`
	PurchaseOrder string            `json:"purchase_order,omitempty"`
	PaymentDays   int               `json:"payment_days"`
	Note          string            `json:"note,omitempty"`
	Refers        string            `json:"refers,omitempty"` // number of the invoice that a credit note corrects
	Zone          string            `json:"zone"`             // whose dates the lines speak of
	Names         map[string]string `json:"names"`
	InputHash     string            `json:"input_hash,omitempty"` // of facts, rate cards and results
	Statement     rating.Statement  `json:"statement"`            // without lines and annex, which are rows
}

// Invoice is an invoice or a credit note.
type Invoice struct {
	ID            ids.Invoice       `gorm:"primaryKey" json:"id"`
	ClientID      ids.Client        `json:"client_id"`
	LegalEntityID ids.LegalEntity   `json:"legal_entity_id"`
	PeriodID      ids.Period        `json:"period_id"`
	Kind          workbook.Kind     `json:"kind"` // invoice or credit_note
	Corrects      ids.Invoice       `json:"corrects"`
	Status        Status            `json:"status"`
	Series        string            `json:"series"`
	Number        *int64            `json:"number,omitempty"`
	Currency      money.Currency    `json:"currency"`
	NetMinor      int64             `json:"net_minor"`
	TaxMinor      int64             `json:"tax_minor"`
	TotalMinor    int64             `json:"total_minor"`
	RateCardID    ids.RateCard      `json:"rate_card_id"`
	Document      Document          `gorm:"serializer:json" json:"document"`
	ContentHash   []byte            `json:"-"`
	Version       int               `json:"version"`
	CreatedBy     ids.User          `json:"created_by"`
	CreatedAt     calendar.Instant  `json:"created_at"`
	IssuedBy      ids.User          `json:"issued_by"`
	IssuedAt      *calendar.Instant `json:"issued_at,omitempty"`
	FileID        ids.File          `json:"file_id"`
	Lines         []rating.Line     `gorm:"-" json:"lines,omitempty"`
}

// TableName implements gorm's Tabler.
func (Invoice) TableName() string { return "invoices" }

// Label gives the number of an issued document, empty before that.
func (i Invoice) Label() string {
	if i.Number == nil {
		return ""
	}
	return numberLabel(i.Series, *i.Number)
}

// numberLabel writes a number of a series.
func numberLabel(series string, n int64) string { return fmt.Sprintf("%s-%06d", series, n) }

// Net gives the sum of the lines.
func (i Invoice) Net() money.Amount { return money.Amount{Minor: i.NetMinor, Currency: i.Currency} }

// Tax gives the sum of the taxes.
func (i Invoice) Tax() money.Amount { return money.Amount{Minor: i.TaxMinor, Currency: i.Currency} }

// Total gives what is to be paid.
func (i Invoice) Total() money.Amount {
	return money.Amount{Minor: i.TotalMinor, Currency: i.Currency}
}

// lineRow is one line as a row: the columns are for lists and search, the trace is the line itself.
type lineRow struct {
	ID          ids.InvoiceLine `gorm:"primaryKey"`
	InvoiceID   ids.Invoice
	ClientID    ids.Client
	Seq         int
	LOBID       ids.LOB `gorm:"column:lob_id"`
	Meter       string
	Rule        string
	Description string
	Quantity    decimal.Decimal
	Unit        string
	UnitPrice   decimal.Decimal
	AmountMinor int64
	TaxRate     decimal.Decimal
	Trace       rating.Line `gorm:"serializer:json"`
}

// TableName implements gorm's Tabler.
func (lineRow) TableName() string { return "invoice_lines" }

// Source is one annex row of a line: what one agent or queue adds to it on one day.
type Source struct {
	LineID    ids.InvoiceLine `gorm:"primaryKey" json:"line_id"`
	Seq       int             `gorm:"primaryKey;autoIncrement:false" json:"seq"`
	InvoiceID ids.Invoice     `json:"invoice_id"`
	ClientID  ids.Client      `json:"client_id"`
	Day       calendar.Date   `json:"day"`
	LOBID     ids.LOB         `gorm:"column:lob_id" json:"lob_id"`
	QueueID   ids.Queue       `json:"queue_id"`
	AgentID   ids.Agent       `json:"agent_id"`
	Activity  string          `json:"activity"`
	Quantity  decimal.Decimal `json:"quantity"`
	Counts    rating.AnnexRow `gorm:"serializer:json" json:"counts"`
}

// TableName implements gorm's Tabler.
func (Source) TableName() string { return "invoice_sources" }

// Filter narrows a list of invoices; zero fields do not.
type Filter struct {
	ClientID ids.Client
	PeriodID ids.Period
	Status   Status
	Kind     workbook.Kind
}

// Invoices lists drafts, reviewed and issued documents of the scope, the newest
// first, without lines. A client's scope sees what is issued.
func (s *Service) Invoices(ctx context.Context, sc scope.Scope, f Filter) ([]Invoice, error) {
	if known := []Status{Draft, Reviewed, Issued, Superseded}; f.Status != "" && !slices.Contains(known, f.Status) {
		return nil, fault.Newf(fault.Invalid, "invoice.unknown_status", "The status %q is unknown: use one of %s.", f.Status, fault.Allowed(known)).With("status", f.Status).With("allowed", fault.Allowed(known))
	}
	var out []Invoice
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := visible(tx, sc).Order("created_at DESC, id DESC")
		if !f.ClientID.IsZero() {
			q = q.Where("client_id = ?", f.ClientID)
		}
		if !f.PeriodID.IsZero() {
			q = q.Where("period_id = ?", f.PeriodID)
		}
		if f.Status != "" {
			q = q.Where("status = ?", f.Status)
		} else {
			q = q.Where("status <> ?", Superseded)
		}
		if f.Kind != "" {
			q = q.Where("kind = ?", f.Kind)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// visible leaves out what the reader may not see: unfinished rows, and drafts in a client's scope.
func visible(tx *database.Tx, sc scope.Scope) *gorm.DB {
	if sc.IsProvider() {
		return tx.Where("status <> ?", preparing)
	}
	return tx.Where("status = ?", Issued)
}

// Invoice gives one document with its lines; absent and out of scope are the same NotFound.
func (s *Service) Invoice(ctx context.Context, sc scope.Scope, id ids.Invoice) (Invoice, error) {
	var out Invoice
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = load(tx, sc, id)
		return err
	})
	return out, err
}

// InvoiceByLabel finds an issued document by its number, such as MU-000017.
func (s *Service) InvoiceByLabel(ctx context.Context, sc scope.Scope, label string) (Invoice, error) {
	all, err := s.Invoices(ctx, sc, Filter{Status: Issued})
	if err != nil {
		return Invoice{}, err
	}
	for _, i := range all {
		if i.Label() == label {
			return s.Invoice(ctx, sc, i.ID)
		}
	}
	return Invoice{}, fault.Newf(fault.NotFound, "invoice.not_found", "There is no issued document %q.", label).With("number", label)
}

// load reads a document and its lines.
func load(tx *database.Tx, sc scope.Scope, id ids.Invoice) (Invoice, error) {
	out, err := database.One[Invoice](visible(tx, sc).Where("id = ?", id), "invoice.not_found", "There is no such invoice.")
	if err != nil {
		return Invoice{}, err
	}
	rows, err := lineRows(tx, id)
	if err != nil {
		return Invoice{}, err
	}
	for _, r := range rows {
		out.Lines = append(out.Lines, r.Trace)
	}
	return out, nil
}

// lineRows reads the lines of a document in order.
func lineRows(tx *database.Tx, id ids.Invoice) ([]lineRow, error) {
	var rows []lineRow
	return rows, tx.Where("invoice_id = ?", id).Order("seq").Find(&rows).Error
}

// sourcesOf reads the annex rows of a document in the order of its lines.
func sourcesOf(tx *database.Tx, id ids.Invoice, lines []lineRow) ([]Source, error) {
	var rows []Source
	if err := tx.Where("invoice_id = ?", id).Order("line_id, seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	byLine := map[ids.InvoiceLine][]Source{}
	for _, r := range rows {
		byLine[r.LineID] = append(byLine[r.LineID], r)
	}
	out := make([]Source, 0, len(rows))
	for _, l := range lines {
		out = append(out, byLine[l.ID]...)
	}
	return out, nil
}

// canonical renders a value for hashing.
func canonical(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("billing: %w", err)
	}
	return b, nil
}

package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"muster/billing/rating"
	"muster/tenants/money"
)

// Rows of the invoice sheet that other sheets refer to.
const (
	invoiceHeader    = 12
	invoiceFirstLine = invoiceHeader + 1
)

// lineRow gives the invoice row of a line.
func lineRow(no int) int { return invoiceHeader + no }

// lineRows gives the invoice rows of lines.
func lineRows(lines []int) []int {
	rows := make([]int, len(lines))
	for i, no := range lines {
		rows[i] = lineRow(no)
	}
	slices.Sort(rows)
	return rows
}

// lastLineRow is the last row of the table of lines; an empty statement keeps one empty row.
func (b *book) lastLineRow() int { return lineRow(max(len(b.doc.Statement.Lines), 1)) }

// column names a column of the table of lines in a formula, from this sheet (empty) or another.
func (b *book) column(sheet, c string) string {
	if sheet != "" {
		sheet = quoted(sheet) + "!"
	}
	return fmt.Sprintf("%s$%s$%d:$%s$%d", sheet, c, invoiceFirstLine, c, b.lastLineRow())
}

// writeInvoice writes head, lines, totals and check.
func (b *book) writeInvoice() error {
	s := b.open(b.t.invoice, []float64{5, 44, 18, 11, 11, 13, 10, 13, 9, 7, 16, 9, 9, 2, 5, 5, 5}, invoiceHeader)
	b.writeHead(s)
	heads := make([]any, 0, 17)
	for _, h := range b.t.lineHeads {
		heads = append(heads, text(b.styles.header, h))
	}
	s.head(invoiceHeader, append(heads, nil, text(b.styles.key, "lob"), text(b.styles.key, "grp"), text(b.styles.key, "tax")))
	for _, l := range b.doc.Statement.Lines {
		b.writeLine(s, l)
	}
	s.row = b.lastLineRow()
	b.writeTotals(s)
	return s.close()
}

// writeHead writes title, parties and terms above the lines.
func (b *book) writeHead(s *sheet) {
	d, st := b.doc, b.styles
	s.at(1, text(st.title, b.t.title(d.Kind)))
	s.merge("A", "M", 1)
	period := d.Statement.From.String() + " – " + (d.Statement.Until - 1).String()
	number := d.Number
	if d.Refers != "" {
		number += " → " + d.Refers
	}
	terms := ""
	if d.PaymentDays > 0 {
		terms = fmt.Sprintf(b.t.days, d.PaymentDays)
	}
	left := []string{d.Seller.Name, d.Seller.Address, d.Seller.TaxID, d.Seller.Bank, d.Buyer.Name, d.Buyer.Address, d.Buyer.TaxID, d.Note}
	right := []any{text(st.text, number), date(st.date, d.Issued), date(st.date, d.Due), text(st.text, period), text(st.text, d.PurchaseOrder),
		text(st.text, terms), text(st.text, string(d.Statement.Currency)), text(st.text, strings.Join(d.Statement.Versions, ", "))}
	for i := range left {
		s.at(3+i, text(st.label, b.t.partyLabels[i]), nil, text(st.text, left[i]), text(st.text, ""), text(st.text, ""), text(st.text, ""), nil,
			text(st.label, b.t.documentLabels[i]), nil, nil, right[i], text(st.text, ""), text(st.text, ""))
		s.merge("A", "B", 3+i)
		s.merge("C", "F", 3+i)
		s.merge("H", "J", 3+i)
		s.merge("K", "M", 3+i)
	}
}

// writeLine writes one line: quantity, price and amount are live where they follow from other cells.
func (b *book) writeLine(s *sheet, l rating.Line) {
	st, row := b.styles, lineRow(l.No)
	quantityStyle := st.quantity[min(l.Places, 9)]
	quantity, price := number(quantityStyle, l.Quantity), number(st.price, l.UnitPrice)
	switch l.Origin {
	case rating.FromFacts:
		a, q := b.annexRange("A"), b.annexRange("M")
		quantity = live(quantityStyle, fmt.Sprintf("ROUND(SUMIFS(%s,%s,A%d),%d)", q, a, row, l.Places), l.Quantity)
	case rating.FromParents:
		quantity = live(quantityStyle, fmt.Sprintf("ROUND(%s,%d)", sumOf("", "K", lineRows(l.Parents)), l.Places), l.Quantity)
	case rating.FromLimit:
		due := b.rounded(fmt.Sprintf("%s*%d/%d", l.Limit.Amount, l.Limit.Days, l.Limit.Of))
		price = live(st.price, fmt.Sprintf("%s-(%s)", due, sumOf("", "K", lineRows(l.Parents))), l.UnitPrice)
	}
	amount := live(st.money, b.rounded(fmt.Sprintf("F%[1]d*H%[1]d*I%[1]d/J%[1]d", row)), l.Amount.Decimal())
	s.at(row, integer(st.integer, int64(l.No)), text(st.wrap, b.describe(l)), text(st.wrap, b.lobName(l.LOB)), date(st.date, l.From), date(st.date, l.Until-1),
		quantity, text(st.text, b.t.units[l.Unit]), price, number(st.factor, l.Factor), integer(st.integer, l.Divisor), amount,
		text(st.text, l.Tax), number(st.percent, l.TaxRate), nil,
		integer(st.key, int64(b.lobs[l.LOB])), integer(st.key, group(l.Kind)), integer(st.key, int64(b.taxes[taxKey(l.Tax, l.TaxRate)])))
}

// describe tells what a line is for.
func (b *book) describe(l rating.Line) string {
	name := b.indicator(l.Name)
	if k := b.t.kinds[l.Kind]; k != "" {
		name = k + ": " + name
	}
	parts := []string{name}
	for _, x := range l.Split {
		if d, v, _ := strings.Cut(x, "="); d != string(rating.LOB) {
			parts = append(parts, b.name(v))
		}
	}
	if l.Tier > 0 {
		parts = append(parts, fmt.Sprintf(b.t.tier, l.Tier))
	}
	for _, c := range l.Classes {
		parts = append(parts, b.name(c))
	}
	if l.Cites != "" {
		parts = append(parts, l.Cites)
	}
	if l.Kind != rating.KindCharge && len(l.Parents) > 0 {
		parts = append(parts, fmt.Sprintf(b.t.refers, runs(l.Parents)))
	}
	return strings.Join(parts, " · ")
}

// runs writes ascending numbers as "1–3, 7".
func runs(n []int) string {
	var out []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		if i == j {
			out = append(out, fmt.Sprint(n[i]))
		} else {
			out = append(out, fmt.Sprintf("%d–%d", n[i], n[j]))
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}

// writeTotals writes net, taxes, total and the check cell.
func (b *book) writeTotals(s *sheet) {
	st, x := b.styles, b.doc.Statement
	amounts := b.column("", "K")
	b.netRow = s.next(totalRow(st, b.t.net, live(st.moneyBold, fmt.Sprintf("SUM(%s)", amounts), x.Net.Decimal()))...)
	b.taxRows = [2]int{s.row + 1, s.row + max(len(x.Taxes), 1)}
	for i, tax := range x.Taxes {
		row := s.row + 1
		base := live(st.money, fmt.Sprintf("SUMIFS(%s,%s,%d)", amounts, b.column("", "Q"), i+1), tax.Base.Decimal())
		due := live(st.money, b.rounded(fmt.Sprintf("H%d*M%d", row, row)), tax.Amount.Decimal())
		s.next(nil, text(st.text, fmt.Sprintf("%s %s", b.t.tax, tax.Name)), nil, nil, nil, nil, text(st.text, b.t.base), base, nil, nil, due, text(st.text, tax.Code), number(st.percent, tax.Rate))
	}
	s.row = b.taxRows[1]
	b.totalRow = s.next(totalRow(st, fmt.Sprintf("%s %s", b.t.total, x.Currency),
		live(st.moneyBold, fmt.Sprintf("K%d+SUM(K%d:K%d)", b.netRow, b.taxRows[0], b.taxRows[1]), x.Gross.Decimal()))...)
	zero := decimal.Zero
	b.checkRow = s.next(nil, text(st.label, b.t.check), nil, nil, nil, nil, nil, nil, nil, nil,
		live(st.check, fmt.Sprintf("ROUND(K%d-SUM(%s),%d)", b.netRow, b.annexRange("O"), x.Currency.Digits()), zero))
}

// totalRow lays a total out under its column.
func totalRow(st styles, label string, amount excelize.Cell) []any {
	row := []any{text(st.bold, ""), text(st.bold, label)}
	for range 8 {
		row = append(row, text(st.bold, ""))
	}
	return append(row, amount)
}

// nameRanges gives the figures that other systems look for their names, and sets what is printed.
func (b *book) nameRanges() error {
	sheet := quoted(b.t.invoice) + "!"
	cell := func(c string, row int) string { return fmt.Sprintf("%s$%s$%d", sheet, c, row) }
	names := []excelize.DefinedName{
		{Name: "InvNumber", RefersTo: cell("K", 3)},
		{Name: "InvNet", RefersTo: cell("K", b.netRow)},
		{Name: "InvTax", RefersTo: fmt.Sprintf("%s$K$%d:$K$%d", sheet, b.taxRows[0], b.taxRows[1])},
		{Name: "TaxBase", RefersTo: fmt.Sprintf("%s$H$%d:$H$%d", sheet, b.taxRows[0], b.taxRows[1])},
		{Name: "InvTotal", RefersTo: cell("K", b.totalRow)},
		{Name: "InvCheck", RefersTo: cell("K", b.checkRow)},
		{Name: "Period", RefersTo: cell("K", 6)},
		{Name: "_xlnm.Print_Area", RefersTo: fmt.Sprintf("%s$A$1:$M$%d", sheet, b.checkRow), Scope: b.t.invoice},
		{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("%s$%d:$%d", sheet, invoiceHeader, invoiceHeader), Scope: b.t.invoice},
	}
	for _, other := range []string{b.t.summary, b.t.credits, b.t.reconciliation, b.t.annex} {
		names = append(names, excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: quoted(other) + "!$1:$1", Scope: other})
	}
	for _, n := range names {
		if err := b.f.SetDefinedName(&n); err != nil {
			return err
		}
	}
	return nil
}

// zeroOf is nothing, in the statement's currency.
func (b *book) zeroOf() money.Amount { return money.Amount{Currency: b.doc.Statement.Currency} }

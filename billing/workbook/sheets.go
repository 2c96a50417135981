package workbook

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"muster/billing/rating"
)

// heads writes a header row.
func (b *book) heads(s *sheet, names []string) {
	cells := make([]any, len(names))
	for i, n := range names {
		cells[i] = text(b.styles.header, n)
	}
	s.head(1, cells)
}

// writeSummary sums the invoice by line of business.
func (b *book) writeSummary() error {
	st, x := b.styles, b.doc.Statement
	s := b.open(b.t.summary, []float64{5, 30, 17, 17, 17, 17, 10}, 1)
	b.heads(s, b.t.summaryHeads)
	amounts, lobs, groups := b.column(b.t.invoice, "K"), b.column(b.t.invoice, "O"), b.column(b.t.invoice, "P")
	total := len(x.LOBs) + 2
	for i, l := range x.LOBs {
		row := i + 2
		part := func(n int, v decimal.Decimal) excelize.Cell {
			return live(st.money, fmt.Sprintf("SUMIFS(%s,%s,$A%d,%s,%d)", amounts, lobs, row, groups, n), v)
		}
		share := decimal.Zero
		if x.Net.Minor != 0 {
			share = l.Net.Decimal().DivRound(x.Net.Decimal(), 15)
		}
		s.at(row, integer(st.integer, int64(i+1)), text(st.text, b.lobName(l.LOB)), part(1, l.Charges.Decimal()), part(2, l.Credits.Decimal()), part(3, l.Other.Decimal()),
			live(st.money, fmt.Sprintf("SUM(C%d:E%d)", row, row), l.Net.Decimal()),
			live(st.percent, fmt.Sprintf("IF($F$%d=0,0,F%d/$F$%d)", total, row, total), share))
	}
	sums := []decimal.Decimal{{}, {}, {}, {}}
	for _, l := range x.LOBs {
		for i, v := range []decimal.Decimal{l.Charges.Decimal(), l.Credits.Decimal(), l.Other.Decimal(), l.Net.Decimal()} {
			sums[i] = sums[i].Add(v)
		}
	}
	row := []any{text(st.bold, ""), text(st.bold, b.t.net)}
	for i, v := range sums {
		c := string(rune('C' + i))
		row = append(row, live(st.moneyBold, fmt.Sprintf("SUM(%s2:%s%d)", c, c, max(total-1, 2)), v))
	}
	if len(x.LOBs) == 0 {
		s.at(2, text(st.text, ""), text(st.text, b.t.nothing))
		total = 3
	}
	s.at(total, row...)
	b.summaryRow = total
	return s.close()
}

// writeCredits shows the arithmetic of every service measure, credited or not, and the caps.
func (b *book) writeCredits() error {
	st, x := b.styles, b.doc.Statement
	s := b.open(b.t.credits, []float64{24, 14, 13, 13, 8, 11, 11, 9, 16, 10, 10, 10, 9, 15, 16, 7}, 1)
	b.heads(s, b.t.creditHeads)
	for _, o := range x.Measures {
		row := s.row + 1
		per := max(o.Result.Per, 1)
		value := any(text(st.text, ""))
		if o.Value != nil {
			exact := decimal.NewFromInt(o.Result.Numerator).DivRound(decimal.NewFromInt(o.Result.Denominator).Mul(decimal.NewFromInt(per)), 15)
			value = live(st.price, fmt.Sprintf("C%d/(D%d*E%d)", row, row, row), exact)
		}
		base := live(st.money, sumOf(quoted(b.t.invoice)+"!", "K", lineRows(o.Parents)), o.Base.Decimal())
		amount := live(st.money, fmt.Sprintf("IF(I%d>0,%s,0)", row, b.rounded(fmt.Sprintf("-I%[1]d*J%[1]d*K%[1]d*L%[1]d*M%[1]d", row))), o.Amount.Decimal())
		line := any(nil)
		if o.Line > 0 {
			line = integer(st.integer, int64(o.Line))
		}
		s.next(text(st.wrap, b.indicator(o.Name)), text(st.wrap, b.lobName(o.LOB)), integer(st.integer, o.Result.Numerator), integer(st.integer, o.Result.Denominator), integer(st.integer, per),
			value, number(st.price, o.Target), text(st.text, b.t.better[o.Better]), base, number(st.percent, o.AtRisk), number(st.percent, o.Weight),
			number(st.percent, o.BandShare), number(st.factor, o.Repeat), text(st.wrap, b.reason(o)), amount, line)
	}
	for _, l := range x.Lines {
		if l.Kind == rating.KindCap {
			b.blank(s, text(st.wrap, b.t.kinds[l.Kind]+": "+l.Name), 14,
				live(st.money, fmt.Sprintf("%s!K%d", quoted(b.t.invoice), lineRow(l.No)), l.Amount.Decimal()), integer(st.integer, int64(l.No)))
		}
	}
	if s.row == 1 {
		s.next(text(st.text, b.t.nothing))
	}
	total := b.zeroOf().Decimal()
	for _, l := range x.LOBs {
		total = total.Add(l.Credits.Decimal())
	}
	last := s.row
	b.creditRow = b.blank(s, text(st.bold, b.t.sum), 14, live(st.moneyBold, fmt.Sprintf("SUM(O2:O%d)", last), total))
	return s.close()
}

// blank writes a row with a first cell and some cells from a column on (0 is A).
func (b *book) blank(s *sheet, first excelize.Cell, from int, rest ...any) int {
	row := []any{first}
	for len(row) < from {
		row = append(row, nil)
	}
	return s.next(append(row, rest...)...)
}

// indicator names a measure of the product's own catalogue in the reader's language; a formula may follow its key.
func (b *book) indicator(name string) string {
	key, formula, _ := strings.Cut(name, " ")
	if n, ok := b.t.indicators[key]; ok {
		return strings.TrimSpace(n + " " + formula)
	}
	return name
}

// reason tells why a measure gave what it gave.
func (b *book) reason(o rating.MeasureOutcome) string {
	r := b.t.reasons[o.Reason]
	if o.Result.Waiver != "" {
		r += ": " + o.Result.Waiver
	}
	return r
}

// writeReconciliation compares measured with billed, and every sheet with the ledger.
func (b *book) writeReconciliation() error {
	st, x := b.styles, b.doc.Statement
	s := b.open(b.t.reconciliation, []float64{24, 20, 18, 14, 11, 16, 16, 16, 16, 16, 16, 10}, 1)
	b.heads(s, b.t.reconHeads)
	yesNo := map[bool]string{true: b.t.yes, false: b.t.no}
	for _, r := range x.Recon {
		row := s.row + 1
		billable := ""
		if r.Measure == rating.AgentTime {
			billable = yesNo[r.Billable]
		}
		unit, per := reconUnit(r.Measure, x.Currency.Digits())
		style := st.quantity[0]
		if per > 1 {
			style = st.quantity[4]
		}
		in := func(raw int64) decimal.Decimal { return decimal.NewFromInt(raw).DivRound(decimal.NewFromInt(per), 15) }
		paid := text(st.text, "")
		if r.Measure == rating.AgentTime {
			paid = number(style, in(r.Paid))
		}
		s.next(text(st.text, b.t.measures[r.Measure]), text(st.text, b.lobName(r.LOB)), text(st.text, b.activity(r.Activity)), text(st.text, b.name(r.Channel)),
			text(st.text, billable), number(style, in(r.Raw)), paid, number(style, in(r.Billed)),
			live(style, fmt.Sprintf("F%d-H%d", row, row), in(r.Raw-r.Billed)), number(style, in(r.Again)), number(style, in(r.Uncover)), text(st.text, b.t.units[unit]))
	}
	s.row++
	s.next(text(st.header, b.t.checks), text(st.header, b.t.workbook), text(st.header, b.t.ledger), text(st.header, b.t.difference))
	invoice, zero := quoted(b.t.invoice)+"!", decimal.Zero
	check := func(label, formula string, computed decimal.Decimal, ledger excelize.Cell) {
		row := s.row + 1
		s.next(text(st.text, label), live(st.money, formula, computed), ledger, live(st.check, fmt.Sprintf("ROUND(B%d-C%d,%d)", row, row, x.Currency.Digits()), zero))
	}
	constant := func(d decimal.Decimal) excelize.Cell { return number(st.money, d) }
	check(b.t.net, fmt.Sprintf("%sK%d", invoice, b.netRow), x.Net.Decimal(), constant(x.Net.Decimal()))
	check(b.t.tax, fmt.Sprintf("SUM(%sK%d:K%d)", invoice, b.taxRows[0], b.taxRows[1]), x.Tax.Decimal(), constant(x.Tax.Decimal()))
	check(b.t.total, fmt.Sprintf("%sK%d", invoice, b.totalRow), x.Gross.Decimal(), constant(x.Gross.Decimal()))
	check(b.t.summary, fmt.Sprintf("%s!F%d", quoted(b.t.summary), b.summaryRow), x.Net.Decimal(), constant(x.Net.Decimal()))
	credits := zero
	for _, l := range x.LOBs {
		credits = credits.Add(l.Credits.Decimal())
	}
	check(b.t.credits, fmt.Sprintf("%s!O%d", quoted(b.t.credits), b.creditRow), credits,
		live(st.money, fmt.Sprintf("SUMIFS(%s,%s,2)", b.column(b.t.invoice, "K"), b.column(b.t.invoice, "P")), credits))
	check(b.t.annex, fmt.Sprintf("SUM(%s)", b.annexRange("O")), x.Net.Decimal(), constant(x.Net.Decimal()))
	if b.doc.DataHash != "" {
		s.row++
		s.next(text(st.label, b.t.hash), text(st.text, b.doc.DataHash))
	}
	return s.close()
}

// activity names an activity of the product's own list, or shows the client's word.
func (b *book) activity(key string) string {
	if n, ok := b.t.activities[key]; ok {
		return n
	}
	return b.name(key)
}

// reconUnit gives the unit in which raw quantities of a measure are read, and how many make one.
func reconUnit(m rating.Measure, digits int32) (rating.Unit, int64) {
	switch m {
	case rating.AgentTime:
		return rating.UnitHour, 3_600_000
	case rating.HandleTime:
		return rating.UnitMinute, 60_000
	case rating.Seats:
		return rating.UnitSeat, 1000
	case rating.Cost:
		return rating.UnitCurrency, decimal.New(1, digits).IntPart()
	case rating.Outcomes:
		return rating.UnitPiece, 1
	}
	return rating.UnitContact, 1
}

// annexRange names a column of the annex in a formula.
func (b *book) annexRange(c string) string {
	return fmt.Sprintf("%s!$%s$2:$%s$%d", quoted(b.t.annex), c, c, max(len(b.doc.Statement.Annex), 1)+1)
}

// writeAnnex writes one row per fact and line, as a table that a pivot reads at once.
func (b *book) writeAnnex() error {
	st, x := b.styles, b.doc.Statement
	s := b.open(b.t.annex, []float64{7, 12, 16, 18, 20, 12, 16, 12, 12, 11, 11, 14, 13, 10, 14, 14}, 1)
	b.heads(s, b.t.annexHeads)
	for _, r := range x.Annex {
		l := x.Lines[r.Line-1]
		s.next(integer(st.integer, int64(r.Line)), date(st.date, r.Day), text(st.text, b.lobName(r.Labels.LOB)), text(st.text, b.t.measures[r.Measure]), text(st.text, b.name(r.Source)),
			text(st.text, b.name(r.Labels.Channel)), text(st.text, b.name(r.Labels.Queue)), text(st.text, b.name(r.Labels.Tier)), text(st.text, b.name(r.Labels.Site)),
			text(st.text, b.name(r.Labels.DayType)), text(st.text, b.name(r.Labels.Band)), text(st.text, b.activity(r.Labels.Activity)),
			number(st.quantity[min(l.Places, 9)], r.Quantity), text(st.text, b.t.units[l.Unit]), number(st.money, r.Amount.Decimal()), integer(st.integer, r.Raw))
	}
	if len(x.Annex) > 0 {
		stripes := true
		s.do(func() error {
			return s.w.AddTable(&excelize.Table{Range: fmt.Sprintf("A1:P%d", len(x.Annex)+1), Name: "AnnexRows", StyleName: "TableStyleLight1", ShowRowStripes: &stripes})
		})
	}
	return s.close()
}

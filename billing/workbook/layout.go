package workbook

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"muster/billing/rating"
	"muster/tenants/calendar"
	"muster/tenants/money"
)

// book is a workbook in the making.
type book struct {
	doc    Document
	t      titles
	f      *excelize.File
	styles styles
	lobs   map[string]int // number of a line of business in the summary
	taxes  map[string]int // number of a tax among the statement's taxes

	netRow, totalRow, checkRow int // on the invoice sheet
	taxRows                    [2]int
	summaryRow, creditRow      int // total rows of those sheets
}

// face is the font of all cells; readers put their own in its place where it lacks a sign.
const face = "Calibri"

// styles are the ids of the cell styles.
type styles struct {
	title, label, text, wrap, header, integer, money, moneyBold, bold, percent, price, factor, date, key, check int
	quantity                                                                                                    [10]int
}

// pageSetup is how a sheet prints.
type pageSetup struct {
	name      string
	landscape bool
	protected bool
}

// prepare makes sheets, styles, properties and everything that must precede the streams.
func (b *book) prepare() error {
	if err := b.makeStyles(); err != nil {
		return err
	}
	sheets := []pageSetup{{b.t.invoice, true, true}, {b.t.summary, false, true}, {b.t.credits, true, true}, {b.t.reconciliation, true, false}, {b.t.annex, true, false}}
	for i, s := range sheets {
		if i == 0 {
			if err := b.f.SetSheetName("Sheet1", s.name); err != nil {
				return err
			}
		} else if _, err := b.f.NewSheet(s.name); err != nil {
			return err
		}
		if err := b.setUp(s); err != nil {
			return err
		}
	}
	yes := true
	if err := b.f.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &yes}); err != nil {
		return err
	}
	stamp := fixedTime.Format(time.RFC3339)
	return b.f.SetDocProps(&excelize.DocProperties{Title: clean(b.t.title(b.doc.Kind) + " " + b.doc.Number), Creator: "muster", LastModifiedBy: "muster", Created: stamp, Modified: stamp})
}

// setUp sets page, footer and protection of one sheet.
func (b *book) setUp(s pageSetup) error {
	a4, orientation, width, height := 9, "portrait", 1, 0
	if s.landscape {
		orientation = "landscape"
	}
	if err := b.f.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &width, FitToHeight: &height}); err != nil {
		return err
	}
	fit := true
	if err := b.f.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	left := b.doc.Number
	if b.doc.DataHash != "" {
		left = strings.TrimSpace(left + " " + b.doc.DataHash[:min(16, len(b.doc.DataHash))])
	}
	footer := "&L&8" + strings.ReplaceAll(clean(left), "&", "&&") + "&R&8&P / &N"
	if utf8.RuneCountInString(footer) > 250 {
		footer = "&R&8&P / &N"
	}
	if err := b.f.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddFooter: footer}); err != nil {
		return err
	}
	if !s.protected {
		return nil
	}
	// No password: the lock keeps formulas from accidents, it hides nothing.
	return b.f.ProtectSheet(s.name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true})
}

// makeStyles registers the cell styles.
func (b *book) makeStyles() error {
	places := func(n int32) string {
		if n == 0 {
			return ""
		}
		return "." + strings.Repeat("0", int(n))
	}
	signed := func(format string) string { return format + ";[Red]-" + format }
	cash := signed("#,##0" + places(b.doc.Statement.Currency.Digits()))
	thin := []excelize.Border{{Type: "bottom", Color: "D9D9D9", Style: 1}}
	double := []excelize.Border{{Type: "top", Color: "404040", Style: 1}, {Type: "bottom", Color: "404040", Style: 6}}
	right := &excelize.Alignment{Horizontal: "right", Vertical: "top"}
	top := &excelize.Alignment{Vertical: "top", WrapText: true, Horizontal: "left", Indent: 1}
	define := func(into *int, s excelize.Style) error {
		id, err := b.f.NewStyle(&s)
		*into = id
		return err
	}
	custom := func(format string) *string { return &format }
	st := &b.styles
	list := []struct {
		into  *int
		style excelize.Style
	}{
		{&st.title, excelize.Style{Font: &excelize.Font{Family: face, Bold: true, Size: 16}}},
		{&st.label, excelize.Style{Font: &excelize.Font{Family: face, Color: "595959"}, Alignment: top}},
		{&st.text, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", Indent: 1}, Border: thin}},
		{&st.wrap, excelize.Style{Alignment: top, Border: thin}},
		{&st.header, excelize.Style{Font: &excelize.Font{Family: face, Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F5C63"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center", Horizontal: "center"}}},
		{&st.integer, excelize.Style{CustomNumFmt: custom(signed("#,##0")), Alignment: right, Border: thin}},
		{&st.money, excelize.Style{CustomNumFmt: custom(cash), Alignment: right, Border: thin}},
		{&st.moneyBold, excelize.Style{CustomNumFmt: custom(cash), Alignment: right, Font: &excelize.Font{Family: face, Bold: true}, Border: double}},
		{&st.bold, excelize.Style{Font: &excelize.Font{Family: face, Bold: true}, Alignment: &excelize.Alignment{Horizontal: "left", Indent: 1}, Border: double}},
		{&st.percent, excelize.Style{CustomNumFmt: custom("0.00##%"), Alignment: right, Border: thin}},
		{&st.price, excelize.Style{CustomNumFmt: custom(signed("#,##0.00####")), Alignment: right, Border: thin}},
		{&st.factor, excelize.Style{CustomNumFmt: custom("0.00##;-0.00##"), Alignment: right, Border: thin}},
		{&st.date, excelize.Style{CustomNumFmt: custom("yyyy-mm-dd"), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "top", Indent: 1}, Border: thin}},
		{&st.key, excelize.Style{Font: &excelize.Font{Family: face, Color: "A6A6A6"}}},
		{&st.check, excelize.Style{CustomNumFmt: custom(signed("0.00")), Alignment: right, Font: &excelize.Font{Family: face, Italic: true, Color: "595959"}}},
	}
	for _, x := range list {
		if err := define(x.into, x.style); err != nil {
			return err
		}
	}
	for i := range st.quantity {
		if err := define(&st.quantity[i], excelize.Style{CustomNumFmt: custom(signed("#,##0" + places(int32(i)))), Alignment: right, Border: thin}); err != nil {
			return err
		}
	}
	return nil
}

// sheet streams one worksheet row by row.
type sheet struct {
	w   *excelize.StreamWriter
	row int // the last row written
	err error
}

// open begins the stream of a sheet with column widths and a frozen header (0 rows: none).
func (b *book) open(name string, widths []float64, frozen int) *sheet {
	w, err := b.f.NewStreamWriter(name)
	s := &sheet{w: w, err: err}
	for i, width := range widths {
		s.do(func() error { return w.SetColWidth(i+1, i+1, width) })
	}
	if frozen > 0 {
		s.do(func() error {
			return w.SetPanes(&excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: fmt.Sprintf("A%d", frozen+1), ActivePane: "bottomLeft"})
		})
	}
	return s
}

// do runs a step unless an earlier one failed.
func (s *sheet) do(step func() error) {
	if s.err == nil {
		s.err = step()
	}
}

// at writes a row; rows ascend.
func (s *sheet) at(row int, cells ...any) {
	s.row = row
	s.do(func() error { return s.w.SetRow(fmt.Sprintf("A%d", row), cells) })
}

// head writes a header row, tall enough for headings of two lines.
func (s *sheet) head(row int, cells []any) {
	s.row = row
	s.do(func() error { return s.w.SetRow(fmt.Sprintf("A%d", row), cells, excelize.RowOpts{Height: 30}) })
}

// next writes the row below the last and gives its number.
func (s *sheet) next(cells ...any) int {
	s.at(s.row+1, cells...)
	return s.row
}

// merge joins cells of one row.
func (s *sheet) merge(from, to string, row int) {
	s.do(func() error { return s.w.MergeCell(fmt.Sprintf("%s%d", from, row), fmt.Sprintf("%s%d", to, row)) })
}

// close ends the stream.
func (s *sheet) close() error {
	s.do(s.w.Flush)
	return s.err
}

// text is a text cell whatever the text begins with; characters that XML cannot carry are left out.
func text(style int, v string) excelize.Cell { return excelize.Cell{StyleID: style, Value: clean(v)} }

// number is a constant number cell.
func number(style int, d decimal.Decimal) excelize.Cell {
	return excelize.Cell{StyleID: style, Value: d.InexactFloat64()}
}

// integer is a constant whole number cell.
func integer(style int, n int64) excelize.Cell { return excelize.Cell{StyleID: style, Value: n} }

// live is a formula cell with its value.
func live(style int, formula string, v decimal.Decimal) excelize.Cell {
	return excelize.Cell{StyleID: style, Formula: formula, Value: v.InexactFloat64()}
}

// date is a date cell, empty for the zero date.
func date(style int, d calendar.Date) any {
	if d == 0 {
		return excelize.Cell{StyleID: style, Value: ""}
	}
	return excelize.Cell{StyleID: style, Value: int64(d) + 25569} // days since 1899-12-30
}

// clean drops control characters that XML 1.0 refuses and bytes that are not UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < 0x20 && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
}

// rounded wraps a formula in the contract's rounding. Excel knows no rounding of
// halves to even: what lies within
// a millionth of a half is halved, rounded and doubled.
func (b *book) rounded(expr string) string {
	d := b.doc.Statement.Currency.Digits()
	if b.doc.Statement.Rounding != money.HalfEven {
		return fmt.Sprintf("ROUND(%s,%d)", expr, d)
	}
	scaled := fmt.Sprintf("(ABS(%s)*10^%d)", expr, d)
	return fmt.Sprintf("IF(ABS(%[2]s-INT(%[2]s)-0.5)<0.000001,SIGN(%[1]s)*2*ROUND(%[2]s/2,0)/10^%[3]d,ROUND(%[1]s,%[3]d))", "("+expr+")", scaled, d)
}

// quoted names a sheet in a formula.
func quoted(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// sumOf adds cells of one column by row number, runs as ranges. Rows ascend.
// SUM takes 255 arguments, so longer lists are sums of sums.
func sumOf(prefix, column string, rows []int) string {
	if len(rows) == 0 {
		return "0"
	}
	var runs []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		if i == j {
			runs = append(runs, fmt.Sprintf("%s%s%d", prefix, column, rows[i]))
		} else {
			runs = append(runs, fmt.Sprintf("%s%s%d:%s%d", prefix, column, rows[i], column, rows[j]))
		}
		i = j + 1
	}
	var sums []string
	for len(runs) > 0 {
		n := min(200, len(runs))
		sums = append(sums, "SUM("+strings.Join(runs[:n], ",")+")")
		runs = runs[n:]
	}
	return strings.Join(sums, "+")
}

// taxKey tells taxes apart by code and rate.
func taxKey(code string, rate decimal.Decimal) string { return code + "\x00" + rate.String() }

// group tells charges (1), SLA credits (2) and other lines (3) apart.
func group(k rating.Kind) int64 {
	switch k {
	case rating.KindCredit, rating.KindBonus, rating.KindCap:
		return 2
	case rating.KindAdjustment:
		return 3
	}
	return 1
}

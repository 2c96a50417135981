package workbook_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/billing/rating"
	"muster/billing/workbook"
	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/money"
)

var (
	march = calendar.NewDate(2026, time.March, 1)
	april = calendar.NewDate(2026, time.April, 1)
)

// dec reads a decimal literal.
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// document rates a period that uses every origin of a line, with names that try to be formulas.
func document(t *testing.T, currency money.Currency, rounding money.Rounding, locale string) workbook.Document {
	t.Helper()
	edge := dec("40")
	c := rating.Card{Version: "2026-01", Currency: currency, Rounding: rounding, From: march - 9,
		Rules: []rating.Rule{
			{Key: "hours", Name: "Productive hours", Form: rating.Graduated, Meter: rating.BillableHours(), Tax: "vat",
				Tiers:       []rating.PriceTier{{UpTo: &edge, Price: dec("88.1234")}, {Price: dec("79.9"), Flat: dec("12.5")}},
				Multipliers: []rating.Multiplier{{Name: "night", Where: map[rating.Dimension][]string{rating.Band: {"night"}}, Factor: dec("1.35")}}},
			{Key: "chats", Name: "=HYPERLINK(\"http://evil\")", Form: rating.PerUnit, Per: 3, Meter: rating.HandledContacts("chat"), SplitBy: []rating.Dimension{rating.LOB, rating.Channel}, Price: dec("1.7"), Tax: "low"},
			{Key: "base", Name: "Base fee", Form: rating.Fixed, Price: dec("1234.56"), Tax: "vat"},
		},
		Commitments: []rating.Commitment{{Name: "minimum", Rules: []string{"chats"}, Minimum: ref(dec("500")), Tax: "low"}},
		Discounts:   []rating.Discount{{Name: "rebate", Share: dec("0.0333"), Tax: "vat"}},
		Credits: []rating.CreditPolicy{{Name: "SLA", AtRisk: dec("0.1"), Tax: "vat", Measures: []rating.CreditMeasure{
			{Measure: "sl", Name: "Service level", Better: rating.Higher, Target: dec("0.8"), Weight: dec("0.9"), Bands: []rating.CreditBand{{Limit: dec("0.8"), Share: dec("1")}}},
			{Measure: "asa", Name: "ASA", Better: rating.Lower, Target: dec("30"), Weight: dec("0.8"), Bands: []rating.CreditBand{{Limit: dec("30"), Share: dec("0.5")}}},
			{Measure: "csat", Name: "CSAT", Better: rating.Higher, Target: dec("4"), Weight: dec("0.1")}}}},
		Taxes: []rating.Tax{{Code: "vat", Name: "VAT", Rate: dec("0.06")}, {Code: "low", Name: "VAT reduced", Rate: dec("0.015")}},
	}
	in := rating.Input{From: march, Until: april, Cards: []rating.Card{c}, Measures: []rating.MeasureResult{{Measure: "sl", Numerator: 7777, Denominator: 10001}, {Measure: "asa", Numerator: 31_000_001, Denominator: 1000, Per: 1000}},
		Adjustments: []rating.Adjustment{{Name: "late data", LOB: "sales", Amount: dec("-12"), Tax: "vat", Cites: "INV-1 line 2"}}}
	for d := range 31 {
		for a := range 3 {
			labels := rating.Labels{LOB: []string{"care", "sales"}[a%2], Band: []string{"day", "night"}[d%2], Activity: "contact"}
			in.Facts = append(in.Facts, rating.Fact{Day: march + calendar.Date(d), Measure: rating.AgentTime, Labels: labels, Paid: true, Billable: a < 2 || d%5 > 0, Quantity: int64(3_333_333 + 77_777*a + d), Source: fmt.Sprintf("agent-%d", a)})
		}
		in.Facts = append(in.Facts, rating.Fact{Day: march + calendar.Date(d), Measure: rating.ContactsHandled, Labels: rating.Labels{LOB: "care", Channel: "chat"}, Quantity: int64(d % 7), Source: "queue-1"})
	}
	s, err := rating.Rate(in)
	require.NoError(t, err)
	return workbook.Document{Locale: locale, Kind: workbook.KindInvoice, Number: "MU-2026-000017", Seller: workbook.Party{Name: "Provider Ltd", TaxID: "9131"}, Buyer: workbook.Party{Name: "+Retail & Sons", Address: "@home\x01"},
		PurchaseOrder: "-PO 7", PaymentDays: 30, Issued: april + 2, Due: april + 32, Statement: s, Names: map[string]string{"care": "=1+1", "agent-1": "-A1"}, DataHash: strings.Repeat("ab", 32)}
}

// ref points at a value.
func ref[T any](v T) *T { return &v }

// write writes the workbook.
func write(t *testing.T, d workbook.Document) []byte {
	t.Helper()
	b, err := workbook.Write(d)
	require.NoError(t, err)
	return b
}

// formulas lists sheet → cell → cached value of every formula cell.
func formulas(t *testing.T, b []byte) map[string]map[string]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	out := map[string]map[string]string{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		require.NoError(t, err)
		out[sheet] = map[string]string{}
		for r, row := range rows {
			for c := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				require.NoError(t, err)
				formula, err := f.GetCellFormula(sheet, cell)
				require.NoError(t, err)
				if formula != "" {
					out[sheet][cell] = row[c]
				}
			}
		}
	}
	return out
}

// recalculate computes the formulas of workbooks anew, in one run of LibreOffice
// when it is there and else by excelize, from copies that have lost their cached values.
func recalculate(t *testing.T, books map[string][]byte) map[string]map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]map[string]string{}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		for name, b := range books {
			out[name] = recalculateHere(t, b)
		}
		return out
	}
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", filepath.Join(dir, "out")}
	for name, b := range books {
		in := filepath.Join(dir, name+".xlsx")
		require.NoError(t, os.WriteFile(in, withoutCache(t, b), 0o600))
		args = append(args, in)
	}
	output, err := exec.Command(soffice, args...).CombinedOutput()
	require.NoError(t, err, string(output))
	for name := range books {
		done, err := os.ReadFile(filepath.Join(dir, "out", name+".xlsx"))
		require.NoError(t, err)
		out[name] = formulas(t, done)
	}
	return out
}

// recalculateHere computes a workbook's formulas by excelize.
func recalculateHere(t *testing.T, b []byte) map[string]map[string]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(withoutCache(t, b)))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	out := map[string]map[string]string{}
	for sheet, list := range formulas(t, b) {
		out[sheet] = map[string]string{}
		for cell := range list {
			out[sheet][cell], err = f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			require.NoError(t, err, "%s!%s", sheet, cell)
		}
	}
	return out
}

// cached finds the value of a formula cell.
var cached = regexp.MustCompile(`</f><v>[^<]*</v>`)

// withoutCache drops the cached value of every formula cell.
func withoutCache(t *testing.T, b []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range in.File {
		r, err := p.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		if strings.HasPrefix(p.Name, "xl/worksheets/") {
			content = cached.ReplaceAll(content, []byte("</f>"))
		}
		to, err := w.Create(p.Name)
		require.NoError(t, err)
		_, err = to.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// number reads a cell.
func number(t *testing.T, v string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(v, 64)
	require.NoError(t, err)
	return x
}

func TestFormulasComputeWhatTheLedgerHolds(t *testing.T) {
	if testing.Short() {
		t.Skip("many figures on one goroutine; not part of a short run")
	}
	documents := map[string]workbook.Document{
		"cny":       document(t, "CNY", money.HalfUp, "zh-CN"),
		"jpy":       document(t, "JPY", money.HalfEven, "en"),
		"empty":     {Locale: "en", Kind: workbook.KindDraft, Statement: nothing(t)},
		"half_up":   {Locale: "en", Kind: workbook.KindDraft, Statement: halves(t, money.HalfUp)},
		"half_even": {Locale: "en", Kind: workbook.KindDraft, Statement: halves(t, money.HalfEven)},
	}
	books := map[string][]byte{}
	for name, d := range documents {
		books[name] = write(t, d)
	}
	after := recalculate(t, books)
	_, missing := exec.LookPath("soffice")
	for name, d := range documents {
		s, computed := d.Statement, after[name]
		minor := func(v string) int64 { return int64(math.Round(number(t, v) * math.Pow10(int(s.Currency.Digits())))) }
		f, err := excelize.OpenReader(bytes.NewReader(books[name]))
		require.NoError(t, err)
		sheet, _ := locate(t, f, "InvNet")
		for _, l := range s.Lines {
			if missing != nil && strings.HasPrefix(name, "half") && l.Amount.Minor > 1_000_000 {
				continue // excelize's own ROUND loses halves of large numbers; Excel and LibreOffice do not
			}
			require.Equal(t, l.Amount.Minor, minor(computed[sheet][fmt.Sprintf("K%d", 12+l.No)]), "%s: %s × %s", name, l.Quantity, l.UnitPrice)
		}
		if missing != nil && strings.HasPrefix(name, "half") {
			continue
		}
		for sheet, cells := range formulas(t, books[name]) {
			for cell, value := range cells {
				require.InDelta(t, number(t, value), number(t, computed[sheet][cell]), 1e-6, "%s %s!%s", name, sheet, cell)
			}
		}
		for label, want := range map[string]money.Amount{"InvNet": s.Net, "InvTotal": s.Gross, "InvCheck": {}} {
			sheet, cell := locate(t, f, label)
			require.Equal(t, want.Minor, minor(computed[sheet][cell]), label)
		}
		require.NoError(t, f.Close())
	}
}

// locate finds the single cell that a name stands for.
func locate(t *testing.T, f *excelize.File, name string) (sheet, cell string) {
	t.Helper()
	for _, n := range f.GetDefinedName() {
		if n.Name == name {
			at := strings.LastIndex(n.RefersTo, "!")
			return strings.Trim(n.RefersTo[:at], "'"), strings.ReplaceAll(n.RefersTo[at+1:], "$", "")
		}
	}
	t.Fatalf("name %s is missing", name)
	return "", ""
}

// halves prices many products that end in exactly half a minor unit.
func halves(t *testing.T, rule money.Rounding) rating.Statement {
	t.Helper()
	c := rating.Card{Version: "v", Currency: "EUR", Rounding: rule, From: march, Taxes: []rating.Tax{{Code: "t", Rate: dec("0.075")}}}
	in := rating.Input{From: march, Until: april}
	for i := range 400 {
		key := fmt.Sprintf("r%d", i)
		c.Rules = append(c.Rules, rating.Rule{Key: key, Form: rating.PerUnit, Tax: "t", Price: decimal.New(int64(5+10*i+1000*i*i), -3),
			Meter: rating.Meter{Measure: rating.ContactsHandled, Unit: rating.UnitContact, Where: map[rating.Dimension][]string{rating.Channel: {key}}}})
		in.Facts = append(in.Facts, rating.Fact{Day: march, Measure: rating.ContactsHandled, Labels: rating.Labels{Channel: key}, Quantity: int64(1 + i%9*2)})
	}
	in.Cards = []rating.Card{c}
	s, err := rating.Rate(in)
	require.NoError(t, err)
	return s
}

// nothing is a statement without lines.
func nothing(t *testing.T) rating.Statement {
	t.Helper()
	c := rating.Card{Version: "v", Currency: "EUR", Rounding: money.HalfUp, From: march, Taxes: []rating.Tax{{Code: "t"}},
		Rules: []rating.Rule{{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Tax: "t"}}}
	s, err := rating.Rate(rating.Input{From: march, Until: april, Cards: []rating.Card{c}})
	require.NoError(t, err)
	return s
}

func TestSameDocumentSameBytes(t *testing.T) {
	d := document(t, "CNY", money.HalfUp, "zh-CN")
	first := write(t, d)
	for range 4 {
		require.True(t, bytes.Equal(first, write(t, d)))
	}
}

func TestTextsStayTexts(t *testing.T) {
	d := document(t, "CNY", money.HalfUp, "en")
	f, err := excelize.OpenReader(bytes.NewReader(write(t, d)))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	found := map[string]bool{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		require.NoError(t, err)
		for r, row := range rows {
			for c, v := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				require.NoError(t, err)
				if strings.ContainsAny(v[:min(1, len(v))], "=+-@") && !strings.ContainsAny(v[1:], "0123456789") || strings.Contains(v, "HYPERLINK") || v == "=1+1" {
					formula, err := f.GetCellFormula(sheet, cell)
					require.NoError(t, err)
					require.Empty(t, formula, "%s!%s %q", sheet, cell, v)
					kind, err := f.GetCellType(sheet, cell)
					require.NoError(t, err)
					require.Equal(t, excelize.CellTypeInlineString, kind, "%s!%s %q", sheet, cell, v)
					found[v] = true
				}
			}
		}
	}
	for _, want := range []string{"=1+1", "+Retail & Sons", "@home"} {
		require.True(t, found[want], want)
	}
}

func TestPrintSetUpProtectionAndPanesReachTheFile(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(write(t, document(t, "KWD", money.HalfUp, "en"))))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	require.Equal(t, []string{"Invoice", "Summary by LOB", "SLA credits", "Reconciliation", "Annex"}, f.GetSheetList())
	for _, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		require.NoError(t, err)
		require.Equal(t, 9, *layout.Size, sheet)
		require.Equal(t, 1, *layout.FitToWidth, sheet)
		panes, err := f.GetPanes(sheet)
		require.NoError(t, err)
		require.True(t, panes.Freeze, sheet)
		footer, err := f.GetHeaderFooter(sheet)
		require.NoError(t, err)
		require.Contains(t, footer.OddFooter, "abababababababab")
	}
	protection, err := f.GetSheetProtection("Invoice")
	require.NoError(t, err)
	require.True(t, protection.SelectLockedCells)
	tables, err := f.GetTables("Annex")
	require.NoError(t, err)
	require.Len(t, tables, 1)
	style, err := f.GetCellStyle("Invoice", "K13")
	require.NoError(t, err)
	s, err := f.GetStyle(style)
	require.NoError(t, err)
	require.Equal(t, "#,##0.000;[Red]-#,##0.000", *s.CustomNumFmt)
	var titles, areas int
	for _, n := range f.GetDefinedName() {
		switch n.Name {
		case "_xlnm.Print_Titles":
			titles++
		case "_xlnm.Print_Area":
			areas++
		}
	}
	require.Equal(t, []int{5, 1}, []int{titles, areas})
}

func TestNumbersAreCachedAsNumbers(t *testing.T) {
	b := write(t, document(t, "CNY", money.HalfUp, "en"))
	in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	seen := 0
	for _, p := range in.File {
		if !strings.HasPrefix(p.Name, "xl/worksheets/sheet") {
			continue
		}
		r, err := p.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		for _, c := range regexp.MustCompile(`<c [^>]*><f>.*?</c>`).FindAllString(string(content), -1) {
			require.NotContains(t, c, `t="str"`)
			require.Contains(t, c, "</f><v>")
			seen++
		}
	}
	require.Greater(t, seen, 60)
}

func TestUnknownWordsAreRefused(t *testing.T) {
	_, err := workbook.Write(workbook.Document{Locale: "fr", Kind: workbook.KindDraft, Statement: nothing(t)})
	require.Equal(t, "billing.unknown_locale", fault.CodeOf(err))
	_, err = workbook.Write(workbook.Document{Locale: "en", Kind: "quote", Statement: nothing(t)})
	require.Equal(t, "billing.unknown_document", fault.CodeOf(err))
}

// BenchmarkWrite writes an annex of 100,000 rows.
func BenchmarkWrite(b *testing.B) {
	c := rating.Card{Version: "v", Currency: "EUR", Rounding: money.HalfUp, From: march, Taxes: []rating.Tax{{Code: "t"}},
		Rules: []rating.Rule{{Key: "h", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: dec("30"), Tax: "t"}}}
	in := rating.Input{From: march, Until: april, Cards: []rating.Card{c}}
	for i := range 100_000 {
		in.Facts = append(in.Facts, rating.Fact{Day: march + calendar.Date(i%31), Measure: rating.AgentTime, Billable: true, Quantity: int64(i), Source: fmt.Sprint(i)})
	}
	s, err := rating.Rate(in)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := workbook.Write(workbook.Document{Locale: "en", Kind: workbook.KindDraft, Statement: s}); err != nil {
			b.Fatal(err)
		}
	}
}

package tabular

import (
	"fmt"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// Verdict says what becomes of a row.
type Verdict uint8

// The verdicts.
const (
	Accepted Verdict = iota // the record holds every required field
	Refused                 // a value is wrong; the issues say which
	Ignored                 // a filter, a repeated header or a note
	Total                   // a sum over other rows: listed, not counted
)

// Record is a row's values in the order of the schema's fields. It is valid until
// the following call of Decode.
type Record struct {
	Line   int64
	Values []Value
}

// totalWords mark total rows when they fill the first cell.
var totalWords = []string{
	"合计", "总计", "小计", "共计", "累计", "汇总", "总和", "全部", "日合计", "月合计", "本页小计",
	"total", "totals", "grand total", "sub total", "subtotal", "sum", "overall", "summary", "summe", "gesamt",
}

// zoneless stands where only instants in UTC are read.
const zoneless = "UTC"

// Decoder turns rows into records. It is not safe for concurrent use.
type Decoder struct {
	schema   Schema
	header   []string
	fields   []boundField
	filters  []boundFilter
	totals   map[string]bool
	decimal  byte
	zone     localZone
	interval IntervalRule
	record   Record
	issues   []Issue
}

// boundField is a field with its binding resolved to column places.
type boundField struct {
	place   int // in the schema
	field   Field
	binding Binding
	columns []int // one, several to join, or date and time
	styled  bool  // the workbook shows the (first) column's numbers as times
	serial  Order // how a bare number in this table is a date: excel or excel1904
	values  map[string]string
	empty   map[string]bool
	after   int // schema place of the anchor, -1 if none
}

type boundFilter struct {
	column int
	name   string
	values map[string]bool
	reason string
}

// Compile checks the mapping against the schema and the reader's header and gives
// the decoder for its rows.
func Compile(s Schema, m Mapping, r *Reader) (*Decoder, error) {
	if err := m.Validate(s); err != nil {
		return nil, err
	}
	if err := m.CheckHeader(r.Header()); err != nil {
		return nil, err
	}
	zoneName := m.Zone
	if zoneName == "" {
		zoneName = zoneless
	}
	zone, err := calendar.Zone(zoneName)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "import.unknown_zone", "The mapping's %v.", err)
	}
	d := &Decoder{schema: s, header: r.Header(), zone: localZone{zone: zone}, totals: map[string]bool{}}
	d.record.Values = make([]Value, len(s.Fields))
	if m.Decimal != "" {
		d.decimal = m.Decimal[0]
	}
	if m.Interval != nil {
		d.interval = *m.Interval
	}
	for _, w := range slices.Concat(totalWords, m.Totals) {
		d.totals[normal(w)] = true
	}
	for i, f := range s.Fields {
		if b, bound := m.Fields[f.Name]; bound {
			d.fields = append(d.fields, d.bind(i, f, b, r))
		}
	}
	// Anchors first, so that "after" finds them decoded.
	slices.SortStableFunc(d.fields, func(a, b boundField) int { return btoi(a.after >= 0) - btoi(b.after >= 0) })
	for _, f := range m.Ignore {
		bound := boundFilter{column: slices.Index(d.header, f.Column), name: f.Column, reason: f.Reason, values: map[string]bool{}}
		for _, v := range f.Values {
			bound.values[normal(v)] = true
		}
		d.filters = append(d.filters, bound)
	}
	return d, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (d *Decoder) bind(place int, f Field, b Binding, r *Reader) boundField {
	out := boundField{place: place, field: f, binding: b, after: -1, empty: map[string]bool{}, values: map[string]string{}, serial: OrderExcel}
	names := b.Columns
	switch {
	case b.Column != "":
		names = []string{b.Column}
	case b.Date != "":
		names = []string{b.Date, b.Time}
	}
	for _, n := range names {
		out.columns = append(out.columns, slices.Index(d.header, n))
	}
	if len(out.columns) > 0 {
		out.styled = r.ShowsTime(out.columns[0])
	}
	if r.Format().Date1904 {
		out.serial = OrderExcel1904
	}
	for from, to := range b.Values {
		out.values[normal(from)] = to
	}
	for _, e := range b.Empty {
		out.empty[cell(e)] = true
	}
	if b.After != "" {
		out.after = d.schema.Index(b.After)
	}
	return out
}

// Decode gives the row's record, what becomes of it, and why. The record and the
// issues are valid until the following call. An ignored or total row has one issue
// that says why.
func (d *Decoder) Decode(row Row) (Record, Verdict, []Issue) {
	d.issues = d.issues[:0]
	d.record.Line = row.Line
	clear(d.record.Values)
	if row.Problem != nil {
		d.issues = append(d.issues, *row.Problem)
		return d.record, Refused, d.issues
	}
	if len(row.Cells) > len(d.header) && filledCells(row.Cells[len(d.header):]) > 0 {
		d.issues = append(d.issues, Issue{Line: row.Line, Code: "too_many_cells",
			Sentence: fmt.Sprintf("The row has %d cells, the header only %d; a delimiter inside a text may lack quotes.", len(row.Cells), len(d.header))})
		return d.record, Refused, d.issues
	}
	for _, f := range d.filters {
		if value := at(row.Cells, f.column); f.values[normal(value)] {
			sentence := f.reason
			if sentence == "" {
				sentence = "The mapping ignores rows with this value."
			}
			d.issues = append(d.issues, Issue{Line: row.Line, Column: f.name, Value: clip(value), Code: "filtered", Sentence: sentence})
			return d.record, Ignored, d.issues
		}
	}
	if issue, yes := d.totalRow(row); yes {
		d.issues = append(d.issues, issue)
		return d.record, Total, d.issues
	}
	for i := range d.fields {
		d.decodeField(&d.fields[i], row)
	}
	if len(d.issues) == 0 {
		return d.record, Accepted, nil
	}
	return d.refusal(row)
}

// refusal tells a wrong row from a repeated header and from a note below the table.
func (d *Decoder) refusal(row Row) (Record, Verdict, []Issue) {
	same, filled := 0, 0
	for i, c := range row.Cells {
		if strings.TrimSpace(c) == "" {
			continue
		}
		filled++
		if i < len(d.header) && (cleanLabel(c) == d.header[i] || strings.HasSuffix(d.header[i], headerJoin+cleanLabel(c))) {
			same++
		}
	}
	switch {
	case same*2 > filled:
		d.issues = append(d.issues[:0], Issue{Line: row.Line, Code: "repeated_header", Sentence: "The row repeats the header."})
		return d.record, Ignored, d.issues
	case filled == 1 && len(d.header) >= 3:
		d.issues = append(d.issues[:0], Issue{Line: row.Line, Code: "note",
			Sentence: "The row has a single cell, so it is a note rather than data."})
		return d.record, Ignored, d.issues
	}
	return d.record, Refused, d.issues
}

// totalRow recognises a sum by the word in one of the first filled cells.
func (d *Decoder) totalRow(row Row) (Issue, bool) {
	seen := 0
	for i, c := range row.Cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if c[0] > '9' || c[0] < '0' {
			if n := normal(c); n != "" && d.totals[n] {
				return Issue{Line: row.Line, Column: at(d.header, i), Value: clip(c), Code: "total_row", Sentence: "The row is a total over other rows, so it is not counted."}, true
			}
		}
		if seen++; seen == 2 {
			break
		}
	}
	return Issue{}, false
}

// at gives a cell, empty beyond the row's end.
func at(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}

func (d *Decoder) decodeField(f *boundField, row Row) {
	raw, name := d.raw(f, row)
	value := cell(raw)
	if f.empty[value] {
		value = ""
	}
	if len(f.values) > 0 || f.binding.Other != "" {
		if to, ok := f.values[normal(value)]; ok {
			value = to
		} else if f.binding.Other != "" && value != "" {
			value = f.binding.Other
		}
	}
	if value == "" {
		value = f.binding.Default
	}
	if value == "" {
		if f.field.Required {
			d.issues = append(d.issues, Issue{Line: row.Line, Column: name, Code: "missing", Sentence: fmt.Sprintf("The field %s is required, but the cell is empty.", f.field.Name)})
		}
		return
	}
	v, p := d.parse(f, row, value)
	if p != nil {
		if f.field.Personal {
			raw = ""
		}
		d.issues = append(d.issues, p.at(row.Line, name, raw))
		return
	}
	v.Set = true
	d.record.Values[f.place] = v
}

// raw gives the cell's text and the column's name for messages. For a date with a
// time column it is the time's text, empty when either is blank.
func (d *Decoder) raw(f *boundField, row Row) (string, string) {
	switch {
	case len(f.columns) == 0:
		return f.binding.Constant, f.field.Name
	case f.binding.Date != "":
		if strings.TrimSpace(at(row.Cells, f.columns[0])) == "" {
			return "", f.binding.Date
		}
		return at(row.Cells, f.columns[1]), f.binding.Time
	case len(f.columns) == 1:
		return at(row.Cells, f.columns[0]), d.header[f.columns[0]]
	}
	parts := make([]string, len(f.columns))
	empty := true
	for i, c := range f.columns {
		parts[i] = cell(at(row.Cells, c))
		empty = empty && parts[i] == ""
		if f.field.Kind == KindID {
			if _, p := parseID(parts[i]); p != nil {
				return parts[i], d.header[c]
			}
		}
	}
	if empty {
		return "", strings.Join(f.binding.Columns, " + ")
	}
	return strings.Join(parts, f.binding.Join), strings.Join(f.binding.Columns, " + ")
}

// parse reads the text by the field's kind.
func (d *Decoder) parse(f *boundField, row Row, s string) (v Value, p *problem) {
	switch f.field.Kind {
	case KindText:
		v.Text = s
	case KindID:
		v.Text, p = parseID(s)
	case KindChoice:
		v.Text, p = d.choice(f, s)
	case KindCount:
		v.Int, p = parseCount(s, d.decimal)
	case KindNumber:
		v.Number, p = parseNumber(s, d.decimal)
	case KindDuration:
		unit := f.binding.Unit
		if f.styled && isPlainNumber(s) {
			unit = UnitDay // the workbook stores what it shows as a clock in days
		}
		v.Int, p = parseDuration(s, unit, f.binding.Clock, d.decimal)
	case KindDate:
		var st stamp
		st, p = parseStamp(s, f.order(s))
		v.Int = st.days
	case KindInstant:
		v, p = d.instant(f, row, s)
	default:
		p = &problem{"unknown_kind", fmt.Sprintf("The field has the unknown kind %q.", f.field.Kind)}
	}
	return v, p
}

// order gives how the text is read as a date: a bare number in a workbook is a serial.
func (f *boundField) order(s string) Order {
	if (f.binding.Format == OrderAuto || f.styled) && f.serial == OrderExcel1904 && isPlainNumber(s) && len(s) != 8 {
		return OrderExcel1904
	}
	if f.styled && isPlainNumber(s) {
		return OrderExcel
	}
	return f.binding.Format
}

func (d *Decoder) choice(f *boundField, s string) (string, *problem) {
	if slices.Contains(f.field.Choices, s) {
		return s, nil
	}
	n := normal(s)
	for _, c := range f.field.Choices {
		if normal(c) == n {
			return c, nil
		}
	}
	return "", &problem{"unknown_choice", fmt.Sprintf("%q is not a value of %s; allowed are: %s. Map it under values in the mapping.", clip(s), f.field.Name, strings.Join(f.field.Choices, ", "))}
}

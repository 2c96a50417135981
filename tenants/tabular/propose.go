package tabular

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// Proposal says which column was proposed for a field, and why.
type Proposal struct {
	Field   string   `json:"field"`
	Columns []string `json:"columns"`
	Why     string   `json:"why"`
	Sure    bool     `json:"sure"` // the name is a known one and the sample fits
}

// Proposed is a mapping made from a header and a sample of rows.
type Proposed struct {
	Mapping   Mapping    `json:"mapping"`
	Proposals []Proposal `json:"proposals"`
	Missing   []string   `json:"missing,omitempty"`   // required fields without a column
	Undecided []string   `json:"undecided,omitempty"` // sentences naming what a person must state
	Unused    []string   `json:"unused,omitempty"`    // columns nothing reads
	Fields    []string   `json:"fields"`              // every field of the schema, for the choice of a person
	Sample    [][]string `json:"sample"`              // the rows looked at, for the preview
}

// sampleRows is how many rows a proposal looks at; previewRows of them are shown.
const (
	sampleRows  = 1000
	previewRows = 50
)

// Wishes are what a proposal starts from.
type Wishes struct {
	Source string            // the mapping's source
	Zone   string            // the mapping's zone
	Chosen map[string]string // column → field, as a person chose; nil: columns are recognised by their names
}

// Propose reads the first rows of the reader and proposes a mapping for the schema:
// columns by their names (Chinese and English synonyms) or as chosen, formats and
// units by their values. Two columns chosen for one point in time are its date and
// its time of day; two for a text or an id are joined. What has two readings stays
// open and is named under Undecided.
func Propose(s Schema, r *Reader, w Wishes) (Proposed, error) {
	var sample [][]string
	for len(sample) < sampleRows {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Proposed{}, err
		}
		sample = append(sample, slices.Clone(row.Cells))
	}
	p := proposer{schema: s, reader: r, sample: sample}
	p.out.Mapping = Mapping{Version: MappingVersion, Kind: s.Name, Source: w.Source, Zone: w.Zone, Fields: map[string]Binding{}, Columns: slices.Clone(r.Header())}
	for _, f := range s.Fields {
		p.out.Fields = append(p.out.Fields, f.Name)
	}
	p.out.Sample = sample[:min(len(sample), previewRows)]
	if w.Chosen == nil {
		p.match()
	} else if err := p.choose(w.Chosen); err != nil {
		return p.out, err
	}
	p.complete()
	return p.out, nil
}

// choose pairs fields and columns as a person did.
func (p *proposer) choose(chosen map[string]string) error {
	header := p.reader.Header()
	for column, field := range chosen {
		if !slices.Contains(header, column) {
			return fault.Newf(fault.Invalid, "import.unknown_column", "The file has no column %q; it has: %s.", column, strings.Join(header, ", ")).With("column", column)
		}
		if field != "" && p.schema.Index(field) < 0 {
			return fault.Newf(fault.Invalid, "import.unknown_field", "Field %q is unknown; %s take: %s.", field, p.schema.Name, p.schema.names()).With("field", field)
		}
	}
	for _, field := range p.schema.Fields {
		var columns []string
		for _, column := range header {
			if chosen[column] == field.Name {
				columns = append(columns, column)
			}
		}
		b := Binding{}
		switch {
		case len(columns) == 0:
			continue
		case len(columns) == 1:
			b.Column = columns[0]
		case len(columns) == 2 && field.Kind == KindInstant:
			b.Date, b.Time = columns[0], columns[1]
			if p.profile(slices.Index(header, columns[0])).clocks > p.profile(slices.Index(header, columns[1])).clocks {
				b.Date, b.Time = b.Time, b.Date
			}
		case field.Kind == KindText || field.Kind == KindID:
			b.Columns, b.Join = columns, "-"
		default:
			return fault.Newf(fault.Invalid, "import.field_twice", "Field %s is chosen for the columns %s; it takes one.", field.Name, strings.Join(columns, ", ")).With("field", field.Name)
		}
		p.out.Mapping.Fields[field.Name] = b
		p.out.Proposals = append(p.out.Proposals, Proposal{Field: field.Name, Columns: columns, Sure: true, Why: "Chosen."})
	}
	for _, column := range header {
		if chosen[column] == "" {
			p.out.Unused = append(p.out.Unused, column)
		}
	}
	return nil
}

type proposer struct {
	schema Schema
	reader *Reader
	sample [][]string
	out    Proposed
}

// candidate is one possible pairing of a field with a column.
type candidate struct{ field, column, score int }

// match pairs fields and columns by name, best pairs first.
func (p *proposer) match() {
	header := p.reader.Header()
	var all []candidate
	for f, field := range p.schema.Fields {
		for c, name := range header {
			if score := nameScore(field, name); score > 0 {
				all = append(all, candidate{f, c, score})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return b.score - a.score })
	usedField, usedColumn := map[int]bool{}, map[int]bool{}
	for _, c := range all {
		if usedField[c.field] || usedColumn[c.column] {
			continue
		}
		usedField[c.field], usedColumn[c.column] = true, true
		field := p.schema.Fields[c.field]
		p.out.Mapping.Fields[field.Name] = Binding{Column: header[c.column]}
		p.out.Proposals = append(p.out.Proposals, Proposal{Field: field.Name, Columns: []string{header[c.column]}, Sure: c.score >= 90,
			Why: fmt.Sprintf("The column's name %q matches.", header[c.column])})
	}
	// Date and time in two columns.
	for i := range p.out.Proposals {
		p.pairDateAndTime(&p.out.Proposals[i], usedColumn)
	}
	slices.SortStableFunc(p.out.Proposals, func(a, b Proposal) int { return p.schema.Index(a.Field) - p.schema.Index(b.Field) })
	for c, name := range header {
		if !usedColumn[c] {
			p.out.Unused = append(p.out.Unused, name)
		}
	}
}

// nameScore rates how well a column's name fits a field: 100 the same name, 95 the
// same but for a unit, less for a part of it, 0 for none.
func nameScore(f Field, column string) int {
	best := 0
	bare, _ := splitUnit(column)
	names := []string{column, bare}
	if i := strings.LastIndex(column, headerJoin); i >= 0 {
		names = append(names, column[i+len(headerJoin):])
	}
	for _, synonym := range append([]string{f.Name}, f.Synonyms...) {
		want := normal(synonym)
		for i, name := range names {
			got := normal(name)
			switch {
			case got == "" || want == "":
			case got == want:
				best = max(best, 100-5*i)
			case len(want) >= 4 && strings.Contains(got, want) && len(want)*2 >= len(got):
				best = max(best, 40+40*len(want)/len(got))
			}
		}
	}
	return best
}

// unitWords are the units that column names carry.
var unitWords = map[string]Unit{
	"秒": UnitSecond, "s": UnitSecond, "sec": UnitSecond, "secs": UnitSecond, "second": UnitSecond, "seconds": UnitSecond,
	"毫秒": UnitMillisecond, "ms": UnitMillisecond, "分": UnitMinute, "分钟": UnitMinute, "min": UnitMinute, "mins": UnitMinute, "minutes": UnitMinute,
	"小时": UnitHour, "时": UnitHour, "h": UnitHour, "hours": UnitHour, "hrs": UnitHour, "天": UnitDay, "days": UnitDay,
}

// splitUnit takes "(秒)", "[s]" or "_secs" off a name.
func splitUnit(name string) (string, Unit) {
	folded := foldWidth(name)
	for _, pair := range []string{"()", "[]"} {
		open, end := strings.LastIndexByte(folded, pair[0]), strings.LastIndexByte(folded, pair[1])
		if open > 0 && end > open {
			if u, ok := unitWords[strings.ToLower(strings.TrimSpace(folded[open+1:end]))]; ok {
				return strings.TrimSpace(folded[:open]), u
			}
		}
	}
	for _, separator := range []string{"_", " "} {
		if i := strings.LastIndex(folded, separator); i > 0 {
			if u, ok := unitWords[strings.ToLower(folded[i+1:])]; ok {
				return folded[:i], u
			}
		}
	}
	return name, ""
}

// profile counts what a column's cells look like.
type profile struct {
	filled, stamps, dates, clocks, numbers, twoPart int
}

func (p *proposer) profile(column int) profile {
	var out profile
	for _, cells := range p.sample {
		s := cell(at(cells, column))
		if s == "" {
			continue
		}
		out.filled++
		if isPlainNumber(s) {
			out.numbers++
		}
		if strings.Count(s, ":") == 1 && !strings.Contains(s, " ") {
			out.twoPart++
		}
		st, problem := parseStamp(s, OrderAuto)
		_, clockProblem := parseTimeOfDay(rangeHead(s))
		switch {
		case problem == nil && st.timed:
			out.stamps++
		case problem == nil || problem == ambiguousDate && !strings.Contains(s, ":") || problem == shortYear && !strings.Contains(s, ":"):
			out.dates++
		case problem == ambiguousDate || problem == shortYear:
			out.stamps++
		case clockProblem == nil:
			out.clocks++
		}
	}
	return out
}

// rangeHead gives the start of "08:00-08:30".
func rangeHead(s string) string {
	head, _ := (&Decoder{}).rangeStart(s)
	return head
}

// pairDateAndTime joins a column of dates with one of times when a field needs both.
func (p *proposer) pairDateAndTime(proposal *Proposal, used map[int]bool) {
	field := p.schema.Fields[p.schema.Index(proposal.Field)]
	if field.Kind != KindInstant {
		return
	}
	header := p.reader.Header()
	own := slices.Index(header, proposal.Columns[0])
	mine := p.profile(own)
	wantTime := mine.dates*2 > mine.filled && mine.stamps == 0
	wantDate := mine.clocks*2 > mine.filled
	if !wantTime && !wantDate {
		return
	}
	best, bestScore := -1, 0
	for c, name := range header {
		if c == own || wantTime && used[c] {
			continue
		}
		other := p.profile(c)
		score := 0
		switch {
		case wantTime && other.clocks*2 > other.filled:
			score = 1 + 10*btoi(containsAny(normal(name), "time", "时间", "时刻", "时段", "interval", "hour", "period"))
		case wantDate && other.dates*2 > other.filled:
			score = 1 + 10*btoi(containsAny(normal(name), "date", "日期", "day", "天"))
		}
		if score > bestScore {
			best, bestScore = c, score
		}
	}
	if best < 0 {
		p.out.Undecided = append(p.out.Undecided, fmt.Sprintf("Column %q has only dates or only times; state date and time for field %s.", header[own], field.Name))
		return
	}
	date, clock := own, best
	if wantDate {
		date, clock = best, own
	}
	used[date], used[clock] = true, true
	p.out.Mapping.Fields[field.Name] = Binding{Date: header[date], Time: header[clock]}
	proposal.Columns = []string{header[date], header[clock]}
	proposal.Why = fmt.Sprintf("Column %q holds dates, %q times of day.", header[date], header[clock])
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// complete adds formats, units and the interval rule that the values show.
func (p *proposer) complete() {
	for i := range p.out.Proposals {
		proposal := &p.out.Proposals[i]
		field := p.schema.Fields[p.schema.Index(proposal.Field)]
		b := p.out.Mapping.Fields[field.Name]
		switch field.Kind {
		case KindInstant, KindDate:
			p.dateOrder(&b, proposal)
		case KindDuration:
			p.unit(&b, proposal)
		default:
		}
		p.out.Mapping.Fields[field.Name] = b
		if field.IntervalStart {
			p.interval(b, proposal)
		}
	}
	for _, f := range p.schema.Fields {
		if _, bound := p.out.Mapping.Fields[f.Name]; f.Required && !bound {
			p.out.Missing = append(p.out.Missing, f.Name)
		}
	}
}

// dateOrder states day-first or month-first when only one of them fits every cell.
func (p *proposer) dateOrder(b *Binding, proposal *Proposal) {
	name := b.Column
	if b.Date != "" {
		name = b.Date
	}
	column := slices.Index(p.reader.Header(), name)
	open := 0
	fits := map[Order]bool{OrderDMY: true, OrderMDY: true, OrderYMD: true}
	for _, cells := range p.sample {
		s := rangeHead(cell(at(cells, column)))
		if s == "" {
			continue
		}
		_, problem := parseStamp(s, OrderAuto)
		if problem != ambiguousDate && problem != shortYear && !strings.Contains(s, "/") {
			continue
		}
		if problem == ambiguousDate || problem == shortYear {
			open++
		}
		for order := range fits {
			if _, problem := parseStamp(s, order); problem != nil {
				fits[order] = false
			}
		}
	}
	if open == 0 {
		return
	}
	var left []Order
	for _, order := range []Order{OrderYMD, OrderDMY, OrderMDY} {
		if fits[order] {
			left = append(left, order)
		}
	}
	if len(left) == 1 {
		b.Format = left[0]
		proposal.Why += fmt.Sprintf(" Every date of the sample fits %s only.", left[0])
		return
	}
	proposal.Sure = false
	p.out.Undecided = append(p.out.Undecided, fmt.Sprintf("The dates in column %q may be read day first or month first; state format: dmy or mdy for field %s.", name, proposal.Field))
}

// unit states what plain numbers and two-part clocks of a duration mean.
func (p *proposer) unit(b *Binding, proposal *Proposal) {
	shape := p.profile(slices.Index(p.reader.Header(), b.Column))
	_, named := splitUnit(b.Column)
	if shape.numbers > 0 {
		b.Unit = UnitSecond
		why := " Plain numbers are taken as seconds."
		if named != "" {
			b.Unit, why = named, fmt.Sprintf(" The name states the unit %s.", named)
		}
		proposal.Why += why
	}
	if shape.twoPart > 0 {
		b.Clock = ClockMinutes
		proposal.Why += " Clocks of two parts are taken as minutes and seconds."
	}
}

// interval finds the length of intervals and which end names them.
func (p *proposer) interval(b Binding, proposal *Proposal) {
	rule := &IntervalRule{Label: "start"}
	name := normal(b.Column + b.Time)
	if containsAny(name, "结束", "截止", "end", "until") && !containsAny(name, "开始", "start", "起始") {
		rule.Label = "end"
	}
	m := p.out.Mapping
	if m.Zone == "" {
		m.Zone = zoneless
	}
	schema := Schema{Name: m.Kind}
	for _, f := range p.schema.Fields {
		if f.IntervalStart {
			schema.Fields = append(schema.Fields, f)
		}
	}
	m.Fields, m.Columns, m.Interval = map[string]Binding{proposal.Field: b}, nil, nil
	d, err := Compile(schema, m, p.reader)
	if err != nil {
		return
	}
	var starts []int64
	for _, cells := range p.sample {
		if record, verdict, _ := d.Decode(Row{Cells: cells}); verdict == Accepted && record.Values[0].Set {
			starts = append(starts, record.Values[0].Int)
		}
	}
	slices.Sort(starts)
	shortest := int64(0)
	for i := 1; i < len(starts); i++ {
		if gap := starts[i] - starts[i-1]; gap > 0 && (shortest == 0 || gap < shortest) {
			shortest = gap
		}
	}
	if minutes := shortest / int64(calendar.Minute); minutes > 0 && minutes <= 1440 && shortest%int64(calendar.Minute) == 0 {
		rule.Minutes = int(minutes)
		proposal.Why += fmt.Sprintf(" Intervals last %d minutes and are named by their %s.", minutes, rule.Label)
	} else {
		p.out.Undecided = append(p.out.Undecided, "The length of the intervals is unclear; state interval.minutes.")
	}
	p.out.Mapping.Interval = rule
}

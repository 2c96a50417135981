package tabular

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

// MappingVersion is the version of the document this program writes and reads.
const MappingVersion = 1

// Mapping says how the columns of one source's export become fields. It is a
// document people may write (YAML or JSON) and the product saves per source.
type Mapping struct {
	Version   int                `yaml:"version" json:"version"`
	Kind      string             `yaml:"kind" json:"kind"`                               // the schema's name: contacts, intervals, …
	Source    string             `yaml:"source" json:"source"`                           // which system the rows come from; part of every row's key
	Preset    string             `yaml:"preset,omitempty" json:"preset,omitempty"`       // queue_log, or empty for a table
	Zone      string             `yaml:"zone,omitempty" json:"zone,omitempty"`           // IANA zone of local times
	Encoding  string             `yaml:"encoding,omitempty" json:"encoding,omitempty"`   // empty: detected
	Delimiter string             `yaml:"delimiter,omitempty" json:"delimiter,omitempty"` // empty: detected
	Sheet     string             `yaml:"sheet,omitempty" json:"sheet,omitempty"`         // empty: the first with rows
	Decimal   string             `yaml:"decimal,omitempty" json:"decimal,omitempty"`     // "." or ","; empty: from where the marks stand
	Header    HeaderRule         `yaml:"header,omitempty" json:"header,omitzero"`
	Interval  *IntervalRule      `yaml:"interval,omitempty" json:"interval,omitempty"`
	Fields    map[string]Binding `yaml:"fields" json:"fields"`
	Ignore    []Filter           `yaml:"ignore,omitempty" json:"ignore,omitempty"`
	Totals    []string           `yaml:"totals,omitempty" json:"totals,omitempty"`   // further words that mark a total row
	Columns   []string           `yaml:"columns,omitempty" json:"columns,omitempty"` // the header when the mapping was saved; a later difference stops the import
}

// HeaderRule says where the header stands when it cannot be found.
type HeaderRule struct {
	Row  int  `yaml:"row,omitempty" json:"row,omitempty"`
	None bool `yaml:"none,omitempty" json:"none,omitempty"`
}

// IntervalRule says how interval rows are named.
type IntervalRule struct {
	Minutes int    `yaml:"minutes,omitempty" json:"minutes,omitempty"` // length of each interval
	Label   string `yaml:"label,omitempty" json:"label,omitempty"`     // start (default) or end: which end of the interval its time names
}

// Binding says where a field's value comes from and how it is read.
type Binding struct {
	Column   string            `yaml:"column,omitempty" json:"column,omitempty"`
	Columns  []string          `yaml:"columns,omitempty" json:"columns,omitempty"`   // several columns, joined
	Join     string            `yaml:"join,omitempty" json:"join,omitempty"`         // stands between joined columns
	Date     string            `yaml:"date,omitempty" json:"date,omitempty"`         // with Time: the date's column
	Time     string            `yaml:"time,omitempty" json:"time,omitempty"`         // with Date: the time of day's column
	Constant string            `yaml:"constant,omitempty" json:"constant,omitempty"` // the same value for every row
	Format   Order             `yaml:"format,omitempty" json:"format,omitempty"`
	Unit     Unit              `yaml:"unit,omitempty" json:"unit,omitempty"`
	Clock    Clock             `yaml:"clock,omitempty" json:"clock,omitempty"`
	Values   map[string]string `yaml:"values,omitempty" json:"values,omitempty"`     // replaces cells; case and width do not matter
	Other    string            `yaml:"other,omitempty" json:"other,omitempty"`       // for cells that Values does not name
	Empty    []string          `yaml:"empty,omitempty" json:"empty,omitempty"`       // cells that mean "no value", such as "-"
	Default  string            `yaml:"default,omitempty" json:"default,omitempty"`   // when the cell is empty
	After    string            `yaml:"after,omitempty" json:"after,omitempty"`       // an instant field: a time over 12 hours before it lies on the next date
	Midnight string            `yaml:"midnight,omitempty" json:"midnight,omitempty"` // "end": 00:00 ends the date instead of beginning it
}

// columns lists the columns a binding reads.
func (b Binding) columns() []string {
	out := slices.Clone(b.Columns)
	for _, c := range []string{b.Column, b.Date, b.Time} {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}

// Filter ignores rows: those whose cell is one of the values, listed with the reason.
type Filter struct {
	Column string   `yaml:"column" json:"column"`
	Values []string `yaml:"values" json:"values"`
	Reason string   `yaml:"reason,omitempty" json:"reason,omitempty"`
}

// ParseMapping reads a YAML or JSON document. Unknown keys are errors.
func ParseMapping(document []byte) (Mapping, error) {
	var m Mapping
	decoder := yaml.NewDecoder(bytes.NewReader(document)) // JSON is a subset of YAML
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		if errors.Is(err, io.EOF) {
			return m, fault.New(fault.Invalid, "import.mapping_unreadable", "The mapping is empty.")
		}
		return m, fault.Newf(fault.Invalid, "import.mapping_unreadable", "The mapping cannot be read: %v.", err)
	}
	if m.Version == 0 {
		m.Version = MappingVersion
	}
	if m.Version != MappingVersion {
		return m, fault.Newf(fault.Invalid, "import.mapping_version", "The mapping has version %d; this program reads version %d.", m.Version, MappingVersion)
	}
	return m, nil
}

// YAML writes the document for people.
func (m Mapping) YAML() ([]byte, error) {
	b, err := yaml.Marshal(m)
	if err != nil {
		return nil, fault.New(fault.Internal, "import.mapping_unwritable", "The mapping cannot be written.").Wrap(err)
	}
	return b, nil
}

// JSON writes the document for storing; equal mappings give equal bytes.
func (m Mapping) JSON() ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fault.New(fault.Internal, "import.mapping_unwritable", "The mapping cannot be written.").Wrap(err)
	}
	return b, nil
}

// Options gives how a table with this mapping is opened.
func (m Mapping) Options() Options {
	o := Options{Encoding: m.Encoding, Delimiter: m.Delimiter, Sheet: m.Sheet, HeaderRow: m.Header.Row, NoHeader: m.Header.None, Preset: m.Preset}
	o.Expect = m.usedColumns()
	return o
}

// usedColumns lists the columns that fields and filters read, sorted.
func (m Mapping) usedColumns() []string {
	var out []string
	for _, b := range m.Fields {
		out = append(out, b.columns()...)
	}
	for _, f := range m.Ignore {
		out = append(out, f.Column)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Validate checks the mapping against the schema without looking at a file: every
// field, format, unit, zone and choice must be known, every required field bound.
func (m Mapping) Validate(s Schema) error {
	if m.Kind != "" && m.Kind != s.Name {
		return invalidMapping("kind", "The mapping is for %q, but the import is of %q.", m.Kind, s.Name)
	}
	if m.Preset != "" && m.Preset != PresetQueueLog {
		return invalidMapping("preset", "Preset %q is unknown; allowed is: %s.", m.Preset, PresetQueueLog)
	}
	if _, err := canonicalEncoding(m.Encoding); err != nil {
		return err
	}
	if _, err := statedDelimiter(m.Delimiter); err != nil {
		return err
	}
	if m.Decimal != "" && m.Decimal != "." && m.Decimal != "," {
		return invalidMapping("decimal", `Decimal mark %q is unknown; allowed are: "." and ",".`, m.Decimal)
	}
	if r := m.Interval; r != nil {
		if r.Label != "" && r.Label != "start" && r.Label != "end" {
			return invalidMapping("interval.label", "Interval label %q is unknown; allowed are: start, end.", r.Label)
		}
		if r.Minutes < 0 || r.Minutes > 1440 || r.Label == "end" && r.Minutes == 0 {
			return invalidMapping("interval.minutes", "An interval of %d minutes is impossible; state 1 to 1440.", r.Minutes)
		}
	}
	if err := m.checkZone(s); err != nil {
		return err
	}
	for name := range m.Fields {
		if s.Index(name) < 0 {
			return invalidMapping("fields."+name, "Field %q is unknown; %s take: %s.", name, s.Name, s.names())
		}
	}
	for _, f := range s.Fields {
		b, bound := m.Fields[f.Name]
		if !bound && f.Required {
			return invalidMapping("fields."+f.Name, "Field %q is required, but the mapping says nothing about it; name its column or a constant.", f.Name)
		}
		if bound {
			if err := m.checkBinding(s, f, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkZone wants a zone as soon as a local time is read.
func (m Mapping) checkZone(s Schema) error {
	needed := false
	for _, f := range s.Fields {
		if b, bound := m.Fields[f.Name]; bound && f.Kind == KindInstant {
			needed = needed || b.Format != OrderEpoch && b.Format != OrderEpochMilli && b.Format != OrderEpochMicro
		}
	}
	if m.Zone == "" && !needed {
		return nil
	}
	if _, err := calendar.Zone(m.Zone); err != nil {
		return fault.Newf(fault.Invalid, "import.unknown_zone", "The mapping's %v.", err).With("zone", m.Zone)
	}
	return nil
}

func (m Mapping) checkBinding(s Schema, f Field, b Binding) error {
	at := "fields." + f.Name
	sources := 0
	for _, given := range []bool{b.Column != "", len(b.Columns) > 0, b.Date != "" || b.Time != "", b.Constant != ""} {
		if given {
			sources++
		}
	}
	switch {
	case sources != 1 && (sources > 1 || b.Default == ""):
		return invalidMapping(at, "Field %q needs exactly one of column, columns, date with time, or constant.", f.Name)
	case b.Date != "" && b.Time == "" || b.Time != "" && b.Date == "":
		return invalidMapping(at, "Field %q names only one of date and time; both are needed (a full time stamp goes under column).", f.Name)
	case b.Date != "" && f.Kind != KindInstant:
		return invalidMapping(at, "Field %q is not a point in time; only those take date and time.", f.Name)
	case !slices.Contains([]Order{OrderAuto, OrderYMD, OrderDMY, OrderMDY, OrderExcel, OrderExcel1904, OrderEpoch, OrderEpochMilli, OrderEpochMicro}, b.Format):
		return invalidMapping(at, "Format %q is unknown; allowed are: ymd, dmy, mdy, excel, excel1904, epoch_s, epoch_ms, epoch_us.", b.Format)
	case b.Unit != "" && unitMillis[b.Unit] == 0:
		return invalidMapping(at, "Unit %q is unknown; allowed are: s, ms, min, h, day.", b.Unit)
	case b.Clock != "" && b.Clock != ClockMinutes && b.Clock != ClockHours:
		return invalidMapping(at, "Clock %q is unknown; allowed are: mmss, hhmm.", b.Clock)
	case b.Midnight != "" && b.Midnight != "end":
		return invalidMapping(at, "Midnight %q is unknown; allowed is: end.", b.Midnight)
	}
	if b.After != "" {
		i := s.Index(b.After)
		if i < 0 || s.Fields[i].Kind != KindInstant || b.After == f.Name || m.Fields[b.After].After != "" {
			return invalidMapping(at, "After %q must be another point in time that has no \"after\" itself.", b.After)
		}
	}
	if f.Kind == KindChoice {
		for from, to := range b.Values {
			if !slices.Contains(f.Choices, to) {
				return invalidMapping(at, "Value %q is mapped to %q, which field %q does not have; allowed are: %s.", from, to, f.Name, fault.Allowed(f.Choices))
			}
		}
		if b.Other != "" && !slices.Contains(f.Choices, b.Other) {
			return invalidMapping(at, "Other value %q is not a choice of field %q; allowed are: %s.", b.Other, f.Name, fault.Allowed(f.Choices))
		}
	}
	return nil
}

func invalidMapping(at, format string, args ...any) error {
	return fault.Newf(fault.Invalid, "import.invalid_mapping", format, args...).With("at", at)
}

package tabular_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/tenants/fault"
	"muster/tenants/tabular"
)

// schema is a small target for tests.
var schema = tabular.Schema{Name: "calls", Fields: []tabular.Field{
	{Name: "id", Kind: tabular.KindID, Required: true, Synonyms: []string{"call id", "通话编号"}},
	{Name: "at", Kind: tabular.KindInstant, Required: true, Synonyms: []string{"start time", "date", "来电时间", "日期"}},
	{Name: "end", Kind: tabular.KindInstant, Synonyms: []string{"end time", "结束时间"}},
	{Name: "talk", Kind: tabular.KindDuration, Synonyms: []string{"talk time", "通话时长"}},
	{Name: "result", Kind: tabular.KindChoice, Choices: []string{"answered", "abandoned"}, Synonyms: []string{"结果"}},
	{Name: "calls", Kind: tabular.KindCount, Synonyms: []string{"呼入量"}},
	{Name: "share", Kind: tabular.KindNumber, Synonyms: []string{"占比"}},
	{Name: "day", Kind: tabular.KindDate},
	{Name: "note", Kind: tabular.KindText},
	{Name: "phone", Kind: tabular.KindID, Personal: true},
}}

var intervals = tabular.Schema{Name: "intervals", Fields: []tabular.Field{
	{Name: "start", Kind: tabular.KindInstant, Required: true, IntervalStart: true, Synonyms: []string{"interval", "时段", "until", "结束时间", "日期"}},
	{Name: "calls", Kind: tabular.KindCount, Required: true, Synonyms: []string{"呼入量"}},
}}

func mapping(t testing.TB, document string) tabular.Mapping {
	t.Helper()
	m, err := tabular.ParseMapping([]byte(document))
	require.NoError(t, err)
	return m
}

// decode renders every row: its line, verdict, and the set values or the issues.
func decode(t testing.TB, s tabular.Schema, m tabular.Mapping, data []byte) []string {
	t.Helper()
	r, err := tabular.Open(bytes.NewReader(data), m.Options())
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	d, err := tabular.Compile(s, m, r)
	require.NoError(t, err)
	var out []string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		record, verdict, issues := d.Decode(row)
		parts := []string{fmt.Sprint(row.Line)}
		if verdict != tabular.Accepted {
			parts = append(parts, [...]string{"", "refused", "ignored", "total"}[verdict])
			for _, i := range issues {
				parts = append(parts, strings.Join([]string{i.Code, i.Column, i.Value}, "/"))
			}
			out = append(out, strings.Join(parts, " "))
			continue
		}
		for i, v := range record.Values {
			if !v.Set {
				continue
			}
			text := v.Text
			switch s.Fields[i].Kind {
			case tabular.KindInstant:
				text = v.Instant().String() + [...]string{"", "(skipped)", "(repeated)"}[v.Local]
			case tabular.KindDate:
				text = v.Date().String()
			case tabular.KindDuration, tabular.KindCount:
				text = fmt.Sprint(v.Int)
			case tabular.KindNumber:
				text = v.Number.String()
			default:
			}
			parts = append(parts, s.Fields[i].Name+"="+text)
		}
		out = append(out, strings.Join(parts, " "))
	}
}

func TestRowsBecomeRecords(t *testing.T) {
	m := mapping(t, `
kind: calls
source: acd
zone: Asia/Shanghai
fields:
  id: {columns: [day, no], join: "-"}
  at: {date: day, time: begin}
  end: {date: day, time: finish, after: at}
  talk: {column: talk, clock: mmss, unit: s, empty: ["-"]}
  result: {column: ok, values: {是: answered, 否: abandoned}}
  calls: {column: n, default: "1"}
  share: {column: share}
  note: {constant: imported}
ignore:
  - {column: ok, values: [test], reason: A test.}
`)
	const table = `day,no,begin,finish,talk,ok,n,share
2024-01-31,1,23:50:00,00:10:00,20:00,是,,85%
2024/1/31,2,23:50,24:10:00,90,否,"1,234",0.5
2024-01-31,3,下午 3:05,15:06,-,ANSWERED,2,
2024-01-31,4,08:00,08:01,1:00,test,2,
2024-01-31,5,08:00,08:01,x,maybe,-1,NaN
合计,,,,,,17,
day,no,begin,finish,talk,ok,n,share
2024-01-31,,,,,,,
制表人：张三,,,,,,,
2024-01-31,6,08:00,08:01,1:00,是,2,1,surplus
`
	require.Equal(t, []string{
		"2 id=2024-01-31-1 at=2024-01-31T15:50:00Z end=2024-01-31T16:10:00Z talk=1200000 result=answered calls=1 share=0.85 note=imported",
		"3 id=2024/1/31-2 at=2024-01-31T15:50:00Z end=2024-01-31T16:10:00Z talk=90000 result=abandoned calls=1234 share=0.5 note=imported",
		"4 id=2024-01-31-3 at=2024-01-31T07:05:00Z end=2024-01-31T07:06:00Z result=answered calls=2 note=imported",
		"5 ignored filtered/ok/test",
		"6 refused not_a_duration/talk/x unknown_choice/ok/maybe negative/n/-1 not_a_number/share/NaN",
		"7 total total_row/day/合计",
		"8 ignored repeated_header//",
		"9 ignored note//",
		"10 ignored note//",
		"11 refused too_many_cells//",
	}, decode(t, schema, m, []byte(table)))
}

func TestIssuesKeepPersonalCellsToThemselves(t *testing.T) {
	m := mapping(t, "kind: calls\nsource: s\nzone: UTC\nfields: {id: {column: id}, at: {column: at}, phone: {column: tel}}")
	require.Equal(t, []string{"2 refused mangled_id/tel/"}, decode(t, schema, m, []byte("id,at,tel\n1,2024-01-01 00:00,1.38E+10\n")))
}

func TestDaylightSavingIsToldByRule(t *testing.T) {
	m := mapping(t, "kind: calls\nsource: s\nzone: Europe/Berlin\nfields: {id: {column: id}, at: {column: at}}")
	require.Equal(t, []string{
		"2 id=1 at=2026-03-29T01:30:00Z(skipped)",
		"3 id=2 at=2026-10-25T00:30:00Z(repeated)",
		"4 id=3 at=2026-10-25T01:30:00Z",
	}, decode(t, schema, m, []byte("id,at\n1,2026-03-29 02:30\n2,2026-10-25 02:30\n3,2026-10-25T02:30:00+01:00\n")))
}

func TestIntervalsMayBeNamedByTheirEndOrAsARange(t *testing.T) {
	m := mapping(t, "kind: intervals\nsource: s\nzone: UTC\ninterval: {minutes: 30, label: end}\nfields: {start: {date: 日期, time: 时段}, calls: {column: 呼入量}}")
	require.Equal(t, []string{
		"2 start=2024-01-02T08:00:00Z calls=5",
		"3 start=2024-01-02T23:30:00Z calls=6",
		"4 start=2024-01-02T08:00:00Z calls=7",
		"5 start=2024-01-02T09:00:00Z calls=8",
		"6 start=2024-01-01T23:30:00Z calls=9",
	}, decode(t, intervals, m, []byte("日期,时段,呼入量\n2024-01-02,08:30,5\n2024-01-02,24:00,6\n2024-01-02,08:00-08:30,7\n2024-01-02,09:00～09:30,8\n2024-01-02,00:00,9\n")))
	b := m.Fields["start"]
	b.Midnight = "end"
	m.Fields["start"] = b
	require.Equal(t, []string{"2 start=2024-01-02T23:30:00Z calls=9"}, decode(t, intervals, m, []byte("日期,时段,呼入量\n2024-01-02,00:00,9\n")))
}

func TestWorkbookValues(t *testing.T) {
	clock := "[h]:mm:ss"
	data := workbook(t, [][]any{
		{"id", "at", "talk", "end"},
		{"00017", 45293.354166666664, 0.0017361111, "2024-01-02 08:32:30"},
		{"1.38E+17", 45293.354166666664, 0.5, nil},
		{"18", "2024-01-02 10:00", 0.25, nil},
	}, func(f *excelize.File) {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle("Sheet1", "C2", "C4", style))
	})
	m := mapping(t, "kind: calls\nsource: s\nzone: UTC\nfields: {id: {column: id}, at: {column: at}, talk: {column: talk, unit: s}, end: {column: end}}")
	require.Equal(t, []string{
		"2 id=00017 at=2024-01-02T08:30:00Z end=2024-01-02T08:32:30Z talk=150000",
		"3 refused mangled_id/id/1.38E+17",
		"4 id=18 at=2024-01-02T10:00:00Z talk=21600000",
	}, decode(t, schema, m, data))
}

func TestWorkbookOf1904(t *testing.T) {
	yes := true
	data := workbook(t, [][]any{{"id", "at"}, {"1", 43831.5}}, func(f *excelize.File) {
		require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
	})
	m := mapping(t, "kind: calls\nsource: s\nzone: UTC\nfields: {id: {column: id}, at: {column: at}}")
	require.Equal(t, []string{"2 id=1 at=2024-01-02T12:00:00Z"}, decode(t, schema, m, data))
}

func TestMappingsThatCannotBeAreRefused(t *testing.T) {
	const good = "kind: calls\nsource: s\nzone: UTC\nfields: {id: {column: id}, at: {column: at}}"
	for document, code := range map[string]string{
		"":                                   "import.mapping_unreadable",
		"fields: [1]":                        "import.mapping_unreadable",
		good + "\ncolour: blue":              "import.mapping_unreadable",
		good + "\nversion: 9":                "import.mapping_version",
		good + "\nencoding: x":               "import.unknown_encoding",
		good + "\ndelimiter: x":              "import.unknown_delimiter",
		good + "\ndecimal: x":                "import.invalid_mapping",
		good + "\npreset: x":                 "import.invalid_mapping",
		good + "\ninterval: {minutes: -1}":   "import.invalid_mapping",
		good + "\ninterval: {label: middle}": "import.invalid_mapping",
		"kind: x\nzone: UTC\nfields: {id: {column: a}}":                                               "import.invalid_mapping",
		"zone: Nowhere\nfields: {id: {column: id}, at: {column: at}}":                                 "import.unknown_zone",
		"fields: {id: {column: id}, at: {column: at}}":                                                "import.unknown_zone",
		"zone: UTC\nfields: {id: {column: id}}":                                                       "import.invalid_mapping",
		"zone: UTC\nfields: {id: {}, at: {column: at}}":                                               "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: a, constant: b}, at: {column: at}}":                         "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: a}, at: {date: at}}":                                        "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: a}, at: {column: at, format: dd}}":                          "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: a}, at: {column: at, after: id}}":                           "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: a}, at: {column: at}, result: {column: r, values: {x: y}}}": "import.invalid_mapping",
		"zone: UTC\nfields: {id: {column: nope}, at: {column: at}}":                                   "import.header_changed",
	} {
		m, err := tabular.ParseMapping([]byte(document))
		if err == nil {
			r, openErr := tabular.Open(strings.NewReader("id,at,r\n1,2024-01-01 00:00,x\n"), tabular.Options{})
			require.NoError(t, openErr)
			_, err = tabular.Compile(schema, m, r)
		}
		require.Equal(t, code, fault.CodeOf(err), document)
	}
}

func TestHeaderDifferences(t *testing.T) {
	m := mapping(t, "fields: {id: {column: call_id}, at: {column: start}}\ncolumns: [call_id, start, agent, queue]")
	d := m.CompareHeader([]string{"call_id", "start time", "agent", "skill", "language"})
	require.Equal(t, tabular.HeaderDifference{Missing: []string{"start", "queue"}, Added: []string{"start time", "skill", "language"}, Renamed: map[string]string{"start": "start time", "queue": "skill"}}, d)
	err := m.CheckHeader([]string{"call_id", "start time", "agent", "skill", "language"})
	require.ErrorContains(t, err, `"start" is gone (renamed to "start time"?)`)
	require.ErrorContains(t, err, `"language" is new`)
	require.NoError(t, m.CheckHeader([]string{"new", "queue", "agent", "start", "call_id"}), "order and additions do not matter")
}

func TestMappingDocumentsRoundTrip(t *testing.T) {
	m := mapping(t, "kind: calls\nsource: s\nzone: UTC\nheader: {row: 3}\nfields: {id: {column: id, values: {b: c, a: d}}, at: {column: at}}\nignore: [{column: x, values: [y]}]")
	for _, write := range []func() ([]byte, error){m.YAML, m.JSON} {
		b, err := write()
		require.NoError(t, err)
		require.Equal(t, m, mapping(t, string(b)))
	}
}

func propose(t testing.TB, s tabular.Schema, text string) tabular.Proposed {
	t.Helper()
	r, err := tabular.Open(strings.NewReader(text), tabular.Options{})
	require.NoError(t, err)
	p, err := tabular.Propose(s, r, tabular.Wishes{Source: "src", Zone: "Asia/Shanghai"})
	require.NoError(t, err)
	return p
}

func TestProposals(t *testing.T) {
	p := propose(t, schema, "通话编号,日期,接通时间点,结束时间,通话时长(秒),结果,备注\n1,2024-01-31,08:00:00,2024-01-31 08:02,120,是,x\n2,2024-01-31,09:00:00,2024-01-31 09:02,100,否,y\n")
	require.Empty(t, p.Missing)
	require.Empty(t, p.Undecided)
	require.Equal(t, tabular.Binding{Column: "通话编号"}, p.Mapping.Fields["id"])
	require.Equal(t, tabular.Binding{Date: "日期", Time: "接通时间点"}, p.Mapping.Fields["at"])
	require.Equal(t, tabular.Binding{Column: "结束时间"}, p.Mapping.Fields["end"])
	require.Equal(t, tabular.Binding{Column: "通话时长(秒)", Unit: tabular.UnitSecond}, p.Mapping.Fields["talk"])
	require.Equal(t, []string{"备注"}, p.Unused)

	p = propose(t, schema, "Call ID,Start Time,Talk Time\n1,13/02/2024 10:00,3:20\n2,05/02/2024 10:00,4:10\n")
	require.Equal(t, tabular.OrderDMY, p.Mapping.Fields["at"].Format)
	require.Equal(t, tabular.ClockMinutes, p.Mapping.Fields["talk"].Clock)

	p = propose(t, schema, "Call ID,Start Time\n1,03/02/2024 10:00\n2,05/02/2024 10:00\n")
	require.Len(t, p.Undecided, 1)
	require.Contains(t, p.Undecided[0], "Start Time")

	p = propose(t, schema, "number,x\n1,2\n")
	require.Equal(t, []string{"id", "at"}, p.Missing)

	p = propose(t, intervals, "日期,时段,呼入量\n2024-01-02,08:00-08:30,5\n2024-01-02,08:30-09:00,6\n")
	require.Equal(t, &tabular.IntervalRule{Minutes: 30, Label: "start"}, p.Mapping.Interval)
	require.Equal(t, tabular.Binding{Date: "日期", Time: "时段"}, p.Mapping.Fields["start"])
	p = propose(t, intervals, "结束时间,呼入量\n2024-01-02 08:15,5\n2024-01-02 08:30,6\n")
	require.Equal(t, &tabular.IntervalRule{Minutes: 15, Label: "end"}, p.Mapping.Interval)
}

func TestAPersonChoosesColumns(t *testing.T) {
	const table = "a,b,c,d,e\n1,2024-01-31,08:00,13/02/2024 09:00,1:30\n2,2024-02-01,09:00,14/02/2024 10:00,2:30\n"
	choose := func(chosen map[string]string) (tabular.Proposed, error) {
		r, err := tabular.Open(strings.NewReader(table), tabular.Options{})
		require.NoError(t, err)
		return tabular.Propose(schema, r, tabular.Wishes{Source: "s", Zone: "UTC", Chosen: chosen})
	}
	p, err := choose(map[string]string{"a": "id", "b": "at", "c": "at", "d": "end", "e": "talk"})
	require.NoError(t, err)
	require.Empty(t, p.Missing)
	require.Equal(t, []string{
		"2 id=1 at=2024-01-31T08:00:00Z end=2024-02-13T09:00:00Z talk=90000",
		"3 id=2 at=2024-02-01T09:00:00Z end=2024-02-14T10:00:00Z talk=150000",
	}, decode(t, schema, p.Mapping, []byte(table)))
	p, err = choose(map[string]string{"a": "id", "b": "id", "c": ""})
	require.NoError(t, err)
	require.Equal(t, []string{"at"}, p.Missing)
	require.Equal(t, tabular.Binding{Columns: []string{"a", "b"}, Join: "-"}, p.Mapping.Fields["id"])
	for code, chosen := range map[string]map[string]string{"import.unknown_column": {"z": "id"}, "import.unknown_field": {"a": "colour"}, "import.field_twice": {"a": "talk", "e": "talk"}} {
		_, err = choose(chosen)
		require.Equal(t, code, fault.CodeOf(err))
	}
}

// FuzzTables opens any bytes as a table and decodes what comes: nothing may panic,
// and every row has a verdict.
func FuzzTables(f *testing.F) {
	f.Add([]byte("id,at\n1,2024-01-01 00:00\n合计,\n"), "")
	f.Add([]byte("a;b\n\"x;y\n"), "kind: calls")
	f.Add([]byte("\xff\xfei\x00d\x00,\x00a\x00\n\x00"), "")
	f.Add([]byte("\x1f\x8b\x08\x00"), "")
	f.Add([]byte("sep=;\nid;at\n"), "fields: {id: {column: id}, at: {column: at}}\nzone: UTC")
	f.Fuzz(func(t *testing.T, data []byte, document string) {
		if m, err := tabular.ParseMapping([]byte(document)); err == nil {
			_ = m.Validate(schema)
		}
		r, err := tabular.Open(bytes.NewReader(data), tabular.Options{})
		if err != nil {
			return
		}
		defer func() { _ = r.Close() }()
		p, err := tabular.Propose(schema, r, tabular.Wishes{Source: "s", Zone: "Europe/Berlin"})
		if err != nil {
			return
		}
		for _, field := range []string{"id", "at"} {
			if _, bound := p.Mapping.Fields[field]; !bound {
				p.Mapping.Fields[field] = tabular.Binding{Column: r.Header()[0]}
			}
		}
		d, err := tabular.Compile(schema, p.Mapping, r)
		if err != nil {
			t.Fatalf("a proposed mapping does not fit its own header: %v", err)
		}
		for _, cells := range p.Sample {
			if _, verdict, issues := d.Decode(tabular.Row{Line: 1, Cells: cells}); verdict != tabular.Accepted && len(issues) == 0 {
				t.Fatalf("row %q has no reason", cells)
			}
		}
	})
}

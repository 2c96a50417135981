package intake_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"muster/routing/facts"
	"muster/routing/intake"
	"muster/tenants/database/databasetest"
	"muster/tenants/tabular"
)

func encodeAs(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	require.NoError(t, err)
	return b
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// book makes a workbook by hand of a function.
func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

func row(t testing.TB, f *excelize.File, sheet string, n int, cells ...any) {
	t.Helper()
	require.NoError(t, f.SetSheetRow(sheet, fmt.Sprintf("A%d", n), &cells))
}

func style(t testing.TB, f *excelize.File, sheet, from, to, format string) {
	t.Helper()
	s, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	require.NoError(t, err)
	require.NoError(t, f.SetCellStyle(sheet, from, to, s))
}

// uglyFile is an export as they come, and what must come of it.
type uglyFile struct {
	name   string
	kind   intake.Kind
	data   []byte
	edit   func(*intake.Request)
	counts intake.Counts
	codes  map[string]int64
	facts  facts.QueueFact // sums; zero means not looked at
}

func uglyFiles(t testing.TB) []uglyFile {
	return []uglyFile{
		{name: "01 Chinese Windows export with titles, notes and totals", kind: intake.Contacts,
			data: encodeAs(t, simplifiedchinese.GB18030, "呼叫中心通话明细报表;;;;;;\r\n统计日期：2026-03-02 至 2026-03-02;;;;;;\r\n;;;;;;\r\n流水号;技能组;来电时间;是否接通;排队时长(秒);通话时长(秒);工号\r\n"+
				"20260302001;投诉;2026年3月2日 上午9:05:10;是;12;185;A1\r\n20260302002;投诉;2026年3月2日 下午1:15:00;否;60;0;\r\n20260302003;售后;2026年3月2日 下午11:59:59;是;0;3600;A2\r\n小计;;;;72;3785;\r\n合计;;;;72;3785;\r\n制表人：王芳;;;;;;\r\n"),
			counts: intake.Counts{Read: 6, New: 3, Ignored: 1, Total: 2}, codes: map[string]int64{"total_row": 2, "note": 1},
			facts: facts.QueueFact{Offered: 3, Queued: 2, Answered: 2, AnsweredWithin: 2, Abandoned: 1, WaitAnsweredMS: 12_000, WaitAbandonedMS: 60_000, WaitMaxMS: 60_000, HandleMS: 3_785_000}},
		{name: "02 Excel's Unicode text", kind: intake.Contacts,
			data: encodeAs(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "Call ID\tQueue Name\tStart Time\tCall Result\tWait Time\tTalk Time\tAgent ID\r\n"+
				"x1\tcomplaints\t3/14/2026 8:05:00 AM\tAnswered\t0:00:25\t0:03:05\tA1\r\nx2\tcomplaints\t3/2/2026 12:00:00 AM\tAbandoned\t0:00:03\t0:00:00\t\r\nx3\tcomplaints\t3/2/2026 12:00:00 PM\tAnswered\t0:00:20\t1:00:00\tA2\r\n"),
			counts: intake.Counts{Read: 3, New: 3}, facts: facts.QueueFact{Offered: 3, Queued: 3, Answered: 2, AnsweredWithin: 1, Abandoned: 1, AbandonedWithin: 1, WaitAnsweredMS: 45_000, WaitAbandonedMS: 3_000, WaitMaxMS: 25_000, HandleMS: 3_785_000}},
		{name: "03 workbook with merged title and header, styled times", kind: intake.Intervals,
			data: book(t, func(f *excelize.File) {
				row(t, f, "Sheet1", 1, "三月份时段报表")
				row(t, f, "Sheet1", 3, "统计日期", "时段", "话务", nil, nil, "质量")
				row(t, f, "Sheet1", 4, nil, nil, "呼入量", "接通量", "放弃量", "平均处理时长", "接通率")
				row(t, f, "Sheet1", 5, 46083, 0.375, 40, 36, 4, 0.00210648148148148, 0.9)
				row(t, f, "Sheet1", 6, 46083, 0.3958333333333333, 50, 50, 0, 0.002, 1)
				row(t, f, "Sheet1", 7, "总计", nil, 90, 86, 4, nil, nil)
				style(t, f, "Sheet1", "A5", "A6", "yyyy/m/d")
				style(t, f, "Sheet1", "B5", "B6", "hh:mm")
				style(t, f, "Sheet1", "F5", "F6", "[h]:mm:ss")
				style(t, f, "Sheet1", "G5", "G6", "0%")
				require.NoError(t, f.MergeCell("Sheet1", "A1", "G1"))
				require.NoError(t, f.MergeCell("Sheet1", "C3", "E3"))
			}),
			edit:   func(r *intake.Request) { r.Constants = map[string]string{"queue": "complaints"} },
			counts: intake.Counts{Read: 3, New: 2, Total: 1}, codes: map[string]int64{"total_row": 1},
			facts: facts.QueueFact{Offered: 90, Answered: 86, Abandoned: 4, HandleMS: 36*182_000 + 50*172_800}},
		{name: "04 gzip with byte order mark, two columns for date and time", kind: intake.Contacts,
			data:   gzipped(t, []byte("\xEF\xBB\xBFCALL_ID,CALL_DATE,CALL_TIME,SKILL,TALK_SECS,DISPOSITION\n1,02-Mar-2026,08:00:00,complaints,60,ANSWERED\n2,02-Mar-2026,08:30:00,complaints,0,NO ANSWER\n")),
			counts: intake.Counts{Read: 2, New: 2}, facts: facts.QueueFact{Offered: 2, Answered: 1, AnsweredWithin: 1, Abandoned: 1, AbandonedWithin: 1, HandleMS: 60_000}},
		{name: "05 half hours named by their end, up to 24:00", kind: intake.Intervals,
			data:   []byte("Queue,Date,Interval End,Calls Offered,Calls Answered,AHT (s)\nbilling,2026-03-02,23:00,\"1,200\",\"1,100\",180\nbilling,2026-03-02,23:30,10,10,180\nbilling,2026-03-02,24:00,5,4,200\nTotal,,,\"1,215\",\"1,114\",\n"),
			counts: intake.Counts{Read: 4, New: 3, Total: 1}, codes: map[string]int64{"total_row": 1},
			facts: facts.QueueFact{Offered: 1215, Answered: 1114, Abandoned: 101, HandleMS: (1110*180 + 4*200) * 1000}},
		{name: "06 ranges as intervals, percentages, full-width digits", kind: intake.Intervals,
			data:   []byte("业务线|日期|时间段|呼入量|接起量|接通率|平均通话时长\n投诉|2026/3/2|08:00-08:15|１０|８|80%|3分20秒\n投诉|2026/3/2|08:15～08:30|20|20|100%|2分\n"),
			counts: intake.Counts{Read: 2, New: 2}, facts: facts.QueueFact{Offered: 30, Answered: 28, Abandoned: 2, HandleMS: (8*200 + 20*120) * 1000}},
		{name: "07 Asterisk queue_log", kind: intake.Contacts, edit: func(r *intake.Request) { r.Preset = tabular.PresetQueueLog },
			data:   []byte("1772438410|c1|complaints|NONE|ENTERQUEUE||49170|1\n1772438420|c1|complaints|A1|CONNECT|10|u|3\n1772438480|c1|complaints|A1|COMPLETEAGENT|10|60|1\n1772438490|c2|complaints|NONE|ENTERQUEUE||49171|1\n1772438500|c2|complaints|NONE|EXITWITHTIMEOUT|1|1|10\n"),
			counts: intake.Counts{Read: 2, New: 2}, facts: facts.QueueFact{Offered: 2, Queued: 2, Answered: 1, AnsweredWithin: 1, Other: 1, WaitAnsweredMS: 10_000, WaitMaxMS: 10_000, HandleMS: 60_000}},
		{name: "08 European states with dotted dates", kind: intake.States,
			data:   []byte("sep=;\r\nAgent;State;Start time;Duration\r\nA1;ready;02.03.2026 08:00:00;00:30:00\r\nA1;break;02.03.2026 08:30:00;00:15:00\r\nA2;ready;02.03.2026 23:45:00;01:00:00\r\nA2;ready;02.03.2026 23:50:00;00:01:00\r\n"),
			counts: intake.Counts{Read: 4, New: 3, Refused: 1}, codes: map[string]int64{"overlap": 1}},
		{name: "09 damaged ids, page headers, a second total", kind: intake.Contacts,
			data:   []byte("Ticket ID,Queue,Created At,Status\n1.38E+10,billing,2026-03-02 08:00,answered\nT-2,billing,2026-03-02 08:01,answered\nTicket ID,Queue,Created At,Status\nT-3,billing,2026-03-02 08:02,missed\n#REF!,billing,2026-03-02 08:03,answered\nGrand Total:,,,4\n"),
			counts: intake.Counts{Read: 6, New: 2, Refused: 2, Ignored: 1, Total: 1}, codes: map[string]int64{"mangled_id": 1, "spreadsheet_error": 1, "repeated_header": 1, "total_row": 1}},
		{name: "10 the night clocks go back", kind: intake.Intervals,
			data:   []byte("queue,start time,calls\nbilling,2026-10-25 01:30,1\nbilling,2026-10-25 02:00,2\nbilling,2026-10-25 02:30,3\nbilling,2026-10-25 02:00,4\nbilling,2026-10-25 02:30,5\nbilling,2026-10-25 03:00,6\n"),
			counts: intake.Counts{Read: 6, New: 6}, facts: facts.QueueFact{Offered: 21, Answered: 21}},
		{name: "11 workbook with a cover sheet, bare serials and empty columns", kind: intake.Contacts,
			data: book(t, func(f *excelize.File) {
				_, err := f.NewSheet("Daten")
				require.NoError(t, err)
				row(t, f, "Daten", 2, nil, "id", "queue", nil, "start time", "outcome")
				row(t, f, "Daten", 3, nil, 1001, "billing", nil, 46083.354166666664, "answered")
				row(t, f, "Daten", 5, nil, 1002, "billing", nil, 46083.375, "abandoned")
			}),
			counts: intake.Counts{Read: 2, New: 2}, facts: facts.QueueFact{Offered: 2, Answered: 1, AnsweredWithin: 1, Abandoned: 1, AbandonedWithin: 1}},
		{name: "12 pipes, line ends inside quotes, old Mac line ends", kind: intake.Contacts,
			data:   []byte(strings.ReplaceAll("conversation id|service|timestamp|handling time|topic\n\"a\n1\"|billing|2026-03-02T07:00:00Z|2m30s|\"price | refund\"\nb2|billing|2026-03-02T08:30:00+01:00|0|\"said \"\"no\"\"\"\n", "\n", "\r")),
			counts: intake.Counts{Read: 2, New: 2}, facts: facts.QueueFact{Offered: 2, Answered: 1, AnsweredWithin: 1, Abandoned: 1, AbandonedWithin: 1, HandleMS: 150_000}},
	}
}

// TestTwelveUglyFiles imports exports as they come, without a mapping: what the
// columns mean is recognised. Twice imported is once imported.
func TestTwelveUglyFiles(t *testing.T) {
	for _, c := range uglyFiles(t) {
		t.Run(c.name, func(t *testing.T) {
			w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"complaints", "billing", "aftersales"}, []string{"A1", "A2"})
			w.rename(t, map[string]string{"complaints": "投诉", "aftersales": "售后"})
			meaning := file(intake.Codes, []byte("code,activity,paid,billable\nready,work,yes,yes\nbreak,break,yes,no\n"), "")
			meaning.Source = "legacy"
			w.run(t, meaning)
			r := file(c.kind, c.data, "")
			r.Source = "legacy"
			if c.edit != nil {
				c.edit(&r)
			}
			var heard []string
			r.Issue = func(i tabular.Issue, g intake.Grade) { heard = append(heard, fmt.Sprint(i)) }
			s := w.run(t, r)
			require.Equal(t, c.counts, s.Counts, "%v", heard)
			if c.codes == nil {
				c.codes = map[string]int64{}
			}
			require.Equal(t, c.codes, s.Codes)
			w.rollUp(t)
			if c.facts.Offered > 0 {
				sum := facts.Sum(w.queueFacts(t))
				sum.QueueID, sum.ClientID, sum.StartAt = c.facts.QueueID, c.facts.ClientID, c.facts.StartAt
				require.Equal(t, c.facts, sum)
			}
			again := w.run(t, r)
			require.Equal(t, s.Counts.New, again.Counts.Unchanged)
			require.Zero(t, again.Counts.New+again.Counts.Changed)
		})
	}
}

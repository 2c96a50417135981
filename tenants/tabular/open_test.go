package tabular_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"muster/tenants/fault"
	"muster/tenants/tabular"
)

// read opens the bytes and gives the header, the rows as text and the reader's format.
func read(t testing.TB, data []byte, o tabular.Options) ([]string, []string, tabular.Format) {
	t.Helper()
	r, err := tabular.Open(bytes.NewReader(data), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close()) }()
	var rows []string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header(), rows, r.Format()
		}
		require.NoError(t, err)
		rows = append(rows, fmt.Sprintf("%d:%s", row.Line, strings.Join(row.Cells, "|")))
	}
}

func encoded(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	require.NoError(t, err)
	return b
}

func zipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func workbook(t testing.TB, rows [][]any, edit func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	if edit != nil {
		edit(f)
	}
	var out bytes.Buffer
	require.NoError(t, f.Write(&out))
	return out.Bytes()
}

func TestEncodingsAndDelimiters(t *testing.T) {
	const chinese = "通话编号;队列;来电时间\r\n1001;投诉;2024-01-02 08:00:00\r\n1002;售后;2024-01-02 08:01:00\r\n"
	want := []string{"2:1001|投诉|2024-01-02 08:00:00", "3:1002|售后|2024-01-02 08:01:00"}
	for name, c := range map[string]struct {
		data     []byte
		encoding string
	}{
		"utf-8":              {[]byte(chinese), "utf-8"},
		"utf-8 with mark":    {append([]byte{0xEF, 0xBB, 0xBF}, chinese...), "utf-8"},
		"gb18030":            {encoded(t, simplifiedchinese.GB18030, chinese), "gb18030"},
		"utf-16le with mark": {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), chinese), "utf-16le"},
		"utf-16be with mark": {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), chinese), "utf-16be"},
		"utf-16le":           {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), chinese), "utf-16le"},
		"gzip of gb18030":    {zipped(t, encoded(t, simplifiedchinese.GB18030, chinese)), "gb18030"},
	} {
		header, rows, format := read(t, c.data, tabular.Options{})
		require.Equal(t, []string{"通话编号", "队列", "来电时间"}, header, name)
		require.Equal(t, want, rows, name)
		require.Equal(t, c.encoding, format.Encoding, name)
		require.Equal(t, ";", format.Delimiter, name)
	}
	for _, d := range []string{",", ";", "tab", "|"} {
		sep := strings.Replace(d, "tab", "\t", 1)
		text := strings.ReplaceAll("id_name;queue;note\na1;x;\"has, many; marks\t| inside\"\na2;y;plain\n", ";", sep)
		_, rows, format := read(t, []byte(strings.Replace(text, "has, many"+sep, "has, many; ", 1)), tabular.Options{})
		require.Len(t, rows, 2, d)
		require.Equal(t, d, format.Delimiter)
	}
}

func TestGB18030AfterALongASCIIBeginning(t *testing.T) {
	text := "id,queue\n" + strings.Repeat("1001,alpha\n", 20000) + "1002,投诉处理\n"
	_, rows, format := read(t, encoded(t, simplifiedchinese.GB18030, text), tabular.Options{})
	require.Equal(t, "gb18030", format.Encoding)
	require.Equal(t, "20002:1002|投诉处理", rows[len(rows)-1])
}

func TestShortGB18030IsRecognisedWhateverItsEnd(t *testing.T) {
	for _, text := range []string{"状态,是\n就绪,否\n", "状态,是\n就绪,否", "编号,队列\n1,甲\n", "编号,a\n1,b", "是,否\n"} {
		header, _, format := read(t, encoded(t, simplifiedchinese.GB18030, text), tabular.Options{})
		require.Equal(t, "gb18030", format.Encoding, text)
		require.Equal(t, strings.Split(strings.Split(text, "\n")[0], ","), header)
	}
}

func TestStatedEncodingWins(t *testing.T) {
	data := encoded(t, charmap.Windows1252, "id,name\n1,Zoë\n2,Müller\n")
	_, err := tabular.Open(bytes.NewReader(data), tabular.Options{})
	require.Equal(t, "import.unknown_text_encoding", fault.CodeOf(err))
	_, rows, _ := read(t, data, tabular.Options{Encoding: "cp1252"})
	require.Equal(t, []string{"2:1|Zoë", "3:2|Müller"}, rows)
	_, err = tabular.Open(bytes.NewReader(data), tabular.Options{Encoding: "klingon"})
	require.ErrorContains(t, err, "gb18030")
}

func TestHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		header []string
		rows   int
		format tabular.Format
	}{
		"title rows": {"2024年1月 通话明细,,\n,,\n制表: 运营部,,\n通话编号,队列,来电时间\n1,a,08:00\n2,b,09:00\n",
			[]string{"通话编号", "队列", "来电时间"}, 2, tabular.Format{HeaderLine: 4, HeaderRows: 1, TitleRows: 2}},
		"merged": {"日期,时段,接入,,质量,\n,,呼入量,接起量,服务水平,平均等待\n2024-01-02,08:00,10,9,90%,12\n2024-01-02,08:30,11,9,80%,13\n",
			[]string{"日期", "时段", "接入 / 呼入量", "接入 / 接起量", "质量 / 服务水平", "质量 / 平均等待"}, 2, tabular.Format{HeaderLine: 2, HeaderRows: 2}},
		"sparse top": {"报表,,,,,\n,,接入,,质量,\n日期,时段,呼入量,接起量,服务水平,平均等待\n2024-01-02,08:00,10,9,90%,12\n2024-01-02,08:30,11,9,80%,13\n",
			[]string{"日期", "时段", "接入 / 呼入量", "接入 / 接起量", "质量 / 服务水平", "质量 / 平均等待"}, 2, tabular.Format{HeaderLine: 3, HeaderRows: 2, TitleRows: 1}},
		"only texts": {"name,team,skill\nAda,red,voice\nBob,blue,chat\n", []string{"name", "team", "skill"}, 2, tabular.Format{HeaderLine: 1, HeaderRows: 1}},
		"duplicates": {"id,time,time,\n1,2,3,4\n", []string{"id", "time", "time (2)"}, 1, tabular.Format{HeaderLine: 1, HeaderRows: 1}},
		"one column": {"calls\n1\n2\n3\n", []string{"calls"}, 3, tabular.Format{HeaderLine: 1, HeaderRows: 1}},
	} {
		header, rows, format := read(t, []byte(c.text), tabular.Options{})
		require.Equal(t, c.header, header, name)
		require.Len(t, rows, c.rows, name)
		require.Equal(t, [3]int64{c.format.HeaderLine, int64(c.format.HeaderRows), int64(c.format.TitleRows)},
			[3]int64{format.HeaderLine, int64(format.HeaderRows), int64(format.TitleRows)}, name)
	}
	header, rows, _ := read(t, []byte("a,b\nc,d\n"), tabular.Options{NoHeader: true})
	require.Equal(t, []string{"column 1", "column 2"}, header)
	require.Len(t, rows, 2)
	header, _, _ = read(t, []byte("x1,y1\nz,w\nid,queue\n7,8\n"), tabular.Options{Expect: []string{"id", "queue"}})
	require.Equal(t, []string{"id", "queue"}, header)
}

func TestASavedMappingFindsItsMergedHeader(t *testing.T) {
	const table = "在线客服时段报表,,,,,\n业务线,日期,时间段,话务,,处理\n,,,呼入量,接起量,平均处理时长\n在线,2026/2/2,09:00-09:30,5,5,100秒\n"
	want := []string{"业务线", "日期", "时间段", "话务 / 呼入量", "话务 / 接起量", "处理 / 平均处理时长"}
	header, rows, _ := read(t, []byte(table), tabular.Options{})
	require.Equal(t, want, header)
	require.Len(t, rows, 1)
	header, rows, _ = read(t, []byte(table), tabular.Options{Expect: want})
	require.Equal(t, want, header)
	require.Len(t, rows, 1)
	header, _, _ = read(t, []byte("t1,t2,t3\nid,queue,at\n1,2,3\n"), tabular.Options{Expect: []string{"id", "queue", "at", "agent"}})
	require.Equal(t, []string{"id", "queue", "at"}, header, "a title row of texts does not join the header")
}

func TestFileFaultsAreCoded(t *testing.T) {
	whole := zipped(t, []byte("id,queue\n"+strings.Repeat("1,some text that does not compress to nothing\n", 5000)))
	damaged := slices.Clone(whole)
	damaged[len(damaged)-6] ^= 0xFF
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"empty":            {nil, "import.empty_file"},
		"blank":            {[]byte(" \r\n \n"), "import.empty_file"},
		"empty gzip":       {zipped(t, nil), "import.empty_file"},
		"blank rows":       {[]byte(",,\n,,\n"), "import.empty_file"},
		"cut gzip":         {whole[:len(whole)/2], "import.broken_gzip"},
		"damaged gzip":     {damaged, "import.broken_gzip"},
		"gzip magic only":  {[]byte{0x1F, 0x8B, 0x08}, "import.broken_gzip"},
		"nul":              {[]byte("id,queue\n1,a\x00b\n"), "import.nul_byte"},
		"ten megabytes":    {[]byte("id,queue\n1," + strings.Repeat("x", 10<<20) + "\n"), "import.line_too_long"},
		"open quote":       {[]byte("id,queue\n1,\"abc\n2,b\n"), "import.unclosed_quote"},
		"old excel":        {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1aaaa"), "import.old_excel"},
		"pdf":              {[]byte("%PDF-1.7 ...."), "import.not_a_table"},
		"web page":         {[]byte("<html><table></table></html>"), "import.not_a_table"},
		"broken workbook":  {[]byte("PK\x03\x04 this is no zip"), "import.damaged_workbook"},
		"empty workbook":   {workbook(t, nil, nil), "import.empty_file"},
		"only numbers":     {[]byte("1,2\n3,4\n"), "import.no_header"},
		"western encoding": {[]byte("id,name\n1,caf\xe9, bar\n"), "import.unknown_text_encoding"},
	} {
		r, err := tabular.Open(bytes.NewReader(c.data), tabular.Options{})
		for err == nil {
			_, err = r.Next()
		}
		require.Equal(t, c.code, fault.CodeOf(err), name)
	}
}

func TestWorkbookKeepsDigitsAndKnowsClocks(t *testing.T) {
	data := workbook(t, [][]any{
		{"2024年1月通话明细"},
		{"通话编号", "来电时间", "通话时长"},
		{"00123", 45293.354166666664, 0.0017361111},
		{int64(13800138000), 45293.5, 0.5},
	}, func(f *excelize.File) {
		stamp, clock := "yyyy-mm-dd hh:mm:ss", "[h]:mm:ss"
		s1, err := f.NewStyle(&excelize.Style{CustomNumFmt: &stamp})
		require.NoError(t, err)
		s2, err := f.NewStyle(&excelize.Style{CustomNumFmt: &clock})
		require.NoError(t, err)
		require.NoError(t, f.SetCellStyle("Sheet1", "B3", "B4", s1))
		require.NoError(t, f.SetCellStyle("Sheet1", "C3", "C4", s2))
		require.NoError(t, f.MergeCell("Sheet1", "A1", "C1"))
	})
	r, err := tabular.Open(bytes.NewReader(data), tabular.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"通话编号", "来电时间", "通话时长"}, r.Header())
	require.Equal(t, []bool{false, true, true}, []bool{r.ShowsTime(0), r.ShowsTime(1), r.ShowsTime(2)})
	row, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, "00123", row.Cells[0])
	require.EqualValues(t, 3, row.Line)
	row, err = r.Next()
	require.NoError(t, err)
	require.Equal(t, "13800138000", row.Cells[0])
	_, err = tabular.Open(bytes.NewReader(data), tabular.Options{Sheet: "Nope"})
	require.ErrorContains(t, err, "Sheet1")
}

func TestLineNumbersCountLinesInsideQuotes(t *testing.T) {
	_, rows, _ := read(t, []byte("id,note\r\n1,\"two\r\nlines\"\r\n\r\n2,\"say \"\"hi\"\"\"\r3,end"), tabular.Options{})
	require.Equal(t, []string{"2:1|two\r\nlines", "5:2|say \"hi\"", "6:3|end"}, rows)
}

func TestSeparatorLine(t *testing.T) {
	header, rows, _ := read(t, []byte("sep=;\r\nid;amount\r\n1;2,5\r\n"), tabular.Options{})
	require.Equal(t, []string{"id", "amount"}, header)
	require.Equal(t, []string{"3:1|2,5"}, rows)
}

func TestBadBytesSpoilOnlyTheirRow(t *testing.T) {
	r, err := tabular.Open(strings.NewReader("编号,队列\n1,投诉\n2,\xff\xfe坏\n3,售后\n"), tabular.Options{})
	require.NoError(t, err)
	var problems []string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if row.Problem != nil {
			problems = append(problems, fmt.Sprint(row.Line, row.Problem.Code))
		}
	}
	require.Equal(t, []string{"3bad_encoding"}, problems)
}

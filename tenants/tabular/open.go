package tabular

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"muster/tenants/fault"
)

// Options states what would otherwise be detected. The zero value detects everything.
type Options struct {
	Encoding  string   // one of the names in the error of an unknown one; "" detects
	Delimiter string   // "," ";" "tab" "|"; "" detects
	Sheet     string   // worksheet name; "" takes the first visible sheet with rows
	HeaderRow int      // line of the (last) header row; 0 detects
	NoHeader  bool     // the table has no header: columns are called "column 1", "column 2", …
	Preset    string   // PresetQueueLog, or "" for a table
	Expect    []string // column names of a saved mapping, which help to find the header row
}

// Format states how the table was read, for people and for a saved mapping.
type Format struct {
	Container  string   `json:"container"` // csv, xlsx or queue_log
	Gzip       bool     `json:"gzip"`
	Encoding   string   `json:"encoding,omitempty"`
	Delimiter  string   `json:"delimiter,omitempty"`
	Sheet      string   `json:"sheet,omitempty"`
	Sheets     []string `json:"sheets,omitempty"`
	HeaderLine int64    `json:"header_line"` // line of the last header row, 0 without header
	HeaderRows int      `json:"header_rows"`
	TitleRows  int      `json:"title_rows"` // rows with text above the header, not counted as read
	Date1904   bool     `json:"date1904,omitempty"`
}

// Row is one record of the table. Cells are valid until the following call of Next.
type Row struct {
	Line    int64
	Cells   []string
	Problem *Issue // what makes the whole row unreadable; nil nearly always
}

// rowScanner is a container format: it cuts its input into records.
type rowScanner interface {
	next() (line int64, cells []string, err error)
	rowProblem() *Issue
	close() error
}

// Reader streams a table. It is not safe for concurrent use.
type Reader struct {
	format   Format
	encoding *string
	header   []string
	clock    map[int]bool
	scanner  rowScanner
	replay   []Row // rows read ahead to find the header
	unzipped io.Closer
}

// Open recognises the container, finds the header and gives a reader of the rows
// below it. Errors carry codes import.*; an empty file is import.empty_file.
func Open(in io.Reader, o Options) (*Reader, error) {
	r := &Reader{}
	buffered := bufio.NewReaderSize(in, sampleSize+16)
	magic, _ := buffered.Peek(8)
	if bytes.HasPrefix(magic, []byte{0x1F, 0x8B}) {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, brokenGzip(err)
		}
		r.format.Gzip, r.unzipped = true, unzipped
		buffered = bufio.NewReaderSize(gzipReader{unzipped}, sampleSize+16)
		magic, _ = buffered.Peek(8)
	}
	if err := refuseContainer(magic); err != nil {
		return nil, err
	}
	var err error
	if bytes.HasPrefix(magic, []byte("PK\x03\x04")) {
		err = r.openSheet(buffered, o)
	} else {
		err = r.openText(buffered, o)
	}
	if err != nil {
		return nil, err
	}
	if o.Preset == PresetQueueLog {
		r.header = queueLogHeader
		return r, nil
	}
	if err := r.findHeader(o); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// gzipReader gives coded errors.
type gzipReader struct{ in *gzip.Reader }

func (g gzipReader) Read(p []byte) (int, error) {
	n, err := g.in.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, brokenGzip(err)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay io.EOF
}

func brokenGzip(err error) error {
	return fault.New(fault.Invalid, "import.broken_gzip", "The gzip file is cut off or damaged; send it again.").Wrap(err)
}

func emptyFile() error {
	return fault.New(fault.Invalid, "import.empty_file", "The file holds no rows; check that the export was not empty.")
}

// refuseContainer names the formats that look like tables to people but are not readable.
func refuseContainer(magic []byte) error {
	switch {
	case bytes.HasPrefix(magic, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return fault.New(fault.Invalid, "import.old_excel", "The file is an old .xls or a password-protected workbook; save it as .xlsx without a password.")
	case bytes.HasPrefix(magic, []byte("%PDF")):
		return fault.New(fault.Invalid, "import.not_a_table", "The file is a PDF; export the table as CSV or .xlsx.")
	case bytes.HasPrefix(bytes.ToLower(magic), []byte("<html")), bytes.HasPrefix(bytes.ToLower(magic), []byte("<!doct")), bytes.HasPrefix(magic, []byte("<table")):
		return fault.New(fault.Invalid, "import.not_a_table", "The file is a web page, not a table; open it in a spreadsheet and save it as .xlsx.")
	}
	return nil
}

func (r *Reader) openSheet(in io.Reader, o Options) error {
	s, err := openSheet(in, o.Sheet)
	if err != nil {
		return err
	}
	r.scanner, r.clock = s, s.clock
	r.format.Container, r.format.Sheet, r.format.Sheets, r.format.Date1904 = "xlsx", s.name, s.names, s.date1904
	return nil
}

func (r *Reader) openText(in *bufio.Reader, o Options) error {
	comma, err := statedDelimiter(o.Delimiter)
	if err != nil {
		return err
	}
	if o.Sheet != "" {
		return fault.Newf(fault.Invalid, "import.unknown_sheet", "Sheet %q is stated, but the file is plain text; leave the sheet out.", o.Sheet)
	}
	decoded, encoding, err := decodeText(in, o.Encoding)
	if err != nil {
		return err
	}
	text := bufio.NewReaderSize(decoded, sampleSize)
	sample, err := text.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return readFailed(1, err)
	}
	if len(bytes.TrimSpace(sample)) == 0 {
		return emptyFile()
	}
	if o.Preset == PresetQueueLog {
		r.scanner, r.encoding, r.format.Container = newQueueLogScanner(text), encoding, PresetQueueLog
		return nil
	}
	firstLine := int64(1)
	if stated, ok := separatorLine(sample); ok {
		line, _ := text.ReadBytes('\n') // within the sample, so it cannot fail
		sample, _ = text.Peek(sampleSize - len(line))
		firstLine = 2
		if comma == 0 {
			comma = stated
		}
	}
	if comma == 0 {
		comma, _ = sniffDelimiter(sample)
	}
	scanner := newCSVScanner(text, comma)
	scanner.line = firstLine
	r.scanner = scanner
	r.encoding = encoding
	r.format.Container, r.format.Delimiter = "csv", delimiterName(comma)
	return nil
}

// separatorLine recognises Excel's first line "sep=;".
func separatorLine(sample []byte) (byte, bool) {
	if len(sample) > 5 && strings.EqualFold(string(sample[:4]), "sep=") && (sample[5] == '\r' || sample[5] == '\n') {
		return sample[4], true
	}
	return 0, false
}

func statedDelimiter(s string) (byte, error) {
	switch strings.ToLower(s) {
	case "":
		return 0, nil
	case "tab", "\t", `\t`:
		return '\t', nil
	case ",", "comma":
		return ',', nil
	case ";", "semicolon":
		return ';', nil
	case "|", "pipe":
		return '|', nil
	}
	return 0, fault.Newf(fault.Invalid, "import.unknown_delimiter", `Delimiter %q is unknown; allowed are: "," ";" "|" "tab".`, s)
}

func delimiterName(c byte) string {
	if c == '\t' {
		return "tab"
	}
	return string(c)
}

// Header gives the column names, unique and never empty.
func (r *Reader) Header() []string { return r.header }

// Format states how the table is read. Encoding is final once all rows are read.
func (r *Reader) Format() Format {
	f := r.format
	if r.encoding != nil {
		f.Encoding = *r.encoding
	}
	return f
}

// ShowsTime reports whether the workbook shows the column's numbers as dates or times.
func (r *Reader) ShowsTime(column int) bool { return r.clock[column] }

// Next gives the following row that is not blank; io.EOF ends the table.
func (r *Reader) Next() (Row, error) {
	if len(r.replay) > 0 {
		row := r.replay[0]
		r.replay = r.replay[1:]
		return row, nil
	}
	return r.read()
}

// read takes rows from the container, skipping those whose cells are all blank.
func (r *Reader) read() (Row, error) {
	for {
		line, cells, err := r.scanner.next()
		if err != nil {
			return Row{Line: line}, err
		}
		for _, c := range cells {
			if strings.TrimSpace(c) != "" {
				return Row{Line: line, Cells: cells, Problem: r.scanner.rowProblem()}, nil
			}
		}
	}
}

// Close releases the workbook and its temporary files. The input stays the caller's.
func (r *Reader) Close() error {
	if r.unzipped != nil {
		if err := r.unzipped.Close(); err != nil {
			return fmt.Errorf("close gzip: %w", err)
		}
	}
	if r.scanner == nil {
		return nil
	}
	return r.scanner.close()
}

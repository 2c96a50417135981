package tabular

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"muster/tenants/fault"
)

// MaxRecord is the most bytes one record may have; a longer one is an error, since
// it is nearly always a quote that never closes or a file that is not a table.
const MaxRecord = 1 << 20

// delimiters are the characters tried by sniffing, in order of preference.
var delimiters = []byte{',', ';', '\t', '|'}

// csvScanner cuts UTF-8 bytes into records. A field that begins with a quote runs
// to the closing quote, line ends included; a quote elsewhere is an ordinary
// character. Lines end in LF, CR LF or CR; records without any byte are skipped.
type csvScanner struct {
	in      io.Reader
	comma   byte
	buf     []byte
	pos     int
	end     int
	line    int64 // the line being read, from 1
	skipLF  bool
	ended   error // what the reader said last, io.EOF included
	record  []byte
	ends    []int
	cells   []string
	problem *Issue
}

func newCSVScanner(in io.Reader, comma byte) *csvScanner {
	return &csvScanner{in: in, comma: comma, buf: make([]byte, 64<<10), line: 1}
}

// fill loads the next block; false means the input is over (see ended).
func (s *csvScanner) fill() bool {
	for range 100 {
		if s.ended != nil {
			return false
		}
		n, err := s.in.Read(s.buf)
		s.pos, s.end, s.ended = 0, n, err
		if n > 0 {
			return true
		}
	}
	s.ended = io.ErrNoProgress
	return false
}

// states of the record machine
const (
	atFieldStart = iota
	inPlain
	inQuoted
	afterQuote
)

// next gives the line on which the record begins and its cells, which stay valid
// until the following call. io.EOF ends the table.
func (s *csvScanner) next() (int64, []string, error) {
	for {
		start, any, err := s.scan()
		if err != nil {
			return start, nil, err
		}
		if any {
			return start, s.split(start), nil
		}
	}
}

// scan reads one record into record and ends; any is false for an empty line.
func (s *csvScanner) scan() (start int64, any bool, err error) {
	s.record, s.ends, s.problem = s.record[:0], s.ends[:0], nil
	start = s.line
	state := atFieldStart
	for {
		if s.pos >= s.end && !s.fill() {
			return s.finish(start, state)
		}
		c := s.buf[s.pos]
		s.pos++
		if s.skipLF {
			s.skipLF = false
			if c == '\n' {
				if state == inQuoted {
					s.record = append(s.record, c)
				}
				continue
			}
		}
		if c == 0 {
			return start, false, nulByte(s.line)
		}
		if c == '\n' || c == '\r' {
			s.line++
			s.skipLF = c == '\r'
			if state != inQuoted {
				if len(s.record) == 0 && len(s.ends) == 0 && state == atFieldStart {
					return start, false, nil
				}
				s.ends = append(s.ends, len(s.record))
				return start, true, nil
			}
			s.record = append(s.record, c)
		} else {
			state = s.step(state, c)
		}
		if len(s.record)+len(s.ends) > MaxRecord {
			return start, false, lineTooLong(start)
		}
	}
}

// step takes one character that neither ends a line nor is NUL.
func (s *csvScanner) step(state int, c byte) int {
	switch {
	case state == inQuoted && c == '"':
		return afterQuote
	case state == inQuoted:
		s.record = append(s.record, c)
		return inQuoted
	case c == s.comma:
		s.ends = append(s.ends, len(s.record))
		return atFieldStart
	case state == atFieldStart && c == '"':
		return inQuoted
	case state == afterQuote && c == '"':
		s.record = append(s.record, '"')
		return inQuoted
	}
	s.record = append(s.record, c)
	return inPlain
}

// finish closes the last record at the end of the input.
func (s *csvScanner) finish(start int64, state int) (int64, bool, error) {
	if !errors.Is(s.ended, io.EOF) {
		return start, false, readFailed(s.line, s.ended)
	}
	if state == inQuoted {
		return start, false, fault.Newf(fault.Invalid, "import.unclosed_quote",
			"The quote opened on line %d never closes; repair that line or export the file again.", start).With("line", start)
	}
	if len(s.record) == 0 && len(s.ends) == 0 && state == atFieldStart {
		return start, false, io.EOF
	}
	s.ends = append(s.ends, len(s.record))
	return start, true, nil
}

// split turns the record into cells that share one string.
func (s *csvScanner) split(line int64) []string {
	if !utf8.Valid(s.record) {
		s.problem = &Issue{Line: line, Code: "bad_encoding",
			Sentence: "The line holds bytes that are not UTF-8; state the file's encoding (" + encodingNames() + ")."}
		s.record = bytes.ToValidUTF8(s.record, []byte("�"))
		s.ends = s.ends[:0]
		for i, c := range s.record {
			if c == s.comma {
				s.ends = append(s.ends, i)
			}
		}
		s.cells = append(s.cells[:0], string(s.record))
		return s.cells
	}
	text := string(s.record)
	s.cells = s.cells[:0]
	from := 0
	for _, to := range s.ends {
		s.cells = append(s.cells, text[from:to])
		from = to
	}
	return s.cells
}

// rowProblem gives what makes the last record unreadable, nil if nothing.
func (s *csvScanner) rowProblem() *Issue { return s.problem }

func (s *csvScanner) close() error { return nil }

func nulByte(line int64) error {
	return fault.Newf(fault.Invalid, "import.nul_byte",
		"Line %d holds a NUL byte, so the file is not plain text; export it again as CSV or .xlsx, or state its encoding (%s).", line, encodingNames()).With("line", line)
}

func lineTooLong(line int64) error {
	return fault.Newf(fault.TooLarge, "import.line_too_long",
		"The record that begins on line %d is longer than %d bytes; a quote may be missing there, or the file is not a table.", line, MaxRecord).
		With("line", line).With("limit", MaxRecord)
}

func readFailed(line int64, err error) error {
	var coded *fault.Error
	if errors.As(err, &coded) {
		return err
	}
	return fault.Newf(fault.Invalid, "import.unreadable", "The file cannot be read beyond line %d; it may be cut off or damaged. Send it again.", line).
		With("line", line).Wrap(err)
}

// sniffDelimiter finds the delimiter that cuts the sample's lines most evenly.
// It reports the byte and how many columns most lines then have.
func sniffDelimiter(sample []byte) (byte, int) {
	best, bestScore, bestColumns := delimiters[0], 0, 1
	for _, d := range delimiters {
		counts := map[int]int{}
		scanner := newCSVScanner(bytes.NewReader(sample), d)
		for range 60 {
			_, cells, err := scanner.next()
			if err != nil {
				break
			}
			counts[len(cells)]++
		}
		for columns, lines := range counts {
			if columns < 2 {
				continue
			}
			// Lines in agreement weigh more than columns: a comma inside text cuts unevenly.
			score := lines*1000 + min(columns, 500)
			if score > bestScore {
				best, bestScore, bestColumns = d, score, columns
			}
		}
	}
	return best, bestColumns
}

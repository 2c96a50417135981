package tabular

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"muster/tenants/fault"
)

// maxUnzipped bounds what a workbook may unfold to, against zip bombs.
const maxUnzipped = 4 << 30

// styleSample is how many rows decide whether a column's numbers are shown as times.
const styleSample = 200

// sheetScanner streams the rows of one worksheet. Cells come raw (unformatted), so
// that a date is its serial number and an id keeps its digits.
type sheetScanner struct {
	file  *excelize.File
	rows  *excelize.Rows
	line  int64
	name  string
	names []string
	// clock marks columns (from 0) whose numbers are shown as dates or times.
	clock    map[int]bool
	date1904 bool
}

// openSheet opens a workbook and the stated sheet, or the first that has rows.
func openSheet(in io.Reader, stated string) (s *sheetScanner, err error) {
	defer func() {
		// excelize indexes into what a damaged workbook declares; a panic there is a damaged file.
		if r := recover(); r != nil {
			s, err = nil, damagedWorkbook(fmt.Errorf("%v", r))
		}
	}()
	file, err := excelize.OpenReader(in, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, damagedWorkbook(err)
	}
	s = &sheetScanner{file: file, names: file.GetSheetList(), clock: map[int]bool{}}
	if props, err := file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		s.date1904 = *props.Date1904
	}
	if err := s.choose(stated); err != nil {
		_ = file.Close()
		return nil, err
	}
	return s, nil
}

func damagedWorkbook(err error) error {
	return fault.New(fault.Invalid, "import.damaged_workbook",
		"The workbook cannot be opened; it is damaged, password-protected or not .xlsx. Save it again as .xlsx without a password.").Wrap(err)
}

// choose picks the sheet and looks at how its first rows are shown.
func (s *sheetScanner) choose(stated string) error {
	for _, name := range s.names {
		if stated != "" && name != stated {
			continue
		}
		visible, err := s.file.GetSheetVisible(name)
		if stated == "" && (err != nil || !visible) {
			continue
		}
		found, err := s.inspect(name)
		if err != nil {
			return damagedWorkbook(err)
		}
		if found || stated != "" {
			s.name = name
			rows, err := s.file.Rows(name)
			if err != nil {
				return damagedWorkbook(err)
			}
			s.rows = rows
			return nil
		}
	}
	if stated == "" {
		return emptyFile()
	}
	return fault.Newf(fault.Invalid, "import.unknown_sheet", "The workbook has no sheet %q; its sheets are: %s.", stated, strings.Join(s.names, ", ")).
		With("sheet", stated)
}

// inspect reads the first rows formatted and raw to learn which columns show times.
// It reports whether the sheet has any cell.
func (s *sheetScanner) inspect(name string) (bool, error) {
	raw, err := s.file.Rows(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = raw.Close() }()
	shown, err := s.file.Rows(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = shown.Close() }()
	found := false
	for range styleSample {
		if !raw.Next() || !shown.Next() {
			break
		}
		a, err := raw.Columns()
		if err != nil {
			return false, err
		}
		b, err := shown.Columns(excelize.Options{RawCellValue: false})
		if err != nil {
			return false, err
		}
		for i := range min(len(a), len(b)) {
			found = found || a[i] != ""
			if a[i] != b[i] && isPlainNumber(a[i]) && strings.ContainsAny(b[i], ":/-年") && !strings.HasPrefix(b[i], "-") {
				s.clock[i] = true
			}
		}
	}
	return found, raw.Error()
}

func (s *sheetScanner) next() (line int64, cells []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = damagedWorkbook(fmt.Errorf("%v", r))
		}
	}()
	for s.rows.Next() {
		s.line++
		cells, err = s.rows.Columns()
		if err != nil {
			return s.line, nil, readFailed(s.line, err)
		}
		size := 0
		for _, c := range cells {
			size += len(c)
			if strings.IndexByte(c, 0) >= 0 {
				return s.line, nil, nulByte(s.line)
			}
		}
		if size > MaxRecord {
			return s.line, nil, lineTooLong(s.line)
		}
		if size > 0 {
			return s.line, cells, nil
		}
	}
	if err := s.rows.Error(); err != nil {
		return s.line, nil, readFailed(s.line, err)
	}
	return s.line, nil, io.EOF
}

func (s *sheetScanner) rowProblem() *Issue { return nil }

func (s *sheetScanner) close() error {
	_ = s.rows.Close()
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("close workbook: %w", err)
	}
	return nil
}

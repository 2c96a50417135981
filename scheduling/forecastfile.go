package scheduling

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// forecastColumns are the columns of a forecast file. Start and volume are needed,
// and queue where the sheet's title does not name it.
var forecastColumns = []string{"queue", "start", "volume", "low", "high", "aht_seconds", "day", "time", "forecast"}

// maxFilePoints bounds an uploaded forecast.
const maxFilePoints = 500_000

// filePoint is a line of a forecast file; what the file leaves out is false.
type filePoint struct {
	ForecastPoint
	hasAHT bool
	sheet  string
	line   int64
}

// FileIssue is a line of a file that cannot be used.
type FileIssue struct {
	Sheet string `json:"sheet,omitempty"`
	Line  int64  `json:"line"`
	Text  string `json:"text"`
}

func (i FileIssue) fault() error {
	where := fmt.Sprintf("Line %d", i.Line)
	if i.Sheet != "" {
		where = fmt.Sprintf("Sheet %s, line %d", i.Sheet, i.Line)
	}
	return fault.Newf(fault.Invalid, "forecast.file_line", "%s: %s.", where, i.Text).With("line", i.Line)
}

// forecastFile is a file as it was read.
type forecastFile struct {
	points []filePoint
	issues []FileIssue
	// versions are the ids in the column forecast, meta the pairs of the sheet about the file.
	versions map[string]bool
	meta     map[string]string
	seen     map[pointKey]bool
}

// maxFileIssues bounds what is told about a wrong file.
const maxFileIssues = 100

// readForecastFile reads CSV, or every sheet of a workbook that has the columns.
func readForecastFile(content []byte, zone *time.Location, queues []contract.Queue) (*forecastFile, error) {
	slugs := map[string]ids.Queue{}
	for _, q := range queues {
		slugs[q.Slug] = q.ID
	}
	out := &forecastFile{versions: map[string]bool{}, meta: map[string]string{}, seen: map[pointKey]bool{}}
	r, err := tabular.Open(bytes.NewReader(content), tabular.Options{Expect: forecastColumns})
	if err != nil {
		return nil, unreadableForecast(err)
	}
	sheets := r.Format().Sheets
	if len(sheets) == 0 {
		defer func() { _ = r.Close() }()
		return out, out.readTable(r, zone, slugs, "")
	}
	_ = r.Close()
	read := 0
	for _, sheet := range sheets {
		if sheet == aboutSheet {
			err = out.readAbout(content)
		} else {
			var is bool
			is, err = out.readSheet(content, sheet, zone, slugs)
			if is {
				read++
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if read == 0 {
		return nil, fault.New(fault.Invalid, "forecast.file_column", "No sheet of the workbook has the columns start and volume.").With("column", "start")
	}
	return out, nil
}

// unreadableForecast says that a file holds no table, keeping the cause of a damaged one.
func unreadableForecast(err error) error {
	if fault.CodeOf(err) == "import.empty_file" {
		return fault.New(fault.Invalid, "forecast.file", "The file has no header line.").Wrap(err)
	}
	return err
}

// readSheet reads a sheet if it has the columns.
func (f *forecastFile) readSheet(content []byte, sheet string, zone *time.Location, slugs map[string]ids.Queue) (bool, error) {
	r, err := tabular.Open(bytes.NewReader(content), tabular.Options{Sheet: sheet, Expect: forecastColumns})
	if fault.CodeOf(err) == "import.empty_file" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = r.Close() }()
	names := lowered(r.Header())
	if !slices.Contains(names, "start") || !slices.Contains(names, "volume") {
		return false, nil
	}
	return true, f.readTable(r, zone, slugs, sheet)
}

func lowered(header []string) []string {
	out := make([]string, len(header))
	for i, h := range header {
		out[i] = strings.ToLower(strings.TrimSpace(h))
	}
	return out
}

// readTable reads and checks the lines of a table.
func (f *forecastFile) readTable(r *tabular.Reader, zone *time.Location, slugs map[string]ids.Queue, sheet string) error {
	t := forecastTable{column: map[string]int{}, zone: zone, slugs: slugs, date1904: r.Format().Date1904, excel: sheet != ""}
	for i, name := range lowered(r.Header()) {
		if !slices.Contains(forecastColumns, name) {
			if t.excel {
				continue // people keep notes beside a table
			}
			return fault.Newf(fault.Invalid, "forecast.file_column", "The column %q is unknown: the columns are %s.", name, strings.Join(forecastColumns, ", ")).With("column", name)
		}
		t.column[name] = i
	}
	if _, ok := t.column["queue"]; !ok && sheet != "" {
		t.queue = sheet
	}
	for _, name := range []string{"queue", "start", "volume"} {
		if _, ok := t.column[name]; !ok && (name != "queue" || t.queue == "") {
			return fault.Newf(fault.Invalid, "forecast.file_column", "The column %q is missing: queue, start and volume are needed.", name).With("column", name)
		}
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := f.readRow(row, t, sheet); err != nil {
			return err
		}
	}
}

// readRow reads one line; what is wrong with it becomes an issue.
func (f *forecastFile) readRow(row tabular.Row, t forecastTable, sheet string) error {
	if !slices.ContainsFunc(row.Cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return nil
	}
	p, err := t.read(row.Cells)
	key := pointKey{p.QueueID, p.StartAt}
	if err == nil && f.seen[key] {
		err = errors.New("the queue has this interval already")
	}
	if err != nil {
		if len(f.issues) < maxFileIssues {
			f.issues = append(f.issues, FileIssue{Sheet: sheet, Line: row.Line, Text: err.Error()})
		}
		return nil
	}
	f.seen[key] = true
	p.sheet, p.line = sheet, row.Line
	if id := t.field(row.Cells, "forecast"); id != "" {
		f.versions[id] = true
	}
	if f.points = append(f.points, p); len(f.points) > maxFilePoints {
		return fault.Newf(fault.TooLarge, "forecast.file_size", "The file has more than %d lines; split it.", maxFilePoints)
	}
	return nil
}

// forecastTable is what is needed to read a line.
type forecastTable struct {
	column   map[string]int
	queue    string // of all lines, when there is no column for it
	zone     *time.Location
	slugs    map[string]ids.Queue
	excel    bool
	date1904 bool
}

func (t forecastTable) field(rec []string, name string) string {
	if i, ok := t.column[name]; ok && i < len(rec) {
		return strings.TrimSpace(rec[i])
	}
	return ""
}

// read reads one line.
func (t forecastTable) read(rec []string) (filePoint, error) {
	var p filePoint
	slug := t.queue
	if slug == "" {
		slug = t.field(rec, "queue")
	}
	id, ok := t.slugs[slug]
	if !ok {
		return p, errors.New("the queue " + strconv.Quote(slug) + " is none of the client's")
	}
	start, err := t.start(t.field(rec, "start"))
	if err != nil {
		return p, err
	}
	p.QueueID, p.StartAt = id, start
	if p.Volume, err = parseAmount(t.field(rec, "volume")); err != nil {
		return p, err
	}
	p.Low, p.High, p.AHTMS = p.Volume, p.Volume, fallbackAHTMS
	for _, band := range []struct {
		name string
		into *float64
	}{{"low", &p.Low}, {"high", &p.High}} {
		if text := t.field(rec, band.name); text != "" {
			if *band.into, err = parseAmount(text); err != nil {
				return p, err
			}
		}
	}
	if text := t.field(rec, "aht_seconds"); text != "" {
		seconds, err := parseAmount(text)
		if err != nil {
			return p, err
		}
		p.AHTMS, p.hasAHT = seconds*1000, true
	}
	return p, nil
}

// start reads the beginning of an interval; workbooks may hold it as the number of
// days since the epoch of their dates, local to the client.
func (t forecastTable) start(text string) (calendar.Instant, error) {
	serial, err := strconv.ParseFloat(text, 64)
	if !t.excel || err != nil {
		return parseStart(text, t.zone)
	}
	epoch := excelEpoch
	if t.date1904 {
		epoch = calendar.NewDate(1904, time.January, 1)
	}
	if !(serial > 1000 && serial < 200_000) {
		return 0, errors.New("the start " + strconv.Quote(text) + " is no date of Excel")
	}
	day := math.Floor(serial)
	minute := math.Round((serial - day) * 1440)
	if minute != math.Trunc(minute/15)*15 {
		return 0, errors.New("the start " + strconv.Quote(text) + " does not lie on a quarter of an hour")
	}
	return (epoch + calendar.Date(day)).At(int(minute), t.zone), nil
}

// parseStart reads RFC 3339, or a local date and time of the zone, on the grid.
func parseStart(text string, zone *time.Location) (calendar.Instant, error) {
	t, err := time.Parse(time.RFC3339, text)
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if err == nil {
			break
		}
		t, err = time.ParseInLocation(form, text, zone)
	}
	if err != nil {
		return 0, errors.New("the start " + strconv.Quote(text) + " is no time: want YYYY-MM-DD HH:MM or RFC 3339")
	}
	at := calendar.At(t)
	if at%grid != 0 {
		return 0, errors.New("the start " + strconv.Quote(text) + " does not lie on a quarter of an hour")
	}
	return at, nil
}

// parseAmount reads a finite number of 0 or more.
func parseAmount(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1e9 {
		return 0, errors.New("the number " + strconv.Quote(text) + " is not 0 or more")
	}
	return v, nil
}

// ForecastCSV writes a version in the form that ImportForecast and ImportEdits read,
// times local to the client with their offset; the last column is the version's id.
func (s *Service) ForecastCSV(ctx context.Context, sc scope.Scope, f Forecast) ([]byte, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, f.ClientID)
	if err != nil {
		return nil, err
	}
	slugs := map[ids.Queue]string{}
	for _, q := range queues {
		slugs[q.ID] = q.Slug
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"queue", "start", "volume", "low", "high", "aht_seconds", "forecast"}}
	exact := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, p := range points {
		rows = append(rows, []string{slugs[p.QueueID], p.StartAt.In(zone).Format(time.RFC3339), exact(p.Volume), exact(p.Low), exact(p.High), exact(p.AHTMS / 1000), f.ID.String()})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

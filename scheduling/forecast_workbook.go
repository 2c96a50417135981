package scheduling

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// aboutSheet is the sheet of a workbook that says which version it holds.
const aboutSheet = "muster"

// excelEpoch is day 0 of Excel's dates, ECMA-376 part 1 §18.17.4, with the leap day of 1900 that Excel believes in.
var excelEpoch = calendar.NewDate(1899, time.December, 30)

// sheetHead are the columns of a queue's sheet. Start is what counts; day and time
// repeat it as Excel dates for pivots and filters.
var sheetHead = []any{"start", "day", "time", "volume", "low", "high", "aht_seconds"}

// ForecastWorkbook writes a version as .xlsx: a sheet per queue with start, volume,
// band and handling time, and a sheet that names the version. ImportEdits reads it back.
func (s *Service) ForecastWorkbook(ctx context.Context, sc scope.Scope, f Forecast) ([]byte, error) {
	client, err := s.Contracts.Client(ctx, sc, f.ClientID)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, f.ClientID)
	if err != nil {
		return nil, err
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return nil, err
	}
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	if err := book.SetSheetName("Sheet1", aboutSheet); err != nil {
		return nil, err
	}
	about := [][2]string{{"client", client.Slug}, {"client_id", client.ID.String()}, {"forecast_id", f.ID.String()}, {"version", strconv.Itoa(f.Version)}, {"name", f.Name}, {"zone", f.Zone}}
	for i, row := range about {
		if err := book.SetSheetRow(aboutSheet, fmt.Sprintf("A%d", i+1), &[]any{row[0], row[1]}); err != nil {
			return nil, err
		}
	}
	if err := book.SetColWidth(aboutSheet, "A", "B", 40); err != nil {
		return nil, err
	}
	styles, err := sheetStyles(book)
	if err != nil {
		return nil, err
	}
	for _, q := range queues {
		own := slices.DeleteFunc(slices.Clone(points), func(p ForecastPoint) bool { return p.QueueID != q.ID })
		if len(own) == 0 {
			continue
		}
		if err := writeQueueSheet(book, sheetTitle(q.Slug), own, zone, styles); err != nil {
			return nil, err
		}
	}
	if n := len(book.GetSheetList()); n > 1 {
		book.SetActiveSheet(1)
	}
	var out bytes.Buffer
	_, err = book.WriteTo(&out)
	return out.Bytes(), err
}

// sheetTitle is the slug as Excel allows it, at most 31 characters; slugs have no
// character that a title must not have.
func sheetTitle(slug string) string { return slug[:min(len(slug), 31)] }

// queueStyles are the number formats of a queue's sheet.
type queueStyles struct{ head, day, clock, number int }

func sheetStyles(book *excelize.File) (queueStyles, error) {
	var out queueStyles
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&out.head, excelize.Style{Font: &excelize.Font{Bold: true}}}, {&out.day, excelize.Style{CustomNumFmt: new("yyyy-mm-dd")}},
		{&out.clock, excelize.Style{CustomNumFmt: new("hh:mm")}}, {&out.number, excelize.Style{CustomNumFmt: new("0.00")}},
	} {
		id, err := book.NewStyle(&s.style)
		if err != nil {
			return out, err
		}
		*s.into = id
	}
	return out, nil
}

// writeQueueSheet streams one queue.
func writeQueueSheet(book *excelize.File, title string, points []ForecastPoint, zone *time.Location, styles queueStyles) error {
	if _, err := book.NewSheet(title); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(title)
	if err != nil {
		return err
	}
	if err := errors.Join(w.SetColWidth(1, 1, 28), w.SetColWidth(2, 7, 12), w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		w.SetRow("A1", sheetHead, excelize.RowOpts{StyleID: styles.head})); err != nil {
		return err
	}
	for i, p := range points {
		local := p.StartAt.In(zone)
		minute := local.Hour()*60 + local.Minute()
		number := func(v float64) excelize.Cell { return excelize.Cell{StyleID: styles.number, Value: v} }
		row := []any{local.Format(time.RFC3339), excelize.Cell{StyleID: styles.day, Value: float64(calendar.DateOf(p.StartAt, zone) - excelEpoch)},
			excelize.Cell{StyleID: styles.clock, Value: float64(minute) / 1440}, number(p.Volume), number(p.Low), number(p.High), number(p.AHTMS / 1000)}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// readAbout reads the sheet that names the version.
func (f *forecastFile) readAbout(content []byte) error {
	r, err := tabular.Open(bytes.NewReader(content), tabular.Options{Sheet: aboutSheet, NoHeader: true})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(row.Cells) >= 2 {
			f.meta[strings.TrimSpace(row.Cells[0])] = strings.TrimSpace(row.Cells[1])
		}
	}
}

// EditFile is an edited file of a version that comes back.
type EditFile struct {
	Name     string // of the adjustment; empty = the file's
	FileName string
	Content  []byte // .xlsx of ForecastWorkbook, or CSV of ForecastCSV
	Actor    ids.User
}

// FileChange is one interval that a file changes.
type FileChange struct {
	QueueID    ids.Queue        `json:"queue_id"`
	Start      calendar.Instant `json:"start"`
	Volume     [2]float64       `json:"volume"`      // before, after
	AHTSeconds [2]float64       `json:"aht_seconds"` // before, after
}

// FileDay is a day that a file changes.
type FileDay struct {
	QueueID   ids.Queue     `json:"queue_id"`
	Day       calendar.Date `json:"day"`
	Intervals int           `json:"intervals"` // changed ones
	Before    float64       `json:"before"`    // contacts of the day
	After     float64       `json:"after"`
}

// FileDifference is what a file would change in a version.
type FileDifference struct {
	ForecastID ids.Forecast `json:"forecast_id"`
	Rows       int          `json:"rows"`    // lines of the file
	Changed    int          `json:"changed"` // intervals with another figure
	Missing    int          `json:"missing"` // intervals of the version that the file leaves out; they stay
	Before     float64      `json:"before"`  // contacts of the version
	After      float64      `json:"after"`
	Days       []FileDay    `json:"days"`
	Changes    []FileChange `json:"changes"` // the first of them
	Issues     []FileIssue  `json:"issues"`  // lines that cannot be used; any of them keeps the file from being applied
	cells      []ForecastCell
}

// maxShownChanges bounds the single changes of a preview.
const maxShownChanges = 500

// PreviewEdits says what an edited file would change. Conflict
// forecast.other_version for a file of another version or client, Invalid
// forecast.file_unmarked for one that does not say which version it holds.
func (s *Service) PreviewEdits(ctx context.Context, sc scope.Scope, id ids.Forecast, e EditFile) (FileDifference, error) {
	f, err := s.briefForecast(ctx, sc, id)
	if err != nil {
		return FileDifference{}, err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return FileDifference{}, err
	}
	queues, err := s.Contracts.Queues(ctx, sc, f.ClientID)
	if err != nil {
		return FileDifference{}, err
	}
	file, err := readForecastFile(e.Content, zone, withTitles(queues))
	if err != nil {
		return FileDifference{}, err
	}
	if err := file.belongsTo(f); err != nil {
		return FileDifference{}, err
	}
	points, err := s.ForecastPoints(ctx, sc, id, ids.Queue{})
	if err != nil {
		return FileDifference{}, err
	}
	return file.compare(f, points, zone), nil
}

// withTitles adds queues under the titles of their sheets.
func withTitles(queues []contract.Queue) []contract.Queue {
	out := slices.Clone(queues)
	for _, q := range queues {
		if t := sheetTitle(q.Slug); t != q.Slug {
			q.Slug = t
			out = append(out, q)
		}
	}
	return out
}

// belongsTo refuses the file of another version.
func (f *forecastFile) belongsTo(v Forecast) error {
	if id := f.meta["forecast_id"]; id != "" {
		f.versions[id] = true
	}
	if len(f.versions) == 0 {
		return fault.New(fault.Invalid, "forecast.file_unmarked", "The file does not say which version it holds; export the version, edit that file and send it back.")
	}
	for id := range f.versions {
		if id != v.ID.String() {
			detail := fmt.Sprintf("The file holds another version or another client's forecast, not version %d of this one; export this version and edit that file.", v.Version)
			if n := f.meta["version"]; n != "" {
				detail = fmt.Sprintf("The file holds version %s of the client %s, not version %d of this one; export this version and edit that file.", n, f.meta["client"], v.Version)
			}
			return fault.New(fault.Conflict, "forecast.other_version", detail).With("version", v.Version)
		}
	}
	return nil
}

// compare lists what differs from the points.
func (f *forecastFile) compare(v Forecast, points []ForecastPoint, zone *time.Location) FileDifference {
	out := FileDifference{ForecastID: v.ID, Rows: len(f.points), Days: []FileDay{}, Changes: []FileChange{}, Issues: append([]FileIssue{}, f.issues...)}
	have := map[pointKey]ForecastPoint{}
	for _, p := range points {
		have[pointKey{p.QueueID, p.StartAt}] = p
		out.Before += p.Volume
	}
	out.After, out.Missing = out.Before, len(points)
	type day struct {
		queue ids.Queue
		day   calendar.Date
	}
	byDay := map[day]*FileDay{}
	for _, p := range f.points {
		was, ok := have[pointKey{p.QueueID, p.StartAt}]
		if !ok {
			out.Issues = append(out.Issues, FileIssue{Sheet: p.sheet, Line: p.line, Text: fmt.Sprintf("%s is no interval of the version; the queue is closed then", p.StartAt.In(zone).Format(time.RFC3339))})
			continue
		}
		out.Missing--
		c := ForecastCell{QueueID: p.QueueID, Start: p.StartAt}
		change := FileChange{QueueID: p.QueueID, Start: p.StartAt, Volume: [2]float64{was.Volume, was.Volume}, AHTSeconds: [2]float64{was.AHTMS / 1000, was.AHTMS / 1000}}
		if differs(was.Volume, p.Volume) {
			c.Volume, change.Volume[1] = &p.Volume, p.Volume
		}
		if seconds := p.AHTMS / 1000; p.hasAHT && differs(was.AHTMS/1000, seconds) {
			c.AHTSeconds, change.AHTSeconds[1] = &seconds, seconds
		}
		if c.Volume == nil && c.AHTSeconds == nil {
			continue
		}
		out.cells = append(out.cells, c)
		if len(out.Changes) < maxShownChanges {
			out.Changes = append(out.Changes, change)
		}
		k := day{p.QueueID, calendar.DateOf(p.StartAt, zone)}
		if byDay[k] == nil {
			byDay[k] = &FileDay{QueueID: k.queue, Day: k.day}
		}
		byDay[k].Intervals++
		byDay[k].After += change.Volume[1] - was.Volume
		out.After += change.Volume[1] - was.Volume
	}
	for _, p := range points {
		if d := byDay[day{p.QueueID, calendar.DateOf(p.StartAt, zone)}]; d != nil {
			d.Before += p.Volume
		}
	}
	for _, d := range byDay {
		d.After += d.Before
		out.Days = append(out.Days, *d)
	}
	slices.SortFunc(out.Days, func(a, b FileDay) int { return cmp.Or(a.QueueID.Compare(b.QueueID), cmp.Compare(a.Day, b.Day)) })
	out.Changed = len(out.cells)
	out.Issues = out.Issues[:min(len(out.Issues), maxFileIssues)]
	return out
}

// differs reports a change beyond the fifteen digits that Excel keeps.
func differs(a, b float64) bool { return math.Abs(a-b) > 1e-9*(1+math.Abs(a)) }

// ImportEdits makes what an edited file changes one named adjustment, in the version
// when it is a draft, otherwise in a new draft. A file with a wrong line changes nothing.
func (s *Service) ImportEdits(ctx context.Context, sc scope.Scope, id ids.Forecast, e EditFile) (Forecast, FileDifference, error) {
	d, err := s.PreviewEdits(ctx, sc, id, e)
	if err != nil {
		return Forecast{}, d, err
	}
	if len(d.Issues) > 0 {
		return Forecast{}, d, d.Issues[0].fault()
	}
	if d.Changed == 0 {
		return Forecast{}, d, fault.New(fault.Conflict, "forecast.file_same", "The file holds the same figures as the version; nothing was changed.")
	}
	name := strings.TrimSpace(e.Name)
	if name == "" {
		name = cmp.Or(strings.TrimSpace(e.FileName), "edited file")
	}
	f, err := s.AdjustForecast(ctx, sc, id, Adjustment{Name: name, Kind: SetCells, Cells: d.cells, Source: e.FileName, By: e.Actor})
	return f, d, err
}

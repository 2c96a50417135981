package scheduling

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"muster/tenants/ids"
	"muster/tenants/scope"
)

// longHead are the columns of a long-range table as a file.
var longHead = []string{"queue", "from", "days", "volume", "low", "high", "last_year", "actual"}

// longTotal is the client's total in the column queue; no slug has this form.
const longTotal = "TOTAL"

// longNames names the rows of a table: queues by slug.
func (s *Service) longNames(ctx context.Context, sc scope.Scope, t LongTable) ([]string, error) {
	queues, err := s.Contracts.Queues(ctx, sc, t.Forecast.ClientID)
	if err != nil {
		return nil, err
	}
	slugs := map[ids.Queue]string{{}: longTotal}
	for _, q := range queues {
		slugs[q.ID] = q.Slug
	}
	out := make([]string, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = slugs[r.QueueID]
	}
	return out, nil
}

// LongCSV writes a version by week or day, a line for each queue and period; the
// client's total is the queue TOTAL.
func (s *Service) LongCSV(ctx context.Context, sc scope.Scope, id ids.LongRange, by LongGrain) ([]byte, error) {
	t, err := s.LongTable(ctx, sc, id, by)
	if err != nil {
		return nil, err
	}
	names, err := s.longNames(ctx, sc, t)
	if err != nil {
		return nil, err
	}
	exact := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	perhaps := func(v *float64) string {
		if v == nil {
			return ""
		}
		return exact(*v)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{longHead}
	for i, r := range t.Rows {
		for k, p := range t.Periods {
			rows = append(rows, []string{names[i], p.From.String(), strconv.Itoa(int(p.To - p.From)), exact(r.Volume[k]), exact(r.Low[k]), exact(r.High[k]), perhaps(r.LastYear[k]), perhaps(r.Actual[k])})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// LongWorkbook writes a version as .xlsx: a sheet by week and one by day, periods
// down, queues across after their total, and a sheet that names the version.
func (s *Service) LongWorkbook(ctx context.Context, sc scope.Scope, id ids.LongRange) ([]byte, error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	styles, err := sheetStyles(book)
	if err != nil {
		return nil, err
	}
	for _, by := range LongGrains() {
		t, err := s.LongTable(ctx, sc, id, by)
		if err != nil {
			return nil, err
		}
		names, err := s.longNames(ctx, sc, t)
		if err != nil {
			return nil, err
		}
		if by == LongByWeek {
			if err := s.longAbout(ctx, sc, book, t.Forecast); err != nil {
				return nil, err
			}
		}
		if err := writeLongSheet(book, t, names, styles); err != nil {
			return nil, err
		}
	}
	book.SetActiveSheet(1)
	var out bytes.Buffer
	_, err = book.WriteTo(&out)
	return out.Bytes(), err
}

// longAbout writes the sheet that names the version.
func (s *Service) longAbout(ctx context.Context, sc scope.Scope, book *excelize.File, l LongForecast) error {
	client, err := s.Contracts.Client(ctx, sc, l.ClientID)
	if err != nil {
		return err
	}
	if err := book.SetSheetName("Sheet1", aboutSheet); err != nil {
		return err
	}
	about := [][2]string{{"client", client.Slug}, {"long_range_id", l.ID.String()}, {"version", strconv.Itoa(l.Version)}, {"name", l.Name}, {"zone", l.Zone}, {"from", l.FromDay.String()}, {"to", (l.ToDay - 1).String()}}
	for i, row := range about {
		if err := book.SetSheetRow(aboutSheet, fmt.Sprintf("A%d", i+1), &[]any{row[0], row[1]}); err != nil {
			return err
		}
	}
	return book.SetColWidth(aboutSheet, "A", "B", 40)
}

// writeLongSheet streams one table.
func writeLongSheet(book *excelize.File, t LongTable, names []string, styles queueStyles) error {
	title := string(t.By)
	if _, err := book.NewSheet(title); err != nil {
		return err
	}
	w, err := book.NewStreamWriter(title)
	if err != nil {
		return err
	}
	head := []any{"from", "days", "total", "low", "high", "last_year", "actual"}
	for _, name := range names[1:] {
		head = append(head, name)
	}
	if err := errors.Join(w.SetColWidth(1, len(head), 12), w.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}),
		w.SetRow("A1", head, excelize.RowOpts{StyleID: styles.head})); err != nil {
		return err
	}
	number := func(v float64) excelize.Cell { return excelize.Cell{StyleID: styles.number, Value: v} }
	perhaps := func(v *float64) any {
		if v == nil {
			return nil
		}
		return number(*v)
	}
	total := t.Rows[0]
	for k, p := range t.Periods {
		row := []any{excelize.Cell{StyleID: styles.day, Value: float64(p.From - excelEpoch)}, int(p.To - p.From), number(total.Volume[k]), number(total.Low[k]), number(total.High[k]), perhaps(total.LastYear[k]), perhaps(total.Actual[k])}
		for _, r := range t.Rows[1:] {
			row = append(row, number(r.Volume[k]))
		}
		if err := w.SetRow(fmt.Sprintf("A%d", k+2), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

package main

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/scheduling/staffing"
	"muster/tenants/fault"
)

// maxStaffingIntervals bounds the grid one queue of a forecast file may span.
const maxStaffingIntervals = 1_000_000

// staffingForecast is a forecast file: rows by queue, queues in the order of the file.
type staffingForecast struct {
	queues []string
	rows   map[string][]staffingForecastRow
}

// staffingForecastRow is one line; NaN = the column is absent or empty.
type staffingForecastRow struct {
	text                  string // start as the file writes it
	start                 int64  // microseconds UTC
	volume, aht, patience float64
}

// readStaffingForecast reads a CSV file, gzip if its name ends in .gz.
func readStaffingForecast(path, volumeColumn string, zone *time.Location) (*staffingForecast, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read from
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	forecast, err := parseStaffingForecast(in, volumeColumn, zone)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return forecast, nil
}

func parseStaffingForecast(in io.Reader, volumeColumn string, zone *time.Location) (*staffingForecast, error) {
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "staffing.bad_forecast", "the file has no header line").Wrap(err)
	}
	header = slices.Clone(header)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	column := func(name string) int { return slices.Index(header, name) }
	startColumn, volume := column("start"), column(volumeColumn)
	if volume < 0 && volumeColumn == "volume" {
		volume = column("calls")
	}
	if startColumn < 0 || volume < 0 {
		return nil, fault.Newf(fault.Invalid, "staffing.bad_forecast", "columns start and %s are needed; the file has: %s", volumeColumn, strings.Join(header, ", "))
	}
	queue, aht, patience := column("queue"), column("aht_seconds"), column("patience_seconds")
	forecast := &staffingForecast{rows: map[string][]staffingForecastRow{}}
	for line := 2; ; line++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return forecast, nil
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "staffing.bad_forecast", "the file is not CSV").Wrap(err)
		}
		row := staffingForecastRow{text: record[startColumn]}
		start, err := parseStaffingTime(row.text, zone)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		row.start = start.UnixMicro()
		for _, cell := range []struct {
			index int
			to    *float64
		}{{volume, &row.volume}, {aht, &row.aht}, {patience, &row.patience}} {
			if *cell.to, err = parseStaffingCell(record, cell.index); err != nil {
				return nil, fmt.Errorf("line %d, column %s: %w", line, header[cell.index], err)
			}
		}
		name := ""
		if queue >= 0 {
			name = strings.Clone(record[queue])
		}
		row.text = strings.Clone(row.text)
		if _, ok := forecast.rows[name]; !ok {
			forecast.queues = append(forecast.queues, name)
		}
		forecast.rows[name] = append(forecast.rows[name], row)
	}
}

// parseStaffingCell reads a number; an absent column or empty cell is NaN.
func parseStaffingCell(record []string, index int) (float64, error) {
	if index < 0 || strings.TrimSpace(record[index]) == "" {
		return math.NaN(), nil
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(record[index]), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, fault.Newf(fault.Invalid, "staffing.bad_forecast", "%q is not a number", record[index])
	}
	return n, nil
}

// parseStaffingTime reads an instant with zone, or a local time in zone.
func parseStaffingTime(text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.Newf(fault.Invalid, "staffing.bad_forecast", "start %q is not a time such as 2026-03-02 08:15", text)
}

// step is the smallest distance of two rows of a queue, in seconds.
func (f *staffingForecast) step() (float64, error) {
	least := int64(math.MaxInt64)
	for _, name := range f.queues {
		f.sort(name)
		rows := f.rows[name]
		for i := 1; i < len(rows); i++ {
			if gap := rows[i].start - rows[i-1].start; gap > 0 {
				least = min(least, gap)
			}
		}
	}
	if least == math.MaxInt64 {
		return 0, fault.New(fault.Invalid, "staffing.bad_forecast", "the length of an interval cannot be told from the file; give --interval")
	}
	return float64(least) / 1e6, nil
}

func (f *staffingForecast) sort(name string) {
	slices.SortStableFunc(f.rows[name], func(a, b staffingForecastRow) int { return cmp.Compare(a.start, b.start) })
}

// input lays a queue on its grid; intervals without a row are closed.
func (f *staffingForecast) input(name string, base staffing.Input, aht, patience float64) (staffing.Input, error) {
	f.sort(name)
	rows := f.rows[name]
	step := int64(math.Round(base.Interval * 1e6))
	span := rows[len(rows)-1].start - rows[0].start
	if step <= 0 || span/step >= maxStaffingIntervals {
		return base, fault.Newf(fault.Invalid, "staffing.bad_forecast", "queue %q spans more than %d intervals of %v s; check --interval and the times", name, maxStaffingIntervals, base.Interval)
	}
	in := base
	in.Name = name
	in.Demands = make([]staffing.Demand, int(span/step)+1)
	for i := range in.Demands {
		in.Demands[i].Closed = true
	}
	for i, row := range rows {
		offset := row.start - rows[0].start
		if offset%step != 0 || i > 0 && row.start == rows[i-1].start {
			return base, fault.Newf(fault.Invalid, "staffing.bad_forecast",
				"queue %q: the row of %s is doubled or lies off the grid of %v s; where clocks go back, write times with their offset", name, row.text, base.Interval)
		}
		in.Demands[int(offset/step)] = staffing.Demand{
			Volume: orElse(row.volume, 0), AHT: orElse(row.aht, aht), Patience: orElse(row.patience, patience),
		}
	}
	return in, nil
}

func orElse(x, other float64) float64 {
	if math.IsNaN(x) {
		return other
	}
	return x
}

// answers picks the rows of the file out of the grid of a queue.
func (f *staffingForecast) answers(in staffing.Input, found []staffing.Requirement) []requirementRow {
	step := int64(math.Round(in.Interval * 1e6))
	rows := f.rows[in.Name]
	out := make([]requirementRow, len(rows))
	for k, row := range rows {
		i := int((row.start - rows[0].start) / step)
		out[k] = newRequirementRow(in.Name, row.text, in.Demands[i], found[i])
	}
	return out
}

// requirementColumns are the columns of the output, in order.
var requirementColumns = []string{
	"queue", "start", "volume", "aht_seconds", "erlangs", "net", "gross", "binding",
	"service_level", "abandonment", "asa_seconds", "occupancy", "stationary", "backlog", "late",
}

// requirementRow is one line of the answer.
type requirementRow struct {
	Queue        string   `json:"queue,omitempty"`
	Start        string   `json:"start,omitempty"`
	Volume       float64  `json:"volume"`
	AHT          float64  `json:"aht_seconds"`
	Erlangs      float64  `json:"erlangs"`
	Net          int      `json:"net"`
	Gross        int      `json:"gross"`
	Binding      string   `json:"binding"`
	ServiceLevel float64  `json:"service_level"`
	Abandonment  float64  `json:"abandonment"`
	ASA          *float64 `json:"asa_seconds"`
	Occupancy    float64  `json:"occupancy"`
	Stationary   int      `json:"stationary"`
	Backlog      float64  `json:"backlog"`
	Late         float64  `json:"late"`
}

func newRequirementRow(queue, start string, d staffing.Demand, r staffing.Requirement) requirementRow {
	return requirementRow{
		Queue: queue, Start: start, Volume: d.Volume, AHT: d.AHT, Erlangs: r.Erlangs, Net: r.Net, Gross: r.Gross,
		Binding: string(r.Binding), ServiceLevel: r.ServiceLevel, Abandonment: r.Abandonment, ASA: bounded(r.ASA),
		Occupancy: r.Occupancy, Stationary: r.Stationary, Backlog: r.Backlog, Late: r.Late,
	}
}

// cells renders a row for a table; an unbounded wait is empty.
func (r requirementRow) cells() []string {
	number := func(x float64) string { return strconv.FormatFloat(math.Round(x*1e6)/1e6, 'f', -1, 64) }
	asa := ""
	if r.ASA != nil {
		asa = number(*r.ASA)
	}
	return []string{
		r.Queue, r.Start, number(r.Volume), number(r.AHT), number(r.Erlangs), strconv.Itoa(r.Net), strconv.Itoa(r.Gross), r.Binding,
		number(r.ServiceLevel), number(r.Abandonment), asa, number(r.Occupancy), strconv.Itoa(r.Stationary), number(r.Backlog), number(r.Late),
	}
}

// requirementCSV writes rows under a header line.
type requirementCSV struct{ out *csv.Writer }

func newRequirementCSV(w io.Writer) (requirementCSV, error) {
	c := requirementCSV{csv.NewWriter(w)}
	return c, c.out.Write(requirementColumns)
}

func (c requirementCSV) write(rows []requirementRow) error {
	for _, row := range rows {
		if err := c.out.Write(row.cells()); err != nil {
			return err
		}
	}
	c.out.Flush()
	return c.out.Error()
}

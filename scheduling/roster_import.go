package scheduling

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Sheet is a roster as planners keep it: a row per agent, a column per date.
type Sheet struct {
	Text string `json:"text,omitempty"` // rows by line, cells by tab, as a spreadsheet copies them
	File []byte `json:"file,omitempty"` // or an .xlsx file
	Name string `json:"name,omitempty"` // sheet of the file; empty = the first with dates
}

// ImportPreview is what importing a sheet would change.
type ImportPreview struct {
	Agents    int           `json:"agents"`    // rows that name an agent of the roster
	Days      int           `json:"days"`      // columns that name a date of the roster
	Unchanged int           `json:"unchanged"` // cells that say what the roster says
	Cells     []Cell        `json:"cells"`     // cells that differ, as they shall become
	Refused   []RefusedCell `json:"refused"`   // what cannot be read, with the reason
	Change    *RosterChange `json:"change"`    // what the differing cells would do; nil when there are none
}

// RefusedCell is a cell or row of a sheet that cannot be used.
type RefusedCell struct {
	Row    int    `json:"row"`    // counted from 1
	Column int    `json:"column"` // counted from 1; 0 = the whole row
	Text   string `json:"text"`
	Code   string `json:"code"` // of the fault
	Detail string `json:"detail"`
}

// maxRefused bounds the list of refused cells.
const maxRefused = 200

// PreviewImport reads a sheet against a draft; nothing changes.
func (s *Service) PreviewImport(ctx context.Context, sc scope.Scope, id ids.Roster, in Sheet) (ImportPreview, error) {
	out := ImportPreview{Cells: []Cell{}, Refused: []RefusedCell{}}
	rows, err := in.rows()
	if err != nil {
		return out, err
	}
	r, err := s.header(ctx, sc, id)
	if err != nil {
		return out, err
	}
	b, err := s.board(ctx, sc, r)
	if err != nil {
		return out, err
	}
	if err := b.readSheet(rows, &out); err != nil {
		return out, err
	}
	if len(out.Cells) == 0 || len(out.Cells) > maxOperation || r.Status != Draft {
		return out, nil
	}
	change, err := s.EditRoster(ctx, sc, id, Edit{Kind: ImportCells, Cells: out.Cells, DryRun: true})
	if fault.CodeOf(err) == "roster.past" {
		return out, nil // said again, and refused, when it is applied
	}
	out.Change = &change
	return out, err
}

// ImportSheet makes the cells that differ one operation of the draft. Rows and
// cells that cannot be read are left out; the preview lists them.
func (s *Service) ImportSheet(ctx context.Context, sc scope.Scope, id ids.Roster, in Sheet, e Edit) (RosterChange, error) {
	p, err := s.PreviewImport(ctx, sc, id, in)
	if err != nil {
		return RosterChange{}, err
	}
	if len(p.Cells) == 0 {
		return RosterChange{}, fault.New(fault.Invalid, "roster.import_nothing", "Nothing in the sheet differs from the roster.")
	}
	e.Kind, e.Cells = ImportCells, p.Cells
	return s.EditRoster(ctx, sc, id, e)
}

// rows reads the cells of the sheet.
func (in Sheet) rows() ([][]string, error) {
	if len(in.File) == 0 {
		r := csv.NewReader(strings.NewReader(in.Text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes = '\t', -1, true
		rows, err := r.ReadAll()
		if err != nil || len(rows) == 0 {
			return nil, fault.New(fault.Invalid, "roster.import_empty", "There is nothing to import; copy agents and dates from a spreadsheet, or choose an .xlsx file.")
		}
		return rows, nil
	}
	f, err := excelize.OpenReader(bytes.NewReader(in.File), excelize.Options{UnzipSizeLimit: 200 << 20, UnzipXMLSizeLimit: 50 << 20})
	if err != nil {
		return nil, fault.New(fault.Invalid, "roster.import_file", "The file is no Excel workbook (.xlsx).").Wrap(err)
	}
	defer func() { _ = f.Close() }()
	for _, name := range f.GetSheetList() {
		if in.Name != "" && name != in.Name {
			continue
		}
		rows, err := f.GetRows(name)
		if err == nil && (in.Name != "" || headOf(rows, 0, 0).row >= 0) {
			return rows, nil
		}
	}
	return nil, fault.New(fault.Invalid, "roster.import_dates", "No sheet has a row of dates; write a date such as 2026-11-23 above each column of shifts.")
}

// rosterHead is where a sheet keeps its dates.
type rosterHead struct {
	row  int
	days map[int]calendar.Date // by column
}

// headOf finds the first row with dates; given a roster's dates, only those count.
func headOf(rows [][]string, from, to calendar.Date) rosterHead {
	for r, row := range rows[:min(len(rows), 20)] {
		days := map[int]calendar.Date{}
		for c, text := range row {
			if d, ok := readDay(text, from, to); ok {
				days[c] = d
			}
		}
		if len(days) > 0 {
			return rosterHead{r, days}
		}
	}
	return rosterHead{row: -1}
}

// dayForms are the ways in which dates are written above columns.
var dayForms = []string{"2006-01-02", "2006/1/2", "2006.1.2", "2006年1月2日", "2.1.2006", "01-02-06", "1/2/06", "1/2/2006"}

// shortForms lack the year; the roster's dates decide.
var shortForms = []string{"1/2", "1-2", "1月2日", "2.1", "2.1."}

func readDay(text string, from, to calendar.Date) (calendar.Date, bool) {
	text = strings.TrimSpace(text)
	if _, rest, cut := strings.Cut(text, " "); cut && len(rest) >= 3 { // a weekday before the date
		text = rest
	}
	inside := func(d calendar.Date) bool { return from == 0 && to == 0 || d >= from && d < to }
	for _, form := range dayForms {
		if t, err := time.Parse(form, text); err == nil {
			if d := calendar.NewDate(t.Year(), t.Month(), t.Day()); inside(d) {
				return d, true
			}
		}
	}
	if from == 0 {
		return 0, false
	}
	for _, form := range shortForms {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		first, _, _ := from.Parts()
		for year := first; year <= first+1; year++ {
			if d := calendar.NewDate(year, t.Month(), t.Day()); inside(d) {
				return d, true
			}
		}
	}
	return 0, false
}

// readSheet finds agents and dates and compares every cell with the roster.
func (b *board) readSheet(rows [][]string, out *ImportPreview) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	head := headOf(rows, b.FromDay, b.ToDay)
	if head.row < 0 {
		return fault.Newf(fault.Invalid, "roster.import_dates", "No row of the sheet has dates of this roster, %s to %s.", b.FromDay, b.ToDay-1)
	}
	out.Days = len(head.days)
	columns := make([]int, 0, len(head.days))
	for c := range head.days {
		columns = append(columns, c)
	}
	slices.Sort(columns)
	byName := b.agentNames()
	seen := map[int]bool{}
	for r := head.row + 1; r < len(rows); r++ {
		agent, name := b.agentOf(rows[r], columns[0], byName)
		if name == "" {
			continue
		}
		if agent < 0 || seen[agent] {
			cause := fault.New(fault.Invalid, "roster.import_agent", "Nobody of this roster has this number or label.")
			if agent >= 0 {
				cause = fault.New(fault.Invalid, "roster.import_twice", "The agent stands in the sheet twice.")
			}
			out.refuse(RefusedCell{Row: r + 1, Text: name, Code: cause.Code, Detail: cause.Detail})
			continue
		}
		seen[agent] = true
		out.Agents++
		for _, c := range columns {
			text := ""
			if c < len(rows[r]) {
				text = rows[r][c]
			}
			if err := b.compareCell(agent, head.days[c], text, out); err != nil {
				out.refuse(RefusedCell{Row: r + 1, Column: c + 1, Text: text, Code: fault.CodeOf(err), Detail: err.Error()})
			}
		}
	}
	return nil
}

func (p *ImportPreview) refuse(c RefusedCell) {
	if len(p.Refused) < maxRefused {
		p.Refused = append(p.Refused, c)
	}
}

// agentNames finds agents by number and label.
func (b *board) agentNames() map[string]int {
	out := map[string]int{}
	for i, p := range b.people {
		for _, name := range []string{p.Agent.Label, p.Agent.Number} {
			if name != "" {
				out[strings.ToLower(strings.TrimSpace(name))] = i
			}
		}
	}
	return out
}

// agentOf reads the agent from the cells before the dates; the name is what stands
// there, empty in an empty row.
func (b *board) agentOf(row []string, before int, byName map[string]int) (int, string) {
	name := ""
	for _, text := range row[:min(before, len(row))] {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if i, ok := byName[strings.ToLower(text)]; ok {
			return i, text
		}
		if name == "" {
			name = text
		}
	}
	return -1, name
}

// compareCell adds the cell to the preview when it says something else than the roster.
func (b *board) compareCell(agent int, day calendar.Date, text string, out *ImportPreview) error {
	c := Cell{AgentID: b.people[agent].Agent.ID, Day: day, Text: strings.TrimSpace(text)}
	if err := b.readText(agent, &c); err != nil {
		return err
	}
	_, now, err := b.cellAt(agent, day)
	if err != nil {
		return err
	}
	switch {
	case now == nil && c.Template == "",
		now != nil && c.Template != "" && b.instantOf(now.Start) == c.StartAt && now.Minutes == c.Minutes:
		out.Unchanged++
		return nil
	}
	if c.Template != "" {
		if _, err := b.wanted(agent, c); err != nil {
			return err
		}
	}
	c.Text = ""
	out.Cells = append(out.Cells, c)
	return nil
}

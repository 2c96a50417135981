package intake

import (
	"bytes"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Template makes an empty .xlsx of a kind for people to fill in: the first sheet
// has the column names that an import recognises by itself, the second says which
// are needed, what they hold and which other names mean the same.
func Template(k Kind) (name string, content []byte, err error) {
	if _, err := ParseKind(string(k)); err != nil {
		return "", nil, err
	}
	schema := Schema(k)
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	data, about := schema.Name, "columns"
	if err := f.SetSheetName("Sheet1", data); err != nil {
		return "", nil, err
	}
	if _, err := f.NewSheet(about); err != nil {
		return "", nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return "", nil, err
	}
	header, rows := []any{}, [][]any{{"column", "needed", "holds", "one of", "also called"}}
	for _, field := range schema.Fields {
		header = append(header, field.Name)
		needed := "no"
		if field.Required {
			needed = "yes"
		}
		rows = append(rows, []any{field.Name, needed, string(field.Kind), strings.Join(field.Choices, ", "), strings.Join(field.Synonyms, ", ")})
	}
	if err := f.SetSheetRow(data, "A1", &header); err != nil {
		return "", nil, err
	}
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return "", nil, err
		}
		if err := f.SetSheetRow(about, cell, &row); err != nil {
			return "", nil, err
		}
	}
	for _, sheet := range []string{data, about} {
		if err := f.SetRowStyle(sheet, 1, 1, bold); err != nil {
			return "", nil, err
		}
		if err := f.SetColWidth(sheet, "A", "Z", 18); err != nil {
			return "", nil, err
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return "", nil, err
	}
	return string(k) + "-template.xlsx", out.Bytes(), nil
}

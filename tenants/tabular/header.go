package tabular

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"muster/tenants/fault"
)

// headerSearch is how many rows are looked at to find the header.
const headerSearch = 40

// maxHeaderRows is how many stacked rows a merged header may have.
const maxHeaderRows = 3

// findHeader reads ahead, finds the header rows and keeps the rows below for Next.
func (r *Reader) findHeader(o Options) error {
	var ahead []Row
	limit := max(headerSearch, o.HeaderRow+maxHeaderRows)
	for len(ahead) < limit {
		row, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		row.Cells = slices.Clone(row.Cells)
		ahead = append(ahead, row)
	}
	if len(ahead) == 0 {
		return emptyFile()
	}
	if o.NoHeader {
		r.replay = ahead
		width := 0
		for _, row := range ahead {
			width = max(width, len(row.Cells))
		}
		r.header = nameColumns(make([]string, width))
		return nil
	}
	first, last, err := headerSpan(ahead, o)
	if err != nil {
		return err
	}
	r.header = nameColumns(joinHeader(ahead[first : last+1]))
	r.format.HeaderLine, r.format.HeaderRows, r.format.TitleRows = ahead[last].Line, last-first+1, first
	r.replay = ahead[last+1:]
	return nil
}

// headerSpan gives the first and last header row among the rows read ahead.
func headerSpan(ahead []Row, o Options) (int, int, error) {
	if o.HeaderRow > 0 {
		i := slices.IndexFunc(ahead, func(row Row) bool { return row.Line == int64(o.HeaderRow) })
		if i < 0 {
			return 0, 0, fault.Newf(fault.Invalid, "import.no_header", "Line %d, stated as the header, is blank or beyond the first rows of the file.", o.HeaderRow)
		}
		return upperHeader(ahead, i), i, nil
	}
	if first, last := expectedHeader(ahead, o.Expect); last >= 0 {
		return first, last, nil
	}
	width := usualWidth(ahead)
	for i, row := range ahead {
		filled := filledCells(row.Cells)
		if filled < 1 || filled*10 < width*6 || !labels(row.Cells) {
			continue
		}
		// A row of labels directly below that fills this one's gaps is the real header.
		last := i
		for last+1 < len(ahead) && last-i+1 < maxHeaderRows && labels(ahead[last+1].Cells) && fillsGaps(ahead[last].Cells, ahead[last+1].Cells) {
			last++
		}
		return upperHeader(ahead, i), last, nil
	}
	return 0, 0, fault.New(fault.Invalid, "import.no_header",
		"No header row was found: no early row names the columns. State the header's line in the mapping (header.row), or header.none for a table without one.")
}

// expectedHeader finds the header rows whose names, joined if they are stacked, hold at
// least half of the names a mapping expects; last is -1 if there are none. Among
// equals it prefers fewer and earlier rows.
func expectedHeader(ahead []Row, expect []string) (first, last int) {
	want := map[string]bool{}
	for _, name := range expect {
		want[normal(name)] = true
	}
	bestHits := 0
	last = -1
	for height := 1; height <= maxHeaderRows; height++ {
		for i := 0; i+height <= len(ahead); i++ {
			hits := 0
			for _, name := range joinHeader(ahead[i : i+height]) {
				if n := normal(name); n != "" && want[n] {
					hits++
				}
			}
			if hits > bestHits && hits*2 >= len(want) {
				bestHits, first, last = hits, i, i+height-1
			}
		}
	}
	return first, last
}

// upperHeader gives the first row of a merged header whose lower row is known:
// rows of at least two labels directly above, with gaps that merged cells leave.
func upperHeader(ahead []Row, lower int) int {
	top := lower
	for top > 0 && lower-top+1 < maxHeaderRows {
		above := ahead[top-1]
		if above.Line+1 != ahead[top].Line || filledCells(above.Cells) < 2 || !labels(above.Cells) || !fillsGaps(above.Cells, ahead[top].Cells) {
			break
		}
		top--
	}
	return top
}

// fillsGaps reports whether the lower row has labels where the upper one is blank.
func fillsGaps(upper, lower []string) bool {
	for i, c := range lower {
		if strings.TrimSpace(c) != "" && (i >= len(upper) || strings.TrimSpace(upper[i]) == "") {
			return true
		}
	}
	return false
}

// headerJoin stands between the parts of a merged header's name.
const headerJoin = " / "

// joinHeader combines stacked header rows: a blank in an upper row repeats its left
// neighbour where the row below has a label (a merged cell).
func joinHeader(rows []Row) []string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row.Cells))
	}
	names := make([]string, width)
	for r, row := range rows {
		group := ""
		for i := range names {
			cell := ""
			if i < len(row.Cells) {
				cell = cleanLabel(row.Cells[i])
			}
			if cell != "" {
				group = cell
			} else if r+1 < len(rows) && labelBelow(rows[r+1:], i) {
				cell = group
			}
			switch {
			case cell == "" || cell == names[i]:
			case names[i] == "":
				names[i] = cell
			default:
				names[i] += headerJoin + cell
			}
		}
	}
	return names
}

func labelBelow(rows []Row, i int) bool {
	for _, row := range rows {
		if i < len(row.Cells) && strings.TrimSpace(row.Cells[i]) != "" {
			return true
		}
	}
	return false
}

// cleanLabel trims a header cell and folds its inner white space.
func cleanLabel(s string) string { return strings.Join(strings.Fields(s), " ") }

// nameColumns makes names unique and names the nameless by their place.
func nameColumns(names []string) []string {
	for len(names) > 0 && names[len(names)-1] == "" && slices.ContainsFunc(names, func(s string) bool { return s != "" }) {
		names = names[:len(names)-1]
	}
	taken := map[string]bool{}
	for i, name := range names {
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		base := name
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

// filledCells counts cells that are not blank.
func filledCells(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// usualWidth gives the most frequent number of cells up to the last filled one.
func usualWidth(rows []Row) int {
	counts := map[int]int{}
	best := 1
	for _, row := range rows {
		w := len(row.Cells)
		for w > 0 && strings.TrimSpace(row.Cells[w-1]) == "" {
			w--
		}
		counts[w]++
		if counts[w] > counts[best] || counts[w] == counts[best] && w > best {
			best = w
		}
	}
	return best
}

// labels reports whether a row can be a header: at least one cell, and none looks like data.
func labels(cells []string) bool {
	found := false
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if looksLikeData(c) {
			return false
		}
		found = true
	}
	return found
}

// looksLikeData reports whether a cell holds a number, a date, a time or an id
// rather than a name: it has no letter, or begins with a digit, or is mostly digits.
func looksLikeData(s string) bool {
	letters, digits := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	if letters == 0 {
		return digits > 0
	}
	return digits >= 4 || digits > letters
}

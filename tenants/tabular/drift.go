package tabular

import (
	"fmt"
	"slices"
	"strings"

	"muster/tenants/fault"
)

// HeaderDifference is how a file's header differs from what a mapping expects.
type HeaderDifference struct {
	Missing []string          `json:"missing,omitempty"` // expected columns the file lacks
	Added   []string          `json:"added,omitempty"`   // columns the mapping never saw
	Renamed map[string]string `json:"renamed,omitempty"` // missing column → the added one it probably became
}

// CompareHeader compares the header with the columns the mapping reads and, when it
// was saved with a header, with all of those.
func (m Mapping) CompareHeader(header []string) HeaderDifference {
	expected := slices.Clone(m.Columns)
	for _, c := range m.usedColumns() {
		if !slices.Contains(expected, c) {
			expected = append(expected, c)
		}
	}
	d := HeaderDifference{Renamed: map[string]string{}}
	for _, c := range expected {
		if !slices.Contains(header, c) {
			d.Missing = append(d.Missing, c)
		}
	}
	if len(m.Columns) > 0 || len(d.Missing) > 0 {
		for _, c := range header {
			if !slices.Contains(expected, c) {
				d.Added = append(d.Added, c)
			}
		}
	}
	left := slices.Clone(d.Added)
	for _, missing := range d.Missing {
		best, bestScore := "", 0.45
		for _, added := range left {
			score := similarity(normal(missing), normal(added))
			if place := slices.Index(m.Columns, missing); place >= 0 && place < len(header) && header[place] == added {
				score += 0.5 // a new name in the old place
			}
			if score > bestScore {
				best, bestScore = added, score
			}
		}
		if best != "" {
			d.Renamed[missing] = best
			left = slices.DeleteFunc(left, func(s string) bool { return s == best })
		}
	}
	return d
}

// CheckHeader stops the import when an expected column vanished or was renamed. The
// error import.header_changed carries the HeaderDifference as its parameter.
func (m Mapping) CheckHeader(header []string) error {
	d := m.CompareHeader(header)
	if len(d.Missing) == 0 {
		return nil
	}
	var parts []string
	for _, c := range d.Missing {
		if to := d.Renamed[c]; to != "" {
			parts = append(parts, fmt.Sprintf("%q is gone (renamed to %q?)", c, to))
		} else {
			parts = append(parts, fmt.Sprintf("%q is gone", c))
		}
	}
	renamed := map[string]bool{}
	for _, to := range d.Renamed {
		renamed[to] = true
	}
	for _, c := range d.Added {
		if !renamed[c] {
			parts = append(parts, fmt.Sprintf("%q is new", c))
		}
	}
	return fault.Newf(fault.Invalid, "import.header_changed",
		"The file's columns differ from the mapping's: %s. The file has: %s. Correct the export or the mapping.",
		strings.Join(parts, "; "), strings.Join(header, ", ")).
		With("missing", d.Missing).With("added", d.Added).With("renamed", d.Renamed)
}

// similarity is 1 minus the edit distance over the longer length (Levenshtein).
func similarity(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	previous := make([]int, len(y)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range x {
		current := make([]int, len(y)+1)
		current[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+cost)
		}
		previous = current
	}
	return 1 - float64(previous[len(y)])/float64(max(len(x), len(y)))
}

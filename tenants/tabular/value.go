package tabular

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"muster/tenants/calendar"
)

// Kind is what a target field holds.
type Kind string

// The kinds of fields.
const (
	KindText     Kind = "text"     // any text, trimmed
	KindID       Kind = "id"       // an identifier: digits are kept, spreadsheet damage is refused
	KindInstant  Kind = "instant"  // a point in time; local times are read in the mapping's zone
	KindDate     Kind = "date"     // a business date
	KindDuration Kind = "duration" // a length of time, in milliseconds, never negative
	KindCount    Kind = "count"    // a whole number, never negative
	KindNumber   Kind = "number"   // a decimal, never negative; 85% reads as 0.85
	KindChoice   Kind = "choice"   // one of the field's choices
)

// Value is one parsed cell. Which member holds it depends on the field's kind.
type Value struct {
	Set    bool            // false: the cell was empty
	Text   string          // text, id, choice
	Int    int64           // instant (microseconds UTC), date (days since 1970), duration (milliseconds), count
	Number decimal.Decimal // number
	Local  LocalTime       // how the local time met the zone; only for instants
	Second int64           // the later reading of a repeated local time, microseconds UTC
}

// Instant gives an instant field's value.
func (v Value) Instant() calendar.Instant { return calendar.Instant(v.Int) }

// Date gives a date field's value.
func (v Value) Date() calendar.Date { return calendar.Date(v.Int) }

// LocalTime says how a local time met daylight saving.
type LocalTime uint8

// The cases of a local time.
const (
	LocalOnce     LocalTime = iota // exists exactly once
	LocalSkipped                   // lost when clocks go forward: read as if they had not, so 02:30 becomes 03:30
	LocalRepeated                  // exists twice when clocks go back: read as the first
)

// Issue is a coded remark about one row, with its cure in the sentence.
type Issue struct {
	Line     int64  `json:"line"`
	Column   string `json:"column,omitempty"`
	Value    string `json:"value,omitempty"`
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// problem is an Issue before it is known where it stands.
type problem struct{ code, sentence string }

func (p *problem) at(line int64, column, value string) Issue {
	return Issue{Line: line, Column: column, Value: clip(value), Code: p.code, Sentence: p.sentence}
}

// clip shortens a cell for a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// cell prepares a raw cell: full-width forms become ASCII, white space is trimmed,
// and the ="…" and leading-apostrophe wrappings of exports are taken off.
func cell(s string) string {
	s = trim(s)
	if strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && len(s) >= 3 {
		s = s[2 : len(s)-1]
	}
	if len(s) > 1 && s[0] == '\'' {
		s = s[1:]
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return trim(foldWidth(s))
		}
	}
	return s
}

// trim drops white space, no-break spaces and stray byte order marks at both ends.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == 0xFEFF || r == 0x200B })
}

// foldWidth maps full-width ASCII (U+FF01–U+FF5E) and the wide space to ASCII.
func foldWidth(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == 0x3000 || r == 0x00A0 || r == 0x202F:
			return ' '
		}
		return r
	}, s)
}

// normal folds a name for comparing: width, case, white space and punctuation vanish.
func normal(s string) string {
	var b strings.Builder
	for _, r := range foldWidth(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// parseID keeps an identifier as it is and refuses what a spreadsheet has damaged.
func parseID(s string) (string, *problem) {
	if strings.HasPrefix(s, "#") && (strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || s == "#N/A") {
		return "", &problem{"spreadsheet_error", "The cell holds a spreadsheet error instead of a value; mend the formula and export again."}
	}
	if isExponent(s) {
		return "", &problem{"mangled_id", "A spreadsheet has turned this id into a rounded number, so its digits are lost; format the column as text before exporting."}
	}
	return s, nil
}

// isExponent reports whether s looks like 1.38E+10.
func isExponent(s string) bool {
	e := strings.IndexAny(s, "eE")
	if e < 1 || e == len(s)-1 {
		return false
	}
	mantissa, exponent := s[:e], s[e+1:]
	signed := exponent[0] == '+' || exponent[0] == '-'
	if signed {
		exponent = exponent[1:]
	}
	// Codes such as 12E4 exist; a sign or a decimal point makes it a number.
	return exponent != "" && allDigits(exponent) && isPlainNumber(mantissa) && (signed || strings.ContainsRune(mantissa, '.'))
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isPlainNumber reports whether s is digits with at most one point and a leading sign.
func isPlainNumber(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	dot := strings.IndexByte(s, '.')
	if dot < 0 {
		return allDigits(s)
	}
	return (dot == 0 || allDigits(s[:dot])) && allDigits(s[dot+1:])
}

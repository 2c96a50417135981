package tabular

import (
	"math"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

var (
	notANumber     = &problem{"not_a_number", "The cell is not a number; write digits with a decimal point (or state decimal: \",\")."}
	negativeNumber = &problem{"negative", "The number is negative, which this field cannot be."}
	notWhole       = &problem{"not_whole", "The field takes whole numbers; if the point is a thousands separator, state decimal: \",\"."}
	tooLarge       = &problem{"too_large", "The number is too large for this field; check the column."}
)

// maxNumber bounds counts, well below what sums of an import could overflow.
const maxNumber = 1e12

// maxDigits bounds the length of a decimal's text.
const maxDigits = 40

// plainDigits turns a printed number into sign, digits and at most one point.
// decimalMark is '.', ',' or 0: then the marks' places decide, and a lone comma
// before exactly three digits counts as a thousands separator.
func plainDigits(s string, decimalMark byte) (string, *problem) {
	s = strings.NewReplacer(" ", "", "'", "", "’", "", "_", "").Replace(s)
	if decimalMark == 0 {
		decimalMark = impliedMark(s)
	}
	group := byte(',')
	if decimalMark == ',' {
		group = '.'
	}
	head, tail, hasTail := strings.Cut(s, string(decimalMark))
	if hasTail && strings.IndexByte(tail, group) >= 0 {
		return "", notANumber
	}
	if strings.IndexByte(head, group) >= 0 {
		parts := strings.Split(head, string(group))
		for i, p := range parts {
			if i == 0 && (len(strings.TrimLeft(p, "+-")) > 3 || strings.TrimLeft(p, "+-") == "") || i > 0 && (len(p) != 3 || !allDigits(p)) {
				return "", notANumber
			}
		}
		head = strings.Join(parts, "")
	}
	if hasTail {
		head += "." + tail
	}
	if !isPlainNumber(head) && !isExponent(head) {
		return "", notANumber
	}
	return head, nil
}

// impliedMark finds the decimal mark from where the marks stand.
func impliedMark(s string) byte {
	comma, dot := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	switch {
	case comma >= 0 && dot >= 0 && comma > dot:
		return ','
	case comma >= 0 && dot < 0 && strings.Count(s, ",") == 1 && len(s)-comma-1 != 3:
		return ','
	case dot >= 0 && comma < 0 && strings.Count(s, ".") > 1:
		return ','
	}
	return '.'
}

// parseNumber reads a decimal that is not negative; a percent sign divides by 100.
func parseNumber(s string, decimalMark byte) (decimal.Decimal, *problem) {
	percent := strings.HasSuffix(s, "%")
	if percent {
		s = strings.TrimSpace(strings.TrimSuffix(s, "%"))
	}
	digits, p := plainDigits(s, decimalMark)
	if p != nil {
		return decimal.Zero, p
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || math.IsInf(f, 0) || math.Abs(f) > 1e15 {
		return decimal.Zero, tooLarge
	}
	// Before exact arithmetic: tiny numbers with huge exponents would take forever there.
	if math.Abs(f) < 1e-15 {
		return decimal.Zero, nil
	}
	if len(digits) > maxDigits {
		return decimal.Zero, tooLarge
	}
	d, err := decimal.NewFromString(digits)
	if err != nil {
		return decimal.Zero, notANumber
	}
	if d.IsNegative() {
		return decimal.Zero, negativeNumber
	}
	if percent {
		d = d.Shift(-2)
	}
	return d, nil
}

// parseCount reads a whole number that is not negative; 12.0 is whole.
func parseCount(s string, decimalMark byte) (int64, *problem) {
	if len(s) <= 12 && allDigits(s) {
		var n int64
		for i := 0; i < len(s); i++ {
			n = n*10 + int64(s[i]-'0')
		}
		return n, nil
	}
	d, p := parseNumber(s, decimalMark)
	if p != nil {
		return 0, p
	}
	if !d.IsInteger() {
		return 0, notWhole
	}
	if d.GreaterThan(decimal.NewFromInt(maxNumber)) {
		return 0, tooLarge
	}
	return d.IntPart(), nil
}

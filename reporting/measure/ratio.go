package measure

import "github.com/shopspring/decimal"

// Ratio is a value kept as counts: Numerator / (Denominator × Per).
type Ratio struct {
	Numerator   int64 `json:"numerator"`
	Denominator int64 `json:"denominator"` // zero: nothing was measured
	Per         int64 `json:"per"`         // 1000 turns milliseconds into seconds
}

// Value gives the ratio rounded to 6 places, or nil when nothing was measured.
func (r Ratio) Value() *decimal.Decimal {
	if r.Denominator == 0 {
		return nil
	}
	v := decimal.NewFromInt(r.Numerator).DivRound(r.scale(), 6)
	return &v
}

// scale gives Denominator × Per.
func (r Ratio) scale() decimal.Decimal {
	return decimal.NewFromInt(r.Denominator).Mul(decimal.NewFromInt(max(r.Per, 1)))
}

// Worse reports whether the exact ratio lies on the wrong side of a limit;
// better is "higher" or "lower". Nothing measured is not worse.
func (r Ratio) Worse(better string, limit decimal.Decimal) bool {
	if r.Denominator == 0 {
		return false
	}
	c := decimal.NewFromInt(r.Numerator).Cmp(limit.Mul(r.scale()))
	return better == "higher" && c < 0 || better == "lower" && c > 0
}

package money

import (
	"fmt"
	"slices"
	"strings"
)

// Currency is an ISO 4217 code.
type Currency string

// digits are the minor-unit digits of ISO 4217 for the currencies muster can bill in.
var digits = map[Currency]int32{
	"AED": 2, "AUD": 2, "BGN": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "CNY": 2, "COP": 2, "CZK": 2,
	"DKK": 2, "EGP": 2, "EUR": 2, "GBP": 2, "HKD": 2, "HUF": 2, "IDR": 2, "ILS": 2, "INR": 2, "JOD": 3, "JPY": 0,
	"KRW": 0, "KWD": 3, "MAD": 2, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2, "OMR": 3, "PEN": 2, "PHP": 2, "PLN": 2,
	"RON": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2, "TND": 3, "TRY": 2, "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}

// ParseCurrency accepts a known ISO 4217 code in any case.
func ParseCurrency(s string) (Currency, error) {
	c := Currency(strings.ToUpper(strings.TrimSpace(s)))
	if _, ok := digits[c]; !ok {
		return "", fmt.Errorf("currency %q is unknown: want one of %s", s, strings.Join(Currencies(), ", "))
	}
	return c, nil
}

// Digits gives the number of decimal places of the currency, 2 when it is unknown.
func (c Currency) Digits() int32 {
	if d, ok := digits[c]; ok {
		return d
	}
	return 2
}

// Currencies lists the known codes, sorted.
func Currencies() []string {
	out := make([]string, 0, len(digits))
	for c := range digits {
		out = append(out, string(c))
	}
	slices.Sort(out)
	return out
}

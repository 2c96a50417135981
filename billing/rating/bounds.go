package rating

import (
	"fmt"
	"reflect"

	"github.com/shopspring/decimal"
)

// Bounds of the decimals of contracts: within them every product of the engine
// stays small. A literal such as 1e999999999 is a valid decimal, and comparing it
// with 1 would write out a billion zeros.
const (
	maxDigits   = 24
	maxExponent = 18
)

// ParseDecimal reads a decimal of a contract; one beyond 24 digits or 18 places is an error.
func ParseDecimal(s string) (decimal.Decimal, error) {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero, fmt.Errorf("%q is not a decimal number", s)
	}
	if !bounded(d) {
		return decimal.Zero, fmt.Errorf("%.40q has too many digits: want at most %d, %d of them decimals", s, maxDigits, maxExponent)
	}
	return d, nil
}

// bounded reports whether a decimal lies within the bounds.
func bounded(d decimal.Decimal) bool {
	e := d.Exponent()
	return e >= -maxExponent && e <= maxExponent && d.NumDigits() <= maxDigits
}

// boundsOf reports every decimal inside a value that lies beyond the bounds.
func boundsOf(is *issues, path string, v reflect.Value) {
	if d, ok := v.Interface().(decimal.Decimal); ok {
		if !bounded(d) {
			is.add(path, "the number has more than %d digits or %d decimals", maxDigits, maxExponent)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			boundsOf(is, path, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				boundsOf(is, path+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			boundsOf(is, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	}
}

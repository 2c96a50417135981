package routing

import (
	"cmp"
	"fmt"
	"slices"
)

// touched lists the rows of the touched keys that still exist, in the order of
// their keys, so that every node writes them in one order.
func touched[K comparable, V any](keys map[K]bool, rows map[K]*V) []V {
	there := make([]K, 0, len(keys))
	for k := range keys {
		if rows[k] != nil {
			there = append(there, k)
		}
	}
	slices.SortFunc(there, func(a, b K) int { return cmp.Compare(keyText(a), keyText(b)) })
	out := make([]V, len(there))
	for i, k := range there {
		out[i] = *rows[k]
	}
	return out
}

// keyText renders a key so that texts sort like keys.
func keyText(k any) string {
	switch v := k.(type) {
	case int64:
		return fmt.Sprintf("%020d", v)
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(k)
}

package routing

import (
	"maps"
	"slices"
)

// touched lists the rows of the touched keys that still exist, in the order of
// their keys, so that every node writes them in one order.
func touched[K comparable, V any](keys map[K]bool, rows map[K]*V, order func(a, b K) int) []V {
	out := make([]V, 0, len(keys))
	for _, k := range slices.SortedFunc(maps.Keys(keys), order) {
		if row := rows[k]; row != nil {
			out = append(out, *row)
		}
	}
	return out
}

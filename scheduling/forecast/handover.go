package forecast

import (
	"math"
	"slices"
	"strings"
)

// handOver is traffic that left one series for another at a row.
type handOver struct {
	from, to int     // series
	row      int     // first row after the move
	share    float64 // of the giver's old volume that moved
}

// findHandOvers pairs lasting drops and rises of series of one group in the same or neighbouring weeks whose sizes agree:
// the sum of both series shows no shift. shifts has one entry per series, nil = none.
func findHandOvers(series []Series, shifts []*shift) []handOver {
	var out []handOver
	taken := map[int]bool{}
	for _, from := range byKey(series) {
		d := shifts[from]
		if d == nil || d.after >= d.before {
			continue
		}
		best, bestGap := -1, handOverFit
		for _, to := range byKey(series) {
			u := shifts[to]
			if u == nil || u.after <= u.before || taken[to] || series[to].Group != series[from].Group || max(u.row-d.row, d.row-u.row) > 7 {
				continue
			}
			lost, won := d.before-d.after, u.after-u.before
			if gap := math.Abs(lost-won) / math.Max(lost, won); gap < bestGap {
				best, bestGap = to, gap
			}
		}
		if best >= 0 {
			taken[best] = true
			u := shifts[best]
			out = append(out, handOver{from: from, to: best, row: u.row, share: math.Min(1, (u.after-u.before)/d.before)})
		}
	}
	return out
}

// byKey lists the indices of the series in the order of their keys, so that the order of the input decides nothing.
func byKey(series []Series) []int {
	order := make([]int, len(series))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(series[a].Key, series[b].Key) })
	return order
}

// receive restates the history of the taker of a hand-over as if the traffic had always been there.
func (k *cleaner) receive(m handOver, giver *history, series []Series) {
	if !k.acceptHandOver(m, series, m.share) {
		return
	}
	h := k.h
	for c := range m.row * h.slots {
		moved := m.share * giver.clean[c]
		switch {
		case math.IsNaN(moved):
		case math.IsNaN(h.clean[c]):
			h.raw[c], h.clean[c] = moved, moved
		default:
			h.raw[c] += moved
			h.clean[c] += moved
		}
	}
	h.refill()
	h.learnWeek()
}

// acceptHandOver lists the hand-over for one side of it, with the share it won or lost.
func (k *cleaner) acceptHandOver(m handOver, series []Series, share float64) bool {
	return k.accept(FixHandOver, 0, m.row*k.h.slots, 0, share, say(FixHandOver,
		map[string]any{"share": 100 * m.share, "from": series[m.from].Key, "to": series[m.to].Key, "date": (k.h.first + Date(m.row)).String()},
		"About %.0f %% of the traffic of %q moved to %q on %s; both histories are restated as if it had always been there.",
		100*m.share, series[m.from].Key, series[m.to].Key, k.h.first+Date(m.row)))
}

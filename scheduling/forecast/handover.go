package forecast

import (
	"fmt"
	"math"
	"slices"
)

// handOver is traffic that left one series for another at a row.
type handOver struct {
	from, to int     // series
	row      int     // first row after the move
	share    float64 // of the giver's old volume that moved
}

// findHandOvers pairs lasting drops and rises of series of one group in the same or neighbouring weeks whose sizes agree:
// the sum of both series shows no shift.
func findHandOvers(in *Input, hs []*history) []handOver {
	type moved struct {
		shift
		series int
	}
	var down, up []moved
	for i, h := range hs {
		if s, ok := findShift(h); ok {
			if s.after < s.before {
				down = append(down, moved{s, i})
			} else {
				up = append(up, moved{s, i})
			}
		}
	}
	var out []handOver
	taken := map[int]bool{}
	for _, d := range down {
		best, bestGap := -1, handOverFit
		for j, u := range up {
			if taken[u.series] || in.Series[u.series].Group != in.Series[d.series].Group || max(u.row-d.row, d.row-u.row) > 7 {
				continue
			}
			lost, won := d.before-d.after, u.after-u.before
			gap := math.Abs(lost-won) / math.Max(lost, won)
			if gap < bestGap || gap == bestGap && best >= 0 && in.Series[u.series].Key < in.Series[up[best].series].Key {
				best, bestGap = j, gap
			}
		}
		if best >= 0 {
			u := up[best]
			taken[u.series] = true
			out = append(out, handOver{from: d.series, to: u.series, row: u.row, share: math.Min(1, (u.after-u.before)/d.before)})
		}
	}
	return out
}

// applyHandOvers restates the history of both sides as if the traffic had always been where it is now.
func applyHandOvers(in *Input, hs []*history, ks []*cleaner) {
	moves := findHandOvers(in, hs)
	slices.SortFunc(moves, func(a, b handOver) int { return a.row - b.row })
	for _, m := range moves {
		giver, taker := hs[m.from], hs[m.to]
		detail := fmt.Sprintf("About %.0f %% of the traffic of %q moved to %q on %s; the history is restated as if it had always been there.",
			100*m.share, in.Series[m.from].Key, in.Series[m.to].Key, taker.first+Date(m.row))
		if !ks[m.to].accept(FixHandOver, 0, m.row*taker.slots, 0, m.share, detail) || !ks[m.from].accept(FixHandOver, 0, m.row*giver.slots, 0, -m.share, detail) {
			continue
		}
		for c := range m.row * taker.slots {
			if moved := m.share * giver.raw[c]; !math.IsNaN(moved) && !math.IsNaN(taker.raw[c]) {
				taker.raw[c] += moved
				taker.clean[c] += m.share * firstNumber(giver.clean[c], 0)
			} else if !math.IsNaN(moved) {
				taker.raw[c], taker.clean[c] = moved, moved
			}
		}
		taker.refill()
		if s, ok := findShift(giver); ok {
			giver.restate(s.row, s.after/s.before)
		}
	}
}

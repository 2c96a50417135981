package forecast

import "math"

// profiles sums intraday profiles per weekday, every day with the weight of its volume's root.
type profiles [7][]float64

// settings of pooled profiles.
const (
	poolWeeks  = 26 // of history that a group lends
	poolYoung  = 6  // weeks of own history below which a queue always borrows
	poolWeight = 60 // the lent profile counts like this many days of the queue's own
)

// lendTo adds the history of one queue to its group's profiles. The last tuningWeeks weeks stay out, so that trying the
// pooled profile on them is honest.
func (h *history) lendTo(p *profiles) {
	last := h.origin/h.slots - 7*tuningWeeks
	for d := max(0, last-7*poolWeeks); d < last; d++ {
		if math.IsNaN(h.total[d]) || h.total[d] <= 0 {
			continue
		}
		k := h.kind[d]
		if p[k] == nil {
			p[k] = make([]float64, h.slots)
		}
		for s := range h.slots {
			if v := h.fill[d*h.slots+s]; !math.IsNaN(v) {
				p[k][s] += v / math.Sqrt(h.total[d])
			}
		}
	}
}

// borrow mixes the group's profile into a queue's own sums per weekday: as much as poolWeight days of the queue's usual
// volume, all of it where the queue has no day of that kind.
func (p *profiles) borrow(sums *[7][]float64, days int) {
	own := 0.0
	for k := range sums {
		own += sum(sums[k])
	}
	if own <= 0 || days == 0 {
		return
	}
	perDay := own / float64(days)
	for k := range sums {
		total := sum(p[k])
		if total <= 0 {
			continue
		}
		if sums[k] == nil {
			sums[k] = make([]float64, len(p[k]))
		}
		for s, v := range p[k] {
			sums[k][s] += poolWeight / 7 * perDay * v / total
		}
	}
}

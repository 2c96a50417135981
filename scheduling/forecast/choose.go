package forecast

import (
	"fmt"
	"math"
)

// choose picks the method of one lead: the least WAPE over the rolling origins, the plainer method on a tie,
// mean8 when nothing could be tested.
func choose(rows []BacktestRow, l lead) Choice {
	best := Choice{Lead: l.name, Method: Decomposed, Reason: "the history is too short for a back-test"}
	bestWAPE := math.Inf(1)
	var mean8 float64
	n := 0
	for _, r := range rows {
		if r.Lead != l.name || math.IsNaN(r.Score.WAPE) {
			continue
		}
		if r.Method == Mean8 {
			mean8 = r.Score.WAPE
		}
		if r.Score.WAPE < bestWAPE {
			best.Method, bestWAPE, n = r.Method, r.Score.WAPE, r.Origins
		}
	}
	if n > 0 {
		best.Reason = fmt.Sprintf("least error over %d rolling origins: WAPE %.1f %% against %.1f %% of the 8-week mean", n, 100*bestWAPE, 100*mean8)
	}
	return best
}

package forecast

import "math"

// sameSlotMean averages the last k observed same-weekday values of each slot; k = 1 is the seasonal naive forecast.
// Weeks without an observation are skipped, up to 2k + 4 weeks back.
func sameSlotMean(c *cut, k int) []float64 {
	out := missing(c.end - c.cell)
	for i := range out {
		cell := c.cell + i
		d := cell / c.slots
		back := (d - c.day + 7) / 7 // weeks back to the first whole week before the origin
		if cell-back*7*c.slots >= c.cell {
			back++
		}
		n, tot := 0, 0.0
		for w := back; w < back+2*k+4 && n < k; w++ {
			o := cell - w*7*c.slots
			if o < 0 {
				break
			}
			if v := c.clean[o]; !math.IsNaN(v) && c.kind[o/c.slots] == c.kind[d] {
				n++
				tot += v
			}
		}
		if n > 0 {
			out[i] = tot / float64(n)
		}
	}
	return out
}

package forecast

import "math"

// settings of the handling-time model.
const (
	ahtWeeks      = 16
	ahtHalfLife   = 5.0 // weeks
	ahtShrinkage  = 300 // contacts that the day's level weighs against a slot's own mean
	artefactLimit = 10  // seconds; shorter means over an interval are handling artefacts, not service
)

// forecastAHT gives seconds per contact for the cells of the cut: level x weekday and slot departures, all weighted by
// volume and shrunk, since a mean over few contacts says little. NaN when nothing is known.
func forecastAHT(c *cut) []float64 {
	out := missing(c.end - c.cell)
	if c.aht == nil {
		return out
	}
	var work, count float64
	slotWork, slotCount := make([]float64, c.slots), make([]float64, c.slots)
	var dayWork, dayCount [7]float64
	for cell := max(0, c.cell-7*ahtWeeks*c.slots); cell < c.cell; cell++ {
		a, v := c.aht[cell], c.clean[cell]
		if math.IsNaN(a) || math.IsNaN(v) || v <= 0 || a < artefactLimit {
			continue
		}
		d, s := cell/c.slots, cell%c.slots
		w := v * decay(c.day-d, ahtHalfLife)
		work += w * a
		count += w
		slotWork[s] += w * a
		slotCount[s] += w
		dayWork[c.kind[d]] += w * a
		dayCount[c.kind[d]] += w
	}
	if count <= 0 {
		return out
	}
	level := work / count
	ratio := func(w, n float64) float64 { return (w + ahtShrinkage*level) / (n + ahtShrinkage) / level }
	for i := range out {
		cell := c.cell + i
		d, s := cell/c.slots, cell%c.slots
		out[i] = level * ratio(slotWork[s], slotCount[s]) * ratio(dayWork[c.kind[d]], dayCount[c.kind[d]])
	}
	return out
}

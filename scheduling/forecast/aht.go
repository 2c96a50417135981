package forecast

import "math"

// settings of the handling-time model.
const (
	ahtWeeks      = 26
	ahtTrialWeeks = 8  // weeks on which the memory is tried
	artefactLimit = 10 // seconds; shorter means over an interval are handling artefacts, not service
)

// ahtTuning is how far back handling times look and how little their slots and weekdays are trusted.
type ahtTuning struct {
	halfLife float64 // weeks: skills and products change handling times slowly or at once
	shrink   float64 // contacts that the level weighs against a slot's or a weekday's own mean
}

var ahtChoice = []ahtTuning{{5, 300}, {2, 300}, {12, 300}, {5, 3000}, {2, 3000}, {12, 3000}, {5, 1e6}, {2, 1e6}, {12, 1e6}}

// forecastAHT gives seconds per contact for the cells of the cut, with the settings that told the weeks before best. NaN when
// nothing is known.
func forecastAHT(c *cut) []float64 {
	out := missing(c.end - c.cell)
	if c.aht == nil {
		return out
	}
	m := fitAHT(c.history, c.cell, tuneAHT(c))
	for i := range out {
		out[i] = m.at(c.history, c.cell+i)
	}
	return out
}

// tuneAHT tries the settings a week ahead on the weeks before the origin, by volume-weighted absolute error.
func tuneAHT(c *cut) ahtTuning {
	best, least := ahtChoice[0], math.Inf(1)
	for _, choice := range ahtChoice {
		err := 0.0
		for w := 1; w <= ahtTrialWeeks; w++ {
			from := c.cell - 7*w*c.slots
			if from < 7*c.slots {
				break
			}
			m := fitAHT(c.history, from, choice)
			for cell := from; cell < from+7*c.slots; cell++ {
				if a, v, ok := c.handled(cell); ok {
					if f := m.at(c.history, cell); !math.IsNaN(f) {
						err += v * math.Abs(f-a)
					}
				}
			}
		}
		if err < least {
			best, least = choice, err
		}
	}
	return best
}

// ahtModel is level x weekday and slot departures, all weighted by volume and shrunk, since a mean over few contacts says
// little.
type ahtModel struct {
	level float64 // seconds; NaN = nothing known
	slot  []float64
	day   [7]float64
}

// fitAHT estimates the model from the cells before one.
func fitAHT(h *history, end int, tune ahtTuning) ahtModel {
	var work, count float64
	slotWork, slotCount := make([]float64, h.slots), make([]float64, h.slots)
	var dayWork, dayCount [7]float64
	last := end / h.slots
	for d := max(0, last-7*ahtWeeks); d <= last; d++ {
		weight := decay(last-d, tune.halfLife)
		for s := range h.slots {
			cell := d*h.slots + s
			if cell >= end {
				break
			}
			a, v, ok := h.handled(cell)
			if !ok {
				continue
			}
			w := v * weight
			work += w * a
			count += w
			slotWork[s] += w * a
			slotCount[s] += w
			dayWork[h.kind[d]] += w * a
			dayCount[h.kind[d]] += w
		}
	}
	m := ahtModel{level: math.NaN(), slot: slotWork}
	if count <= 0 {
		return m
	}
	m.level = work / count
	ratio := func(w, n float64) float64 { return (w + tune.shrink*m.level) / (n + tune.shrink) / m.level }
	for s := range m.slot {
		m.slot[s] = ratio(slotWork[s], slotCount[s])
	}
	for k := range m.day {
		m.day[k] = ratio(dayWork[k], dayCount[k])
	}
	return m
}

// at gives the seconds per contact of a cell.
func (m ahtModel) at(h *history, cell int) float64 {
	return m.level * m.slot[cell%h.slots] * m.day[h.kind[cell/h.slots]]
}

// handled gives handling time and volume of a cell; ok is false where none was seen or it was no service.
func (h *history) handled(cell int) (seconds, contacts float64, ok bool) {
	a, v := h.aht[cell], h.clean[cell]
	return a, v, v > 0 && a >= artefactLimit
}

package forecast

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// transform is the probability that the model gave to an outcome or less, with the weight of the outcome.
type transform struct{ p, weight float64 }

// calibration maps asked probabilities to the model probabilities below which that share of the outcomes fell.
type calibration struct {
	p   []float64 // ascending
	cum []float64 // share of the weight up to the middle of each
	n   float64   // effective number of outcomes
}

// calibrationPrior is how many outcomes the model's own probabilities weigh.
const calibrationPrior = 50

// calibrate arranges transforms; the effective number of outcomes is that of Kish.
func calibrate(list []transform) calibration {
	slices.SortFunc(list, func(a, b transform) int { return cmp.Compare(a.p, b.p) })
	c := calibration{p: make([]float64, len(list)), cum: make([]float64, len(list))}
	sum, squares := 0.0, 0.0
	for i, t := range list {
		c.p[i] = t.p
		c.cum[i] = sum + t.weight/2
		sum += t.weight
		squares += t.weight * t.weight
	}
	if !(sum > 0) || !(squares > 0) {
		return calibration{}
	}
	for i := range c.cum {
		c.cum[i] /= sum
	}
	c.n = sum * sum / squares
	return c
}

func (c calibration) empty() bool { return len(c.p) == 0 }

// at gives the model probability for an asked one, strictly between 0 and 1 and never falling.
func (c calibration) at(p float64) float64 {
	i := min(sort.SearchFloat64s(c.cum, p), len(c.p)-1)
	q := c.p[i]
	if i > 0 && c.cum[i] > c.cum[i-1] && p < c.cum[i] {
		w := (c.cum[i] - p) / (c.cum[i] - c.cum[i-1])
		q -= w * (c.p[i] - c.p[i-1])
	}
	p = (c.n*q + calibrationPrior*p) / (c.n + calibrationPrior)
	return math.Min(math.Max(p, 1e-6), 1-1e-6)
}

// fitBands learns a band per lead that never narrows with the lead: a later lead that seems surer than an earlier one is
// judged together with it (pooling of adjacent violators, Ayer et al. 1955).
func fitBands(trials []trial, leads []lead, choices []Choice) []band {
	type block struct {
		pairs []residual
		band  band
		leads int
	}
	var blocks []block
	for i, l := range leads {
		p := residuals(trials, choices[i].Method, l)
		blocks = append(blocks, block{p, fitBand(p), 1})
		for n := len(blocks); n > 1 && blocks[n-1].band.narrower(blocks[n-2].band, blocks[n-2].pairs); n = len(blocks) {
			a, b := blocks[n-2], blocks[n-1]
			pairs := slices.Concat(a.pairs, b.pairs)
			blocks = append(blocks[:n-2], block{pairs, fitBand(pairs), a.leads + b.leads})
		}
	}
	out := make([]band, 0, len(leads))
	for _, b := range blocks {
		for range b.leads {
			out = append(out, b.band)
		}
	}
	return out
}

// narrower says whether a band is narrower than another at the mean and at twice the mean of that one's residuals.
func (b band) narrower(than band, pairs []residual) bool {
	volume, weight := 0.0, 0.0
	for _, r := range pairs {
		volume += r.weight * r.mean * r.mean
		weight += r.weight * r.mean
	}
	if !(weight > 0) {
		return false
	}
	m := volume / weight // the mean that a contact meets
	width := func(x band) float64 { return x.quantile(m, 0.9) - x.quantile(m, 0.1) }
	return width(b) < width(than) || b.variance(m) < than.variance(m)
}

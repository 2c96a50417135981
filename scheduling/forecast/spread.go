package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// band is the distribution around a point forecast at one lead: a gamma variable (the continuous twin of the
// negative binomial) with variance a x mean + b x mean^2, both from back-test residuals, and a recalibration that maps asked
// probabilities to those which the residuals show to be right.
type band struct {
	a, b float64
	pit  []float64 // sorted probability integral transforms of the residuals
}

// settings of the recalibration.
const (
	calibrationPrior = 150  // residuals that the model's own probabilities weigh
	defaultNoise     = 1.5  // variance / mean when nothing could be tested
	defaultRate      = 0.03 // squared coefficient of variation of the day's rate then
)

// fitBand learns the variance and the recalibration from pairs of forecast mean and actual.
func fitBand(mean, actual []float64) band {
	var s11, s12, s22, y1, y2 float64
	n := 0
	for i, m := range mean {
		if m <= 0 || math.IsNaN(m) || math.IsNaN(actual[i]) {
			continue
		}
		// Weighted least squares of e^2 / mean on 1 and mean: the weights keep busy intervals from deciding alone.
		e := actual[i] - m
		y := e * e / m
		w := 1 / (1 + m)
		s11 += w
		s12 += w * m
		s22 += w * m * m
		y1 += w * y
		y2 += w * y * m
		n++
	}
	if n < 50 {
		return band{a: defaultNoise, b: defaultRate}
	}
	out := band{}
	det := s11*s22 - s12*s12
	if det > 1e-9*s11*s22 {
		out.a = (y1*s22 - y2*s12) / det
		out.b = (y2*s11 - y1*s12) / det
	} else {
		out.a = y1 / s11
	}
	if out.b < 0 {
		out.a, out.b = y1/s11, 0
	}
	if out.a < 0 {
		out.a, out.b = 0, y2/s22
	}
	for i, m := range mean {
		if m > 0 && !math.IsNaN(m) && !math.IsNaN(actual[i]) {
			// A count stands for an interval of one; its probability is spread over that interval.
			lo, hi := out.cdf(m, actual[i]-0.5), out.cdf(m, actual[i]+0.5)
			for _, u := range [...]float64{1. / 6, 3. / 6, 5. / 6} {
				out.pit = append(out.pit, lo+u*(hi-lo))
			}
		}
	}
	slices.Sort(out.pit)
	return out
}

// variance of a contact count with the given mean.
func (b band) variance(m float64) float64 { return b.a*m + b.b*m*m }

// quantile of probability p around mean m, recalibrated.
func (b band) quantile(m, p float64) float64 {
	if n := float64(len(b.pit)); n > 0 {
		q := b.pit[min(len(b.pit)-1, int(p*n))]
		p = (n*q + calibrationPrior*p) / (n + calibrationPrior)
		p = math.Min(math.Max(p, 1e-6), 1-1e-6)
	}
	q := b.plainQuantile(m, p)
	if q < 0.5 && p < 0.5 {
		return 0 // no count lies between
	}
	return q
}

// gaussianShape is the gamma shape above which the Wilson-Hilferty cube is exact to three digits.
const gaussianShape = 3

func (b band) plainQuantile(m, p float64) float64 {
	v := b.variance(m)
	if !(m > 0) || !(v > 0) {
		return math.Max(m, 0)
	}
	k := m * m / v
	if k > gaussianShape {
		c := 1 - 1/(9*k) + mathext.NormalQuantile(p)/(3*math.Sqrt(k))
		return m * math.Pow(math.Max(c, 0), 3)
	}
	if k < 1e-4 {
		return 0
	}
	return mathext.GammaIncRegInv(k, p) * v / m
}

func (b band) cdf(m, x float64) float64 {
	v := b.variance(m)
	if !(v > 0) {
		return 0.5
	}
	if x <= 0 {
		return 0
	}
	k := m * m / v
	if k > gaussianShape {
		z := (math.Cbrt(x/m) - 1 + 1/(9*k)) * 3 * math.Sqrt(k)
		return 0.5 * math.Erfc(-z/math.Sqrt2)
	}
	return mathext.GammaIncReg(k, x*m/v)
}

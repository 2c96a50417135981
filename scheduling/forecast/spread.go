package forecast

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// band is the distribution around a point forecast at one lead: a gamma variable (the continuous twin of the negative
// binomial) rounded to counts, with variance a x mean + b x mean^2, both from back-test residuals, and a recalibration that
// maps asked probabilities to those which the residuals show to be right.
type band struct {
	a, b  float64
	exact calibration // of the busier intervals: probability integral transforms spread over their count
	plain calibration // of all intervals: mid-distribution transforms, which decide whether a band covers a count
}

// settings of the distribution.
const (
	defaultNoise  = 1.5  // variance / mean when nothing could be tested
	defaultRate   = 0.03 // squared coefficient of variation of the day's rate then
	leastPairs    = 50   // residuals below which nothing is learnt
	busyInterval  = 1.0  // contacts from which on an interval can have a band that does not cover nearly always
	quietRelief   = 0.75 // by which the tails of busy intervals may exceed what is asked, to make up for quiet ones
	plainMargin   = 0.06 // of the tail that the plain count keeps in hand: what was not in the back-test errs a little more
	gaussianShape = 3    // gamma shape above which the Wilson-Hilferty cube is exact to three digits
)

// residual is a forecast beside what happened, with the weight of its trial.
type residual struct{ mean, actual, weight float64 }

// fitBand learns the variance and the recalibration.
func fitBand(pairs []residual) band {
	out := band{a: defaultNoise, b: defaultRate}
	if len(pairs) < leastPairs {
		return out
	}
	out.fitVariance(pairs)
	var all, busy []transform
	for _, r := range pairs {
		lo, hi := out.roundedCDF(r.mean, r.actual-1), out.roundedCDF(r.mean, r.actual)
		all = append(all, transform{(lo + hi) / 2, r.weight})
		if r.mean >= busyInterval {
			// A count stands for an interval of probability, over which the transform is spread.
			for _, u := range [...]float64{1. / 6, 3. / 6, 5. / 6} {
				busy = append(busy, transform{lo + u*(hi-lo), r.weight})
			}
		}
	}
	out.exact, out.plain = calibrate(busy), calibrate(all)
	return out
}

// fitVariance is the weighted least squares of e^2 / mean on 1 and mean. The weights keep busy intervals from deciding alone,
// and lone contacts where hardly any was expected from deciding at all.
func (b *band) fitVariance(pairs []residual) {
	var s11, s12, s22, y1, y2 float64
	for _, r := range pairs {
		e := r.actual - r.mean
		y := e * e / r.mean
		w := r.weight * r.mean / ((1 + r.mean) * (1 + r.mean))
		s11 += w
		s12 += w * r.mean
		s22 += w * r.mean * r.mean
		y1 += w * y
		y2 += w * y * r.mean
	}
	if det := s11*s22 - s12*s12; det > 1e-9*s11*s22 {
		b.a = (y1*s22 - y2*s12) / det
		b.b = (y2*s11 - y1*s12) / det
	} else {
		b.a, b.b = y1/s11, 0
	}
	if b.b < 0 {
		b.a, b.b = y1/s11, 0
	}
	if b.a < 0 {
		b.a, b.b = 0, y2/s22
	}
}

// variance of a contact count with the given mean.
func (b band) variance(m float64) float64 { return b.a*m + b.b*m*m }

// quantile of probability p around mean m, recalibrated.
func (b band) quantile(m, p float64) float64 { return b.plainQuantile(m, b.recalibrated(p)) }

// recalibrated maps an asked probability to the model's. Over all intervals the plain count of those outside the band is to
// be what was asked. Intervals in which zero is nearly certain are covered by every band (their counts do not divide finely
// enough), so the busier ones leave the band more often than asked, at most by quietRelief of the tail: a queue that is
// nearly empty most of the week has narrower bands in its busy hours, and covers a little more than asked all the same.
func (b band) recalibrated(p float64) float64 {
	if b.plain.empty() {
		return p
	}
	exact := b.exact
	if exact.empty() {
		exact = b.plain
	}
	tail := math.Min(p, 1-p)
	inner := 1 - 2*tail
	relieved, aim := tail*(1+quietRelief*inner), tail*(1-plainMargin*inner)
	if p < 0.5 {
		return math.Max(exact.at(p), math.Min(b.plain.at(aim), exact.at(relieved)))
	}
	return math.Min(exact.at(p), math.Max(b.plain.at(1-aim), exact.at(1-relieved)))
}

// plainQuantile is the mid-distribution quantile of the rounded gamma variable (Parzen 2004; Ma, Genton & Parzen 2011): linear
// between the mid-probabilities of zero and one, the gamma quantile above.
func (b band) plainQuantile(m, p float64) float64 {
	v := b.variance(m)
	if !(m > 0) || !(v > 0) {
		return math.Max(m, 0)
	}
	if m*m/v > gaussianShape { // the quantile is cheap; far from zero it is all there is
		if q := b.gammaQuantile(m, v, p); q > 3 {
			return q
		}
	}
	none, one := b.roundedCDF(m, 0), b.roundedCDF(m, 1)
	zero, first := none/2, (none+one)/2
	switch {
	case p <= zero:
		return 0
	case p < first:
		return (p - zero) / (first - zero)
	}
	return math.Max(1, b.gammaQuantile(m, v, p))
}

func (b band) gammaQuantile(m, v, p float64) float64 {
	k := m * m / v
	switch {
	case k > gaussianShape:
		c := 1 - 1/(9*k) + mathext.NormalQuantile(p)/(3*math.Sqrt(k))
		return m * math.Pow(math.Max(c, 0), 3)
	case k < 1e-4:
		return 0
	}
	return mathext.GammaIncRegInv(k, p) * v / m
}

// roundedCDF is the probability of at most n contacts: the gamma variable up to n + 1/2.
func (b band) roundedCDF(m, n float64) float64 {
	v := b.variance(m)
	if n < 0 {
		return 0
	}
	if !(v > 0) || !(m > 0) {
		return 1
	}
	x, k := n+0.5, m*m/v
	switch {
	case k > gaussianShape:
		z := (math.Cbrt(x/m) - 1 + 1/(9*k)) * 3 * math.Sqrt(k)
		return 0.5 * math.Erfc(-z/math.Sqrt2)
	case k < 1e-4:
		return 1
	}
	return mathext.GammaIncReg(k, x*m/v)
}
